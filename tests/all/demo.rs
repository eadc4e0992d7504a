//! The demo: weeks of an invented market through the whole program, interrupted or not.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::killed::{Seeded, kill_after};

/// When the days of every test end: a Thursday.
const ENDS: &str = "2026-11-26T08:20:00Z";

fn program(folder: &Path) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("bellwether"));
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("OPENAI_API_KEY", "somebody's own")
        .current_dir(folder);
    command
}

fn demo(folder: &Path, more: &[&str]) -> Command {
    let mut command = program(folder);
    command
        .args(["demo", "--keep"])
        .arg(folder.join("demo"))
        .args(["--ends", ENDS])
        .args(more);
    command
}

/// What a command prints of a demo's folder.
fn asked(folder: &Path, arguments: &[&str]) -> String {
    let configuration = folder.join("demo/bellwether.toml");
    let output = program(folder)
        .arg("--config")
        .arg(configuration)
        .args(arguments)
        .output()
        .expect("a run");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {said}");
    String::from_utf8(output.stdout).expect("text")
}

/// Every mail by its file's name.
fn mails(folder: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder.join("demo/mail")).expect("mails");
    let entries = entries.map(|entry| entry.expect("an entry").path());
    let mail = |path: std::path::PathBuf| {
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        (name, std::fs::read_to_string(path).expect("a mail"))
    };
    entries.map(mail).collect()
}

fn subjects(mails: &BTreeMap<String, String>) -> Vec<String> {
    let subject = |mail: &String| {
        let parsed = mail_parser::MessageParser::default().parse(mail.as_bytes())?;
        parsed.subject().map(str::to_string)
    };
    mails.values().filter_map(subject).collect()
}

#[test]
fn days_of_an_invented_market_end_in_history_mails_and_a_summary() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = demo(folder.path(), &["--no-web", "--days", "4"])
        .output()
        .expect("a run");
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(output.status.success(), "{said}");
    // whatever is asked beyond what is played is said as an error
    assert_eq!(said, "");
    let told = String::from_utf8(output.stdout).expect("text");
    let shown = folder
        .path()
        .canonicalize()
        .expect("a folder")
        .display()
        .to_string();
    insta::assert_snapshot!(told.replace(&shown, "HERE"), @"
    An invented market, from 22 November 2026 to 26 November 2026: 178 sources were read 7 263 times; news: 0.

    4 mails in HERE/demo/mail, 1 report among them

    Try
      bellwether --config HERE/demo/bellwether.toml changes
      bellwether --config HERE/demo/bellwether.toml status
      bellwether --config HERE/demo/bellwether.toml latency
      bellwether --config HERE/demo/bellwether.toml report
    ");

    let mails = mails(folder.path());
    for (subject, mail) in subjects(&mails).iter().zip(mails.values()) {
        assert!(subject.starts_with("[bellwether] simulated: "), "{subject}");
        assert!(
            mail.contains("Simulated: this tells of an invented market"),
            "{subject}"
        );
    }
    let text = asked(folder.path(), &["report", "--week", "2026-W47"]);
    assert!(
        text.lines()
            .next()
            .is_some_and(|line| line.contains("simulated")),
        "{text}"
    );
    // nothing was asked too late, nothing twice
    let database = rusqlite::Connection::open(folder.path().join("demo/data/bellwether.db"))
        .expect("a database");
    let number = |sql: &str| {
        database
            .query_row(sql, [], |row| row.get::<_, i64>(0))
            .expect("a number")
    };
    assert_eq!(number("SELECT coalesce(sum(missed), 0) FROM source"), 0);
    assert_eq!(
        number(
            "SELECT count(*) FROM (SELECT 1 FROM reading GROUP BY source, at HAVING count(*) > 1)"
        ),
        0
    );
}

