//! What people and programs ask of the store together with the landscape: the commands, the daemon and the dashboard give one
//! and the same answer. Reads; what is written stands in `deeds` alone.

pub mod availability;
pub mod by;
pub mod compared;
pub mod costs;
pub mod deeds;
pub mod ends;
pub mod evidence;
pub mod incidents;
pub mod indicators;
pub mod known;
pub mod landscape;
pub mod meters;
pub mod moments;
pub mod news;
pub mod objects;
pub mod prices;
pub mod providers;
pub mod published;
pub mod rows;
pub mod speeds;
pub mod watched;
pub mod watching;
pub mod ways_out;
