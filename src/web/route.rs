//! Which path is answered by what, and what all answers have in common.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{Response, Uri};
use axum::middleware;
use axum::response::IntoResponse as _;
use axum::routing::{get, post};
use jiff::{SignedDuration, Timestamp};

use super::answer::{Answer, takes_gzip};
use super::guard::guard;
use super::query::Query;
use super::refusal::Refusal;
use super::site::Site;
use super::{actions, api, assets, health, live, metrics, page, pages, published, sign_in};
use crate::store::Store;

/// What a question is answered from.
pub(super) struct Asked<'a> {
    pub site: &'a Site,
    pub store: &'a Store,
    /// The path as it was asked.
    pub path: String,
    pub query: Query,
    pub now: Timestamp,
    /// What kind of answer is wanted, where there are several.
    pub accept: Accept,
    /// The address below which whoever asks finds the dashboard, without a slash at its end; only where the answer hangs on it.
    pub base: Option<String>,
}

/// What kind of answer is wanted, where there are several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Accept {
    /// What is usual.
    Usual,
    /// One JSON object a line.
    Lines,
    /// OpenMetrics.
    OpenMetrics,
}

impl Accept {
    fn of(headers: &HeaderMap) -> Self {
        let wanted = headers.get_all(header::ACCEPT);
        let wanted: Vec<&str> = wanted.iter().filter_map(|one| one.to_str().ok()).collect();
        let has = |name: &str| wanted.iter().any(|one| one.contains(name));
        match () {
            () if has("application/openmetrics-text") => Self::OpenMetrics,
            () if has("application/x-ndjson") => Self::Lines,
            () => Self::Usual,
        }
    }
}

/// The address that whoever asks sees: as it names the host, if it is one.
fn base(headers: &HeaderMap) -> Option<String> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let is_known = |c: u8| c.is_ascii_alphanumeric() || b".-:[]_".contains(&c);
    let is_plain = host.len() <= 255 && host.bytes().all(is_known);
    let base = format!("http://{host}");
    (is_plain && url::Url::parse(&base).is_ok()).then_some(base)
}

