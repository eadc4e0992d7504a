//! What a provider's own interface says goes before its page, its page before a registry; and whoever of them tells a day of
//! retirement first, the others that follow tell nothing new.

use bellwether::alerting::Policy;
use bellwether::config::Probe;
use bellwether::daemon::pipeline::{Answer, Arrival, Taken, take};
use bellwether::daemon::reading::Target;
use bellwether::market::Standing;
use bellwether::store::{ChangeFilter, Changes, Outbox, Store};
use jiff::{SignedDuration, Timestamp};

use crate::reading::shipped;

/// Who tells of a model's end, most authoritative first.
const TELLERS: [&str; 3] = [
    "openai.models",
    "openai.deprecations",
    "deprecations-info.deprecations",
];

/// Every order in which they can come to know.
const ORDERS: [[usize; 3]; 6] = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
];

/// What a teller says when it knows of that day; the day of another model never changes.
fn body(teller: usize, day: Option<&str>) -> String {
    match teller {
        0 => {
            let end = day.map_or(String::new(), |day| format!(r#","shutdown_date":"{day}""#));
            format!(
                r#"{{"data":[{{"id":"gpt-6","created":1730000000}},{{"id":"gpt-7-2025-03-01","created":1740787200{end}}}]}}"#
            )
        }
        1 => {
            let row = day.map_or(String::new(), |day| {
                format!("| {day} | `gpt-7-2025-03-01` | `gpt-9-sol` |\n")
            });
            format!(
                "# Deprecations\n\n## Deprecation history\n\n### 2026-01-11: Models of old\n\n\
                 | Shutdown date | Model / system | Recommended replacement |\n| --- | --- | --- |\n\
                 | 2026-10-27 | `gpt-6` | `gpt-9-sol` |\n{row}"
            )
        }
        _ => {
            let row = day.map_or(String::new(), |day| {
                format!(
                    r#",{{"provider":"OpenAI","model_id":"gpt-7-2025-03-01","announcement_date":"2026-01-11","shutdown_date":"{day}"}}"#
                )
            });
            format!(
                r#"[{{"provider":"OpenAI","model_id":"gpt-6","announcement_date":"2026-01-11","shutdown_date":"2026-10-27"}}{row}]"#
            )
        }
    }
}

/// The three of them, read hour by hour into one store.
struct Watch {
    _folder: tempfile::TempDir,
    store: Store,
    now: Timestamp,
    policy: Policy,
    probes: [Probe; 3],
    said: [Option<&'static str>; 3],
}

impl Watch {
    /// All of them have been read, and know this.
    fn begin(day: Option<&'static str>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("bellwether.db")).expect("a database");
        let probes = TELLERS.map(|id| {
            let mut probe = shipped(id);
            probe.rules.min_items = 1;
            probe
        });
        let mut watch = Self {
            _folder: folder,
            store,
            now: "2026-02-01T00:00:00Z".parse().expect("a time"),
            policy: Policy {
                recipients: vec!["reader@example.org".to_string()],
                ..Policy::default()
            },
            probes,
            said: [day; 3],
        };
        watch.round();
        watch.round();
        assert_eq!(watch.news(), Vec::<String>::new());
        watch
    }

    /// An hour later each of them is asked again.
    fn round(&mut self) {
        for teller in 0..TELLERS.len() {
            self.now += SignedDuration::from_mins(20);
            let text = body(teller, self.said[teller]);
            let probe = &self.probes[teller];
            let arrival = Arrival {
                at: self.now,
                answer: Answer::Body {
                    bytes: text.as_bytes(),
                    content_type: None,
                    etag: None,
                    last_modified: None,
                },
                sample: None,
                vantage: "here",
                imported: false,
                inconclusive: false,
            };
            let target = Target::new(probe, &probe.scopes[0]);
            let taken =
                take(&mut self.store, &target, &arrival, &self.policy).expect("a sound store");
            assert!(!matches!(taken, Taken::Failed(_)), "{taken:?} of {text}");
        }
    }

    /// From now on one of them says so, and is asked often enough to be believed.
    fn learns(&mut self, teller: usize, day: &'static str) {
        self.said[teller] = Some(day);
        for _ in 0..3 {
            self.round();
        }
    }

    /// The news of the day of retirement: who told, of what.
    fn news(&self) -> Vec<String> {
        self.retirements(|standing| standing == Standing::News)
    }

    fn retirements(&self, wanted: impl Fn(Standing) -> bool) -> Vec<String> {
        let all = ChangeFilter {
            all: true,
            ..ChangeFilter::default()
        };
        let changes = self.store.changes(&all).expect("changes");
        let ends = changes.iter().filter(|told| {
            let attribute = told.change.attribute.as_ref();
            attribute.is_some_and(|attribute| attribute.to_string() == "date.retires")
        });
        let line = |told: &bellwether::market::RecordedChange| {
            let change = &told.change;
            let new = change.new.as_ref().map(ToString::to_string);
            let id = &change.subject.native_id;
            format!("{} {id} {}", change.source, new.unwrap_or_default())
        };
        ends.filter(|told| wanted(told.standing))
            .map(line)
            .collect()
    }

    /// Messages of the day of retirement that wait to be sent.
    fn mailed(&self) -> usize {
        let later = self.now + SignedDuration::from_hours(48);
        let due = self.store.due(later, true, 1000).expect("an outbox");
        due.iter()
            .filter(|due| due.entry.thread_key.contains("date.retires"))
            .count()
    }
}

#[test]
fn a_day_that_all_move_is_told_once_in_every_order() {
    for order in ORDERS {
        let mut watch = Watch::begin(Some("2026-12-11"));
        for teller in order {
            watch.learns(teller, "2026-11-01");
        }
        // whoever is outranked waits for the interface
        let expected = ["openai.models gpt-7-2025-03-01 2026-11-01"];
        assert_eq!(watch.news(), expected, "in the order {order:?}");
        assert_eq!(watch.retirements(|_| true).len(), 3, "{order:?}");
        assert_eq!(watch.mailed(), 1, "in the order {order:?}");
    }
}

#[test]
fn a_first_day_is_told_once_in_every_order() {
    for order in ORDERS {
        let mut watch = Watch::begin(None);
        for teller in order {
            watch.learns(teller, "2026-12-11");
        }
        let others = |told: &&String| !told.starts_with("deprecations-info");
        let news = watch.news();
        assert_eq!(news.iter().filter(others).count(), 1, "{order:?}: {news:?}");
        assert_eq!(watch.retirements(|_| true).len(), 3, "{order:?}");
        assert_eq!(watch.mailed(), 1, "in the order {order:?}");
    }
}

#[test]
fn a_day_that_a_registry_alone_has_moved_is_not_told_again() {
    for order in [[0, 1], [1, 0]] {
        let mut watch = Watch::begin(None);
        watch.learns(2, "2026-12-11");
        assert_eq!(watch.mailed(), 0, "a first day of a registry");
        watch.learns(2, "2026-11-01");
        assert_eq!(watch.mailed(), 1, "a day that it moves");
        for teller in order {
            watch.learns(teller, "2026-11-01");
        }
        assert_eq!(watch.mailed(), 1, "in the order {order:?}");
    }
}
