use jiff::SignedDuration;
use pulldown_cmark::{Event, Options, Parser, Tag};

use super::block::Block;
use super::*;
use crate::latency::{Measurement, summaries};
use crate::market::{
    Certainty, ChangeKind, LifecycleDate, Phases, Severity, Standing, Subject, SubjectKind,
};
use crate::render::samples::*;

fn empty() -> Report {
    Report {
        from: "2026-11-09".parse().expect("a day"),
        to: "2026-11-16".parse().expect("a day"),
        zone: zone(),
        changes: Vec::new(),
        latency: Vec::new(),
        sources: vec![SourceLine {
            name: "openai.models".to_string(),
            title: "OpenAI: models".to_string(),
            state: "ok".to_string(),
            last_good: Some(moment("2026-11-15T22:00:00Z")),
            failures: 0,
            readings: 168,
        }],
        landscape: None,
        is_early: false,
        is_simulated: false,
        made_at: moment("2026-11-16T06:00:00Z"),
        facts: Facts::default(),
    }
}

fn incident(kind: ChangeKind, at: &str) -> RecordedChange {
    let mut recorded = change(
        Subject::of_kind(SubjectKind::Incident, "openai", "inc-1"),
        kind,
    );
    recorded.change.id.0 = format!("{}{}", at.len(), kind.word());
    recorded.change.cause = "incident openai inc-1".to_string();
    recorded.change.severity = Severity::Warning;
    recorded.change.new = text("Elevated errors on Responses");
    recorded.change.seen_at = moment(at);
    recorded.change.confirmed_at = moment(at);
    recorded
}

fn announcement() -> RecordedChange {
    let subject = Subject::of_kind(SubjectKind::Announcement, "aws", "guid-1");
    let mut recorded = change(subject, ChangeKind::Announcement);
    recorded.change.new = text("OpenAI Frontier on AWS is generally available");
    recorded
}

fn measured() -> Vec<latency::Summary> {
    let millis = SignedDuration::from_millis;
    summaries((1..=200).map(|at| Measurement {
        group: ["openai.models", "azure.models@northeurope"][at as usize % 2].to_string(),
        at: moment("2026-11-10T08:00:00Z"),
        phases: Phases {
            first_byte: Some(millis(at * 3)),
            total: Some(millis(at * 7)),
            ..Phases::default()
        },
        ok: at % 50 != 0,
    }))
}

fn quote(provider: &str, native_id: &str, place: &str, per_month: &str) -> Quote {
    Quote {
        model: "openai/gpt-5".to_string(),
        provider: provider.to_string(),
        native_id: native_id.to_string(),
        place: place.to_string(),
        per_month: per_month.parse().expect("an amount"),
        url: "https://example.com/prices".to_string(),
    }
}

fn ends(model: &str, day: &str, days: i64, certainty: Certainty) -> EndLine {
    let end = LifecycleDate::firm(day.parse().expect("a day"));
    EndLine {
        model: model.to_string(),
        provider: "azure".to_string(),
        offerings: 14,
        end: end.with_certainty(certainty),
        days,
        touched: Vec::new(),
        url: "https://example.com/retirements".to_string(),
        way_out: crate::market::WayOut {
            model: model.to_string(),
            elsewhere: vec![crate::market::Alternative {
                provider: "openai".to_string(),
                native_id: "gpt-4o".to_string(),
                is_ga: true,
                input: None,
                output: None,
                ends: None,
                answers: None,
            }],
            replacements: Vec::new(),
        },
    }
}

