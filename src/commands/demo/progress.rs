//! How far the weeks are: one line that is written anew on a terminal, a line a week elsewhere.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::summary::Counts;
use crate::commands::output::{clean, shortened};
use crate::daemon::play::Step;
use crate::market::{Severity, Standing};
use crate::render::{grouped, sentence};

/// The line is written no more often.
const PAUSE: Duration = Duration::from_millis(80);
/// Characters of the bar.
const BAR: i64 = 20;
const WEEK: i64 = 7 * 86_400;

/// How far the weeks are.
#[derive(Debug)]
pub struct Progress {
    begin: Timestamp,
    until: Timestamp,
    counts: Counts,
    /// What happened last that somebody may want to know.
    last: String,
    is_terminal: bool,
    written: Option<Instant>,
    week: i64,
}

impl Progress {
    /// From `begin` to `until`, of which this much is there already.
    pub fn new((begin, until): (Timestamp, Timestamp), counts: Counts) -> Self {
        Self {
            begin,
            until,
            counts,
            last: String::new(),
            is_terminal: std::io::stderr().is_terminal(),
            written: None,
            week: 0,
        }
    }

    /// A moment was played.
    pub fn step(&mut self, at: Timestamp, step: &Step) {
        self.counts.readings += step.asked.len() as u64;
        self.counts.mails += u64::from(step.delivered.delivered);
        let news = step.changes().filter(|one| one.standing == Standing::News);
        for recorded in news {
            self.counts.changes += 1;
            if recorded.change.severity >= Severity::Notice {
                self.last = clean(&sentence(recorded));
            }
        }
        if self.is_terminal {
            if self.written.is_none_or(|at| at.elapsed() >= PAUSE) {
                self.written = Some(Instant::now());
                self.rewrite(at);
            }
            return;
        }
        let week = (at.as_second() - self.begin.as_second()) / WEEK;
        if week > self.week {
            self.week = week;
            self.write(&format!("{}\n", self.line(at)));
        }
    }

    /// The weeks are over, or somebody has stopped them.
    pub fn end(&mut self) {
        if self.is_terminal && self.written.is_some() {
            self.write("\r\x1b[2K");
        }
    }

    fn rewrite(&self, at: Timestamp) {
        let width = terminal_size::terminal_size_of(std::io::stderr());
        let width = width.map_or(80, |(width, _)| usize::from(width.0));
        let line = format!("{} {}", self.bar(at), self.line(at));
        let line = shortened(&line, width.saturating_sub(1).max(20));
        self.write(&format!("\r\x1b[2K{line}"));
    }

    fn bar(&self, at: Timestamp) -> String {
        let all = (self.until.as_second() - self.begin.as_second()).max(1);
        let done = at.as_second() - self.begin.as_second();
        let full = (done * BAR / all).clamp(0, BAR);
        let cells = (0..BAR).map(|cell| if cell < full { '█' } else { '░' });
        cells.collect()
    }

    fn line(&self, at: Timestamp) -> String {
        let day = at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d");
        let Counts {
            readings,
            changes,
            mails,
        } = self.counts;
        let [readings, changes, mails] = [readings, changes, mails]
            .map(|count| grouped(usize::try_from(count).unwrap_or(usize::MAX)));
        let line = format!("{day}  {readings} readings, {changes} changes, {mails} mails");
        match self.last.as_str() {
            "" => line,
            last => format!("{line}; {last}"),
        }
    }

    fn write(&self, text: &str) {
        // whoever closes stderr wants to see none
        let mut out = std::io::stderr().lock();
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }
}
