//! The message that an end comes nearer.

use jiff::Timestamp;

use super::leave;
use super::line::{counted, one_line};
use super::message::{Fact, Item, Line, Row, View, colour, message, plain};
use super::template;

use crate::market::{Certainty, LifecycleDate, OutgoingMessage, Severity, WayOut};

/// Places that are listed.
const PLACES: usize = 30;

/// An end that comes nearer.
#[derive(Debug, Clone, PartialEq)]
pub struct Reminder {
    /// Whose offering.
    pub provider: String,
    /// Its native id.
    pub native_id: String,
    /// When it ends, or may end at the earliest.
    pub end: LifecycleDate,
    /// In so many days.
    pub days: i64,
    /// How grave that is.
    pub severity: Severity,
    /// Where it is sold: deployments and regions.
    pub places: Vec<String>,
    /// The watches that it touches.
    pub touched: Vec<String>,
    /// Who states the end.
    pub sources: Vec<String>,
    /// What to do about it.
    pub way_out: WayOut,
}

/// The message of a reminder, which is told as `alert`. `message_id` is left empty: the outbox knows the recipient.
pub fn reminder_message(reminder: &Reminder, alert: &str, now: Timestamp) -> OutgoingMessage {
    let name = one_line(&reminder.native_id, 60);
    let (provider, day) = (one_line(&reminder.provider, 30), reminder.end.text());
    let days = counted(usize::try_from(reminder.days).unwrap_or(0), "day");
    let said = match reminder.end.certainty {
        Certainty::Firm => format!("{provider}: {name} retires in {days}, on {day}"),
        Certainty::NotBefore => {
            format!("{provider}: {name} may retire in {days}, not before {day}")
        }
    };
    let lines = |texts: &[String]| -> Vec<Line> {
        texts
            .iter()
            .map(|text| Line::of(one_line(text, 120)))
            .collect()
    };
    let facts = [
        Fact::of("Touches", lines(&reminder.touched)),
        Fact::of("Said by", lines(&reminder.sources)),
    ];
    let acknowledge = Line::of(format!("bellwether ack {alert}"));
    let acknowledge = Fact::command("Acknowledge", vec![acknowledge]);
    let ways = leave::facts(std::slice::from_ref(&reminder.way_out));
    let hidden = reminder.places.len().saturating_sub(PLACES);
    let view = View {
        severity: reminder.severity.word(),
        colour: colour(reminder.severity),
        heading: said.clone(),
        items: vec![Item {
            what: one_line(&reminder.way_out.model, 80),
            rows: reminder
                .places
                .iter()
                .take(PLACES)
                .map(|place| Row {
                    place: one_line(place, 120),
                    id: String::new(),
                })
                .collect(),
        }],
        more: (hidden > 0).then(|| format!("and {hidden} more")),
        more_command: "bellwether offerings".to_string(),
        facts: facts
            .into_iter()
            .chain(ways)
            .chain([acknowledge])
            .filter(|fact| !fact.lines.is_empty())
            .collect(),
    };
    let text = plain(&view);
    let html = template::html("message.html", &view, &text);
    message(&said, text, html, now)
}
