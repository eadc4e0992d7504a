//! How a span of days is called.

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};

/// `week 2026-W46 (9–15 November 2026)`, `November 2026`, `9–20 November 2026`.
pub fn title(from: Date, to: Date) -> String {
    let days = days(from, to);
    match week(from, to) {
        Some(week) => format!("week {week} ({days})"),
        None => month(from, to).unwrap_or(days),
    }
}

/// The shortest name: `week 2026-W46`.
pub fn name(from: Date, to: Date) -> String {
    match week(from, to) {
        Some(week) => format!("week {week}"),
        None => month(from, to).unwrap_or_else(|| days(from, to)),
    }
}

fn is_after(from: Date, to: Date, span: Span) -> bool {
    from.checked_add(span).is_ok_and(|end| end == to)
}

fn week(from: Date, to: Date) -> Option<String> {
    let is_week = from.weekday() == Weekday::Monday && is_after(from, to, 7.days());
    let iso = from.iso_week_date();
    is_week.then(|| format!("{}-W{:02}", iso.year(), iso.week()))
}

fn month(from: Date, to: Date) -> Option<String> {
    let is_month = from.day() == 1 && is_after(from, to, 1.month());
    is_month.then(|| from.strftime("%B %Y").to_string())
}

fn days(from: Date, to: Date) -> String {
    let last = to.yesterday().unwrap_or(from).max(from);
    let end = last.strftime("%-d %B %Y");
    if from == last {
        end.to_string()
    } else if from.first_of_month() == last.first_of_month() {
        format!("{}–{end}", from.day())
    } else if from.year() == last.year() {
        format!("{} – {end}", from.strftime("%-d %B"))
    } else {
        format!("{} – {end}", from.strftime("%-d %B %Y"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_the_names_that_people_use() {
        for (from, to, expected) in [
            (
                "2026-11-09",
                "2026-11-16",
                "week 2026-W46 (9–15 November 2026)",
            ),
            (
                "2026-12-28",
                "2027-01-04",
                "week 2026-W53 (28 December 2026 – 3 January 2027)",
            ),
            (
                "2026-11-30",
                "2026-12-07",
                "week 2026-W49 (30 November – 6 December 2026)",
            ),
            ("2026-11-01", "2026-12-01", "November 2026"),
            ("2026-11-10", "2026-11-17", "10–16 November 2026"),
            ("2026-11-10", "2026-11-11", "10 November 2026"),
            ("2026-11-10", "2026-11-10", "10 November 2026"),
        ] {
            let day = |text: &str| text.parse::<Date>().expect("a day");
            assert_eq!(title(day(from), day(to)), expected);
        }
    }
}
