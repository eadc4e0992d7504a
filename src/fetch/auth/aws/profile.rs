//! The shared files of AWS's tools.

use crate::config::identities::aws::Shared;
use crate::config::identities::profiles::{Profile, Profiles};
use crate::fetch::auth::sigv4::Keys;
use crate::market::Failure;

/// Both shared files.
#[derive(Debug, Clone, Default)]
pub(super) struct Files {
    pub credentials: Profiles,
    pub config: Profiles,
}

/// Reads both files; one that is not there is empty.
pub(super) async fn read(shared: &Shared) -> Files {
    let read = |path: &Option<std::path::PathBuf>| {
        let path = path.clone();
        async move {
            match path {
                Some(path) => tokio::fs::read_to_string(path).await.unwrap_or_default(),
                None => String::new(),
            }
        }
    };
    Files {
        credentials: Profiles::read(&read(&shared.credentials).await),
        config: Profiles::read(&read(&shared.config).await),
    }
}

impl Files {
    /// A profile with what both files say; the file of keys goes before.
    fn profile(&self, name: &str) -> Option<Profile> {
        let first = self.credentials.get(name).cloned();
        let second = self.config.get(&Shared::heading(name));
        match (first, second) {
            (Some(first), Some(second)) => Some(first.or(second)),
            (first, second) => first.or_else(|| second.cloned()),
        }
    }
}

/// The keys that stand in a profile.
pub(super) fn keys(files: &Files, name: &str) -> Result<Keys, Failure> {
    let missing = |what: &str| Failure::CredentialMissing {
        name: format!("{what} in the AWS profile '{name}'"),
    };
    let profile = files.profile(name).ok_or_else(|| missing("anything"))?;
    let id = profile.text("aws_access_key_id");
    let secret = profile.secret("aws_secret_access_key");
    Ok(Keys {
        id: id.ok_or_else(|| missing("aws_access_key_id"))?.to_owned(),
        secret: secret.ok_or_else(|| missing("aws_secret_access_key"))?,
        session_token: profile.secret("aws_session_token"),
    })
}
