//! What the rules would have sent over real histories, read as those would who depend on what changed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::convert::Infallible;
use std::path::Path;

use bellwether::alerting::replay as replay_history;
use bellwether::config::{Outside, Settings};
use bellwether::market::RecordedChange;
use bellwether::store::{ChangeFilter, Changes, Store};
use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use crate::shared;
use crate::world::World;

/// One object of machine-readable output or of the truth.
pub type Object = Map<String, Json>;
/// Day, provider, deployment, native id and what happened: `+`, `-` or the attribute that changed.
type Event = (String, String, String, String, String);

/// The tags of the truth's noise of which it says that such an event should alarm nobody, but for copies of another event.
const STARRED: [&str; 9] = [
    "flip_3d",
    "readd_3d",
    "ghost_3d",
    "migration_all",
    "migration_provider",
    "backfill",
    "with_new_provider",
    "name_format",
    "date_precision",
];
/// The tags of copies: they may stand beside what they copy.
const COPIES: [&str; 3] = ["mirror", "regional_twin", "alias_key"];
/// Days within which a message that is undone was none.
const UNDONE: f64 = 8.0;
/// Messages in a hundred that may be undone.
const UNDONE_LIMIT: f64 = 2.0;

/// Somebody who gets mail and watches these models.
pub fn watching(models: &[&str]) -> String {
    format!(
        "[mail]\nfrom = 'bell@watch.test'\nto = ['ops@example.test']\ndirectory = 'mail'\n\
         [[watch]]\nname = 'five'\nmodels = {models:?}\n"
    )
}

/// A text of an object, or an empty one.
pub fn text<'a>(object: &'a Object, key: &str) -> &'a str {
    object.get(key).and_then(Json::as_str).unwrap_or_default()
}

/// The texts of a list.
pub fn texts<'a>(object: &'a Object, key: &str) -> impl Iterator<Item = &'a str> {
    let all = object.get(key).and_then(Json::as_array);
    all.into_iter().flatten().filter_map(Json::as_str)
}

fn objects(lines: &str) -> Vec<Object> {
    let lines = lines.lines().filter(|line| line.starts_with('{'));
    lines
        .map(|line| serde_json::from_str(line).expect("an object a line"))
        .collect()
}

/// What the rules would have sent.
pub fn messages(world: &World) -> Vec<Object> {
    objects(&world.good(&[
        "--format",
        "jsonl",
        "alert",
        "replay",
        "--since",
        "2025-01-01",
    ]))
}

/// The events that a recorded change stands for.
fn events(change: &Object) -> Vec<Event> {
    let event = |native_id: &str, what: &str| {
        let day = text(change, "seen_at").get(..10).expect("a time");
        [
            day,
            text(change, "provider"),
            text(change, "deployment"),
            native_id,
            what,
        ]
        .map(str::to_string)
        .into()
    };
    let native_id = text(change, "native_id");
    match text(change, "kind") {
        "offering_added" | "offering_returned" => vec![event(native_id, "+")],
        "offering_removed" => vec![event(native_id, "-")],
        "offering_renamed" => vec![event(native_id, "+"), event(text(change, "old"), "-")],
        "source_suspect" => Vec::new(),
        _ => vec![event(native_id, text(change, "attribute"))],
    }
}

/// The truth's events, each with its tags; `None` for those that others stand for.
fn truth(replay: &Path) -> HashMap<Event, BTreeSet<String>> {
    let lines = |name: &str| objects(&std::fs::read_to_string(replay.join(name)).expect("lines"));
    let key = |event: &Object| {
        ["date", "provider", "model", "kind", "field"].map(|key| text(event, key).to_string())
    };
    let noise = lines("noise.jsonl");
    let tags: HashMap<[String; 5], BTreeSet<String>> = noise
        .iter()
        .map(|event| {
            (
                key(event),
                texts(event, "tags").map(str::to_string).collect(),
            )
        })
        .collect();
    let truth = lines("truth.jsonl");
    let tagged = truth.iter().filter_map(|event| {
        let field = text(event, "field");
        let what = match text(event, "kind") {
            "model_added" => "+".to_string(),
            "model_removed" => "-".to_string(),
            "price_changed" => match field.strip_prefix("context_over_200k.") {
                Some(meter) => format!("price.{meter}.over_200000"),
                None => format!("price.{field}"),
            },
            "status_changed" => "stage".to_string(),
            "limit_changed" => format!("limit.{field}"),
            "modality_changed" => format!("modality.{field}"),
            "capability_changed" => format!("capability.{field}"),
            "name_changed" => "name".to_string(),
            "date_changed" if field == "release_date" => "date.launch".to_string(),
            "date_changed" => "date.updated".to_string(),
            "provider_added" => return None,
            other => panic!("the truth has a kind that this test does not know: {other}"),
        };
        let (provider, deployment) = match text(event, "provider") {
            "amazon-bedrock" => ("bedrock", ""),
            "azure-cognitive-services" => ("azure", "cognitive-services"),
            "google" => ("gemini", ""),
            "google-vertex" => ("vertex", ""),
            "google-vertex-anthropic" => ("vertex", "partner"),
            same => (same, ""),
        };
        let of = [
            text(event, "date"),
            provider,
            deployment,
            text(event, "model"),
            &what,
        ];
        let tags = tags.get(&key(event)).cloned().unwrap_or_default();
        Some((of.map(str::to_string).into(), tags))
    });
    tagged.collect()
}

