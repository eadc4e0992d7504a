//! From a recorded change to who must hear of it. Pure.

use jiff::SignedDuration;

use crate::market::{Change, Severity, Standing};

/// Whom changes are told to, and which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The route's name, as the outbox keeps it.
    pub route: String,
    /// Addresses; nobody is told if there are none.
    pub recipients: Vec<String>,
    /// Changes below this severity wait for the report.
    pub minimum: Severity,
    /// How long a group stays open for changes of the same cause.
    pub group_wait: SignedDuration,
}

/// How long a group of critical changes stays open.
const CRITICAL_WAIT: SignedDuration = SignedDuration::from_mins(1);
/// How long a group waits at most for its sibling sources.
pub const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(30);

impl Default for Policy {
    fn default() -> Self {
        Self {
            route: "mail".to_string(),
            recipients: Vec::new(),
            minimum: Severity::Notice,
            group_wait: SignedDuration::from_mins(5),
        }
    }
}

impl Policy {
    /// Whether somebody must hear of a change at once: only news can alert, and never what was imported, what a registry
    /// merely documents, or what keeps coming back.
    pub fn alerts(&self, change: &Change, standing: Standing, imported: bool) -> bool {
        standing == Standing::News
            && !imported
            && !change.documented
            && !change.flapping
            && change.severity >= self.minimum
            && !self.recipients.is_empty()
    }

    /// How long the group of a change stays open.
    pub fn wait(&self, change: &Change) -> SignedDuration {
        if change.severity == Severity::Critical {
            self.group_wait.min(CRITICAL_WAIT)
        } else {
            self.group_wait
        }
    }
}
