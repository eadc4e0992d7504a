//! What must be heard of the story and where, reckoned here anew: whom the demo's watches and routes mean is written down once more
//! in words of its own, so that the program is not measured by itself.

use std::collections::{BTreeMap, BTreeSet};

use bellwether::market::{
    Attribute, Certainty, Change, ChangeKind, DateKind, Direction, RecordedChange, SubjectKind,
    Value,
};
use bellwether::world::{Expected, Judged};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::played::{Cast, Played};

/// What the demo's first watch is about.
const WATCHED: [&str; 4] = ["bedrock", "azure", "openai", "anthropic"];
/// The regions of the European Union that the story names.
const EUROPE: [&str; 10] = [
    "eu-central-1",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-3",
    "swedencentral",
    "westeurope",
    "francecentral",
    "germanywestcentral",
];
/// Changes of one cause that come within this are told together.
const TOGETHER: SignedDuration = SignedDuration::from_mins(30);

/// All that is wrong with what became of a story.
pub fn wrong(cast: &Cast, played: &Played) -> Vec<String> {
    let judged = judge(cast, played);
    let mut wrong = of_changes(&judged);
    wrong.extend(of_alerts(played, &judged));
    wrong.extend(of_reports(cast, played, &judged));
    wrong
}

/// The changes of those who count, beside the truth.
pub fn judge(cast: &Cast, played: &Played) -> Judged {
    let is_asked = |probe: &str| played.asked.contains(probe);
    let later = cast.every - SignedDuration::from_hours(2);
    let later = later.max(SignedDuration::ZERO) * 3;
    let mut truth = played.world.truth().where_asked(is_asked).told_later(later);
    truth.expected.retain(|one| cast.counts(&one.provider));
    let counts = |one: &&RecordedChange| cast.counts(one.change.subject.provider.as_str());
    let news: Vec<RecordedChange> = played.news.iter().filter(counts).cloned().collect();
    let mut judged = truth.judge(&news);
    let (first, last) = cast.span();
    judged
        .missed
        .retain(|one| first < one.from && one.until <= last);
    judged
}

/// A change in a line.
pub fn line(one: &RecordedChange) -> String {
    let change = &one.change;
    let shown = |value: &Option<Value>| value.as_ref().map(ToString::to_string);
    format!(
        "{} {} {} {}/{} {} {} {:?} -> {:?}",
        change.confirmed_at,
        change.source,
        change.kind.word(),
        change.subject.provider,
        change.subject.native_id,
        change.subject.region.as_str(),
        change
            .attribute
            .as_ref()
            .map_or(String::new(), ToString::to_string),
        shown(&change.old),
        shown(&change.new),
    )
}

fn of_changes(judged: &Judged) -> Vec<String> {
    let missed = judged.missed.iter().map(|one| {
        let attribute = one.attribute.as_ref().map(ToString::to_string);
        format!(
            "missed: {} {} {} {:?} {attribute:?} {:?} -> {:?} from {} until {}",
            one.event,
            one.kind.word(),
            one.provider,
            one.ids,
            one.old,
            one.new,
            one.from,
            one.until
        )
    });
    let extra = judged.extra.iter();
    missed
        .chain(extra.map(|one| format!("extra: {}", line(one))))
        .collect()
}

/// Whether a change touches what the demo watches.
fn touches(change: &Change) -> bool {
    let subject = &change.subject;
    let region = subject.region.as_str();
    let is_there =
        WATCHED.contains(&subject.provider.as_str()) && (region == "*" || EUROPE.contains(&region));
    match subject.kind {
        SubjectKind::Offering => is_there && is_wanted(subject.native_id.as_str()),
        SubjectKind::Incident => {
            let name = match &change.new {
                Some(Value::Text(name)) => name.to_lowercase(),
                _ => String::new(),
            };
            let is_of_another = name.contains("gemini") || name.contains("grok");
            is_there && !is_of_another
        }
        SubjectKind::Announcement => {
            let said = |value: &Option<Value>| match value {
                Some(Value::Text(text)) => text.to_lowercase().contains("frontier"),
                _ => false,
            };
            said(&change.new) || subject.native_id.as_str().contains("frontier")
        }
        _ => false,
    }
}

