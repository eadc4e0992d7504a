//! Bytes of whatever character encoding → text.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::Body;
use crate::market::Failure;

/// How far into a body an encoding may be declared (WHATWG HTML: the first 1024 bytes).
const DECLARED_WITHIN: usize = 1024;

/// A page for people in which at most one character in this many is broken is still read.
const ONE_BROKEN_IN: usize = 100;

/// Decodes a body: by its byte order mark (AWS sends UTF-16 big-endian with one and names it only `utf-16`), else by the
/// charset of its `Content-Type`, else by what an XML declaration or a `<meta>` in its first 1024 bytes says, else as UTF-8.
///
/// JSON and XML are data: one malformed sequence makes them [`Failure::Unreadable`]. Pages for people (HTML, Markdown, plain
/// text) keep a replacement character instead, unless more than one character in a hundred is broken.
pub fn decode<'a>(body: &Body<'a>) -> Result<Cow<'a, str>, Failure> {
    let (encoding, text) = match Encoding::for_bom(body.bytes) {
        Some((encoding, mark)) => (encoding, body.bytes.get(mark..).unwrap_or_default()),
        None => (declared(body), body.bytes),
    };
    let (decoded, malformed) = encoding.decode_without_bom_handling(text);
    if malformed && (is_data(body, &decoded) || mostly_broken(&decoded)) {
        return Err(Failure::Unreadable {
            expected: format!("text in {}", encoding.name()),
            found: format!(
                "bytes that are not {}, the first near character {}",
                encoding.name(),
                decoded.chars().take_while(|c| *c != '\u{FFFD}').count()
            ),
        });
    }
    Ok(decoded)
}

fn declared(body: &Body<'_>) -> &'static Encoding {
    let head = body
        .bytes
        .get(..DECLARED_WITHIN)
        .unwrap_or(body.bytes)
        .to_ascii_lowercase();
    let head = String::from_utf8_lossy(&head);
    body.content_type
        .and_then(|header| parameter(&header.to_ascii_lowercase(), "charset"))
        .or_else(|| in_xml_declaration(&head))
        .or_else(|| in_meta(&head))
        .and_then(|label| Encoding::for_label(label.as_bytes()))
        .map_or(UTF_8, |encoding| believable(encoding, &head))
}

/// A declaration that could be read byte by byte is not in UTF-16, whatever it says.
fn believable(encoding: &'static Encoding, head: &str) -> &'static Encoding {
    let wide = encoding == UTF_16LE || encoding == UTF_16BE;
    if wide && !head.contains('\0') {
        UTF_8
    } else {
        encoding
    }
}

/// The value after `name=`, in quotes or bare.
fn parameter(text: &str, name: &str) -> Option<String> {
    let (_, rest) = text.split_once(name)?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let value = match rest.chars().next()? {
        quote @ ('"' | '\'') => rest.get(1..)?.split(quote).next()?,
        _ => rest
            .split(|c: char| c.is_whitespace() || matches!(c, ';' | '"' | '\'' | '>' | '/' | '?'))
            .next()?,
    };
    Some(value.trim().to_string()).filter(|value| !value.is_empty())
}

fn in_xml_declaration(head: &str) -> Option<String> {
    let declaration = head
        .trim_start()
        .strip_prefix("<?xml")?
        .split("?>")
        .next()?;
    parameter(declaration, "encoding")
}

fn in_meta(head: &str) -> Option<String> {
    head.split("<meta")
        .skip(1)
        .filter_map(|rest| parameter(rest.split('>').next()?, "charset"))
        .next()
}

fn is_data(body: &Body<'_>, decoded: &str) -> bool {
    let stated = body.content_type.map(str::to_ascii_lowercase);
    if stated
        .as_deref()
        .is_some_and(|header| header.contains("json") || header.contains("xml"))
    {
        return true;
    }
    let start = decoded.trim_start();
    start.starts_with(['{', '[']) || start.starts_with("<?xml")
}

fn mostly_broken(decoded: &str) -> bool {
    let broken = decoded.chars().filter(|c| *c == '\u{FFFD}').count();
    broken * ONE_BROKEN_IN > decoded.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bytes: &[u8], content_type: Option<&str>) -> String {
        match decode(&Body {
            bytes,
            content_type,
        }) {
            Ok(text) => text.into_owned(),
            Err(failure) => failure.to_string(),
        }
    }

    fn wide(text: &str, big: bool, mark: bool) -> Vec<u8> {
        let mark = mark.then_some(0xFEFF);
        mark.into_iter()
            .chain(text.encode_utf16())
            .flat_map(|unit| {
                if big {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            })
            .collect()
    }

    #[test]
    fn bodies_of_every_encoding_are_read() {
        for (bytes, content_type, expected) in [
            (b"caf\xc3\xa9".to_vec(), None, "caf\u{e9}"),
            (
                b"\xef\xbb\xbf{}".to_vec(),
                Some("application/json; charset=iso-8859-1"),
                "{}",
            ),
            (
                wide("[\"\u{e9}\"]", true, true),
                Some("application/json;charset=utf-16"),
                "[\"\u{e9}\"]",
            ),
            (wide("[]", false, true), None, "[]"),
            (
                wide("[]", false, false),
                Some("application/json; charset=utf-16le"),
                "[]",
            ),
            (
                b"[]".to_vec(),
                Some("application/json; charset=UTF-16"),
                "[]",
            ),
            (
                b"caf\xe9".to_vec(),
                Some("text/html; Charset=\"ISO-8859-1\""),
                "caf\u{e9}",
            ),
            (
                b"<?xml version='1.0' encoding='windows-1252'?><a>\x80</a>".to_vec(),
                None,
                "<?xml version='1.0' encoding='windows-1252'?><a>\u{20ac}</a>",
            ),
            (
                b"<html><meta name=a><meta charset=latin1>\xe9".to_vec(),
                Some("text/html"),
                "<html><meta name=a><meta charset=latin1>\u{e9}",
            ),
            (
                b"<p>caf\xe9 of UTF-8".to_vec(),
                Some("text/html; charset=nonsense"),
                "expected text in UTF-8, found bytes that are not UTF-8, the first near character 6",
            ),
            (
                b"{\"a\":\"\xff\"}".to_vec(),
                Some("application/json"),
                "expected text in UTF-8, found bytes that are not UTF-8, the first near character 6",
            ),
        ] {
            assert_eq!(shown(&bytes, content_type), expected, "{content_type:?}");
        }
    }

    #[test]
    fn a_page_survives_one_broken_character_and_data_does_not() {
        let mut page = "word ".repeat(100).into_bytes();
        page.push(0xff);
        assert!(shown(&page, Some("text/html")).ends_with('\u{FFFD}'));
        assert!(shown(&page, Some("application/json")).starts_with("expected text in UTF-8"));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_decoded_without_panic(bytes: Vec<u8>, content_type in "[ -~]{0,40}") {
            let _ = shown(&bytes, Some(&content_type));
            let _ = shown(&bytes, None);
        }
    }
}
