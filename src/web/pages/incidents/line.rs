//! Incidents on a time line: a row for each provider, a bar for each incident, by whom it is said. Widths are shares of the
//! page's, so that all of the span is seen on any screen, and letters stay as large as they are.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::outlook::incidents::{Row, measured};
use crate::render::one_line;

/// Height of a row, with the name above its bars, and of the days below the last one.
const ROW: f64 = 40.0;
const DAYS: f64 = 24.0;
const BAR: f64 = 16.0;
/// The shortest bar that is still seen, in percent of the width.
const SHORTEST: f64 = 0.6;
/// Rows that are drawn.
const ROWS: usize = 20;

/// The picture as one `svg` element; `None` where there is no incident.
pub(super) fn timeline(rows: &[&Row], span: [Timestamp; 2], zone: &TimeZone) -> Option<String> {
    let mut providers: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        providers.entry(row.provider()).or_default().push(row);
    }
    if providers.is_empty() {
        return None;
    }
    let [since, until] = span.map(|at| at.as_second());
    let length = (until - since).max(1) as f64;
    let x = |at: i64| {
        let share = (at - since) as f64 / length;
        share.clamp(0.0, 1.0) * 100.0
    };
    let shown = providers.len().min(ROWS);
    let height = ROW * shown as f64 + DAYS;
    let mut svg = format!(
        "<svg class=\"timeline\" width=\"100%\" height=\"{height}\" role=\"img\" aria-label=\"{}\">",
        escaped(&in_words(&providers, rows.len()))
    );
    for (nth, (provider, rows)) in providers.iter().take(ROWS).enumerate() {
        let top = ROW * nth as f64;
        let middle = top + ROW - 12.0;
        let name = escaped(&one_line(provider, 40));
        let _ = write!(
            svg,
            "<text x=\"0\" y=\"{:.1}\">{name}</text><line x1=\"0\" x2=\"100%\" y1=\"{middle:.1}\" y2=\"{middle:.1}\"/>",
            top + 14.0
        );
        for row in rows {
            let begin = x(row.begin().as_second());
            let end = x(row.end().map_or(until, |end| end.as_second()));
            let width = (end - begin).max(SHORTEST);
            let begin = begin.min(100.0 - width);
            let (class, by) = match (&row.own, &row.stated) {
                (Some(_), Some(_)) => ("both", "measured here and stated"),
                (Some(_), None) => ("own", "measured here"),
                _ => ("stated", "stated by a status page"),
            };
            let _ = write!(
                svg,
                "<rect class=\"{class}\" x=\"{begin:.2}%\" y=\"{:.1}\" width=\"{width:.2}%\" height=\"{}\" rx=\"2\"><title>{}</title></rect>",
                middle - BAR / 2.0,
                BAR,
                escaped(&format!("{by}: {}", what(row)))
            );
        }
    }
    let bottom = height - 6.0;
    for (at, anchor) in [(since, "start"), (until, "end")] {
        let day = Timestamp::from_second(at).unwrap_or_default();
        let day = day.to_zoned(zone.clone()).strftime("%-d %b %H:%M");
        let x = x(at);
        let _ = write!(
            svg,
            "<text x=\"{x:.1}%\" y=\"{bottom:.1}\" text-anchor=\"{anchor}\">{day}</text>"
        );
    }
    svg.push_str("</svg>");
    Some(svg)
}

fn what(row: &Row) -> String {
    let own = row.own.as_ref().map(measured);
    let stated = row.stated.as_ref().map(|stated| stated.name.clone());
    let what: Vec<String> = own.into_iter().chain(stated).collect();
    one_line(&what.join(" / "), 200)
}

fn in_words(providers: &BTreeMap<&str, Vec<&Row>>, n: usize) -> String {
    let each = providers.iter().take(ROWS);
    let each: Vec<String> = each
        .map(|(provider, rows)| format!("{} {}", one_line(provider, 40), rows.len()))
        .collect();
    format!("Time line of {n} incidents: {}", each.join(", "))
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    escaped
}
