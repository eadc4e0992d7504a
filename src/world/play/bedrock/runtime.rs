//! Bedrock's runtime: a model is asked, and answers in a stream of frames (facts: aws-bedrock.md §4).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

use super::frames::{event, exception};
use super::offered::{MANTLE, ON_DEMAND, Offered, is_at};
use super::signed::Refused;
use crate::market::Stage;
use crate::world::play::spoken;

/// How a model is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// ConverseStream.
    Converse,
    /// InvokeModelWithResponseStream.
    Invoke,
}

/// The model and the operation that a path names: `/model/{id}/converse-stream`.
pub fn asked(path: &str) -> Option<(String, Operation)> {
    let (id, operation) = path.strip_prefix("/model/")?.rsplit_once('/')?;
    let operation = match operation {
        "converse-stream" => Operation::Converse,
        "invoke-with-response-stream" => Operation::Invoke,
        _ => return None,
    };
    let id = percent_encoding::percent_decode_str(id)
        .decode_utf8()
        .ok()?;
    Some((id.into_owned(), operation))
}

/// Whether an id can be called in a region; else what the runtime says.
pub fn callable(offered: &Offered<'_, '_>, region: &str, id: &str) -> Result<(), Refused> {
    let refused = |status, name, message: String| Refused {
        status,
        name,
        message,
    };
    let profile = offered.profiles.iter().find(|profile| profile.id == id);
    let model = match profile {
        Some(profile) if profile.regions().contains(&region) => offered.model_of(profile),
        Some(_) => None,
        None => offered.models.iter().find(|model| model.id == id).copied(),
    };
    let Some(model) = model else {
        let message = "The provided model identifier is invalid.".to_string();
        return Err(refused(400, "ValidationException", message));
    };
    if model.stage() == Stage::Retired {
        let message = "This model version has reached the end of its life. Please refer to the AWS documentation for more details.";
        return Err(refused(
            404,
            "ResourceNotFoundException",
            message.to_string(),
        ));
    }
    if model.stage() == Stage::Limited {
        let message = "You don't have access to the model with the specified model ID.".to_string();
        return Err(refused(403, "AccessDeniedException", message));
    }
    let direct = is_at(model, Some(ON_DEMAND), region) || is_at(model, Some(MANTLE), region);
    if profile.is_none() && !direct {
        let message = format!(
            "Invocation of model ID {id} with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an \
             inference profile that contains this model."
        );
        return Err(refused(400, "ValidationException", message));
    }
    Ok(())
}

/// The answer to a question that allows so many tokens.
pub fn answer(operation: Operation, id: &str, most: u64, milliseconds: u64) -> Vec<u8> {
    match operation {
        Operation::Converse => converse(most, milliseconds),
        Operation::Invoke if id.contains("anthropic.") => {
            invoke(&messages(id, most), most, milliseconds)
        }
        Operation::Invoke => exception(
            "validationException",
            "The model cannot be asked in this way.",
        ),
    }
}

fn converse(most: u64, milliseconds: u64) -> Vec<u8> {
    let words = spoken::words(most);
    let mut stream = event("messageStart", &json!({ "role": "assistant", "p": "abcd" }));
    for word in &words {
        let delta = json!({ "contentBlockIndex": 0, "delta": { "text": word }, "p": "abcdefgh" });
        stream.extend(event("contentBlockDelta", &delta));
    }
    stream.extend(event(
        "contentBlockStop",
        &json!({ "contentBlockIndex": 0, "p": "ab" }),
    ));
    let stop = if spoken::is_whole(&words) {
        "end_turn"
    } else {
        "max_tokens"
    };
    stream.extend(event(
        "messageStop",
        &json!({ "stopReason": stop, "p": "abc" }),
    ));
    let (input, output) = (spoken::ASKED, words.len());
    let usage =
        json!({ "inputTokens": input, "outputTokens": output, "totalTokens": input + output });
    let metadata =
        json!({ "usage": usage, "metrics": { "latencyMs": milliseconds }, "p": "abcde" });
    stream.extend(event("metadata", &metadata));
    stream
}

/// What Anthropic's models say, event by event.
fn messages(id: &str, most: u64) -> Vec<Json> {
    let words = spoken::words(most);
    let stop = if spoken::is_whole(&words) {
        "end_turn"
    } else {
        "max_tokens"
    };
    let usage = json!({ "input_tokens": spoken::ASKED, "output_tokens": 1 });
    let message = json!({ "id": "msg_bdrk_01", "type": "message", "role": "assistant", "model": id, "content": [], "usage": usage });
    let mut events = vec![
        json!({ "type": "message_start", "message": message }),
        json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "text", "text": "" } }),
    ];
    events.extend(words.iter().map(|word| {
        json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "text_delta", "text": word } })
    }));
    events.push(json!({ "type": "content_block_stop", "index": 0 }));
    let usage = json!({ "output_tokens": words.len() });
    events
        .push(json!({ "type": "message_delta", "delta": { "stop_reason": stop }, "usage": usage }));
    events
}

fn invoke(said: &[Json], most: u64, milliseconds: u64) -> Vec<u8> {
    let metrics = json!({
        "inputTokenCount": spoken::ASKED,
        "outputTokenCount": spoken::words(most).len(),
        "invocationLatency": milliseconds,
        "firstByteLatency": milliseconds / 2,
    });
    let last = json!({ "type": "message_stop", "amazon-bedrock-invocationMetrics": metrics });
    let all = said.iter().chain([&last]);
    let chunk = |inner: &Json| {
        let bytes = STANDARD.encode(inner.to_string());
        event("chunk", &json!({ "bytes": bytes, "p": "abcdefghijklm" }))
    };
    all.flat_map(chunk).collect()
}
