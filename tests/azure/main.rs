//! The shipped probes of Azure: the traps of their sources, and real bodies against figures that were taken apart from the readers.
#![expect(
    clippy::panic,
    clippy::print_stderr,
    reason = "a test panics when it fails and says on stderr that it was skipped"
)]

mod catalogue;
mod ledger;
mod meters;
mod models;
mod pages;
mod prices;
mod replay;
#[path = "../all/shared.rs"]
mod shared;
mod traps;
