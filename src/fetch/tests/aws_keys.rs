//! The keys of AWS identities, from servers that check what the real ones check. Temporary keys are told apart by their
//! token alone, so that one verifier knows them all.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use secrecy::ExposeSecret as _;

use super::aws::{self, ID, SECRET};
use super::server::{Play, Server, answer, header, ok};
use super::sigv4::NOW;
use super::*;
use crate::config::identities::aws::{Keys, Shared, WebIdentity};
use crate::config::{Identities, identities};

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// AWS's token service. Whoever has keys may take `arn:one`, and only those in it `arn:two`.
fn sts(text: &str, number: u32) -> Play {
    let refuse = |status: u16, code: &str, words: &str| {
        let headers = [
            ("content-type", "text/xml"),
            ("date", "Sun, 22 Nov 2026 06:00:00 GMT"),
        ];
        let body = format!(
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
             <Code>{code}</Code><Message>{words}</Message></Error><RequestId>r</RequestId></ErrorResponse>"
        );
        answer(status, &headers, body)
    };
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST / "), "{head}");
    let fields: BTreeMap<String, String> = url::form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect();
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    assert_eq!(field("Version"), "2011-06-15");
    assert_eq!(field("DurationSeconds"), "3600");
    let role = field("RoleArn");
    if field("Action") == "AssumeRoleWithWebIdentity" {
        match field("WebIdentityToken") {
            "statement-1" | "statement-2" => {}
            "late" => return refuse(400, "ExpiredTokenException", "Token expired"),
            said => return refuse(400, "InvalidIdentityToken", &format!("Bad token {said}")),
        }
    } else {
        assert_eq!(field("Action"), "AssumeRole");
        let token = header(text, "x-amz-security-token");
        if let Some((code, words)) = aws::refusal(text, "sts", token, Some(now())) {
            return refuse(403, &code, &words);
        }
        let is_allowed = match role {
            "arn:one" => field("ExternalId") == "x" || token.is_some(),
            "arn:two" => token.is_some_and(|token| token.contains("arn:one")),
            _ => false,
        };
        if !is_allowed {
            let words = format!(
                "User: arn:aws:iam::1:user/watch is not authorized to perform: sts:AssumeRole on resource: {role}"
            );
            return refuse(403, "AccessDenied", &words);
        }
    }
    let session = field("RoleSessionName");
    let keys = format!(
        "<Credentials><AccessKeyId>{ID}</AccessKeyId><SecretAccessKey>{SECRET}</SecretAccessKey>\
         <SessionToken>{number}/{role}/{session}</SessionToken><Expiration>2026-11-22T07:00:00Z</Expiration></Credentials>"
    );
    ok(
        "text/xml",
        format!("<R xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><A>{keys}</A></R>"),
    )
}

async fn counted(play: impl Fn(&str, u32) -> Play + Send + Sync + 'static) -> Server {
    let count = AtomicU32::new(0);
    Server::new(move |text| play(text, count.fetch_add(1, Ordering::SeqCst) + 1)).await
}

pub fn of(aws: identities::Aws) -> Credentials {
    let identities = Identities {
        aws,
        ..Identities::default()
    };
    Credentials::new(BTreeMap::new(), identities)
}

fn environment() -> Option<Keys> {
    Some(Keys {
        id: ID.into(),
        secret: SECRET.to_owned().into(),
        session_token: None,
    })
}

const WANTED: &str = "bedrock-agentcore";

/// The session's token of the keys that a request gets, or why none.
pub async fn session(
    client: &Client,
    credentials: &Credentials,
    seconds: i64,
) -> Result<String, String> {
    let auth = config::Auth::SigV4 {
        service: WANTED.into(),
        region: None,
    };
    let wanted = Wanted {
        auth: &auth,
        credential: Some("aws"),
        region: Some("eu-central-1"),
    };
    let at = now() + SignedDuration::from_secs(seconds);
    match credentials.auth(client, &wanted, at).await {
        Ok(Auth::SigV4(signer)) => {
            assert_eq!(
                (signer.keys.id.as_str(), signer.region.as_str()),
                (ID, "eu-central-1")
            );
            let token = signer.keys.session_token.as_ref();
            Ok(token.map_or("none".into(), |token| token.expose_secret().into()))
        }
        Ok(other) => panic!("a signature is expected, not {other:?}"),
        Err(failure) => Err(failure.to_string()),
    }
}

