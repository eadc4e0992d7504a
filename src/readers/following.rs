//! Answers that are an index of others: which items they name, and the answers for all items as one body.

use serde::{Deserialize, Serialize};

use super::json::{self, Path};
use super::{Body, encoding};
use crate::market::Failure;

/// The content type of an index's items kept as one body: a JSON array of [`Followed`].
pub const FOLLOWED: &str = "application/vnd.bellwether.followed+json";

/// Why there was no answer, where the host says that it is its own fault.
const HOST_ERROR: &str = "server_error";

/// A longer item is no item.
const LONGEST: usize = 300;

/// Where the items stand in an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Items {
    /// The texts at a path of a JSON answer.
    At(Path),
    /// Whatever stands between these two texts, of the characters of a path's segment.
    Between {
        /// The text before an item.
        before: String,
        /// The text after it.
        after: String,
    },
}

/// The answer for one item of an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Followed {
    /// The item; empty for the index itself.
    pub item: String,
    /// Its `Content-Type`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Its body as text; `None` if there was none.
    pub body: Option<String>,
    /// Why there was none: [`Failure::word`], or that the host itself had an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

impl Followed {
    /// An answer with its body, decoded: what is kept is text.
    pub fn answered(item: &str, body: &Body<'_>) -> Self {
        let text = match encoding::decode(body) {
            Ok(text) => text.into_owned(),
            Err(failure) => return Self::failed(item, &failure),
        };
        let kind = body
            .content_type
            .map(|stated| stated.split(';').next().unwrap_or(stated).trim());
        Self {
            item: item.to_string(),
            content_type: kind.map(|kind| format!("{kind}; charset=utf-8")),
            body: Some(text),
            failure: None,
        }
    }

    /// Whether there is no answer for a reason that passes by itself: the host will answer when it is asked again.
    pub fn may_come(&self) -> bool {
        let passes = [
            "connect",
            "dns",
            "overloaded",
            HOST_ERROR,
            "throttled",
            "timeout",
            "tls",
            "truncated",
        ];
        let word = self.failure.as_deref();
        self.body.is_none() && word.is_some_and(|word| passes.contains(&word))
    }

    /// No answer.
    pub fn failed(item: &str, failure: &Failure) -> Self {
        let word = match failure {
            Failure::Status { status, .. } if *status >= 500 => HOST_ERROR,
            failure => failure.word(),
        };
        Self {
            item: item.to_string(),
            content_type: None,
            body: None,
            failure: Some(word.to_string()),
        }
    }
}

/// The items that an index names: each once, sorted, so that an index in another order is the same index.
pub fn items(items: &Items, body: &Body<'_>, most: usize) -> Result<Vec<String>, Failure> {
    let mut found: Vec<String> = match items {
        Items::At(path) => json::texts_at(&json::parse(body)?, path),
        Items::Between { before, after } => between(&encoding::decode(body)?, before, after),
    };
    found.retain(|item| !item.is_empty() && item.len() <= LONGEST);
    found.sort();
    found.dedup();
    if found.len() > most {
        return Err(Failure::Unreadable {
            expected: format!("at most {most} items in the index"),
            found: found.len().to_string(),
        });
    }
    if found.is_empty() {
        let expected = match items {
            Items::At(path) => format!("items of the index at {path}"),
            Items::Between { before, after } => format!("items between '{before}' and '{after}'"),
        };
        return Err(Failure::Unreadable {
            expected,
            found: "none".to_string(),
        });
    }
    Ok(found)
}

fn between(text: &str, before: &str, after: &str) -> Vec<String> {
    let is_item = |c: char| c.is_ascii_alphanumeric() || "-._~%@".contains(c);
    text.split(before)
        .skip(1)
        .filter_map(|rest| {
            let item = rest.split(after).next()?;
            (item.len() < rest.len() && item.chars().all(is_item)).then(|| item.to_string())
        })
        .collect()
}

/// An item that is a path itself (`acme/model-9`): each of its segments as one of an address's path. Segments that would lead
/// elsewhere are left out.
pub fn segments(item: &str) -> String {
    let kept = item
        .split('/')
        .filter(|part| !matches!(*part, "" | "." | ".."));
    kept.map(segment).collect::<Vec<_>>().join("/")
}

/// An item as one segment of an address's path.
pub fn segment(item: &str) -> String {
    let mut out = String::with_capacity(item.len());
    for byte in item.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(items: &Items, text: &str) -> String {
        let body = Body {
            bytes: text.as_bytes(),
            content_type: None,
        };
        match super::items(items, &body, 3) {
            Ok(found) => found.join(" "),
            Err(failure) => failure.to_string(),
        }
    }

    #[test]
    fn an_index_names_its_items_in_any_order() {
        let path = Items::At("data[].id".parse().expect("a path"));
        let cards = Items::Between {
            before: "card-".into(),
            after: ".html".into(),
        };
        for (items, text, expected) in [
            (
                &path,
                r#"{"data":[{"id":"b"},{"id":"a"},{"id":"b"},{"id":null}]}"#,
                "a b",
            ),
            (
                &path,
                r#"{"data":[]}"#,
                "expected items of the index at data[].id, found none",
            ),
            (
                &cards,
                r#"["card-b.html","x card-a.html#y","card-.html","card-a b.html","card-open"]"#,
                "a b",
            ),
            (
                &cards,
                "nothing",
                "expected items between 'card-' and '.html', found none",
            ),
            (
                &cards,
                "card-a.html card-b.html card-c.html card-d.html",
                "expected at most 3 items in the index, found 4",
            ),
        ] {
            assert_eq!(found(items, text), expected, "{text}");
        }
    }

    #[test]
    fn an_item_is_one_segment() {
        assert_eq!(segment("meta/llama 3:free"), "meta%2Fllama%203%3Afree");
        assert_eq!(segment("../x?y#z"), "..%2Fx%3Fy%23z");
        assert_eq!(segments("meta/llama 3:free"), "meta/llama%203%3Afree");
        assert_eq!(segments("/../x/./y?z"), "x/y%3Fz");
    }

    #[test]
    fn answers_are_kept_as_text_of_one_encoding() {
        let utf16: Vec<u8> = [0xFE, 0xFF, 0x00, b'h', 0x00, 0xE9].to_vec();
        let body = Body {
            bytes: &utf16,
            content_type: Some("text/plain;charset=utf-16"),
        };
        let kept = Followed::answered("a", &body);
        assert_eq!(kept.body.as_deref(), Some("hé"));
        assert_eq!(
            kept.content_type.as_deref(),
            Some("text/plain; charset=utf-8")
        );
    }
}
