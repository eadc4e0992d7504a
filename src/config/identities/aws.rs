//! `[aws]`, and the environment variables and files that AWS's own tools read.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html>

use std::path::PathBuf;

use secrecy::SecretString;
use url::Url;

use super::profiles::Profiles;
use super::{Known, Sources};
use crate::config::tree::Table;

/// Who we are at AWS: everywhere that an identity may come from, in the order in which they are tried.
#[derive(Debug, Clone, Default)]
pub struct Aws {
    /// The region for requests whose own address names none.
    pub region: Option<String>,
    /// A key for Bedrock alone, which goes before signatures there: `AWS_BEARER_TOKEN_BEDROCK`.
    pub bedrock_key: Option<SecretString>,
    /// The profile that the configuration names. If it does, nothing else is tried.
    pub chosen_profile: Option<String>,
    /// `AWS_ACCESS_KEY_ID` and its companions.
    pub keys: Option<Keys>,
    /// The shared files and the profile that the environment names, `default` otherwise.
    pub shared: Shared,
    /// Whether the command that a profile names as `credential_process` may be run.
    pub runs_processes: bool,
    /// A token of another issuer that stands for a role, as in Kubernetes.
    pub web_identity: Option<WebIdentity>,
    /// What gives keys to containers.
    pub container: Option<Container>,
    /// What tells a machine of AWS about itself (instance metadata), if it may be asked: scheme and host.
    pub machine: Option<Url>,
}

/// A token of another issuer that stands for a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebIdentity {
    /// The file of the token, which is written anew every hour or so.
    pub token_file: PathBuf,
    /// The role.
    pub role: String,
    /// What the session is called.
    pub session_name: Option<String>,
}

/// What gives keys to containers.
#[derive(Debug, Clone)]
pub struct Container {
    /// Where it is asked.
    pub url: Url,
    /// What shows that the container asks.
    pub token: Option<SecretString>,
    /// The same, in a file that is written anew.
    pub token_file: Option<PathBuf>,
}

/// Keys that stand in the environment.
#[derive(Debug, Clone)]
pub struct Keys {
    /// Says who signs, and is no secret.
    pub id: String,
    /// The secret access key.
    pub secret: SecretString,
    /// Part of temporary keys.
    pub session_token: Option<SecretString>,
}

/// The shared files. They are read anew when keys are needed, since other tools write temporary keys into them.
#[derive(Debug, Clone, Default)]
pub struct Shared {
    /// The file of keys.
    pub credentials: Option<PathBuf>,
    /// The file of everything else, whose headings are `[profile NAME]`.
    pub config: Option<PathBuf>,
    /// The profile that the environment names.
    pub profile: Option<String>,
    /// Whether that profile leads to keys, as the files are now.
    pub has_keys: bool,
}

impl Shared {
    /// The heading of a profile in the file of everything else.
    pub fn heading(profile: &str) -> String {
        match profile {
            "default" => profile.to_string(),
            _ => format!("profile {profile}"),
        }
    }
}

impl Aws {
    pub(super) fn known(&self) -> Known {
        let is_configured = self.bedrock_key.is_some()
            || self.chosen_profile.is_some()
            || self.keys.is_some()
            || self.shared.has_keys
            || self.web_identity.is_some()
            || self.container.is_some();
        match (is_configured, &self.machine) {
            (true, _) => Known::Configured,
            (false, Some(_)) => Known::Perhaps,
            (false, None) => Known::Missing,
        }
    }
}

/// Reads `[aws]` and the environment.
pub(super) fn aws(table: Option<&Table<'_>>, sources: &Sources<'_>) -> Aws {
    let chosen_profile = table.and_then(|table| table.text("profile"));
    let region = table.and_then(|table| table.text("region"));
    let named = ["AWS_REGION", "AWS_DEFAULT_REGION"];
    let region = region.or_else(|| named.iter().find_map(|name| sources.variable(name)));
    let file = |variable, inner| {
        let path = sources.variable(variable).map(PathBuf::from);
        path.or_else(|| sources.below_home(inner))
    };
    let mut shared = Shared {
        credentials: file("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"),
        config: file("AWS_CONFIG_FILE", ".aws/config"),
        profile: sources.variable("AWS_PROFILE"),
        has_keys: false,
    };
    let profile = chosen_profile.as_ref().or(shared.profile.as_ref());
    let profile = profile.map_or("default", String::as_str);
    shared.has_keys = has_keys(&shared, profile, sources);
    if let (Some(table), Some(profile), false) = (table, &chosen_profile, shared.has_keys) {
        table.problem(
            "profile",
            "a profile with keys or a role in ~/.aws/credentials or ~/.aws/config",
            format!("'{profile}', which is none"),
        );
    }
    Aws {
        region,
        bedrock_key: sources.secret("AWS_BEARER_TOKEN_BEDROCK"),
        chosen_profile,
        keys: keys(sources),
        shared,
        runs_processes: table
            .and_then(|table| table.flag("credential_process"))
            .unwrap_or(false),
        web_identity: web_identity(sources),
        container: container(sources),
        machine: machine(sources),
    }
}

fn web_identity(sources: &Sources<'_>) -> Option<WebIdentity> {
    Some(WebIdentity {
        token_file: sources.variable("AWS_WEB_IDENTITY_TOKEN_FILE")?.into(),
        role: sources.variable("AWS_ROLE_ARN")?,
        session_name: sources.variable("AWS_ROLE_SESSION_NAME"),
    })
}

/// Where containers of ECS ask by a path alone.
const CONTAINERS: &str = "http://169.254.170.2";

fn container(sources: &Sources<'_>) -> Option<Container> {
    let relative = sources.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    let url = match relative {
        Some(path) => format!("{CONTAINERS}{path}"),
        None => sources.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI")?,
    };
    Some(Container {
        url: Url::parse(&url).ok()?,
        token: sources.secret("AWS_CONTAINER_AUTHORIZATION_TOKEN"),
        token_file: sources
            .variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
            .map(PathBuf::from),
    })
}

/// Where the metadata of a machine are asked for.
const MACHINE: &str = "http://169.254.169.254";

fn machine(sources: &Sources<'_>) -> Option<Url> {
    let is_off = sources.variable("AWS_EC2_METADATA_DISABLED");
    if is_off.is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return None;
    }
    let named = sources.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    Url::parse(named.as_deref().unwrap_or(MACHINE)).ok()
}

fn keys(sources: &Sources<'_>) -> Option<Keys> {
    Some(Keys {
        id: sources.text("AWS_ACCESS_KEY_ID")?,
        secret: sources.secret("AWS_SECRET_ACCESS_KEY")?,
        session_token: sources.secret("AWS_SESSION_TOKEN"),
    })
}

/// The keys of a profile that lead to keys; a profile may well hold a region only.
const LEADING: [&str; 5] = [
    "aws_access_key_id",
    "role_arn",
    "credential_process",
    "sso_session",
    "sso_start_url",
];

fn has_keys(shared: &Shared, profile: &str, sources: &Sources<'_>) -> bool {
    let has = |path: &Option<PathBuf>, heading: &str| {
        let text = path.as_ref().and_then(|path| sources.file(path));
        let profiles = text.map(|text| Profiles::read(&text)).unwrap_or_default();
        let profile = profiles.get(heading);
        profile.is_some_and(|profile| LEADING.iter().any(|key| profile.text(key).is_some()))
    };
    has(&shared.credentials, profile) || has(&shared.config, &Shared::heading(profile))
}
