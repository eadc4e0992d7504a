//! While our own network is away: what was measured says nothing, and when it is back that is told once.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{Remembering, recalled};
use crate::alerting::{EVERYBODY, Policy};
use crate::latency::{Away, Gone, Own};
use crate::market::Severity;
use crate::render;
use crate::store::{Error, Judged, QueuedMessage, SeriesKind, Store, Transaction};

/// What was further back has been marked in the rounds before.
const LATELY: SignedDuration = SignedDuration::from_hours(1);

/// Marks what reached nobody by our own fault as inconclusive, and says once when our network is back. Gives whether it does.
///
/// # Errors
/// Those of the store.
pub fn mark(
    store: &mut Store,
    policy: &Policy,
    zone: &TimeZone,
    now: Timestamp,
) -> Result<bool, Error> {
    store.transaction(|transaction| {
        let kept = transaction.judgement(Judged::Ourselves, "")?;
        let spells = recalled(kept.as_ref(), Own::decode, "our own network").spells();
        let millis = now.as_millisecond();
        let lately = millis - LATELY.as_millis() as i64;
        let is_recent = |end: i64| end >= lately;
        if !spells.iter().any(|spell| is_recent(spell.edges().1)) {
            return Ok(false);
        }
        let series = transaction.series_by_id()?;
        let kept = transaction.judgement(Judged::Ourselves, "away")?;
        let mut away = recalled(kept.as_ref(), Away::decode, "how long we were away");
        let mut is_told = false;
        for spell in &spells {
            let (from, until) = spell.edges();
            if !is_recent(until) {
                continue;
            }
            let found = transaction.mark_inconclusive(from, until)?;
            if !away.is_untold(spell) {
                continue;
            }
            for (number, id) in &found {
                let of = series.get(id).map(|series| series.kind);
                let source = (of == Some(SeriesKind::Source)).then(|| id.number());
                away.count(*number, source);
            }
            let last = found.last().map_or(0, |(number, _)| *number);
            let ended = away.ended(spell, last, millis);
            if let Some(gone) = ended.filter(Gone::is_worth_telling) {
                tell(transaction, policy, zone, &gone, now)?;
                is_told = true;
            }
        }
        let kept = Remembering {
            state: away.encode(),
            incident: None,
        };
        transaction.keep_judgement(Judged::Ourselves, "away", &kept)?;
        Ok(is_told)
    })
}

/// Whether our own network was away when the last samples were judged.
///
/// # Errors
/// Those of the store.
pub fn is_away(store: &mut Store) -> Result<bool, Error> {
    store.transaction(|transaction| {
        let kept = transaction.judgement(Judged::Ourselves, "")?;
        let spells = recalled(kept.as_ref(), Own::decode, "our own network").spells();
        Ok(spells.last().is_some_and(|spell| spell.until.is_none()))
    })
}

fn tell(
    transaction: &Transaction<'_>,
    policy: &Policy,
    zone: &TimeZone,
    gone: &Gone,
    now: Timestamp,
) -> Result<(), Error> {
    let at = |millis: i64| Timestamp::from_millisecond(millis).unwrap_or(now);
    let (from, until) = (at(gone.from), at(gone.until));
    tracing::warn!("the network here was away from {from} to {until}");
    let message = render::away_message((from, until), gone.checks, gone.sources, zone, now);
    transaction.queue_message(&QueuedMessage {
        key: &format!("away {}", gone.from),
        thread: None,
        kind: "away",
        severity: Severity::Notice,
        route: EVERYBODY,
        recipients: &policy.recipients,
        message: &message,
        at: now,
        not_before: now,
    })
}
