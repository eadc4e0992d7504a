//! The text of one cell: what is left of the markup of either format.

/// Bytes that are kept of one cell; what a mapping reads is far shorter.
const MOST_BYTES: usize = 8 * 1024;

/// Links that are kept of one cell.
const MOST_LINKS: usize = 64;

/// In bytes.
const LONGEST_LINK: usize = 2048;

/// One cell as read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    /// Blanks folded, one line for each line that the markup breaks, footnote marks gone.
    pub text: String,
    /// The texts that stand in inline code, in order.
    pub codes: Vec<String>,
    /// Where its links lead, in order.
    pub links: Vec<String>,
}

/// Gathers the text of a cell or heading from the events of a parser.
#[derive(Debug, Default)]
pub struct CellText {
    raw: String,
    codes: Vec<String>,
    links: Vec<String>,
    code_from: Option<usize>,
    raised_from: Option<usize>,
    struck_from: Option<usize>,
}

impl CellText {
    /// Adds a text; its own line ends are blanks.
    pub fn push(&mut self, text: &str) {
        for c in text.chars() {
            if self.raw.len() >= MOST_BYTES {
                return;
            }
            match c {
                '\u{200b}'..='\u{200d}' | '\u{feff}' | '\u{ad}' => {}
                c if c.is_whitespace() || c.is_control() => self.raw.push(' '),
                c => self.raw.push(c),
            }
        }
    }

    /// A line break of the markup.
    pub fn break_line(&mut self) {
        if self.raw.len() < MOST_BYTES {
            self.raw.push('\n');
        }
    }

    /// Inline code begins.
    pub fn begin_code(&mut self) {
        self.code_from.get_or_insert(self.raw.len());
    }

    /// Inline code ends.
    pub fn end_code(&mut self) {
        if let Some(text) = self.code_from.take().and_then(|from| self.raw.get(from..)) {
            self.codes.push(text.to_string());
        }
    }

    /// A link leads to `target`; one that is longer than any address is left out.
    pub fn link(&mut self, target: &str) {
        if self.links.len() < MOST_LINKS && target.len() <= LONGEST_LINK {
            self.links.push(target.to_string());
        }
    }

    /// Raised text begins.
    pub fn begin_raised(&mut self) {
        self.raised_from.get_or_insert(self.raw.len());
    }

    /// Raised text ends; a footnote's mark is dropped.
    pub fn end_raised(&mut self) {
        if let Some(from) = self.raised_from.take()
            && self.raw.get(from..).is_some_and(is_mark)
        {
            self.raw.truncate(from);
        }
    }

    /// Struck-out text begins.
    pub fn begin_struck(&mut self) {
        self.struck_from.get_or_insert(self.raw.len());
    }

    /// Struck-out text ends; it no longer holds and is dropped.
    pub fn end_struck(&mut self) {
        if let Some(from) = self.struck_from.take() {
            self.raw.truncate(from);
        }
    }

    /// What has been gathered, before folding.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// The folded cell.
    pub fn finish(mut self) -> Cell {
        self.end_code();
        let codes = self.codes.iter().map(|code| fold(code));
        Cell {
            codes: codes.filter(|code| !code.is_empty()).collect(),
            text: fold(&self.raw),
            links: self.links,
        }
    }
}

/// The form in which headers and headings are compared: lower case, one kind of hyphen and blank, no footnote marks.
pub fn compared(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| match c {
            '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
            '\n' => ' ',
            c => c,
        })
        .filter(|c| !matches!(c, '`' | '*' | '"'))
        .collect();
    fold(&plain).trim_end_matches(':').trim_end().to_lowercase()
}

/// The first `most` characters of a text, for messages.
pub fn shortened(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

fn is_mark(raised: &str) -> bool {
    let text = raised.trim();
    !text.is_empty()
        && text.chars().count() <= 5
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || "*†‡§,()[] ".contains(c))
}

fn fold(raw: &str) -> String {
    let unescaped = raw.replace("\\$", "$");
    let lines = unescaped.lines().map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        without_marks(&words.join(" ")).to_string()
    });
    let lines: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

/// A line without the footnote marks at its end: `*`, `†`, superscript digits, `[1]`.
fn without_marks(line: &str) -> &str {
    let mut line = line;
    loop {
        let cut = line.trim_end().trim_end_matches([
            '*', '†', '‡', '¹', '²', '³', '⁰', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹',
        ]);
        let cut = match cut.strip_suffix(']').and_then(|open| open.rsplit_once('[')) {
            Some((before, number))
                if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) =>
            {
                before
            }
            _ => cut,
        };
        if cut.len() == line.len() {
            return line;
        }
        line = cut;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_folded_and_marks_are_dropped() {
        for (raw, expected) in [
            ("  Claude \u{a0} Opus\t4 ", "Claude Opus 4"),
            ("gpt-4.1*", "gpt-4.1"),
            ("us-east-2*", "us-east-2"),
            ("2027-04-01 \u{2020}", "2027-04-01"),
            ("Model Version\u{b9}", "Model Version"),
            ("Web search [1]", "Web search"),
            ("[beta]", "[beta]"),
            ("\\$0.60", "$0.60"),
            ("***", ""),
        ] {
            let mut text = CellText::default();
            text.push(raw);
            assert_eq!(text.finish().text, expected, "{raw:?}");
        }
    }

    #[test]
    fn raised_marks_and_struck_text_are_dropped_and_code_is_kept_apart() {
        let mut text = CellText::default();
        text.begin_struck();
        text.push("$15");
        text.end_struck();
        text.begin_code();
        text.push("gpt-4");
        text.end_code();
        text.begin_raised();
        text.push("1");
        text.end_raised();
        text.break_line();
        text.push("and more");
        let cell = text.finish();
        assert_eq!(cell.text, "gpt-4\nand more");
        assert_eq!(cell.codes, ["gpt-4"]);
    }

    #[test]
    fn a_cell_is_bounded() {
        let mut text = CellText::default();
        text.push(&"x".repeat(1_000_000));
        assert!(text.finish().text.len() <= MOST_BYTES + 4);
    }
}
