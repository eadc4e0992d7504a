//! How long an exchange may take: each of its phases, and all of it.

use std::pin::Pin;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::config::Deadlines;
use crate::market::{Failure, Phase};

/// A day: no deadline is longer, so that adding one to an instant cannot overflow.
const LONGEST: Duration = Duration::from_secs(86_400);

/// The deadlines of one exchange.
#[derive(Debug)]
pub(super) struct Limits {
    phases: Deadlines,
    /// When all of it has had its time.
    end: Instant,
    /// One for all phases. Most end long before it does, and setting another wakes whoever waits for the next.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Limits {
    /// For an exchange that begins now and may take so long.
    pub fn new(phases: Deadlines, left: Duration) -> Self {
        Self {
            phases,
            end: Instant::now() + left.min(LONGEST),
            timer: None,
        }
    }

    /// Does the work of a phase that begins now, unless the deadline passes first: then it is dropped.
    pub async fn within<T>(
        &mut self,
        phase: Phase,
        work: impl Future<Output = T>,
    ) -> Result<T, Failure> {
        let until = self.end.min(Instant::now() + wait(self.of(phase)));
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(sleep_until(until)));
        if timer.deadline() > until {
            timer.as_mut().reset(until);
        }
        tokio::pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return Ok(done),
                () = timer.as_mut() => {
                    if timer.deadline() >= until {
                        return Err(Failure::Timeout { phase });
                    }
                    // that was the deadline of a phase that is over
                    timer.as_mut().reset(until);
                }
            }
        }
    }

    /// How long a phase that begins now may take.
    pub fn left(&self, phase: Phase) -> Duration {
        let all = self.end.saturating_duration_since(Instant::now());
        wait(self.of(phase)).min(all)
    }

    fn of(&self, phase: Phase) -> SignedDuration {
        match phase {
            Phase::Dns => self.phases.dns,
            Phase::Connect => self.phases.connect,
            Phase::Tls => self.phases.tls,
            Phase::FirstByte => self.phases.first_byte,
            Phase::Body => self.phases.body,
        }
    }
}

/// The duration in the vocabulary's type; one that does not fit is the longest.
pub(super) fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}

/// The duration as a wait: at least none, at most a day.
pub(super) fn wait(duration: SignedDuration) -> Duration {
    Duration::try_from(duration)
        .unwrap_or(Duration::ZERO)
        .min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHASES: [Phase; 5] = [
        Phase::Dns,
        Phase::Connect,
        Phase::Tls,
        Phase::FirstByte,
        Phase::Body,
    ];
    const LATER: SignedDuration = SignedDuration::from_mins(5);
    const SOON: SignedDuration = SignedDuration::from_millis(5);

    fn deadlines(short: Option<Phase>) -> Deadlines {
        let of = |phase| if short == Some(phase) { SOON } else { LATER };
        Deadlines {
            dns: of(Phase::Dns),
            connect: of(Phase::Connect),
            tls: of(Phase::Tls),
            first_byte: of(Phase::FirstByte),
            body: of(Phase::Body),
            total: LATER,
        }
    }

    #[tokio::test]
    async fn each_phase_has_its_deadline_and_all_have_one() {
        for phase in PHASES {
            let idle = std::future::pending::<()>;
            let late = Err(Failure::Timeout { phase });
            let mut one_is_short = Limits::new(deadlines(Some(phase)), wait(LATER));
            assert_eq!(one_is_short.within(phase, idle()).await, late);
            let mut all_are_short = Limits::new(deadlines(None), wait(SOON));
            assert_eq!(all_are_short.within(phase, idle()).await, late);
        }
    }

    #[tokio::test]
    async fn the_deadline_of_a_phase_that_is_over_ends_no_other() {
        let mut limits = Limits::new(deadlines(Some(Phase::Connect)), wait(LATER));
        assert_eq!(limits.within(Phase::Connect, async { 1 }).await, Ok(1));
        let twice_as_long = tokio::time::sleep(wait(SOON) * 2);
        assert_eq!(limits.within(Phase::Body, twice_as_long).await, Ok(()));
        let phase = Phase::Connect;
        let late = limits.within(phase, std::future::pending::<()>()).await;
        assert_eq!(late, Err(Failure::Timeout { phase }));
    }

    #[tokio::test]
    async fn finished_work_is_never_late() {
        let mut all_over = Limits::new(deadlines(None), Duration::ZERO);
        assert_eq!(all_over.within(Phase::Body, async { 7 }).await, Ok(7));
    }

    #[test]
    fn strange_durations_are_bounded() {
        assert_eq!(wait(SignedDuration::from_secs(-5)), Duration::ZERO);
        assert_eq!(wait(SignedDuration::MAX), LONGEST);
        assert_eq!(signed(Duration::MAX), SignedDuration::MAX);
    }
}
