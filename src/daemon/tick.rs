//! What happens at a moment: ordinary functions that a timer calls.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::ask::{Last, ask};
use super::pipeline::{Answer, Arrival, Taken, take_hashed};
use super::reading::Target;
use super::watch::{Remembered, Watched};
use super::writer::{Gone, Writer};
use crate::alerting::Policy;
use crate::config::Retention;
use crate::detect;
use crate::fetch::{self, Client, Credentials, Validators};
use crate::market::{ChangeKind, Failure, Phases, Sample, SourceId};
use crate::store::{self, Disagreements, Pruned, Rests, Sources, Store, Unchanged};

/// A clock that is set back by no more is not worth a word.
const TOLD_LAG: SignedDuration = SignedDuration::from_secs(5);

/// What asking a source came to.
#[derive(Debug, Clone)]
pub struct Asked {
    /// When.
    pub at: Timestamp,
    /// What became of the answer; an error of our own store otherwise.
    pub taken: Result<Taken, String>,
    /// Whether the host was reached at all.
    pub reached: bool,
}

/// What asking sources needs.
#[derive(Debug, Clone)]
pub struct Means {
    /// The one HTTP client.
    pub client: Arc<Client>,
    /// What requests are authorised with.
    pub credentials: Arc<Credentials>,
    /// The one writer.
    pub writer: Writer,
    /// Whom changes are told to.
    pub policy: Arc<Policy>,
    /// From where is measured.
    pub vantage: Arc<str>,
}

/// Asks one source and takes its answer in. `offline`: no host has been reached of late, so that not reaching this one
/// says nothing about it.
pub async fn ask_source(means: &Means, watched: &Watched, at: Timestamp, offline: bool) -> Asked {
    let fetched = fetch_source(means, watched, at).await;
    take_answer(means, watched, fetched, at, offline).await
}

/// Asks one source.
pub(super) async fn fetch_source(
    means: &Means,
    watched: &Watched,
    at: Timestamp,
) -> fetch::Fetched {
    let target = Target::new(&watched.probe, &watched.scoping);
    let last = last_answers(means, watched).await.last;
    ask(&means.client, &means.credentials, &target, last, at).await
}

/// Takes in what a source answered, as [`ask_source`] does.
pub(super) async fn take_answer(
    means: &Means,
    watched: &Watched,
    fetched: fetch::Fetched,
    at: Timestamp,
    offline: bool,
) -> Asked {
    let reached = match &fetched.answer {
        fetch::Answer::Failed(failure) => !failure.is_unreached(),
        _ => true,
    };
    if note_unchanged(means, watched, &fetched, at) {
        let changes = Vec::new();
        return Asked {
            at,
            taken: Ok(Taken::Same { changes }),
            reached,
        };
    }
    take_fetched(means, watched, fetched, at, offline && !reached, reached).await
}

/// Notes an answer that shows nothing new of a source at rest, to be written together with others. `false`: it is to be taken in
/// as any other.
fn note_unchanged(
    means: &Means,
    watched: &Watched,
    fetched: &fetch::Fetched,
    at: Timestamp,
) -> bool {
    // what holds from a day on may hold now
    if watched.probe.reader.is_dated() {
        return false;
    }
    let Some(before) = watched.memory.get().filter(|before| before.at_rest) else {
        return false;
    };
    let outcome = match &fetched.answer {
        fetch::Answer::NotModified => "not_modified",
        fetch::Answer::Body(body) if Some(body.hash) == before.last.body => "same",
        _ => return false,
    };
    let Some(body) = before.last.body else {
        return false;
    };
    let at = after(before.at, at, &watched.source);
    let noted = means.writer.note(Unchanged {
        source: watched.source.clone(),
        at,
        outcome,
        body,
        sample: fetched.sample.clone(),
        vantage: Arc::clone(&means.vantage),
    });
    if noted.is_ok() {
        let at = Some(at);
        watched.memory.set(Some(Remembered { at, ..before }));
    }
    noted.is_ok()
}

/// The clock may have been set back: what comes later is taken as later.
fn after(last: Option<Timestamp>, at: Timestamp, source: &SourceId) -> Timestamp {
    let Some(last) = last.filter(|last| *last >= at) else {
        return at;
    };
    if last.duration_since(at) > TOLD_LAG {
        tracing::warn!(%source, "the clock was set back: its last reading is of {last}");
    }
    last.checked_add(SignedDuration::from_millis(1))
        .unwrap_or(last)
}

