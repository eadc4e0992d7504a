//! Incidents that status pages state, past ones too, as their claims tell them.

use jiff::Timestamp;
use rusqlite::Connection;

use crate::market::{Attribute, DateKind, Value};
use crate::store::{Result, millis, time};

/// An incident that a status page states or stated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedIncident {
    /// Whose.
    pub provider: String,
    /// The page's own id of it.
    pub id: String,
    /// What the page calls it.
    pub name: String,
    /// The regions and components that it names, as it spells them.
    pub places: Vec<String>,
    /// Its impact, in the page's word.
    pub impact: Option<String>,
    /// When it began, by the page; `None` where it does not say.
    pub begin: Option<Timestamp>,
    /// When the page first showed it to us.
    pub seen: Timestamp,
    /// When it ended, by the page; `None` where it does not say, and while it goes on.
    pub end: Option<Timestamp>,
    /// When the page no longer showed it to us as open: the first reading that did not; `None` while it does.
    pub ended: Option<Timestamp>,
    /// Where it can be read.
    pub link: Option<String>,
}

/// What a source says of the subject of a claim `c` that it says is over.
const OVER: &str = "EXISTS (SELECT 1 FROM claim o WHERE o.subject = c.subject AND o.source = c.source
    AND o.attribute = 'status' AND o.closed_at IS NULL AND o.value ->> '$' IN ('resolved', 'postmortem', 'completed'))";

