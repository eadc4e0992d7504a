//! How much place there is to print on, and the texts that keep to it. What is printed into a file or a pipe is as wide as it
//! is: nothing is cut or broken there.

use std::collections::BTreeSet;

use super::print;

/// What is shown on a terminal is made for so many columns, whatever the terminal has.
const NARROWEST: usize = 40;

/// How many columns there are to print on: `COLUMNS`, else the terminal's own; `None`: no terminal, and all the place there is.
pub fn room() -> Option<usize> {
    let stated = std::env::var("COLUMNS").ok();
    let stated = stated.and_then(|columns| columns.trim().parse::<usize>().ok());
    let own = || terminal_size::terminal_size_of(std::io::stdout());
    let columns = stated.or_else(|| own().map(|(width, _)| usize::from(width.0)));
    columns.map(|columns| columns.max(NARROWEST))
}

/// How many columns there are to print on, for what is arranged by its width: 100 where there is no terminal.
pub fn width() -> usize {
    room().unwrap_or(100)
}

/// As many regions by name as have place, and how many more there are.
pub fn in_words(regions: &BTreeSet<&str>, width: usize) -> String {
    let mut named = String::new();
    for (place, region) in regions.iter().enumerate() {
        let more = regions.len() - place - 1;
        let next = match place {
            0 => (*region).to_string(),
            _ => format!("{named}, {region}"),
        };
        let spare = if more > 0 {
            format!(" +{more}").len()
        } else {
            0
        };
        if next.chars().count() + spare > width {
            let rest = regions.len() - place;
            return match place {
                0 => format!("{rest} regions"),
                _ => format!("{named} +{rest}"),
            };
        }
        named = next;
    }
    named
}

/// A text in lines of at most `width`, a word that is longer aside: the first begins with the first indent, all others with
/// the second.
pub fn wrapped(text: &str, indents: [&str; 2], width: usize) -> String {
    let [first, further] = indents;
    let mut lines = String::new();
    let mut line = first.to_string();
    let mut is_begun = false;
    for word in text.split(' ') {
        if is_begun && line.chars().count() + 1 + word.chars().count() > width {
            lines.push_str(line.trim_end());
            lines.push('\n');
            line = further.to_string();
            // of several blanks the line's end takes the place
            is_begun = !word.is_empty();
        } else if is_begun {
            line.push(' ');
        } else {
            is_begun = !word.is_empty() || lines.is_empty();
        }
        line.push_str(word);
    }
    lines + &line + "\n"
}

/// A text as [`wrapped`] on a terminal, else on one line.
pub fn fitted(text: &str, indents: [&str; 2]) -> String {
    wrapped(text, indents, room().unwrap_or(usize::MAX))
}

/// Prints what something is called and what it is.
pub fn labelled(label: &str, text: &str) {
    let label = format!("{label:<12} ");
    print(&fitted(text, [&label, &" ".repeat(label.len())]));
}

/// A text of at most so many characters; of a longer one the last words are left out.
pub fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_string();
    }
    let short: String = text.chars().take(most.saturating_sub(2)).collect();
    let words = short
        .rsplit_once(' ')
        .map_or(short.as_str(), |(words, _)| words);
    format!("{words} \u{2026}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_named_as_far_as_they_have_place() {
        let regions = BTreeSet::from(["eu-west-1", "us-east-1", "us-west-2"]);
        for (width, expected) in [
            (80, "eu-west-1, us-east-1, us-west-2"),
            (24, "eu-west-1, us-east-1 +1"),
            (14, "eu-west-1 +2"),
            (5, "3 regions"),
        ] {
            assert_eq!(in_words(&regions, width), expected);
        }
    }
}