/// What is remembered of a source's last answers, or else what the store says.
async fn last_answers(means: &Means, watched: &Watched) -> Remembered {
    if let Some(remembered) = watched.memory.get() {
        return remembered;
    }
    let (source, memory) = (watched.source.clone(), watched.memory.clone());
    let read = means.writer.run(move |store| {
        let remembered = remembered(store, &source)?;
        memory.set(Some(remembered.clone()));
        Ok(remembered)
    });
    read.await.unwrap_or_default()
}

fn remembered(store: &Store, source: &SourceId) -> Result<Remembered, store::Error> {
    let Some(row) = store.source(source)? else {
        return Ok(Remembered::default());
    };
    Ok(Remembered {
        last: Last {
            validators: useful(Validators {
                etag: row.etag,
                last_modified: row.last_modified,
            }),
            body: row.accepted_body,
        },
        at: row.record.last_at,
        at_rest: false,
    })
}

fn useful(validators: Validators) -> Option<Validators> {
    let is_useful = validators.etag.is_some() || validators.last_modified.is_some();
    is_useful.then_some(validators)
}

/// What is to be remembered once an answer is taken in; `None` where the store is to be asked again.
fn remembering(
    before: Remembered,
    answer: &fetch::Answer,
    taken: &Taken,
    at: Timestamp,
) -> Option<Remembered> {
    let at = Some(at);
    match (taken, answer) {
        (Taken::Same { .. }, _) => Some(Remembered { at, ..before }),
        (Taken::Read { .. } | Taken::Baseline { .. }, fetch::Answer::Body(body)) => {
            let last = Last {
                validators: useful(body.validators.clone()),
                body: Some(body.hash),
            };
            Some(Remembered {
                last,
                at,
                at_rest: false,
            })
        }
        _ => None,
    }
}

async fn take_fetched(
    means: &Means,
    watched: &Watched,
    fetched: fetch::Fetched,
    at: Timestamp,
    inconclusive: bool,
    reached: bool,
) -> Asked {
    let (probe, scoping) = (Arc::clone(&watched.probe), watched.scoping.clone());
    let (policy, vantage) = (Arc::clone(&means.policy), Arc::clone(&means.vantage));
    let memory = watched.memory.clone();
    let taken = means
        .writer
        .run(move |store| {
            let target = Target::new(&probe, &scoping);
            let before = match memory.get() {
                Some(before) => before,
                None => remembered(store, &target.source)?,
            };
            let at = after(before.at, at, &target.source);
            let answer = match &fetched.answer {
                fetch::Answer::Body(body) => answer_of(body),
                fetch::Answer::NotModified => Answer::NotModified,
                fetch::Answer::Failed(failure) => Answer::Failed(failure.clone()),
            };
            let arrival = Arrival {
                at,
                answer,
                sample: Some(&fetched.sample),
                vantage: &vantage,
                imported: false,
                inconclusive,
            };
            memory.set(None);
            let hash = match &fetched.answer {
                fetch::Answer::Body(body) => Some(body.hash),
                _ => None,
            };
            let taken = take_hashed(store, &target, &arrival, &policy, hash)?;
            let mut now = remembering(before, &fetched.answer, &taken, at);
            if let (Some(now), Taken::Same { .. }) = (&mut now, &taken) {
                let (source, fingerprint) = (&target.source, probe.fingerprint);
                now.at_rest = store.is_at_rest(source, fingerprint).unwrap_or(false);
            }
            memory.set(now);
            Ok(taken)
        })
        .await;
    Asked {
        at,
        taken: taken.map_err(|error| error.to_string()),
        reached,
    }
}

fn answer_of(body: &fetch::Body) -> Answer<'_> {
    let content_type = body.content_type.as_deref();
    let etag = body.validators.etag.as_deref();
    let last_modified = body.validators.last_modified.as_deref();
    match &body.packed {
        Some(packed) => Answer::Packed {
            body: packed,
            content_type,
            etag,
            last_modified,
        },
        None => Answer::Body {
            bytes: &body.bytes,
            content_type,
            etag,
            last_modified,
        },
    }
}

