//! Access tokens of Google.
//!
//! <https://developers.google.com/identity/protocols/oauth2/service-account>

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value as Json, json};
use url::Url;

use super::cache::Lasting;
use super::rsa::Key;
use super::token;
use crate::config::identities::{Google, remedy};
use crate::fetch::{Client, Purpose, Request};
use crate::market::{Failure, plain};

/// Where tokens are asked for, unless a key's file says otherwise.
const TOKENS: &str = "https://oauth2.googleapis.com/token";
/// What tells a machine of Google about itself.
const METADATA: &str = "metadata.google.internal";
/// How long a statement of ours is good, in seconds: the longest that is taken.
const STATEMENT_LASTS: i64 = 3600;

/// A token, and the project that its requests are to be counted for.
#[derive(Debug, Clone)]
pub(super) struct Granted {
    pub token: SecretString,
    pub quota_project: Option<String>,
}

/// What a file of credentials holds.
#[derive(Debug)]
enum File {
    /// The key of a service account.
    Account {
        email: String,
        key: Key,
        key_id: Option<String>,
        tokens: Url,
    },
    /// What a user has granted to a program.
    User {
        client_id: String,
        client_secret: SecretString,
        refresh_token: SecretString,
        quota_project: Option<String>,
    },
}

/// A token for the scopes, which blanks part: by the file of the identity, or by the machine's own service account.
pub(super) async fn token(
    client: &Client,
    identity: &Google,
    scope: &str,
    at: Timestamp,
) -> Result<Lasting<Granted>, Failure> {
    let mut quota_project = identity.quota_project.clone();
    let request = match &identity.file {
        Some(path) => match File::read(token::file(path, "[google] key_file").await?)? {
            File::User {
                client_id,
                client_secret,
                refresh_token,
                quota_project: own,
            } => {
                quota_project = quota_project.or(own);
                let fields = [
                    ("grant_type", "refresh_token"),
                    ("client_id", &client_id),
                    ("client_secret", client_secret.expose_secret()),
                    ("refresh_token", refresh_token.expose_secret()),
                ];
                token::form(address(TOKENS)?, &fields, &[&client_secret, &refresh_token])
            }
            File::Account {
                email,
                key,
                key_id,
                tokens,
            } => {
                let statement = statement(&email, &key, key_id.as_deref(), scope, &tokens, at)?;
                let fields = [
                    ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
                    ("assertion", statement.expose_secret()),
                ];
                Request {
                    purpose: Purpose::TokenForStatement,
                    ..token::form(tokens, &fields, &[&statement])
                }
            }
        },
        None if identity.is_elsewhere => return Err(missing()),
        None => of_machine(identity, scope)?,
    };
    let is_nearby = identity.file.is_none();
    let body = token::ask(client, &request, at).await;
    let body = body.map_err(|failure| match failure.is_unreached() && is_nearby {
        true => missing(),
        false => failure,
    })?;
    let Lasting { value, until } = token::read(&body, at)?;
    Ok(Lasting {
        value: Granted {
            token: value,
            quota_project,
        },
        until,
    })
}

fn missing() -> Failure {
    Failure::CredentialMissing {
        name: remedy("google").unwrap_or_default().into(),
    }
}

fn address(text: &str) -> Result<Url, Failure> {
    Url::parse(text).map_err(|_| token::unreadable("the address"))
}

fn of_machine(identity: &Google, scope: &str) -> Result<Request, Failure> {
    let host = identity.metadata_host.as_deref().unwrap_or(METADATA);
    let path = "computeMetadata/v1/instance/service-accounts/default/token";
    let mut url = address(&format!("http://{host}/{path}"))?;
    url.query_pairs_mut()
        .append_pair("scopes", &scope.replace(' ', ","));
    Ok(token::nearby(Request {
        headers: vec![("metadata-flavor".into(), "Google".into())],
        ..token::get(url)
    }))
}

/// The statement by which a service account asks for a token: a JSON Web Token (RFC 7519), signed with its key.
fn statement(
    email: &str,
    key: &Key,
    key_id: Option<&str>,
    scope: &str,
    audience: &Url,
    at: Timestamp,
) -> Result<SecretString, Failure> {
    let mut header = json!({ "alg": "RS256", "typ": "JWT" });
    if let Some(key_id) = key_id {
        header["kid"] = key_id.into();
    }
    let now = at.as_second();
    let claims = json!({
        "iss": email,
        "scope": scope,
        "aud": audience.as_str(),
        "iat": now,
        "exp": now + STATEMENT_LASTS,
    });
    let encoded = |json: &Json| URL_SAFE_NO_PAD.encode(json.to_string());
    let text = format!("{}.{}", encoded(&header), encoded(&claims));
    let signature = key.sign(text.as_bytes()).ok_or_else(|| Failure::Internal {
        detail: "the statement could not be signed".into(),
    })?;
    Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)).into())
}

impl File {
    fn read(text: SecretString) -> Result<Self, Failure> {
        let unreadable = |expected: &str, found: &str| Failure::Unreadable {
            expected: format!("{expected} in Google's file of credentials"),
            found: found.to_owned(),
        };
        let json: Json = serde_json::from_str(text.expose_secret())
            .map_err(|_| unreadable("JSON", "something else"))?;
        let word = |key: &str| json.get(key).and_then(Json::as_str).map(str::to_owned);
        let need = |key: &str| word(key).ok_or_else(|| unreadable(key, "nothing"));
        match need("type")?.as_str() {
            "service_account" => {
                let tokens = address(&word("token_uri").unwrap_or_else(|| TOKENS.into()))?;
                if tokens.scheme() != "https" {
                    return Err(unreadable("a token_uri with https", "another scheme"));
                }
                let key = Key::read(&need("private_key")?);
                Ok(Self::Account {
                    email: need("client_email")?,
                    key: key.map_err(|why| unreadable("a private_key", why.words()))?,
                    key_id: word("private_key_id"),
                    tokens,
                })
            }
            "authorized_user" => Ok(Self::User {
                client_id: need("client_id")?,
                client_secret: need("client_secret")?.into(),
                refresh_token: need("refresh_token")?.into(),
                quota_project: word("quota_project_id"),
            }),
            other => Err(unreadable(
                "the type service_account or authorized_user",
                &format!("'{}'", plain(other, 40)),
            )),
        }
    }
}
