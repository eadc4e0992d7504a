//! What one source now says otherwise, and what that means for the landscape.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Attribute, BodyHash, ChangeId, SourceId, Stage, Subject, SubjectKey, SubjectKind, Value,
};

/// What kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeKind {
    /// An offering is listed for the first time.
    OfferingAdded,
    /// An offering is listed no more.
    OfferingRemoved,
    /// An offering that was removed is listed again.
    OfferingReturned,
    /// An offering is listed under another spelling: native id and new are the new spelling, old is the old one.
    OfferingRenamed,
    /// Another stage.
    StageChanged,
    /// Another lifecycle date.
    DateChanged,
    /// Another price.
    PriceChanged,
    /// Another limit.
    LimitChanged,
    /// Another capability or set of modalities.
    CapabilityChanged,
    /// Another text: a name, a replacement, a watched part of a page.
    TextChanged,
    /// A new item of a feed.
    Announcement,
    /// A status page, or what we measure ourselves, shows an incident.
    IncidentOpened,
    /// A status page changed an incident or a component's state; what we measure ourselves has become worse.
    IncidentUpdated,
    /// A status page resolved an incident, or what we measure ourselves is well again.
    IncidentResolved,
    /// Our own samples show that a group of series has become slower.
    LatencyShifted,
    /// It is as fast as before, or its new level is the normal one.
    LatencyRecovered,
    /// A probe failed several times in a row.
    ProbeBroken,
    /// A broken probe works again.
    ProbeRecovered,
    /// A reading would have changed too much at once and is held.
    SourceSuspect,
    /// A lower authority has differed for long.
    SourcesDisagree,
    /// Indicators show that the landscape is another.
    LandscapeShifted,
}

impl ChangeKind {
    /// Every kind.
    pub const ALL: [Self; 21] = [
        Self::OfferingAdded,
        Self::OfferingRemoved,
        Self::OfferingReturned,
        Self::OfferingRenamed,
        Self::StageChanged,
        Self::DateChanged,
        Self::PriceChanged,
        Self::LimitChanged,
        Self::CapabilityChanged,
        Self::TextChanged,
        Self::Announcement,
        Self::IncidentOpened,
        Self::IncidentUpdated,
        Self::IncidentResolved,
        Self::LatencyShifted,
        Self::LatencyRecovered,
        Self::ProbeBroken,
        Self::ProbeRecovered,
        Self::SourceSuspect,
        Self::SourcesDisagree,
        Self::LandscapeShifted,
    ];

    /// The printed and stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::OfferingAdded => "offering_added",
            Self::OfferingRemoved => "offering_removed",
            Self::OfferingReturned => "offering_returned",
            Self::OfferingRenamed => "offering_renamed",
            Self::StageChanged => "stage_changed",
            Self::DateChanged => "date_changed",
            Self::PriceChanged => "price_changed",
            Self::LimitChanged => "limit_changed",
            Self::CapabilityChanged => "capability_changed",
            Self::TextChanged => "text_changed",
            Self::Announcement => "announcement",
            Self::IncidentOpened => "incident_opened",
            Self::IncidentUpdated => "incident_updated",
            Self::IncidentResolved => "incident_resolved",
            Self::LatencyShifted => "latency_shifted",
            Self::LatencyRecovered => "latency_recovered",
            Self::ProbeBroken => "probe_broken",
            Self::ProbeRecovered => "probe_recovered",
            Self::SourceSuspect => "source_suspect",
            Self::SourcesDisagree => "sources_disagree",
            Self::LandscapeShifted => "landscape_shifted",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The kind of a change of one attribute.
    pub fn of_attribute(subject: SubjectKind, attribute: &Attribute) -> Self {
        match (subject, attribute) {
            (SubjectKind::Incident | SubjectKind::Component, _) => Self::IncidentUpdated,
            (_, Attribute::Stage) => Self::StageChanged,
            (_, Attribute::Date(_)) => Self::DateChanged,
            (_, Attribute::Price(_)) => Self::PriceChanged,
            (_, Attribute::Limit(_)) => Self::LimitChanged,
            (_, Attribute::Modality(_) | Attribute::Capability(_) | Attribute::Interface) => {
                Self::CapabilityChanged
            }
            _ => Self::TextChanged,
        }
    }
}

/// Which way a change goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// A price or limit rose.
    Up,
    /// A price or limit fell.
    Down,
    /// A date was brought forward.
    Earlier,
    /// A date was put off.
    Later,
    /// A stage came nearer to general availability.
    TowardsGa,
    /// A stage went away from general availability.
    AwayFromGa,
}

