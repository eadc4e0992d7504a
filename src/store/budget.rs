//! What calls to models cost. The most that a call can cost is set aside before it is made; what was set aside for a call that
//! was cut off stays so.

use rusqlite::params;
use rust_decimal::prelude::ToPrimitive as _;
use rust_decimal::{Decimal, RoundingStrategy};

use super::{Questions, Result, Transaction};
use crate::market::{ProviderId, SourceId};

/// What calls have cost in so many days is what the next ones are held to.
const DAYS_REMEMBERED: i64 = 30;

/// Digits after the point of a dollar that are kept.
const DIGITS: u32 = 12;

/// No call is held to cost more than this, whatever a host says: a hundred thousand dollars.
const DEAREST: i64 = 100_000 * 10_i64.pow(DIGITS);

/// Money set aside for one call.
#[derive(Debug, PartialEq, Eq)]
pub struct Reservation {
    day: i64,
    source: SourceId,
    /// What the call can cost by its bound.
    most: i64,
    amount: i64,
}

impl Reservation {
    /// How much, in USD.
    pub fn amount(&self) -> Decimal {
        dollars(self.amount)
    }
}

/// What was spent in a day, in USD.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// How many calls were made.
    pub calls: u64,
    /// What those whose cost is known came to.
    pub settled: Decimal,
    /// What is set aside for the others.
    pub reserved: Decimal,
}

impl Spent {
    /// What is no longer there to be spent.
    pub fn committed(&self) -> Decimal {
        self.settled.saturating_add(self.reserved)
    }
}

impl Transaction<'_> {
    /// Sets money aside for a call of a source on a day, counted from 1970 in UTC: `most` that it can cost, or more where
    /// one of the source did, or where one of the provider cost so many times its own bound. `None`: the call may not be
    /// made, since `has_room` says so of what is committed already and what would come on top.
    pub fn reserve(
        &self,
        (provider, source): (&ProviderId, &SourceId),
        day: i64,
        most: Decimal,
        has_room: impl FnOnce(Decimal, Decimal) -> bool,
    ) -> Result<Option<Reservation>> {
        let Some(most) = units(most).filter(|most| *most <= DEAREST) else {
            return Ok(None);
        };
        let since = day - DAYS_REMEMBERED;
        let asked = params![provider.as_str(), source.to_string(), since];
        let (excess, dearest) = self
            .inner
            .prepare_cached(
                "SELECT coalesce(max(excess), 0), coalesce(max(dearest) FILTER (WHERE source = ?2), 0)
                 FROM spending WHERE provider = ?1 AND day > ?3",
            )?
            .query_row(asked, |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))?;
        let amount = most.max(dearest).max(exceeded(most, excess));
        let committed = self.spent_on(day)?.committed();
        if !has_room(committed, dollars(amount)) {
            return Ok(None);
        }
        self.inner
            .prepare_cached(
                "INSERT INTO spending (day, source, provider, calls, billed, reserved, spent, dearest, excess)
                 VALUES (?1, ?2, ?3, 1, 0, ?4, 0, 0, 0)
                 ON CONFLICT DO UPDATE SET calls = calls + 1, reserved = reserved + ?4",
            )?
            .execute(params![day, source.to_string(), provider.as_str(), amount])?;
        Ok(Some(Reservation {
            day,
            source: source.clone(),
            most,
            amount,
        }))
    }

    /// Puts what a call is charged in the place of what was set aside for it.
    pub fn settle(&self, reservation: Reservation, charge: Decimal) -> Result<()> {
        let charge = units(charge).unwrap_or(DEAREST).min(DEAREST);
        self.inner
            .prepare_cached(
                "UPDATE spending SET reserved = reserved - ?3, spent = spent + ?4, billed = billed + (?4 > 0),
                   dearest = max(dearest, ?4), excess = max(excess, ?5)
                 WHERE day = ?1 AND source = ?2",
            )?
            .execute(params![
                reservation.day,
                reservation.source.to_string(),
                reservation.amount,
                charge,
                excess(charge, reservation.most),
            ])?;
        Ok(())
    }
}

