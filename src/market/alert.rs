//! What somebody must hear of, and how far its delivery has come.

use jiff::Timestamp;

use super::{ChangeKind, Dispatch, RecordedChange};

/// Changes of one cause: what becomes one message. Open until its siblings have had their turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// A hash of the cause and of the first change's sight.
    pub id: String,
    /// What the changes have in common.
    pub cause: String,
    /// When the first change joined.
    pub opened_at: Timestamp,
    /// When it closes at the latest.
    pub closes_at: Timestamp,
    /// When its message was frozen; changes after that open a new group.
    pub ended_at: Option<Timestamp>,
}

/// A change as a message tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// The change. Its severity is that which it has for the message's readers.
    pub recorded: RecordedChange,
    /// The watches that it touches.
    pub touched: Vec<String>,
}

/// How far a message to one recipient has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeliveryState {
    /// Waits for its time or for another try.
    Waiting,
    /// Accepted by the mail server or the channel.
    Delivered,
    /// Refused for good: shown by `status`, never dropped silently.
    Dead,
}

impl DeliveryState {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Waiting, Self::Delivered, Self::Dead]
            .into_iter()
            .find(|state| state.word() == word)
    }
}

/// A file inside a message, shown inline by its content id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What `cid:` in the HTML names.
    pub content_id: String,
    /// The name a reader may save it under.
    pub file_name: String,
    /// For instance `image/png`.
    pub media_type: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A message as frozen for delivery: a repeat sends the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingMessage {
    /// One line, without control characters.
    pub subject: String,
    /// The plain-text twin.
    pub text: String,
    /// The HTML twin.
    pub html: String,
    /// Inline images.
    pub parts: Vec<Part>,
    /// Stable: derived from the alert and the recipient, so that a repeat is recognisable. Without angle brackets.
    pub message_id: String,
    /// The `Message-ID` of the first message of the thread, if this is not it.
    pub in_reply_to: Option<String>,
    /// When it was frozen: the `Date` header.
    pub date: Timestamp,
    /// The same in parts, where it goes to a channel.
    pub dispatch: Option<Box<Dispatch>>,
}

/// One message to one recipient, waiting or done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxEntry {
    /// A hash of alert, route and recipient.
    pub id: String,
    /// Whose message.
    pub alert: String,
    /// Over which route.
    pub route: String,
    /// To whom: an address, or a channel by its name.
    pub recipient: String,
    /// What threads it with others.
    pub thread_key: String,
    /// Not to be sent earlier.
    pub not_before: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// How far it has come.
    pub state: DeliveryState,
    /// The message, once it is frozen.
    pub message: Option<OutgoingMessage>,
    /// Why the last try failed.
    pub detail: Option<String>,
}

/// Somebody knows of what was told: what is stated then is not repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// Since when.
    pub at: Timestamp,
    /// Who, in their own words.
    pub who: String,
    /// What they say about it.
    pub note: String,
}

/// Changes that nobody is told of for a while. They are recorded, and stand in the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence {
    /// Short, so that people can type it.
    pub id: String,
    /// Of these models, in the user's words; empty: of any.
    pub models: Vec<String>,
    /// At these providers; empty: at any.
    pub providers: Vec<String>,
    /// In these places; empty: in any.
    pub regions: Vec<String>,
    /// Of these kinds; empty: of any.
    pub kinds: Vec<ChangeKind>,
    /// Why.
    pub reason: String,
    /// From when on.
    pub begun: Timestamp,
    /// Until when.
    pub until: Timestamp,
}
