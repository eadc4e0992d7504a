//! Server-sent events: whoever looks at a page hears that the landscape has moved.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use tokio::sync::watch;

use super::refusal::Refusal;
use super::site::Site;
use crate::store::Version;

/// How often the store is asked while somebody listens.
const LOOKS: Duration = Duration::from_secs(1);
/// Listeners at once.
const LISTENERS: usize = 64;

/// Who listens.
pub(super) struct Live {
    stopped: watch::Receiver<bool>,
    listening: Arc<AtomicUsize>,
}

/// One who listens, counted while it lives.
struct Listener(Arc<AtomicUsize>);

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Live {
    pub fn new(stopped: watch::Receiver<bool>) -> Self {
        Self {
            stopped,
            listening: Arc::default(),
        }
    }

    fn listener(&self) -> Result<Listener, Refusal> {
        let before = self.listening.fetch_add(1, Ordering::Relaxed);
        let listener = Listener(Arc::clone(&self.listening));
        match before < LISTENERS {
            true => Ok(listener),
            false => Err(Refusal::Busy),
        }
    }
}

/// A stream that says how far the store has come, at once and whenever it comes further.
pub(super) fn listen(site: &Arc<Site>) -> Result<Response, Refusal> {
    let listener = site.live.listener()?;
    let stopped = site.live.stopped.clone();
    let begun = (Arc::clone(site), listener, stopped, None::<Version>);
    let events = stream::unfold(begun, |(site, listener, mut stopped, last)| async move {
        loop {
            if *stopped.borrow() {
                return None;
            }
            let version = site.version().ok();
            if version.is_some() && version != last {
                let version = version?;
                let event = Event::default()
                    .event("moved")
                    .data(format!("{}.{}", version.claims, version.changes));
                let next = (site, listener, stopped, Some(version));
                return Some((Ok::<_, Infallible>(event), next));
            }
            tokio::select! {
                () = tokio::time::sleep(LOOKS) => {}
                _ = stopped.changed() => return None,
            }
        }
    });
    Ok(Sse::new(events)
        .keep_alive(KeepAlive::default())
        .into_response())
}
