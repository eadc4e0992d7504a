//! `why`: the evidence of a change.

use std::fmt::Write as _;

use serde_json::json;

use super::Setup;
use super::changes::{named, shown_time};
use super::output::{Format, clean, objects, print};
use crate::outlook::evidence::{
    Evidence, Side, evidence, marks, standing_in_words, state_in_words, told_in_words,
};
use crate::render::sentence;

/// `bellwether why`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The change's id, or its first digits.
    change: String,
}

/// Runs the command.
pub fn run(setup: &Setup, arguments: &Arguments) -> anyhow::Result<()> {
    let store = setup.open_for_reading()?;
    let recorded = named(&store, &arguments.change)?;
    let found = evidence(&store, &setup.settings.policy(), recorded)?;
    if setup.format != Format::Table {
        let recorded = &found.recorded;
        let excerpt = |side: &Option<Side>| {
            let excerpt = side.as_ref().and_then(|side| side.excerpt.as_ref());
            json!(excerpt.map(|excerpt| excerpt.text()))
        };
        let mut fields = recorded.object();
        fields.insert("old_raw".to_string(), json!(recorded.change.old_raw));
        fields.insert("new_raw".to_string(), json!(recorded.change.new_raw));
        fields.insert("old_excerpt".to_string(), excerpt(&found.old));
        fields.insert("new_excerpt".to_string(), excerpt(&found.new));
        fields.insert("standing".to_string(), json!(recorded.standing.word()));
        objects(setup.format, &[fields]);
        return Ok(());
    }
    print(&story(setup, &found));
    Ok(())
}

fn story(setup: &Setup, found: &Evidence) -> String {
    let recorded = &found.recorded;
    let change = &recorded.change;
    let zone = &setup.settings.zone;
    let mut text = String::new();
    let mut line = |label: &str, said: &str| {
        let _ = writeln!(text, "{label:<13} {}", clean(said));
    };
    line("change", change.id.0.as_str());
    line("what", &sentence(recorded));
    if let Some(identity) = change.subject.identity() {
        let model = identity
            .closest()
            .map(|model| format!("{model} ({})", identity.rule));
        line("model", model.as_ref().unwrap_or(&identity.rule));
    }
    line(
        "source",
        &format!("{} ({})", change.source, recorded.authority.word()),
    );
    line("seen", &shown_time(change.seen_at, zone));
    line("confirmed", &shown_time(change.confirmed_at, zone));
    line("standing", standing_in_words(recorded.standing));
    line("class", &marks(recorded).join(", "));
    let confirmed = if recorded.confirmed_by.is_empty() {
        "nobody else yet".to_string()
    } else {
        recorded.confirmed_by.join(", ")
    };
    line("confirmed by", &confirmed);
    line("at", &recorded.url);
    for silence in &found.silenced {
        let until = shown_time(silence.until, zone);
        let said = format!(
            "nobody: silence {} until {until}, {}",
            silence.id, silence.reason
        );
        line("told", &said);
    }
    for told in &found.told {
        let state = state_in_words(told, |at| shown_time(at, zone));
        line("told", &format!("{}: {state}", told_in_words(told)));
    }
    for (label, side) in [("before", &found.old), ("after", &found.new)] {
        let Some(side) = side else { continue };
        text.push('\n');
        let _ = writeln!(text, "{label}: body {}", side.body.hex(16));
        if let Some(raw) = &side.raw {
            let _ = writeln!(text, "  stated as: {}", clean(raw));
        }
        match &side.excerpt {
            Some(excerpt) => {
                let _ = writeln!(text, "  {}", clean(&excerpt.text()));
            }
            None => text.push_str("  the body does not name it\n"),
        }
    }
    text
}
