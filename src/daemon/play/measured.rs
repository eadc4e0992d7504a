//! Endpoints that are not measured but stated: their samples go the way of every other.

use std::fmt;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::daemon::endpoints::Checking;
use crate::daemon::endpoints::batch::Batch;
use crate::daemon::run::Daemon;
use crate::daemon::tick::Means;
use crate::fetch::{Checked, Way};
use crate::market::Phases;

/// The milestone of the last moment whose samples are kept.
pub(super) const MILESTONE: &str = "played.measured";

/// Whose host it is, in which region, and its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Host<'a> {
    /// The provider.
    pub provider: &'a str,
    /// The region, or nothing.
    pub region: &'a str,
    /// The host that is told to people.
    pub name: &'a str,
}

/// What a host is stated to do.
type State = dyn Fn(&Host<'_>, Timestamp) -> (Phases, &'static str) + Send + Sync;

/// What a host is stated to do at a moment: how long its phases take on a fresh connection, and how that ends, as in a sample.
#[derive(Clone)]
pub struct Stated(Arc<State>);

impl Stated {
    /// By a function of the host and the moment.
    pub fn by(
        state: impl Fn(&Host<'_>, Timestamp) -> (Phases, &'static str) + Send + Sync + 'static,
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

    /// How long the phases of asking a host took, by what is stated; nothing where it is stated to fail.
    pub fn of_host(&self, host: &Host<'_>, at: Timestamp) -> Phases {
        match (self.stated.0)(host, at) {
            (phases, "ok") => phases,
            _ => Phases::default(),
        }
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
            let host = Host {
                provider: checking.endpoint.provider.as_str(),
                region: checking.scoping.scope.as_str(),
                name: checking.host(),
            };
            let (phases, outcome) = (self.stated.0)(&host, at);
            let checked = Checked {
                way: Way::Fresh,
                phases,
                status: None,
                bytes: 0,
                failure: None,
                connection: None,
                lag: SignedDuration::ZERO,
            };
            let of = (index, checking);
            self.batch.push(of, &means.vantage, at, &checked, outcome);
        }
        let waiting = self.batch.take_waiting();
        let passed = Some((MILESTONE, now));
        let written = waiting.write_and_pass(&means.writer, passed).await;
        self.batch.heard(written)?;
        self.until = now;
        Ok(())
    }
}
