//! `demo`: the whole product against a simulated world on loopback, weeks in seconds, and then the dashboard.

mod course;
mod folder;
mod going_on;
mod progress;
mod stage;
mod summary;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::{Ending, say};
use crate::config::WebSettings;
use crate::daemon::play::{Piece, Player, Time};
use crate::daemon::{Event, Plan, Signals};
use crate::store::Store;
use crate::world::World;
use course::Course;
use folder::Folder;
use progress::Progress;
use stage::Stage;

/// `bellwether demo`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// How fast time goes on once the weeks are played: 3600 plays an hour a second.
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = course::speed)]
    speed: f64,
    /// The chance in the world [default: 1, or what the folder was begun with].
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Keep what is played in this folder, and go on with what it holds.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// End once the weeks are played.
    #[arg(long)]
    no_web: bool,
    /// Where the dashboard listens [default: 127.0.0.1:8620].
    #[arg(long, value_name = "ADDRESS", conflicts_with = "no_web")]
    listen: Option<SocketAddr>,
    /// How many days of the story are played at once.
    #[arg(long, value_name = "DAYS", default_value_t = 84, value_parser = clap::value_parser!(u16).range(1..=84))]
    days: u16,
    /// How many days of the story are over before.
    #[arg(long, value_name = "DAYS", default_value_t = 0, value_parser = clap::value_parser!(u16).range(0..=84), hide = true)]
    over: u16,
    /// When they end, in place of now.
    #[arg(long, value_name = "TIME", hide = true)]
    ends: Option<Timestamp>,
}

/// How playing ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// All was played.
    Whole,
    /// Somebody wanted it to end.
    Stopped,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<Ending> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(play(arguments))
}

async fn play(arguments: &Arguments) -> anyhow::Result<Ending> {
    let usual = WebSettings::default().listen;
    let listen = arguments.listen.unwrap_or(usual);
    if !arguments.no_web {
        going_on::is_free(listen)?;
    }
    let mut signals = Signals::new()?;
    let (folder, course) = Folder::open(arguments.keep.as_deref(), |begun| {
        let days = (arguments.over, arguments.days);
        Course::new(arguments.seed, days, arguments.ends, begun)
    })?;
    let world = World::shipped(course.seed, course.story()?)
        .map_err(|mistake| anyhow::anyhow!("the story of the world: {mistake}"))?;
    let world = Arc::new(world);
    let time = Time::at(course.begin);
    let stage = Stage::start(Arc::clone(&world), time.asked())?;
    let plan = folder.plan(&stage, listen, time.clock())?;
    let piece = Piece {
        plan: plan.clone(),
        time: time.clone(),
        begin: course.begin,
        stated: stage::stated(&world),
    };
    let mut player = Player::start(piece).await?;
    let ended = perform(
        arguments,
        &mut player,
        (&course, &folder, &world),
        plan,
        &mut signals,
    )
    .await;
    let until = player.played();
    player.stop().await;
    stage.stop().await;
    if let (Ended::Stopped, Some(until)) = (ended?, until) {
        let words = folder.words_for_going_on();
        say(&format!("stopped at {until}{words}"));
    }
    Ok(Ending::Good)
}

/// The weeks, what they came to, and then the time after them.
async fn perform(
    arguments: &Arguments,
    player: &mut Player,
    (course, folder, world): (&Course, &Folder, &World),
    plan: Plan,
    signals: &mut Signals,
) -> anyhow::Result<Ended> {
    let kept = summary::Counts::of(&Store::open_read_only(&plan.database)?, folder)?;
    let mut progress = Progress::new((course.begin, course.until), kept);
    let ended = weeks(player, course.until, &mut progress, signals).await;
    progress.end();
    for (asked, times) in world.unplayed() {
        tracing::error!("nobody plays {asked} ({times} times)");
    }
    if ended? == Ended::Stopped {
        return Ok(Ended::Stopped);
    }
    player.settle().await?;
    let store = Store::open_read_only(&plan.database)?;
    let told = summary::summary(&store, folder, course, player.sources())?;
    drop(store);
    super::print(&told);
    if arguments.no_web {
        return Ok(Ended::Whole);
    }
    going_on::go_on(player, plan, arguments.speed, signals).await
}

/// Plays all moments until the last one, as fast as it goes.
async fn weeks(
    player: &mut Player,
    until: Timestamp,
    progress: &mut Progress,
    signals: &mut Signals,
) -> anyhow::Result<Ended> {
    while player.next() <= until {
        let at = player.next();
        let (step, is_stopped) = step(player, signals).await?;
        progress.step(at, &step);
        if is_stopped {
            return Ok(Ended::Stopped);
        }
    }
    Ok(Ended::Whole)
}

/// Plays one moment to its end, whoever wants to stop in it; and whether somebody does.
async fn step(
    player: &mut Player,
    signals: &mut Signals,
) -> anyhow::Result<(crate::daemon::play::Step, bool)> {
    let mut is_stopped = false;
    let stepping = player.step();
    tokio::pin!(stepping);
    loop {
        tokio::select! {
            step = &mut stepping => return Ok((step?, is_stopped)),
            event = signals.next() => is_stopped |= matches!(event, Event::Stop(_)),
        }
    }
}
