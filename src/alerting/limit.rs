//! How many messages a route carries.

use jiff::{SignedDuration, Timestamp};

/// So many messages in so long: what is more is told together, when there is room again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Messages; at least one.
    pub messages: u32,
    /// In any span of this length.
    pub per: SignedDuration,
}

/// Unless the user says otherwise.
pub const LIMIT: Limit = Limit {
    messages: 20,
    per: SignedDuration::from_hours(1),
};

impl Limit {
    /// The moment since which messages count.
    pub fn since(&self, now: Timestamp) -> Timestamp {
        now.checked_sub(self.per).unwrap_or(Timestamp::MIN)
    }

    /// When there is room for another message, after those that were written at these moments, in their order; `None`: there is
    /// room now.
    pub fn full_until(&self, written: &[Timestamp], now: Timestamp) -> Option<Timestamp> {
        let since = self.since(now);
        let counted = written.iter().filter(|at| **at > since && **at <= now);
        let counted: Vec<&Timestamp> = counted.collect();
        let most = usize::try_from(self.messages.max(1)).unwrap_or(usize::MAX);
        let first = counted.len().checked_sub(most)?;
        let makes_room = counted.get(first)?;
        makes_room.checked_add(self.per).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_once_the_oldest_counts_no_more() {
        let limit = Limit {
            messages: 2,
            per: SignedDuration::from_hours(1),
        };
        let at = |minute: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute);
        for (written, now, full_until) in [
            (&[][..], 10, None),
            (&[0], 10, None),
            (&[0, 5], 10, Some(60)),
            (&[0, 5], 60, None),
            (&[0, 5, 30], 59, Some(65)),
            // what is written after the clock was set back counts for nothing
            (&[90, 95], 10, None),
        ] {
            let written: Vec<Timestamp> = written.iter().copied().map(at).collect();
            assert_eq!(
                limit.full_until(&written, at(now)),
                full_until.map(at),
                "{written:?} {now}"
            );
        }
    }
}
