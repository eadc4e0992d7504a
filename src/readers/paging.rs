//! Answers in several pages: where the next one is, and the pages as one reading.

use std::collections::{HashMap, HashSet};

use serde_json::Value as Json;

use super::Body;
use super::json::{self, Path};
use crate::market::{Attribute, Claim, Content, Failure, Reading, Subject, SubjectKey};

/// A longer token or link is refused.
const LONGEST: usize = 8_192;

/// How a body says that there are more pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paging {
    /// A flag says whether there are more; a cursor goes into the next request.
    Cursor {
        /// The flag.
        has_more: Path,
        /// The cursor.
        cursor: Path,
        /// The query parameter that takes it.
        parameter: String,
    },
    /// A token goes into the next request; without one this is the last page.
    Token {
        /// The token.
        token: Path,
        /// The query parameter that takes it.
        parameter: String,
    },
    /// A token goes into the next request's body, which is a JSON object; without one this is the last page.
    BodyToken {
        /// The token.
        token: Path,
        /// The field of the body that takes it.
        field: String,
    },
    /// A token in a header of the answer goes into the next request; without one this is the last page.
    Header {
        /// The header, in small letters.
        header: String,
        /// The query parameter that takes it.
        parameter: String,
    },
    /// The body holds the next page's absolute URL; without one this is the last page.
    Link {
        /// The URL.
        link: Path,
    },
}

/// How to ask for the next page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextPage {
    /// The same request with this query parameter.
    Parameter {
        /// Its name.
        name: String,
        /// Its value, not encoded.
        value: String,
    },
    /// The same request with this field in its body.
    Field {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
    /// This URL, as the body states it: whoever fetches it checks that it is of the same host.
    Link(String),
}

/// Where the next page is; `None` after the last one. A body that says there are more without saying where is
/// [`Failure::Unreadable`]: what was read so far must not pass for everything.
pub fn next_page(paging: &Paging, body: &Body<'_>) -> Result<Option<NextPage>, Failure> {
    let json = json::parse(body)?;
    let next = match paging {
        Paging::Cursor {
            has_more,
            cursor,
            parameter,
        } => match json::text_at(&json, has_more).as_deref() {
            Some("true") => {
                let value = bounded(&json, cursor)?.ok_or_else(|| Failure::Unreadable {
                    expected: format!("a cursor at {cursor}, for {has_more} is true"),
                    found: json::outline_of(&json),
                })?;
                Some(NextPage::Parameter {
                    name: parameter.clone(),
                    value,
                })
            }
            Some("false") | None => None,
            Some(other) => {
                return Err(Failure::Unreadable {
                    expected: format!("true or false at {has_more}"),
                    found: format!("'{}'", super::folding::shortened(other, 40)),
                });
            }
        },
        Paging::Token { token, parameter } => {
            bounded(&json, token)?.map(|value| NextPage::Parameter {
                name: parameter.clone(),
                value,
            })
        }
        Paging::BodyToken { token, field } => bounded(&json, token)?.map(|value| NextPage::Field {
            name: field.clone(),
            value,
        }),
        Paging::Link { link } => bounded(&json, link)?.map(NextPage::Link),
        // whoever has the headers knows
        Paging::Header { .. } => None,
    };
    Ok(next)
}

fn bounded(json: &Json, path: &Path) -> Result<Option<String>, Failure> {
    match json::text_at(json, path).filter(|text| !text.is_empty()) {
        Some(text) if text.len() > LONGEST => Err(Failure::Unreadable {
            expected: format!("a short text at {path}"),
            found: format!("one of {} bytes", text.len()),
        }),
        text => Ok(text),
    }
}

