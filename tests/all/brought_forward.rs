//! Retirements that Azure brought forward, against a list that is made of the bodies by hand.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde_json::Value as Json;

use crate::replayed::{Object, messages, text, texts, watching};
use crate::shared;
use crate::world::World;

/// A retirement that was brought forward: when it was seen, of which version in which deployment, from when to when.
type Forward = (String, String, String, Date, Date);

/// The first ten characters of a date, but for the end of days that Azure states where there is none.
fn day(date: Option<&Json>) -> Option<Date> {
    let day: Date = date?.as_str()?.get(..10)?.parse().expect("a day");
    (day.year() < 2099).then_some(day)
}

/// The dates that moved earlier from one body to the next, row by row: of a deployment its own, else that of inference. What two
/// rows of one deployment state otherwise is told apart by what they bill as.
fn brought_forward(bodies: &[(String, Json)]) -> BTreeSet<Forward> {
    let mut known: BTreeMap<(String, String, String), Date> = BTreeMap::new();
    let mut found = BTreeSet::new();
    for (at, body) in bodies {
        for row in body.as_array().expect("rows") {
            let model = &row["model"];
            let id = format!(
                "{}@{}",
                model["name"].as_str().expect("a name"),
                model["version"].as_str().expect("one")
            );
            for sku in model["skus"].as_array().into_iter().flatten() {
                let term = sku["name"].as_str().expect("a deployment").to_string();
                let bills_as = sku["usageName"].as_str().unwrap_or_default().to_string();
                let own = sku.get("deprecationDate").filter(|date| !date.is_null());
                let Some(new) = day(own.or_else(|| model["deprecation"].get("inference"))) else {
                    continue;
                };
                let key = (id.clone(), term.clone(), bills_as);
                if let Some(old) = known.insert(key, new).filter(|old| *old > new) {
                    found.insert((at.clone(), id.clone(), term, old, new));
                }
            }
        }
    }
    found
}

/// What critical messages tell of retirements that were brought forward, how often.
fn told_forward(world: &World) -> BTreeMap<Forward, u32> {
    let changes = world.changes(false).into_iter();
    let changes: BTreeMap<String, Object> = changes
        .map(|change| (text(&change, "id").to_string(), change))
        .collect();
    let mut told = BTreeMap::new();
    for message in messages(world) {
        let ids: Vec<&str> = texts(&message, "changes").collect();
        for change in ids.iter().map(|id| &changes[*id]) {
            let is_end = text(change, "attribute") == "date.retires";
            if !is_end || text(change, "direction") != "earlier" {
                continue;
            }
            assert_eq!(text(&message, "severity"), "critical");
            let date = |key: &str| -> Date {
                let date = change[key].get("date").and_then(Json::as_str);
                date.expect("two dates").parse().expect("a day")
            };
            let (old, new) = (date("old"), date("new"));
            let days = (old - new).get_days();
            let unit = if days == 1 { "day" } else { "days" };
            let said = format!("date.retires: {old} → {new} ({days} {unit} earlier)");
            assert!(
                text(&message, "text").contains(&said),
                "{said}: {message:#?}"
            );
            let at = text(change, "seen_at").to_string();
            let of = (
                at,
                text(change, "native_id").to_string(),
                text(change, "deployment").to_string(),
                old,
                new,
            );
            *told.entry(of).or_default() += 1;
        }
    }
    told
}

#[test]
fn every_retirement_that_azure_brought_forward_is_an_emergency_and_nothing_else_is_one_of_that_kind()
 {
    let Some(folder) = shared::folder("corpus/seq/azure-models-list/eastus2") else {
        return;
    };
    let mut bodies: Vec<(String, Json)> = std::fs::read_dir(&folder)
        .expect("bodies")
        .map(|file| {
            let path = file.expect("a file").path();
            let name = path
                .file_stem()
                .and_then(|name| name.to_str())
                .expect("a name");
            let body = std::fs::read(&path).expect("a body");
            (
                name.to_string(),
                serde_json::from_slice(&body).expect("JSON"),
            )
        })
        .collect();
    bodies.sort_by(|one, other| one.0.cmp(&other.0));
    let time = |name: &str| {
        let (day, time) = name.split_once('T').expect("a time");
        format!("{day}T{}", time.replace('-', ":"))
    };
    let timed: Vec<(String, Json)> = bodies
        .iter()
        .map(|(name, body)| (time(name), body.clone()))
        .collect();
    let expected = brought_forward(&timed);
    // an answer that is empty for once, and every row twice, are no news
    let mut noisy = bodies.clone();
    for (place, (name, body)) in bodies.iter().enumerate() {
        let rows = body.as_array().expect("rows");
        let later = |hour: &str| format!("{}T{hour}-00-00Z", &name[..10]);
        if place % 3 == 1 {
            noisy.push((later("20"), Json::Array(Vec::new())));
        }
        if place % 2 == 1 {
            noisy.push((
                later("21"),
                Json::Array([rows.as_slice(), rows.as_slice()].concat()),
            ));
        }
    }
    for bodies in [bodies, noisy] {
        let world = World::new(&watching(&["*"]));
        let mut import = vec![
            "import".to_string(),
            "--probe".to_string(),
            "azure.models@eastus2".to_string(),
        ];
        for (name, body) in &bodies {
            let path = world.write(&format!("bodies/{name}.json"), &body.to_string());
            import.push(path.display().to_string());
        }
        let import: Vec<&str> = import.iter().map(String::as_str).collect();
        world.good(&import);
        let told = told_forward(&world);
        let once: BTreeSet<Forward> = told.keys().cloned().collect();
        assert_eq!(once, expected);
        assert!(
            told.values().all(|times| *times == 1),
            "told more than once: {told:#?}"
        );
    }
    let far: Vec<i32> = expected
        .iter()
        .map(|(_, _, _, old, new)| (*old - *new).get_days())
        .collect();
    assert_eq!((far.len(), far.iter().max()), (12, Some(&258)));
}
