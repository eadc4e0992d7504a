//! Which redirects are followed, and what goes along.

use super::server::{Server, ok, to};
use super::*;
use crate::config::Rewrite;

/// A server that plays `a.example` and `b.example` in HTTP and HTTPS, and the settings that lead there.
async fn stage(location: impl Into<String>, status: u16) -> (Server, Http) {
    let location = location.into();
    let server = Server::new(move |head| match head.split(' ').nth(1) {
        Some(path) if path.ends_with("/start") => to(status, &location),
        _ => ok("text/plain", "arrived"),
    })
    .await;
    let mut settings = settings();
    for (from, path) in [
        ("https://a.example", "/a"),
        ("https://b.example", "/b"),
        ("http://a.example", "/plain-a"),
        ("http://b.example", "/plain-b"),
    ] {
        settings.rewrite.push(Rewrite {
            from: from.into(),
            to: server.url(path),
        });
    }
    (server, settings)
}

fn keyed(mut request: Request) -> Request {
    request.auth = Auth::Bearer("sk-1234".to_owned().into());
    request
}

fn posted(mut request: Request) -> Request {
    request.method = Method::Post;
    request.body = Some(b"{}".to_vec());
    request
}

fn with_cookie(mut request: Request) -> Request {
    request.headers.push(("Cookie".into(), "id=1".into()));
    request
}

#[tokio::test]
async fn redirects_are_followed_by_rule() {
    type Dress = fn(Request) -> Request;
    let bare: Dress = |request| request;
    let followed = "arrived";
    let cases: &[(&str, &str, Dress, &str)] = &[
        ("https://a.example/start", "/new", bare, followed),
        ("https://a.example/start", "new?x=1", bare, followed),
        (
            "https://a.example/start",
            "https://a.example/new",
            bare,
            followed,
        ),
        (
            "https://a.example/start",
            "https://b.example/new",
            bare,
            followed,
        ),
        ("https://a.example/start", "//b.example/new", bare, followed),
        (
            "http://a.example/start",
            "http://a.example/new",
            bare,
            followed,
        ),
        (
            "http://a.example/start",
            "https://a.example/new",
            bare,
            followed,
        ),
        (
            "http://a.example/start",
            "https://b.example/new",
            bare,
            followed,
        ),
        (
            "https://a.example/start",
            "http://a.example/new",
            bare,
            "from HTTPS to HTTP at a.example",
        ),
        (
            "https://a.example/start",
            "http://b.example/new",
            bare,
            "from HTTPS to HTTP at b.example",
        ),
        (
            "https://a.example/start",
            "file:///etc/passwd",
            bare,
            "to the scheme file",
        ),
        (
            "https://a.example/start",
            "javascript:alert(1)",
            bare,
            "to the scheme javascript",
        ),
        (
            "https://a.example/start",
            "https://[nonsense",
            bare,
            "to something that is no URL",
        ),
        (
            "https://a.example/start",
            "https://10.0.0.1/x",
            bare,
            "to the private address 10.0.0.1",
        ),
        (
            "https://a.example/start",
            "https://[::1]/x",
            bare,
            "to the private address [::1]",
        ),
        (
            "https://a.example/start",
            "https://2130706433/",
            bare,
            "to the private address 127.0.0.1",
        ),
        (
            "http://a.example/start",
            "http://169.254.169.254/latest/",
            bare,
            "to the private address 169.254.169.254",
        ),
        (
            "http://a.example/start",
            "http://localhost:1/",
            bare,
            "the name resolves to a private address",
        ),
        (
            "https://a.example/start",
            "https://localhost:1/",
            bare,
            "the name resolves to a private address",
        ),
        ("https://a.example/start", "/new", keyed, followed),
        (
            "http://a.example/start",
            "https://a.example/new",
            keyed,
            followed,
        ),
        (
            "https://a.example/start",
            "https://b.example/new",
            keyed,
            "to another host, b.example, which must not get the credential",
        ),
        (
            "https://a.example/start",
            "https://a.example:444/new",
            keyed,
            "to another host, a.example, which must not get the credential",
        ),
        (
            "https://a.example/start",
            "https://b.example/new",
            with_cookie,
            "to another host, b.example, which must not get the credential",
        ),
        (
            "https://a.example/start",
            "/new",
            posted,
            "of a POST, which would become another request",
        ),
    ];
    for (url, location, dress, expected) in cases {
        let (_server, settings) = stage(*location, 302).await;
        let fetched = fetch_with(&settings, &dress(get(url))).await;
        let told = told(&fetched.answer);
        assert_eq!(
            told.trim_start_matches("redirect refused: "),
            *expected,
            "{url} -> {location}"
        );
        let outcome = if *expected == followed {
            "ok"
        } else {
            "redirect_refused"
        };
        assert_eq!(fetched.sample.outcome, outcome);
        assert_eq!(fetched.sample.host, "a.example");
    }
}

