//! What a status that is not success means, read with the body's own words (`market::Refusal` knows the shapes; AWS names
//! its code in `x-amzn-errortype` too), the headers, and who asked how.

use hyper::StatusCode;
use hyper::header::{AGE, DATE, HeaderMap, HeaderName, RETRY_AFTER};
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::{SignedDuration, Timestamp};

use super::answer::text;
use super::request::{Purpose, Request};
use crate::market::{Failure, Refusal, plain};
use crate::schedule::{RETRY_AFTER_LIMIT, retry_after_from_header};

/// So many bytes of a refusal's body are read.
pub(super) const MOST_READ: usize = 64 << 10;

/// The failure that a refusal is.
pub(super) fn read(
    request: &Request,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    at: Timestamp,
) -> Failure {
    let said = said(headers, body);
    let fit = |words: String, most| {
        let words = plain(&request.hide_secrets(&words), most);
        (!words.is_empty()).then_some(words)
    };
    let asked = said.wait.map(|wait| wait.min(RETRY_AFTER_LIMIT));
    let said = Refusal {
        code: said.code.and_then(|code| fit(code, 80)),
        message: said.message.and_then(|message| fit(message, 200)),
        wait: retry_after(headers, at).or(asked),
    };
    let status = status.as_u16();
    let failure = said.clone().failure(status);
    let is_settled = matches!(
        failure,
        Failure::Overloaded { .. } | Failure::Throttled { .. } | Failure::CredentialExpired { .. }
    );
    if is_settled {
        return failure;
    }
    let wants_token = request.purpose != Purpose::Content;
    let is_dated = request.auth.is_signature() || request.purpose == Purpose::TokenForStatement;
    let Refusal { code, message, .. } = said;
    let word = code.as_deref().unwrap_or_default();
    let is_refused = matches!(status, 401 | 403) || matches!(failure, Failure::Unauthorised { .. });
    // Who says what is missing has taken the date.
    let may_be_skew = is_refused || (wants_token && status == 400);
    if is_dated && may_be_skew && !matches!(failure, Failure::NotEntitled { .. }) {
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
    failure
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

/// How long the host asks to wait: `retry-after-ms` (OpenAI), `x-ms-retry-after-ms` (Azure), or `Retry-After` as
/// seconds or a date (RFC 9110, section 10.2.3), which is compared with the host's own clock if it tells it.
pub(super) fn retry_after(headers: &HeaderMap, at: Timestamp) -> Option<SignedDuration> {
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

/// What the body says, with the code of the header.
fn said(headers: &HeaderMap, body: &[u8]) -> Refusal {
    let mut said = match serde_json::from_slice(body) {
        Ok(json) => Refusal::of_json(&json),
        Err(_) => in_text(body),
    };
    let header = text(headers, &HeaderName::from_static("x-amzn-errortype"));
    if let Some(code) = header.as_deref().and_then(|value| value.split(':').next()) {
        said.code = Some(code.to_owned());
    }
    said
}

/// The body of a refusal that is not JSON: XML's code and message (AWS), or short plain text.
fn in_text(body: &[u8]) -> Refusal {
    let body = String::from_utf8_lossy(body);
    let element = |name: &str| {
        let (_, rest) = body.split_once(&format!("<{name}>"))?;
        let (content, _) = rest.split_once(&format!("</{name}>"))?;
        (!content.contains('<')).then(|| content.to_owned())
    };
    let is_markup = body.trim_start().starts_with('<');
    Refusal {
        code: element("Code").filter(|_| is_markup),
        message: match is_markup {
            true => element("Message"),
            false => Some(body.chars().take(1000).collect()),
        },
        wait: None,
    }
}

#[cfg(test)]
mod tests;
