//! The phases of one exchange as a waterfall: each on its line, where it lies in the whole.

use jiff::SignedDuration;

use crate::market::Phases;

/// Columns of the bars.
const WIDTH: usize = 40;

/// A line for each phase that took place, and one for the whole.
pub fn waterfall(phases: &Phases) -> Vec<String> {
    let parts = [
        ("dns", phases.dns),
        ("connect", phases.connect),
        ("tls", phases.tls),
        ("first byte", phases.first_byte),
        ("body", phases.body),
    ];
    let sum: i128 = parts
        .iter()
        .filter_map(|(_, phase)| *phase)
        .map(micros)
        .sum();
    let whole = phases.total.map_or(sum, micros).max(sum);
    let mut lines = Vec::new();
    let mut begin = 0;
    for (name, phase) in parts {
        let Some(phase) = phase else { continue };
        let end = begin + micros(phase);
        lines.push(line(name, phase, begin, end, whole));
        begin = end;
    }
    if let Some(total) = phases.total {
        lines.push(line("total", total, 0, micros(total), whole));
    }
    lines
}

fn micros(duration: SignedDuration) -> i128 {
    duration.as_micros().max(0)
}

fn line(name: &str, phase: SignedDuration, begin: i128, end: i128, whole: i128) -> String {
    let column = |at: i128| -> usize {
        let at = (at * WIDTH as i128).checked_div(whole).unwrap_or(0);
        usize::try_from(at).unwrap_or(0).min(WIDTH)
    };
    let first = column(begin).min(WIDTH - 1);
    let bar = column(end).saturating_sub(first).max(1);
    let millis = phase.as_secs_f64() * 1000.0;
    format!(
        "{name:<10} {millis:>9.1} ms  {}{}",
        " ".repeat(first),
        "█".repeat(bar)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_phase_stands_where_it_lies() {
        let millis = |millis| Some(SignedDuration::from_millis(millis));
        let fresh = Phases {
            dns: millis(10),
            connect: millis(20),
            tls: millis(50),
            first_byte: millis(119),
            body: millis(1),
            total: millis(200),
        };
        let warm = Phases {
            first_byte: millis(119),
            ..Phases::default()
        };
        let shown = |phases: &Phases| waterfall(phases).join("\n");
        insta::assert_snapshot!(shown(&fresh), @"
        dns             10.0 ms  ██
        connect         20.0 ms    ████
        tls             50.0 ms        ██████████
        first byte     119.0 ms                  ███████████████████████
        body             1.0 ms                                         █
        total          200.0 ms  ████████████████████████████████████████
        ");
        insta::assert_snapshot!(shown(&warm), @"first byte     119.0 ms  ████████████████████████████████████████");
        assert_eq!(waterfall(&Phases::default()), Vec::<String>::new());
    }
}
