mod lines;
mod look;
mod parsed;
mod samples;
mod wild;

use parsed::{misplaced, parse};
use proptest::prelude::*;
use samples::{AMOUNTS, Amount as Much, all};
use wild::Stuff;

use super::*;

fn size_of(png: &[u8]) -> (u32, u32) {
    let decoder = png::Decoder::new(std::io::Cursor::new(png));
    let reader = decoder.read_info().expect("a PNG");
    (reader.info().width, reader.info().height)
}

/// What is wrong with a chart of a size.
fn wrong(chart: &Chart, size: Size) -> Vec<String> {
    let svg = chart.to_svg(size).expect("a chart");
    let parsed = parse(&svg);
    let mut wrong = misplaced(&parsed);
    if svg.contains("NaN") {
        wrong.push("NaN".to_string());
    }
    if parsed.label != chart.in_words() {
        wrong.push(format!("{:?} is not {:?}", parsed.label, chart.in_words()));
    }
    wrong
}

#[test]
fn every_kind_draws_every_amount_at_every_width() {
    for amount in AMOUNTS {
        for (kind, chart) in all(amount) {
            let few: &[u32] = &[Size::NARROW, 1_200];
            let widths = if amount == Much::Many {
                few
            } else {
                &[Size::NARROW, 480, Size::MAIL, 1_200]
            };
            for width in widths.iter().copied() {
                for size in [
                    chart.fitting(width),
                    Size::new(width, 300),
                    Size::new(width, 0),
                ] {
                    let wrong = wrong(&chart, size);
                    assert!(
                        wrong.is_empty(),
                        "{kind} {amount:?} {size:?}\n{}",
                        wrong.join("\n")
                    );
                }
            }
        }
    }
}

#[test]
fn pictures_have_twice_the_pixels_and_two_themes() {
    for (kind, chart) in all(Much::Small) {
        let size = chart.fitting(Size::MAIL);
        let light = chart.to_png(size, Theme::Light).expect("a picture");
        let dark = chart.to_png(size, Theme::Dark).expect("a picture");
        assert_eq!(
            size_of(&light),
            (size.width() * 2, size.height() * 2),
            "{kind}"
        );
        assert_ne!(light, dark, "{kind}");
        assert!(light.len() < 60_000, "{kind}: {}", light.len());
    }
}

#[test]
fn ten_thousand_points_are_small_files() {
    for (kind, chart) in all(Much::Many) {
        let size = Size::new(1_200, 600);
        let svg = chart.to_svg(size).expect("a chart");
        assert!(svg.len() < 130_000, "{kind}: {}", svg.len());
        let png = chart.to_png(size, Theme::Light).expect("a picture");
        assert!(png.len() < 250_000, "{kind}: {}", png.len());
    }
}

#[test]
fn charts_are_what_they_were() {
    for (kind, chart) in all(Much::Small) {
        let svg = chart.to_svg(chart.fitting(Size::MAIL)).expect("a chart");
        insta::assert_snapshot!(kind, svg.replace("><", ">\n<"));
    }
}

