use super::*;

const PATH: &str = "/foundation-model-availability/amazon.nova-9-lite-v1%3A0";

/// A request that an independent signer made, with these changes to what arrives.
struct Case {
    region: &'static str,
    service: &'static str,
    secret: &'static str,
    path: &'static str,
    body: &'static [u8],
    minutes: i64,
}

const SOUND: Case = Case {
    region: "us-east-1",
    service: "bedrock",
    secret: "secret",
    path: PATH,
    body: b"",
    minutes: 0,
};

fn signed(at: Timestamp) -> Vec<(String, String)> {
    use aws_credential_types::Credentials;
    use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
    use aws_sigv4::sign::v4::SigningParams;
    use aws_smithy_runtime_api::client::identity::Identity;

    let identity: Identity = Credentials::from_keys("AKIDDEMO", "secret", None).into();
    let parameters = SigningParams::builder()
        .identity(&identity)
        .region("us-east-1")
        .name("bedrock")
        .time(std::time::UNIX_EPOCH + std::time::Duration::from_secs(at.as_second().unsigned_abs()))
        .settings(SigningSettings::default())
        .build()
        .expect("parameters")
        .into();
    let url = format!("http://127.0.0.1:8080{PATH}?b=2&a=x%20y");
    let headers = [("host", "127.0.0.1:8080")];
    let request = SignableRequest::new("GET", &url, headers.into_iter(), SignableBody::Bytes(b""));
    let (instructions, _) = sign(request.expect("a request"), &parameters)
        .expect("a signature")
        .into_parts();
    let mut all = vec![("Host".to_string(), "127.0.0.1:8080".to_string())];
    let own = instructions.headers();
    all.extend(own.map(|(name, value)| (name.to_string(), value.to_string())));
    all
}

fn outcome(case: &Case, headers: &[(String, String)]) -> String {
    let now: Timestamp = "2026-09-14T06:00:00Z".parse().expect("a time");
    let sent = Sent {
        method: "GET",
        path: case.path,
        query: "b=2&a=x%20y",
        headers,
        body: case.body,
    };
    let expected = Expected {
        id: "AKIDDEMO",
        secret: case.secret,
        region: case.region,
        service: case.service,
    };
    let at = now + SignedDuration::from_mins(case.minutes);
    match verify(&sent, &expected, at) {
        Ok(()) => "let in".to_string(),
        Err(refused) => format!("{}: {}", refused.name, refused.message),
    }
}

#[test]
fn what_another_signer_signed_is_let_in_and_nothing_else() {
    let at: Timestamp = "2026-09-14T06:00:00Z".parse().expect("a time");
    let headers = signed(at);
    let mismatch = "InvalidSignatureException: The request signature";
    for (case, expected) in [
        (SOUND, "let in"),
        (
            Case {
                minutes: 4,
                ..SOUND
            },
            "let in",
        ),
        (
            Case {
                minutes: 6,
                ..SOUND
            },
            "InvalidSignatureException: Signature expired: 20260914T060000Z is now earlier than 20260914T060100Z (20260914T060600Z - 5 min.)",
        ),
        (
            Case {
                minutes: -6,
                ..SOUND
            },
            "InvalidSignatureException: Signature not yet current: ",
        ),
        (
            Case {
                region: "eu-west-1",
                ..SOUND
            },
            "InvalidSignatureException: Credential should be scoped to a valid region, not 'us-east-1'. ",
        ),
        (
            Case {
                service: "pricing",
                ..SOUND
            },
            "InvalidSignatureException: Credential should be scoped to correct service: 'pricing'. ",
        ),
        (
            Case {
                secret: "other",
                ..SOUND
            },
            mismatch,
        ),
        (
            Case {
                path: "/foundation-models",
                ..SOUND
            },
            mismatch,
        ),
        (
            Case {
                body: b"x",
                ..SOUND
            },
            mismatch,
        ),
    ] {
        let found = outcome(&case, &headers);
        assert!(found.starts_with(expected), "{found}");
    }
}

#[test]
fn what_is_missing_or_foreign_is_said_as_aws_says_it() {
    let at: Timestamp = "2026-09-14T06:00:00Z".parse().expect("a time");
    let with = |name: &str, value: &str| {
        let mut headers = signed(at);
        headers.retain(|(other, _)| other != name);
        if !value.is_empty() {
            headers.push((name.to_string(), value.to_string()));
        }
        outcome(&SOUND, &headers)
    };
    let scope =
        "20260914/us-east-1/bedrock/aws4_request, SignedHeaders=host;x-amz-date, Signature=00";
    for (found, expected) in [
        (
            with("authorization", ""),
            "MissingAuthenticationTokenException: Missing Authentication Token",
        ),
        (
            with("authorization", "AWS4-HMAC-SHA256 Credential=a"),
            "IncompleteSignatureException: ",
        ),
        (
            with("authorization", "Basic x"),
            "IncompleteSignatureException: ",
        ),
        (
            with(
                "authorization",
                &format!("AWS4-HMAC-SHA256 Credential=OTHER/{scope}"),
            ),
            "UnrecognizedClientException: The security token included in the request is invalid.",
        ),
        (
            with(
                "authorization",
                &format!("AWS4-HMAC-SHA256 Credential=AKIDDEMO/{scope}"),
            ),
            "InvalidSignatureException: The request signature",
        ),
        (
            with(
                "authorization",
                &format!(
                    "AWS4-HMAC-SHA256 Credential=AKIDDEMO/{}",
                    scope.replace("=00", "=0x")
                ),
            ),
            "InvalidSignatureException: The request signature",
        ),
        (with("x-amz-date", ""), "IncompleteSignatureException: "),
        (
            with("x-amz-date", "yesterday"),
            "InvalidSignatureException: Date in Credential scope",
        ),
    ] {
        assert!(found.starts_with(expected), "{found}");
    }
}
