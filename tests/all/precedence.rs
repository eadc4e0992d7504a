//! What a provider's own interface says goes before its page, its page before a registry; and whoever of them tells a day of
//! retirement first, the others that follow tell nothing new.

use bellwether::config::Probe;
use bellwether::daemon::pipeline::Taken;
use bellwether::market::{RecordedChange, Stage, Standing};
use bellwether::readers::following::{FOLLOWED, Followed};
use jiff::SignedDuration;

use crate::reading::shipped;
use crate::watched::Watch;

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
struct Told {
    watch: Watch,
    probes: [Probe; 3],
    said: [Option<&'static str>; 3],
}

impl Told {
    /// All of them have been read, and know this.
    fn begin(day: Option<&'static str>) -> Self {
        let probes = TELLERS.map(|id| {
            let mut probe = shipped(id);
            probe.rules.min_items = 1;
            probe
        });
        let mut watch = Watch::begin();
        watch.step = SignedDuration::from_mins(20);
        let mut told = Self {
            watch,
            probes,
            said: [day; 3],
        };
        told.round();
        told.round();
        assert_eq!(told.news(), Vec::<String>::new());
        told
    }

    /// An hour later each of them is asked again.
    fn round(&mut self) {
        for (teller, (probe, said)) in self.probes.iter().zip(self.said).enumerate() {
            let text = body(teller, said);
            let taken = self.watch.reads(probe, "", &text);
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
        let mut changes = self.watch.changes_of("date.retires");
        changes.retain(|told| wanted(told.standing));
        let line = |told: RecordedChange| {
            let change = told.change;
            let new = change.new.map(|new| new.to_string()).unwrap_or_default();
            format!("{} {} {new}", change.source, change.subject.native_id)
        };
        changes.into_iter().map(line).collect()
    }

    fn mailed(&self) -> usize {
        self.watch.messages_of("date.retires")
    }
}

#[test]
fn a_day_that_all_move_is_told_once_in_every_order() {
    for order in ORDERS {
        let mut told = Told::begin(Some("2026-12-11"));
        for teller in order {
            told.learns(teller, "2026-11-01");
        }
        // whoever is outranked waits for the interface
        let expected = ["openai.models gpt-7-2025-03-01 2026-11-01"];
        assert_eq!(told.news(), expected, "in the order {order:?}");
        assert_eq!(told.retirements(|_| true).len(), 3, "{order:?}");
        assert_eq!(told.mailed(), 1, "in the order {order:?}");
    }
}

#[test]
fn a_first_day_is_told_once_in_every_order() {
    for order in ORDERS {
        let mut told = Told::begin(None);
        for teller in order {
            told.learns(teller, "2026-12-11");
        }
        let others = |teller: &&String| !teller.starts_with("deprecations-info");
        let news = told.news();
        assert_eq!(news.iter().filter(others).count(), 1, "{order:?}: {news:?}");
        assert_eq!(told.retirements(|_| true).len(), 3, "{order:?}");
        assert_eq!(told.mailed(), 1, "in the order {order:?}");
    }
}

#[test]
fn a_day_that_a_registry_alone_has_moved_is_not_told_again() {
    for order in [[0, 1], [1, 0]] {
        let mut told = Told::begin(None);
        told.learns(2, "2026-12-11");
        assert_eq!(told.mailed(), 0, "a first day of a registry");
        told.learns(2, "2026-11-01");
        assert_eq!(told.mailed(), 1, "a day that it moves");
        for teller in order {
            told.learns(teller, "2026-11-01");
        }
        assert_eq!(told.mailed(), 1, "in the order {order:?}");
    }
}

/// What Bedrock's interface and the model's card say of a model.
struct Bedrock {
    watch: Watch,
    models: Probe,
    cards: Probe,
    status: &'static str,
    lifecycle: &'static str,
}

impl Bedrock {
    fn begin() -> Self {
        let mut cards = shipped("bedrock.cards");
        cards.rules.min_items = 1;
        Self {
            watch: Watch::begin(),
            models: shipped("bedrock.models"),
            cards,
            status: "ACTIVE",
            lifecycle: "Preview",
        }
    }

