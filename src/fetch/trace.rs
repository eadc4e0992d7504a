//! When each phase of one exchange began and ended, and the deadline of each.
//!
//! The HTTP library does not tell its phases, so they are marked from three places that it calls: the resolver, a
//! layer around its connector, and the TLS session store, which is asked first thing in a handshake.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use jiff::SignedDuration;
use rustls::NamedGroup;
use rustls::client::{ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::pki_types::ServerName;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::config::Deadlines;
use crate::market::{Phase, Phases};

/// A day: no deadline is longer, so that adding one to an instant cannot overflow.
const LONGEST: Duration = Duration::from_secs(86_400);

/// The moments of one exchange over one connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marks {
    begun: Instant,
    connecting: Option<Instant>,
    resolving: Option<Instant>,
    resolved: Option<Instant>,
    handshaking: Option<Instant>,
    connected: Option<Instant>,
    answered: Option<Instant>,
    ended: Option<Instant>,
}

/// The moments, shared by those who mark them and those who watch.
#[derive(Debug, Clone)]
pub(super) struct Trace(watch::Sender<Marks>);

/// The deadlines of one exchange.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub phases: Deadlines,
    /// When the whole fetch has had its time.
    pub end: Instant,
}

impl Marks {
    fn new(begun: Instant) -> Self {
        Self {
            begun,
            connecting: None,
            resolving: None,
            resolved: None,
            handshaking: None,
            connected: None,
            answered: None,
            ended: None,
        }
    }

    /// The phase that the exchange is in, and since when.
    pub fn phase(&self) -> (Phase, Instant) {
        if let Some(since) = self.answered {
            (Phase::Body, since)
        } else if let Some(since) = self.connected {
            (Phase::FirstByte, since)
        } else if let Some(since) = self.handshaking {
            (Phase::Tls, since)
        } else if let (Some(since), None) = (self.resolving, self.resolved) {
            (Phase::Dns, since)
        } else {
            let since = self.resolved.or(self.connecting).unwrap_or(self.begun);
            (Phase::Connect, since)
        }
    }

    /// How long the finished phases took. There is no total: a fetch may need several exchanges.
    pub fn phases(&self) -> Phases {
        let dialled = self.resolved.or(self.connecting);
        Phases {
            dns: between(self.resolving, self.resolved),
            connect: between(dialled, self.handshaking.or(self.connected)),
            tls: between(self.handshaking, self.connected),
            first_byte: between(self.connected, self.answered),
            body: between(self.answered, self.ended),
            total: None,
        }
    }
}

fn between(start: Option<Instant>, end: Option<Instant>) -> Option<SignedDuration> {
    Some(signed(end?.saturating_duration_since(start?)))
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

impl Trace {
    pub fn begin() -> Self {
        Self(watch::Sender::new(Marks::new(Instant::now())))
    }

    pub fn marks(&self) -> Marks {
        *self.0.borrow()
    }

    pub fn resolving(&self) {
        self.0
            .send_modify(|marks| marks.resolving = Some(Instant::now()));
    }

    pub fn resolved(&self) {
        self.0
            .send_modify(|marks| marks.resolved = Some(Instant::now()));
    }

    pub fn answered(&self) {
        self.0
            .send_modify(|marks| marks.answered = Some(Instant::now()));
    }

    pub fn ended(&self) {
        self.0
            .send_modify(|marks| marks.ended = Some(Instant::now()));
    }

    fn connecting(&self) {
        self.0.send_modify(|marks| {
            *marks = Marks {
                connecting: Some(Instant::now()),
                ..Marks::new(marks.begun)
            };
        });
    }

    fn connected(&self) {
        self.0
            .send_modify(|marks| marks.connected = Some(Instant::now()));
    }

    fn handshaking(&self) {
        self.0.send_if_modified(|marks| {
            let is_first = marks.handshaking.is_none();
            marks.handshaking.get_or_insert_with(Instant::now);
            is_first
        });
    }

    /// Does the work unless a phase passes its deadline first: then says which, and drops the work.
    pub async fn within<T>(
        &self,
        limits: &Limits,
        work: impl Future<Output = T>,
    ) -> Result<T, Phase> {
        tokio::select! {
            biased;
            done = work => Ok(done),
            phase = self.overdue(limits) => Err(phase),
        }
    }

    async fn overdue(&self, limits: &Limits) -> Phase {
        let mut changes = self.0.subscribe();
        loop {
            let (phase, since) = changes.borrow_and_update().phase();
            let until = limits.end.min(since + wait(limits.of(phase)));
            tokio::select! {
                () = tokio::time::sleep_until(until) => return phase,
                _ = changes.changed() => {}
            }
        }
    }
}

impl Limits {
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

/// Marks the start and the success of connecting.
#[derive(Debug, Clone)]
pub(super) struct Connecting(pub Trace);

/// The connector with its marks.
#[derive(Debug, Clone)]
pub(super) struct Traced<S> {
    inner: S,
    trace: Trace,
}

impl<S> tower::Layer<S> for Connecting {
    type Service = Traced<S>;

    fn layer(&self, inner: S) -> Traced<S> {
        Traced {
            inner,
            trace: self.0.clone(),
        }
    }
}

impl<R, S> tower::Service<R> for Traced<S>
where
    S: tower::Service<R>,
    S::Future: Send + 'static,
    S::Response: 'static,
    S::Error: 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let trace = self.trace.clone();
        trace.connecting();
        let connecting = self.inner.call(request);
        Box::pin(async move {
            let connection = connecting.await?;
            trace.connected();
            Ok(connection)
        })
    }
}

