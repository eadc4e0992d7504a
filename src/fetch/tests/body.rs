//! Whole bodies, conditional requests, kinds, refusals.

use super::server::{Play, Server, answer, bytes, ok};
use super::*;
use crate::market::BodyHash;

#[tokio::test]
async fn a_body_comes_with_all_that_is_known_of_it() {
    let server = Server::new(|_| {
        let headers = [
            ("content-type", "application/json"),
            ("etag", "\"v7\""),
            ("last-modified", "Wed, 21 Oct 2026 07:28:00 GMT"),
            ("link", "</models?page=2>; rel=\"next\""),
        ];
        answer(200, &headers, "{\"data\":[]}")
    })
    .await;
    let mut request = get(&server.url("/models"));
    request.expects = Expects::Json;
    let fetched = fetch(&request).await;
    let Answer::Body(body) = fetched.answer else {
        panic!("a body is expected, not {:?}", fetched.answer);
    };
    assert_eq!(&body.bytes[..], b"{\"data\":[]}");
    assert_eq!(body.hash, BodyHash::of(&body.bytes));
    assert_eq!(body.content_type.as_deref(), Some("application/json"));
    assert_eq!(body.validators.etag.as_deref(), Some("\"v7\""));
    assert_eq!(
        body.validators.last_modified.as_deref(),
        Some("Wed, 21 Oct 2026 07:28:00 GMT")
    );
    assert_eq!(body.url.as_str(), server.url("/models"));
    assert_eq!(
        body.link_next.map(String::from),
        Some(server.url("/models?page=2"))
    );
    let sample = fetched.sample;
    assert_eq!((sample.at, sample.host.as_str()), (AT, "127.0.0.1"));
    assert_eq!((sample.status, sample.bytes), (Some(200), 11));
    assert_eq!(sample.outcome, "ok");
    let phases = sample.phases;
    assert_eq!((phases.dns, phases.tls), (None, None));
    let parts = [phases.connect, phases.first_byte, phases.body];
    let sum: SignedDuration = parts.into_iter().map(Option::unwrap).sum();
    assert!(sum <= phases.total.unwrap(), "{phases:?}");
}

#[tokio::test]
async fn the_next_page_is_only_taken_from_the_same_host() {
    let server = Server::new(|_| {
        answer(
            200,
            &[("link", "<https://evil.example/?page=2>; rel=next")],
            "x",
        )
    })
    .await;
    let Answer::Body(body) = fetch(&get(&server.url("/"))).await.answer else {
        panic!("a body is expected");
    };
    assert_eq!(body.link_next, None);
}

#[tokio::test]
async fn the_request_says_who_asks_for_what() {
    let server = Server::new(|_| ok("application/json", "{}")).await;
    let mut request = get(&server.url("/v1?x=1"));
    request.expects = Expects::Json;
    request.method = Method::Post;
    request.body = Some(b"{\"q\":1}".to_vec());
    request.headers = vec![("anthropic-version".into(), "2023-06-01".into())];
    request.auth = Auth::Bearer("sk-1234".to_owned().into());
    fetch(&request).await;
    request.auth = Auth::Header {
        name: "x-api-key".into(),
        key: "sk-5678".to_owned().into(),
    };
    request.headers.push(("Accept".into(), "text/plain".into()));
    fetch(&request).await;
    let heads = server.heads();
    let version = concat!("user-agent: bellwether/", env!("CARGO_PKG_VERSION"));
    let cases = [
        (0, "POST /v1?x=1 HTTP/1.1\r\n", true),
        (0, version, true),
        (0, "accept: application/json", true),
        (0, "gzip", true),
        (0, "anthropic-version: 2023-06-01\r\n", true),
        (0, "authorization: Bearer sk-1234\r\n", true),
        (0, "content-length: 7\r\n", true),
        (0, "if-none-match", false),
        (0, "referer", false),
        (1, "x-api-key: sk-5678\r\n", true),
        (1, "accept: text/plain\r\n", true),
        (1, "accept: application/json", false),
    ];
    for (index, part, is_there) in cases {
        assert_eq!(
            heads[index].contains(part),
            is_there,
            "{part} in {}",
            heads[index]
        );
    }
}

