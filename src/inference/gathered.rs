//! What a stream has told so far, whatever its dialect.

use jiff::SignedDuration;
use rust_decimal::Decimal;
use serde_json::Value as Json;

use super::usage::Usage;
use crate::market::{Failure, plain};

/// Names of models and reasons to stop are kept so far, in characters.
const MOST_NAME: usize = 120;

/// When the parts of an answer came, from the moment that the caller counts from: the arrival of the piece that completed
/// the event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Times {
    /// The first event of any kind; a comment that keeps the connection alive is none.
    pub first_event: Option<SignedDuration>,
    /// The first thinking that was not empty.
    pub first_thinking: Option<SignedDuration>,
    /// The first text that was not empty.
    pub first_content: Option<SignedDuration>,
    /// The last thinking or text.
    pub last_token: Option<SignedDuration>,
    /// From each event with text to the next one.
    pub gaps: Vec<SignedDuration>,
}

/// How long the provider says that it took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reported {
    /// The whole call.
    pub total: Option<SignedDuration>,
    /// Until its first byte or token.
    pub first_token: Option<SignedDuration>,
    /// Before it began.
    pub queue: Option<SignedDuration>,
    /// Until it began to answer, by a header.
    pub head: Option<SignedDuration>,
}

impl Reported {
    /// With what a header of the answer says, if it is one that tells of the provider's own time (`facts/openai.md` §1).
    pub fn with_header(self, name: &str, value: &str) -> Self {
        let said = match name.eq_ignore_ascii_case("openai-processing-ms") {
            true => value
                .trim()
                .parse::<f64>()
                .ok()
                .and_then(|ms| seconds_of(ms / 1000.0)),
            false => None,
        };
        Self {
            head: said.or(self.head),
            ..self
        }
    }
}

/// How a stream ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// As its dialect ends.
    Complete,
    /// With an error inside: what the same error is outside of a stream, with the status that it has there (200 if it is
    /// known from nowhere else).
    Refused(Failure),
    /// Too early, or in a way that cannot be read.
    Broken(Failure),
}

impl End {
    /// What went wrong, if anything did.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Complete => None,
            Self::Refused(failure) | Self::Broken(failure) => Some(failure),
        }
    }
}

/// What a stream told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What the user of a model reads, refusals included.
    pub text: String,
    /// What the model thought before, as far as it is shown; some show a summary.
    pub thinking: String,
    /// When it came.
    pub times: Times,
    /// What is billed.
    pub usage: Usage,
    /// How long the provider says that it took.
    pub reported: Reported,
    /// What the provider says that the call costs, in USD.
    pub stated_cost: Option<Decimal>,
    /// Why it stopped, in the provider's word.
    pub stop: Option<String>,
    /// The model that answered, in the provider's spelling: what an alias stands for, or a successor.
    pub model: Option<String>,
    /// How it ended.
    pub end: End,
}

/// What the dialects write into.
#[derive(Debug, Clone, Default)]
pub(super) struct Gathered {
    /// When the piece came that is being read.
    pub at: SignedDuration,
    pub text: String,
    pub thinking: String,
    pub times: Times,
    last_content: Option<SignedDuration>,
    pub usage: Usage,
    pub reported: Reported,
    pub stated_cost: Option<Decimal>,
    pub stop: Option<String>,
    pub model: Option<String>,
    pub refused: Option<Failure>,
    /// The event came that ends the stream: what follows means nothing.
    pub is_closed: bool,
    /// Everything has come, if nothing follows.
    pub may_end: bool,
}

impl Gathered {
    /// An event of any kind came.
    pub fn event(&mut self, at: SignedDuration) {
        self.at = at;
        self.times.first_event.get_or_insert(at);
    }

    /// Text came, if it is one and not empty.
    pub fn content(&mut self, text: Option<&Json>) {
        let Some(text) = text.and_then(Json::as_str).filter(|text| !text.is_empty()) else {
            return;
        };
        self.text.push_str(text);
        self.times.first_content.get_or_insert(self.at);
        self.times.last_token = Some(self.at);
        if let Some(last) = self.last_content.replace(self.at) {
            self.times.gaps.push(self.at.saturating_sub(last));
        }
    }

    /// Thinking came, if it is text and not empty.
    pub fn thinking(&mut self, text: Option<&Json>) {
        let Some(text) = text.and_then(Json::as_str).filter(|text| !text.is_empty()) else {
            return;
        };
        self.thinking.push_str(text);
        self.times.first_thinking.get_or_insert(self.at);
        self.times.last_token = Some(self.at);
    }

    /// Why it stops, if it is said.
    pub fn stop(&mut self, word: Option<&Json>) -> bool {
        let word = name(word);
        let is_said = word.is_some();
        self.stop = word.or_else(|| self.stop.take());
        is_said
    }

    /// Which model answers, if it is said.
    pub fn model(&mut self, word: Option<&Json>) {
        self.model = name(word).or_else(|| self.model.take());
    }

    /// What was told, with how it ended.
    pub fn told(self, end: End) -> Told {
        Told {
            text: self.text,
            thinking: self.thinking,
            times: self.times,
            usage: self.usage,
            reported: self.reported,
            stated_cost: self.stated_cost,
            stop: self.stop,
            model: self.model,
            end,
        }
    }
}

fn name(word: Option<&Json>) -> Option<String> {
    let word = plain(word?.as_str()?, MOST_NAME);
    (!word.is_empty()).then_some(word)
}

/// A number of milliseconds that is no nonsense.
pub(super) fn milliseconds(value: Option<&Json>) -> Option<SignedDuration> {
    seconds_of(value?.as_f64()? / 1000.0)
}

/// A number of seconds that is no nonsense.
pub(super) fn seconds(value: Option<&Json>) -> Option<SignedDuration> {
    seconds_of(value?.as_f64()?)
}

fn seconds_of(seconds: f64) -> Option<SignedDuration> {
    let is_sane = (0.0..86_400.0).contains(&seconds);
    is_sane.then(|| SignedDuration::try_from_secs_f64(seconds).ok())?
}
