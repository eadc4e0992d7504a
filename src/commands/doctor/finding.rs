//! What trying the sources of a probe has shown, summed up. Pure.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde_json::{Map, Value as Json, json};

use super::super::output::clean;
use super::diagnosis::{Rung, remedy, remedy_of_rows, rung};
use crate::config::Probe;
use crate::market::Failure;

/// What trying one source came to.
#[derive(Debug)]
pub struct Tried {
    /// Its scope; empty for the only one.
    pub scope: String,
    /// What it came to.
    pub outcome: Outcome,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// How long it took.
    pub took: SignedDuration,
    /// Whether it has given a reading before.
    pub is_known: bool,
}

/// What an attempt came to.
#[derive(Debug)]
pub enum Outcome {
    /// A reading.
    Read {
        /// How many items it has.
        items: u64,
        /// Of these, which the account is not granted: no failure of the source, and still no model to call.
        ungranted: u64,
        /// What the reader did not understand, one line each.
        unexplained: Vec<String>,
    },
    /// None.
    Failed(Failure),
}

/// What there is to say of a probe.
#[derive(Debug)]
pub enum State {
    /// Its sources were tried.
    Tried(Vec<Tried>),
    /// It is not asked before this is there.
    Waiting(String),
    /// It is not asked, for this reason.
    Off(String),
}

/// A probe and what there is to say of it.
#[derive(Debug)]
pub struct Finding<'a> {
    /// The probe.
    pub probe: &'a Probe,
    /// What there is to say.
    pub state: State,
}

/// What is wrong with some sources of a probe, in the same way: a host may say it in other words in each scope.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trouble {
    /// On which rung.
    pub rung: Rung,
    /// The typed outcome: the failure's word, or that rows were not understood.
    pub outcome: &'static str,
    /// The body's own error code.
    pub code: Option<String>,
    /// How to mend it.
    pub mend: String,
    /// The HTTP status.
    pub status: Option<u16>,
    /// Whether there are claims for all that.
    pub is_read: bool,
}

/// Where a trouble is.
#[derive(Debug, Default)]
pub struct Place {
    /// What the first of the sources said.
    pub said: String,
    /// Their scopes.
    pub scopes: Vec<String>,
}

/// The sum of the sources of a probe.
#[derive(Debug, Default)]
pub struct Sum {
    /// Those that gave a reading without a question.
    pub well: usize,
    /// Those that say in their way that there is nothing to ask.
    pub absent: usize,
    /// All.
    pub all: usize,
    /// Items of all readings.
    pub items: u64,
    /// Items that the account is not granted.
    pub ungranted: u64,
    /// The longest.
    pub took: SignedDuration,
    /// What is wrong, lowest rung first, and where.
    pub troubles: BTreeMap<Trouble, Place>,
}

/// In how many scopes a trouble is told by name.
const SCOPES: usize = 4;
/// Letters of what was not understood.
const ROW: usize = 160;

