//! Amazon Bedrock's ConverseStream (`facts/aws-bedrock.md` §4).

use serde_json::Value as Json;

use super::gathered::{Gathered, milliseconds};
use crate::market::Refusal;

/// Reads one event.
pub(super) fn read(kind: &str, event: &Json, into: &mut Gathered) {
    match kind {
        "contentBlockDelta" => {
            into.content(event.pointer("/delta/text"));
            into.thinking(event.pointer("/delta/reasoningContent/text"));
        }
        "messageStop" => {
            into.stop(event.get("stopReason"));
        }
        "metadata" => {
            if let Some(usage) = event.get("usage") {
                into.usage.converse(usage);
            }
            let latency = milliseconds(event.pointer("/metrics/latencyMs"));
            into.reported.total = latency.or(into.reported.total);
            into.is_closed = into.stop.is_some();
        }
        _ => {}
    }
}

/// Reads one of the operation's errors.
pub(super) fn read_exception(name: &str, event: &Json, into: &mut Gathered) {
    // a member of the stream is spelled small, the exception itself is not
    let mut letters = name.chars();
    let code = letters
        .next()
        .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str());
    let status = event.get("originalStatusCode").and_then(Json::as_u64);
    let refusal = Refusal {
        code,
        message: Refusal::of_json(event).message,
        wait: None,
    };
    into.refuse(
        refusal,
        status.and_then(|status| u16::try_from(status).ok()),
    );
    into.is_closed = true;
}
