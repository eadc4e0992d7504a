//! What is answered: bytes with their type, compressed once, with a tag by which they are known again.

use std::io::{Read as _, Write as _};
use std::sync::OnceLock;

use axum::body::Body;
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{Response, StatusCode};
use bytes::Bytes;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

/// Shorter bodies gain nothing by being compressed.
const COMPRESSED_FROM: usize = 1_000;

/// A whole answer.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub status: StatusCode,
    pub content_type: &'static str,
    pub body: Bytes,
    /// Where whoever asked is to go instead.
    pub location: Option<String>,
    /// Whether it is a document with styles and pictures of its own.
    is_document: bool,
    /// Where the list that it is a part of goes on (RFC 8288).
    pub link: Option<String>,
    /// Compressed, once somebody takes it so.
    gzip: OnceLock<Option<Bytes>>,
    tag: String,
}

pub(super) const HTML: &str = "text/html; charset=utf-8";
pub(super) const JSON: &str = "application/json";

/// What a document may do that brings styles and pictures of its own.
const DOCUMENT: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; \
                        frame-ancestors 'self'; sandbox";

impl Answer {
    /// A good answer.
    pub fn new(content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let body: Bytes = body.into();
        let tag = blake3::hash(&body).to_hex();
        Self {
            status: StatusCode::OK,
            content_type,
            gzip: OnceLock::new(),
            location: None,
            is_document: false,
            link: None,
            tag: format!("\"{}\"", &tag[..32]),
            body,
        }
    }

    /// The same under another status.
    pub fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// The same as a document that brings styles and pictures of its own: a report as it was made. It may run nothing, ask for
    /// nothing and send nothing, and only pages of ours may frame it.
    pub fn into_document(self) -> Self {
        Self {
            is_document: true,
            ..self
        }
    }

    /// The same, a part of a list that goes on there.
    pub fn with_link(self, link: Option<String>) -> Self {
        Self { link, ..self }
    }

    /// Sends whoever asked elsewhere.
    pub fn see_other(location: String) -> Self {
        Self {
            location: Some(location),
            ..Self::new("text/plain; charset=utf-8", "").with_status(StatusCode::SEE_OTHER)
        }
    }

    /// Compresses it, in the thread that made it.
    pub fn gzip(&self) -> Option<&Bytes> {
        let gzip = self.gzip.get_or_init(|| compressed(&self.body));
        gzip.as_ref()
    }

    /// The same without what can be had of its compressed form: most ask for that.
    pub fn packed(&self) -> Self {
        let body = match self.gzip.get() {
            Some(Some(_)) => Bytes::new(),
            _ => self.body.clone(),
        };
        Self {
            body,
            ..self.clone()
        }
    }

    /// How much memory it takes.
    pub fn size(&self) -> usize {
        let gzip = self.gzip.get().and_then(Option::as_ref);
        self.body.len() + gzip.map_or(0, Bytes::len)
    }

    /// What it says, as it was before it was compressed.
    fn whole(&self) -> Bytes {
        match self.gzip.get() {
            Some(Some(gzip)) if self.body.is_empty() => unpacked(gzip),
            _ => self.body.clone(),
        }
    }

    /// What is sent: nothing but the tag where whoever asked has it already.
    pub fn to_response(&self, asked: &HeaderMap) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        let is_known = self.status == StatusCode::OK && self.is_known(asked);
        *response.status_mut() = match is_known {
            true => StatusCode::NOT_MODIFIED,
            false => self.status,
        };
        let headers = response.headers_mut();
        let mut tell = |name, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        if self.is_document {
            tell(header::CONTENT_SECURITY_POLICY, DOCUMENT);
            tell(header::X_FRAME_OPTIONS, "SAMEORIGIN");
        }
        if self.status == StatusCode::OK {
            tell(header::ETAG, &self.tag);
        }
        tell(
            header::VARY,
            "accept, accept-encoding, cookie, authorization",
        );
        tell(header::CACHE_CONTROL, "private, no-cache");
        if let Some(link) = &self.link {
            tell(header::LINK, link);
        }
        if let Some(location) = &self.location {
            tell(header::LOCATION, location);
        }
        if is_known {
            return response;
        }
        tell(header::CONTENT_TYPE, self.content_type);
        let gzip = match takes_gzip(asked) {
            true => self.gzip(),
            false => None,
        };
        let body = match gzip {
            Some(gzip) => {
                tell(header::CONTENT_ENCODING, "gzip");
                gzip.clone()
            }
            None => self.whole(),
        };
        *response.body_mut() = Body::from(body);
        response
    }

    fn is_known(&self, asked: &HeaderMap) -> bool {
        let all = asked.get_all(header::IF_NONE_MATCH);
        let tags = all.iter().filter_map(|tags| tags.to_str().ok());
        tags.flat_map(|tags| tags.split(',')).any(|tag| {
            let tag = tag.trim();
            tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == self.tag
        })
    }
}

/// Whether whoever asks takes answers that are compressed.
pub(super) fn takes_gzip(asked: &HeaderMap) -> bool {
    let all = asked.get_all(header::ACCEPT_ENCODING);
    let codings = all.iter().filter_map(|codings| codings.to_str().ok());
    codings
        .flat_map(|codings| codings.split(','))
        .any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            let is_gzip = parts
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
            is_gzip && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
}

/// What was compressed here.
fn unpacked(gzip: &Bytes) -> Bytes {
    let mut body = Vec::new();
    if let Err(error) = GzDecoder::new(&**gzip).read_to_end(&mut body) {
        tracing::error!("an answer that was kept cannot be unpacked: {error}");
    }
    body.into()
}

fn compressed(body: &Bytes) -> Option<Bytes> {
    if body.len() < COMPRESSED_FROM {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(5));
    encoder.write_all(body).ok()?;
    let gzip = encoder.finish().ok()?;
    (gzip.len() < body.len()).then(|| gzip.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_compressed_is_had_whole() {
        let answer = Answer::new(HTML, "<p>landscape</p>".repeat(1_000));
        assert_eq!(
            answer.packed().body,
            answer.body,
            "nobody took it compressed"
        );
        answer.gzip();
        let packed = answer.packed();
        assert!(packed.size() < answer.body.len() / 10);
        assert_eq!(packed.whole(), answer.body);
        let short = Answer::new(HTML, "short");
        short.gzip();
        assert_eq!(short.packed().whole(), short.body);
    }
}
