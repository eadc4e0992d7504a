//! How far an export has come, for whoever waits for it.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

/// Rows between two looks at the clock.
const ROWS: u64 = 1 << 12;
/// How often a terminal is told.
const OFTEN: Duration = Duration::from_millis(500);
/// How often a log is told.
const SELDOM: Duration = Duration::from_secs(30);

/// A line on stderr that is written over, and gone at the end; where stderr is no terminal, a line now and then of work that
/// takes long.
pub struct Progress {
    is_shown: bool,
    rows: u64,
    told: Instant,
}

impl Progress {
    /// Before the first row.
    pub fn new() -> Self {
        Self {
            is_shown: std::io::stderr().is_terminal(),
            rows: 0,
            told: Instant::now(),
        }
    }

    /// One more row is written; `place` says where that is.
    pub fn step(&mut self, place: impl FnOnce() -> String) {
        self.rows += 1;
        if !self.rows.is_multiple_of(ROWS) {
            return;
        }
        let pause = if self.is_shown { OFTEN } else { SELDOM };
        if self.told.elapsed() >= pause {
            self.told = Instant::now();
            let line = format!("{} rows, at {}", self.rows, place());
            if self.is_shown {
                write(&line);
            } else {
                tracing::info!("{line}");
            }
        }
    }

    /// After the last row; gives how many there were.
    pub fn end(self) -> u64 {
        self.rows
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.is_shown {
            write("");
        }
    }
}

fn write(text: &str) {
    let text: String = text.chars().take(70).collect();
    let mut err = std::io::stderr();
    // nothing depends on it
    let _ = write!(err, "\r\u{1b}[2K{text}").and_then(|()| err.flush());
}
