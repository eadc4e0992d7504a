//! What was said last of the topics that are watched.

use jiff::Timestamp;

use super::Span;
use crate::alerting::{Matter, Scope};
use crate::market::{ChangeKind, RecordedChange, Standing};
use crate::render::report::{QuestionLine, Said, said};
use crate::store::{ChangeFilter, Changes, Error, Questions, Sources};

/// A line for each topic of each watch.
pub fn questions(store: &impl Questions, span: &Span<'_>) -> Result<Vec<QuestionLine>, Error> {
    let watches = || {
        let watches = span.audience.policy.watches.iter();
        watches.flat_map(|watch| watch.scope.topics.iter().map(move |topic| (watch, topic)))
    };
    if watches().next().is_none() {
        return Ok(Vec::new());
    }
    let mut told: Vec<RecordedChange> = Vec::new();
    for kind in [
        ChangeKind::Announcement,
        ChangeKind::TextChanged,
        ChangeKind::IncidentOpened,
    ] {
        told.extend(store.changes(&ChangeFilter {
            all: true,
            until: Some(span.until),
            kind: Some(kind),
            ..ChangeFilter::default()
        })?);
    }
    told.retain(|recorded| recorded.standing == Standing::News);
    told.sort_by_key(|recorded| recorded.change.seen_at);
    let since = listened_since(store)?;
    let lines = watches().map(|(watch, topic)| {
        let scope = Scope {
            topics: vec![topic.clone()],
            providers: watch.scope.providers.clone(),
            ..Scope::default()
        };
        let speaks = |recorded: &&RecordedChange| scope.holds(&Matter::new(&recorded.change, None));
        QuestionLine {
            topic: topic.clone(),
            watch: watch.name.clone(),
            last: told.iter().rev().find(speaks).map(|last| Said {
                at: last.change.seen_at,
                is_new: last.change.confirmed_at >= span.since,
                text: said(last),
                id: last.change.id.0.clone(),
                url: last.url.clone(),
            }),
            since,
        }
    });
    Ok(lines.collect())
}

/// Since when anybody listens.
fn listened_since(store: &impl Questions) -> Result<Option<Timestamp>, Error> {
    let sources = store.sources()?;
    Ok(sources.iter().filter_map(|source| source.baseline_at).min())
}
