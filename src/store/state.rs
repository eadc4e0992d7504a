//! The detection state of a source: loaded as far as one reading needs it, edited as detection says.

use std::collections::{HashMap, HashSet};
use std::num::NonZeroU64;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};
use serde_json::{Value as Json, json};

use super::claims::{LISTED, read_key, stored_key, subject_at, value_of};
use super::sources::SourceRow;
use super::{Error, Questions, Result, Transaction, millis, time};
use crate::market::{
    AcceptedSubject, Attribute, Claim, DetectionState, Fingerprint, Flap, Hash, Pending,
    PendingKey, PendingWhat, ProviderId, StateEdit, Subject, SubjectKey, Totals, Value,
};

type Index = HashMap<SubjectKey, Option<Fingerprint>>;

pub(super) fn index_from_bytes(bytes: &[u8]) -> Index {
    let (pairs, _) = bytes.as_chunks::<16>();
    pairs
        .iter()
        .map(|pair| {
            let (mut key, mut print) = ([0u8; 8], [0u8; 8]);
            key.copy_from_slice(&pair[..8]);
            print.copy_from_slice(&pair[8..]);
            let print = NonZeroU64::new(u64::from_le_bytes(print)).map(Fingerprint);
            (SubjectKey(u64::from_le_bytes(key)), print)
        })
        .collect()
}

pub(super) fn index_to_bytes(index: &Index) -> Vec<u8> {
    let mut pairs: Vec<(SubjectKey, u64)> = index
        .iter()
        .map(|(key, print)| (*key, print.map_or(0, |print| print.0.get())))
        .collect();
    pairs.sort_unstable();
    let mut bytes = Vec::with_capacity(pairs.len() * 16);
    for (key, print) in pairs {
        bytes.extend_from_slice(&key.0.to_le_bytes());
        bytes.extend_from_slice(&print.to_le_bytes());
    }
    bytes
}

fn claim_to_json(claim: &Claim) -> Json {
    json!({
        "attribute": claim.attribute.to_string(),
        "value": claim.value.to_json(),
        "raw": claim.raw,
        "rank": claim.rank,
        "true_from": claim.true_from.map(millis),
    })
}

fn claim_from_json(json: &Json) -> Option<Claim> {
    let attribute: Attribute = json.get("attribute")?.as_str()?.parse().ok()?;
    let value = Value::from_json(&attribute, json.get("value")?)?;
    let raw = json.get("raw")?.as_str()?.into();
    Some(Claim {
        attribute,
        value,
        raw,
        rank: json.get("rank").and_then(Json::as_i64),
        true_from: json.get("true_from").and_then(Json::as_i64).map(time),
    })
}

fn claims_from_text(text: &str) -> Result<Vec<Claim>> {
    let damaged = || Error::Damaged("a pending claim".to_string());
    let json: Json = serde_json::from_str(text).map_err(|_| damaged())?;
    json.as_array()
        .ok_or_else(damaged)?
        .iter()
        .map(|c| claim_from_json(c).ok_or_else(damaged))
        .collect()
}

fn stored_attribute(key: &PendingKey) -> String {
    key.attribute
        .as_ref()
        .map_or_else(String::new, ToString::to_string)
}

fn read_attribute(stored: &str) -> Result<Option<Attribute>> {
    match stored {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|_| Error::Damaged(format!("the attribute '{text}'"))),
    }
}

/// Loading a source's state.
pub trait States: Questions {
    /// What every reading needs: the index, all that is pending, the totals.
    fn state(&self, source: &SourceRow) -> Result<DetectionState> {
        let mut totals = self
            .ask()
            .prepare_cached("SELECT provider, subjects, \"values\" FROM total WHERE source = ?1")?;
        let totals = totals
            .query_map([source.id], |row| {
                let subjects = row.get::<_, i64>(1)?.unsigned_abs();
                let values = row.get::<_, i64>(2)?.unsigned_abs();
                Ok((
                    ProviderId::new(row.get::<_, String>(0)?),
                    Totals { subjects, values },
                ))
            })?
            .collect::<rusqlite::Result<_>>()?;
        Ok(DetectionState {
            index: index_from_bytes(&source.subject_index),
            pending: pending(self.ask(), source.id)?,
            totals,
            ..DetectionState::default()
        })
    }

