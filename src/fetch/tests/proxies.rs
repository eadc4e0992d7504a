//! Ways through a proxy: tunnels, SOCKS, logins, and what it refuses.

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use super::secure::Authority;
use super::server::{Server, header, ok};
use super::*;
use crate::market::Phase;

/// What a proxy hears, and what it then says.
type Talk = &'static [(&'static [u8], &'static [u8])];

/// A proxy that hears and says exactly this, and then passes everything on to a port.
async fn proxy(talk: Talk, to: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut near, _) = listener.accept().await.unwrap();
        for (expected, answer) in talk {
            let mut heard = vec![0; expected.len()];
            near.read_exact(&mut heard).await.unwrap();
            assert_eq!(
                String::from_utf8_lossy(&heard),
                String::from_utf8_lossy(expected)
            );
            near.write_all(answer).await.unwrap();
        }
        let mut far = TcpStream::connect(("127.0.0.1", to)).await.unwrap();
        let _ = copy_bidirectional(&mut near, &mut far).await;
    });
    port
}

fn through(settings: Http, proxy: &str) -> Http {
    Http {
        proxy: Some(Url::parse(proxy).unwrap()),
        ..settings
    }
}

const CONNECT: &[u8] = b"CONNECT models.example:443 HTTP/1.1\r\nhost: models.example:443\r\n\r\n";
const NAME: &[u8] = b"\x05\x01\x00\x03\x0emodels.example\x01\xbb";
const DONE: &[u8] = b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00";

#[tokio::test]
async fn each_kind_of_proxy_leads_to_a_secure_host() {
    const LOGGED_IN: &[u8] = b"CONNECT models.example:443 HTTP/1.1\r\nhost: models.example:443\r\n\
        proxy-authorization: Basic bWU6d29yZCAx\r\n\r\n";
    const GRANTED: &[u8] = b"HTTP/1.1 200 Connection established\r\nvia: x\r\n\r\n";
    let cases: [(&str, &str, Talk); 7] = [
        ("http://", "models.example", &[(CONNECT, GRANTED)]),
        (
            "http://me:word%201@",
            "models.example",
            &[(LOGGED_IN, GRANTED)],
        ),
        (
            "socks5h://",
            "models.example",
            &[(b"\x05\x01\x00", b"\x05\x00"), (NAME, DONE)],
        ),
        (
            "socks5h://me:word%201@",
            "models.example",
            &[
                (b"\x05\x02\x00\x02", b"\x05\x02"),
                (b"\x01\x02me\x06word 1", b"\x01\x00"),
                (NAME, b"\x05\x00\x00\x03\x01x\x00\x00"),
            ],
        ),
        (
            "socks5h://me:word@",
            "models.example",
            &[
                (b"\x05\x02\x00\x02", b"\x05\x00"),
                (NAME, b"\x05\x00\x00\x04abcdefghabcdefgh\x00\x00"),
            ],
        ),
        (
            "socks5://",
            "192.0.2.7",
            &[
                (b"\x05\x01\x00", b"\x05\x00"),
                (b"\x05\x01\x00\x01\xc0\x00\x02\x07\x01\xbb", DONE),
            ],
        ),
        (
            "socks5://",
            "[2001:db8::7]",
            &[
                (b"\x05\x01\x00", b"\x05\x00"),
                (
                    b"\x05\x01\x00\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07\x01\xbb",
                    DONE,
                ),
            ],
        ),
    ];
    let authority = Authority::new();
    for (scheme, host, talk) in cases {
        let acceptor = authority.acceptor(host.trim_matches(['[', ']']), |_| ());
        let server = Server::secure(acceptor, |_| ok("text/plain", "hello")).await;
        let port = proxy(talk, server.port).await;
        let settings = through(authority.trusted(), &format!("{scheme}127.0.0.1:{port}"));
        let fetched = fetch_with(&settings, &get(&format!("https://{host}/list"))).await;
        assert_eq!(told(&fetched.answer), "hello", "{scheme}{host}");
        let head = server.heads().remove(0);
        assert!(head.starts_with("GET /list HTTP/1.1\r\n"), "{head}");
        assert_eq!(header(&head, "proxy-authorization"), None);
        let phases = fetched.sample.phases;
        assert!(phases.connect.is_some() && phases.tls.is_some());
    }
}

#[tokio::test]
async fn a_plain_request_is_handed_to_a_proxy_that_is_reached_securely() {
    let authority = Authority::new();
    let acceptor = authority.acceptor("localhost", |_| ());
    let proxy = Server::secure(acceptor, |_| ok("text/plain", "through")).await;
    let url = format!("https://me:word@localhost:{}", proxy.port);
    let settings = through(authority.trusted(), &url);
    let fetched = fetch_with(&settings, &get("http://models.example/list?x=1")).await;
    assert_eq!(told(&fetched.answer), "through");
    let head = proxy.heads().remove(0);
    let line = "GET http://models.example/list?x=1 HTTP/1.1\r\n";
    assert!(head.starts_with(line), "{head}");
    assert_eq!(header(&head, "host"), Some("models.example"));
    let login = header(&head, "proxy-authorization");
    assert_eq!(login, Some("Basic bWU6d29yZA=="));
}

