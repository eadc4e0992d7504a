//! What is believed of offerings, now or as of any time.

use jiff::Timestamp;
use rusqlite::{ToSql, params_from_iter};

use super::claims::{LISTED, subject_at};
use super::{Error, Questions, Result, millis, time};
use crate::market::{Authority, Interface, OfferingFact, ProbeId, Scope, SourceId, Value};

/// Which offerings are asked for.
#[derive(Debug, Clone, Default)]
pub struct OfferingFilter {
    /// As believed at this time; `None`: now.
    pub at: Option<Timestamp>,
    /// Of this provider.
    pub provider: Option<String>,
    /// Of this model or version, or whose native id holds this text, whatever its case.
    pub model: Option<String>,
    /// In this region.
    pub region: Option<String>,
    /// Of which some source says that it has this interface.
    pub interface: Option<Interface>,
}

/// Questions about offerings.
pub trait Offerings: Questions {
    /// Facts by offering, attribute and authority, the highest first.
    fn offerings(&self, filter: &OfferingFilter) -> Result<Vec<OfferingFact>> {
        let mut values: Vec<Box<dyn ToSql>> = Vec::new();
        let mut conditions = String::new();
        let mut narrow = |condition: &str, value: Box<dyn ToSql>| {
            values.push(value);
            conditions.push_str(&format!(
                " AND {}",
                condition.replace('?', &format!("?{}", values.len()))
            ));
        };
        match filter.at {
            Some(at) => narrow(
                "c.opened_at <= ? AND (c.closed_at IS NULL OR c.closed_at > ?)",
                Box::new(millis(at)),
            ),
            None => conditions.push_str(" AND c.closed_at IS NULL"),
        }
        let mut narrow = |condition: &str, value: Box<dyn ToSql>| {
            values.push(value);
            conditions.push_str(&format!(
                " AND {}",
                condition.replace('?', &format!("?{}", values.len()))
            ));
        };
        if let Some(provider) = &filter.provider {
            narrow("u.provider = ?", Box::new(provider.clone()));
        }
        if let Some(model) = &filter.model {
            let meant = super::claims::subjects_of(self.ask(), model)?;
            narrow("u.id IN (SELECT value FROM json_each(?))", Box::new(meant));
        }
        if let Some(region) = &filter.region {
            narrow("u.region IN (?, '*')", Box::new(region.clone()));
        }
        if let Some(interface) = filter.interface {
            let said = match filter.at {
                // the moment is the first value
                Some(_) => "i.opened_at <= ?1 AND (i.closed_at IS NULL OR i.closed_at > ?1)",
                None => "i.closed_at IS NULL",
            };
            values.push(Box::new(Value::Interface(interface).to_stored()));
            conditions.push_str(&format!(
                " AND EXISTS (SELECT 1 FROM claim i WHERE i.subject = u.id AND i.attribute = 'interface' AND i.value = ?{} AND {said})",
                values.len()
            ));
        }
        let sql = format!(
            "SELECT u.kind, u.provider, u.native_id, u.region, u.deployment, c.attribute, c.value, s.probe, s.scope,
                    s.authority, c.opened_at, s.accepted_at
             FROM subject u CROSS JOIN claim c ON c.subject = u.id JOIN source s ON s.id = c.source
             WHERE u.kind = 'offering'{conditions}"
        );
        let mut statement = self.ask().prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(values.iter()))?;
        let mut facts = Vec::new();
        while let Some(row) = rows.next()? {
            let attribute: String = row.get(5)?;
            let stored: String = row.get(6)?;
            let (attribute, value) = if attribute == LISTED {
                (None, None)
            } else {
                let (attribute, value) = super::claims::value_of(&attribute, &stored)?;
                (Some(attribute), Some(value))
            };
            let authority: String = row.get(9)?;
            facts.push(OfferingFact {
                subject: subject_at(row, 0)?,
                attribute,
                value,
                source: SourceId {
                    probe: ProbeId::new(row.get::<_, String>(7)?),
                    scope: Scope::new(row.get::<_, String>(8)?),
                },
                authority: Authority::from_word(&authority)
                    .ok_or_else(|| Error::Damaged(format!("the authority '{authority}'")))?,
                since: time(row.get(10)?),
                confirmed_at: row.get::<_, Option<i64>>(11)?.map(time),
            });
        }
        facts.sort_by(|a, b| {
            (
                &a.subject,
                &a.attribute,
                std::cmp::Reverse(a.authority),
                &a.source,
            )
                .cmp(&(
                    &b.subject,
                    &b.attribute,
                    std::cmp::Reverse(b.authority),
                    &b.source,
                ))
        });
        Ok(facts)
    }
}

impl<T: Questions> Offerings for T {}

/// An incident that a status page has not resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenIncident {
    /// Whose.
    pub provider: String,
    /// What the page calls it.
    pub name: String,
    /// Its state, in the page's word.
    pub status: String,
    /// Its impact, in the page's word.
    pub impact: String,
}

/// Questions about incidents.
pub trait Incidents: Questions {
    /// Incidents that are stated and not resolved, by provider and name.
    fn open_incidents(&self) -> Result<Vec<OpenIncident>> {
        let mut statement = self.ask().prepare_cached(
            "SELECT u.provider,
                    coalesce(max(c.value ->> '$') FILTER (WHERE c.attribute = 'name'), u.native_id),
                    coalesce(max(c.value ->> '$') FILTER (WHERE c.attribute = 'status'), 'open') AS status,
                    coalesce(max(c.value ->> '$') FILTER (WHERE c.attribute = 'impact'), 'unknown')
             FROM subject u JOIN claim c ON c.subject = u.id AND c.closed_at IS NULL
             WHERE u.kind = 'incident' GROUP BY u.id
             HAVING status NOT IN ('resolved', 'postmortem', 'completed') ORDER BY 1, 2",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(OpenIncident {
                provider: row.get(0)?,
                name: row.get(1)?,
                status: row.get(2)?,
                impact: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl<T: Questions> Incidents for T {}
