//! `check`: configuration and probes, and when each will be asked.

use super::output::{Format, objects, print, table};
use super::{Ending, Setup, say};
use crate::config::Known;
use crate::config::identities::remedy;
use crate::daemon::clock;
use crate::schedule::SourceClock;
use serde_json::json;

/// Runs the command. Problems of the configuration have been told before it comes to this.
pub fn run(setup: &Setup) -> anyhow::Result<Ending> {
    let now = clock::now();
    let zone = &setup.settings.zone;
    let mut lacking = Vec::new();
    let mut rows = Vec::new();
    let mut values = Vec::new();
    for (probe, is_asked) in &setup.probes {
        let has_credential = probe
            .credential
            .as_ref()
            .is_none_or(|name| setup.settings.known(name) != Known::Missing);
        if *is_asked && !has_credential {
            let name = probe.credential.as_deref().unwrap_or("");
            let remedy = remedy(name).unwrap_or(name);
            lacking.push(format!("{}: set {remedy}", probe.id));
        }
        let state = match (is_asked, has_credential) {
            (true, true) => "on",
            (true, false) => "on, no credential",
            (false, _) if probe.credential.is_some() => "off (needs a credential)",
            (false, _) => "off",
        };
        for (source, _) in probe.sources() {
            let firings = SourceClock::new(probe.schedule.clone(), &source).next_firings(now, 5);
            let shown: Vec<String> = firings
                .iter()
                .map(|at| at.to_zoned(zone.clone()).strftime("%a %H:%M").to_string())
                .collect();
            rows.push(vec![
                source.to_string(),
                state.to_string(),
                probe.schedule.to_string(),
                shown.join("  "),
            ]);
            let fields = [
                ("source", json!(source.to_string())),
                ("state", json!(state)),
                ("schedule", json!(probe.schedule.to_string())),
                (
                    "next",
                    json!(firings.iter().map(ToString::to_string).collect::<Vec<_>>()),
                ),
            ];
            values.push(
                fields
                    .into_iter()
                    .map(|(key, value)| (key.to_string(), value))
                    .collect(),
            );
        }
    }
    if setup.format != Format::Table {
        objects(setup.format, &values);
    } else {
        let file = setup.file.as_ref().map_or(
            "no configuration file: the defaults hold".to_string(),
            |path| format!("{}: no problems", path.display()),
        );
        say(&file);
        say(&format!("database: {}", setup.database.display()));
        say(&match &setup.settings.mail {
            Some(mail) => format!("mail: to {}", mail.to.join(", ")),
            None => "mail: none; changes are kept and listed, but told to nobody".to_string(),
        });
        say("");
        let next = format!("NEXT FIVE ({})", setup.settings.zone_name);
        print(&table(&["SOURCE", "STATE", "SCHEDULE", &next], &rows, 60));
    }
    for problem in &lacking {
        tracing::error!("{problem}");
    }
    Ok(if lacking.is_empty() {
        Ending::Good
    } else {
        Ending::Problems
    })
}
