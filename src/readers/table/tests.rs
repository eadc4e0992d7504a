//! Small pages in the shapes of real ones, and hostile ones.

use std::collections::BTreeSet;

use proptest::prelude::*;

mod rules;
mod settled;

use super::*;
use crate::config::readers::table::mapping;
use crate::config::tree;
use crate::market::{Content, ProviderId, Region, Settled, Stage};
use crate::readers::convert::StageWords;

const LIFECYCLE: &str = r#"
[[tables]]
header = ["Model ID|Model", "State"]
heading = "models"
native_id = "{Model ID|Model}@{Version}"
ids = "code"
split_native_id = ["|"]
strip = ["deprecated"]
skip = ["API"]
region = "Regions"
deployment = "{Type}"
rank = "heading-date"
heading_date = "date.deprecated"
set = { "capability.tools" = "true" }
ignore = ["Notes"]
[[tables.column]]
header = "State"
attribute = "stage"
[[tables.column]]
header = "Retires"
attribute = "date.retires"
required = false
case = [{ after = "standard retires on", deployment = "Standard" }, { after = "moved to", deployment = ["Global", "Batch"] }]
[[tables.column]]
header = "Launch"
attribute = "date.launch"
required = false
per_region = true
"#;

fn mapped(toml: &str) -> Mapping {
    tree::walk("probe.toml", toml, mapping).expect("a mapping")
}

/// With every template column made optional by leaving it out of the mapping.
fn without(toml: &str, parts: &[&str]) -> String {
    parts
        .iter()
        .fold(toml.to_string(), |toml, part| toml.replace(part, ""))
}

fn read_page(mapping: &Mapping, page: &str) -> Result<Reading, Failure> {
    read_after(mapping, page, &Settled::default())
}

fn read_after(mapping: &Mapping, page: &str, settled: &Settled) -> Result<Reading, Failure> {
    let stages = StageWords::new([
        ("active".to_string(), Stage::Ga),
        ("retired".to_string(), Stage::Retired),
    ]);
    let context = Context {
        provider: &ProviderId::from("acme"),
        region: &Region::unstated(),
        stages: &stages,
        item: "",
        complete: true,
        settled,
    };
    let body = Body {
        bytes: page.as_bytes(),
        content_type: None,
    };
    read(mapping, &body, &context)
}

fn shown(result: &Result<Reading, Failure>) -> String {
    let reading = match result {
        Ok(reading) => reading,
        Err(failure) => return failure.to_string(),
    };
    let mut lines = Vec::new();
    for entry in &reading.entries {
        let Content::Stated { claims, .. } = &entry.content else {
            continue;
        };
        let subject = &entry.subject;
        let stated: Vec<String> = claims
            .iter()
            .map(|claim| format!("{} = {}", claim.attribute, claim.value))
            .collect();
        lines.push(format!(
            "{} {} {}: {}",
            subject.native_id,
            subject.region,
            subject.deployment.as_deref().unwrap_or("-"),
            stated.join(", ")
        ));
    }
    lines.sort();
    for note in &reading.unexpected {
        lines.push(format!(
            "note: {}: expected {}, found {}",
            note.place, note.expected, note.found
        ));
    }
    lines.join("\n")
}

