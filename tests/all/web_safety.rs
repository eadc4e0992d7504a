//! Whom the dashboard answers and whom it does not.

use crate::board::{Dashboard, PASSWORD, TOKEN, hash, is_guarded};
use crate::world::World;

#[test]
fn every_answer_says_how_far_to_trust_it() {
    let board = Dashboard::start("");
    let page = board.get("/");
    assert_eq!(page.status, 200, "{}", page.body);
    assert_eq!(page.header("strict-transport-security"), "");
    let (_, style) = page
        .body
        .split_once("rel=\"stylesheet\" href=\"")
        .expect("a style sheet");
    let style = style
        .split('"')
        .next()
        .expect("a path")
        .replace("&#x2f;", "/");
    for (method, path, status) in [
        ("GET", "/", 200),
        ("HEAD", "/", 200),
        ("OPTIONS", "/", 204),
        ("POST", "/", 405),
        ("DELETE", "/", 405),
        ("TRACE", "/", 405),
        ("GET", style.as_str(), 200),
        ("GET", "/login", 200),
        ("GET", "/nowhere", 404),
        ("GET", "/?surprise=1", 400),
        ("GET", "/actions/silence", 404),
        ("GET", "/actions/ack?id=1", 404),
        ("POST", "/actions/silence", 404),
        ("GET", "/assets/../../etc/passwd", 404),
        ("GET", "/assets/%2e%2e/%2e%2e/etc/passwd", 404),
        ("GET", "/..%2f..%2fdata/bellwether.db", 404),
        ("GET", "//evil.test/", 404),
    ] {
        let answered = board.ask(method, path, &[], "");
        assert_eq!(
            answered.status, status,
            "{method} {path}: {}",
            answered.body
        );
        is_guarded(&answered, &format!("{method} {path}"));
        if method == "HEAD" {
            assert_eq!(answered.body, "");
            assert!(
                answered
                    .header("content-length")
                    .parse::<usize>()
                    .is_ok_and(|length| length > 100)
            );
        }
    }
    let allowed = board.ask("OPTIONS", "/login", &[], "");
    assert_eq!(allowed.header("allow"), "GET,HEAD,POST");
}

#[test]
fn a_name_that_is_none_of_ours_is_not_answered() {
    let board = Dashboard::start(
        "hosts = ['watch.internal']\nurl = 'https://watch.example.org'\ntokens.scraper = { file = 'token' }",
    );
    let known = format!("authorization: Bearer {TOKEN}");
    let (_, port) = board.address.rsplit_once(':').expect("a port");
    for (host, status) in [
        ("localhost", 200),
        ("LOCALHOST.:80", 200),
        ("bell.localhost", 200),
        ("127.0.0.1", 200),
        ("127.9.9.9", 200),
        ("[::1]:8620", 200),
        ("watch.internal", 200),
        ("Watch.Example.org", 200),
        ("evil.test", 421),
        ("127.0.0.1.evil.test", 421),
        ("localhost.evil.test", 421),
        ("evil.test:8620", 421),
        ("192.0.2.7", 421),
        ("[::ffff:192.0.2.7]", 421),
        ("watch.internal.evil.test", 421),
        ("user@localhost", 400),
        ("two words", 400),
        ("", 400),
    ] {
        let answered = board.ask("GET", "/", &[&format!("host: {host}"), &known], "");
        assert_eq!(answered.status, status, "{host}: {}", answered.body);
        is_guarded(&answered, host);
        let is_told = answered.body.contains("[web] hosts");
        assert_eq!(is_told, status == 421, "{}", answered.body);
    }
    // two names are none, and the whole address counts before the header
    let two = "GET / HTTP/1.1\r\nhost: localhost\r\nhost: evil.test\r\nconnection: close\r\n\r\n"
        .to_string();
    assert_eq!(board.raw(&two).status, 400);
    let whole = "GET http://evil.test/ HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    assert_eq!(board.raw(whole).status, 421);
    let none = "GET / HTTP/1.0\r\n\r\n";
    assert_eq!(board.raw(none).status, 400);
    let whole = format!(
        "GET http://localhost:{port}/ HTTP/1.1\r\nhost: localhost\r\n{known}\r\nconnection: close\r\n\r\n"
    );
    let good = board.raw(&whole);
    assert_eq!(good.status, 200);
    assert_eq!(good.header("strict-transport-security"), "max-age=15768000");
}

