//! `concepts-retired-models-content.md` of Azure's documentation: a version stands behind a hyphen in the model's cell, and
//! one version may be that of several models: `` `gpt-4`<br>`gpt-4-32k` - 0314 ``. Left as it is, the first of them would be
//! all versions of a model.

/// The page with `gpt-4@0314` and `gpt-4-32k@0314` on a line each in the first cells of its tables.
pub fn rewrite(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    for line in text.split_inclusive('\n') {
        match turned(line) {
            Some(turned) => out.push_str(&turned),
            None => out.push_str(line),
        }
    }
    out
}

fn turned(line: &str) -> Option<String> {
    let (before, row) = line
        .split_once('|')
        .filter(|(before, _)| before.trim().is_empty())?;
    let (cell, rest) = row.split_once('|')?;
    let (models, version) = cell.rsplit_once(" - ")?;
    let plain = |text: &str| text.trim().trim_matches('`').trim().to_string();
    let version = plain(version);
    if version.is_empty() || version.contains(char::is_whitespace) {
        return None;
    }
    let models: Vec<String> = models
        .split("<br>")
        .map(plain)
        .filter(|model| !model.is_empty())
        .map(|model| format!("{model}@{version}"))
        .collect();
    (!models.is_empty()).then(|| format!("{before}| {} |{rest}", models.join("<br>")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_become_parts_of_ids() {
        for (line, expected) in [
            ("| `a` - 0314 | x |\n", "| a@0314 | x |\n"),
            (
                "| `a`<br>`a-32k` - `0613` | |\n",
                "| a@0613<br>a-32k@0613 | |\n",
            ),
            ("| `a`     - 0613 |  | y |", "| a@0613 |  | y |"),
            ("| `a-b` | x - y |\n", "| `a-b` | x - y |\n"),
            ("|---|---|\n", "|---|---|\n"),
            ("text - text | more |\n", "text - text | more |\n"),
            ("| a - not a version | x |\n", "| a - not a version | x |\n"),
        ] {
            assert_eq!(rewrite(line), expected);
        }
    }
}