fn facts() -> Facts {
    let millis = SignedDuration::from_millis;
    let speed = |is_model, name: &str| SpeedLine {
        provider: "azure".to_string(),
        name: name.to_string(),
        is_model,
        n: 2_016,
        failed: 3,
        p50: Some(millis(412)),
        p95: Some(millis(1_204)),
        p99: Some(millis(2_310)),
        before: Some(millis(398)),
        before_n: 2_010,
    };
    let workload = |name: &str| WorkloadLine {
        name: name.to_string(),
        profile: "200,000 requests a month".to_string(),
        currency: Some(crate::market::Currency::USD),
        then: Some(quote("openai", "gpt-5", "", "1234.5")),
        now: Some(quote("azure", "gpt-5", "GlobalStandard", "987.6")),
        stayed: "1300".parse().ok(),
        because: vec!["99642f096d3731ae".to_string()],
    };
    let hour = SignedDuration::from_hours(1);
    let at = |hours: i64| moment("2026-11-09T00:00:00Z") + hour * hours as i32;
    let millis = SignedDuration::from_millis;
    let point = |hours: i64| CoursePoint {
        at: at(hours),
        p50: millis(40 + hours % 5),
        p95: millis(70 + hours % 9),
        p99: millis(120 + hours % 7),
    };
    let bar = |hours: i64| StripBar {
        good: if (40..60).contains(&hours) { 0 } else { 60 },
        bad: u64::from((100..103).contains(&hours)) * 60,
        unsaid: u64::from((40..43).contains(&hours)),
        has_down: false,
    };
    Facts {
        courses: vec![CourseLine {
            provider: "bedrock".to_string(),
            name: "fresh in eu-central-1".to_string(),
            is_model: false,
            n: 9_000,
            from: at(0),
            until: at(168),
            every: hour,
            points: (0..168)
                .filter(|hour| !(40..60).contains(hour))
                .map(point)
                .collect(),
        }],
        strips: Strips {
            from: at(0),
            every: hour,
            lines: vec![StripLine {
                provider: "bedrock".to_string(),
                bars: (0..168).map(bar).collect(),
            }],
        },
        workloads: vec![
            workload("support desk"),
            WorkloadLine {
                currency: None,
                then: None,
                now: None,
                stayed: None,
                because: Vec::new(),
                ..workload("nobody's")
            },
        ],
        ends: vec![
            EndLine {
                touched: vec!["production".to_string()],
                ..ends(
                    "openai/gpt-4o@2024-08-06",
                    "2026-12-05",
                    19,
                    Certainty::Firm,
                )
            },
            ends("openai/gpt-4.1", "2027-04-03", 138, Certainty::NotBefore),
        ],
        has_watches: false,
        touched: [(retirement().change.id.0, vec!["production".to_string()])].into(),
        questions: vec![
            QuestionLine {
                topic: "frontier aws".to_string(),
                watch: "bets".to_string(),
                last: Some(Said {
                    at: moment("2026-11-10T08:00:00Z"),
                    is_new: true,
                    text: "aws: announced: OpenAI Frontier on AWS is generally available"
                        .to_string(),
                    id: "e2a2a63422b18edc".to_string(),
                    url: "https://example.com/news".to_string(),
                }),
                since: None,
            },
            QuestionLine {
                topic: "claude on oci".to_string(),
                watch: "bets".to_string(),
                last: None,
                since: Some(moment("2026-03-01T00:00:00Z")),
            },
        ],
        speeds: vec![
            speed(true, "gpt-5 in swedencentral"),
            speed(false, "fresh in westeurope"),
        ],
        uptimes: vec![UptimeLine {
            provider: "azure".to_string(),
            region: "westeurope".to_string(),
            by_duration: Some(0.998_7),
            before: Some(1.0),
            down: 780,
            by_request: Some(0.999_1),
            n: 4_032,
            objective: Some(0.999),
        }],
        incidents: vec![
            IncidentLine {
                provider: "openai".to_string(),
                began: moment("2026-11-12T10:00:00Z"),
                ended: Some(moment("2026-11-12T12:10:00Z")),
                measured: Some("slow gpt-5".to_string()),
                evidence: Some("400 -> 1200 ms (n 12), 3 of 4 series".to_string()),
                stated: Some("Elevated errors on Responses (major)".to_string()),
                url: "https://status.example.com/1".to_string(),
                id: Some("20incident_resolved".to_string()),
                lead: Some(420),
            },
            IncidentLine {
                provider: "azure".to_string(),
                began: moment("2026-11-15T10:00:00Z"),
                ended: None,
                measured: Some("down api.azure.com in westeurope".to_string()),
                evidence: Some("5 of 5 checks failed".to_string()),
                stated: None,
                url: String::new(),
                id: None,
                lead: None,
            },
        ],
        readings: [
            ("ok", 230),
            ("same", 8),
            ("timeout", 9),
            ("inconclusive", 2),
        ]
        .map(|(word, n)| (word.to_string(), n))
        .into(),
        missed: 3,
    }
}

fn full() -> Report {
    let mut report = empty();
    let mut removed = change(
        Subject::offering("oci", "command-r"),
        ChangeKind::OfferingRemoved,
    );
    removed.change.severity = Severity::Warning;
    let mut confirmed = cheaper();
    confirmed.standing = Standing::Corroboration;
    let mut documented = valued("xai", "grok", "date.launch", None, date("2026-01-01"));
    documented.change.documented = true;
    let mut flapping = added("azure", "flips");
    flapping.change.flapping = true;
    report.changes = in_regions(&added("bedrock", "claude-x"), 14);
    report.changes.extend([
        cheaper(),
        retirement(),
        removed,
        valued("gemini", "flash", "price.output", price("2"), price("2.5")),
        valued("mistral", "large", "limit.context", None, text("128000")),
        announcement(),
        incident(ChangeKind::IncidentOpened, "2026-11-12T10:00:00Z"),
        incident(ChangeKind::IncidentUpdated, "2026-11-12T10:30:00Z"),
        incident(ChangeKind::IncidentResolved, "2026-11-12T12:10:00Z"),
        confirmed,
        documented,
        flapping,
    ]);
    report.latency = measured();
    report.facts = facts();
    report.sources.push(SourceLine {
        name: "azure.models@northeurope".to_string(),
        title: "Azure: models".to_string(),
        state: "timeout in tls".to_string(),
        last_good: Some(moment("2026-11-12T06:00:00Z")),
        failures: 9,
        readings: 70,
    });
    report
}

