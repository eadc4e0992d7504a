//! One answer of one source: read, compare, decide, and write everything in one transaction. The timer of the daemon,
//! `import`, `probe test` and the tests all drive this one way.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::launches::LaunchesTold;
use super::raise::{Raising, hasten};
use super::reading::{Raw, Target, read_raw, still_to_come};
use super::standing::{Beside, Judging};
use crate::alerting::{Policy, masses};
use crate::detect::{self, Outcome, Seen, Suspect};
use crate::market::{
    BodyHash, Called, Change, ChangeKind, Content, DetectionState, Failure, Hash, Packed,
    PendingKey, Reading, RecordedChange, Sample, Settled, Standing, StateEdit,
};
use crate::store::{
    self, Accepted, Bodies, Changes, Claims, Kept, ReadingRow, Readings, SourceRow, Sources,
    States, Store, Transaction,
};

/// After so many failures in a row the probe itself is reported.
pub const BROKEN_AFTER: u32 = 3;

/// What a source answered.
#[derive(Debug, Clone)]
pub enum Answer<'a> {
    /// A body.
    Body {
        /// Decompressed.
        bytes: &'a [u8],
        /// Its `Content-Type`.
        content_type: Option<&'a str>,
        /// Its `ETag`.
        etag: Option<&'a str>,
        /// Its `Last-Modified`.
        last_modified: Option<&'a str>,
    },
    /// A large body.
    Packed {
        /// Decompressed by its host's way of sending, and packed by ours.
        body: &'a Packed,
        /// Its `Content-Type`.
        content_type: Option<&'a str>,
        /// Its `ETag`.
        etag: Option<&'a str>,
        /// Its `Last-Modified`.
        last_modified: Option<&'a str>,
    },
    /// The server says that nothing has changed since the last good body.
    NotModified,
    /// No body.
    Failed(Failure),
}

/// An answer with its circumstances.
#[derive(Debug, Clone)]
pub struct Arrival<'a> {
    /// When it came.
    pub at: Timestamp,
    /// What it was.
    pub answer: Answer<'a>,
    /// What was measured; `None` for an imported body.
    pub sample: Option<&'a Sample>,
    /// From where it was measured.
    pub vantage: &'a str,
    /// Whether it is history: recorded, and told to nobody.
    pub imported: bool,
    /// Whether a failure says nothing about the source, since no host was reached: it is kept, and marks nothing broken.
    pub inconclusive: bool,
}

/// What became of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Taken {
    /// The first accepted reading of the source.
    Baseline {
        /// Items in it.
        items: u64,
    },
    /// A good reading, with the changes that it recorded.
    Read {
        /// What was recorded.
        changes: Vec<RecordedChange>,
        /// What was held.
        suspects: Vec<Suspect>,
    },
    /// Equal to the last good reading, with the changes that it confirmed.
    Same {
        /// What was recorded.
        changes: Vec<RecordedChange>,
    },
    /// No reading.
    Failed(Failure),
    /// Older than the source's last reading: time runs forward.
    Older {
        /// The source's last reading.
        last: Timestamp,
    },
    /// This very reading is kept already.
    Known,
}

impl Taken {
    /// The changes that were recorded.
    pub fn changes(&self) -> &[RecordedChange] {
        match self {
            Self::Read { changes, .. } | Self::Same { changes } => changes,
            _ => &[],
        }
    }
}

/// Takes an answer in: everything that follows from it is written, or nothing.
pub fn take(
    store: &mut Store,
    target: &Target<'_>,
    arrival: &Arrival<'_>,
    policy: &Policy,
) -> Result<Taken, store::Error> {
    take_hashed(store, target, arrival, policy, None)
}

/// As [`take`], of a body whose hash is known.
pub fn take_hashed(
    store: &mut Store,
    target: &Target<'_>,
    arrival: &Arrival<'_>,
    policy: &Policy,
    hash: Option<BodyHash>,
) -> Result<Taken, store::Error> {
    store.transaction(|transaction| take_any(transaction, target, arrival, policy, None, hash))
}