    /// Whether anything is pending.
    fn has_pending(&self, source: &SourceRow) -> Result<bool> {
        Ok(self
            .ask()
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM pending WHERE source = ?1)")?
            .query_row([source.id], |row| row.get(0))?)
    }

    /// Adds what a reading touches: accepted values and recent returns of `touched`, and which of `added` were stated before.
    fn load_touched(
        &self,
        source: &SourceRow,
        state: &mut DetectionState,
        touched: &HashSet<SubjectKey>,
        added: &[SubjectKey],
    ) -> Result<()> {
        let has_flaps: bool = self
            .ask()
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM flap WHERE source = ?1)")?
            .query_row([source.id], |row| row.get(0))?;
        for key in touched {
            if let Some(accepted) = accepted(self.ask(), source.id, *key)? {
                state.accepted.insert(*key, accepted);
            }
            if has_flaps {
                flaps(self.ask(), source.id, *key, &mut state.flaps)?;
            }
        }
        for key in added {
            if has_flaps {
                flaps(self.ask(), source.id, *key, &mut state.flaps)?;
            }
            let former: bool = self
                .ask()
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM claim c JOIN subject u ON u.id = c.subject
                     WHERE u.key = ?2 AND c.source = ?1 AND c.attribute = 'listed')",
                )?
                .query_row(params![source.id, stored_key(*key)], |row| row.get(0))?;
            if former {
                state.former.insert(*key);
            }
        }
        Ok(())
    }

    /// Everything that a source is accepted to state.
    fn all_accepted(&self, source: &SourceRow) -> Result<HashMap<SubjectKey, AcceptedSubject>> {
        let mut all = HashMap::new();
        for key in index_from_bytes(&source.subject_index).into_keys() {
            if let Some(accepted) = accepted(self.ask(), source.id, key)? {
                all.insert(key, accepted);
            }
        }
        Ok(all)
    }
}

impl<T: Questions> States for T {}

fn accepted(
    connection: &rusqlite::Connection,
    source: i64,
    key: SubjectKey,
) -> Result<Option<AcceptedSubject>> {
    let subject: Option<(i64, Subject)> = connection
        .prepare_cached(
            "SELECT id, kind, provider, native_id, region, deployment FROM subject WHERE key = ?1",
        )?
        .query_row([stored_key(key)], |row| {
            Ok((row.get(0)?, subject_at(row, 1)?))
        })
        .optional()?;
    let Some((id, subject)) = subject else {
        return Ok(None);
    };
    let mut statement = connection.prepare_cached(
        "SELECT attribute, value FROM claim WHERE subject = ?2 AND source = ?1 AND closed_at IS NULL",
    )?;
    let mut rows = statement.query(params![source, id])?;
    let (mut values, mut is_listed) = (std::collections::BTreeMap::new(), false);
    while let Some(row) = rows.next()? {
        let attribute = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        if attribute == LISTED {
            is_listed = true;
            continue;
        }
        let (attribute, value) = value_of(
            attribute,
            row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?,
        )?;
        values.insert(attribute, value);
    }
    Ok(is_listed.then_some(AcceptedSubject { subject, values }))
}

