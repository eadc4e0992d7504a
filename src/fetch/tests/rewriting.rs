//! Prefixes asked elsewhere, and the proxy.

use super::server::{Server, answer, ok, to};
use super::*;
use crate::config::Rewrite;

#[tokio::test]
async fn a_rewritten_fetch_reads_like_the_original() {
    let server = Server::new(|head| match head.split(' ').nth(1).unwrap_or_default() {
        "/api/models" => to(302, "/api/v2/models?limit=5"),
        "/api/named" => {
            let host = head
                .split("host: ")
                .nth(1)
                .and_then(|rest| rest.lines().next());
            to(
                302,
                &format!("http://{}/api/v2/models", host.unwrap_or_default()),
            )
        }
        path if path.starts_with("/api/v2/models") => answer(
            200,
            &[("link", "</api/v2/models?page=2>; rel=next")],
            "models",
        ),
        _ => answer(404, &[], ""),
    })
    .await;
    let settings = Http {
        rewrite: vec![Rewrite {
            from: "https://api.models.example".into(),
            to: server.url("/api/"),
        }],
        ..settings()
    };
    let cases = [
        (
            "https://api.models.example/models",
            "https://api.models.example/v2/models?limit=5",
        ),
        (
            "https://api.models.example/named",
            "https://api.models.example/v2/models",
        ),
        (
            "https://api.models.example/v2/models",
            "https://api.models.example/v2/models",
        ),
    ];
    for (url, found) in cases {
        let mut request = get(url);
        request.auth = Auth::Bearer("sk-1234".to_owned().into());
        let fetched = fetch_with(&settings, &request).await;
        assert_eq!(fetched.sample.host, "api.models.example");
        let Answer::Body(body) = fetched.answer else {
            panic!("a body is expected, not {:?}", fetched.answer);
        };
        assert_eq!(body.url.as_str(), found, "{url}");
        assert_eq!(
            body.link_next.as_ref().map(Url::as_str),
            Some("https://api.models.example/v2/models?page=2"),
        );
    }
}

#[tokio::test]
async fn a_proxy_is_asked_for_what_is_not_here() {
    let proxy = Server::new(|_| ok("text/plain", "through the proxy")).await;
    let direct = Server::new(|_| ok("text/plain", "direct")).await;
    let settings = Http {
        proxy: Some(Url::parse(&proxy.url("/")).unwrap()),
        ..settings()
    };
    let far = fetch_with(&settings, &get("http://models.example/list")).await;
    assert_eq!(told(&far.answer), "through the proxy");
    let head = proxy.heads().remove(0);
    assert!(
        head.starts_with("GET http://models.example/list HTTP/1.1"),
        "{head}"
    );
    let near = fetch_with(&settings, &get(&direct.url("/"))).await;
    assert_eq!(told(&near.answer), "direct");
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let rewrite = |from: &str| Http {
        rewrite: vec![Rewrite {
            from: from.into(),
            to: "http://127.0.0.1:1".into(),
        }],
        ..settings()
    };
    let cases = [
        (
            rewrite("api.example"),
            "\"api.example\" is no http or https URL",
        ),
        (
            Http {
                user_agent: "two\nlines".into(),
                ..settings()
            },
            "\"two\\nlines\" cannot be sent as a User-Agent",
        ),
        (
            Http {
                extra_ca_pem: vec![b"no certificate".to_vec()],
                ..settings()
            },
            "certificate file 1 cannot be used: it holds no certificate",
        ),
        (
            Http {
                proxy: Url::parse("ftp://me:hunter2@proxy.example/").ok(),
                ..settings()
            },
            "the proxy's URL cannot be used",
        ),
    ];
    for (settings, expected) in cases {
        let told = Client::new(&settings).unwrap_err().to_string();
        assert!(told.starts_with(expected), "{told}");
    }
}
