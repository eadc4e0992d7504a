//! Lifecycle dates as pages write them: ISO and English, firm or a floor, a day or only a month.

use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Whether a date is committed or only a floor. Confusing the two is a defect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// Committed.
    Firm,
    /// "Not sooner than": a floor, an estimate.
    NotBefore,
}

impl Certainty {
    /// The printed word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Firm => "firm",
            Self::NotBefore => "not_before",
        }
    }
}

/// How precisely a source states a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum When {
    /// Only the month is stated; the date is its first day.
    Month(Date),
    Day(Date),
    Instant(Timestamp),
}

/// A day of a lifecycle as a source states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LifecycleDate {
    when: When,
    /// Firm or a floor.
    pub certainty: Certainty,
}

/// A text in which no single date could be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoDate {
    /// Neither a date nor a phrase for "none".
    #[error(
        "'{0}' is no date: expected ISO (2026-10-01), English (October 1, 2026) or a phrase for none (N/A, —)"
    )]
    Unreadable(String),
    /// More than one date: which one holds for what must be declared.
    #[error(
        "'{0}' holds several dates: declare in the probe which phrase leads to which deployment"
    )]
    Several(String),
}

/// 00:00 UTC of a day.
pub fn day_start(day: Date) -> Timestamp {
    day.to_zoned(TimeZone::UTC)
        .map(|zoned| zoned.timestamp())
        .unwrap_or(Timestamp::MAX)
}

impl LifecycleDate {
    /// A committed day.
    pub fn firm(day: Date) -> Self {
        Self {
            when: When::Day(day),
            certainty: Certainty::Firm,
        }
    }

    /// A floor.
    pub fn not_before(day: Date) -> Self {
        Self {
            when: When::Day(day),
            certainty: Certainty::NotBefore,
        }
    }

    /// An instant; one at 00:00 UTC is that day.
    pub fn at(instant: Timestamp, certainty: Certainty) -> Self {
        let day = instant.to_zoned(TimeZone::UTC).date();
        let when = if day_start(day) == instant {
            When::Day(day)
        } else {
            When::Instant(instant)
        };
        Self { when, certainty }
    }

    /// The same day, as sure as `certainty` says.
    pub fn with_certainty(self, certainty: Certainty) -> Self {
        Self { certainty, ..self }
    }

    /// When it begins: 00:00 UTC of the day, or of the month's first day.
    pub fn starts(&self) -> Timestamp {
        match self.when {
            When::Month(day) | When::Day(day) => day_start(day),
            When::Instant(instant) => instant,
        }
    }

    /// When it is over: at the end of the day or month, or at the moment itself.
    pub fn ends(&self) -> Timestamp {
        match self.when {
            When::Instant(instant) => instant,
            When::Day(day) => day_start(day.tomorrow().unwrap_or(day)),
            When::Month(day) => day_start(day.last_of_month().tomorrow().unwrap_or(day)),
        }
    }

    /// Whether it is firm and over: no call that it ends will succeed any more.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.certainty == Certainty::Firm && self.ends() <= now
    }

    /// The date as printed: `2026-10`, `2026-10-01` or `2026-10-01T12:00:00Z`.
    pub fn text(&self) -> String {
        match self.when {
            When::Month(day) => day.strftime("%Y-%m").to_string(),
            When::Day(day) => day.to_string(),
            When::Instant(instant) => instant.to_string(),
        }
    }

    /// Reads what [`Self::text`] printed.
    pub fn from_printed(text: &str, certainty: Certainty) -> Option<Self> {
        match find_dates(text).as_slice() {
            [found] if found.length == text.len() => Some(Self {
                when: found.when,
                certainty,
            }),
            _ => None,
        }
    }

    /// Whole days from `earlier` to this date; negative if this is the earlier one.
    pub fn days_after(&self, earlier: &Self) -> i64 {
        let seconds = self.starts().duration_since(earlier.starts()).as_secs();
        seconds.div_euclid(SignedDuration::from_hours(24).as_secs())
    }

    /// Reads a cell or sentence. `Ok(None)` where it says that there is none (`N/A`, an em dash, "To be announced").
    pub fn from_text(text: &str) -> Result<Option<Self>, NoDate> {
        let plain = plain(text);
        let found = find_dates(&plain);
        let certainty = if is_hedged(&plain) {
            Certainty::NotBefore
        } else {
            Certainty::Firm
        };
        match found.as_slice() {
            [] if says_none(&plain) => Ok(None),
            [] => Err(NoDate::Unreadable(shortened(text))),
            [one] => Ok(Some(Self {
                when: one.when,
                certainty,
            })),
            [first, rest @ ..] if rest.iter().all(|other| other.when == first.when) => {
                Ok(Some(Self {
                    when: first.when,
                    certainty,
                }))
            }
            _ => Err(NoDate::Several(shortened(text))),
        }
    }

    /// The first date after the phrase `lead` (matched without regard to case), firm unless that sentence hedges it.
    /// `None` if the phrase or a date after it is missing.
    pub fn after_phrase(text: &str, lead: &str) -> Option<Self> {
        let plain = plain(text);
        let at = plain.find(&self::plain(lead))?;
        let rest = &plain[at..];
        let found = find_dates(rest).into_iter().next()?;
        let hedged = is_hedged(&rest[..found.start]);
        let certainty = if hedged {
            Certainty::NotBefore
        } else {
            Certainty::Firm
        };
        Some(Self {
            when: found.when,
            certainty,
        })
    }
}

