//! One answer, from its bytes as they come to what it told.

use jiff::SignedDuration;
use serde_json::Value as Json;

use super::dialect::Dialect;
use super::events::{Event, Events};
use super::frames::{Frame, Frames, Kind};
use super::gathered::{End, Gathered, Told};
use super::{chat, cohere, converse, generate, invoke, messages, responses};
use crate::market::{Failure, Refusal, plain};

/// So many bytes of a stream are read.
pub const MOST_READ: u64 = 4 << 20;

#[derive(Debug, Clone)]
enum Framing {
    Events(Events),
    Frames(Frames),
}

/// An answer that is being read.
#[derive(Debug, Clone)]
pub struct Stream {
    dialect: Dialect,
    framing: Framing,
    taken: u64,
    gathered: Gathered,
    broken: Option<Failure>,
}

impl Stream {
    /// An answer of which nothing has come.
    pub fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            framing: match dialect.is_framed() {
                true => Framing::Frames(Frames::default()),
                false => Framing::Events(Events::default()),
            },
            taken: 0,
            gathered: Gathered::default(),
            broken: None,
        }
    }

    /// Takes the bytes that came at a moment, counted from whenever the caller likes. How they are cut means nothing but
    /// for the times.
    pub fn push(&mut self, bytes: &[u8], at: SignedDuration) {
        if self.is_over() {
            return;
        }
        let left = usize::try_from(MOST_READ - self.taken).unwrap_or(usize::MAX);
        let bytes_read = bytes.get(..left).unwrap_or(bytes);
        self.taken += bytes_read.len() as u64;
        let done = match &mut self.framing {
            Framing::Events(events) => {
                let mut came = Vec::new();
                let done = events.push(bytes_read, &mut came);
                came.into_iter().for_each(|event| self.event(&event, at));
                done
            }
            Framing::Frames(frames) => {
                let mut came = Vec::new();
                let done = frames.push(bytes_read, &mut came);
                came.iter().for_each(|frame| self.frame(frame, at));
                done
            }
        };
        let too_large = Failure::TooLarge { limit: MOST_READ };
        let failure = done
            .err()
            .or((bytes_read.len() < bytes.len()).then_some(too_large));
        if let Some(failure) = failure.filter(|_| !self.is_over()) {
            self.broken = Some(failure);
        }
    }

    /// Whether nothing that could follow means anything.
    pub fn is_over(&self) -> bool {
        self.gathered.is_closed || self.broken.is_some()
    }

    /// What the answer told, when nothing follows.
    pub fn end(mut self) -> Told {
        let is_within = match &self.framing {
            Framing::Events(events) => events.is_within(),
            Framing::Frames(frames) => frames.is_within(),
        };
        let is_complete = self.gathered.is_closed || self.gathered.may_end && !is_within;
        let end = match (self.gathered.refused.take(), self.broken) {
            (Some(failure), _) => End::Refused(failure),
            (None, Some(failure)) => End::Broken(failure),
            (None, None) if is_complete => End::Complete,
            (None, None) => {
                let detail = match (is_within, self.gathered.times.first_event) {
                    (true, _) => "the stream stopped within an event",
                    (false, Some(_)) => "the stream stopped before its end",
                    (false, None) => "the stream has no event",
                };
                let detail = detail.to_owned();
                End::Broken(Failure::Truncated { detail })
            }
        };
        self.gathered.told(end)
    }

    fn event(&mut self, event: &Event, at: SignedDuration) {
        if self.is_over() {
            return;
        }
        self.gathered.event(at);
        if event.data.trim_ascii() == b"[DONE]" {
            self.gathered.is_closed = true;
            return;
        }
        let is_error = event.name == b"error";
        let json: Json = match serde_json::from_slice(&event.data) {
            Ok(json @ Json::Object(_)) => json,
            _ if is_error => {
                let message = plain(&String::from_utf8_lossy(&event.data), 200);
                let refusal = Refusal {
                    message: Some(message),
                    ..Refusal::default()
                };
                self.gathered.refuse(refusal, None);
                return;
            }
            _ => return self.unreadable("an event that is no JSON object"),
        };
        match self.dialect {
            Dialect::OpenAiChat | Dialect::AzureChat => chat::read(&json, &mut self.gathered),
            Dialect::OpenAiResponses | Dialect::AzureResponses => {
                responses::read(&json, &mut self.gathered);
            }
            Dialect::AnthropicMessages => messages::read(&json, &mut self.gathered),
            Dialect::GeminiGenerate => generate::read(&json, &mut self.gathered),
            Dialect::CohereChat => cohere::read(&json, &mut self.gathered),
            // they come in frames
            Dialect::BedrockConverse | Dialect::BedrockInvoke => {}
        }
        if is_error {
            self.gathered.refused(&json);
        }
    }

    fn frame(&mut self, frame: &Frame, at: SignedDuration) {
        if self.is_over() {
            return;
        }
        self.gathered.event(at);
        let json = serde_json::from_slice::<Json>(&frame.payload);
        match (&frame.kind, json) {
            (Kind::Error(code, words), _) => {
                let refusal = Refusal {
                    code: Some(code.clone()),
                    message: Some(words.clone()),
                    wait: None,
                };
                self.gathered.refuse(refusal, None);
                self.gathered.is_closed = true;
            }
            (Kind::Exception(name), json) => {
                let said = json.unwrap_or(Json::Null);
                converse::read_exception(name, &said, &mut self.gathered);
            }
            (Kind::Event(_), Err(_)) => self.unreadable("an event that is no JSON"),
            (Kind::Event(kind), Ok(event)) => match self.dialect {
                Dialect::BedrockInvoke if kind == "chunk" => {
                    if let Err(found) = invoke::read(&event, &mut self.gathered) {
                        self.unreadable(found);
                    }
                }
                Dialect::BedrockInvoke => {}
                _ => converse::read(kind, &event, &mut self.gathered),
            },
        }
    }

    fn unreadable(&mut self, found: &str) {
        self.broken = Some(Failure::Unreadable {
            expected: format!("a stream of {}", self.dialect.word()),
            found: found.to_owned(),
        });
    }
}
