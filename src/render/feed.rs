//! News as a feed that others subscribe to: Atom (RFC 4287), JSON Feed 1.1 (<https://www.jsonfeed.org/version/1.1/>).

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::headline::{rank, title};
use super::line::{link, one_line};
use super::sentence::sentence;
use crate::market::RecordedChange;

/// The entries that a feed holds, the newest ones.
pub const ENTRIES: u32 = 200;
/// Characters of a title.
const TITLE: usize = 300;
/// Characters of what one change says.
const SENTENCE: usize = 400;
/// Changes of one entry that are told each by itself, and sources that are named.
const TOLD: usize = 20;

/// What the feed is called.
const TITLE_OF_FEED: &str = "Bellwether: what changed";
const TITLE_OF_SIMULATED: &str = "Bellwether: what changed in a simulated market";

/// A feed that is being made, the newest entry first.
#[derive(Debug)]
pub struct Feed {
    base: Option<String>,
    title: &'static str,
    entries: Vec<Entry>,
    updated: Option<Timestamp>,
}

/// What has one cause.
#[derive(Debug)]
struct Entry {
    id: String,
    title: String,
    published: Timestamp,
    updated: Timestamp,
    /// Where it can be looked at.
    page: Option<String>,
    /// Where a source says so.
    evidence: Option<String>,
    terms: Vec<&'static str>,
    summary: String,
}

impl Feed {
    /// Without entries. `base` is the address below which changes can be looked at; only of the web.
    pub fn new(base: Option<&str>) -> Self {
        let base = base.and_then(link);
        Self {
            base: base.map(|base| base.trim_end_matches('/').to_string()),
            title: TITLE_OF_FEED,
            entries: Vec::new(),
            updated: None,
        }
    }

    /// The same, saying that what it tells is simulated.
    #[must_use]
    pub fn simulated(self, is_simulated: bool) -> Self {
        let title = match is_simulated {
            true => TITLE_OF_SIMULATED,
            false => TITLE_OF_FEED,
        };
        Self { title, ..self }
    }

    /// Adds an entry of changes of one cause, in the order in which they were recorded. The first gives it its name, which it
    /// keeps when others come.
    pub fn add(&mut self, changes: &[RecordedChange]) {
        let mut told: Vec<&RecordedChange> = changes.iter().collect();
        let Some(first) = changes.first() else { return };
        let times = || changes.iter().map(|recorded| recorded.change.confirmed_at);
        let published = times().min().unwrap_or(first.change.confirmed_at);
        let updated = times().max().unwrap_or(first.change.confirmed_at);
        self.updated = self.updated.max(Some(updated));
        let title = one_line(&title(&told), TITLE);
        told.sort_by_key(|recorded| rank(recorded));
        let id = &first.change.id.0;
        let page = self.base.as_ref();
        let lead = told.first();
        let terms = lead.map(|lead| vec![lead.change.kind.word(), lead.change.severity.word()]);
        self.entries.push(Entry {
            id: format!("urn:bellwether:change:{id}"),
            title,
            published,
            updated,
            page: page.map(|base| format!("{base}/changes/{id}")),
            evidence: lead.and_then(|lead| link(&lead.url)),
            terms: terms.unwrap_or_default(),
            summary: summary(&told),
        });
    }

    /// The whole feed as Atom. Without any entry it was last changed `now`.
    pub fn finish(self, now: Timestamp) -> String {
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
        out.push_str("<feed xmlns=\"http://www.w3.org/2005/Atom\">\n");
        let own = self.base.as_ref().map(|base| format!("{base}/feed.xml"));
        let id = own.as_deref().unwrap_or("urn:bellwether:changes");
        element(&mut out, "  ", "id", id);
        element(&mut out, "  ", "title", self.title);
        let updated = self.updated.unwrap_or(now);
        element(&mut out, "  ", "updated", &updated.to_string());
        out.push_str("  <author><name>Bellwether</name></author>\n");
        out.push_str("  <generator>Bellwether</generator>\n");
        if let (Some(own), Some(base)) = (&own, &self.base) {
            reference(&mut out, "  ", "self", own);
            reference(&mut out, "  ", "alternate", base);
        }
        for entry in &self.entries {
            entry.write(&mut out);
        }
        out.push_str("</feed>\n");
        out
    }

