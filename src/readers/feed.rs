//! RSS, Atom and JSON feeds: announcements.

mod split;
#[cfg(test)]
mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};

use feed_rs::model::Entry as Item;
use feed_rs::parser::{Builder, Parser};
use jiff::Timestamp;

use super::folding::{folded, shortened};
use super::notes::Notes;
use super::{Body, Context, encoding, html};
use crate::market::{
    Attribute, Certainty, Claim, DateKind, Failure, LifecycleDate, Reading, Subject, SubjectKind,
    Value,
};

/// Raised whenever this reader makes other claims of the same body.
pub const VERSION: u32 = 1;

/// More items than this are not read; the longest known feed has about a thousand.
const MOST_ITEMS: usize = 5_000;

/// Summaries are cut to so many characters.
const LONGEST_SUMMARY: usize = 500;

/// A feed with more is not parsed: each takes two kilobytes, whatever it says.
const MOST_PARSED: usize = 8 * MOST_ITEMS;

/// Titles, links and keys are cut to so many characters.
const LONGEST_LINE: usize = 500;

/// Only so much of a summary's markup is parsed.
const MARKUP_READ: usize = 16_384;

/// By what an item is one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// Its guid, else its link.
    Guid,
    /// Its link, else its guid.
    Link,
    /// Title and day, for feeds that use a guid twice.
    TitleAndDate,
}

/// How a feed is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// By what an item is one item.
    pub key: Key,
    /// An item passes that is in one of these categories (compared without regard to case).
    pub any_category: Vec<String>,
    /// An item passes whose title contains one of these (compared without regard to case).
    pub title_matches: Vec<String>,
    /// An item passes whose title or text contains one of these (compared without regard to case).
    pub matches: Vec<String>,
    /// An item whose title contains one of these never passes.
    pub title_skips: Vec<String>,
    /// The tag of the headings (`h3`) that part an item into announcements of their own.
    pub split: Option<String>,
    /// Whether an item is an open problem: the feed lists only those, so that one that is gone is over.
    pub incidents: bool,
}

/// Reads a feed. Items that no filter of the mapping lets pass are left out; without any filter all pass. The reading is
/// complete only where items are open problems: else one that scrolls out was not taken back. A feed without items is a good reading; a body that is no feed is
/// [`Failure::Unreadable`].
pub fn read(mapping: &Mapping, body: &Body<'_>, context: &Context<'_>) -> Result<Reading, Failure> {
    let text = encoding::decode(body)?;
    // as many as there can be: a closing tag with a prefix counts as well, and so does every object of a JSON feed
    let begins = ["<item", ":item", "<entry", ":entry", "{"];
    let most: usize = begins.map(|begin| text.matches(begin).count()).iter().sum();
    if most > MOST_PARSED {
        return Err(Failure::Unreadable {
            expected: format!("a feed of at most {MOST_PARSED} items"),
            found: most.to_string(),
        });
    }
    let items = parse(&text)?;
    let mut notes = Notes::default();
    if items.len() > MOST_ITEMS {
        let found = items.len().to_string();
        notes.add(
            "the feed",
            "",
            &format!("at most {MOST_ITEMS} items"),
            &found,
        );
    }
    let mut claims = Vec::new();
    let kind = if mapping.incidents {
        SubjectKind::Incident
    } else {
        SubjectKind::Announcement
    };
    let is_whole = mapping.incidents && items.len() <= MOST_ITEMS;
    for item in items.iter().take(MOST_ITEMS) {
        let title = item.title.as_ref().map(|title| line(&title.content));
        let title = title.filter(|title| !title.is_empty());
        let topics = topics(item);
        let body = markup(item).unwrap_or("");
        let shown = title.as_deref().unwrap_or("");
        if mapping.split.is_none() && !passes(mapping, shown, &topics, body) {
            continue;
        }
        let Some(key) = key(mapping.key, item, title.as_deref()) else {
            notes.add(
                "the feed",
                title.as_deref().unwrap_or(""),
                "a guid or link",
                "neither",
            );
            continue;
        };
        let subject = |key: String| Subject {
            region: context.region.clone(),
            ..Subject::of_kind(kind, context.provider.as_str(), key)
        };
        let Some(tag) = &mapping.split else {
            claims.push((subject(key), stated(item, title, topics, &mut notes)));
            continue;
        };
        match split::blocks(body, tag) {
            Ok(blocks) => {
                for block in blocks {
                    let own = block.title();
                    let kind = std::slice::from_ref(&block.heading);
                    if passes(mapping, &own, kind, &block.text) {
                        let stated = of_block(item, &own, &block, &mut notes);
                        claims.push((subject(line(&block.key(&key))), stated));
                    }
                }
            }
            Err(failure) => {
                let row = title.unwrap_or_default();
                notes.add("summary", &row, "ordinary markup", &failure.to_string());
            }
        }
    }
    let mut reading = Reading::from_claims(claims, is_whole && context.complete);
    notes.put_into(&mut reading);
    Ok(reading)
}

