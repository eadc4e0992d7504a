//! Handing something over: asked once, no redirect is followed, and whatever status comes back is an answer.

use hyper::header::LOCATION;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::answer::text;
use super::exchange::Exchange;
use super::limits::{Limits, signed, wait};
use super::{Client, Request, host, refusal};
use crate::market::{Failure, Phases, plain};

/// So many characters of an answer are kept.
const KEPT: usize = 200;

/// What was answered to something that was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The beginning of the body as one plain line without the request's secrets; empty if it is a page.
    pub said: String,
    /// How long the host asks to wait.
    pub retry_after: Option<SignedDuration>,
    /// The host that a redirect points to.
    pub redirected_to: Option<String>,
    /// From the request until the answer was read.
    pub took: SignedDuration,
}

impl Client {
    /// Hands a request over, once. `at` is the moment that dates in headers are compared with.
    ///
    /// # Errors
    /// Where no answer came: the body of an answer may break off, its status may not.
    pub async fn hand_over(&self, request: &Request, at: Timestamp) -> Result<Reply, Failure> {
        let deadlines = request.deadlines.unwrap_or(self.settings.deadlines);
        let hop = self.rewrites.hop(request.url.clone());
        let _turn = self.turns.take(host(&hop.original)).await;
        let begun = Instant::now();
        let mut limits = Limits::new(deadlines, wait(deadlines.total));
        let exchange = Exchange {
            client: self,
            request,
            hop: &hop,
            at,
        };
        let mut phases = Phases::default();
        let (_line, mut answering) = exchange.ask(&mut limits, &mut phases).await?;
        let body = exchange
            .beginning(&mut answering, &mut limits, &mut phases)
            .await;
        let (status, headers) = (answering.status, &answering.headers);
        let next = text(headers, &LOCATION).and_then(|location| hop.resolve(&location));
        let is_redirect = status.is_redirection();
        Ok(Reply {
            status: status.as_u16(),
            said: said(request, &body),
            retry_after: refusal::retry_after(headers, at),
            redirected_to: next
                .filter(|_| is_redirect)
                .map(|next| plain(host(&next), 100)),
            took: signed(begun.elapsed()),
        })
    }
}

fn said(request: &Request, body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    match text.trim_start().starts_with('<') {
        true => String::new(),
        false => plain(&request.hide_secrets(&text), KEPT),
    }
}
