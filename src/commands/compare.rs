//! `compare`: one model on every provider.

mod tell;

use serde_json::{Map, Value as Json};

use super::output::{Format, objects};
use super::setup::place;
use super::{Setup, known, say, wrong};
use crate::market::{Place, identify};
use crate::outlook::compared::Compared;
use crate::outlook::objects::compared as in_json;

/// `bellwether compare`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The models: anthropic/claude-sonnet-4.5, or any provider's own spelling of it.
    #[arg(required = true, value_name = "MODEL")]
    models: Vec<String>,
    /// Only in this region (a provider's own name, or eu, us, uk …); offerings whose source names no region are shown all the same.
    #[arg(long, value_parser = place)]
    region: Option<Place>,
    /// Every meter that has a price: batch, cache writes, context bands.
    #[arg(long)]
    meters: bool,
}

/// Runs the command.
pub fn run(setup: &Setup, arguments: &Arguments) -> anyhow::Result<()> {
    let store = setup.open_for_reading()?;
    known::check_region(setup, &store, arguments.region.as_ref())?;
    let now = crate::daemon::clock::now();
    let mut rows: Vec<Map<String, Json>> = Vec::new();
    for (place, text) in arguments.models.iter().enumerate() {
        let Some(model) = identify(None, text).model else {
            return Err(wrong(format!(
                "expected a model such as anthropic/claude-sonnet-4.5, found '{text}', whose maker is not known: \
                 `bellwether model {text}` says why, `bellwether offerings --model {text}` finds native ids"
            )));
        };
        let found = Compared::of(&store, model, arguments.region.as_ref(), now)?;
        if setup.format != Format::Table {
            rows.extend(in_json::all(&found));
            continue;
        }
        if place > 0 {
            say("");
        }
        tell::tell(&found, arguments.meters);
    }
    if setup.format != Format::Table {
        objects(setup.format, &rows);
    }
    Ok(())
}