fn pending(connection: &rusqlite::Connection, source: i64) -> Result<HashMap<PendingKey, Pending>> {
    let mut statement = connection.prepare_cached(
        "SELECT p.attribute, p.what, p.claims, p.first_seen, p.first_reading, p.first_body, p.readings, u.key,
                u.kind, u.provider, u.native_id, u.region, u.deployment
         FROM pending p JOIN subject u ON u.id = p.subject WHERE p.source = ?1",
    )?;
    let mut rows = statement.query([source])?;
    let mut all = HashMap::new();
    let hash = |bytes: Vec<u8>| {
        Hash::from_bytes(&bytes).ok_or_else(|| Error::Damaged("a hash".to_string()))
    };
    while let Some(row) = rows.next()? {
        let mut claims = claims_from_text(&row.get::<_, String>(2)?)?;
        let what = match row.get::<_, String>(1)?.as_str() {
            "added" => PendingWhat::Added(claims),
            "removed" => PendingWhat::Removed,
            _ => PendingWhat::Changed(claims.pop()),
        };
        let key = PendingKey {
            subject: read_key(row.get(7)?),
            attribute: read_attribute(&row.get::<_, String>(0)?)?,
        };
        let pending = Pending {
            subject: subject_at(row, 8)?,
            what,
            first_seen: time(row.get(3)?),
            first_reading: hash(row.get(4)?)?,
            first_body: hash(row.get(5)?)?,
            readings: row.get(6)?,
        };
        all.insert(key, pending);
    }
    Ok(all)
}

fn flaps(
    connection: &rusqlite::Connection,
    source: i64,
    key: SubjectKey,
    into: &mut HashMap<PendingKey, Flap>,
) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "SELECT f.attribute, f.changes, f.returns, f.flapping_since
         FROM subject u JOIN flap f ON f.subject = u.id AND f.source = ?1 WHERE u.key = ?2",
    )?;
    let mut rows = statement.query(params![source, stored_key(key)])?;
    while let Some(row) = rows.next()? {
        let damaged = |_| Error::Damaged("a flap".to_string());
        let changes: Vec<(i64, String)> =
            serde_json::from_str(&row.get::<_, String>(1)?).map_err(damaged)?;
        let returns: Vec<i64> = serde_json::from_str(&row.get::<_, String>(2)?).map_err(damaged)?;
        let flap = Flap {
            changes: changes
                .into_iter()
                .filter_map(|(at, value)| Some((time(at), Hash::from_hex(&value)?)))
                .collect(),
            returns: returns.into_iter().map(time).collect(),
            flapping_since: row.get::<_, Option<i64>>(3)?.map(time),
        };
        let attribute = read_attribute(&row.get::<_, String>(0)?)?;
        into.insert(
            PendingKey {
                subject: key,
                attribute,
            },
            flap,
        );
    }
    Ok(())
}