/// The items of a feed. feed-rs panics on some malformed numbers in podcast extensions, hence the guard: a feed is a stranger's.
fn parse(text: &str) -> Result<Vec<Item>, Failure> {
    // the declaration speaks of the bytes before they were decoded
    let markup = match text.trim_start().strip_prefix("<?xml") {
        Some(rest) => rest.split_once("?>").map_or("", |(_, markup)| markup),
        None => text,
    };
    let parsed = catch_unwind(AssertUnwindSafe(|| parser().parse(markup.as_bytes())));
    let unreadable = |found: String| Failure::Unreadable {
        expected: "an RSS, Atom or JSON feed".to_string(),
        found,
    };
    let start = || shortened(markup.trim_start().lines().next().unwrap_or(""), 40);
    match parsed {
        Ok(Ok(feed)) => Ok(feed.entries),
        Ok(Err(error)) => Err(unreadable(format!(
            "{error}, in a body that begins '{}'",
            start()
        ))),
        Err(_) => Err(unreadable(
            "a value that the parser cannot hold".to_string(),
        )),
    }
}

fn parser() -> Parser {
    Builder::new()
        .sanitize_content(false)
        .id_generator(|_, _, _| String::new())
        .timestamp_parser(|text| {
            let instant = instant(text)?;
            chrono::DateTime::from_timestamp(instant.as_second(), 0)
        })
        .build()
}

/// A date of a feed: RFC 2822 (`Tue, 14 Jan 2025 12:02:58 GMT`), RFC 3339, or a day as pages write it (`Sep 05, 2024`).
fn instant(text: &str) -> Option<Timestamp> {
    let text = folded(text);
    let zoned = text.replace("UTC", "GMT").replace(" Z", " GMT");
    jiff::fmt::rfc2822::DateTimeParser::new()
        .relaxed_weekday(true)
        .parse_timestamp(&zoned)
        .ok()
        .or_else(|| text.parse::<Timestamp>().ok())
        .or_else(|| {
            let date = LifecycleDate::from_text(&text).ok()??;
            Some(date.starts())
        })
}

fn line(text: &str) -> String {
    shortened(&folded(text), LONGEST_LINE)
}

fn link(item: &Item) -> Option<&str> {
    let links = || {
        item.links
            .iter()
            .filter(|link| !link.href.trim().is_empty())
    };
    links()
        .find(|link| link.rel.as_deref().is_none_or(|rel| rel == "alternate"))
        .or_else(|| links().next())
        .map(|link| link.href.trim())
}

fn key(kind: Key, item: &Item, title: Option<&str>) -> Option<String> {
    let guid = Some(item.id.trim()).filter(|guid| !guid.is_empty());
    match kind {
        Key::Guid => guid.or(link(item)).map(line),
        Key::Link => link(item).or(guid).map(line),
        Key::TitleAndDate => {
            let day = item.published.map(|date| date.date_naive().to_string());
            Some(line(&format!("{} {}", title?, day?)))
        }
    }
}

/// The categories. Some feeds put several into one element, joined by commas (AWS What's New).
fn topics(item: &Item) -> Vec<String> {
    let mut topics: Vec<String> = item
        .categories
        .iter()
        .flat_map(|category| category.term.split(','))
        .map(line)
        .filter(|topic| !topic.is_empty())
        .collect();
    topics.sort();
    topics.dedup();
    topics
}

