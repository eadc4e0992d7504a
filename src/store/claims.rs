//! Subjects and what sources claim of them, as intervals.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::sources::SourceRow;
use super::{Error, Questions, Result, Transaction, millis, time};
use crate::market::{
    Attribute, Claim, Identity, Interface, NativeId, ProviderId, Region, Subject, SubjectKey,
    SubjectKind, Value, Wanted,
};

/// The attribute under which a subject itself is claimed: `true` where the source lists it, `false` where it only speaks of it.
pub(super) const LISTED: &str = "listed";

pub(super) fn stored_key(key: SubjectKey) -> i64 {
    i64::from_le_bytes(key.0.to_le_bytes())
}

pub(super) fn read_key(stored: i64) -> SubjectKey {
    SubjectKey(u64::from_le_bytes(stored.to_le_bytes()))
}

/// A subject from five columns that begin at `first`: kind, provider, native_id, region, deployment.
pub(super) fn subject_at(row: &Row<'_>, first: usize) -> rusqlite::Result<Subject> {
    let text = |at: usize| -> rusqlite::Result<&str> { Ok(row.get_ref(first + at)?.as_str()?) };
    let deployment = row.get_ref(first + 4)?.as_str_or_null()?;
    Ok(Subject {
        kind: SubjectKind::from_word(text(0)?).unwrap_or(SubjectKind::Offering),
        provider: ProviderId::new(text(1)?),
        native_id: NativeId::new(text(2)?),
        region: Region::new(text(3)?),
        deployment: deployment.map(Into::into),
    })
}

/// The subjects that a person means who names a model. Each native id is looked at once, however many regions sell it.
pub(super) struct Meant {
    wanted: Wanted,
    seen: HashMap<(SubjectKind, ProviderId), HashMap<NativeId, bool>>,
}

impl Meant {
    pub(super) fn new(model: &str) -> Self {
        Self {
            wanted: Wanted::new(model),
            seen: HashMap::new(),
        }
    }

    pub(super) fn fits(&mut self, subject: &Subject) -> bool {
        let seller = (subject.kind, subject.provider.clone());
        let seen = self.seen.entry(seller).or_default();
        if let Some(fits) = seen.get(&subject.native_id) {
            return *fits;
        }
        let fits = self.wanted.fits(subject);
        seen.insert(subject.native_id.clone(), fits);
        fits
    }
}

/// The row ids of the subjects that a person means who names a model, as a JSON array for `json_each`.
pub(super) fn subjects_of(connection: &Connection, model: &str) -> Result<String> {
    let mut wanted = Meant::new(model);
    let meant = subjects_that(connection, |subject| wanted.fits(subject))?;
    Ok(serde_json::json!(meant).to_string())
}

/// The row ids of the subjects that fit.
pub(super) fn subjects_that(
    connection: &Connection,
    mut fits: impl FnMut(&Subject) -> bool,
) -> Result<Vec<i64>> {
    let mut statement = connection
        .prepare_cached("SELECT id, kind, provider, native_id, region, deployment FROM subject")?;
    let mut rows = statement.query([])?;
    let mut found: Vec<i64> = Vec::new();
    while let Some(row) = rows.next()? {
        if fits(&subject_at(row, 1)?) {
            found.push(row.get(0)?);
        }
    }
    Ok(found)
}

/// The row ids of the subjects that fit. Each is shown with what its native id denotes, which is looked at once however many regions
/// sell it.
pub(super) fn subjects_known(
    connection: &Connection,
    mut fits: impl FnMut(&Subject, Option<&Identity>) -> bool,
) -> Result<Vec<i64>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, kind, provider, native_id, region, deployment FROM subject ORDER BY provider, native_id",
    )?;
    let mut rows = statement.query([])?;
    let mut found: Vec<i64> = Vec::new();
    let mut last: Option<(Subject, Option<Identity>)> = None;
    while let Some(row) = rows.next()? {
        let subject = subject_at(row, 1)?;
        let is_same = last.as_ref().is_some_and(|(last, _)| {
            let ours = (last.kind, &last.provider, &last.native_id);
            ours == (subject.kind, &subject.provider, &subject.native_id)
        });
        if !is_same {
            let identity = subject.identity();
            last = Some((subject.clone(), identity));
        }
        let identity = last.as_ref().and_then(|(_, identity)| identity.as_ref());
        if fits(&subject, identity) {
            found.push(row.get(0)?);
        }
    }
    Ok(found)
}

/// A stored value of a stored attribute.
pub(super) fn value_of(attribute: &str, stored: &str) -> Result<(Attribute, Value)> {
    let parsed: Attribute = attribute
        .parse()
        .map_err(|_| Error::Damaged(format!("the attribute '{attribute}'")))?;
    let value = Value::from_stored(&parsed, stored)
        .ok_or_else(|| Error::Damaged(format!("the value {stored} of {attribute}")))?;
    Ok((parsed, value))
}

