//! `status`: the landscape now, open incidents, sources in trouble.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

use super::output::{Format, clean, colour, objects, print, table};
use super::{Ending, Setup, say};
use crate::daemon::clock;
use crate::market::{Attribute, Stage, Value};
use crate::store::{Incidents, OfferingFilter, Offerings, Outbox, SourceRecord, Sources};

/// Runs the command.
pub fn run(setup: &Setup) -> anyhow::Result<Ending> {
    let store = setup.open_for_reading()?;
    let now = clock::now();
    let sources = store.sources()?;
    let broken: Vec<&SourceRecord> = sources
        .iter()
        .filter(|source| source.broken_since.is_some())
        .collect();
    let ending = if broken.is_empty() {
        Ending::Good
    } else {
        Ending::Problems
    };
    if setup.format != Format::Table {
        objects(
            setup.format,
            &sources.iter().map(source_object).collect::<Vec<_>>(),
        );
        return Ok(ending);
    }
    print(&landscape(&store.offerings(&OfferingFilter::default())?));
    let incidents = store.open_incidents()?;
    if !incidents.is_empty() {
        say("");
        say("open incidents");
        for incident in incidents {
            let said = format!(
                "{}: {} ({}, {})",
                incident.provider, incident.name, incident.status, incident.impact
            );
            say(&format!("  {}", clean(&said)));
        }
    }
    say("");
    let rows: Vec<Vec<String>> = sources
        .iter()
        .map(|source| source_row(source, now))
        .collect();
    if rows.is_empty() {
        say("no source has been asked yet: start `bellwether run`");
    } else {
        print(&table(
            &[
                "SOURCE",
                "STATE",
                "ITEMS",
                "LAST GOOD",
                "FAILURES",
                "MISSED",
            ],
            &rows,
            70,
        ));
    }
    let unexpected = sources
        .iter()
        .filter(|source| source.unexpected.is_some())
        .count();
    if unexpected > 0 {
        say(&format!(
            "{unexpected} sources hold something their reader did not expect: `bellwether --format json status`"
        ));
    }
    let (waiting, delivered, dead) = store.outbox_counts()?;
    if waiting + delivered + dead > 0 {
        let line =
            format!("mail: {waiting} waiting, {delivered} delivered, {dead} refused for good");
        say(&if dead > 0 && colour() {
            format!("\u{1b}[31m{line}\u{1b}[0m")
        } else {
            line
        });
    }
    Ok(ending)
}

/// Offerings by provider: how many in each stage.
fn landscape(facts: &[crate::market::OfferingFact]) -> String {
    let mut offerings: BTreeMap<&str, BTreeMap<&str, BTreeMap<Stage, u32>>> = BTreeMap::new();
    let mut models: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut regions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut priced: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for fact in facts {
        let (provider, id) = (
            fact.subject.provider.as_str(),
            fact.subject.native_id.as_str(),
        );
        models.entry(provider).or_default().insert(id);
        if fact.subject.region.is_stated() {
            regions
                .entry(provider)
                .or_default()
                .insert(fact.subject.region.as_str());
        }
        match (&fact.attribute, &fact.value) {
            (Some(Attribute::Stage), Some(Value::Stage(stage))) if *stage != Stage::Unknown => {
                // facts of one offering stand highest authority first: the first stage stated is the one that holds
                let stages = offerings
                    .entry(provider)
                    .or_default()
                    .entry(id)
                    .or_default();
                if stages.is_empty() {
                    stages.insert(*stage, 1);
                }
            }
            (Some(Attribute::Price(_)), _) => {
                priced.entry(provider).or_default().insert(id);
            }
            _ => {}
        }
    }
    let rows: Vec<Vec<String>> = models
        .iter()
        .map(|(provider, ids)| {
            let count = |wanted: &[Stage]| {
                let stages = offerings.get(provider);
                let n = stages.map_or(0, |by_id| {
                    by_id
                        .values()
                        .filter(|stages| stages.keys().any(|stage| wanted.contains(stage)))
                        .count()
                });
                if n == 0 { String::new() } else { n.to_string() }
            };
            let of = |map: &BTreeMap<&str, BTreeSet<&str>>| {
                map.get(provider)
                    .map_or(String::new(), |set| set.len().to_string())
            };
            vec![
                (*provider).to_string(),
                ids.len().to_string(),
                count(&[Stage::Announced, Stage::Preview, Stage::Limited]),
                count(&[Stage::Ga]),
                count(&[Stage::Legacy, Stage::Deprecated]),
                count(&[Stage::Retired]),
                of(&priced),
                of(&regions),
            ]
        })
        .collect();
    let header = [
        "PROVIDER",
        "MODELS",
        "PREVIEW",
        "GA",
        "LEGACY OR DEPRECATED",
        "RETIRED",
        "WITH PRICE",
        "REGIONS",
    ];
    if rows.is_empty() {
        "nothing is known of the landscape yet\n".to_string()
    } else {
        table(&header, &rows, 40)
    }
}

fn state(source: &SourceRecord) -> String {
    match (&source.broken_since, source.last_outcome.as_deref()) {
        (_, None) => "never asked".to_string(),
        (_, Some("ok" | "same" | "not_modified")) => "good".to_string(),
        (None, Some(_)) => format!("failing: {}", source.last_detail.as_deref().unwrap_or("")),
        (Some(_), Some(_)) => format!("broken: {}", source.last_detail.as_deref().unwrap_or("")),
    }
}

fn source_row(source: &SourceRecord, now: Timestamp) -> Vec<String> {
    let number = |n: u64| if n == 0 { String::new() } else { n.to_string() };
    vec![
        source.id.to_string(),
        state(source),
        source
            .items
            .map_or(String::new(), |items| items.to_string()),
        source
            .accepted_at
            .map_or("never".to_string(), |at| age(now, at)),
        number(u64::from(source.failures)),
        number(source.missed),
    ]
}

/// How long ago, for people.
fn age(now: Timestamp, then: Timestamp) -> String {
    let seconds = now.duration_since(then).as_secs().max(0);
    match seconds {
        0..=59 => "just now".to_string(),
        60..=3_599 => format!("{} min ago", seconds / 60),
        3_600..=172_799 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

fn source_object(source: &SourceRecord) -> Map<String, Json> {
    let time = |at: Option<Timestamp>| json!(at.map(|at| at.to_string()));
    let fields = [
        ("source", json!(source.id.to_string())),
        ("provider", json!(source.provider.as_str())),
        ("authority", json!(source.authority.word())),
        ("state", json!(state(source))),
        ("outcome", json!(source.last_outcome)),
        ("detail", json!(source.last_detail)),
        ("items", json!(source.items)),
        ("baseline_at", time(source.baseline_at)),
        ("accepted_at", time(source.accepted_at)),
        ("last_at", time(source.last_at)),
        ("failures", json!(source.failures)),
        ("broken_since", time(source.broken_since)),
        ("missed", json!(source.missed)),
        (
            "unexpected",
            json!(
                source
                    .unexpected
                    .as_ref()
                    .map(|all| all.lines().collect::<Vec<_>>())
            ),
        ),
    ];
    fields
        .into_iter()
        .map(|(key, value)| (key.to_string(), value))
        .collect()
}
