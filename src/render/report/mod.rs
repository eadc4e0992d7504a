//! The report of a week or any other span: what changed, how fast sources answer, and how it is known.

mod block;
mod facts;
mod figure;
mod json;
mod landscape;
mod mail;
mod markdown;
mod page;
mod sections;
mod span;
mod text;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::chart::{self, Class, Days};
use super::line::grouped;
use super::shifted_title;
use crate::latency;
use crate::market::{OutgoingMessage, RecordedChange};

use block::Document;
pub use landscape::Landscape;
use sections::{changes, knowing};

pub use facts::{
    CourseLine, CoursePoint, EndLine, Facts, IncidentLine, QuestionLine, Quote, Said, SpeedLine,
    StripBar, StripLine, Strips, UptimeLine, WorkloadLine,
};
pub use sections::changes::{listed, said};
pub use sections::measured::strips_chart;

/// A source as the report lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceLine {
    /// Its id: `openai.models`, `azure.models@northeurope`.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// How it stands, in one word or sentence: `ok`, `timeout`.
    pub state: String,
    /// Its last good reading.
    pub last_good: Option<Timestamp>,
    /// Failures in a row, up to now.
    pub failures: u32,
    /// Good readings in the span of the report.
    pub readings: u64,
}

impl SourceLine {
    fn is_in_trouble(&self) -> bool {
        self.failures > 0 || self.last_good.is_none()
    }
}

/// What a report is made of.
#[derive(Debug, Clone)]
pub struct Report {
    /// The first day.
    pub from: Date,
    /// The day after the last.
    pub to: Date,
    /// The zone of the days and of every time that people read.
    pub zone: TimeZone,
    /// Every change that was recorded in the span, whatever its standing: the report itself decides what is listed and what counted.
    pub changes: Vec<RecordedChange>,
    /// How fast sources answered.
    pub latency: Vec<latency::Summary>,
    /// Every source that is watched.
    pub sources: Vec<SourceLine>,
    /// What indicators say; `None`: they are not known.
    pub landscape: Option<Landscape>,
    /// Whether it is told before its week is over, since the landscape shifted.
    pub is_early: bool,
    /// Whether what it tells of is simulated.
    pub is_simulated: bool,
    /// When the report was made.
    pub made_at: Timestamp,
    /// What is known besides changes.
    pub facts: Facts,
}

impl Report {
    /// `Bellwether week 2026-W46 (9–15 November 2026)`.
    pub fn title(&self) -> String {
        let span = span::title(self.from, self.to);
        let title = match self.is_early {
            true => format!("Bellwether early edition, {span}"),
            false => format!("Bellwether {span}"),
        };
        match self.is_simulated {
            true => format!("{title}, simulated"),
            false => title,
        }
    }

    /// A command with the span, so that it lists what the report tells of.
    fn listing(&self, command: &str) -> String {
        format!(
            "bellwether {command} --since {} --until {}",
            self.from, self.to
        )
    }

    /// The last day of the span.
    fn last_day(&self) -> Date {
        self.to.yesterday().unwrap_or(self.to)
    }

    /// For a terminal and the plain part of a mail.
    pub fn to_text(&self) -> String {
        text::text(&self.document())
    }

    /// For a wiki or a chat.
    pub fn to_markdown(&self) -> String {
        markdown::markdown(&self.document())
    }

    /// A page on its own, with its pictures inside.
    pub fn to_html(&self) -> String {
        let document = self.document();
        page::page(&document, &text::text(&document))
    }

    /// For programs: everything that is listed, unbounded, times in UTC.
    pub fn to_json(&self) -> serde_json::Value {
        json::json(self, &self.document())
    }

    /// The mail: text, and HTML whose pictures travel with it, below 1 MB. `message_id` is left empty: the outbox knows the
    /// recipient.
    pub fn to_message(&self) -> OutgoingMessage {
        let document = self.document();
        let text = text::text(&document);
        mail::message(&document, &self.subject(), text, self.made_at)
    }

    /// What every form renders.
    fn document(&self) -> Document {
        Document {
            title: self.title(),
            summary: sections::summary(self),
            keys: sections::key_figures(self),
            sections: sections::sections(self),
            zone: self.zone.clone(),
        }
    }

    /// What stands in the report, counted by causes: a model that came to 14 regions is one.
    fn subject(&self) -> String {
        let causes = changes::causes(self);
        let leads: Vec<&RecordedChange> = causes
            .iter()
            .filter_map(|changes| changes.first().copied())
            .collect();
        let count = |is: &dyn Fn(&RecordedChange) -> bool, what: &str| {
            let n = leads.iter().filter(|lead| is(lead)).count();
            (n > 0).then(|| format!("{} {what}", grouped(n)))
        };
        let mut counts: Vec<String> = self.first_shift().into_iter().collect();
        counts.extend(count(
            &|lead| changes::needs_decision(self, lead),
            "that matter",
        ));
        for class in Class::ALL {
            counts.extend(count(
                &|lead| Class::of(lead.change.kind) == class,
                class.word(),
            ));
        }
        if counts.is_empty() {
            let is_known = knowing::method(self).readings > 0;
            counts.push(
                if is_known {
                    "nothing changed"
                } else {
                    "no reading"
                }
                .to_string(),
            );
        }
        format!(
            "[bellwether] {}: {}",
            match self.is_early {
                true => "early edition".to_string(),
                false => span::name(self.from, self.to),
            },
            counts.join(", ")
        )
    }

    /// The strongest shift of the span, in a few words.
    fn first_shift(&self) -> Option<String> {
        let shifted = self.landscape.as_ref()?.shifts.first()?;
        Some(shifted_title(&shifted.shift))
    }

    fn days(&self) -> Result<Days, chart::Error> {
        Days::count(
            listed(&self.changes),
            (self.from, self.to),
            &self.zone,
            self.sources.len(),
        )
    }
}

/// `Tue 10 Nov`, in a zone.
fn day(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%a %-d %b").to_string()
}

#[cfg(test)]
mod tests;
