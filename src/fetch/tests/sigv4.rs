//! Requests to AWS, against a server that verifies signatures as AWS does, by AWS's own crate.

use super::aws::{self, ID, SECRET};
use super::server::{Play, Server, answer, ok, to};
use super::*;
use crate::config::Rewrite;
use crate::fetch::sigv4::{Keys, Signer};

/// What the clocks of these servers say.
pub const NOW: &str = "2026-11-22T06:00:00Z";

/// What a service of AWS with JSON answers answers.
pub fn judged(text: &str, service: &str, token: Option<&str>, body: &str) -> Play {
    match aws::refusal(text, service, token, Some(NOW.parse().unwrap())) {
        None => ok("application/json", body),
        Some((code, message)) => {
            let headers = [
                ("x-amzn-errortype", code.as_str()),
                ("content-type", "application/json"),
                ("date", "Sun, 22 Nov 2026 06:00:00 GMT"),
            ];
            answer(403, &headers, format!(r#"{{"message":"{message}"}}"#))
        }
    }
}

fn signer(token: Option<&str>) -> Signer {
    Signer {
        keys: Keys {
            id: ID.into(),
            secret: SECRET.to_owned().into(),
            session_token: token.map(|token| token.to_owned().into()),
        },
        region: "eu-central-1".into(),
        service: "bedrock".into(),
    }
}

fn signed(url: &str) -> Request {
    Request {
        auth: Auth::SigV4(Box::new(signer(None))),
        ..get(url)
    }
}

async fn at(settings: &Http, request: &Request, time: &str) -> Fetched {
    let client = Client::new(settings).unwrap();
    client.fetch(request, time.parse().unwrap()).await
}

async fn bedrock() -> Server {
    Server::new(|text| judged(text, "bedrock", None, "{}")).await
}

#[tokio::test]
async fn signatures_are_good_for_every_shape_of_address() {
    let server = bedrock().await;
    for path in [
        "/foundation-models",
        "/",
        "/inference-profiles?type=SYSTEM_DEFINED&maxResults=1000",
        "/foundation-models/anthropic.claude-sonnet-4-5-20250929-v1%3A0",
        "/foundation-models/anthropic.claude-sonnet-4-5-20250929-v1:0",
        "/model/arn%3Aaws%3Abedrock%3Aeu-central-1%3A1%3Ainference-profile%2Fx/converse",
        "/x?nextToken=a%2Bb%2F%3D%3D&q=two+words&empty&b=&a=%C3%A9",
        "//twice//?",
    ] {
        let fetched = at(&settings(), &signed(&server.url(path)), NOW).await;
        assert_eq!(told(&fetched.answer), "{}", "{path}");
    }
}

#[tokio::test]
async fn a_body_and_its_type_are_signed_and_a_token_is_sent() {
    let server = Server::new(|text| judged(text, "bedrock", Some("a+token/=="), "{}")).await;
    let mut request = Request {
        method: Method::Post,
        headers: vec![
            ("Content-Type".into(), "application/x-amz-json-1.1".into()),
            (
                "X-Amz-Target".into(),
                "AWSPriceListService.GetProducts".into(),
            ),
            ("anything".into(), "else".into()),
        ],
        body: Some(b"{\"ServiceCode\":\"AmazonBedrock\"}".to_vec()),
        auth: Auth::SigV4(Box::new(signer(Some("a+token/==")))),
        ..get(&server.url("/"))
    };
    let fetched = at(&settings(), &request, NOW).await;
    assert_eq!(told(&fetched.answer), "{}");
    assert!(server.heads()[0].contains(
        "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, "
    ));
    request.auth = Auth::SigV4(Box::new(signer(Some("another"))));
    let fetched = at(&settings(), &request, NOW).await;
    let refusal = "not authorised: HTTP 403 (UnrecognizedClientException)";
    assert_eq!(told(&fetched.answer), refusal);
    let shown = request.describe().join("\n");
    assert!(
        shown.contains(
            "authorization: AWS4-HMAC-SHA256 •••• (service bedrock, region eu-central-1)"
        )
    );
    assert!(shown.contains("x-amz-security-token: ••••"), "{shown}");
}

/// What is rewritten is signed for where it goes: who verifies sees the host and path that were sent.
#[tokio::test]
async fn a_rewritten_request_is_signed_for_its_target() {
    let server = bedrock().await;
    let original = "https://bedrock.eu-central-1.amazonaws.com";
    for to in [server.url(""), server.url("/below")] {
        let settings = Http {
            rewrite: vec![Rewrite {
                from: original.into(),
                to,
            }],
            ..settings()
        };
        let request = signed(&format!("{original}/foundation-models?x=1"));
        let fetched = at(&settings, &request, NOW).await;
        assert_eq!(told(&fetched.answer), "{}");
        assert_eq!(fetched.sample.host, "bedrock.eu-central-1.amazonaws.com");
    }
    assert!(server.heads()[1].starts_with("GET /below/foundation-models?x=1 "));
}

#[tokio::test]
async fn each_step_of_a_redirect_is_signed_anew_and_none_to_elsewhere() {
    let server = Server::new(|text| match text.split(' ').nth(1).unwrap() {
        "/old" => to(302, "/new"),
        "/out" => to(302, "https://evil.example/"),
        _ => judged(text, "bedrock", None, "{}"),
    })
    .await;
    let fetched = at(&settings(), &signed(&server.url("/old")), NOW).await;
    assert_eq!(told(&fetched.answer), "{}");
    let fetched = at(&settings(), &signed(&server.url("/out")), NOW).await;
    assert_eq!(word(&fetched), "redirect_refused");
}

#[tokio::test]
async fn a_wrong_clock_is_told_from_a_wrong_key() {
    let server = bedrock().await;
    let request = signed(&server.url("/"));
    for (time, expected) in [
        ("2026-11-22T06:14:00Z", "{}"),
        ("2026-11-22T05:46:00Z", "{}"),
        (
            "2026-11-22T05:40:00Z",
            "our clock is 20 min behind the host's: set it right",
        ),
        (
            "2026-11-22T08:00:01Z",
            "our clock is 120 min ahead of the host's: set it right",
        ),
    ] {
        let fetched = at(&settings(), &request, time).await;
        assert_eq!(told(&fetched.answer), expected, "{time}");
    }
    let mut wrong = signer(None);
    wrong.keys.secret = "wrong".to_owned().into();
    let request = Request {
        auth: Auth::SigV4(Box::new(wrong)),
        ..request
    };
    let fetched = at(&settings(), &request, NOW).await;
    let refusal = "not authorised: HTTP 403 (InvalidSignatureException)";
    assert_eq!(told(&fetched.answer), refusal);
}

/// AWS's refusals of a signature repeat what it covered, token included.
#[tokio::test]
async fn what_a_host_quotes_of_the_keys_is_hidden() {
    let quoted = format!(r#"{{"message":"got {SECRET} and the-token in the signature"}}"#);
    let server = Server::new(move |_| answer(400, &[], quoted.clone())).await;
    let request = Request {
        auth: Auth::SigV4(Box::new(signer(Some("the-token")))),
        ..get(&server.url("/"))
    };
    let fetched = at(&settings(), &request, NOW).await;
    assert_eq!(
        told(&fetched.answer),
        "HTTP 400: got •••• and •••• in the signature"
    );
}
