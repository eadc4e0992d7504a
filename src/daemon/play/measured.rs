//! Endpoints that are not measured but stated: their samples go the way of every other.

use std::fmt;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::daemon::endpoints::Checking;
use crate::daemon::endpoints::batch::Batch;
use crate::daemon::run::Daemon;
use crate::daemon::tick::Means;
use crate::fetch::{Checked, Way};
use crate::market::{Failure, Phases};

/// The milestone of the last moment whose samples are kept.
pub(super) const MILESTONE: &str = "played.measured";

/// What a host is stated to do at a moment: how long its phases take on a fresh connection, or how it fails.
#[derive(Clone)]
pub struct Stated(Arc<dyn Fn(&str, Timestamp) -> (Phases, Option<Failure>) + Send + Sync>);

impl Stated {
    /// By a function of the host and the moment.
    pub fn by(
        state: impl Fn(&str, Timestamp) -> (Phases, Option<Failure>) + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(state))
    }
}

impl fmt::Debug for Stated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stated")
    }
}

/// The endpoints, and how far they are measured.
pub(super) struct Measuring {
    all: Vec<Checking>,
    stated: Stated,
    batch: Batch,
    until: Timestamp,
}

impl Measuring {
    pub fn new(daemon: &Daemon, stated: Stated, until: Timestamp) -> Self {
        Self {
            all: Checking::all(&daemon.plan.endpoints, &daemon.means.client),
            stated,
            batch: Batch::default(),
            until,
        }
    }

    /// How long the phases of asking a host took, by what is stated.
    pub fn of_host(&self, host: &str, at: Timestamp) -> Phases {
        (self.stated.0)(host, at).0
    }

    /// Takes in what was to be measured since the last time, each endpoint at its own beat.
    pub async fn measure(&mut self, means: &Means, now: Timestamp) -> anyhow::Result<()> {
        let mut samples = Vec::new();
        for (index, checking) in self.all.iter().enumerate() {
            let every = SignedDuration::try_from(checking.every())?
                .as_millis()
                .max(1_000);
            let every = i64::try_from(every).unwrap_or(i64::MAX);
            let first = self.until.as_millisecond().div_euclid(every) + 1;
            let last = now.as_millisecond().div_euclid(every);
            samples.extend((first..=last).map(|beat| (beat.saturating_mul(every), index)));
        }
        samples.sort_unstable();
        for (millisecond, index) in samples {
            let Some(checking) = self.all.get(index) else {
                continue;
            };
            let at = Timestamp::from_millisecond(millisecond)?;
            let (phases, failure) = (self.stated.0)(checking.host(), at);
            let outcome = failure.as_ref().map_or("ok", Failure::word).to_string();
            let checked = Checked {
                way: Way::Fresh,
                phases,
                status: None,
                bytes: 0,
                failure,
                connection: None,
                lag: SignedDuration::ZERO,
            };
            let of = (index, checking);
            self.batch.push(of, &means.vantage, at, &checked, &outcome);
        }
        let waiting = self.batch.take_waiting();
        let passed = Some((MILESTONE, now));
        let written = waiting.write_and_pass(&means.writer, passed).await;
        self.batch.heard(written)?;
        self.until = now;
        Ok(())
    }
}
