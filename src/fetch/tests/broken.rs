//! Every way to break off: nothing there, silence, cuts, garbage, floods.

use std::io::Write;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use tokio::net::TcpListener;

use super::server::{Play, Server, bytes};
use super::*;
use crate::market::Phase;

const TEXT: &[u8] = b"a text that is long enough to be compressed, a text that is long enough";

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn deflate(text: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// A Brotli stream (RFC 7932, section 9.2) of one uncompressed block: window, length and flag bits, then the text.
fn brotli(text: &[u8]) -> Vec<u8> {
    let length = text.len() as u32 - 1;
    // Window bits 0, not last 0, four nibbles 00, 16 bits of length, uncompressed 1.
    let head = length << 4 | 1 << 20;
    let mut out = head.to_le_bytes()[..3].to_vec();
    out.extend_from_slice(text);
    // Last and empty.
    out.push(0b11);
    out
}

/// Answers with this compression, as it is or cut short with an honest length.
async fn compressed(encoding: &'static str, body: Vec<u8>) -> Fetched {
    let sent = bytes(200, &[("content-encoding", encoding)], body);
    let server = Server::new(move |_| Play::Send(sent.clone())).await;
    fetch(&get(&server.url("/"))).await
}

#[tokio::test]
async fn compressed_bodies_are_decoded_or_known_to_be_broken() {
    let zstd = zstd::encode_all(TEXT, 3).unwrap();
    let cases = [
        ("gzip", gzip(TEXT)),
        ("deflate", deflate(TEXT)),
        ("zstd", zstd),
        ("br", brotli(TEXT)),
    ];
    for (encoding, whole) in cases {
        let fetched = compressed(encoding, whole.clone()).await;
        assert_eq!(told(&fetched.answer).as_bytes(), TEXT, "{encoding}");
        assert_eq!(fetched.sample.bytes, TEXT.len() as u64);
        for length in [1, whole.len() / 2, whole.len() - 1] {
            let fetched = compressed(encoding, whole[..length].to_vec()).await;
            assert_eq!(
                word(&fetched),
                "truncated",
                "{encoding} {length} {}",
                told(&fetched.answer)
            );
        }
        let fetched = compressed(encoding, b"\xffnot compressed at all".to_vec()).await;
        assert_eq!(word(&fetched), "truncated", "{encoding}");
    }
}

#[tokio::test]
async fn an_encoding_that_goes_on_and_says_nothing_is_a_body_too_large() {
    let nothing = [
        ("gzip", gzip(b"")),
        ("zstd", zstd::encode_all(&b""[..], 3).unwrap()),
    ];
    for (encoding, nothing) in nothing {
        let kept = nothing.repeat((1 << 20) / nothing.len());
        let server = Server::new(move |head| {
            let status = if head.starts_with("GET /refused") {
                500
            } else {
                200
            };
            let headers = [
                ("content-encoding", encoding),
                ("content-length", "9999999"),
            ];
            Play::Stall(bytes(status, &headers, &kept))
        })
        .await;
        for (path, expected) in [("/list", "too_large"), ("/refused", "status")] {
            let request = Request {
                max_body: Some(4096),
                ..get(&server.url(path))
            };
            let fetched = fetch(&request).await;
            assert_eq!(word(&fetched), expected, "{encoding}");
            let total = fetched.sample.phases.total.unwrap();
            assert!(total < settings().deadlines.body, "{encoding} {path}");
        }
    }
}

#[tokio::test]
async fn bodies_stop_at_the_limit() {
    let bomb = gzip(&vec![0; 20 << 20]);
    let declared = bytes(200, &[("content-length", "5000")], "");
    let server = Server::new(move |head| match head {
        head if head.starts_with("GET /bomb") => {
            Play::Send(bytes(200, &[("content-encoding", "gzip")], &bomb))
        }
        head if head.starts_with("GET /declared") => Play::Stall(declared.clone()),
        head if head.starts_with("GET /endless") => {
            Play::Endless(b"HTTP/1.1 200 OK\r\n\r\n".to_vec())
        }
        _ => Play::Send(bytes(200, &[], vec![b'x'; 4096])),
    })
    .await;
    let cases = [
        ("/bomb", Some(4096), "too_large"),
        ("/declared", Some(4096), "too_large"),
        ("/endless", Some(4096), "too_large"),
        ("/endless", None, "too_large"),
        ("/exact", Some(4096), "ok"),
        ("/exact", Some(4095), "too_large"),
    ];
    for (path, max_body, expected) in cases {
        let request = Request {
            max_body,
            ..get(&server.url(path))
        };
        let settings = Http {
            max_body: 1 << 20,
            ..settings()
        };
        let fetched = fetch_with(&settings, &request).await;
        assert_eq!(fetched.sample.outcome, expected, "{path} {max_body:?}");
        // One decoded piece may pass the limit, not more.
        assert!(
            fetched.sample.bytes < (1 << 20) + (256 << 10),
            "{:?}",
            fetched.sample
        );
    }
}

#[tokio::test]
async fn what_is_cut_short_is_truncated() {
    let chunked = |body: &str| bytes(200, &[("transfer-encoding", "chunked")], body);
    let cases = [
        (
            "length",
            bytes(200, &[("content-length", "100")], "only this"),
        ),
        ("chunk", chunked("5\r\nhel")),
        ("last chunk", chunked("5\r\nhello\r\n")),
        ("chunk size", chunked("5\r\nhello\r\nZZ\r\n")),
    ];
    for (name, sent) in cases {
        for play in [Play::Send(sent.clone()), Play::Reset(sent)] {
            let server = Server::new(move |_| play.clone()).await;
            let fetched = fetch(&get(&server.url("/"))).await;
            assert_eq!(
                word(&fetched),
                "truncated",
                "{name}: {}",
                told(&fetched.answer)
            );
            assert_eq!(fetched.sample.status, Some(200));
        }
    }
}

#[tokio::test]
async fn what_is_not_http_is_a_protocol_error() {
    let flood = format!("HTTP/1.1 200 OK\r\n{}", "x: y\r\n".repeat(100_000));
    let long = format!("HTTP/1.1 200 OK\r\nx: {}", "y".repeat(2 << 20));
    let cases = [
        Play::Send(b"SSH-2.0-OpenSSH_9\r\n".to_vec()),
        Play::Send(b"HTTP/1.1 abc\r\n\r\n".to_vec()),
        Play::Send(b"HTTP/1.1 200 OK\r\ncontent-le".to_vec()),
        Play::Send(Vec::new()),
        Play::Reset(Vec::new()),
        Play::Send(flood.into_bytes()),
        Play::Send(long.into_bytes()),
    ];
    for play in cases {
        let name = format!("{play:?}").chars().take(60).collect::<String>();
        let server = Server::new(move |_| play.clone()).await;
        let fetched = fetch(&get(&server.url("/"))).await;
        assert_eq!(word(&fetched), "protocol", "{name}");
        assert_eq!(server.heads().len(), 1, "{name} is not tried again");
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_reached() {
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().port()
    };
    // A label of more than 63 bytes is no name, which the resolver knows without asking anybody.
    let nameless = format!("http://{}.invalid/", "x".repeat(64));
    let cases = [
        (format!("http://127.0.0.1:{closed}/"), "connect"),
        (format!("https://127.0.0.1:{closed}/"), "connect"),
        (nameless, "dns"),
        ("ftp://127.0.0.1/".to_owned(), "internal"),
    ];
    for (url, expected) in cases {
        let fetched = fetch(&get(&url)).await;
        assert_eq!(word(&fetched), expected, "{url}: {}", told(&fetched.answer));
        let phases = fetched.sample.phases;
        assert_eq!((phases.connect, phases.first_byte), (None, None), "{url}");
        assert!(phases.total.is_some());
    }
}

#[tokio::test]
async fn silence_is_a_timeout_of_the_phase_it_fell_in() {
    let head = bytes(200, &[("content-length", "9")], "half");
    let server = Server::new(move |request| match request.starts_with("GET /body") {
        true => Play::Stall(head.clone()),
        false => Play::Stall(Vec::new()),
    })
    .await;
    // The listener's queue accepts the connection; nobody will ever shake hands.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let secure = format!("https://127.0.0.1:{port}/");
    type Change = fn(&mut Deadlines);
    let cases: [(String, Change, Phase); 6] = [
        (secure.clone(), |d| d.tls = SOON, Phase::Tls),
        (secure, |d| d.total = SOON, Phase::Tls),
        (
            server.url("/head"),
            |d| d.first_byte = SOON,
            Phase::FirstByte,
        ),
        (server.url("/head"), |d| d.total = SOON, Phase::FirstByte),
        (server.url("/body"), |d| d.body = SOON, Phase::Body),
        (server.url("/body"), |d| d.total = SOON, Phase::Body),
    ];
    for (url, change, phase) in cases {
        let fetched = fetch_with(&hurried(change), &get(&url)).await;
        assert_eq!(
            fetched.answer,
            Answer::Failed(Failure::Timeout { phase }),
            "{url}"
        );
        let phases = fetched.sample.phases;
        assert_eq!(phases.body, None, "{url}");
        assert!(phases.total >= Some(SOON), "{url} {phases:?}");
    }
}

#[tokio::test]
async fn a_trickle_ends_with_the_deadline_of_the_body() {
    let server = Server::new(|_| Play::Endless(b"HTTP/1.1 200 OK\r\n\r\n".to_vec())).await;
    let settings = Http {
        max_body: u64::MAX,
        ..hurried(|deadlines| deadlines.body = SOON)
    };
    let fetched = fetch_with(&settings, &get(&server.url("/"))).await;
    let phase = Phase::Body;
    assert_eq!(fetched.answer, Answer::Failed(Failure::Timeout { phase }));
}
