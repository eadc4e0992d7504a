//! A request to a simulated provider, and its answer.

use std::sync::Arc;

use url::Url;

/// What every answer says of itself.
pub const MARK: (&str, &str) = ("x-simulated", "bellwether demo");

/// A request as the original would have got it.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// `GET`, `POST` …
    pub method: String,
    /// The original's address, host included.
    pub url: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// What was sent.
    pub body: Vec<u8>,
}

impl Request {
    /// A GET without headers.
    pub fn get(url: &str) -> Self {
        Self {
            method: "GET".to_string(),
            url: url.to_string(),
            ..Self::default()
        }
    }

    /// With a header more.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        let name = name.to_ascii_lowercase();
        self.headers.push((name, value.to_string()));
        self
    }

    /// The first header of a name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }

    /// What follows `Bearer` in the authorisation.
    pub fn bearer(&self) -> Option<&str> {
        self.header("authorization")?.strip_prefix("Bearer ")
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status; 0 where a server would say nothing at all.
    pub status: u16,
    /// Without length and date.
    pub headers: Vec<(String, String)>,
    /// The content.
    pub body: Arc<[u8]>,
}

impl Answer {
    /// With a content type and the mark.
    pub fn new(status: u16, media: &str, body: impl Into<Vec<u8>>) -> Self {
        let pair = |name: &str, value: &str| (name.to_string(), value.to_string());
        Self {
            status,
            headers: vec![pair("content-type", media), pair(MARK.0, MARK.1)],
            body: body.into().into(),
        }
    }

    /// JSON.
    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        Self::new(status, JSON, body.to_string())
    }

    /// With a header more.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_string(), value.to_string()));
        self
    }

    /// The first header of a name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Content types.
pub const JSON: &str = "application/json";
/// Of Markdown.
pub const MARKDOWN: &str = "text/markdown; charset=utf-8";
/// Of pages.
pub const HTML: &str = "text/html; charset=utf-8";
/// Of feeds and sitemaps.
pub const XML: &str = "application/xml; charset=utf-8";
/// Of plain texts.
pub const TEXT: &str = "text/plain; charset=utf-8";

/// What a request asks for, taken apart.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Of the original.
    pub host: String,
    /// With its slash, as it was sent.
    pub path: String,
    /// Decoded.
    pub query: Vec<(String, String)>,
}

impl Asked {
    /// Takes an address apart.
    pub fn of(url: &str) -> Option<Self> {
        let url = Url::parse(url).ok()?;
        let pair = |(name, value): (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)| {
            (name.into_owned(), value.into_owned())
        };
        Some(Self {
            host: url.host_str()?.to_string(),
            path: url.path().to_string(),
            query: url.query_pairs().map(pair).collect(),
        })
    }

    /// The first value of a parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }
}
