//! What a form sends: bounded, and only if the form was ours.

use axum::body::Body;
use axum::extract::Request;
use axum::http::Response;
use axum::http::header::{self, HeaderMap, HeaderValue};
use serde::Serialize;

use super::answer::Answer;
use super::keys;
use super::refusal::Refusal;
use super::site::Site;
use super::visitor::{Visitor, Who, cookie};

/// Bytes of a form at most.
const LARGEST: usize = 64 * 1024;

/// What a form must send back, and the cookie that it is bound to where nobody is signed in.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Proof {
    pub token: String,
    #[serde(skip)]
    cookie: Option<String>,
}

impl Proof {
    /// For the form that is about to be shown.
    pub fn new(site: &Site, visitor: &Visitor, headers: &HeaderMap) -> Result<Self, Refusal> {
        if let Some(binding) = of_session(visitor) {
            return Ok(Self {
                token: site.form_key.token(&binding),
                cookie: None,
            });
        }
        let known = cookie(headers, &site.cookies.form).filter(|word| word.len() == 43);
        let (word, is_new) = match known {
            Some(word) => (word, false),
            None => (keys::random()?, true),
        };
        Ok(Self {
            token: site.form_key.token(&format!("form {word}")),
            cookie: is_new.then(|| site.cookies.set(&site.cookies.form, &word)),
        })
    }

    /// The page that shows the form.
    pub fn respond(&self, answer: &Answer, headers: &HeaderMap) -> Response<Body> {
        let mut response = answer.to_response(headers);
        let kept = response.headers_mut();
        kept.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        kept.remove(header::ETAG);
        if let Some(cookie) = &self.cookie
            && let Ok(cookie) = HeaderValue::from_str(cookie)
        {
            kept.append(header::SET_COOKIE, cookie);
        }
        response
    }
}

fn of_session(visitor: &Visitor) -> Option<String> {
    match &visitor.who {
        Who::Session(id) => Some(format!("session {id:?}")),
        _ => None,
    }
}

/// What a form sent.
#[derive(Debug)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads it, and refuses what is no form of ours. A program that shows a token needs no form.
    pub async fn read(site: &Site, visitor: &Visitor, request: Request) -> Result<Self, Refusal> {
        let headers = request.headers().clone();
        let kind = headers.get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or("");
        if !kind.starts_with("application/x-www-form-urlencoded") {
            return Err(Refusal::Wrong(
                "expected application/x-www-form-urlencoded, as forms send it".to_string(),
            ));
        }
        let body = axum::body::to_bytes(request.into_body(), LARGEST).await;
        let body = body.map_err(|_| Refusal::TooLarge(LARGEST))?;
        let form = Self(url::form_urlencoded::parse(&body).into_owned().collect());
        let binding = of_session(visitor)
            .or_else(|| cookie(&headers, &site.cookies.form).map(|word| format!("form {word}")));
        let token = form.one("token").unwrap_or("");
        let is_ours = binding.is_some_and(|binding| site.form_key.is_token(&binding, token));
        match is_ours || matches!(visitor.who, Who::Program(_)) {
            true => Ok(form),
            false => Err(Refusal::Forbidden(
                "this form is no longer ours, or never was: nothing was done. Open its page again"
                    .to_string(),
            )),
        }
    }

    /// The value of a key that stands once and is not empty.
    pub fn one(&self, key: &str) -> Option<&str> {
        let is_of_key = |(name, value): &&(String, String)| name == key && !value.is_empty();
        let mut all = self.0.iter().filter(is_of_key);
        let (_, one) = all.next()?;
        all.next().is_none().then_some(one.as_str())
    }
}
