//! What a source's change means for the landscape, as a table.

use jiff::{SignedDuration, Timestamp};

use super::spelling::{subject, value};
use crate::detect::{Holding, Verdict, standing};
use crate::market::{
    Attribute, Authority, Change, ChangeId, ChangeKind, ProbeId, Scope, Severity, SourceId, Stage,
    Standing, SubjectKind,
};

fn at(hour: i64) -> Timestamp {
    let start: Timestamp = "2026-10-01T00:00:00Z".parse().expect("a time");
    start + SignedDuration::from_hours(hour)
}

fn source(name: &str) -> SourceId {
    SourceId {
        probe: ProbeId::from(name),
        scope: Scope::from(""),
    }
}

/// `kind provider native-id`, or `kind provider native-id attribute old new`; `-` is nothing. By the source `self`.
fn change(text: &str) -> Change {
    let words: Vec<&str> = text.split(' ').collect();
    let subject = subject(&words[1..3].join(" "));
    let attribute: Option<Attribute> = words.get(3).map(|word| word.parse().expect(text));
    let value = |word: Option<&&str>| {
        let word = word.filter(|word| **word != "-")?;
        Some(value(attribute.as_ref()?, word))
    };
    Change {
        id: ChangeId("id".to_string()),
        source: source("self"),
        key: subject.key(),
        kind: ChangeKind::from_word(words[0]).expect(text),
        old: value(words.get(4)),
        new: value(words.get(5)),
        old_raw: None,
        new_raw: None,
        seen_at: at(100),
        confirmed_at: at(100),
        true_from: None,
        direction: None,
        severity: Severity::Notice,
        documented: false,
        flapping: false,
        new_body: None,
        old_body: None,
        cause: String::new(),
        subject,
        attribute,
    }
}

/// `authority source provider native-id value from..until`; `-` is presence, an empty end is now. A stage may be followed by
/// those that its word covers, too: `ga+preview`.
fn holding(change: &Change, text: &str) -> Holding {
    let words: Vec<&str> = text.split(' ').collect();
    let (from, until) = words[5].split_once("..").expect("a span");
    let hour = |text: &str| at(text.parse().expect("an hour"));
    let held = change.attribute.as_ref().filter(|_| words[4] != "-");
    let (said, covered) = words[4].split_once('+').unwrap_or((words[4], ""));
    Holding {
        covers: covered.split('+').filter_map(Stage::from_word).collect(),
        source: source(words[1]),
        authority: Authority::from_word(words[0]).expect(text),
        subject: subject(&words[2..4].join(" ")),
        value: held.map(|attribute| value(attribute, said)),
        from: hour(from),
        until: Some(until).filter(|until| !until.is_empty()).map(hour),
    }
}

/// The standing's word and who agrees.
fn judged(text: &str, authority: Authority, since: i64, others: &[&str]) -> String {
    let change = change(text);
    let others: Vec<Holding> = others.iter().map(|text| holding(&change, text)).collect();
    let there = standing(&change, authority, at(since), &others);
    let back: Vec<Holding> = others.into_iter().rev().collect();
    assert_eq!(standing(&change, authority, at(since), &back), there);
    let Verdict { standing, agreeing } = there;
    let mut words = vec![standing.word().to_string()];
    words.extend(agreeing.iter().map(ToString::to_string));
    words.join(" ")
}

type Case<'a> = (&'a str, &'a str, Authority, i64, &'a [&'a str], &'a str);

