//! What changed: what has one cause is one entry, the newest first, with search and filters.

use jiff::tz::TimeZone;
use serde::Serialize;

use crate::market::{ChangeKind, Direction, RecordedChange, Severity};
use crate::outlook::news::{Asked as Wanted, Entry, page as news};
use crate::render::{one_line, sentence, title};
use crate::store::{ChangeFilter, GroupPlace, Groups as _};
use crate::web::answer::Answer;
use crate::web::links;
use crate::web::page::{self, Moment};
use crate::web::refusal::Refusal;
use crate::web::route::Asked;
use crate::web::shown::{self, Choice, choices, moment, one_of, spoken, told_at};

/// Entries of a page.
const ENTRIES: usize = 40;
/// Changes of an entry that are told each by itself.
const TOLD: usize = 50;
/// Names of an entry that are listed before they are only counted.
const NAMED: usize = 30;
/// Characters of a sentence.
const SENTENCE: usize = 400;
/// Words of a search.
const WORDS: usize = 8;

#[derive(Serialize)]
struct View {
    form: Form,
    days: Vec<Day>,
    /// Where the entries behind the last one are.
    older: Option<String>,
    /// Where the newest ones are, on any page but the first.
    newest: Option<String>,
    has_watches: bool,
    is_narrowed: bool,
}

/// What the form holds.
#[derive(Serialize)]
struct Form {
    q: String,
    providers: Vec<Choice>,
    labs: Vec<Choice>,
    model: String,
    kinds: Vec<Choice>,
    severities: Vec<Choice>,
    directions: Vec<Choice>,
    since: String,
    until: String,
    watched: bool,
    documented: bool,
    all: bool,
}

#[derive(Serialize)]
struct Day {
    day: String,
    entries: Vec<EntryView>,
}

#[derive(Serialize)]
struct EntryView {
    /// The change by which it is known.
    link: String,
    title: String,
    severity: &'static str,
    kind: String,
    seen: Moment,
    confirmed: Moment,
    provider: (String, String),
    models: Vec<(String, String)>,
    regions: Vec<String>,
    more_regions: usize,
    sources: Vec<String>,
    marks: Vec<&'static str>,
    /// Where there are several.
    changes: Vec<(String, String)>,
    more_changes: usize,
}

/// Makes the page.
pub(super) fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let query = &asked.query;
    let providers = asked.store.providers_told_of()?;
    let labs = asked.store.labs_told_of()?;
    let kinds = ChangeKind::ALL.map(ChangeKind::word);
    let severities = Severity::ALL.map(Severity::word);
    let directions = Direction::ALL.map(Direction::word);
    let provider = one_of(query, "provider", &providers)?;
    let lab = one_of(query, "lab", &labs)?;
    let kind = one_of(query, "kind", kinds)?;
    let severity = one_of(query, "severity", severities)?;
    let direction = one_of(query, "direction", directions)?;
    let (q, model) = (query.one("q")?, query.one("model")?);
    let (watched, all) = (query.flag("watched")?, query.flag("all")?);
    let documented = query.flag("documented")?;
    let words: Vec<String> = q.map_or_else(Vec::new, |q| {
        q.split_whitespace().map(str::to_string).collect()
    });
    if words.len() > WORDS {
        return Err(Refusal::Wrong(format!(
            "q: expected at most {WORDS} words, found {}",
            words.len()
        )));
    }
    let filter = ChangeFilter {
        all,
        undocumented: !(documented || all),
        since: moment(asked, "since")?,
        until: moment(asked, "until")?,
        provider: provider.map(str::to_string),
        model: model.map(str::to_string),
        kind: kind.and_then(ChangeKind::from_word),
        lab: lab.map(str::to_string),
        severity: severity.and_then(Severity::from_word),
        direction: direction.and_then(Direction::from_word),
        words,
        group: None,
    };
    let before = query.parsed("before", "a place as this page's links hold it", place)?;
    let policy = asked.site.means.settings.policy();
    let found = news(
        asked.store,
        &Wanted {
            filter,
            watched_by: watched.then_some(&policy),
            before,
            most: ENTRIES,
        },
    )?;
    let form = Form {
        q: q.unwrap_or_default().to_string(),
        providers: choices(providers.iter().map(String::as_str), provider),
        labs: choices(labs.iter().map(String::as_str), lab),
        model: model.unwrap_or_default().to_string(),
        kinds: choices(kinds, kind),
        severities: choices(severities, severity),
        directions: choices(directions, direction),
        since: query.one("since")?.unwrap_or_default().to_string(),
        until: query.one("until")?.unwrap_or_default().to_string(),
        watched,
        documented,
        all,
    };
    let here = |before: Option<GroupPlace>| {
        let before = before.map_or(String::new(), |at| format!("{}.{}", at.at, at.ordinal));
        form.address(&before)
    };
    let view = View {
        days: days(asked, &found.entries, &asked.site.means.settings.zone),
        older: found.next.map(|next| here(Some(next))),
        newest: before.map(|_| here(None)),
        has_watches: !policy.watches.is_empty(),
        is_narrowed: form.address("") != "/changes",
        form,
    };
    page::page(asked.site, ("/changes", "Changes"), "changes.html", &view)
}

