//! Incidents that status pages state, past ones too, as their claims tell them.

use jiff::Timestamp;
use rusqlite::Connection;

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

/// Incidents that status pages state, of those for which a condition on the subject `u` holds.
pub(super) fn stated(
    ask: &Connection,
    span: [Timestamp; 2],
    condition: &str,
) -> Result<Vec<StatedIncident>> {
    let [since, until] = span;
    // an attribute's latest value says what it was
    let mut statement = ask.prepare_cached(
            &format!("SELECT u.provider, u.native_id, u.region, min(c.opened_at),
                    CASE WHEN count(*) FILTER (WHERE c.closed_at IS NULL) = 0 THEN max(c.closed_at) END,
                    min(c.opened_at) FILTER (WHERE c.attribute = 'status'
                        AND c.value ->> '$' IN ('resolved', 'postmortem', 'completed')),
                    json_group_array(json_array(c.attribute, json(c.value)) ORDER BY c.opened_at),
                    (SELECT json_array(r.true_from, r.seen_at) FROM change_record r
                     WHERE r.subject = u.id AND r.kind = 'incident_resolved' ORDER BY r.ordinal DESC LIMIT 1)
             FROM subject u JOIN claim c ON c.subject = u.id
             WHERE u.kind = 'incident' {condition} GROUP BY u.id
             HAVING min(c.opened_at) < ?2
                AND (count(*) FILTER (WHERE c.closed_at IS NULL) > 0 OR max(c.closed_at) >= ?1)
             ORDER BY 4, 1, 2"),
        )?;
    let rows = statement.query_map([millis(since), millis(until)], |row| {
        let closed: Option<i64> = row.get(4)?;
        let resolved: Option<i64> = row.get(5)?;
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
                ended: resolved.or(closed).map(time),
                link: None,
            },
            row.get::<_, String>(6)?,
            row.get::<_, Option<String>>(7)?,
        ))
    })?;
    let mut found = Vec::new();
    for row in rows {
        let (mut incident, attributes, change) = row?;
        incident.read(&attributes);
        incident.end_with(change.as_deref());
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

    /// Takes the times of the change that tells that it is over, `[true from, first seen]`. Its claims end only with the reading
    /// that confirmed it, which is later, and times that do not fit them are of another spell.
    fn end_with(&mut self, change: Option<&str>) {
        let change =
            change.and_then(|change| serde_json::from_str::<[Option<i64>; 2]>(change).ok());
        let (Some([stated, seen]), Some(ended)) = (change, self.ended) else {
            return;
        };
        let first = self.begin.map_or(self.seen, |begin| begin.min(self.seen));
        let fits = |from: Timestamp| move |at: &Timestamp| (from..=ended).contains(at);
        self.end = stated.map(time).filter(fits(first));
        self.ended = seen.map(time).filter(fits(self.seen)).or(self.ended);
    }

    /// Takes what its claims say, the oldest first, as a JSON array of attributes with values.
    fn read(&mut self, attributes: &str) {
        use serde_json::Value as Json;
        let stated: Vec<(String, Json)> = serde_json::from_str(attributes).unwrap_or_default();
        for (attribute, value) in stated {
            let text = value.as_str().map(str::to_string);
            match (attribute.as_str(), value) {
                ("name", _) => self.name = text.unwrap_or_default(),
                ("impact", _) => self.impact = text,
                ("link", _) => self.link = text,
                ("date.launch", value) => {
                    let date = value.get("date").and_then(Json::as_str);
                    self.begin = date.and_then(|date| date.parse().ok());
                }
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
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended_with(change: Option<&str>) -> (Option<i64>, Option<i64>) {
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
        incident.end_with(change);
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
}
