//! The phases of one exchange as bars, each where it lies in the whole.

use std::fmt::Write as _;

use jiff::SignedDuration;

use crate::market::Phases;

const WIDTH: f64 = 400.0;
const HEIGHT: f64 = 16.0;
/// The shortest bar that is still seen.
const SHORTEST: f64 = 1.5;

fn parts(phases: &Phases) -> [(&'static str, Option<SignedDuration>); 5] {
    [
        ("dns", phases.dns),
        ("connect", phases.connect),
        ("tls", phases.tls),
        ("first byte", phases.first_byte),
        ("body", phases.body),
    ]
}

/// How long an exchange took, in microseconds.
pub(super) fn whole(phases: &Phases) -> i128 {
    let parts = parts(phases).into_iter().filter_map(|(_, phase)| phase);
    let sum: i128 = parts.map(micros).sum();
    phases.total.map_or(sum, micros).max(sum)
}

fn micros(duration: SignedDuration) -> i128 {
    duration.as_micros().max(0)
}

fn millis(duration: SignedDuration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1_000.0)
}

/// Words and one `svg` element, drawn so that `longest` fills the width; `None` where no phase took place.
pub(super) fn drawn(phases: &Phases, longest: i128) -> Option<String> {
    let parts = parts(phases);
    let words: Vec<String> = parts
        .iter()
        .filter_map(|(name, phase)| Some(format!("{name} {}", millis((*phase)?))))
        .chain(phases.total.map(|total| format!("total {}", millis(total))))
        .collect();
    if words.is_empty() || longest <= 0 {
        return None;
    }
    if parts.iter().all(|(_, phase)| phase.is_none()) {
        return Some(format!(
            "<span class=\"phases\">{}</span>",
            words.join(", ")
        ));
    }
    let share = |at: i128| at as f64 / longest as f64 * WIDTH;
    let mut svg = format!(
        "<svg class=\"waterfall\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" aria-hidden=\"true\" preserveAspectRatio=\"none\">"
    );
    let mut begin = 0;
    for (name, phase) in parts {
        let Some(phase) = phase else { continue };
        let length = micros(phase);
        let _ = write!(
            svg,
            "<rect class=\"{}\" x=\"{:.2}\" y=\"2\" width=\"{:.2}\" height=\"{}\"/>",
            name.replace(' ', "-"),
            share(begin).min(WIDTH - SHORTEST),
            share(length).max(SHORTEST),
            HEIGHT - 4.0
        );
        begin += length;
    }
    let _ = write!(
        svg,
        "</svg><span class=\"phases\">{}</span>",
        words.join(", ")
    );
    Some(svg)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_phase_lies_where_it_was() {
        let ms = |millis| Some(SignedDuration::from_millis(millis));
        let phases = Phases {
            dns: ms(10),
            first_byte: ms(70),
            body: ms(20),
            total: ms(100),
            ..Phases::default()
        };
        let drawn = drawn(&phases, 2 * whole(&phases)).expect("phases");
        insta::assert_snapshot!(drawn);
        assert_eq!(super::drawn(&Phases::default(), 0), None);
    }
}
