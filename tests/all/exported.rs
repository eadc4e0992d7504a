//! `export`: what other programs read, as they read it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Map, Value as Json};

use crate::measured::measure;
use crate::world::World;

/// A page that names one end, on these days; the second of two equal ones confirms.
fn world(ends: &[(&str, &str)]) -> World {
    let world = World::new("");
    tell(&world, ends);
    world
}

pub fn tell(world: &World, ends: &[(&str, &str)]) {
    let mut paths = Vec::new();
    // a page that names fewer has lost some
    let ended: String = (10..40)
        .map(|n| format!("| 2025-01-{:02} | `gpt-old-{n}` | `gpt-7` |\n", n % 28 + 1))
        .collect();
    for (seen, end) in ends {
        let row = match *end {
            "" => String::new(),
            end => format!("| {end} | `gpt-7-2025-03-01` | `gpt-9-sol, or \"more\"` |\n"),
        };
        let page = format!(
            "# Deprecations\n\n## Deprecation history\n\n### 2026-01-11: GPT-7 models\n\n\
             | Shutdown date | Model / system | Recommended replacement |\n| --- | --- | --- |\n{row}\
             {ended}| 2061-06-01 | `gpt-6-2024-03-01` | `gpt-7` |\n| 2061-06-02 | `gpt-6-mini` | `gpt-7` |\n"
        );
        let path = world.write(&format!("pages/{seen}.md"), &page);
        paths.push(path.display().to_string());
    }
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    world.good(&[&["import", "--probe", "openai.deprecations"], &paths[..]].concat());
}

const MOVED: [(&str, &str); 3] = [
    ("2026-02-01", "2060-12-11"),
    ("2026-02-02", "2060-10-11"),
    ("2026-02-03", "2060-10-11"),
];

fn lines(text: &str) -> Vec<Map<String, Json>> {
    let read = |line: &str| serde_json::from_str(line).expect("an object a line");
    text.lines().map(read).collect()
}

fn file(world: &World, name: &str) -> String {
    std::fs::read_to_string(world.path(name)).expect("a file")
}

#[test]
fn every_form_tells_what_the_commands_tell() {
    let world = world(&MOVED);
    measure(&world);
    for (export, command) in [
        (&["changes"][..], &["changes"][..]),
        (
            &["changes", "--all", "--provider", "openai"],
            &["changes", "--all"],
        ),
        (
            &["changes", "--since", "2026-03-01"],
            &["changes", "--since", "2026-03-01"],
        ),
        (
            &["facts", "--at", "2026-02-02"],
            &["offerings", "--at", "2026-02-02"],
        ),
        (
            &["facts", "--model", "gpt-6", "--at", "2026-02-04"],
            &["offerings", "--model", "gpt-6", "--at", "2026-02-04"],
        ),
        (
            &[
                "indicators",
                "--since",
                "2026-02-02",
                "--until",
                "2026-02-04",
            ],
            &[
                "indicators",
                "--since",
                "2026-02-02",
                "--until",
                "2026-02-04",
            ],
        ),
        (
            &["samples"],
            &["latency", "--samples", "--since", "2026-01-01"],
        ),
        (
            &["samples", "--since", "2026-01-06", "--until", "2026-01-07"],
            &[
                "latency",
                "--samples",
                "--since",
                "2026-01-06",
                "--until",
                "2026-01-07",
            ],
        ),
    ] {
        let expected = world.good(&[&["--format", "jsonl"], command].concat());
        let as_jsonl = [&["export"], export, &["--as", "jsonl"]].concat();
        assert_eq!(world.good(&as_jsonl), expected, "{export:?}");
        // by the file's name
        let array = world.path("all.json").display().to_string();
        world.good(&[&["export"], export, &["--out", &array]].concat());
        let array: Vec<Map<String, Json>> =
            serde_json::from_str(&file(&world, "all.json")).expect("an array");
        assert_eq!(array, lines(&expected), "{export:?}");
        let csv = world.good(&[&["export"], export].concat());
        assert_eq!(csv.matches("\r\n").count(), array.len() + 1, "{export:?}");
    }
    assert_eq!(
        lines(&world.good(&["export", "samples", "--as", "jsonl"])).len(),
        960
    );
    let none = world.good(&["export", "samples", "--model", "gpt-7"]);
    assert_eq!(
        none.lines().count(),
        1,
        "only models that are asked: {none}"
    );
}