/// How many times its bound a call cost, in thousandths, rounded up.
fn excess(charge: i64, most: i64) -> i64 {
    let most = i128::from(most.max(1));
    let times = (i128::from(charge) * 1000 + most - 1) / most;
    i64::try_from(times).unwrap_or(i64::MAX)
}

/// So many thousandths of a bound, rounded up; nothing where they are no excess.
fn exceeded(most: i64, excess: i64) -> i64 {
    if excess <= 1000 {
        return 0;
    }
    let amount = (i128::from(most) * i128::from(excess) + 999) / 1000;
    i64::try_from(amount).unwrap_or(DEAREST).min(DEAREST)
}

/// Questions about what calls cost.
pub trait Spending: Questions {
    /// Whether a call of a provider was billed of late, so that it is known what its calls cost.
    fn is_billed(&self, provider: &ProviderId, day: i64) -> Result<bool> {
        let is_billed = self
            .ask()
            .prepare_cached(
                "SELECT coalesce(sum(billed), 0) > 0 FROM spending WHERE provider = ?1 AND day > ?2",
            )?
            .query_row(params![provider.as_str(), day - DAYS_REMEMBERED], |row| {
                row.get(0)
            })?;
        Ok(is_billed)
    }

    /// What was spent on a day, counted from 1970 in UTC.
    fn spent_on(&self, day: i64) -> Result<Spent> {
        let spent = self
            .ask()
            .prepare_cached(
                "SELECT coalesce(sum(calls), 0), coalesce(sum(spent), 0), coalesce(sum(reserved), 0)
                 FROM spending WHERE day = ?1",
            )?
            .query_row([day], |row| {
                Ok(Spent {
                    calls: row.get::<_, i64>(0)?.unsigned_abs(),
                    settled: dollars(row.get(1)?),
                    reserved: dollars(row.get(2)?),
                })
            })?;
        Ok(spent)
    }
}

impl<T: Questions> Spending for T {}

pub(super) fn dollars(units: i64) -> Decimal {
    Decimal::new(units, DIGITS).normalize()
}

