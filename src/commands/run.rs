//! `run`: the daemon, or one round of it.

use super::{Ending, Setup, say};
use crate::daemon::pipeline::Taken;
use crate::daemon::tick::{Asked, in_words};
use crate::daemon::{self, Plan};
use crate::market::SourceId;

/// `bellwether run`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Ask every due source once, deliver what waits, and end.
    #[arg(long)]
    once: bool,
}

/// Runs the command. `reread` reads the configuration again.
pub fn run(
    setup: Setup,
    arguments: &Arguments,
    reread: impl Fn() -> anyhow::Result<Setup>,
) -> anyhow::Result<Ending> {
    if setup.settings.simulated {
        return Err(super::wrong(
            "this is the configuration of a demo, whose world is not there: `bellwether demo --keep` goes on with its folder",
        ));
    }
    // what takes long is done in threads of its own (the store's, the endpoints', the models'): here one waits for hosts, and
    // several threads would mostly wake each other
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    if arguments.once {
        return runtime.block_on(once(setup));
    }
    runtime.block_on(daemon::run(plan(setup), || reread().map(plan)))?;
    Ok(Ending::Good)
}

fn plan(setup: Setup) -> Plan {
    Plan {
        settings: setup.settings,
        probes: setup.probes,
        endpoints: setup.endpoints,
        inference: setup.inference,
        database: setup.database,
        clock: daemon::clock::system(),
    }
}

async fn once(setup: Setup) -> anyhow::Result<Ending> {
    let zone = setup.settings.zone.clone();
    let round = daemon::run_once(plan(setup), tell).await?;
    if round.asked.is_empty() {
        say("no source is due");
    }
    let failed = |(_, asked): &&(SourceId, Asked)| !matches!(&asked.taken, Ok(taken) if !matches!(taken, Taken::Failed(_)));
    let bad: Vec<&(SourceId, Asked)> = round.asked.iter().filter(failed).collect();
    let unreached = bad.iter().filter(|(_, asked)| !asked.reached).count();
    say("");
    say(&format!(
        "{} sources asked, {} gave a reading",
        round.asked.len(),
        round.asked.len() - bad.len()
    ));
    if unreached > 0 {
        let all = unreached == round.asked.len() && unreached > 1;
        let hint = if all {
            ": is there a network? (`[http] proxy` if it needs one)"
        } else {
            ""
        };
        say(&format!(
            "{unreached} could not be reached{hint}; they are asked again, nothing is taken for gone"
        ));
    }
    let (checked, answered) = round.endpoints;
    if checked > 0 {
        say(&format!(
            "{checked} endpoints measured, {answered} answer: see `bellwether latency`"
        ));
    }
    let (asked, answered) = round.models;
    if asked > 0 {
        say(&format!("{asked} models asked, {answered} answered"));
    }
    if round.delivered != daemon::Delivered::default() {
        let delivered = round.delivered;
        say(&format!(
            "mail: {} delivered, {} to be tried again, {} refused for good",
            delivered.delivered, delivered.retried, delivered.dead
        ));
    }
    if let Some(next) = round.next {
        say(&format!(
            "next readings due {}",
            super::changes::shown_time(next, &zone)
        ));
    }
    Ok(if bad.is_empty() {
        Ending::Good
    } else {
        Ending::Problems
    })
}

fn tell(source: &SourceId, asked: &Asked) {
    let words = super::output::clean(&in_words(&asked.taken));
    say(&format!("{:<28} {words}", source.to_string()));
}
