//! Who hears of what.

use super::*;
use crate::market::{ChangeKind, Interface, RecordedChange, Subject, SubjectKind, Value};
use crate::render::samples::{added, moment, retirement};

fn scope(models: &[&str], providers: &[&str]) -> Scope {
    Scope {
        models: models
            .iter()
            .filter_map(|word| ModelPattern::from_word(word))
            .collect(),
        providers: providers.iter().map(|name| (*name).to_string()).collect(),
        ..Scope::default()
    }
}

fn watch(name: &str, scope: Scope) -> Watch {
    Watch {
        name: name.to_string(),
        scope,
    }
}

fn route(name: &str, takes: Matcher, goes_on: bool) -> Route {
    Route {
        name: name.to_string(),
        takes,
        recipients: vec![format!("{name}@x.test")],
        when: When::AtOnce,
        quiet: None,
        limit: None,
        goes_on,
    }
}

/// The severity, the watches that are touched and the routes that tell it.
fn decided(policy: &Policy, recorded: &RecordedChange) -> String {
    let matter = Matter::new(&recorded.change, None);
    let graded = policy.grade(&matter);
    let told = policy.told(
        &matter,
        &graded,
        recorded.standing,
        moment("2026-11-25T12:00:00Z"),
        |_| false,
    );
    let names: Vec<&str> = told.iter().map(|(route, _)| route.name.as_str()).collect();
    format!(
        "{} [{}] {}",
        graded.severity.word(),
        graded.touched.join(" "),
        names.join(" ")
    )
}

fn of_kind(kind: SubjectKind, provider: &str, id: &str, text: &str) -> RecordedChange {
    let mut recorded = added(provider, id);
    recorded.change.subject = Subject::of_kind(kind, provider, id);
    recorded.change.kind = match kind {
        SubjectKind::Incident => ChangeKind::IncidentOpened,
        _ => ChangeKind::Announcement,
    };
    recorded.change.new = Some(Value::Text(text.into()));
    recorded.change.severity = Severity::Warning;
    recorded
}

#[test]
fn what_touches_a_watch() {
    let mut frontier = scope(&[], &[]);
    frontier.topics = vec!["Frontier AWS".to_string()];
    let policy = Policy {
        watches: vec![
            watch("ours", scope(&["gpt-4o"], &["azure"])),
            watch("claude", scope(&["anthropic/*"], &[])),
            watch("openai", scope(&[], &["openai"])),
            watch("frontier", frontier),
            watch("direct", scope(&["gpt-5"], &["openai"])),
        ],
        ..Policy::default()
    };
    let incident =
        |provider: &str, text: &str| of_kind(SubjectKind::Incident, provider, "i-1", text);
    let measured =
        |provider: &str, name: &str| of_kind(SubjectKind::Incident, provider, name, "down");
    let item = |text: &str| {
        of_kind(
            SubjectKind::Announcement,
            "bedrock",
            "https://x.test/1",
            text,
        )
    };
    for (recorded, touched) in [
        (added("azure", "gpt-4o@2024-05-13"), "ours"),
        (added("azure", "gpt-4o-mini@2024-07-18"), ""),
        (added("openai", "gpt-4o"), "openai"),
        (
            added("bedrock", "anthropic.claude-opus-4-1-20250805-v1:0"),
            "claude",
        ),
        // an incident is of the providers that a watch names
        (incident("azure", "Elevated errors"), "ours"),
        // a page's id and a host are no models of theirs
        (incident("openai", "Elevated errors"), "openai direct"),
        (measured("openai", "api.openai.com"), "openai direct"),
        (measured("openai", "gpt-5-2025-08-07"), "openai direct"),
        (measured("openai", "gpt-4.1"), "openai"),
        // a model that was asked is wanted wherever it is
        (
            measured("bedrock", "anthropic.claude-opus-4-1-20250805-v1:0"),
            "claude",
        ),
        (
            measured("bedrock", "bedrock-runtime.us-east-1.amazonaws.com"),
            "",
        ),
        (incident("bedrock", "Elevated errors"), ""),
        // an announcement is of the topics: all words of one
        (item("OpenAI Frontier is available on AWS"), "frontier"),
        (item("A new frontier"), ""),
    ] {
        let matter = Matter::new(&recorded.change, None);
        assert_eq!(
            policy.touched(&matter).join(" "),
            touched,
            "{}",
            recorded.change.subject.native_id
        );
    }
}

#[test]
fn an_interface_that_nobody_states_may_be_the_wanted_one() {
    let stateful = Scope {
        interfaces: vec![Interface::Stateful],
        ..scope(&["gpt-*"], &[])
    };
    let recorded = added("bedrock", "openai.gpt-9-sol");
    for (interface, holds) in [
        (None, true),
        (Some(Interface::Stateful), true),
        (Some(Interface::Stateless), false),
    ] {
        assert_eq!(
            stateful.holds(&Matter::new(&recorded.change, interface)),
            holds
        );
    }
}

