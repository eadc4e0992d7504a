//! A watched part of a page, without the differences that mean nothing.

use pulldown_cmark::{Event, Options, Parser, TagEnd};
use scraper::Selector;

use super::folding::{folded, shortened};
use super::markdown;
use super::{Body, Context, encoding, html};
use crate::market::{Attribute, Claim, Failure, Reading, Subject, SubjectKind, Value};

/// Raised whenever this reader makes other claims of the same body.
pub const VERSION: u32 = 1;

/// A longer part is cut.
const LONGEST: usize = 20_000;

/// What a page is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// HTML: what people see.
    Html,
    /// Markdown: without its marks.
    Markdown,
    /// Itself.
    Plain,
}

/// Which part of a page is watched.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// The part's name.
    pub part: String,
    /// What the page is written in.
    pub format: Format,
    /// For HTML: the elements that are read; the whole page without.
    pub select: Option<Selector>,
    /// The first line that contains this phrase is the part's first; the first line of all without.
    pub from: Option<String>,
    /// The next line that contains this phrase is no longer of the part; all to the end without.
    pub until: Option<String>,
    /// Lines that begin with one of these are left out.
    pub drop: Vec<String>,
}

/// Reads the part as one subject with one text: a line for each line that people see, blanks folded, empty lines left out.
/// Phrases are compared without regard to case. A selector that matches nothing, a phrase that is not there, and a part
/// without any text are [`Failure::Unreadable`]: the page was rebuilt, its part did not become empty.
pub fn read(mapping: &Mapping, body: &Body<'_>, context: &Context<'_>) -> Result<Reading, Failure> {
    let page = encoding::decode(body)?;
    let lines = match mapping.format {
        Format::Html => folded_lines(&selected(mapping, &page)?),
        format => lines(format, &page)?,
    };
    let part = part(mapping, &lines)?;
    let text = part
        .iter()
        .filter(|line| !mapping.drop.iter().any(|head| begins(line, head)))
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join("\n");
    if text.is_empty() {
        return Err(Failure::Unreadable {
            expected: format!("text in part '{}'", mapping.part),
            found: format!("none, in a page of {} lines", lines.len()),
        });
    }
    let kept = shortened(&text, LONGEST);
    let subject = Subject {
        region: context.region.clone(),
        ..Subject::of_kind(
            SubjectKind::Text,
            context.provider.as_str(),
            mapping.part.as_str(),
        )
    };
    let claim = Claim::new(
        Attribute::Text,
        Value::Text(kept.as_str().into()),
        kept.as_str(),
    );
    let mut reading = Reading::from_claims([(subject, vec![claim])], context.complete);
    if kept.len() != text.len() {
        let found = format!("{}; the rest is not watched", text.chars().count());
        reading.note(
            mapping.part.as_str(),
            format!("at most {LONGEST} characters"),
            found,
        );
    }
    Ok(reading)
}

/// The lines of a page that people see, blanks folded, without empty ones.
pub(super) fn lines(format: Format, page: &str) -> Result<Vec<String>, Failure> {
    Ok(match format {
        Format::Html => folded_lines(&html::text(html::parse_bounded(page)?.root_element())),
        Format::Markdown => {
            markdown::check(page)?;
            folded_lines(&without_marks(page))
        }
        Format::Plain => folded_lines(page),
    })
}

fn folded_lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(folded);
    lines.filter(|line| !line.is_empty()).collect()
}

fn selected(mapping: &Mapping, page: &str) -> Result<String, Failure> {
    let page = html::parse_bounded(page)?;
    let Some(selector) = &mapping.select else {
        return Ok(html::text(page.root_element()));
    };
    let mut texts = Vec::new();
    let mut within = None;
    for element in page.select(selector) {
        // what a match inside a match says has been said
        let inside = element.ancestors().any(|outer| Some(outer.id()) == within);
        if !inside {
            within = Some(element.id());
            texts.push(html::text(element));
        }
    }
    if texts.is_empty() {
        return Err(Failure::Unreadable {
            expected: format!("elements for the selector of part '{}'", mapping.part),
            found: format!("none among {} nodes", page.tree.values().len()),
        });
    }
    Ok(texts.join("\n"))
}

fn without_marks(page: &str) -> String {
    let mut out = String::with_capacity(page.len());
    for event in Parser::new_ext(page, Options::ENABLE_TABLES) {
        match event {
            Event::Text(text) | Event::Code(text) | Event::InlineMath(text) => out.push_str(&text),
            Event::Html(text) | Event::InlineHtml(text) => {
                if !text.trim_start().starts_with("<!--") {
                    out.push_str(&text);
                }
            }
            Event::End(TagEnd::TableCell) | Event::SoftBreak => out.push(' '),
            Event::End(
                TagEnd::Emphasis
                | TagEnd::Strong
                | TagEnd::Link
                | TagEnd::Image
                | TagEnd::Strikethrough,
            )
            | Event::Start(_) => {}
            _ => out.push('\n'),
        }
    }
    out
}