/// The words before the first date of a text, in lower case and without the word that leads to the date: `deprecated` of
/// `Deprecated on Sept 15, 2025`. `None` if there is no date.
pub fn words_before_date(text: &str) -> Option<String> {
    let plain = plain(text);
    let start = find_dates(&plain).first()?.start;
    let trimmed = |text: &str| -> String {
        text.trim_end_matches(|c: char| !c.is_alphanumeric())
            .to_string()
    };
    let mut words = trimmed(plain.get(..start)?);
    for lead in ["on", "since", "as of", "from", "by", "until"] {
        if let Some(before) = words.strip_suffix(lead)
            && !before.ends_with(char::is_alphanumeric)
        {
            words = trimmed(before);
        }
    }
    Some(words)
}

impl fmt::Display for LifecycleDate {
    /// For people: `2026-10-01`, or `not before 2026-10-01`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.certainty {
            Certainty::Firm => f.write_str(&self.text()),
            Certainty::NotBefore => write!(f, "not before {}", self.text()),
        }
    }
}

fn shortened(text: &str) -> String {
    text.trim().chars().take(120).collect()
}

/// Lower case, one kind of hyphen and blank, no emphasis marks: what the phrases below are matched on.
fn plain(text: &str) -> String {
    let mapped: String = text
        .chars()
        .filter(|c| !matches!(c, '*' | '`' | '_'))
        .map(|c| match c {
            '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
            c if c.is_whitespace() => ' ',
            c => c.to_ascii_lowercase(),
        })
        .collect();
    mapped
        .split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn is_hedged(plain: &str) -> bool {
    const HEDGES: [&str; 16] = [
        "not sooner than",
        "no sooner than",
        "not earlier than",
        "no earlier than",
        "not before",
        "no later than or after",
        "will not retire before",
        "won't retire before",
        "at earliest",
        "at the earliest",
        "earliest",
        "or later",
        "or after",
        "estimated",
        "expected",
        "approximately",
    ];
    HEDGES.iter().any(|hedge| plain.contains(hedge))
}

fn says_none(plain: &str) -> bool {
    const NONE: [&str; 14] = [
        "",
        "-",
        "--",
        "---",
        "n/a",
        "na",
        "none",
        "tbd",
        "tba",
        "to be announced",
        "to be determined",
        "not applicable",
        "not announced",
        "not scheduled",
    ];
    let word = plain.trim_end_matches('.');
    NONE.contains(&word)
        || (word.starts_with("no ")
            && ["announced", "scheduled", "planned", "date"]
                .iter()
                .any(|end| word.ends_with(end)))
}

struct Found {
    when: When,
    start: usize,
    length: usize,
}

/// Every date in a text, in order. Bounded by the text's length; never panics.
fn find_dates(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let fresh = at == 0
            || !text[..at]
                .chars()
                .next_back()
                .is_some_and(|c| c.is_ascii_alphanumeric());
        if fresh && let Some((when, length)) = date_at(rest) {
            found.push(Found {
                when,
                start: at,
                length,
            });
            at += length;
            continue;
        }
        at += rest.chars().next().map_or(1, char::len_utf8);
    }
    found
}

/// A date that begins at the start of `text`, with its length in bytes.
fn date_at(text: &str) -> Option<(When, usize)> {
    iso(text)
        .or_else(|| american(text))
        .or_else(|| month_first(text))
        .or_else(|| day_first(text))
}

struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
    fn take(&mut self, allowed: &[u8]) -> Option<u8> {
        let byte = self.peek().filter(|byte| allowed.contains(byte))?;
        self.at += 1;
        Some(byte)
    }
    fn blanks(&mut self) {
        while self.take(b" ").is_some() {}
    }
    /// A number of `min` to `max` digits that no further digit follows.
    fn number(&mut self, min: usize, max: usize) -> Option<i16> {
        let digits = self.text.as_bytes()[self.at..]
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count();
        if !(min..=max).contains(&digits) {
            return None;
        }
        let value = self.text[self.at..self.at + digits].parse().ok()?;
        self.at += digits;
        Some(value)
    }
    fn word(&mut self) -> &str {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_alphabetic()) {
            self.at += 1;
        }
        &self.text[start..self.at]
    }
}

fn day(year: i16, month: i16, day: i16) -> Option<When> {
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    (1970..=2199)
        .contains(&year)
        .then(|| Date::new(year, month, day).ok().map(When::Day))?
}

fn month(year: i16, number: i16) -> Option<When> {
    match day(year, number, 1)? {
        When::Day(first) => Some(When::Month(first)),
        other => Some(other),
    }
}

/// `2026-10-01`, `2026/10/1`, `2026.6.30`, `2026-10`, `2026-03-31t00:00:00.000z`.
fn iso(text: &str) -> Option<(When, usize)> {
    let mut cursor = Cursor { text, at: 0 };
    let year = cursor.number(4, 4)?;
    let mark = cursor.take(b"-/.")?;
    let number = cursor.number(1, 2)?;
    let after_month = cursor.at;
    if cursor.take(&[mark]).is_none() {
        return Some((month(year, number)?, after_month));
    }
    let date = day(year, number, cursor.number(1, 2)?)?;
    let after_day = cursor.at;
    if cursor.take(b"tT ").is_some() {
        let end = text[cursor.at..]
            .find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.' | '+' | '-' | 'z' | 'Z')))
            .map_or(text.len(), |length| cursor.at + length);
        let stamp = format!(
            "{}T{}",
            &text[..after_day],
            text[cursor.at..end].to_uppercase()
        );
        if let Ok(instant) = stamp.parse::<Timestamp>() {
            return Some((LifecycleDate::at(instant, Certainty::Firm).when, end));
        }
    }
    Some((date, after_day))
}

/// `5/22/2026` or `08/16/26`, as American pages write it.
fn american(text: &str) -> Option<(When, usize)> {
    let mut cursor = Cursor { text, at: 0 };
    let first = cursor.number(1, 2)?;
    cursor.take(b"/")?;
    let second = cursor.number(1, 2)?;
    cursor.take(b"/")?;
    let year = cursor
        .number(4, 4)
        .or_else(|| cursor.number(2, 2).map(|short| 2000 + short))?;
    let (number, date) = if first > 12 {
        (second, first)
    } else {
        (first, second)
    };
    Some((day(year, number, date)?, cursor.at))
}

/// `October 1, 2026`, `Jan 20th 2027`, `August 2026`.
fn month_first(text: &str) -> Option<(When, usize)> {
    let mut cursor = Cursor { text, at: 0 };
    let number = month_number(cursor.word())?;
    cursor.take(b".");
    cursor.blanks();
    cursor.take(b",");
    cursor.blanks();
    if let Some(year) = cursor.number(4, 4) {
        return Some((month(year, number)?, cursor.at));
    }
    let date = cursor.number(1, 2)?;
    ordinal(&mut cursor);
    cursor.take(b",");
    cursor.blanks();
    let year = cursor.number(4, 4)?;
    Some((day(year, number, date)?, cursor.at))
}

/// `18 June 2026`, `18th of June, 2026`.
fn day_first(text: &str) -> Option<(When, usize)> {
    let mut cursor = Cursor { text, at: 0 };
    let date = cursor.number(1, 2)?;
    ordinal(&mut cursor);
    cursor.blanks();
    let mut number = month_number(cursor.word());
    if number.is_none() {
        cursor.blanks();
        number = month_number(cursor.word());
    }
    cursor.take(b".");
    cursor.take(b",");
    cursor.blanks();
    let year = cursor.number(4, 4)?;
    Some((day(year, number?, date)?, cursor.at))
}