/// As [`take`], within a transaction of the caller's.
pub fn take_in(
    transaction: &Transaction<'_>,
    target: &Target<'_>,
    arrival: &Arrival<'_>,
    policy: &Policy,
) -> Result<Taken, store::Error> {
    take_kept(transaction, target, arrival, policy, None)
}

/// As [`take_in`]; `kept` is the row of a fetch that is taken in once more: it is corrected, not written again.
pub fn take_kept(
    transaction: &Transaction<'_>,
    target: &Target<'_>,
    arrival: &Arrival<'_>,
    policy: &Policy,
    kept: Option<i64>,
) -> Result<Taken, store::Error> {
    take_any(transaction, target, arrival, policy, kept, None)
}

fn take_any(
    transaction: &Transaction<'_>,
    target: &Target<'_>,
    arrival: &Arrival<'_>,
    policy: &Policy,
    kept: Option<i64>,
    hash: Option<BodyHash>,
) -> Result<Taken, store::Error> {
    let hash_of = |raw: Raw<'_>| hash.unwrap_or_else(|| raw.hash());
    let probe = target.probe;
    let row = transaction.enter_source(
        &target.source,
        &probe.provider,
        probe.authority,
        &target.url(),
    )?;
    if let Some(last) = row.record.last_at.filter(|last| arrival.at <= *last) {
        let known = match &arrival.answer {
            Answer::Failed(_) => transaction.knows_reading(&row, arrival.at, None)?,
            answer => match answer.raw() {
                Some(raw) => transaction.knows_reading(&row, arrival.at, Some(hash_of(raw)))?,
                None => false,
            },
        };
        return Ok(if known {
            Taken::Known
        } else {
            Taken::Older { last }
        });
    }
    let taking = Taking {
        transaction,
        target,
        arrival,
        policy,
        row,
        kept,
    };
    match &arrival.answer {
        Answer::Failed(failure) => taking.fail(failure.clone(), None),
        Answer::NotModified => match taking.row.accepted_body {
            Some(body) => taking.repeat(body, 0, "not_modified"),
            None => taking.fail(
                Failure::Protocol {
                    detail: "304 to a request that named no version".to_string(),
                },
                None,
            ),
        },
        Answer::Body {
            content_type,
            etag,
            last_modified,
            ..
        }
        | Answer::Packed {
            content_type,
            etag,
            last_modified,
            ..
        } => {
            let raw = arrival.answer.raw().unwrap_or(Raw::Plain(b""));
            taking.arrive(Text {
                raw,
                hash: hash_of(raw),
                content_type: *content_type,
                etag: *etag,
                last_modified: *last_modified,
                is_baseline: false,
            })
        }
    }
}

impl<'a> Answer<'a> {
    /// A body that is kept or saved.
    pub fn of(body: &'a Kept, content_type: Option<&'a str>) -> Self {
        let (etag, last_modified) = (None, None);
        match body {
            Kept::Plain(bytes) => Self::Body {
                bytes,
                content_type,
                etag,
                last_modified,
            },
            Kept::Packed(body) => Self::Packed {
                body,
                content_type,
                etag,
                last_modified,
            },
        }
    }
}

impl Answer<'_> {
    fn raw(&self) -> Option<Raw<'_>> {
        match self {
            Self::Body { bytes, .. } => Some(Raw::Plain(bytes)),
            Self::Packed { body, .. } => Some(Raw::Packed(body)),
            Self::NotModified | Self::Failed(_) => None,
        }
    }
}

/// A body on its way in.
#[derive(Clone, Copy)]
struct Text<'a> {
    raw: Raw<'a>,
    hash: BodyHash,
    content_type: Option<&'a str>,
    etag: Option<&'a str>,
    last_modified: Option<&'a str>,
    /// Nothing comparable was accepted before it.
    is_baseline: bool,
}

