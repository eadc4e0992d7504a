//! Responses in events (`facts/openai.md` §3).

use serde_json::Value as Json;

use super::gathered::Gathered;

/// Reads one event.
pub(super) fn read(event: &Json, into: &mut Gathered) {
    match event.get("type").and_then(Json::as_str).unwrap_or_default() {
        "response.output_text.delta" | "response.refusal.delta" => into.content(event.get("delta")),
        "response.reasoning_text.delta" | "response.reasoning_summary_text.delta" => {
            into.thinking(event.get("delta"));
        }
        "error" => {
            into.refused(event);
            into.is_closed = true;
        }
        kind => {
            let Some(response) = event.get("response") else {
                return;
            };
            into.model(response.get("model"));
            let is_last = matches!(
                kind,
                "response.completed"
                    | "response.incomplete"
                    | "response.failed"
                    | "response.cancelled"
            );
            if is_last {
                read_last(response, into);
            }
        }
    }
}

fn read_last(response: &Json, into: &mut Gathered) {
    if let Some(usage) = response.get("usage") {
        into.usage.responses(usage);
    }
    let is_cut = into.stop(response.pointer("/incomplete_details/reason"));
    if !is_cut {
        into.stop(response.get("status"));
    }
    let is_failed = matches!(into.stop.as_deref(), Some("failed" | "cancelled"));
    if is_failed || response.get("error").is_some_and(|error| !error.is_null()) {
        into.refused(response);
    }
    into.is_closed = true;
}
