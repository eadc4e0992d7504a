//! Where the keys of an AWS identity come from.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html>

mod machine;
mod process;
mod profile;
mod sts;

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde_json::Value as Json;

use super::cache::Lasting;
use super::sigv4::Keys;
use super::token::unreadable;
use crate::config::identities::{Aws, aws, remedy};
use crate::fetch::Client;
use crate::market::Failure;
use profile::{Base, Files, Plan};

/// Keys that stand somewhere and tell no end are looked up anew after this time: files are written anew.
const LOOKED_UP: SignedDuration = SignedDuration::from_mins(10);

/// Who asks for keys, and when.
struct Asking<'a> {
    client: &'a Client,
    identity: &'a Aws,
    /// The region whose token service is asked; `None` is the one for all.
    region: Option<String>,
    at: Timestamp,
}

/// The keys of this identity: those of the profile that the configuration names, or of the first place that has any:
/// environment, profile, web identity, container, machine.
pub(super) async fn keys(
    client: &Client,
    identity: &Aws,
    at: Timestamp,
) -> Result<Lasting<Keys>, Failure> {
    let shared = &identity.shared;
    let mut asking = Asking {
        client,
        identity,
        region: identity.region.clone(),
        at,
    };
    if identity.chosen_profile.is_none()
        && let Some(keys) = &identity.keys
    {
        return Ok(asking.looked_up(of_environment(keys)));
    }
    let files = Files::read(shared).await;
    let named = identity.chosen_profile.as_ref().or(shared.profile.as_ref());
    let name = named.map_or("default", String::as_str);
    asking.region = asking.region.or_else(|| files.region(name));
    let plan = match named.is_some() || files.profile(name).is_some() {
        true => Plan::of(&files, name)?,
        false => None,
    };
    match plan {
        Some(plan) => return asking.by(plan).await,
        // A profile may well hold a region only, but not one that was named to be taken.
        None if named.is_some() => return Err(profile::missing("keys or a role", name)),
        None => {}
    }
    if let Some(identity) = &identity.web_identity {
        return asking.with_web_identity(identity).await;
    }
    if identity.container.is_some() {
        return asking.of_container().await;
    }
    asking.of_machine().await
}

fn of_environment(keys: &aws::Keys) -> Keys {
    Keys {
        id: keys.id.clone(),
        secret: keys.secret.clone(),
        session_token: keys.session_token.clone(),
    }
}

impl Asking<'_> {
    /// The keys that a profile leads to.
    async fn by(&self, plan: Plan) -> Result<Lasting<Keys>, Failure> {
        let mut keys = match plan.base {
            Base::Keys(keys) => self.looked_up(keys),
            Base::Environment => match &self.identity.keys {
                Some(keys) => self.looked_up(of_environment(keys)),
                None => return Err(missing()),
            },
            Base::Container => self.of_container().await?,
            Base::Machine => self.of_machine().await?,
            Base::WebIdentity(identity) => self.with_web_identity(&identity).await?,
            Base::Process(command) if self.identity.runs_processes => {
                process::keys(command, self.at).await?
            }
            Base::Process(_) => {
                let name = "[aws] credential_process = true, or else the profile's is not run";
                return Err(Failure::CredentialMissing { name: name.into() });
            }
        };
        for role in &plan.roles {
            keys = self.in_role(&keys.value, role).await?;
        }
        Ok(keys)
    }

    fn looked_up(&self, value: Keys) -> Lasting<Keys> {
        Lasting {
            value,
            until: self.at.checked_add(LOOKED_UP).unwrap_or(self.at),
        }
    }
}

fn missing() -> Failure {
    Failure::CredentialMissing {
        name: remedy("aws").unwrap_or_default().into(),
    }
}

/// Keys as JSON, the same from machines, containers and processes but for one name; those without an end are looked
/// up anew.
fn read(body: &[u8], at: Timestamp) -> Result<Lasting<Keys>, Failure> {
    let json: Json = serde_json::from_slice(body).map_err(|_| unreadable("JSON"))?;
    let text = |key: &str| json.get(key).and_then(Json::as_str).map(str::to_owned);
    let secret = |key: &str| text(key).map(SecretString::from);
    let until = match text("Expiration") {
        Some(text) => text
            .parse()
            .map_err(|_| unreadable("a time as Expiration"))?,
        None => at.checked_add(LOOKED_UP).unwrap_or(at),
    };
    if until <= at {
        return Err(Failure::CredentialExpired {
            code: "temporary keys".into(),
        });
    }
    Ok(Lasting {
        value: Keys {
            id: text("AccessKeyId").ok_or_else(|| unreadable("AccessKeyId"))?,
            secret: secret("SecretAccessKey").ok_or_else(|| unreadable("SecretAccessKey"))?,
            session_token: secret("Token").or_else(|| secret("SessionToken")),
        },
        until,
    })
}
