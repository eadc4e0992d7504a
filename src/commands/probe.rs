//! `probe list`, `probe show`, `probe test`.

mod endpoint;
mod waterfall;

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::{Map, Value as Json, json};

use super::output::{Format, clean, labelled, objects, print, table};
use super::{Ending, Setup, say};
use crate::config::Probe;
use crate::daemon::ask;
use crate::daemon::clock;
use crate::daemon::reading::{Target, pages_in, read_kept};
use crate::detect;
use crate::fetch::{Answer, Client};
use crate::market::{Called, Content, DetectionState, Failure, Reading, Settled};
use crate::outlook::objects::probes;
use crate::outlook::watching::{confirming, credential, meaning, probe_state};
use crate::render::sentence;
use crate::store::{Kept, Sources, States, Store};

/// `bellwether probe`.
#[derive(Debug, Subcommand)]
pub enum Arguments {
    /// Every declared probe and endpoint: what it watches, and whether it is asked.
    List,
    /// One probe or endpoint as declared: its request, its rules, when it is asked.
    Show {
        /// The probe: PROVIDER.NAME, or any part that is unambiguous.
        id: String,
    },
    /// Ask one probe or endpoint now, or read a saved body: the request, the outcome, a waterfall of its phases, the claims, the
    /// changes. Writes nothing.
    Test {
        /// The source or endpoint: PROBE or PROBE@SCOPE.
        id: String,
        /// Read this body instead of asking.
        #[arg(long, value_name = "BODY")]
        file: Option<PathBuf>,
        /// Print every claim instead of the first ones.
        #[arg(long)]
        all: bool,
    },
}

/// Claims printed unless all are asked for.
const FIRST: usize = 40;

/// Runs the command.
pub fn run(setup: &Setup, arguments: &Arguments) -> anyhow::Result<Ending> {
    match arguments {
        Arguments::List => list(setup),
        Arguments::Show { id } => match endpoint::named(setup, id) {
            Some(endpoint) => endpoint::show(setup, endpoint)?,
            None => show(setup, setup.probe(id)?),
        },
        Arguments::Test { id, file, all } => {
            return match endpoint::named(setup, id).filter(|_| file.is_none()) {
                Some(endpoint) => endpoint::test(setup, endpoint, id),
                None => test(setup, id, file.as_ref(), *all),
            };
        }
    }
    Ok(Ending::Good)
}

fn list(setup: &Setup) {
    if setup.format != Format::Table {
        let all: Vec<Map<String, Json>> = setup
            .probes
            .iter()
            .map(|(probe, is_asked)| probes::probe(probe, *is_asked))
            .chain(
                setup
                    .endpoints
                    .iter()
                    .map(|(endpoint, is_checked)| probes::endpoint(endpoint, *is_checked)),
            )
            .collect();
        return objects(setup.format, &all);
    }
    let rows: Vec<Vec<String>> = setup
        .probes
        .iter()
        .map(|(probe, is_asked)| {
            vec![
                probe.id.to_string(),
                probe_state(probe, *is_asked),
                probe.authority.word().to_string(),
                probe.schedule.to_string(),
                probe.title.clone(),
            ]
        })
        .chain(setup.endpoints.iter().map(endpoint::row))
        .collect();
    print(&table(
        &["PROBE", "STATE", "AUTHORITY", "SCHEDULE", "WATCHES"],
        &rows,
    ));
}

/// What an identity must be allowed to do.
fn rights(probe: &Probe) -> Vec<&str> {
    probe.needs.iter().map(|need| need.right.as_str()).collect()
}

fn show(setup: &Setup, probe: &Probe) {
    let is_asked = setup
        .probes
        .iter()
        .any(|(other, asked)| other.id == probe.id && *asked);
    if setup.format != Format::Table {
        return objects(setup.format, &[probes::probe(probe, is_asked)]);
    }
    let line = labelled;
    line("probe", probe.id.as_str());
    line("watches", &probe.title);
    line(
        "provider",
        &format!("{} ({})", probe.provider, probe.provider_kind.word()),
    );
    line("state", &probe_state(probe, is_asked));
    line("authority", probe.authority.word());
    line("means", meaning(probe));
    line("schedule", &probe.schedule.to_string());
    line(
        "reader",
        &format!(
            "{} (version {})",
            probe.reader.word(),
            probe.reader.version()
        ),
    );
    line("confirms", &confirming(probe));
    for (source, scoping) in probe.sources() {
        line(
            "asks",
            &format!(
                "{} ({source})",
                probe.url(scoping, false).unwrap_or_default()
            ),
        );
    }
    if !probe.unset.is_empty() {
        let (id, names) = (&probe.id, probe.unset.join(", "));
        line("waits for", &format!("{names} under [scopes.\"{id}\"]"));
    }
    if !probe.of_files.is_empty() {
        let scopes = probe.of_files.iter().map(|scoping| scoping.scope.as_str());
        let scopes: Vec<&str> = scopes.collect();
        line("takes files", &format!("of @{}", scopes.join(", @")));
    }
    if let Some(follow) = &probe.request.follow {
        line("then", &format!("each item at {}", follow.url));
    }
    if let Some(fallback) = &probe.request.fallback_url {
        line("or else", fallback);
    }
    for (name, value) in &probe.request.headers {
        line("header", &format!("{name}: {value}"));
    }
    line("credential", &credential(probe));
    if !probe.needs.is_empty() {
        let role = probe.role.as_deref();
        let role = role.map_or(String::new(), |role| format!(", which {role} has"));
        line("needs", &format!("{}{role}", rights(probe).join(", ")));
    }
}

