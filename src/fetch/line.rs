//! An open connection to one host, over which one request after another is asked and measured.
//!
//! A page is fetched over a connection of its own. What is measured for its own sake, whether an endpoint answers and how
//! soon, may keep one for the next request, and choose the version of HTTP and the family of addresses.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::StatusCode;
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::{http1, http2};
use hyper::header::HeaderMap;
use hyper_util::rt::{TokioExecutor, TokioIo};
use jiff::SignedDuration;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::cause;
use super::dial::{Connected, Stream};
use super::limits::{Limits, signed};
use crate::market::{Failure, Phase};

type Body = Full<Bytes>;

/// What is known of a connection from its opening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// The address that took it.
    pub address: std::net::SocketAddr,
    /// `1.1` or `2`.
    pub http: &'static str,
    /// `None` over plain TCP.
    pub tls: Option<Tls>,
}

/// What a handshake agreed on and showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// `1.2` or `1.3`.
    pub version: &'static str,
    /// The last moment at which the host's certificate is good.
    pub certificate_until: Option<jiff::Timestamp>,
}

/// An open connection.
#[derive(Debug)]
pub(super) struct Line {
    sender: Sender,
    driver: AbortHandle,
    pub connection: Connection,
    /// Whether a proxy at its other end passes requests on, which then name their host.
    pub is_forwarded: bool,
}

#[derive(Debug)]
enum Sender {
    One(http1::SendRequest<Body>),
    Two(http2::SendRequest<Body>),
}

/// An answer whose head has come. What follows comes over the line that was asked, which must stand until then.
#[derive(Debug)]
pub(super) struct Answering {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// From the request to the answer's head.
    pub first_byte: SignedDuration,
    begun: Instant,
    body: Incoming,
}

/// What one request came to, as far as it got.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// From the request to the answer's head.
    pub first_byte: Option<SignedDuration>,
    /// From the head to the last byte.
    pub body: Option<SignedDuration>,
    /// From the request to the end, whatever it was.
    pub total: SignedDuration,
    pub status: Option<u16>,
    pub headers: HeaderMap,
    /// Of the body, as it came.
    pub bytes: u64,
    /// `None`: the answer came whole.
    pub failure: Option<Failure>,
    /// Whether the connection was closed before anything of the answer came: a kept one may have been closed by the host.
    pub is_unheard: bool,
}

/// What becomes of a body while it comes.
pub(super) trait Hearer {
    /// Takes a part, with the time since the request. `false`: no more is wanted.
    fn hear(&mut self, since: Duration, status: u16, part: &[u8]) -> bool;
}

impl Drop for Line {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Line {
    /// Speaks HTTP over what has been connected.
    pub async fn open(stream: Stream, connected: Connected) -> Result<Self, Failure> {
        let io = TokioIo::new(stream);
        let (sender, driver) = if connected.is_http2 {
            let (sender, driver) = http2::handshake(TokioExecutor::new(), io)
                .await
                .map_err(|error| cause::of_exchange(&error))?;
            (Sender::Two(sender), drive(driver))
        } else {
            let (sender, driver) = http1::handshake(io)
                .await
                .map_err(|error| cause::of_exchange(&error))?;
            (Sender::One(sender), drive(driver))
        };
        Ok(Self {
            sender,
            driver,
            connection: connected.connection,
            is_forwarded: connected.is_forwarded,
        })
    }

    pub fn is_http2(&self) -> bool {
        matches!(self.sender, Sender::Two(_))
    }

    /// Whether another request can be asked over it, as far as is known.
    pub async fn is_open(&mut self) -> bool {
        match &mut self.sender {
            Sender::One(sender) => sender.ready().await.is_ok(),
            Sender::Two(sender) => sender.ready().await.is_ok(),
        }
    }

    /// Asks, and hears the answer to its end or to the hearer's.
    pub async fn ask(
        &mut self,
        request: hyper::Request<Body>,
        limits: &mut Limits,
        hearer: &mut impl Hearer,
    ) -> Asked {
        let mut asked = Asked::default();
        let begun = Instant::now();
        if let Err(failure) = self.heard(request, limits, hearer, &mut asked).await {
            asked.failure = Some(failure);
        }
        asked.total = signed(begun.elapsed());
        asked
    }

    async fn heard(
        &mut self,
        request: hyper::Request<Body>,
        limits: &mut Limits,
        hearer: &mut impl Hearer,
        asked: &mut Asked,
    ) -> Result<(), Failure> {
        let mut answering = match self.sent(request, limits).await? {
            Ok(answering) => answering,
            Err(error) => {
                asked.is_unheard =
                    error.is_canceled() || error.is_closed() || error.is_incomplete_message();
                return Err(cause::of_exchange(&error));
            }
        };
        asked.first_byte = Some(answering.first_byte);
        asked.status = Some(answering.status.as_u16());
        asked.headers = std::mem::take(&mut answering.headers);
        asked.body = answering.hear(limits, hearer, &mut asked.bytes).await?;
        Ok(())
    }

    /// Asks, up to the answer's head.
    pub async fn head(
        &mut self,
        request: hyper::Request<Body>,
        limits: &mut Limits,
    ) -> Result<Answering, Failure> {
        let sent = self.sent(request, limits).await?;
        sent.map_err(|error| cause::of_exchange(&error))
    }

    async fn sent(
        &mut self,
        request: hyper::Request<Body>,
        limits: &mut Limits,
    ) -> Result<hyper::Result<Answering>, Failure> {
        let begun = Instant::now();
        let sent = limits.within(Phase::FirstByte, self.send(request)).await?;
        Ok(sent.map(|response| {
            let (head, body) = response.into_parts();
            Answering {
                status: head.status,
                headers: head.headers,
                first_byte: signed(begun.elapsed()),
                begun,
                body,
            }
        }))
    }

    async fn send(
        &mut self,
        request: hyper::Request<Body>,
    ) -> hyper::Result<hyper::Response<Incoming>> {
        match &mut self.sender {
            Sender::One(sender) => sender.send_request(request).await,
            Sender::Two(sender) => sender.send_request(request).await,
        }
    }
}

impl Answering {
    /// How long the body is, if that is known.
    pub fn announced(&self) -> Option<u64> {
        self.body.size_hint().exact()
    }

    /// Hears the body, and says how long that took if it came to its end. Its bytes are counted as they come.
    pub async fn hear(
        &mut self,
        limits: &mut Limits,
        hearer: &mut impl Hearer,
        bytes: &mut u64,
    ) -> Result<Option<SignedDuration>, Failure> {
        let headed = Instant::now();
        let heard = limits.within(Phase::Body, self.parts(hearer, bytes)).await;
        Ok(heard??.then(|| signed(headed.elapsed())))
    }

    async fn parts(&mut self, hearer: &mut impl Hearer, bytes: &mut u64) -> Result<bool, Failure> {
        let status = self.status.as_u16();
        while let Some(frame) = self.body.frame().await {
            let frame = frame.map_err(|error| Failure::Truncated {
                detail: cause::of(&error),
            })?;
            // HTTP/2 may end with an empty part
            let Some(part) = frame.data_ref().filter(|part| !part.is_empty()) else {
                continue;
            };
            *bytes += part.len() as u64;
            if !hearer.hear(self.begun.elapsed(), status, part) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn drive<E>(driver: impl Future<Output = Result<(), E>> + Send + 'static) -> AbortHandle
where
    E: Send + 'static,
{
    // how it ends is told to whoever asks over it
    tokio::spawn(driver).abort_handle()
}
