//! What came back.

use bytes::Bytes;
use hyper::header::{CONTENT_TYPE, ETAG, HeaderMap, HeaderName, LAST_MODIFIED, LINK};
use url::Url;

use super::gathering::Gathered;
use super::request::{Request, Validators, without_userinfo};
use super::rewrite::Hop;
use crate::market::{BodyHash, Failure, Packed, Sample};

/// In bytes: a header longer than this is not kept.
const LONGEST_KEPT: usize = 4096;

/// One fetch: its answer, and the measurement that every fetch is.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// What came back.
    pub answer: Answer,
    /// How long it took and how it ended.
    pub sample: Sample,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A whole body of the expected kind.
    Body(Box<Body>),
    /// The host says that the body with the given validators is still current.
    NotModified,
    /// Anything else.
    Failed(Failure),
}

/// A whole body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// The body, decompressed; its charset is still the host's. Nothing where it is `packed`.
    pub bytes: Bytes,
    /// The body, where it was so large that the request has let it be packed.
    pub packed: Option<Packed>,
    /// The hash of the body.
    pub hash: BodyHash,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// What to send with the next request for the same URL.
    pub validators: Validators,
    /// The next page by the `Link` header (RFC 8288), absolute and not rewritten. Only of the host that answered,
    /// since the request for it will carry the same credential.
    pub link_next: Option<Url>,
    /// The token of the next page, in the header that the request named for it.
    pub page_token: Option<String>,
    /// Where the body was found after redirects, not rewritten.
    pub url: Url,
}

impl Body {
    pub(super) fn new(
        (body, hash): (Gathered, BodyHash),
        headers: &HeaderMap,
        request: &Request,
        hop: &Hop<'_>,
    ) -> Self {
        let (bytes, packed) = match body {
            Gathered::Plain(bytes) => (bytes, None),
            Gathered::Packed(packed, _) => (Bytes::new(), Some(packed)),
        };
        Self {
            bytes,
            packed,
            hash,
            content_type: kept(headers, &CONTENT_TYPE),
            validators: Validators {
                etag: kept(headers, &ETAG),
                last_modified: kept(headers, &LAST_MODIFIED),
            },
            link_next: headers
                .get_all(LINK)
                .iter()
                .filter_map(|value| value.to_str().ok())
                .find_map(next_of)
                .and_then(|reference| hop.resolve(reference))
                .filter(|next| {
                    same_host(next, &hop.original) && next.as_str().len() <= LONGEST_KEPT
                }),
            page_token: request
                .page_header
                .as_ref()
                .and_then(|name| kept(headers, name))
                .filter(|token| !token.is_empty()),
            url: without_userinfo(&hop.original),
        }
    }
}

/// A header as text, if it is text.
pub(super) fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = std::str::from_utf8(headers.get(name)?.as_bytes()).ok()?;
    Some(value.to_owned())
}

/// A header that is kept beyond the fetch, unless it is unreasonably long.
fn kept(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    text(headers, name).filter(|value| value.len() <= LONGEST_KEPT)
}

/// Whether a credential for one URL may be sent to the other: the same host and port, and no step down from HTTPS.
/// The step up from HTTP to HTTPS at the usual ports stays at home.
pub(super) fn same_host(to: &Url, from: &Url) -> bool {
    let ports = (from.port_or_known_default(), to.port_or_known_default());
    to.host_str() == from.host_str()
        && match (from.scheme(), to.scheme()) {
            ("http", "https") => ports == (Some(80), Some(443)) || ports.0 == ports.1,
            (from, to) => from == to && ports.0 == ports.1,
        }
}

/// The reference of the `next` relation in a `Link` header. Targets may hold commas, so that the angle brackets lead.
fn next_of(mut header: &str) -> Option<&str> {
    while let Some((_, rest)) = header.split_once('<') {
        let (target, rest) = rest.split_once('>')?;
        let parameters = rest.split_once(",").map_or(rest, |_| {
            rest.split_once('<')
                .map_or(rest, |(parameters, _)| parameters)
        });
        let is_next = parameters.split([';', ',']).any(|parameter| {
            parameter.split_once('=').is_some_and(|(name, value)| {
                name.trim().eq_ignore_ascii_case("rel")
                    && value
                        .trim()
                        .trim_matches('"')
                        .split_ascii_whitespace()
                        .any(|relation| relation.eq_ignore_ascii_case("next"))
            })
        });
        if is_next {
            return Some(target);
        }
        header = rest;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found_in_link_headers() {
        let cases = [
            (
                "<https://a.example/?page=2>; rel=\"next\"",
                Some("https://a.example/?page=2"),
            ),
            (
                "</p/1>; rel=prev, </p/3,4>; title=\"x\"; rel=next",
                Some("/p/3,4"),
            ),
            (
                "</last>; rel=\"last\", </b>;rel=\"alternate NEXT\"",
                Some("/b"),
            ),
            ("</a>; rel=nextish", None),
            ("</a>; rev=next", None),
            ("</a; rel=next", None),
            ("", None),
        ];
        for (header, expected) in cases {
            assert_eq!(next_of(header), expected, "{header}");
        }
    }

    #[test]
    fn a_credential_stays_at_its_host() {
        let cases = [
            ("https://a.example/x", "https://a.example/y", true),
            ("http://a.example/x", "https://a.example/", true),
            ("http://a.example:8080/", "https://a.example/", false),
            ("https://a.example/", "http://a.example/", false),
            ("https://a.example/", "https://a.example:8443/", false),
            ("https://a.example/", "https://b.example/", false),
            ("https://a.example/", "https://a.example.evil/", false),
        ];
        for (from, to, same) in cases {
            let url = |text| Url::parse(text).unwrap();
            assert_eq!(same_host(&url(to), &url(from)), same, "{from} -> {to}");
        }
    }
}
