//! Ordinary crontab lines, read into the dialect of the `cron` crate.
//!
//! That crate counts seconds first and weekdays from Sunday = 1, joins the two day fields by AND, and skips or repeats firings where
//! clocks change. So it is only given lists of plain numbers and clock times dressed as UTC; the rest is done here.

mod firing;

use std::fmt;
use std::str::FromStr;

use super::shortened;

/// A five-field crontab line: minute, hour, day of month, month, day of week; or one of the seven `@` names.
///
/// Two restricted day fields are joined by OR, as Vixie's cron does; a field that starts with `*` counts as unrestricted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crontab {
    text: String,
    /// One, or two where either day field may match.
    alternatives: Vec<cron::Schedule>,
    /// Whether minute or hour starts with `*`: such jobs follow real time where clocks change, the others the clock on the wall.
    follows_real_time: bool,
}

/// A text that is no crontab line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: expected {expected}, found {found}")]
pub struct NoCrontab {
    /// Where, in characters from 1.
    pub column: usize,
    /// What should stand there.
    pub expected: String,
    /// What stands there, shortened and escaped.
    pub found: String,
}

/// Every minute, hour, day, month and weekday listed one by one is shorter.
const LONGEST_LINE_BYTES: usize = 1_024;

const FIVE_FIELDS: &str = "5 fields (minute hour day-of-month month day-of-week)";

/// One of the five fields. Sets of its values are bits.
struct Field {
    name: &'static str,
    lowest: u32,
    highest: u32,
    /// The highest number that may be written; where it is above `highest` it means `lowest`.
    highest_written: u32,
    /// Names of the values from `lowest` on.
    names: &'static [&'static str],
    /// What the `cron` crate wants added.
    shift: u32,
}

const MINUTE: Field = Field {
    name: "minute",
    lowest: 0,
    highest: 59,
    highest_written: 59,
    names: &[],
    shift: 0,
};
const HOUR: Field = Field {
    name: "hour",
    highest: 23,
    highest_written: 23,
    ..MINUTE
};
const DAY_OF_MONTH: Field = Field {
    name: "day of month",
    lowest: 1,
    highest: 31,
    highest_written: 31,
    ..MINUTE
};
const MONTH: Field = Field {
    name: "month",
    lowest: 1,
    highest: 12,
    highest_written: 12,
    names: &[
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ],
    shift: 0,
};
const DAY_OF_WEEK: Field = Field {
    name: "day of week",
    lowest: 0,
    highest: 6,
    highest_written: 7,
    names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
    shift: 1,
};

impl Crontab {
    /// The line as it was given, with single blanks between its fields and none around it.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Crontab {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Crontab {
    type Err = NoCrontab;

    fn from_str(text: &str) -> Result<Self, NoCrontab> {
        if text.len() > LONGEST_LINE_BYTES {
            let expected = format!("at most {LONGEST_LINE_BYTES} bytes");
            return Err(refused(1, expected, format!("{} bytes", text.len())));
        }
        let words = words(expanded(text)?);
        let [minute, hour, day, month, weekday] = five(&words)?;
        let minutes = MINUTE.list(MINUTE.set(minute)?);
        let hours = HOUR.list(HOUR.set(hour)?);
        let days = DAY_OF_MONTH.list(DAY_OF_MONTH.set(day)?);
        let months = MONTH.list(MONTH.set(month)?);
        let weekdays = DAY_OF_WEEK.list(DAY_OF_WEEK.set(weekday)?);

        let alternative = |days: &str, weekdays: &str| {
            let line = format!("0 {minutes} {hours} {days} {months} {weekdays}");
            cron::Schedule::from_str(&line)
                .map_err(|_| refused(1, "a line of the supported dialect", quoted(text)))
        };
        let starts_with_star = |word: &Word<'_>| word.text.starts_with('*');
        let alternatives = if starts_with_star(day) || starts_with_star(weekday) {
            vec![alternative(&days, &weekdays)?]
        } else {
            vec![alternative(&days, "*")?, alternative("*", &weekdays)?]
        };
        let fields: Vec<&str> = text.trim().split_ascii_whitespace().collect();
        let crontab = Self {
            text: fields.join(" "),
            alternatives,
            follows_real_time: starts_with_star(minute) || starts_with_star(hour),
        };
        if !crontab.ever_fires() {
            let found = format!(
                "{} in month {}, which never occurs",
                quoted(day.text),
                quoted(month.text)
            );
            return Err(refused(day.column, "a day that the months have", found));
        }
        Ok(crontab)
    }
}

impl Field {
    /// The values that a field's text names.
    fn set(&self, word: &Word<'_>) -> Result<u64, NoCrontab> {
        let mut bits = 0;
        let mut column = word.column;
        for item in word.text.split(',') {
            bits |= self.item(&Word { column, text: item })?;
            column += item.chars().count() + 1;
        }
        Ok(bits)
    }

