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
use crate::landscape::{Denoted, Offer};
use crate::market::{Attribute, DateKind, Place, Stage, Value, identify};
use crate::store::{OfferingFilter, Offerings, Store};
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

/// What a provider says to move to.
struct Replacement {
    /// Who says so.
    provider: String,
    /// In its own words.
    named: String,
    /// Which model that is; `None`: not known.
    model: Option<String>,
    /// The providers that offer that model.
    offered_on: BTreeSet<String>,
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
    let mut replacements = Vec::new();
    let life = || vec![Attribute::Stage, Attribute::Date(DateKind::Retires)];
    for (provider, named) in named_replacements(&offers) {
        let model = identify(Some(&provider), &named).model;
        let offered_on = match &model {
            Some(model) => offered(store, model, region, life())?
                .iter()
                .filter(|offer| !matches!(offer.stage_at(now), Stage::Retired | Stage::Announced))
                .map(|offer| offer.subject.provider.to_string())
                .collect(),
            None => BTreeSet::new(),
        };
        replacements.push(Replacement {
            provider,
            named,
            model,
            offered_on,
        });
    }
    Ok(Compared {
        called: Called::of(store, now)?,
        model,
        now,
        offers,
        replacements,
    })
}

/// The offerings of a model, with what is said of these attributes; none: of all.
fn offered(
    store: &Store,
    model: &str,
    region: Option<&Place>,
    attributes: Vec<Attribute>,
) -> anyhow::Result<Vec<Offer>> {
    let facts = store.offerings(&OfferingFilter {
        model: Some(model.to_string()),
        attributes,
        ..OfferingFilter::default()
    })?;
    let mut offers = Denoted::new(&facts)
        .offers()
        .remove(model)
        .unwrap_or_default();
    if let Some(place) = region {
        offers.retain(|offer| place.admits(&offer.subject.region));
    }
    Ok(offers)
}

/// What providers name as replacement, each name once.
fn named_replacements(offers: &[Offer]) -> BTreeSet<(String, String)> {
    let mut named = BTreeSet::new();
    for offer in offers {
        let provider = offer.subject.provider.as_str();
        match offer
            .facts
            .get(&Attribute::Replacement)
            .map(|fact| &fact.value)
        {
            Some(Value::Text(text)) => {
                let names = alternatives(text).into_iter();
                named.extend(names.map(|name| (provider.to_string(), name.to_string())));
            }
            Some(Value::Set(members)) => named.extend(
                members
                    .iter()
                    .map(|member| (provider.to_string(), member.to_string())),
            ),
            _ => {}
        }
    }
    named
}

/// The names in a text that leaves a choice: `gpt-5 or gpt-4.1`, `a, b, or c` (facts: openai.md, the traps of its cells).
fn alternatives(text: &str) -> Vec<&str> {
    const BETWEEN: [&str; 6] = [" or ", " and ", ", ", "; ", " / ", " | "];
    let mut names = vec![text];
    for separator in BETWEEN {
        let parts = names.iter().flat_map(|name| name.split(separator));
        names = parts.collect();
    }
    let names = names.into_iter();
    let bare = names.map(|name| name.trim_matches([' ', ',']));
    bare.filter(|name| !name.is_empty()).collect()
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

#[cfg(test)]
mod tests {
    use super::alternatives;

    #[test]
    fn a_choice_is_several_names() {
        for (text, names) in [
            ("gpt-5 or gpt-4.1", &["gpt-5", "gpt-4.1"][..]),
            (
                "gpt-image-2, gpt-image-1, or gpt-image-1-mini",
                &["gpt-image-2", "gpt-image-1", "gpt-image-1-mini"],
            ),
            ("Llama-z, Llama-q", &["Llama-z", "Llama-q"]),
            (
                "openai/gpt-oss-120b or qwen/qwen3.6-27b",
                &["openai/gpt-oss-120b", "qwen/qwen3.6-27b"],
            ),
            ("a, or b", &["a", "b"]),
            ("a, b and c", &["a", "b", "c"]),
            ("command-r", &["command-r"]),
            (
                "grok-4.3 with no reasoning",
                &["grok-4.3 with no reasoning"],
            ),
            (" or ", &[]),
        ] {
            assert_eq!(alternatives(text), names, "{text}");
        }
    }
}