/// An amount in units, never too low; `None` for one below nothing, or of more than nine million dollars.
pub(super) fn units(amount: Decimal) -> Option<i64> {
    let rounded = amount.round_dp_with_strategy(DIGITS, RoundingStrategy::AwayFromZero);
    let units = rounded
        .checked_mul(Decimal::from(10_i64.pow(DIGITS)))?
        .to_i64();
    units.filter(|units| *units >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("bellwether.db")).expect("a database");
        (folder, store)
    }

    fn decimal(text: &str) -> Decimal {
        text.parse().expect("a number")
    }

    /// Sets aside under a cap of one dollar.
    fn reserve(store: &mut Store, probe: &str, day: i64, most: &str) -> Option<Reservation> {
        let fits = |committed: Decimal, most: Decimal| committed + most <= Decimal::ONE;
        let source = SourceId {
            probe: probe.into(),
            scope: "".into(),
        };
        store
            .transaction(|t| t.reserve((&"p".into(), &source), day, decimal(most), fits))
            .expect("a working store")
    }

    fn settle(store: &mut Store, reservation: Reservation, charge: &str) {
        store
            .transaction(|t| t.settle(reservation, decimal(charge)))
            .expect("a working store");
    }

    #[test]
    fn what_is_set_aside_is_no_longer_there() {
        let (_folder, mut store) = store();
        let first = reserve(&mut store, "p.a", 7, "0.6").expect("room");
        assert_eq!(reserve(&mut store, "p.b", 7, "0.5"), None);
        settle(&mut store, first, "0.1");
        let second = reserve(&mut store, "p.b", 7, "0.9").expect("room again");
        assert_eq!(reserve(&mut store, "p.a", 7, "0.000000000001"), None);
        // another day has money of its own, and what was set aside comes back to the day that it was taken of
        assert!(reserve(&mut store, "p.a", 8, "1").is_some());
        settle(&mut store, second, "0");
        let spent = store.spent_on(7).expect("an answer");
        let expected = Spent {
            calls: 2,
            settled: decimal("0.1"),
            reserved: Decimal::ZERO,
        };
        assert_eq!(spent, expected);
        assert_eq!(
            store.spent_on(8).expect("an answer").committed(),
            Decimal::ONE
        );
        assert_eq!(store.spent_on(9).expect("an answer"), Spent::default());
    }

    #[test]
    fn what_a_call_has_cost_it_can_cost_again() {
        let (_folder, mut store) = store();
        let first = reserve(&mut store, "p.a", 7, "0.01").expect("room");
        settle(&mut store, first, "0.3");
        let second = reserve(&mut store, "p.a", 8, "0.02").expect("room");
        assert_eq!(second.amount(), decimal("0.6"), "30 times its bound");
        settle(&mut store, second, "0");
        let second = reserve(&mut store, "p.a", 8, "0.005").expect("room");
        assert_eq!(second.amount(), decimal("0.3"), "as much as it was");
        let other = reserve(&mut store, "p.b", 8, "0.001").expect("room");
        assert_eq!(other.amount(), decimal("0.03"));
        let later = reserve(&mut store, "p.a", 7 + DAYS_REMEMBERED, "0.01").expect("room");
        assert_eq!(later.amount(), decimal("0.01"));
    }

    #[test]
    fn a_bill_without_measure_ends_the_day() {
        let (_folder, mut store) = store();
        let first = reserve(&mut store, "p.c", 7, "0.5").expect("room");
        settle(&mut store, first, "79228162514264337593543950335");
        assert_eq!(
            reserve(&mut store, "p.b", 7, "0"),
            None,
            "the day is overdrawn"
        );
        assert_eq!(reserve(&mut store, "p.c", 8, "0.5"), None);
        let spent = store.spent_on(7).expect("an answer");
        assert_eq!(spent.settled, decimal("100000"));
    }

    #[test]
    fn what_is_set_aside_outlives_a_loss_of_power() {
        let (_folder, mut store) = store();
        let level = |store: &Store| -> i64 {
            let level = store
                .ask()
                .pragma_query_value(None, "synchronous", |row| row.get(0));
            level.expect("an answer")
        };
        let usual = level(&store);
        let within: Result<i64> = store.durable_transaction(|t| {
            let level = t
                .ask()
                .pragma_query_value(None, "synchronous", |row| row.get(0));
            Ok(level?)
        });
        assert_eq!(
            (usual, within.expect("an answer"), level(&store)),
            (1, 2, 1)
        );
    }

    #[test]
    fn who_was_billed_is_known() {
        let (_folder, mut store) = store();
        let is_billed = |store: &Store, day| store.is_billed(&"p".into(), day).expect("an answer");
        assert!(!is_billed(&store, 7));
        let first = reserve(&mut store, "p.a", 7, "0.01").expect("room");
        assert!(!is_billed(&store, 7), "it is under way");
        settle(&mut store, first, "0");
        assert!(!is_billed(&store, 7), "it was refused");
        let second = reserve(&mut store, "p.b", 7, "0.01").expect("room");
        settle(&mut store, second, "0.001");
        assert!(is_billed(&store, 7) && is_billed(&store, 8));
        assert!(!is_billed(&store, 7 + DAYS_REMEMBERED));
    }

    #[test]
    fn amounts_are_never_kept_too_low() {
        assert_eq!(units(decimal("0.0000000000001")), Some(1));
        assert_eq!(units(decimal("0.000000000001")), Some(1));
        assert_eq!(units(decimal("1.5")), Some(1_500_000_000_000));
        assert_eq!(units(decimal("-0.1")), None);
        assert_eq!(units(Decimal::MAX), None);
        assert_eq!(dollars(1_500_000_000_000), decimal("1.5"));
    }
}
