//! Errors inside a stream that began with 200.

use serde_json::Value as Json;

use super::gathered::Gathered;
use crate::market::{Refusal, plain};

impl Gathered {
    /// The stream says that it failed, in one of the shapes that refusals have. The first such word counts.
    pub fn refused(&mut self, json: &Json) {
        let error = json.get("error").unwrap_or(json);
        let stated = ["status_code", "code", "originalStatusCode"]
            .iter()
            .filter_map(|key| error.get(*key).or_else(|| json.get(*key)))
            .find_map(status);
        self.refuse(Refusal::of_json(json), stated);
    }

    /// The stream failed, with a status if one is stated.
    pub fn refuse(&mut self, refusal: Refusal, stated: Option<u16>) {
        let fit = |words: Option<String>, most| {
            let words = plain(&words?, most);
            (!words.is_empty()).then_some(words)
        };
        let refusal = Refusal {
            code: fit(refusal.code, 80),
            message: fit(refusal.message, 200),
            wait: refusal.wait,
        };
        let status = refusal.code.as_deref().and_then(usual_status);
        let failure = refusal.failure(stated.or(status).unwrap_or(200));
        self.refused.get_or_insert(failure);
    }
}

fn status(json: &Json) -> Option<u16> {
    let number = match json {
        Json::String(text) => text.parse().ok()?,
        number => u16::try_from(number.as_u64()?).ok()?,
    };
    (400..600).contains(&number).then_some(number)
}

/// The status that an error has where it comes before a stream (`facts/anthropic.md` §4, `facts/aws-bedrock.md` §4,
/// `facts/google.md` §4, `facts/openai.md` §1).
fn usual_status(code: &str) -> Option<u16> {
    Some(match code {
        "invalid_request_error" | "ValidationException" | "INVALID_ARGUMENT" => 400,
        "authentication_error" | "UNAUTHENTICATED" | "invalid_api_key" => 401,
        "billing_error" => 402,
        "permission_error" | "AccessDeniedException" | "PERMISSION_DENIED" => 403,
        "not_found_error" | "ResourceNotFoundException" | "NOT_FOUND" | "model_not_found" => 404,
        "ModelTimeoutException" => 408,
        "ModelStreamErrorException" | "ModelErrorException" => 424,
        "rate_limit_error"
        | "rate_limit_exceeded"
        | "ThrottlingException"
        | "ModelNotReadyException"
        | "RESOURCE_EXHAUSTED" => 429,
        "api_error" | "server_error" | "InternalServerException" | "INTERNAL" => 500,
        "ServiceUnavailableException" | "UNAVAILABLE" => 503,
        "timeout_error" | "DEADLINE_EXCEEDED" => 504,
        "overloaded_error" => 529,
        _ => return None,
    })
}
