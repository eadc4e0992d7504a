//! What is believed of offerings, now or as of any time.

mod ceased;

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{Connection, ToSql, params, params_from_iter};

use super::claims::{LISTED, Meant, subject_at, value_of};
use super::{Error, Questions, Result, millis, time};
use crate::market::{
    Attribute, Authority, CoveredStages, Interface, OfferingFact, ProbeId, Scope, SourceId, Spell,
    Subject, Value,
};

pub use ceased::Ceased;

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
    /// Only what is said of these, and who lists the offering; empty: everything.
    pub attributes: Vec<Attribute>,
}

impl OfferingFilter {
    /// Whether some offerings are asked for, not all.
    fn narrows(&self) -> bool {
        self.provider.is_some() || self.model.is_some() || self.region.is_some()
    }
}

/// Questions about offerings.
pub trait Offerings: Questions {
    /// Facts by offering, attribute and authority, the highest first.
    fn offerings(&self, filter: &OfferingFilter) -> Result<Vec<OfferingFact>> {
        let connection = self.ask();
        let subjects = subjects(connection, filter)?;
        let (conditions, values) = claims_asked(filter, &subjects);
        // room that is not used is never touched; a list that grows is copied again and again
        let room = subjects.len() * (filter.attributes.len() + 1);
        let mut facts: Vec<OfferingFact> = Vec::with_capacity(room);
        let mut ranks: Vec<u32> = Vec::with_capacity(room);
        facts_where(
            connection,
            &subjects,
            &conditions,
            &values,
            // an index has all but this: without it no claim itself is read
            "NULL",
            |fact, rank, _| {
                facts.push(fact);
                ranks.push(rank);
            },
        )?;
        order(&mut facts, &ranks);
        Ok(facts)
    }

    /// What sources ever said of these attributes of offerings, and who listed them: offering by offering, in the order in which
    /// it was said. Those alone of which it was said before `until`.
    fn spells(&self, attributes: &[Attribute], until: Timestamp) -> Result<Vec<Spell>> {
        self.spells_of(
            &OfferingFilter {
                attributes: attributes.to_vec(),
                ..OfferingFilter::default()
            },
            until,
        )
    }

    /// The same of the provider, model and region of a filter.
    fn spells_of(&self, filter: &OfferingFilter, until: Timestamp) -> Result<Vec<Spell>> {
        let connection = self.ask();
        let subjects = subjects(connection, filter)?;
        let words = filter.attributes.iter().map(ToString::to_string);
        let words: Vec<String> = words.chain([LISTED.to_string()]).collect();
        let mut values: Vec<Box<dyn ToSql>> = vec![
            Box::new(millis(until)),
            Box::new(serde_json::json!(words).to_string()),
        ];
        let mut conditions =
            "c.opened_at < ?1 AND c.attribute IN (SELECT value FROM json_each(?2))".to_string();
        if filter.narrows() {
            let ids: Vec<i64> = subjects.keys().copied().collect();
            values.push(Box::new(serde_json::json!(ids).to_string()));
            conditions.push_str(" AND c.subject IN (SELECT value FROM json_each(?3))");
        }
        let mut spells: Vec<(u32, Spell)> = Vec::with_capacity(subjects.len() * words.len());
        facts_where(
            connection,
            &subjects,
            &conditions,
            &values,
            "c.closed_at",
            |fact, rank, closed| {
                let until = closed.map(time);
                spells.push((rank, Spell { fact, until }));
            },
        )?;
        spells.sort_by_key(|(rank, spell)| (*rank, spell.fact.since));
        Ok(spells.into_iter().map(|(_, spell)| spell).collect())
    }

    /// Gives `take` the same facts a provider at a time, so that no more are held than those of one. Ends when it fails.
    fn each_provider<E: From<Error>>(
        &self,
        filter: &OfferingFilter,
        mut take: impl FnMut(&[OfferingFact]) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        // one view: nothing is told of one provider that was not so when another was told of
        let view = self.view()?;
        for provider in providers(&view, filter)? {
            let filter = OfferingFilter {
                provider: Some(provider),
                ..filter.clone()
            };
            take(&self.offerings(&filter)?)?;
        }
        Ok(())
    }

