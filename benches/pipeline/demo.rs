//! The demo: twelve weeks of an invented market through the whole program.

use std::process::{Command, Stdio};
use std::time::Instant;

use crate::measure::{cpu_of_children, figure};

/// Plays the twelve weeks once.
pub fn weeks() {
    let folder = tempfile::tempdir().expect("a folder");
    let (cpu, wall) = (cpu_of_children(), Instant::now());
    let status = Command::new(env!("CARGO_BIN_EXE_bellwether"))
        .args(["demo", "--no-web", "--keep"])
        .arg(folder.path())
        .args(["--ends", "2026-11-26T08:00:00Z"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("the program");
    assert!(status.success());
    let (cpu, wall) = (cpu_of_children() - cpu, wall.elapsed().as_secs_f64());
    figure(
        "a demo of twelve weeks, on the wall",
        &format!("{wall:.1} s"),
        "60 s on two idle cores",
    );
    figure(
        "a demo of twelve weeks",
        &format!("{cpu:.1} CPU s"),
        "120 CPU s",
    );
}
