//! `import`: dated bodies through the same pipeline, as if seen then.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, civil};

use super::{Setup, say, wrong};
use crate::alerting::Policy;
use crate::daemon::pipeline::{Answer, Arrival, Taken, take_in, take_kept};
use crate::daemon::reading::{Target, pages_in};
use crate::daemon::{clock, indicators};
use crate::market::Failure;
use crate::store::{
    Bodies, Kept, KeptReading, Readings, Remembered, Sources, States, Store, Transaction,
};

/// `bellwether import`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The source that said it: PROBE or PROBE@SCOPE.
    #[arg(long, value_name = "ID")]
    probe: String,
    /// When it was said, for a file whose name does not tell: 2026-01-31T06:00:00Z.
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// Replay the source whole from its kept bodies, so that older ones find their place.
    #[arg(long)]
    rebuild: bool,
    /// Files, or folders of files, named by their time: 2026-01-31.json, 2026-01-31T06-00-00Z_note.html.
    #[arg(required_unless_present = "rebuild")]
    paths: Vec<PathBuf>,
}

/// How many bodies are taken in before the transaction is committed.
const AT_ONCE: usize = 16;

struct File {
    at: Timestamp,
    path: PathBuf,
}

/// Runs the command.
pub fn run(setup: &Setup, arguments: &Arguments) -> anyhow::Result<()> {
    let (probe, scoping) = setup.source(&arguments.probe, true)?;
    let target = Target::new(probe, scoping);
    let files = dated_files(&arguments.paths, arguments.at)?;
    let (mut store, _lock) = setup.open_for_writing()?;
    let mut counts = Counts::default();
    if arguments.rebuild {
        rebuild(setup, &mut store, &target, &files, &mut counts)?;
    } else {
        for part in files.chunks(AT_ONCE) {
            store.transaction(|transaction| -> anyhow::Result<()> {
                for file in part {
                    let body = setup.body(probe, &file.path)?;
                    let taken = import_body(transaction, &target, file.at, &body)?;
                    counts.add(&file.path.display().to_string(), &taken);
                }
                forget_indicators(transaction, part.first().map(|file| file.at))
            })?;
        }
    }
    counts.tell(&target);
    tell_waiting(&store, &target)?;
    if counts.older > 0 {
        bail!(
            "{} of {} bodies are older than what {} has already said and were not taken: --rebuild replays it whole",
            counts.older,
            files.len(),
            target.source
        );
    }
    Ok(())
}

fn import_body(
    transaction: &Transaction<'_>,
    target: &Target<'_>,
    at: Timestamp,
    body: &Result<Kept, Failure>,
) -> anyhow::Result<Taken> {
    let answer = match body {
        Ok(body) => {
            let pages = body.plain().and_then(|bytes| pages_in(target, bytes));
            Answer::of(body, pages)
        }
        Err(failure) => Answer::Failed(failure.clone()),
    };
    let arrival = Arrival {
        at,
        answer,
        sample: None,
        vantage: "import",
        imported: true,
        inconclusive: false,
    };
    Ok(take_in(transaction, target, &arrival, &Policy::default())?)
}

