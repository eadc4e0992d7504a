//! The user guide's card of each model, and the table of contents that names them (facts: aws-bedrock.md §6).

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::offered::{MANTLE, ON_DEMAND, Offered, is_at, is_legacy, prefix, regions};
use crate::market::Stage;
use crate::world::moment::{Moment, Offer};
use crate::world::play::priced;
use crate::world::play::written::english;
use crate::world::script::Day;

const YES: &str = "![supported](https://docs.aws.amazon.com/images/icons/icon-yes.png)";
const NO: &str = "![not supported](https://docs.aws.amazon.com/images/icons/icon-no.png)";

/// How a card's address names its model: only letters, digits and hyphens.
pub fn slug(model: &Offer<'_>) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let slug: String = model.id.chars().map(plain).collect();
    slug.to_ascii_lowercase()
}

/// The guide's table of contents.
pub fn contents(offered: &Offered<'_, '_>) -> Json {
    let cards: Vec<Json> = offered
        .models
        .iter()
        .map(|model| {
            let href = format!("model-card-{}.html", slug(model));
            json!({ "title": model.name, "href": href })
        })
        .collect();
    json!({ "contents": [
        { "title": "What is Amazon Bedrock?", "href": "what-is-bedrock.html" },
        { "title": "Models at a glance", "href": "model-cards.html", "contents": cards },
    ] })
}

/// The card with this slug.
pub fn card(moment: &Moment<'_>, offered: &Offered<'_, '_>, wanted: &str) -> Option<String> {
    let model = offered.models.iter().find(|model| slug(model) == wanted)?;
    let profiles = offered.profiles_of(model);
    let mut text = format!(
        "# {}\n<a name=\"model-card-{wanted}\"></a>\n\n## Model Details\n\n{}\n",
        model.name,
        model.model.map_or("", |model| model.about.as_str()),
    );
    details(moment, model, &mut text);
    modalities(model, &mut text);
    prices(model, &profiles, &mut text);
    access(model, &profiles, &mut text);
    places(model, &profiles, &mut text);
    Some(text)
}

fn details(moment: &Moment<'_>, model: &Offer<'_>, text: &mut String) {
    let shown = |day: Day| english(moment.date(day));
    let mut item = |label: &str, said: Option<String>| {
        if let Some(said) = said {
            // Writing into a string cannot fail.
            let _ = writeln!(text, "+ **{label}:** {said}");
        }
    };
    let facts = &model.facts;
    item("Model launch date", facts.launch.map(shown));
    let end = match facts.retires {
        Some(Day::Firm(_)) => facts.retires.map(shown),
        Some(Day::Floor { .. }) => {
            item("EOL no sooner than", facts.retires.map(shown));
            Some("N/A".to_string())
        }
        None => Some("N/A".to_string()),
    };
    item("Model EOL date", end);
    item("Model legacy date", facts.legacy.map(shown));
    item("Model lifecycle", Some(lifecycle(model).to_string()));
    let tokens = |name: &str| model.limit(name).map(|tokens| format!("{tokens} tokens"));
    item("Context window", tokens("context"));
    item("Max output tokens", tokens("output"));
    text.push('\n');
}

