//! What people read: sentences, messages, the report, charts; and what other programs do: tables, a calendar, a feed. Pure.

pub mod calendar;
pub mod chart;
mod digest;
mod dispatch;
pub mod feed;
mod headline;
mod leave;
mod line;
pub mod message;
mod outage;
pub mod reminder;
pub mod report;
mod sentence;
mod sharp;
mod shifted;
mod sighting;
pub mod table;
mod template;

#[cfg(test)]
pub(crate) mod samples;

pub use digest::alert_message;
pub use headline::{rank, title};
pub use line::{counted, dollars, grouped, lasting, link, one_line};
pub use message::{away_message, started_message, test_message};
pub use sentence::sentence;
pub use shifted::{shifted_line, shifted_title};
pub use sighting::Sighting;
pub use template::{Letterhead, Templates};
