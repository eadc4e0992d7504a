//! `absent_when`: how a scope says that there is nothing to ask in it.

use super::tree::Table;
use crate::market::Failure;

const EXPECTED: &str = "\"dns\" or an HTTP status from \"400\" to \"499\"";

/// A failure that means, of a scope that has never answered, that a service is not offered there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// There is no such host.
    Dns,
    /// This HTTP status.
    Status(u16),
}

impl Absent {
    fn from_word(word: &str) -> Option<Self> {
        if word == "dns" {
            return Some(Self::Dns);
        }
        let status = word.parse().ok()?;
        (400..500).contains(&status).then_some(Self::Status(status))
    }

    /// Whether a failure is this one.
    pub fn is(self, failure: &Failure) -> bool {
        match (self, failure) {
            (Self::Dns, Failure::Dns { .. }) => true,
            (
                Self::Status(expected),
                Failure::Status { status, .. }
                | Failure::Unauthorised { status, .. }
                | Failure::NotEntitled { status, .. }
                | Failure::ModelGone { status, .. },
            ) => *status == expected,
            _ => false,
        }
    }
}

/// Reads `absent_when = ["dns", "404"]`.
pub(super) fn absent_when(table: &Table<'_>) -> Vec<Absent> {
    let mut all = Vec::new();
    for word in table.texts("absent_when") {
        match Absent::from_word(&word) {
            Some(absent) => all.push(absent),
            None => table.problem("absent_when", EXPECTED, format!("'{word}'")),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::tree::walk;
    use super::*;

    #[test]
    fn failures_are_read_and_told_apart() {
        let read = |text: &str| {
            walk("probe.toml", text, |table| Some(absent_when(table))).map_err(|p| p.to_string())
        };
        let absent = read("absent_when = ['dns', '403']").expect("sound");
        assert_eq!(absent, [Absent::Dns, Absent::Status(403)]);
        let is = |failure: &Failure| absent.iter().any(|absent| absent.is(failure));
        let refused = |status| Failure::Unauthorised { status, code: None };
        // where a list of prices does not exist, its host says that it may not be had
        assert!(is(&Failure::NotEntitled {
            status: 403,
            code: Some("AccessDenied".into()),
            message: None,
        }));
        let detail = String::new();
        assert!(
            is(&Failure::Dns {
                detail: detail.clone()
            }) && is(&refused(403))
        );
        assert!(!is(&refused(401)) && !is(&Failure::Connect { detail }));
        insta::assert_snapshot!(read("absent_when = ['no', '500']").expect_err("wrong"), @r#"
        probe.toml:1: absent_when: expected "dns" or an HTTP status from "400" to "499", found '500'
        probe.toml:1: absent_when: expected "dns" or an HTTP status from "400" to "499", found 'no'
        "#);
    }
}