    /// The values of one item of a list: `*`, `5`, `1-5`, `*/15` or `8-18/2`.
    fn item(&self, item: &Word<'_>) -> Result<u64, NoCrontab> {
        let (range, step) = match item.text.split_once('/') {
            None => (item.text, 1),
            Some((range, step)) => {
                if range != "*" && !range.contains('-') {
                    let expected = "'*' or a range before the step";
                    return Err(refused(item.column, expected, quoted(item.text)));
                }
                let column = item.column + range.chars().count() + 1;
                (range, self.step(&Word { column, text: step })?)
            }
        };
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (self.lowest, self.highest),
            None => {
                let value = self.value(&Word {
                    text: range,
                    ..*item
                })?;
                (value, value)
            }
            Some((first, last)) => {
                let column = item.column + first.chars().count() + 1;
                let first = self.value(&Word {
                    text: first,
                    ..*item
                })?;
                let last = self.value(&Word { column, text: last })?;
                // `fri-sun` ends on the Sunday after.
                let wraps = self.wraps() && last == self.lowest && first > last;
                (first, if wraps { self.highest_written } else { last })
            }
        };
        if first > last {
            let expected = format!("a range of {} that runs forwards", self.described());
            return Err(refused(item.column, expected, quoted(item.text)));
        }
        let values = (first..=last).step_by(step);
        Ok(values.fold(0, |bits, value| bits | 1 << self.folded(value)))
    }

    /// A step; one longer than the field would silently mean something else than it says.
    fn step(&self, step: &Word<'_>) -> Result<usize, NoCrontab> {
        let longest = self.highest - self.lowest + 1;
        number(step.text)
            .filter(|value| (1..=longest).contains(value))
            .and_then(|value| usize::try_from(value).ok())
            .ok_or_else(|| {
                let expected = format!("a step from 1 to {longest} for the {}", self.name);
                refused(step.column, expected, quoted(step.text))
            })
    }

    fn value(&self, word: &Word<'_>) -> Result<u32, NoCrontab> {
        let named = (self.lowest..)
            .zip(self.names)
            .find(|(_, name)| name.eq_ignore_ascii_case(word.text));
        named
            .map(|(value, _)| value)
            .or_else(|| number(word.text))
            .filter(|value| (self.lowest..=self.highest_written).contains(value))
            .ok_or_else(|| refused(word.column, self.described(), quoted(word.text)))
    }

    /// `minute (0-59)`, `month (1-12 or jan-dec)`.
    fn described(&self) -> String {
        let (name, lowest, highest) = (self.name, self.lowest, self.highest_written);
        match (self.names.first(), self.names.last()) {
            (Some(first), Some(last)) => format!("{name} ({lowest}-{highest} or {first}-{last})"),
            _ => format!("{name} ({lowest}-{highest})"),
        }
    }

    fn wraps(&self) -> bool {
        self.highest_written > self.highest
    }

    fn folded(&self, value: u32) -> u32 {
        if value > self.highest {
            self.lowest
        } else {
            value
        }
    }

    /// A set in the spelling of the `cron` crate.
    fn list(&self, bits: u64) -> String {
        let is_in = |value: &u32| bits >> value & 1 == 1;
        let values = self.lowest..=self.highest;
        if values.clone().all(|value| is_in(&value)) {
            return "*".to_owned();
        }
        let texts: Vec<String> = values
            .filter(is_in)
            .map(|value| (value + self.shift).to_string())
            .collect();
        texts.join(",")
    }
}

/// A piece of the line and its column, in characters from 1.
#[derive(Clone, Copy)]
struct Word<'t> {
    column: usize,
    text: &'t str,
}

/// The five fields that an `@` name stands for; any other text as it is.
fn expanded(text: &str) -> Result<&str, NoCrontab> {
    let name = text.trim();
    if !name.starts_with('@') {
        return Ok(text);
    }
    match name.to_ascii_lowercase().as_str() {
        "@yearly" | "@annually" => Ok("0 0 1 1 *"),
        "@monthly" => Ok("0 0 1 * *"),
        "@weekly" => Ok("0 0 * * 0"),
        "@daily" | "@midnight" => Ok("0 0 * * *"),
        "@hourly" => Ok("0 * * * *"),
        _ => {
            let before = text.chars().take_while(|c| c.is_whitespace()).count();
            let expected = "@hourly, @daily, @midnight, @weekly, @monthly, @yearly or @annually";
            Err(refused(before + 1, expected, quoted(name)))
        }
    }
}

fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut column = 1;
    for piece in text.split(|c: char| c.is_ascii_whitespace()) {
        if !piece.is_empty() {
            words.push(Word {
                column,
                text: piece,
            });
        }
        column += piece.chars().count() + 1;
    }
    words
}

fn five<'w, 't>(words: &'w [Word<'t>]) -> Result<[&'w Word<'t>; 5], NoCrontab> {
    match words {
        [minute, hour, day, month, weekday] => Ok([minute, hour, day, month, weekday]),
        [_, _, _, _, _, sixth, ..] => Err(refused(
            sixth.column,
            format!("{FIVE_FIELDS} and no more"),
            format!("field 6 of {}: {}", words.len(), quoted(sixth.text)),
        )),
        _ => {
            let end = words
                .last()
                .map_or(1, |word| word.column + word.text.chars().count());
            Err(refused(end, FIVE_FIELDS, words.len().to_string()))
        }
    }
}

/// A number of one or two digits.
fn number(text: &str) -> Option<u32> {
    let is_short = (1..=2).contains(&text.len());
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    (is_short && is_digits).then(|| text.parse().ok()).flatten()
}

fn quoted(text: &str) -> String {
    format!("'{}'", shortened(text))
}

fn refused(column: usize, expected: impl Into<String>, found: String) -> NoCrontab {
    NoCrontab {
        column,
        expected: expected.into(),
        found,
    }
}

#[cfg(test)]
mod tests;
