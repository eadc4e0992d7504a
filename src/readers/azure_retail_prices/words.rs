//! The words of a meter's name, and what those of the vocabulary mean.

/// How far a deployment's traffic may travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Anywhere.
    Global,
    /// Within the data zone: the United States, the European Union, Asia and the Pacific.
    DataZone,
    /// In the region.
    Regional,
}

/// What kind of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text, which is what no other word says.
    Text,
    /// Audio.
    Audio,
    /// Images.
    Image,
}

/// What a word of the vocabulary means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// Where it is served.
    Scope(Scope),
    /// What goes in.
    Input,
    /// What comes out.
    Output,
    /// What is read from the cache.
    Cached,
    /// What is written to it.
    Write,
    /// The batch tier.
    Batch,
    /// The priority tier.
    Priority,
    /// The standard tier.
    Standard,
    /// Prompts of ordinary length.
    Short,
    /// Longer ones.
    Long,
    /// Training, hosting and use of models that a customer has tuned.
    Tuning,
    /// A kind of tokens, or a part of a model's name.
    Kind(Kind),
}

/// Every word, in small letters (facts: azure.md §7, and the names that have been recorded).
const WORDS: [(&str, Means); 51] = [
    ("glbl", Means::Scope(Scope::Global)),
    ("glb", Means::Scope(Scope::Global)),
    ("gl", Means::Scope(Scope::Global)),
    ("global", Means::Scope(Scope::Global)),
    ("regnl", Means::Scope(Scope::Regional)),
    ("regional", Means::Scope(Scope::Regional)),
    ("rgnl", Means::Scope(Scope::Regional)),
    ("regn", Means::Scope(Scope::Regional)),
    ("rg", Means::Scope(Scope::Regional)),
    ("data zone", Means::Scope(Scope::DataZone)),
    ("datazone", Means::Scope(Scope::DataZone)),
    ("dzone", Means::Scope(Scope::DataZone)),
    ("dzn", Means::Scope(Scope::DataZone)),
    ("dz", Means::Scope(Scope::DataZone)),
    ("inp", Means::Input),
    ("inpt", Means::Input),
    ("input", Means::Input),
    ("in", Means::Input),
    ("outp", Means::Output),
    ("outpt", Means::Output),
    ("opt", Means::Output),
    ("out", Means::Output),
    ("output", Means::Output),
    ("cached", Means::Cached),
    ("cache", Means::Cached),
    ("cchd", Means::Cached),
    ("ccchd", Means::Cached),
    ("cched", Means::Cached),
    ("cd", Means::Cached),
    ("wr", Means::Write),
    ("batch", Means::Batch),
    ("pp", Means::Priority),
    ("prty", Means::Priority),
    ("std", Means::Standard),
    ("shortco", Means::Short),
    ("longco", Means::Long),
    ("ft", Means::Tuning),
    ("rft", Means::Tuning),
    ("tuned", Means::Tuning),
    ("hosting", Means::Tuning),
    ("hstng", Means::Tuning),
    ("training", Means::Tuning),
    ("trng", Means::Tuning),
    ("grader", Means::Tuning),
    ("grdr", Means::Tuning),
    ("txt", Means::Kind(Kind::Text)),
    ("text", Means::Kind(Kind::Text)),
    ("aud", Means::Kind(Kind::Audio)),
    ("audio", Means::Kind(Kind::Audio)),
    ("img", Means::Kind(Kind::Image)),
    ("image", Means::Kind(Kind::Image)),
];

/// Ends of words that some names glue to what stands before: `BatchOutp`, `realtimePrvwAudInp`.
const GLUED: [&str; 6] = ["Outp", "Inp", "Opt", "Aud", "Txt", "Img"];

/// A word of a name with the separator before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word<'a> {
    /// Blanks and hyphens, or nothing.
    pub before: &'a str,
    /// As the name spells it.
    pub text: &'a str,
}

impl Word<'_> {
    /// What it means wherever it stands.
    pub fn meaning(&self) -> Option<Means> {
        let lower = self.text.to_lowercase();
        let known = WORDS.iter().find(|(word, _)| *word == lower);
        known.map(|(_, means)| *means)
    }

    /// Whether it is this word, whatever its case.
    pub fn is(&self, word: &str) -> bool {
        self.text.eq_ignore_ascii_case(word)
    }
}

/// The words of a name, with glued ones taken apart and `Data Zone` as one.
pub fn of_name(name: &str) -> Vec<Word<'_>> {
    let mut words: Vec<Word<'_>> = Vec::new();
    let mut rest = name.trim();
    while !rest.is_empty() {
        let separator = rest.find(|c| c != ' ' && c != '-').unwrap_or(rest.len());
        let (before, after) = rest.split_at(separator);
        let mut end = after.find([' ', '-']).unwrap_or(after.len());
        if after[..end].eq_ignore_ascii_case("data") {
            let zone = after.get(end + 1..end + 5);
            let behind = after.get(end + 5..).and_then(|rest| rest.chars().next());
            if zone.is_some_and(|zone| zone.eq_ignore_ascii_case("zone"))
                && behind.is_none_or(|c| c == ' ' || c == '-')
            {
                end += 5;
            }
        }
        let (text, after) = after.split_at(end);
        take_apart(Word { before, text }, &mut words);
        rest = after;
    }
    words.retain(|word| !word.text.is_empty());
    words
}

fn take_apart<'a>(word: Word<'a>, into: &mut Vec<Word<'a>>) {
    let split = |at: usize| {
        let (head, tail) = word.text.split_at(at);
        let head = Word {
            before: word.before,
            text: head,
        };
        (
            head,
            Word {
                before: "",
                text: tail,
            },
        )
    };
    if word.meaning().is_some() {
        return into.push(word);
    }
    // a kind of tokens before a date: aud1217
    let digits = word.text.len()
        - word
            .text
            .trim_end_matches(|c: char| c.is_ascii_digit())
            .len();
    if digits == 4 {
        let (head, tail) = split(word.text.len() - digits);
        if matches!(head.meaning(), Some(Means::Kind(_))) {
            return into.extend([head, tail]);
        }
    }
    for end in GLUED {
        let Some(head) = word.text.strip_suffix(end) else {
            continue;
        };
        if head.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit()) {
            let (head, tail) = split(head.len());
            take_apart(head, into);
            return into.push(tail);
        }
    }
    into.push(word);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart_where_words_end() {
        for (name, expected) in [
            (
                "gpt-4o-1120-Outp-glbl Tokens",
                "gpt|4o|1120|Outp|glbl|Tokens",
            ),
            (
                "gpt 4o mini0718 BatchOutp DataZone Tokens",
                "gpt|4o|mini0718|Batch|Outp|DataZone|Tokens",
            ),
            (
                "gpt4o realtimePrvwAudInp Data Zone",
                "gpt4o|realtimePrvw|Aud|Inp|Data Zone",
            ),
            ("gpt4omini-rt-txt1217 Inp", "gpt4omini|rt|txt|1217|Inp"),
            ("Data zones", "Data|zones"),
            ("a data", "a|data"),
            (" - ", ""),
            ("Inp", "Inp"),
            ("xInp1234", "xInp1234"),
        ] {
            let words: Vec<&str> = of_name(name).iter().map(|word| word.text).collect();
            assert_eq!(words.join("|"), expected, "{name}");
        }
    }
}
