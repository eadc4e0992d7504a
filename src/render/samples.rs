//! Changes for the tests of what people read.

use jiff::Timestamp;

use crate::market::{
    Attribute, Authority, Called, Change, ChangeId, ChangeKind, Direction, Hash, LifecycleDate,
    Price, ProbeId, RecordedChange, Region, Scope, Severity, SourceId, Standing, Subject,
    SubjectKind, Value,
};

pub fn moment(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

pub fn zone() -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::get("Europe/Berlin").expect("a zone")
}

/// A change as recorded on 10 November 2026.
pub fn change(subject: Subject, kind: ChangeKind) -> RecordedChange {
    let id = Hash::of_parts(&[&subject.hash().hex(64), kind.word()]).hex(16);
    let cause = format!("{} {} {}", kind.word(), subject.provider, subject.native_id);
    RecordedChange {
        change: Change {
            id: ChangeId(id),
            source: SourceId {
                probe: ProbeId::new(format!("{}.models", subject.provider)),
                scope: Scope::new(""),
            },
            key: subject.key(),
            kind,
            attribute: None,
            old: None,
            new: None,
            old_raw: None,
            new_raw: None,
            seen_at: moment("2026-11-10T08:00:00Z"),
            confirmed_at: moment("2026-11-10T08:05:00Z"),
            true_from: None,
            direction: None,
            severity: Severity::Notice,
            documented: false,
            flapping: false,
            new_body: None,
            old_body: None,
            cause,
            subject,
        },
        standing: Standing::News,
        authority: Authority::ProviderPage,
        imported: false,
        group: "g".to_string(),
        url: "https://example.com/models?a=1&b=2".to_string(),
        confirmed_by: vec!["models-dev.api".to_string()],
        called: Called::default(),
    }
}

pub fn valued(
    provider: &str,
    native_id: &str,
    attribute: &str,
    old: Option<Value>,
    new: Option<Value>,
) -> RecordedChange {
    let attribute: Attribute = attribute.parse().expect("an attribute");
    let kind = ChangeKind::of_attribute(SubjectKind::Offering, &attribute);
    let mut recorded = change(Subject::offering(provider, native_id), kind);
    let direction = Direction::between(old.as_ref(), new.as_ref());
    recorded.change.severity = crate::detect::severity(
        kind,
        Some(&attribute),
        direction,
        (old.as_ref(), new.as_ref()),
    );
    recorded.change.direction = direction;
    recorded.change.cause.push_str(&format!(" {attribute}"));
    recorded.change.attribute = Some(attribute);
    recorded.change.old = old;
    recorded.change.new = new;
    recorded
}

pub fn date(text: &str) -> Option<Value> {
    Some(Value::Date(LifecycleDate::firm(
        text.parse().expect("a day"),
    )))
}

pub fn price(amount: &str) -> Option<Value> {
    let amount = amount.parse().expect("an amount");
    Some(Value::Price(Price::usd_per_million_tokens(amount)))
}

pub fn text(text: &str) -> Option<Value> {
    Some(Value::Text(text.into()))
}

/// The same change in `n` regions.
pub fn in_regions(recorded: &RecordedChange, n: usize) -> Vec<RecordedChange> {
    (1..=n)
        .map(|at| {
            let mut twin = recorded.clone();
            twin.change.subject.region = Region::new(format!("region-{at}"));
            twin.change.id = ChangeId(twin.change.subject.hash().hex(16));
            twin.change.source.scope = Scope::new(format!("region-{at}"));
            twin
        })
        .collect()
}

pub fn retirement() -> RecordedChange {
    valued(
        "azure",
        "gpt-4o",
        "date.retires",
        date("2027-04-03"),
        date("2026-10-01"),
    )
}

pub fn cheaper() -> RecordedChange {
    valued("openai", "gpt-5", "price.input", price("5"), price("4"))
}

pub fn added(provider: &str, native_id: &str) -> RecordedChange {
    let mut recorded = change(
        Subject::offering(provider, native_id),
        ChangeKind::OfferingAdded,
    );
    recorded.change.new = text("A Name");
    recorded
}

/// Names by which a page could try to do harm.
pub const HOSTILE: [&str; 6] = [
    "<script>alert(1)</script>",
    "\u{1b}[31mred\u{1b}]0;title\u{7}",
    "x\r\nBcc: victim@example.com",
    "\" onmouseover=\"alert(1)",
    "abc\u{202e}cba | [a](javascript:b) `c`",
    "{{ view.heading }} {% raw %}",
];
