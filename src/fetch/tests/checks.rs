//! Checks of endpoints and streamed answers, over loopback.

use std::time::Duration;

use super::paced::{Paced, Script, Speaks};
use super::*;
use crate::config::{Family, HttpVersion, Ways};

/// The day on which certificates of the server end.
const CERTIFICATE_UNTIL: &str = "2031-05-17T00:00:00Z";
const LIMIT: SignedDuration = SignedDuration::from_secs(20);

fn trusting(server: &Paced) -> Http {
    let pem = Some(server.authority.clone()).filter(|pem| !pem.is_empty());
    Http {
        extra_ca_pem: pem.into_iter().collect(),
        ..settings()
    }
}

fn target(settings: &Http, url: &str, ways: Ways) -> Target {
    let url = Url::parse(url).unwrap();
    Client::new(settings)
        .unwrap()
        .target(&url, Family::Any, HttpVersion::Any, ways, LIMIT)
        .unwrap()
}

fn words(checked: &[Checked]) -> Vec<(&'static str, &'static str, Option<u16>)> {
    let word = |one: &Checked| {
        let failure = one.failure.as_ref().map_or("ok", Failure::word);
        (one.way.word(), failure, one.status)
    };
    checked.iter().map(word).collect()
}

#[tokio::test]
async fn an_endpoint_that_refuses_answers() {
    let server = Paced::start(Speaks::default(), |path| match path {
        "/401" => Script::of(401, "who are you"),
        "/404" => Script::of(404, "nothing here"),
        "/503" => Script::of(503, "down"),
        "/529" => Script::of(529, r#"{"error":{"type":"overloaded_error"}}"#),
        _ => Script::of(429, "too many"),
    })
    .await;
    for (path, word, status) in [
        ("/401", "ok", 401),
        ("/404", "ok", 404),
        ("/503", "status", 503),
        ("/529", "overloaded", 529),
        ("/429", "throttled", 429),
    ] {
        let checked = target(&settings(), &server.url(path), Ways::Fresh)
            .check(AT)
            .await;
        assert_eq!(words(&checked), [("fresh", word, Some(status))], "{path}");
    }
}

#[tokio::test]
async fn a_fresh_connection_is_asked_twice_and_closed() {
    let server = Paced::start(Speaks::default(), |_| Script::of(200, "ok")).await;
    let target = target(&settings(), &server.url("/"), Ways::Both);
    for round in 1..=2 {
        let checked = target.check(AT).await;
        let both = [("fresh", "ok", Some(200)), ("warm", "ok", Some(200))];
        assert_eq!(words(&checked), both);
        assert_eq!(server.connections(), round);
        let [fresh, warm] = [checked[0].phases, checked[1].phases];
        assert!(fresh.connect.is_some() && fresh.dns.is_none() && fresh.tls.is_none());
        assert!(warm.connect.is_none() && warm.first_byte.is_some() && warm.body.is_some());
        assert!(fresh.total > fresh.connect && warm.total >= warm.first_byte);
    }
}

#[tokio::test]
async fn a_kept_connection_is_warm_until_the_host_closes_it() {
    let server = Paced::start(Speaks::default(), |_| Script::of(200, "ok")).await;
    let kept = target(&settings(), &server.url("/"), Ways::Warm);
    let mut ways = Vec::new();
    for _ in 0..3 {
        ways.extend(
            words(&kept.check(AT).await)
                .into_iter()
                .map(|(way, ..)| way),
        );
    }
    assert_eq!(ways, ["fresh", "warm", "warm"]);
    assert_eq!(server.connections(), 1);

    let closing = Paced::start(Speaks::default(), |_| Script {
        closes: true,
        ..Script::of(200, "ok")
    })
    .await;
    let kept = target(&settings(), &closing.url("/"), Ways::Warm);
    for _ in 0..3 {
        let checked = kept.check(AT).await;
        assert_eq!(words(&checked), [("fresh", "ok", Some(200))]);
    }
    let both = target(&settings(), &closing.url("/"), Ways::Both);
    assert_eq!(words(&both.check(AT).await), [("fresh", "ok", Some(200))]);
}

#[tokio::test]
async fn both_versions_of_http_are_spoken_over_tls() {
    for (http2, version) in [(false, "1.1"), (true, "2")] {
        let speaks = Speaks {
            tls_after: Some(Duration::from_millis(20)),
            http2,
        };
        let script = |_: &str| Script {
            head_after: Duration::from_millis(30),
            ..Script::of(200, "ok")
        };
        let server = Paced::start(speaks, script).await;
        let checked = target(&trusting(&server), &server.url("/"), Ways::Both)
            .check(AT)
            .await;
        let both = [("fresh", "ok", Some(200)), ("warm", "ok", Some(200))];
        assert_eq!(words(&checked), both);
        let connection = checked[0].connection.as_ref().unwrap();
        assert_eq!(connection.http, version);
        let tls = connection.tls.as_ref().unwrap();
        assert_eq!(tls.version, "1.3");
        assert_eq!(
            tls.certificate_until,
            Some(CERTIFICATE_UNTIL.parse().unwrap())
        );
        let phases = checked[0].phases;
        assert!(phases.tls >= Some(SignedDuration::from_millis(20)));
        for one in &checked {
            assert!(one.phases.first_byte >= Some(SignedDuration::from_millis(30)));
        }
        assert!(phases.dns.is_some());
    }
}

#[tokio::test]
async fn the_version_and_family_that_are_wanted_are_used() {
    let server = Paced::start(
        Speaks {
            tls_after: Some(Duration::ZERO),
            http2: true,
        },
        |_| Script::of(200, "ok"),
    )
    .await;
    let client = Client::new(&trusting(&server)).unwrap();
    let of = |url: &str, family, version| {
        client
            .target(
                &Url::parse(url).unwrap(),
                family,
                version,
                Ways::Fresh,
                LIMIT,
            )
            .unwrap()
    };
    let checked = of(&server.url("/"), Family::Any, HttpVersion::One)
        .check(AT)
        .await;
    assert_eq!(
        words(&checked),
        [("fresh", "tls", None)],
        "the server speaks HTTP/2 alone"
    );
    let checked = of(&server.url("/"), Family::V4, HttpVersion::Two)
        .check(AT)
        .await;
    assert_eq!(words(&checked), [("fresh", "ok", Some(200))]);
    assert!(checked[0].connection.as_ref().unwrap().address.is_ipv4());
    let checked = of("http://127.0.0.1:9/", Family::V6, HttpVersion::Any)
        .check(AT)
        .await;
    assert_eq!(words(&checked), [("fresh", "dns", None)], "no IPv6 address");

    let plain = Paced::at(
        "[::1]:0",
        Speaks {
            tls_after: None,
            http2: true,
        },
        |_| Script::of(200, "ok"),
    )
    .await;
    let Ok(plain) = plain else {
        return; // a machine without IPv6
    };
    let checked = of(&plain.url("/"), Family::V6, HttpVersion::Two)
        .check(AT)
        .await;
    assert_eq!(words(&checked), [("fresh", "ok", Some(200))]);
    let connection = checked[0].connection.as_ref().unwrap();
    assert!(connection.address.is_ipv6() && connection.http == "2");
}

#[tokio::test]
async fn what_takes_too_long_or_breaks_off_is_typed() {
    let late = |_: &str| Script {
        head_after: Duration::from_secs(600),
        ..Script::of(200, "ok")
    };
    let server = Paced::start(Speaks::default(), late).await;
    let url = Url::parse(&server.url("/")).unwrap();
    let client = Client::new(&settings()).unwrap();
    let hasty = client
        .target(&url, Family::Any, HttpVersion::Any, Ways::Both, SOON)
        .unwrap();
    let checked = hasty.check(AT).await;
    assert_eq!(
        checked[0].failure,
        Some(Failure::Timeout {
            phase: crate::market::Phase::FirstByte
        })
    );
    assert!(checked[0].phases.connect.is_some() && checked[0].phases.first_byte.is_none());

    let stalled =
        super::server::Server::new(|_| super::server::Play::Reset(b"HTTP/1.1 2".to_vec())).await;
    let checked = target(&settings(), &stalled.url("/"), Ways::Both)
        .check(AT)
        .await;
    assert_eq!(words(&checked), [("fresh", "protocol", None)]);
    drop(server);
    let checked = hasty.check(AT).await;
    assert_eq!(words(&checked), [("fresh", "connect", None)]);
}

#[tokio::test]
async fn a_stream_is_heard_part_by_part() {
    let script = |path: &str| match path {
        "/model" => Script {
            status: 200,
            head_after: Duration::from_millis(20),
            parts: ["data: a\n\n", "data: b\n\n"]
                .map(|part| (Duration::from_millis(40), part.into()))
                .to_vec(),
            closes: false,
        },
        _ => Script::of(
            404,
            r#"{"error":{"code":"model_not_found","message":"no such model"}}"#,
        ),
    };
    let server = Paced::start(
        Speaks {
            tls_after: Some(Duration::ZERO),
            http2: true,
        },
        script,
    )
    .await;
    let client = Client::new(&trusting(&server)).unwrap();
    let request = |path: &str| Request {
        method: Method::Post,
        body: Some(b"{}".to_vec()),
        ..get(&server.url(path))
    };
    let mut heard = Vec::new();
    let streamed = client
        .stream(&request("/model"), AT, |since, part| {
            heard.push((since, String::from_utf8_lossy(part).into_owned()));
        })
        .await;
    assert_eq!(streamed.failure, None);
    let texts: Vec<&str> = heard.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(texts, ["data: a\n\n", "data: b\n\n"]);
    let millis = SignedDuration::from_millis;
    assert!(streamed.phases.first_byte >= Some(millis(20)));
    assert!(
        heard[0].0 >= millis(60) && heard[1].0 >= millis(100),
        "{heard:?}"
    );
    assert!(streamed.phases.tls.is_some() && streamed.phases.body >= Some(millis(70)));

    let mut parts = 0;
    let streamed = client
        .stream(&request("/none"), AT, |_, _| parts += 1)
        .await;
    let failure = streamed.failure.expect("a refusal");
    assert_eq!((failure.word(), parts), ("model_gone", 0));
    let mut small = request("/model");
    small.max_body = Some(10);
    let streamed = client.stream(&small, AT, |_, _| ()).await;
    assert_eq!(streamed.failure, Some(Failure::TooLarge { limit: 10 }));
}

#[tokio::test]
async fn nothing_is_measured_through_a_proxy() {
    let proxied = Http {
        proxy: Some(Url::parse("http://proxy.test:3128").unwrap()),
        ..settings()
    };
    let client = Client::new(&proxied).unwrap();
    let url = Url::parse("https://api.example/").unwrap();
    let target = client.target(&url, Family::Any, HttpVersion::Any, Ways::Both, LIMIT);
    assert!(matches!(target, Err(Failure::Internal { .. })));
    let streamed = client.stream(&Request::get(url), AT, |_, _| ()).await;
    let failure = streamed.failure.expect("a failure");
    assert!(
        failure.is_ours() && failure.to_string().contains("proxy"),
        "{failure}"
    );
    let server = Paced::start(Speaks::default(), |_| Script::of(200, "ok")).await;
    let checked = target_of(&client, &server.url("/")).check(AT).await;
    assert_eq!(
        words(&checked),
        [("fresh", "ok", Some(200))],
        "what is near is reached as ever"
    );
}

fn target_of(client: &Client, url: &str) -> Target {
    let url = Url::parse(url).unwrap();
    client
        .target(&url, Family::Any, HttpVersion::Any, Ways::Fresh, LIMIT)
        .unwrap()
}
