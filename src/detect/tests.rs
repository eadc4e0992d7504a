//! Detection against scenarios, tables and random histories.

mod identity;
mod landscape;
mod memory;
mod properties;
mod scenario;
mod spelling;