impl Finding<'_> {
    /// The sum of its sources; nothing if none was tried.
    pub fn sum(&self) -> Sum {
        let mut sum = Sum::default();
        let State::Tried(all) = &self.state else {
            return sum;
        };
        // that a host does not exist means something only where others were found
        let is_online = all.iter().any(|tried| match &tried.outcome {
            Outcome::Read { .. } => true,
            Outcome::Failed(failure) => !failure.is_unreached(),
        });
        for tried in all {
            sum.all += 1;
            sum.took = sum.took.max(tried.took);
            if let Outcome::Read {
                items, ungranted, ..
            } = &tried.outcome
            {
                sum.items += items;
                sum.ungranted += ungranted;
            }
            let trouble = match &tried.outcome {
                Outcome::Read { unexplained, .. } => self.of_rows(unexplained),
                Outcome::Failed(failure) if is_online && self.means_absent(failure, tried) => {
                    sum.absent += 1;
                    continue;
                }
                Outcome::Failed(failure) => Some(self.of_failure(failure, tried.status)),
            };
            match trouble {
                None => sum.well += 1,
                Some((trouble, said)) => {
                    let place = sum.troubles.entry(trouble).or_insert_with(|| Place {
                        said,
                        scopes: Vec::new(),
                    });
                    place.scopes.push(tried.scope.clone());
                }
            }
        }
        sum
    }

    /// Whether the daemon would take the failure for nothing to ask.
    fn means_absent(&self, failure: &Failure, tried: &Tried) -> bool {
        let means = |absent: &crate::config::Absent| absent.is(failure);
        !tried.is_known && self.probe.absent_when.iter().any(means)
    }

    fn of_failure(&self, failure: &Failure, status: Option<u16>) -> (Trouble, String) {
        let trouble = Trouble {
            rung: rung(failure, self.probe),
            outcome: failure.word(),
            code: code(failure).map(str::to_string),
            mend: clean(&remedy(failure, self.probe)),
            status,
            is_read: false,
        };
        (trouble, clean(&failure.to_string()))
    }

    fn of_rows(&self, unexplained: &[String]) -> Option<(Trouble, String)> {
        let first: String = clean(unexplained.first()?).chars().take(ROW).collect();
        let said = match unexplained.len() {
            1 => format!("1 thing not understood: {first}"),
            count => format!("{count} things not understood, the first: {first}"),
        };
        let trouble = Trouble {
            rung: Rung::Parse,
            outcome: "unexplained",
            code: None,
            mend: clean(&remedy_of_rows(self.probe)),
            status: None,
            is_read: true,
        };
        Some((trouble, said))
    }

    /// One word for it: `well`, `partly` (read, but not all), `failing`, `waiting`, `off`.
    pub fn word(&self, sum: &Sum) -> &'static str {
        match &self.state {
            State::Waiting(_) => "waiting",
            State::Off(_) => "off",
            State::Tried(_) if sum.troubles.is_empty() => "well",
            State::Tried(_) if sum.troubles.keys().all(|trouble| trouble.is_read) => "partly",
            State::Tried(_) => "failing",
        }
    }

    /// What there is to say, in one line.
    pub fn said(&self, sum: &Sum) -> String {
        match &self.state {
            State::Waiting(what) => format!("for {what}"),
            State::Off(why) => why.clone(),
            State::Tried(_) => sum.said(),
        }
    }

    /// With the keys that programs read.
    pub fn object(&self) -> Map<String, Json> {
        let sum = self.sum();
        let source = |scope: &String| match scope.as_str() {
            "" => self.probe.id.to_string(),
            scope => format!("{}@{scope}", self.probe.id),
        };
        let troubles: Vec<Json> = sum
            .troubles
            .iter()
            .map(|(trouble, place)| {
                json!({
                    "sources": place.scopes.iter().map(source).collect::<Vec<_>>(),
                    "rung": trouble.rung.word(), "outcome": trouble.outcome, "status": trouble.status, "code": trouble.code,
                    "detail": place.said, "mend": trouble.mend,
                })
            })
            .collect();
        let is_tried = matches!(self.state, State::Tried(_));
        let first = sum.troubles.keys().next();
        let needs: Vec<&str> = self
            .probe
            .needs
            .iter()
            .map(|need| need.right.as_str())
            .collect();
        let fields = [
            ("provider", json!(self.probe.provider.as_str())),
            ("probe", json!(self.probe.id.as_str())),
            ("state", json!(self.word(&sum))),
            ("rung", json!(first.map(|trouble| trouble.rung.word()))),
            ("said", json!(self.said(&sum))),
            ("sources", json!(sum.all)),
            ("well", json!(sum.well)),
            ("absent", json!(sum.absent)),
            ("items", json!(is_tried.then_some(sum.items))),
            ("not_granted", json!(is_tried.then_some(sum.ungranted))),
            (
                "took_ms",
                json!(is_tried.then(|| sum.took.as_millis() as i64)),
            ),
            ("credential", json!(self.probe.credential)),
            ("needs", json!(needs)),
            ("troubles", json!(troubles)),
        ];
        fields
            .into_iter()
            .map(|(key, value)| (key.to_string(), value))
            .collect()
    }
}

impl Sum {
    /// Whether every source failed before anybody answered.
    pub fn is_unreached(&self) -> bool {
        let is_network =
            |trouble: &Trouble| trouble.rung == Rung::Network && trouble.status.is_none();
        self.well + self.absent == 0 && self.all > 0 && self.troubles.keys().all(is_network)
    }

    /// `312 items`, `33 of 35 well; us-gov-west-1: …`, or what is wrong with the only source.
    fn said(&self) -> String {
        if let (1, Some(place)) = (self.all, self.troubles.values().next()) {
            return place.said.clone();
        }
        let mut parts = Vec::new();
        match (self.all, self.troubles.is_empty()) {
            (1, _) => {}
            (all, true) if self.absent == 0 => parts.push(format!("all {all} well")),
            (all, _) => parts.push(format!("{} of {all} well", self.well)),
        }
        if self.absent > 0 {
            parts.push(format!("{} not offered there", self.absent));
        }
        if self.troubles.is_empty() {
            let items = if self.items == 1 { "item" } else { "items" };
            let denied = match self.ungranted {
                0 => String::new(),
                count => {
                    format!(
                        ", {count} of them not granted to the account, which may ask for access"
                    )
                }
            };
            parts.push(format!("{} {items}{denied}", self.items));
        }
        for Place { said, scopes } in self.troubles.values() {
            let named: Vec<&str> = scopes.iter().take(SCOPES).map(String::as_str).collect();
            let more = match scopes.len().saturating_sub(SCOPES) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            parts.push(format!("{}{more}: {}", named.join(", "), said));
        }
        parts.join("; ")
    }
}

/// The error code that a host gave.
fn code(failure: &Failure) -> Option<&str> {
    match failure {
        Failure::Throttled { code, .. }
        | Failure::Unauthorised { code, .. }
        | Failure::NotEntitled { code, .. }
        | Failure::TokenRefused { code, .. }
        | Failure::ModelGone { code, .. }
        | Failure::Overloaded { code, .. }
        | Failure::Status { code, .. } => code.as_deref(),
        Failure::CredentialExpired { code } => Some(code),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
