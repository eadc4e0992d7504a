use super::*;

fn raw(text: &str, colspan: usize, rowspan: usize, head: bool) -> RawCell {
    RawCell {
        cell: Cell {
            text: text.to_string(),
            ..Cell::default()
        },
        colspan,
        rowspan,
        head,
    }
}

fn row(cells: Vec<RawCell>) -> RawRow {
    RawRow { cells, head: false }
}

fn shown(grid: &Grid) -> String {
    let rows = grid.rows.iter().map(|row| {
        let cells: Vec<&str> = row.iter().map(|cell| cell.text.as_str()).collect();
        cells.join(" | ")
    });
    let mut lines = vec![grid.headers()];
    lines.extend(rows);
    lines.join("\n")
}

#[test]
fn spans_are_laid_out_and_headers_joined() {
    let rows = vec![
        row(vec![raw("Model", 1, 2, true), raw("Price", 2, 1, true)]),
        row(vec![raw("in", 1, 1, true), raw("out", 1, 1, true)]),
        row(vec![raw("Letters", 3, 1, false)]),
        row(vec![
            raw("a", 1, 99, false),
            raw("1", 1, 1, false),
            raw("2", 1, 1, false),
        ]),
        row(vec![raw("3", 1, 0, false)]),
    ];
    let grids = Grid::lay_out(rows, &[], "", &mut Budget::of_a_page()).expect("a grid");
    insta::assert_snapshot!(shown(&grids[0]), @r"
    Model | Price in | Price out
    a | 1 | 2
    a | 3
    ");
    assert_eq!(grids[0].column(&["price out".to_string()]), Some(2));
    assert_eq!(grids[0].column(&["out".to_string()]), Some(2));
    assert_eq!(grids[0].column(&["price".to_string()]), None);
    assert_eq!(grids[0].labels, [(0, "Letters".to_string())]);
}

#[test]
fn columns_become_rows() {
    let rows = vec![
        row(vec![
            raw("MODEL", 2, 1, false),
            raw("a", 1, 1, false),
            raw("b", 1, 1, false),
        ]),
        row(vec![
            raw("PRICE", 1, 2, false),
            raw("IN", 1, 1, false),
            raw("$1", 2, 1, false),
        ]),
        row(vec![
            raw("OUT", 1, 1, false),
            raw("$2", 1, 1, false),
            raw("$3", 1, 1, false),
        ]),
    ];
    let grids = Grid::lay_out(rows, &[], "", &mut Budget::of_a_page()).expect("a grid");
    insta::assert_snapshot!(shown(&grids[0].transposed()), @r"
    MODEL | PRICE IN | PRICE OUT
    a | $1 | $2
    b | $1 | $3
    ");
}

#[test]
fn a_header_amid_the_body_begins_another_table() {
    let line = |a: &str, b: &str, head| row(vec![raw(a, 1, 1, head), raw(b, 1, 1, head)]);
    let rows = vec![
        line("Model", "small", true),
        line("x", "1", false),
        line("Model", "large", true),
        line("y", "2", false),
    ];
    let grids = Grid::lay_out(rows, &[], "", &mut Budget::of_a_page()).expect("two grids");
    let all: Vec<String> = grids.iter().map(shown).collect();
    assert_eq!(all, ["Model | small\nx | 1", "Model | large\ny | 2"]);
}

#[test]
fn huge_spans_are_refused() {
    let rows = (0..500)
        .map(|_| row(vec![raw("x", 9_999_999, 9_999_999, false)]))
        .collect();
    let refused = Grid::lay_out(rows, &[], "", &mut Budget::of_a_page());
    assert!(matches!(refused, Err(Failure::Unreadable { .. })));
}
