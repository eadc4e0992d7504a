//! Those who tell of others: models.dev, LiteLLM, genai-prices, deprecations.info, modeldeprecations.dev; and OpenRouter, which
//! resells. They speak of the labs' own APIs, a day late. Shapes: facts of autumn 2026.

mod openrouter;

pub use openrouter::resold_as;

use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};

use super::super::moment::Offer;
use super::super::script::Day;
use super::super::{Asked, Channel, JSON, Moment, Request, TEXT, Topic};
use super::{Found, Play, Resource, written};
use crate::market::Stage;

/// Who plays the registries and OpenRouter.
pub const PLAY: Play = Play {
    hosts,
    find,
    credentials: &[("OPENROUTER_API_KEY", KEY)],
};

const KEY: &str = "sk-or-simulated";

/// What each registry calls a provider of the script; empty where it does not know it.
struct Names {
    provider: &'static str,
    models_dev: &'static str,
    litellm: &'static str,
    prefix: &'static str,
    genai: &'static str,
    deprecations: &'static str,
    modeldeprecations: &'static str,
    openrouter: &'static str,
}

const NAMES: [Names; 8] = [
    Names {
        provider: "openai",
        models_dev: "openai",
        litellm: "openai",
        prefix: "",
        genai: "openai",
        deprecations: "OpenAI",
        modeldeprecations: "openai",
        openrouter: "openai",
    },
    Names {
        provider: "anthropic",
        models_dev: "anthropic",
        litellm: "anthropic",
        prefix: "",
        genai: "anthropic",
        deprecations: "Anthropic",
        modeldeprecations: "anthropic",
        openrouter: "anthropic",
    },
    Names {
        provider: "gemini",
        models_dev: "google",
        litellm: "gemini",
        prefix: "gemini/",
        genai: "google",
        deprecations: "Google",
        modeldeprecations: "google",
        openrouter: "google",
    },
    Names {
        provider: "mistral",
        models_dev: "mistral",
        litellm: "mistral",
        prefix: "mistral/",
        genai: "mistral",
        deprecations: "Mistral",
        modeldeprecations: "mistral",
        openrouter: "mistralai",
    },
    Names {
        provider: "cohere",
        models_dev: "cohere",
        litellm: "cohere_chat",
        prefix: "",
        genai: "cohere",
        deprecations: "Cohere",
        modeldeprecations: "cohere",
        openrouter: "cohere",
    },
    Names {
        provider: "xai",
        models_dev: "xai",
        litellm: "xai",
        prefix: "xai/",
        genai: "x-ai",
        deprecations: "xAI",
        modeldeprecations: "xai",
        openrouter: "x-ai",
    },
    Names {
        provider: "deepseek",
        models_dev: "deepseek",
        litellm: "deepseek",
        prefix: "deepseek/",
        genai: "deepseek",
        deprecations: "DeepSeek",
        modeldeprecations: "deepseek",
        openrouter: "deepseek",
    },
    Names {
        provider: "groq",
        models_dev: "groq",
        litellm: "groq",
        prefix: "groq/",
        genai: "groq",
        deprecations: "Groq",
        modeldeprecations: "",
        openrouter: "",
    },
];

fn hosts() -> Vec<String> {
    let hosts = [
        "models.dev",
        "raw.githubusercontent.com",
        "deprecations.info",
        "modeldeprecations.dev",
        "openrouter.ai",
    ];
    hosts.map(str::to_string).into()
}