/// One path and what answers it: a pure question to the store, in a thread that may wait.
pub(super) struct Route {
    pub path: &'static str,
    pub answer: fn(&Asked<'_>) -> Result<Answer, Refusal>,
    /// How long an answer holds while the store comes no further.
    pub holds: SignedDuration,
}

/// What does not change while the store stays the same, but for what is said of ages.
pub(super) const FACTS: SignedDuration = SignedDuration::from_secs(60);
/// What is measured all the time.
pub(super) const MEASURED: SignedDuration = SignedDuration::from_secs(15);
/// Made anew each time.
pub(super) const NEVER: SignedDuration = SignedDuration::ZERO;

/// Bytes of a path and query at most.
const LONGEST: usize = 4_000;

/// All that is served.
pub(super) fn router(site: Arc<Site>) -> Router {
    let mut router = Router::new()
        .merge(actions::router(&site))
        .route("/live", get(listen))
        .route("/assets/{*file}", get(asset));
    for route in pages::ALL
        .iter()
        .chain(api::ALL)
        .chain(published::ALL)
        .chain(metrics::ALL)
    {
        router = router.route(route.path, answering(route));
    }
    router
        .route("/healthz", get(health::lives))
        .route("/readyz", get(health::reads))
        .route(sign_in::PATH, get(sign_in::show).post(sign_in::sign_in))
        .route(sign_in::OUT, post(sign_in::sign_out))
        .fallback(missing)
        .method_not_allowed_fallback(not_so)
        .layer(middleware::from_fn_with_state(
            Arc::clone(&site),
            metrics::count,
        ))
        .layer(middleware::from_fn_with_state(Arc::clone(&site), guard))
        .with_state(site)
}

fn answering(route: &'static Route) -> axum::routing::MethodRouter<Arc<Site>> {
    get(
        move |State(site): State<Arc<Site>>,
              Path(path): Path<BTreeMap<String, String>>,
              RawQuery(query): RawQuery,
              uri: Uri,
              headers: HeaderMap| async move {
            let answered = answer(&site, route, path, query, (&uri, &headers)).await;
            match answered {
                Ok(answer) => answer.to_response(&headers),
                Err(refusal) => refuse(&site, &refusal, uri.path(), &headers),
            }
        },
    )
}

async fn answer(
    site: &Arc<Site>,
    route: &'static Route,
    path: BTreeMap<String, String>,
    query: Option<String>,
    (uri, headers): (&Uri, &HeaderMap),
) -> Result<Arc<Answer>, Refusal> {
    let address = uri.path_and_query().map_or("/", |address| address.as_str());
    if address.len() > LONGEST {
        return Err(Refusal::Wrong(format!(
            "expected an address of at most {LONGEST} bytes, found {}",
            address.len()
        )));
    }
    let (version, now) = (site.version()?, site.now());
    let (accept, base) = match api::varies(route.path) {
        Some(header::ACCEPT) => (Accept::of(headers), None),
        Some(_) => (Accept::Usual, site.base().or_else(|| base(headers))),
        None => (Accept::Usual, None),
    };
    // what an answer hangs on besides its address
    let mut address = address.to_string();
    match (accept, &base) {
        (Accept::Usual, None) => {}
        (Accept::Usual, Some(base)) => address.push_str(&format!("\n{base}")),
        (accept, _) => address.push_str(&format!("\n{accept:?}")),
    }
    if let Some(answer) = site.cache.get(&address, version, now, route.holds) {
        return Ok(answer);
    }
    // many open the same page when it changes: it is made once
    let _turn = match route.holds > NEVER {
        true => Some(site.cache.turn(&address).await),
        false => None,
    };
    if let Some(answer) = site.cache.get(&address, version, now, route.holds) {
        return Ok(answer);
    }
    let query = Query::new(path, query.as_deref().unwrap_or(""))?;
    let path = uri.path().to_string();
    let takes_gzip = takes_gzip(headers);
    let made = site.ask(move |site, store| {
        let asked = Asked {
            site,
            store,
            path,
            query,
            now,
            accept,
            base,
        };
        let answer = (route.answer)(&asked)?;
        if takes_gzip {
            answer.gzip();
        }
        asked.query.finish()?;
        Ok(Arc::new(answer))
    });
    let made = made.await?;
    if route.holds > NEVER {
        site.cache.keep(address, version, now, &made);
    }
    Ok(made)
}

/// Says why: to programs as JSON, to people as a page.
pub(super) fn refuse(
    site: &Site,
    refusal: &Refusal,
    path: &str,
    headers: &HeaderMap,
) -> Response<Body> {
    if refusal.status().is_server_error() {
        tracing::warn!(path, "the dashboard: {refusal}");
    }
    let said = refusal.said();
    let is_api =
        path.starts_with("/api/") || path == "/metrics" || matches!(refusal, Refusal::Unknown);
    let page = (!is_api).then(|| page::page(site, ("", "Not answered"), "refusal.html", &said));
    let answer = match page {
        Some(Ok(page)) => page.with_status(refusal.status()),
        _ => api::problem(refusal.status(), &said),
    };
    let mut response = answer.to_response(headers);
    if let Some((name, value)) = refusal.header()
        && let Ok(value) = HeaderValue::from_str(&value)
    {
        response.headers_mut().insert(name, value);
    }
    response
}

async fn missing(State(site): State<Arc<Site>>, uri: Uri, headers: HeaderMap) -> Response<Body> {
    let path: String = uri.path().chars().take(120).collect();
    let refusal = Refusal::Missing(format!("there is no page {path}"));
    refuse(&site, &refusal, uri.path(), &headers)
}

/// A page is only looked at.
async fn not_so(State(site): State<Arc<Site>>, uri: Uri, headers: HeaderMap) -> Response<Body> {
    let refusal = Refusal::Method;
    refuse(&site, &refusal, uri.path(), &headers)
}

async fn asset(State(site): State<Arc<Site>>, uri: Uri, headers: HeaderMap) -> Response<Body> {
    match assets::response(uri.path(), &headers) {
        Some(response) => response,
        None => missing(State(site), uri, headers).await,
    }
}

async fn listen(State(site): State<Arc<Site>>, uri: Uri, headers: HeaderMap) -> Response<Body> {
    match live::listen(&site) {
        Ok(events) => events.into_response(),
        Err(refusal) => refuse(&site, &refusal, uri.path(), &headers),
    }
}