/// What must be the same however often it was interrupted.
fn outcome(folder: &Path) -> (Vec<String>, Vec<String>, BTreeMap<String, String>) {
    let lines = |arguments: &[&str]| -> Vec<String> {
        let mut lines: Vec<String> = asked(folder, arguments)
            .lines()
            .map(str::to_string)
            .collect();
        lines.sort();
        lines
    };
    let changes = lines(&["--format", "jsonl", "changes", "--all"]);
    let since = ["--since", "2026-11-01"];
    let mut alerts = lines(&[["--format", "jsonl", "alerts"].as_slice(), &since].concat());
    alerts.extend(lines(&["--format", "jsonl", "report", "--list"]));
    let mails = mails(folder);
    let subjects = mails.into_iter().map(|(name, mail)| {
        let parsed = mail_parser::MessageParser::default()
            .parse(mail.as_bytes())
            .expect("a mail");
        (name, format!("{:?} {:?}", parsed.subject(), parsed.date()))
    });
    (changes, alerts, subjects.collect())
}

#[test]
fn killed_at_any_moment_it_goes_on_and_nothing_is_doubled() {
    let whole = tempfile::tempdir().expect("a folder");
    // two days on which models come and go, a provider fails and another throttles
    let arguments = ["--no-web", "--over", "30", "--days", "2"];
    let begun = Instant::now();
    let output = demo(whole.path(), &arguments).output().expect("a run");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let took = u64::try_from(begun.elapsed().as_millis()).expect("short");

    let broken = tempfile::tempdir().expect("a folder");
    let mut seeded = Seeded(11);
    let mut kills = 0;
    for _ in 0..100 {
        let mut command = demo(broken.path(), &arguments);
        let child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program");
        // the machine may be less busy now: the first two come early
        let most = if kills < 2 { took / 5 } else { took / 2 };
        let instant = Duration::from_millis(took / 20 + seeded.below(most));
        if !kill_after(child, instant) {
            break;
        }
        kills += 1;
    }
    assert!(kills >= 2, "only {kills} kills");
    let (expected, found) = (outcome(whole.path()), outcome(broken.path()));
    let kinds = [
        "offering_added",
        "offering_removed",
        "incident_opened",
        "probe_broken",
    ];
    for kind in kinds {
        let has = |change: &String| change.contains(&format!("\"{kind}\""));
        assert!(expected.0.iter().any(has), "no {kind}");
    }
    assert!(expected.2.len() > 5, "{:?}", expected.2);
    assert_eq!(expected.0, found.0, "changes");
    assert_eq!(expected.1, found.1, "alerts and reports");
    assert_eq!(expected.2, found.2, "mails");
}

/// Whatever it says until a line begins so; gives the rest of that line.
fn said_after(child: &mut Child, begin: &str) -> String {
    let out = child.stdout.take().expect("its words");
    for line in BufReader::new(out).lines() {
        let line = line.expect("a line");
        if let Some(rest) = line.strip_prefix(begin) {
            return rest.to_string();
        }
    }
    panic!("it never says '{begin}'");
}

fn get(address: &str) -> String {
    let mut stream = std::net::TcpStream::connect(address).expect("a connection");
    let request = format!("GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

#[test]
fn after_the_weeks_the_dashboard_is_there_and_a_signal_ends_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = demo(
        folder.path(),
        &["--days", "1", "--listen", "127.0.0.1:0", "--speed", "36000"],
    );
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program");
    let url = said_after(&mut child, "The dashboard: http://");
    let page = get(url.trim_end_matches('/'));
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    assert!(
        page.contains("Simulated: this tells of an invented market"),
        "{page}"
    );
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(killed.expect("a signal").success());
    assert!(child.wait().expect("an end").success());
    // it goes on where it stopped, and says so where it cannot
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    for (arguments, words) in [
        (
            vec!["--listen", address.as_str()],
            "the dashboard cannot listen on",
        ),
        (
            vec!["--no-web", "--seed", "9"],
            "the folder was begun with seed 1",
        ),
    ] {
        let output = demo(folder.path(), &arguments).output().expect("a run");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(words), "{said}");
    }
}
