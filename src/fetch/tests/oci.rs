//! Requests to Oracle Cloud, against a server that verifies signatures with the public key, as the real one does.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::server::{Play, Server, answer, header, ok};
use super::*;
use crate::config::{Identities, identities};

/// What the clock of the server says.
const NOW: &str = "2026-11-22T06:00:00Z";
const KEY_ID: &str = "ocid1.tenancy.oc1..t/ocid1.user.oc1..u/aa:bb:cc";

/// What Oracle says to a request: nothing if its signature is good, else why not.
fn refusal(text: &str, key_id: &str) -> Option<String> {
    let authorization = header(text, "authorization")?.strip_prefix("Signature ")?;
    let part = |name: &str| {
        let begin = format!("{name}=\"");
        let found = authorization
            .split("\",")
            .find_map(|part| part.strip_prefix(&begin));
        found.unwrap_or_default().trim_end_matches('"')
    };
    if (part("version"), part("algorithm"), part("keyId")) != ("1", "rsa-sha256", key_id) {
        return Some(format!("unknown key or way of signing: {authorization}"));
    }
    let date = header(text, "date").unwrap();
    let parsed = jiff::fmt::rfc2822::DateTimeParser::new()
        .parse_timestamp(date)
        .unwrap();
    let skew = NOW.parse::<Timestamp>().unwrap().duration_since(parsed);
    if skew.abs() > SignedDuration::from_mins(5) {
        return Some("the date is out of bounds".into());
    }
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let line: Vec<&str> = head.lines().next().unwrap().split(' ').collect();
    let wanted = match line[0] {
        "GET" => "date (request-target) host",
        _ => "date (request-target) host content-length content-type x-content-sha256",
    };
    if part("headers") != wanted {
        return Some(format!("signed is only {}", part("headers")));
    }
    if line[0] != "GET" {
        let hash = ring::digest::digest(&ring::digest::SHA256, body.as_bytes());
        if header(text, "x-content-sha256") != Some(&STANDARD.encode(hash)) {
            return Some("the body is another".into());
        }
    }
    let signed: Vec<String> = wanted
        .split(' ')
        .map(|name| match name {
            "(request-target)" => format!("{name}: {} {}", line[0].to_lowercase(), line[1]),
            _ => format!("{name}: {}", header(text, name).unwrap()),
        })
        .collect();
    let signature = STANDARD.decode(part("signature")).unwrap();
    let is_good = rsa::is_good(signed.join("\n").as_bytes(), &signature);
    (!is_good).then(|| "the signature is wrong".into())
}

async fn oracle(key_id: &'static str) -> Server {
    Server::new(move |text| -> Play {
        match refusal(text, key_id) {
            None => ok("application/json", "{}"),
            Some(why) => {
                let headers = [("date", "Sun, 22 Nov 2026 06:00:00 GMT")];
                let body = format!(
                    r#"{{"code":"NotAuthenticated","message":"{}"}}"#,
                    why.replace('"', "'")
                );
                answer(401, &headers, body)
            }
        }
    })
    .await
}

/// A folder with a file of profiles and what it names.
fn home(profiles: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(".oci")).unwrap();
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(".oci").join(name), text).unwrap()
    };
    write("config", profiles);
    write("key.pem", &format!("{}OCI_API_KEY\n", rsa::pkcs8()));
    write("session.pem", &rsa::pkcs1());
    write("token", "the-session-token\n");
    folder
}

const PROFILES: &str = "[DEFAULT]\nuser = ocid1.user.oc1..u\nfingerprint = aa:bb:cc\ntenancy = ocid1.tenancy.oc1..t\n\
     region = eu-frankfurt-1\nkey_file = ~/.oci/key.pem\n[session]\nsecurity_token_file = ~/.oci/token\n\
     key_file = ~/.oci/session.pem\n[broken]\nkey_file = ~/.oci/token\n[gone]\nkey_file = ~/.oci/none\n";

