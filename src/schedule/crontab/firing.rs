//! When a line fires: clock times from the `cron` crate, zones and their changes of clocks from jiff.

use chrono::{DateTime, Utc};
use jiff::Timestamp;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

use super::Crontab;
use crate::schedule::second_of;

/// What a clock on the wall shows, as seconds since 1970-01-01 00:00 on that same clock.
type WallSeconds = i64;

/// The `cron` crate knows the years 1970 to 2100 and misreads those before year 0.
const FIRST_WALL_SECOND: WallSeconds = 0;

impl Crontab {
    /// The first firing strictly later than `after` on the clocks of `zone`, between 1970 and 2100; `None` past these.
    ///
    /// Where clocks change, a line whose minute or hour starts with `*` follows real time: it fires in both passes of a repeated
    /// hour and not in a skipped one. Any other line fires once a day that it names: in the first pass of a repeated hour, and at
    /// the end of a skipped one.
    pub fn next_after(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        // A day before, so that no zone's first clock time is lost.
        let after = second_of(after).max(FIRST_WALL_SECOND - 86_400);
        let next = if self.follows_real_time {
            self.next_in_real_time(after, zone)
        } else {
            self.next_on_the_wall(after, zone)
        };
        next.and_then(instant)
    }

    /// Whether there is any firing at all.
    pub(super) fn ever_fires(&self) -> bool {
        self.next_wall(FIRST_WALL_SECOND - 1).is_some()
    }

    fn next_wall(&self, after: WallSeconds) -> Option<WallSeconds> {
        let dressed: DateTime<Utc> = DateTime::from_timestamp(after.max(FIRST_WALL_SECOND - 1), 0)?;
        self.alternatives
            .iter()
            .filter_map(|alternative| alternative.after(&dressed).next())
            .map(|next| next.timestamp())
            .min()
    }

    fn next_on_the_wall(&self, after: i64, zone: &TimeZone) -> Option<i64> {
        let mut wall = after + offset_at(zone, after)?;
        // Clock times of a repeated hour, seen in its second pass, have fired in the first.
        loop {
            wall = self.next_wall(wall)?;
            let second = first_second_of(zone, wall)?;
            if second > after {
                return Some(second);
            }
        }
    }

    fn next_in_real_time(&self, after: i64, zone: &TimeZone) -> Option<i64> {
        let mut after = after;
        // From one change of clocks to the next, as if the offset held for ever.
        loop {
            let start = after + 1;
            let offset = offset_at(zone, start)?;
            let next = self.next_wall(after + offset)? - offset;
            match zone.following(instant(start)?).next() {
                Some(change) if change.timestamp().as_second() <= next => {
                    after = change.timestamp().as_second() - 1;
                }
                _ => return Some(next),
            }
        }
    }
}

fn instant(second: i64) -> Option<Timestamp> {
    Timestamp::from_second(second).ok()
}

fn offset_at(zone: &TimeZone, second: i64) -> Option<i64> {
    Some(i64::from(zone.to_offset(instant(second)?).seconds()))
}

/// The first second at which the clock shows `wall`; for a skipped clock time, the first second after the gap.
fn first_second_of(zone: &TimeZone, wall: WallSeconds) -> Option<i64> {
    let with = |offset: Offset| wall - i64::from(offset.seconds());
    let clock = Offset::UTC.to_datetime(instant(wall)?);
    match zone.to_ambiguous_timestamp(clock).offset() {
        AmbiguousOffset::Unambiguous { offset } => Some(with(offset)),
        AmbiguousOffset::Fold { before, .. } => Some(with(before)),
        AmbiguousOffset::Gap { after, .. } => {
            // Read with the offset after the gap, a skipped clock time lies shortly before the change.
            let change = zone.following(instant(with(after) - 1)?).next()?;
            Some(change.timestamp().as_second())
        }
    }
}

#[cfg(test)]
mod tests;