/// Marks the start of the TLS handshake; as a session store it is empty, so that every handshake is a full one.
#[derive(Debug)]
pub(super) struct Handshake(pub Trace);

impl ClientSessionStore for Handshake {
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        self.0.handshaking();
        None
    }

    fn set_tls12_session(&self, _: ServerName<'static>, _: Tls12ClientSessionValue) {}

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.0.handshaking();
        None
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {}

    fn insert_tls13_ticket(&self, _: ServerName<'static>, _: Tls13ClientSessionValue) {}

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.0.handshaking();
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATER: SignedDuration = SignedDuration::from_mins(5);
    const SOON: SignedDuration = SignedDuration::from_millis(5);

    fn limits(phases: Deadlines) -> Limits {
        Limits {
            phases,
            end: Instant::now() + wait(LATER),
        }
    }

    fn deadlines(short: Phase) -> Deadlines {
        let of = |phase| if phase == short { SOON } else { LATER };
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
    async fn each_phase_has_its_deadline() {
        type Step = fn(&Trace);
        let steps: [(Step, Phase); 7] = [
            (Trace::connecting, Phase::Connect),
            (Trace::resolving, Phase::Dns),
            (Trace::resolved, Phase::Connect),
            (Trace::handshaking, Phase::Tls),
            (Trace::connected, Phase::FirstByte),
            (Trace::answered, Phase::Body),
            (Trace::ended, Phase::Body),
        ];
        let trace = Trace::begin();
        for (step, phase) in steps {
            step(&trace);
            let limits = limits(deadlines(phase));
            let idle = std::future::pending::<()>();
            assert_eq!(trace.within(&limits, idle).await, Err(phase));
        }
    }

    #[tokio::test]
    async fn a_phase_that_begins_while_waiting_is_watched() {
        let trace = Trace::begin();
        let work = async {
            tokio::task::yield_now().await;
            trace.connecting();
            trace.connected();
            std::future::pending::<()>().await;
        };
        let outcome = trace
            .within(&limits(deadlines(Phase::FirstByte)), work)
            .await;
        assert_eq!(outcome, Err(Phase::FirstByte));
    }

    #[tokio::test]
    async fn finished_work_is_never_late() {
        let trace = Trace::begin();
        let all_over = Limits {
            end: Instant::now(),
            ..limits(deadlines(Phase::Connect))
        };
        assert_eq!(trace.within(&all_over, async { 7 }).await, Ok(7));
    }

    #[test]
    fn strange_durations_are_bounded() {
        assert_eq!(wait(SignedDuration::from_secs(-5)), Duration::ZERO);
        assert_eq!(wait(SignedDuration::MAX), LONGEST);
        assert_eq!(signed(Duration::MAX), SignedDuration::MAX);
    }

    #[test]
    fn phases_that_did_not_happen_took_no_time_at_all() {
        let trace = Trace::begin();
        assert_eq!(trace.marks().phases(), Phases::default());
        trace.connecting();
        trace.connected();
        let phases = trace.marks().phases();
        assert!(phases.connect.is_some());
        assert_eq!(
            (phases.dns, phases.tls, phases.first_byte),
            (None, None, None)
        );
    }
}
