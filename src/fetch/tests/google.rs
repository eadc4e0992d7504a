//! Access tokens of Google, from servers that check what the real ones check.

use std::collections::BTreeMap;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::ExposeSecret as _;
use serde_json::{Value as Json, json};

use super::server::{Play, Server, answer, header, ok};
use super::*;
use crate::config::{Identities, identities};

const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
const TOKENS: &str = "https://oauth2.googleapis.com";
/// What the clock of the server says.
const NOW: i64 = 1_795_305_600;

fn refuse(words: &str) -> Play {
    let headers = [
        ("content-type", "application/json"),
        ("date", "Sun, 22 Nov 2026 00:00:00 GMT"),
    ];
    let body = json!({ "error": "invalid_grant", "error_description": words });
    answer(400, &headers, body.to_string())
}

/// Google's server of tokens: it knows one service account by its public key, and one grant of a user.
fn tokens(text: &str) -> Play {
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /token "), "{head}");
    let fields: BTreeMap<String, String> = url::form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect();
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let granted = |token: &str| {
        let body = json!({ "access_token": token, "expires_in": 3599, "token_type": "Bearer" });
        ok("application/json; charset=utf-8", body.to_string())
    };
    if field("grant_type") == "refresh_token" {
        let said = ["client_id", "client_secret", "refresh_token"].map(field);
        return match said {
            ["the-client", "the-client-secret", "1//the-grant"] => granted("for-a-user"),
            _ => refuse("Token has been expired or revoked."),
        };
    }
    assert_eq!(
        field("grant_type"),
        "urn:ietf:params:oauth:grant-type:jwt-bearer"
    );
    let parts: Vec<&str> = field("assertion").split('.').collect();
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
    let json = |part: &str| -> Json { serde_json::from_slice(&decoded(part)).unwrap() };
    let (header, claims) = (json(parts[0]), json(parts[1]));
    assert_eq!(
        header,
        json!({ "alg": "RS256", "typ": "JWT", "kid": "key-1" })
    );
    let signed = format!("{}.{}", parts[0], parts[1]);
    if !rsa::is_good(signed.as_bytes(), &decoded(parts[2])) {
        return refuse("Invalid JWT Signature.");
    }
    let (begin, end) = (
        claims["iat"].as_i64().unwrap(),
        claims["exp"].as_i64().unwrap(),
    );
    if end - begin > 3600 || begin > NOW + 300 || end < NOW {
        return refuse(
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.",
        );
    }
    if claims["aud"] != "https://oauth2.googleapis.com/token" || claims["scope"] != SCOPE {
        return refuse("Invalid JWT: Failed audience check.");
    }
    match claims["iss"].as_str() {
        Some("watch@project.iam.gserviceaccount.com") => granted("for-an-account"),
        _ => refuse("Invalid grant: account not found"),
    }
}

fn account() -> Json {
    json!({
        "type": "service_account",
        "project_id": "project",
        "private_key_id": "key-1",
        "private_key": rsa::pkcs8(),
        "client_email": "watch@project.iam.gserviceaccount.com",
        "client_id": "1",
        "token_uri": "https://oauth2.googleapis.com/token",
    })
}

fn user() -> Json {
    json!({
        "type": "authorized_user",
        "client_id": "the-client",
        "client_secret": "the-client-secret",
        "refresh_token": "1//the-grant",
        "quota_project_id": "counted",
    })
}

/// A file that holds this, in a folder that lasts as long as the first part.
fn file(content: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("credentials.json");
    std::fs::write(&path, content).unwrap();
    (folder, path)
}

async fn auth(client: &Client, google: identities::Google, seconds: i64) -> Result<Auth, Failure> {
    let identities = Identities {
        google,
        ..Identities::default()
    };
    let credentials = Credentials::new(BTreeMap::new(), identities);
    let auth = config::Auth::Google {
        scope: SCOPE.into(),
    };
    let wanted = Wanted {
        auth: &auth,
        credential: Some("google"),
        region: None,
    };
    let at = Timestamp::from_second(NOW + seconds).unwrap();
    credentials.auth(client, &wanted, at).await
}

/// The token and project that a request gets by a file of this content, or why none.
async fn by_file(content: &str, seconds: i64) -> Result<(String, Option<String>), String> {
    let server = Server::new(tokens).await;
    let client = Client::new(&rewritten(&server, &[TOKENS])).unwrap();
    let (_folder, path) = file(content);
    let google = identities::Google {
        file: Some(path),
        ..identities::Google::default()
    };
    match auth(&client, google, seconds).await {
        Ok(Auth::Bearer(token)) => Ok((token.expose_secret().into(), None)),
        Ok(Auth::BearerFor { token, project }) => Ok((token.expose_secret().into(), Some(project))),
        Ok(other) => panic!("a token is expected, not {other:?}"),
        Err(failure) => Err(failure.to_string()),
    }
}