#[test]
fn relevance_decides_how_grave_a_change_is() {
    let policy = Policy {
        watches: vec![watch("ours", scope(&["gpt-4o"], &[]))],
        ..Policy::telling(vec!["a@x.test".to_string()], Severity::Notice)
    };
    let mut gone = added("azure", "gpt-4o");
    gone.change.kind = ChangeKind::OfferingRemoved;
    gone.change.severity = Severity::Warning;
    let mut other = gone.clone();
    other.change.subject = Subject::offering("azure", "gpt-5");
    assert_eq!(decided(&policy, &gone), "critical [ours] mail");
    assert_eq!(decided(&policy, &other), "warning [] mail");
    // an end that comes within 30 days, whoever is concerned
    let mut near = retirement();
    near.change.severity = Severity::Warning;
    near.change.subject = Subject::offering("azure", "gpt-5");
    near.change.confirmed_at = moment("2026-09-05T00:00:00Z");
    assert_eq!(decided(&policy, &near), "critical [] mail");
    near.change.confirmed_at = moment("2026-08-05T00:00:00Z");
    assert_eq!(decided(&policy, &near), "warning [] mail");
}

#[test]
fn routes_are_asked_in_turn_until_one_keeps_the_change() {
    let of = |watches: &[&str], minimum: Severity, kinds: &[ChangeKind]| Matcher {
        watches: watches.iter().map(|name| (*name).to_string()).collect(),
        kinds: kinds.to_vec(),
        minimum,
        ..Matcher::default()
    };
    let policy = Policy {
        watches: vec![watch("ours", scope(&["gpt-4o"], &[]))],
        ranks: vec![Rank {
            takes: Matcher {
                scope: scope(&["gpt-5"], &[]),
                ..Matcher::default()
            },
            severity: Severity::Critical,
        }],
        routes: vec![
            route("pager", of(&[], Severity::Critical, &[]), true),
            route("ours", of(&["ours"], Severity::Notice, &[]), false),
            route(
                "new",
                of(&[], Severity::Info, &[ChangeKind::OfferingAdded]),
                false,
            ),
            route("rest", of(&[], Severity::Warning, &[]), false),
        ],
        ..Policy::default()
    };
    assert_eq!(
        decided(&policy, &retirement()),
        "critical [ours] pager ours"
    );
    assert_eq!(
        decided(&policy, &added("azure", "gpt-4o")),
        "notice [ours] ours"
    );
    assert_eq!(
        decided(&policy, &added("azure", "mistral-large")),
        "notice [] new"
    );
    // by a rank of the user's own
    assert_eq!(
        decided(&policy, &added("azure", "gpt-5")),
        "critical [] pager new"
    );
    let mut told = added("azure", "gpt-4o");
    told.change.documented = true;
    assert_eq!(decided(&policy, &told), "notice [ours] ");
    told.change.documented = false;
    told.change.flapping = true;
    assert_eq!(decided(&policy, &told), "notice [ours] ");
    told.change.flapping = false;
    told.standing = Standing::Corroboration;
    assert_eq!(decided(&policy, &told), "notice [ours] ");
}

#[test]
fn small_moves_of_prices_are_only_good_to_know() {
    let thresholds = |percent: Option<&str>, amount: Option<&str>| Thresholds {
        price_percent: percent.map(|text| text.parse().expect("a decimal")),
        price_amount: amount.map(|text| text.parse().expect("a decimal")),
        ..Thresholds::default()
    };
    let price = |text: &str| {
        Some(Value::Price(crate::market::Price::usd_per_million_tokens(
            text.parse().expect("a decimal"),
        )))
    };
    let mut recorded = added("azure", "gpt-4o");
    recorded.change.kind = ChangeKind::PriceChanged;
    recorded.change.severity = Severity::Warning;
    (recorded.change.old, recorded.change.new) = (price("2.50"), price("2.60"));
    for (percent, amount, severity) in [
        (None, None, "warning"),
        (Some("4"), None, "warning"),
        (Some("4.1"), None, "info"),
        (None, Some("0.1"), "warning"),
        (None, Some("0.2"), "info"),
    ] {
        let policy = Policy {
            thresholds: thresholds(percent, amount),
            ..Policy::default()
        };
        let graded = policy.grade(&Matter::new(&recorded.change, None));
        assert_eq!(graded.severity.word(), severity, "{percent:?} {amount:?}");
    }
}

