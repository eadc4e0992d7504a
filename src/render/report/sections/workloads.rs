//! What the user's workloads cost, before and now.

use rust_decimal::Decimal;

use super::super::Report;
use super::super::block::{Block, Bound, Cell, Column, Table, Tone};
use super::super::facts::{Quote, WorkloadLine};
use crate::market::{Currency, amount_for_people};
use crate::render::line::{link, one_line};

/// A drift of so many percent stands out.
const STRONG: i64 = 5;

/// Each workload, where it is cheapest within its bounds, and how that has drifted.
pub fn table(report: &Report) -> Block {
    Block::Table(Table {
        key: "workloads",
        title: Some("Your workloads, where they are cheapest within their bounds".to_string()),
        columns: vec![
            Column::name("workload", "workload"),
            Column::number("before_per_month", "a month, before"),
            Column::number("now_per_month", "now"),
            Column::number("drift_percent", "drift"),
            Column::text("where", "where"),
        ],
        rows: report.facts.workloads.iter().map(row).collect(),
        bound: Bound {
            limit: 20,
            more: "bellwether cost".to_string(),
        },
        note: Some(
            "By list price, as it was believed when the span began and when it ended; without taxes, agreements or free allotments."
                .to_string(),
        ),
    })
}

fn row(line: &WorkloadLine) -> Vec<Cell> {
    let (then, now) = (line.then.as_ref(), line.now.as_ref());
    let drift = then
        .zip(now)
        .and_then(|(then, now)| drift(then.per_month, now.per_month));
    let why = line.because.iter();
    let why = why.map(|id| format!("bellwether why {}", one_line(id, 40)));
    let detail: Vec<String> = before(line).into_iter().chain(why).collect();
    vec![
        Cell {
            detail: one_line(&line.profile, 160),
            ..Cell::of(&line.name)
        },
        cost(then, line.currency),
        cost(now, line.currency),
        shift(drift),
        Cell {
            link: now.and_then(|now| link(&now.url)),
            detail: one_line(&detail.join("; "), 300),
            ..Cell::of(&place(line))
        },
    ]
}

fn cost(quote: Option<&Quote>, currency: Option<Currency>) -> Cell {
    match quote.zip(currency) {
        Some((quote, currency)) => Cell::of(&amount_for_people(quote.per_month, currency))
            .with_value(quote.per_month.to_string()),
        None => Cell::of("–").with_value(serde_json::Value::Null),
    }
}

/// In percent, to a tenth.
fn drift(then: Decimal, now: Decimal) -> Option<Decimal> {
    if then == now {
        return Some(Decimal::ZERO);
    }
    let ratio = now.checked_div(then)?;
    let percent = (ratio - Decimal::ONE).checked_mul(Decimal::ONE_HUNDRED)?;
    Some(percent.round_dp(1).normalize())
}

fn shift(drift: Option<Decimal>) -> Cell {
    let Some(drift) = drift else {
        return Cell::of("–").with_value(serde_json::Value::Null);
    };
    let text = match drift {
        drift if drift.is_zero() => "unchanged".to_string(),
        drift if drift < Decimal::ZERO => format!("−{} %", drift.abs()),
        drift => format!("+{drift} %"),
    };
    let tone = match drift >= Decimal::from(STRONG) {
        true => Tone::Caution,
        false => Tone::Plain,
    };
    Cell::of(&text)
        .with_value(drift.to_string())
        .with_tone(tone)
}

fn named(quote: &Quote) -> String {
    let Quote {
        provider,
        native_id,
        place,
        ..
    } = quote;
    match place.as_str() {
        "" => format!("{provider} {native_id}"),
        place => format!("{provider} {native_id}, {place}"),
    }
}

fn place(line: &WorkloadLine) -> String {
    match (&line.now, &line.then) {
        (Some(now), _) => named(now),
        (None, Some(_)) => "nowhere any more".to_string(),
        (None, None) => {
            "nothing that is known runs it within its bounds at a known price".to_string()
        }
    }
}

/// Where it was cheapest before, if that is elsewhere, and what it costs there now.
fn before(line: &WorkloadLine) -> Option<String> {
    let before = line.then.as_ref().map(named)?;
    if line.now.as_ref().map(named).as_ref() == Some(&before) {
        return None;
    }
    let stayed = match line.stayed.zip(line.currency) {
        Some((amount, currency)) => format!("now {}", amount_for_people(amount, currency)),
        None => "now out of its bounds or without a price".to_string(),
    };
    Some(format!("before: {before} ({stayed})"))
}
