//! Recorded changes: written once, asked for in many ways.

mod groups;
mod narrowed;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, ToSql, params};
use serde_json::Value as Json;

use narrowed::narrowed;

pub use groups::{GroupPlace, Groups};
pub use narrowed::ChangeFilter;

use super::claims::subject_at;
use super::sources::SourceRow;
use super::{Error, Questions, Result, Transaction, millis, time};
use crate::detect::Holding;
use crate::market::{
    Attribute, Authority, Called, Change, ChangeId, ChangeKind, CoveredStages, Direction,
    FORGOTTEN_AFTER, Hash, ProbeId, ProviderId, RecordedChange, Scope, Severity, SourceId,
    Standing, Subject, Value,
};

pub(super) const COLUMNS: &str = "r.id, s.probe, s.scope, u.kind, u.provider, u.native_id, u.region, u.deployment, r.kind,
    r.attribute, r.old, r.new, r.old_raw, r.new_raw, r.seen_at, r.confirmed_at, r.true_from, r.direction, r.severity,
    r.authority, r.standing, r.documented, r.flapping, r.imported, r.url, r.old_body, r.new_body, r.group_id,
    (SELECT cause FROM change_group WHERE id = r.group_id),
    (SELECT group_concat(source, ' ') FROM (SELECT source FROM confirmation WHERE change_id = r.id ORDER BY at, source)),
    CASE WHEN u.kind IN ('announcement', 'component', 'incident') THEN
        (SELECT value ->> '$' FROM claim WHERE subject = r.subject AND source = r.source AND attribute = 'name'
         ORDER BY opened_at DESC LIMIT 1) END,
    CASE WHEN u.kind = 'incident' THEN
        (SELECT value FROM claim WHERE subject = r.subject AND source = r.source AND attribute = 'topics'
         ORDER BY opened_at DESC LIMIT 1) END";
pub(super) const TABLES: &str =
    "change_record r JOIN source s ON s.id = r.source JOIN subject u ON u.id = r.subject";

/// A value of a change: typed by its attribute, or a bare text where the change is of the subject itself.
fn change_value(attribute: Option<&Attribute>, stored: Option<String>) -> Option<Value> {
    let stored = stored?;
    match attribute {
        Some(attribute) => Value::from_stored(attribute, &stored),
        None => match serde_json::from_str(&stored).ok()? {
            Json::String(text) => Some(Value::Text(text.into())),
            _ => None,
        },
    }
}

pub(super) fn recorded(row: &Row<'_>) -> rusqlite::Result<RecordedChange> {
    let text = |at: usize| row.get::<_, Option<String>>(at);
    let word = |at: usize| row.get::<_, String>(at);
    let moment = |at: usize| row.get::<_, i64>(at).map(time);
    let hash = |at: usize| {
        row.get::<_, Option<Vec<u8>>>(at)
            .map(|bytes| bytes.and_then(|bytes| Hash::from_bytes(&bytes)))
    };
    let subject = subject_at(row, 3)?;
    let attribute: Option<Attribute> = text(9)?.and_then(|attribute| attribute.parse().ok());
    let change = Change {
        id: ChangeId(word(0)?),
        source: SourceId {
            probe: ProbeId::new(word(1)?),
            scope: Scope::new(word(2)?),
        },
        key: subject.key(),
        subject,
        kind: ChangeKind::from_word(&word(8)?).unwrap_or(ChangeKind::TextChanged),
        old: change_value(attribute.as_ref(), text(10)?),
        new: change_value(attribute.as_ref(), text(11)?),
        attribute,
        old_raw: text(12)?.map(Into::into),
        new_raw: text(13)?.map(Into::into),
        seen_at: moment(14)?,
        confirmed_at: moment(15)?,
        true_from: row.get::<_, Option<i64>>(16)?.map(time),
        direction: text(17)?.and_then(|direction| Direction::from_word(&direction)),
        severity: Severity::from_word(&word(18)?).unwrap_or(Severity::Info),
        documented: row.get(21)?,
        flapping: row.get(22)?,
        old_body: hash(25)?,
        new_body: hash(26)?,
        cause: text(28)?.unwrap_or_default(),
    };
    Ok(RecordedChange {
        change,
        authority: Authority::from_word(&word(19)?).unwrap_or(Authority::Registry),
        standing: Standing::from_word(&word(20)?).unwrap_or(Standing::News),
        imported: row.get(23)?,
        url: word(24)?,
        group: word(27)?,
        confirmed_by: text(29)?
            .map_or_else(Vec::new, |all| all.split(' ').map(str::to_string).collect()),
        called: Called {
            name: text(30)?,
            hits: text(31)?
                .and_then(|names| serde_json::from_str(&names).ok())
                .unwrap_or_default(),
        },
    })
}

