//! Foreign text as one harmless line.

/// `text` as one line of at most `limit` characters: every run of white space, control and direction-changing characters
/// becomes one space.
pub(super) fn one_line(text: &str, limit: usize) -> String {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || is_hidden(c))
        .filter(|word| !word.is_empty())
        .collect();
    let whole = words.join(" ");
    if whole.chars().count() <= limit {
        return whole;
    }
    let head: String = whole.chars().take(limit.saturating_sub(1)).collect();
    format!("{}…", head.trim_end())
}

/// Whether the character controls a terminal, ends a line, or reverses what is read.
pub(super) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_becomes_one_line() {
        for (text, limit, expected) in [
            ("", 10, ""),
            ("a  b\r\nBcc: c", 20, "a b Bcc: c"),
            ("\u{1b}[31mred\u{7}", 20, "[31mred"),
            ("abc\u{202e}cba", 20, "abc cba"),
            ("zwölf Boxkämpfer", 16, "zwölf Boxkämpfer"),
            ("zwölf Boxkämpfer", 15, "zwölf Boxkämpf…"),
            ("zwölf Boxkämpfer", 7, "zwölf…"),
            ("zwölf Boxkämpfer", 6, "zwölf…"),
            ("ab cd", 2, "a…"),
        ] {
            let line = one_line(text, limit);
            assert_eq!(line, expected, "{text:?} {limit}");
            assert!(line.chars().count() <= limit, "{line}");
        }
    }
}