#[test]
fn a_full_week_has_every_section_once() {
    let report = full();
    insta::assert_snapshot!("full.txt", report.to_text());
    insta::assert_snapshot!("full.md", report.to_markdown());
    insta::assert_snapshot!("full.json", format!("{:#}", report.to_json()));
    insta::assert_snapshot!("full.html", report.to_message().html);
    for title in ["What mattered", "New and gone", "Incidents"] {
        assert_eq!(report.to_text().matches(title).count(), 1, "{title}");
    }
}

#[test]
fn an_empty_week_says_so_in_one_sentence() {
    insta::assert_snapshot!(empty().to_text(), @"
    Bellwether week 2026-W46 (9–15 November 2026)
    =============================================

    Nothing changed: 168 good readings of 1 source said the same as before.

    How this is known
    -----------------
    168 good readings of 1 source; times are in Europe/Berlin; made 2026-11-16 07:00 CET.
    ");
    assert_eq!(
        empty().to_message().subject,
        "[bellwether] week 2026-W46: nothing changed"
    );
}

#[test]
fn a_week_without_a_reading_is_not_one_without_changes() {
    let mut report = empty();
    report.sources[0].readings = 0;
    let said = "Nothing is known of what changed: none of 1 source gave a good reading.";
    assert!(report.to_text().contains(said), "{}", report.to_text());
    assert_eq!(
        report.to_message().subject,
        "[bellwether] week 2026-W46: no reading"
    );
}

#[test]
fn the_mail_shows_its_charts_by_content_id() {
    let message = full().to_message();
    let ids = message.parts.iter().map(|part| part.content_id.as_str());
    let ids: Vec<&str> = ids.collect();
    let expected = [
        "changes-by-day",
        "uptime-strips",
        "latency-1",
        "retirements",
    ];
    assert_eq!(ids, expected.map(|key| format!("{key}@bellwether")));
    for part in &message.parts {
        let source = format!("src=\"cid:{}\"", part.content_id);
        assert!(message.html.contains(&source), "{source}");
        assert_eq!(part.media_type, "image/png");
        assert!(part.bytes.starts_with(b"\x89PNG"));
    }
    assert!(
        message
            .html
            .contains("alt=\"Changes per day: bar chart, 14 new")
    );
    assert!(
        message
            .text
            .contains("\nChanges per day: bar chart, 14 new"),
        "the text tells what the chart shows"
    );
    assert_eq!(
        message.subject,
        "[bellwether] week 2026-W46: 3 that matter, 1 new, 1 gone, 2 prices, 1 dates and stages, 3 other"
    );
    let mut backwards = full();
    backwards.to = backwards.from;
    backwards.facts = Facts::default();
    let message = backwards.to_message();
    assert!(!message.html.contains("Changes per day"));
}

#[test]
fn long_lists_are_bounded_for_people_and_whole_for_programs() {
    let mut report = empty();
    report.changes = (0..1_000)
        .flat_map(|at| {
            let name = format!("model-{at}");
            [
                added("oci", &name),
                valued("oci", &name, "price.input", price("1"), price("2")),
                valued("oci", &name, "date.retires", None, date("2027-01-01")),
            ]
        })
        .collect();
    report.latency = summaries((0..500).map(|at| Measurement {
        group: format!("source-{at}"),
        at: report.made_at,
        phases: Phases::default(),
        ok: true,
    }));
    report.sources = vec![
        SourceLine {
            failures: 1,
            ..report.sources[0].clone()
        };
        500
    ];
    let html = report.to_message().html;
    assert!(html.len() < 100_000, "{}", html.len());
    for shown in [report.to_text(), report.to_markdown()] {
        for more in ["and 975 more", "and 470 more: ", "nd 485 more: "] {
            assert!(shown.contains(more), "{more}");
        }
    }
    assert_eq!(
        html.matches("more: ").count(),
        5,
        "three sections, latency and trouble"
    );
    let listed: usize = report.to_json()["sections"]
        .as_object()
        .expect("sections")
        .values()
        .filter_map(|section| section["items"].as_array().map(Vec::len))
        .sum();
    assert_eq!(listed, 3_000);
}

#[test]
fn nothing_of_a_page_gets_out_of_its_place() {
    for name in HOSTILE {
        let mut report = empty();
        let mut recorded = valued(name, name, "replacement", text(name), text(name));
        recorded.url = format!("javascript:{name}");
        recorded.change.cause = "a".to_string();
        let mut listed = added(name, name);
        listed.url = name.to_string();
        report.changes = vec![recorded, listed];
        report.latency = summaries([Measurement {
            group: name.to_string(),
            at: report.made_at,
            phases: Phases::default(),
            ok: true,
        }]);
        let source = &mut report.sources[0];
        source.title = name.to_string();
        source.state = name.to_string();
        source.failures = 3;
        let (html, markdown) = (report.to_message().html, report.to_markdown());
        let is_foreign = |c: char| c.is_control() && c != '\n';
        for shown in [&html, &markdown, &report.to_text()] {
            assert!(
                !shown.contains(is_foreign) && !shown.contains('\u{202e}'),
                "{name}"
            );
            assert!(!shown.contains("\nBcc"), "{name}");
        }
        assert!(
            !html.contains("<script") && !html.contains("\" onmouseover"),
            "{name}"
        );
        assert!(!html.contains("href") && !html.contains("<pre>"), "{name}");
        let is_active = |event: &Event<'_>| {
            matches!(
                event,
                Event::Html(_) | Event::InlineHtml(_) | Event::Start(Tag::Link { .. })
            )
        };
        assert!(
            !Parser::new_ext(&markdown, Options::all()).any(|event| is_active(&event)),
            "{markdown}"
        );
    }
}