#[tokio::test]
async fn a_post_is_repeated_only_where_that_is_meant_and_at_home() {
    let cases = [
        (307, "/new", "arrived"),
        (308, "/new", "arrived"),
        (
            303,
            "/new",
            "redirect refused: of a POST, which would become another request",
        ),
        (
            307,
            "https://b.example/new",
            "redirect refused: of a POST to another host, b.example",
        ),
    ];
    for (status, location, expected) in cases {
        let (server, settings) = stage(location, status).await;
        let request = posted(get("https://a.example/start"));
        let fetched = fetch_with(&settings, &request).await;
        assert_eq!(told(&fetched.answer), expected, "{status} {location}");
        assert!(server.heads().iter().all(|head| head.starts_with("POST ")));
    }
}

#[tokio::test]
async fn five_redirects_are_followed_and_no_more() {
    let server = Server::new(|head| {
        let path = head.split(' ').nth(1).unwrap_or_default();
        match path.trim_start_matches('/').parse::<u32>() {
            Ok(0) => ok("text/plain", "arrived"),
            Ok(left) => to(302, &format!("/{}", left - 1)),
            Err(_) => to(301, path),
        }
    })
    .await;
    let refused = "redirect refused: more than 5 in a row";
    for (path, expected, asked) in [
        ("/5", "arrived", 6),
        ("/6", refused, 6),
        ("/loop", refused, 6),
    ] {
        let before = server.heads().len();
        let fetched = fetch(&get(&server.url(path))).await;
        assert_eq!(told(&fetched.answer), expected, "{path}");
        assert_eq!(server.heads().len() - before, asked, "{path}");
        assert!(fetched.sample.phases.total >= fetched.sample.phases.first_byte);
    }
}

#[tokio::test]
async fn private_addresses_are_open_where_the_user_says_so() {
    let inside = Server::new(|_| ok("text/plain", "inside")).await;
    for location in [
        inside.url("/"),
        format!("http://localhost:{}/", inside.port),
    ] {
        let (_server, mut settings) = stage(location, 302).await;
        let request = get("http://a.example/start");
        assert_eq!(
            word(&fetch_with(&settings, &request).await),
            "redirect_refused"
        );
        assert!(inside.heads().is_empty());
        settings.allow_private_redirects = true;
        let fetched = fetch_with(&settings, &request).await;
        assert_eq!(told(&fetched.answer), "inside");
        assert!(inside.heads().len() == 1);
        inside.forget();
    }
}

#[tokio::test]
async fn the_users_own_private_host_may_redirect_to_itself_alone() {
    let other = Server::new(|_| ok("text/plain", "another service")).await;
    let elsewhere = other.url("/");
    let own = Server::new(move |head| match head {
        head if head.starts_with("GET /home") => to(302, "/new"),
        head if head.starts_with("GET /out") => to(302, &elsewhere),
        _ => ok("text/plain", "arrived"),
    })
    .await;
    assert_eq!(
        told(&fetch(&get(&own.url("/home"))).await.answer),
        "arrived"
    );
    assert_eq!(
        word(&fetch(&get(&own.url("/out"))).await),
        "redirect_refused"
    );
    assert!(other.heads().is_empty());
}

#[tokio::test]
async fn another_host_is_told_only_what_is_wanted() {
    let (server, settings) = stage("https://user:word@b.example/new", 302).await;
    let mut request = get("https://a.example/start");
    request.headers = vec![
        ("accept-language".into(), "en".into()),
        ("x-tenant".into(), "acme".into()),
    ];
    let fetched = fetch_with(&settings, &request).await;
    let Answer::Body(body) = fetched.answer else {
        panic!("a body is expected, not {:?}", fetched.answer);
    };
    assert_eq!(body.url.as_str(), "https://b.example/new");
    let heads = server.heads();
    assert!(heads[0].contains("x-tenant: acme"), "{heads:?}");
    assert!(heads[1].starts_with("GET /b/new "), "{heads:?}");
    assert!(heads[1].contains("accept-language: en"), "{heads:?}");
    assert!(!heads[1].contains("x-tenant"), "{heads:?}");
    assert!(!heads[1].contains("authorization"), "{heads:?}");
}
