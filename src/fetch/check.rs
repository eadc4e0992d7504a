//! Checks of endpoints: whether one answers, and how long each phase takes. What it answers does not matter, as long as it is
//! no fault of its own: without a credential 401, 403 and 404 are what a sound one says.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::StatusCode;
use hyper::header::{ACCEPT, HOST, HeaderValue, USER_AGENT};
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;
use url::Url;

use super::dial::Route;
use super::limits::{Limits, signed, wait};
use super::line::{Asked, Connection, Hearer, Line};
use super::{Client, Request, refusal};
use crate::config::{Deadlines, Family, HttpVersion, Ways};
use crate::market::{Failure, Phases};

/// So much of an answer is heard: what an endpoint says at its root is short, and a page would measure the line.
const MOST_HEARD: u64 = 256 << 10;

/// An endpoint as it is checked.
#[derive(Debug)]
pub struct Target {
    url: Url,
    route: Route,
    ways: Ways,
    deadlines: Deadlines,
    user_agent: HeaderValue,
    /// As HTTP/1.1 sends it: the path. HTTP/2 sends all of it.
    path: hyper::Uri,
    whole: hyper::Uri,
    host: HeaderValue,
    /// The connection of the last check, where one is kept.
    kept: tokio::sync::Mutex<Option<Line>>,
}

/// Over which connection an endpoint was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// One that was opened for it.
    Fresh,
    /// One that stood.
    Warm,
}

impl Way {
    /// The stored and printed word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Warm => "warm",
        }
    }
}

/// One measurement of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Over which connection.
    pub way: Way,
    /// How long the phases took. A total is missing where the answer was not heard to its end.
    pub phases: Phases,
    /// The HTTP status, if there was one.
    pub status: Option<u16>,
    /// Bytes of the body, as they came.
    pub bytes: u64,
    /// `None`: the endpoint answers.
    pub failure: Option<Failure>,
    /// What is known of the connection, once it stood.
    pub connection: Option<Connection>,
    /// How long an event of ours waited for its turn when the answer was there.
    pub lag: SignedDuration,
}

impl Client {
    /// An endpoint to be checked over and over.
    ///
    /// # Errors
    /// [`Failure::Internal`] where the URL cannot be asked.
    pub fn target(
        &self,
        url: &Url,
        family: Family,
        version: HttpVersion,
        ways: Ways,
        timeout: SignedDuration,
    ) -> Result<Target, Failure> {
        let hop = self.rewrites.hop(url.clone());
        let internal = || Failure::Internal {
            detail: "the URL cannot be sent".to_string(),
        };
        let authority = &hop.target[url::Position::BeforeHost..url::Position::AfterPort];
        let path = &hop.target[url::Position::BeforePath..url::Position::AfterQuery];
        let usual = self.settings.deadlines;
        Ok(Target {
            route: Route::measured(self, &hop.target, family, version)?,
            ways,
            deadlines: Deadlines {
                dns: usual.dns.min(timeout),
                connect: usual.connect.min(timeout),
                tls: usual.tls.min(timeout),
                first_byte: usual.first_byte.min(timeout),
                body: usual.body.min(timeout),
                total: timeout,
            },
            user_agent: self.user_agent.clone(),
            path: path.parse().map_err(|_| internal())?,
            whole: hop.target.as_str().parse().map_err(|_| internal())?,
            host: HeaderValue::from_str(authority).map_err(|_| internal())?,
            kept: tokio::sync::Mutex::new(None),
            url: url.clone(),
        })
    }
}

impl Target {
    /// The host that is told to people: the original's.
    pub fn host(&self) -> &str {
        super::host(&self.url)
    }

    /// Measures it. `at` is for what an answer says of times.
    pub async fn check(&self, at: Timestamp) -> Vec<Checked> {
        let mut kept = self.kept.lock().await;
        if let Some(mut line) = kept.take()
            && line.is_open().await
        {
            let checked = self.ask(&mut line, None, &mut self.limits(), at).await;
            match checked {
                // closed while it was idle: nothing that the endpoint can be blamed for
                (_, true) => {}
                (checked, false) => {
                    if checked.failure.is_none() {
                        *kept = Some(line);
                    }
                    return vec![checked];
                }
            }
        }
        // what opening a connection holds is large, and would be moved about with every check that opens none
        Box::pin(self.check_afresh(&mut kept, at)).await
    }