#[test]
fn a_file_is_there_whole_or_as_it_was() {
    let world = world(&MOVED);
    let path = |name: &str| world.path(name).display().to_string();
    let out = world.write("out/changes.csv", "old");
    let said = world.good(&["export", "changes", "--out", &path("out/changes.csv")]);
    assert!(said.contains("changes.csv: 1 rows"), "{said}");
    assert!(
        std::fs::read_to_string(&out)
            .expect("a file")
            .starts_with("id,seen_at,")
    );

    // what a link leads to is replaced
    std::os::unix::fs::symlink(&out, world.path("link.csv")).expect("a link");
    std::fs::write(&out, "old").expect("written");
    world.good(&["export", "changes", "--out", &path("link.csv")]);
    assert!(world.path("link.csv").is_symlink());
    assert!(file(&world, "out/changes.csv").starts_with("id,"));
    // and a device is not
    world.good(&["export", "changes", "--as", "csv", "--out", "/dev/null"]);

    for (arguments, code, expected) in [
        (
            &["changes", "--out", "changes.txt"][..],
            2,
            "expected a file that ends in .csv",
        ),
        (
            &["changes", "--out", "nowhere/changes.csv"],
            1,
            "nowhere/changes.csv",
        ),
        (&["facts", "--since", "7d"], 2, "--since"),
        (
            &["feed", "--url", "javascript:x"],
            2,
            "expected an address such as",
        ),
        (
            &["samples", "--since", "soon"],
            2,
            "expected a time such as",
        ),
        (&["indicators", "--as", "xml"], 2, "invalid value 'xml'"),
    ] {
        let said = world.run(&[&["export"], arguments].concat());
        assert_eq!(said.code, code, "{arguments:?}: {}", said.err);
        assert!(said.err.contains(expected), "{arguments:?}: {}", said.err);
    }
    let left: Vec<String> = std::fs::read_dir(world.path("out"))
        .expect("a folder")
        .map(|file| {
            file.expect("a file")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    assert_eq!(left, ["changes.csv"]);
}

#[test]
fn whoever_reads_no_more_ends_it_quietly() {
    let world = World::new("");
    measure(&world);
    for form in ["csv", "jsonl", "parquet"] {
        let mut process = world
            .program()
            .args(["export", "samples", "--as", form])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a run");
        let mut first = Vec::new();
        let mut reader = BufReader::with_capacity(16, process.stdout.take().expect("a pipe"));
        reader.read_until(b'\n', &mut first).expect("bytes");
        drop(reader);
        let ended = process.wait_with_output().expect("an end");
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success() && said.is_empty(), "{form}: {said}");
    }
}

/// The logical lines of a calendar that begin so.
fn of_calendar(calendar: &str, name: &str) -> Vec<String> {
    let unfolded = calendar.replace("\r\n ", "");
    let lines = unfolded.lines().filter_map(|line| line.strip_prefix(name));
    lines.map(str::to_string).collect()
}

#[test]
fn a_calendar_follows_a_day_that_moves_and_one_that_is_cancelled() {
    let world = world(&MOVED[..1]);
    let before = world.good(&["export", "calendar"]);
    assert_eq!(
        of_calendar(&before, "DTSTART;VALUE=DATE:"),
        ["20610602", "20610601", "20601211"],
        "{before}"
    );
    assert_eq!(
        world.good(&["export", "calendar"]),
        before,
        "the same days, the same text"
    );
    tell(&world, &MOVED[1..]);
    let moved = world.good(&["export", "calendar"]);
    assert_eq!(of_calendar(&moved, "UID:"), of_calendar(&before, "UID:"));
    assert_eq!(
        of_calendar(&moved, "DTSTART;VALUE=DATE:"),
        ["20610602", "20610601", "20601011"]
    );
    let changed = of_calendar(&moved, "LAST-MODIFIED:");
    assert!(
        changed[2] > of_calendar(&before, "LAST-MODIFIED:")[2],
        "{changed:?}"
    );
    tell(&world, &[("2026-02-04", ""), ("2026-02-05", "")]);
    let cancelled = world.good(&["export", "calendar"]);
    assert_eq!(
        of_calendar(&cancelled, "DTSTART;VALUE=DATE:"),
        ["20610602", "20610601"],
        "{cancelled}"
    );
}

#[test]
fn an_end_that_has_come_stays_when_its_model_is_named_no_more() {
    let now = bellwether::daemon::clock::now();
    let day = |days: i64| {
        let at = now + jiff::SignedDuration::from_hours(24 * days);
        at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
    };
    let (end, before, gone, still_gone) = (day(-10), day(-60), day(-9), day(-8));
    let pages = [(&*before, &*end), (&*gone, ""), (&*still_gone, "")];
    let world = world(&pages);
    let calendar = world.good(&["export", "calendar"]);
    let begins = of_calendar(&calendar, "DTSTART;VALUE=DATE:");
    assert_eq!(
        begins,
        ["20610602", "20610601", &end.replace('-', "")],
        "{calendar}"
    );
}

/// What parsers by other hands find in the files of a folder; `None`, with a sentence, where they are missing.
fn by_other_hands(folder: &Path) -> Option<Json> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/export_reader.py");
    let output = Command::new("python3").arg(script).arg(folder).output();
    let output = output
        .ok()
        .filter(|output| output.status.code() != Some(77));
    let Some(output) = output else {
        let is_required = std::env::var("BELLWETHER_CI").is_ok_and(|value| value == "1");
        let parsers = "python3 with pyarrow, icalendar and feedparser";
        assert!(!is_required, "{parsers} is required in CI");
        let sentence =
            format!("skipped: {parsers} is not installed, so no export was read by other hands");
        writeln!(std::io::stderr(), "{sentence}").expect("stderr takes a line");
        return None;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    Some(serde_json::from_slice(&output.stdout).expect("JSON"))
}

#[test]
fn parsers_by_other_hands_read_the_same() {
    let world = world(&MOVED);
    measure(&world);
    for (what, name) in [
        ("changes", "changes.csv"),
        ("changes", "changes.json"),
        ("changes", "changes.parquet"),
        ("samples", "samples.parquet"),
        ("calendar", "calendar.ics"),
        ("feed", "feed.xml"),
    ] {
        let path = world
            .write(&format!("out/{name}"), "")
            .display()
            .to_string();
        world.good(&["export", what, "--out", &path]);
    }
    let Some(found) = by_other_hands(&world.path("out")) else {
        return;
    };
    let own = world.changes(false);
    let [change] = own.as_slice() else {
        panic!("one change: {own:?}")
    };
    assert_eq!(
        found["json"],
        Json::from(vec![Json::Object(change.clone())])
    );

    let (csv, parquet) = (&found["csv"][0], &found["changes"]["rows"][0]);
    assert_eq!(csv["id"], change["id"]);
    for row in [csv, parquet] {
        for (column, expected) in [
            ("old", "2060-12-11"),
            ("old_certainty", "firm"),
            ("new", "2060-10-11"),
            ("new_certainty", "firm"),
            ("direction", "earlier"),
        ] {
            assert_eq!(row[column], expected, "{row:#}");
        }
    }
    let types = &found["changes"]["types"];
    assert_eq!(types["seen_at"], "timestamp[us, tz=UTC]");
    assert_eq!(
        (&types["old"], &types["imported"]),
        (&"string".into(), &"bool".into())
    );
    assert_eq!(parquet["imported"], true);
    let seen = change["seen_at"]
        .as_str()
        .expect("a time")
        .replace('Z', "+00:00");
    assert_eq!(parquet["seen_at"], seen);
    assert_eq!(parquet["old_currency"], Json::Null);

    let samples = found["samples"]["rows"].as_array().expect("rows");
    let own = lines(&world.good(&["export", "samples", "--as", "jsonl"]));
    assert_eq!(samples.len(), own.len());
    for (read, own) in samples.iter().zip(&own) {
        for column in ["host", "way", "outcome", "total_ms", "connect_ms", "dns_ms"] {
            assert_eq!(read[column], own[column], "{column}");
        }
    }

    let calendar = &found["calendar"];
    assert_eq!(calendar["faults"], Json::from(Vec::<Json>::new()));
    let event = &calendar["events"][2];
    assert_eq!(
        (&event["begin"], &event["end"]),
        (&"2060-10-11".into(), &"2060-10-12".into())
    );
    assert_eq!(event["status"], "CONFIRMED");
    assert_eq!(
        event["summary"],
        "openai/gpt-7@2025-03-01 retires at openai"
    );
    let description = event["description"].as_str().expect("a text");
    assert!(
        description.contains("openai.deprecations (provider-page)"),
        "{description}"
    );

    let feed = &found["feed"];
    assert_eq!(
        (&feed["bozo"], &feed["version"]),
        (&false.into(), &"atom10".into())
    );
    let [entry] = feed["entries"].as_array().expect("entries").as_slice() else {
        panic!("one entry: {feed:#}")
    };
    let id = change["id"].as_str().expect("an id");
    assert_eq!(entry["id"], format!("urn:bellwether:change:{id}"));
    let title = entry["title"].as_str().expect("a title");
    assert!(
        title.contains("retires 2060-10-11, 61 days earlier (was 2060-12-11)"),
        "{title}"
    );
    assert_eq!(entry["link"], change["url"]);
}

#[test]
fn a_terminal_gets_no_parquet() {
    let world = world(&MOVED);
    let on_terminal =
        "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
    let program = world.program();
    let run = Command::new("python3")
        .args(["-c", on_terminal])
        .arg(program.get_program())
        .args(program.get_args())
        .args(["export", "changes", "--as", "parquet"])
        .stdin(Stdio::null())
        .output();
    let Ok(run) = run else {
        let is_required = std::env::var("BELLWETHER_CI").is_ok_and(|value| value == "1");
        assert!(!is_required, "python3 is required in CI");
        let sentence = "skipped: python3 is not installed, so there was no terminal to write to";
        writeln!(std::io::stderr(), "{sentence}").expect("stderr takes a line");
        return;
    };
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(
        said.contains("Parquet is nothing to be read on a terminal"),
        "{said}"
    );
    assert_eq!(run.status.code(), Some(2), "{said}");
}
