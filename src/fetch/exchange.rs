//! One request over one fresh connection.

use std::time::Duration;

use hyper::StatusCode;
use hyper::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION,
    PROXY_AUTHORIZATION,
};
use jiff::Timestamp;
use url::Url;

use super::address;
use super::answer::{Answer, Body, same_host, text};
use super::decode::{Decoding, OFFERED};
use super::dial::Route;
use super::gathering::Gathering;
use super::limits::Limits;
use super::line::{Answering, Hearer, Line};
use super::outgoing::Outgoing;
use super::request::Request;
use super::rewrite::Hop;
use super::{Client, Course, content, redirect, refusal};
use crate::market::{Failure, Phases};

/// In bytes: by so much a body may be longer on its way than it is decoded, for what its encoding adds.
const ENCODING: u64 = 64 << 10;

/// What one exchange needs to know.
#[derive(Debug)]
pub(super) struct Exchange<'a> {
    pub client: &'a Client,
    pub request: &'a Request,
    pub hop: &'a Hop<'a>,
    pub at: Timestamp,
}

/// What one exchange led to.
#[derive(Debug)]
pub(super) enum Step {
    /// The end of the fetch.
    Answered(Answer),
    /// Another original to ask.
    Redirected(Url),
}

impl Exchange<'_> {
    /// Asks, and reads the answer as far as it matters.
    pub async fn run(&self, limits: &mut Limits, course: &mut Course) -> Result<Step, Failure> {
        course.phases = Phases::default();
        let (_line, mut answering) = self.ask(limits, &mut course.phases).await?;
        let (status, headers) = (answering.status, &answering.headers);
        course.status = Some(status.as_u16());
        course.clock_ahead = refusal::clock_ahead(headers, self.at);
        if let Some(location) = text(headers, &LOCATION)
            && redirect::is_redirect(status)
        {
            let next = redirect::next(self.request, self.hop, status, &location)?;
            return Ok(Step::Redirected(next));
        }
        let answer = match status {
            StatusCode::NOT_MODIFIED if self.is_conditional() => Answer::NotModified,
            StatusCode::NOT_MODIFIED => {
                return Err(Failure::Protocol {
                    detail: "not modified, though the request was not conditional".into(),
                });
            }
            StatusCode::PARTIAL_CONTENT => {
                return Err(Failure::Truncated {
                    detail: "only a part was sent, which was not asked for".into(),
                });
            }
            status if status.is_success() => {
                Answer::Body(Box::new(self.body(&mut answering, limits, course).await?))
            }
            _ => return Err(self.refusal(&mut answering, limits, course).await),
        };
        Ok(Step::Answered(answer))
    }

    /// Whether the request really carries a validator.
    fn is_conditional(&self) -> bool {
        self.request.validators.as_ref().is_some_and(|validators| {
            validators.etag.is_some() || validators.last_modified.is_some()
        })
    }

    /// Asks over a connection of its own, up to the head of the answer.
    pub async fn ask(
        &self,
        limits: &mut Limits,
        phases: &mut Phases,
    ) -> Result<(Line, Answering), Failure> {
        let route = self.route()?;
        let outgoing = Outgoing {
            request: self.request,
            hop: self.hop,
            at: self.at,
        };
        let mut message = outgoing.message(&self.client.user_agent)?;
        let headers = &mut message.headers;
        headers
            .entry(ACCEPT_ENCODING)
            .or_insert(HeaderValue::from_static(OFFERED));
        if let Some(authorization) = route.forwarder().and_then(|proxy| proxy.authorization()) {
            headers.insert(PROXY_AUTHORIZATION, authorization);
        }
        let mut line = route.dial(limits, phases).await?;
        let message = message.over(&line)?;
        let answering = line.head(message, limits).await?;
        phases.first_byte = Some(answering.first_byte);
        Ok((line, answering))
    }

    /// The way to the target. The user's own URL may be anywhere; what a redirect adds may not.
    fn route(&self) -> Result<Route, Failure> {
        let target = &self.hop.target;
        let is_guarded = !self.client.settings.allow_private_redirects
            && !self.hop.is_rewritten()
            && !same_host(target, &self.request.url);
        if is_guarded && address::names_private(target) {
            return Err(Failure::RedirectRefused {
                detail: format!("to the private address {}", super::host(target)),
            });
        }
        Route::fetched(self.client, target, is_guarded)
    }

    async fn body(
        &self,
        answering: &mut Answering,
        limits: &mut Limits,
        course: &mut Course,
    ) -> Result<Body, Failure> {
        if let Some(sign) = challenge(&answering.headers) {
            return Err(Failure::LoginWall {
                detail: sign.to_owned(),
            });
        }
        let encoding = text(&answering.headers, &CONTENT_ENCODING);
        let decoding = Decoding::of(encoding.as_deref())?;
        let limit = self.request.max_body;
        let limit = limit.unwrap_or(self.client.settings.max_body);
        let announced = answering.announced().filter(|_| decoding.is_none());
        if announced.is_some_and(|length| length > limit) {
            return Err(Failure::TooLarge { limit });
        }
        let mut whole = Whole {
            body: Gathering::new(self.request.pack_above, announced),
            decoding,
            limit,
            came: 0,
            bytes: 0,
            failure: None,
        };
        let heard = answering.hear(limits, &mut whole, &mut 0).await;
        course.bytes = whole.bytes;
        if let Some(failure) = whole.failure {
            return Err(failure);
        }
        course.phases.body = heard?;
        if let Some(decoding) = &whole.decoding {
            decoding.finish()?;
        }
        let body = whole.body.finish()?;
        let content_type = text(&answering.headers, &CONTENT_TYPE);
        let hash = body.hash();
        if self.request.known != Some(hash) {
            content::check(self.request.expects, content_type.as_deref(), body.head())?;
        }
        let headers = &answering.headers;
        Ok(Body::new((body, hash), headers, self.request, self.hop))
    }

    /// The failure that a refusal is, with as much of its body as comes in time.
    async fn refusal(
        &self,
        answering: &mut Answering,
        limits: &mut Limits,
        course: &mut Course,
    ) -> Failure {
        let body = self.beginning(answering, limits, &mut course.phases).await;
        let (status, headers) = (answering.status, &answering.headers);
        refusal::read(self.request, status, headers, &body, self.at)
    }

    /// As much of a body as is read of a refusal, and comes in time.
    pub async fn beginning(
        &self,
        answering: &mut Answering,
        limits: &mut Limits,
        phases: &mut Phases,
    ) -> Vec<u8> {
        let encoding = text(&answering.headers, &CONTENT_ENCODING);
        let mut beginning = Beginning {
            body: Vec::new(),
            came: 0,
            // what is encoded in an unknown way says nothing anyhow
            decoding: Decoding::of(encoding.as_deref()).ok().flatten(),
        };
        let heard = answering.hear(limits, &mut beginning, &mut 0).await;
        phases.body = heard.ok().flatten();
        beginning.body
    }
}

