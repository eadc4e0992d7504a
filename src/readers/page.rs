//! A page that is about one offering: what its title and its lines say of it.

#[cfg(test)]
mod tests;

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd};
use scraper::Selector;

use super::convert::Conversion;
use super::folding::{folded, shortened};
use super::markdown;
use super::notes::Notes;
use super::text::{self, Format};
use super::{Body, Context, encoding, html};
use crate::market::{Attribute, Claim, Failure, Reading, Subject, Value};

/// Raised whenever this reader makes other claims of the same body.
pub const VERSION: u32 = 1;

/// The longest native id.
const LONGEST_ID: usize = 200;

/// How a page is read. Phrases are compared without regard to case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// What the page is written in.
    pub format: Format,
    /// The native id is the word behind one of these, where the page has one of them.
    pub id_after: Vec<String>,
    /// Else it is this text, in which `{item}` stands for the item of the index that led to the page.
    pub native_id: Option<String>,
    /// The title contains one of these; else it is another page than the probe knows.
    pub title: Vec<String>,
    /// What the page states.
    pub stated: Vec<Stated>,
}

/// One attribute that a page states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated {
    /// Which.
    pub attribute: Attribute,
    /// How its text becomes a value.
    pub conversion: Conversion,
    /// Only the title is looked at, not the lines.
    pub in_title: bool,
    /// Where its text is.
    pub pick: Pick,
    /// Its absence is worth a note.
    pub required: bool,
}

/// Where the text of a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pick {
    /// The first of these phrases that is there stands for this text; without any it is `otherwise`.
    Cases {
        /// Phrases, each with what it stands for.
        cases: Vec<(String, String)>,
        /// What the absence of all of them stands for.
        otherwise: Option<String>,
    },
    /// The rest of a field that begins or ends with one of these phrases: a line (a row of a table is one), or a part of it between
    /// middle dots. Of several such fields the first one counts that can be read.
    Beside {
        /// The field ends with one of these.
        before: Vec<String>,
        /// The field begins with one of these.
        after: Vec<String>,
    },
}

/// Reads a page as one offering. A title without the declared phrase, and a page without its native id, are
/// [`Failure::Unreadable`]: where a page was moved, a word that its title lacks says nothing.
pub fn read(mapping: &Mapping, body: &Body<'_>, context: &Context<'_>) -> Result<Reading, Failure> {
    let text = encoding::decode(body)?;
    let title = title(mapping.format, &text)?;
    if !mapping.title.is_empty() && !mapping.title.iter().any(|phrase| has(&title, phrase)) {
        return Err(Failure::Unreadable {
            expected: format!(
                "a page with '{}' in its title",
                mapping.title.join("' or '")
            ),
            found: format!("the title '{}'", shortened(&title, 120)),
        });
    }
    let lines = text::lines(mapping.format, &text)?;
    let native_id = native_id(mapping, &lines, context)?;
    let mut notes = Notes::default();
    let mut claims = Vec::new();
    for stated in &mapping.stated {
        let title = [title.clone()];
        let lines: &[String] = if stated.in_title { &title } else { &lines };
        claims.extend(claim(stated, lines, &native_id, context, &mut notes));
    }
    let subject = Subject {
        region: context.region.clone(),
        ..Subject::offering(context.provider.as_str(), native_id)
    };
    let mut reading = Reading::from_claims([(subject, claims)], context.complete);
    notes.put_into(&mut reading);
    Ok(reading)
}

fn native_id(
    mapping: &Mapping,
    lines: &[String],
    context: &Context<'_>,
) -> Result<String, Failure> {
    let stated = fields(lines).find_map(|field| after(field, &mapping.id_after));
    let stated = stated.and_then(first_word).map(str::to_string);
    let named = || Some(mapping.native_id.as_ref()?.replace("{item}", context.item));
    let sound = |id: &String| !id.is_empty() && id.len() <= LONGEST_ID;
    let found = stated.filter(sound).or_else(named).filter(sound);
    found.ok_or_else(|| Failure::Unreadable {
        expected: "a page that names its model's id".to_string(),
        found: format!("none among {} lines", lines.len()),
    })
}

/// The lines, parted at middle dots.
fn fields(lines: &[String]) -> impl Iterator<Item = &str> {
    lines
        .iter()
        .flat_map(|line| line.split(" \u{b7} "))
        .map(|field| field.trim().trim_end_matches('.'))
}

fn first_word(text: &str) -> Option<&str> {
    let word = text.split_whitespace().next()?;
    Some(word.trim_matches(|c: char| "`*,;.()\"'".contains(c)))
}

