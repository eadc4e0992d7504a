//! Tokens of Entra, from servers that check what the real ones check.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use super::server::{Play, Server, answer, header, ok};
use super::*;
use crate::config::identities::azure::AppService;
use crate::config::{Identities, identities};

const TENANT: &str = "11111111-2222-3333-4444-555555555555";
const ID: &str = "app-id";
const SECRET: &str = "client~secret&with=signs";
const MANAGEMENT: &str = "https://management.azure.com/.default";

/// Entra: one application, which shows this secret or a statement that begins so.
fn entra(text: &str, number: u32) -> Play {
    let refuse = |status: u16, error: &str, code: u32, words: &str| {
        let body = format!(
            r#"{{"error":"{error}","error_description":"AADSTS{code}: {words} Trace ID: x","error_codes":[{code}],"timestamp":"2026-11-22 06:00:00Z","trace_id":"x","correlation_id":"y"}}"#
        );
        answer(status, &[("content-type", "application/json")], body)
    };
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let is_form = header(text, "content-type") == Some("application/x-www-form-urlencoded");
    if !head.starts_with(&format!("POST /{TENANT}/oauth2/v2.0/token ")) || !is_form {
        return refuse(400, "invalid_request", 900_144, "The request is malformed.");
    }
    let fields: BTreeMap<String, String> = url::form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect();
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    if field("grant_type") != "client_credentials" || !field("scope").ends_with("/.default") {
        return refuse(400, "invalid_scope", 70_011, "The scope is not valid.");
    }
    if field("client_id") != ID {
        let words = format!(
            "Application with identifier '{}' was not found.",
            field("client_id")
        );
        return refuse(400, "unauthorized_client", 700_016, &words);
    }
    match (field("client_secret"), field("client_assertion")) {
        (SECRET, "") | ("", "statement-1" | "statement-2") => {}
        ("expired", "") => {
            return refuse(
                401,
                "invalid_client",
                7_000_222,
                "The secret keys are expired.",
            );
        }
        (said, "") => {
            let words = format!("Invalid client secret provided: {said}.");
            return refuse(401, "invalid_client", 7_000_215, &words);
        }
        _ => {
            return refuse(
                401,
                "invalid_client",
                700_024,
                "The assertion is not valid.",
            );
        }
    }
    let token = format!("token-{number}-for-{}", field("scope"));
    let body = format!(
        r#"{{"token_type":"Bearer","expires_in":3599,"ext_expires_in":3599,"access_token":"{token}"}}"#
    );
    ok("application/json; charset=utf-8", body)
}

async fn counted(play: impl Fn(&str, u32) -> Play + Send + Sync + 'static) -> Server {
    let count = AtomicU32::new(0);
    Server::new(move |text| play(text, count.fetch_add(1, Ordering::SeqCst) + 1)).await
}

fn identity() -> identities::Azure {
    identities::Azure {
        tenant: Some(TENANT.into()),
        client_id: Some(ID.into()),
        client_secret: Some(SECRET.to_owned().into()),
        ..identities::Azure::default()
    }
}

fn of(azure: identities::Azure) -> Credentials {
    Credentials::new(
        BTreeMap::new(),
        Identities {
            azure,
            ..Identities::default()
        },
    )
}

/// The token that a request gets, or why none.
async fn token(
    client: &Client,
    credentials: &Credentials,
    audience: &str,
    seconds: i64,
) -> Result<String, Failure> {
    let auth = config::Auth::Azure {
        audience: audience.into(),
    };
    let wanted = Wanted {
        auth: &auth,
        credential: Some("azure"),
        region: None,
    };
    let at = Timestamp::from_second(1_795_305_600 + seconds).unwrap();
    match credentials.auth(client, &wanted, at).await? {
        Auth::Bearer(token) => Ok(secrecy::ExposeSecret::expose_secret(&token).to_owned()),
        other => panic!("a bearer token is expected, not {other:?}"),
    }
}

const LOGIN: &str = "https://login.microsoftonline.com";

#[tokio::test]
async fn a_token_is_got_with_the_secret_and_kept_until_five_minutes_before_its_end() {
    let server = counted(entra).await;
    let client = Client::new(&rewritten(&server, &[LOGIN])).unwrap();
    let credentials = of(identity());
    let other = "https://cognitiveservices.azure.com/.default";
    for (seconds, audience, expected) in [
        (0, MANAGEMENT, 1),
        (1, MANAGEMENT, 1),
        (1, other, 2),
        (3298, MANAGEMENT, 1),
        (3299, MANAGEMENT, 3),
        (3299, other, 2),
    ] {
        let got = token(&client, &credentials, audience, seconds).await;
        assert_eq!(got.unwrap(), format!("token-{expected}-for-{audience}"));
    }
    let many = (0..20).map(|_| token(&client, &credentials, MANAGEMENT, 90_000));
    let many = futures_util::future::join_all(many).await;
    let expected = format!("token-4-for-{MANAGEMENT}");
    assert!(many.into_iter().all(|got| got.as_ref() == Ok(&expected)));
    assert!(!format!("{credentials:?}").contains("secret&with"));
}