fn check(cases: &[Case<'_>]) {
    for (why, change, authority, since, others, expected) in cases {
        assert_eq!(
            judged(change, *authority, *since, others),
            *expected,
            "{why}: {change} with {others:?}"
        );
    }
}

const API: Authority = Authority::ProviderApi;
const PAGE: Authority = Authority::ProviderPage;
const REGISTRY: Authority = Authority::Registry;

#[test]
fn additions() {
    let added = "offering_added p a";
    let in_eu = "offering_added p a@eu";
    check(&[
        ("nobody listed it", added, API, 0, &[], "news"),
        (
            "a higher one lists it",
            added,
            REGISTRY,
            0,
            &["provider-api x p a - 1.."],
            "corroboration x",
        ),
        (
            "an equal one lists it",
            added,
            API,
            0,
            &["provider-api x p a - 1.."],
            "corroboration x",
        ),
        (
            "a lower one listed it first",
            added,
            API,
            0,
            &["registry x p a - 1.."],
            "corroboration x",
        ),
        (
            "a higher one has listed it meanwhile",
            added,
            PAGE,
            0,
            &["provider-api x p a - 1..50"],
            "corroboration",
        ),
        (
            "a higher one listed it long before",
            added,
            PAGE,
            60,
            &["provider-api x p a - 1..50"],
            "news",
        ),
        (
            "a lower one no longer lists it",
            added,
            API,
            0,
            &["registry x p a - 1..50"],
            "news",
        ),
        (
            "its own listing says nothing",
            added,
            API,
            0,
            &["provider-api self p a - 1.."],
            "news",
        ),
        (
            "another id",
            added,
            API,
            0,
            &["provider-api x p b - 1.."],
            "news",
        ),
        (
            "another provider",
            added,
            API,
            0,
            &["provider-api x q a - 1.."],
            "news",
        ),
        (
            "new in a region that nobody named",
            in_eu,
            API,
            0,
            &["provider-page x p a - 1.."],
            "news",
        ),
        (
            "new in another region",
            in_eu,
            API,
            0,
            &["provider-api x p a@us - 1.."],
            "news",
        ),
        (
            "known in the region",
            in_eu,
            API,
            0,
            &["provider-page x p a@eu - 1.."],
            "corroboration x",
        ),
        (
            "known in some region",
            added,
            REGISTRY,
            0,
            &["provider-api x p a@eu - 1.."],
            "corroboration x",
        ),
        (
            "new as a deployment",
            "offering_added p a@eu#batch",
            API,
            0,
            &["provider-page x p a@eu - 1.."],
            "news",
        ),
        (
            "known as a deployment",
            added,
            REGISTRY,
            0,
            &["provider-api x p a@eu#batch - 1.."],
            "corroboration x",
        ),
        (
            "a return follows a return",
            "offering_returned p a",
            REGISTRY,
            60,
            &["provider-api x p a - 1..50", "provider-api x p a - 70.."],
            "corroboration x",
        ),
        (
            "a new spelling that is known",
            "offering_renamed p a",
            PAGE,
            0,
            &["provider-api x p a - 1.."],
            "corroboration x",
        ),
        (
            "an announcement is always news",
            "announcement announcement:p a",
            PAGE,
            0,
            &["provider-page x p a - 1.."],
            "news",
        ),
    ]);
}

#[test]
fn removals() {
    let removed = "offering_removed p a";
    let in_eu = "offering_removed p a@eu";
    check(&[
        ("nobody else listed it", removed, REGISTRY, 0, &[], "news"),
        (
            "an interface still lists it",
            removed,
            REGISTRY,
            0,
            &["provider-api x p a - 1.."],
            "outranked",
        ),
        (
            "a page still lists it",
            removed,
            REGISTRY,
            0,
            &["provider-page x p a - 1.."],
            "outranked",
        ),
        (
            "an equal one still lists it",
            removed,
            PAGE,
            0,
            &["provider-page x p a - 1.."],
            "outranked",
        ),
        (
            "an interface lists it in a region",
            removed,
            REGISTRY,
            0,
            &["provider-api x p a@eu - 1.."],
            "outranked",
        ),
        (
            "only a lower one still lists it",
            removed,
            API,
            0,
            &["registry x p a - 1.."],
            "news",
        ),
        (
            "a higher one let it go before",
            removed,
            REGISTRY,
            0,
            &["provider-api x p a - 1..50"],
            "corroboration",
        ),
        (
            "a lower one let it go before",
            removed,
            API,
            0,
            &["registry x p a - 1..50"],
            "news",
        ),
        (
            "an equal one let it go before, and this one stood against it",
            removed,
            API,
            0,
            &["provider-api x p a - 1..50"],
            "news",
        ),
        (
            "an equal one let it go where this one names no region",
            removed,
            API,
            0,
            &["provider-api x p a@eu - 1..50"],
            "corroboration",
        ),
        (
            "let go in one region, listed in another",
            removed,
            REGISTRY,
            0,
            &[
                "provider-api x p a@eu - 1..50",
                "provider-api y p a@us - 1..",
            ],
            "outranked",
        ),
        (
            "a listing that names no region does not keep it there",
            in_eu,
            API,
            0,
            &["provider-api x p a - 1.."],
            "news",
        ),
        (
            "a listing of another region neither",
            in_eu,
            API,
            0,
            &["provider-api x p a@us - 1.."],
            "news",
        ),
        (
            "a listing of the region does",
            in_eu,
            API,
            0,
            &["provider-api x p a@eu - 1.."],
            "outranked",
        ),
        (
            "it went everywhere before",
            in_eu,
            PAGE,
            0,
            &["provider-api x p a - 1..50"],
            "corroboration",
        ),
    ]);
}

#[test]
fn values() {
    let price = "price_changed p a price.input 1 2";
    let back = "price_changed p a price.input 2 1";
    let first = "date_changed p a date.retires - 2026-12-01";
    let gone = "date_changed p a date.retires 2026-12-01 -";
    check(&[
        ("nobody else says", price, REGISTRY, 0, &[], "news"),
        (
            "a higher one said it first",
            price,
            REGISTRY,
            0,
            &["provider-api x p a 1 0..20", "provider-api x p a 2 20.."],
            "corroboration x",
        ),
        (
            "an equal one said it first",
            price,
            PAGE,
            0,
            &["provider-page x p a 2 20.."],
            "corroboration x",
        ),
        (
            "however late",
            price,
            REGISTRY,
            0,
            &[
                "provider-api x p a 1 0..20",
                "provider-api x p a 2 20..21",
                "provider-api x p a 3 21..",
            ],
            "corroboration",
        ),
        (
            "a lower one said it first",
            price,
            API,
            0,
            &["registry x p a 2 20.."],
            "news x",
        ),
        (
            "a higher one says otherwise",
            price,
            REGISTRY,
            0,
            &["provider-page x p a 3 0.."],
            "outranked",
        ),
        (
            "a higher one stays",
            price,
            REGISTRY,
            0,
            &["provider-page x p a 1 0.."],
            "outranked",
        ),
        (
            "an equal one stays: the fresher says",
            price,
            PAGE,
            0,
            &["provider-page x p a 1 0.."],
            "news",
        ),
        (
            "a lower one says otherwise",
            price,
            API,
            0,
            &["registry x p a 1 0.."],
            "news",
        ),
        (
            "a higher one says nothing of it",
            price,
            PAGE,
            0,
            &["provider-api x p a - 0.."],
            "news",
        ),
        (
            "a higher one has left it before the old value was taken",
            price,
            REGISTRY,
            60,
            &["provider-api x p a 2 1..50", "provider-api x p a 1 50.."],
            "outranked",
        ),
        (
            "catching up there",
            price,
            REGISTRY,
            0,
            &["provider-api x p a 2 20..40", "provider-api x p a 1 40.."],
            "corroboration",
        ),
        (
            "and back again",
            back,
            REGISTRY,
            60,
            &["provider-api x p a 2 20..40", "provider-api x p a 1 40.."],
            "corroboration x",
        ),
        (
            "the region's price by a listing without region",
            "price_changed p a@eu price.input 1 2",
            PAGE,
            0,
            &["provider-api x p a 2 20.."],
            "corroboration x",
        ),
        (
            "another region's price",
            "price_changed p a@eu price.input 1 2",
            PAGE,
            0,
            &["provider-api x p a@us 2 20.."],
            "news",
        ),
        ("a first date", first, PAGE, 0, &[], "news"),
        (
            "a first date that a registry alone knew",
            first,
            PAGE,
            0,
            &["registry x p a 2026-12-01 20.."],
            "news x",
        ),
        (
            "a first date that a registry moved before",
            first,
            API,
            0,
            &[
                "registry x p a 2026-11-30 1..20",
                "registry x p a 2026-12-01 20..",
            ],
            "corroboration x",
        ),
        (
            "a floor is not the date",
            first,
            PAGE,
            0,
            &["registry x p a ~2026-12-01 20.."],
            "news",
        ),
        (
            "a first date against a higher one",
            first,
            REGISTRY,
            0,
            &["provider-page x p a 2027-01-01 20.."],
            "outranked",
        ),
        (
            "a value taken back that a higher one states",
            gone,
            REGISTRY,
            0,
            &["provider-page x p a 2026-12-01 0.."],
            "outranked",
        ),
        (
            "a value taken back that only a lower one states",
            gone,
            PAGE,
            0,
            &["registry x p a 2026-12-01 0.."],
            "news",
        ),
        (
            "several agree, each named once",
            price,
            API,
            0,
            &[
                "registry y p a 2 20..",
                "registry x p a 2 20..",
                "registry x p a@eu 2 20..",
            ],
            "news x y",
        ),
    ]);
}

#[test]
fn one_component_told_by_two_lists_is_news_once() {
    let down = "incident_updated component:p c1 status operational major_outage";
    check(&[
        (
            "nobody told it",
            down,
            PAGE,
            0,
            &["provider-page x component:p c1 operational 0.."],
            "news",
        ),
        (
            "the other list told it",
            down,
            PAGE,
            0,
            &["provider-page x component:p c1 major_outage 20.."],
            "corroboration x",
        ),
        (
            "the first recovery while the other list still tells the outage",
            "incident_updated component:p c1 status major_outage operational",
            PAGE,
            10,
            &[
                "provider-page x component:p c1 operational 0..20",
                "provider-page x component:p c1 major_outage 20..",
            ],
            "news",
        ),
        (
            "the second recovery",
            "incident_updated component:p c1 status major_outage operational",
            PAGE,
            20,
            &["provider-page x component:p c1 operational 30.."],
            "corroboration x",
        ),
        (
            "an incident is each page's own",
            "incident_updated incident:p i1 status identified monitoring",
            PAGE,
            0,
            &["provider-page x incident:p i1 monitoring 20.."],
            "news",
        ),
    ]);
}

/// A word that stands for what is generally available and for previews alike says nothing of a step between them.
#[test]
fn words_that_cover_several_stages() {
    let out_of_preview = "stage_changed p a stage preview ga";
    let api = "provider-api x p a ga+limited+preview 0..";
    check(&[
        ("cannot tell", out_of_preview, PAGE, 0, &[api], "news"),
        (
            "one that can tell has told it",
            out_of_preview,
            PAGE,
            0,
            &[api, "provider-api y p a ga 1.."],
            "corroboration y",
        ),
        (
            "back to a preview",
            "stage_changed p a stage ga preview",
            PAGE,
            0,
            &[api],
            "news",
        ),
        (
            "between two that are covered",
            "stage_changed p a stage preview limited",
            PAGE,
            0,
            &[api],
            "news",
        ),
        (
            "it would say that the model is on its way out",
            "stage_changed p a stage ga legacy",
            PAGE,
            0,
            &[api],
            "outranked",
        ),
        (
            "it says that the model is back",
            "stage_changed p a stage legacy ga",
            PAGE,
            0,
            &[api],
            "corroboration x",
        ),
        (
            "first stated as what was told already",
            "stage_changed p a stage - ga",
            PAGE,
            0,
            &[api],
            "corroboration x",
        ),
        (
            "first stated, and more exact",
            "stage_changed p a stage - preview",
            PAGE,
            0,
            &[api],
            "news",
        ),
    ]);
}

/// A display name without a version; whoever gathers what others hold has seen to it that it can mean but one.
#[test]
fn names_without_a_version_speak_of_the_model() {
    let day = "date_changed bedrock anthropic.claude-ode-7-20250514-v1:0 date.retires - 2027-01-08";
    check(&[
        (
            "the page has told the day",
            day,
            API,
            0,
            &["provider-page x bedrock anthropic.claude-ode-7-v1:0 2027-01-08 1.."],
            "corroboration x",
        ),
        (
            "another day of a name is no contradiction",
            day,
            PAGE,
            0,
            &["provider-api x bedrock anthropic.claude-ode-7-v1:0 2027-03-01 1.."],
            "news",
        ),
        (
            "that a name is listed does not say that the version is",
            "offering_added bedrock anthropic.claude-ode-7-20250514-v1:0",
            PAGE,
            0,
            &["provider-api x bedrock anthropic.claude-ode-7-v1:0 - 1.."],
            "news",
        ),
    ]);
}

/// A page's display name and the id in a list denote one version, and a price that both state is told once.
#[test]
fn a_price_under_another_name() {
    let first = "price_changed bedrock anthropic.claude-ode-7-v1:0 price.input - 2";
    let cut = "price_changed bedrock anthropic.claude-ode-7-v1:0 price.input 3 2";
    let gone = "price_changed bedrock anthropic.claude-ode-7-v1:0 price.input 2 -";
    check(&[
        (
            "the other name's row has said it",
            first,
            PAGE,
            0,
            &["provider-page x bedrock anthropic.claude-ode-7-20250514-v1:0 2 1.."],
            "corroboration x",
        ),
        (
            "it says another",
            first,
            PAGE,
            0,
            &["provider-api x bedrock anthropic.claude-ode-7-20250514-v1:0 3 1.."],
            "news",
        ),
        (
            "whoever said it is less to be believed",
            first,
            API,
            0,
            &["provider-page x bedrock anthropic.claude-ode-7-20250514-v1:0 2 1.."],
            "news",
        ),
        (
            "both make the same turn",
            cut,
            PAGE,
            0,
            &[
                "provider-page x bedrock anthropic.claude-ode-7-20250514-v1:0 3 0..90",
                "provider-page x bedrock anthropic.claude-ode-7-20250514-v1:0 2 90..",
            ],
            "corroboration x",
        ),
        (
            "the other has cost as much all along",
            cut,
            PAGE,
            0,
            &["provider-page x bedrock anthropic.claude-ode-7-20250514-v1:0 2 0.."],
            "news",
        ),
        (
            "the other has come from elsewhere",
            cut,
            PAGE,
            0,
            &[
                "provider-page x bedrock anthropic.claude-ode-7-20250514-v1:0 1 0..90",
                "provider-page x bedrock anthropic.claude-ode-7-20250514-v1:0 2 90..",
            ],
            "news",
        ),
        (
            "both lose it",
            gone,
            PAGE,
            0,
            &["provider-page x bedrock anthropic.claude-ode-7-20250514-v1:0 2 0..90"],
            "corroboration x",
        ),
        (
            "the other has another instead",
            gone,
            PAGE,
            0,
            &[
                "provider-page x bedrock anthropic.claude-ode-7-20250514-v1:0 2 0..90",
                "provider-page x bedrock anthropic.claude-ode-7-20250514-v1:0 3 90..",
            ],
            "news",
        ),
        (
            "another model",
            first,
            PAGE,
            0,
            &["provider-page x bedrock anthropic.claude-ode-8-v1:0 2 1.."],
            "news",
        ),
    ]);
}

#[test]
fn an_item_of_two_feeds_is_announced_once() {
    let item = "announcement acme https://acme.example/blog/7";
    let announced = |others: &[&str]| {
        let mut change = change(item);
        change.subject.kind = SubjectKind::Announcement;
        let others: Vec<Holding> = others
            .iter()
            .map(|text| holding(&change, text))
            .map(|mut held| {
                held.subject.kind = SubjectKind::Announcement;
                held
            })
            .collect();
        standing(&change, PAGE, at(0), &others).standing
    };
    let known = "provider-page x acme https://acme.example/blog/7 - 1..";
    assert_eq!(announced(&[known]), Standing::Corroboration);
    let other = "provider-page x acme https://acme.example/blog/8 - 1..";
    assert_eq!(announced(&[other]), Standing::News);
    assert_eq!(announced(&[]), Standing::News);
}