#[test]
fn a_row_states_what_the_mapping_says() {
    let page = "# Models\n\n### 2026\u{2011}04\u{2011}14: old ones\n\
        | Model | Version | State<sup>1</sup> | Retires | Launch | Regions | Type | Notes | Colour |\n|-|-|-|-|-|-|-|-|-|\n\
        | `a` \\| `b` (both) | 1 | **Active** | Not sooner than May 1, 2027 | 1/2/2026<br>1/3/2026 | us-east-1\\*, eu-west-2 (Gated) | | x | red |\n\
        | c (deprecated) | \u{2014} | retired | 2026-05-01 | | all | Spot | | |\n\
        | d | 2 | Active | Standard retires on **2026-03-31**. For others it was moved to 2026-10-01. | | | | | |\n\
        | Videos API | | Retired | 2026-01-01 | | | | | |\n\
        | no id here | | Active | soon | | | | | |\n\
        | | | Active | | | | | | |\n\
        | e | 3 | Asleep | soon | | | | | |\n";
    let mapping = mapped(LIFECYCLE);
    insta::assert_snapshot!(shown(&read_page(&mapping, page)), @"
    a@1 eu-west-2 -: stage = ga, date.launch = 2026-01-03, date.deprecated = 2026-04-14, date.retires = not before 2027-05-01, capability.tools = yes
    a@1 us-east-1 -: stage = ga, date.launch = 2026-01-02, date.deprecated = 2026-04-14, date.retires = not before 2027-05-01, capability.tools = yes
    b@1 eu-west-2 -: stage = ga, date.launch = 2026-01-03, date.deprecated = 2026-04-14, date.retires = not before 2027-05-01, capability.tools = yes
    b@1 us-east-1 -: stage = ga, date.launch = 2026-01-02, date.deprecated = 2026-04-14, date.retires = not before 2027-05-01, capability.tools = yes
    c * Spot: stage = retired, date.deprecated = 2026-04-14, date.retires = 2026-05-01, capability.tools = yes
    d@2 * Batch: stage = ga, date.deprecated = 2026-04-14, date.retires = 2026-10-01, capability.tools = yes
    d@2 * Global: stage = ga, date.deprecated = 2026-04-14, date.retires = 2026-10-01, capability.tools = yes
    d@2 * Standard: stage = ga, date.deprecated = 2026-04-14, date.retires = 2026-03-31, capability.tools = yes
    e@3 * -: date.deprecated = 2026-04-14, capability.tools = yes
    note: 2026‑04‑14: old ones: expected a native id, found no id here
    note: 2026‑04‑14: old ones: expected a row with a native id, found  |  | Active |  |  |  |  |  | 
    note: 2026‑04‑14: old ones › Colour: expected a column that the probe knows, found Colour
    note: 2026‑04‑14: old ones › e@3 › Retires: expected 'soon' is no date: expected ISO (2026-10-01), English (October 1, 2026) or a phrase for none (N/A, —), found soon
    note: 2026‑04‑14: old ones › e@3 › State: expected a stage word (active, retired), found Asleep
    ");
}

#[test]
fn html_inside_markdown_reads_as_html_does() {
    let html = "<h2>All models</h2><table style={{ a: \"b > c\" }}><caption>x</caption><thead><tr><th>Model ID</th>\
        <th>Version</th><th>State</th><th>Regions</th><th>Type</th></tr></thead>\n\n<tbody>\
        <tr><td rowSpan={2}><code>a</code></td><td>1</td><td>Active</td><td><ul><li>us-east-1*</li><li>eu-west-2</li></ul></td><td/></tr>\
        <tr><td>2</td><td><b>Retired</b><sup>2</sup></td><td></td><td></td></tr>\
        <tr><td colSpan=\"5\">Others</td></tr>\
        <tr><td>b<table><tr><td>inner</td></tr></table></td><td>&#51;</td><td>active</td><td></td><td></td></tr></tbody></table>";
    let mapping = mapped(&without(LIFECYCLE, &["heading_date = \"date.deprecated\""]));
    let markdown = format!("Text\n\n  <div>\n{html}\n  </div>\n\nmore | text\n");
    let page = format!("<!DOCTYPE html><html><body><script>'<table>'</script>{html}</body></html>");
    let page = page
        .replace("{{ a: \"b > c\" }}", "\"x\"")
        .replace("{2}", "2");
    insta::assert_snapshot!(shown(&read_page(&mapping, &markdown)), @"
    a@1 eu-west-2 -: stage = ga, capability.tools = yes
    a@1 us-east-1 -: stage = ga, capability.tools = yes
    a@2 * -: stage = retired, capability.tools = yes
    b@3 * -: stage = ga, capability.tools = yes
    ");
    assert_eq!(
        shown(&read_page(&mapping, &page)),
        shown(&read_page(&mapping, &markdown))
    );
}

#[test]
fn tiers_and_bands_become_parts_of_a_price() {
    let mapping = mapped(
        "[[tables]]\nheader = ['Model', 'Input']\nnative_id = '{Model}'\ntier = 'Tier'\ncontext_bands = true\n\
         [[tables.column]]\nheader = 'Input'\nattribute = 'price.input'\n",
    );
    let page = "| Model | Tier | Input |\n|-|-|-|\n| m (<272K context length) | standard | ~~$9~~ \\$5 / MTok |\n\
        | m (>272K context length) | | $10 |\n| m | Batch API | $2.50 |\n| n (turbo) | - | Free |\n";
    insta::assert_snapshot!(shown(&read_page(&mapping, page)), @"
    m * -: price.input = $5 / 1M tokens, price.input.over_272000 = $10 / 1M tokens, price.input.batch_api = $2.5 / 1M tokens
    n (turbo) * -:
    ");
}

#[test]
fn tables_in_code_and_comments_are_not_read() {
    let mapping = mapped("[[tables]]\nheader = ['A', 'B']\nnative_id = '{A}'\nignore = ['B']\n");
    let table = "| A | B |\n|-|-|\n| x | y |\n";
    for (page, rows) in [
        (table.to_string(), 1),
        (format!("text\n{table}text\n"), 1),
        (
            format!("<Tabs>\n    {}\n</Tabs>\n", table.replace('\n', "\n    ")),
            1,
        ),
        (format!("---\ntitle: x\n---\n{table}"), 1),
        (
            format!("```md\n{table}```\n\n{}", table.replace('x', "z")),
            1,
        ),
        (
            format!("<!--\n{table}-->\n\n{}", table.replace('x', "z")),
            1,
        ),
        (
            format!("{table}\nUse `<table>`.\n\n{}", table.replace('x', "z")),
            2,
        ),
    ] {
        let reading = read_page(&mapping, &page).expect(&page);
        assert_eq!(reading.entries.len(), rows, "{page}");
    }
}

#[test]
fn a_page_of_another_shape_is_a_failure() {
    let mapping = mapped(LIFECYCLE);
    for (page, expected) in [
        (
            "nothing",
            "expected a table with the columns Model ID|Model, State under a heading with 'models', found a page without tables",
        ),
        (
            "# Other\n| Model | State |\n|-|-|\n",
            "expected a table with the columns Model ID|Model, State under a heading with 'models', found tables with the columns Model | State",
        ),
        (
            "# Models\n| Model | State |\n|-|-|\n| a | Active |\n",
            "expected the column 'Version' in the table with Model ID|Model, State, found the columns Model | State",
        ),
        (
            "# Models\n| Model | Version | State |\n|-|-|-|\n| a | 1 | Active |\n",
            "expected the column 'Regions' in the table with Model ID|Model, State, found the columns Model | Version | State",
        ),
        (
            "<html><h1>Models</h1><table><tr><th>Model<th>State",
            "the body is incomplete: the page ends inside a table",
        ),
    ] {
        assert_eq!(shown(&read_page(&mapping, page)), expected, "{page}");
    }
    let refused = read(
        &mapping,
        &Body {
            bytes: b"\xff\xfe",
            content_type: None,
        },
        &Context {
            provider: &ProviderId::from("acme"),
            region: &Region::unstated(),
            stages: &StageWords::default(),
            item: "",
            complete: true,
            settled: &Settled::default(),
        },
    );
    assert!(matches!(refused, Err(Failure::Unreadable { .. })));
}

#[test]
fn hostile_pages_are_read_or_refused_in_linear_time() {
    let mapping = mapped(LIFECYCLE);
    let attributes: String = (0..50_000).map(|i| format!("a{i}=1 ")).collect();
    for page in [
        "<div>".repeat(40_000),
        "<table><tr><td>".repeat(40_000),
        format!("<table {attributes}>"),
        "&".repeat(2_000_000),
        "<".repeat(2_000_000),
        "<!--".repeat(500_000),
        "<td a={".repeat(100_000),
        "<td a=\"".repeat(100_000),
        "<script>".repeat(200_000),
        format!(
            "<table>{}",
            "<tr><td rowspan=65534 colspan=1000>x".repeat(10_000)
        ),
        format!("<table>{}</table>", "<tr><td>x</td>".repeat(100_000)),
        "|".repeat(1_000_000),
        "| a ".repeat(200_000) + "\n" + &"|-".repeat(200_000) + "|\n| x |\n",
        "> ".repeat(50_000),
        "`".repeat(500_000),
        "[".repeat(100_000),
        "{\"rows={[\" [[".repeat(50_000),
    ] {
        for page in [format!("<!doctype html>{page}"), page] {
            let result = read_page(&mapping, &page);
            assert!(
                result.is_err(),
                "{}",
                page.chars().take(60).collect::<String>()
            );
        }
    }
}

/// A page of `rows` with its columns in `order`, as a pipe table or as HTML.
fn page(rows: &[[String; 4]], order: &[usize], html: bool, blank: &str) -> String {
    let header = ["Model", "Version", "State", "Retires"].map(str::to_string);
    let line = |cells: &[String; 4], name: &str| {
        let cells: Vec<String> = order
            .iter()
            .map(|x| {
                if html {
                    format!("<{name}>{blank}{}{blank}</{name}>", cells[*x])
                } else {
                    format!("|{blank}{}{blank}", cells[*x].replace('|', "\\|"))
                }
            })
            .collect();
        cells.join("")
    };
    if html {
        let body: String = rows
            .iter()
            .map(|row| format!("<tr>{}</tr>{blank}", line(row, "td")))
            .collect();
        let head = line(&header, "th");
        return format!(
            "<!doctype html><h1>Models</h1><table>{blank}<tr>{head}</tr>{body}</table>"
        );
    }
    let body: String = rows
        .iter()
        .map(|row| format!("{}|\n", line(row, "td")))
        .collect();
    format!("# Models\n\n{}|\n|-|-|-|-|\n{body}", line(&header, "th"))
}

fn set(result: &Result<Reading, Failure>) -> BTreeSet<String> {
    shown(result).lines().map(str::to_string).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn order_markup_and_blanks_mean_nothing(
        rows in proptest::collection::vec(
            ("[a-c]{1,2}", "[1-3]", "(Active|Retired|Asleep)", "(2026-0[1-9]-11|N/A|soon|Not before May 3, 2027)"),
            1..6,
        ),
        order in Just(vec![0_usize, 1, 2, 3]).prop_shuffle(),
        html: bool,
        reversed: bool,
        blank in "[ ]{1,3}",
    ) {
        let toml = without(LIFECYCLE, &["deployment = \"{Type}\"", "region = \"Regions\""]);
        let mapping = mapped(&toml);
        let mut rows: Vec<[String; 4]> = rows.into_iter().map(|(a, b, c, d)| [a, b, c, d]).collect();
        let plain = read_page(&mapping, &page(&rows, &[0, 1, 2, 3], false, " "));
        if reversed {
            rows.reverse();
        }
        let other = read_page(&mapping, &page(&rows, &order, html, &blank));
        prop_assert_eq!(set(&plain), set(&other));
    }

    #[test]
    fn any_page_is_read_without_panic(
        parts in proptest::collection::vec(
            "(# Models\n|\\| Model \\| Version \\| State \\| Type \\|\n|\\|-\\|-\\|-\\|-\\|\n|\\| `a` \\| 1 \\| Active \\| x \\|\n|<table>|<tr>|<td rowspan=3>|<th colspan=9>|</td>|</table>|<code>|</code>|<sup>1|\\PC{0,6}|\n|```|<br/>|&amp;|\\{|`|\\*\\*)",
            0..40,
        ),
    ) {
        let page = parts.concat();
        let mapping = mapped(LIFECYCLE);
        let _ = read_page(&mapping, &page);
        let _ = read_page(&mapping, &format!("<!doctype html>{page}"));
    }
}
