//! `alert preview`: the message of a change.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::alerting::replay;
use crate::commands::changes::named;
use crate::commands::output::{clean, print};
use crate::commands::{Setup, say};
use crate::daemon::clock;
use crate::market::{RecordedChange, Standing, Taken};
use crate::outlook::ways_out::ways_out;
use crate::render;
use crate::store::{ChangeFilter, Changes, Claims};

/// `bellwether alert preview`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The change's id, or its first digits.
    change: String,
    /// Write the page that mail programs show to this file.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs the command.
pub fn run(setup: &Setup, arguments: &Arguments) -> anyhow::Result<()> {
    let store = setup.open_for_reading()?;
    let recorded = named(&store, &arguments.change)?;
    let group = store.changes(&ChangeFilter {
        all: true,
        group: Some(recorded.group.clone()),
        ..ChangeFilter::default()
    })?;
    let news: Vec<RecordedChange> = group
        .into_iter()
        .filter(|one| one.standing == Standing::News)
        .collect();
    let policy = setup.settings.policy();
    let told = replay(&policy, &news, |one| {
        store.interface_of(&one.change.subject)
    })?;
    let is_told = |id: &str| {
        told.iter()
            .any(|message| message.taken.iter().any(|t| t.recorded.change.id.0 == id))
    };
    if told.is_empty() || !is_told(&recorded.change.id.0) {
        say(&format!(
            "nobody is told of it: {}",
            why_not(&recorded, policy.tells_nobody())
        ));
    }
    for message in &told {
        let digest = if message.is_digest {
            " in a digest"
        } else {
            ""
        };
        say(&format!(
            "{} to {}{digest}, not before {}",
            message.route,
            message.recipients.join(", "),
            message.at
        ));
    }
    // as it would be told if it were
    let plain = |one: &RecordedChange| Taken {
        recorded: one.clone(),
        touched: Vec::new(),
    };
    let (digest_of, taken) = match told.into_iter().next() {
        Some(message) => (message.is_digest.then_some(message.route), message.taken),
        None if news.is_empty() => (None, vec![plain(&recorded)]),
        None => (None, news.iter().map(plain).collect()),
    };
    let at = recorded.change.confirmed_at;
    let ways_out = ways_out(&store, &policy.watches, &taken, clock::now())?;
    let message = render::alert_message(
        digest_of.as_deref(),
        &taken,
        &ways_out,
        &setup.settings.letterhead(),
        at,
    );
    say("");
    say(&format!("Subject: {}", clean(&message.subject)));
    say("");
    print(
        &message
            .text
            .lines()
            .map(|line| format!("{}\n", clean(line)))
            .collect::<String>(),
    );
    if let Some(path) = &arguments.out {
        std::fs::write(path, &message.html)
            .with_context(|| format!("the page cannot be written to {}", path.display()))?;
    }
    Ok(())
}

fn why_not(recorded: &RecordedChange, tells_nobody: bool) -> &'static str {
    if recorded.standing != Standing::News {
        "it is no news of the landscape"
    } else if recorded.change.documented {
        "a registry only documents what was known"
    } else if recorded.change.flapping {
        "it keeps coming and going"
    } else if tells_nobody {
        "neither [mail] nor a [[channel]] is configured"
    } else {
        "no route takes it"
    }
}
