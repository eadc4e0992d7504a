//! What nobody is told of for a while.

use jiff::Timestamp;
use rusqlite::{Row, params};
use serde_json::Value as Json;

use super::{Error, Questions, Result, Transaction, millis, time};
use crate::market::{ChangeKind, Silence};

/// Questions about silences.
pub trait Silences: Questions {
    /// Those that end after a moment, the first one to end first.
    fn silences_after(&self, moment: Timestamp) -> Result<Vec<Silence>> {
        let mut statement = self.ask().prepare_cached(
            "SELECT id, matcher, reason, begun, until FROM silence WHERE until > ?1 ORDER BY until, id",
        )?;
        let mut rows = statement.query([millis(moment)])?;
        let mut silences = Vec::new();
        while let Some(row) = rows.next()? {
            silences.push(silence(row)?);
        }
        Ok(silences)
    }
}

impl<T: Questions> Silences for T {}

fn silence(row: &Row<'_>) -> Result<Silence> {
    let matcher: String = row.get(1)?;
    let damaged = || Error::Damaged(format!("the silence {matcher}"));
    let json: Json = serde_json::from_str(&matcher).map_err(|_| damaged())?;
    let words = |key: &str| -> Vec<String> {
        let words = json.get(key).and_then(Json::as_array);
        let words = words.into_iter().flatten().filter_map(Json::as_str);
        words.map(str::to_string).collect()
    };
    let kinds = words("kinds");
    let kinds = kinds
        .iter()
        .map(|word| ChangeKind::from_word(word).ok_or_else(damaged));
    Ok(Silence {
        id: row.get(0)?,
        models: words("models"),
        providers: words("providers"),
        regions: words("regions"),
        kinds: kinds.collect::<Result<_>>()?,
        reason: row.get(2)?,
        begun: time(row.get(3)?),
        until: time(row.get(4)?),
    })
}

impl Transaction<'_> {
    /// Keeps a silence; one of the same name takes its place.
    pub fn keep_silence(&self, silence: &Silence) -> Result<()> {
        let kinds: Vec<&str> = silence.kinds.iter().map(|kind| kind.word()).collect();
        let matcher = serde_json::json!({
            "models": silence.models, "providers": silence.providers, "regions": silence.regions, "kinds": kinds,
        });
        self.inner
            .prepare_cached(
                "INSERT OR REPLACE INTO silence (id, matcher, reason, begun, until) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                silence.id,
                matcher.to_string(),
                silence.reason,
                millis(silence.begun),
                millis(silence.until)
            ])?;
        Ok(())
    }

    /// Ends a silence at a moment. `false` if there is none of that name that goes on.
    pub fn expire_silence(&self, id: &str, at: Timestamp) -> Result<bool> {
        let ended = self
            .inner
            .prepare_cached("UPDATE silence SET until = ?2 WHERE id = ?1 AND until > ?2")?
            .execute(params![id, millis(at)])?;
        Ok(ended > 0)
    }
}
