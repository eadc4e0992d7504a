//! The program from outside: its commands, on files and servers of this machine.

mod days;
#[path = "../support/http.rs"]
mod http;
mod killed;
mod mistakes;
mod properties;
mod provider;
mod replay;
mod shared;
#[path = "../support/smtp.rs"]
mod smtp;
mod tidy;
mod world;
