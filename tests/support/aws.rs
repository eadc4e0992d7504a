//! AWS as it verifies signatures, by AWS's own crate.

use std::time::{Duration, UNIX_EPOCH};

use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Whom this AWS knows.
pub const ID: &str = "AKIDEXAMPLE";
/// What only they know.
pub const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// What AWS says to a request, whose head and body `text` is: nothing if its signature is good, else the code and
/// message of the refusal. Without `now` any time will do.
pub fn refusal(
    text: &str,
    service: &str,
    token: Option<&str>,
    now: Option<Timestamp>,
) -> Option<(String, String)> {
    let refuse = |code: &str, message: &str| Some((code.to_owned(), message.to_owned()));
    let Some(authorization) = header(text, "authorization") else {
        return refuse(
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        );
    };
    let part = |name: &str| {
        let rest = authorization.split_once(&format!("{name}="));
        rest.map_or("", |(_, rest)| rest.split(", ").next().unwrap_or(rest))
    };
    let [id, _, region, found, _] = part("Credential").split('/').collect::<Vec<_>>()[..] else {
        return refuse(
            "IncompleteSignatureException",
            "Credential must have five parts",
        );
    };
    if id != ID || header(text, "x-amz-security-token") != token {
        return refuse(
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        );
    }
    let date = header(text, "x-amz-date").expect("what a signed request has");
    let zoned =
        jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", date).expect("what a signed request has");
    let signed_at = zoned
        .to_zoned(TimeZone::UTC)
        .expect("what a signed request has")
        .timestamp();
    let late = now.map_or(SignedDuration::ZERO, |now| now.duration_since(signed_at));
    if late > SignedDuration::from_mins(15) {
        let message = format!("Signature expired: {date} is now earlier than allowed");
        return refuse("InvalidSignatureException", &message);
    }
    if late < -SignedDuration::from_mins(15) {
        let message = format!("Signature not yet current: {date} is still later than now");
        return refuse("InvalidSignatureException", &message);
    }
    let names: Vec<&str> = part("SignedHeaders").split(';').collect();
    let ours = ["host", "x-amz-date", "x-amz-security-token"];
    let headers: Vec<(&str, &str)> = names
        .iter()
        .filter(|name| !ours.contains(name))
        .map(|name| (*name, header(text, name).unwrap_or_default()))
        .collect();
    let keys = aws_credential_types::Credentials::from_keys(ID, SECRET, token.map(String::from));
    let keys = keys.into();
    let seconds = u64::try_from(signed_at.as_second()).expect("what a signed request has");
    let parameters = SigningParams::builder()
        .identity(&keys)
        .region(region)
        .name(service)
        .time(UNIX_EPOCH + Duration::from_secs(seconds))
        .settings(SigningSettings::default())
        .build()
        .expect("what a signed request has")
        .into();
    let (head, body) = text
        .split_once("\r\n\r\n")
        .expect("what a signed request has");
    let mut words = head.split(' ');
    let (method, target) = (
        words.next().expect("what a signed request has"),
        words.next().expect("what a signed request has"),
    );
    let url = format!(
        "https://{}{target}",
        header(text, "host").expect("what a signed request has")
    );
    let body = SignableBody::Bytes(body.as_bytes());
    let request = SignableRequest::new(method, url, headers.into_iter(), body)
        .expect("what a signed request has");
    let expected = sign(request, &parameters)
        .expect("what a signed request has")
        .into_parts()
        .1;
    if found != service || part("Signature") != expected {
        return refuse(
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided.",
        );
    }
    None
}

/// A header of a request.
fn header<'h>(text: &'h str, name: &str) -> Option<&'h str> {
    let head = text.split("\r\n\r\n").next()?;
    let mut lines = head
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(": "));
    lines.find_map(|(found, value)| found.eq_ignore_ascii_case(name).then_some(value))
}
