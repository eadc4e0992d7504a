//! The message that an end comes nearer.

use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use super::dispatch::of_view;
use super::leave;
use super::line::{counted, one_line};
use super::message::{Fact, Item, Line, Row, View, colour, written};
use super::template::Letterhead;

use crate::market::{
    Attribute, Authority, Called, Certainty, Change, ChangeKind, DateKind, DispatchKind,
    LifecycleDate, OutgoingMessage, ProbeId, RecordedChange, Scope, Severity, SourceId, Standing,
    Subject, Value, WayOut,
};

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
pub fn reminder_message(
    reminder: &Reminder,
    alert: &str,
    letterhead: &Letterhead<'_>,
    now: Timestamp,
) -> OutgoingMessage {
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
        hidden,
        more_command: "bellwether offerings".to_string(),
        facts: facts
            .into_iter()
            .chain(ways)
            .chain([acknowledge])
            .filter(|fact| !fact.lines.is_empty())
            .collect(),
    };
    let touched = reminder.touched.iter().map(String::as_str);
    let mut dispatch = of_view(&view, DispatchKind::Reminder, [].into_iter(), touched);
    dispatch.changes.push(object(reminder, now));
    OutgoingMessage {
        dispatch: Some(Box::new(dispatch)),
        ..written(&view, letterhead, now)
    }
}

/// The end with the keys of a change; what only a change that was recorded has is null.
fn object(reminder: &Reminder, now: Timestamp) -> Map<String, Json> {
    let source = SourceId {
        probe: ProbeId::new(reminder.sources.first().cloned().unwrap_or_default()),
        scope: Scope::new(""),
    };
    let subject = Subject::offering(reminder.provider.as_str(), reminder.native_id.as_str());
    let recorded = RecordedChange {
        change: Change {
            attribute: Some(Attribute::Date(DateKind::Retires)),
            new: Some(Value::Date(reminder.end)),
            severity: reminder.severity,
            ..Change::plain(source, subject, ChangeKind::DateChanged, now)
        },
        standing: Standing::News,
        authority: Authority::ProviderApi,
        imported: false,
        group: String::new(),
        url: String::new(),
        confirmed_by: Vec::new(),
        called: Called::default(),
    };
    let mut object = recorded.object();
    for key in ["id", "seen_at", "confirmed_at", "authority", "group", "url"] {
        object.insert(key.to_string(), Json::Null);
    }
    object
}
