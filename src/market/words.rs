//! Text from outside, made fit to be stored and shown.

/// The text on one line without control or formatting characters, at most `most` characters long.
pub fn plain(text: &str, most: usize) -> String {
    let mut out = String::new();
    let mut length = 0;
    let mut is_gap = false;
    for character in text.chars() {
        if character.is_whitespace() {
            is_gap = length > 0;
            continue;
        }
        if character.is_control() || is_format(character) {
            continue;
        }
        if length + usize::from(is_gap) + 1 > most {
            break;
        }
        if is_gap {
            out.push(' ');
            length += 1;
            is_gap = false;
        }
        out.push(character);
        length += 1;
    }
    out
}

/// Invisible characters that reorder or join what people read.
fn is_format(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_is_one_plain_line() {
        let cases = [
            ("plain", 10, "plain"),
            ("  two\r\n\t lines ", 20, "two lines"),
            ("\u{1b}[31mred\u{1b}[0m\u{7}", 20, "[31mred[0m"),
            ("a\u{202e}b\u{200b}c", 20, "abc"),
            ("éééé", 2, "éé"),
            ("ab cd", 3, "ab"),
            ("", 3, ""),
        ];
        for (text, most, expected) in cases {
            assert_eq!(plain(text, most), expected, "{text:?}");
        }
    }
}
