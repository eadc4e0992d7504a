//! Google's streamGenerateContent (`facts/google.md` §3). No event ends such a stream: it is over when a reason to stop has
//! come and nothing follows.

use serde_json::Value as Json;

use super::gathered::Gathered;

/// Reads one piece of the answer.
pub(super) fn read(piece: &Json, into: &mut Gathered) {
    if piece.get("error").is_some_and(|error| !error.is_null()) {
        into.refused(piece);
    }
    into.model(piece.get("modelVersion"));
    if let Some(usage) = piece.get("usageMetadata") {
        into.usage.generate(usage);
    }
    into.may_end |= into.stop(piece.pointer("/promptFeedback/blockReason"));
    let Some(candidate) = piece.pointer("/candidates/0") else {
        return;
    };
    let parts = candidate.pointer("/content/parts").and_then(Json::as_array);
    for part in parts.into_iter().flatten() {
        match part.get("thought") {
            Some(Json::Bool(true)) => into.thinking(part.get("text")),
            _ => into.content(part.get("text")),
        }
    }
    into.may_end |= into.stop(candidate.get("finishReason"));
}