/// The readings of all pages as one. A subject that stands on two pages has the claims of both; the whole is complete if
/// every page is.
pub fn merge(pages: impl IntoIterator<Item = Reading>) -> Reading {
    let mut rows: Vec<(Subject, Vec<Claim>)> = Vec::new();
    let mut prints = HashMap::new();
    let mut settled = HashMap::new();
    let mut unexpected = Vec::new();
    let mut unclear = HashSet::new();
    let mut dated = Vec::new();
    let mut ended = HashMap::new();
    let mut complete = true;
    let mut count = 0_usize;
    for page in pages {
        count += 1;
        complete &= page.complete;
        unexpected.extend(page.unexpected);
        unclear.extend(page.unclear);
        dated.extend(page.dated);
        ended.extend(page.ended);
        for entry in page.entries {
            match entry.content {
                Content::Settled => {
                    settled.insert(entry.key, entry);
                }
                Content::Stated {
                    claims,
                    fingerprint,
                } => {
                    // the raw text of an entry on two pages is neither page's
                    let once = prints.insert(entry.key, fingerprint).is_none();
                    if !once {
                        prints.insert(entry.key, None);
                    }
                    rows.push((entry.subject, claims));
                }
            }
        }
    }
    let mut merged = Reading::from_claims(rows, complete && count > 0);
    let stated: std::collections::HashSet<SubjectKey> =
        merged.entries.iter().map(|entry| entry.key).collect();
    for entry in &mut merged.entries {
        if let Content::Stated { fingerprint, .. } = &mut entry.content {
            *fingerprint = prints.get(&entry.key).copied().flatten();
        }
    }
    merged.entries.extend(
        settled
            .into_values()
            .filter(|entry| !stated.contains(&entry.key)),
    );
    unclear.retain(|(key, attribute)| !states(&merged, *key, attribute));
    merged.unclear.extend(unclear);
    // of two pages neither is the later one in time
    dated.sort_by_key(|dated| dated.from);
    merged.dated = dated;
    ended.retain(|key, _| !merged.entries.iter().any(|entry| entry.key == *key));
    merged.ended = ended;
    merged.unexpected.extend(unexpected);
    merged.unexpected.sort();
    merged.unexpected.dedup();
    merged
}

/// Whether one page passes over a subject as settled of which another says something: what holds of it is known of both only.
pub fn is_torn(pages: &[Reading]) -> bool {
    let with = |settled: bool| {
        let entries = pages.iter().flat_map(|page| &page.entries);
        entries.filter(move |entry| (entry.content == Content::Settled) == settled)
    };
    let passed: HashSet<SubjectKey> = with(true).map(|entry| entry.key).collect();
    !passed.is_empty() && with(false).any(|entry| passed.contains(&entry.key))
}

