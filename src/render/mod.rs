//! What people read: sentences, messages, the report, charts. Pure.

pub mod chart;
mod headline;
mod line;
pub mod message;
pub mod report;
mod sentence;
mod sharp;
mod template;

#[cfg(test)]
mod samples;

pub use message::{away_message, group_message, started_message};
pub use sentence::{sentence, subject_line};
