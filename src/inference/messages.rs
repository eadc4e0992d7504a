//! Anthropic's messages in events (`facts/anthropic.md` §3).

use serde_json::Value as Json;

use super::gathered::Gathered;

/// Reads one event.
pub(super) fn read(event: &Json, into: &mut Gathered) {
    match event.get("type").and_then(Json::as_str).unwrap_or_default() {
        "message_start" => {
            into.model(event.pointer("/message/model"));
            if let Some(usage) = event.pointer("/message/usage") {
                into.usage.messages(usage);
            }
        }
        "content_block_start" => {
            let block = event.get("content_block").unwrap_or(&Json::Null);
            match block.get("type").and_then(Json::as_str) {
                Some("text") => into.content(block.get("text")),
                Some("thinking") => into.thinking(block.get("thinking")),
                _ => {}
            }
        }
        "content_block_delta" => {
            let delta = event.get("delta").unwrap_or(&Json::Null);
            match delta.get("type").and_then(Json::as_str) {
                Some("text_delta") => into.content(delta.get("text")),
                Some("thinking_delta") => into.thinking(delta.get("thinking")),
                _ => {}
            }
        }
        "message_delta" => {
            into.stop(event.pointer("/delta/stop_reason"));
            if let Some(usage) = event.get("usage") {
                into.usage.messages(usage);
            }
        }
        "message_stop" => into.is_closed = true,
        "error" => {
            into.refused(event);
            into.is_closed = true;
        }
        _ => {}
    }
}
