//! `alert`: what the rules make of changes, tried before they are trusted.

mod preview;
mod replay;
mod templates;
mod test;

use super::Setup;

/// `bellwether alert`.
#[derive(Debug, clap::Subcommand)]
pub enum Arguments {
    /// Send a sample over a route, as an alert would go, and say what became of it.
    Test(test::Arguments),
    /// The message of a change, as every route that takes it would tell it; nothing is sent.
    Preview(preview::Arguments),
    /// What these rules would have sent over the recorded history, imported history included.
    Replay(replay::Arguments),
    /// The templates that messages are written by, to begin your own with.
    Templates(templates::Arguments),
}

/// Runs the command.
pub fn run(setup: &Setup, arguments: &Arguments) -> anyhow::Result<super::Ending> {
    match arguments {
        Arguments::Test(arguments) => return test::run(setup, arguments),
        Arguments::Preview(arguments) => preview::run(setup, arguments)?,
        Arguments::Replay(arguments) => replay::run(setup, arguments)?,
        Arguments::Templates(arguments) => templates::run(arguments)?,
    }
    Ok(super::Ending::Good)
}
