//! Messages in parts, for channels: what the mail says, and the changes as objects.

use std::collections::BTreeSet;

use super::message::View;
use crate::alerting::is_end;
use crate::market::{Change, Dispatch, DispatchKind, Known, RecordedChange, Said, Severity, Taken};

/// Changes that a message carries as objects: with some hundreds of bytes each, a tenth of a megabyte.
const CHANGES: usize = 100;

/// A message of changes of one cause, the gravest first. It resolves if all that it tells of is over, as far as it says itself.
pub(super) fn of_group(view: &View, sorted: &[&RecordedChange], touched: &[&str]) -> Dispatch {
    let of = |change: &'_ Change| (change.source.clone(), change.subject.clone());
    let changes = || sorted.iter().map(|recorded| &recorded.change);
    let over: BTreeSet<_> = changes().filter(|change| is_end(change)).map(of).collect();
    // what ends may change in other ways too
    let is_over = !over.is_empty() && changes().all(|change| over.contains(&of(change)));
    let kind = match is_over {
        true => DispatchKind::Resolve,
        false => DispatchKind::Alert,
    };
    of_view(view, kind, sorted.iter().copied(), touched.iter().copied())
}

/// A message of what a route gathered.
pub(super) fn of_digest(view: &View, taken: &[Taken]) -> Dispatch {
    let touched = taken.iter().flat_map(|one| &one.touched);
    let changes = taken.iter().map(|one| &one.recorded);
    of_view(
        view,
        DispatchKind::Digest,
        changes,
        touched.map(String::as_str),
    )
}

/// A message that tries a route out.
pub(super) fn of_test(heading: &str, note: &str) -> Dispatch {
    Dispatch {
        items: vec![Said {
            what: note.to_string(),
            places: Vec::new(),
        }],
        ..Dispatch::plain(DispatchKind::Test, Severity::Info, heading)
    }
}

/// A message that says what `view` shows.
pub(super) fn of_view<'a>(
    view: &View,
    kind: DispatchKind,
    changes: impl ExactSizeIterator<Item = &'a RecordedChange>,
    touched: impl Iterator<Item = &'a str>,
) -> Dispatch {
    let touched: BTreeSet<&str> = touched.collect();
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let severity = Severity::from_word(view.severity).unwrap_or(Severity::Info);
    let items = view.items.iter().map(|item| Said {
        what: item.what.clone(),
        places: item.rows.iter().map(|row| row.place.clone()).collect(),
    });
    let known = view.facts.iter().map(|fact| Known {
        label: fact.label.to_string(),
        lines: fact.lines.iter().map(|line| line.text.clone()).collect(),
    });
    Dispatch {
        items: items.collect(),
        unsaid: count(view.hidden),
        known: known.collect(),
        watches: touched.into_iter().map(str::to_string).collect(),
        changes_left_out: count(changes.len().saturating_sub(CHANGES)),
        changes: changes.take(CHANGES).map(RecordedChange::object).collect(),
        ..Dispatch::plain(kind, severity, &view.heading)
    }
}
