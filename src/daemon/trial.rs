//! Tries a source: asks it and reads its answer as the daemon does, and keeps nothing of it.

use std::sync::Arc;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

use super::ask::{Last, ask};
use super::reading::{Raw, Target, read_raw};
use crate::config::{Probe, Scoping};
use crate::fetch::{Answer, Body, Client, Credentials};
use crate::market::{Failure, Reading, Settled};

/// What trying a source came to.
#[derive(Debug)]
pub struct Trial {
    /// What its answer says, or why there is none.
    pub read: Result<Reading, Failure>,
    /// The HTTP status of the first answer, if there was one.
    pub status: Option<u16>,
    /// How far our clock was ahead of the host's, if it told its time.
    pub clock_ahead: Option<SignedDuration>,
    /// From asking to having read, with the time spent waiting for a turn at the host.
    pub took: SignedDuration,
}

/// Asks a source for its whole answer and reads it, as if it had never been asked before. `at` is now.
pub async fn try_source(
    client: &Client,
    credentials: &Credentials,
    probe: &Arc<Probe>,
    scoping: &Scoping,
    at: Timestamp,
) -> Trial {
    let begun = Instant::now();
    let (target, last) = (Target::new(probe, scoping), Last::default());
    let fetched = ask(client, credentials, &target, last, at).await;
    let read = match fetched.answer {
        Answer::Body(body) => {
            let (probe, scoping) = (Arc::clone(probe), scoping.clone());
            // a large body takes its time, in which other answers must not be thought late
            let reading = tokio::task::spawn_blocking(move || {
                read(&Target::new(&probe, &scoping), &body, at)
            });
            reading.await.unwrap_or_else(|error| {
                Err(Failure::Internal {
                    detail: error.to_string(),
                })
            })
        }
        Answer::NotModified => Err(Failure::Protocol {
            detail: "304 to a request that named no version".to_string(),
        }),
        Answer::Failed(failure) => Err(failure),
    };
    Trial {
        read,
        status: fetched.sample.status,
        clock_ahead: fetched.sample.clock_ahead,
        took: SignedDuration::try_from(begun.elapsed()).unwrap_or(SignedDuration::MAX),
    }
}

fn read(target: &Target<'_>, body: &Body, at: Timestamp) -> Result<Reading, Failure> {
    let raw = match &body.packed {
        Some(packed) => Raw::Packed(packed),
        None => Raw::Plain(&body.bytes),
    };
    let content_type = body.content_type.as_deref();
    let mut reading = read_raw(target, raw, content_type, &Settled::new())?;
    reading.as_of(at);
    let (found, expected) = (reading.entries.len() as u64, target.probe.rules.min_items);
    match found < expected {
        true => Err(Failure::TooFewItems { expected, found }),
        false => Ok(reading),
    }
}