/// Questions about changes.
pub trait Changes: Questions {
    /// Changes in the order in which they were recorded.
    fn changes(&self, filter: &ChangeFilter) -> Result<Vec<RecordedChange>> {
        let mut all = Vec::new();
        self.each_change(filter, |change| {
            all.push(change);
            Ok::<(), Error>(())
        })?;
        Ok(all)
    }

    /// Gives `take` changes one by one, in the order in which they were recorded. Ends when it fails.
    fn each_change<E: From<Error>>(
        &self,
        filter: &ChangeFilter,
        mut take: impl FnMut(RecordedChange) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let (sql, values) = self.changes_asked(filter)?;
        let mut statement = self.ask().prepare_cached(&sql).map_err(Error::from)?;
        let values: Vec<&dyn ToSql> = values.iter().map(AsRef::as_ref).collect();
        let rows = statement.query_map(values.as_slice(), recorded);
        for row in rows.map_err(Error::from)? {
            take(row.map_err(Error::from)?)?;
        }
        Ok(())
    }

    /// The question for changes, with the values of its parameters.
    #[doc(hidden)]
    fn changes_asked(&self, filter: &ChangeFilter) -> Result<(String, Vec<Box<dyn ToSql>>)> {
        let (conditions, values) = narrowed(self.ask(), filter)?;
        let sql = format!(
            "SELECT {COLUMNS} FROM {TABLES} WHERE 1{conditions} ORDER BY r.confirmed_at, r.ordinal"
        );
        Ok((sql, values))
    }

