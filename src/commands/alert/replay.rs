//! `alert replay`: what the rules would have sent.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use crate::alerting::{Replayed, replay};
use crate::commands::output::{Format, clean, objects, print, table};
use crate::commands::{Setup, say};
use crate::market::OutgoingMessage;
use crate::render;
use crate::store::{ChangeFilter, Changes, Claims};

/// `bellwether alert replay`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Changes recorded at or after this time: 2026-11-01, 2026-11-01T06:00:00Z, or an age such as 30d.
    #[arg(long, value_name = "TIME")]
    since: String,
    /// Recorded before this time.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Only of this route.
    #[arg(long, value_name = "NAME")]
    route: Option<String>,
    /// Every message as it would be read.
    #[arg(long)]
    text: bool,
}

/// Without an address nobody would be told: messages are counted as if this one were.
const NOBODY: &str = "nobody@example.invalid";

/// Runs the command.
pub fn run(setup: &Setup, arguments: &Arguments) -> anyhow::Result<()> {
    let store = setup.open_for_reading()?;
    let (zone, now) = (&setup.settings.zone, crate::daemon::clock::now());
    let time = |text: &str| crate::commands::setup::time(text, zone, now);
    let filter = ChangeFilter {
        since: Some(time(&arguments.since)?),
        until: arguments.until.as_deref().map(time).transpose()?,
        ..ChangeFilter::default()
    };
    let changes = store.changes(&filter)?;
    let mut policy = setup.settings.policy();
    if policy.tells_nobody() {
        policy = setup.settings.alerts.policy(vec![NOBODY.to_string()]);
    }
    if let Some(wanted) = &arguments.route
        && !policy.routes.iter().any(|route| route.name == *wanted)
    {
        return Err(super::test::no_route(&policy, wanted));
    }
    let mut messages = replay(&policy, &changes, |recorded| {
        store.interface_of(&recorded.change.subject)
    })?;
    messages.retain(|message| {
        arguments
            .route
            .as_ref()
            .is_none_or(|name| *name == message.route)
    });
    let letterhead = setup.settings.letterhead();
    let rendered = |message: &Replayed| -> OutgoingMessage {
        let digest_of = message.is_digest.then_some(message.route.as_str());
        // who else sold the model then is not looked up
        render::alert_message(digest_of, &message.taken, &[], &letterhead, message.at)
    };
    if setup.format != Format::Table {
        let rows: Vec<Map<String, Json>> = messages
            .iter()
            .map(|message| object(message, &rendered(message)))
            .collect();
        objects(setup.format, &rows);
        return Ok(());
    }
    if messages.is_empty() {
        say(&format!(
            "of {} pieces of news nothing would have been sent",
            changes.len()
        ));
        return Ok(());
    }
    if arguments.text {
        for message in &messages {
            let outgoing = rendered(message);
            say(&format!(
                "{}  {} to {}",
                message.at,
                message.route,
                message.recipients.join(", ")
            ));
            say(&clean(&outgoing.subject));
            say("");
            print(
                &outgoing
                    .text
                    .lines()
                    .map(|line| format!("  {}\n", clean(line)))
                    .collect::<String>(),
            );
            say("");
        }
    } else {
        let line = |message: &Replayed| {
            vec![
                message
                    .at
                    .to_zoned(zone.clone())
                    .strftime("%Y-%m-%d %H:%M")
                    .to_string(),
                message.route.clone(),
                message.severity().word().to_string(),
                message.taken.len().to_string(),
                clean(&rendered(message).subject),
            ]
        };
        let rows: Vec<Vec<String>> = messages.iter().map(line).collect();
        print(&table(
            &["TIME", "ROUTE", "SEVERITY", "CHANGES", "SUBJECT"],
            &rows,
        ));
        say("");
    }
    summary(&messages, changes.len());
    Ok(())
}

/// How many of which kind.
fn summary(messages: &[Replayed], news: usize) {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for message in messages {
        let severity = message.severity().word();
        *counts
            .entry((message.route.as_str(), severity))
            .or_default() += 1;
    }
    let counts: Vec<String> = counts
        .iter()
        .map(|((route, severity), count)| format!("{count} {severity} by {route}"))
        .collect();
    say(&format!(
        "{} messages of {news} pieces of news: {}",
        messages.len(),
        counts.join(", ")
    ));
}

fn object(message: &Replayed, outgoing: &OutgoingMessage) -> Map<String, Json> {
    let mut touched: Vec<&str> = message
        .taken
        .iter()
        .flat_map(|taken| &taken.touched)
        .map(String::as_str)
        .collect();
    touched.sort_unstable();
    touched.dedup();
    let changes: Vec<&str> = message
        .taken
        .iter()
        .map(|taken| taken.recorded.change.id.0.as_str())
        .collect();
    let kinds: std::collections::BTreeSet<&str> = message
        .taken
        .iter()
        .map(|taken| taken.recorded.change.kind.word())
        .collect();
    let fields = [
        ("at", json!(message.at.to_string())),
        ("route", json!(message.route)),
        ("recipients", json!(message.recipients)),
        ("digest", json!(message.is_digest)),
        ("severity", json!(message.severity().word())),
        ("watches", json!(touched)),
        ("kinds", json!(kinds)),
        ("changes", json!(changes)),
        ("subject", json!(outgoing.subject)),
        ("text", json!(outgoing.text)),
    ];
    fields
        .into_iter()
        .map(|(key, value)| (key.to_string(), value))
        .collect()
}
