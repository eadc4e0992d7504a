//! What a status that is not success means, read with the body's own words.
//!
//! The shapes: `{"error":{"code","type","message"}}` (OpenAI, Azure), `{"type":"error","error":{"type","message"}}`
//! (Anthropic), `{"error":{"code","status","message"}}` (Google, also as the first of a list), `{"__type","message"}`
//! with or without `x-amzn-errortype` (AWS), flat `{"code","type","message"}` (Mistral, Cohere, Oracle),
//! `{"code","error"}` (xAI), `{"detail"}`, and `{"error","error_description"}` (OAuth, RFC 6749 section 5.2).

use jiff::fmt::rfc2822::DateTimeParser;
use jiff::{SignedDuration, Timestamp};
use reqwest::StatusCode;
use reqwest::header::{AGE, DATE, HeaderMap, HeaderName, RETRY_AFTER};
use serde_json::Value as Json;

use super::answer::text;
use super::request::{Purpose, Request};
use super::words::plain;
use crate::market::Failure;
use crate::schedule::{RETRY_AFTER_LIMIT, retry_after_from_header};

/// So many bytes of a refusal's body are read.
pub(super) const MOST_READ: usize = 64 << 10;

/// What a refusal's body says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    code: Option<String>,
    message: Option<String>,
    wait: Option<SignedDuration>,
}

/// The failure that a refusal is.
pub(super) fn read(
    request: &Request,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    at: Timestamp,
) -> Failure {
    let said = Said::read(headers, body);
    let fit = |words: String, most| {
        let words = plain(&request.hide_secrets(&words), most);
        (!words.is_empty()).then_some(words)
    };
    let code = said.code.and_then(|code| fit(code, 80));
    let message = said.message.and_then(|message| fit(message, 200));
    let retry_after = retry_after(headers, at).or(said.wait);
    let status = status.as_u16();
    let word = code.as_deref().unwrap_or_default();
    let is_refused = matches!(status, 401 | 403) || is_unauthorised(word);
    let wants_token = request.purpose != Purpose::Content;
    let is_dated = request.auth.is_signature() || request.purpose == Purpose::TokenForStatement;
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
    // Who says what is missing has taken the date.
    let may_be_skew = is_refused || (wants_token && status == 400);
    if is_dated && may_be_skew && !is_not_entitled(word) {
        let ahead = clock_skew(headers, at);
        if says_skew(word, message.as_deref()) || ahead.is_some_and(|by| by.abs() >= MOST_SKEW) {
            return Failure::ClockSkew { ahead };
        }
    }
    if wants_token && (is_refused || status == 400) {
        return Failure::TokenRefused {
            status,
            code,
            message,
        };
    }
    if is_not_entitled(word) {
        return Failure::NotEntitled {
            status,
            code,
            message,
        };
    }
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

/// AWS and Oracle take no signature that is dated further from their own time.
const MOST_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// How far our clock is ahead of the host's, if it tells its time. What came out of a cache tells an older one.
pub fn clock_ahead(headers: &HeaderMap, at: Timestamp) -> Option<SignedDuration> {
    match headers.contains_key(&AGE) {
        true => None,
        false => clock_skew(headers, at),
    }
}

fn clock_skew(headers: &HeaderMap, at: Timestamp) -> Option<SignedDuration> {
    let theirs = http_date(&text(headers, &DATE)?)?;
    Some(at.duration_since(theirs))
}

/// Whether a refusal says that the signature's time is to blame.
fn says_skew(code: &str, message: Option<&str>) -> bool {
    matches!(code, "RequestTimeTooSkewed" | "RequestExpired")
        || message.is_some_and(|message| {
            message.starts_with("Signature expired")
                || message.starts_with("Signature not yet current")
        })
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

/// How long the host asks to wait: `retry-after-ms` (OpenAI), `x-ms-retry-after-ms` (Azure), or `Retry-After` as
/// seconds or a date (RFC 9110, section 10.2.3), which is compared with the host's own clock if it tells it.
fn retry_after(headers: &HeaderMap, at: Timestamp) -> Option<SignedDuration> {
    let milliseconds = ["retry-after-ms", "x-ms-retry-after-ms"]
        .into_iter()
        .find_map(|name| text(headers, &HeaderName::from_static(name)))
        .and_then(|value| seconds(&value))
        .map(|wait| wait / 1000);
    let in_header = || {
        let value = text(headers, &RETRY_AFTER)?;
        let host_time = text(headers, &DATE).and_then(|date| http_date(&date));
        let wait = retry_after_from_header(&value, host_time.unwrap_or(at));
        // some hosts write fractions, which the standard does not know
        wait.or_else(|| seconds(&value))
    };
    let wait = milliseconds.or_else(in_header)?;
    Some(wait.clamp(SignedDuration::ZERO, RETRY_AFTER_LIMIT))
}

fn http_date(text: &str) -> Option<Timestamp> {
    DateTimeParser::new()
        .relaxed_weekday(true)
        .parse_timestamp(text.trim())
        .ok()
}

/// A number of seconds, perhaps with a fraction.
fn seconds(text: &str) -> Option<SignedDuration> {
    let text = text.trim();
    let is_number = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let number: f64 = is_number.then(|| text.parse().ok())??;
    Some(SignedDuration::try_from_secs_f64(number).unwrap_or(SignedDuration::MAX))
}

impl Said {
    fn read(headers: &HeaderMap, body: &[u8]) -> Self {
        let mut said = match serde_json::from_slice(body) {
            Ok(json) => Self::in_json(&json),
            Err(_) => Self::in_text(body),
        };
        let header = text(headers, &HeaderName::from_static("x-amzn-errortype"));
        if let Some(code) = header.as_deref().and_then(|value| value.split(':').next()) {
            said.code = Some(code.to_owned());
        }
        said
    }

    fn in_json(json: &Json) -> Self {
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
            wait: detail(error, "retryDelay").and_then(|delay| {
                let wait = seconds(delay.strip_suffix('s')?)?;
                Some(wait.min(RETRY_AFTER_LIMIT))
            }),
        }
    }

    /// The body of a refusal that is not JSON: XML's code and message (AWS), or short plain text.
    fn in_text(body: &[u8]) -> Self {
        let body = String::from_utf8_lossy(body);
        let element = |name: &str| {
            let (_, rest) = body.split_once(&format!("<{name}>"))?;
            let (content, _) = rest.split_once(&format!("</{name}>"))?;
            (!content.contains('<')).then(|| content.to_owned())
        };
        let is_markup = body.trim_start().starts_with('<');
        Self {
            code: element("Code").filter(|_| is_markup),
            message: match is_markup {
                true => element("Message"),
                false => Some(body.chars().take(1000).collect()),
            },
            wait: None,
        }
    }
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

#[cfg(test)]
mod tests;