/// Whether some page states the attribute clearly.
fn states(reading: &Reading, key: SubjectKey, attribute: &Attribute) -> bool {
    let of_key = reading.entries.iter().filter(|entry| entry.key == key);
    of_key.into_iter().any(|entry| match &entry.content {
        Content::Stated { claims, .. } => claims.iter().any(|c| c.attribute == *attribute),
        Content::Settled => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::{Stage, Value};

    fn next(paging: &Paging, text: &str) -> String {
        let body = Body {
            bytes: text.as_bytes(),
            content_type: None,
        };
        match next_page(paging, &body) {
            Ok(None) => "last".to_string(),
            Ok(Some(NextPage::Parameter { name, value })) => format!("{name}={value}"),
            Ok(Some(NextPage::Field { name, value })) => format!("{name}: {value}"),
            Ok(Some(NextPage::Link(link))) => link,
            Err(failure) => failure.to_string(),
        }
    }

    #[test]
    fn bodies_say_where_the_next_page_is() {
        let path = |text: &str| text.parse::<Path>().expect("a path");
        let cursor = Paging::Cursor {
            has_more: path("has_more"),
            cursor: path("last_id"),
            parameter: "after_id".into(),
        };
        let token = Paging::Token {
            token: path("nextToken"),
            parameter: "nextToken".into(),
        };
        let field = Paging::BodyToken {
            token: path("continuationToken"),
            field: "continuationToken".into(),
        };
        let link = Paging::Link {
            link: path("nextLink"),
        };
        for (paging, text, expected) in [
            (
                &cursor,
                r#"{"has_more":true,"last_id":"m9"}"#,
                "after_id=m9",
            ),
            (&cursor, r#"{"has_more":false,"last_id":"m9"}"#, "last"),
            (&cursor, r#"{"data":[]}"#, "last"),
            (
                &cursor,
                r#"{"has_more":true,"last_id":null}"#,
                "expected a cursor at last_id, for has_more is true, found an object with has_more, last_id",
            ),
            (
                &cursor,
                r#"{"has_more":"maybe"}"#,
                "expected true or false at has_more, found 'maybe'",
            ),
            (&token, r#"{"nextToken":"a+b="}"#, "nextToken=a+b="),
            (&token, r#"{"nextToken":""}"#, "last"),
            (
                &field,
                r#"{"continuationToken":"eyJ="}"#,
                "continuationToken: eyJ=",
            ),
            (&field, r#"{"continuationToken":null}"#, "last"),
            (&field, "{}", "last"),
            (
                &link,
                r#"{"nextLink":"https://h/x?p=2"}"#,
                "https://h/x?p=2",
            ),
            (&link, r#"{"nextLink":null}"#, "last"),
        ] {
            assert_eq!(next(paging, text), expected, "{text}");
        }
        assert!(next(&token, "<html>").starts_with("expected JSON"));
    }

    #[test]
    fn what_holds_from_a_day_on_stays_with_its_page() {
        let mut page = Reading::from_claims([(Subject::offering("p", "a"), Vec::new())], true);
        page.dated.push(crate::market::Dated {
            key: Subject::offering("p", "a").key(),
            from: jiff::Timestamp::UNIX_EPOCH,
            claims: Vec::new(),
            whole: true,
        });
        let dated = page.dated.clone();
        assert_eq!(merge([page, Reading::from_claims([], true)]).dated, dated);
    }

    #[test]
    fn what_one_page_states_unclearly_is_not_absent() {
        let of = |id: &str, claim: Claim| {
            Reading::from_claims([(Subject::offering("p", id), vec![claim])], true)
        };
        let ga = || Claim::new(Attribute::Stage, Value::Stage(Stage::Ga), "ga");
        let unclear = || Claim::unclear(Attribute::Stage, "?");
        let merged = merge([of("a", unclear()), of("b", ga()), of("b", unclear())]);
        let key = Subject::offering("p", "a").key();
        assert_eq!(merged.unclear, [(key, Attribute::Stage)].into());
    }

    #[test]
    fn pages_make_one_reading_in_any_order() {
        let page = |id: &str, stage: Stage, complete| {
            let claim = Claim::new(Attribute::Stage, Value::Stage(stage), stage.word());
            Reading::from_claims([(Subject::offering("p", id), vec![claim])], complete)
        };
        let shown = |pages: Vec<Reading>| {
            let merged = merge(pages);
            let mut entries: Vec<String> = merged
                .entries
                .iter()
                .map(|entry| format!("{} {:?}", entry.subject.native_id, entry.content))
                .collect();
            entries.sort();
            (entries, merged.complete, merged.unexpected)
        };
        let pages = || {
            vec![
                page("a", Stage::Ga, true),
                page("b", Stage::Ga, true),
                page("a", Stage::Legacy, true),
            ]
        };
        let (entries, complete, notes) = shown(pages());
        assert_eq!((entries.len(), complete, notes.len()), (2, true, 1));
        assert_eq!(shown(pages().into_iter().rev().collect()).0, entries);
        assert!(
            !shown(vec![
                page("a", Stage::Ga, true),
                page("b", Stage::Ga, false)
            ])
            .1
        );
        assert!(!shown(Vec::new()).1);
    }
}
