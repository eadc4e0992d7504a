//! An open connection to one host, over which one request after another is asked and measured.
//!
//! Pages are fetched with the HTTP library's own client ([`super::exchange`]). What is measured for its own sake – whether an
//! endpoint answers, and how soon – speaks HTTP over connections of its own: each phase is then a line of this file,
//! a connection can be kept for the next request, and the version of HTTP and the family of addresses can be chosen.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use jiff::SignedDuration;
use reqwest::header::HeaderMap;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout};

use super::cause;
use super::dial::Connected;
use super::trace::{signed, wait};
use crate::config::Deadlines;
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
}

#[derive(Debug)]
enum Sender {
    One(http1::SendRequest<Body>),
    Two(http2::SendRequest<Body>),
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
    pub async fn open<I>(stream: I, connected: Connected) -> Result<Self, Failure>
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let io = TokioIo::new(stream);
        let (sender, driver) = if connected.is_http2 {
            let (sender, driver) = http2::handshake(TokioExecutor::new(), io)
                .await
                .map_err(|error| protocol(&error))?;
            (Sender::Two(sender), drive(driver))
        } else {
            let (sender, driver) = http1::handshake(io)
                .await
                .map_err(|error| protocol(&error))?;
            (Sender::One(sender), drive(driver))
        };
        Ok(Self {
            sender,
            driver,
            connection: connected.connection,
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

    /// Asks, and hears the answer to its end, to the hearer's, or to that of the time: `left` is for all of it.
    pub async fn ask(
        &mut self,
        request: hyper::Request<Body>,
        deadlines: &Deadlines,
        left: Duration,
        hearer: &mut impl Hearer,
    ) -> Asked {
        let mut asked = Asked::default();
        let begun = Instant::now();
        if let Err(failure) = self
            .heard(request, deadlines, left, hearer, &mut asked)
            .await
        {
            asked.failure = Some(failure);
        }
        asked.total = signed(begun.elapsed());
        asked
    }

    async fn heard(
        &mut self,
        request: hyper::Request<Body>,
        deadlines: &Deadlines,
        left: Duration,
        hearer: &mut impl Hearer,
        asked: &mut Asked,
    ) -> Result<(), Failure> {
        let begun = Instant::now();
        let head = timeout(wait(deadlines.first_byte).min(left), self.send(request));
        let (head, body) = match head.await {
            Ok(Ok(response)) => response.into_parts(),
            Ok(Err(error)) => {
                asked.is_unheard =
                    error.is_canceled() || error.is_closed() || error.is_incomplete_message();
                return Err(protocol(&error));
            }
            Err(_) => return Err(timed_out(Phase::FirstByte)),
        };
        let headed = Instant::now();
        asked.first_byte = Some(signed(headed - begun));
        asked.status = Some(head.status.as_u16());
        asked.headers = head.headers;
        let left = left.saturating_sub(headed - begun);
        let bytes = &mut asked.bytes;
        let hearing = hear(body, begun, head.status.as_u16(), hearer, bytes);
        let heard = timeout(wait(deadlines.body).min(left), hearing).await;
        if heard.map_err(|_| timed_out(Phase::Body))?? {
            asked.body = Some(signed(headed.elapsed()));
        }
        Ok(())
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

/// Whether the body was heard to its end.
async fn hear(
    mut body: Incoming,
    begun: Instant,
    status: u16,
    hearer: &mut impl Hearer,
    bytes: &mut u64,
) -> Result<bool, Failure> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Failure::Truncated {
            detail: cause::of(&error),
        })?;
        // HTTP/2 may end with an empty part
        let Some(part) = frame.data_ref().filter(|part| !part.is_empty()) else {
            continue;
        };
        *bytes += part.len() as u64;
        if !hearer.hear(begun.elapsed(), status, part) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn drive<E>(driver: impl Future<Output = Result<(), E>> + Send + 'static) -> AbortHandle
where
    E: Send + 'static,
{
    // how it ends is told to whoever asks over it
    tokio::spawn(driver).abort_handle()
}

pub(super) fn timed_out(phase: Phase) -> Failure {
    Failure::Timeout { phase }
}

fn protocol(error: &hyper::Error) -> Failure {
    Failure::Protocol {
        detail: cause::of(error),
    }
}
