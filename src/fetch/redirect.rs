//! Which redirects are followed.

use hyper::StatusCode;
use url::Url;

use super::answer::same_host;
use super::request::{Method, Request, without_userinfo};
use super::rewrite::Hop;
use crate::market::{Failure, plain};

/// So many redirects one fetch follows.
pub(super) const MOST: usize = 5;

/// Whether the status is a redirect that a `Location` makes sense with.
pub(super) fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// The next original to ask, or why not. What the network says of the next host is judged when it is reached.
pub(super) fn next(
    request: &Request,
    hop: &Hop<'_>,
    status: StatusCode,
    location: &str,
) -> Result<Url, Failure> {
    let refused = |detail: String| Failure::RedirectRefused { detail };
    let next = hop
        .resolve(location)
        .ok_or_else(|| refused("to something that is no URL".into()))?;
    let next = without_userinfo(&next);
    let host = plain(next.host_str().unwrap_or_default(), 100);
    match (hop.original.scheme(), next.scheme()) {
        ("http" | "https", "https") | ("http", "http") => {}
        ("https", "http") => return Err(refused(format!("from HTTPS to HTTP at {host}"))),
        (_, scheme) => return Err(refused(format!("to the scheme {}", plain(scheme, 20)))),
    }
    if request.is_keyed() && !same_host(&next, &hop.original) {
        return Err(refused(format!(
            "to another host, {host}, which must not get the credential"
        )));
    }
    let word = request.method.word();
    if request.method != Method::Get && !matches!(status.as_u16(), 307 | 308) {
        return Err(refused(format!(
            "of a {word}, which would become another request"
        )));
    }
    if request.method != Method::Get && !same_host(&next, &hop.original) {
        return Err(refused(format!("of a {word} to another host, {host}")));
    }
    Ok(next)
}