/// A recorded change, and who is to hear of it.
type Raised<'a> = (Raising<'a>, RecordedChange);

struct Taking<'a> {
    transaction: &'a Transaction<'a>,
    target: &'a Target<'a>,
    arrival: &'a Arrival<'a>,
    policy: &'a Policy,
    row: SourceRow,
    /// The row of this fetch, if it is kept already.
    kept: Option<i64>,
}

impl Taking<'_> {
    fn judged(&self) -> detect::Source<'_> {
        let probe = self.target.probe;
        detect::Source {
            id: &self.target.source,
            provider: &probe.provider,
            authority: probe.authority,
            lists: probe.lists,
            rules: &probe.rules,
        }
    }

    fn seen(&self, body: BodyHash) -> Seen {
        Seen {
            at: self.arrival.at,
            body,
            previous: self.row.accepted_body,
        }
    }

    /// A body that has come: the one that was accepted last, or another.
    fn arrive(self, text: Text<'_>) -> Result<Taken, store::Error> {
        let unchanged_mapping = self.row.fingerprint == Some(self.target.probe.fingerprint);
        if self.row.accepted_body == Some(text.hash) && unchanged_mapping {
            return self.repeat(text.hash, text.raw.size(), "same");
        }
        let is_baseline = self.row.record.baseline_at.is_none();
        self.read(Text {
            is_baseline,
            ..text
        })
    }

    fn read(self, text: Text<'_>) -> Result<Taken, store::Error> {
        let probe = self.target.probe;
        if self.row.accepted_body.is_some() && self.row.fingerprint != Some(probe.fingerprint) {
            let readable = self.read_baseline_anew()?;
            let row = self.transaction.source(&self.target.source)?;
            let row = row.ok_or_else(|| {
                store::Error::Damaged(format!("the source {}", self.target.source))
            })?;
            return Taking { row, ..self }.compare(&Text {
                is_baseline: !readable,
                ..text
            });
        }
        self.compare(&text)
    }

    /// The reader or its mapping has changed: the last good body is read again, and what it says now is what is accepted.
    /// `false` if it can no longer be read: then the next body that can be read is a baseline, and until then all stays.
    fn read_baseline_anew(&self) -> Result<bool, store::Error> {
        let Some(accepted_body) = self.row.accepted_body else {
            return Ok(false);
        };
        let at = self.row.record.accepted_at.unwrap_or(self.arrival.at);
        let all = self.transaction.all_accepted(&self.row)?;
        let state = self.transaction.state(&self.row)?;
        let kept = self.transaction.kept(accepted_body)?;
        let content_type = self.row.content_type.as_deref();
        let reading = kept.and_then(|kept| {
            read_raw(self.target, Raw::from(&kept), content_type, &Settled::new()).ok()
        });
        let Some(mut reading) = reading else {
            return Ok(false);
        };
        reading.as_of(at);
        let edits = detect::rebase(&all, &state.pending, reading);
        // until now the old reader was believed: the past stays as it was told
        let now = self.arrival.at;
        self.transaction
            .edit_state(&self.row, self.target.probe.lists, state, edits, now)?;
        Ok(true)
    }

    fn compare(self, text: &Text<'_>) -> Result<Taken, store::Error> {
        let Text {
            raw,
            hash: body,
            content_type,
            etag,
            last_modified,
            is_baseline,
        } = *text;
        let probe = self.target.probe;
        let mut state = self.transaction.state(&self.row)?;
        let settled: Settled = state
            .index
            .iter()
            .filter_map(|(key, print)| print.map(|print| (*key, print)))
            .collect();
        let mut reading = match read_raw(self.target, raw, content_type, &settled) {
            Ok(reading) => reading,
            Err(failure) => return self.fail(failure, Some(body)),
        };
        drop(settled);
        reading.as_of(self.arrival.at);
        let items = reading.entries.len() as u64;
        if items < probe.rules.min_items {
            return self.fail(
                Failure::TooFewItems {
                    expected: probe.rules.min_items,
                    found: items,
                },
                Some(body),
            );
        }
        if let Some(found) = self.lacks_at_first(raw, content_type) {
            let expected = "an answer for each item of the index".to_string();
            return self.fail(Failure::Unreadable { expected, found }, Some(body));
        }
        let unexpected = unexpected_lines(&reading);
        match raw {
            Raw::Plain(bytes) => {
                let base = self.row.accepted_body;
                self.transaction
                    .keep_body(body, bytes, content_type, base, self.arrival.at)?;
            }
            Raw::Packed(packed) => {
                let at = self.arrival.at;
                self.transaction.keep_packed(packed, content_type, at)?;
            }
        }
        let (suspects, changes) = if is_baseline {
            (Vec::new(), self.begin(reading, state, body)?)
        } else {
            let outcome = self.judge(reading, &mut state, body)?;
            let suspects = outcome.suspects.clone();
            (suspects, self.write(outcome, state, body)?)
        };
        self.transaction.accept_reading(
            &self.row,
            &Accepted {
                at: self.arrival.at,
                body,
                fingerprint: probe.fingerprint,
                content_type,
                etag,
                last_modified,
                covered_stages: probe.stages.covered(),
                items,
                unexpected,
            },
        )?;
        self.keep("ok", None, Some(body), raw.size())?;
        Ok(if is_baseline {
            Taken::Baseline { items }
        } else {
            Taken::Read { changes, suspects }
        })
    }

    /// What a first reading lacks that a later one would have: it would then be told as news, though it was there all along. Where
    /// it fails for long the source is read without it.
    fn lacks_at_first(&self, raw: Raw<'_>, content_type: Option<&str>) -> Option<String> {
        let record = &self.row.record;
        let may_wait = record.baseline_at.is_none()
            && !self.arrival.imported
            && record.failures + 1 < BROKEN_AFTER;
        may_wait.then(|| still_to_come(raw, content_type)).flatten()
    }

    /// Accepts the first reading of a source, or the first that can be compared with those to come.
    fn begin(
        &self,
        reading: Reading,
        state: DetectionState,
        body: BodyHash,
    ) -> Result<Vec<RecordedChange>, store::Error> {
        let pending: Vec<PendingKey> = state.pending.keys().cloned().collect();
        let drops = pending.into_iter().map(StateEdit::Drop);
        let all = self.transaction.all_accepted(&self.row)?;
        let none = Outcome::default();
        if all.is_empty() {
            let edits = drops.chain(detect::baseline(reading));
            self.write_edits(&none, &BTreeSet::new(), edits, state, body)
        } else {
            let edits = drops.chain(detect::rebase(&all, &HashMap::new(), reading));
            self.write_edits(&none, &BTreeSet::new(), edits, state, body)
        }
    }

    /// What a reading leads to. The reading is let go of: what of it is to be kept stands in the outcome.
    fn judge(
        &self,
        reading: Reading,
        state: &mut DetectionState,
        body: BodyHash,
    ) -> Result<Outcome, store::Error> {
        let touched = detect::touched(state, &reading);
        let added: Vec<_> = reading
            .entries
            .iter()
            .filter(|entry| {
                entry.content != Content::Settled && !state.index.contains_key(&entry.key)
            })
            .map(|entry| entry.key)
            .collect();
        self.transaction
            .load_touched(&self.row, state, &touched, &added)?;
        let outcome = detect::compare(&self.judged(), state, &reading, &self.seen(body));
        state.accepted = HashMap::new();
        Ok(outcome)
    }

    /// Whether the body may say something else than when it was last read, since a day that it names may have come.
    fn is_another_day(&self) -> bool {
        let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
        let last = self.row.record.accepted_at.map(day);
        self.target.probe.reader.is_dated() && last != Some(day(self.arrival.at))
    }

    fn repeat(self, body: BodyHash, bytes: u64, outcome_word: &str) -> Result<Taken, store::Error> {
        let pending = self.transaction.has_pending(&self.row)?;
        // a partial or unclear reading confirms only what it states: it must be looked at again; what it says nothing of is noted
        // as unexpected
        let partial = !self.target.probe.complete || self.row.record.unexpected.is_some();
        let other_mapping = self.row.fingerprint != Some(self.target.probe.fingerprint);
        if (other_mapping || self.is_another_day() || (partial && pending))
            && let Some(kept) = self.transaction.kept(body)?
        {
            return self.read_again(Raw::from(&kept), body);
        }
        let mut changes = Vec::new();
        let broken = self.row.record.broken_since.is_some();
        if pending || broken {
            let mut state = self.transaction.state(&self.row)?;
            let touched = detect::touched_by_pending(&state);
            let added: Vec<_> = state
                .pending
                .keys()
                .map(|key| key.subject)
                .filter(|key| !state.index.contains_key(key))
                .collect();
            self.transaction
                .load_touched(&self.row, &mut state, &touched, &added)?;
            let outcome = detect::repeat(&self.judged(), &state, &self.seen(body));
            changes = self.write(outcome, state, body)?;
        }
        self.transaction
            .accept_repeat(&self.row, self.arrival.at, outcome_word)?;
        self.keep(outcome_word, None, Some(body), bytes)?;
        Ok(Taken::Same { changes })
    }

    /// Reads the kept body as if it had been sent once more.
    fn read_again(self, kept: Raw<'_>, hash: BodyHash) -> Result<Taken, store::Error> {
        let (content_type, etag) = (self.row.content_type.clone(), self.row.etag.clone());
        let last_modified = self.row.last_modified.clone();
        self.read(Text {
            raw: kept,
            hash,
            content_type: content_type.as_deref(),
            etag: etag.as_deref(),
            last_modified: last_modified.as_deref(),
            is_baseline: false,
        })
    }

    fn fail(self, failure: Failure, body: Option<BodyHash>) -> Result<Taken, store::Error> {
        let detail = failure.to_string();
        let word = failure.word().to_string();
        let word = word.as_str();
        self.transaction.fail_reading(
            &self.row,
            self.arrival.at,
            word,
            &detail,
            failure.retry_after(),
        )?;
        let conclusive = !self.arrival.inconclusive;
        let is_reported = self.row.record.broken_since.is_some();
        let before = BROKEN_AFTER - 1;
        // where nothing was ever answered, there may be nothing to ask
        let absent = self.row.record.baseline_at.is_none()
            && self
                .target
                .probe
                .absent_when
                .iter()
                .any(|absent| absent.is(&failure));
        if conclusive
            && !absent
            && !is_reported
            && self
                .transaction
                .failures_before(&self.row, self.arrival.at, before)?
                >= before
        {
            self.transaction.mark_broken(&self.row, self.arrival.at)?;
            let said = format!("{BROKEN_AFTER} failures in a row; the last: {detail}");
            let seen = self.seen(Hash::of(b""));
            let change =
                detect::about_source(&self.judged(), ChangeKind::ProbeBroken, &said, &seen);
            self.record(change)?;
        }
        let word = if conclusive { word } else { "inconclusive" };
        self.keep(word, Some(&detail), body, 0)?;
        Ok(Taken::Failed(failure))
    }

    /// Records the changes of an outcome, then makes its edits.
    fn write(
        &self,
        mut outcome: Outcome,
        state: DetectionState,
        body: BodyHash,
    ) -> Result<Vec<RecordedChange>, store::Error> {
        let edits = std::mem::take(&mut outcome.edits);
        let named = detect::named_by_incidents(&edits, &outcome.changes);
        self.mark_editorial(&mut outcome.changes, &state)?;
        self.write_edits(&outcome, &named, edits, state, body)
    }

    /// Records the changes of an outcome, then makes these edits: changes ask what was believed before.
    fn write_edits(
        &self,
        outcome: &Outcome,
        named: &BTreeSet<String>,
        edits: impl IntoIterator<Item = StateEdit>,
        state: DetectionState,
        body: BodyHash,
    ) -> Result<Vec<RecordedChange>, store::Error> {
        let mut recorded = Vec::with_capacity(outcome.changes.len());
        let seen = self.seen(body);
        if self.row.record.broken_since.is_some() {
            let said = "readings are good again";
            let change =
                detect::about_source(&self.judged(), ChangeKind::ProbeRecovered, said, &seen);
            recorded.extend(self.record(change)?);
        }
        for suspect in &outcome.suspects {
            let said = format!(
                "{}: {} of {} offerings missing and {} of {} values changed at once; held until the next reading",
                suspect.provider,
                suspect.missing,
                suspect.subjects,
                suspect.differing,
                suspect.values
            );
            let change =
                detect::about_source(&self.judged(), ChangeKind::SourceSuspect, &said, &seen);
            recorded.extend(self.record(change)?);
        }
        let mut raised = Vec::with_capacity(outcome.changes.len());
        for change in &outcome.changes {
            let beside = Beside {
                changes: &outcome.changes,
                named,
            };
            raised.extend(self.record_beside(change.clone(), beside)?);
        }
        recorded.extend(self.tell(raised)?);
        self.transaction.edit_state(
            &self.row,
            self.target.probe.lists,
            state,
            edits,
            self.arrival.at,
        )?;
        Ok(recorded)
    }

    /// Records one change that stands alone.
    fn record(&self, change: Change) -> Result<Option<RecordedChange>, store::Error> {
        let raised = self.record_beside(change, Beside::NOTHING)?;
        Ok(self.tell(raised.into_iter().collect())?.pop())
    }

    /// Raises an alert of each change that somebody must hear of. They are those of one reading, which may be a mass.
    fn tell(&self, raised: Vec<Raised<'_>>) -> Result<Vec<RecordedChange>, store::Error> {
        let takes = raised.iter().flat_map(|(raising, recorded)| {
            let routes = raising.routes(recorded);
            routes.into_iter().map(|route| (route, &recorded.change))
        });
        let masses = masses(takes);
        let mut launches = LaunchesTold::default();
        for (raising, recorded) in &raised {
            raising.tell(self.transaction, recorded, &masses, &mut launches)?;
        }
        Ok(raised.into_iter().map(|(_, recorded)| recorded).collect())
    }

    /// Records one change with its standing and its group.
    fn record_beside(
        &self,
        mut change: Change,
        beside: Beside<'_>,
    ) -> Result<Option<Raised<'_>>, store::Error> {
        let transaction = self.transaction;
        let last = transaction.last_claim(&self.row, change.key, change.attribute.as_ref())?;
        let since = last
            .as_ref()
            .map(|last| last.since)
            .or(self.row.record.baseline_at);
        change.old_raw = last
            .and_then(|last| last.raw)
            .filter(|_| change.attribute.is_some())
            .map(Into::into);
        if change.new_body.is_some() && change.old_body.is_none() {
            change.old_body = transaction.body_before(&self.row, change.seen_at)?;
        }
        let since = since.unwrap_or(self.arrival.at);
        let authority = self.target.probe.authority;
        let (standing, agreeing) = Judging {
            transaction,
            source: &self.row,
            authority,
            since,
        }
        .standing(&change, beside)?;
        let imported = self.arrival.imported;
        let raising = Raising::join(transaction, self.policy, &change)?;
        let recorded = RecordedChange {
            standing,
            authority: self.target.probe.authority,
            imported,
            group: raising.group.id.clone(),
            url: self.link(&change),
            confirmed_by: agreeing.iter().map(ToString::to_string).collect(),
            called: Called::default(),
            change,
        };
        if !transaction.record_change(&self.row, &recorded)? {
            return Ok(None);
        }
        let change = &recorded.change;
        if standing == Standing::Corroboration
            && let Some(news) = transaction.news_like(change)?
        {
            transaction.confirm_change(
                &news.change.id,
                &self.target.source.to_string(),
                change.confirmed_at,
            )?;
            hasten(transaction, self.policy, &news, change.confirmed_at)?;
        }
        Ok(Some((raising, recorded)))
    }

    /// Marks what a registry's editors do, with how much of each provider they listed before.
    fn mark_editorial(
        &self,
        changes: &mut [Change],
        state: &DetectionState,
    ) -> Result<(), store::Error> {
        let mut parts = detect::Parts::new();
        for provider in detect::edited_providers(&self.judged(), changes) {
            let listed = self
                .transaction
                .listed_in_deployments(&self.row, provider)?;
            let keys = listed.into_iter();
            parts.extend(keys.map(|(deployment, count)| ((provider.clone(), deployment), count)));
        }
        detect::mark_editorial(&self.judged(), &state.totals, &parts, changes);
        Ok(())
    }

    /// Where a change can be seen: an announcement's own page, else the source's address.
    fn link(&self, change: &Change) -> String {
        let guid = change.subject.native_id.as_str();
        let is_page = change.kind == ChangeKind::Announcement && guid.starts_with("https://");
        if is_page {
            guid.to_string()
        } else {
            self.target.url()
        }
    }

    fn keep(
        &self,
        outcome: &str,
        detail: Option<&str>,
        body: Option<BodyHash>,
        bytes: u64,
    ) -> Result<(), store::Error> {
        if let Some(kept) = self.kept {
            return self.transaction.correct_reading(kept, outcome, detail);
        }
        let sample = self.arrival.sample;
        self.transaction.keep_reading(
            &self.row,
            &ReadingRow {
                at: self.arrival.at,
                outcome,
                detail,
                status: sample.and_then(|sample| sample.status),
                body,
                bytes: sample.map_or(bytes, |sample| sample.bytes),
                imported: self.arrival.imported,
                host: sample
                    .map(|sample| sample.host.as_str())
                    .filter(|host| !host.is_empty()),
                vantage: self.arrival.vantage,
                phases: sample.map(|sample| sample.phases).unwrap_or_default(),
            },
        )
    }
}