    /// The whole feed as JSON Feed 1.1.
    pub fn to_json(&self) -> Json {
        let items: Vec<Json> = self.entries.iter().map(Entry::to_json).collect();
        let mut feed = json!({
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.title,
            "authors": [{ "name": "Bellwether" }],
            "language": "en",
            "items": items,
        });
        if let (Some(base), Some(fields)) = (&self.base, feed.as_object_mut()) {
            fields.insert("home_page_url".to_string(), json!(base));
            fields.insert("feed_url".to_string(), json!(format!("{base}/feed.json")));
        }
        feed
    }
}

impl Entry {
    fn write(&self, out: &mut String) {
        out.push_str("  <entry>\n");
        element(out, "    ", "id", &self.id);
        element(out, "    ", "title", &self.title);
        element(out, "    ", "published", &self.published.to_string());
        element(out, "    ", "updated", &self.updated.to_string());
        let address = self.page.as_ref().or(self.evidence.as_ref());
        if let Some(address) = address {
            reference(out, "    ", "alternate", address);
        }
        if let Some(evidence) = self.evidence.as_ref().filter(|_| self.page.is_some()) {
            reference(out, "    ", "via", evidence);
        }
        for term in &self.terms {
            out.push_str(&format!("    <category term=\"{term}\"/>\n"));
        }
        element(out, "    ", "summary", &self.summary);
        if address.is_none() {
            // an entry that leads nowhere has to hold what it is about (RFC 4287 §4.1.2)
            element(out, "    ", "content", &self.summary);
        }
        out.push_str("  </entry>\n");
    }

    fn to_json(&self) -> Json {
        let mut item = json!({
            "id": self.id,
            "title": self.title,
            "content_text": self.summary,
            "date_published": self.published.to_string(),
            "date_modified": self.updated.to_string(),
            "tags": self.terms,
        });
        if let Some(fields) = item.as_object_mut() {
            let url = self.page.as_ref().map(|page| ("url", page));
            let evidence = self.evidence.as_ref().map(|at| ("external_url", at));
            for (key, address) in url.into_iter().chain(evidence) {
                fields.insert(key.to_string(), json!(address));
            }
        }
        item
    }
}

/// What each change says, and who says so where.
fn summary(told: &[&RecordedChange]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for recorded in told.iter().take(TOLD) {
        lines.push(one_line(&sentence(recorded), SENTENCE));
    }
    if told.len() > TOLD {
        lines.push(format!("… and {} more", told.len() - TOLD));
    }
    let sources: BTreeSet<String> = told
        .iter()
        .map(|recorded| {
            let source = one_line(&recorded.change.source.to_string(), SENTENCE);
            let authority = recorded.authority.word();
            match link(&recorded.url) {
                Some(url) => format!("Source: {source} ({authority}), {url}"),
                None => format!("Source: {source} ({authority})"),
            }
        })
        .collect();
    lines.extend(sources.into_iter().take(TOLD));
    lines.join("\n")
}

fn element(out: &mut String, indent: &str, name: &str, text: &str) {
    out.push_str(&format!("{indent}<{name}>{}</{name}>\n", escaped(text)));
}

fn reference(out: &mut String, indent: &str, relation: &str, address: &str) {
    let address = escaped(address);
    out.push_str(&format!(
        "{indent}<link rel=\"{relation}\" href=\"{address}\"/>\n"
    ));
}

/// A text between tags or quotes; what XML cannot hold at all is left out (XML 1.0 §2.2).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // as it stands it would be read as a line's end
            '\r' => escaped.push_str("&#13;"),
            '\t' | '\n' => escaped.push(c),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c < ' ' => {}
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests;
