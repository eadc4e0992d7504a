//! The shared files of AWS's tools, and what a profile of theirs leads to.

use std::path::PathBuf;

use crate::config::identities::aws::{Shared, WebIdentity};
use crate::config::identities::profiles::{Profile, Profiles};
use crate::fetch::auth::sigv4::Keys;
use crate::market::Failure;

/// So many roles may be taken one after another: more are a circle.
const MOST_ROLES: usize = 8;

/// Both shared files.
#[derive(Debug, Clone, Default)]
pub(super) struct Files {
    pub credentials: Profiles,
    pub config: Profiles,
}

/// How the keys of a profile are got: from the base, then through each role in turn.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub base: Base,
    pub roles: Vec<Role>,
}

/// Where the first keys come from.
#[derive(Debug, Clone)]
pub(super) enum Base {
    Keys(Keys),
    Environment,
    Container,
    Machine,
    WebIdentity(WebIdentity),
    Process(String),
}

/// A role to take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Role {
    pub arn: String,
    pub external_id: Option<String>,
    pub session_name: Option<String>,
    pub seconds: Option<u32>,
}

impl Files {
    /// Reads both files; one that is not there is empty.
    pub async fn read(shared: &Shared) -> Self {
        let read = |path: &Option<PathBuf>| {
            let path = path.clone();
            async move {
                match path {
                    Some(path) => tokio::fs::read_to_string(path).await.unwrap_or_default(),
                    None => String::new(),
                }
            }
        };
        Self {
            credentials: Profiles::read(&read(&shared.credentials).await),
            config: Profiles::read(&read(&shared.config).await),
        }
    }

    /// The region of a profile.
    pub fn region(&self, name: &str) -> Option<String> {
        let profile = self.profile(name)?;
        profile.text("region").map(str::to_owned)
    }

    /// A profile with what both files say; the file of keys goes before.
    pub fn profile(&self, name: &str) -> Option<Profile> {
        let first = self.credentials.get(name).cloned();
        let second = self.config.get(&Shared::heading(name));
        match (first, second) {
            (Some(first), Some(second)) => Some(first.or(second)),
            (first, second) => first.or_else(|| second.cloned()),
        }
    }
}

impl Plan {
    /// What a profile leads to; `None` if it says nothing about keys.
    pub fn of(files: &Files, name: &str) -> Result<Option<Self>, Failure> {
        let mut roles = Vec::new();
        let mut name = name.to_owned();
        loop {
            let profile = files.profile(&name);
            let profile = profile.ok_or_else(|| missing("anything", &name))?;
            let found = match profile.text("role_arn") {
                None => base(&profile, &name)?,
                Some(arn) => match beneath(&profile, arn, &name)? {
                    Beneath::Base(base) => Some(base),
                    Beneath::Role(role, base) => {
                        roles.push(role);
                        Some(base)
                    }
                    Beneath::Profile(role, source) => {
                        roles.push(role);
                        name = source;
                        if roles.len() > MOST_ROLES {
                            let what = "a source_profile outside of the circle";
                            return Err(missing(what, &name));
                        }
                        continue;
                    }
                },
            };
            // A role must stand on something.
            if found.is_none() && !roles.is_empty() {
                return Err(missing("keys or a role", &name));
            }
            roles.reverse();
            return Ok(found.map(|base| Self { base, roles }));
        }
    }
}

/// What a profile with a role stands on.
enum Beneath {
    /// The base that brings its role with it.
    Base(Base),
    /// A base, by whose keys the role is taken.
    Role(Role, Base),
    /// Another profile, by whose keys the role is taken.
    Profile(Role, String),
}

fn beneath(profile: &Profile, arn: &str, name: &str) -> Result<Beneath, Failure> {
    let text = |key: &str| profile.text(key).map(str::to_owned);
    if profile.text("mfa_serial").is_some() {
        let what = "no mfa_serial, since nobody can be asked for a code,";
        return Err(missing(what, name));
    }
    if let Some(file) = text("web_identity_token_file") {
        return Ok(Beneath::Base(Base::WebIdentity(WebIdentity {
            token_file: file.into(),
            role: arn.to_owned(),
            session_name: text("role_session_name"),
        })));
    }
    let role = Role {
        arn: arn.to_owned(),
        external_id: text("external_id"),
        session_name: text("role_session_name"),
        seconds: text("duration_seconds").and_then(|seconds| seconds.parse().ok()),
    };
    match (text("source_profile"), text("credential_source")) {
        // A profile that names itself means its own keys.
        (Some(source), _) if source == name => {
            Ok(Beneath::Role(role, Base::Keys(keys(profile, name)?)))
        }
        (Some(source), _) => Ok(Beneath::Profile(role, source)),
        (None, Some(source)) => {
            let known = "Environment, Ec2InstanceMetadata or EcsContainer as credential_source";
            let base = source_called(&source).ok_or_else(|| missing(known, name))?;
            Ok(Beneath::Role(role, base))
        }
        (None, None) => Err(missing("source_profile or credential_source", name)),
    }
}

