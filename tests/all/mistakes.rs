//! What people and machines do wrong: each mistake has a clear message, and loses nothing.

use crate::http::{Answer, Server};
use crate::world::World;

#[test]
fn every_mistake_of_a_configuration_is_told_at_once() {
    let world = World::new(
        "timezone = \"Mars/Olympus\"\ncolour = 1\n[detect]\nmax_loss = 7\n[mail]\nfrom = \"bell@watch.test\"\n\
         [mail.smtp]\nhost = \"mail.test\"\nsecurity = \"perhaps\"\nuser = \"bell\"\n",
    );
    let said = world.run(&["check"]);
    assert_eq!(said.code, 2);
    for part in [
        ":1: timezone: expected an IANA zone",
        ":2: colour: expected one of",
        ":4: detect.max_loss: expected a share from 0.0 to 1.0, found 7",
        "mail.to: expected at least one recipient",
        "mail.smtp.security: expected starttls, tls, or none",
        "mail.smtp.password: expected",
    ] {
        assert!(said.err.contains(part), "{part} is not in:\n{}", said.err);
    }
}

#[test]
fn every_mistake_of_a_probe_file_is_told_at_once() {
    let world = World::new("[probes]\nfolder = \"own\"\n");
    world.write(
        "own/bad.toml",
        "provider = \"bad\"\nkind = \"shop\"\n[stages]\nNew = \"fresh\"\nOpen = [\"ga\", \"stale\"]\nOdd = []\n[[probe]]\nname = \"Models\"\n\
         authority = \"gossip\"\nevery = \"0s\"\nreader = \"json\"\nsurprise = 1\n[probe.request]\nurl = \"ftp://x.test/{region}\"\n\
         auth = \"bearer\"\n[probe.json]\nitems = \"data[]\"\nnative_id = \"id\"\n[[probe.json.attribute]]\nattribute = \"colour\"\npath = \"x\"\n",
    );
    let said = world.run(&["check"]);
    assert_eq!(said.code, 2);
    for part in [
        "bad.toml:2: kind: expected cloud",
        "stages: expected a stage",
        "found 'fresh' for 'New'",
        "found 'stale' for 'Open'",
        "found nothing for 'Odd'",
        "name: expected small letters",
        "title: expected one sentence",
        "authority: expected provider-api",
        "every: expected how often",
        "expected one of absent_when",
        "url: expected an address that begins with https://",
        "auth: expected a credential",
        "values for {region}",
        "attribute: expected an attribute",
    ] {
        assert!(said.err.contains(part), "{part} is not in:\n{}", said.err);
    }
    let own = "provider = \"own\"\nkind = \"direct\"\n[[probe]]\nname = \"measured\"\n";
    world.write("own/bad.toml", own);
    let said = world.run(&["check"]);
    let expected = "bad.toml:4: probe.measured.name: expected another name than this one, under which our own measurements are kept, \
                    found 'measured'";
    assert!(said.err.contains(expected), "{}", said.err);
}

