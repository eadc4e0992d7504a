//! `/login`: people sign in with a password, and out.

use std::sync::Arc;
use std::time::Instant;

use argon2::Argon2;
use argon2::password_hash::PasswordVerifier as _;
use argon2::password_hash::phc::PasswordHash;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderValue};
use axum::http::{Response, StatusCode, Uri};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use url::Url;

use super::answer::Answer;
use super::form::{Form, Proof};
use super::page;
use super::query::Query;
use super::refusal::Refusal;
use super::route::refuse;
use super::site::Site;
use super::visitor::{Visitor, Who};

/// Where people sign in.
pub(super) const PATH: &str = "/login";
/// Where they sign out.
pub(super) const OUT: &str = "/logout";
/// Longer passwords are none: each is hashed whole.
const LONGEST_PASSWORD: usize = 1_000;

#[derive(Serialize)]
struct View {
    proof: Proof,
    /// Where to go on.
    next: String,
    /// Why it was not good enough.
    wrong: Option<String>,
    has_password: bool,
    /// Who is signed in.
    name: Option<String>,
    can_sign_out: bool,
}

/// The address of the sign-in that leads on to what was asked.
pub(super) fn address(uri: &Uri) -> String {
    let asked = uri.path_and_query().map_or("/", |asked| asked.as_str());
    let next = url::form_urlencoded::byte_serialize(asked.as_bytes());
    match asked {
        "/" => PATH.to_string(),
        _ => format!("{PATH}?next={}", next.collect::<String>()),
    }
}

/// A path of ours, whatever somebody wrote into a link.
fn safe_next(next: &str) -> String {
    let ours = Url::parse("http://ours.invalid/").ok();
    let joined = ours.as_ref().and_then(|ours| ours.join(next).ok());
    let is_plain = next.starts_with('/') && next.len() <= 2_000;
    let joined = joined.filter(|joined| {
        is_plain
            && ours
                .as_ref()
                .is_some_and(|ours| ours.origin() == joined.origin())
    });
    let asked = joined
        .map(|joined| joined[url::Position::BeforePath..url::Position::AfterQuery].to_string());
    let leads_on = |asked: &String| {
        let path = asked.split('?').next().unwrap_or("");
        !asked.starts_with("//") && ![PATH, OUT].contains(&path)
    };
    asked.filter(leads_on).unwrap_or_else(|| "/".to_string())
}

/// Shows the form, or who is signed in.
pub(super) async fn show(State(site): State<Arc<Site>>, request: Request) -> Response<Body> {
    let shown = || {
        let visitor = visitor(&request)?;
        let query = request.uri().query().unwrap_or("");
        let query = Query::new(Default::default(), query)?;
        let next = safe_next(query.one("next")?.unwrap_or("/"));
        query.finish()?;
        form(&site, visitor, &request, next, None)
    };
    let path = request.uri().path();
    shown().unwrap_or_else(|refusal| refuse(&site, &refusal, path, request.headers()))
}

/// Who asks, as the guard found out.
pub(super) fn visitor(request: &Request) -> Result<&Visitor, Refusal> {
    let visitor = request.extensions().get::<Visitor>();
    visitor.ok_or_else(|| Refusal::Internal("a request without a visitor".to_string()))
}

fn form(
    site: &Site,
    visitor: &Visitor,
    request: &Request,
    next: String,
    wrong: Option<String>,
) -> Result<Response<Body>, Refusal> {
    let headers = request.headers();
    let proof = Proof::new(site, visitor, headers)?;
    let status = match wrong {
        Some(_) => StatusCode::FORBIDDEN,
        None => StatusCode::OK,
    };
    let view = View {
        proof,
        next,
        wrong,
        has_password: site.means.settings.web.password.is_some(),
        name: (visitor.who != Who::Unknown).then(|| visitor.name().to_string()),
        can_sign_out: matches!(visitor.who, Who::Session(_)),
    };
    let page = page::page(site, (PATH, "Sign in"), "login.html", &view)?;
    Ok(view.proof.respond(&page.with_status(status), headers))
}

/// Takes a password.
pub(super) async fn sign_in(State(site): State<Arc<Site>>, request: Request) -> Response<Body> {
    let (path, headers) = (request.uri().path().to_string(), request.headers().clone());
    let signed_in = taken(&site, request).await;
    signed_in.unwrap_or_else(|refusal| refuse(&site, &refusal, &path, &headers))
}

