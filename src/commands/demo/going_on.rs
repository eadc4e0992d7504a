//! After the weeks: the dashboard, and time that goes on.

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{Ended, step};
use crate::commands::{say, wrong};
use crate::daemon::play::Player;
use crate::daemon::{Event, Plan, Signals, clock};
use crate::web;

/// The clock on the wall is looked at at least this often: it may jump, and the machine may sleep.
const LONGEST_NAP: Duration = Duration::from_secs(5);
/// Time that is played faster than the machine can play it slips when it is behind by more.
const BEHIND: SignedDuration = SignedDuration::from_secs(2);

/// Says whether the dashboard can be served at an address.
///
/// # Errors
/// Where it cannot, in words.
pub fn is_free(listen: SocketAddr) -> anyhow::Result<()> {
    match TcpListener::bind(listen) {
        Ok(_) => Ok(()),
        Err(error) => Err(wrong(format!(
            "the dashboard cannot listen on {listen} ({error}): name another address with --listen, such as 127.0.0.1:0, or leave \
             it with --no-web"
        ))),
    }
}

/// How played time follows that on the wall.
#[derive(Debug, Clone, Copy)]
struct Flow {
    /// A moment of played time,
    played: Timestamp,
    /// when it was that on the wall,
    wall: Timestamp,
    speed: f64,
    /// and what is not played yet.
    before: Timestamp,
}

impl Flow {
    /// The played time at a moment on the wall.
    fn at(&self, wall: Timestamp) -> Timestamp {
        let passed = wall.duration_since(self.wall).as_secs_f64().max(0.0) * self.speed;
        let passed = SignedDuration::try_from_secs_f64(passed).unwrap_or(SignedDuration::MAX);
        let at = self.played.checked_add(passed).unwrap_or(Timestamp::MAX);
        at.min(self.before).max(self.played)
    }

    /// How long it is on the wall until a played moment; negative for one that is over.
    fn until(&self, moment: Timestamp, wall: Timestamp) -> SignedDuration {
        let all = moment.duration_since(self.played).as_secs_f64() / self.speed;
        let all = SignedDuration::try_from_secs_f64(all).unwrap_or(SignedDuration::MAX);
        all.saturating_sub(wall.duration_since(self.wall))
    }
}

/// Serves the dashboard and plays on, at this speed, until somebody stops it.
pub async fn go_on(
    player: &mut Player,
    plan: Plan,
    speed: f64,
    signals: &mut Signals,
) -> anyhow::Result<Ended> {
    let wall = clock::now();
    let played = player.played().unwrap_or(wall);
    // at its own pace, time is that on the wall, unless it was played beyond it
    let is_own = speed == 1.0 && played <= wall;
    let flow = Arc::new(Mutex::new(Flow {
        played: if is_own { wall } else { played },
        wall,
        speed,
        before: Timestamp::MAX,
    }));
    let shown = Arc::clone(&flow);
    let means = web::Means {
        database: plan.database,
        settings: Arc::new(plan.settings),
        probes: Arc::new(player.probes().to_vec()),
        endpoints: Arc::new(plan.endpoints),
        clock: Arc::new(move || held(&shown).at(clock::now())),
        doer: None,
    };
    let dashboard = web::Running::start(means)?;
    let pace = match speed {
        1.0 => "as on the wall".to_string(),
        speed => format!("{speed} times as fast"),
    };
    say(&format!(
        "\nThe dashboard: http://{}/\nTime goes on {pace}; Ctrl-C ends it.",
        dashboard.address()
    ));
    let ended = follow(player, &flow, signals).await;
    dashboard.stop().await;
    ended.map(|()| Ended::Stopped)
}

async fn follow(
    player: &mut Player,
    flow: &Mutex<Flow>,
    signals: &mut Signals,
) -> anyhow::Result<()> {
    loop {
        let (next, wall) = (player.next(), clock::now());
        held(flow).before = next;
        let left = held(flow).until(next, wall);
        if left.is_positive() {
            let nap = Duration::try_from(left).unwrap_or(LONGEST_NAP);
            tokio::select! {
                () = tokio::time::sleep(nap.min(LONGEST_NAP)) => {}
                event = signals.next() => if matches!(event, Event::Stop(_)) {
                    return Ok(());
                },
            }
            continue;
        }
        if left.abs() > BEHIND && held(flow).speed > 1.0 {
            let mut flow = held(flow);
            (flow.played, flow.wall) = (next, wall);
        }
        let (_, is_stopped) = step(player, signals).await?;
        if is_stopped {
            return Ok(());
        }
    }
}

fn held(flow: &Mutex<Flow>) -> std::sync::MutexGuard<'_, Flow> {
    flow.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    #[test]
    fn time_flows_at_its_speed_up_to_what_is_not_played_yet() {
        let flow = Flow {
            played: at(10_000),
            wall: at(100),
            speed: 3_600.0,
            before: at(13_600),
        };
        assert_eq!(flow.at(at(100)), at(10_000));
        assert_eq!(flow.at(at(101)), at(13_600));
        assert_eq!(flow.at(at(102)), at(13_600));
        // the clock on the wall was set back
        assert_eq!(flow.at(at(50)), at(10_000));
        assert_eq!(
            flow.until(at(13_600), at(100)),
            SignedDuration::from_secs(1)
        );
        assert!(flow.until(at(13_600), at(102)).is_negative());
    }
}