fn find(asked: &Asked, request: &Request) -> Found {
    let (probe, media, make): (_, _, fn(&Moment<'_>) -> Json) =
        match (asked.host.as_str(), asked.path.as_str()) {
            ("models.dev", "/api.json") => ("models-dev.catalogue", JSON, models_dev),
            (
                "raw.githubusercontent.com",
                "/BerriAI/litellm/main/model_prices_and_context_window.json",
            ) => ("litellm.prices", TEXT, litellm),
            (
                "raw.githubusercontent.com",
                "/pydantic/genai-prices/main/prices/new_data/v2/data.json",
            ) => ("genai-prices.prices", TEXT, genai),
            ("deprecations.info", "/v1/deprecations.json") => {
                ("deprecations-info.deprecations", JSON, deprecations)
            }
            ("modeldeprecations.dev", "/api/v1/models.json") => {
                ("modeldeprecations-dev.models", JSON, modeldeprecations)
            }
            ("openrouter.ai", "/api/v1/models") => ("openrouter.models", JSON, openrouter::models),
            ("openrouter.ai", path) => return openrouter::routes(asked, request, path),
            _ => return Found::Nothing,
        };
    Resource::new(
        probe,
        asked,
        media,
        vec![Topic::All(Channel::Registry)],
        move |moment| written::json(moment, &make(moment)),
    )
    .into()
}

/// What is told of one provider: what it sells, or all that it ever sold.
fn told<'w>(moment: &Moment<'w>, names: &Names, with_retired: bool) -> Vec<Offer<'w>> {
    let mut offers = moment.offers(names.provider, Channel::Registry);
    offers.retain(|offer| with_retired || offer.stage() != Stage::Retired);
    offers
}

fn number(price: &str) -> Json {
    price
        .parse::<f64>()
        .map_or(Json::Null, |price| json!(price))
}

fn models_dev(moment: &Moment<'_>) -> Json {
    let mut providers = Map::new();
    let silent = [
        "amazon-bedrock",
        "azure",
        "azure-cognitive-services",
        "google-vertex",
        "google-vertex-anthropic",
        "llama",
        "openrouter",
    ];
    for id in silent {
        providers.insert(id.to_string(), json!({"id": id, "name": id, "models": {}}));
    }
    for names in &NAMES {
        let mut models = Map::new();
        for offer in told(moment, names, false) {
            models.insert(offer.id.to_string(), entry(&offer, moment));
        }
        let id = names.models_dev;
        providers.insert(
            id.to_string(),
            json!({"id": id, "name": id, "env": [], "models": models}),
        );
    }
    providers.into()
}

fn entry(offer: &Offer<'_>, moment: &Moment<'_>) -> Json {
    let model = offer.model.cloned().unwrap_or_default();
    let mut entry = json!({
        "id": offer.id, "name": offer.name, "family": model.family, "attachment": model.inputs.len() > 1, "reasoning": model.thinks,
        "tool_call": true, "modalities": {"input": model.inputs, "output": model.outputs}, "open_weights": model.family == "gpt-oss",
        "limit": {"context": offer.limit("context"), "output": offer.limit("output").or(Some(0))},
    });
    if let Some(day) = offer.facts.launch {
        entry["release_date"] = moment.date(day).to_string().into();
    }
    if let (Some(input), Some(output)) = (offer.price("input"), offer.price("output")) {
        let mut cost = json!({"input": number(input), "output": number(output)});
        if let Some(read) = offer.price("cache_read") {
            cost["cache_read"] = number(read);
        }
        entry["cost"] = cost;
    }
    entry
}

fn litellm(moment: &Moment<'_>) -> Json {
    let mut all = Map::new();
    all.insert(
        "sample_spec".to_string(),
        json!({"litellm_provider": "one of many", "mode": "one of many"}),
    );
    let fields = [
        ("input", "input_cost_per_token"),
        ("output", "output_cost_per_token"),
        ("cache_read", "cache_read_input_token_cost"),
    ];
    let firm = ["openai", "mistral", "cohere", "groq"];
    for names in &NAMES {
        for offer in told(moment, names, true) {
            let mut entry = json!({"litellm_provider": names.litellm, "mode": "chat"});
            for (limit, field) in [
                ("context", "max_input_tokens"),
                ("output", "max_output_tokens"),
            ] {
                if let Some(limit) = offer.limit(limit) {
                    entry[field] = limit.into();
                }
            }
            for (meter, field) in fields {
                let price = offer
                    .price(meter)
                    .and_then(|price| price.parse::<Decimal>().ok());
                if let Some(price) = price.filter(|_| offer.stage() != Stage::Retired) {
                    entry[field] = number(&(price / Decimal::from(1_000_000)).to_string());
                }
            }
            if let (Some(day @ Day::Firm(_)), true) =
                (offer.facts.retires, firm.contains(&names.provider))
            {
                entry["deprecation_date"] = moment.date(day).to_string().into();
            }
            all.insert(format!("{}{}", names.prefix, offer.id), entry);
        }
    }
    all.into()
}

