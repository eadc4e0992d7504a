//! Who hears of what, as `check` says it.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::alerting::{LIMIT, Matcher, Matter, ModelPattern, Policy, Route, Scope, When};
use crate::config::Settings;
use crate::daemon::clock;
use crate::market::{
    Attribute, Change, ChangeKind, DateKind, Direction, LifecycleDate, ProbeId, Severity, SourceId,
    Standing, Subject, SubjectKind, Value,
};
use crate::schedule::duration_to_text;

/// How messages leave: by mail, and over each channel.
pub(super) fn ways(settings: &Settings) -> Vec<String> {
    let mut lines = vec![match (&settings.mail, settings.channels.is_empty()) {
        (Some(mail), _) => format!("mail: to {}", mail.to.join(", ")),
        (None, true) => "mail: none; changes are kept and listed, but told to nobody".to_string(),
        (None, false) => "mail: none; everybody is every channel".to_string(),
    }];
    let policy = settings.policy();
    for channel in &settings.channels {
        let routes = policy
            .routes
            .iter()
            .filter(|route| route.recipients.contains(&channel.name));
        let routes: Vec<&str> = routes.map(|route| route.name.as_str()).collect();
        let told = match routes.as_slice() {
            [] => "no route tells it anything".to_string(),
            routes => format!("told by {}", routes.join(", ")),
        };
        let (name, kind, place) = (&channel.name, channel.word(), channel.address().shown());
        lines.push(format!("channel {name}: {kind} at {place}; {told}"));
    }
    lines
}

/// The watches, the routes, and which route each of some examples would take.
pub(super) fn told(policy: &Policy, zone: &TimeZone) -> Vec<String> {
    let mut lines = Vec::new();
    for watch in &policy.watches {
        lines.push(format!("watch {}: {}", watch.name, held(&watch.scope)));
    }
    if policy.tells_nobody() {
        return lines;
    }
    let now = clock::now();
    for route in &policy.routes {
        lines.push(format!(
            "route {}: {}",
            route.name,
            described(route, zone, now)
        ));
    }
    for window in &policy.windows {
        let next = window.begins.next_after(now);
        let next = next.map_or_else(|| "never".to_string(), |at| shown(at, zone));
        let lasts = duration_to_text(window.lasts);
        let of = match window.takes.scope == Scope::default() {
            true => "all that".to_string(),
            false => format!("what is about {} and", held(&window.takes.scope)),
        };
        lines.push(format!(
            "maintenance {}: {of} is told at once waits for its end, next {next} for {lasts}",
            window.name
        ));
    }
    for (what, change) in examples(policy, now) {
        let matter = Matter::new(&change, None);
        let graded = policy.grade(&matter);
        let told = policy.told(&matter, &graded, Standing::News, now, |_| false);
        let routes: Vec<&str> = told.iter().map(|(route, _)| route.name.as_str()).collect();
        let routes = match routes.as_slice() {
            [] => "nobody; it waits for the report".to_string(),
            routes => routes.join(", "),
        };
        lines.push(format!("  {what} ({}): {routes}", graded.severity.word()));
    }
    lines
}

/// What all say who hears of what is about, by what says so.
pub(super) fn scopes(policy: &Policy) -> Vec<(String, &Scope)> {
    let watches = policy.watches.iter();
    let watches = watches.map(|watch| (format!("watch.{}", watch.name), &watch.scope));
    let ranks = policy.ranks.iter().enumerate();
    let ranks = ranks.map(|(n, rank)| (format!("rank[{n}]"), &rank.takes.scope));
    let routes = policy.routes.iter();
    let routes = routes.map(|route| (format!("route.{}", route.name), &route.takes.scope));
    let windows = policy.windows.iter();
    let windows =
        windows.map(|window| (format!("maintenance.{}", window.name), &window.takes.scope));
    watches.chain(ranks).chain(routes).chain(windows).collect()
}

/// `gpt-4o, my-deploy (by its spelling alone) at azure in eu`.
fn held(scope: &Scope) -> String {
    let model = |model: &ModelPattern| match model.model() {
        None if !model.word().contains(['*', '?']) => {
            format!("{} (by its spelling alone)", model.word())
        }
        _ => model.word().to_string(),
    };
    let models: Vec<String> = scope.models.iter().take(NAMES).map(model).collect();
    let more = scope.models.len().saturating_sub(NAMES);
    let more = (more > 0).then(|| format!("{more} more"));
    let models: Vec<String> = models.into_iter().chain(more).collect();
    let places: Vec<String> = scope.places.iter().map(ToString::to_string).collect();
    let reach: Vec<&str> = scope.reach.iter().map(|reach| reach.word()).collect();
    let interfaces: Vec<&str> = scope.interfaces.iter().map(|one| one.word()).collect();
    let parts = [
        ("", models.join(", ")),
        ("at ", scope.providers.join(", ")),
        ("in ", places.join(", ")),
        ("reaching ", reach.join(", ")),
        ("that is ", interfaces.join(", ")),
        ("speaking of ", scope.topics.join(", ")),
    ];
    let parts = parts.into_iter().filter(|(_, words)| !words.is_empty());
    let parts = parts.map(|(before, words)| format!("{before}{words}"));
    parts.collect::<Vec<_>>().join(" ")
}

