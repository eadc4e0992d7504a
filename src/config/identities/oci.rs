//! `[oci]`, and the file of profiles that Oracle's own tools read.
//!
//! <https://docs.oracle.com/en-us/iaas/Content/API/Concepts/sdkconfig.htm>

use std::path::{Path, PathBuf};

use super::profiles::{Profile, Profiles};
use super::{Known, Sources};
use crate::config::tree::Table;

/// Who we are at Oracle Cloud: a profile of a file, which is read anew for each request.
#[derive(Debug, Clone, Default)]
pub struct Oci {
    /// The file.
    pub file: Option<PathBuf>,
    /// The profile; `None` is `DEFAULT`.
    pub profile: Option<String>,
    /// Whether the profile stands in the file now.
    pub is_there: bool,
    /// What `~` stands for in the file.
    pub home: Option<PathBuf>,
}

/// What every profile inherits from.
const DEFAULT: &str = "DEFAULT";

impl Oci {
    pub(super) fn known(&self) -> Known {
        match self.is_there {
            true => Known::Configured,
            false => Known::Missing,
        }
    }

    /// The name of the profile.
    pub fn profile_name(&self) -> &str {
        self.profile.as_deref().unwrap_or(DEFAULT)
    }

    /// The profile, as this text of the file says.
    pub fn find(&self, text: &str) -> Option<Profile> {
        let profiles = Profiles::read(text);
        let profile = profiles.get(self.profile_name())?.clone();
        Some(match profiles.get(DEFAULT) {
            Some(inherited) => profile.or(inherited),
            None => profile,
        })
    }

    /// A path as the file names it.
    pub fn path(&self, named: &str) -> PathBuf {
        match (named.strip_prefix("~/"), &self.home) {
            (Some(inner), Some(home)) => home.join(inner),
            _ => PathBuf::from(named),
        }
    }
}

/// Reads `[oci]` and the environment.
pub(super) fn oci(table: Option<&Table<'_>>, sources: &Sources<'_>) -> Oci {
    let configured = |key| table.and_then(|table| table.text(key));
    let named = |names: [&str; 2]| names.iter().find_map(|name| sources.variable(name));
    let (file, profile) = (configured("config"), configured("profile"));
    let is_chosen = file.is_some() || profile.is_some();
    let file = file.or_else(|| named(["OCI_CONFIG_FILE", "OCI_CLI_CONFIG_FILE"]));
    let mut oci = Oci {
        file: file
            .map(PathBuf::from)
            .or_else(|| sources.below_home(".oci/config")),
        profile: profile.or_else(|| named(["OCI_CONFIG_PROFILE", "OCI_CLI_PROFILE"])),
        is_there: false,
        home: sources.variable("HOME").map(PathBuf::from),
    };
    if let Some(file) = oci.file.clone() {
        oci.file = Some(oci.path(&file.to_string_lossy()));
    }
    let read = |path: &Path| sources.file(path);
    let text = oci.file.as_deref().and_then(read);
    oci.is_there = text.is_some_and(|text| oci.find(&text).is_some());
    if let (Some(table), true, false) = (table, is_chosen, oci.is_there) {
        table.problem(
            "profile",
            "a profile in Oracle's file: ~/.oci/config, or what config names",
            format!("'{}', which is not in it", oci.profile_name()),
        );
    }
    oci
}
