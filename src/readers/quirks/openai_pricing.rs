//! `developers.openai.com/api/docs/pricing.md`: prices stand as `rows={[["gpt-5", 1.25, 0.125, 10], …]}` of a component
//! that is named after them, inside one pane for each service tier. Rows of four are model, input, cached input, output;
//! rows of five have the cache write before the output. The twin loses the opening of some components, so that only
//! `rows: [[…]]` of a group is left; those are read where the section says that they are prices per model.

const HEADER: &str =
    "| Model | Tier | Input | Cached input | Cache write | Output |\n|---|---|---|---|---|---|\n";

/// A component's rows are at most so many; more is no price list.
const MOST_ROWS: usize = 5000;

/// The page's own headings and tables, and in place of each component's rows a table with the column `Tier`.
pub fn rewrite(text: &str) -> String {
    let mut out = String::with_capacity(text.len() / 2);
    let mut place = Place::default();
    let mut rows_left = MOST_ROWS;
    let mut skip_until = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if start < skip_until {
            continue;
        }
        let trimmed = line.trim();
        place.read(trimmed);
        if place.in_table || trimmed.starts_with('|') || trimmed.starts_with('#') {
            out.push_str(line);
            place.leave_table(trimmed);
            continue;
        }
        let Some(found) = rows_begin(line) else {
            if trimmed.is_empty() {
                out.push('\n');
            }
            continue;
        };
        let from = start + found;
        let (rows, length) = arrays(text.get(from..).unwrap_or(""), rows_left);
        rows_left = rows_left.saturating_sub(rows.len());
        skip_until = from + length;
        if place.holds_prices() {
            table(&rows, &place.tier, &mut out);
        }
    }
    out
}

#[derive(Default)]
struct Place {
    section: String,
    tier: String,
    component: String,
    in_table: bool,
}

impl Place {
    fn read(&mut self, line: &str) {
        if line.starts_with("<table") {
            self.in_table = true;
        }
        for key in ["data-value=\"", "tier=\""] {
            if let Some(value) = behind(line, key).and_then(|rest| rest.split('"').next()) {
                self.tier = value.to_string();
            }
        }
        if line.contains("data-content-switcher-pane") {
            self.component.clear();
        } else if let Some(name) = line
            .strip_prefix('<')
            .filter(|rest| rest.contains("PricingTable"))
        {
            self.component = name.to_string();
        } else if line.ends_with(" models") || line.to_lowercase().replace('-', "") == "finetuning"
        {
            self.section = line.to_lowercase();
            self.component.clear();
        }
    }

    fn leave_table(&mut self, line: &str) {
        if line.contains("</table>") {
            self.in_table = false;
        }
    }

    /// Prices per model and million tokens, in the known order of columns.
    fn holds_prices(&self) -> bool {
        self.component.starts_with("TextTokenPricingTables")
            || self.section.starts_with("speciali") && self.section.ends_with("models")
    }
}

fn behind<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    line.find(key)
        .and_then(|found| line.get(found + key.len()..))
}

/// Where in a line the first array of `rows={[` or `rows: [` begins.
fn rows_begin(line: &str) -> Option<usize> {
    ["rows={[", "rows: ["]
        .iter()
        .find_map(|key| line.find(key).map(|found| found + key.len()))
}

/// The arrays `["a", 1, null], …` from the start of `text`, and the length up to where they end.
fn arrays(text: &str, most: usize) -> (Vec<Vec<String>>, usize) {
    let mut rows = Vec::new();
    let mut at = 0;
    while rows.len() < most {
        let rest = text.get(at..).unwrap_or("");
        let blanks = rest.len() - rest.trim_start_matches([',', ' ', '\n', '\r', '\t']).len();
        at += blanks;
        if text.as_bytes().get(at) != Some(&b'[') {
            break;
        }
        let Some((row, length)) = array(text.get(at + 1..).unwrap_or("")) else {
            break;
        };
        rows.push(row);
        at += 1 + length;
    }
    (rows, at)
}

