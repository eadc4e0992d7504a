//! Cohere's chat, version 2 (`facts/other-direct.md` C).

use serde_json::Value as Json;

use super::gathered::Gathered;

/// Reads one event.
pub(super) fn read(event: &Json, into: &mut Gathered) {
    match event.get("type").and_then(Json::as_str).unwrap_or_default() {
        "content-start" | "content-delta" => {
            let content = event.pointer("/delta/message/content");
            into.content(content.and_then(|content| content.get("text")));
            into.thinking(content.and_then(|content| content.get("thinking")));
        }
        "message-end" => {
            let delta = event.get("delta").unwrap_or(&Json::Null);
            into.stop(delta.get("finish_reason"));
            if let Some(usage) = delta.get("usage") {
                into.usage.cohere(usage);
            }
            let is_failed = into.stop.as_deref() == Some("ERROR");
            if is_failed || delta.get("error").is_some_and(|error| !error.is_null()) {
                into.refused(delta);
            }
            into.is_closed = true;
        }
        _ => {}
    }
}