/// Forgets what the source said and takes its kept readings and the given files in again, in the order of their times.
/// All in one transaction: stopped half-way, the database is as it was.
fn rebuild(
    setup: &Setup,
    store: &mut Store,
    target: &Target<'_>,
    files: &[File],
    counts: &mut Counts,
) -> anyhow::Result<()> {
    store.transaction(|transaction| -> anyhow::Result<()> {
        let mut kept = Vec::new();
        let mut remembered = Remembered::default();
        if let Some(row) = transaction.source(&target.source)? {
            kept = transaction.kept_readings(&row)?;
            remembered = transaction.forget_claims(&row)?;
        } else if files.is_empty() {
            bail!(
                "{} has never said anything: name files to import",
                target.source
            );
        }
        enum Step<'a> {
            Kept(KeptReading),
            File(&'a File),
        }
        let mut steps: Vec<(Timestamp, Step<'_>)> = kept
            .into_iter()
            .map(|reading| (reading.at, Step::Kept(reading)))
            .collect();
        steps.extend(files.iter().map(|file| (file.at, Step::File(file))));
        // of a kept reading and a file of one time the kept one comes first, so that a file given twice is known
        steps.sort_by_key(|(at, _)| *at);
        for (at, step) in steps {
            match step {
                Step::File(file) => {
                    let body = setup.body(target.probe, &file.path)?;
                    let taken = import_body(transaction, target, at, &body)?;
                    counts.add(&file.path.display().to_string(), &taken);
                }
                Step::Kept(reading) => {
                    if let Some(taken) = replay(transaction, target, &reading)? {
                        counts.add(&format!("the reading of {at}"), &taken);
                    }
                }
            }
        }
        transaction.remember(&remembered)?;
        // what it has always said may be read otherwise
        forget_indicators(transaction, Some(Timestamp::MIN))
    })
}

/// What was counted of the days from a reading on is counted again by the daemon; how the landscape shifted on them is history
/// like what was imported, and is told to nobody.
fn forget_indicators(transaction: &Transaction<'_>, from: Option<Timestamp>) -> anyhow::Result<()> {
    if let Some(from) = from {
        transaction.forget_indicators(from.to_zoned(TimeZone::UTC).date())?;
        transaction.pass_milestone(indicators::MILESTONE, clock::now())?;
    }
    Ok(())
}

fn replay(
    transaction: &Transaction<'_>,
    target: &Target<'_>,
    reading: &KeptReading,
) -> anyhow::Result<Option<Taken>> {
    let body = match reading.body {
        Some(body) => transaction.kept(body)?,
        None => None,
    };
    let was_good = matches!(reading.outcome.as_str(), "ok" | "same" | "not_modified");
    let answer = match &body {
        _ if reading.outcome == "not_modified" => Answer::NotModified,
        Some(body) => Answer::of(body, reading.content_type.as_deref()),
        // thrown away: it showed no change
        None if was_good => return Ok(None),
        None => Answer::Failed(Failure::kept(
            &reading.outcome,
            reading.detail.as_deref().unwrap_or_default(),
        )),
    };
    let arrival = Arrival {
        at: reading.at,
        answer,
        sample: None,
        vantage: "rebuild",
        imported: reading.imported,
        inconclusive: reading.outcome == "inconclusive",
    };
    Ok(Some(take_kept(
        transaction,
        target,
        &arrival,
        &Policy::default(),
        Some(reading.id),
    )?))
}

#[derive(Default)]
struct Counts {
    taken: usize,
    same: usize,
    known: usize,
    older: usize,
    failed: usize,
    changes: usize,
}

impl Counts {
    fn add(&mut self, what: &str, taken: &Taken) {
        self.changes += taken.changes().len();
        match taken {
            Taken::Baseline { .. } | Taken::Read { .. } => self.taken += 1,
            Taken::Same { .. } => self.same += 1,
            Taken::Known => self.known += 1,
            Taken::Older { .. } => self.older += 1,
            Taken::Failed(failure) => {
                self.failed += 1;
                tracing::warn!(body = what, "{failure}");
            }
        }
    }

    fn tell(&self, target: &Target<'_>) {
        say(&format!(
            "{}: {} bodies read, {} the same as before, {} known already, {} unreadable; {} changes recorded",
            target.source, self.taken, self.same, self.known, self.failed, self.changes
        ));
    }
}

/// What the source has said that its rules believe only once it has said it again.
fn tell_waiting(store: &Store, target: &Target<'_>) -> anyhow::Result<()> {
    let Some(row) = store.source(&target.source)? else {
        return Ok(());
    };
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for (key, pending) in store.state(&row)?.pending {
        *kinds
            .entry(pending.word(key.attribute.as_ref()))
            .or_default() += 1;
    }
    let all = match kinds.values().sum() {
        0 => return Ok(()),
        1 => "1 change waits".to_string(),
        all => format!("{all} changes wait"),
    };
    let kinds = kinds.iter().map(|(kind, count)| format!("{kind} {count}"));
    let kinds: Vec<String> = kinds.collect();
    say(&format!(
        "{}: {all} for another reading that says the same: {}",
        target.source,
        kinds.join(", ")
    ));
    Ok(())
}

/// The files, oldest first. A folder stands for the files in it.
fn dated_files(paths: &[PathBuf], at: Option<Timestamp>) -> anyhow::Result<Vec<File>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let entries = std::fs::read_dir(path).with_context(|| path.display().to_string())?;
            for entry in entries {
                let inner = entry.with_context(|| path.display().to_string())?.path();
                if inner.is_file() {
                    files.push(inner);
                }
            }
        } else if path.is_file() {
            files.push(path.clone());
        } else {
            return Err(wrong(format!(
                "{}: there is no such file or folder",
                path.display()
            )));
        }
    }
    if files.is_empty() && !paths.is_empty() {
        let named: Vec<String> = paths
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        return Err(wrong(format!("no files in {}", named.join(", "))));
    }
    if at.is_some() && files.len() > 1 {
        return Err(wrong(format!(
            "--at gives one time, but {} files were named",
            files.len()
        )));
    }
    let mut dated = files
        .into_iter()
        .map(|path| {
            Ok(File {
                at: at.map_or_else(|| time_of_name(&path), Ok)?,
                path,
            })
        })
        .collect::<anyhow::Result<Vec<File>>>()?;
    dated.sort_by(|a, b| (a.at, &a.path).cmp(&(b.at, &b.path)));
    Ok(dated)
}

