//! Splits HTML, and HTML inside Markdown and MDX, into tags and texts.
//!
//! A parser that builds a tree takes quadratic time on nested or many-attributed hostile input, and a reader of tables
//! needs no tree. This one takes linear time whatever it is given: every byte is looked at once.

use std::borrow::Cow;
use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Token as HtmlToken, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

/// Elements whose content is no text of the page.
const SKIPPED: [&str; 8] = [
    "script", "style", "textarea", "title", "svg", "iframe", "noembed", "xmp",
];

/// A text longer than this is cut before its character references are decoded.
const MOST_TEXT: usize = 16 * 1024;

/// The attributes that a table's reader uses.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Attributes<'a> {
    /// `colspan`; one if absent or no number.
    pub colspan: Option<usize>,
    /// `rowspan`; zero reaches to the end.
    pub rowspan: Option<usize>,
    /// An image's text.
    pub alt: Option<&'a str>,
    /// Where a link leads, character references not yet decoded.
    pub href: Option<&'a str>,
}

/// A piece of HTML.
#[derive(Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// Between tags, character references not yet decoded.
    Text(&'a str),
    /// A start tag, its name in lower case; in JSX a component keeps its capitals (`<Table>` is no table).
    Open(String, Attributes<'a>),
    /// An end tag, its name in lower case.
    Close(String),
}

/// The tokens of a text, each with the byte offset of its end.
pub struct Tokens<'a> {
    text: &'a str,
    at: usize,
    jsx: bool,
}

impl<'a> Tokens<'a> {
    /// Over `text`; `jsx` also understands attributes in braces.
    pub fn new(text: &'a str, jsx: bool) -> Self {
        Self { text, at: 0, jsx }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn rest(&self, at: usize) -> &'a str {
        self.text.get(at..).unwrap_or("")
    }

    /// The offset just behind the next `end` from `from` on, or the end of the text.
    fn behind(&self, from: usize, end: &str) -> usize {
        self.rest(from)
            .find(end)
            .map_or(self.text.len(), |found| from + found + end.len())
    }

    fn name_at(&self, at: usize) -> String {
        let rest = self.rest(at);
        let end = rest
            .find(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>')
            .unwrap_or(rest.len());
        let name = rest.get(..end).unwrap_or("");
        let component = name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.contains(|c: char| c.is_ascii_lowercase());
        if self.jsx && component {
            return name.to_string();
        }
        name.to_ascii_lowercase()
    }

    /// Whether a tag, comment or declaration begins here.
    fn is_markup(&self, at: usize) -> bool {
        self.byte(at) == Some(b'<')
            && match self.byte(at + 1) {
                Some(b'!' | b'?') => true,
                Some(b'/') => self.byte(at + 2).is_some_and(|b| b.is_ascii_alphabetic()),
                Some(b) => b.is_ascii_alphabetic(),
                None => false,
            }
    }

    fn open_tag(&mut self, start: usize) -> Token<'a> {
        let name = self.name_at(start + 1);
        let mut attributes = Attributes::default();
        let mut at = start + 1 + name.len();
        let mut closed = false;
        while let Some(byte) = self.byte(at) {
            match byte {
                b'>' => {
                    at += 1;
                    break;
                }
                b'/' => {
                    closed = self.byte(at + 1) == Some(b'>');
                    at += 1;
                }
                b if b.is_ascii_whitespace() => at += 1,
                _ => at = self.attribute(at, &mut attributes),
            }
        }
        self.at = at;
        if !closed && SKIPPED.contains(&name.as_str()) {
            self.at = self.behind_element(&name);
        }
        Token::Open(name, attributes)
    }

    /// Reads one attribute from `at`; gives the offset behind it.
    fn attribute(&self, at: usize, attributes: &mut Attributes<'a>) -> usize {
        let rest = self.rest(at);
        let length = rest
            .char_indices()
            .find(|(i, c)| {
                c.is_ascii_whitespace() || matches!(c, '>' | '/') || (*c == '=' && *i > 0)
            })
            .map_or(rest.len(), |(i, _)| i);
        let name = rest.get(..length).unwrap_or("");
        let blanks = |from: usize| {
            let rest = self.rest(from);
            from + (rest.len() - rest.trim_ascii_start().len())
        };
        let after_name = blanks(at + length);
        if self.byte(after_name) != Some(b'=') {
            return (at + length).max(at + 1);
        }
        let start = blanks(after_name + 1);
        let (value, end) = self.value(start);
        let number = || {
            value
                .trim_matches(|c: char| !c.is_ascii_digit())
                .parse::<usize>()
                .ok()
        };
        match name {
            name if name.eq_ignore_ascii_case("colspan") => attributes.colspan = number(),
            name if name.eq_ignore_ascii_case("rowspan") => attributes.rowspan = number(),
            name if name.eq_ignore_ascii_case("alt") => attributes.alt = Some(value),
            name if name.eq_ignore_ascii_case("href") => attributes.href = Some(value),
            _ => {}
        }
        end
    }

