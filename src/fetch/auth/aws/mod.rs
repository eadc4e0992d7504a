//! Where the keys of an AWS identity come from.

mod profile;

use jiff::{SignedDuration, Timestamp};

use super::cache::Lasting;
use super::sigv4::Keys;
use crate::config::identities::{Aws, remedy};
use crate::fetch::Client;
use crate::market::Failure;

/// Keys that stand somewhere and tell no end are looked up anew after this time: files are written anew.
const LOOKED_UP: SignedDuration = SignedDuration::from_mins(10);

/// The keys of this identity: those of the profile that the configuration names, or of the first place that has any:
/// environment, profile.
pub(super) async fn keys(
    _client: &Client,
    identity: &Aws,
    at: Timestamp,
) -> Result<Lasting<Keys>, Failure> {
    let shared = &identity.shared;
    let lasting = |value| Lasting {
        value,
        until: at.checked_add(LOOKED_UP).unwrap_or(at),
    };
    if let Some(chosen) = &identity.chosen_profile {
        return profile::keys(&profile::read(shared).await, chosen).map(lasting);
    }
    if let Some(keys) = &identity.keys {
        return Ok(lasting(Keys {
            id: keys.id.clone(),
            secret: keys.secret.clone(),
            session_token: keys.session_token.clone(),
        }));
    }
    let named = shared.profile.as_deref().unwrap_or("default");
    if shared.is_there || shared.profile.is_some() {
        return profile::keys(&profile::read(shared).await, named).map(lasting);
    }
    Err(Failure::CredentialMissing {
        name: remedy("aws").unwrap_or_default().into(),
    })
}
