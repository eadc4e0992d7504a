//! Whether the dashboard lives, and whether what it shows is being kept up to date.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{Response, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::answer::{Answer, JSON};
use super::refusal::Refusal;
use super::site::Site;
use crate::store::{Sources as _, Store};

/// Without any answer of a source for so long nobody keeps the history up to date.
const STALE: SignedDuration = SignedDuration::from_hours(2);

/// The process lives.
pub(super) async fn lives() -> Response<Body> {
    let mut response = Response::new(Body::from("ok\n"));
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, plain);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// How far the history is up to date.
#[derive(Debug, Serialize)]
struct Readiness {
    ready: bool,
    /// What keeps it from being so.
    problems: Vec<String>,
    /// When a source was asked last.
    last_reading: Option<Timestamp>,
    sources: usize,
    broken: usize,
}

/// The history can be read, and is being kept up to date.
pub(super) async fn reads(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response<Body> {
    let found = site.ask(readiness).await;
    let found = found.unwrap_or_else(|refusal| Readiness {
        ready: false,
        problems: vec![refusal.said()],
        last_reading: None,
        sources: 0,
        broken: 0,
    });
    let status = match found.ready {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    let body = serde_json::to_vec(&found).unwrap_or_default();
    let answer = Answer::new(JSON, body).with_status(status);
    let mut response = answer.to_response(&headers);
    if !found.ready {
        let later = HeaderValue::from_static("30");
        response.headers_mut().insert(header::RETRY_AFTER, later);
    }
    response
}

fn readiness(site: &Site, store: &Store) -> Result<Readiness, Refusal> {
    let now = site.now();
    let sources = store.sources()?;
    let last_reading = sources.iter().filter_map(|source| source.last_at).max();
    let mut problems = Vec::new();
    match last_reading {
        None => problems.push("no source has been asked yet".to_string()),
        Some(last) if now.duration_since(last) > patience(site, now) => {
            problems.push(format!(
                "expected a source to be asked since, found none after {last}"
            ));
        }
        Some(_) => {}
    }
    Ok(Readiness {
        ready: problems.is_empty(),
        problems,
        last_reading,
        sources: sources.len(),
        broken: sources
            .iter()
            .filter(|source| source.broken_since.is_some())
            .count(),
    })
}

/// How long nothing may be asked: twice until the source that is asked most often is due again, and not too short.
fn patience(site: &Site, now: Timestamp) -> SignedDuration {
    let asked = site.means.probes.iter().filter(|(_, is_asked)| *is_asked);
    let next = asked.filter_map(|(probe, _)| probe.schedule.next_after(now));
    let shortest = next.map(|next| next.duration_since(now)).min();
    shortest.map_or(STALE, |shortest| shortest.saturating_mul(2).max(STALE))
}
