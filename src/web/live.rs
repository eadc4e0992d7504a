//! Server-sent events: whoever looks at a page hears that the landscape has moved.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use serde::Serialize;
use tokio::sync::watch;

use super::refusal::Refusal;
use super::site::Site;
use crate::market::RecordedChange;
use crate::render::{one_line, title};
use crate::store::{Groups as _, Version};

/// How often the store is asked while somebody listens.
const LOOKS: Duration = Duration::from_secs(1);
/// News that one event tells of at most.
const NEWS: u32 = 200;
/// Characters of what the newest says.
const SAID: usize = 160;
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

/// How far the store has come, as a page and the stream name it.
pub(super) fn named(version: Version) -> String {
    format!("{}.{}", version.claims, version.changes)
}

/// What a listener hears: how far the store has come, and what is new since it last heard.
#[derive(Serialize)]
struct Moved {
    version: String,
    /// Causes that are new.
    n: usize,
    /// What the newest of them says.
    said: Option<String>,
}

/// One who listens, with what it has heard.
struct Heard {
    site: Arc<Site>,
    _listener: Listener,
    stopped: watch::Receiver<bool>,
    last: Option<Version>,
}

/// A stream that says how far the store has come, at once and whenever it comes further.
pub(super) fn listen(site: &Arc<Site>) -> Result<Response, Refusal> {
    let heard = Heard {
        site: Arc::clone(site),
        _listener: site.live.listener()?,
        stopped: site.live.stopped.clone(),
        last: None,
    };
    let events = stream::unfold(heard, |mut heard| async move {
        loop {
            if *heard.stopped.borrow() {
                return None;
            }
            let version = heard.site.version().ok();
            if version.is_some() && version != heard.last {
                let version = version?;
                let before = heard.last.replace(version);
                let event = moved(&heard.site, before, version).await;
                return Some((Ok::<_, Infallible>(event), heard));
            }
            tokio::select! {
                () = tokio::time::sleep(LOOKS) => {}
                _ = heard.stopped.changed() => return None,
            }
        }
    });
    Ok(Sse::new(events)
        .keep_alive(KeepAlive::default())
        .into_response())
}

async fn moved(site: &Arc<Site>, before: Option<Version>, version: Version) -> Event {
    let mut moved = Moved {
        version: named(version),
        n: 0,
        said: None,
    };
    if let Some(before) = before.filter(|before| before.changes < version.changes) {
        let asked = site.ask(move |_, store| {
            let news = store.news_after(before.changes, NEWS)?;
            let groups: BTreeSet<&str> = news.iter().map(|one| one.group.as_str()).collect();
            let last = news.last().map(|last| last.group.as_str());
            let told = news.iter().filter(|one| Some(one.group.as_str()) == last);
            let told: Vec<&RecordedChange> = told.collect();
            let said = (!told.is_empty()).then(|| one_line(&title(&told), SAID));
            Ok((groups.len(), said))
        });
        // where that fails it has moved all the same
        if let Ok((n, said)) = asked.await {
            moved.n = n;
            moved.said = said;
        }
    }
    let data = serde_json::to_string(&moved).unwrap_or_default();
    Event::default().event("moved").data(data)
}
