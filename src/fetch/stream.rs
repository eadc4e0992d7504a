//! Answers that come in parts: a model's, whose every part has its time.

use std::time::Duration;

use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderMap};
use jiff::{SignedDuration, Timestamp};

use super::answer::text;
use super::dial::Route;
use super::limits::{Limits, signed, wait};
use super::line::Hearer;
use super::outgoing::Outgoing;
use super::{Client, Request, refusal};
use crate::config::{Family, HttpVersion};
use crate::market::{Failure, Phases};

/// What a streamed exchange came to.
#[derive(Debug)]
pub struct Streamed {
    /// How long the phases took; the body's is that of all parts.
    pub phases: Phases,
    /// The HTTP status, if there was one.
    pub status: Option<u16>,
    /// The headers of the answer.
    pub headers: HeaderMap,
    /// `None`: the answer is a success and came whole.
    pub failure: Option<Failure>,
}

impl Streamed {
    /// The answer's type of content.
    pub fn content_type(&self) -> Option<String> {
        text(&self.headers, &CONTENT_TYPE)
    }
}

impl Client {
    /// Asks over a connection that is opened for it, and gives `part` each part of a success with the time since the
    /// request. Redirects are refused, and parts beyond the limit of the request's body end it. Nothing waits for a turn:
    /// who asks keeps the pace.
    pub async fn stream(
        &self,
        request: &Request,
        at: Timestamp,
        part: impl FnMut(SignedDuration, &[u8]) + Send,
    ) -> Streamed {
        let mut streamed = Streamed {
            phases: Phases::default(),
            status: None,
            headers: HeaderMap::new(),
            failure: None,
        };
        if let Err(failure) = self.streamed(request, at, part, &mut streamed).await {
            streamed.failure = Some(failure);
        }
        streamed
    }

    async fn streamed(
        &self,
        request: &Request,
        at: Timestamp,
        part: impl FnMut(SignedDuration, &[u8]) + Send,
        streamed: &mut Streamed,
    ) -> Result<(), Failure> {
        let deadlines = request.deadlines.unwrap_or(self.settings.deadlines);
        let hop = self.rewrites.hop(request.url.clone());
        let route = Route::measured(self, &hop.target, Family::Any, HttpVersion::Any)?;
        let outgoing = Outgoing {
            request,
            hop: &hop,
            at,
        };
        let message = outgoing.message(&self.user_agent)?;
        let mut limits = Limits::new(deadlines, wait(deadlines.total));
        let mut line = route.dial(&mut limits, &mut streamed.phases).await?;
        let spent = streamed.phases.total.unwrap_or_default();
        let mut parts = Parts {
            limit: request.max_body.unwrap_or(self.settings.max_body),
            taken: 0,
            refusal: Vec::new(),
            take: part,
        };
        let asked = line
            .ask(message.over(&line)?, &mut limits, &mut parts)
            .await;
        streamed.phases.first_byte = asked.first_byte;
        streamed.phases.body = asked.body;
        streamed.phases.total = Some(spent.saturating_add(asked.total));
        streamed.status = asked.status;
        streamed.headers = asked.headers;
        let status = asked
            .status
            .and_then(|status| StatusCode::from_u16(status).ok());
        match (asked.failure, status) {
            // what a refusal says stands, however it broke off
            (_, Some(status)) if status.is_client_error() || status.is_server_error() => Err(
                refusal::read(request, status, &streamed.headers, &parts.refusal, at),
            ),
            (Some(failure), _) => Err(failure),
            (None, Some(status)) if !status.is_success() => Err(Failure::RedirectRefused {
                detail: format!("a model's answer with HTTP {}", status.as_u16()),
            }),
            (None, _) if parts.taken > parts.limit => Err(Failure::TooLarge { limit: parts.limit }),
            (None, _) => Ok(()),
        }
    }
}

/// Gives the parts of a success on, and keeps those of a refusal.
struct Parts<F> {
    limit: u64,
    taken: u64,
    refusal: Vec<u8>,
    take: F,
}

impl<F: FnMut(SignedDuration, &[u8])> Hearer for Parts<F> {
    fn hear(&mut self, since: Duration, status: u16, part: &[u8]) -> bool {
        if status >= 300 {
            let room = refusal::MOST_READ.saturating_sub(self.refusal.len());
            self.refusal
                .extend_from_slice(part.get(..room).unwrap_or(part));
            return room > 0;
        }
        self.taken += part.len() as u64;
        if self.taken > self.limit {
            return false;
        }
        (self.take)(signed(since), part);
        true
    }
}