#[test]
fn who_does_not_know_the_password_sees_nothing() {
    let mut board =
        Dashboard::start("password = { file = 'hash' }\ntokens.scraper = { file = 'token' }");
    let page = board.get("/?stage=ga");
    assert_eq!(
        (page.status, page.header("location")),
        (303, "/login?next=%2F%3Fstage%3Dga")
    );
    for path in [
        "/api/v1/changes",
        "/metrics",
        "/live",
        "/feed.xml",
        "/badges/x.svg",
    ] {
        let refused = board.get(path);
        assert_eq!(refused.status, 401, "{path}");
        assert_eq!(
            refused.header("www-authenticate"),
            "Bearer realm=\"Bellwether\""
        );
        assert!(!refused.body.contains("gpt-4o"));
        is_guarded(&refused, path);
    }
    assert_eq!(board.ask("POST", "/logout", &[], "").status, 401);
    let token = format!("authorization: Bearer {TOKEN}");
    assert_eq!(board.ask("GET", "/", &[&token], "").status, 200);
    // as some readers of feeds do: the password of anybody
    let basic = "authorization: Basic YW55Ym9keTp0b2stMDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    assert_eq!(board.ask("GET", "/", &[basic], "").status, 200);
    for wrong in [
        "authorization: Bearer tok-0123456789abcdef0123456789abcdee",
        "authorization: Bearer",
        "authorization: Basic !!!",
        "authorization: Bearer correct horse battery",
        "cookie: bellwether-0=0000000000000000000000000000000000000000000",
        "x-forwarded-user: root",
    ] {
        assert_eq!(
            board.ask("GET", "/live", &[wrong], "").status,
            401,
            "{wrong}"
        );
    }
    let wrong = board.sign_in("wrong horse battery", "/");
    assert_eq!(wrong.status, 403);
    assert!(
        wrong.body.contains("That is not the password."),
        "{}",
        wrong.body
    );
    assert!(!wrong.cookies().contains("bellwether-0="));
    let good = board.sign_in(PASSWORD, "/?stage=ga");
    assert_eq!(
        (good.status, good.header("location")),
        (303, "/?stage=ga"),
        "{}",
        good.body
    );
    let set = good.header("set-cookie");
    assert!(
        set.contains("; HttpOnly; SameSite=Strict") && !set.contains("Secure"),
        "{set}"
    );
    let cookie = format!("cookie: {}", good.cookies());
    let page = board.ask("GET", "/", &[&cookie], "");
    assert!(
        page.status == 200 && page.body.contains("gpt-4o"),
        "{}",
        page.body
    );
    // the page of another site cannot end it, nor can who has no form of ours
    let form = board.ask("GET", "/login", &[&cookie], "");
    let body = format!("token={}", form.token());
    for forged in [
        "sec-fetch-site: cross-site",
        "sec-fetch-site: same-site",
        "origin: https://evil.test",
        "origin: null",
    ] {
        assert_eq!(
            board
                .ask("POST", "/logout", &[&cookie, forged], &body)
                .status,
            403,
            "{forged}"
        );
    }
    assert_eq!(
        board.ask("POST", "/logout", &[&cookie], "token=abc").status,
        403
    );
    let own = format!("origin: http://{}", board.address);
    let left = board.ask(
        "POST",
        "/logout",
        &[&cookie, &own, "sec-fetch-site: same-origin"],
        &body,
    );
    assert_eq!((left.status, left.header("location")), (303, "/login"));
    assert_eq!(board.ask("GET", "/", &[&cookie], "").status, 303);
    // what nobody may know stands nowhere
    let log = board.logged();
    for secret in [
        PASSWORD,
        TOKEN,
        hash(),
        good.cookies().as_str(),
        "wrong horse",
        "stage=ga",
    ] {
        for (place, text) in [("log", &log), ("form", &form.body), ("page", &page.body)] {
            assert!(!text.contains(secret), "{secret} is in the {place}");
        }
    }
    assert!(log.contains("a wrong password"), "{log}");
}

#[test]
fn who_guesses_waits_and_no_other() {
    let board = Dashboard::start(
        "password = { file = 'hash' }\nheader = 'X-User'\ntrusted_proxies = ['127.0.0.1']",
    );
    let form = board.get("/login");
    let cookie = format!("cookie: {}", form.cookies());
    let send = |password: &str, from: &str| {
        let body = format!("token={}&password={password}", form.token());
        board.ask(
            "POST",
            "/login",
            &[&cookie, &format!("x-forwarded-for: {from}")],
            &body,
        )
    };
    let statuses: Vec<u16> = (0..6)
        .map(|_| send("wrong", "203.0.113.5").status)
        .collect();
    assert_eq!(statuses, [403, 403, 403, 403, 403, 429]);
    let waits = send("correct+horse+battery", "203.0.113.5");
    assert_eq!((waits.status, waits.header("retry-after")), (429, "1"));
    assert_eq!(send("correct+horse+battery", "203.0.113.6").status, 303);
    assert_eq!(send("correct+horse+battery", "127.0.0.1").status, 303);
}