fn passes(mapping: &Mapping, title: &str, topics: &[String], text: &str) -> bool {
    let lower = title.to_lowercase();
    let skipped = |word: &String| lower.contains(&word.to_lowercase());
    if mapping.title_skips.iter().any(skipped) {
        return false;
    }
    let filters = [
        &mapping.any_category,
        &mapping.title_matches,
        &mapping.matches,
    ];
    if filters.iter().all(|words| words.is_empty()) {
        return true;
    }
    let titled = |wanted: &String| lower.contains(&wanted.to_lowercase());
    let sorted = |wanted: &String| {
        let wanted = wanted.to_lowercase();
        topics.iter().any(|topic| topic.to_lowercase() == wanted)
    };
    if mapping.any_category.iter().any(sorted) || mapping.title_matches.iter().any(titled) {
        return true;
    }
    let text = text.to_lowercase();
    let told = |wanted: &String| titled(wanted) || text.contains(&wanted.to_lowercase());
    mapping.matches.iter().any(told)
}

fn text(attribute: Attribute, text: String) -> Claim {
    Claim::new(attribute, Value::Text(text.as_str().into()), text)
}

/// An item's summary, else its content.
fn markup(item: &Item) -> Option<&str> {
    let content = item.content.as_ref();
    let body = content.and_then(|content| content.body.as_deref());
    let summary = item
        .summary
        .as_ref()
        .map(|summary| summary.content.as_str());
    summary.or(body)
}

fn stated(
    item: &Item,
    title: Option<String>,
    topics: Vec<String>,
    notes: &mut Notes,
) -> Vec<Claim> {
    let mut claims = Vec::new();
    let row = title.clone().unwrap_or_default();
    claims.extend(title.map(|title| text(Attribute::Name, title)));
    if let Some(markup) = markup(item) {
        match plain(markup) {
            Ok(summary) if summary.is_empty() => {}
            Ok(summary) => claims.push(text(Attribute::Text, summary)),
            Err(failure) => notes.add("summary", &row, "ordinary markup", &failure.to_string()),
        }
    }
    claims.extend(link(item).map(|link| text(Attribute::Link, line(link))));
    if !topics.is_empty() {
        let raw = topics.join(", ");
        claims.push(Claim::new(Attribute::Topics, Value::set(topics), raw));
    }
    claims.extend(launched(item, &row, notes));
    claims
}

/// What one block of an item states. Its topic is what kind of announcement it is.
fn of_block(item: &Item, title: &str, block: &split::Block, notes: &mut Notes) -> Vec<Claim> {
    let kind = block.heading.clone();
    let mut claims = vec![
        text(Attribute::Name, title.to_string()),
        text(Attribute::Text, block.text.clone()),
        Claim::new(
            Attribute::Topics,
            Value::set([kind.as_str()]),
            kind.as_str(),
        ),
    ];
    claims.extend(link(item).map(|link| text(Attribute::Link, line(link))));
    claims.extend(launched(item, title, notes));
    claims
}

/// When the item was published; of an item that is a day, the day that is its title.
fn launched(item: &Item, row: &str, notes: &mut Notes) -> Option<Claim> {
    let published = item
        .published
        .and_then(|date| Timestamp::from_second(date.timestamp()).ok());
    if let Some(instant) = published {
        return Some(Claim::new(
            Attribute::Date(DateKind::Launch),
            Value::Date(LifecycleDate::at(instant, Certainty::Firm)),
            instant.to_string(),
        ));
    }
    let title = item.title.as_ref().map(|title| line(&title.content));
    let day = title
        .as_deref()
        .and_then(|title| LifecycleDate::from_printed(&title.to_lowercase(), Certainty::Firm));
    match (day, title) {
        (Some(day), Some(raw)) => Some(Claim::new(
            Attribute::Date(DateKind::Launch),
            Value::Date(day),
            raw,
        )),
        // Atom needs to say only when an entry was last edited, which is another day
        _ if item.updated.is_some() => None,
        _ => {
            notes.add("published", row, "a date", "none that can be read");
            None
        }
    }
}

/// The text of a summary's markup.
fn plain(markup: &str) -> Result<String, Failure> {
    let markup = &markup[..markup.floor_char_boundary(MARKUP_READ)];
    if !markup.contains(['<', '&']) {
        return Ok(shortened(&folded(markup), LONGEST_SUMMARY));
    }
    let page = html::parse_bounded(markup)?;
    Ok(shortened(
        &folded(&html::text(page.root_element())),
        LONGEST_SUMMARY,
    ))
}
