//! What a host says when it refuses, and the failure that it is.
//!
//! The shapes: `{"error":{"code","type","message"}}` (OpenAI, Azure), `{"type":"error","error":{"type","message"}}`
//! (Anthropic), `{"error":{"code","status","message"}}` (Google, also as the first of a list), `{"__type","message"}`
//! (AWS), flat `{"code","type","message"}` (Mistral, Cohere, Oracle), `{"code","error"}` (xAI), `{"detail"}`, and
//! `{"error","error_description"}` (OAuth, RFC 6749 section 5.2).

use jiff::SignedDuration;
use serde_json::Value as Json;

use super::Failure;

/// What the body of a refusal says.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Its own word or number for what is wrong.
    pub code: Option<String>,
    /// Its sentence for people.
    pub message: Option<String>,
    /// How long it asks to wait.
    pub wait: Option<SignedDuration>,
}

impl Refusal {
    /// The failure that it is under an HTTP status, whoever asked.
    pub fn failure(self, status: u16) -> Failure {
        let Self {
            code,
            message,
            wait: retry_after,
        } = self;
        let word = code.as_deref().unwrap_or_default();
        if is_overloaded(status, word, message.as_deref()) {
            return Failure::Overloaded {
                status,
                code,
                message,
                retry_after,
            };
        }
        if status == 429 || is_throttling(word) {
            return Failure::Throttled { retry_after, code };
        }
        if is_expired(word) {
            return Failure::CredentialExpired { code: word.into() };
        }
        if is_not_entitled(word) {
            return Failure::NotEntitled {
                status,
                code,
                message,
            };
        }
        let is_refused = matches!(status, 401 | 403) || is_unauthorised(word);
        if is_refused || says_wrong_key(message.as_deref()) {
            return Failure::Unauthorised { status, code };
        }
        if matches!(status, 400 | 404 | 410) && says_gone(word, message.as_deref()) {
            return Failure::ModelGone {
                status,
                code,
                message,
            };
        }
        Failure::Status {
            status,
            code,
            message,
            retry_after,
        }
    }

    /// Reads a body in any of the shapes above.
    pub fn of_json(json: &Json) -> Self {
        // Google's streaming methods answer with a list.
        let json = json.get(0).unwrap_or(json);
        let word = |object: &Json, key: &str| {
            let word = object.get(key)?.as_str()?.trim();
            (!word.is_empty()).then(|| word.to_owned())
        };
        let error = json.get("error").unwrap_or(&Json::Null);
        let coded = word(error, "code");
        let flat = word(json, "code");
        let is_named = |code: &String| !code.bytes().all(|byte| byte.is_ascii_digit());
        let aws =
            word(json, "__type").and_then(|name| Some(name.rsplit(['#', '.']).next()?.to_owned()));
        let oauth = json
            .get("error_description")
            .and_then(|_| word(json, "error"));
        // OpenRouter hands on what the provider behind it said
        let behind = error
            .pointer("/metadata/raw")
            .and_then(|raw| serde_json::from_str::<Json>(raw.as_str()?).ok())
            .and_then(|raw| word(raw.get("error")?, "code"));
        let code = detail(error, "reason")
            .filter(|reason| reason == "API_KEY_INVALID")
            .or(behind.filter(is_named))
            .or_else(|| entra(json))
            .or_else(|| coded.clone().filter(is_named))
            .or_else(|| word(error, "status"))
            .or_else(|| word(error, "type"))
            .or(aws)
            .or_else(|| flat.clone().filter(is_named))
            .or_else(|| word(json, "type").filter(|kind| kind != "error"))
            .or(oauth)
            .or(coded)
            .or(flat);
        let message = word(error, "message")
            .or_else(|| word(json, "message"))
            .or_else(|| word(json, "Message"))
            .or_else(|| word(json, "error_description"))
            .or_else(|| word(json, "error"))
            .or_else(|| word(json, "detail"));
        // Entra's words begin with its number.
        let number = code
            .as_deref()
            .map_or(String::new(), |code| format!("{code}: "));
        let message = message.map(|message| match message.strip_prefix(&number) {
            Some(rest) => rest.to_owned(),
            None => message,
        });
        Self {
            code,
            message,
            wait: detail(error, "retryDelay")
                .and_then(|delay| delay.parse().ok())
                .filter(|wait: &SignedDuration| !wait.is_negative()),
        }
    }
}