/// The base that a profile without a role is.
fn base(profile: &Profile, name: &str) -> Result<Option<Base>, Failure> {
    if profile.text("aws_access_key_id").is_some() {
        return keys(profile, name).map(|keys| Some(Base::Keys(keys)));
    }
    if let Some(command) = profile.text("credential_process") {
        return Ok(Some(Base::Process(command.to_owned())));
    }
    if profile.text("sso_session").is_some() || profile.text("sso_start_url").is_some() {
        let what = "credential_process = aws configure export-credentials, since nobody can sign in for a daemon,";
        return Err(missing(what, name));
    }
    Ok(None)
}

fn source_called(word: &str) -> Option<Base> {
    match word {
        "Environment" => Some(Base::Environment),
        "Ec2InstanceMetadata" => Some(Base::Machine),
        "EcsContainer" => Some(Base::Container),
        _ => None,
    }
}

pub(super) fn missing(what: &str, name: &str) -> Failure {
    Failure::CredentialMissing {
        name: format!("{what} in the AWS profile '{name}'"),
    }
}

fn keys(profile: &Profile, name: &str) -> Result<Keys, Failure> {
    let id = profile.text("aws_access_key_id");
    let secret = profile.secret("aws_secret_access_key");
    Ok(Keys {
        id: id
            .ok_or_else(|| missing("aws_access_key_id", name))?
            .to_owned(),
        secret: secret.ok_or_else(|| missing("aws_secret_access_key", name))?,
        session_token: profile.secret("aws_session_token"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "[default]\nregion = eu-central-1\n[profile role]\nrole_arn = arn:1\nsource_profile = keys\n\
        external_id = x\nduration_seconds = 900\n[profile chain]\nrole_arn = arn:2\nsource_profile = role\n\
        [profile self]\nrole_arn = arn:3\nsource_profile = self\naws_access_key_id = SELF\naws_secret_access_key = s\n\
        [profile a]\nrole_arn = arn:a\nsource_profile = b\n[profile b]\nrole_arn = arn:b\nsource_profile = a\n\
        [profile machine]\nrole_arn = arn:4\ncredential_source = Ec2InstanceMetadata\n\
        [profile odd]\nrole_arn = arn:4\ncredential_source = Elsewhere\n\
        [profile loose]\nrole_arn = arn:4\n[profile lost]\nrole_arn = arn:5\nsource_profile = nobody\n\
        [profile mfa]\nrole_arn = arn:6\nsource_profile = keys\nmfa_serial = m\n\
        [profile web]\nrole_arn = arn:7\nweb_identity_token_file = /t\nrole_session_name = n\n\
        [profile bare]\nrole_arn = arn:8\nsource_profile = default\n\
        [profile sso]\nsso_session = s\n[profile process]\ncredential_process = print-keys\n[profile half]\naws_access_key_id = H\n";

    fn planned(name: &str) -> String {
        let files = Files {
            credentials: Profiles::read(
                "[keys]\naws_access_key_id = AKID\naws_secret_access_key = s\n",
            ),
            config: Profiles::read(CONFIG),
        };
        let plan = match Plan::of(&files, name) {
            Ok(Some(plan)) => plan,
            Ok(None) => return "nothing".into(),
            Err(failure) => return failure.to_string(),
        };
        let base = match plan.base {
            Base::Keys(keys) => keys.id,
            Base::WebIdentity(identity) => identity.role,
            Base::Process(command) => command,
            other => format!("{other:?}"),
        };
        let roles = plan.roles.into_iter().map(|role| {
            let extra = [
                role.external_id,
                role.seconds.map(|seconds| seconds.to_string()),
            ];
            let extra: String = extra
                .into_iter()
                .flatten()
                .map(|part| format!(" {part}"))
                .collect();
            format!(" > {}{extra}", role.arn)
        });
        base + &roles.collect::<String>()
    }

    #[test]
    fn a_profile_leads_through_its_roles_to_its_base() {
        let cases = [
            ("default", "nothing"),
            ("keys", "AKID"),
            ("role", "AKID > arn:1 x 900"),
            ("chain", "AKID > arn:1 x 900 > arn:2"),
            ("self", "SELF > arn:3"),
            ("machine", "Machine > arn:4"),
            ("web", "arn:7"),
            ("process", "print-keys"),
            (
                "half",
                "no credential: set aws_secret_access_key in the AWS profile 'half'",
            ),
            (
                "bare",
                "no credential: set keys or a role in the AWS profile 'default'",
            ),
            (
                "nobody",
                "no credential: set anything in the AWS profile 'nobody'",
            ),
            (
                "lost",
                "no credential: set anything in the AWS profile 'nobody'",
            ),
            (
                "loose",
                "no credential: set source_profile or credential_source in the AWS profile 'loose'",
            ),
            (
                "a",
                "no credential: set a source_profile outside of the circle in the AWS profile 'b'",
            ),
        ];
        for (name, expected) in cases {
            assert_eq!(planned(name), expected, "{name}");
        }
        for (name, part) in [
            ("odd", "Ec2InstanceMetadata or EcsContainer"),
            ("mfa", "no mfa_serial"),
            ("sso", "export-credentials"),
        ] {
            assert!(planned(name).contains(part), "{}", planned(name));
        }
    }
}
