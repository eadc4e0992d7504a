//! The keys of containers and machines of AWS, from servers that insist on what the real ones insist on.

use std::path::PathBuf;

use super::aws::{ID, SECRET};
use super::aws_keys::{PROFILES, of, session, shared};
use super::server::{Play, Server, answer, header, ok};
use super::*;
use crate::config::identities;
use crate::config::identities::aws::Container;

fn keys_as_json(token: &str) -> String {
    format!(
        r#"{{"Code":"Success","LastUpdated":"2026-11-22T05:00:00Z","Type":"AWS-HMAC","AccessKeyId":"{ID}","SecretAccessKey":"{SECRET}","Token":"{token}","Expiration":"2026-11-22T12:00:00Z"}}"#
    )
}

#[tokio::test]
async fn a_container_shows_its_token() {
    let server = Server::new(|text| {
        let is_good = text.starts_with("GET /v2/credentials/x ")
            && header(text, "authorization") == Some("the-container-token");
        match is_good {
            true => ok("application/json", keys_as_json("contained")),
            false => answer(
                403,
                &[],
                r#"{"code":"AccessDenied","message":"wrong the-other-token"}"#,
            ),
        }
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "the-container-token\n").unwrap();
    let client = Client::new(&rewritten(&server, &["http://169.254.170.2"])).unwrap();
    let with = |url: &str, token: Option<&str>, token_file: Option<PathBuf>| {
        of(identities::Aws {
            container: Some(Container {
                url: Url::parse(url).unwrap(),
                token: token.map(|token| token.to_owned().into()),
                token_file,
            }),
            ..identities::Aws::default()
        })
    };
    let near = "http://169.254.170.2/v2/credentials/x";
    let got = session(&client, &with(near, Some("the-container-token"), None), 0).await;
    assert_eq!(got.as_deref(), Ok("contained"));
    let got = session(&client, &with(near, Some("the-other-token"), Some(file)), 0).await;
    assert_eq!(got.as_deref(), Ok("contained"));
    let got = session(&client, &with(near, Some("the-other-token"), None), 0).await;
    let expected = "no token for the credential: HTTP 403 (AccessDenied): wrong ••••";
    assert_eq!(got, Err(expected.into()));
    let got = session(&client, &with("http://keys.example/", Some("t"), None), 0).await;
    assert!(got.unwrap_err().contains("with https, or of this machine"));
}

/// The metadata of a machine, in their second version: nothing without a session that was begun by `PUT`.
fn machine(text: &str) -> Play {
    let session = header(text, "x-aws-ec2-metadata-token");
    let ttl = header(text, "x-aws-ec2-metadata-token-ttl-seconds");
    let roles = "/latest/meta-data/iam/security-credentials/";
    let mut words = text.split(' ');
    match (words.next().unwrap(), words.next().unwrap()) {
        ("PUT", "/latest/api/token") if ttl.is_some() => ok("text/plain", "the-session=="),
        ("GET", _) if session != Some("the-session==") => answer(401, &[], "Unauthorized"),
        ("GET", path) if path == roles => ok("text/plain", "watch-role"),
        ("GET", path) if path == format!("{roles}watch-role") => {
            ok("text/plain", keys_as_json("of-machine"))
        }
        _ => answer(404, &[], ""),
    }
}

#[tokio::test]
async fn a_machine_tells_the_keys_of_its_role_or_there_are_none() {
    let settings = hurried(|deadlines| deadlines.total = SignedDuration::from_secs(20));
    let aws = || identities::Aws {
        machine: Some(Url::parse("http://169.254.169.254").unwrap()),
        ..identities::Aws::default()
    };
    let none = "no credential: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, [aws] profile, or a role of the machine";
    let ask = |server: Server, aws: identities::Aws| {
        let rewrite = rewritten(&server, &["http://169.254.169.254"]).rewrite;
        let settings = Http {
            rewrite,
            ..settings.clone()
        };
        async move {
            let client = Client::new(&settings).unwrap();
            let got = session(&client, &of(aws), 0).await;
            drop(server);
            got
        }
    };
    let got = ask(Server::new(machine).await, aws()).await;
    assert_eq!(got.as_deref(), Ok("of-machine"));
    let (_folder, shared) = shared(PROFILES, None);
    let with_region_only = identities::Aws { shared, ..aws() };
    let got = ask(Server::new(machine).await, with_region_only).await;
    assert_eq!(got.as_deref(), Ok("of-machine"));
    let without_role = Server::new(|text| match text.starts_with("PUT") {
        true => ok("text/plain", "s"),
        false => answer(404, &[], ""),
    });
    assert_eq!(ask(without_role.await, aws()).await, Err(none.into()));
    let of_another_cloud = Server::new(|_| answer(405, &[], ""));
    assert_eq!(ask(of_another_cloud.await, aws()).await, Err(none.into()));
    let switched_off = identities::Aws::default();
    let got = ask(Server::new(machine).await, switched_off).await;
    assert_eq!(got, Err(none.into()));
}
