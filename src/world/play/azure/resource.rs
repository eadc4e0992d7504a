//! A resource's own endpoint: its lists of models, and chat completions (facts: azure.md §6).

use serde_json::{Value as Json, json};

use super::offered::{name, words};
use super::{AZURE, RESOURCE, nowhere, with};
use crate::market::{Stage, day_start};
use crate::world::moment::{Moment, Offer};
use crate::world::play::{Found, Resource, spoken, written};
use crate::world::script::Day;
use crate::world::{Answer, Asked, Channel, JSON, Request, Topic};

/// The resource's key.
pub const KEY: &str = "simulated0azure0openai0key0000000";

/// The location of the resource.
const LOCATION: &str = "eastus2";

/// How one row of a list is written.
type Row = fn(&Moment<'_>, &Offer<'_>) -> Json;

fn error(status: u16, code: &str, message: &str) -> Answer {
    Answer::json(
        status,
        &json!({ "error": { "code": code, "message": message } }),
    )
}

/// The shared host of a location, which has nothing at its root.
pub fn of_location() -> Found {
    error(404, "404", "Resource not found").into()
}

/// What is at an address of a resource.
pub fn find(asked: &Asked, request: &Request) -> Found {
    if asked.host != format!("{RESOURCE}.openai.azure.com") {
        return nowhere();
    }
    if request.header("api-key") != Some(KEY) && request.bearer().is_none() {
        let message = "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an \
                       active subscription and use a correct regional API endpoint for your resource.";
        return error(401, "401", message).into();
    }
    match asked.path.as_str() {
        "/openai/v1/models" => list(asked, "azure.resource-models", plain),
        "/openai/models" => list(asked, "azure.resource-models-classic", classic),
        "/openai/v1/chat/completions" if request.method == "POST" => chat(request),
        _ => error(404, "404", "Resource not found").into(),
    }
}

/// Base models that can be called from the resource's location.
fn callable<'o, 'w>(offers: &[&'o Offer<'w>]) -> Vec<&'o Offer<'w>> {
    let mut own = offers.to_vec();
    own.retain(|offer| offer.stage() != Stage::Retired && offer.regions().contains(&LOCATION));
    own
}

fn list(asked: &Asked, probe: &'static str, row: Row) -> Found {
    let made = Resource::new(probe, asked, JSON, vec![Topic::api(AZURE)], move |moment| {
        let rows = with(moment, Channel::Api, |offered| {
            let mut own = callable(&offered.models);
            moment.shuffle(&mut own);
            own.into_iter()
                .map(|offer| row(moment, offer))
                .collect::<Vec<_>>()
        });
        written::json(moment, &json!({ "object": "list", "data": rows }))
    });
    Resource {
        has_etag: false,
        ..made
    }
    .into()
}

fn seconds(moment: &Moment<'_>, day: Day) -> i64 {
    day_start(moment.date(day)).as_second()
}

fn created(moment: &Moment<'_>, offer: &Offer<'_>) -> i64 {
    offer.facts.launch.map_or(0, |day| seconds(moment, day))
}

fn plain(moment: &Moment<'_>, offer: &Offer<'_>) -> Json {
    let (name, _) = name(offer);
    json!({ "id": name, "object": "model", "created": created(moment, offer), "owned_by": "system" })
}

fn classic(moment: &Moment<'_>, offer: &Offer<'_>) -> Json {
    let (name, version) = name(offer);
    // a version that is no day would read as a part of the name
    let id = match version.contains('-') {
        true => format!("{name}-{version}"),
        false => name.to_string(),
    };
    let (word, ..) = words(offer.stage());
    let word = if word == "Preview" {
        "preview"
    } else {
        "generally-available"
    };
    let since = created(moment, offer);
    // what has no end set is said to end in 2100
    let ends = match offer.facts.retires {
        Some(day @ Day::Firm(_)) => seconds(moment, day),
        _ => 4_102_358_400,
    };
    json!({
        "id": id,
        "object": "model",
        "status": "succeeded",
        "created_at": since,
        "updated_at": since,
        "model": null,
        "fine_tune": null,
        "capabilities": { "inference": true, "chat_completion": true, "scale_types": ["standard"] },
        "lifecycle_status": word,
        "deprecation": { "inference": ends },
    })
}

/// A deployment is called as its model is.
fn chat(request: &Request) -> Found {
    let wanted: Json = serde_json::from_slice(&request.body).unwrap_or_default();
    let Some(model) = wanted
        .get("model")
        .and_then(Json::as_str)
        .map(str::to_string)
    else {
        return error(400, "BadRequest", "Missing required parameter: 'model'.").into();
    };
    let most = ["max_completion_tokens", "max_tokens"]
        .iter()
        .find_map(|key| wanted.get(*key)?.as_u64());
    let most = most.unwrap_or(u64::MAX);
    let tells_usage = wanted.pointer("/stream_options/include_usage") == Some(&Json::Bool(true));
    Found::Depends(Box::new(move |moment| {
        let stage = with(moment, Channel::Api, |offered| {
            let mut own = offered.models.iter().filter(|offer| name(offer).0 == model);
            own.next().map(|offer| offer.stage())
        });
        match stage {
            None => {
                let message = "The API deployment for this resource does not exist. If you created the deployment within the last \
                               5 minutes, please wait a moment and try again.";
                error(404, "DeploymentNotFound", message).into()
            }
            Some(Stage::Retired) => error(
                410,
                "ModelDeprecated",
                "The model of this deployment is retired.",
            )
            .into(),
            Some(_) => Answer::new(
                200,
                "text/event-stream; charset=utf-8",
                stream(&model, most, tells_usage),
            )
            .with("x-ms-region", "East US 2")
            .into(),
        }
    }))
}

fn stream(model: &str, most: u64, tells_usage: bool) -> String {
    let words = spoken::words(most);
    let stop = if spoken::is_whole(&words) {
        "stop"
    } else {
        "length"
    };
    let chunk = |choices: Json| json!({ "id": "chatcmpl-simulated", "object": "chat.completion.chunk", "created": 0, "model": model, "choices": choices });
    let mut chunks = vec![json!({
        "choices": [], "created": 0, "id": "", "model": "", "object": "",
        "prompt_filter_results": [{ "prompt_index": 0, "content_filter_results": {} }],
    })];
    let delta = |delta: Json, finish: Option<&str>| {
        chunk(json!([{ "index": 0, "delta": delta, "finish_reason": finish }]))
    };
    chunks.push(delta(json!({ "role": "assistant", "content": "" }), None));
    chunks.extend(
        words
            .iter()
            .map(|word| delta(json!({ "content": word }), None)),
    );
    chunks.push(delta(json!({}), Some(stop)));
    if tells_usage {
        let (input, output) = (spoken::ASKED, words.len());
        let mut last = chunk(json!([]));
        if let Some(last) = last.as_object_mut() {
            let usage = json!({ "prompt_tokens": input, "completion_tokens": output, "total_tokens": input + output });
            last.insert("usage".to_string(), usage);
        }
        chunks.push(last);
    }
    let events: String = chunks
        .iter()
        .map(|chunk| format!("data: {chunk}\n\n"))
        .collect();
    events + "data: [DONE]\n\n"
}
