//! What people and programs ask of the store together with the landscape: the commands, the daemon and the dashboard give one
//! and the same answer. Reads, and never writes.

pub mod availability;
pub mod incidents;
pub mod published;
pub mod ways_out;
