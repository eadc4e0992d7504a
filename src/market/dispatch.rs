//! A message in parts, for channels that lay it out themselves or hand it to programs.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::{Hash, Severity};

/// Whether a recipient is an address of mail; all others are names of channels.
pub fn is_address(recipient: &str) -> bool {
    recipient.contains('@')
}

/// What kind of message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DispatchKind {
    /// Changes that are told at once.
    Alert,
    /// The same, in a thread that goes on.
    Update,
    /// What was told is over.
    Resolve,
    /// An end comes nearer.
    Reminder,
    /// What a route gathered.
    Digest,
    /// The weekly report.
    Report,
    /// The watching starts.
    Started,
    /// Our own network was away.
    Away,
    /// A route is tried out.
    Test,
}

impl DispatchKind {
    const ALL: [Self; 9] = [
        Self::Alert,
        Self::Update,
        Self::Resolve,
        Self::Reminder,
        Self::Digest,
        Self::Report,
        Self::Started,
        Self::Away,
        Self::Test,
    ];

    /// The printed word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Update => "update",
            Self::Resolve => "resolve",
            Self::Reminder => "reminder",
            Self::Digest => "digest",
            Self::Report => "report",
            Self::Started => "started",
            Self::Away => "away",
            Self::Test => "test",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether it tells of one matter, with others that tell of it earlier or later.
    pub fn is_of_one_matter(self) -> bool {
        matches!(
            self,
            Self::Alert | Self::Update | Self::Resolve | Self::Reminder | Self::Test
        )
    }
}

/// One thing that is said, and where it is so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// What, as one line.
    pub what: String,
    /// Where, each one line.
    pub places: Vec<String>,
}

/// Something known beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Its label.
    pub label: String,
    /// Each one line.
    pub lines: Vec<String>,
}

/// A message in parts. All text is on one line each and without control characters, but scraped: a channel escapes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispatch {
    /// What kind of message.
    pub kind: DispatchKind,
    /// How grave.
    pub severity: Severity,
    /// Over which route.
    pub route: String,
    /// What it has in common with messages of the same matter; nothing for a digest and the like.
    pub thread: Option<String>,
    /// What is said in one line.
    pub heading: String,
    /// What is said in detail, the gravest first; nothing where the message is its text.
    pub items: Vec<Said>,
    /// So many things are said beside those of `items`.
    pub unsaid: u64,
    /// What is known beside it.
    pub known: Vec<Known>,
    /// The watches that it touches.
    pub watches: Vec<String>,
    /// The changes that it tells, as [`super::RecordedChange::object`] spells them.
    pub changes: Vec<Map<String, Json>>,
    /// So many changes are told beside those of `changes`.
    pub changes_left_out: u64,
}

impl Dispatch {
    /// One that says no more than its heading.
    pub fn plain(kind: DispatchKind, severity: Severity, heading: &str) -> Self {
        Self {
            kind,
            severity,
            route: String::new(),
            thread: None,
            heading: heading.to_string(),
            items: Vec::new(),
            unsaid: 0,
            known: Vec::new(),
            watches: Vec::new(),
            changes: Vec::new(),
            changes_left_out: 0,
        }
    }

    /// As it goes over a route in a thread, as an answer to what was told before or as the first.
    pub fn on_its_way(mut self, route: &str, thread: &str, is_answer: bool) -> Self {
        self.route = route.to_string();
        if self.kind.is_of_one_matter() {
            // a key holds scraped words, and is ours to change
            self.thread = Some(Hash::of_parts(&["thread", thread]).hex(32));
        }
        if is_answer && self.kind == DispatchKind::Alert {
            self.kind = DispatchKind::Update;
        }
        self
    }
}
