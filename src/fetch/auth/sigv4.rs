//! AWS Signature Version 4, in its form with headers.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ring::{digest, hmac};
use secrecy::{ExposeSecret, SecretString};

use super::{Message, Shown};

/// How people and AWS call the way of signing.
pub(super) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The keys of an AWS identity.
#[derive(Debug, Clone)]
pub struct Keys {
    /// The access key's id: it says who signs, and is no secret.
    pub id: String,
    /// The secret access key.
    pub secret: SecretString,
    /// Part of temporary keys.
    pub session_token: Option<SecretString>,
}

/// Who signs, and for which service.
#[derive(Debug, Clone)]
pub struct Signer {
    /// The keys.
    pub keys: Keys,
    /// The region that the signature is for, such as `eu-central-1`.
    pub region: String,
    /// The service's name for signatures, such as `bedrock`.
    pub service: String,
}

impl Signer {
    /// The headers that sign the message: `x-amz-date`, `x-amz-security-token` with temporary keys, `authorization`.
    ///
    /// Signed are the host, the method, path, query and body, and every header of the message. The path is taken as
    /// it is sent and encoded once more, as all services but S3 want it: the `%3A` of a model's id becomes `%253A`.
    pub(super) fn headers(&self, message: &Message<'_>, at: Timestamp) -> Vec<Shown> {
        let time = at.to_zoned(TimeZone::UTC);
        let date = time.strftime("%Y%m%dT%H%M%SZ").to_string();
        let day = time.strftime("%Y%m%d").to_string();
        let token = self.keys.session_token.as_ref();
        let signed = signed_headers(message, &date, token);
        let names: Vec<&str> = signed.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join(";");
        let lines: String = signed
            .iter()
            .map(|(name, value)| format!("{name}:{value}\n"))
            .collect();
        let canonical = format!(
            "{}\n{}\n{}\n{lines}\n{names}\n{}",
            message.method,
            canonical_path(message.url.path()),
            canonical_query(message.url.query().unwrap_or_default()),
            hex(digest::digest(&digest::SHA256, message.body).as_ref()),
        );
        let scope = format!("{day}/{}/{}/aws4_request", self.region, self.service);
        let hash = hex(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref());
        let text = format!("{ALGORITHM}\n{date}\n{scope}\n{hash}");
        let signature = hex(&mac(&self.key(&day), &text));
        let id = &self.keys.id;
        let authorization = format!(
            "{ALGORITHM} Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}"
        );
        let mut headers = vec![
            ("x-amz-date", date.into()),
            ("authorization", authorization.into()),
        ];
        headers.extend(token.map(|token| ("x-amz-security-token", token.clone())));
        headers
    }

    /// The key of a day, region and service.
    fn key(&self, day: &str) -> Vec<u8> {
        let first = format!("AWS4{}", self.keys.secret.expose_secret()).into_bytes();
        [day, &self.region, &self.service, "aws4_request"]
            .into_iter()
            .fold(first, |key, part| mac(&key, part))
    }
}

/// The headers under the signature by name, repeated ones joined in the order that they are sent in.
fn signed_headers(
    message: &Message<'_>,
    date: &str,
    token: Option<&SecretString>,
) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = message
        .headers
        .iter()
        .map(|(name, value)| {
            let value: Vec<&str> = value.split_ascii_whitespace().collect();
            (name.to_ascii_lowercase(), value.join(" "))
        })
        .collect();
    all.push(("host".into(), message.host()));
    all.push(("x-amz-date".into(), date.into()));
    if let Some(token) = token {
        all.push(("x-amz-security-token".into(), token.expose_secret().into()));
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all.dedup_by(|next, first| {
        let is_repeated = next.0 == first.0;
        if is_repeated {
            first.1 = format!("{},{}", first.1, next.1);
        }
        is_repeated
    });
    all
}

/// The path without empty segments, encoded once more.
fn canonical_path(path: &str) -> String {
    let mut out = String::from("/");
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        if out.len() > 1 {
            out.push('/');
        }
        encode(segment.as_bytes(), &mut out);
    }
    if out.len() > 1 && path.ends_with('/') {
        out.push('/');
    }
    out
}

/// The parameters with AWS's own set of encoded characters, sorted by their encoded name, then value.
fn canonical_query(query: &str) -> String {
    let encoded = |text: &str| {
        let mut out = String::new();
        encode(&decoded(text), &mut out);
        out
    };
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (encoded(name), encoded(value))
        })
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

/// The bytes that a percent-encoded text stands for.
fn decoded(text: &str) -> Vec<u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let mut rest = text.as_bytes();
    let mut out = Vec::with_capacity(rest.len());
    while let Some((first, after)) = rest.split_first() {
        let pair = (digit(after.first()), digit(after.get(1)));
        let escaped = match (first, pair) {
            (b'%', (Some(high), Some(low))) => u8::try_from(high * 16 + low).ok(),
            _ => None,
        };
        out.push(escaped.unwrap_or(*first));
        rest = match escaped {
            Some(_) => after.get(2..).unwrap_or_default(),
            None => after,
        };
    }
    out
}

/// Percent-encodes all but the unreserved characters of RFC 3986.
fn encode(bytes: &[u8], out: &mut String) {
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(byte) {
            out.push(char::from(*byte));
        } else {
            // Writing into a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
}

#[cfg(test)]
mod tests;
