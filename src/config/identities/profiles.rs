//! Files of named profiles, as the tools of AWS and Oracle write them: `[name]`, then `key = value` lines.

use std::collections::BTreeMap;
use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// More than this of a file is not read, in bytes.
const LONGEST: usize = 1 << 20;

/// The profiles of one file.
#[derive(Debug, Clone, Default)]
pub struct Profiles(BTreeMap<String, Profile>);

/// The keys of one profile. Any value may be a secret.
#[derive(Clone, Default)]
pub struct Profile(BTreeMap<String, SecretString>);

impl Profiles {
    /// Reads the text of a file. Lines that are neither a heading nor a pair are passed over, as are nested settings,
    /// which are indented below an empty value.
    pub fn read(text: &str) -> Self {
        let mut all: BTreeMap<String, Profile> = BTreeMap::new();
        let mut current = None;
        for line in text.get(..LONGEST).unwrap_or(text).lines() {
            let is_indented = line.starts_with([' ', '\t']);
            let line = line.trim();
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            if let Some(name) = line.strip_prefix('[') {
                let name = name.split(']').next().unwrap_or_default();
                let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
                all.entry(name.clone()).or_default();
                current = Some(name);
                continue;
            }
            let profile = current.as_ref().and_then(|name| all.get_mut(name));
            if let (Some(profile), Some((key, value)), false) =
                (profile, line.split_once('='), is_indented)
            {
                // A comment ends a value only after a blank: keys may hold the signs themselves.
                let value = [" #", " ;", "\t#", "\t;"]
                    .iter()
                    .fold(value, |value, sign| {
                        value.split(sign).next().unwrap_or(value)
                    });
                let key = key.trim().to_ascii_lowercase();
                profile.0.insert(key, value.trim().to_string().into());
            }
        }
        Self(all)
    }

    /// The profile under this heading.
    pub fn get(&self, heading: &str) -> Option<&Profile> {
        self.0.get(heading)
    }
}

impl Profile {
    /// A value that need not be hidden; an empty one counts as missing.
    pub fn text(&self, key: &str) -> Option<&str> {
        let value = self.0.get(key)?.expose_secret();
        (!value.is_empty()).then_some(value)
    }

    /// A secret value.
    pub fn secret(&self, key: &str) -> Option<SecretString> {
        self.text(key)?;
        self.0.get(key).cloned()
    }

    /// This profile with what another says besides.
    #[must_use]
    pub fn or(mut self, other: &Self) -> Self {
        for (key, value) in &other.0 {
            let is_missing = self.text(key).is_none();
            if is_missing {
                self.0.insert(key.clone(), value.clone());
            }
        }
        self
    }
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_read_as_their_tools_write_them() {
        let text = "# made by hand\nlost = 1\n[default]\naws_access_key_id=AKID\naws_secret_access_key = a#b;c= ; note\n\
                    s3 =\n  max_queue_size = 10\n\n[ profile  prod ]\r\nRole_ARN = arn:aws:iam::1:role/x # ours\r\nbroken\n";
        let profiles = Profiles::read(text);
        let default = profiles.get("default").unwrap();
        assert_eq!(default.text("aws_access_key_id"), Some("AKID"));
        assert_eq!(default.text("aws_secret_access_key"), Some("a#b;c="));
        assert_eq!(default.text("s3"), None);
        assert_eq!(default.text("max_queue_size"), None);
        let prod = profiles.get("profile prod").unwrap();
        assert_eq!(prod.text("role_arn"), Some("arn:aws:iam::1:role/x"));
        assert_eq!(prod.text("broken"), None);
        assert!(profiles.get("prod").is_none());
        let joined = prod.clone().or(default);
        assert_eq!(joined.text("aws_access_key_id"), Some("AKID"));
        let shown = format!("{profiles:?}");
        assert!(!shown.contains("a#b") && !shown.contains("AKID"), "{shown}");
    }
}
