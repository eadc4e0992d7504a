//! `[google]`, and the environment variables and files that Google's own tools read (application default credentials).
//!
//! <https://docs.cloud.google.com/docs/authentication/application-default-credentials>

use std::path::{Path, PathBuf};

use super::{Known, Sources};
use crate::config::tree::Table;

/// Who we are at Google Cloud.
#[derive(Debug, Clone, Default)]
pub struct Google {
    /// A file with the key of a service account, or with what a user has granted. It is read anew for each token.
    pub file: Option<PathBuf>,
    /// The project that requests are counted for, if it is not that of the credential.
    pub quota_project: Option<String>,
    /// The host that tells a machine of Google about itself, if it is not the usual one.
    pub metadata_host: Option<String>,
    /// Whether this is no machine of Google, so that nobody need be asked.
    pub is_elsewhere: bool,
}

impl Google {
    pub(super) fn known(&self) -> Known {
        match (&self.file, self.is_elsewhere) {
            (Some(_), _) => Known::Configured,
            (None, false) => Known::Perhaps,
            (None, true) => Known::Missing,
        }
    }
}

/// Reads `[google]` and the environment.
pub(super) fn google(table: Option<&Table<'_>>, sources: &Sources<'_>) -> Google {
    let configured = table.and_then(|table| table.text("key_file"));
    if let (Some(table), Some(path)) = (table, &configured)
        && let Err(error) = (sources.outside.file)(Path::new(path))
    {
        table.problem("key_file", "a readable file", format!("'{path}': {error}"));
    }
    let named = || sources.variable("GOOGLE_APPLICATION_CREDENTIALS");
    let usual = || {
        let folder = sources.variable("CLOUDSDK_CONFIG").map(PathBuf::from);
        let folder = folder.or_else(|| sources.below_home(".config/gcloud"))?;
        let file = folder.join("application_default_credentials.json");
        sources.file(&file).map(|_| file)
    };
    let quota_project = table.and_then(|table| table.text("quota_project"));
    Google {
        file: configured.or_else(named).map(PathBuf::from).or_else(usual),
        quota_project: quota_project.or_else(|| sources.variable("GOOGLE_CLOUD_QUOTA_PROJECT")),
        metadata_host: sources.variable("GCE_METADATA_HOST"),
        is_elsewhere: sources
            .variable("NO_GCE_CHECK")
            .is_some_and(|value| value.eq_ignore_ascii_case("true")),
    }
}
