//! Tokens in exchange for credentials: how they are asked for, and how the answers are read.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde_json::Value as Json;
use url::Url;

use super::cache::Lasting;
use crate::config::Deadlines;
use crate::fetch::{Answer, Client, Expects, Method, Purpose, Request};
use crate::market::Failure;

/// In bytes: no answer with a token is longer.
const LONGEST: u64 = 64 << 10;
/// How long a token is taken to be good that does not say so.
const UNSTATED: SignedDuration = SignedDuration::from_mins(10);

/// A `POST` of a form whose answer is a token. `secrets` are those in the form.
pub(super) fn form(url: Url, fields: &[(&str, &str)], secrets: &[&SecretString]) -> Request {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let content_type = "application/x-www-form-urlencoded";
    Request {
        method: Method::Post,
        headers: vec![("content-type".into(), content_type.into())],
        body: Some(body.into_bytes()),
        secrets: secrets.iter().map(|secret| (*secret).clone()).collect(),
        ..get(url)
    }
}

/// A `GET` whose answer is a token.
pub(super) fn get(url: Url) -> Request {
    Request {
        purpose: Purpose::Token,
        expects: Expects::Json,
        max_body: Some(LONGEST),
        ..Request::get(url)
    }
}

/// The request, made of a service that only the machine itself can reach: it is near, or not there at all.
pub(super) fn nearby(request: Request) -> Request {
    let seconds = SignedDuration::from_secs;
    Request {
        deadlines: Some(Deadlines {
            dns: seconds(2),
            connect: seconds(2),
            tls: seconds(2),
            first_byte: seconds(20),
            body: seconds(20),
            total: seconds(30),
        }),
        ..request
    }
}

/// The body of an answer with a token or keys: it must not be shown.
pub(super) async fn ask(
    client: &Client,
    request: &Request,
    at: Timestamp,
) -> Result<Vec<u8>, Failure> {
    let host = request.url.host_str().unwrap_or_default();
    let named = |detail: String| format!("{host}, asked for a token: {detail}");
    match client.fetch(request, at).await.answer {
        Answer::Body(body) => Ok(body.bytes.to_vec()),
        Answer::NotModified => Err(unreadable("an answer")),
        Answer::Failed(failure) => Err(match failure {
            Failure::Dns { detail } => Failure::Dns {
                detail: named(detail),
            },
            Failure::Connect { detail } => Failure::Connect {
                detail: named(detail),
            },
            Failure::Tls { detail } => Failure::Tls {
                detail: named(detail),
            },
            Failure::Protocol { detail } => Failure::Protocol {
                detail: named(detail),
            },
            Failure::LoginWall { detail } => Failure::LoginWall {
                detail: named(detail),
            },
            Failure::RedirectRefused { detail } => Failure::RedirectRefused {
                detail: named(detail),
            },
            failure => failure,
        }),
    }
}

/// The token of an OAuth answer (RFC 6749, section 5.1) or of a machine's own service, which writes numbers as texts.
pub(super) fn read(body: &[u8], at: Timestamp) -> Result<Lasting<SecretString>, Failure> {
    let json: Json = serde_json::from_slice(body).map_err(|_| unreadable("JSON"))?;
    let token = json.get("access_token").and_then(Json::as_str);
    let token = token.filter(|token| !token.is_empty());
    let number = |key: &str| match json.get(key)? {
        Json::Number(number) => number.as_i64(),
        Json::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    let lasts =
        number("expires_in").map(|seconds| Duration::from_secs(seconds.max(0).unsigned_abs()));
    let until = match lasts {
        Some(lasts) => at.checked_add(lasts).ok(),
        None => number("expires_on").and_then(|second| Timestamp::from_second(second).ok()),
    };
    Ok(Lasting {
        value: token
            .ok_or_else(|| unreadable("access_token"))?
            .to_owned()
            .into(),
        until: until.unwrap_or(at.checked_add(UNSTATED).unwrap_or(at)),
    })
}

/// An answer without what must be in it. What it holds instead is not told: it may be a secret in another shape.
pub(super) fn unreadable(expected: &str) -> Failure {
    Failure::Unreadable {
        expected: format!("{expected} of who gives tokens"),
        found: "something else".into(),
    }
}

/// A file that holds one token, read anew each time: it is written anew by others. Where it lies is not told.
pub(super) async fn file(path: &std::path::Path, what: &str) -> Result<SecretString, Failure> {
    let missing = |why: String| Failure::CredentialMissing {
        name: format!("{what}, whose file {why}"),
    };
    let text = tokio::fs::read_to_string(path).await;
    let text = text.map_err(|error| missing(format!("cannot be read: {}", error.kind())))?;
    match text.trim() {
        "" => Err(missing("is empty".into())),
        token => Ok(token.to_owned().into()),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn tokens_are_read_with_their_end() {
        let at = Timestamp::from_second(1_800_000_000).unwrap();
        let cases = [
            (
                r#"{"token_type":"Bearer","expires_in":3599,"access_token":"t"}"#,
                3599,
            ),
            (
                r#"{"access_token":"t","expires_in":"86399","expires_on":"1"}"#,
                86_399,
            ),
            (r#"{"access_token":"t","expires_on":"1800003600"}"#, 3600),
            (r#"{"access_token":"t","expires_in":-5}"#, 0),
            (r#"{"access_token":"t","expires_in":99999999999999}"#, 600),
            (r#"{"access_token":"t","expires_in":null}"#, 600),
        ];
        for (body, lasts) in cases {
            let token = read(body.as_bytes(), at).unwrap();
            assert_eq!(token.value.expose_secret(), "t");
            assert_eq!(token.until.duration_since(at).as_secs(), lasts, "{body}");
        }
        for body in [
            "",
            "[]",
            "{}",
            r#"{"access_token":""}"#,
            r#"{"access_token":{"sk-x":1}}"#,
        ] {
            let failure = read(body.as_bytes(), at).unwrap_err();
            assert_eq!(failure.word(), "unreadable");
            assert!(!failure.to_string().contains("sk-x"));
        }
    }
}
