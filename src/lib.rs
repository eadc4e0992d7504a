#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod alerting;
pub mod commands;
pub mod config;
pub mod daemon;
pub mod deliver;
pub mod detect;
pub mod fetch;
pub mod inference;
pub mod landscape;
pub mod latency;
pub mod market;
pub mod outlook;
pub mod readers;
pub mod render;
pub mod schedule;
pub mod store;
pub mod web;
pub mod world;