    async fn check_afresh(&self, kept: &mut Option<Line>, at: Timestamp) -> Vec<Checked> {
        let mut phases = Phases::default();
        let mut limits = self.limits();
        let mut line = match self.route.dial(&mut limits, &mut phases).await {
            Ok(line) => line,
            Err(failure) => {
                return vec![Checked {
                    way: Way::Fresh,
                    phases,
                    status: None,
                    bytes: 0,
                    failure: Some(failure),
                    connection: None,
                    lag: lag().await,
                }];
            }
        };
        let (fresh, _) = self.ask(&mut line, Some(phases), &mut limits, at).await;
        let is_sound = fresh.failure.is_none();
        let mut all = vec![fresh];
        match self.ways {
            Ways::Both if is_sound && line.is_open().await => {
                let (warm, is_unheard) = self.ask(&mut line, None, &mut self.limits(), at).await;
                // a host may serve one request a connection
                if !is_unheard {
                    all.push(warm);
                }
            }
            Ways::Warm if is_sound => *kept = Some(line),
            Ways::Both | Ways::Warm | Ways::Fresh => {}
        }
        all
    }

    /// Asks once. The second value: a connection that stood was closed before anything of the answer came.
    async fn ask(
        &self,
        line: &mut Line,
        dialled: Option<Phases>,
        limits: &mut Limits,
        at: Timestamp,
    ) -> (Checked, bool) {
        let spent = dialled.and_then(|phases| phases.total);
        let mut hearer = Opening::default();
        let request = self.request(line);
        let asked = line.ask(request, limits, &mut hearer).await;
        let lag = lag().await;
        let is_unheard = asked.is_unheard && dialled.is_none();
        let is_whole = asked.body.is_some() || asked.failure.is_some();
        let total = asked.total.saturating_add(spent.unwrap_or_default());
        let phases = Phases {
            first_byte: asked.first_byte,
            body: asked.body,
            total: is_whole.then_some(total),
            ..dialled.unwrap_or_default()
        };
        let checked = Checked {
            way: if dialled.is_some() {
                Way::Fresh
            } else {
                Way::Warm
            },
            phases,
            status: asked.status,
            bytes: asked.bytes,
            failure: self.fault(&asked, &hearer.0, at),
            connection: Some(line.connection.clone()),
            lag,
        };
        (checked, is_unheard)
    }

    fn limits(&self) -> Limits {
        Limits::new(self.deadlines, wait(self.deadlines.total))
    }

    fn request(&self, line: &Line) -> hyper::Request<Full<Bytes>> {
        let mut request = hyper::Request::new(Full::new(Bytes::new()));
        let headers = request.headers_mut();
        headers.insert(USER_AGENT, self.user_agent.clone());
        headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        if line.is_http2() {
            *request.uri_mut() = self.whole.clone();
        } else {
            headers.insert(HOST, self.host.clone());
            *request.uri_mut() = self.path.clone();
        }
        request
    }

    /// What of an answer is the endpoint's fault, or says nothing about it.
    fn fault(&self, asked: &Asked, said: &[u8], at: Timestamp) -> Option<Failure> {
        if let Some(failure) = &asked.failure {
            return Some(failure.clone());
        }
        let status = StatusCode::from_u16(asked.status?).ok()?;
        let is_fault = status.is_server_error() || status.as_u16() == 429;
        let request = || Request::get(self.url.clone());
        is_fault.then(|| refusal::read(&request(), status, &asked.headers, said, at))
    }
}

/// The opening of an answer, as far as it says what is wrong.
#[derive(Debug, Default)]
struct Opening(Vec<u8>, u64);

impl Hearer for Opening {
    fn hear(&mut self, _: Duration, status: u16, part: &[u8]) -> bool {
        if status >= 400 {
            let room = refusal::MOST_READ.saturating_sub(self.0.len());
            self.0.extend_from_slice(part.get(..room).unwrap_or(part));
        }
        self.1 += part.len() as u64;
        self.1 < MOST_HEARD
    }
}

/// How long whatever is ready waits for its turn: everybody else who is ready goes first.
async fn lag() -> SignedDuration {
    let begun = Instant::now();
    tokio::task::yield_now().await;
    signed(begun.elapsed())
}