#[tokio::test]
async fn a_service_account_and_a_user_get_tokens() {
    let account = account().to_string();
    for seconds in [0, 299, -3500] {
        let got = by_file(&account, seconds).await;
        assert_eq!(got, Ok(("for-an-account".into(), None)), "{seconds}");
    }
    let got = by_file(&user().to_string(), 0).await;
    assert_eq!(got, Ok(("for-a-user".into(), Some("counted".into()))));
}

#[tokio::test]
async fn a_refusal_is_told_in_googles_words_and_a_wrong_clock_as_such() {
    let refused =
        |words: &str| format!("no token for the credential: HTTP 400 (invalid_grant): {words}");
    let with = |mut json: Json, key: &str, value: &str| {
        json[key] = value.into();
        json.to_string()
    };
    let cases = [
        (
            with(account(), "client_email", "else@project"),
            0,
            refused("Invalid grant: account not found"),
        ),
        (
            with(user(), "refresh_token", "1//another"),
            0,
            refused("Token has been expired or revoked."),
        ),
        (
            account().to_string(),
            3 * 3600,
            "our clock is 180 min ahead of the host's: set it right".into(),
        ),
        (
            account().to_string(),
            -2 * 3600,
            "our clock is 120 min behind the host's: set it right".into(),
        ),
    ];
    for (content, seconds, expected) in cases {
        assert_eq!(by_file(&content, seconds).await, Err(expected));
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_told_without_what_it_holds() {
    let with = |key: &str, value: Json| {
        let mut json = account();
        json[key] = value;
        json.to_string()
    };
    let place = "in Google's file of credentials";
    let cases = [
        (
            "sk-not-json".into(),
            format!("expected JSON {place}, found something else"),
        ),
        ("{}".into(), format!("expected type {place}, found nothing")),
        (
            with("type", json!("external_account")),
            format!(
                "expected the type service_account or authorized_user {place}, found 'external_account'"
            ),
        ),
        (
            with("private_key", json!("-----BEGIN sk-secret")),
            format!("expected a private_key {place}, found no private RSA key in PEM form"),
        ),
        (
            with("client_email", Json::Null),
            format!("expected client_email {place}, found nothing"),
        ),
        (
            with("token_uri", json!("http://oauth2.googleapis.com/token")),
            format!("expected a token_uri with https {place}, found another scheme"),
        ),
    ];
    for (content, expected) in cases {
        assert_eq!(by_file(&content, 0).await, Err(expected));
    }
}

#[tokio::test]
async fn a_machine_of_google_gives_tokens() {
    let server = Server::new(|text| {
        let path = "/computeMetadata/v1/instance/service-accounts/default/token";
        let scopes = "scopes=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcloud-platform";
        let is_good = text.starts_with(&format!("GET {path}?{scopes} "))
            && header(text, "metadata-flavor") == Some("Google");
        match is_good {
            true => ok(
                "application/json",
                r#"{"access_token":"near","expires_in":1799,"token_type":"Bearer"}"#,
            ),
            false => answer(403, &[], "Missing Metadata-Flavor:Google header."),
        }
    })
    .await;
    let client = Client::new(&rewritten(&server, &["http://metadata.google.internal"])).unwrap();
    let counted = identities::Google {
        quota_project: Some("counted".into()),
        ..identities::Google::default()
    };
    let got = auth(&client, counted, 0).await.unwrap();
    assert!(matches!(&got, Auth::BearerFor { token, project }
        if token.expose_secret() == "near" && project == "counted"));
    let request = Request {
        auth: got,
        ..get("https://a.example/")
    };
    let shown = ["authorization: Bearer ••••", "x-goog-user-project: counted"];
    assert_eq!(request.describe()[1..], shown);
    let elsewhere = identities::Google {
        is_elsewhere: true,
        ..identities::Google::default()
    };
    let expected = "no credential: set [google] key_file, or GOOGLE_APPLICATION_CREDENTIALS";
    let got = auth(&client, elsewhere, 0).await.unwrap_err();
    assert_eq!(got.to_string(), expected);
    drop(server);
    let got = auth(&client, identities::Google::default(), 0)
        .await
        .unwrap_err();
    assert_eq!(got.to_string(), expected);
}
