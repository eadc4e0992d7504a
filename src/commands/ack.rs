//! `ack`: somebody knows of what was told.

use std::collections::BTreeSet;

use super::output::clean;
use super::{Setup, say, wrong};
use crate::alerting::thread_key;
use crate::market::Acknowledgement;
use crate::store::{Acknowledged, Alerts, Changes, Error, Outbox, Store};

/// `bellwether ack`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The id of an alert, as `bellwether alerts` and reminders show it, or of a change, as every message shows it; its first
    /// digits do.
    id: String,
    /// What you say about it: whoever lists the alerts reads it.
    #[arg(long, default_value = "")]
    note: String,
    /// Who you are.
    #[arg(long, env = "USER", default_value = "somebody")]
    by: String,
    /// Take it back: reminders go on.
    #[arg(long)]
    undo: bool,
}

/// Runs the command.
pub fn run(setup: &Setup, arguments: &Arguments) -> anyhow::Result<()> {
    let mut store = setup.open_beside()?;
    let (alert, threads) = threads(&store, &arguments.id)?;
    if arguments.undo {
        let known: Result<usize, Error> = store.transaction(|t| t.take_back(&threads));
        match known? {
            0 => say(&format!("nobody had said that {alert} is known")),
            _ => say(&format!("{alert} is open again")),
        }
        return Ok(());
    }
    let by = Acknowledgement {
        at: crate::daemon::clock::now(),
        who: arguments.by.clone(),
        note: arguments.note.clone(),
    };
    let kept: Result<(), Error> = store.transaction(|t| t.acknowledge(&threads, &by));
    kept?;
    say(&format!(
        "{alert} is known to {}: nobody is reminded of it until something else is stated",
        clean(&by.who)
    ));
    Ok(())
}

/// What an id names: an alert with the threads of all that it tells, or a change with its own.
fn threads(store: &Store, id: &str) -> anyhow::Result<(String, BTreeSet<String>)> {
    let raised = match id.is_empty() {
        true => Vec::new(),
        false => store.raised(id)?,
    };
    let alerts: BTreeSet<&str> = raised.iter().map(|raised| raised.alert.as_str()).collect();
    if alerts.len() > 1 {
        let alerts: Vec<&str> = alerts.into_iter().collect();
        return Err(wrong(format!(
            "'{id}' fits several alerts: {}",
            alerts.join(", ")
        )));
    }
    let mut threads: BTreeSet<String> = raised.iter().map(|raised| raised.thread.clone()).collect();
    if let Some(first) = raised.first() {
        for entry in store.entries_of(&first.alert)? {
            let taken = store.taken(&first.alert, &entry.route)?;
            threads.extend(taken.iter().map(|taken| thread_key(&taken.recorded.change)));
        }
        return Ok((first.alert.clone(), threads));
    }
    match store.changes_named(id)?.as_slice() {
        [one] => Ok((
            one.change.id.0.clone(),
            BTreeSet::from([thread_key(&one.change)]),
        )),
        [] => Err(wrong(format!(
            "expected the id of an alert or of a change, found '{id}': `bellwether alerts` and `bellwether changes --all` list them"
        ))),
        _ => Err(wrong(format!(
            "'{id}' fits several changes: give more of its digits"
        ))),
    }
}
