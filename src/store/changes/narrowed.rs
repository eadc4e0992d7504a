//! Which changes are asked for.

use jiff::Timestamp;
use rusqlite::{Connection, ToSql};

use crate::market::{ChangeKind, Direction, Identity, Severity, Standing, Subject};
use crate::store::claims::{subjects_known, subjects_of};
use crate::store::{Result, millis};

/// Which changes are asked for.
#[derive(Debug, Clone, Default)]
pub struct ChangeFilter {
    /// Every source's changes instead of news only.
    pub all: bool,
    /// Without what a registry only documents, which is told to nobody.
    pub undocumented: bool,
    /// Recorded at or after this time.
    pub since: Option<Timestamp>,
    /// Recorded before this time.
    pub until: Option<Timestamp>,
    /// Of this provider.
    pub provider: Option<String>,
    /// Of this model or version, or whose native id holds this text, whatever its case.
    pub model: Option<String>,
    /// Of this kind.
    pub kind: Option<ChangeKind>,
    /// Of this group.
    pub group: Option<String>,
    /// Of a model of this lab.
    pub lab: Option<String>,
    /// At least so grave.
    pub severity: Option<Severity>,
    /// That go this way.
    pub direction: Option<Direction>,
    /// That hold all of these words, whatever their case: in provider, native id, region, model, kind, attribute, old or new.
    pub words: Vec<String>,
}

/// That a word stands in a change or its subject: of `[word, subjects, kinds]`.
const SPEAKS: &str = "(u.id IN (SELECT value FROM json_each(?, '$[1]')) OR r.kind IN (SELECT value FROM json_each(?, '$[2]'))
    OR instr(lower(coalesce(r.attribute, '')), ? ->> '$[0]') OR instr(lower(coalesce(r.old, '')), ? ->> '$[0]')
    OR instr(lower(coalesce(r.new, '')), ? ->> '$[0]'))";

/// Whether a word, in small letters, stands in what a subject is called.
fn speaks(subject: &Subject, identity: Option<&Identity>, word: &str) -> bool {
    let named = [
        subject.provider.as_str(),
        subject.native_id.as_str(),
        subject.region.as_str(),
        subject.deployment.as_deref().unwrap_or_default(),
    ];
    named.iter().any(|name| name.to_lowercase().contains(word)) || {
        let model = identity.and_then(Identity::closest);
        model.is_some_and(|model| model.contains(word))
    }
}

/// The conditions that changes meet which are asked for, with the values of their parameters.
pub(super) fn narrowed(
    connection: &Connection,
    filter: &ChangeFilter,
) -> Result<(String, Vec<Box<dyn ToSql>>)> {
    let mut sql = String::new();
    let mut values: Vec<Box<dyn ToSql>> = Vec::new();
    let mut narrow = |condition: &str, value: Box<dyn ToSql>| {
        values.push(value);
        sql.push_str(&format!(
            " AND {}",
            condition.replace("?", &format!("?{}", values.len()))
        ));
    };
    if !filter.all {
        narrow("r.standing = ?", Box::new(Standing::News.word()));
    }
    if filter.undocumented {
        narrow("r.documented = ?", Box::new(false));
    }
    if let Some(since) = filter.since {
        narrow("r.confirmed_at >= ?", Box::new(millis(since)));
    }
    if let Some(until) = filter.until {
        narrow("r.confirmed_at < ?", Box::new(millis(until)));
    }
    if let Some(provider) = &filter.provider {
        narrow("u.provider = ?", Box::new(provider.clone()));
    }
    if let Some(model) = &filter.model {
        let meant = subjects_of(connection, model)?;
        narrow("u.id IN (SELECT value FROM json_each(?))", Box::new(meant));
    }
    if let Some(kind) = filter.kind {
        narrow("r.kind = ?", Box::new(kind.word()));
    }
    if let Some(group) = &filter.group {
        narrow("r.group_id = ?", Box::new(group.clone()));
    }
    if let Some(lab) = &filter.lab {
        let meant = subjects_known(connection, |_, identity| {
            let model = identity.and_then(|identity| identity.model.as_deref());
            model.is_some_and(|model| model.split('/').next() == Some(lab))
        })?;
        let meant = serde_json::json!(meant).to_string();
        narrow("u.id IN (SELECT value FROM json_each(?))", Box::new(meant));
    }
    if let Some(least) = filter.severity {
        let grave = Severity::ALL.into_iter().filter(|one| *one >= least);
        let words: Vec<&str> = grave.map(Severity::word).collect();
        let words = serde_json::json!(words).to_string();
        narrow(
            "r.severity IN (SELECT value FROM json_each(?))",
            Box::new(words),
        );
    }
    if let Some(direction) = filter.direction {
        narrow("r.direction = ?", Box::new(direction.word()));
    }
    for word in &filter.words {
        let word = word.to_lowercase();
        let meant = subjects_known(connection, |subject, identity| {
            speaks(subject, identity, &word)
        })?;
        let kinds = ChangeKind::ALL.map(ChangeKind::word).into_iter();
        let kinds: Vec<&str> = kinds
            .filter(|kind| kind.replace('_', " ").contains(&word) || kind.contains(&word))
            .collect();
        let asked = serde_json::json!([word, meant, kinds]).to_string();
        narrow(SPEAKS, Box::new(asked));
    }
    Ok((sql, values))
}
