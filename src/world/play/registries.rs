//! Those who tell of others: models.dev, LiteLLM, genai-prices, deprecations.info, modeldeprecations.dev; and OpenRouter, which
//! resells. They speak of the labs' own APIs, a day late. Shapes: facts of autumn 2026.

use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};

use super::super::moment::Offer;
use super::super::script::Day;
use super::super::{Answer, Asked, Channel, JSON, Moment, Request, TEXT, Topic};
use super::{Found, Play, Resource, written};
use crate::market::{Stage, day_start};

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
            ("openrouter.ai", "/api/v1/models") => ("openrouter.models", JSON, openrouter),
            ("openrouter.ai", path) => return routes(asked, request, path),
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

/// OpenRouter's id of what a lab sells itself; `None` where it does not resell it.
pub fn resold_as(provider: &str, id: &str) -> Option<String> {
    let names = NAMES
        .iter()
        .find(|names| names.provider == provider && !names.openrouter.is_empty())?;
    let is_number = |part: &str, most: usize| {
        part.len() <= most && !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let mut parts: Vec<&str> = id.split('-').collect();
    if provider == "anthropic" {
        parts.retain(|part| !(part.len() == 8 && is_number(part, 8)));
        if let [rest @ .., major, minor] = parts.as_slice()
            && is_number(major, 2)
            && is_number(minor, 2)
        {
            return Some(format!(
                "{}/{}-{major}.{minor}",
                names.openrouter,
                rest.join("-")
            ));
        }
    }
    Some(format!("{}/{}", names.openrouter, parts.join("-")))
}

fn resold(offer: &Offer<'_>, moment: &Moment<'_>) -> Option<Json> {
    let id = resold_as(offer.provider, offer.id)?;
    let model = offer.model?;
    let per_token = |meter: &str| {
        let price: Decimal = offer.price(meter)?.parse().ok()?;
        Some((price / Decimal::from(1_000_000)).normalize().to_string())
    };
    let mut pricing = json!({"prompt": per_token("input")?, "completion": per_token("output")?, "request": "0", "image": "0"});
    if let Some(read) = per_token("cache_read") {
        pricing["input_cache_read"] = read.into();
    }
    let created = offer
        .facts
        .launch
        .map_or(0, |day| day_start(moment.date(day)).as_second());
    let parameters = match model.thinks {
        true => vec!["tools", "reasoning"],
        false => vec!["tools"],
    };
    Some(json!({
        "id": id, "canonical_slug": id, "name": format!("{}: {}", model.lab, offer.name), "created": created, "description": model.about,
        "context_length": offer.limit("context"),
        "architecture": {"modality": "text->text", "input_modalities": model.inputs, "output_modalities": model.outputs, "tokenizer": "Other", "instruct_type": null},
        "pricing": pricing, "top_provider": {"context_length": offer.limit("context"), "max_completion_tokens": offer.limit("output"), "is_moderated": false},
        "supported_parameters": parameters, "expiration_date": null,
    }))
}

fn openrouter(moment: &Moment<'_>) -> Json {
    let offers = NAMES.iter().flat_map(|names| told(moment, names, false));
    let mut rows: Vec<Json> = offers.filter_map(|offer| resold(&offer, moment)).collect();
    moment.shuffle(&mut rows);
    let count = rows.len();
    json!({"data": rows, "links": {"next": null}, "total_count": count})
}

/// Where each model is served, which is asked only where it is switched on; and the key itself.
fn routes(asked: &Asked, request: &Request, path: &str) -> Found {
    if path == "/api/v1/key" {
        return match request.bearer() == Some(KEY) {
            true => Answer::json(
                200,
                &json!({"data": {"label": "simulated", "usage": 0, "limit": null}}),
            )
            .into(),
            false => Answer::json(
                401,
                &json!({"error": {"message": "No auth credentials found", "code": 401}}),
            )
            .into(),
        };
    }
    let Some(id) = path
        .strip_prefix("/api/v1/models/")
        .and_then(|rest| rest.strip_suffix("/endpoints"))
    else {
        return Found::Nothing;
    };
    let id = id.to_string();
    Resource::new("openrouter.endpoints", asked, JSON, vec![Topic::All(Channel::Registry)], move |moment| {
        let offers = NAMES.iter().flat_map(|names| told(moment, names, false));
        let mut rows = offers.filter_map(|offer| {
            let row = resold(&offer, moment)?;
            (row["id"] == id.as_str()).then_some((offer.provider.to_string(), row))
        });
        let value = rows.next().map_or(Json::Null, |(provider, row)| json!({
            "id": id, "name": row["name"], "created": row["created"], "endpoints": [{
                "name": row["name"], "provider_name": provider, "tag": provider, "context_length": row["context_length"],
                "max_completion_tokens": row["top_provider"]["max_completion_tokens"], "max_prompt_tokens": null, "pricing": row["pricing"],
                "quantization": "unknown", "service_tier": null, "status": 0, "supported_parameters": row["supported_parameters"],
            }],
        }));
        written::json(moment, &json!({"data": value}))
    })
    .into()
}
