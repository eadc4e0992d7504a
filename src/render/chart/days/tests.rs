use super::*;
use crate::market::Subject;
use crate::render::chart::{Size, Theme};
use crate::render::samples::*;

fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

fn of_kind(kind: ChangeKind, confirmed_at: &str) -> RecordedChange {
    let mut recorded = change(Subject::offering("p", "m"), kind);
    recorded.change.confirmed_at = moment(confirmed_at);
    recorded
}

fn week(changes: &[RecordedChange]) -> Days {
    Days::count(changes, (day("2026-11-09"), day("2026-11-16")), &zone(), 12).expect("a week")
}

fn size(png: &[u8]) -> (u32, u32) {
    let decoder = png::Decoder::new(std::io::Cursor::new(png));
    let reader = decoder.read_info().expect("a PNG");
    (reader.info().width, reader.info().height)
}

fn png(days: &Days) -> Vec<u8> {
    let drawn = days
        .chart()
        .to_png(Size::new(Size::MAIL, 300), Theme::Light);
    drawn.expect("a chart")
}

fn many(n: usize) -> Vec<RecordedChange> {
    let kinds = [
        ChangeKind::OfferingAdded,
        ChangeKind::OfferingRemoved,
        ChangeKind::PriceChanged,
        ChangeKind::DateChanged,
        ChangeKind::TextChanged,
    ];
    (0..n)
        .map(|at| {
            let day = 9 + (at * at / 7) % 7;
            of_kind(kinds[at % 7 % 5], &format!("2026-11-{day:02}T12:00:00Z"))
        })
        .collect()
}

#[test]
fn changes_are_counted_by_the_day_of_the_zone() {
    let changes = [
        of_kind(ChangeKind::PriceChanged, "2026-11-08T22:59:59Z"),
        of_kind(ChangeKind::PriceChanged, "2026-11-08T23:00:00Z"),
        of_kind(ChangeKind::OfferingReturned, "2026-11-15T22:59:59Z"),
        of_kind(ChangeKind::OfferingRemoved, "2026-11-15T23:00:00Z"),
        of_kind(ChangeKind::Announcement, "2026-11-12T12:00:00Z"),
    ];
    let days = week(&changes);
    assert_eq!(days.bars[0], [0, 0, 1, 0, 0]);
    assert_eq!(days.bars[3], [0, 0, 0, 0, 1]);
    assert_eq!(days.bars[6], [1, 0, 0, 0, 0]);
    assert_eq!((days.bars.len(), days.n()), (7, 3));
    assert_eq!(
        days.chart().in_words(),
        "Changes per day: bar chart, 1 new, 1 prices, 1 other; most on 9 Nov 2026 (1)"
    );
}

#[test]
fn spans_are_bounded_and_long_ones_have_wider_bars() {
    for (from, to, expected) in [
        ("2026-11-09", "2026-11-10", Ok((1, 1))),
        ("2026-11-01", "2026-12-01", Ok((30, 1))),
        ("2026-01-01", "2027-01-01", Ok((61, 6))),
        ("2026-11-09", "2026-11-09", Err(Error::Span(0))),
        ("2026-11-09", "2026-11-01", Err(Error::Span(-8))),
        ("2006-11-09", "2026-11-01", Err(Error::Span(7297))),
    ] {
        let found = Days::count(&[], (day(from), day(to)), &zone(), 1);
        assert_eq!(found.map(|days| (days.bars.len(), days.width)), expected);
    }
}

#[test]
fn every_amount_of_data_is_drawn_at_twice_the_size() {
    let mut sizes = Vec::new();
    for n in [0, 1, 40, 10_000] {
        let png = png(&week(&many(n)));
        assert_eq!(size(&png), (Size::MAIL * 2, 600), "{n}");
        assert!(png.len() < 100_000, "{n}: {}", png.len());
        sizes.push(png);
    }
    sizes.dedup();
    assert_eq!(sizes.len(), 4, "different data are different pictures");
    let year = Days::count(
        &many(500),
        (day("2026-01-01"), day("2027-01-01")),
        &zone(),
        1,
    )
    .expect("a year");
    assert_eq!(size(&png(&year)), (Size::MAIL * 2, 600));
}
