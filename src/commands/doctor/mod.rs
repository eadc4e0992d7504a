//! `doctor`: asks every source as the daemon would, and says which rung of the ladder fails and how to mend it; then looks
//! at what else the daemon needs.

mod chosen;
mod diagnosis;
mod finding;
mod machine;
mod progress;
mod told;

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::StreamExt as _;
use jiff::SignedDuration;

use super::output::{Format, objects};
use super::{Ending, Setup};
use crate::config::{Probe, Scoping};
use crate::daemon::trial::{Trial, try_source};
use crate::daemon::{AT_ONCE, clock};
use crate::fetch::Client;
use crate::market::{Attribute, Claim, Content, Failure, Reading, SourceId, Value};
use crate::store::Sources as _;
use chosen::{Choice, chosen};
use finding::{Finding, Outcome, State, Tried};
use progress::Progress;

/// `bellwether doctor`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only these: providers, probes (also those that are off), or single sources: PROVIDER, PROBE, PROBE@SCOPE.
    #[arg(value_name = "NAME")]
    names: Vec<String>,
}

/// Runs the command. Nothing is kept of the answers.
pub fn run(setup: &Setup, arguments: &Arguments) -> anyhow::Result<Ending> {
    let chosen = chosen(setup, &arguments.names)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let (tried, ahead) = runtime.block_on(try_all(setup, &chosen))?;
    // who asks for a source asks for nothing else
    let checks = match arguments.names.is_empty() {
        true => runtime.block_on(machine::checks(setup, ahead)),
        false => Vec::new(),
    };
    let findings: Vec<Finding<'_>> = chosen
        .iter()
        .zip(tried)
        .map(|((probe, choice), tried)| Finding {
            probe,
            state: match choice {
                Choice::Ask(_) => State::Tried(tried),
                Choice::Waiting(what) => State::Waiting(what.clone()),
                Choice::Off(why) => State::Off(why.clone()),
            },
        })
        .collect();
    match setup.format {
        Format::Table => told::tell(&findings, &checks),
        format => {
            let of_machine = checks.iter().map(machine::Check::object);
            let of_probes = findings.iter().map(Finding::object);
            objects(format, &of_machine.chain(of_probes).collect::<Vec<_>>());
        }
    }
    let is_well = findings
        .iter()
        .all(|finding| finding.sum().troubles.is_empty());
    let works = checks.iter().all(|check| check.mend.is_none());
    Ok(match is_well && works {
        true => Ending::Good,
        false => Ending::Problems,
    })
}

/// One source to try.
struct Job {
    /// The place of its scope among those of its probe.
    nth: usize,
    /// The place of its probe among the chosen ones.
    place: usize,
    probe: Arc<Probe>,
    scoping: Scoping,
}

fn jobs(chosen: &[(&Probe, Choice)]) -> Vec<Job> {
    let mut jobs = Vec::new();
    for (place, (probe, choice)) in chosen.iter().enumerate() {
        let Choice::Ask(scopes) = choice else {
            continue;
        };
        let probe = Arc::new((*probe).clone());
        jobs.extend(scopes.iter().enumerate().map(|(nth, scoping)| Job {
            nth,
            place,
            probe: Arc::clone(&probe),
            scoping: scoping.clone(),
        }));
    }
    // many scopes of one probe are on one host, which would be waited for while others could be asked
    jobs.sort_by_key(|job| (job.nth, job.place));
    jobs
}

/// Tries the sources of every probe that is asked; the results are in the order of the probes and of their scopes. So many
/// are asked at once as the daemon would ask, and its client keeps the pace of each host. Beside them stands how far our
/// clock was ahead of the hosts that told their time.
async fn try_all(
    setup: &Setup,
    chosen: &[(&Probe, Choice)],
) -> anyhow::Result<(Vec<Vec<Tried>>, Vec<SignedDuration>)> {
    let client = Arc::new(Client::new(&setup.settings.http)?);
    let credentials = Arc::new(setup.credentials());
    let known = known_sources(setup);
    let jobs = jobs(chosen);
    let mut progress = Progress::new(jobs.len());
    let trials = futures_util::stream::iter(jobs).map(|job| {
        let (client, credentials) = (Arc::clone(&client), Arc::clone(&credentials));
        let (place, nth) = (job.place, job.nth);
        let source = SourceId {
            probe: job.probe.id.clone(),
            scope: job.scoping.scope.clone(),
        };
        async move {
            // a task of its own, so that its panic is its own
            let trying = tokio::spawn(async move {
                try_source(
                    &client,
                    &credentials,
                    &job.probe,
                    &job.scoping,
                    clock::now(),
                )
                .await
            });
            (place, nth, source, trying.await)
        }
    });
    let mut trials = trials.buffer_unordered(AT_ONCE);
    let mut all: Vec<Vec<(usize, Tried)>> = chosen.iter().map(|_| Vec::new()).collect();
    let mut ahead = Vec::new();
    while let Some((place, nth, source, trial)) = trials.next().await {
        progress.step(&source);
        if let Some(of_probe) = all.get_mut(place) {
            let trial = trial.unwrap_or_else(|_| panicked());
            ahead.extend(trial.clock_ahead);
            of_probe.push((nth, tried(trial, &source, &known)));
        }
    }
    let in_order = all.into_iter().map(|mut of_probe| {
        of_probe.sort_by_key(|(nth, _)| *nth);
        of_probe.into_iter().map(|(_, tried)| tried).collect()
    });
    Ok((in_order.collect(), ahead))
}

fn panicked() -> Trial {
    Trial {
        read: Err(Failure::Internal {
            detail: "the probe's task panicked".to_string(),
        }),
        status: None,
        clock_ahead: None,
        took: jiff::SignedDuration::ZERO,
    }
}

fn tried(trial: Trial, source: &SourceId, known: &BTreeSet<SourceId>) -> Tried {
    Tried {
        scope: source.scope.to_string(),
        outcome: match trial.read {
            Ok(reading) => Outcome::Read {
                items: reading.entries.len() as u64,
                ungranted: ungranted(&reading),
                unexplained: unexplained(&reading),
            },
            Err(failure) => Outcome::Failed(failure),
        },
        status: trial.status,
        took: trial.took,
        is_known: known.contains(source),
    }
}

/// How many items the account may not call, where the answer is a list of its access.
fn ungranted(reading: &Reading) -> u64 {
    let granted = Attribute::Capability("granted".into());
    let is_no = |claim: &Claim| claim.attribute == granted && claim.value == Value::Flag(false);
    let denied = reading.entries.iter().filter(|entry| match &entry.content {
        Content::Stated { claims, .. } => claims.iter().any(is_no),
        Content::Settled => false,
    });
    denied.count() as u64
}

fn unexplained(reading: &Reading) -> Vec<String> {
    let line = |note: &crate::market::Unexpected| {
        format!(
            "{}: expected {}, found {}",
            note.place, note.expected, note.found
        )
    };
    reading.unexpected.iter().map(line).collect()
}

/// The sources that have given a reading: what they do not offer any more is no absence.
fn known_sources(setup: &Setup) -> BTreeSet<SourceId> {
    if !setup.database.exists() {
        return BTreeSet::new();
    }
    let records = setup
        .open_for_reading()
        .and_then(|store| Ok(store.sources()?));
    match records {
        Ok(records) => records
            .into_iter()
            .filter(|record| record.baseline_at.is_some())
            .map(|record| record.id)
            .collect(),
        Err(error) => {
            tracing::warn!("the database cannot be read: {error:#}");
            BTreeSet::new()
        }
    }
}
