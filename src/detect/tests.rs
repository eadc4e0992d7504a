//! Detection against scenarios, tables and random histories.

mod landscape;
mod memory;
mod properties;
mod scenario;
mod spelling;
