//! What goes wrong in a story: incidents, hosts that fail or are slow, pages that are worked over, lists that flap.

use serde::Deserialize;

use super::super::span::Span;

/// A story on a status page.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Incident {
    /// Whose page, as in components.
    pub page: String,
    /// Its title.
    pub name: String,
    /// `minor`, `major`, `critical`.
    pub impact: String,
    /// The ids of the parts.
    #[serde(default)]
    pub components: Vec<String>,
    /// The places, as the provider names them.
    #[serde(default)]
    pub regions: Vec<String>,
    /// What is said of it, the oldest first; the last one ends it.
    pub updates: Vec<Update>,
}

/// One word on an incident.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Update {
    /// How long after the event.
    pub after: Span,
    /// `investigating`, `identified`, `monitoring`, `resolved`.
    pub status: String,
    /// What is said.
    pub text: String,
}

/// Requests that fail for a time.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The hosts; `*.amazonaws.com` are all whose name ends so.
    pub hosts: Vec<String>,
    /// Only paths that begin so.
    #[serde(default)]
    pub path: String,
    /// The HTTP status; 0 is a server that does not answer.
    pub status: u16,
    /// Seconds of `Retry-After`.
    #[serde(default)]
    pub retry_after: u64,
    /// For how long.
    pub lasts: Span,
    /// Whose endpoints fail for so long that whoever checks them must say so.
    pub measured: Option<String>,
}

/// Hosts that answer late for a time.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slow {
    /// As in a fault.
    pub hosts: Vec<String>,
    /// How many times as long the first byte takes.
    pub factor: f64,
    /// For how long.
    pub lasts: Span,
    /// Whose endpoints they are, so that whoever checks them must say so.
    pub measured: Option<String>,
}

/// A page that is worked over.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bend {
    /// The probe that reads it.
    pub page: String,
    /// How.
    pub how: Bent,
    /// For how long; without an end it stays so.
    pub lasts: Option<Span>,
}

/// How a page is worked over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bent {
    /// Its columns have other names that nobody expects.
    Headers,
    /// It is a notice without content.
    Notice,
    /// Half of its rows are missing.
    Half,
    /// It ends in the middle.
    Cut,
}

/// Offers that leave one provider's list and return.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flap {
    /// `provider:id`, or `provider:prefix*`.
    pub offers: Vec<String>,
    /// Only in these regions.
    #[serde(default)]
    pub regions: Vec<String>,
    /// For how long.
    pub lasts: Span,
}
