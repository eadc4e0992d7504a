//! How far the trying has come, on a terminal.

use std::io::{IsTerminal as _, Write as _};

use crate::market::SourceId;

/// A line on stderr that is written over, and gone at the end; nothing at all where stderr is no terminal.
pub struct Progress {
    is_shown: bool,
    done: usize,
    all: usize,
}

impl Progress {
    /// Before the first of so many.
    pub fn new(all: usize) -> Self {
        let is_shown = std::io::stderr().is_terminal();
        let progress = Self {
            is_shown,
            done: 0,
            all,
        };
        progress.write(&format!("asking {all} sources"));
        progress
    }

    /// One more has ended.
    pub fn step(&mut self, source: &SourceId) {
        self.done += 1;
        self.write(&format!("{} of {} asked: {source}", self.done, self.all));
    }

    fn write(&self, text: &str) {
        if self.is_shown {
            let text: String = text.chars().take(70).collect();
            let mut err = std::io::stderr();
            // nothing depends on it
            let _ = write!(err, "\r\u{1b}[2K{text}").and_then(|()| err.flush());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.write("");
    }
}