fn lifecycle(model: &Offer<'_>) -> &'static str {
    match model.stage() {
        Stage::Preview => "Public preview",
        Stage::Limited => "Limited preview",
        Stage::Retired => "End-of-Life (EOL)",
        _ if is_legacy(model) => "Legacy",
        _ => "Active",
    }
}

fn modalities(model: &Offer<'_>, text: &mut String) {
    let Some(of_model) = model.model else { return };
    let marked = |kinds: &[String]| -> String {
        let kinds = kinds.iter().map(|kind| format!("{YES} {}", capital(kind)));
        kinds.collect::<Vec<_>>().join("<br />")
    };
    let _ = write!(
        text,
        "| **Input modalities** | **Output modalities** |\n| --- | --- |\n| {} | {} |\n\n",
        marked(&of_model.inputs),
        marked(&of_model.outputs)
    );
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// Only of models that stand in no price list.
fn prices(model: &Offer<'_>, profiles: &[&Offer<'_>], text: &mut String) {
    let own = |offer: &Offer<'_>| {
        let place = offer.places.first()?;
        let prices = priced::of_place(offer, place);
        let of = |meter: &str| prices.iter().find(|(own, _)| *own == meter);
        Some((of("input")?.1, of("output")?.1))
    };
    let mut rows = String::new();
    let geo = profiles
        .iter()
        .filter(|profile| prefix(profile) != Some("global"));
    let global = profiles
        .iter()
        .filter(|profile| prefix(profile) == Some("global"));
    let options = std::iter::once(("In-Region".to_string(), Some(model)))
        .filter(|(_, model)| model.is_some_and(|model| !regions(model, Some(ON_DEMAND)).is_empty()))
        .chain(geo.map(|profile| {
            let place = prefix(profile).unwrap_or_default().to_uppercase();
            (format!("{place} Geo CRIS"), Some(*profile))
        }))
        .chain(global.map(|profile| ("Global CRIS".to_string(), Some(*profile))));
    for (option, offer) in options {
        if let Some((input, output)) = offer.and_then(own) {
            let _ = writeln!(rows, "| {option} | ${input:.2} | ${output:.2} |");
        }
    }
    if !rows.is_empty() {
        let _ = write!(
            text,
            "## Pricing\n\nAll prices are in USD per 1 million tokens for the Standard tier.\n\n\
             | **Inference option** | **Input** | **Output** |\n| --- | --- | --- |\n{rows}\n"
        );
    }
}

fn access(model: &Offer<'_>, profiles: &[&Offer<'_>], text: &mut String) {
    text.push_str(
        "## Programmatic Access\n\n| **Endpoint** | **Model ID** | **In-Region endpoint URL** | **Geo inference ID** | \
         **Global inference ID** |\n| --- | --- | --- | --- | --- |\n",
    );
    let ids = |global: bool| {
        let own = profiles
            .iter()
            .filter(|profile| (prefix(profile) == Some("global")) == global);
        let ids: Vec<String> = own.map(|profile| format!("`{}`", profile.id)).collect();
        match ids.is_empty() {
            true => "Not supported".to_string(),
            false => ids.join("<br />"),
        }
    };
    let id = model.id;
    if let Some(region) = regions(model, Some(ON_DEMAND)).first() {
        let _ = writeln!(
            text,
            "| `bedrock-runtime` | `{id}` | `https://bedrock-runtime.{region}.amazonaws.com` | {} | {} |",
            ids(false),
            ids(true)
        );
    } else if !profiles.is_empty() || !regions(model, None).is_empty() {
        let _ = writeln!(
            text,
            "| `bedrock-runtime` | `{id}` | Not supported | {} | {} |",
            ids(false),
            ids(true)
        );
    }
    if let Some(region) = regions(model, Some(MANTLE)).first() {
        let _ = writeln!(
            text,
            "| `bedrock-mantle` | `{id}` | `https://bedrock-mantle.{region}.api.aws/v1` | Not supported | Not supported |"
        );
    }
    text.push('\n');
}

fn places(model: &Offer<'_>, profiles: &[&Offer<'_>], text: &mut String) {
    text.push_str("## Regional availability\n\n");
    let reached = profiles.iter().flat_map(|profile| profile.regions());
    let mut runtime: Vec<&str> = regions(model, Some(ON_DEMAND))
        .into_iter()
        .chain(reached)
        .collect();
    runtime.sort_unstable();
    runtime.dedup();
    let mark = |is: bool| if is { YES } else { NO };
    let head = "| **Region** | **In-Region** | **Geo** | **Global** |\n| --- | --- | --- | --- |\n";
    if !runtime.is_empty() {
        let _ = write!(text, "**`bedrock-runtime` endpoint**\n\n{head}");
        for region in runtime {
            let through = |global: bool| {
                let mut own = profiles
                    .iter()
                    .filter(|profile| (prefix(profile) == Some("global")) == global);
                mark(own.any(|profile| profile.regions().contains(&region)))
            };
            let own = mark(is_at(model, Some(ON_DEMAND), region));
            let _ = writeln!(
                text,
                "| {region} | {own} | {} | {} |",
                through(false),
                through(true)
            );
        }
        text.push('\n');
    }
    let mantle = regions(model, Some(MANTLE));
    if !mantle.is_empty() {
        let _ = write!(text, "**`bedrock-mantle` endpoint**\n\n{head}");
        for region in mantle {
            let _ = writeln!(text, "| {region} | {YES} | {NO} | {NO} |");
        }
    }
}
