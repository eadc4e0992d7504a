//! Durations as people write them in configuration: `90s`, `30m`, `6h`, `1d`, `1h30m`.

use jiff::SignedDuration;

use super::shortened;

/// Seconds of each unit, the largest first.
const UNITS: [(char, i64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// The longest duration: a leap year, in seconds.
const LONGEST_SECONDS: i64 = 366 * 86_400;

/// A text that is no usable duration. Each says what was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoDuration {
    /// Not numbers with units, the largest first.
    #[error(
        "'{0}' is no duration: expected whole numbers, each with its unit (d, h, m, s), the largest first, such as 90s, 30m, 6h, 1d or 1h30m"
    )]
    Unreadable(String),
    /// Zero.
    #[error("'{0}' is too short: expected at least 1s")]
    TooShort(String),
    /// Longer than a leap year.
    #[error("'{0}' is too long: expected at most 366d")]
    TooLong(String),
}

/// Reads a duration from 1 s to 366 d: whole numbers, each with its unit (`d` of 24 hours, `h`, `m`, `s`), the largest first.
pub fn duration_from_text(text: &str) -> Result<SignedDuration, NoDuration> {
    match seconds_of(text.trim()) {
        None => Err(NoDuration::Unreadable(shortened(text))),
        Some(0) => Err(NoDuration::TooShort(shortened(text))),
        Some(seconds) if seconds > LONGEST_SECONDS => Err(NoDuration::TooLong(shortened(text))),
        Some(seconds) => Ok(SignedDuration::from_secs(seconds)),
    }
}

/// Writes a duration so that [`duration_from_text`] reads it again; what is below a second is left out.
pub fn duration_to_text(duration: SignedDuration) -> String {
    let mut rest = duration.as_secs().max(0);
    let mut text = String::new();
    for (unit, seconds) in UNITS {
        if rest >= seconds {
            text.push_str(&format!("{}{unit}", rest / seconds));
            rest %= seconds;
        }
    }
    if text.is_empty() {
        text.push_str("0s");
    }
    text
}

/// Never negative; saturates where the number is too large for any duration.
fn seconds_of(text: &str) -> Option<i64> {
    let mut total: i64 = 0;
    let mut rest = text;
    let mut units = UNITS.iter();
    loop {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, tail) = rest.split_at(digits);
        let unit = tail.chars().next()?;
        // Units already passed are gone from the iterator, so a repeated or misplaced one is not found.
        let (_, seconds) = units.find(|(known, _)| *known == unit)?;
        if number.is_empty() {
            return None;
        }
        let number = number.parse::<i64>().unwrap_or(i64::MAX);
        total = total.saturating_add(number.saturating_mul(*seconds));
        rest = tail.get(unit.len_utf8()..)?;
        if rest.is_empty() {
            return Some(total);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_are_read() {
        for (text, seconds) in [
            ("1s", 1),
            ("90s", 90),
            ("30m", 1_800),
            ("6h", 21_600),
            ("1d", 86_400),
            ("1h30m", 5_400),
            (" 1d2h3m4s ", 93_784),
            ("0h5m", 300),
            ("366d", 31_622_400),
        ] {
            let read = duration_from_text(text);
            assert_eq!(read, Ok(SignedDuration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn unusable_durations_say_what_was_expected() {
        for (text, expected) in [
            ("", "whole numbers"),
            ("30", "whole numbers"),
            ("m", "whole numbers"),
            ("-5m", "whole numbers"),
            ("1.5h", "whole numbers"),
            ("500ms", "the largest first"),
            ("30m1h", "the largest first"),
            ("1h1h", "the largest first"),
            ("1h30", "each with its unit"),
            ("1w", "d, h, m, s"),
            ("٣m", "whole numbers"),
            ("1é", "whole numbers"),
            ("0s", "at least 1s"),
            ("0d0h", "at least 1s"),
            ("367d", "at most 366d"),
            ("366d1s", "at most 366d"),
            ("99999999999999999999999d", "at most 366d"),
        ] {
            let error = duration_from_text(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
            assert!(error.starts_with(&format!("'{text}'")), "{error}");
        }
    }

    #[test]
    fn what_errors_quote_is_bounded_and_escaped() {
        let error = duration_from_text(&"\u{1b}".repeat(10_000)).unwrap_err();
        let error = error.to_string();
        assert!(error.len() < 500 && !error.contains('\u{1b}'), "{error}");
    }

    proptest! {
        #[test]
        fn a_written_duration_is_read_again(seconds in 1i64..=LONGEST_SECONDS) {
            let duration = SignedDuration::from_secs(seconds);
            prop_assert_eq!(duration_from_text(&duration_to_text(duration)), Ok(duration));
        }

        #[test]
        fn any_text_is_answered_within_bounds(text in "([0-9]{0,25}[dhms]?){0,6}|\\PC{0,12}") {
            if let Ok(duration) = duration_from_text(&text) {
                prop_assert!((1..=LONGEST_SECONDS).contains(&duration.as_secs()));
            }
        }
    }
}
