//! The loops; the only place where all folders meet.

pub mod ask;
pub mod clock;
pub mod dashboard;
pub mod delivery;
pub mod endpoints;
pub mod indicators;
pub mod inference;
pub mod judge;
mod launches;
pub mod pipeline;
pub mod play;
mod raise;
pub mod reading;
mod reminders;
pub mod report;
mod standing;
pub mod tick;
pub mod trial;
mod unreached;
pub mod watch;
pub mod writer;

mod run;

pub use delivery::Round as Delivered;
pub use run::{AT_ONCE, Event, Plan, Round, Signals, one_round, run, run_once};