async fn taken(site: &Arc<Site>, request: Request) -> Result<Response<Body>, Refusal> {
    let visitor = visitor(&request)?.clone();
    let headers = request.headers().clone();
    let form_of = |next, wrong| {
        let mut asked = Request::new(Body::empty());
        *asked.headers_mut() = headers.clone();
        form(site, &visitor, &asked, next, wrong)
    };
    let sent = Form::read(site, &visitor, request).await?;
    let next = safe_next(sent.one("next").unwrap_or("/"));
    let Some(hash) = site.means.settings.web.password.clone() else {
        return Err(Refusal::Missing(
            "there is no password to sign in with: see [web] password".to_string(),
        ));
    };
    let password = sent.one("password").unwrap_or("");
    if password.is_empty() || password.len() > LONGEST_PASSWORD {
        return form_of(next, Some("That is not the password.".to_string()));
    }
    let began = site.tries.begin(visitor.address, Instant::now());
    began.map_err(Refusal::TooOften)?;
    let password = SecretString::from(password.to_string());
    let is_good = verified(site, hash, password).await;
    let ended = is_good.as_ref().ok().copied();
    site.tries.end(visitor.address, ended, Instant::now());
    if !is_good? {
        tracing::warn!(address = %visitor.address, "the dashboard: a wrong password");
        return form_of(next, Some("That is not the password.".to_string()));
    }
    let word = site.sessions.begin(site.now())?;
    tracing::info!(address = %visitor.address, "the dashboard: signed in");
    go_on(next, &site.cookies.set(&site.cookies.session, &word))
}

fn go_on(next: String, cookie: &str) -> Result<Response<Body>, Refusal> {
    let mut response = Answer::see_other(next).to_response(&Default::default());
    let cookie = HeaderValue::from_str(cookie);
    let cookie = cookie.map_err(|_| Refusal::Internal("a cookie that is none".to_string()))?;
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

/// Whether it is the password. One is looked at at a time: each takes memory and a tenth of a second on purpose.
async fn verified(
    site: &Site,
    hash: SecretString,
    password: SecretString,
) -> Result<bool, Refusal> {
    let _turn = site.verifying.take().await?;
    let verified = tokio::task::spawn_blocking(move || {
        let hash = PasswordHash::new(hash.expose_secret());
        hash.is_ok_and(|hash| {
            let password = password.expose_secret().as_bytes();
            Argon2::default().verify_password(password, &hash).is_ok()
        })
    });
    verified
        .await
        .map_err(|error| Refusal::Internal(error.to_string()))
}

/// Ends the session.
pub(super) async fn sign_out(State(site): State<Arc<Site>>, request: Request) -> Response<Body> {
    let (path, headers) = (request.uri().path().to_string(), request.headers().clone());
    let left = async {
        let visitor = visitor(&request)?.clone();
        Form::read(&site, &visitor, request).await?;
        if let Who::Session(id) = &visitor.who {
            site.sessions.end(id);
        }
        go_on(
            PATH.to_string(),
            &site.cookies.forget(&site.cookies.session),
        )
    };
    let left = left.await;
    left.unwrap_or_else(|refusal| refuse(&site, &refusal, &path, &headers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_goes_on_to_paths_of_ours_alone() {
        for (next, safe) in [
            (
                "/changes?provider=azure&q=a%20b",
                "/changes?provider=azure&q=a%20b",
            ),
            ("/", "/"),
            ("/../../etc", "/etc"),
            ("//evil.test/", "/"),
            ("/\\evil.test", "/"),
            ("\\\\evil.test", "/"),
            ("/\t/evil.test", "/"),
            ("https://evil.test/", "/"),
            ("javascript:alert(1)", "/"),
            ("changes", "/"),
            ("/login?next=/login", "/"),
            ("/logout", "/"),
            ("/.//evil.test", "/"),
            ("", "/"),
            ("/a\r\nset-cookie: b", "/aset-cookie:%20b"),
        ] {
            assert_eq!(safe_next(next), safe, "{next}");
        }
        let of = |text: &str| address(&text.parse().expect("an address"));
        assert_eq!(of("/"), "/login");
        assert_eq!(
            of("/prices?model=a&b=c"),
            "/login?next=%2Fprices%3Fmodel%3Da%26b%3Dc"
        );
    }
}
