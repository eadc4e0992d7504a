//! `ack`: somebody knows of what was told.

use super::output::clean;
use super::{Setup, say, wrong};
use crate::market::Acknowledgement;
use crate::outlook::deeds::{Deed, perform};

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
    let id = arguments.id.clone();
    let deed = match arguments.undo {
        true => Deed::TakeBack { id },
        false => Deed::Acknowledge {
            id,
            by: Acknowledgement {
                at: crate::daemon::clock::now(),
                who: arguments.by.clone(),
                note: arguments.note.clone(),
            },
        },
    };
    say(&clean(&perform(&mut store, &deed)?.map_err(wrong)?));
    Ok(())
}