fn test(setup: &Setup, id: &str, file: Option<&PathBuf>, all: bool) -> anyhow::Result<Ending> {
    let (probe, scoping) = setup.source(id, file.is_some())?;
    let target = Target::new(probe, scoping);
    let (body, content_type) = match file {
        Some(path) => {
            let body = match setup.body(probe, path)? {
                Ok(body) => body,
                Err(failure) => return Ok(tell_failure(setup, &failure)),
            };
            let pages = body.plain().and_then(|bytes| pages_in(&target, bytes));
            let content_type = pages.map(str::to_string);
            (body, content_type)
        }
        None => match ask_now(setup, &target)? {
            Some(answer) => answer,
            None => return Ok(Ending::Problems),
        },
    };
    let mut reading = match read_kept(&target, &body, content_type.as_deref(), &Settled::new()) {
        Ok(reading) => reading,
        Err(failure) => return Ok(tell_failure(setup, &failure)),
    };
    reading.as_of(crate::daemon::clock::now());
    let items = reading.entries.len() as u64;
    if items < probe.rules.min_items {
        let failure = Failure::TooFewItems {
            expected: probe.rules.min_items,
            found: items,
        };
        return Ok(tell_failure(setup, &failure));
    }
    let lines = claim_objects(&reading);
    if setup.format != Format::Table {
        objects(setup.format, &lines);
        return Ok(Ending::Good);
    }
    say(&format!(
        "outcome      good: {items} items, {} claims, {} bytes",
        lines.len(),
        body.size()
    ));
    tell_unexpected(&reading);
    say("");
    let text = |line: &Map<String, Json>, key: &str| match line.get(key) {
        Some(Json::String(text)) => text.clone(),
        Some(Json::Null) | None => String::new(),
        Some(other) => other.to_string(),
    };
    let rows: Vec<Vec<String>> = lines
        .iter()
        .take(if all { usize::MAX } else { FIRST })
        .map(|line| {
            [
                "provider",
                "native_id",
                "region",
                "deployment",
                "attribute",
                "value",
            ]
            .map(|key| text(line, key))
            .to_vec()
        })
        .collect();
    print(&table(
        &[
            "PROVIDER",
            "NATIVE ID",
            "REGION",
            "DEPLOYMENT",
            "ATTRIBUTE",
            "VALUE",
        ],
        &rows,
    ));
    if rows.len() < lines.len() {
        say(&format!(
            "… and {} more: --all prints them",
            lines.len() - rows.len()
        ));
    }
    tell_changes(setup, &target, reading, &body)?;
    Ok(Ending::Good)
}

type Answered = Option<(Kept, Option<String>)>;

/// Asks the source; tells the request, the outcome and the phases. `None` if there was no body.
fn ask_now(setup: &Setup, target: &Target<'_>) -> anyhow::Result<Answered> {
    let is_table = setup.format == Format::Table;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let client = Client::new(&setup.settings.http)?;
    let credentials = setup.credentials();
    let now = clock::now();
    let request = runtime.block_on(async {
        let auth = ask::auth(&client, &credentials, target, now).await?;
        ask::request(target, auth, None, false)
    });
    match request {
        Ok(request) if is_table => {
            for line in request.describe() {
                say(&format!("request      {}", clean(&line)));
            }
        }
        Ok(_) => {}
        Err(failure) => {
            tell_failure(setup, &failure);
            return Ok(None);
        }
    }
    let last = ask::Last::default();
    let fetched = runtime.block_on(ask::ask(&client, &credentials, target, last, clock::now()));
    if is_table {
        let status = fetched
            .sample
            .status
            .map_or(String::new(), |status| format!("HTTP {status}, "));
        say(&format!(
            "answer       {status}{} bytes",
            fetched.sample.bytes
        ));
        for phase in waterfall::waterfall(&fetched.sample.phases) {
            say(&format!("  {phase}"));
        }
    }
    match fetched.answer {
        Answer::Body(body) => {
            let kept = match body.packed {
                Some(packed) => Kept::Packed(packed),
                None => Kept::Plain(body.bytes.to_vec()),
            };
            Ok(Some((kept, body.content_type)))
        }
        Answer::NotModified => Ok(None),
        Answer::Failed(failure) => {
            tell_failure(setup, &failure);
            Ok(None)
        }
    }
}

