//! `[[workload]]`: what a user runs or means to run, priced on every offering by `bellwether cost`.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::tree::Table;
use crate::landscape::{Bounds, MOST, Workload};
use crate::market::{Interface, Place, Reach, RegionSet, Stage};

pub(super) const REACHES: &str = "in-region, geo or global";
pub(super) const INTERFACES: &str = "stateless, stateful or platform";

/// Every declared workload.
pub fn workloads(root: &Table<'_>) -> Vec<Workload> {
    let mut names = BTreeSet::new();
    let mut workloads = Vec::new();
    for table in root.tables("workload") {
        let workload = workload(&table);
        table.finish();
        let Some(workload) = workload else { continue };
        if names.insert(workload.name.clone()) {
            workloads.push(workload);
        } else {
            table.problem(
                "name",
                "a name of its own",
                format!("'{}' again", workload.name),
            );
        }
    }
    workloads
}

fn workload(table: &Table<'_>) -> Option<Workload> {
    let most = i64::try_from(MOST).unwrap_or(i64::MAX);
    let count = |key, least: i64| {
        if !table.has(key) {
            table.problem(key, format!("a whole number from {least}"), "nothing");
        }
        let count = table.integer(key, least..most + 1);
        count.and_then(|count| u64::try_from(count).ok())
    };
    let share = |key| table.exact_share(key).unwrap_or(Decimal::ZERO);
    let name = table.required_text("name", "a name, such as \"support-chat\"");
    let (requests, input, output) = (count("requests", 1), count("input", 0), count("output", 0));
    let workload = Workload {
        cached: share("cached"),
        cache_writes: share("cache_writes"),
        batch: share("batch"),
        models: models(table),
        bounds: bounds(table),
        name: name?,
        requests: requests?,
        input: input?,
        output: output?,
    };
    if let Some(problem) = workload.problem() {
        table.problem(problem.key, problem.expected, problem.found);
        return None;
    }
    Some(workload)
}

/// Models by their names: a workload is priced on each of them, and none is left out for a pattern that means nothing.
fn models(table: &Table<'_>) -> Vec<String> {
    let models = table.texts("models");
    if let Some(pattern) = models.iter().find(|model| model.contains(['*', '?'])) {
        table.problem(
            "models",
            "whole names of models, such as \"anthropic/claude-sonnet-4.5\"",
            format!("the pattern '{pattern}'"),
        );
    }
    models
}

/// `regions`: sets of them, or providers' own names.
pub(super) fn places(table: &Table<'_>) -> Vec<Place> {
    let sets: Vec<&str> = RegionSet::all()
        .iter()
        .map(|set| set.name.as_str())
        .collect();
    let places = format!("a provider's region or one of {}", sets.join(", "));
    words(table, "regions", &places, Place::from_word)
}

fn bounds(table: &Table<'_>) -> Bounds {
    let stages = format!("one of {}", Stage::ALL.map(Stage::word).join(", "));
    Bounds {
        providers: table.texts("providers"),
        places: places(table),
        reach: words(table, "reach", REACHES, Reach::from_word),
        stages: words(table, "stages", &stages, Stage::from_word),
        interface: table.word("interface", INTERFACES, Interface::from_word),
    }
}

/// Words of a closed set. What is none is reported.
pub(super) fn words<T>(
    table: &Table<'_>,
    key: &'static str,
    expected: &str,
    from_word: impl Fn(&str) -> Option<T>,
) -> Vec<T> {
    let read = |word: &String| {
        let value = from_word(word);
        if value.is_none() {
            table.problem(key, expected, format!("'{word}'"));
        }
        value
    };
    table.texts(key).iter().filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Outside, Settings};

    fn read(text: &str) -> Result<Settings, String> {
        let outside = Outside {
            variable: &|_| None,
            file: &|_| Err("none".into()),
        };
        Settings::from_text("b.toml", text, &outside).map_err(|problems| problems.to_string())
    }

    #[test]
    fn a_workload_is_read_with_its_bounds() {
        let settings = read(
            "[[workload]]\nname = \"chat\"\nrequests = 200_000\ninput = 6000\noutput = 800\ncached = 0.5\nbatch = 0.25\n\
             models = \"anthropic/claude-sonnet-4.5\"\nregions = [\"eu\", \"uksouth\"]\nreach = [\"in-region\", \"geo\"]\nstages = \"ga\"\n",
        )
        .expect("a sound file");
        let workload = settings.workloads.first().expect("one");
        assert_eq!(workload.cached.to_string(), "0.5");
        assert_eq!(workload.bounds.places.len(), 2);
        assert_eq!(workload.bounds.reach.len(), 2);
        assert_eq!(workload.models, ["anthropic/claude-sonnet-4.5"]);
    }

    #[test]
    fn every_mistake_is_told_with_its_line() {
        let problems = read(
            "[[workload]]\nname = \"a\"\nrequests = 1\ninput = 0\noutput = 0\n\
             [[workload]]\nname = \"b\"\nrequests = 1\ninput = 5\ncached = 0.7\ncache_writes = 1.5\noutput = 1\n\
             [[workload]]\nname = \"c\"\nrequests = 0\ninput = 5\noutput = 1\nreach = \"far\"\nregions = \" \"\nstages = \"gone\"\nspeed = 1\n\
             [[workload]]\nrequests = 1\ninput = 5\n\
             [[workload]]\nname = \"d\"\nrequests = 1\ninput = 5\noutput = 1\ncached = 0.7\ncache_writes = 0.4\n\
             [[workload]]\nname = \"e\"\nrequests = 1\ninput = 5\noutput = 1\n\
             [[workload]]\nname = \"e\"\nrequests = 1\ninput = 5\noutput = 1\n",
        )
        .expect_err("mistakes");
        insta::assert_snapshot!(problems, @r#"
        b.toml:4: workload.a.input: expected tokens of input or output, found none
        b.toml:11: workload.b.cache_writes: expected a share from 0.0 to 1.0, found 1.5
        b.toml:15: workload.c.requests: expected a whole number from 1 to 1000000000000, found 0
        b.toml:18: workload.c.reach: expected in-region, geo or global, found 'far'
        b.toml:19: workload.c.regions: expected a provider's region or one of eu, us, uk, switzerland, canada, japan, australia, india, found ' '
        b.toml:20: workload.c.stages: expected one of announced, preview, limited, ga, legacy, deprecated, retired, unknown, found 'gone'
        b.toml:21: workload.c.speed: expected one of batch, cache_writes, cached, input, interface, models, name, output, providers, reach, regions, requests, stages, found the unknown key 'speed'
        b.toml:22: workload[3].name: expected a name, such as "support-chat", found nothing
        b.toml:22: workload[3].output: expected a whole number from 0, found nothing
        b.toml:31: workload.d.cache_writes: expected a share that is at most 1.0 together with cached, found 0.4 beside 0.7
        b.toml:38: workload.e.name: expected a name of its own, found 'e' again
        "#);
    }
}