/// Incidents that status pages state, of those for which a condition on the subject `u` holds. What was over when a page first
/// showed it is none.
pub(super) fn stated(
    ask: &Connection,
    span: [Timestamp; 2],
    condition: &str,
) -> Result<Vec<StatedIncident>> {
    let [since, until] = span;
    // an attribute's latest value says what it was
    let mut statement = ask.prepare_cached(
            &format!("SELECT u.provider, u.native_id, u.region, min(c.opened_at),
                    CASE WHEN count(*) FILTER (WHERE c.closed_at IS NULL AND NOT {OVER}) = 0
                         THEN coalesce(max(c.closed_at) FILTER (WHERE c.attribute = 'status'
                             AND c.value ->> '$' NOT IN ('resolved', 'postmortem', 'completed')), max(c.closed_at)) END,
                    json_group_array(json_array(c.attribute, json(c.value)) ORDER BY c.opened_at),
                    (SELECT json_array(r.true_from, r.seen_at) FROM change_record r
                     WHERE r.subject = u.id AND r.kind = 'incident_resolved' ORDER BY r.ordinal DESC LIMIT 1)
             FROM subject u JOIN claim c ON c.subject = u.id
             WHERE u.kind = 'incident' {condition} GROUP BY u.id
             HAVING min(c.opened_at) < ?2
                AND (count(*) FILTER (WHERE c.attribute = 'status') = 0 OR count(*) FILTER (WHERE c.attribute = 'status'
                    AND c.value ->> '$' NOT IN ('resolved', 'postmortem', 'completed')) > 0)
                AND (count(*) FILTER (WHERE c.closed_at IS NULL) > 0 OR max(c.closed_at) >= ?1)
             ORDER BY 4, 1, 2"),
        )?;
    let rows = statement.query_map([millis(since), millis(until)], |row| {
        let ended: Option<i64> = row.get(4)?;
        Ok((
            StatedIncident {
                provider: row.get(0)?,
                id: row.get(1)?,
                name: String::new(),
                places: Vec::from_iter(Some(row.get(2)?).filter(|region: &String| region != "*")),
                impact: None,
                begin: None,
                seen: time(row.get(3)?),
                end: None,
                ended: ended.map(time),
                link: None,
            },
            row.get::<_, String>(5)?,
            row.get::<_, Option<String>>(6)?,
        ))
    })?;
    let mut found = Vec::new();
    for row in rows {
        let (mut incident, attributes, change) = row?;
        let end = incident.read(&attributes);
        incident.end_with(change.as_deref(), end);
        let is_over = incident.over().is_some_and(|over| over < since);
        if !is_over && incident.impact.as_deref() != Some("maintenance") {
            found.push(incident);
        }
    }
    Ok(found)
}

impl StatedIncident {
    /// When it was over: when the page says that it ended, else when it no longer showed it; `None` while it goes on.
    pub fn over(&self) -> Option<Timestamp> {
        self.end.or(self.ended)
    }

    /// Takes the times of the change that tells that it is over, `[true from, first seen]`, and the end that a list of past
    /// incidents states. Its claims end only with the reading that confirmed it, which is later, and times that do not fit them are
    /// of another spell.
    fn end_with(&mut self, change: Option<&str>, listed: Option<Timestamp>) {
        let Some(ended) = self.ended else {
            return;
        };
        let change =
            change.and_then(|change| serde_json::from_str::<[Option<i64>; 2]>(change).ok());
        let [stated, seen] = change.unwrap_or_default().map(|at| at.map(time));
        let first = self.begin.map_or(self.seen, |begin| begin.min(self.seen));
        let fits = |from: Timestamp| move |at: &Timestamp| (from..=ended).contains(at);
        let said = [listed, stated].into_iter().flatten().filter(fits(first));
        self.end = said.max();
        self.ended = seen.filter(fits(self.seen)).or(self.ended);
    }

    /// Takes what its claims say, the oldest first, as a JSON array of attributes with values. Gives when it ended, by them.
    fn read(&mut self, attributes: &str) -> Option<Timestamp> {
        use serde_json::Value as Json;
        let stated: Vec<(String, Json)> = serde_json::from_str(attributes).unwrap_or_default();
        let moment = |value: &Json| {
            let kind = Attribute::Date(DateKind::Launch);
            match Value::from_stored(&kind, &value.to_string())? {
                Value::Date(date) => Some(date.starts()),
                _ => None,
            }
        };
        let mut end = None;
        for (attribute, value) in stated {
            let text = value.as_str().map(str::to_string);
            match (attribute.as_str(), value) {
                ("name", _) => self.name = text.unwrap_or_default(),
                ("impact", _) => self.impact = text,
                ("link", _) => self.link = text,
                ("date.launch", value) => self.begin = moment(&value),
                ("date.retires", value) => end = moment(&value),
                ("topics", Json::Array(names)) => {
                    let names = names.iter().filter_map(Json::as_str).map(str::to_string);
                    self.places.extend(names);
                }
                _ => {}
            }
        }
        self.places.sort();
        self.places.dedup();
        if self.name.is_empty() {
            self.name.clone_from(&self.id);
        }
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended_with(change: Option<&str>) -> (Option<i64>, Option<i64>) {
        ended_as_listed(change, None)
    }

    fn ended_as_listed(change: Option<&str>, end: Option<i64>) -> (Option<i64>, Option<i64>) {
        let mut incident = StatedIncident {
            provider: "acme".to_string(),
            id: "i1".to_string(),
            name: String::new(),
            places: Vec::new(),
            impact: None,
            begin: Some(time(1_000)),
            seen: time(5_000),
            end: None,
            ended: Some(time(90_000)),
            link: None,
        };
        incident.end_with(change, end.map(time));
        assert!(incident.over().is_some());
        (incident.end.map(millis), incident.ended.map(millis))
    }

    #[test]
    fn an_incident_ends_when_it_was_seen_to_end_not_when_that_was_confirmed() {
        assert_eq!(ended_with(None), (None, Some(90_000)));
        assert_eq!(ended_with(Some("[null,60000]")), (None, Some(60_000)));
        assert_eq!(
            ended_with(Some("[40000,60000]")),
            (Some(40_000), Some(60_000))
        );
        // of an earlier spell, and a time to come
        assert_eq!(ended_with(Some("[500,2000]")), (None, Some(90_000)));
        assert_eq!(ended_with(Some("[95000,60000]")), (None, Some(60_000)));
    }

    #[test]
    fn a_list_of_past_incidents_states_the_end_too() {
        let change = Some("[null,60000]");
        assert_eq!(
            ended_as_listed(None, Some(40_000)),
            (Some(40_000), Some(90_000))
        );
        assert_eq!(
            ended_as_listed(change, Some(40_000)),
            (Some(40_000), Some(60_000))
        );
        assert_eq!(ended_as_listed(change, Some(500)), (None, Some(60_000)));
        // a list may still state the end of an earlier spell
        assert_eq!(
            ended_as_listed(Some("[45000,60000]"), Some(40_000)),
            (Some(45_000), Some(60_000))
        );
    }
}
