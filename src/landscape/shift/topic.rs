//! An offering that a watched topic names is at another stage.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;

use super::{Shift, Shifted};
use crate::market::{ChangeKind, RecordedChange, Standing, SubjectKind, Value, provider_id};

/// The news among changes that a topic is about: another stage, stated on both sides, of an offering that all words of the topic
/// name, each by its provider (`aws` stands for Bedrock) or in its own name. Regions and deployments are one.
pub fn topic_shifts(changes: &[RecordedChange], topics: &[String]) -> Vec<Shifted> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for recorded in changes {
        let change = &recorded.change;
        let subject = &change.subject;
        let is_news = recorded.standing == Standing::News
            && change.kind == ChangeKind::StageChanged
            && subject.kind == SubjectKind::Offering
            && !change.documented
            && !change.flapping;
        let (Some(Value::Stage(from)), Some(Value::Stage(to))) = (&change.old, &change.new) else {
            continue;
        };
        let (provider, name) = (subject.provider.as_str(), subject.native_id.as_str());
        let mut named = topics.iter().filter(|topic| names(topic, provider, name));
        let Some(topic) = named.next().filter(|_| is_news) else {
            continue;
        };
        if seen.insert((provider, name, *from, *to)) {
            found.push(Shifted {
                day: change.confirmed_at.to_zoned(TimeZone::UTC).date(),
                shift: Shift::Topic {
                    topic: topic.clone(),
                    provider: provider.to_string(),
                    name: name.to_string(),
                    from: *from,
                    to: *to,
                },
            });
        }
    }
    found
}

fn names(topic: &str, provider: &str, name: &str) -> bool {
    let topic = topic.to_lowercase();
    let name = name.to_lowercase();
    let mut words = topic.split_whitespace().peekable();
    words.peek().is_some()
        && words.all(|word| {
            name.contains(word) || provider == word || provider_id(word) == Some(provider)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::{
        Attribute, Authority, Called, Change, ChangeKind, ProbeId, Scope, SourceId, Stage, Subject,
    };

    fn staged(provider: &str, name: &str, from: Stage, to: Stage) -> RecordedChange {
        let source = SourceId {
            probe: ProbeId::new(format!("{provider}.page")),
            scope: Scope::new(""),
        };
        let at = "2026-11-09T06:00:00Z".parse().expect("a time");
        let subject = Subject::offering(provider, name);
        RecordedChange {
            change: Change {
                attribute: Some(Attribute::Stage),
                old: Some(Value::Stage(from)),
                new: Some(Value::Stage(to)),
                ..Change::plain(source, subject, ChangeKind::StageChanged, at)
            },
            standing: Standing::News,
            authority: Authority::ProviderPage,
            imported: false,
            group: String::new(),
            url: String::new(),
            confirmed_by: Vec::new(),
            called: Called::default(),
        }
    }

    #[test]
    fn a_topic_is_named_by_provider_and_name() {
        let frontier = staged("bedrock", "openai.frontier", Stage::Limited, Stage::Ga);
        let topics = ["frontier aws".to_string()];
        let mut confirmed = frontier.clone();
        confirmed.standing = Standing::Corroboration;
        let others = [
            frontier.clone(),
            frontier,
            staged("azure", "frontier", Stage::Limited, Stage::Ga),
            staged("bedrock", "nova-pro", Stage::Preview, Stage::Ga),
            confirmed,
        ];
        let found = topic_shifts(&others, &topics);
        let [shifted] = found.as_slice() else {
            panic!("one shift: {found:?}");
        };
        assert_eq!(shifted.day.to_string(), "2026-11-09");
        assert_eq!(shifted.shift.subject(), "openai.frontier");
        assert!(shifted.shift.is_strong(&BTreeSet::new()));
        assert_eq!(topic_shifts(&others, &[" ".to_string()]), []);
        assert_eq!(topic_shifts(&others, &[]), []);
    }
}