#[tokio::test]
async fn what_is_unchanged_is_not_sent_again() {
    let server = Server::new(|head| {
        match head.contains("if-none-match: \"v1\"") || head.contains("if-modified-since: ") {
            true => answer(304, &[("etag", "\"v1\"")], ""),
            false => answer(200, &[("etag", "\"v2\"")], "new"),
        }
    })
    .await;
    let validators = |etag: Option<&str>, last_modified: Option<&str>| Validators {
        etag: etag.map(Into::into),
        last_modified: last_modified.map(Into::into),
    };
    let date = "Wed, 21 Oct 2026 07:28:00 GMT";
    let cases = [
        (None, "new", "ok"),
        (Some(validators(None, None)), "new", "ok"),
        (Some(validators(Some("\"v0\""), None)), "new", "ok"),
        (
            Some(validators(Some("\"v1\""), None)),
            "not modified",
            "not_modified",
        ),
        (
            Some(validators(None, Some(date))),
            "not modified",
            "not_modified",
        ),
    ];
    for (validators, expected, outcome) in cases {
        let request = Request {
            validators,
            ..get(&server.url("/"))
        };
        let fetched = fetch(&request).await;
        assert_eq!(told(&fetched.answer), expected, "{request:?}");
        assert_eq!(fetched.sample.outcome, outcome);
    }
}

#[tokio::test]
async fn half_successes_are_failures() {
    let cases = [
        (304, vec![], "protocol"),
        (206, vec![("content-range", "bytes 0-2/9")], "truncated"),
        (200, vec![("content-encoding", "compress")], "protocol"),
        (202, vec![("x-amzn-waf-action", "challenge")], "login_wall"),
        (200, vec![("content-encoding", "identity")], "ok"),
        (201, vec![], "ok"),
        (300, vec![], "status"),
        (302, vec![], "status"),
        (404, vec![], "status"),
        (503, vec![], "status"),
        (401, vec![], "unauthorised"),
        (
            403,
            vec![("location", "https://login.example/")],
            "unauthorised",
        ),
        (429, vec![], "throttled"),
    ];
    for (status, headers, expected) in cases {
        let sent = bytes(status, &headers, if status == 304 { "" } else { "abc" });
        let server = Server::new(move |_| Play::Send(sent.clone())).await;
        let fetched = fetch(&get(&server.url("/"))).await;
        assert_eq!(fetched.sample.outcome, expected, "{status} {headers:?}");
        assert_eq!(fetched.sample.status, Some(status));
    }
}

#[tokio::test]
async fn pages_in_the_way_are_known_from_content() {
    let page = "<!doctype html><form><input type=password></form>";
    let server = Server::new(move |head| match head.starts_with("GET /wall") {
        true => ok("text/html", page),
        false => ok("text/html", "<!doctype html><div id=root></div>"),
    })
    .await;
    for (path, expects, expected) in [
        ("/wall", Expects::Json, "login_wall"),
        ("/wall", Expects::Html, "login_wall"),
        ("/wall", Expects::Any, "ok"),
        ("/shell", Expects::Json, "wrong_type"),
        ("/shell", Expects::Html, "ok"),
    ] {
        let request = Request {
            expects,
            ..get(&server.url(path))
        };
        let fetched = fetch(&request).await;
        assert_eq!(fetched.sample.outcome, expected, "{path} {expects:?}");
        assert!(fetched.sample.bytes > 0);
    }
}

#[tokio::test]
async fn a_refusal_is_told_with_its_own_words() {
    let body = r#"{"error":{"type":"overloaded_error","message":"Overloaded"}}"#;
    let whole = bytes(529, &[("retry-after", "12")], body);
    let mut stalled = bytes(500, &[("content-length", "1000")], "");
    stalled.extend_from_slice(b"half a ");
    let server = Server::new(move |head| match head {
        head if head.starts_with("GET /whole") => Play::Send(whole.clone()),
        head if head.starts_with("GET /stall") => Play::Stall(stalled.clone()),
        head if head.starts_with("GET /cut") => Play::Reset(stalled.clone()),
        _ => Play::Endless(bytes(500, &[("content-length", "99999999999")], "words ")),
    })
    .await;
    let settings = hurried(|deadlines| deadlines.body = SOON);
    let cases = [
        (
            "/whole",
            "the host is overloaded: HTTP 529 (overloaded_error): Overloaded",
        ),
        ("/stall", "HTTP 500: half a"),
        ("/cut", "HTTP 500: half a"),
        ("/endless", "HTTP 500: words"),
    ];
    for (path, expected) in cases {
        let fetched = fetch_with(&settings, &get(&server.url(path))).await;
        assert_eq!(told(&fetched.answer), expected, "{path}");
    }
    let Answer::Failed(failure) = fetch(&get(&server.url("/whole"))).await.answer else {
        panic!("a failure is expected");
    };
    assert_eq!(failure.retry_after(), Some(SignedDuration::from_secs(12)));
}
