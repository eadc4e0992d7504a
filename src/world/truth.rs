//! What must come out of the story, and what must not: from the script alone, so that whoever watches is measured by it.
//!
//! Three things are said of an event. What it must be told as is *expected*. What belongs to it without being counted is *at
//! liberty*: what sources state of something new for the first time, or of something that is gone for the last. Whatever
//! else is told in the name of a simulated provider is one too many; what a registry merely documents is not counted at all.

mod around;
mod clouds;
mod judged;
mod telling;
mod told;

use jiff::{SignedDuration, Timestamp};

use super::World;
use crate::market::{Attribute, ChangeKind, Direction};
use telling::Telling;

pub use judged::Judged;

/// A change that must come out, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The event's name.
    pub event: String,
    /// What kind of change.
    pub kind: ChangeKind,
    /// At whom.
    pub provider: String,
    /// The ids that sources may tell it of: the provider's own, its name on pages. None: any.
    pub ids: Vec<String>,
    /// The region, where the sources tell it.
    pub region: Option<String>,
    /// Of which attribute.
    pub attribute: Option<Attribute>,
    /// Before, as the program prints it; `None` where sources may differ in what they said before.
    pub old: Option<String>,
    /// Afterwards.
    pub new: Option<String>,
    /// Which way it goes.
    pub direction: Option<Direction>,
    /// The probe that alone tells it: where that is not asked, it is not expected. `None`: any that is asked.
    pub by: Option<String>,
    /// Not recorded before.
    pub from: Timestamp,
    /// Recorded by then.
    pub until: Timestamp,
}

/// What may be told of an event besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Liberty {
    /// The event's name.
    pub event: String,
    /// At whom.
    pub provider: String,
    /// Of which ids; none: any.
    pub ids: Vec<String>,
    /// What.
    pub what: Besides,
    /// Not recorded before.
    pub from: Timestamp,
    /// Recorded by then.
    pub until: Timestamp,
}

/// What may be told besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Besides {
    /// A value where there was none.
    FirstValues,
    /// No value where there was one.
    LastValues,
    /// That a list that tells more of it, such as where OpenRouter has it served, comes to say so.
    Routes,
    /// The same of its other places, and whatever else is told of what has just come or changed.
    Places,
    /// How an incident goes on.
    Course,
    /// That a source cannot be read, is held, or can be read again.
    Trouble,
    /// That latencies shifted, or an endpoint was down.
    Measured,
}

/// All that a story must come out as.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Truth {
    /// What must come out.
    pub expected: Vec<Expected>,
    /// What may.
    pub liberties: Vec<Liberty>,
}

impl Truth {
    /// What must come out where only these probes are asked.
    #[must_use]
    pub fn where_asked(mut self, is_asked: impl Fn(&str) -> bool) -> Self {
        let is_told = |by: &Option<String>| by.as_deref().is_none_or(&is_asked);
        self.expected.retain(|expected| is_told(&expected.by));
        self
    }

    /// What may come out so much later: where sources are asked less often than they are by default.
    #[must_use]
    pub fn told_later(mut self, by: SignedDuration) -> Self {
        let expected = self.expected.iter_mut().map(|one| &mut one.until);
        let liberties = self.liberties.iter_mut().map(|one| &mut one.until);
        for until in expected.chain(liberties) {
            *until = until.saturating_add(by).unwrap_or(*until);
        }
        self
    }
}

impl World {
    /// What must come out of the story.
    pub fn truth(&self) -> Truth {
        let course = self.course();
        let mut truth = Truth::default();
        for (place, event) in course.script.events.iter().enumerate() {
            let telling = Telling::new(course, place, event);
            telling.of_arrivals(&mut truth);
            telling.of_edits(&mut truth);
            clouds::of_event(course, place, &mut truth);
            telling.of_posts(&mut truth);
            for incident in &event.incidents {
                telling.of_incident(incident, &mut truth);
            }
            for bend in &event.bends {
                telling.of_bend(bend, &mut truth);
            }
            telling.of_hosts(&mut truth);
        }
        truth
    }
}
