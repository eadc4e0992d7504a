//! Times of a script: how long after its beginning, or after something else.

use jiff::SignedDuration;
use serde::Deserialize;

/// A length of time such as `12d 09:00`, `40m`, `-3d` or `2h 30m`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Span(i64);

impl Span {
    /// In seconds.
    pub fn seconds(self) -> i64 {
        self.0
    }

    /// For adding to a moment.
    pub fn duration(self) -> SignedDuration {
        SignedDuration::from_secs(self.0)
    }
}

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("'{text}' is no time such as 12d 09:00, 40m or -3d");
        let (sign, rest) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text.as_str()),
        };
        let mut seconds = 0;
        for part in rest.split_whitespace() {
            seconds += of_part(part).ok_or_else(wrong)?;
        }
        match rest.trim().is_empty() {
            true => Err(wrong()),
            false => Ok(Self(sign * seconds)),
        }
    }
}

fn of_part(part: &str) -> Option<i64> {
    let number = |text: &str| text.parse::<u32>().ok().map(i64::from);
    if let Some((hours, minutes)) = part.split_once(':') {
        return Some(number(hours)? * 3600 + number(minutes)? * 60);
    }
    let units = [('d', 86_400), ('h', 3600), ('m', 60), ('s', 1)];
    let (unit, length) = units.into_iter().find(|(unit, _)| part.ends_with(*unit))?;
    Some(number(part.strip_suffix(unit)?)? * length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_written() {
        let read = |text: &str| Span::try_from(text.to_string()).map(Span::seconds);
        assert_eq!(read("12d 09:30"), Ok(12 * 86_400 + 9 * 3600 + 30 * 60));
        assert_eq!(read("-3d"), Ok(-3 * 86_400));
        assert_eq!(read("2h 30m"), Ok(9000));
        for wrong in ["", "-", "3", "9:xx", "5w", "--1d", "1d-2h"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