fn genai(moment: &Moment<'_>) -> Json {
    let providers = NAMES.iter().map(|names| {
        let mut models: Vec<Json> = Vec::new();
        for offer in told(moment, names, false) {
            let (Some(input), Some(output)) = (offer.price("input"), offer.price("output")) else {
                continue;
            };
            let mut prices = json!({"input_mtok": number(input), "output_mtok": number(output)});
            if let Some(read) = offer.price("cache_read") {
                prices["cache_read_mtok"] = number(read);
            }
            models.push(json!({
                "id": offer.id, "name": offer.name, "match": {"equals": offer.id}, "context_window": offer.limit("context"), "prices": prices,
            }));
        }
        json!({"id": names.genai, "name": names.deprecations, "api_pattern": "simulated", "models": models})
    });
    providers.collect()
}

/// One row a model whose end is announced.
fn deprecations(moment: &Moment<'_>) -> Json {
    let mut rows: Vec<Json> = Vec::new();
    for names in &NAMES {
        for offer in told(moment, names, true) {
            let (Some(since), Some(ends @ Day::Firm(_))) =
                (offer.facts.deprecated, offer.facts.retires)
            else {
                continue;
            };
            rows.push(json!({
                "provider": names.deprecations, "model_id": offer.id, "announcement_date": moment.date(since).to_string(), "deprecation_date": "",
                "shutdown_date": moment.date(ends).to_string(), "replacement_models": offer.facts.replacement.iter().collect::<Vec<_>>(),
                "deprecation_context": "", "url": "https://deprecations.info", "content_hash": "simulated",
            }));
        }
    }
    moment.shuffle(&mut rows);
    rows.into()
}

fn modeldeprecations(moment: &Moment<'_>) -> Json {
    let mut rows: Vec<Json> = Vec::new();
    for names in NAMES
        .iter()
        .filter(|names| !names.modeldeprecations.is_empty())
    {
        for offer in told(moment, names, false) {
            if offer.stage() == Stage::Preview {
                continue;
            }
            let date = |day: Option<Day>| day.map(|day| moment.date(day).to_string());
            let is_ending = offer.facts.deprecated.is_some()
                && matches!(offer.facts.retires, Some(Day::Firm(_)));
            let status = match is_ending {
                true => "deprecated",
                false => "active",
            };
            let mut row = json!({
                "provider": names.modeldeprecations, "model": offer.id, "name": offer.name, "aliases": [], "released_on": date(offer.facts.launch),
                "deprecated_on": date(offer.facts.deprecated), "status": status, "sources": [],
                "replacements": offer.facts.replacement.iter().map(|id| json!({"provider": names.modeldeprecations, "model": id, "recommended": true})).collect::<Vec<_>>(),
            });
            // of Google all days are the earliest possible ones
            let is_firm =
                matches!(offer.facts.retires, Some(Day::Firm(_))) && names.provider != "gemini";
            let field = match is_firm {
                true => "shutdown_on",
                false => "earliest_shutdown_on",
            };
            let is_said = names.provider != "gemini" || is_ending;
            if let Some(day) = date(offer.facts.retires).filter(|_| is_said) {
                row[field] = day.into();
            }
            rows.push(row);
        }
    }
    moment.shuffle(&mut rows);
    json!({"count": rows.len(), "models": rows})
}