/// A history with what the rules make of it.
struct History {
    /// Every recorded change by its id.
    changes: BTreeMap<String, Object>,
    truth: HashMap<Event, BTreeSet<String>>,
}

impl History {
    fn import(world: &World, replay: &Path) -> Self {
        let snapshots = replay.join("snapshots").display().to_string();
        world.good(&["import", "--probe", "models-dev", &snapshots]);
        let changes = world.changes(false).into_iter();
        Self {
            changes: changes
                .map(|change| (text(&change, "id").to_string(), change))
                .collect(),
            truth: truth(replay),
        }
    }

    /// The events of these models that bear no tag of noise and are not told. (That every such event is recorded, another test
    /// says.)
    fn missing(&self, models: &BTreeSet<&str>, told: &BTreeSet<Event>) -> Vec<Event> {
        let of_models = self
            .changes
            .values()
            .filter(|change| models.contains(text(change, "model")));
        let events = of_models.flat_map(events);
        let is_untagged = |event: &Event| self.truth.get(event).is_some_and(BTreeSet::is_empty);
        events
            .filter(|event| is_untagged(event) && !told.contains(event))
            .collect()
    }

    fn told<'a>(&'a self, message: &'a Object) -> impl Iterator<Item = &'a Object> {
        texts(message, "changes").map(|id| self.changes.get(id).expect("a recorded change"))
    }

    /// What a message tells that should alarm nobody. A copy is told with what it copies; a new spelling of what was told to
    /// nobody under its old one, because that was gone before it was confirmed, is the first that is heard of it.
    fn noise(&self, message: &Object) -> Vec<String> {
        let is_in_place = |tags: &BTreeSet<String>| {
            let starred = |tag: &String| STARRED.contains(&tag.as_str()) || tag == "rename";
            let is_copy = |tag: &String| COPIES.contains(&tag.as_str());
            !tags.iter().any(|tag| starred(tag) || is_copy(tag))
        };
        let told: Vec<(Event, &Object)> = self
            .told(message)
            .flat_map(|change| events(change).into_iter().map(move |event| (event, change)))
            .collect();
        let none = BTreeSet::new();
        let tags = |event: &Event| self.truth.get(event).unwrap_or(&none);
        let mut noise = Vec::new();
        for (event, change) in &told {
            let of = tags(event);
            let has = |tag: &str| of.contains(tag);
            let is_copy = COPIES.iter().any(|tag| has(tag));
            let original = told
                .iter()
                .any(|(other, _)| other.4 == event.4 && is_in_place(tags(other)));
            let is_first = event.4 == "+"
                && text(change, "kind") == "offering_added"
                && !self.went_with(change);
            let starred = STARRED.iter().any(|tag| has(tag));
            if starred || is_copy && !original || has("rename") && !is_first {
                noise.push(format!("{event:?} {of:?}"));
            }
        }
        noise
    }

    /// Whether a key of the same model went at the same place when this one came.
    fn went_with(&self, came: &Object) -> bool {
        let place = |change: &Object| {
            ["provider", "deployment", "model", "seen_at"].map(|key| text(change, key).to_string())
        };
        let mut all = self.changes.values();
        all.any(|change| text(change, "kind") == "offering_removed" && place(change) == place(came))
    }

    /// Whether a change was undone within [`UNDONE`] days, by what the same thing became.
    fn is_undone(&self, change: &Object) -> bool {
        let key = |of: &Object| {
            ["provider", "native_id", "region", "deployment", "attribute"]
                .map(|key| text(of, key).to_string())
        };
        let at = |of: &Object| -> Timestamp { text(of, "seen_at").parse().expect("a time") };
        let is_listing =
            |of: &Object| matches!(text(of, "kind"), "offering_added" | "offering_returned");
        let is_removal = |of: &Object| text(of, "kind") == "offering_removed";
        self.changes.values().any(|later| {
            let days = at(later).duration_since(at(change)).as_secs_f64() / 86_400.0;
            let is_back = match change.get("attribute") {
                Some(Json::String(_)) => {
                    later.get("old") == change.get("new") && later.get("new") == change.get("old")
                }
                _ => {
                    is_listing(change) && is_removal(later)
                        || is_removal(change) && is_listing(later)
                }
            };
            days > 0.0 && days <= UNDONE && key(later) == key(change) && is_back
        })
    }
}

/// Five models that live through the history: one whose prices move twice, one that retires, one that Bedrock, Azure and its
/// own lab sell, one with many versions and entries that editors mend, and one whose previews come and go.
const FIVE: [&str; 5] = [
    "deepseek/deepseek-chat",
    "openai/gpt-4.5-preview",
    "anthropic/claude-sonnet-4.5",
    "openai/gpt-4o",
    "google/gemini-2.5-flash-preview",
];

