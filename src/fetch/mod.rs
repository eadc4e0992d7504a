//! The one HTTP client: everything that talks HTTP goes through it.
//!
//! A fetch asks one URL over fresh connections, follows redirects within bounds, measures each phase, and ends in a
//! whole body of the expected kind, in "not modified", or in a typed failure. It never tries again: that is for the
//! schedule to decide. Every exchange has a connection of its own, so that phases are never hidden by a warm one nor mixed
//! with those of a neighbour.

mod address;
mod answer;
mod auth;
mod cause;
mod check;
mod connect;
mod content;
mod decode;
mod dial;
mod exchange;
mod gathering;
mod hand_over;
mod limits;
mod line;
mod outgoing;
mod proxy;
mod redirect;
mod refusal;
mod request;
mod rewrite;
mod stream;
mod tls;
mod trusted;
mod turns;

#[cfg(test)]
mod tests;

pub use answer::{Answer, Body, Fetched};
pub use auth::{Auth, Credentials, Wanted, granted, sigv4};
pub use check::{Checked, Target, Way};
pub use hand_over::Reply;
pub use line::{Connection, Tls};
pub use request::{Expects, Method, Purpose, Request, Validators};
pub use stream::Streamed;

use std::sync::Arc;
use std::time::Duration;

use hyper::header::HeaderValue;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;
use url::Url;

use crate::config;
use crate::market::{Failure, Phases, Sample};
use exchange::Step;
use limits::{Limits, signed, wait};
use proxy::Proxy;
use rewrite::Rewrites;
use turns::Turns;

/// What is wrong with the settings of the client.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The TLS library refused its own defaults.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[source] rustls::Error),
    /// A file of certificate authorities cannot be read.
    #[error("certificate file {number} cannot be used: {detail}")]
    ExtraCa {
        /// Which of the files, counted from 1.
        number: usize,
        /// What is wrong with it.
        detail: String,
    },
    /// One side of a rewriting is no URL prefix.
    #[error("{prefix:?} is no http or https URL without user, query and fragment")]
    Rewrite {
        /// The text as configured.
        prefix: String,
    },
    /// The proxy's URL cannot be used. It is not repeated, since it may hold a password.
    #[error(
        "the proxy's URL cannot be used: http, https, socks5 or socks5h is expected, and user and password in UTF-8"
    )]
    Proxy,
    /// The `User-Agent` cannot be sent in a header.
    #[error("{user_agent:?} cannot be sent as a User-Agent")]
    UserAgent {
        /// The text as configured.
        user_agent: String,
    },
}

/// The HTTP client. One serves the whole program, since it keeps the pace of each host.
#[derive(Debug)]
pub struct Client {
    settings: config::Http,
    handshakes: dial::Handshakes,
    user_agent: HeaderValue,
    proxy: Option<Arc<Proxy>>,
    rewrites: Rewrites,
    turns: Turns,
}

/// What one fetch has come to so far.
#[derive(Debug, Default)]
struct Course {
    phases: Phases,
    spent: Duration,
    status: Option<u16>,
    bytes: u64,
    clock_ahead: Option<SignedDuration>,
}

impl Client {
    /// A client with these settings.
    ///
    /// # Errors
    /// Where a setting cannot be used: a certificate file, a rewriting, the proxy, the user agent.
    pub fn new(settings: &config::Http) -> Result<Self, Error> {
        let user_agent =
            HeaderValue::from_str(&settings.user_agent).map_err(|_| Error::UserAgent {
                user_agent: settings.user_agent.clone(),
            })?;
        let tls = tls::configuration(&settings.extra_ca_pem)?;
        let handshakes = dial::Handshakes::new(&tls);
        let proxy = settings.proxy.as_ref().map(|url| {
            let proxy = Proxy::new(url, &handshakes.of(config::HttpVersion::One));
            proxy.map(Arc::new).ok_or(Error::Proxy)
        });
        Ok(Self {
            handshakes,
            user_agent,
            proxy: proxy.transpose()?,
            rewrites: Rewrites::new(&settings.rewrite, settings.elsewhere.as_ref())?,
            turns: Turns::new(settings.per_host_concurrency, wait(settings.per_host_pace)),
            settings: settings.clone(),
        })
    }

    /// Fetches what the request asks for. `at` is the time of the sample, and of reckoning with dates in headers.
    ///
    /// The sample's phases are those of the last exchange, its total is the time of all, and neither holds the time
    /// spent waiting for a turn at the host. Its host is the original's, whatever rewriting and redirects say.
    pub async fn fetch(&self, request: &Request, at: Timestamp) -> Fetched {
        let mut course = Course::default();
        let answer = match self.follow(request, at, &mut course).await {
            Ok(answer) => answer,
            Err(failure) => Answer::Failed(failure),
        };
        let outcome = match &answer {
            Answer::Body(_) => "ok",
            Answer::NotModified => "not_modified",
            Answer::Failed(failure) => failure.word(),
        };
        let total = Some(signed(course.spent));
        let sample = Sample {
            at,
            host: host(&request.url).to_owned(),
            phases: Phases {
                total,
                ..course.phases
            },
            outcome: outcome.to_owned(),
            status: course.status,
            bytes: course.bytes,
            clock_ahead: course.clock_ahead,
        };
        Fetched { answer, sample }
    }

    async fn follow(
        &self,
        request: &Request,
        at: Timestamp,
        course: &mut Course,
    ) -> Result<Answer, Failure> {
        let mut original = request.url.clone();
        let deadlines = request.deadlines.unwrap_or(self.settings.deadlines);
        let asked = Instant::now();
        for _ in 0..=redirect::MOST {
            let hop = self.rewrites.hop(original);
            let _turn = self.turns.take(host(&hop.original)).await;
            let begun = Instant::now();
            let left = wait(deadlines.total).saturating_sub(course.spent);
            let mut limits = Limits::new(deadlines, left);
            let exchange = exchange::Exchange {
                client: self,
                request,
                hop: &hop,
                // A signature is good for minutes, and the turn may have been long in coming.
                at: at.checked_add(asked.elapsed()).unwrap_or(at),
            };
            // what an exchange holds is large, and would be moved about with everything that may fetch
            let step = Box::pin(exchange.run(&mut limits, course)).await;
            course.spent += begun.elapsed();
            match step? {
                Step::Answered(answer) => return Ok(answer),
                Step::Redirected(next) => original = next,
            }
        }
        Err(Failure::RedirectRefused {
            detail: format!("more than {} in a row", redirect::MOST),
        })
    }
}

/// The host that politeness and samples are reckoned by.
fn host(url: &Url) -> &str {
    url.host_str().unwrap_or_default()
}
