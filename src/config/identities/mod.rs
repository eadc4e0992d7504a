//! Who we are at the clouds: what `[aws]` and its like say, and else what the environment says as the clouds' own tools
//! read it.

pub mod aws;
pub mod azure;
pub mod google;
pub mod oci;
pub mod profiles;

pub use aws::Aws;
pub use azure::Azure;
pub use google::Google;
pub use oci::Oci;

use std::collections::BTreeMap;
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};

use super::settings::Outside;
use super::tree::Table;

/// Who we are at each cloud.
#[derive(Debug, Clone, Default)]
pub struct Identities {
    /// Amazon Web Services.
    pub aws: Aws,
    /// Microsoft Azure.
    pub azure: Azure,
    /// Google Cloud.
    pub google: Google,
    /// Oracle Cloud Infrastructure.
    pub oci: Oci,
}

/// What is known of an identity before anybody is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// It is configured.
    Configured,
    /// The machine may have a role of its own.
    Perhaps,
    /// There is none.
    Missing,
}

/// What to set for the identity that a probe's `credential` names, as people read it; `None` if that is the name of a
/// key.
pub fn remedy(credential: &str) -> Option<&'static str> {
    match credential {
        "aws" => Some(
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, [aws] profile, or a role of the machine",
        ),
        "azure" => Some("[azure] tenant, client_id and client_secret"),
        "google" => Some("[google] key_file, or GOOGLE_APPLICATION_CREDENTIALS"),
        "oci" => Some("[oci] config and profile, or write ~/.oci/config"),
        _ => None,
    }
}

impl Identities {
    /// What is known of the identity that a probe's `credential` names; `None` if that is the name of a key.
    pub fn known(&self, credential: &str) -> Option<Known> {
        match credential {
            "aws" => Some(self.aws.known()),
            "azure" => Some(self.azure.known()),
            "google" => Some(self.google.known()),
            "oci" => Some(self.oci.known()),
            _ => None,
        }
    }
}

/// Where identities come from besides their table.
pub(super) struct Sources<'a> {
    /// The environment and the files.
    pub outside: &'a Outside<'a>,
    /// `[credentials]`: a secret that stands there goes before the environment variable of its name.
    pub credentials: &'a BTreeMap<String, SecretString>,
}

impl Sources<'_> {
    /// A variable of the environment; one that is empty counts as not set.
    pub fn variable(&self, name: &str) -> Option<String> {
        let value = (self.outside.variable)(name)?;
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_string())
    }

    /// A secret of this name.
    pub fn secret(&self, name: &str) -> Option<SecretString> {
        let declared = self.credentials.get(name).cloned();
        declared.or_else(|| self.variable(name).map(SecretString::from))
    }

    /// The same, as a text that need not be hidden.
    pub fn text(&self, name: &str) -> Option<String> {
        self.secret(name)
            .map(|secret| secret.expose_secret().to_string())
    }

    /// A path below the user's home.
    pub fn below_home(&self, inner: &str) -> Option<PathBuf> {
        let home = self.variable("HOME")?;
        Some(PathBuf::from(home).join(inner))
    }

    /// The text of a file, if it can be read.
    pub fn file(&self, path: &std::path::Path) -> Option<String> {
        String::from_utf8((self.outside.file)(path).ok()?).ok()
    }
}

/// Reads the tables of the clouds.
pub(super) fn identities(root: &Table<'_>, sources: &Sources<'_>) -> Identities {
    Identities {
        aws: of_table(root, "aws", |table| aws::aws(table, sources)),
        azure: of_table(root, "azure", |table| azure::azure(table, sources)),
        google: of_table(root, "google", |table| google::google(table, sources)),
        oci: of_table(root, "oci", |table| oci::oci(table, sources)),
    }
}

fn of_table<T>(
    root: &Table<'_>,
    key: &'static str,
    read: impl FnOnce(Option<&Table<'_>>) -> T,
) -> T {
    let table = root.table(key);
    let identity = read(table.as_ref());
    if let Some(table) = table {
        table.finish();
    }
    identity
}
