//! Pages of announcements under dated headings: changelogs, release notes, histories of deprecations.

mod pieces;
#[cfg(test)]
mod tests;
mod years;

use super::folding::{folded, shortened};
use super::{Body, Context, encoding};
use crate::market::{
    Attribute, Certainty, Claim, DateKind, Failure, LifecycleDate, Reading, Subject, SubjectKind,
    Value, words_before_date,
};
use pieces::Piece;

/// Raised whenever this reader makes other claims of the same body.
pub const VERSION: u32 = 1;

/// More announcements are not read; the longest known page has some hundreds.
const MOST_ENTRIES: usize = 5_000;

/// Texts are cut to so many characters.
const LONGEST_TEXT: usize = 500;

/// Titles are cut to so many characters.
const LONGEST_TITLE: usize = 200;

/// By so many characters of its first sentence an announcement without a title is known: a later edit of what follows does not
/// make another.
const TELLING: usize = 80;

/// A heading is a day's if at most so many words stand before the date: `Date: 2026-08-21`.
const MOST_WORDS_BEFORE: usize = 2;

/// How a page is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// Whether each item of a day's lists is an announcement; else each heading below the day's, or the day itself.
    pub items: bool,
    /// The page for people.
    pub link: Option<String>,
    /// Only announcements that contain one of these (compared without regard to case); empty for all.
    pub matches: Vec<String>,
}

/// Reads the announcements of a page, HTML or Markdown. The reading is never complete: what a page no longer shows was not
/// taken back. A page without a dated heading is [`Failure::Unreadable`].
pub fn read(mapping: &Mapping, body: &Body<'_>, context: &Context<'_>) -> Result<Reading, Failure> {
    let text = encoding::decode(body)?;
    let pieces = if pieces::is_html(body.content_type, &text) {
        pieces::of_html(&text)
    } else {
        super::markdown::check(&text)?;
        pieces::of_markdown(&text)
    };
    let pieces = years::written_out(pieces);
    let days = days(&pieces);
    if days.is_empty() {
        let headings = pieces
            .iter()
            .filter(|piece| matches!(piece, Piece::Heading(..)));
        return Err(Failure::Unreadable {
            expected: "headings with dates".to_string(),
            found: format!("{} headings, none with one", headings.count()),
        });
    }
    let mut claims = Vec::new();
    let mut over = 0_usize;
    for entry in days.iter().flat_map(|day| day.entries(mapping.items)) {
        if !wanted(mapping, &entry) {
            continue;
        }
        if claims.len() >= MOST_ENTRIES {
            over += 1;
            continue;
        }
        let key = shortened(&entry.key, LONGEST_TITLE);
        let subject = Subject {
            region: context.region.clone(),
            ..Subject::of_kind(SubjectKind::Announcement, context.provider.as_str(), key)
        };
        claims.push((subject, stated(mapping, entry)));
    }
    let mut reading = Reading::from_claims(claims, false);
    if over > 0 {
        let expected = format!("at most {MOST_ENTRIES} announcements");
        reading.note("the page", expected, format!("{over} more"));
    }
    Ok(reading)
}

fn wanted(mapping: &Mapping, entry: &Entry) -> bool {
    let text = format!("{} {}", entry.title, entry.text).to_lowercase();
    let contains = |word: &String| text.contains(&word.to_lowercase());
    mapping.matches.is_empty() || mapping.matches.iter().any(contains)
}

fn stated(mapping: &Mapping, entry: Entry) -> Vec<Claim> {
    let text = |attribute, text: &str| Claim::new(attribute, Value::Text(text.into()), text);
    let mut claims = vec![
        text(Attribute::Name, &entry.title),
        Claim::new(
            Attribute::Date(DateKind::Launch),
            Value::Date(entry.date),
            entry.heading,
        ),
    ];
    if !entry.text.is_empty() {
        claims.push(text(Attribute::Text, &entry.text));
    }
    claims.extend(
        mapping
            .link
            .as_deref()
            .map(|link| text(Attribute::Link, link)),
    );
    claims
}

/// One announcement.
struct Entry {
    key: String,
    title: String,
    text: String,
    date: LifecycleDate,
    heading: String,
}

