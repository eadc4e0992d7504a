//! HTML of strangers, parsed within bounds.

use html5ever::driver::parse_document;
use html5ever::tendril::TendrilSink;
use scraper::{ElementRef, Html, HtmlTreeSink, Node};

use crate::market::Failure;

/// Deeper nesting is refused: the parser's work grows with the square of the depth (servo/html5ever#788).
const DEEPEST: usize = 512;

/// More attributes in one tag are refused: each is compared with all before it.
const MOST_ATTRIBUTES: usize = 2_000;

/// What looks like a tag inside a script is hardly ever one; if it is, so many attributes cost a tenth of a second.
const MOST_IN_SCRIPTS: usize = 20_000;

/// More elements, texts and comments in one page are refused: the largest pages that are read have seven thousand.
const MOST_NODES: usize = 150_000;

/// More attributes in all tags of a page are refused.
const MOST_ATTRIBUTES_IN_ALL: usize = 300_000;

/// The parser is fed so many bytes at a time, and the depth looked at in between.
const PIECE: usize = 4_096;

/// Parses a page. Work is bounded by the page's length: nesting beyond 512 levels, tags of more than 2,000 attributes and
/// pages of more than 150,000 nodes are [`Failure::Unreadable`].
pub fn parse_bounded(text: &str) -> Result<Html, Failure> {
    if has_huge_tag(text) {
        return Err(refusal(format!(
            "a tag of more than {MOST_ATTRIBUTES} attributes, or {MOST_ATTRIBUTES_IN_ALL} in all"
        )));
    }
    let mut parser = parse_document(
        HtmlTreeSink::new(Html::new_document()),
        html5ever::ParseOpts::default(),
    );
    let (mut rest, mut seen) = (text, 0);
    while !rest.is_empty() {
        let (piece, left) = rest.split_at(rest.floor_char_boundary(PIECE));
        parser.process(piece.into());
        rest = left;
        let html = parser.tokenizer.sink.sink.0.borrow();
        let nodes = html.tree.values().len();
        if nodes > MOST_NODES {
            return Err(refusal(format!(
                "more than {MOST_NODES} elements and texts"
            )));
        }
        if let Some(new) = html.tree.nodes().nth(seen)
            && std::iter::once(new)
                .chain(html.tree.nodes().skip(seen + 1))
                .any(|node| node.ancestors().nth(DEEPEST).is_some())
        {
            return Err(refusal(format!("nesting of more than {DEEPEST} levels")));
        }
        seen = nodes;
    }
    Ok(parser.finish())
}

/// Elements that stand on lines of their own.
const BLOCKS: [&str; 40] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "br",
    "caption",
    "dd",
    "details",
    "dialog",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "html",
    "li",
    "main",
    "nav",
    "ol",
    "option",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tbody",
    "tr",
    "ul",
];

/// Elements whose text nobody reads.
const UNSEEN: [&str; 7] = [
    "script", "style", "noscript", "template", "svg", "iframe", "head",
];

/// The text that people see inside an element: blocks on lines of their own, cells apart, scripts and styles left out.
/// Line breaks of the source are blanks.
pub fn text(element: ElementRef<'_>) -> String {
    let mut out = String::new();
    let mut node = *element;
    loop {
        let is_leaf = match node.value() {
            Node::Text(text) => {
                out.extend(
                    text.text
                        .chars()
                        .map(|c| if c.is_whitespace() { ' ' } else { c }),
                );
                true
            }
            Node::Element(element) => {
                separate(&mut out, element.name());
                UNSEEN.contains(&element.name())
            }
            _ => false,
        };
        if let Some(child) = node.first_child().filter(|_| !is_leaf) {
            node = child;
            continue;
        }
        loop {
            if let Node::Element(element) = node.value() {
                separate(&mut out, element.name());
            }
            if node == *element {
                return out;
            }
            if let Some(next) = node.next_sibling() {
                node = next;
                break;
            }
            match node.parent() {
                Some(parent) => node = parent,
                None => return out,
            }
        }
    }
}

fn separate(out: &mut String, element: &str) {
    if BLOCKS.contains(&element) {
        out.push('\n');
    } else if matches!(element, "td" | "th") {
        out.push(' ');
    }
}

