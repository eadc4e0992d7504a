//! `why`: the evidence of a change.

use std::fmt::Write as _;

use serde_json::json;

use super::Setup;
use super::alerts::state_in_words;
use super::changes::{named, shown_time};
use super::output::{Format, clean, objects, print};
use crate::alerting::{Matter, silences_it};
use crate::market::{BodyHash, Change, RecordedChange, Standing};
use crate::render::sentence;
use crate::store::{Alerts, Bodies, Claims, Silences, Store};

/// `bellwether why`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The change's id, or its first digits.
    change: String,
}

/// Characters of a body shown on each side of what changed.
const AROUND: usize = 160;

/// Runs the command.
pub fn run(setup: &Setup, arguments: &Arguments) -> anyhow::Result<()> {
    let store = setup.open_for_reading()?;
    let recorded = &named(&store, &arguments.change)?;
    let old = excerpt(
        &store,
        recorded.change.old_body,
        &recorded.change,
        recorded.change.old_raw.as_deref(),
    )?;
    let new = excerpt(
        &store,
        recorded.change.new_body,
        &recorded.change,
        recorded.change.new_raw.as_deref(),
    )?;
    if setup.format != Format::Table {
        let mut fields = recorded.object();
        fields.insert("old_raw".to_string(), json!(recorded.change.old_raw));
        fields.insert("new_raw".to_string(), json!(recorded.change.new_raw));
        fields.insert("old_excerpt".to_string(), json!(old));
        fields.insert("new_excerpt".to_string(), json!(new));
        fields.insert("standing".to_string(), json!(recorded.standing.word()));
        objects(setup.format, &[fields]);
        return Ok(());
    }
    print(&story(
        setup,
        &store,
        recorded,
        old.as_deref(),
        new.as_deref(),
    )?);
    Ok(())
}

fn story(
    setup: &Setup,
    store: &Store,
    recorded: &RecordedChange,
    old: Option<&str>,
    new: Option<&str>,
) -> anyhow::Result<String> {
    let change = &recorded.change;
    let (zone, policy) = (&setup.settings.zone, setup.settings.policy());
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
    let standing = match recorded.standing {
        Standing::News => "news: it changes the landscape",
        Standing::Corroboration => "corroboration: an equal or higher authority has held this",
        Standing::Outranked => "outranked: a higher authority says otherwise",
    };
    line("standing", standing);
    let mut marks = vec![format!("severity {}", change.severity.word())];
    marks.extend(
        change
            .documented
            .then(|| "documented by a registry".to_string()),
    );
    marks.extend(
        change
            .flapping
            .then(|| "flapping: told to nobody".to_string()),
    );
    marks.extend(
        recorded
            .imported
            .then(|| "imported: told to nobody".to_string()),
    );
    line("class", &marks.join(", "));
    let confirmed = if recorded.confirmed_by.is_empty() {
        "nobody else yet".to_string()
    } else {
        recorded.confirmed_by.join(", ")
    };
    line("confirmed by", &confirmed);
    line("at", &recorded.url);
    let told = store.told_of(&change.id)?;
    if told.is_empty() && !recorded.imported {
        let matter = Matter::new(change, store.interface_of(&change.subject)?);
        let severity = policy.grade(&matter).severity;
        let at = change.confirmed_at;
        let mut silences = store.silences_after(at)?;
        silences.retain(|silence| silences_it(silence, &matter, severity, at));
        for silence in silences {
            let until = shown_time(silence.until, zone);
            let said = format!(
                "nobody: silence {} until {until}, {}",
                silence.id, silence.reason
            );
            line("told", &clean(&said));
        }
    }
    for told in told {
        let mut said = format!(
            "{} over {}, {}",
            told.recipient,
            told.route,
            told.severity.word()
        );
        if !told.touched.is_empty() {
            said.push_str(&format!(", touches {}", told.touched.join(", ")));
        }
        let state = state_in_words(&told, |at| shown_time(at, zone));
        line("told", &format!("{said}: {state}"));
    }
    for (label, body, raw, excerpt) in [
        ("before", change.old_body, &change.old_raw, old),
        ("after", change.new_body, &change.new_raw, new),
    ] {
        let Some(body) = body else { continue };
        text.push('\n');
        let _ = writeln!(text, "{label}: body {}", body.hex(16));
        if let Some(raw) = raw {
            let _ = writeln!(text, "  stated as: {}", clean(raw));
        }
        match excerpt {
            Some(excerpt) => {
                let _ = writeln!(text, "  {}", clean(excerpt));
            }
            None => text.push_str("  the body does not name it\n"),
        }
    }
    Ok(text)
}

/// The part of a body around what a change is about; `None` if the body is gone or does not name it.
fn excerpt(
    store: &Store,
    body: Option<BodyHash>,
    change: &Change,
    raw: Option<&str>,
) -> anyhow::Result<Option<String>> {
    let Some(body) = body else { return Ok(None) };
    let Some(bytes) = store.body(body)? else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(&bytes);
    let native_id = change.subject.native_id.as_str();
    let name = native_id.split('@').next().unwrap_or(native_id);
    // the name as a whole word where it can be had: another model's name may begin with it
    let quoted = format!("\"{name}\"");
    let Some(at) = text.find(&quoted).or_else(|| text.find(name)) else {
        return Ok(None);
    };
    let after = &text[at..];
    let raw = raw.filter(|raw| !raw.is_empty());
    let place = raw
        .and_then(|raw| after.find(raw))
        .filter(|distance| *distance < 4_000);
    let begin = text.floor_char_boundary(at.saturating_sub(AROUND / 2));
    let end = text.floor_char_boundary((at + place.unwrap_or(0) + AROUND).min(text.len()));
    let part = &text[begin..end];
    Ok(Some(part.split_whitespace().collect::<Vec<_>>().join(" ")))
}
