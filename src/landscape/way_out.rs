//! What to fall back to when a model ends, gets dearer or does not answer. Pure.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::offer::Offer;
use crate::market::{
    Alternative, Attribute, Certainty, DateKind, LifecycleDate, Price, Purchase, Replacement,
    Stage, Value, identify,
};

/// Whoever ends a model sooner for sure is nothing to move to.
const LASTS: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Who sells a model for good: it is generally available by the token, or listed where no source states a stage of anything that
/// the provider sells by the token, and does not end soon for sure. Providers that are left are no way out. What is generally
/// available first, and of that the cheapest; prices that cannot be compared come last.
pub fn elsewhere(
    offers: &[Offer],
    is_left: impl Fn(&str) -> bool,
    now: Timestamp,
) -> Vec<Alternative> {
    let by_token = || offers.iter().filter(|offer| is_by_token(offer));
    // a name beside what is stated to be sold promises nothing that outlasts it
    let is_stated = |offer: &&Offer| offer.stage_at(now) != Stage::Unknown;
    let stated = by_token().filter(is_stated);
    let stated: BTreeSet<&str> = stated
        .map(|offer| offer.subject.provider.as_str())
        .collect();
    let mut best: BTreeMap<&str, Alternative> = BTreeMap::new();
    for offer in by_token() {
        let provider = offer.subject.provider.as_str();
        let is_sold = match offer.stage_at(now) {
            Stage::Ga => true,
            Stage::Unknown => !offer.listed_by.is_empty() && !stated.contains(provider),
            _ => false,
        };
        if is_left(provider) || !is_sold || ends_soon(offer, now) {
            continue;
        }
        let price = |meter: &str| match &offer.facts.get(&Attribute::price(meter))?.value {
            Value::Price(price) => Some(price.clone()),
            _ => None,
        };
        let found = Alternative {
            provider: provider.to_string(),
            native_id: offer.subject.native_id.to_string(),
            is_ga: offer.stage_at(now) == Stage::Ga,
            input: price("input"),
            output: price("output"),
            ends: end(offer),
            answers: None,
        };
        match best.get_mut(provider) {
            Some(best) if order(&found) < order(best) => *best = found,
            Some(_) => {}
            None => {
                best.insert(provider, found);
            }
        }
    }
    let mut all: Vec<Alternative> = best.into_values().collect();
    all.sort_by(|one, other| order(one).cmp(&order(other)));
    all
}

fn order(one: &Alternative) -> (bool, bool, Decimal, &str, &str) {
    let usd = |price: &Option<Price>| {
        let price = price
            .as_ref()
            .filter(|price| price.is_usd_per_million_tokens());
        price.map(|price| price.amount)
    };
    let sum = usd(&one.input)
        .zip(usd(&one.output))
        .map(|(input, output)| input.saturating_add(output));
    (
        !one.is_ga,
        sum.is_none(),
        sum.unwrap_or_default(),
        &one.provider,
        &one.native_id,
    )
}

fn is_by_token(offer: &Offer) -> bool {
    let bought = offer.subject.deployment.as_deref();
    bought.map_or(Purchase::OnDemand, Purchase::of_term) == Purchase::OnDemand
}

fn ends_soon(offer: &Offer, now: Timestamp) -> bool {
    end(offer).is_some_and(|end| {
        end.certainty == Certainty::Firm && end.starts().duration_since(now) <= LASTS
    })
}

/// When an offering ends, where a source says.
pub fn end(offer: &Offer) -> Option<LifecycleDate> {
    match offer.facts.get(&Attribute::Date(DateKind::Retires))?.value {
        Value::Date(day) => Some(day),
        _ => None,
    }
}

/// What the providers of these offerings say to move to, each name once. `offers` finds the offerings of a model.
///
/// # Errors
/// Those of `offers`.
pub fn replacements<E>(
    of: &[Offer],
    now: Timestamp,
    mut offers: impl FnMut(&str) -> Result<Vec<Offer>, E>,
) -> Result<Vec<Replacement>, E> {
    let mut replacements = Vec::new();
    for (provider, named) in named(of) {
        let model = identify(Some(&provider), &named).model;
        let offered_on = match &model {
            Some(model) => offers(model)?
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
    Ok(replacements)
}

/// Who names what as replacement.
fn named(offers: &[Offer]) -> BTreeSet<(String, String)> {
    let mut named = BTreeSet::new();
    for offer in offers {
        let provider = offer.subject.provider.as_str();
        let names: Vec<&str> = match offer.facts.get(&Attribute::Replacement) {
            Some(fact) => match &fact.value {
                Value::Text(text) => choices(text),
                Value::Set(members) => members.iter().map(|member| &**member).collect(),
                _ => continue,
            },
            None => continue,
        };
        named.extend(
            names
                .into_iter()
                .map(|name| (provider.to_string(), name.to_string())),
        );
    }
    named
}

/// The names in a text that leaves a choice: `gpt-5 or gpt-4.1`, `a, b, or c` (facts: openai.md, the traps of its cells).
fn choices(text: &str) -> Vec<&str> {
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

#[cfg(test)]
mod tests {
    use super::choices;

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
            assert_eq!(choices(text), names, "{text}");
        }
    }
}
