//! The program from outside: its commands, on files and servers of this machine.
#![expect(
    clippy::panic,
    clippy::print_stderr,
    reason = "a test panics when it fails and says on stderr that it was skipped"
)]

mod days;
mod direct;
mod google;
#[path = "../support/http.rs"]
mod http;
mod interfaces;
mod killed;
mod mistakes;
mod properties;
mod provider;
mod reading;
mod registries;
mod replay;
mod sequences;
mod shared;
#[path = "../support/smtp.rs"]
#[expect(dead_code, reason = "its misdeeds are for the tests of src/deliver")]
mod smtp;
mod tidy;
mod world;
