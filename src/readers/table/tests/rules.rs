//! Labels, rules on cells, parts of cells, ids in links, lists, and columns as rows.

use super::*;

const DATED: &str = r#"
[[tables]]
header = ["Model", "Shutdown date"]
native_id = "{Model}"
ids = "code"
blank_ids = true
[[tables.when]]
header = "Shutdown date"
says = "firm"
set = { stage = "deprecated" }
[[tables.when]]
label = "Preview models"
header = "Shutdown date"
says = "nothing"
set = { stage = "preview" }
[[tables.column]]
header = "Shutdown date"
attribute = "date.retires"
certainty = "not-before"
[[tables.column]]
header = "Replacement"
attribute = "replacement"
"#;

#[test]
fn labels_and_cells_say_the_stage() {
    let markdown = "| **Model** | **Shutdown date** | **Replacement** |\n|-|-|-|\n\
        | `m-1` | No shutdown date announced | |\n| m-2 | May 7, 2027 | `m-3` |\n| | soon | m-4 |\n\
        | Preview models | | |\n| p-1 | | |\n| p-2 | Earliest February 2026 | |\n| p-3 | June 25, 2026 | m-1 |\n";
    let html = "<html><table><thead><tr><td><b>Model</b><td><b>Shutdown date</b><td>Replacement</tr></thead>\
        <tr><td><code>m-1</code><td>No shutdown date announced<td></tr><tr><td><code>m-2</code><td>May 7, 2027<td><code>m-3</code></tr>\
        <tr><td colspan=3><b>Preview models</b></tr><tr><td>p-1<td><td></tr><tr><td>p-2<td>Earliest February 2026<td></tr>\
        <tr class=row-gray><td>p-3<td>June 25, 2026<td>m-1</tr></table></html>";
    let mapping = mapped(DATED);
    let read = shown(&read_page(&mapping, markdown));
    insta::assert_snapshot!(read, @"
    m-1 * -: 
    m-2 * -: stage = deprecated, replacement = m-3, date.retires = not before 2027-05-07
    p-1 * -: stage = preview
    p-2 * -: date.retires = not before 2026-02
    p-3 * -: stage = deprecated, replacement = m-1, date.retires = not before 2026-06-25
    ");
    assert_eq!(shown(&read_page(&mapping, html)), read);
}

#[test]
fn parts_of_cells_and_ids_in_links_are_read() {
    let mapping = mapped(
        r#"
        [[tables]]
        header = ["MODEL ID", "PRICE"]
        native_id = "{MODEL ID}"
        link_ids = ["/docs/model/"]
        [[tables.column]]
        header = "PRICE"
        attribute = "price.input"
        before = "input"
        [[tables.column]]
        header = "PRICE"
        attribute = "price.output"
        before = "output"
        [[tables.column]]
        header = "PRICE"
        attribute = "price.input_audio"
        unit = "hour"
        before = "per hour"
        [[tables.column]]
        header = "STATUS"
        attribute = "stage"
        [[tables.column]]
        header = "STATUS"
        attribute = "date.retires"
        after = "Retired"
        "#,
    );
    let page = "| MODEL ID | PRICE | STATUS |\n|-|-|-|\n\
        | [![Acme](https://acme.test/i.png)Model 1](/docs/model/acme/m-1?x=1)Enterpriseacme/m-1 | $0.05 input$0.08 output | Active |\n\
        | [W](https://acme.test/docs/model/w#top)w | $0.111 per hour | Retired Apr 4, 2026 |\n\
        | [none](/elsewhere) | ContactSales | Active |\n";
    insta::assert_snapshot!(shown(&read_page(&mapping, page)), @"
    acme/m-1 * -: stage = ga, price.input = $0.05 / 1M tokens, price.output = $0.08 / 1M tokens
    w * -: stage = retired, date.retires = 2026-04-04, price.input_audio = $0.111 / hour
    note: MODEL ID | PRICE | STATUS: expected a row with a native id, found none | ContactSales | Active
    ");
}

#[test]
fn lists_below_a_sentence_are_tables() {
    let mapping = mapped(
        r#"
        lists = true
        [[tables]]
        header = ["item"]
        heading = "will be retired"
        native_id = "{item}"
        ids = "code"
        heading_date = "date.retires"
        skip = ["summarize"]
        "#,
    );
    let page = "# History\n\n### 2026-04-04: old ones\n\nSince *today* the following models will be retired:\n\n\
        * `a-1`  (and the alias `a`)\n* `summarize` (see [here](x))\n* `b`\n\nUse instead:\n\n* one\n  * `c`\n\n## Other\n\n* `d`\n";
    insta::assert_snapshot!(shown(&read_page(&mapping, page)), @"
    a * -: date.retires = 2026-04-04
    a-1 * -: date.retires = 2026-04-04
    b * -: date.retires = 2026-04-04
    ");
    let other = shown(&read_page(&mapping, "# History\n\n* `a`\n"));
    assert!(
        other.starts_with("expected a table with the columns item under"),
        "{other}"
    );
}

#[test]
fn headings_hold_dates_and_columns_are_models() {
    let mapping = mapped(
        r#"
        [[tables]]
        header = ["Retired"]
        native_id = "{Retired}"
        heading_date = "date.retires"
        heading_phrase = "Retirement on"
        [[tables]]
        header = ["MODEL", "PRICING IN OFF-PEAK"]
        transpose = true
        native_id = "{MODEL}"
        strip = ["1"]
        ignore = ["URL"]
        [[tables.column]]
        header = "PRICING IN OFF-PEAK"
        attribute = "price.input.off_peak"
        [[tables.column]]
        header = "PRICING IN PEAK"
        attribute = "price.input.peak"
        "#,
    );
    let page = "# Model Retirement on May 15, 2026\n\n## Others\n\n| Retired |\n|-|\n| a |\n\n\
        <table><tr><td colspan=3>MODEL<td>m-1(1)<td>m-2</tr><tr><td colspan=3>URL<td colspan=2>https://acme.test</tr>\
        <tr><td rowspan=2>PRICING<td rowspan=2>IN<td>OFF-PEAK<td>$0.1<td>$0.2</tr><tr><td>PEAK<td>$0.2<td>$0.4</tr></table>\n";
    insta::assert_snapshot!(shown(&read_page(&mapping, page)), @"
    a * -: date.retires = 2026-05-15
    m-1 * -: price.input.off_peak = $0.1 / 1M tokens, price.input.peak = $0.2 / 1M tokens
    m-2 * -: price.input.off_peak = $0.2 / 1M tokens, price.input.peak = $0.4 / 1M tokens
    ");
}

proptest! {
    #[test]
    fn rows_in_any_order_are_one_reading_and_mutated_pages_do_not_panic(turn in 0usize..4, at in 0usize..400, with in "\\PC{0,3}") {
        let mut rows = ["| a | May 7, 2027 | b |", "| b | | |", "| c | Earliest May 2026 | |", "| d | soon | a |"];
        let page = |rows: [&str; 4]| format!("| Model | Shutdown date | Replacement |\n|-|-|-|\n| Preview models | | |\n{}\n", rows.join("\n"));
        let mapping = mapped(DATED);
        let first = shown(&read_page(&mapping, &page(rows)));
        rows.rotate_left(turn);
        prop_assert_eq!(&shown(&read_page(&mapping, &page(rows))), &first);
        let mut mutated = page(rows);
        let at = mutated.floor_char_boundary(at % mutated.len());
        mutated.insert_str(at, &with);
        let _ = shown(&read_page(&mapping, &mutated));
    }
}
