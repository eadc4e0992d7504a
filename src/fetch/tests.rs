//! Fetches over loopback sockets: a small server sends raw bytes, so that every way to break off can be played.

#[path = "../../tests/support/aws.rs"]
mod aws;
mod aws_keys;
mod aws_machine;
mod azure;
mod body;
mod broken;
mod checks;
mod google;
mod oci;
#[path = "../../tests/support/paced.rs"]
pub mod paced;
mod polite;
mod proxies;
mod redirects;
mod rewriting;
#[path = "../../tests/support/rsa.rs"]
pub mod rsa;
mod secure;
mod server;
mod sigv4;

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::*;
use crate::config::{Deadlines, Http};

const AT: Timestamp = Timestamp::UNIX_EPOCH;

/// Settings that let tests run at full speed.
fn settings() -> Http {
    Http {
        per_host_pace: SignedDuration::ZERO,
        per_host_concurrency: 8,
        ..Http::default()
    }
}

/// Settings under which one phase soon passes its deadline.
fn hurried(change: impl FnOnce(&mut Deadlines)) -> Http {
    let mut settings = settings();
    change(&mut settings.deadlines);
    settings
}

const SOON: SignedDuration = SignedDuration::from_millis(80);

fn get(url: &str) -> Request {
    Request::get(Url::parse(url).unwrap())
}

async fn fetch_with(settings: &Http, request: &Request) -> Fetched {
    Client::new(settings).unwrap().fetch(request, AT).await
}

async fn fetch(request: &Request) -> Fetched {
    fetch_with(&settings(), request).await
}

/// The body, or the failure as people read it.
fn told(answer: &Answer) -> String {
    match answer {
        Answer::Body(body) => String::from_utf8_lossy(&body.bytes).into_owned(),
        Answer::NotModified => "not modified".into(),
        Answer::Failed(failure) => failure.to_string(),
    }
}

/// The kind of the failure.
fn word(fetched: &Fetched) -> &str {
    assert_eq!(
        matches!(fetched.answer, Answer::Failed(_)),
        !matches!(fetched.sample.outcome.as_str(), "ok" | "not_modified")
    );
    &fetched.sample.outcome
}

/// Settings under which these originals are asked at the server.
fn rewritten(server: &server::Server, originals: &[&str]) -> Http {
    let rewrite = originals.iter().map(|from| crate::config::Rewrite {
        from: (*from).into(),
        to: server.url(""),
    });
    Http {
        rewrite: rewrite.collect(),
        ..settings()
    }
}