/// A name of one of the models that are watched: Claude, and GPT-5 in all its versions, which Azure's price list spells `5.6 sol`.
fn is_wanted(id: &str) -> bool {
    let name = id.to_lowercase().replace([' ', '_'], "-");
    name.contains("claude-") || name.contains("gpt-5") || name.starts_with("5.")
}

/// Whether a watched change leaves no time: an endpoint that is down, whose end goes to whoever heard its beginning; an end that
/// comes earlier or soon.
fn is_critical(change: &Change) -> bool {
    let is_outage = matches!(
        change.kind,
        ChangeKind::IncidentOpened | ChangeKind::IncidentResolved
    );
    if is_outage && is_measured(change) {
        return true;
    }
    let is_end = change.attribute == Some(Attribute::Date(DateKind::Retires));
    let Some(Value::Date(day)) = change.new.as_ref().filter(|_| is_end) else {
        return false;
    };
    let left = day.starts().duration_since(change.confirmed_at);
    let is_near = day.certainty == Certainty::Firm
        && left > SignedDuration::ZERO
        && left <= SignedDuration::from_hours(30 * 24);
    change.direction == Some(Direction::Earlier)
        || is_near && change.direction != Some(Direction::Later)
}

/// Whether we measured it ourselves.
fn is_measured(change: &Change) -> bool {
    change.source.probe.as_str().ends_with(".measured")
}

/// The alerts that tell a change, by the route.
fn alerts<'p>(played: &'p Played, change: &Change) -> BTreeMap<&'p str, BTreeSet<&'p str>> {
    let mut alerts: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for told in played.told.get(&change.id.0).into_iter().flatten() {
        let of_route = alerts.entry(told.route.as_str()).or_default();
        of_route.insert(told.alert.as_str());
    }
    alerts
}

/// Whatever must be told is told once on each route that it is for, and on no other.
fn of_alerts(played: &Played, judged: &Judged) -> Vec<String> {
    let mut wrong = Vec::new();
    for (expected, one) in &judged.found {
        let change = &one.change;
        let told = alerts(played, change);
        let found: BTreeMap<&str, usize> = told
            .iter()
            .map(|(route, alerts)| (*route, alerts.len()))
            .collect();
        let mut wanted = BTreeMap::new();
        match touches(change) {
            true => {
                wanted.insert("day", 1);
                if is_critical(change) {
                    wanted.insert("on-call", 1);
                }
            }
            false => {
                wanted.insert("rest", 1);
            }
        }
        if found != wanted {
            let event = &expected.event;
            wrong.push(format!(
                "{event}: told {found:?}, expected {wanted:?}: {}",
                line(one)
            ));
        }
    }
    // what may be told besides is told at most once
    for (event, one) in &judged.besides {
        let told = alerts(played, &one.change);
        if told.values().any(|alerts| alerts.len() > 1) {
            wrong.push(format!("{event}: told more than once: {}", line(one)));
        }
    }
    wrong.extend(of_causes(played, judged));
    wrong
}

/// What changes of one cause share: the same happens to the same at the same provider, wherever.
fn cause(expected: &Expected, change: &Change) -> String {
    format!(
        "{} {} {:?} {}",
        expected.event,
        change.kind.word(),
        change.attribute.as_ref().map(ToString::to_string),
        change.subject.provider
    ) + match change.kind {
        ChangeKind::Announcement | ChangeKind::IncidentOpened | ChangeKind::IncidentResolved => {
            change.subject.native_id.as_str()
        }
        _ => expected.ids.first().map_or("", String::as_str),
    }
}

/// What has one cause and is seen at one time is told in one message.
fn of_causes(played: &Played, judged: &Judged) -> Vec<String> {
    let mut causes: BTreeMap<String, Vec<&Change>> = BTreeMap::new();
    for (expected, one) in &judged.found {
        let of_cause = causes.entry(cause(expected, &one.change)).or_default();
        of_cause.push(&one.change);
    }
    let mut wrong = Vec::new();
    for (cause, changes) in causes {
        for pair in changes.windows(2) {
            let [before, after] = pair else { continue };
            let apart = after.confirmed_at.duration_since(before.confirmed_at);
            let (one, other) = (alerts(played, before), alerts(played, after));
            let routes = one.keys().filter(|route| other.contains_key(*route));
            let torn: Vec<&&str> = routes
                .filter(|route| one.get(*route) != other.get(*route))
                .collect();
            if apart <= TOGETHER && !torn.is_empty() {
                wrong.push(format!("{cause}: told apart on {torn:?}"));
            }
        }
    }
    wrong
}

