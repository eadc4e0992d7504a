//! `[aws]`, and the environment variables and files that AWS's own tools read.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html>

use std::path::PathBuf;

use secrecy::SecretString;

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
    /// Whether that profile stands in one of the files now.
    pub is_there: bool,
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
            || self.shared.is_there;
        match is_configured {
            true => Known::Configured,
            false => Known::Missing,
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
        is_there: false,
    };
    let profile = chosen_profile.as_ref().or(shared.profile.as_ref());
    let profile = profile.map_or("default", String::as_str);
    shared.is_there = stands_in(&shared, profile, sources);
    if let (Some(table), Some(profile), false) = (table, &chosen_profile, shared.is_there) {
        table.problem(
            "profile",
            "a profile in AWS's shared files: ~/.aws/credentials or ~/.aws/config",
            format!("'{profile}', which is in neither"),
        );
    }
    Aws {
        region,
        bedrock_key: sources.secret("AWS_BEARER_TOKEN_BEDROCK"),
        chosen_profile,
        keys: keys(sources),
        shared,
    }
}

fn keys(sources: &Sources<'_>) -> Option<Keys> {
    Some(Keys {
        id: sources.text("AWS_ACCESS_KEY_ID")?,
        secret: sources.secret("AWS_SECRET_ACCESS_KEY")?,
        session_token: sources.secret("AWS_SESSION_TOKEN"),
    })
}

fn stands_in(shared: &Shared, profile: &str, sources: &Sources<'_>) -> bool {
    let has = |path: &Option<PathBuf>, heading: &str| {
        let text = path.as_ref().and_then(|path| sources.file(path));
        text.is_some_and(|text| Profiles::read(&text).get(heading).is_some())
    };
    has(&shared.credentials, profile) || has(&shared.config, &Shared::heading(profile))
}
