//! What the cost calculator is asked, and the form that asks.

use std::str::FromStr;

use rust_decimal::Decimal;
use serde::Serialize;

use super::LINES;
use crate::landscape::{Bounds, MOST, Workload};
use crate::market::{Interface, Place, Reach, RegionSet, Stage};
use crate::outlook::costs::{Given, share_from_text};
use crate::outlook::known::Known;
use crate::web::pages::landscape::filter::INTERFACES;
use crate::web::refusal::Refusal;
use crate::web::route::Asked;
use crate::web::shared::ticked;
use crate::web::shown::{Choice, choices, one_of};

/// How far traffic may travel.
const REACHES: [Reach; 3] = [Reach::InRegion, Reach::Geo, Reach::Global];

/// The form, filled in as it was.
#[derive(Serialize)]
pub(super) struct Form {
    workloads: Vec<Choice>,
    models: String,
    input: String,
    output: String,
    requests: String,
    cached: String,
    cache_writes: String,
    batch: String,
    region: String,
    places: Vec<&'static str>,
    providers: Vec<Choice>,
    reaches: Vec<Choice>,
    stages: Vec<Choice>,
    interfaces: Vec<Choice>,
    all: bool,
    has_bounds: bool,
}

/// What is given over a declared workload, or alone.
pub(super) fn given(asked: &Asked<'_>, declared: &[Workload]) -> Result<Given, Refusal> {
    let query = &asked.query;
    let names = declared.iter().map(|one| one.name.as_str());
    let count = |key, expected: &str| {
        query.parsed(key, expected, |text| {
            let text = text.replace([',', '_', ' '], "");
            u64::from_str(&text).ok().filter(|count| *count <= MOST)
        })
    };
    let share = |key| query.parsed(key, "a share from 0 to 1, such as 0.25", share_from_text);
    let models = query
        .all("model")
        .into_iter()
        .flat_map(|models| models.split(','));
    let models = models.map(str::trim).filter(|model| !model.is_empty());
    let regions = query
        .all("region")
        .into_iter()
        .flat_map(|places| places.split(','));
    let bounds = Bounds {
        providers: query
            .all("provider")
            .into_iter()
            .map(str::to_string)
            .collect(),
        places: regions.filter_map(Place::from_word).collect(),
        reach: words(asked, "reach", REACHES.map(Reach::word), Reach::from_word)?,
        stages: words(
            asked,
            "stage",
            Stage::ALL.map(Stage::word),
            Stage::from_word,
        )?,
        interface: one_of(query, "interface", INTERFACES.map(Interface::word))?
            .and_then(Interface::from_word),
    };
    let known = Known::of_history(asked.store)?;
    let means = &asked.site.means;
    let known = known.with_declared(&means.probes, &means.endpoints);
    let key = |key: &str| key.trim_end_matches('s').to_string();
    let problems = known.problems(&bounds, key);
    if !problems.is_empty() {
        return Err(Refusal::Wrong(problems.join("; ")));
    }
    Ok(Given {
        workload: one_of(query, "workload", names)?.map(str::to_string),
        models: models.map(str::to_string).collect(),
        input: count("input", "tokens of one request")?,
        output: count("output", "tokens of one answer")?,
        requests: count("requests", "requests a month")?,
        cached: share("cached")?,
        cache_writes: share("cache_writes")?,
        batch: share("batch")?,
        bounds,
    })
}

/// Every value of a key, each one of a few words.
fn words<T>(
    asked: &Asked<'_>,
    key: &'static str,
    known: impl IntoIterator<Item = &'static str>,
    from_word: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, Refusal> {
    let known: Vec<&str> = known.into_iter().collect();
    let wrong = |found: &str| {
        let (known, found) = (known.join(", "), crate::render::one_line(found, 80));
        Refusal::Wrong(format!("{key}: expected one of {known}, found '{found}'"))
    };
    let all = asked.query.all(key).into_iter();
    all.map(|word| from_word(word).ok_or_else(|| wrong(word)))
        .collect()
}

/// Lines that are shown in each currency.
pub(super) fn limit(asked: &Asked<'_>) -> Result<usize, Refusal> {
    let expected = "a number of lines from 1 to 1000";
    let limit = asked.query.parsed("limit", expected, |text| {
        text.parse()
            .ok()
            .filter(|limit| (1..=1_000).contains(limit))
    })?;
    Ok(limit.unwrap_or(LINES))
}

/// The form, filled in as it was.
pub(super) fn form(
    asked: &Asked<'_>,
    declared: &[Workload],
    given: &Given,
    all: bool,
) -> Result<Form, Refusal> {
    let whole = asked.site.landscape(asked.store, asked.now)?;
    let bounds = &given.bounds;
    let count = |count: Option<u64>| count.map_or(String::new(), |count| count.to_string());
    let share = |share: Option<Decimal>| share.map_or(String::new(), |share| share.to_string());
    let places = bounds.places.iter().map(Place::to_string);
    let is_one = |all: &[String], name: &str| all.iter().any(|one| one == name);
    Ok(Form {
        workloads: choices(
            declared.iter().map(|one| one.name.as_str()),
            given.workload.as_deref(),
        ),
        models: given.models.join(", "),
        input: count(given.input),
        output: count(given.output),
        requests: count(given.requests),
        cached: share(given.cached),
        cache_writes: share(given.cache_writes),
        batch: share(given.batch),
        region: Vec::from_iter(places).join(", "),
        places: RegionSet::all()
            .iter()
            .map(|set| set.name.as_str())
            .collect(),
        providers: ticked(whole.spoken_of.iter().map(String::as_str), |name| {
            is_one(&bounds.providers, name)
        }),
        reaches: ticked(REACHES.map(Reach::word), |word| {
            bounds.reach.iter().any(|one| one.word() == word)
        }),
        stages: ticked(Stage::ALL.map(Stage::word), |word| {
            bounds.stages.iter().any(|one| one.word() == word)
        }),
        interfaces: choices(
            INTERFACES.map(Interface::word),
            bounds.interface.map(Interface::word),
        ),
        all,
        has_bounds: *bounds != Bounds::default(),
    })
}
