//! Places and pace at a host, and what is never told.

use std::sync::Arc;

use super::server::{Server, answer, to};
use super::*;

#[tokio::test]
async fn a_host_has_no_more_requests_than_places() {
    let (server, mut arrived) = Server::held().await;
    let settings = Http {
        per_host_concurrency: 2,
        ..settings()
    };
    let client = Arc::new(Client::new(&settings).unwrap());
    let fetches: Vec<_> = (0..5)
        .map(|_| {
            let (client, request) = (Arc::clone(&client), get(&server.url("/")));
            tokio::spawn(async move { client.fetch(&request, AT).await })
        })
        .collect();
    let mut now = vec![arrived.recv().await.unwrap(), arrived.recv().await.unwrap()];
    for _ in 0..3 {
        // Give a third one every chance to arrive.
        let third = tokio::time::timeout(Duration::from_millis(20), arrived.recv());
        assert!(third.await.is_err());
        now.remove(0).release.send(()).unwrap();
        now.push(arrived.recv().await.unwrap());
    }
    for waiting in now {
        waiting.release.send(()).unwrap();
    }
    for fetch in fetches {
        assert_eq!(told(&fetch.await.unwrap().answer), "ok");
    }
}

#[tokio::test]
async fn waiting_for_a_turn_is_not_measured() {
    let server = Server::new(|_| answer(200, &[], "x")).await;
    let pace = SignedDuration::from_millis(60);
    let settings = Http {
        per_host_pace: pace,
        ..settings()
    };
    let client = Client::new(&settings).unwrap();
    let begun = Instant::now();
    let first = client.fetch(&get(&server.url("/")), AT).await;
    let second = client.fetch(&get(&server.url("/")), AT).await;
    let elapsed = signed(begun.elapsed());
    assert!(elapsed >= pace, "{elapsed:?}");
    let (first, second) = (
        first.sample.phases.total.unwrap(),
        second.sample.phases.total.unwrap(),
    );
    let waited = (pace - first).max(SignedDuration::ZERO);
    let slack = SignedDuration::from_millis(2);
    assert!(
        first + second + waited <= elapsed + slack,
        "{first:?} {second:?} {elapsed:?}"
    );
}

#[tokio::test]
async fn no_secret_is_ever_told() {
    let secret = "sk-a1b2c3d4";
    let server = Server::new(
        move |head| match head.split(' ').nth(1).unwrap_or_default() {
            "/echo" => answer(
                500,
                &[],
                format!("{{\"error\":{{\"code\":\"{secret}\",\"message\":\"{head}{secret}\"}}}}"),
            ),
            "/denied" => answer(401, &[], format!("{{\"error\":{{\"code\":\"{secret}\"}}}}")),
            "/moved" => to(302, &format!("https://elsewhere.example/?key={secret}")),
            "/scheme" => to(302, &format!("gopher://x/?key={secret}")),
            "/own" => to(302, &format!("/?key={secret}")),
            "/text" => answer(500, &[], format!("Header: {secret}")),
            _ => answer(200, &[("content-length", "9")], "cut"),
        },
    )
    .await;
    let key = || secret.to_owned().into();
    let credentials = [
        Auth::Bearer(key()),
        Auth::Header {
            name: "x-api-key".into(),
            key: key(),
        },
    ];
    for auth in credentials {
        for path in [
            "/echo",
            "/denied",
            "/moved",
            "/scheme",
            "/own",
            "/text",
            "/cut?key=sk-a1b2c3d4",
        ] {
            let request = Request {
                auth: auth.clone(),
                ..get(&server.url(path))
            };
            let client = Client::new(&settings()).unwrap();
            let fetched = client.fetch(&request, AT).await;
            assert!(matches!(fetched.answer, Answer::Failed(_)), "{path}");
            for shown in [
                format!("{fetched:?}"),
                told(&fetched.answer),
                format!("{request:?}"),
                format!("{client:?}"),
                request.describe().join("\n"),
            ] {
                assert!(!shown.contains(secret), "{path}: {shown}");
            }
        }
    }
    assert!(server.heads().iter().all(|head| head.contains(secret)));
    let unreachable = Request {
        auth: Auth::Header {
            name: "x-api-key".into(),
            key: format!("{secret}\n").into(),
        },
        ..get(&server.url("/"))
    };
    let fetched = fetch(&unreachable).await;
    assert_eq!(
        told(&fetched.answer),
        "a fault of our own: the value of header x-api-key cannot be sent"
    );
}