/// A message in one line, or with all that it says before its sources.
fn told(message: &Object, in_full: bool) -> String {
    let line = format!(
        "{} {} {} {}",
        text(message, "at"),
        text(message, "route"),
        text(message, "severity"),
        text(message, "subject")
    );
    let body = text(message, "text");
    let body = body.split("\n\nTouches").next().unwrap_or(body);
    let body = body.split_once("\n\n").map_or("", |(_, body)| body);
    match in_full {
        true => format!(
            "{line}\n{}\n",
            body.lines()
                .map(|line| format!("    {line}").trim_end().to_string() + "\n")
                .collect::<String>()
        ),
        false => format!("{line}\n"),
    }
}

#[test]
fn a_watch_on_five_models_is_told_what_is_true_and_all_of_it() {
    let Some(replay) = shared::folder("replay/public") else {
        return;
    };
    let world = World::new(&watching(&FIVE));
    let history = History::import(&world, &replay);
    let messages = messages(&world);

    let mut classes: BTreeMap<String, usize> = BTreeMap::new();
    for message in &messages {
        let class = format!(
            "{} by {}",
            text(message, "severity"),
            text(message, "route")
        );
        *classes.entry(class).or_default() += 1;
    }
    let classes: Vec<String> = classes
        .iter()
        .map(|(class, count)| format!("{count} {class}"))
        .collect();
    insta::assert_snapshot!(classes.join(", "), @"2 critical by mail, 64 notice by digest, 9 notice by mail, 2 notice by sources, 12 warning by digest, 4 warning by mail");
    let of_watch = || {
        messages
            .iter()
            .filter(|message| text(message, "route") == "mail")
    };
    let all: String = of_watch().map(|message| told(message, true)).collect();
    let rest = messages
        .iter()
        .filter(|message| text(message, "route") != "mail");
    let rest: String = rest.map(|message| told(message, false)).collect();
    insta::with_settings!({ filters => vec![(r"\b[0-9a-f]{16}\b", "[id]")] }, {
        insta::assert_snapshot!("five_models", format!("{all}\n{rest}"));
    });

    let noise: Vec<String> = messages
        .iter()
        .flat_map(|message| history.noise(message))
        .collect();
    assert!(noise.is_empty(), "noise is mailed: {noise:#?}");

    let undone: Vec<&Object> = messages
        .iter()
        .filter(|message| {
            history
                .told(message)
                .any(|change| history.is_undone(change))
        })
        .collect();
    let share = undone.len() as f64 * 100.0 / messages.len() as f64;
    assert!(
        share <= UNDONE_LIMIT,
        "{share} % of {} messages are undone: {undone:#?}",
        messages.len()
    );
    assert!(!of_watch().any(|message| undone.contains(&message)));

    let told: BTreeSet<Event> = of_watch()
        .flat_map(|message| history.told(message))
        .flat_map(events)
        .collect();
    let lacking = history.missing(&FIVE.into(), &told);
    assert!(lacking.is_empty(), "nobody is told of {lacking:#?}");
}

#[test]
fn so_is_a_watch_on_any_models() {
    let Some(replay) = shared::folder("replay/public") else {
        return;
    };
    let world = World::new("");
    let history = History::import(&world, &replay);
    let database = world.path("data/bellwether.db");
    let store = Store::open(&database).expect("a database");
    let changes = store.changes(&ChangeFilter::default()).expect("changes");
    let models: BTreeSet<&str> = history
        .changes
        .values()
        .map(|change| text(change, "model"))
        .collect();
    let models: Vec<&str> = models
        .into_iter()
        .filter(|model| !model.is_empty())
        .collect();
    let (mut messages, mut undone) = (0_u32, 0_u32);
    for five in models.chunks(5) {
        let outside = Outside {
            variable: &|_| None,
            file: &|_| Ok(Vec::new()),
        };
        let settings =
            Settings::from_text("test.toml", &watching(five), &outside).expect("sound rules");
        let interface = |_: &RecordedChange| Ok::<_, Infallible>(None);
        let replayed = replay_history(&settings.policy(), &changes, interface).expect("a history");
        let mut told = BTreeSet::new();
        for message in replayed.iter().filter(|message| message.route == "mail") {
            let ids = message
                .taken
                .iter()
                .map(|taken| taken.recorded.change.id.0.as_str());
            let object = serde_json::json!({ "changes": ids.collect::<Vec<_>>() });
            let object = object.as_object().expect("an object");
            let noise = history.noise(object);
            assert!(
                noise.is_empty(),
                "noise is mailed to a watch on {five:?}: {noise:#?}"
            );
            messages += 1;
            undone += u32::from(history.told(object).any(|change| history.is_undone(change)));
            told.extend(history.told(object).flat_map(events));
        }
        let lacking = history.missing(&five.iter().copied().collect(), &told);
        assert!(lacking.is_empty(), "nobody is told of {lacking:#?}");
    }
    let share = f64::from(undone) * 100.0 / f64::from(messages);
    assert!(
        messages > 250 && share <= UNDONE_LIMIT,
        "{share} % of {messages} messages are undone"
    );
}
