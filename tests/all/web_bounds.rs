//! What the dashboard refuses for being too much, too slow or too often, and that others are answered all the while.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::board::{Dashboard, is_guarded, read};
use crate::world::until;

#[test]
fn nobody_is_waited_for_and_too_much_is_refused() {
    let board = Dashboard::start("[web.limits]\nconnections = 20\nhead = '1s'\nanswer = '1s'");
    let begun = Instant::now();
    // half a head, and half a form
    let mut half = board.connect();
    half.write_all(b"GET / HTTP/1.1\r\nhost: loc")
        .expect("half a request");
    let mut form = board.connect();
    let head = format!(
        "POST /login HTTP/1.1\r\nhost: {}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 50\r\n\r\ntoken=",
        board.address
    );
    form.write_all(head.as_bytes()).expect("half a form");
    assert_eq!(read(&mut form).status, 503);
    let mut rest = Vec::new();
    let _ = half.read_to_end(&mut rest);
    assert!(begun.elapsed() < Duration::from_secs(15));
    let long = "a".repeat(40_000);
    assert_eq!(board.get(&format!("/?{}", "a".repeat(5_000))).status, 400);
    assert_eq!(board.get(&format!("/?{long}")).status, 431);
    let header = format!("x-long: {long}");
    assert_eq!(board.ask("GET", "/", &[&header], "").status, 431);
    let many: Vec<String> = (0..200).map(|n| format!("x-{n}: 1")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(board.ask("GET", "/", &many, "").status, 431);
    let keys: String = (0..100).map(|n| format!("k{n}=1&")).collect();
    assert_eq!(board.get(&format!("/?{keys}")).status, 400);
    assert_eq!(board.raw("garbage\r\n\r\n").status, 400);
    // thousands of connections that ask nothing: what comes beyond them is told so, and when they are gone all is as before
    let idle: Vec<TcpStream> = (0..20).map(|_| board.connect()).collect();
    let refused = (0..2_000).filter(|_| {
        let mut stream = board.connect();
        read(&mut stream).status == 503
    });
    assert!(refused.count() > 100);
    drop(idle);
    let page = until(|| Some(board.get("/")).filter(|page| page.status == 200));
    assert!(page.body.contains("gpt-4o"));
}

#[test]
fn who_asks_too_often_is_told_when_to_come_again() {
    let board =
        Dashboard::start("header = 'X-User'\ntrusted_proxies = ['127.0.0.1']\nrate = '3/1h'");
    let from = |address: &str| {
        let from = format!("x-forwarded-for: 203.0.113.77, {address}");
        board.ask("GET", "/", &["x-user: mo", &from], "")
    };
    for _ in 0..3 {
        assert_eq!(from("198.51.100.1").status, 200);
    }
    let refused = from("198.51.100.1");
    assert_eq!(
        (refused.status, refused.header("retry-after")),
        (429, "1200")
    );
    is_guarded(&refused, "429");
    // what stands before the last address, anybody may have written
    assert_eq!(from("198.51.100.2").status, 200);
    // whoever is at this machine looks as often as they like
    for _ in 0..20 {
        assert_eq!(board.ask("GET", "/", &["x-user: mo"], "").status, 200);
    }
}

#[test]
fn listeners_are_bounded_and_leave_room_for_others() {
    let board = Dashboard::start("");
    let listeners: Vec<TcpStream> = (0..70)
        .map(|_| {
            let mut stream = board.connect();
            let head = format!("GET /live HTTP/1.1\r\nhost: {}\r\n\r\n", board.address);
            stream.write_all(head.as_bytes()).expect("a request");
            stream
        })
        .collect();
    let statuses: Vec<String> = listeners
        .iter()
        .map(|stream| {
            let mut line = String::new();
            BufReader::new(stream)
                .read_line(&mut line)
                .expect("an answer");
            line.split(' ').nth(1).unwrap_or("").to_string()
        })
        .collect();
    assert_eq!(
        statuses.iter().filter(|status| *status == "200").count(),
        64
    );
    assert_eq!(statuses.iter().filter(|status| *status == "503").count(), 6);
    assert_eq!(board.get("/").status, 200);
}
