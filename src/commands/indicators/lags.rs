//! How long after its first offering anywhere each provider offered each model.

use jiff::civil::Date;
use serde_json::{Map, Value as Json, json};

use crate::commands::output::{Format, clean, objects, print, table};
use crate::commands::say;
use crate::landscape::History;
use crate::landscape::indicator::{Lag, Parity, parity};

/// One model at one provider.
struct Row<'a> {
    model: &'a str,
    provider: &'a str,
    parity: &'a Parity,
    lag: Lag,
    /// The first day there, and whether no source told its stage then.
    offered: Option<(Date, bool)>,
}

/// Tells the lags as of a day, of one provider or of all.
pub(super) fn tell(format: Format, history: &History, day: Date, provider: Option<&str>) {
    let parities: Vec<(&str, Parity)> = history
        .models()
        .filter_map(|(model, courses)| Some((model, parity(courses, day)?)))
        .collect();
    let rows = parities.iter().flat_map(|(model, parity)| {
        parity.lags.iter().map(|(provider, lag)| {
            let course = history.model(model).and_then(|of| of.get(provider));
            let first = course.and_then(|course| course.offered);
            let first = first.filter(|first| first.day <= day);
            Row {
                model,
                provider,
                parity,
                lag: *lag,
                offered: first.map(|first| (first.day, first.is_unstated)),
            }
        })
    });
    let is_asked = |row: &Row<'_>| provider.is_none_or(|provider| provider == row.provider);
    let rows: Vec<Row<'_>> = rows.filter(is_asked).collect();
    match format {
        Format::Table if rows.is_empty() => say(&format!("nothing is known of {day}")),
        Format::Table => print(&for_people(&rows)),
        format => {
            let rows: Vec<Map<String, Json>> = rows.iter().map(|row| object(day, row)).collect();
            objects(format, &rows);
        }
    }
}

/// The days of a lag, and what they are: exact, or a bound of it.
fn days(lag: Lag) -> (Option<i64>, &'static str) {
    match lag {
        Lag::Exact(days) => (Some(days), "exact"),
        Lag::AtLeast(days) | Lag::Waiting { days, .. } => (Some(days), "at_least"),
        Lag::AtMost(days) => (Some(days), "at_most"),
        Lag::Unknown => (None, "unknown"),
    }
}

fn object(day: Date, row: &Row<'_>) -> Map<String, Json> {
    let (days, bound) = days(row.lag);
    let object = json!({
        "day": day.to_string(),
        "model": row.model,
        "provider": row.provider,
        "lag": days,
        "bound": bound,
        "waiting": matches!(row.lag, Lag::Waiting { .. }),
        "offered": row.offered.map(|(day, _)| day.to_string()),
        "unstated": row.offered.map(|(_, is_unstated)| is_unstated),
        "first": row.parity.first.day.to_string(),
        "first_censored": row.parity.first.is_censored,
        "by": row.parity.by,
    });
    object.as_object().cloned().unwrap_or_default()
}

fn for_people(rows: &[Row<'_>]) -> String {
    let lines: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let (days, bound) = days(row.lag);
            let days = days.map_or_else(String::new, |days| days.to_string());
            let lag = match (row.lag, bound) {
                (Lag::Waiting { .. }, _) => format!("{days} so far"),
                (_, "at_least") => format!("≥ {days}"),
                (_, "at_most") => format!("≤ {days}"),
                _ => days,
            };
            let first = row.parity.first;
            let since = if first.is_censored { "≤ " } else { "" };
            vec![
                clean(row.model),
                clean(row.provider),
                lag,
                format!("{since}{}", first.day),
                clean(&row.parity.by.join(", ")),
            ]
        })
        .collect();
    table(&["model", "provider", "lag (days)", "first", "by"], &lines)
}
