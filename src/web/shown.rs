//! What pages show alike: choices of a form, foreign text made visible, moments, charts.

use jiff::Timestamp;
use minijinja::Value as Safe;
use serde::Serialize;

use super::page::Moment;
use super::query::Query;
use super::refusal::Refusal;
use super::route::Asked;
use crate::outlook::moments;
use crate::render::chart::{Chart, Size};

/// Names that a refusal tells.
const TOLD: usize = 24;

/// One value that a form offers.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Choice {
    /// As the address holds it.
    pub value: String,
    /// As people read it.
    pub label: String,
    /// Whether it is what is asked for.
    pub is_chosen: bool,
}

/// The values that a form offers, in their order; what people read is the value with spaces for underscores.
pub(super) fn choices<'a>(
    values: impl IntoIterator<Item = &'a str>,
    chosen: Option<&str>,
) -> Vec<Choice> {
    let values = values.into_iter();
    values
        .map(|value| Choice {
            value: value.to_string(),
            label: spoken(value),
            is_chosen: chosen == Some(value),
        })
        .collect()
}

/// A word of the contract as people read it: `price changed`.
pub(super) fn spoken(word: &str) -> String {
    word.replace('_', " ")
}

/// One of the values that there are. Another one is refused with those that there are.
pub(super) fn one_of<'a>(
    query: &'a Query,
    key: &'static str,
    values: impl IntoIterator<Item = impl AsRef<str>>,
) -> Result<Option<&'a str>, Refusal> {
    let Some(found) = query.one(key)? else {
        return Ok(None);
    };
    let mut names: Vec<String> = Vec::new();
    for value in values {
        if value.as_ref() == found {
            return Ok(Some(found));
        }
        names.push(value.as_ref().to_string());
    }
    let more = match names.len().saturating_sub(TOLD) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    names.truncate(TOLD);
    let names = match names.is_empty() {
        true => "nothing, since none is known yet".to_string(),
        false => format!("one of {}{more}", names.join(", ")),
    };
    let found: String = found.chars().take(80).collect();
    Err(Refusal::Wrong(format!(
        "{key}: expected {names}, found '{found}'"
    )))
}

/// A moment that is asked for.
pub(super) fn moment(asked: &Asked<'_>, key: &'static str) -> Result<Option<Timestamp>, Refusal> {
    let zone = &asked.site.means.settings.zone;
    let parse = |text: &str| moments::moment(text, zone, asked.now);
    asked.query.parsed(key, moments::EXPECTED, parse)
}

/// A moment as people of the configured zone read it.
pub(super) fn told_at(asked: &Asked<'_>, at: Timestamp) -> Moment {
    Moment::new(at, &asked.site.means.settings.zone)
}

/// Foreign text with everything that is not seen made visible, at most `limit` characters of it: a control character as its
/// picture (U+2400 and on), what turns or hides text as its number.
pub(super) fn visible(text: &str, limit: usize) -> String {
    let mut shown = String::with_capacity(text.len().min(limit));
    for (n, c) in text.chars().enumerate() {
        if n >= limit {
            shown.push('…');
            break;
        }
        match c {
            '\0'..='\u{1f}' => {
                let picture = char::from_u32(0x2400 + u32::from(c));
                shown.push(picture.unwrap_or('\u{fffd}'));
            }
            '\u{7f}' => shown.push('\u{2421}'),
            '\u{80}'..='\u{9f}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}' => shown.push_str(&format!("⟨U+{:04X}⟩", u32::from(c))),
            c => shown.push(c),
        }
    }
    shown
}

/// A chart as one `svg` element, wide and for telephones.
pub(super) fn drawn(chart: &Chart) -> Result<Safe, Refusal> {
    let draw = |width: u32| {
        let drawn = chart.to_svg(chart.fitting(width));
        drawn.map_err(|error| Refusal::Internal(error.to_string()))
    };
    let (wide, narrow) = (draw(Size::WIDE)?, draw(Size::NARROW)?);
    let both =
        format!("<div class=\"chart wide\">{wide}</div><div class=\"chart narrow\">{narrow}</div>");
    Ok(Safe::from_safe_string(both))
}

/// A query without what is empty, for a link: `key=value&key=value`, encoded.
pub(super) fn address<'a>(
    path: &str,
    pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (key, value) in pairs {
        if !value.is_empty() {
            query.append_pair(key, value);
        }
    }
    match query.finish() {
        query if query.is_empty() => path.to_string(),
        query => format!("{path}?{query}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_shown() {
        for (text, limit, expected) in [
            ("plain <b>", 20, "plain <b>"),
            ("a\u{1b}[31m\0", 20, "a␛[31m␀"),
            ("abc\u{202e}cba", 20, "abc⟨U+202E⟩cba"),
            ("zwölf", 3, "zwö…"),
        ] {
            assert_eq!(visible(text, limit), expected);
        }
    }

    #[test]
    fn addresses_hold_any_name() {
        assert_eq!(
            address("/changes", [("q", "a&b"), ("kind", "")]),
            "/changes?q=a%26b"
        );
    }
}