#[test]
fn a_page_needs_nothing_beside_it() {
    let page = full().to_html();
    for there in [
        "<svg",
        "<a href=\"#new_and_gone\"",
        "<h2 id=\"new_and_gone\"",
        "@page",
    ] {
        assert!(page.contains(there), "{there}");
    }
    for not_there in ["cid:", "src=\"http", "url(", "<link", "<script"] {
        assert!(!page.contains(not_there), "{not_there}");
    }
}

#[test]
fn a_mail_has_no_more_pictures_than_it_can_carry() {
    let report = full();
    let mut document = report.document();
    let drawn = document.sections[1].clone();
    for key in ["e", "f", "g", "h", "i", "j", "k", "l", "m", "n"] {
        let mut more = drawn.clone();
        for block in &mut more.blocks {
            if let Block::Figure(figure) = block {
                figure.key = key;
            }
        }
        document.sections.push(more);
    }
    let mailed = |text: String| mail::message(&document, "a", text, report.made_at);
    let message = mailed(report.to_text());
    let ids: Vec<&str> = message
        .parts
        .iter()
        .map(|part| part.content_id.as_str())
        .collect();
    assert_eq!((ids.len(), ids[11]), (12, "l@bellwether"));
    assert_eq!(message.html.matches("cid:").count(), 12);
    assert!(message.html.contains("2 charts had no room in this mail"));
    assert_eq!(message.html.matches("<h2>Day by day</h2>").count(), 9);
    let whole = |message: &OutgoingMessage| {
        let mut message = message.clone();
        message.message_id = "a@b".to_string();
        crate::deliver::format_message("a@b.test", "c@d.test", &message)
            .expect("a mail")
            .len()
    };
    assert!(whole(&message) < 1_000_000);
    // a text that leaves room for few of them
    let message = mailed("a ".repeat(300_000));
    let bytes = whole(&message);
    assert!((700_000..1_000_000).contains(&bytes), "{bytes}");
    assert!((1..12).contains(&message.parts.len()));
}

#[test]
fn what_is_watched_comes_first_and_alone_needs_a_decision() {
    let mut report = empty();
    let mut unwatched = change(
        Subject::offering("oci", "command-r"),
        ChangeKind::OfferingRemoved,
    );
    unwatched.change.severity = Severity::Critical;
    let mut watched = change(
        Subject::offering("xai", "grok"),
        ChangeKind::OfferingRemoved,
    );
    watched.change.severity = Severity::Warning;
    let small = added("xai", "grok-2");
    for of_watch in [&watched, &small] {
        let id = of_watch.change.id.0.clone();
        report.facts.touched.insert(id, vec!["bets".to_string()]);
    }
    report.changes = vec![unwatched, watched, small];
    assert!(report.to_message().subject.contains("2 that matter"));
    report.facts.has_watches = true;
    let text = report.to_text();
    let places = ["grok removed", "grok-2 added", "command-r removed"]
        .map(|said| text.find(said).expect("all are told"));
    assert!(places.is_sorted(), "{text}");
    assert!(
        text.contains("xai.models; watched: bets; bellwether why"),
        "{text}"
    );
    assert!(report.to_message().subject.contains("1 that matter"));
}
