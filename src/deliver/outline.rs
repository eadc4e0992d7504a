//! A message as lines, as many as a channel takes.

use url::Url;

use super::line::one_line;
use crate::market::{Dispatch, OutgoingMessage, Said};

/// Places of one thing that a line names before it only counts.
const PLACES: usize = 3;
/// Characters of one line.
const LINE: usize = 400;

/// What is said, a thing a line, each without control characters; the text of the message where it is nothing but text.
pub(super) fn lines(message: &OutgoingMessage, dispatch: &Dispatch) -> Vec<String> {
    if dispatch.items.is_empty() {
        let lines = message.text.lines().map(|line| one_line(line, LINE));
        return lines.filter(|line| !line.is_empty()).collect();
    }
    dispatch.items.iter().map(line).collect()
}

fn line(said: &Said) -> String {
    let mut places = said.places.iter().take(PLACES).cloned().collect::<Vec<_>>();
    let more = said.places.len().saturating_sub(PLACES);
    if more > 0 {
        places.push(format!("and {more} more"));
    }
    match places.as_slice() {
        [] => one_line(&said.what, LINE),
        places => one_line(&format!("{}: {}", said.what, places.join("; ")), LINE),
    }
}

/// What is known beside it, each a label and a line: `Seen` and `2026-11-25 09:00 CET`.
pub(super) fn known(dispatch: &Dispatch) -> Vec<(String, String)> {
    let known = dispatch.known.iter();
    known
        .map(|known| {
            let lines = known.lines.join("; ");
            (one_line(&known.label, 60), one_line(&lines, LINE))
        })
        .collect()
}

/// The first address of the web at which what is said can be seen.
pub(super) fn link(dispatch: &Dispatch) -> Option<Url> {
    let urls = dispatch
        .changes
        .iter()
        .filter_map(|change| change.get("url"));
    urls.filter_map(|url| Url::parse(url.as_str()?).ok())
        .find(|url| {
            let is_of_web = matches!(url.scheme(), "http" | "https") && url.has_host();
            let is_plain = url.username().is_empty() && url.password().is_none();
            is_of_web && is_plain && url.as_str().len() <= 500
        })
}

/// As many of the lines as have room, joined, and how many more there are: of lines, and of what is not among them. `size` is
/// what a text takes, a line's end included in `limit` as one.
pub(super) fn fitting(
    lines: &[String],
    unsaid: u64,
    limit: usize,
    size: impl Fn(&str) -> usize,
) -> String {
    let more = |count: u64| match count {
        0 => String::new(),
        count => format!("… and {count} more"),
    };
    let left = |taken: usize| unsaid + u64::try_from(lines.len() - taken).unwrap_or(0);
    let mut text = String::new();
    let mut best = more(left(0));
    for (at, line) in lines.iter().enumerate() {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(line);
        let mut whole = text.clone();
        let rest = more(left(at + 1));
        if !rest.is_empty() {
            whole.push('\n');
            whole.push_str(&rest);
        }
        if size(&whole) <= limit {
            best = whole;
        } else if size(&text) > limit {
            break;
        }
    }
    best
}

/// The text, cut at a character so that it takes no more than `limit`.
pub(super) fn cut(text: &str, limit: usize, size: impl Fn(&str) -> usize) -> String {
    if size(text) <= limit {
        return text.to_string();
    }
    let mut end = 0;
    let mut taken = size("…");
    for (at, c) in text.char_indices() {
        let mut buffer = [0; 4];
        taken += size(c.encode_utf8(&mut buffer));
        if taken > limit {
            break;
        }
        end = at + c.len_utf8();
    }
    let head = text.get(..end).unwrap_or_default();
    format!("{}…", head.trim_end())
}

/// Characters as most services count them: of UTF-16.
pub(super) fn characters(text: &str) -> usize {
    text.encode_utf16().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_room_is_counted() {
        let lines: Vec<String> = (1..=5).map(|n| format!("line {n}")).collect();
        for (limit, unsaid, expected) in [
            (100, 0, "line 1\nline 2\nline 3\nline 4\nline 5"),
            (
                100,
                2,
                "line 1\nline 2\nline 3\nline 4\nline 5\n… and 2 more",
            ),
            (34, 0, "line 1\nline 2\nline 3\nline 4\nline 5"),
            (33, 0, "line 1\nline 2\nline 3\n… and 2 more"),
            (32, 0, "line 1\nline 2\n… and 3 more"),
            (20, 7, "line 1\n… and 11 more"),
            (15, 0, "… and 5 more"),
        ] {
            assert_eq!(
                fitting(&lines, unsaid, limit, characters),
                expected,
                "{limit}"
            );
        }
        assert_eq!(fitting(&[], 0, 10, characters), "");
    }

    #[test]
    fn a_text_is_cut_at_a_character() {
        for (text, limit, expected) in [
            ("zwölf", 6, "zwölf"),
            ("zwölf Boxkämpfer", 7, "zwölf…"),
            ("zwölf Boxkämpfer", 8, "zwölf B…"),
        ] {
            assert_eq!(cut(text, limit, characters), expected);
        }
        // in bytes, an umlaut takes two and the dots take three
        assert_eq!(cut("zwölf", 6, str::len), "zwölf");
        assert_eq!(cut("zwölfe", 6, str::len), "zw…");
        assert_eq!(cut("😀😀😀", 5, characters), "😀😀…");
        assert_eq!(cut("😀😀😀", 4, characters), "😀…");
    }
}
