//! Foreign text made harmless: one line, bounded, without anything that moves a cursor or reverses what is read.

use rust_decimal::Decimal;

/// `text` as one line of at most `limit` characters: every run of white space, control and direction-changing characters
/// becomes one space.
pub fn one_line(text: &str, limit: usize) -> String {
    let mut line = String::new();
    let mut length = 0;
    let words = text.split(|c: char| c.is_whitespace() || is_hidden(c));
    for word in words.filter(|word| !word.is_empty()) {
        if length > 0 {
            line.push(' ');
            length += 1;
        }
        for c in word.chars() {
            line.push(c);
            length += 1;
            if length > limit {
                return cut(&line, limit);
            }
        }
    }
    line
}

fn cut(line: &str, limit: usize) -> String {
    let head: String = line.chars().take(limit.saturating_sub(1)).collect();
    format!("{}…", head.trim_end())
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Markdown in which nothing of `text` is markup, a link or the start of a list; for one line.
pub fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut rest = text.chars().enumerate().peekable();
    while let Some((at, c)) = rest.next() {
        let follows = rest.peek().map(|(_, next)| *next);
        let is_mark = match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '@' => true,
            // Addresses become links without any mark around them.
            ':' => follows == Some('/'),
            '.' => escaped.to_ascii_lowercase().ends_with("www"),
            '#' | '+' | '-' | '=' => at == 0,
            _ => false,
        };
        if is_mark {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// An address as a link may hold it: only `http` and `https`, without a name and password, at most 500 characters.
pub fn link(address: &str) -> Option<String> {
    let mut url = url::Url::parse(address.trim()).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    let text = String::from(url);
    (text.len() <= 500).then_some(text)
}

/// `1 region`, `14 regions`, `1 200 regions`: a count with the singular or plural of what is counted.
pub fn counted(count: usize, singular: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {singular}{plural}", grouped(count))
}

/// `$0.8475`, `$30`: four digits tell what is compared.
pub fn dollars(amount: Decimal) -> String {
    let short = amount.round_sf(4).unwrap_or(amount);
    format!("${}", short.normalize())
}

/// `50 min`, `2 h 10 min`, `3 d 4 h`: seconds in their two largest units.
pub fn lasting(seconds: i64) -> String {
    let minutes = (seconds.max(0) + 30) / 60;
    match (minutes / 1_440, minutes / 60 % 24, minutes % 60) {
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// Digits in groups of three, parted by a no-break space.
pub fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{a0}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
        ] {
            assert_eq!(one_line(text, limit), expected, "{text:?} {limit}");
        }
    }

    #[test]
    fn only_web_addresses_become_links() {
        for (address, expected) in [
            (
                "https://example.com/a?b=1",
                Some("https://example.com/a?b=1"),
            ),
            ("HTTP://example.com", Some("http://example.com/")),
            (
                "https://me:secret@example.com/",
                Some("https://example.com/"),
            ),
            (
                "https://example.com/\"><script>",
                Some("https://example.com/%22%3E%3Cscript%3E"),
            ),
            ("javascript:alert(1)", None),
            ("data:text/html,x", None),
            ("file:///etc/passwd", None),
            ("no address", None),
        ] {
            assert_eq!(link(address).as_deref(), expected, "{address}");
        }
        assert_eq!(link(&format!("https://e.com/{}", "a".repeat(600))), None);
    }

    #[test]
    fn markdown_marks_lose_their_meaning() {
        for (text, expected) in [
            ("[x](javascript:a)", r"\[x\](javascript:a)"),
            ("*b* _c_ `d` <e> |", r"\*b\* \_c\_ \`d\` \<e\> \|"),
            ("- see https://a.b", r"\- see https\://a.b"),
            ("WWW.a.b me@a.b &lt;", r"WWW\.a.b me\@a.b \&lt;"),
            ("2026-10-01", "2026-10-01"),
        ] {
            assert_eq!(markdown(text), expected);
        }
    }

    #[test]
    fn counts_are_readable() {
        for (count, expected) in [
            (0, "0 regions"),
            (1, "1 region"),
            (999, "999 regions"),
            (1_000, "1\u{a0}000 regions"),
            (1_234_567, "1\u{a0}234\u{a0}567 regions"),
        ] {
            assert_eq!(counted(count, "region"), expected);
        }
    }

    proptest! {
        #[test]
        fn a_line_is_bounded_and_holds_no_control_character(text in any::<String>(), limit in 1_usize..80) {
            let line = one_line(&text, limit);
            prop_assert!(line.chars().count() <= limit);
            prop_assert!(!line.contains(is_hidden));
        }
    }
}