/// A folder with the shared files, and a profile of theirs.
pub fn shared(config: &str, profile: Option<&str>) -> (tempfile::TempDir, Shared) {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| -> Option<PathBuf> {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        Some(path)
    };
    let keys = format!("[keys]\naws_access_key_id = {ID}\naws_secret_access_key = {SECRET}\n");
    let shared = Shared {
        credentials: file("credentials", &keys),
        config: file("config", config),
        profile: profile.map(str::to_owned),
        has_keys: true,
    };
    (folder, shared)
}

pub const PROFILES: &str = "[default]\nregion = eu-central-1\n\
    [profile one]\nrole_arn = arn:one\nsource_profile = keys\nexternal_id = x\nregion = eu-central-1\n\
    [profile two]\nrole_arn = arn:two\nsource_profile = one\nrole_session_name = watch\nregion = eu-central-1\n\
    [profile denied]\nrole_arn = arn:two\nsource_profile = keys\nregion = eu-central-1\n\
    [profile here]\nrole_arn = arn:one\ncredential_source = Environment\nexternal_id = x\n\
    [profile process]\ncredential_process = echo '{\"Version\":1,\"AccessKeyId\":\"AKIDEXAMPLE\",\"SecretAccessKey\":\"s\",\"SessionToken\":\"printed\"}'\n";

const STS: [&str; 2] = [
    "https://sts.eu-central-1.amazonaws.com",
    "https://sts.amazonaws.com",
];

async fn by_profile(
    profile: &str,
    change: impl FnOnce(&mut identities::Aws),
) -> Result<String, String> {
    let server = counted(sts).await;
    let client = Client::new(&rewritten(&server, &STS)).unwrap();
    let (_folder, shared) = shared(PROFILES, None);
    let mut aws = identities::Aws {
        chosen_profile: Some(profile.into()),
        keys: environment(),
        shared,
        ..identities::Aws::default()
    };
    change(&mut aws);
    session(&client, &of(aws), 0).await
}

#[tokio::test]
async fn a_profile_takes_its_roles_in_turn() {
    let cases = [
        ("keys", Ok("none")),
        ("one", Ok("1/arn:one/bellwether")),
        ("two", Ok("2/arn:two/watch")),
        ("here", Ok("1/arn:one/bellwether")),
        (
            "denied",
            Err(
                "no token for the credential: HTTP 403 (AccessDenied): User: arn:aws:iam::1:user/watch is not authorized to perform: sts:AssumeRole on resource: arn:two",
            ),
        ),
        (
            "process",
            Err(
                "no credential: set [aws] credential_process = true, or else the profile's is not run",
            ),
        ),
    ];
    for (profile, expected) in cases {
        let got = by_profile(profile, |_| ()).await;
        let expected = expected.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(got, expected, "{profile}");
    }
    let got = by_profile("process", |aws| aws.runs_processes = true).await;
    assert_eq!(got.as_deref(), Ok("printed"));
}

#[tokio::test]
async fn keys_of_a_role_are_kept_and_replaced_and_a_wrong_clock_is_told() {
    let server = counted(sts).await;
    let client = Client::new(&rewritten(&server, &STS)).unwrap();
    let (_folder, shared) = shared(PROFILES, Some("one"));
    let aws = identities::Aws {
        shared,
        ..identities::Aws::default()
    };
    let credentials = of(aws.clone());
    let many = (0..20).map(|_| session(&client, &credentials, 0));
    for got in futures_util::future::join_all(many).await {
        assert_eq!(got.as_deref(), Ok("1/arn:one/bellwether"));
    }
    let got = session(&client, &credentials, 3299).await;
    assert_eq!(got.as_deref(), Ok("1/arn:one/bellwether"));
    // The server's clock stands, so that ours is wrong by now: the keys that there are last to their end.
    let got = session(&client, &credentials, 3400).await;
    assert_eq!(got.as_deref(), Ok("1/arn:one/bellwether"));
    assert_eq!(server.heads().len(), 2);
    let got = session(&client, &of(aws.clone()), 3400).await;
    let expected = "our clock is 57 min ahead of the host's: set it right";
    assert_eq!(got, Err(expected.into()));
    let shown = format!("{credentials:?} {aws:?}");
    assert!(
        !shown.contains(SECRET) && !shown.contains("arn:one/"),
        "{shown}"
    );
}