/// Temporary keys of AWS, tokens of Azure, client secrets of Entra.
fn is_expired(code: &str) -> bool {
    matches!(
        code,
        "ExpiredTokenException" | "ExpiredToken" | "ExpiredAuthenticationToken" | "AADSTS7000222"
    )
}

/// The identity is known, and may not do this (AWS, Azure, Google, Anthropic).
fn is_not_entitled(code: &str) -> bool {
    matches!(
        code,
        "AccessDeniedException"
            | "AccessDenied"
            | "AuthorizationFailed"
            | "LinkedAuthorizationFailed"
            | "PERMISSION_DENIED"
            | "permission_error"
            | "unsupported_country_region_territory"
    )
}

/// The host has no room: by its status (Anthropic), its code (Azure, AWS, Anthropic), or its words where others only say
/// that they throttle or are not there (Google, xAI, Z.ai).
fn is_overloaded(status: u16, code: &str, message: Option<&str>) -> bool {
    let message = message.unwrap_or_default().to_ascii_lowercase();
    let says = message.contains("overloaded") || message.contains("at capacity");
    status == 529
        || matches!(
            code,
            "overloaded_error" | "NoCapacity" | "ModelNotReadyException"
        )
        || matches!(status, 429 | 500 | 503) && says
}

/// xAI answers a wrong key with 400 and without a code.
fn says_wrong_key(message: Option<&str>) -> bool {
    message.is_some_and(|message| message.starts_with("Incorrect API key"))
}

/// Whether the body is about a model that is not there: by its code (OpenAI, Groq), or its words about the model where the
/// code is one for anything that is not found (Anthropic, Google, OpenAI) or there is none (Amazon Bedrock).
fn says_gone(code: &str, message: Option<&str>) -> bool {
    let message = message.unwrap_or_default().to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|words| message.contains(words));
    let names_model = says(&["model"]);
    matches!(
        code,
        "model_not_found" | "ModelDeprecated" | "ModelNotFound"
    ) || code == "not_found_error" && message.starts_with("model:")
        || names_model
            && says(&[
                "does not exist",
                "not found",
                "identifier is invalid",
                "end of its life",
                "has been retired",
                "no longer available",
            ])
}

/// AWS throttles with 400 in some services.
fn is_throttling(code: &str) -> bool {
    matches!(
        code,
        "ThrottlingException" | "Throttling" | "TooManyRequestsException"
    )
}

/// A wrong key is a 400 at Google and in some AWS services.
fn is_unauthorised(code: &str) -> bool {
    matches!(
        code,
        "API_KEY_INVALID"
            | "invalid_api_key"
            | "authentication_error"
            | "UNAUTHENTICATED"
            | "UnrecognizedClientException"
            | "InvalidSignatureException"
    )
}

/// The number of an Entra error, which says more than OAuth's own word.
fn entra(json: &Json) -> Option<String> {
    let description = json.get("error_description")?.as_str()?;
    let code = description.split(':').next()?;
    let number = code.strip_prefix("AADSTS")?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| code.to_owned())
}

/// A text of Google's error details (google.rpc.ErrorInfo, RetryInfo).
fn detail(error: &Json, key: &str) -> Option<String> {
    let details = error.get("details")?.as_array()?;
    let text = details
        .iter()
        .find_map(|detail| detail.get(key)?.as_str())?;
    Some(text.to_owned())
}