impl Transaction<'_> {
    /// Makes the edits that detection asks for, as of `at`, each let go of once it is made.
    pub fn edit_state(
        &self,
        source: &SourceRow,
        lists: bool,
        mut state: DetectionState,
        edits: impl IntoIterator<Item = StateEdit>,
        at: Timestamp,
    ) -> Result<()> {
        let before = state.totals.clone();
        let mut index_changed = false;
        for edit in edits {
            match edit {
                StateEdit::Open(subject, claims) => {
                    let id = self.subject_id(&subject)?;
                    self.open_listing(source.id, id, lists, at)?;
                    for claim in &claims {
                        self.open_claim(source.id, id, claim, at)?;
                    }
                    let totals = state.totals.entry(subject.provider.clone()).or_default();
                    totals.subjects += 1;
                    totals.values += claims.len() as u64;
                    state.index.insert(subject.key(), None);
                    index_changed = true;
                }
                StateEdit::Close(subject) => {
                    let id = self.subject_id(&subject)?;
                    let values = self.close_subject(source.id, id, at)?;
                    let totals = state.totals.entry(subject.provider.clone()).or_default();
                    totals.subjects = totals.subjects.saturating_sub(1);
                    totals.values = totals.values.saturating_sub(values);
                    state.index.remove(&subject.key());
                    index_changed = true;
                }
                StateEdit::Set(subject, attribute, claim) => {
                    let id = self.subject_id(&subject)?;
                    let totals = state.totals.entry(subject.provider.clone()).or_default();
                    if self.close_claim(source.id, id, &attribute.to_string(), at)? {
                        totals.values = totals.values.saturating_sub(1);
                    }
                    if let Some(claim) = claim {
                        self.open_claim(source.id, id, &claim, at)?;
                        totals.values += 1;
                    }
                }
                StateEdit::Pend(key, pending) => self.pend(source.id, &key, &pending)?,
                StateEdit::Drop(key) => self.drop_pending(source.id, &key)?,
                StateEdit::Flap(key, flap) => self.keep_flap(source.id, &key, &flap, at)?,
                StateEdit::Settle(key, fingerprint) => {
                    if let Some(kept) = state.index.get_mut(&key) {
                        *kept = fingerprint;
                        index_changed = true;
                    }
                }
            }
        }
        if index_changed {
            self.inner
                .prepare_cached("UPDATE source SET subject_index = ?2 WHERE id = ?1")?
                .execute(params![source.id, index_to_bytes(&state.index)])?;
        }
        for (provider, totals) in state
            .totals
            .iter()
            .filter(|(p, t)| before.get(*p) != Some(*t))
        {
            self.inner
                .prepare_cached(
                    "INSERT INTO total (source, provider, subjects, \"values\") VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT DO UPDATE SET subjects = excluded.subjects, \"values\" = excluded.\"values\"",
                )?
                .execute(params![
                    source.id,
                    provider.as_str(),
                    totals.subjects as i64,
                    totals.values as i64
                ])?;
        }
        Ok(())
    }

    fn pend(&self, source: i64, key: &PendingKey, pending: &Pending) -> Result<()> {
        let subject = self.subject_id(&pending.subject)?;
        let (what, claims): (&str, Vec<&Claim>) = match &pending.what {
            PendingWhat::Added(claims) => ("added", claims.iter().collect()),
            PendingWhat::Removed => ("removed", Vec::new()),
            PendingWhat::Changed(claim) => ("changed", claim.iter().collect()),
        };
        let claims = Json::Array(claims.into_iter().map(claim_to_json).collect());
        self.inner
            .prepare_cached(
                "INSERT INTO pending (source, subject, attribute, what, claims, first_seen, first_reading, first_body, readings)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                 ON CONFLICT DO UPDATE SET what = excluded.what, claims = excluded.claims,
                     first_seen = excluded.first_seen, first_reading = excluded.first_reading,
                     first_body = excluded.first_body, readings = excluded.readings",
            )?
            .execute(params![
                source,
                subject,
                stored_attribute(key),
                what,
                claims.to_string(),
                millis(pending.first_seen),
                pending.first_reading.as_bytes(),
                pending.first_body.as_bytes(),
                pending.readings,
            ])?;
        Ok(())
    }

    fn drop_pending(&self, source: i64, key: &PendingKey) -> Result<()> {
        self.inner
            .prepare_cached(
                "DELETE FROM pending WHERE source = ?1 AND attribute = ?3
                 AND subject = (SELECT id FROM subject WHERE key = ?2)",
            )?
            .execute(params![
                source,
                stored_key(key.subject),
                stored_attribute(key)
            ])?;
        Ok(())
    }

    fn keep_flap(&self, source: i64, key: &PendingKey, flap: &Flap, at: Timestamp) -> Result<()> {
        let changes: Vec<(i64, String)> = flap
            .changes
            .iter()
            .map(|(at, value)| (millis(*at), value.hex(64)))
            .collect();
        let returns: Vec<i64> = flap.returns.iter().map(|at| millis(*at)).collect();
        self.inner
            .prepare_cached(
                "INSERT INTO flap (source, subject, attribute, changes, returns, flapping_since, last_at)
                 SELECT ?1, id, ?3, ?4, ?5, ?6, ?7 FROM subject WHERE key = ?2
                 ON CONFLICT DO UPDATE SET changes = excluded.changes, returns = excluded.returns,
                     flapping_since = excluded.flapping_since, last_at = excluded.last_at",
            )?
            .execute(params![
                source,
                stored_key(key.subject),
                stored_attribute(key),
                json!(changes).to_string(),
                json!(returns).to_string(),
                flap.flapping_since.map(millis),
                millis(at),
            ])?;
        Ok(())
    }
}