/// Models that are listed of one watch.
const NAMES: usize = 8;

fn shown(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone())
        .strftime("%a %Y-%m-%d %H:%M %Z")
        .to_string()
}

fn described(route: &Route, zone: &TimeZone, now: Timestamp) -> String {
    let when = match &route.when {
        When::AtOnce => "at once".to_string(),
        When::Digest(schedule) => {
            let next = schedule.next_after(now);
            let next = next.map(|at| shown(at, zone));
            format!(
                "a digest, next {}",
                next.unwrap_or_else(|| "never".to_string())
            )
        }
    };
    let Matcher {
        kinds,
        watches,
        minimum,
        ..
    } = &route.takes;
    let mut takes = format!("{} and graver", minimum.word());
    if !kinds.is_empty() {
        let kinds: Vec<&str> = kinds.iter().map(|kind| kind.word()).collect();
        takes.push_str(&format!(", {}", kinds.join(" or ")));
    }
    match watches.as_slice() {
        [] => {}
        names if names.iter().any(|name| name == "*") => takes.push_str(", what touches a watch"),
        names => takes.push_str(&format!(", what touches {}", names.join(" or "))),
    }
    if route.takes.scope != Scope::default() {
        takes.push_str(", of what it names");
    }
    let goes_on = if route.goes_on {
        "; the routes after it, too"
    } else {
        ""
    };
    let limit = match route.limit {
        Some(limit) if limit != LIMIT && route.when == When::AtOnce => {
            let per = duration_to_text(limit.per);
            format!(
                "; at most {} in {per}, a digest of the rest",
                limit.messages
            )
        }
        _ => String::new(),
    };
    format!(
        "{takes}; {when} to {}{limit}{goes_on}",
        route.recipients.join(", ")
    )
}

/// Changes of several kinds, of what is watched and of what is not.
fn examples(policy: &Policy, now: Timestamp) -> Vec<(String, Change)> {
    let watched = policy.watches.iter().find_map(|watch| {
        let model = watch
            .scope
            .models
            .iter()
            .find(|model| !model.word().contains('*'));
        let provider = watch
            .scope
            .providers
            .first()
            .map_or("azure", String::as_str);
        Some((provider.to_string(), model?.word().to_string()))
    });
    let mut examples = Vec::new();
    let other = ("azure".to_string(), "some-model".to_string());
    for (provider, model) in watched.into_iter().chain([other]) {
        let of = |what: &str| format!("{model} at {provider} {what}");
        let change = |kind, attribute, severity, direction, new| {
            let subject = Subject::offering(provider.as_str(), model.as_str());
            change(subject, now, kind, attribute, severity, direction, new)
        };
        let retires = Some(Attribute::Date(DateKind::Retires));
        let far = now
            .to_zoned(TimeZone::UTC)
            .date()
            .saturating_add(jiff::Span::new().days(200));
        let far = LifecycleDate::from_text(&far.to_string());
        let far = far.ok().flatten().map(Value::Date);
        examples.push((
            of("retires earlier"),
            change(
                ChangeKind::DateChanged,
                retires,
                Severity::Critical,
                Some(Direction::Earlier),
                far,
            ),
        ));
        examples.push((
            of("is removed"),
            change(
                ChangeKind::OfferingRemoved,
                None,
                Severity::Warning,
                None,
                None,
            ),
        ));
        examples.push((
            of("is new in a region"),
            change(
                ChangeKind::OfferingAdded,
                None,
                Severity::Notice,
                None,
                None,
            ),
        ));
    }
    let source = Subject::of_kind(SubjectKind::Source, "azure", "azure.models");
    examples.push((
        "a source is broken".to_string(),
        change(
            source,
            now,
            ChangeKind::ProbeBroken,
            None,
            Severity::Warning,
            None,
            None,
        ),
    ));
    examples
}

fn change(
    subject: Subject,
    now: Timestamp,
    kind: ChangeKind,
    attribute: Option<Attribute>,
    severity: Severity,
    direction: Option<Direction>,
    new: Option<Value>,
) -> Change {
    let source = SourceId {
        probe: ProbeId::from("azure.models"),
        scope: crate::market::Scope::from(""),
    };
    Change {
        attribute,
        new,
        direction,
        severity,
        ..Change::plain(source, subject, kind, now)
    }
}
