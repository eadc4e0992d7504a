//! `cost`: a workload priced on every offering.

mod told;

use rust_decimal::Decimal;
use serde_json::{Map, Value as Json};

use super::output::{Format, objects};
use super::setup::{place, stage};
use super::{Setup, known, wrong};
use crate::daemon::clock;
use crate::landscape::{Bounds, choices};
use crate::market::{Interface, Place, Reach, RegionSet, Stage};
use crate::outlook::costs::{Given, Unclear, denoted, meant, offers, share_from_text};
use crate::outlook::objects::costs as in_json;

/// `bellwether cost`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The workload is one of the configuration's [[workload]] tables, or given by --input and --output; \
                  what is given besides --workload goes before what stands there.\n\n\
                  With --region, traffic must stay there: a deployment that may answer from anywhere is left out, even one \
                  that is called in the region, unless --reach global lets it in. What no source states is never taken to be \
                  within bounds.\n\nExample: bellwether cost claude-sonnet-4.5 --input 6000 --output 800 --cached 0.5 \
                  --requests 200000 --region eu --stage ga"
)]
pub struct Arguments {
    /// The models to choose from: anthropic/claude-sonnet-4.5, or any provider's own spelling; none: the workload's, or all.
    #[arg(value_name = "MODEL")]
    models: Vec<String>,
    /// A workload of the configuration [default: the only one].
    #[arg(long, value_name = "NAME")]
    workload: Option<String>,
    /// Tokens of one request's prompt, cached ones included.
    #[arg(long, value_name = "TOKENS")]
    input: Option<u64>,
    /// Tokens of one answer.
    #[arg(long, value_name = "TOKENS")]
    output: Option<u64>,
    /// Requests a month [default: 1000].
    #[arg(long, value_name = "COUNT")]
    requests: Option<u64>,
    /// The share of the prompt that is read from the cache, from 0 to 1.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    cached: Option<Decimal>,
    /// The share of the prompt that is written to the cache, from 0 to 1.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    cache_writes: Option<Decimal>,
    /// The share of requests that can wait for a day, from 0 to 1.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    batch: Option<Decimal>,
    /// Only at these providers.
    #[arg(long = "provider", value_name = "PROVIDER")]
    providers: Vec<String>,
    #[arg(long = "region", value_name = "REGION", value_parser = place, help = regions())]
    regions: Vec<Place>,
    /// Only where traffic travels so far: in-region, geo, global.
    #[arg(long, value_name = "REACH", value_parser = reach)]
    reach: Vec<Reach>,
    #[arg(long = "stage", value_name = "STAGE", value_parser = stage, help = stages())]
    stages: Vec<Stage>,
    /// Only of this interface: stateless, stateful, platform.
    #[arg(long, value_name = "INTERFACE", value_parser = interface)]
    interface: Option<Interface>,
    /// List what is left out too, with the reason.
    #[arg(long)]
    all: bool,
    /// At most so many lines of a table in each currency, the cheapest.
    #[arg(long, value_name = "COUNT", default_value_t = 25)]
    limit: usize,
}

fn regions() -> String {
    let sets = RegionSet::all().iter().map(|set| set.name.as_str());
    let sets: Vec<&str> = sets.collect();
    format!(
        "Only in these regions: a provider's own name (eu-*, swedencentral), or {}",
        sets.join(", ")
    )
}

fn stages() -> String {
    let words = Stage::ALL.map(Stage::word);
    format!("Only at these stages: {}", words.join(", "))
}

fn share(text: &str) -> Result<Decimal, String> {
    let expected = "expected a share from 0 to 1, such as 0.25";
    share_from_text(text).ok_or_else(|| expected.to_string())
}

fn reach(text: &str) -> Result<Reach, String> {
    Reach::from_word(text).ok_or_else(|| "expected in-region, geo or global".to_string())
}

fn interface(text: &str) -> Result<Interface, String> {
    let expected = "expected stateless, stateful or platform";
    Interface::from_word(text).ok_or_else(|| expected.to_string())
}

/// Runs the command.
pub fn run(setup: &Setup, arguments: &Arguments) -> anyhow::Result<()> {
    let now = clock::now();
    let workload = meant(&setup.settings.workloads, &arguments.given()).map_err(unclear)?;
    let wanted = denoted(&workload.models).map_err(unclear)?;
    let store = setup.open_for_reading()?;
    known::check(setup, &store, &workload.bounds, |key| {
        key_of(&workload.name, arguments, key)
    })?;
    let by_model = offers(&store, &wanted)?;
    let all = by_model
        .iter()
        .flat_map(|(model, offers)| offers.iter().map(move |offer| (model.as_str(), offer)));
    let (choices, rejected) = choices(all, &workload, now);
    if setup.format == Format::Table {
        let models: Vec<(&str, bool)> = by_model
            .iter()
            .map(|(model, offers)| (model.as_str(), offers.is_empty()))
            .collect();
        told::tell(&workload, &models, &choices, &rejected, arguments);
        return Ok(());
    }
    let mut rows: Vec<Map<String, Json>> = choices
        .iter()
        .map(|choice| in_json::object(&workload, choice, now))
        .collect();
    if arguments.all {
        rows.extend(
            rejected
                .iter()
                .map(|one| in_json::left_out(&workload, one, now)),
        );
    }
    objects(setup.format, &rows);
    Ok(())
}

/// Where a bound was given: on the command line, or in the configuration.
fn key_of(workload: &str, arguments: &Arguments, key: &str) -> String {
    match key {
        "providers" if !arguments.providers.is_empty() => "--provider".to_string(),
        "regions" if !arguments.regions.is_empty() => "--region".to_string(),
        _ => format!("workload.{workload}.{key}"),
    }
}

impl Arguments {
    fn given(&self) -> Given {
        Given {
            workload: self.workload.clone(),
            models: self.models.clone(),
            input: self.input,
            output: self.output,
            requests: self.requests,
            cached: self.cached,
            cache_writes: self.cache_writes,
            batch: self.batch,
            bounds: Bounds {
                providers: self.providers.clone(),
                places: self.regions.clone(),
                reach: self.reach.clone(),
                stages: self.stages.clone(),
                interface: self.interface,
            },
        }
    }
}

/// What was not said well, in words that name the options.
fn unclear(unclear: Unclear) -> anyhow::Error {
    match unclear {
        Unclear::Nothing => wrong(
            "expected --input and --output in tokens a request, or a [[workload]] in the configuration; found neither",
        ),
        Unclear::Several(names) => wrong(format!(
            "expected --workload with one of {names}, found none"
        )),
        Unclear::Model(text) => wrong(format!(
            "expected a model such as anthropic/claude-sonnet-4.5, found '{text}', whose maker is not known: \
             `bellwether model {text}` says why"
        )),
        other => wrong(other.to_string()),
    }
}