/// A dated heading with what stands below it.
struct Day<'a> {
    date: LifecycleDate,
    heading: &'a str,
    title: String,
    below: &'a [Piece],
}

/// The days of a page. A day ends at the next heading of its level or above, dated or not.
fn days(pieces: &[Piece]) -> Vec<Day<'_>> {
    let mut days = Vec::new();
    let mut at = 0;
    while let Some(piece) = pieces.get(at) {
        at += 1;
        let Piece::Heading(level, heading) = piece else {
            continue;
        };
        let Some((date, title)) = dated(heading) else {
            continue;
        };
        let below = pieces.get(at..).unwrap_or_default();
        let ends = |piece: &Piece| match piece {
            Piece::Heading(other, text) => other <= level || dated(text).is_some(),
            _ => false,
        };
        let length = below.iter().position(ends).unwrap_or(below.len());
        days.push(Day {
            date,
            heading,
            title,
            below: below.get(..length).unwrap_or_default(),
        });
        at += length;
    }
    days
}

/// The date of a day's heading, and what the heading says behind it: `2026-04-04: Embed v2.0`.
fn dated(heading: &str) -> Option<(LifecycleDate, String)> {
    let before = words_before_date(heading)?;
    if before.split_whitespace().count() > MOST_WORDS_BEFORE {
        return None;
    }
    let date = LifecycleDate::after_phrase(heading, "")?;
    let title = match heading.rsplit_once(": ") {
        Some((day, title)) if words_before_date(day).is_some() => folded(title),
        _ => String::new(),
    };
    Some((date.with_certainty(Certainty::Firm), title))
}

impl Day<'_> {
    fn entries(&self, items: bool) -> Vec<Entry> {
        if items {
            let texts = self.below.iter().filter_map(|piece| match piece {
                Piece::Item(text) => Some(text),
                // a sentence that only introduces a list
                Piece::Text(text) if text.ends_with(':') => None,
                Piece::Text(text) => Some(text),
                Piece::Heading(..) => None,
            });
            return texts.map(|text| self.untitled(text)).collect();
        }
        let is_heading = |piece: &Piece| matches!(piece, Piece::Heading(..));
        let first = self.below.iter().position(is_heading);
        let (own, parts) = self
            .below
            .split_at_checked(first.unwrap_or(self.below.len()))
            .unwrap_or((self.below, &[]));
        let own = joined(own);
        let mut entries = Vec::new();
        if !own.is_empty() || first.is_none() {
            entries.push(match self.title.as_str() {
                "" => self.untitled(&own),
                title => self.titled(title, &own),
            });
        }
        let mut parts = parts;
        while let Some((Piece::Heading(_, title), rest)) = parts.split_first() {
            let length = rest.iter().position(is_heading).unwrap_or(rest.len());
            let text = joined(rest.get(..length).unwrap_or_default());
            entries.push(self.titled(title, &text));
            parts = rest.get(length..).unwrap_or_default();
        }
        entries
    }

    fn titled(&self, title: &str, text: &str) -> Entry {
        let title = shortened(&folded(title), LONGEST_TITLE);
        Entry {
            key: format!("{} {title}", self.date.text()),
            text: shortened(text, LONGEST_TEXT),
            title,
            date: self.date,
            heading: shortened(self.heading, LONGEST_TITLE),
        }
    }

    fn untitled(&self, text: &str) -> Entry {
        let text = folded(text);
        let sentence = text.split(". ").next().unwrap_or(&text);
        let start: String = sentence.chars().take(TELLING).collect();
        let title = sentence.trim_end_matches(['.', ':']);
        let title = if title.is_empty() {
            self.heading
        } else {
            title
        };
        Entry {
            key: format!(
                "{} {}",
                self.date.text(),
                start.trim_end_matches(['.', ' '])
            ),
            title: shortened(title, LONGEST_TITLE),
            text: shortened(&text, LONGEST_TEXT),
            date: self.date,
            heading: shortened(self.heading, LONGEST_TITLE),
        }
    }
}

fn joined(pieces: &[Piece]) -> String {
    let texts: Vec<&str> = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Heading(_, text) | Piece::Item(text) | Piece::Text(text) => text.as_str(),
        })
        .collect();
    folded(&texts.join(" "))
}