fn tell_failure(setup: &Setup, failure: &Failure) -> Ending {
    if setup.format == Format::Table {
        say(&format!(
            "outcome      {}: {}",
            failure.word(),
            clean(&failure.to_string())
        ));
    } else {
        let fields = [
            ("outcome", json!(failure.word())),
            ("detail", json!(failure.to_string())),
        ];
        objects(
            setup.format,
            &[fields
                .into_iter()
                .map(|(key, value)| (key.to_string(), value))
                .collect()],
        );
    }
    Ending::Problems
}

fn tell_unexpected(reading: &Reading) {
    for note in reading.unexpected.iter().take(20) {
        let said = format!(
            "{}: expected {}, found {}",
            note.place, note.expected, note.found
        );
        say(&format!("unexpected   {}", clean(&said)));
    }
    if reading.unexpected.len() > 20 {
        say(&format!(
            "unexpected   … and {} more",
            reading.unexpected.len() - 20
        ));
    }
}

fn claim_objects(reading: &Reading) -> Vec<Map<String, Json>> {
    let mut lines = Vec::new();
    for entry in &reading.entries {
        let subject = &entry.subject;
        let line = |attribute: String, value: Json, raw: &str| {
            let fields = [
                ("kind", json!(subject.kind.word())),
                ("provider", json!(subject.provider.as_str())),
                ("native_id", json!(subject.native_id.as_str())),
                ("region", json!(subject.region.as_str())),
                ("deployment", json!(subject.deployment)),
                ("attribute", json!(attribute)),
                ("value", value),
                ("raw", json!(raw)),
            ];
            fields
                .into_iter()
                .map(|(key, value)| (key.to_string(), value))
                .collect::<Map<_, _>>()
        };
        let Content::Stated { claims, .. } = &entry.content else {
            continue;
        };
        if claims.is_empty() {
            lines.push(line("listed".to_string(), json!(true), ""));
        }
        lines.extend(
            claims
                .iter()
                .map(|c| line(c.attribute.to_string(), c.value.to_json(), &c.raw)),
        );
    }
    lines.sort_by_key(|line| {
        ["provider", "native_id", "region", "deployment", "attribute"]
            .map(|key| line.get(key).map_or(String::new(), ToString::to_string))
    });
    lines
}

/// What this reading would change, and what it would leave pending, if it were taken in.
fn tell_changes(
    setup: &Setup,
    target: &Target<'_>,
    reading: Reading,
    body: &Kept,
) -> anyhow::Result<()> {
    say("");
    if !setup.database.exists() {
        say("changes      none: it would be the first reading of this source");
        return Ok(());
    }
    let store: Store = setup.open_for_reading()?;
    let Some(row) = store
        .source(&target.source)?
        .filter(|row| row.record.baseline_at.is_some())
    else {
        say("changes      none: it would be the first reading of this source");
        return Ok(());
    };
    let mut state: DetectionState = store.state(&row)?;
    let touched = detect::touched(&state, &reading);
    let added: Vec<_> = reading
        .entries
        .iter()
        .map(|entry| entry.key)
        .filter(|key| !state.index.contains_key(key))
        .collect();
    store.load_touched(&row, &mut state, &touched, &added)?;
    let probe = target.probe;
    let source = detect::Source {
        id: &target.source,
        provider: &probe.provider,
        authority: probe.authority,
        lists: probe.lists,
        rules: &probe.rules,
    };
    let seen = detect::Seen {
        at: clock::now(),
        body: body.hash(),
        previous: row.accepted_body,
    };
    let outcome = detect::compare(&source, &state, &reading, &seen);
    for suspect in &outcome.suspects {
        say(&format!(
            "held         {}: {} missing, {} values differ at once",
            suspect.provider, suspect.missing, suspect.differing
        ));
    }
    let pending = outcome
        .edits
        .iter()
        .filter(|edit| matches!(edit, crate::market::StateEdit::Pend(..)))
        .count();
    say(&format!(
        "changes      {} would be recorded, {pending} would wait for another reading",
        outcome.changes.len()
    ));
    for change in outcome.changes {
        let recorded = crate::market::RecordedChange {
            standing: crate::market::Standing::News,
            authority: probe.authority,
            imported: false,
            group: String::new(),
            url: String::new(),
            confirmed_by: Vec::new(),
            called: Called::in_reading(&reading, &change.subject),
            change,
        };
        say(&format!("  {}", clean(&sentence(&recorded))));
    }
    Ok(())
}
