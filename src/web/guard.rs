//! What stands before every answer: is it us who are asked, does whoever asks pace themselves, may they, is it they who ask.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, Response, StatusCode, Uri};
use axum::middleware::Next;
use futures_util::FutureExt as _;

use super::answer::Answer;
use super::refusal::Refusal;
use super::route::refuse;
use super::sign_in;
use super::site::Site;
use super::visitor::{self, Ends, Visitor, Who};

/// Nothing from elsewhere, no script or style in a page, no frame around it.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'";
/// Browsers ask this host over TLS alone, for half a year.
const ONLY_TLS: &str = "max-age=15768000";

/// Lets a request through, or says why not; and tells browsers how far to trust the answer.
pub(super) async fn guard(
    State(site): State<Arc<Site>>,
    mut request: Request,
    next: Next,
) -> Response<Body> {
    let (method, uri, headers) = (
        request.method().clone(),
        request.uri().clone(),
        request.headers().clone(),
    );
    let admitted = admit(&site, &mut request);
    let mut response = match admitted {
        Ok(()) => match answered(&site, request, next).await {
            Ok(response) => response,
            Err(refusal) => refuse(&site, &refusal, uri.path(), &headers),
        },
        Err(refusal) => turn_away(&site, &refusal, &method, &uri, &headers),
    };
    if method == Method::OPTIONS && response.status() == StatusCode::METHOD_NOT_ALLOWED {
        // what may be asked stands in `Allow`
        *response.status_mut() = StatusCode::NO_CONTENT;
        *response.body_mut() = Body::empty();
    }
    if uri.path().starts_with("/badges/") && response.status().is_success() {
        // made for the pages of others
        let policy = HeaderName::from_static("cross-origin-resource-policy");
        let others = HeaderValue::from_static("cross-origin");
        response.headers_mut().insert(policy, others);
    }
    secure(&site, response.headers_mut());
    response
}

fn admit(site: &Site, request: &mut Request) -> Result<(), Refusal> {
    let path = request.uri().path();
    // whoever looks whether we live may know us by any name
    if is_health(path) {
        return Ok(());
    }
    let ends = request.extensions().get::<Ends>().copied();
    let ends = ends.ok_or_else(|| Refusal::Internal("a request without ends".to_string()))?;
    let visitor = Visitor::of(site, &ends, request.headers());
    visitor::check_pace(site, &visitor, request.method(), Instant::now())?;
    visitor::check_host(site, &ends, request.uri(), request.headers())?;
    if visitor.who == Who::Unknown && !is_open(path) {
        return Err(Refusal::Unknown);
    }
    if !visitor::is_reading(request.method()) {
        visitor::check_origin(site, request.uri(), request.headers())?;
    }
    request.extensions_mut().insert(visitor);
    Ok(())
}

fn is_health(path: &str) -> bool {
    ["/healthz", "/readyz"].contains(&path)
}

/// What everybody may see: nothing of it tells what is known here.
fn is_open(path: &str) -> bool {
    path == sign_in::PATH || path.starts_with("/assets/")
}

/// What programs ask for: they are told to name themselves, where people are led to a page.
fn is_for_programs(path: &str) -> bool {
    let parts = ["/api/", "/feed.", "/badges/"];
    let whole = ["/api", "/metrics", "/live", "/retirements.ics"];
    whole.contains(&path) || parts.iter().any(|part| path.starts_with(part))
}

fn turn_away(
    site: &Site,
    refusal: &Refusal,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Response<Body> {
    let is_page = visitor::is_reading(method) && !is_for_programs(uri.path());
    if matches!(refusal, Refusal::Unknown) && is_page {
        return Answer::see_other(sign_in::address(uri)).to_response(headers);
    }
    refuse(site, refusal, uri.path(), headers)
}

async fn answered(site: &Site, request: Request, next: Next) -> Result<Response<Body>, Refusal> {
    let limit = site.means.settings.web.bounds.answer;
    let limit = Duration::try_from(limit).unwrap_or(Duration::from_secs(30));
    in_time(limit, next.run(request)).await
}

/// The answer, if it comes in time. A panic is an answer, too: the next request goes on.
async fn in_time(
    limit: Duration,
    answer: impl Future<Output = Response<Body>>,
) -> Result<Response<Body>, Refusal> {
    let answer = AssertUnwindSafe(answer).catch_unwind();
    match tokio::time::timeout(limit, answer).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(_)) => Err(Refusal::Internal(
            "a request failed in the program itself".to_string(),
        )),
        Err(_) => Err(Refusal::Late),
    }
}

/// What every answer says to browsers.
fn secure(site: &Site, headers: &mut HeaderMap) {
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        // with no referrer at all, browsers would not say either that a form is ours
        (header::REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=(), payment=()",
        ),
    ] {
        // an answer that says so itself has a reason to
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if site.means.settings.web.is_https() {
        let only = HeaderValue::from_static(ONLY_TLS);
        headers.insert(header::STRICT_TRANSPORT_SECURITY, only);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_panics_or_never_ends_is_answered() {
        let limit = Duration::from_millis(5);
        let panicked = in_time(limit, async { panic!("a defect of ours") }).await;
        assert!(matches!(panicked, Err(Refusal::Internal(_))));
        let late = in_time(limit, std::future::pending()).await;
        assert!(matches!(late, Err(Refusal::Late)));
        let good = in_time(limit, async { Response::new(Body::empty()) }).await;
        assert!(good.is_ok());
    }
}