fn ordinal(cursor: &mut Cursor<'_>) {
    let start = cursor.at;
    if !matches!(
        cursor.word().to_ascii_lowercase().as_str(),
        "st" | "nd" | "rd" | "th"
    ) {
        cursor.at = start;
    }
}

fn month_number(word: &str) -> Option<i16> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let word = word.to_ascii_lowercase();
    let index = MONTHS.iter().position(|month| {
        *month == word || (word.len() >= 3 && word.len() <= 4 && month.starts_with(&word))
    })?;
    i16::try_from(index + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let shown = match LifecycleDate::from_text(text) {
            Ok(Some(date)) => date.to_string(),
            Ok(None) => "none".to_string(),
            Err(NoDate::Several(_)) => "several".to_string(),
            Err(NoDate::Unreadable(_)) => "unreadable".to_string(),
        };
        assert_eq!(shown, expected, "{text:?}");
    }

    #[test]
    fn cells_of_real_pages_are_read() {
        for (text, expected) in [
            ("2026-10-01", "2026-10-01"),
            ("2026\u{2011}03\u{2011}26", "2026-03-26"),
            ("**2026-10-01**", "2026-10-01"),
            ("Jan 20, 2027", "2027-01-20"),
            ("October 23, 2026", "2026-10-23"),
            ("november 6, 2024", "2024-11-06"),
            ("Sept 5th, 2026", "2026-09-05"),
            ("18 June 2026", "2026-06-18"),
            ("5/22/2026", "2026-05-22"),
            ("22/5/2026", "2026-05-22"),
            ("08/16/26", "2026-08-16"),
            ("1/6/25", "2025-01-06"),
            ("1/6/255", "unreadable"),
            ("2026.6.30 00:00", "2026-06-30"),
            ("October 10, 2026, 00:00:00", "2026-10-10"),
            ("2026-03-31T00:00:00.000Z", "2026-03-31"),
            ("2026-03-31T17:30:00Z", "2026-03-31T17:30:00Z"),
            ("August 2026", "2026-08"),
            ("2025-03", "2025-03"),
            ("Not sooner than July 24, 2027", "not before 2027-07-24"),
            ("No earlier than 2026-04-14", "not before 2026-04-14"),
            ("at earliest 2024-06-13", "not before 2024-06-13"),
            ("July 21, 2027 or later", "not before 2027-07-21"),
            ("Earliest February 2026", "not before 2026-02"),
            (
                "No retirement scheduled. Will not retire before April 15, 2027",
                "not before 2027-04-15",
            ),
            ("N/A", "none"),
            ("\u{2014}", "none"),
            ("", "none"),
            ("To be announced", "none"),
            ("No shutdown date announced", "none"),
            ("No retirement scheduled.", "none"),
            ("soon", "unreadable"),
            ("2026-13-40", "unreadable"),
            ("Febtember 1, 2026", "unreadable"),
            ("retires on 2026-03-31, others on 2026-10-01", "several"),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn a_phrase_leads_to_its_own_date() {
        let cell = "Standard deployment type retires on **2026-03-31**, with auto-upgrades scheduled to start on \
                    **2026-03-09**. For other deployment types, the retirement date has been moved to **2026-10-01**.";
        let date = |lead| LifecycleDate::after_phrase(cell, lead).map(|d| d.to_string());
        assert_eq!(
            date("standard deployment type retires on"),
            Some("2026-03-31".into())
        );
        assert_eq!(date("has been moved to"), Some("2026-10-01".into()));
        assert_eq!(date("provisioned"), None);
    }

    #[test]
    fn words_stand_before_dates() {
        for (text, expected) in [
            ("Deprecated Sept 15, 2025", Some("deprecated")),
            ("Retired on Apr 4, 2026", Some("retired")),
            ("GA (as of 2026-01-01)", Some("ga")),
            ("2026-01-01", Some("")),
            ("Live", None),
        ] {
            assert_eq!(words_before_date(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn printed_dates_read_back() {
        for text in ["2026-10", "2026-10-01", "2026-03-31T17:30:00Z"] {
            let date = LifecycleDate::from_printed(text, Certainty::Firm).expect(text);
            assert_eq!(date.text(), text);
        }
        assert_eq!(
            LifecycleDate::from_printed("2026-10-01 and more", Certainty::Firm),
            None
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "\\PC{0,80}") {
            let _ = LifecycleDate::from_text(&text);
            let _ = LifecycleDate::after_phrase(&text, "on");
        }
    }
}
