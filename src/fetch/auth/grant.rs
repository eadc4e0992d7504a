//! Tokens that an application is granted, or that a user has granted to it (RFC 6749, sections 4.4 and 6).

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};

use super::token;
use crate::config::mail::Grant;
use crate::fetch::Client;
use crate::market::Failure;

/// Asks for a token: with the refresh token if there is one, otherwise as the application itself. Gives it with how long it is good.
///
/// # Errors
/// Where it is refused, or nobody answers who could give one; without secrets.
pub async fn granted(
    client: &Client,
    grant: &Grant,
) -> Result<(SecretString, SignedDuration), Failure> {
    let mut fields = vec![("client_id", grant.client_id.as_str())];
    let mut secrets = Vec::new();
    match &grant.refresh_token {
        Some(token) => {
            fields.push(("grant_type", "refresh_token"));
            fields.push(("refresh_token", token.expose_secret()));
            secrets.push(token);
        }
        None => fields.push(("grant_type", "client_credentials")),
    }
    if let Some(secret) = &grant.client_secret {
        fields.push(("client_secret", secret.expose_secret()));
        secrets.push(secret);
    }
    if let Some(scope) = &grant.scope {
        fields.push(("scope", scope));
    }
    // only how long it lasts is asked, not until when
    let at = Timestamp::UNIX_EPOCH;
    let request = token::form(grant.url.clone(), &fields, &secrets);
    let body = token::ask(client, &request, at).await?;
    let token = token::read(&body, at)?;
    Ok((token.value, token.until.duration_since(at)))
}