#[tokio::test]
async fn a_refusal_is_told_by_its_number_and_without_the_secret() {
    let server = counted(entra).await;
    let client = Client::new(&rewritten(&server, &[LOGIN])).unwrap();
    let with = |change: &dyn Fn(&mut identities::Azure)| {
        let mut changed = identity();
        change(&mut changed);
        of(changed)
    };
    let cases = [
        (
            with(&|azure| azure.client_secret = Some("wrong-secret".to_owned().into())),
            "no token for the credential: HTTP 401 (AADSTS7000215): Invalid client secret provided: ••••. Trace ID: x",
        ),
        (
            with(&|azure| azure.client_secret = Some("expired".to_owned().into())),
            "the credential has expired (AADSTS7000222)",
        ),
        (
            with(&|azure| azure.client_id = Some("nobody".into())),
            "no token for the credential: HTTP 400 (AADSTS700016): Application with identifier 'nobody' was not found. Trace ID: x",
        ),
        (
            with(&|azure| azure.tenant = Some("../evil".into())),
            "no token for the credential: HTTP 400 (AADSTS900144): The request is malformed. Trace ID: x",
        ),
    ];
    for (credentials, expected) in cases {
        let failure = token(&client, &credentials, MANAGEMENT, 0)
            .await
            .unwrap_err();
        assert_eq!(failure.to_string(), expected);
        let again = token(&client, &credentials, MANAGEMENT, 5).await;
        assert_eq!(again, Err(failure));
    }
    assert_eq!(server.heads().len(), 4);
}

#[tokio::test]
async fn a_federated_token_is_read_anew_for_each_token() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    let server = counted(entra).await;
    let client = Client::new(&rewritten(&server, &[LOGIN])).unwrap();
    let credentials = of(identities::Azure {
        client_secret: None,
        federated_token_file: Some(file.clone()),
        ..identity()
    });
    let failure = token(&client, &credentials, MANAGEMENT, 0)
        .await
        .unwrap_err();
    assert_eq!(
        failure.to_string(),
        "no credential: set AZURE_FEDERATED_TOKEN_FILE, whose file cannot be read: entity not found"
    );
    for (seconds, statement, expected) in [
        (100, "statement-1\n", Ok("token-1")),
        (200, "statement-x", Ok("token-1")),
        (4000, "statement-y", Err("token_refused")),
        (4100, "statement-2", Ok("token-3")),
    ] {
        std::fs::write(&file, statement).unwrap();
        let got = token(&client, &credentials, MANAGEMENT, seconds).await;
        match expected {
            Ok(begin) => assert!(
                got.as_ref().is_ok_and(|got| got.starts_with(begin)),
                "{got:?}"
            ),
            Err(word) => assert_eq!(got.unwrap_err().word(), word),
        }
    }
}

/// What gives tokens to machines and applications: the parameters and headers that the real ones insist on.
fn nearby(text: &str) -> Play {
    let target = text.split(' ').nth(1).unwrap();
    let url = Url::parse("http://x").unwrap().join(target).unwrap();
    let pairs: Vec<String> = url
        .query_pairs()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let (resource, id) = ("resource=https://management.azure.com/", "client_id=app-id");
    let is_good = match url.path() {
        "/metadata/identity/oauth2/token" => {
            header(text, "metadata") == Some("true")
                && pairs == ["api-version=2018-02-01", resource, id]
        }
        "/msi/token" => {
            header(text, "x-identity-header") == Some("the-header-secret")
                && pairs == ["api-version=2019-08-01", resource]
        }
        _ => return answer(404, &[], ""),
    };
    match is_good {
        true => ok(
            "application/json",
            r#"{"access_token":"near","expires_on":"1795309200","resource":"x","token_type":"Bearer"}"#,
        ),
        false => answer(
            400,
            &[],
            r#"{"error":"invalid_request","error_description":"Identity not found"}"#,
        ),
    }
}

#[tokio::test]
async fn a_machine_and_an_application_service_give_tokens() {
    let server = Server::new(nearby).await;
    let client = Client::new(&rewritten(&server, &["http://169.254.169.254"])).unwrap();
    let machine = identities::Azure {
        client_id: Some(ID.into()),
        ..identities::Azure::default()
    };
    let service = |header: &str| identities::Azure {
        app_service: Some(AppService {
            endpoint: Url::parse(&server.url("/msi/token")).unwrap(),
            header: header.to_owned().into(),
        }),
        ..identities::Azure::default()
    };
    for identity in [machine, service("the-header-secret")] {
        let got = token(&client, &of(identity), MANAGEMENT, 0).await;
        assert_eq!(got.as_deref(), Ok("near"));
    }
    for identity in [identities::Azure::default(), service("another")] {
        let got = token(&client, &of(identity), MANAGEMENT, 0)
            .await
            .unwrap_err();
        let expected =
            "no token for the credential: HTTP 400 (invalid_request): Identity not found";
        assert_eq!(got.to_string(), expected);
    }
}

#[tokio::test]
async fn a_machine_of_nobody_has_no_credential() {
    let server = Server::new(|_| answer(404, &[], "")).await;
    let settings = rewritten(&server, &["http://169.254.169.254"]);
    let client = Client::new(&settings).unwrap();
    let expected = "no credential: set [azure] tenant, client_id and client_secret";
    let got = token(&client, &of(identities::Azure::default()), MANAGEMENT, 0).await;
    assert_eq!(got.unwrap_err().to_string(), expected);
    drop(server);
    let got = token(&client, &of(identities::Azure::default()), MANAGEMENT, 0).await;
    assert_eq!(got.unwrap_err().to_string(), expected);
}

#[tokio::test]
async fn who_gives_tokens_is_named_when_it_is_out_of_reach() {
    let server = Server::new(|_| ok("text/html", "<!doctype html><title>Sign in</title>")).await;
    let settings = rewritten(&server, &[LOGIN]);
    let client = Client::new(&settings).unwrap();
    let got = token(&client, &of(identity()), MANAGEMENT, 0)
        .await
        .unwrap_err();
    assert_eq!(got.word(), "login_wall", "{got}");
    drop(server);
    let got = token(&client, &of(identity()), MANAGEMENT, 0)
        .await
        .unwrap_err();
    let begin = "no connection: login.microsoftonline.com, asked for a token: ";
    assert!(got.to_string().starts_with(begin), "{got}");
}
