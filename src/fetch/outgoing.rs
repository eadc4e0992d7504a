//! What of a request is sent: its URL and its headers.

use jiff::Timestamp;
use reqwest::header::{
    ACCEPT, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::answer::same_host;
use super::auth::{Auth, Message};
use super::request::{Request, is_credential};
use super::rewrite::Hop;
use crate::market::{Failure, plain};

/// A request on its way to one URL.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outgoing<'a> {
    pub request: &'a Request,
    pub hop: &'a Hop<'a>,
    /// The time of signatures.
    pub at: Timestamp,
}

impl Outgoing<'_> {
    /// The URL as it is sent. Forms write a blank as `+`, which a signature takes for the sign itself; `%20` means a
    /// blank to everybody.
    pub fn target(&self) -> Url {
        let mut target = self.hop.target.clone();
        if let Some(query) = target.query()
            && self.request.auth.is_signature()
        {
            let query = query.replace('+', "%20");
            target.set_query(Some(&query));
        }
        target
    }

    /// What a signature covers.
    fn message<'m>(&'m self, target: &'m Url) -> Message<'m> {
        let signed = |(name, value): &'m (String, String)| {
            let is_signed = self.request.auth.signs(name);
            is_signed.then_some((name.as_str(), value.as_str()))
        };
        Message {
            method: self.request.method.word(),
            url: target,
            headers: self.request.headers.iter().filter_map(signed).collect(),
            body: self.request.body.as_deref().unwrap_or_default(),
        }
    }

    /// The headers of a message to this URL. A signature is made for the URL that is really asked, not for the
    /// original: who verifies it, sees the host and path that were sent, be it a VPC endpoint or another cloud.
    pub fn headers(&self, target: &Url) -> Result<HeaderMap, Failure> {
        let request = self.request;
        let is_home = same_host(&self.hop.original, &request.url);
        let mut headers = HeaderMap::new();
        for (name, value) in &request.headers {
            // What a host of the user's choice is told need not be told to others.
            if is_home || name.to_ascii_lowercase().starts_with("accept") {
                let (name, mut value) = (header_name(name)?, header_value(name, value)?);
                value.set_sensitive(is_credential(name.as_str()));
                headers.append(name, value);
            }
        }
        headers
            .entry(ACCEPT)
            .or_insert(HeaderValue::from_static(request.expects.accept()));
        if let Auth::Header { name, key } = &request.auth {
            headers.insert(header_name(name)?, secret_value(name, key)?);
        }
        for (name, value) in request.auth.headers(&self.message(target), self.at) {
            headers.insert(HeaderName::from_static(name), secret_value(name, &value)?);
        }
        if let Some(validators) = &request.validators {
            let pairs = [
                (IF_NONE_MATCH, &validators.etag),
                (IF_MODIFIED_SINCE, &validators.last_modified),
            ];
            for (name, value) in pairs {
                if let Some(value) = value {
                    let value = header_value(name.as_str(), value)?;
                    headers.insert(name, value);
                }
            }
        }
        Ok(headers)
    }
}

pub(super) fn internal(detail: &str) -> Failure {
    Failure::Internal {
        detail: detail.to_owned(),
    }
}

fn header_name(name: &str) -> Result<HeaderName, Failure> {
    HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| internal(&format!("no header can be named {:?}", plain(name, 40))))
}

fn header_value(name: &str, value: &str) -> Result<HeaderValue, Failure> {
    HeaderValue::from_str(value).map_err(|_| {
        internal(&format!(
            "the value of header {} cannot be sent",
            plain(name, 40)
        ))
    })
}

fn secret_value(name: &str, key: &SecretString) -> Result<HeaderValue, Failure> {
    let mut value = header_value(name, key.expose_secret())?;
    value.set_sensitive(true);
    Ok(value)
}
