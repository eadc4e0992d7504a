use super::*;
use crate::market::Region;
use crate::render::samples::*;

fn now() -> Timestamp {
    moment("2026-11-10T08:06:00Z")
}

fn group(changes: &[RecordedChange]) -> OutgoingMessage {
    group_message(
        &taken(changes, &[]),
        &[],
        &Letterhead::plain(&zone()),
        now(),
    )
}

pub fn taken(changes: &[RecordedChange], touched: &[&str]) -> Vec<Taken> {
    let taken = |recorded: &RecordedChange| Taken {
        recorded: recorded.clone(),
        touched: touched.iter().map(|name| (*name).to_string()).collect(),
    };
    changes.iter().map(taken).collect()
}

#[test]
fn one_change_says_what_where_since_when_and_how_it_is_known() {
    let mut recorded = retirement();
    recorded.change.subject.region = Region::new("swedencentral");
    recorded.change.subject.deployment = Some("GlobalStandard".into());
    recorded.change.id = crate::market::ChangeId("0123456789abcdef".to_string());
    let message = group(&[recorded]);
    insta::assert_snapshot!(format!("{}\n\n{}", message.subject, message.text), @"
    [bellwether] azure: gpt-4o retires 2026-10-01, 184 days earlier (was 2027-04-03) in swedencentral

    CRITICAL  azure: gpt-4o retires 2026-10-01, 184 days earlier (was 2027-04-03) in swedencentral

    date.retires: 2027-04-03 → 2026-10-01 (184 days earlier)
      0123456789abcdef  gpt-4o, GlobalStandard in swedencentral

    Seen          2026-11-10 09:00 CET
    Confirmed     2026-11-10 09:05 CET
    Source        azure.models (provider-page)
    Confirmed by  models-dev.api
    Evidence      https://example.com/models?a=1&b=2
    More          bellwether why 0123456789abcdef
    Silence       bellwether silence add --model gpt-4o --provider azure --kind date_changed --for 7d --reason known
    ");
    insta::assert_snapshot!("one_change.html", message.html);
    assert_eq!(
        (message.message_id.as_str(), message.in_reply_to),
        ("", None)
    );
    assert_eq!(message.date, now());
}

#[test]
fn what_drives_away_says_where_to() {
    use crate::market::{Alternative, Answers, Replacement};
    use crate::market::{LifecycleDate, Price};
    let usd = |amount: &str| {
        let amount = amount.parse().expect("an amount");
        Some(Price::usd_per_million_tokens(amount))
    };
    let alternative = |provider: &str, native_id: &str| Alternative {
        provider: provider.to_string(),
        native_id: native_id.to_string(),
        is_ga: provider != "third",
        input: None,
        output: None,
        ends: None,
        answers: None,
    };
    let answers = |millis, is_token| {
        Some(Answers {
            median: jiff::SignedDuration::from_millis(millis),
            n: 2_016,
            is_token,
        })
    };
    let not_before = LifecycleDate::from_text("not before 2027-04-03").expect("a day");
    let way_out = WayOut {
        model: "openai/gpt-4o".to_string(),
        elsewhere: vec![
            Alternative {
                input: usd("2.5"),
                output: usd("10"),
                answers: answers(412, true),
                ends: not_before,
                ..alternative("openai", "gpt-4o")
            },
            Alternative {
                input: usd("3"),
                answers: answers(38, false),
                ..alternative("other", "gpt-4o-2024-11-20")
            },
            alternative("third", "<b>gpt-4o</b>"),
        ],
        replacements: vec![Replacement {
            provider: "azure".to_string(),
            named: "gpt-5.1".to_string(),
            model: Some("openai/gpt-5.1".to_string()),
            offered_on: ["azure", "openai"].map(str::to_string).into(),
        }],
    };
    let taken = taken(&[retirement()], &["production"]);
    let message = group_message(&taken, &[way_out], &Letterhead::plain(&zone()), now());
    let told = message.text.split_once("Evidence").expect("evidence").1;
    insta::assert_snapshot!(told, @"
          https://example.com/models?a=1&b=2
    Move to       gpt-5.1, says azure; offered on azure, openai
    Also on       openai gpt-4o: $2.5 in, $10 out / 1M tokens; first token 412 ms (p50 of 2 016 in 7 days); retires not before 2027-04-03
                  other gpt-4o-2024-11-20: $3 / 1M tokens in; its endpoint answers in 38 ms (p50 of 2 016 in 7 days)
                  third <b>gpt-4o</b>: no price of tokens is stated; neither its stage nor its last day is stated
    Compare       bellwether compare openai/gpt-4o
    More          bellwether why b24750b2b5d71c1a
    Silence       bellwether silence add --model gpt-4o --provider azure --kind date_changed --for 7d --reason known
    ");
    assert!(!message.html.contains("<b>"));
}

#[test]
fn a_mass_is_not_silenced_by_one_line() {
    let many: Vec<RecordedChange> = (0..4)
        .map(|n| added("azure", &format!("model-{n}")))
        .collect();
    assert!(!group(&many).text.contains("bellwether silence"));
    let hostile = added("azure", "x; rm -rf ~");
    assert!(!group(&[hostile]).text.contains("bellwether silence"));
}

#[test]
fn a_group_lists_its_places() {
    let message = group(&in_regions(&added("bedrock", "claude-x"), 14));
    assert_eq!(
        message.subject,
        "[bellwether] bedrock: claude-x added in 14 regions"
    );
    for at in 1..=14 {
        for twin in [&message.text, &message.html] {
            assert!(twin.contains(&format!("in region-{at}")), "{at}");
        }
    }
    assert!(message.text.contains("and 6 more"), "sources are bounded");
}

#[test]
fn a_large_group_is_cut_and_says_how_to_see_the_rest() {
    let mut worst = added("azure", &"'/".repeat(200));
    worst.change.new = text(&"\"<&".repeat(200));
    worst.url = format!("https://example.com/{}", "\"".repeat(100));
    for (recorded, is_hostile) in [(cheaper(), false), (worst, true)] {
        let message = group(&in_regions(&recorded, 500));
        assert!(message.html.len() < 100_000, "{}", message.html.len());
        assert!(message.subject.chars().count() <= 120);
        let command = format!(
            "bellwether changes --provider {} --since 2026-11-10T08:05:00Z",
            recorded.change.subject.provider
        );
        for twin in [&message.text, &message.html] {
            assert!(twin.contains(&command));
            assert!(is_hostile || twin.contains("and 440 more"));
        }
    }
}

#[test]
fn nothing_of_a_page_gets_out_of_its_place() {
    for name in HOSTILE {
        let mut recorded = valued(name, name, "replacement", text(name), text(name));
        recorded.change.subject.region = Region::new(name);
        recorded.change.subject.deployment = Some(name.into());
        recorded.change.id = crate::market::ChangeId(name.to_string());
        recorded.confirmed_by = vec![name.to_string()];
        recorded.url = format!("javascript:{name}");
        let mut listed = added(name, name);
        listed.change.new = text(name);
        listed.url = name.to_string();
        let message = group(&[recorded, listed]);
        assert!(!message.subject.contains(char::is_control), "{name}");
        let is_foreign = |c: char| c.is_control() && c != '\n';
        for twin in [&message.text, &message.html] {
            assert!(
                !twin.contains(is_foreign) && !twin.contains('\u{202e}'),
                "{name}"
            );
            assert!(!twin.contains("\nBcc"), "{name}");
        }
        assert!(!message.html.contains("<script"), "{name}");
        assert!(!message.html.contains("\" onmouseover"), "{name}");
        assert!(
            !message.html.contains("href"),
            "only web addresses are links"
        );
        assert!(!message.html.contains("<pre>"), "the template holds");
        assert!(message.html.contains("bellwether changes") || !message.text.contains("more:"));
    }
}

#[test]
fn a_scraped_provider_is_never_offered_to_a_shell() {
    let message = group(&in_regions(&added("$(rm -rf ~)", "m"), 100));
    assert!(
        message
            .text
            .contains("and 40 more: bellwether changes --since 2026-")
    );
}

#[test]
fn the_first_message_says_what_is_watched() {
    let sources = vec![
        (
            "openai.models".to_string(),
            "OpenAI: models".to_string(),
            Some(moment("2026-11-10T09:00:00Z")),
        ),
        (
            "azure.models@northeurope".to_string(),
            "Azure <models>".to_string(),
            Some(moment("2026-11-10T08:30:00Z")),
        ),
        ("oci.page".to_string(), "OCI".to_string(), None),
    ];
    let message = started_message(&sources, &zone(), now());
    insta::assert_snapshot!(format!("{}\n\n{}", message.subject, message.text), @"
    [bellwether] now watching 3 sources, next readings due 2026-11-10 09:30 CET

    Bellwether: now watching 3 sources, next readings due 2026-11-10 09:30 CET

    The first reading of a source is its baseline and raises nothing. After that every confirmed change is told once.

    2026-11-10 10:00 CET  OpenAI: models (openai.models)
    2026-11-10 09:30 CET  Azure <models> (azure.models@northeurope)
    not scheduled  OCI (oci.page)
    ");
    assert!(message.html.contains("Azure &lt;models&gt;"));
    assert!(!message.html.contains("<pre>"));
    let none = started_message(&[], &zone(), now());
    assert_eq!(
        none.subject,
        "[bellwether] now watching 0 sources, no reading is due"
    );
    let many = vec![("a".repeat(300), "b".repeat(300), None); 5_000];
    let message = started_message(&many, &zone(), now());
    assert!(message.html.len() < 100_000, "{}", message.html.len());
    assert!(message.text.contains("and 4900 more"));
}