    /// Every provider of which an offering was ever known, with the regions of its offerings.
    fn places(&self) -> Result<Vec<(String, String)>> {
        let mut statement = self.ask().prepare_cached(
            "SELECT DISTINCT provider, region FROM subject WHERE kind = 'offering'",
        )?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

/// Every claim on one of these offerings for which `conditions` hold, which speak of it as `c`: what it says, its offering's
/// place among all, and when it ended, which `ended` gives.
fn facts_where(
    connection: &Connection,
    subjects: &Subjects,
    conditions: &str,
    values: &[Box<dyn ToSql>],
    ended: &str,
    mut each: impl FnMut(OfferingFact, u32, Option<i64>),
) -> Result<()> {
    let sources = sources(connection)?;
    let sql = format!(
        "SELECT c.subject, c.source, c.attribute, c.value, c.opened_at, {ended} FROM claim c WHERE {conditions}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values.iter()))?;
    let mut known = Known::default();
    // claims lie by their offerings, so that the last one's is most often the next one's
    let mut last: Option<(i64, &(u32, Arc<Subject>))> = None;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let found = match last {
            Some((last, found)) if last == id => found,
            _ => match subjects.get(&id) {
                Some(found) => found,
                None => continue,
            },
        };
        last = Some((id, found));
        let source: i64 = row.get(1)?;
        let source = sources
            .get(&source)
            .ok_or_else(|| Error::Damaged(format!("a claim of the source {source}")))?;
        let text = |column: usize| -> rusqlite::Result<&str> { Ok(row.get_ref(column)?.as_str()?) };
        let (attribute, stored) = (text(2)?, text(3)?);
        // who only speaks of an offering does not list it
        if attribute == LISTED && stored == "false" {
            continue;
        }
        let (attribute, value) = known.value(attribute, stored)?;
        let fact = OfferingFact {
            subject: Arc::clone(&found.1),
            attribute,
            covers: source.covered.beside(value.as_deref()),
            value,
            source: Arc::clone(&source.id),
            authority: source.authority,
            since: time(row.get(4)?),
            confirmed_at: source.accepted_at,
        };
        each(fact, found.0, row.get(5)?);
    }
    Ok(())
}

/// The providers whose offerings may be asked for, in order.
fn providers(connection: &Connection, filter: &OfferingFilter) -> Result<Vec<String>> {
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT provider FROM subject WHERE kind = 'offering' AND (?1 IS NULL OR provider = ?1) ORDER BY provider",
    )?;
    let rows = statement.query_map([&filter.provider], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Puts facts in the order of their offerings' ranks, then of attribute, authority and source. A fact is large: it is moved
/// once to its offering, and then only among its neighbours.
fn order(facts: &mut [OfferingFact], ranks: &[u32]) {
    let mut sorted: Vec<(u32, usize)> = ranks.iter().copied().zip(0..).collect();
    sorted.sort_unstable();
    let mut to = vec![0; sorted.len()];
    for (place, (_, from)) in sorted.into_iter().enumerate() {
        if let Some(to) = to.get_mut(from) {
            *to = place;
        }
    }
    for at in 0..facts.len() {
        while let Some(place) = to.get(at).copied().filter(|place| *place != at) {
            facts.swap(at, place);
            to.swap(at, place);
        }
    }
    for of_one in facts.chunk_by_mut(|one, next| Arc::ptr_eq(&one.subject, &next.subject)) {
        of_one.sort_unstable_by(|a, b| {
            a.attribute
                .cmp(&b.attribute)
                .then_with(|| b.authority.cmp(&a.authority))
                .then_with(|| a.source.cmp(&b.source))
        });
    }
}

/// What an index of its own finds of all offerings at once (migration 7), in the order in which it names them.
const TOLD: [&str; 5] = [
    "date.retires",
    LISTED,
    "price.input",
    "price.output",
    "stage",
];

/// Which claims are asked for: a condition on `c`, and the values of its parameters.
fn claims_asked(filter: &OfferingFilter, subjects: &Subjects) -> (String, Vec<Box<dyn ToSql>>) {
    let mut values: Vec<Box<dyn ToSql>> = Vec::new();
    let mut open = "closed_at IS NULL".to_string();
    if let Some(at) = filter.at {
        values.push(Box::new(millis(at)));
        // the moment is the first value
        open = "opened_at <= ?1 AND (closed_at IS NULL OR closed_at > ?1)".to_string();
    }
    let of = |alias: &str| {
        open.replace("opened_at", &format!("{alias}.opened_at"))
            .replace("closed_at", &format!("{alias}.closed_at"))
    };
    let mut conditions = of("c");
    let narrowed = filter.narrows();
    let words = filter.attributes.iter().map(ToString::to_string);
    let mut words: Vec<String> = words.chain([LISTED.to_string()]).collect();
    words.sort_unstable();
    if words == TOLD && filter.at.is_none() {
        let words = TOLD.map(|word| format!("'{word}'")).join(", ");
        conditions.push_str(&format!(" AND c.attribute IN ({words})"));
    } else if !filter.attributes.is_empty() {
        values.push(Box::new(serde_json::json!(words).to_string()));
        conditions.push_str(&format!(
            " AND c.attribute IN (SELECT value FROM json_each(?{}))",
            values.len()
        ));
    }
    if narrowed {
        // found one by one; without a choice all claims are gone through in the order in which they lie
        let ids: Vec<i64> = subjects.keys().copied().collect();
        values.push(Box::new(serde_json::json!(ids).to_string()));
        conditions.push_str(&format!(
            " AND c.subject IN (SELECT value FROM json_each(?{}))",
            values.len()
        ));
    }
    if let Some(interface) = filter.interface {
        values.push(Box::new(Value::Interface(interface).to_stored()));
        conditions.push_str(&format!(
            " AND EXISTS (SELECT 1 FROM claim i WHERE i.subject = c.subject AND i.attribute = 'interface' AND i.value = ?{} AND {})",
            values.len(),
            of("i")
        ));
    }
    (conditions, values)
}

/// Offerings by their row, each with its place among all in order.
type Subjects = HashMap<i64, (u32, Arc<Subject>)>;

fn subjects(connection: &Connection, filter: &OfferingFilter) -> Result<Subjects> {
    // told apart, so that an index finds those of one provider
    let provider = match filter.provider {
        Some(_) => "provider = ?1",
        None => "?1 IS NULL",
    };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT id, kind, provider, native_id, region, deployment FROM subject
         WHERE kind = 'offering' AND {provider} AND (?2 IS NULL OR region IN (?2, '*'))"
    ))?;
    let mut rows = statement.query(params![filter.provider, filter.region])?;
    let mut meant = filter.model.as_deref().map(Meant::new);
    let mut words = Words::default();
    let mut found: Vec<(i64, [u32; 4], Arc<Subject>)> = Vec::new();
    while let Some(row) = rows.next()? {
        let subject = subject_at(row, 1)?;
        if meant.as_mut().is_none_or(|meant| meant.fits(&subject)) {
            let own = [
                Some(subject.provider.as_str()),
                Some(subject.native_id.as_str()),
                Some(subject.region.as_str()),
                subject.deployment.as_deref(),
            ];
            let own = own.map(|word| word.map_or(0, |word| words.number(word)));
            found.push((row.get(0)?, own, Arc::new(subject)));
        }
    }
    let ranks = words.ranks();
    found.sort_by_cached_key(|(_, own, _)| {
        own.map(|word| ranks.get(word as usize).copied().unwrap_or(0))
    });
    Ok((0..)
        .zip(found)
        .map(|(rank, (id, _, subject))| (id, (rank, subject)))
        .collect())
}

/// Words by numbers from 1 on: a few hundred make up the names of many thousand offerings, and numbers are sorted sooner.
#[derive(Default)]
struct Words(HashMap<Box<str>, u32>);

impl Words {
    fn number(&mut self, word: &str) -> u32 {
        if let Some(number) = self.0.get(word) {
            return *number;
        }
        let number = u32::try_from(self.0.len() + 1).unwrap_or(u32::MAX);
        self.0.insert(word.into(), number);
        number
    }