    fn models_are_read(&mut self) {
        let body = format!(
            r#"{{"modelSummaries":[{{"modelId":"openai.gpt-9-sol","modelName":"GPT-9 Sol","inferenceTypesSupported":["ON_DEMAND"],"modelLifecycle":{{"status":"{}"}}}}]}}"#,
            self.status
        );
        let taken = self.watch.reads(&self.models, "us-east-1", &body);
        assert!(!matches!(taken, Taken::Failed(_)), "{taken:?}");
    }

    fn card_is_read(&mut self) {
        let card = format!(
            "# GPT-9 Sol\n\n## Model Details\n\n+ **Model lifecycle:** {}\n\n## Programmatic Access\n\n\
             | **Endpoint** | **Model ID** | **In-Region endpoint URL** | **Geo inference ID** | **Global inference ID** |\n\
             | --- | --- | --- | --- | --- |\n\
             | `bedrock-runtime` | `openai.gpt-9-sol` | `https://bedrock-runtime.us-east-1.amazonaws.com` | Not supported | Not supported |\n",
            self.lifecycle
        );
        let answers = [Followed {
            item: "openai-gpt-9-sol".to_string(),
            content_type: Some("text/markdown".to_string()),
            body: Some(card),
            failure: None,
        }];
        let body = serde_json::to_string(&answers).expect("JSON");
        let taken = self.watch.reads_as(Some(FOLLOWED), &self.cards, "", &body);
        assert!(!matches!(taken, Taken::Failed(_)), "{taken:?}");
    }

    /// Often enough to be believed, the card or the interface first.
    fn rounds(&mut self, card_first: bool) {
        for _ in 0..3 {
            if card_first {
                self.card_is_read();
            }
            self.models_are_read();
            if !card_first {
                self.card_is_read();
            }
        }
    }

    /// The news of the stage: who told it, from what to what.
    fn news(&self) -> Vec<String> {
        let mut changes = self.watch.changes_of("stage");
        changes.retain(|told| told.standing == Standing::News);
        let line = |told: RecordedChange| {
            let words = [told.change.old, told.change.new];
            let words = words.map(|word| word.map(|word| word.to_string()).unwrap_or_default());
            format!("{} {}", told.change.source.probe, words.join(" → "))
        };
        changes.into_iter().map(line).collect()
    }

    fn stages(&self) -> Vec<Stage> {
        let mut stages = self.watch.stages("openai/gpt-9-sol");
        stages.dedup();
        stages
    }
}

#[test]
fn a_preview_that_bedrock_calls_active_becomes_generally_available() {
    for card_first in [true, false] {
        let mut bedrock = Bedrock::begin();
        for _ in 0..12 {
            bedrock.rounds(card_first);
        }
        assert_eq!(bedrock.stages(), [Stage::Preview]);
        assert_eq!(bedrock.watch.disagreements(), []);
        bedrock.lifecycle = "Active";
        bedrock.rounds(card_first);
        assert_eq!(bedrock.news(), ["bedrock.cards preview → ga"]);
        assert_eq!(bedrock.stages(), [Stage::Ga]);
        // what the interface does say goes before the card
        (bedrock.status, bedrock.lifecycle) = ("LEGACY", "Legacy");
        bedrock.rounds(card_first);
        let news = ["bedrock.cards preview → ga", "bedrock.models ga → legacy"];
        assert_eq!(bedrock.news(), news, "the card first: {card_first}");
        assert_eq!(bedrock.stages(), [Stage::Legacy]);
        assert_eq!(bedrock.watch.messages_of("stage"), 2);
    }
}

#[test]
fn credentials_that_come_later_take_no_step_of_a_preview_away() {
    let mut bedrock = Bedrock::begin();
    for _ in 0..3 {
        bedrock.card_is_read();
    }
    bedrock.rounds(true);
    assert_eq!(bedrock.stages(), [Stage::Preview]);
    bedrock.lifecycle = "Active";
    bedrock.rounds(false);
    assert_eq!(bedrock.news(), ["bedrock.cards preview → ga"]);
}