#[test]
fn a_proxy_is_believed_where_it_is_known() {
    let known = Dashboard::start("header = 'X-Forwarded-User'\ntrusted_proxies = ['127.0.0.0/8']");
    assert_eq!(known.get("/").status, 303);
    let user = "x-forwarded-user: mo";
    assert_eq!(known.ask("GET", "/", &[user], "").status, 200);
    assert_eq!(
        known
            .ask("GET", "/live", &["x-forwarded-user:  "], "")
            .status,
        401
    );
    assert_eq!(
        known
            .ask("GET", "/live", &[user, "x-forwarded-user: root"], "")
            .status,
        401
    );
    let unknown = Dashboard::start("header = 'X-Forwarded-User'\ntrusted_proxies = ['192.0.2.1']");
    assert_eq!(unknown.ask("GET", "/live", &[user], "").status, 401);
}

#[test]
fn what_others_reach_is_not_served_to_anybody() {
    let world = World::new("[web]\nlisten = '0.0.0.0:0'\n");
    for command in ["check", "run"] {
        let said = world.run(&[command]);
        assert_eq!(said.code, 2, "{command}");
        assert!(
            said.err.contains(":2: web.listen: expected a password"),
            "{}",
            said.err
        );
    }
}

#[test]
fn what_is_done_is_asked_by_a_form_of_ours_and_said() {
    let board = Dashboard::start("actions = ['silence']");
    assert_eq!(board.get("/actions/ack?id=1").status, 404);
    let list = |board: &Dashboard| board.world.good(&["--format", "jsonl", "silence", "list"]);
    let filled = "/actions/silence?model=gpt-4o&for=2h&reason=known";
    let form = board.get(filled);
    assert!(
        form.body.contains("Nobody is told of gpt-4o, until "),
        "{}",
        form.body
    );
    let cookie = format!("cookie: {}", form.cookies());
    assert!(form.cookies().contains("bellwether-form"), "{form:?}");
    let body = format!(
        "token={}&model=gpt-4o&for=2h&reason=known+%3Cb%3E",
        form.token()
    );
    for (headers, body) in [
        (vec![], body.as_str()),
        (
            vec![cookie.as_str(), "sec-fetch-site: cross-site"],
            body.as_str(),
        ),
        (
            vec![cookie.as_str(), "origin: http://evil.test"],
            body.as_str(),
        ),
        (vec![cookie.as_str()], "model=gpt-4o&for=2h&reason=known"),
        (
            vec![cookie.as_str()],
            "token=AAAA&model=gpt-4o&for=2h&reason=known",
        ),
    ] {
        let refused = board.ask("POST", "/actions/silence", &headers, body);
        assert_eq!(refused.status, 403, "{headers:?} {body}");
    }
    let plain = board.ask(
        "POST",
        "/actions/silence",
        &[&cookie, "content-type: text/plain"],
        &body,
    );
    assert_eq!(plain.status, 400);
    let large = format!("{body}&x={}", "a".repeat(70_000));
    assert_eq!(
        board
            .ask("POST", "/actions/silence", &[&cookie], &large)
            .status,
        413
    );
    let wrong = board.ask(
        "POST",
        "/actions/silence",
        &[&cookie],
        &body.replace("2h", "soon"),
    );
    assert!(
        wrong.status == 400 && wrong.body.contains("soon"),
        "{}",
        wrong.body
    );
    assert_eq!(list(&board), "");
    let own = format!("origin: http://{}", board.address);
    let done = board.ask("POST", "/actions/silence", &[&cookie, &own], &body);
    assert_eq!(done.status, 200);
    assert!(
        done.body.contains("gpt-4o") && done.body.contains("silence "),
        "{}",
        done.body
    );
    let listed = list(&board);
    let silence: serde_json::Value = serde_json::from_str(listed.trim()).expect("one");
    assert_eq!(silence["reason"], "known <b>");
    let id = silence["id"].as_str().expect("an id");
    let page = board.get("/actions/silence");
    assert!(
        page.body.contains("known &lt;b&gt;") && page.body.contains(id),
        "{}",
        page.body
    );
    let ending = board.ask(
        "GET",
        &format!("/actions/silence/expire?id={id}"),
        &[&cookie],
        "",
    );
    let body = format!("token={}&id={id}", ending.token());
    let ended = board.ask("POST", "/actions/silence/expire", &[&cookie], &body);
    assert!(
        ended.body.contains(&format!("silence {id} is over")),
        "{}",
        ended.body
    );
    assert_eq!(list(&board), "");
}