#[test]
fn a_firm_day_that_is_near_is_grave_whatever_was_said_before() {
    use crate::market::{Attribute, DateKind, Direction, LifecycleDate};
    let day = |text: &str| {
        let day = LifecycleDate::from_text(text).expect("a day");
        day.map(Value::Date)
    };
    for (old, direction, severity) in [
        (None, None, Severity::Critical),
        (
            day("not before 2026-11-20"),
            Some(Direction::Later),
            Severity::Critical,
        ),
        (day("2026-11-20"), Some(Direction::Later), Severity::Warning),
    ] {
        let mut recorded = added("azure", "gpt-4o");
        let change = &mut recorded.change;
        change.kind = ChangeKind::DateChanged;
        change.attribute = Some(Attribute::Date(DateKind::Retires));
        change.severity = Severity::Warning;
        (change.old, change.new, change.direction) = (old.clone(), day("2026-12-01"), direction);
        let graded = Policy::default().grade(&Matter::new(change, None)).severity;
        assert_eq!(graded, severity, "{old:?}");
    }
}

#[test]
fn a_key_says_what_is_a_mass_and_what_is_held_whatever_it_waits_for() {
    let change = &added("openai", "gpt-9").change;
    let end = moment("2026-11-26T06:00:00Z");
    for is_mass in [false, true] {
        for held_until in [None, Some(end)] {
            let key = bundle_key(change, is_mass, held_until);
            for key in [settling(&key, end), key] {
                assert_eq!(is_of_mass(&key), is_mass, "{key}");
                assert_eq!(is_held(&key), held_until.is_some(), "{key}");
            }
        }
    }
}

#[test]
fn who_was_told_a_beginning_is_told_its_end() {
    let of = |kind: ChangeKind, at: &str| {
        let mut recorded = of_kind(SubjectKind::Incident, "azure", "i-1", "Elevated errors");
        recorded.change.kind = kind;
        recorded.change.id.0 = at.to_string();
        recorded.change.severity = match kind {
            ChangeKind::IncidentOpened => Severity::Critical,
            _ => Severity::Notice,
        };
        (recorded.change.seen_at, recorded.change.confirmed_at) = (moment(at), moment(at));
        recorded.group = at.to_string();
        recorded
    };
    let critical = Matcher {
        minimum: Severity::Critical,
        ..Matcher::default()
    };
    let policy = Policy {
        routes: vec![
            route("on-call", critical, true),
            route("rest", Matcher::default(), false),
        ],
        ..Policy::default()
    };
    let changes = [
        of(ChangeKind::IncidentOpened, "2026-11-20T00:00:00Z"),
        of(ChangeKind::IncidentUpdated, "2026-11-20T02:00:00Z"),
        of(ChangeKind::IncidentResolved, "2026-11-23T00:00:00Z"),
        // the end of what on-call never heard of
        of(ChangeKind::IncidentUpdated, "2026-11-24T00:00:00Z"),
        of(ChangeKind::IncidentResolved, "2026-11-25T00:00:00Z"),
    ];
    let told = replay(&policy, &changes, |_| Ok::<_, ()>(None)).expect("messages");
    let told = |name: &str| -> Vec<&str> {
        let own = told.iter().filter(|message| message.route == name);
        own.map(|message| message.taken[0].recorded.group.as_str())
            .collect()
    };
    assert_eq!(
        told("on-call"),
        ["2026-11-20T00:00:00Z", "2026-11-23T00:00:00Z"]
    );
    assert_eq!(told("rest").len(), 5);
}

#[test]
fn what_comes_back_is_told_to_nobody_who_does_not_hear_of_returns() {
    let of = |kind: ChangeKind, at: &str| {
        let mut recorded = added("azure", "gpt-5");
        recorded.authority = crate::market::Authority::Registry;
        recorded.confirmed_by.clear();
        recorded.change.kind = kind;
        recorded.change.id.0 = at.to_string();
        recorded.change.severity = match kind {
            ChangeKind::OfferingRemoved => Severity::Critical,
            _ => Severity::Notice,
        };
        (recorded.change.seen_at, recorded.change.confirmed_at) = (moment(at), moment(at));
        recorded
    };
    let critical = Matcher {
        minimum: Severity::Critical,
        ..Matcher::default()
    };
    let policy = Policy {
        routes: vec![route("on-call", critical, false)],
        ..Policy::default()
    };
    let removed = of(ChangeKind::OfferingRemoved, "2026-11-20T00:00:00Z");
    for (back, told) in [("2026-11-21T00:00:00Z", 0), ("2026-11-24T00:00:00Z", 1)] {
        let changes = [removed.clone(), of(ChangeKind::OfferingReturned, back)];
        let messages = replay(&policy, &changes, |_| Ok::<_, ()>(None)).expect("messages");
        assert_eq!(messages.len(), told, "{back}");
    }
}
