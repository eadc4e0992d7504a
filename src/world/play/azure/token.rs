//! Entra's tokens for an application with a secret (facts: azure.md §1).

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::json;
use url::form_urlencoded;

use super::nowhere;
use crate::world::play::Found;
use crate::world::{Answer, Asked, Moment, Request};

/// The tenant.
pub const TENANT: &str = "00000000-1111-4222-8333-7e4a47000000";
/// The application.
pub const CLIENT: &str = "00000000-2222-4333-8444-c11e47000000";
/// Its secret.
pub const SECRET: &str = "simulated~secret~of~nobody";

/// Tokens hold so many seconds.
const HOLDS: i64 = 3599;

/// How a token begins; the moment of its making follows.
const HEAD: &str = "eyJzaW11bGF0ZWQiOnRydWV9.";

/// Gives a token to who knows the secret.
pub fn find(asked: &Asked, request: &Request) -> Found {
    let Some(tenant) = asked
        .path
        .strip_prefix('/')
        .and_then(|path| path.strip_suffix("/oauth2/v2.0/token"))
    else {
        return nowhere();
    };
    let fields: Vec<(Cow<'_, str>, Cow<'_, str>)> = form_urlencoded::parse(&request.body).collect();
    let field = |name: &str| {
        let found = fields.iter().find(|(own, _)| own == name);
        found.map_or("", |(_, value)| value)
    };
    let (client, secret) = (field("client_id"), field("client_secret"));
    if tenant != TENANT {
        let message = format!(
            "AADSTS90002: Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID."
        );
        return error(400, "invalid_request", 90_002, message);
    }
    if field("grant_type") != "client_credentials" {
        let message = "AADSTS70003: The app requested an unsupported grant type.".to_string();
        return error(400, "unsupported_grant_type", 70_003, message);
    }
    if client != CLIENT {
        let message = format!(
            "AADSTS700016: Application with identifier '{client}' was not found in the directory."
        );
        return error(400, "unauthorized_client", 700_016, message);
    }
    if secret != SECRET {
        let message = format!(
            "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, \
             not the client secret ID, for a secret added to app '{client}'."
        );
        return error(401, "invalid_client", 7_000_215, message);
    }
    if !field("scope").ends_with("/.default") {
        let message = format!(
            "AADSTS1002012: The provided value for scope {} is not valid.",
            field("scope")
        );
        return error(400, "invalid_scope", 1_002_012, message);
    }
    Found::Depends(Box::new(|moment| {
        let body = json!({
            "token_type": "Bearer",
            "expires_in": HOLDS,
            "ext_expires_in": HOLDS,
            "access_token": format!("{HEAD}{}", moment.now.as_second()),
        });
        Answer::json(200, &body).into()
    }))
}

fn error(status: u16, word: &'static str, code: u32, message: String) -> Found {
    Found::Depends(Box::new(move |moment| {
        let trace = "00000000-0000-4000-8000-000000000000";
        let body = json!({
            "error": word,
            "error_description": format!("{message} Trace ID: {trace} Correlation ID: {trace}"),
            "error_codes": [code],
            "timestamp": moment.now.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
            "trace_id": trace,
            "correlation_id": trace,
        });
        Answer::json(status, &body).into()
    }))
}

/// Whether a token holds; else the resource manager's word and sentence.
pub fn verify(
    token: Option<&str>,
    moment: &Moment<'_>,
) -> Result<(), (&'static str, &'static str)> {
    let Some(token) = token else {
        let message = "Authentication failed. The 'Authorization' header is missing.";
        return Err(("AuthenticationFailed", message));
    };
    let made = token.strip_prefix(HEAD).and_then(|rest| rest.parse().ok());
    let made = made.and_then(|made| Timestamp::from_second(made).ok());
    let Some(made) = made else {
        return Err(("InvalidAuthenticationToken", "The access token is invalid."));
    };
    let age = moment.now.as_second() - made.as_second();
    // clocks may differ by five minutes
    match age > HOLDS + 300 {
        true => Err((
            "ExpiredAuthenticationToken",
            "The access token expiry UTC time is earlier than current UTC time.",
        )),
        false => Ok(()),
    }
}