/// A source whose task panicked: recorded as a failure of that source.
pub async fn note_panic(means: &Means, watched: &Watched, at: Timestamp) -> Asked {
    let failure = Failure::Internal {
        detail: "the probe's task panicked".to_string(),
    };
    let sample = Sample {
        at,
        host: String::new(),
        phases: Phases::default(),
        outcome: failure.word().to_string(),
        status: None,
        bytes: 0,
        clock_ahead: None,
    };
    let fetched = fetch::Fetched {
        answer: fetch::Answer::Failed(failure),
        sample,
    };
    take_fetched(means, watched, fetched, at, false, true).await
}

/// How long sources must differ before that is said.
const DISAGREE_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Says, once each, where a lower authority has differed from a higher one for long. Gives how many were new.
pub async fn tell_disagreements(
    means: &Means,
    watch: &[Watched],
    now: Timestamp,
) -> Result<u32, Gone> {
    let probes: Vec<Watched> = watch.to_vec();
    let policy = Arc::clone(&means.policy);
    means
        .writer
        .run(move |store| {
            let before = now.checked_sub(DISAGREE_FOR).unwrap_or(Timestamp::MIN);
            let mut told = 0;
            for found in store.disagreements(before)? {
                let Some(watched) = probes.iter().find(|watched| watched.source == found.lower)
                else {
                    continue;
                };
                let target = Target::new(&watched.probe, &watched.scoping);
                let story = detect::Story {
                    cause: format!(
                        "disagreement {} {} {}",
                        found.subject.provider, found.subject.native_id, found.attribute
                    ),
                    subject: found.subject.clone(),
                    kind: ChangeKind::SourcesDisagree,
                    attribute: Some(found.attribute.clone()),
                    old: Some(found.against.clone()),
                    new: Some(found.says.clone()),
                    new_raw: Some(
                        format!("{} says so, {} otherwise", found.lower, found.higher).into(),
                    ),
                    true_from: None,
                    documented: false,
                };
                let is_new = store.transaction(|transaction| {
                    super::pipeline::tell(transaction, &target, story, found.since, now, &policy)
                })?;
                told += u32::from(is_new);
            }
            Ok(told)
        })
        .await
}

/// Parts that are thrown away in one go: what is left waits for the next turn of the loop.
const PARTS: u32 = 10;

/// Throws away what is older than the settings allow, in parts between which others may write. `false`: more is left.
pub async fn prune(
    writer: &Writer,
    retention: Retention,
    now: Timestamp,
) -> Result<(Pruned, bool), Gone> {
    let mut all = Pruned::default();
    for _ in 0..PARTS {
        let retention = retention.clone();
        let part = writer
            .run(move |store| store.transaction(|transaction| transaction.prune(&retention, now)))
            .await?;
        all.bodies += part.bodies;
        all.readings += part.readings;
        all.messages += part.messages;
        all.windows += part.windows;
        if part.bodies == 0 {
            return Ok((all, true));
        }
    }
    Ok((all, false))
}

/// Single samples are sealed no sooner: until then it may turn out that they say nothing.
const LATE: SignedDuration = SignedDuration::from_mins(20);

/// Rolls up all samples that are in the journal, and seals those of hours that are over for a while, in parts between which others may
/// write.
pub async fn roll_up(writer: &Writer, now: Timestamp) -> Result<(), Gone> {
    let roll_up = || writer.run(|store| store.transaction(|transaction| transaction.roll_up()));
    while roll_up().await? > 0 {}
    let settled = now.checked_sub(LATE).unwrap_or(now);
    let seal =
        || writer.run(move |store| store.transaction(|transaction| transaction.seal(settled)));
    while seal().await? > 0 {}
    Ok(())
}

/// What a person reads of a taken answer.
pub fn in_words(taken: &Result<Taken, String>) -> String {
    match taken {
        Ok(Taken::Baseline { items }) => format!("first reading: {items} items"),
        Ok(Taken::Read { changes, suspects }) if suspects.is_empty() => match changes.len() {
            0 => "read, nothing changed for certain".to_string(),
            1 => "read, 1 change".to_string(),
            n => format!("read, {n} changes"),
        },
        Ok(Taken::Read { .. }) => {
            "read, but too much differs at once: held until the next reading".to_string()
        }
        Ok(Taken::Same { changes }) if changes.is_empty() => "unchanged".to_string(),
        Ok(Taken::Same { changes }) => format!("unchanged, {} confirmed", changes.len()),
        Ok(Taken::Failed(failure)) => failure.to_string(),
        Ok(Taken::Older { last }) => format!("older than its last reading of {last}: not taken"),
        Ok(Taken::Known) => "known already".to_string(),
        Err(error) => format!("not kept: {error}"),
    }
}