    /// Each number's place in the order of the words; 0 comes first, which is no word.
    fn ranks(self) -> Vec<u32> {
        let mut words: Vec<(Box<str>, u32)> = self.0.into_iter().collect();
        words.sort_unstable();
        let mut ranks = vec![0; words.len() + 1];
        for (rank, (_, number)) in (1..).zip(words) {
            if let Some(place) = ranks.get_mut(number as usize) {
                *place = rank;
            }
        }
        ranks
    }
}

struct Said {
    id: Arc<SourceId>,
    authority: Authority,
    accepted_at: Option<Timestamp>,
    covered: CoveredStages,
}

fn sources(connection: &Connection) -> Result<HashMap<i64, Said>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, probe, scope, authority, accepted_at, covered_stages FROM source",
    )?;
    let mut rows = statement.query([])?;
    let mut sources = HashMap::new();
    while let Some(row) = rows.next()? {
        let authority: String = row.get(3)?;
        let said = Said {
            id: Arc::new(SourceId {
                probe: ProbeId::new(row.get::<_, String>(1)?),
                scope: Scope::new(row.get::<_, String>(2)?),
            }),
            authority: Authority::from_word(&authority)
                .ok_or_else(|| Error::Damaged(format!("the authority '{authority}'")))?,
            accepted_at: row.get::<_, Option<i64>>(4)?.map(time),
            covered: CoveredStages::from_stored(&row.get::<_, String>(5)?),
        };
        sources.insert(row.get(0)?, said);
    }
    Ok(sources)
}

/// Values that have been read: the same few hundred stand in many thousand claims, and are shared by their facts.
#[derive(Default)]
struct Known(Vec<KnownAttribute>);

/// An attribute with its value; neither where an offering is listed.
type Stated = (Option<Arc<Attribute>>, Option<Arc<Value>>);

struct KnownAttribute {
    word: Box<str>,
    attribute: Arc<Attribute>,
    values: HashMap<Box<str>, Arc<Value>>,
}

impl Known {
    fn value(&mut self, attribute: &str, stored: &str) -> Result<Stated> {
        if attribute == LISTED {
            return Ok((None, None));
        }
        // there are few attributes, and few of them are asked for
        let known = match self.0.iter().position(|known| *known.word == *attribute) {
            Some(at) => self.0.get_mut(at),
            None => {
                let (read, _) = value_of(attribute, stored)?;
                self.0.push(KnownAttribute {
                    word: attribute.into(),
                    attribute: Arc::new(read),
                    values: HashMap::new(),
                });
                self.0.last_mut()
            }
        };
        let Some(known) = known else {
            return Ok((None, None));
        };
        let attribute_of = Some(Arc::clone(&known.attribute));
        if let Some(value) = known.values.get(stored) {
            return Ok((attribute_of, Some(Arc::clone(value))));
        }
        let value = Arc::new(value_of(attribute, stored)?.1);
        known.values.insert(stored.into(), Arc::clone(&value));
        Ok((attribute_of, Some(value)))
    }
}

impl<T: Questions> Offerings for T {}