impl Transaction<'_> {
    pub(super) fn subject_id(&self, subject: &Subject) -> Result<i64> {
        let key = stored_key(subject.key());
        let known: Option<i64> = self
            .inner
            .prepare_cached("SELECT id FROM subject WHERE key = ?1")?
            .query_row([key], |row| row.get(0))
            .optional()?;
        if let Some(id) = known {
            return Ok(id);
        }
        self.inner
            .prepare_cached(
                "INSERT INTO subject (key, kind, provider, native_id, region, deployment) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                key,
                subject.kind.word(),
                subject.provider.as_str(),
                subject.native_id.as_str(),
                subject.region.as_str(),
                subject.deployment.as_deref(),
            ])?;
        Ok(self.inner.last_insert_rowid())
    }

    pub(super) fn open_listing(
        &self,
        source: i64,
        subject: i64,
        lists: bool,
        at: Timestamp,
    ) -> Result<()> {
        self.insert_claim(
            source,
            subject,
            LISTED,
            if lists { "true" } else { "false" },
            None,
            at,
        )
    }

    pub(super) fn open_claim(
        &self,
        source: i64,
        subject: i64,
        claim: &Claim,
        at: Timestamp,
    ) -> Result<()> {
        let value = claim.value.to_stored();
        // the raw spelling is worth a place only where it differs from the value
        let bare = value.trim_matches('"');
        let raw = Some(&*claim.raw).filter(|raw| !raw.is_empty() && *raw != bare);
        self.insert_claim(
            source,
            subject,
            &claim.attribute.to_string(),
            &value,
            raw,
            at,
        )
    }

    fn insert_claim(
        &self,
        source: i64,
        subject: i64,
        attribute: &str,
        value: &str,
        raw: Option<&str>,
        at: Timestamp,
    ) -> Result<()> {
        self.inner
            .prepare_cached(
                "INSERT INTO claim (source, subject, attribute, value, raw, opened_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![source, subject, attribute, value, raw, millis(at)])?;
        Ok(())
    }

    /// Ends one claim; whether there was one.
    pub(super) fn close_claim(
        &self,
        source: i64,
        subject: i64,
        attribute: &str,
        at: Timestamp,
    ) -> Result<bool> {
        let closed = self
            .inner
            .prepare_cached(
                "UPDATE claim SET closed_at = ?4
                 WHERE source = ?1 AND subject = ?2 AND attribute = ?3 AND closed_at IS NULL",
            )?
            .execute(params![source, subject, attribute, millis(at)])?;
        Ok(closed > 0)
    }

    /// Ends every claim on a subject; how many values there were, besides the subject itself.
    pub(super) fn close_subject(&self, source: i64, subject: i64, at: Timestamp) -> Result<u64> {
        let closed = self
            .inner
            .prepare_cached(
                "UPDATE claim SET closed_at = ?3 WHERE source = ?1 AND subject = ?2 AND closed_at IS NULL",
            )?
            .execute(params![source, subject, millis(at)])?;
        Ok((closed as u64).saturating_sub(1))
    }
}

/// What a source last claimed of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastClaim {
    /// The source's own spelling, if it still claims it.
    pub raw: Option<String>,
    /// Since when it has said what it says now: this, or nothing any more.
    pub since: Timestamp,
}

/// Questions about claims.
pub trait Claims: Questions {
    /// What kind of interface a source says now that this very offering is.
    fn interface_of(&self, subject: &Subject) -> Result<Option<Interface>> {
        let mut statement = self.ask().prepare_cached(
            "SELECT c.value FROM subject u JOIN claim c ON c.subject = u.id AND c.attribute = 'interface'
             WHERE u.key = ?1 AND c.closed_at IS NULL ORDER BY c.id",
        )?;
        let mut rows = statement.query([stored_key(subject.key())])?;
        while let Some(row) = rows.next()? {
            let stored: String = row.get(0)?;
            if let Some(Value::Interface(interface)) =
                Value::from_stored(&Attribute::Interface, &stored)
            {
                return Ok(Some(interface));
            }
        }
        Ok(None)
    }

    /// The last claim of a source on an attribute (`None`: on the subject itself); `None` if it never made one.
    fn last_claim(
        &self,
        source: &SourceRow,
        subject: SubjectKey,
        attribute: Option<&Attribute>,
    ) -> Result<Option<LastClaim>> {
        let attribute = attribute.map_or_else(|| LISTED.to_string(), ToString::to_string);
        let found = self
            .ask()
            .prepare_cached(
                "SELECT coalesce(c.raw, trim(c.value, '\"')), c.opened_at, c.closed_at
                 FROM subject u JOIN claim c ON c.subject = u.id AND c.source = ?1 AND c.attribute = ?3
                 WHERE u.key = ?2 ORDER BY c.id DESC LIMIT 1",
            )?
            .query_row(params![source.id, stored_key(subject), attribute], |row| {
                let closed: Option<i64> = row.get(2)?;
                let since = closed.map_or_else(|| row.get(1), Ok)?;
                let raw: String = row.get(0)?;
                Ok(LastClaim { raw: closed.is_none().then_some(raw), since: time(since) })
            })
            .optional()?;
        Ok(found)
    }
}

impl<T: Questions> Claims for T {}