impl Direction {
    /// Every one.
    pub const ALL: [Self; 6] = [
        Self::Up,
        Self::Down,
        Self::Earlier,
        Self::Later,
        Self::TowardsGa,
        Self::AwayFromGa,
    ];

    /// The printed word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Earlier => "earlier",
            Self::Later => "later",
            Self::TowardsGa => "towards_ga",
            Self::AwayFromGa => "away_from_ga",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|direction| direction.word() == word)
    }

    /// Which way from `old` to `new`; `None` where one is missing or there is no order.
    pub fn between(old: Option<&Value>, new: Option<&Value>) -> Option<Self> {
        let toward = |ordering: std::cmp::Ordering, less, greater| match ordering {
            std::cmp::Ordering::Less => Some(less),
            std::cmp::Ordering::Greater => Some(greater),
            std::cmp::Ordering::Equal => None,
        };
        match (old?, new?) {
            (Value::Price(old), Value::Price(new))
                if old.currency == new.currency && old.unit == new.unit =>
            {
                toward(new.amount.cmp(&old.amount), Self::Down, Self::Up)
            }
            (Value::Number(old), Value::Number(new)) => toward(new.cmp(old), Self::Down, Self::Up),
            (Value::Date(old), Value::Date(new)) => {
                toward(new.starts().cmp(&old.starts()), Self::Earlier, Self::Later)
            }
            (Value::Stage(old), Value::Stage(new)) => Self::between_stages(*old, *new),
            _ => None,
        }
    }

    fn between_stages(old: Stage, new: Stage) -> Option<Self> {
        let (before, after) = (old.distance_from_ga()?, new.distance_from_ga()?);
        match after.cmp(&before) {
            std::cmp::Ordering::Less => Some(Self::TowardsGa),
            std::cmp::Ordering::Greater => Some(Self::AwayFromGa),
            // announced and retired, preview and deprecated lie equally far on either side
            std::cmp::Ordering::Equal if new > old => Some(Self::AwayFromGa),
            std::cmp::Ordering::Equal if new < old => Some(Self::TowardsGa),
            std::cmp::Ordering::Equal => None,
        }
    }
}

/// How much somebody should care.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Worth reading.
    Notice,
    /// Needs a decision.
    Warning,
    /// Needs one now.
    Critical,
}

impl Severity {
    /// Every one, the least grave first.
    pub const ALL: [Self; 4] = [Self::Info, Self::Notice, Self::Warning, Self::Critical];

    /// The printed word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|severity| severity.word() == word)
    }
}

/// What one source now says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// A hash that two writers make alike.
    pub id: ChangeId,
    /// Which source says so.
    pub source: SourceId,
    /// About what.
    pub subject: Subject,
    /// [`Subject::key`].
    pub key: SubjectKey,
    /// What kind of change.
    pub kind: ChangeKind,
    /// Of which attribute; `None` for the subject itself.
    pub attribute: Option<Attribute>,
    /// What it said before; `None` where nothing.
    pub old: Option<Value>,
    /// What it says now; `None` where nothing.
    pub new: Option<Value>,
    /// The source's own spelling before.
    pub old_raw: Option<Box<str>>,
    /// The source's own spelling now.
    pub new_raw: Option<Box<str>>,
    /// The first reading that showed it.
    pub seen_at: Timestamp,
    /// When it was recorded.
    pub confirmed_at: Timestamp,
    /// Since when it is true, if the source says so.
    pub true_from: Option<Timestamp>,
    /// Which way it goes.
    pub direction: Option<Direction>,
    /// How much somebody should care.
    pub severity: Severity,
    /// A registry filled in or took back what it documents: recorded, never mailed.
    pub documented: bool,
    /// Its key keeps coming back: recorded and listed, never mailed.
    pub flapping: bool,
    /// The body that first showed it.
    pub new_body: Option<BodyHash>,
    /// The body that last showed the old state.
    pub old_body: Option<BodyHash>,
    /// What its group is: the same change on twin offerings has the same cause.
    pub cause: String,
}

impl Change {
    /// A change of a whole subject that was seen and confirmed at one moment, good to know, alone in its group; whoever makes it
    /// says the rest.
    pub fn plain(source: SourceId, subject: Subject, kind: ChangeKind, at: Timestamp) -> Self {
        Self {
            id: ChangeId(String::new()),
            source,
            key: subject.key(),
            subject,
            kind,
            attribute: None,
            old: None,
            new: None,
            old_raw: None,
            new_raw: None,
            seen_at: at,
            confirmed_at: at,
            true_from: None,
            direction: None,
            severity: Severity::Info,
            documented: false,
            flapping: false,
            new_body: None,
            old_body: None,
            cause: String::new(),
        }
    }
}
