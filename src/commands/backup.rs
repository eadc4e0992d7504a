//! `backup`: a consistent copy, while the daemon runs.

use std::path::PathBuf;

use super::{Setup, say};

/// `bellwether backup`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Where to; the file must not be there yet.
    file: PathBuf,
}

/// Runs the command.
pub fn run(setup: &Setup, arguments: &Arguments) -> anyhow::Result<()> {
    setup.open_for_reading()?.backup(&arguments.file)?;
    let size = std::fs::metadata(&arguments.file)
        .map(|file| file.len())
        .unwrap_or(0);
    say(&format!(
        "{}: {:.1} MB",
        arguments.file.display(),
        size as f64 / 1e6
    ));
    Ok(())
}