    /// How much news of each kind was recorded at or after a time; what is documented or flaps is told to nobody.
    fn news_since(&self, since: Timestamp) -> Result<BTreeMap<ChangeKind, u64>> {
        let mut statement = self.ask().prepare_cached(
            "SELECT kind, count(*) FROM change_record
             WHERE confirmed_at >= ?1 AND standing = ?2 AND NOT documented AND NOT flapping GROUP BY kind",
        )?;
        let mut rows = statement.query(params![millis(since), Standing::News.word()])?;
        let mut counts = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let kind =
                ChangeKind::from_word(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?);
            if let Some(kind) = kind {
                counts.insert(kind, row.get::<_, i64>(1)?.unsigned_abs());
            }
        }
        Ok(counts)
    }

    /// The same by provider, of all kinds.
    fn news_by_provider(&self, since: Timestamp) -> Result<BTreeMap<String, u64>> {
        let mut statement = self.ask().prepare_cached(
            "SELECT u.provider, count(*) FROM change_record r JOIN subject u ON u.id = r.subject
             WHERE r.confirmed_at >= ?1 AND r.standing = ?2 AND NOT r.documented AND NOT r.flapping GROUP BY u.provider",
        )?;
        let rows = statement.query_map(params![millis(since), Standing::News.word()], |row| {
            Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The groups that have news which is told, at most so many: the one with the latest change first.
    fn newest_groups(&self, most: u32) -> Result<Vec<String>> {
        let mut statement = self.ask().prepare_cached(
            "SELECT group_id FROM change_record WHERE standing = ?1 AND NOT documented AND NOT flapping
             GROUP BY group_id ORDER BY max(confirmed_at) DESC, max(ordinal) DESC LIMIT ?2",
        )?;
        let rows = statement.query_map(params![Standing::News.word(), most], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The changes whose identifier begins with `id`, at most ten.
    fn changes_named(&self, id: &str) -> Result<Vec<RecordedChange>> {
        let mut statement = self.ask().prepare_cached(&format!(
            "SELECT {COLUMNS} FROM {TABLES} WHERE substr(r.id, 1, length(?1)) = ?1 ORDER BY r.confirmed_at, r.ordinal LIMIT 10"
        ))?;
        let rows = statement.query_map([id.to_ascii_lowercase()], recorded)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// How many offerings a source lists of a provider in each deployment.
    fn listed_in_deployments(
        &self,
        source: &SourceRow,
        provider: &ProviderId,
    ) -> Result<Vec<(Box<str>, u64)>> {
        let mut statement = self.ask().prepare_cached(
            "SELECT u.deployment, count(*) FROM subject u JOIN claim c ON c.subject = u.id
             WHERE u.kind = 'offering' AND u.provider = ?1 AND u.deployment IS NOT NULL
               AND c.source = ?2 AND c.attribute = 'listed' AND c.closed_at IS NULL GROUP BY u.deployment",
        )?;
        let rows = statement.query_map(params![provider.as_str(), source.id], |row| {
            let deployment: String = row.get(0)?;
            Ok((deployment.into(), row.get::<_, i64>(1)?.unsigned_abs()))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// What else the changed source lists of a change's native id.
    fn listed_besides(&self, change: &Change) -> Result<Vec<Subject>> {
        let mut statement = self.ask().prepare_cached(
            "SELECT u.kind, u.provider, u.native_id, u.region, u.deployment
             FROM subject u JOIN claim c ON c.subject = u.id JOIN source s ON s.id = c.source
             WHERE u.provider = ?1 AND u.native_id = ?2 AND s.probe = ?3 AND s.scope = ?4
               AND c.attribute = 'listed' AND c.value = 'true' AND c.closed_at IS NULL",
        )?;
        let subject = &change.subject;
        let rows = statement.query_map(
            params![
                subject.provider.as_str(),
                subject.native_id.as_str(),
                change.source.probe.as_str(),
                change.source.scope.as_str(),
            ],
            |row| subject_at(row, 0),
        )?;
        let listed: Vec<Subject> = rows.collect::<rusqlite::Result<_>>()?;
        Ok(listed
            .into_iter()
            .filter(|other| other != subject)
            .collect())
    }
}

impl<T: Questions> Changes for T {}

impl Transaction<'_> {
    /// What other sources have held, since `since`, about the native id and attribute of a change (or about its presence), as
    /// it was known when the change was recorded: what they came to say later is no part of a history that is told anew.
    pub fn holdings(&self, change: &Change, since: Timestamp) -> Result<Vec<Holding>> {
        let attribute = change
            .attribute
            .as_ref()
            .map_or_else(|| "listed".to_string(), ToString::to_string);
        let mut statement = self.ask().prepare_cached(
            "SELECT s.probe, s.scope, s.authority, u.kind, u.provider, u.native_id, u.region, u.deployment, c.value,
                    c.opened_at, c.closed_at, s.accepted_at, s.covered_stages
             FROM subject u JOIN claim c ON c.subject = u.id JOIN source s ON s.id = c.source
             WHERE u.provider = ?1 AND u.native_id IN (SELECT value FROM json_each(?2)) AND c.attribute = ?3
               AND (c.closed_at IS NULL OR c.closed_at >= ?4)
               AND (c.attribute != 'listed' OR c.value = 'true' OR u.kind = 'announcement')
               AND NOT (s.probe = ?5 AND s.scope = ?6) AND c.opened_at <= ?7",
        )?;
        let subject = &change.subject;
        let mut rows = statement.query(params![
            subject.provider.as_str(),
            self.spelled(change)?,
            attribute,
            millis(since),
            change.source.probe.as_str(),
            change.source.scope.as_str(),
            millis(change.confirmed_at),
        ])?;
        let mut held = Vec::new();
        while let Some(row) = rows.next()? {
            let authority: String = row.get(2)?;
            let value: String = row.get(8)?;
            let closed = row.get::<_, Option<i64>>(10)?.map(time);
            let mut until = closed.filter(|until| *until <= change.confirmed_at);
            let read_at = row.get::<_, Option<i64>>(11)?.map(time);
            if let Some(read_at) = read_at
                && until.is_none()
                && change.confirmed_at.duration_since(read_at) > FORGOTTEN_AFTER
            {
                if change.kind == ChangeKind::OfferingRemoved {
                    continue;
                }
                until = Some(read_at);
            }
            let value = change
                .attribute
                .as_ref()
                .and_then(|attribute| Value::from_stored(attribute, &value));
            let covered = CoveredStages::from_stored(&row.get::<_, String>(12)?);
            held.push(Holding {
                covers: covered.beside(value.as_ref()),
                source: SourceId {
                    probe: ProbeId::new(row.get::<_, String>(0)?),
                    scope: Scope::new(row.get::<_, String>(1)?),
                },
                authority: Authority::from_word(&authority)
                    .ok_or_else(|| Error::Damaged(format!("the authority '{authority}'")))?,
                subject: subject_at(row, 3)?,
                value,
                from: time(row.get(9)?),
                until,
            });
        }
        Ok(held)
    }

    /// The latest news that says what a corroborating change says.
    pub fn news_like(&self, change: &Change) -> Result<Option<RecordedChange>> {
        let news = self
            .ask()
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM {TABLES}
                 WHERE u.provider = ?1 AND u.native_id IN (SELECT value FROM json_each(?2)) AND r.attribute IS ?3 AND r.standing = 'news'
                   AND (?3 IS NOT NULL AND r.new IS ?4 OR ?3 IS NULL AND r.kind = ?5)
                 ORDER BY r.ordinal DESC LIMIT 1",
            ))?
            .query_row(
                params![
                    change.subject.provider.as_str(),
                    self.spelled(change)?,
                    change.attribute.as_ref().map(ToString::to_string),
                    change.new.as_ref().map(Value::to_stored),
                    change.kind.word(),
                ],
                recorded,
            )
            .optional()?;
        Ok(news)
    }

    /// The native ids that a change is about, for `json_each`: of a model's life and its prices, every spelling of the version.
    fn spelled(&self, change: &Change) -> Result<String> {
        let ids = match change.attribute {
            Some(Attribute::Date(_) | Attribute::Stage | Attribute::Price(_)) => {
                self.spellings.of(self.ask(), &change.subject)?
            }
            _ => BTreeSet::from([change.subject.native_id.to_string()]),
        };
        Ok(serde_json::json!(ids).to_string())
    }

    /// Records a change; `false` if it was recorded before.
    pub fn record_change(&self, source: &SourceRow, recorded: &RecordedChange) -> Result<bool> {
        let change = &recorded.change;
        let subject = self.subject_id(&change.subject)?;
        let written = self
            .inner
            .prepare_cached(
                "INSERT OR IGNORE INTO change_record
                     (id, ordinal, source, subject, kind, attribute, old, new, old_raw, new_raw, seen_at, confirmed_at,
                      true_from, direction, severity, authority, standing, documented, flapping, imported, url,
                      old_body, new_body, group_id)
                 VALUES (?1, (SELECT coalesce(max(ordinal), 0) + 1 FROM change_record), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,
                         ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23)",
            )?
            .execute(params![
                change.id.0,
                source.id,
                subject,
                change.kind.word(),
                change.attribute.as_ref().map(ToString::to_string),
                change.old.as_ref().map(Value::to_stored),
                change.new.as_ref().map(Value::to_stored),
                change.old_raw.as_deref(),
                change.new_raw.as_deref(),
                millis(change.seen_at),
                millis(change.confirmed_at),
                change.true_from.map(millis),
                change.direction.map(Direction::word),
                change.severity.word(),
                recorded.authority.word(),
                recorded.standing.word(),
                change.documented,
                change.flapping,
                recorded.imported,
                recorded.url,
                change.old_body.map(|body| body.as_bytes().to_vec()),
                change.new_body.map(|body| body.as_bytes().to_vec()),
                recorded.group,
            ])?;
        if written > 0 {
            for source in &recorded.confirmed_by {
                self.confirm_change(&change.id, source, change.confirmed_at)?;
            }
        }
        Ok(written > 0)
    }

    /// Notes that another source says the same.
    pub fn confirm_change(&self, change: &ChangeId, source: &str, at: Timestamp) -> Result<()> {
        self.inner
            .prepare_cached(
                "INSERT OR IGNORE INTO confirmation (change_id, source, at) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![change.0, source, millis(at)])?;
        Ok(())
    }

    /// Whether only one source has ever been asked: then nothing can corroborate.
    pub fn has_one_source(&self) -> Result<bool> {
        let many: bool = self
            .inner
            .prepare_cached("SELECT count(*) > 1 FROM (SELECT 1 FROM source LIMIT 2)")?
            .query_row([], |row| row.get(0))?;
        Ok(!many)
    }
}

/// A claim of a lower authority that has differed from a higher one for long.
#[derive(Debug, Clone, PartialEq)]
pub struct Disagreement {
    /// The lower source.
    pub lower: SourceId,
    /// The higher source.
    pub higher: SourceId,
    /// About what.
    pub subject: crate::market::Subject,
    /// Of which attribute.
    pub attribute: Attribute,
    /// What the lower source says.
    pub says: Value,
    /// What the higher source says.
    pub against: Value,
    /// Since when both say so.
    pub since: Timestamp,
}

/// Questions across sources.
pub trait Disagreements: Questions {
    /// Claims of lower authorities that have differed from a higher one since before `before`, on the same offering; both
    /// sources have been read since.
    fn disagreements(&self, before: Timestamp) -> Result<Vec<Disagreement>> {
        let rank =
            "CASE %.authority WHEN 'provider-api' THEN 2 WHEN 'provider-page' THEN 1 ELSE 0 END";
        let sql = format!(
            "SELECT ls.probe, ls.scope, hs.probe, hs.scope, lu.kind, lu.provider, lu.native_id, lu.region, lu.deployment,
                    lc.attribute, lc.value, hc.value, max(lc.opened_at, hc.opened_at), hs.covered_stages
             FROM claim lc CROSS JOIN source ls ON ls.id = lc.source
             CROSS JOIN subject lu ON lu.id = lc.subject AND lu.kind = 'offering'
             CROSS JOIN subject hu ON hu.provider = lu.provider AND hu.native_id = lu.native_id AND hu.kind = 'offering'
                  AND (hu.region = lu.region OR hu.region = '*' OR lu.region = '*')
                  AND (hu.deployment IS lu.deployment OR hu.deployment IS NULL OR lu.deployment IS NULL)
             CROSS JOIN claim hc ON hc.subject = hu.id AND hc.attribute = lc.attribute
                  AND hc.closed_at IS NULL AND hc.opened_at <= ?1 AND hc.value != lc.value
             CROSS JOIN source hs ON hs.id = hc.source AND {} < {}
             WHERE lc.closed_at IS NULL AND lc.opened_at <= ?1 AND ls.accepted_at > ?1 AND hs.accepted_at > ?1 AND lc.attribute NOT IN ('listed', 'name', 'date.updated')
               AND ls.authority != 'provider-api' AND NOT (lc.attribute = 'stage' AND '\"unknown\"' IN (lc.value, hc.value))
             ORDER BY lu.provider, lu.native_id, lc.attribute, lc.id, hs.id",
            rank.replace('%', "ls"),
            rank.replace('%', "hs"),
        );
        // in the order in which they are written: left to itself the planner tries every pair of claims on one attribute, and with
        // the source before its claims every source is looked up for each of the lower ones
        let mut statement = self.ask().prepare_cached(&sql)?;
        let mut rows = statement.query([millis(before)])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let source = |at: usize| -> rusqlite::Result<SourceId> {
                Ok(SourceId {
                    probe: ProbeId::new(row.get::<_, String>(at)?),
                    scope: Scope::new(row.get::<_, String>(at + 1)?),
                })
            };
            let attribute: String = row.get(9)?;
            let (attribute, says) =
                super::claims::value_of(&attribute, &row.get::<_, String>(10)?)?;
            let (_, against) =
                super::claims::value_of(&attribute.to_string(), &row.get::<_, String>(11)?)?;
            let covered = CoveredStages::from_stored(&row.get::<_, String>(13)?);
            if covered.beside(Some(&against)).holds(Some(&says)) {
                continue;
            }
            found.push(Disagreement {
                lower: source(0)?,
                higher: source(2)?,
                subject: subject_at(row, 4)?,
                attribute,
                says,
                against,
                since: time(row.get(12)?),
            });
        }
        Ok(found)
    }
}

impl<T: Questions> Disagreements for T {}
