//! The report of a week or any other span: what changed, how fast sources answer, and how it is known.

mod figures;
mod json;
mod markdown;
mod page;
mod sections;
mod span;
mod text;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::chart::{self, Chart, Class, Days, Size, Theme};
use super::line::{grouped, one_line};
use crate::latency;
use crate::market::{OutgoingMessage, Part, RecordedChange};

use sections::Section;

/// What `cid:` in the mailed page names.
const CHART_ID: &str = "changes-by-day@bellwether";

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
    /// When the report was made.
    pub made_at: Timestamp,
}

impl Report {
    /// `Bellwether week 2026-W46 (9–15 November 2026)`.
    pub fn title(&self) -> String {
        format!("Bellwether {}", span::title(self.from, self.to))
    }

    /// For a terminal and the plain part of a mail.
    pub fn to_text(&self) -> String {
        text::text(self)
    }

    /// For a wiki or a chat.
    pub fn to_markdown(&self) -> String {
        markdown::markdown(self)
    }

    /// A page on its own. `image_src` is where the chart is (`cid:…`, a file's name); if it is empty the page has no picture.
    pub fn to_html(&self, image_src: &str) -> String {
        page::page(self, image_src)
    }

    /// For programs: everything that is listed, unbounded, times in UTC.
    pub fn to_json(&self) -> serde_json::Value {
        json::json(self)
    }

    /// The chart as PNG.
    ///
    /// # Errors
    /// If the span is empty or too long, or the drawing fails.
    pub fn chart(&self) -> Result<Vec<u8>, chart::Error> {
        let chart = self.changes_by_day()?;
        chart.to_png(chart.fitting(Size::MAIL), Theme::Light)
    }

    /// The mail: text and HTML with the chart inline; without the chart if there is none. `message_id` is left empty: the
    /// outbox knows the recipient.
    pub fn to_message(&self) -> OutgoingMessage {
        let parts: Vec<Part> = self
            .chart()
            .ok()
            .map(|bytes| Part {
                content_id: CHART_ID.to_string(),
                file_name: "changes-by-day.png".to_string(),
                media_type: "image/png".to_string(),
                bytes,
            })
            .into_iter()
            .collect();
        let source = match parts.as_slice() {
            [] => String::new(),
            _ => format!("cid:{CHART_ID}"),
        };
        OutgoingMessage {
            subject: one_line(&self.subject(), 120),
            text: self.to_text(),
            html: self.to_html(&source),
            parts,
            message_id: String::new(),
            in_reply_to: None,
            date: self.made_at,
            dispatch: None,
        }
    }

    /// What stands in the report, counted by causes: a model that came to 14 regions is one.
    fn subject(&self) -> String {
        let causes = sections::causes(self);
        let leads: Vec<&RecordedChange> = causes
            .iter()
            .filter_map(|changes| changes.first().copied())
            .collect();
        let count = |is: &dyn Fn(&RecordedChange) -> bool, what: &str| {
            let n = leads.iter().filter(|lead| is(lead)).count();
            (n > 0).then(|| format!("{} {what}", grouped(n)))
        };
        let mut counts: Vec<String> = count(&sections::is_grave, "that matter")
            .into_iter()
            .collect();
        for class in Class::ALL {
            counts.extend(count(
                &|lead| Class::of(lead.change.kind) == class,
                class.word(),
            ));
        }
        if counts.is_empty() {
            let is_known = sections::method(self).readings > 0;
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
            span::name(self.from, self.to),
            counts.join(", ")
        )
    }

    fn changes_by_day(&self) -> Result<Chart, chart::Error> {
        let days = Days::count(
            sections::listed(self),
            (self.from, self.to),
            &self.zone,
            self.sources.len(),
        )?;
        Ok(days.chart())
    }

    fn sections(&self) -> Vec<Section> {
        sections::sections(self)
    }

    /// One sentence on what the whole span brought.
    fn summary(&self) -> String {
        sections::summary(self)
    }
}

#[cfg(test)]
mod tests;