/// Records a story that no reading tells but what is kept of a source; `false` if it was told before. `since` is its
/// identity: the same story begun at the same time is one.
pub fn tell(
    transaction: &Transaction<'_>,
    target: &Target<'_>,
    story: detect::Story,
    since: Timestamp,
    now: Timestamp,
    policy: &Policy,
) -> Result<bool, store::Error> {
    let probe = target.probe;
    let row = transaction.enter_source(
        &target.source,
        &probe.provider,
        probe.authority,
        &target.url(),
    )?;
    let answer = Answer::NotModified;
    let arrival = Arrival {
        at: now,
        answer,
        sample: None,
        vantage: "",
        imported: false,
        inconclusive: false,
    };
    let taking = Taking {
        transaction,
        target,
        arrival: &arrival,
        policy,
        row,
        kept: None,
    };
    let begun = Seen {
        at: since,
        body: Hash::of(b""),
        previous: None,
    };
    let change = detect::told(&taking.judged(), story, &begun, now);
    Ok(taking.record(change)?.is_some())
}

fn unexpected_lines(reading: &Reading) -> Option<String> {
    const MOST: usize = 20;
    let lines: Vec<String> = reading
        .unexpected
        .iter()
        .take(MOST)
        .map(|note| {
            format!(
                "{}: expected {}, found {}",
                note.place, note.expected, note.found
            )
        })
        .collect();
    let more = reading.unexpected.len().saturating_sub(MOST);
    let more = (more > 0).then(|| format!("and {more} more"));
    let all: Vec<String> = lines.into_iter().chain(more).collect();
    (!all.is_empty()).then(|| all.join("\n"))
}
