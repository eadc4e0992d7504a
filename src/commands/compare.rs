//! `compare`: one model on every provider.

mod called;
mod object;
mod tell;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use super::output::{Format, objects};
use super::setup::place;
use super::{Setup, known, say, wrong};
use crate::landscape::{Offer, replacements};
use crate::market::{Attribute, DateKind, Place, Replacement, Stage, Value, identify};
use crate::outlook::ways_out;
use crate::store::Store;
use called::Called;

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

/// One model, its offerings, and what to fall back to.
struct Compared {
    model: String,
    now: Timestamp,
    offers: Vec<Offer>,
    called: Called,
    replacements: Vec<Replacement>,
}

/// A yes or no that sources say of a capability.
fn flag(offer: &Offer, capability: &str) -> Option<bool> {
    match &capability_of(offer, capability)? {
        Value::Flag(flag) => Some(*flag),
        Value::Text(text) if &**text == "yes" => Some(true),
        Value::Text(text) if &**text == "no" => Some(false),
        _ => None,
    }
}

fn capability_of<'a>(offer: &'a Offer, capability: &str) -> Option<&'a Value> {
    let attribute = Attribute::Capability(capability.into());
    offer.facts.get(&attribute).map(|fact| &fact.value)
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
        let found = compared(&store, model, arguments.region.as_ref(), now)?;
        if setup.format != Format::Table {
            rows.extend(object::all(&found));
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

fn compared(
    store: &Store,
    model: String,
    region: Option<&Place>,
    now: Timestamp,
) -> anyhow::Result<Compared> {
    let offers = offered(store, &model, region, Vec::new())?;
    let life = || vec![Attribute::Stage, Attribute::Date(DateKind::Retires)];
    let replacements = replacements(&offers, now, |model| offered(store, model, region, life()))?;
    Ok(Compared {
        called: Called::of(store, now)?,
        model,
        now,
        offers,
        replacements,
    })
}

/// The offerings of a model in a place, with what is said of these attributes; none: of all.
fn offered(
    store: &Store,
    model: &str,
    region: Option<&Place>,
    attributes: Vec<Attribute>,
) -> anyhow::Result<Vec<Offer>> {
    let mut offers = ways_out::offers(store, model, attributes)?;
    if let Some(place) = region {
        offers.retain(|offer| place.admits(&offer.subject.region));
    }
    Ok(offers)
}

impl Compared {
    /// The providers on which it is generally available, and its end is not over.
    fn open_on(&self) -> BTreeSet<&str> {
        let open = self
            .offers
            .iter()
            .filter(|offer| offer.stage_at(self.now) == Stage::Ga);
        open.map(|offer| offer.subject.provider.as_str()).collect()
    }
}