/// Every change stands in the report of its week, once, and nothing else does.
fn of_reports(cast: &Cast, played: &Played, judged: &Judged) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut listed: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (period, report) in &played.reports {
        for id in ids(report) {
            listed.entry(id).or_default().push(period);
        }
    }
    let mut incidents: BTreeMap<String, Vec<&Change>> = BTreeMap::new();
    let found = judged.found.iter().map(|(_, one)| one);
    let besides = judged.besides.iter().map(|(_, one)| one);
    for one in found.chain(besides) {
        let change = &one.change;
        // what is measured stands in sections of its own, as figures and beside what is stated
        if is_measured(change) {
            listed.remove(&change.id.0);
            continue;
        }
        if change.subject.kind == SubjectKind::Incident {
            incidents
                .entry(format!(
                    "{}/{}",
                    change.subject.provider, change.subject.native_id
                ))
                .or_default()
                .push(change);
            continue;
        }
        let is_listed = !change.flapping;
        let week = week(played, change.confirmed_at);
        let wanted: Vec<&str> = week.into_iter().filter(|_| is_listed).collect();
        let told = listed.remove(&change.id.0).unwrap_or_default();
        if told != wanted {
            wrong.push(format!(
                "reports: in {told:?}, expected {wanted:?}: {}",
                line(one)
            ));
        }
    }
    // all that is told of an incident stands in one row of each week in which it was open
    for (incident, changes) in incidents {
        let weeks = changes.iter();
        let weeks: BTreeSet<&str> = weeks
            .filter_map(|one| week(played, one.confirmed_at))
            .collect();
        let mut rows: Vec<&str> = changes
            .iter()
            .flat_map(|one| listed.remove(&one.id.0).unwrap_or_default())
            .collect();
        // by which of its changes a row names it is the report's choice
        rows.sort_unstable();
        if rows != weeks.into_iter().collect::<Vec<&str>>() {
            wrong.push(format!(
                "reports: the incident {incident} stands in {rows:?}"
            ));
        }
    }
    for one in &judged.extra {
        listed.remove(&one.change.id.0);
    }
    // what remains is of those who do not count, or of nobody
    let others = played
        .news
        .iter()
        .filter(|one| !cast.counts(one.change.subject.provider.as_str()));
    for one in others {
        listed.remove(&one.change.id.0);
    }
    wrong.extend(listed.into_iter().map(|(id, periods)| {
        let known = played.news.iter().find(|one| one.change.id.0 == id);
        let what = known.map_or("no news".to_string(), line);
        format!("reports: {periods:?} list {id}: {what}")
    }));
    wrong
}

/// The report that a moment belongs to; `None` where no week is over.
fn week(played: &Played, at: Timestamp) -> Option<&str> {
    let day = at.to_zoned(TimeZone::UTC).date();
    let mut reports = played.reports.iter();
    let found = reports.find(|(_, report)| {
        let date = |key: &str| -> Option<Date> { report[key].as_str()?.parse().ok() };
        date("from").is_some_and(|from| from <= day) && date("to").is_some_and(|to| day < to)
    });
    found.map(|(period, _)| period.as_str())
}

/// The changes that a report's lines and its rows of incidents tell, each as often as they do.
fn ids(report: &serde_json::Value) -> Vec<String> {
    let rows = report["sections"]["incidents"]["tables"]["incidents"].as_array();
    let rows = rows.into_iter().flatten();
    let rows = rows.filter_map(|row| {
        row["stated_detail"]
            .as_str()?
            .strip_prefix("bellwether why ")
    });
    let rows: Vec<String> = rows.map(str::to_string).collect();
    let sections = report["sections"].as_object();
    let sections = sections.into_iter().flat_map(|sections| sections.values());
    let items = sections.filter_map(|section| section["items"].as_array());
    let ids = items
        .flatten()
        .filter_map(|item| item["changes"].as_array());
    ids.flatten()
        .filter_map(|id| id.as_str().map(str::to_string))
        .chain(rows)
        .collect()
}
