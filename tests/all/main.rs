//! The program from outside: its commands, on files and servers of this machine.
#![expect(
    clippy::panic,
    clippy::print_stderr,
    reason = "a test panics when it fails and says on stderr that it was skipped"
)]

mod alerts;
mod announced;
mod away;
#[path = "../support/aws.rs"]
mod aws;
mod azure;
mod board;
mod broken;
mod brought_forward;
mod browser;
mod channels;
mod clocks;
mod clouds;
mod compared;
mod costs;
mod days;
mod delivery;
mod demo;
mod direct;
mod disagree;
mod doctor;
mod endpoints;
mod exported;
mod fixtures;
mod gaps;
mod google;
mod granted;
mod hostile;
#[path = "../support/http.rs"]
mod http;
mod identity;
mod indicators;
mod interfaces;
mod judged;
mod killed;
mod labs;
mod large;
mod launched;
mod maildir;
mod measured;
mod mistakes;
mod models;
mod oci;
mod offline;
mod outage;
mod outcomes;
#[path = "../support/paced.rs"]
mod paced;
mod pages;
mod posted;
mod precedence;
mod programs;
mod properties;
mod provider;
mod public;
mod reading;
mod rebuild;
mod registries;
mod replay;
mod replayed;
mod reported;
#[path = "../support/rsa.rs"]
mod rsa;
mod sequences;
mod settling;
mod shared;
mod shifted;
#[path = "../support/smtp.rs"]
#[expect(dead_code, reason = "its misdeeds are for the tests of src/deliver")]
mod smtp;
mod sonnet;
mod sources;
mod spelled;
mod streams;
mod tidy;
mod told;
mod unchanged;
mod upgrade;
mod watched;
mod web_bounds;
mod web_market;
mod web_safety;
mod world;