/// The elements up to the closing bracket: strings without their quotes, numbers as they are, anything else empty.
fn array(text: &str) -> Option<(Vec<String>, usize)> {
    let mut row = Vec::new();
    let mut element = String::new();
    let mut plain = true;
    let mut depth = 0_usize;
    let mut quote: Option<char> = None;
    let mut escaped = false;
    for (at, c) in text.char_indices().take(4096) {
        if let Some(open) = quote {
            match c {
                _ if escaped => {
                    element.push(c);
                    escaped = false;
                }
                '\\' => escaped = true,
                c if c == open => quote = None,
                c => element.push(c),
            }
            continue;
        }
        match c {
            '"' | '\'' | '`' => quote = Some(c),
            '(' | '{' | '[' => {
                depth += 1;
                plain = false;
            }
            ')' | '}' => depth = depth.saturating_sub(1),
            ']' if depth > 0 => depth -= 1,
            ',' | ']' if depth == 0 => {
                let last = element.trim().is_empty() && c == ']' && plain && row.is_empty();
                if !last {
                    let known = plain && element.trim() != "null";
                    row.push(if known {
                        element.trim().to_string()
                    } else {
                        String::new()
                    });
                }
                element.clear();
                plain = true;
                if c == ']' {
                    return Some((row, at + 1));
                }
            }
            c => element.push(c),
        }
    }
    None
}

fn table(rows: &[Vec<String>], tier: &str, out: &mut String) {
    let mut begun = false;
    for row in rows {
        let [model, input, cached, more @ ..] = row.as_slice() else {
            continue;
        };
        let (write, output) = match more {
            [output] => ("-", output.as_str()),
            [write, output] => (write.as_str(), output.as_str()),
            _ => continue,
        };
        if !begun {
            out.push('\n');
            out.push_str(HEADER);
            begun = true;
        }
        let cells = [model, tier, input, cached, write, output]
            .map(|cell| cell.replace('|', "\\|").replace('<', "&lt;"));
        out.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    if begun {
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panes_become_tables() {
        let page = r##"
<div data-content-switcher-pane data-value="standard">
  <TextTokenPricingTables
    tier="standard"
    rows={[
      ["m-1 (<272K context length)", 2.5, 0.25, 15],
      ["m-2", 5, "-", 6.25, 30],
      ["m-3", 5, null, 30], ["m-4", "", pricingHtml("<b>a, b</b>"), 1],
    ]}
  />
</div>
<div data-content-switcher-pane data-value="batch" hidden>
  <TextTokenPricingTables tier="batch" rows={[["m-1", 1.25, 0.13, 7.5]]} />
</div>

Specialized models

<div data-content-switcher-pane data-value="standard">
 { model: "Tools", rows: [ ["Search", "$10 / 1k calls"], ], },
 { model: "Embedding",
   rows: [
     ["e-1", 0.02, "-", "-"],
   ],
 },
</div>

Fine-tuning

 { model: "x", rows: [["f-1", 25, 3, 1, 12]] }

#### Audio
| Model | Cost |
|---|---|
| w | \$1 |
"##;
        insta::assert_snapshot!(rewrite(page).replace("\n\n\n", "\n").trim(), @r"
        | Model | Tier | Input | Cached input | Cache write | Output |
        |---|---|---|---|---|---|
        | m-1 (&lt;272K context length) | standard | 2.5 | 0.25 | - | 15 |
        | m-2 | standard | 5 | - | 6.25 | 30 |
        | m-3 | standard | 5 |  | - | 30 |
        | m-4 | standard |  |  | - | 1 |
        | Model | Tier | Input | Cached input | Cache write | Output |
        |---|---|---|---|---|---|
        | m-1 | batch | 1.25 | 0.13 | - | 7.5 |


        | Model | Tier | Input | Cached input | Cache write | Output |
        |---|---|---|---|---|---|
        | e-1 | standard | 0.02 | - | - | - |


        #### Audio
        | Model | Cost |
        |---|---|
        | w | \$1 |
        ");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_rewritten_without_panic(text in "(rows=\\{\\[|rows: \\[|[\\[\\]\"',(){}|\n<#a0é ]){0,40}") {
            let _ = rewrite(&text);
            let _ = arrays(&text, 10);
        }
    }
}
