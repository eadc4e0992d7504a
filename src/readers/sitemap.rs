//! Sitemaps as announcements: for newsrooms that offer no feed, a new address is the announcement (facts: anthropic.md §9).

use std::borrow::Cow;

use super::folding::shortened;
use super::notes::Notes;
use super::{Body, Context, encoding};
use crate::market::{Attribute, Claim, Failure, Reading, Subject, SubjectKind, Value};

/// Raised whenever this reader makes other claims of the same body.
pub const VERSION: u32 = 1;

/// More addresses are not read: the protocol allows no more in one sitemap.
const MOST: usize = 50_000;

/// A longer address is refused, as by the protocol.
const LONGEST: usize = 2_048;

/// How a sitemap is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    /// Only addresses whose path begins with one of these, and goes on; empty for all.
    pub paths: Vec<String>,
}

/// Reads a sitemap: an address is one announcement, named by its path. When a page was last touched is not stated: one
/// deployment touches all of them. The reading is never complete; a body that is no sitemap of pages is
/// [`Failure::Unreadable`].
pub fn read(mapping: &Mapping, body: &Body<'_>, context: &Context<'_>) -> Result<Reading, Failure> {
    let text = encoding::decode(body)?;
    if !text.contains("<urlset") {
        let what = if text.contains("<sitemapindex") {
            "an index of sitemaps".to_string()
        } else {
            let start = text.trim_start().lines().next().unwrap_or("");
            format!("a body that begins '{}'", shortened(start, 40))
        };
        return Err(Failure::Unreadable {
            expected: "a sitemap of pages".to_string(),
            found: what,
        });
    }
    let mut notes = Notes::default();
    let mut claims = Vec::new();
    let mut count = 0_usize;
    for raw in text.split("<loc>").skip(1) {
        count += 1;
        if count > MOST {
            continue;
        }
        let link = raw.split('<').next().unwrap_or("").trim();
        let link = unescaped(link);
        let path = url::Url::parse(&link).map(|url| url.path().to_string());
        let path = match path {
            Ok(path) if link.len() <= LONGEST => path,
            _ => {
                notes.add("loc", "", "an address", &link);
                continue;
            }
        };
        let below = |head: &String| path.len() > head.len() && path.starts_with(head.as_str());
        if mapping.paths.is_empty() || mapping.paths.iter().any(below) {
            let subject = Subject {
                region: context.region.clone(),
                ..Subject::of_kind(
                    SubjectKind::Announcement,
                    context.provider.as_str(),
                    link.as_ref(),
                )
            };
            let name = shortened(path.trim_matches('/'), 200);
            let claim =
                |attribute, text: &str| Claim::new(attribute, Value::Text(text.into()), text);
            claims.push((
                subject,
                vec![claim(Attribute::Name, &name), claim(Attribute::Link, &link)],
            ));
        }
    }
    let mut reading = Reading::from_claims(claims, false);
    if count > MOST {
        notes.add(
            "the sitemap",
            "",
            &format!("at most {MOST} addresses"),
            &count.to_string(),
        );
    }
    notes.put_into(&mut reading);
    Ok(reading)
}

/// Without the five entities that XML knows.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return text.into();
    }
    let named = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&amp;", "&"),
    ];
    named
        .iter()
        .fold(text.to_string(), |text, (entity, sign)| {
            text.replace(entity, sign)
        })
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::{Content, ProviderId, Region, Settled};
    use crate::readers::convert::StageWords;

    const MAP: &str = r#"<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
        <url><loc>https://acme.test/news</loc><lastmod>2026-11-01T00:00:00.000Z</lastmod></url>
        <url><loc>https://acme.test/news/model-9</loc><lastmod>2026-11-20</lastmod></url>
        <url><loc> https://acme.test/research/a?x=1&amp;y=2 </loc></url>
        <url><loc>https://acme.test/careers/one</loc></url><url><loc>nowhere</loc></url></urlset>"#;

    fn shown(text: &str) -> String {
        let context = Context {
            provider: &ProviderId::from("acme"),
            region: &Region::unstated(),
            stages: &StageWords::default(),
            item: "",
            complete: true,
            settled: &Settled::new(),
        };
        let mapping = Mapping {
            paths: vec!["/news/".into(), "/research/".into()],
        };
        let body = Body {
            bytes: text.as_bytes(),
            content_type: None,
        };
        let reading = match read(&mapping, &body, &context) {
            Ok(reading) => reading,
            Err(failure) => return failure.to_string(),
        };
        assert!(!reading.complete);
        let mut lines: Vec<String> = Vec::new();
        for entry in &reading.entries {
            if let Content::Stated { claims, .. } = &entry.content {
                let claims: Vec<String> = claims
                    .iter()
                    .map(|c| format!("{}={}", c.attribute, c.value))
                    .collect();
                lines.push(claims.join(" "));
            }
        }
        lines.sort();
        lines.extend(
            reading
                .unexpected
                .iter()
                .map(|note| format!("? {}: {}", note.place, note.found)),
        );
        lines.join("\n")
    }

    #[test]
    fn addresses_below_the_paths_are_announcements() {
        insta::assert_snapshot!(shown(MAP), @"
        name=news/model-9 link=https://acme.test/news/model-9
        name=research/a link=https://acme.test/research/a?x=1&y=2
        ? loc: nowhere
        ");
    }

    #[test]
    fn other_bodies_are_unreadable() {
        for (text, expected) in [
            (
                "<html>",
                "expected a sitemap of pages, found a body that begins '<html>'",
            ),
            (
                "<sitemapindex><sitemap><loc>https://a/b.xml</loc></sitemap></sitemapindex>",
                "expected a sitemap of pages, found an index of sitemaps",
            ),
            (
                "",
                "expected a sitemap of pages, found a body that begins ''",
            ),
        ] {
            assert_eq!(shown(text), expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_order_is_one_reading_and_mutations_never_panic(at in 0usize..700, with in "\\PC{0,3}") {
            let (head, urls) = MAP.split_once("<url>").expect("a map");
            let mut turned: Vec<&str> = urls.trim_end_matches("</urlset>").split("<url>").collect();
            turned.reverse();
            let turned = format!("{head}<url>{}</urlset>", turned.join("<url>"));
            proptest::prop_assert_eq!(shown(&turned), shown(MAP));
            let mut text = MAP.to_string();
            let at = text.floor_char_boundary(at % text.len());
            text.insert_str(at, &with);
            let _ = shown(&text);
        }
    }
}
