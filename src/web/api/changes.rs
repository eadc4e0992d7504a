//! What changed, and why that is believed.

use jiff::Timestamp;
use serde_json::json;

use super::fields;
use super::operation::{Found, Given, Operation, Row};
use super::parameters::{ALL, ID_PART, KIND, MODEL, ORDER, PROVIDER, SINCE, UNTIL, WATCH};
use super::shape::{Shape, of_columns, of_list};
use crate::alerting::Watch;
use crate::market::{ChangeKind, RecordedChange, Tabular as _};
use crate::outlook::evidence::evidence;
use crate::outlook::published::touches;
use crate::store::{ChangeFilter, ChangeParts as _, ChangePlace, Changes as _};
use crate::web::refusal::Refusal;
use crate::web::route::FACTS;

pub(super) const CHANGES: Operation = Operation {
    path: "/api/v1/changes",
    id: "changes",
    summary: "What changed",
    description: "News of the landscape, or with `all` every source's changes, with the keys of `bellwether changes --format jsonl`.",
    parameters: &[SINCE, UNTIL, PROVIDER, MODEL, KIND, WATCH, ALL, ORDER],
    shape: Shape {
        name: "Change",
        make: || of_columns(RecordedChange::COLUMNS),
    },
    is_list: true,
    run: changes,
    holds: FACTS,
};

pub(super) const CHANGE: Operation = Operation {
    path: "/api/v1/changes/{id}",
    id: "change",
    summary: "The evidence of a change",
    description: "A change with how its source states it, the parts of the bodies that show it, and its standing, with the keys of `bellwether why --format jsonl`.",
    parameters: &[ID_PART],
    shape: Shape {
        name: "Evidence",
        make: || of_list(fields::EVIDENCE),
    },
    is_list: false,
    run: change,
    holds: FACTS,
};

/// Changes that are looked at for one part of those that touch a watch.
const LOOKS: usize = 1_000;

fn changes(given: &Given<'_>) -> Result<Found, Refusal> {
    let filter = ChangeFilter {
        all: given.flag(&ALL),
        since: given.time(&SINCE),
        until: given.time(&UNTIL),
        provider: given.text(&PROVIDER),
        model: given.text(&MODEL),
        kind: given.word(&KIND, ChangeKind::from_word),
        ..ChangeFilter::default()
    };
    let newest_first = given.text(&ORDER).is_none_or(|order| order == "newest");
    let watch = given.watch()?;
    let mut after = given.cursor(place)?;
    let limit = given.limit();
    let mut rows: Vec<Row> = Vec::with_capacity(limit);
    loop {
        let store = given.asked.store;
        // one more tells whether the list goes on
        let most = watch.map_or(limit + 1, |_| LOOKS);
        let found = store.changes_after(&filter, after.as_ref(), newest_first, most)?;
        let is_last = found.len() < most;
        for recorded in found {
            if rows.len() == limit {
                let next = after.as_ref().map(|place| given.next(&in_words(place)));
                return Ok(Found::Part { rows, next });
            }
            after = Some(ChangePlace::of(&recorded));
            let is_wanted = match watch {
                Some(watch) => touches(store, watch, &recorded)?,
                None => true,
            };
            if is_wanted {
                rows.push(recorded.object());
            }
        }
        if is_last {
            return Ok(Found::Part { rows, next: None });
        }
    }
}

fn in_words(place: &ChangePlace) -> String {
    format!("{}.{}", place.at.as_millisecond(), place.id)
}

fn place(text: &str) -> Option<ChangePlace> {
    let (at, id) = text.split_once('.')?;
    Some(ChangePlace {
        at: Timestamp::from_millisecond(at.parse().ok()?).ok()?,
        id: id.to_string(),
    })
}

impl<'a> Given<'a> {
    /// The watch that is asked for.
    pub fn watch(&self) -> Result<Option<&'a Watch>, Refusal> {
        let settings = &self.asked.site.means.settings;
        crate::web::published::watch(&settings.alerts.watches, self.text(&WATCH).as_deref())
    }
}

fn change(given: &Given<'_>) -> Result<Found, Refusal> {
    let id = given.text(&ID_PART).unwrap_or_default();
    let store = given.asked.store;
    let mut found = store.changes_named(&id)?;
    let recorded = match found.len() {
        1 => found.pop(),
        0 => None,
        _ => {
            let ids: Vec<&str> = found.iter().map(|one| one.change.id.0.as_str()).collect();
            return Err(Refusal::Missing(format!(
                "expected the id of one change, found '{id}', with which several begin: {}",
                ids.join(", ")
            )));
        }
    };
    let Some(recorded) = recorded else {
        return Err(Refusal::Missing(format!(
            "no change has the id '{id}': /api/v1/changes?all=true lists them"
        )));
    };
    let policy = given.asked.site.means.settings.policy();
    let found = evidence(store, &policy, recorded)?;
    let excerpt = |side: &Option<crate::outlook::evidence::Side>| {
        let excerpt = side.as_ref().and_then(|side| side.excerpt.as_ref());
        json!(excerpt.map(|excerpt| excerpt.text()))
    };
    let change = &found.recorded.change;
    let mut fields = found.recorded.object();
    fields.insert("old_raw".to_string(), json!(change.old_raw));
    fields.insert("new_raw".to_string(), json!(change.new_raw));
    fields.insert("old_excerpt".to_string(), excerpt(&found.old));
    fields.insert("new_excerpt".to_string(), excerpt(&found.new));
    let standing = found.recorded.standing.word();
    fields.insert("standing".to_string(), json!(standing));
    Ok(Found::One(fields.into()))
}
