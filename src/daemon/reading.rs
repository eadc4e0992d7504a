//! A body of a source → what it says, as its probe declares: one answer, the pages of one, or the items of an index.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::config::{Probe, Scoping};
use crate::market::{BodyHash, Failure, Hash, Packed, Reading, Settled, SourceId};
use crate::readers::following::{FOLLOWED, Followed};
use crate::readers::{self, Body, Context};
use crate::store::Kept;

/// One source of a probe, with where its answers come from.
#[derive(Debug, Clone)]
pub struct Target<'a> {
    /// The probe.
    pub probe: &'a Probe,
    /// Its scope.
    pub scoping: &'a Scoping,
    /// Which source that is.
    pub source: SourceId,
}

impl<'a> Target<'a> {
    /// The source of a probe in one of its scopes.
    pub fn new(probe: &'a Probe, scoping: &'a Scoping) -> Self {
        let source = SourceId {
            probe: probe.id.clone(),
            scope: scoping.scope.clone(),
        };
        Self {
            probe,
            scoping,
            source,
        }
    }

    /// Its address, as the probe declares it.
    pub fn url(&self) -> String {
        self.probe.url(self.scoping, false).unwrap_or_default()
    }
}

/// A body as it came.
#[derive(Clone, Copy)]
pub(super) enum Raw<'a> {
    Plain(&'a [u8]),
    Packed(&'a Packed),
}

impl<'a> From<&'a Kept> for Raw<'a> {
    fn from(kept: &'a Kept) -> Self {
        match kept {
            Kept::Plain(bytes) => Self::Plain(bytes),
            Kept::Packed(packed) => Self::Packed(packed),
        }
    }
}

impl Raw<'_> {
    pub fn hash(&self) -> BodyHash {
        match self {
            Self::Plain(bytes) => Hash::of(bytes),
            Self::Packed(packed) => packed.hash(),
        }
    }

    pub fn size(&self) -> u64 {
        match self {
            Self::Plain(bytes) => bytes.len() as u64,
            Self::Packed(packed) => packed.size(),
        }
    }
}

/// The content type of several pages of one answer kept as one body: a JSON array of them.
pub const PAGES: &str = "application/vnd.bellwether.pages+json";

/// Reads a body as the target's probe says. A reader's panic is a failure of this one reading.
pub fn read_body(
    target: &Target<'_>,
    bytes: &[u8],
    content_type: Option<&str>,
    settled: &Settled,
) -> Result<Reading, Failure> {
    read_raw(target, Raw::Plain(bytes), content_type, settled)
}

/// As [`read_body`], of a body that is kept or saved.
pub fn read_kept(
    target: &Target<'_>,
    kept: &Kept,
    content_type: Option<&str>,
    settled: &Settled,
) -> Result<Reading, Failure> {
    read_raw(target, Raw::from(kept), content_type, settled)
}

/// As [`read_body`], of a body as it came or is kept.
pub(super) fn read_raw(
    target: &Target<'_>,
    raw: Raw<'_>,
    content_type: Option<&str>,
    settled: &Settled,
) -> Result<Reading, Failure> {
    let probe = target.probe;
    let region = probe.region(target.scoping);
    let context = Context {
        provider: &probe.provider,
        region: &region,
        stages: &probe.stages,
        item: "",
        complete: probe.complete,
        settled,
    };
    let read = || match (raw, content_type) {
        (Raw::Packed(packed), _) => probe.reader.read_packed(packed, content_type, &context),
        (Raw::Plain(bytes), Some(PAGES)) => read_pages(target, bytes, &context),
        (Raw::Plain(bytes), Some(FOLLOWED)) => read_followed(target, bytes, &context),
        (Raw::Plain(bytes), _) => probe.reader.read(
            &Body {
                bytes,
                content_type,
            },
            &context,
        ),
    };
    let mut reading = catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| {
        Err(Failure::Internal {
            detail: format!("the {} reader panicked", probe.reader.word()),
        })
    })?;
    debug_assert!(
        reading.dated.is_empty() || probe.reader.is_dated(),
        "a reader that states what holds from a day on is read again on that day"
    );
    reading.set(&probe.set);
    reading.leave_out_what_cannot_be_kept();
    Ok(reading)
}

