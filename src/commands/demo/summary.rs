//! What happened in the weeks, on one page.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::course::Course;
use super::folder::Folder;
use crate::commands::output::{clean, shortened, width};
use crate::market::{ChangeKind, RecordedChange};
use crate::render::{counted, grouped, rank, title};
use crate::store::{ChangeFilter, Changes as _, Readings as _, Reports as _, Store};

/// Changes that are told.
const TOLD: usize = 12;

/// How much there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Good answers of sources.
    pub readings: u64,
    /// News.
    pub changes: u64,
    /// Mails in the folder.
    pub mails: u64,
}

impl Counts {
    /// What a folder has.
    pub fn of(store: &Store, folder: &Folder) -> anyhow::Result<Self> {
        let readings = store.good_readings(Timestamp::MIN, Timestamp::MAX)?;
        let changes = store.changes(&ChangeFilter::default())?;
        // no folder, no mail
        let mails = std::fs::read_dir(folder.mail()).map_or(0, |entries| {
            let name = |entry: std::fs::DirEntry| entry.file_name().into_encoded_bytes();
            let names = entries.flatten().map(name);
            names.filter(|name| name.ends_with(b".eml")).count()
        });
        Ok(Self {
            readings: readings.values().sum(),
            changes: changes.len() as u64,
            mails: mails as u64,
        })
    }
}

/// What happened, for people.
pub fn summary(
    store: &Store,
    folder: &Folder,
    course: &Course,
    sources: usize,
) -> anyhow::Result<String> {
    let counts = Counts::of(store, folder)?;
    let news = store.changes(&ChangeFilter::default())?;
    let reports = store.reports()?;
    let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).strftime("%-d %B %Y").to_string();
    let number = |count: u64| grouped(usize::try_from(count).unwrap_or(usize::MAX));
    let mut out = String::new();
    let _ = writeln!(
        out,
        "An invented market, from {} to {}: {} were read {} times; news: {}.",
        day(course.begin),
        day(course.until),
        counted(sources, "source"),
        number(counts.readings),
        number(counts.changes),
    );
    let told = telling(&news);
    if !told.is_empty() {
        let _ = writeln!(out, "\nWhat told most");
    }
    for cause in &told {
        let (Some((at, _)), Some(first)) = (begun(cause), cause.first()) else {
            continue;
        };
        let line = format!(
            "  {}  {:<8}  {}",
            at.to_zoned(TimeZone::UTC).strftime("%b %d"),
            first.change.severity.word(),
            clean(&title(cause)),
        );
        let _ = writeln!(out, "{}", shortened(&line, width()));
    }
    let _ = writeln!(
        out,
        "\n{} in {}, {} among them",
        counted(usize::try_from(counts.mails).unwrap_or(usize::MAX), "mail"),
        folder.mail().display(),
        counted(reports.len(), "report"),
    );
    let _ = write!(
        out,
        "{}",
        commands(
            folder,
            told.first().and_then(|cause| cause.first().copied())
        )
    );
    Ok(out)
}

/// The gravest causes in the order of time, each with its changes, the first to tell of it first.
fn telling(news: &[RecordedChange]) -> Vec<Vec<&RecordedChange>> {
    let mut causes: BTreeMap<&str, Vec<&RecordedChange>> = BTreeMap::new();
    for recorded in news {
        causes.entry(&recorded.group).or_default().push(recorded);
    }
    let mut causes: Vec<Vec<&RecordedChange>> = causes.into_values().collect();
    for cause in &mut causes {
        cause.sort_by_cached_key(|one| (rank(one), one.change.id.0.clone()));
    }
    causes.sort_by_cached_key(|cause| {
        let first = cause.first().map(|one| &one.change);
        let rank = first.map(|change| (Reverse(change.severity), weight(change.kind)));
        (rank, Reverse(cause.len()), begun(cause))
    });
    causes.truncate(TOLD);
    causes.sort_by_cached_key(|cause| begun(cause));
    causes
}

/// When a cause was told of first, and by which change.
fn begun(cause: &[&RecordedChange]) -> Option<(Timestamp, String)> {
    let moments = cause.iter().map(|one| &one.change);
    let moments = moments.map(|change| (change.confirmed_at, change.id.0.clone()));
    moments.min()
}

/// What tells a newcomer more comes first.
fn weight(kind: ChangeKind) -> u8 {
    match kind {
        ChangeKind::DateChanged => 0,
        ChangeKind::StageChanged | ChangeKind::LandscapeShifted => 1,
        ChangeKind::PriceChanged | ChangeKind::LatencyShifted => 2,
        ChangeKind::OfferingAdded | ChangeKind::OfferingRemoved => 3,
        ChangeKind::IncidentOpened | ChangeKind::Announcement => 4,
        _ => 5,
    }
}

fn commands(folder: &Folder, first: Option<&RecordedChange>) -> String {
    let config = folder.configuration();
    let config = config.display();
    let mut out = String::from(match folder.is_kept() {
        true => "\nTry\n",
        false => "\nTry, while this runs (--keep DIR keeps it)\n",
    });
    let why = first.map(|first| format!("why {}", first.change.id.0));
    let asked = ["changes", "status", "latency", "report"].map(str::to_string);
    for command in asked.into_iter().chain(why) {
        let _ = writeln!(out, "  bellwether --config {config} {command}");
    }
    out
}
