//! What a chart of 10,000 points costs.

use bellwether::render::chart::{Body, Chart, Index, IndexSeries, Size, Theme};
use jiff::ToSpan;
use jiff::civil::date;

use crate::measure::{cpu, figure};

/// Points of the line.
const POINTS: i32 = 10_000;
/// How often it is drawn.
const TIMES: u32 = 200;

fn chart() -> Chart {
    let from = date(2000, 1, 1);
    let day = |at: i32| from.checked_add(at.days()).expect("a day");
    let mut state = 1_u64;
    let mut value = 100.0;
    let points = (0..POINTS)
        .map(|at| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            value += ((state >> 33) as f64 / f64::from(1_u32 << 31) - 0.5) * 4.0;
            (day(at), Some(value))
        })
        .collect();
    Chart {
        title: "A basket of models".to_owned(),
        unit: "index, 2000 = 100".to_owned(),
        n: 10_000,
        counted: "daily values".to_owned(),
        source: "a bench".to_owned(),
        body: Body::Index(Index {
            from,
            to: day(POINTS),
            series: vec![IndexSeries {
                name: "all".to_owned(),
                points,
            }],
            breaks: Vec::new(),
        }),
    }
}

/// CPU time of one chart of 1,200 by 600 pixels.
pub fn line() {
    let (chart, size) = (chart(), Size::new(1_200, 600));
    let each = |draw: &dyn Fn() -> usize| {
        let before = cpu();
        let mut bytes = 0;
        for _ in 0..TIMES {
            bytes = draw();
        }
        ((cpu() - before) * 1000.0 / f64::from(TIMES), bytes)
    };
    let (svg, svg_bytes) = each(&|| chart.to_svg(size).expect("a chart").len());
    let (png, png_bytes) = each(&|| {
        let drawn = chart.to_png_at(size, Theme::Light, 1);
        drawn.expect("a picture").len()
    });
    for (what, used, bytes, limit) in [
        ("a chart of 10,000 points as SVG", svg, svg_bytes, 3),
        ("a chart of 10,000 points as PNG", png, png_bytes, 10),
    ] {
        figure(
            what,
            &format!("{used:.2} ms"),
            &format!("at most {limit} ms CPU ({:.0} kB)", bytes as f64 / 1000.0),
        );
    }
}