    /// An attribute's value that begins at `start`, and the offset behind it.
    fn value(&self, start: usize) -> (&'a str, usize) {
        let inside = |from: usize, end: usize| self.text.get(from..end).unwrap_or("");
        match self.byte(start) {
            Some(quote @ (b'"' | b'\'')) => {
                let quote = if quote == b'"' { "\"" } else { "'" };
                let end = self.behind(start + 1, quote);
                (inside(start + 1, end.saturating_sub(1).max(start + 1)), end)
            }
            Some(b'{') if self.jsx => {
                let mut depth = 0_usize;
                for (i, byte) in self.rest(start).bytes().enumerate() {
                    match byte {
                        b'{' => depth += 1,
                        b'}' => depth -= 1,
                        _ => {}
                    }
                    if depth == 0 {
                        return (inside(start + 1, start + i), start + i + 1);
                    }
                }
                ("", self.text.len())
            }
            _ => {
                let rest = self.rest(start);
                let length = rest
                    .find(|c: char| c.is_ascii_whitespace() || c == '>')
                    .unwrap_or(rest.len());
                (inside(start, start + length), start + length)
            }
        }
    }

    /// The offset behind the end tag of the skipped element that has just been opened.
    fn behind_element(&self, name: &str) -> usize {
        let mut at = self.at;
        while let Some(found) = self.rest(at).find("</") {
            let tag = at + found;
            if self.name_at(tag + 2) == name {
                return self.behind(tag, ">");
            }
            at = tag + 2;
        }
        self.text.len()
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = (Token<'a>, usize);

    fn next(&mut self) -> Option<Self::Item> {
        while self.at < self.text.len() {
            let start = self.at;
            if !self.is_markup(start) {
                let mut end = start + 1;
                while end < self.text.len() && !self.is_markup(end) {
                    end += 1;
                }
                self.at = end;
                return Some((Token::Text(self.text.get(start..end).unwrap_or("")), end));
            }
            if self.rest(start).starts_with("<!--") {
                self.at = self.behind(start + 2, "-->");
                continue;
            }
            match self.byte(start + 1) {
                Some(b'!' | b'?') => self.at = self.behind(start, ">"),
                Some(b'/') => {
                    let name = self.name_at(start + 2);
                    self.at = self.behind(start, ">");
                    return Some((Token::Close(name), self.at));
                }
                _ => {
                    let token = self.open_tag(start);
                    return Some((token, self.at));
                }
            }
        }
        None
    }
}

#[derive(Default)]
struct Characters(RefCell<String>);

impl TokenSink for Characters {
    type Handle = ();

    fn process_token(&self, token: HtmlToken, _line: u64) -> TokenSinkResult<()> {
        if let HtmlToken::CharacterTokens(characters) = token {
            self.0.borrow_mut().push_str(&characters);
        }
        TokenSinkResult::Continue
    }
}

/// A text with its character references (`&amp;`, `&#8209;`) decoded.
pub fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut end = text.len().min(MOST_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(text.get(..end).unwrap_or("")));
    let tokenizer = Tokenizer::new(Characters::default(), TokenizerOpts::default());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    Cow::Owned(tokenizer.sink.0.take())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, jsx: bool) -> String {
        Tokens::new(text, jsx)
            .map(|(token, _)| match token {
                Token::Text(text) => format!("'{}'", decoded(text)),
                Token::Close(name) => format!("/{name}"),
                Token::Open(
                    name,
                    Attributes {
                        colspan,
                        rowspan,
                        alt,
                        href,
                    },
                ) => {
                    let number = |n: Option<usize>| n.map_or(String::new(), |n| format!(" {n}"));
                    let alt = alt.map_or(String::new(), |alt| format!(" [{alt}]"));
                    let href = href.map_or(String::new(), |href| format!(" ({href})"));
                    format!("{name}{}{}{alt}{href}", number(colspan), number(rowspan))
                }
            })
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn tags_texts_and_attributes_are_told_apart() {
        for (text, jsx, expected) in [
            ("a < b &amp; c<BR/>d", false, "'a < b & c' br 'd'"),
            (
                "<td colspan=2 RowSpan='3' class=\"a>b\">x</td >",
                false,
                "td 2 3 'x' /td",
            ),
            (
                "<td rowSpan={3} style={{ a: \"b\", f: () => 1 }}>x",
                true,
                "td 3 'x'",
            ),
            ("<!-- <td> --><?x y?><!doctype html>z", false, "'z'"),
            (
                "<script>'<td>'</script>y<svg><title>t</title></svg>z",
                false,
                "script 'y' svg 'z'",
            ),
            (
                "<svg/>z<img src=x.png alt=\"Yes\">",
                false,
                "svg 'z' img [Yes]",
            ),
            ("<td colspan=many>", false, "td"),
            ("<a HREF='/m/x'>x</a>", false, "a (/m/x) 'x' /a"),
            ("<Table a={1}><TABLE>", true, "Table table"),
            ("&nbsp;&#8209;&unknown;", false, "'\u{a0}\u{2011}&unknown;'"),
            ("<td", false, "td"),
            ("<a b=", false, "a"),
            ("<a b=\"", false, "a"),
            ("<a b={", true, "a"),
            ("</", false, "'</'"),
            ("é<é>", false, "'é<é>'"),
        ] {
            assert_eq!(shown(text, jsx), expected, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_split_without_panic(text in "[<>/=!a-c\"'{} é&;-]{0,60}", jsx: bool) {
            let mut last = 0;
            for (token, end) in Tokens::new(&text, jsx) {
                assert!(end > last && end <= text.len(), "{token:?}");
                last = end;
            }
        }
    }
}
