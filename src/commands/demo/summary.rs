//! What happened in the weeks, on one page.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::course::Course;
use super::folder::Folder;
use crate::commands::output::{clean, shortened, width};
use crate::market::{ChangeKind, RecordedChange};
use crate::render::{grouped, sentence};
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
        "An invented market, from {} to {}: {} sources were read {} times, {} changes are news.",
        day(course.begin),
        day(course.until),
        sources,
        number(counts.readings),
        number(counts.changes),
    );
    let told = telling(&news);
    if !told.is_empty() {
        let _ = writeln!(out, "\nWhat told most");
    }
    for (first, count) in &told {
        let at = first.change.confirmed_at.to_zoned(TimeZone::UTC);
        let more = match count {
            1 => String::new(),
            count => format!(" (and {} like it)", count - 1),
        };
        let line = format!(
            "  {}  {:<8}  {}{more}",
            at.strftime("%b %d"),
            first.change.severity.word(),
            clean(&sentence(first)),
        );
        let _ = writeln!(out, "{}", shortened(&line, width()));
    }
    let _ = writeln!(
        out,
        "\n{} mails in {}, among them {} reports",
        number(counts.mails),
        folder.mail().display(),
        reports.len(),
    );
    let _ = write!(
        out,
        "{}",
        commands(folder, told.first().map(|(first, _)| *first))
    );
    Ok(out)
}

/// The gravest causes in the order of time, each by its first change and how many there are.
fn telling(news: &[RecordedChange]) -> Vec<(&RecordedChange, usize)> {
    let mut causes: BTreeMap<&str, (&RecordedChange, usize)> = BTreeMap::new();
    for recorded in news {
        let cause = causes
            .entry(recorded.group.as_str())
            .or_insert((recorded, 0));
        cause.1 += 1;
        let order = |one: &RecordedChange| (one.change.confirmed_at, one.change.id.0.clone());
        if order(recorded) < order(cause.0) {
            cause.0 = recorded;
        }
    }
    let mut causes: Vec<_> = causes.into_values().collect();
    causes.sort_by_cached_key(|(first, count)| {
        let change = &first.change;
        let rank = (std::cmp::Reverse(change.severity), weight(change.kind));
        (
            rank,
            std::cmp::Reverse(*count),
            change.confirmed_at,
            change.id.0.clone(),
        )
    });
    causes.truncate(TOLD);
    causes.sort_by_cached_key(|(first, _)| (first.change.confirmed_at, first.change.id.0.clone()));
    causes
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
