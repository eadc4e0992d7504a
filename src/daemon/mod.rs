//! The loops; the only place where all folders meet.

pub mod clock;
pub mod pipeline;
