//! From a recorded change to who must hear of it, and when. Pure.

mod grade;
mod launch;
mod limit;
mod matcher;
mod pattern;
pub mod reminder;
mod replay;
mod route;
mod settle;
#[cfg(test)]
mod tests;
mod thread;
mod window;

use jiff::{SignedDuration, Timestamp};

pub use grade::Thresholds;
pub use launch::{FOLLOWING, LAUNCH, can_complete, following, is_launch, launch_key};
pub use limit::{LIMIT, Limit};
pub use matcher::{Matcher, Matter, Scope, silences_it};
pub use pattern::ModelPattern;
pub use replay::{Replayed, replay};
pub use route::{Due, Quiet, Route, When};
pub use settle::{REGISTRY_WAIT, SETTLING, says_too, settling, takes_back};
pub use thread::{
    A_DAY, LONGEST_OUTAGE, bundle_key, drives_away, goes_on, health_cause, is_all_clear,
    is_chapter, is_end, is_held, is_measured, is_of_mass, is_of_outage, masses, thread_key,
    thread_lasts,
};
pub use window::{LONGEST_WINDOW, Window, comes_to_nothing};

use crate::market::{Severity, Standing};

/// What somebody depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    /// What the user calls it.
    pub name: String,
    /// What it is.
    pub scope: Scope,
}

/// A severity of the user's own for some changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rank {
    /// For which.
    pub takes: Matcher,
    /// How grave they are.
    pub severity: Severity,
}

/// Whom changes are told to, and which.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Who gets what is told to everybody: the report, and what concerns Bellwether itself. Empty: nobody.
    pub recipients: Vec<String>,
    /// What the user depends on.
    pub watches: Vec<Watch>,
    /// Severities of the user's own; the first that fits holds.
    pub ranks: Vec<Rank>,
    /// What is too small to be told.
    pub thresholds: Thresholds,
    /// Whom changes are told to, in this order.
    pub routes: Vec<Route>,
    /// When work is done, so that what is told waits.
    pub windows: Vec<Window>,
    /// How long a group stays open for changes of the same cause.
    pub group_wait: SignedDuration,
    /// How long what only a registry says must have stood before it is told.
    pub registry_wait: SignedDuration,
}

/// The route of what is told to everybody.
pub const EVERYBODY: &str = "mail";

/// How long a group of critical changes stays open.
const CRITICAL_WAIT: SignedDuration = SignedDuration::from_mins(1);
/// How long a group waits at most for its sibling sources.
pub const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(30);
/// Unless the user says otherwise.
pub const GROUP_WAIT: SignedDuration = SignedDuration::from_mins(5);

impl Default for Policy {
    fn default() -> Self {
        Self::telling(Vec::new(), Severity::Notice)
    }
}

/// What a change is for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graded<'a> {
    /// How grave.
    pub severity: Severity,
    /// The watches that it touches, in their order.
    pub touched: Vec<&'a str>,
}

impl Policy {
    /// All changes from a severity on, at once, to these addresses.
    pub fn telling(recipients: Vec<String>, minimum: Severity) -> Self {
        let route = Route {
            name: EVERYBODY.to_string(),
            takes: Matcher {
                minimum,
                ..Matcher::default()
            },
            recipients: recipients.clone(),
            when: When::AtOnce,
            quiet: None,
            limit: Some(LIMIT),
            goes_on: false,
        };
        Self {
            recipients,
            watches: Vec::new(),
            ranks: Vec::new(),
            thresholds: Thresholds::default(),
            routes: vec![route],
            windows: Vec::new(),
            group_wait: GROUP_WAIT,
            registry_wait: REGISTRY_WAIT,
        }
    }

    /// The watches that a change touches.
    pub fn touched(&self, matter: &Matter<'_>) -> Vec<&str> {
        let touched = self
            .watches
            .iter()
            .filter(|watch| watch.scope.holds(matter));
        let mut names: Vec<&str> = touched.map(|watch| watch.name.as_str()).collect();
        // a gateway's watch is one of each provider, all of one name
        names.dedup();
        names
    }

    /// Whether some watch or route asks for the interface of an offering.
    pub fn asks_for_interface(&self) -> bool {
        let watches = self.watches.iter().map(|watch| &watch.scope);
        let ranks = self.ranks.iter().map(|rank| &rank.takes.scope);
        let routes = self.routes.iter().map(|route| &route.takes.scope);
        let mut scopes = watches.chain(ranks).chain(routes);
        scopes.any(|scope| !scope.interfaces.is_empty())
    }

    /// Whether no route has a recipient.
    pub fn tells_nobody(&self) -> bool {
        let mut routes = self.routes.iter();
        routes.all(|route| route.recipients.is_empty())
    }

    /// How grave a change is for the user, and which watches it touches.
    pub fn grade(&self, matter: &Matter<'_>) -> Graded<'_> {
        let touched = self.touched(matter);
        let usual = grade::grade(matter.change, !touched.is_empty(), &self.thresholds);
        let mut ranks = self.ranks.iter();
        let own = ranks.find(|rank| rank.takes.takes(matter, usual, &touched));
        Graded {
            severity: own.map_or(usual, |rank| rank.severity),
            touched,
        }
    }

    /// Who hears of a change whose group is told at `closes_at`, and when. Only news can alert, and never what was imported, what
    /// a registry merely documents, or what keeps coming back. `heard` says which routes told the beginning of what the change
    /// ends: they tell its end, however grave that is.
    pub fn told(
        &self,
        matter: &Matter<'_>,
        graded: &Graded<'_>,
        standing: Standing,
        closes_at: Timestamp,
        heard: impl Fn(&str) -> bool,
    ) -> Vec<(&Route, Due)> {
        let change = matter.change;
        let mut told = Vec::new();
        if standing != Standing::News || change.documented || change.flapping {
            return told;
        }
        let mut is_kept = false;
        for route in &self.routes {
            let takes = &route.takes;
            let is_taken = !is_kept && takes.takes(matter, graded.severity, &graded.touched);
            if route.recipients.is_empty() || !is_taken && !heard(&route.name) {
                continue;
            }
            if let Some(due) = self.due(route, matter, graded.severity, closes_at) {
                told.push((route, due));
            }
            is_kept |= is_taken && !route.goes_on;
        }
        told
    }

    /// When a route tells a change whose group is told at `closes_at`: work that is done then holds up what is told at once.
    pub fn due(
        &self,
        route: &Route,
        matter: &Matter<'_>,
        severity: Severity,
        closes_at: Timestamp,
    ) -> Option<Due> {
        if route.when != When::AtOnce {
            return route.due(closes_at, severity);
        }
        let (mut at, mut held_until) = (closes_at, None);
        // a window may end in quiet hours, and they in a window
        for _ in 0..=self.windows.len() {
            let windows = self.windows.iter();
            let held = windows.filter_map(|window| window.holds(matter, severity, at));
            let held = held.max();
            held_until = held_until.or(held);
            let due = route.due(held.unwrap_or(at), severity)?;
            if due.at == at {
                break;
            }
            at = due.at;
        }
        Some(Due {
            at,
            digest: None,
            held_until,
        })
    }

    /// How long the group of a change stays open.
    pub fn wait(&self, severity: Severity) -> SignedDuration {
        if severity == Severity::Critical {
            self.group_wait.min(CRITICAL_WAIT)
        } else {
            self.group_wait
        }
    }
}
