//! The program: reads the command line, sets up logs, runs the command, and says how it ended.

use std::process::ExitCode;

use bellwether::commands::{self, CommandLine, Ending};
use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let line = CommandLine::parse();
    commands::start_logs(&line);
    match commands::run(line) {
        Ok(Ending::Good) => ExitCode::SUCCESS,
        Ok(Ending::Problems) => ExitCode::from(1),
        Err(error) => {
            commands::tell_error(&error);
            ExitCode::from(commands::exit_code(&error))
        }
    }
}
