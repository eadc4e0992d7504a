//! `/metrics`: how Bellwether and the landscape are, for Prometheus and in OpenMetrics. Values come from the history when they are
//! asked for.

mod board;
mod landscape;
mod measured;
mod own;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use axum::middleware::Next;
use jiff::SignedDuration;

use super::answer::Answer;
use super::refusal::Refusal;
use super::route::{Accept, Asked, Route};
use super::site::{Site, held};
use board::Board;

/// Every route.
pub(super) static ALL: &[Route] = &[Route {
    path: "/metrics",
    answer: metrics,
    // whoever asks twice at once is answered once
    holds: SignedDuration::from_secs(2),
}];

fn metrics(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let mut board = Board::default();
    own::add(&mut board, asked)?;
    landscape::add(&mut board, asked)?;
    measured::add(&mut board, asked)?;
    let (content_type, text) = match asked.accept {
        Accept::OpenMetrics => (
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
            board.open_metrics(),
        ),
        _ => ("text/plain; version=0.0.4; charset=utf-8", board.text()),
    };
    let text = text.map_err(|error| Refusal::Internal(error.to_string()))?;
    Ok(Answer::new(content_type, text))
}

/// How many requests were answered, by what was asked and how.
#[derive(Debug, Default)]
pub(super) struct Requests(Mutex<BTreeMap<(&'static str, u16), u64>>);

impl Requests {
    fn all(&self) -> Vec<(&'static str, u16, u64)> {
        let counted = held(&self.0);
        let counted = counted.iter();
        counted
            .map(|((part, status), n)| (*part, *status, *n))
            .collect()
    }
}

/// Which part of the dashboard a path belongs to.
fn part(path: &str) -> &'static str {
    let begins = |with: &str| path.starts_with(with);
    match path {
        "/metrics" => "metrics",
        "/healthz" | "/readyz" => "health",
        "/live" => "live",
        "/feed.xml" | "/feed.json" | "/retirements.ics" => "feed",
        _ if begins("/api/") => "api",
        _ if begins("/assets/") => "asset",
        _ if begins("/badges/") => "badge",
        _ => "page",
    }
}

/// Counts a request.
pub(super) async fn count(
    State(site): State<Arc<Site>>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let part = part(request.uri().path());
    let response = next.run(request).await;
    let key = (part, response.status().as_u16());
    *held(&site.requests.0).entry(key).or_default() += 1;
    response
}
