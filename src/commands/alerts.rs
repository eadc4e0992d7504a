//! `alerts`: what was told, to whom, why, and whether it arrived.

use jiff::tz::TimeZone;

use super::output::{Format, clean, objects, print, table};
use super::{Setup, say};
use crate::market::DeliveryState;
use crate::outlook::evidence::state_in_words;
use crate::outlook::rows::{AlertRow, object};
use crate::store::{Alerts, Told};

/// `bellwether alerts`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Raised at or after this time: 2026-11-01, 2026-11-01T06:00:00Z, or an age such as 30d.
    #[arg(long, value_name = "TIME", default_value = "7d")]
    since: String,
    /// Only over this route.
    #[arg(long, value_name = "NAME")]
    route: Option<String>,
    /// Only in this state: waiting, delivered or dead.
    #[arg(long, value_parser = state)]
    state: Option<DeliveryState>,
}

fn state(word: &str) -> Result<DeliveryState, String> {
    let expected = || "expected waiting, delivered or dead".to_string();
    DeliveryState::from_word(word).ok_or_else(expected)
}

/// Runs the command.
pub fn run(setup: &Setup, arguments: &Arguments) -> anyhow::Result<()> {
    let (zone, now) = (&setup.settings.zone, crate::daemon::clock::now());
    let since = super::setup::time(&arguments.since, zone, now)?;
    let mut told = setup.open_for_reading()?.told_since(since)?;
    told.retain(|one| {
        arguments
            .route
            .as_ref()
            .is_none_or(|route| *route == one.route)
            && arguments.state.is_none_or(|state| state == one.state)
    });
    if setup.format != Format::Table {
        let rows = told.iter().map(|one| object(&AlertRow::of(one)));
        objects(setup.format, &rows.collect::<Vec<_>>());
        return Ok(());
    }
    if told.is_empty() {
        say("nothing was told");
        return Ok(());
    }
    let rows: Vec<Vec<String>> = told.iter().map(|one| row(one, zone)).collect();
    print(&table(
        &[
            "ALERT", "RAISED", "SEVERITY", "ROUTE", "TO", "STATE", "WHAT",
        ],
        &rows,
    ));
    Ok(())
}

fn row(told: &Told, zone: &TimeZone) -> Vec<String> {
    let time = |at: jiff::Timestamp| {
        at.to_zoned(zone.clone())
            .strftime("%Y-%m-%d %H:%M")
            .to_string()
    };
    let subject = told.subject.as_deref().unwrap_or("(not written yet)");
    let subject = subject.strip_prefix("[bellwether] ").unwrap_or(subject);
    let touches = match told.touched.as_slice() {
        [] => String::new(),
        names => format!(" (touches {})", names.join(", ")),
    };
    vec![
        told.alert.get(..8).unwrap_or(&told.alert).to_string(),
        time(told.raised_at),
        told.severity.word().to_string(),
        told.route.clone(),
        told.recipient.clone(),
        clean(&state_in_words(told, time)),
        clean(&format!("{subject}{touches}")),
    ]
}