/// The time in a file's name: `2026-01-31` (23:59:59 UTC of that day), `2026-01-31T06-00-00Z`, `2026-01-31T060000Z`,
/// then anything after `_`, then the extension.
fn time_of_name(path: &Path) -> anyhow::Result<Timestamp> {
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or("");
    let refuse = || {
        wrong(format!(
            "{}: expected a name that begins with its time (2026-01-31.json, 2026-01-31T06-00-00Z.json), found '{name}'; \
             rename it or give --at",
            path.display()
        ))
    };
    let stem = name.split('.').next().unwrap_or("");
    let stamp = stem.split('_').next().unwrap_or("");
    let (day, time) = match stamp.split_once('T') {
        Some((day, time)) => (day, Some(time)),
        None => (stamp, None),
    };
    let is_full_day = day.len() == 10;
    let day: civil::Date = day
        .parse()
        .ok()
        .filter(|_| is_full_day)
        .ok_or_else(refuse)?;
    let seconds = match time {
        None => 24 * 3600 - 1,
        Some(time) => seconds_of_day(time).ok_or_else(refuse)?,
    };
    crate::market::day_start(day)
        .checked_add(SignedDuration::from_secs(seconds))
        .map_err(|_| refuse())
}

/// `06-00-00Z` or `060000Z`.
fn seconds_of_day(text: &str) -> Option<i64> {
    let digits: String = text
        .strip_suffix('Z')?
        .chars()
        .filter(|c| *c != '-')
        .collect();
    if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part = |at: usize| digits.get(at..at + 2)?.parse::<i64>().ok();
    let (hour, minute, second) = (part(0)?, part(2)?, part(4)?);
    (hour < 24 && minute < 60 && second < 60).then_some(hour * 3600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_their_time() {
        for (name, expected) in [
            ("2026-01-31.json", Some("2026-01-31T23:59:59Z")),
            ("2026-01-31T06-00-00Z.html", Some("2026-01-31T06:00:00Z")),
            ("2025-03-22T110736Z.json", Some("2025-03-22T11:07:36Z")),
            ("2025-01-01_v1.56.5.json", Some("2025-01-01T23:59:59Z")),
            (
                "2026-01-31T06-00-00Z_by-hand.tar.gz",
                Some("2026-01-31T06:00:00Z"),
            ),
            ("2025-12_00b1f657.md", None),
            ("2026-02-30.json", None),
            ("2026-01-31T25-00-00Z.json", None),
            ("2026-01-31T06-00.json", None),
            ("latest.json", None),
            ("20260131.json", None),
        ] {
            let read = time_of_name(Path::new(name)).ok().map(|at| at.to_string());
            assert_eq!(read.as_deref(), expected, "{name}");
        }
    }
}