/// A place as an address holds it: `1764230399000.1776`.
fn place(text: &str) -> Option<GroupPlace> {
    let (at, ordinal) = text.split_once('.')?;
    Some(GroupPlace {
        at: at.parse().ok()?,
        ordinal: ordinal.parse().ok()?,
    })
}

impl Form {
    fn address(&self, before: &str) -> String {
        let chosen = |choices: &[Choice]| {
            let chosen = choices.iter().find(|choice| choice.is_chosen);
            chosen.map_or(String::new(), |choice| choice.value.clone())
        };
        let on = |on: bool| if on { "true" } else { "" };
        let picked = [
            &self.providers,
            &self.labs,
            &self.kinds,
            &self.severities,
            &self.directions,
        ]
        .map(|choices| chosen(choices));
        let [provider, lab, kind, severity, direction] = &picked;
        shown::address(
            "/changes",
            [
                ("q", self.q.as_str()),
                ("provider", provider),
                ("lab", lab),
                ("model", &self.model),
                ("kind", kind),
                ("severity", severity),
                ("direction", direction),
                ("since", &self.since),
                ("until", &self.until),
                ("watched", on(self.watched)),
                ("documented", on(self.documented)),
                ("all", on(self.all)),
                ("before", before),
            ],
        )
    }
}

fn days(asked: &Asked<'_>, entries: &[Entry], zone: &TimeZone) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for entry in entries {
        let Some(view) = entry_view(asked, entry) else {
            continue;
        };
        let at = jiff::Timestamp::from_millisecond(entry.place.at).unwrap_or_default();
        let day = at.to_zoned(zone.clone()).strftime("%A, %-d %B %Y");
        let day = day.to_string();
        match days.last_mut().filter(|last| last.day == day) {
            Some(last) => last.entries.push(view),
            None => days.push(Day {
                day,
                entries: vec![view],
            }),
        }
    }
    days
}

/// The page with the evidence of a change.
pub(super) fn evidence_page(recorded: &RecordedChange) -> String {
    links::change(&recorded.change.id.0)
}

/// What sets a change apart, in words.
pub(super) fn marks(recorded: &RecordedChange) -> Vec<&'static str> {
    [
        (recorded.imported, "imported"),
        (recorded.change.documented, "documented by a registry"),
        (recorded.change.flapping, "flapping"),
    ]
    .into_iter()
    .filter_map(|(holds, said)| holds.then_some(said))
    .collect()
}

fn entry_view(asked: &Asked<'_>, entry: &Entry) -> Option<EntryView> {
    let lead = entry.lead()?;
    let change = &lead.change;
    let all: Vec<&RecordedChange> = entry.changes.iter().collect();
    let regions = entry.regions();
    let provider = change.subject.provider.to_string();
    let told: Vec<(String, String)> = match all.as_slice() {
        [_] => Vec::new(),
        several => several
            .iter()
            .take(TOLD)
            .map(|one| (evidence_page(one), one_line(&sentence(one), SENTENCE)))
            .collect(),
    };
    Some(EntryView {
        link: evidence_page(lead),
        title: one_line(&title(&all), SENTENCE),
        severity: change.severity.word(),
        kind: spoken(change.kind.word()),
        seen: told_at(asked, change.seen_at),
        confirmed: told_at(asked, change.confirmed_at),
        provider: (links::provider(&provider), one_line(&provider, 60)),
        models: entry
            .models()
            .into_iter()
            .take(NAMED)
            .map(|model| (links::model(&model), model))
            .collect(),
        more_regions: regions.len().saturating_sub(NAMED),
        regions: regions
            .into_iter()
            .take(NAMED)
            .map(|region| one_line(region, 60))
            .collect(),
        sources: entry
            .sources()
            .into_iter()
            .take(NAMED)
            .map(|(source, authority)| {
                format!(
                    "{} ({})",
                    one_line(&source, 80),
                    authority.replace('-', " ")
                )
            })
            .collect(),
        marks: marks(lead),
        more_changes: match told.is_empty() {
            true => 0,
            false => all.len().saturating_sub(TOLD),
        },
        changes: told,
    })
}
