#![doc = include_str!("../README.md")]

pub mod config;
pub mod deliver;
pub mod detect;
pub mod market;
pub mod readers;
pub mod schedule;
pub mod store;