/// The content type of a body from a file, where it is the pages of one answer: a list that is no answer by itself.
pub fn pages_in(target: &Target<'_>, bytes: &[u8]) -> Option<&'static str> {
    let may_be = target.probe.request.paging.is_some();
    let is_list = || bytes.trim_ascii_start().starts_with(b"[");
    let is_answer = || read_body(target, bytes, None, &Settled::new()).is_ok();
    (may_be && is_list() && !is_answer()).then_some(PAGES)
}

/// Pages of one answer.
fn read_pages(
    target: &Target<'_>,
    bytes: &[u8],
    context: &Context<'_>,
) -> Result<Reading, Failure> {
    let pages: Vec<&serde_json::value::RawValue> = serde_json::from_slice(bytes).map_err(broken)?;
    let read = |context: &Context<'_>| {
        let pages = pages.iter().map(|page| {
            let body = Body {
                bytes: page.get().as_bytes(),
                content_type: None,
            };
            target.probe.reader.read(&body, context)
        });
        pages.collect::<Result<Vec<Reading>, Failure>>()
    };
    let mut readings = read(context)?;
    if readers::paging::is_torn(&readings) {
        readings = read(&Context {
            settled: &Settled::new(),
            ..*context
        })?;
    }
    Ok(readers::paging::merge(readings))
}

/// The answers for the items of an index. One that is missing or cannot be read takes nothing from the others, but what is
/// absent then means nothing: of all, or of that item where it names what it is about.
fn read_followed(
    target: &Target<'_>,
    bytes: &[u8],
    context: &Context<'_>,
) -> Result<Reading, Failure> {
    let answers: Vec<Followed> = serde_json::from_slice(bytes).map_err(broken)?;
    let (mut readings, mut missing) = read_answers(target, &answers, context);
    if readers::paging::is_torn(&readings) {
        let context = Context {
            settled: &Settled::new(),
            ..*context
        };
        (readings, missing) = read_answers(target, &answers, &context);
    }
    if readings.is_empty()
        && let Some((_, failure)) = missing.pop()
    {
        return Err(failure);
    }
    let mut reading = readers::paging::merge(readings);
    if are_native_ids(target, &answers, &reading) {
        let items = missing.iter().map(|(item, _)| item.clone());
        reading.silent = items.collect();
    } else {
        reading.complete &= missing.is_empty();
    }
    for (item, failure) in missing {
        reading.note(item, "an answer that can be read", failure.to_string());
    }
    Ok(reading)
}

/// Whether the items of an index are the native ids of what their answers tell: as the probe says, and as the answers do.
fn are_native_ids(target: &Target<'_>, answers: &[Followed], reading: &Reading) -> bool {
    let follow = target.probe.request.follow.as_ref();
    let items: HashSet<&str> = answers.iter().map(|one| one.item.as_str()).collect();
    let mut ids = reading.entries.iter().map(|entry| &entry.subject.native_id);
    follow.is_some_and(|follow| follow.native_ids) && ids.all(|id| items.contains(id.as_str()))
}

/// The first item of an index that has no answer yet, though it will have one, in words; `None` of any other body.
pub(super) fn still_to_come(raw: Raw<'_>, content_type: Option<&str>) -> Option<String> {
    let (Raw::Plain(bytes), Some(FOLLOWED)) = (raw, content_type) else {
        return None;
    };
    let answers: Vec<Followed> = serde_json::from_slice(bytes).ok()?;
    let missing = answers.into_iter().find(Followed::may_come)?;
    let why = missing.failure.unwrap_or_default();
    Some(format!("{}: {why}", missing.item))
}

/// What can be read of the answers, and why the others cannot.
fn read_answers(
    target: &Target<'_>,
    answers: &[Followed],
    context: &Context<'_>,
) -> (Vec<Reading>, Vec<(String, Failure)>) {
    let mut readings = Vec::with_capacity(answers.len());
    let mut missing: Vec<(String, Failure)> = Vec::new();
    for answer in answers {
        let read = match &answer.body {
            Some(text) => target.probe.reader.read(
                &Body {
                    bytes: text.as_bytes(),
                    content_type: answer.content_type.as_deref(),
                },
                &Context {
                    item: &answer.item,
                    ..*context
                },
            ),
            None => Err(Failure::Unreadable {
                expected: "an answer".to_string(),
                found: answer.failure.clone().unwrap_or_default(),
            }),
        };
        match read {
            Ok(reading) => readings.push(reading),
            Err(failure) => missing.push((answer.item.clone(), failure)),
        }
    }
    (readings, missing)
}

fn broken(error: serde_json::Error) -> Failure {
    Failure::Internal {
        detail: format!("the kept pages: {error}"),
    }
}
