//! Amazon Bedrock's InvokeModelWithResponseStream (`facts/aws-bedrock.md` §4): what the model's maker says, in Base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;

use super::gathered::{Gathered, milliseconds};
use super::usage::count;
use super::{converse, messages};

/// Reads the payload of one `chunk`; says what is wrong with one that cannot be read.
pub(super) fn read(payload: &Json, into: &mut Gathered) -> Result<(), &'static str> {
    let bytes = payload.get("bytes").and_then(Json::as_str);
    let bytes = bytes.and_then(|bytes| STANDARD.decode(bytes).ok());
    let bytes = bytes.ok_or("a chunk without bytes in Base64")?;
    let event: Json = serde_json::from_slice(&bytes).map_err(|_| "a chunk that is no JSON")?;
    let object = event.as_object().ok_or("a chunk that is no object")?;
    // the metrics of a call come with its last event, which may close the stream
    if let Some(metrics) = object.get("amazon-bedrock-invocationMetrics") {
        read_metrics(metrics, into);
    }
    if object.contains_key("type") {
        messages::read(&event, into);
    } else if object.contains_key("generation") {
        // Meta
        into.content(object.get("generation"));
        into.is_closed = into.stop(object.get("stop_reason"));
    } else if object.contains_key("outputText") {
        // Amazon Titan
        into.content(object.get("outputText"));
        into.is_closed = into.stop(object.get("completionReason"));
    } else {
        // Amazon Nova
        for (kind, event) in object {
            converse::read(kind, event, into);
        }
    }
    Ok(())
}

fn read_metrics(metrics: &Json, into: &mut Gathered) {
    let usage = &mut into.usage;
    usage.input = usage.input.or_else(|| count(metrics, "/inputTokenCount"));
    usage.output = usage.output.or_else(|| count(metrics, "/outputTokenCount"));
    let of = |name| milliseconds(metrics.get(name));
    into.reported.total = of("invocationLatency").or(into.reported.total);
    into.reported.first_token = of("firstByteLatency").or(into.reported.first_token);
}
