//! Texts without the differences that mean nothing: white space, and more length than anybody reads.

/// Every run of white space becomes one blank; none at the ends.
pub fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// At most `limit` characters; an ellipsis is the last one where something was cut off.
pub fn shortened(text: &str, limit: usize) -> String {
    if text.chars().nth(limit).is_none() {
        return text.to_string();
    }
    let kept: String = text.chars().take(limit.saturating_sub(1)).collect();
    format!("{}\u{2026}", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_folded_and_shortened() {
        assert_eq!(folded(" a\u{a0}b\n\n c\t"), "a b c");
        for (text, limit, expected) in [
            ("abc", 3, "abc"),
            ("abcd", 3, "ab\u{2026}"),
            ("a bcd", 3, "a\u{2026}"),
            ("\u{e9}\u{e9}\u{e9}", 2, "\u{e9}\u{2026}"),
        ] {
            assert_eq!(shortened(text, limit), expected);
        }
    }
}