#[tokio::test]
async fn what_a_proxy_refuses_is_told_without_its_password() {
    const HELLO: (&[u8], &[u8]) = (b"\x05\x01\x00", b"\x05\x00");
    let cases: [(&str, Talk, &str); 7] = [
        (
            "http://",
            &[(CONNECT, b"HTTP/1.1 407 Who asks?\r\n\r\n")],
            "HTTP/1.1 407 Who asks?",
        ),
        (
            "http://",
            &[(CONNECT, b"SSH-2.0-OpenSSH_9\r\n\r\n")],
            "SSH-2.0-OpenSSH_9",
        ),
        ("socks5h://", &[(b"\x05\x01\x00", b"\x05\xff")], "who asks"),
        ("socks5h://", &[(b"\x05\x01\x00", b"HT")], "SOCKS 5"),
        (
            "socks5h://",
            &[HELLO, (NAME, b"\x05\x05\x00\x01")],
            "the host refuses the connection",
        ),
        (
            "socks5h://me:hunter2@",
            &[
                (b"\x05\x02\x00\x02", b"\x05\x02"),
                (b"\x01\x02me\x07hunter2", b"\x01\x01"),
            ],
            "does not take its user and password",
        ),
        ("socks5h://", &[(b"\x05\x01\x00", b"\x05")], "eof"),
    ];
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = gone.local_addr().unwrap().port();
    drop(gone);
    for (scheme, talk, expected) in cases {
        let port = proxy(talk, to).await;
        let settings = through(settings(), &format!("{scheme}127.0.0.1:{port}"));
        let client = Client::new(&settings).unwrap();
        let fetched = client.fetch(&get("https://models.example/"), AT).await;
        assert_eq!(word(&fetched), "connect");
        let told = told(&fetched.answer);
        assert!(told.contains(expected), "{told}");
        assert!(!format!("{client:?} {told}").contains("hunter2"));
    }
}

#[tokio::test]
async fn what_a_proxy_says_beyond_its_head_is_not_waited_for() {
    const PAGE: &[u8] =
        b"HTTP/1.1 403 Not for you\r\ncontent-length: 99\r\n\r\n<html>The rest is still to";
    const LOUD: &[u8] = b"HTTP/1.1 200 Connection established\r\n\r\nand more";
    let cases: [(Talk, &str); 2] = [
        (
            &[(CONNECT, PAGE), (b"never", b"")],
            "HTTP/1.1 403 Not for you",
        ),
        (&[(CONNECT, LOUD), (b"never", b"")], "it says more"),
    ];
    for (talk, expected) in cases {
        // which keeps the connection
        let port = proxy(talk, 1).await;
        let settings = through(settings(), &format!("http://127.0.0.1:{port}"));
        let fetched = fetch_with(&settings, &get("https://models.example/")).await;
        assert_eq!(word(&fetched), "connect");
        let told = told(&fetched.answer);
        assert!(told.contains(expected), "{told}");
    }
}

#[tokio::test]
async fn a_login_that_is_no_text_is_refused_rather_than_left_out() {
    for login in ["me:%ff", "%ff:word", "%ff"] {
        for scheme in ["http", "https", "socks5", "socks5h"] {
            let settings = through(settings(), &format!("{scheme}://{login}@127.0.0.1:1"));
            let refused = Client::new(&settings).map(drop);
            assert!(matches!(refused, Err(Error::Proxy)), "{scheme} {login}");
        }
        let fetched = fetch(&get(&format!("http://{login}@127.0.0.1:1/"))).await;
        assert_eq!(word(&fetched), "internal", "{login}");
    }
}

#[tokio::test]
async fn a_silent_proxy_is_a_timeout_of_connecting() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    for scheme in ["http", "socks5h"] {
        let settings = hurried(|deadlines| deadlines.connect = SOON);
        let settings = through(settings, &format!("{scheme}://127.0.0.1:{port}"));
        let fetched = fetch_with(&settings, &get("https://models.example/")).await;
        let phase = Phase::Connect;
        assert_eq!(fetched.answer, Answer::Failed(Failure::Timeout { phase }));
    }
}

#[tokio::test]
async fn user_and_password_of_an_address_are_a_login() {
    let server = Server::new(|_| ok("text/plain", "x")).await;
    let address = format!("http://me:w%40rd@127.0.0.1:{}/list", server.port);
    let mut request = get(&address);
    fetch(&request).await;
    request.auth = Auth::Bearer("sk-1234".to_owned().into());
    fetch(&request).await;
    let heads = server.heads();
    assert_eq!(
        header(&heads[0], "authorization"),
        Some("Basic bWU6d0ByZA==")
    );
    assert_eq!(header(&heads[1], "authorization"), Some("Bearer sk-1234"));
    for head in heads {
        assert!(head.starts_with("GET /list HTTP/1.1\r\n"), "{head}");
        let host = format!("127.0.0.1:{}", server.port);
        assert_eq!(header(&head, "host"), Some(host.as_str()));
    }
}