#[test]
fn words_say_what_is_seen() {
    let said = |amount| {
        let all: Vec<String> = all(amount)
            .iter()
            .map(|(_, chart)| chart.in_words())
            .collect();
        all.join("\n")
    };
    insta::assert_snapshot!(said(Much::Nothing), @"
    Where models can be had: no models
    Price of claude-sonnet-4.5, input: no prices
    Price of a basket of models: no index
    Time to first token, bedrock eu-central-1: nothing measured
    Availability: nothing measured
    Added and removed per day: no changes
    Days until each provider had a model: no models
    When models retire: no retirement dates
    ");
    insta::assert_snapshot!(said(Much::Few), @"
    Where models can be had: table of 9 models at 7 providers: 4 announced, 2 preview, 5 limited, 3 generally available, 5 legacy, 6 deprecated, 4 retired, 2 offered, stage not said, 26 not offered, 6 not known; most widely offered is amazon/nova-premier (5 of 7), least deepseek/deepseek-v3.2 (0)
    Price of claude-sonnet-4.5, input: prices in steps, USD per 1M tokens; bedrock eu $3.12 from 1 Aug 2026, $2.31 until 15 Nov 2026, lowest $2.31, highest $3.17; azure GlobalStandard $3.68 from 1 Aug 2026, $3.12 until 15 Nov 2026, lowest $3.12, highest $3.77; openai $5.16 from 2 Aug 2026, $4.68 until 15 Nov 2026, lowest $4.34, highest $5.46; vertex us-central1 $6.24 from 3 Aug 2026, $5.44 until 5 Nov 2026, lowest $5.44, highest $6.24
    Price of a basket of models: lines, base 100; frontier models from 99.9 on 1 Jan 2026 to 98.0 on 27 Oct 2026, lowest 95.0 on 2 Jul 2026, highest 103.6 on 20 Feb 2026; small models from 100.7 on 1 Jan 2026 to 74.2 on 27 Oct 2026, lowest 74.2 on 27 Oct 2026, highest 101.8 on 14 Feb 2026
    Time to first token, bedrock eu-central-1: percentiles of latency; median 365 milliseconds at 8 Nov 2026 00:00 UTC; last p50 303, p95 503, p99 819; lowest median 234 at 14 Nov 2026 19:00 UTC, highest p99 4 615 at 8 Nov 2026 09:00 UTC
    Availability: strips of 90 days from 17 Aug 2026 to 15 Nov 2026; bedrock models API 93.33 % (84 up, 4 degraded, 2 down; last degraded); azure inference 93.33 % (84 up, 3 degraded, 2 down, 1 inconclusive; last up); anthropic price list 81.11 % (73 up, 2 degraded, 2 down, 1 inconclusive, 12 not measured; last up); openai models API 96.67 % (87 up, 2 degraded, 1 down; last up); vertex inference 91.11 % (82 up, 5 degraded, 2 down, 1 inconclusive; last up)
    Added and removed per day: bar chart, 37 added, 27 prices, 11 dates and stages, 31 removed; most on 11 Nov 2026 (22)
    Days until each provider had a model: dot plot of 7 models; shortest wait anthropic/claude-haiku-4.5 at bedrock (1 day), longest openai/gpt-5.1 at vertex (69 days); 2 not known since when, 6 not offered yet
    When models retire: time line of 8 dates, 4 firm and 4 not before a day; first mistral/mistral-large-3 · mistral, not before 23 Dec 2026; last openai/gpt-5.1 · anthropic, 4 Dec 2027, next firm anthropic/claude-haiku-4.5 · azure on 15 May 2027
    ");
}

#[test]
fn what_is_left_out_is_said() {
    let said = |chart: &Chart| {
        let parsed = parse(&chart.to_svg(Size::new(Size::MAIL, 300)).expect("a chart"));
        let texts: Vec<String> = parsed.texts.into_iter().map(|text| text.text).collect();
        texts.join(" ")
    };
    for (kind, expected) in [
        ("matrix", "more models not shown"),
        ("prices", "dot: valid from"),
        ("latency", "each pixel shows the extremes"),
        ("uptime", "the worst of them"),
        ("changes", "each bar is"),
        ("lag", "more models not shown"),
        ("retirements", "the nearest: 9 99"),
    ] {
        let all = all(Much::Many);
        let (_, chart) = all.iter().find(|(name, _)| *name == kind).expect("a kind");
        let said = said(chart).replace('\u{a0}', " ");
        assert!(said.contains(expected), "{kind}: {said}");
        assert!(
            said.contains("n = ") && said.contains("source"),
            "{kind}: {said}"
        );
    }
}

#[test]
fn foreign_text_is_text() {
    let name = "<script>alert(1)</script>&amp;\u{202e}\"'\u{0}".to_string();
    let stuff = Stuff {
        names: vec![name],
        numbers: vec![1.0, 2.0],
        times: vec![0, 1_000_000],
    };
    for (kind, chart) in wild::all(&stuff, 3) {
        let svg = chart.to_svg(chart.fitting(Size::MAIL)).expect("a chart");
        assert!(
            !svg.contains("<script") && !svg.contains('\u{202e}'),
            "{kind}"
        );
        let parsed = parse(&svg);
        assert!(
            parsed
                .texts
                .iter()
                .any(|text| text.text.starts_with("<script>")),
            "{kind}"
        );
    }
}

#[test]
fn a_low_chart_of_many_lines_has_room_for_their_names() {
    let stuff = Stuff {
        names: Vec::new(),
        numbers: vec![0.0],
        times: Vec::new(),
    };
    for (kind, chart) in wild::all(&stuff, 7) {
        assert_eq!(wrong(&chart, Size::new(544, 0)), [""; 0], "{kind}");
    }
}

fn stuff() -> impl Strategy<Value = Stuff> {
    let name = prop_oneof![
        any::<String>(),
        "[a-z]{1,12}([-./][a-z0-9]{1,9}){0,4}",
        "[A-Z ]{0,90}"
    ];
    let number = prop_oneof![any::<f64>(), 0.0_f64..1e3, Just(0.0), -5.0_f64..5.0];
    let time = prop_oneof![any::<i64>(), 1_700_000_000_i64..1_800_000_000, Just(0)];
    (
        proptest::collection::vec(name, 0..9),
        proptest::collection::vec(number, 0..30),
        proptest::collection::vec(time, 0..30),
    )
        .prop_map(|(names, numbers, times)| Stuff {
            names,
            numbers,
            times,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn whatever_there_is_can_be_drawn(stuff in stuff(), n in 0_usize..12, width in 0_u32..1_400, height in 0_u32..700, fits in any::<bool>()) {
        for (kind, chart) in wild::all(&stuff, n) {
            let size = if fits { chart.fitting(width) } else { Size::new(width, height) };
            let wrong = wrong(&chart, size);
            prop_assert!(wrong.is_empty(), "{} {:?}\n{}", kind, size, wrong.join("\n"));
        }
    }

    #[test]
    fn whatever_there_is_becomes_a_picture(stuff in stuff(), n in 0_usize..9, width in 0_u32..500) {
        for (kind, chart) in wild::all(&stuff, n) {
            let drawn = chart.to_png_at(Size::new(width, 200), Theme::Dark, 1);
            prop_assert!(drawn.is_ok(), "{} {:?}", kind, drawn);
        }
    }
}
