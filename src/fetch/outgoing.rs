//! What of a request is sent: its URL and its headers.

use bytes::Bytes;
use http_body_util::Full;
use hyper::Method;
use hyper::header::{
    ACCEPT, AUTHORIZATION, HOST, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, USER_AGENT,
};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::answer::same_host;
use super::auth::{self, Auth};
use super::line::Line;
use super::proxy::basic;
use super::request::{self, Request, is_credential, userinfo, without_userinfo};
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

/// A message as it is sent, but for the form of its address, which depends on the connection.
#[derive(Debug)]
pub(super) struct Message {
    pub headers: HeaderMap,
    method: Method,
    target: Url,
    body: Bytes,
}

impl Message {
    /// The message in the form that this connection takes.
    pub fn over(self, line: &Line) -> Result<hyper::Request<Full<Bytes>>, Failure> {
        let Self {
            mut headers,
            method,
            target,
            body,
        } = self;
        if !line.is_http2() {
            let host = &target[url::Position::BeforeHost..url::Position::AfterPort];
            let host =
                HeaderValue::from_str(host).map_err(|_| internal("the host cannot be sent"))?;
            headers.entry(HOST).or_insert(host);
        }
        let is_whole = line.is_http2() || line.is_forwarded;
        let uri = match is_whole {
            true => &target[..url::Position::AfterQuery],
            false => &target[url::Position::BeforePath..url::Position::AfterQuery],
        };
        let mut message = hyper::Request::new(Full::new(body));
        *message.uri_mut() = uri
            .parse()
            .map_err(|_| internal("the URL cannot be sent"))?;
        *message.method_mut() = method;
        *message.headers_mut() = headers;
        Ok(message)
    }
}

impl Outgoing<'_> {
    /// What is sent. `user_agent` says who asks, unless the request itself does.
    pub fn message(&self, user_agent: &HeaderValue) -> Result<Message, Failure> {
        let target = self.target();
        let mut headers = self.headers(&target)?;
        headers
            .entry(USER_AGENT)
            .or_insert_with(|| user_agent.clone());
        Ok(Message {
            headers,
            method: match self.request.method {
                request::Method::Get => Method::GET,
                request::Method::Post => Method::POST,
                request::Method::Put => Method::PUT,
            },
            target: without_userinfo(&target),
            body: Bytes::from(self.request.body.clone().unwrap_or_default()),
        })
    }

    /// The URL as it is sent. Forms write a blank as `+`, which a signature takes for the sign itself; `%20` means a
    /// blank to everybody.
    fn target(&self) -> Url {
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
    fn covered<'m>(&'m self, target: &'m Url) -> auth::Message<'m> {
        let signed = |(name, value): &'m (String, String)| {
            let is_signed = self.request.auth.signs(name);
            is_signed.then_some((name.as_str(), value.as_str()))
        };
        auth::Message {
            method: self.request.method.word(),
            url: target,
            headers: self.request.headers.iter().filter_map(signed).collect(),
            body: self.request.body.as_deref().unwrap_or_default(),
        }
    }

    /// The headers of a message to this URL. A signature is made for the URL that is really asked, not for the
    /// original: who verifies it, sees the host and path that were sent, be it a VPC endpoint or another cloud.
    fn headers(&self, target: &Url) -> Result<HeaderMap, Failure> {
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
        for (name, value) in request.auth.headers(&self.covered(target), self.at) {
            headers.insert(HeaderName::from_static(name), secret_value(name, &value)?);
        }
        let unsendable = || internal("user and password cannot be sent");
        if !headers.contains_key(AUTHORIZATION)
            && let Some((user, password)) = userinfo(target).map_err(|_| unsendable())?
        {
            let login = basic(&user, &password).ok_or_else(unsendable)?;
            headers.insert(AUTHORIZATION, login);
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