fn claim(
    stated: &Stated,
    lines: &[String],
    id: &str,
    context: &Context<'_>,
    notes: &mut Notes,
) -> Option<Claim> {
    match &stated.pick {
        Pick::Cases { cases, otherwise } => {
            let found = cases.iter().find_map(|(phrase, text)| {
                let line = lines.iter().find(|line| has(line, phrase))?;
                Some((line.as_str(), text))
            });
            let first = lines.first().map_or("", String::as_str);
            let otherwise = otherwise.as_ref().map(|text| (first, text));
            let Some((raw, text)) = found.or(otherwise) else {
                return missing(stated, id, notes);
            };
            let value = stated
                .conversion
                .read(text, context.stages)
                .ok()
                .flatten()?;
            Some(made(stated, raw, value))
        }
        Pick::Beside {
            before: tails,
            after: heads,
        } => {
            let parts: Vec<&str> = fields(lines)
                .filter_map(|field| after(field, heads).or_else(|| before(field, tails)))
                .collect();
            beside(stated, &parts, id, context, notes)
        }
    }
}

fn made(stated: &Stated, raw: &str, value: Value) -> Claim {
    Claim::new(stated.attribute.clone(), value, shortened(raw, 300))
}

/// What the first part that can be read says, as a whole or by its first word.
fn beside(
    stated: &Stated,
    parts: &[&str],
    id: &str,
    context: &Context<'_>,
    notes: &mut Notes,
) -> Option<Claim> {
    let Some(first) = parts.first() else {
        return missing(stated, id, notes);
    };
    let read = |raw: &str| stated.conversion.read(raw, context.stages);
    for part in parts {
        match read(part) {
            Ok(value) => return value.map(|value| made(stated, part, value)),
            Err(_) => {
                if let Some(Ok(Some(value))) = first_word(part).map(read) {
                    return Some(made(stated, part, value));
                }
            }
        }
    }
    let expected = stated.attribute.to_string();
    notes.add(&expected, id, "a value beside its phrase", first);
    let raw = shortened(first, 300);
    Some(Claim::unclear(stated.attribute.clone(), raw))
}

fn missing(stated: &Stated, id: &str, notes: &mut Notes) -> Option<Claim> {
    if stated.required {
        let place = stated.attribute.to_string();
        notes.add(&place, id, "one of the declared phrases", "none");
    }
    None
}

/// Whether a text has a phrase, compared without regard to the case of ASCII letters.
fn has(text: &str, phrase: &str) -> bool {
    let phrase = folded(phrase).to_ascii_lowercase();
    text.to_ascii_lowercase().contains(&phrase)
}

fn after<'a>(field: &'a str, phrases: &[String]) -> Option<&'a str> {
    phrases.iter().find_map(|phrase| {
        let length = folded(phrase).len();
        let head = field.get(..length)?;
        let rest = field.get(length..)?;
        let ends = rest.starts_with([' ', ':']) || head.ends_with(':');
        let rest = rest.trim_start_matches([':', ' ']).trim_end();
        (ends && has(head, phrase) && !rest.is_empty()).then_some(rest)
    })
}

fn before<'a>(field: &'a str, phrases: &[String]) -> Option<&'a str> {
    phrases.iter().find_map(|phrase| {
        let at = field.len().checked_sub(folded(phrase).len())?;
        let (rest, tail) = field.split_at_checked(at)?;
        let rest = rest.strip_suffix(' ')?.trim();
        (has(tail, phrase) && !rest.is_empty()).then_some(rest)
    })
}

/// The first heading of the first rank, else the title of the head of the page; empty if it has neither.
fn title(format: Format, text: &str) -> Result<String, Failure> {
    Ok(match format {
        Format::Html => {
            let page = html::parse_bounded(text)?;
            let first = |selector: &str| {
                let selector = Selector::parse(selector).ok()?;
                let found = page.select(&selector).next()?;
                Some(folded(&html::text(found))).filter(|title| !title.is_empty())
            };
            first("h1").or_else(|| first("title")).unwrap_or_default()
        }
        Format::Markdown => {
            markdown::check(text)?;
            heading(text)
                .or_else(|| front_matter(text))
                .unwrap_or_default()
        }
        Format::Plain => folded(text.lines().next().unwrap_or("")),
    })
}

fn heading(text: &str) -> Option<String> {
    let mut title = None;
    for event in Parser::new(text) {
        match (event, &mut title) {
            (
                Event::Start(Tag::Heading {
                    level: HeadingLevel::H1,
                    ..
                }),
                None,
            ) => title = Some(String::new()),
            (Event::Text(part) | Event::Code(part), Some(title)) => title.push_str(&part),
            (Event::End(TagEnd::Heading(_)), Some(title)) => return Some(folded(title)),
            _ => {}
        }
    }
    None
}

/// `title: …` between the first two lines of `---`.
fn front_matter(text: &str) -> Option<String> {
    let head = text
        .trim_start()
        .strip_prefix("---")?
        .split("\n---")
        .next()?;
    let title = head.lines().find_map(|line| line.strip_prefix("title:"))?;
    Some(folded(title.trim().trim_matches(['"', '\''])))
}