/// A body on its way in, counted and bounded as it comes and as it is decoded: an encoding may go on and say nothing.
struct Whole {
    body: Gathering,
    decoding: Option<Decoding>,
    limit: u64,
    /// Before it is decoded.
    came: u64,
    bytes: u64,
    failure: Option<Failure>,
}

impl Hearer for Whole {
    fn hear(&mut self, _: Duration, _: u16, part: &[u8]) -> bool {
        let (body, bytes, limit) = (&mut self.body, &mut self.bytes, self.limit);
        let mut take = |piece: &[u8]| {
            *bytes += piece.len() as u64;
            match *bytes > limit {
                true => Err(Failure::TooLarge { limit }),
                false => body.push(piece),
            }
        };
        self.came += part.len() as u64;
        let taken = match &mut self.decoding {
            Some(_) if self.came > limit.saturating_add(ENCODING) => {
                Err(Failure::TooLarge { limit })
            }
            Some(decoding) => decoding.push(part, take),
            None => take(part),
        };
        self.failure = taken.err();
        self.failure.is_none()
    }
}

/// The beginning of a body, as far as it can be decoded.
struct Beginning {
    body: Vec<u8>,
    /// Before it is decoded.
    came: u64,
    decoding: Option<Decoding>,
}

impl Hearer for Beginning {
    fn hear(&mut self, _: Duration, _: u16, part: &[u8]) -> bool {
        self.came += part.len() as u64;
        let body = &mut self.body;
        let mut take = |piece: &[u8]| {
            let room = refusal::MOST_READ.saturating_sub(body.len());
            body.extend_from_slice(piece.get(..room).unwrap_or(piece));
            match body.len() < refusal::MOST_READ {
                true => Ok(()),
                false => Err(Failure::TooLarge {
                    limit: refusal::MOST_READ as u64,
                }),
            }
        };
        let taken = match &mut self.decoding {
            Some(decoding) => decoding.push(part, take),
            None => take(part),
        };
        taken.is_ok() && self.came <= refusal::MOST_READ as u64 + ENCODING
    }
}

/// The header by which bot protection says that a success is a challenge (AWS WAF with status 202, Cloudflare).
fn challenge(headers: &HeaderMap) -> Option<&'static str> {
    ["x-amzn-waf-action", "cf-mitigated"]
        .into_iter()
        .find(|name| headers.contains_key(*name))
}