#[test]
fn half_a_file_names_the_line_where_it_breaks() {
    let world = World::new("[mail]\nfrom = \"bell@watch.test\"\nto = [\"ops@");
    let said = world.run(&["run"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("bellwether.toml:3: expected TOML"),
        "{}",
        said.err
    );
}

#[test]
fn unknown_and_ambiguous_probes_are_named() {
    let world = World::new("");
    let said = world.run(&["probe", "show", "nothing-like-it"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("which no probe is called"),
        "{}",
        said.err
    );
    let said = world.run(&["probe", "show", "openai"]);
    assert!(
        said.err.contains("openai.models") && said.err.contains("openai.status"),
        "{}",
        said.err
    );
    world.configure("[probes]\noff = [\"nothing-like-it\"]\n");
    assert_eq!(world.run(&["check"]).code, 2);
}

#[test]
fn what_would_fail_only_when_it_is_used_is_told_by_check() {
    for (config, expected) in [
        (
            "[mail]\nfrom = \"nobody\"\nto = [\"ops@example.test\"]\ndirectory = \"mail\"\n",
            ":2: mail.from: expected an address such as Name <name@example.org>, found 'nobody'",
        ),
        (
            "[mail]\nfrom = \"a@b.test\"\nto = [\"ops@example.test\", \"two words\"]\ndirectory = \"mail\"\n",
            ":3: mail.to: expected an address such as Name <name@example.org>, found 'two words'",
        ),
        (
            "[http]\nuser_agent = \"two\\nlines\"\n",
            ":2: http.user_agent: expected one line of ASCII",
        ),
        (
            "[alerts]\ngroup_wait = \"2h\"\n",
            ":2: alerts.group_wait: expected a duration such as \"5m\", at most \"30m\"",
        ),
        (
            "[http.rewrite]\n\"https://a.test\" = \"https://b.test\"\n\"https://c.test\" = \"ftp://d.test\"\n",
            ":3: http.rewrite: expected",
        ),
    ] {
        let said = World::new(config).run(&["check"]);
        assert_eq!(said.code, 2, "{config}: {}", said.err);
        assert!(
            said.err.contains(expected),
            "{expected} is not in: {}",
            said.err
        );
        assert_eq!(said.err.trim().lines().count(), 1, "{}", said.err);
    }
}

#[test]
fn a_missing_secret_is_told_once() {
    let world = World::new(
        "[mail]\nfrom = \"a@b.test\"\nto = [\"c@d.test\"]\n[mail.smtp]\nhost = \"mail.test\"\nuser = \"u\"\n\
         password = { env = \"NOT_SET_ANYWHERE\" }\n",
    );
    let said = world.run(&["check"]);
    assert_eq!(said.code, 2);
    assert_eq!(said.err.trim().lines().count(), 1, "{}", said.err);
}

#[test]
fn wrong_usage_ends_with_2() {
    let world = World::new("");
    for arguments in [
        &["changes", "--since", "never"][..],
        &["report", "--week", "2026-W99"],
        &["report", "--month", "2026-13"],
        &["report", "--from", "2026-01-02", "--to", "2026-01-01"],
        // nothing is known of what has not begun
        &["report", "--from", "2026-01-02", "--to", "9999-12-31"],
        &["report", "--from", "9998-01-01"],
        &["report", "--week", "9998-W01"],
        &["indicators", "--until", "9999-12-31"],
        &["indicators", "--shifts", "--until", "9999-12-31"],
        &["export", "indicators", "--until", "9999-12-31"],
        &["import", "--probe", "models-dev", "nowhere"],
        &["import", "--probe", "models-dev@eu", "bellwether.toml"],
        &["import", "--probe", "models-dev", "bellwether.toml"],
        &["--config", "nowhere.toml", "check"],
        &["status", "--surprise"],
    ] {
        // `--config` of the test's own comes first, and the last one holds
        let said = world.run(arguments);
        assert_eq!(said.code, 2, "{arguments:?}: {}", said.err);
    }
    world.configure("[probes]\nfolder = \"nowhere\"\n");
    assert_eq!(world.run(&["check"]).code, 2);
}

#[test]
fn a_saved_body_is_bounded_as_one_from_the_host() {
    let world = World::new("[http]\nmax_body = 1024\n");
    let rows: Vec<String> = (0..100)
        .map(|n| format!(r#"{{"id":"model-{n}"}}"#))
        .collect();
    let body = format!(r#"{{"data":[{}]}}"#, rows.join(","));
    let file = world.write("2026-01-31.json", &body);
    let file = file.to_str().expect("a path");
    let said = world.run(&["probe", "test", "openai.models", "--file", file]);
    assert_eq!(said.code, 1);
    assert!(
        said.out
            .contains("too_large: the body passed the limit of 1024 bytes"),
        "{}",
        said.out
    );
    for ended in [
        "0 known already, 1 unreadable",
        "1 known already, 0 unreadable",
    ] {
        let said = world.good(&["import", "--probe", "openai.models", file]);
        assert!(said.contains(ended), "{said}");
    }
}

#[test]
fn half_a_backup_is_not_left_behind() {
    let world = World::new("");
    let file = world.write("2026-01-31.json", r#"{"data":[{"id":"one"}]}"#);
    world.good(&[
        "import",
        "--probe",
        "openai.models",
        file.to_str().expect("a path"),
    ]);
    // a folder that is not there
    let said = world.run(&["backup", "nowhere/copy.db"]);
    assert_eq!(said.code, 1);
    assert!(!world.path("nowhere").exists());
    world.good(&["backup", "copy.db"]);
    let said = world.run(&["backup", "copy.db"]);
    assert!(
        said.err.contains("the file is there already"),
        "{}",
        said.err
    );
    assert!(world.path("copy.db").exists());
}

#[test]
fn a_database_that_cannot_be_used_is_left_as_it_is() {
    type Make = fn(&std::path::Path);
    let cases: [(&str, Make, &str); 3] = [
        (
            "no database",
            |path| {
                std::fs::write(
                    path,
                    "not a database, but long enough to look at".repeat(100),
                )
                .expect("written")
            },
            "cannot be read as a database",
        ),
        (
            "foreign",
            |path| run_sql(path, "CREATE TABLE other(x); INSERT INTO other VALUES (1);"),
            "but not Bellwether's",
        ),
        (
            "newer",
            |path| {
                run_sql(
                    path,
                    "PRAGMA application_id = 1111837772; PRAGMA user_version = 999; CREATE TABLE t(x);",
                )
            },
            "has schema 999",
        ),
    ];
    for (name, make, expected) in cases {
        let world = World::new("");
        std::fs::create_dir_all(world.path("data")).expect("a folder");
        let path = world.path("data/bellwether.db");
        make(&path);
        let before = std::fs::read(&path).expect("the file");
        for arguments in [vec!["run", "--once"], vec!["status"], vec!["changes"]] {
            let said = world.run(&arguments);
            assert_eq!(said.code, 1, "{name}");
            assert!(said.err.contains(expected), "{name}: {}", said.err);
        }
        assert_eq!(std::fs::read(&path).expect("the file"), before, "{name}");
    }
}

fn run_sql(path: &std::path::Path, sql: &str) {
    let connection = rusqlite::Connection::open(path).expect("a database");
    connection.execute_batch(sql).expect("sound SQL");
}

#[test]
fn reading_before_anything_was_kept_says_so() {
    let world = World::new("");
    for arguments in [
        vec!["status"],
        vec!["changes"],
        vec!["offerings"],
        vec!["why", "abc"],
        vec!["latency"],
    ] {
        let said = world.run(&arguments);
        assert_eq!(said.code, 1);
        assert!(said.err.contains("there is no database"), "{}", said.err);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_a_host_answers_ends_no_claim() {
    let web = Server::start().await;
    let good = || {
        let rows: Vec<_> = (0..8).map(|n| serde_json::json!({ "id": format!("gpt-{n}"), "object": "model", "created": 1 })).collect();
        Answer::ok(
            "application/json",
            serde_json::json!({ "object": "list", "data": rows }).to_string(),
        )
    };
    let bomb = {
        use std::io::Write as _;
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        let zeros = vec![b' '; 1 << 20];
        (0..200).for_each(|_| packer.write_all(&zeros).expect("packed"));
        packer.finish().expect("packed")
    };
    let login =
        "<html><form action=/login><input type=password name=p></form>Sign in to continue</html>";
    let hostile: Vec<(&str, Answer)> = vec![
        (
            "HTTP 500",
            Answer::with_status(
                500,
                "application/json",
                r#"{"error":{"message":"boom","code":"server_error"}}"#,
            ),
        ),
        (
            "not authorised",
            Answer::with_status(
                401,
                "application/json",
                r#"{"error":{"message":"no","code":"invalid_api_key"}}"#,
            ),
        ),
        (
            "throttled",
            Answer::with_status(429, "application/json", "{}").header("retry-after", "1"),
        ),
        ("expected", Answer::ok("application/json", "")),
        (
            "expected",
            Answer::ok(
                "application/json",
                r#"{"error":{"message":"an error with 200"}}"#,
            ),
        ),
        (
            "expected at least",
            Answer::ok("application/json", r#"{"object":"list","data":[]}"#),
        ),
        ("login", Answer::ok("text/html", login)),
        (
            "limit",
            Answer::ok("application/json", vec![b' '; 30 << 20]),
        ),
        (
            "limit",
            Answer::ok("application/json", bomb).header("content-encoding", "gzip"),
        ),
        (
            "expected",
            Answer::ok("application/json", "[".repeat(100_000)),
        ),
        (
            "incomplete",
            Answer {
                claimed_length: Some(10_000),
                ..good()
            },
        ),
    ];
    tokio::task::spawn_blocking(move || {
        for (expected, answer) in hostile {
            let world = World::new(&format!(
                "[probes]\nfolder = \"own\"\nonly = [\"openai.models\"]\n[credentials]\nOPENAI_API_KEY = {{ file = \"key\" }}\n[http]\nper_host_pace_ms = 0\n\
                 [http.rewrite]\n\"https://api.openai.com\" = \"{}\"\n",
                web.url()
            ));
            world.write("key", "sk-test");
            let shipped = bellwether::config::shipped();
            let file = shipped.iter().find(|file| file.name.ends_with("openai.toml")).expect("the shipped probes");
            world.write("own/openai.toml", &file.text.replace("every = \"15m\"", "every = \"1s\""));
            web.tell("/v1/models", good());
            assert!(world.good(&["run", "--once"]).contains("first reading: 8 items"));
            let facts = world.good(&["--format", "jsonl", "offerings"]);
            web.tell("/v1/models", answer);
            let said = crate::world::until(|| Some(world.run(&["run", "--once"])).filter(|said| !said.out.contains("no source is due")));
            assert_eq!(said.code, 1, "{}", said.out);
            assert!(said.out.contains(expected), "'{expected}' is not in: {}", said.out);
            assert!(world.changes(true).is_empty(), "a failure is no change");
            let after = world.good(&["--format", "jsonl", "offerings"]);
            let ids = |facts: &str| facts.lines().filter(|line| line.contains("native_id")).count();
            assert_eq!(ids(&after), ids(&facts), "a failure ends no claim");
        }
    })
    .await
    .expect("the rounds");
}

#[test]
fn two_daemons_do_not_share_a_database() {
    let world = World::new("");
    std::fs::create_dir_all(world.path("data")).expect("a folder");
    let _held =
        bellwether::store::Lock::acquire(&world.path("data/bellwether.db")).expect("the lock");
    let said = world.run(&["run", "--once"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("another Bellwether"), "{}", said.err);
}

#[test]
fn a_model_that_nobody_makes_is_wrong_usage() {
    let world = World::new("");
    let body = world.write("2026-01-31.json", r#"{"openai":{"models":{}}}"#);
    world.run(&[
        "import",
        "--probe",
        "models-dev",
        &body.display().to_string(),
    ]);
    let said = world.run(&["compare", "nonsense-xyz"]);
    assert_eq!(said.code, 2, "{}{}", said.out, said.err);
    assert!(
        said.err.contains("whose maker is not known"),
        "{}",
        said.err
    );
    assert!(
        world
            .good(&["compare", "openai/gpt-4o"])
            .contains("no source speaks of it")
    );
}

#[test]
fn an_unknown_provider_is_no_provider_of_which_nothing_is_told() {
    let world = World::new("");
    let path = world.write("2026-01-31.json", r#"{"data":[{"id":"gpt-4o"}]}"#);
    let path = path.display().to_string();
    world.good(&["import", "--probe", "openai.models", &path]);
    for command in ["changes", "offerings", "incidents"] {
        let said = world.run(&["--format", "jsonl", command, "--provider", "opnai"]);
        let expected = "--provider: expected a known provider, found 'opnai': nearest is openai";
        assert_eq!(said.code, 2, "{command}: {}", said.err);
        assert!(said.err.contains(expected), "{command}: {}", said.err);
        // one that is asked, though nothing is told of it yet
        world.good(&[command, "--provider", "mistral"]);
    }
}