async fn auth(home: &Path, profile: Option<&str>) -> Result<Auth, Failure> {
    let identities = Identities {
        oci: identities::Oci {
            file: Some(home.join(".oci/config")),
            profile: profile.map(str::to_owned),
            is_there: true,
            home: Some(home.into()),
        },
        ..Identities::default()
    };
    let wanted = Wanted {
        auth: &config::Auth::Oci,
        credential: Some("oci"),
        region: None,
    };
    let credentials = Credentials::new(BTreeMap::new(), identities);
    let client = Client::new(&settings()).unwrap();
    credentials.auth(&client, &wanted, AT).await
}

async fn asked(request: Request, time: &str) -> String {
    let client = Client::new(&settings()).unwrap();
    told(&client.fetch(&request, time.parse().unwrap()).await.answer)
}

#[tokio::test]
async fn signatures_are_good_with_and_without_a_body() {
    let home = home(PROFILES);
    let server = oracle(KEY_ID).await;
    let auth = auth(home.path(), None).await.unwrap();
    for path in [
        "/20231130/models?compartmentId=ocid1.c..x&page=a%2Bb+c",
        "/",
        "/x:y/z%20?",
    ] {
        let request = Request {
            auth: auth.clone(),
            ..get(&server.url(path))
        };
        assert_eq!(asked(request, NOW).await, "{}", "{path}");
    }
    for headers in [
        vec![],
        vec![("Content-Type".into(), "application/x-other".into())],
    ] {
        let request = Request {
            auth: auth.clone(),
            method: Method::Post,
            body: Some(b"{\"a\":1}".to_vec()),
            headers,
            ..get(&server.url("/20231130/actions/chat"))
        };
        assert_eq!(asked(request, NOW).await, "{}");
    }
    let request = Request {
        auth,
        ..get("https://a.example/")
    };
    let shown = "authorization: Signature version=\"1\",keyId=\"••••\",algorithm=\"rsa-sha256\",headers=\"date (request-target) host\",signature=\"••••\"";
    assert_eq!(request.describe()[1], shown);
}

#[tokio::test]
async fn a_session_signs_with_its_token() {
    let home = home(PROFILES);
    let server = oracle("ST$the-session-token").await;
    let auth = auth(home.path(), Some("session")).await.unwrap();
    assert!(!format!("{auth:?} {:?}", auth.describe()).contains("the-session"));
    assert_eq!(auth.secrets(), ["the-session-token"]);
    let request = Request {
        auth,
        ..get(&server.url("/"))
    };
    assert_eq!(asked(request, NOW).await, "{}");
}

#[tokio::test]
async fn a_wrong_clock_is_told_from_a_wrong_key() {
    let home = home(PROFILES);
    let (server, other) = (oracle(KEY_ID).await, oracle("another").await);
    let auth = auth(home.path(), None).await.unwrap();
    let request = |server: &Server| Request {
        auth: auth.clone(),
        ..get(&server.url("/"))
    };
    let ahead = asked(request(&server), "2026-11-22T06:06:00Z").await;
    assert_eq!(
        ahead,
        "our clock is 6 min ahead of the host's: set it right"
    );
    let refused = asked(request(&other), NOW).await;
    assert_eq!(refused, "not authorised: HTTP 401 (NotAuthenticated)");
}

#[tokio::test]
async fn a_profile_that_cannot_be_used_says_why() {
    let whole = home(PROFILES);
    let bare = home("[DEFAULT]\nkey_file = ~/.oci/key.pem\nuser = u\n");
    let cases = [
        (
            &whole,
            Some("none"),
            "no credential: set [oci] config and profile, or write ~/.oci/config",
        ),
        (
            &whole,
            Some("broken"),
            "expected a private key in the key_file of Oracle's profile, found no private RSA key in PEM form",
        ),
        (
            &whole,
            Some("gone"),
            "no credential: set key_file, whose file cannot be read: entity not found",
        ),
        (
            &bare,
            None,
            "no credential: set tenancy in the OCI profile 'DEFAULT'",
        ),
    ];
    for (home, profile, expected) in cases {
        let failure = auth(home.path(), profile).await.unwrap_err();
        assert_eq!(failure.to_string(), expected, "{profile:?}");
    }
}