#[tokio::test]
async fn keys_that_are_refused_are_asked_for_anew() {
    let server = counted(sts).await;
    let client = Client::new(&rewritten(&server, &STS)).unwrap();
    let (_folder, shared) = shared(PROFILES, Some("one"));
    let credentials = of(identities::Aws {
        shared,
        ..identities::Aws::default()
    });
    assert_eq!(
        session(&client, &credentials, 0).await.as_deref(),
        Ok("1/arn:one/bellwether")
    );
    let auth = config::Auth::SigV4 {
        service: WANTED.into(),
        region: None,
    };
    let wanted = Wanted {
        auth: &auth,
        credential: None,
        region: None,
    };
    let expired = Failure::CredentialExpired {
        code: "ExpiredTokenException".into(),
    };
    let denied = Failure::NotEntitled {
        status: 403,
        code: None,
        message: None,
    };
    for (failure, seconds, expected) in [
        (&denied, 100, "1/arn:one/bellwether"),
        (&expired, 30, "1/arn:one/bellwether"),
        (&expired, 100, "2/arn:one/bellwether"),
    ] {
        let at = now() + SignedDuration::from_secs(seconds);
        credentials.refused(&wanted, failure, at).await;
        let got = session(&client, &credentials, seconds).await;
        assert_eq!(got.as_deref(), Ok(expected), "{seconds}");
    }
}

#[tokio::test]
async fn a_token_of_another_issuer_stands_for_a_role() {
    let folder = tempfile::tempdir().unwrap();
    let token_file = folder.path().join("token");
    let server = counted(sts).await;
    let client = Client::new(&rewritten(&server, &STS)).unwrap();
    let aws = identities::Aws {
        region: Some("eu-central-1".into()),
        web_identity: Some(WebIdentity {
            token_file: token_file.clone(),
            role: "arn:pod".into(),
            session_name: Some("pod".into()),
        }),
        ..identities::Aws::default()
    };
    for (statement, expected) in [
        ("statement-1\n", Ok("1/arn:pod/pod")),
        (
            "late",
            Err("the credential has expired (ExpiredTokenException)"),
        ),
        (
            "eyJ-forged",
            Err("no token for the credential: HTTP 400 (InvalidIdentityToken): Bad token ••••"),
        ),
        ("statement-2", Ok("4/arn:pod/pod")),
        (
            "",
            Err("no credential: set AWS_WEB_IDENTITY_TOKEN_FILE, whose file is empty"),
        ),
    ] {
        std::fs::write(&token_file, statement).unwrap();
        let got = session(&client, &of(aws.clone()), 0).await;
        let expected = expected.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(got, expected, "{statement}");
    }
    assert!(!server.heads()[0].contains("authorization"));
}

#[tokio::test]
async fn the_first_place_that_has_keys_is_taken() {
    let server = counted(sts).await;
    let client = Client::new(&rewritten(&server, &STS)).unwrap();
    let (_folder, shared) = shared(PROFILES, Some("one"));
    let aws = identities::Aws {
        keys: environment(),
        shared,
        ..identities::Aws::default()
    };
    assert_eq!(
        session(&client, &of(aws.clone()), 0).await.as_deref(),
        Ok("none")
    );
    let chosen = identities::Aws {
        chosen_profile: Some("one".into()),
        ..aws.clone()
    };
    let got = session(&client, &of(chosen), 0).await;
    assert_eq!(got.as_deref(), Ok("1/arn:one/bellwether"));
    let mut lost = identities::Aws { keys: None, ..aws };
    lost.shared.profile = Some("nobody".into());
    let got = session(&client, &of(lost), 0).await;
    assert_eq!(
        got,
        Err("no credential: set anything in the AWS profile 'nobody'".into())
    );
}