fn refusal(found: String) -> Failure {
    Failure::Unreadable {
        expected: "an ordinary page".to_string(),
        found,
    }
}

/// Whether a tag, or all together, has more attributes than are allowed. What only looks like a tag inside a script (`i<n`) may go on for long.
fn has_huge_tag(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut most = MOST_ATTRIBUTES;
    let (mut at, mut all) = (0, 0);
    while let Some(found) = bytes.get(at..).and_then(next_tag) {
        at += found + 1;
        let rest = bytes.get(at..).unwrap_or_default();
        if starts_with(rest, b"script") || starts_with(rest, b"style") {
            most = MOST_IN_SCRIPTS;
        } else if starts_with(rest, b"/script") || starts_with(rest, b"/style") {
            most = MOST_ATTRIBUTES;
        }
        if rest.first().is_some_and(u8::is_ascii_alphabetic) {
            let (count, end) = attributes(bytes, at);
            if most == MOST_ATTRIBUTES {
                all += count;
            }
            if count > most || all > MOST_ATTRIBUTES_IN_ALL {
                return true;
            }
            at = end;
        }
    }
    false
}

fn starts_with(bytes: &[u8], name: &[u8]) -> bool {
    bytes
        .get(..name.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(name))
}

fn next_tag(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| *byte == b'<')
}

/// Counts the attributes of the tag whose name begins at `at`; gives where the tag ends, too.
fn attributes(bytes: &[u8], mut at: usize) -> (usize, usize) {
    let mut count = 0;
    let mut between = false;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'>' => break,
            b' ' | b'\t' | b'\n' | b'\r' | 0x0c | b'/' => between = true,
            b'=' if count > 0 => {
                at += 1;
                while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
                    at += 1;
                }
                if let Some(quote @ (b'"' | b'\'')) = bytes.get(at) {
                    let rest = bytes.get(at + 1..).unwrap_or_default();
                    let length = rest.iter().position(|b| b == quote);
                    at += 1 + length.unwrap_or(rest.len());
                    between = true;
                } else {
                    continue;
                }
            }
            _ if between => {
                count += 1;
                between = false;
                if count > MOST_IN_SCRIPTS {
                    break;
                }
            }
            _ => {}
        }
        at += 1;
    }
    (count, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match parse_bounded(text) {
            Ok(html) => html.root_element().text().collect(),
            Err(failure) => failure.to_string(),
        }
    }

    #[test]
    fn pages_are_read_and_hostile_ones_refused() {
        let rows = "<tr><td>x<td>y".repeat(3_000);
        let attributes = (0..2_100).map(|n| format!(" a{n}=1")).collect::<String>();
        let deep = "expected an ordinary page, found nesting of more than 512 levels";
        for (text, expected) in [
            ("<p>a<p>b".to_string(), "ab"),
            (format!("<table>{rows}</table>"), &"xy".repeat(3_000)),
            ("<li>x".repeat(5_000), &"x".repeat(5_000)),
            (format!("{}x", "<div>".repeat(300)), "x"),
            ("<div>".repeat(2_000), deep),
            ("<div></body><!-- -->".repeat(2_000), deep),
            ("<div><object></div></object>".repeat(2_000), deep),
            ("<table><tr><td>".repeat(2_000), deep),
            ("<ul><li>".repeat(2_000), deep),
            (
                format!("<p><a{attributes}>x</a>"),
                "expected an ordinary page, found a tag of more than 2000 attributes, or 300000 in all",
            ),
            (
                format!("<script>if (i<n) {{ {} }}</script>x", "a b ".repeat(3_000)),
                &format!("if (i<n) {{ {} }}x", "a b ".repeat(3_000)),
            ),
            (
                format!("<script></script><a{attributes}>x"),
                "expected an ordinary page, found a tag of more than 2000 attributes, or 300000 in all",
            ),
            (
                "<br>x".repeat(100_000),
                "expected an ordinary page, found more than 150000 elements and texts",
            ),
            (
                format!("<a title=\"{}\">x</a>", "b c=d ".repeat(3_000)),
                "x",
            ),
        ] {
            assert_eq!(shown(&text), expected, "{:.40}", text);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_parsed_without_panic(text in "[<>a-c/='\" !-]{0,200}") {
            let _ = shown(&text);
        }
    }
}