fn part<'a>(mapping: &Mapping, lines: &'a [String]) -> Result<&'a [String], Failure> {
    let find = |lines: &[String], phrase: &str| {
        let phrase = folded(phrase).to_lowercase();
        let at = lines
            .iter()
            .position(|line| line.to_lowercase().contains(&phrase));
        at.ok_or_else(|| Failure::Unreadable {
            expected: format!("a line with '{}'", shortened(&phrase, 120)),
            found: format!("none among {} lines", lines.len()),
        })
    };
    let start = match &mapping.from {
        Some(phrase) => find(lines, phrase)?,
        None => 0,
    };
    let part = lines.get(start..).unwrap_or_default();
    let Some(phrase) = &mapping.until else {
        return Ok(part);
    };
    let skipped = usize::from(mapping.from.is_some());
    let length = find(part.get(skipped..).unwrap_or_default(), phrase)? + skipped;
    Ok(part.get(..length).unwrap_or_default())
}

fn begins(line: &str, head: &str) -> bool {
    line.to_lowercase()
        .starts_with(&folded(head).to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::{Content, ProviderId, Region, Settled};
    use crate::readers::convert::StageWords;

    const HTML: &str = "<html><head><title>t</title></head><body><nav>menu</nav><main><h1>Agents</h1><p>In  <b>limited</b>\n preview.\
        <p>Last updated: today<div class=box><p>Regions: <span>us</span></p><script>x</script></div></main><div class=box>other</div>";

    fn shown(mapping: &Mapping, text: &str) -> String {
        let context = Context {
            provider: &ProviderId::from("acme"),
            region: &Region::unstated(),
            stages: &StageWords::default(),
            item: "",
            complete: true,
            settled: &Settled::new(),
        };
        let body = Body {
            bytes: text.as_bytes(),
            content_type: Some("text/html"),
        };
        match read(mapping, &body, &context) {
            Err(failure) => failure.to_string(),
            Ok(reading) => {
                let claims = reading.entries.iter().map(|entry| match &entry.content {
                    Content::Stated { claims, .. } => claims[0].value.to_string(),
                    Content::Settled => String::new(),
                });
                claims.collect::<Vec<_>>().join("/")
            }
        }
    }

    fn whole(format: Format) -> Mapping {
        Mapping {
            part: "agents".into(),
            format,
            select: None,
            from: None,
            until: None,
            drop: Vec::new(),
        }
    }

    #[test]
    fn parts_of_pages_are_read() {
        let select = |selector: &str| Mapping {
            select: Selector::parse(selector).ok(),
            ..whole(Format::Html)
        };
        let cut = |from: &str, until: &str| Mapping {
            from: Some(from.into()),
            until: Some(until.into()),
            ..whole(Format::Plain)
        };
        let dropped = Mapping {
            drop: vec!["last Updated".into()],
            ..select("main")
        };
        let markdown = "# Agents\n\n**Limited** [preview](https://x)\nsoon.\n\n| a | b |\n|---|---|\n| 1 | `2` |\n\n<!-- 7 -->\n- x\n- y\n";
        for (mapping, text, expected) in [
            (
                whole(Format::Html),
                HTML,
                "menu\nAgents\nIn limited preview.\nLast updated: today\nRegions: us\nother",
            ),
            (dropped, HTML, "Agents\nIn limited preview.\nRegions: us"),
            (
                select("main, .box"),
                HTML,
                "Agents\nIn limited preview.\nLast updated: today\nRegions: us\nother",
            ),
            (
                select("#gone"),
                HTML,
                "expected elements for the selector of part 'agents', found none among 27 nodes",
            ),
            (
                select("script"),
                HTML,
                "expected text in part 'agents', found none, in a page of 0 lines",
            ),
            (
                whole(Format::Markdown),
                markdown,
                "Agents\nLimited preview soon.\na b\n1 2\nx\ny",
            ),
            (
                cut("two", "FOUR"),
                "one\n two  b\nthree\nfour",
                "two b\nthree",
            ),
            (cut("two", "two"), "two\nthree\ntwo", "two\nthree"),
            (
                cut("two", "nine"),
                "one\ntwo\nthree",
                "expected a line with 'nine', found none among 1 lines",
            ),
            (
                cut("zero", "nine"),
                "one",
                "expected a line with 'zero', found none among 1 lines",
            ),
            (
                whole(Format::Plain),
                " \n",
                "expected text in part 'agents', found none, in a page of 0 lines",
            ),
        ] {
            assert_eq!(shown(&mapping, text), expected);
        }
    }

    #[test]
    fn long_parts_are_cut() {
        let long = "word ".repeat(10_000);
        assert_eq!(shown(&whole(Format::Plain), &long).chars().count(), LONGEST);
    }

    proptest::proptest! {
        #[test]
        fn any_page_is_read_without_panic(text in "\\PC{0,200}") {
            for format in [Format::Html, Format::Markdown, Format::Plain] {
                let _ = shown(&whole(format), &text);
            }
        }
    }
}
