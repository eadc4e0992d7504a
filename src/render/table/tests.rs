//! Tables that are read again.

use std::borrow::Cow;

use ::parquet::file::reader::{FileReader as _, SerializedFileReader};
use ::parquet::record::{Field, Row};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::csv::guarded;
use super::*;
use crate::market::{
    Certainty, ColumnKind, Currency, LifecycleDate, Price, PriceUnit, RecordedChange, Tabular,
    Value,
};
use crate::render::samples::{cheaper, retirement};

const COLUMNS: &[Column] = &[
    Column::new("name", ColumnKind::Text),
    Column::new("at", ColumnKind::Time),
    Column::new("yes", ColumnKind::Flag),
    Column::new("n", ColumnKind::Count),
    Column::new("ms", ColumnKind::Millis),
    Column::new("said", ColumnKind::Value),
    Column::new("names", ColumnKind::Texts),
];

fn written(form: TableForm, columns: &'static [Column], rows: &[Vec<Cell<'_>>]) -> Vec<u8> {
    let mut table = Table::new(form, columns, Vec::new()).expect("a table");
    for row in rows {
        table.row(row).expect("a row");
    }
    table.finish().expect("a whole table")
}

fn text(form: TableForm, rows: &[Vec<Cell<'_>>]) -> String {
    String::from_utf8(written(form, COLUMNS, rows)).expect("text")
}

fn moment() -> Timestamp {
    "2026-11-01T06:00:00.123456Z".parse().expect("a time")
}

/// A row of everything that can be said.
fn row<'a>(name: &'a str, said: &'a Value, names: &'a [String]) -> Vec<Cell<'a>> {
    vec![
        Cell::Text(Cow::Borrowed(name)),
        Cell::Time(moment()),
        Cell::Flag(true),
        Cell::Count(-7),
        Cell::Millis(SignedDuration::from_micros(12_345)),
        Cell::Value(said),
        Cell::Texts(names),
    ]
}

fn nothing() -> Vec<Cell<'static>> {
    vec![Cell::Missing; COLUMNS.len()]
}

fn credit() -> Value {
    Value::Price(Price {
        amount: "-0.0000000125".parse().expect("a decimal"),
        currency: Currency::from_code("EUR").expect("a currency"),
        unit: PriceUnit::from_word("image"),
    })
}

fn floor() -> Value {
    let day = LifecycleDate::from_printed("2026-10", Certainty::NotBefore);
    Value::Date(day.expect("a month"))
}

const HEADER: &str = "name,at,yes,n,ms,said,said_certainty,said_currency,said_unit,names\r\n";

#[test]
fn csv_tells_money_and_days_in_columns_of_their_own() {
    let (credit, floor, names) = (credit(), floor(), ["a".to_string()]);
    let rows = [
        row("=1+1", &credit, &names),
        row("", &floor, &[]),
        nothing(),
    ];
    assert_eq!(
        text(TableForm::Csv, &rows),
        [
            HEADER,
            "'=1+1,2026-11-01T06:00:00.123456Z,true,-7,12.345,-0.0000000125,,EUR,image,\"[\"\"a\"\"]\"\r\n",
            "\"\",2026-11-01T06:00:00.123456Z,true,-7,12.345,2026-10,not_before,,,[]\r\n",
            ",,,,,,,,,\r\n",
        ]
        .concat()
    );
    assert_eq!(text(TableForm::Csv, &[]), HEADER);
}

#[test]
fn no_text_is_a_formula_and_numbers_are_as_they_are() {
    for (text, expected) in [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+1", "'+1"),
        ("-2+3", "'-2+3"),
        ("@cf/meta/llama", "'@cf/meta/llama"),
        ("\t=1", "'\t=1"),
        ("＝1", "'＝1"),
        ("'quoted", "''quoted"),
        ("gpt-4o", "gpt-4o"),
        ("*", "*"),
        ("", ""),
    ] {
        assert_eq!(guarded(text), expected, "{text:?}");
    }
}

#[test]
fn json_is_an_array_or_an_object_a_line() {
    let (credit, floor) = (credit(), floor());
    let rows = [row("a", &credit, &[]), row("b", &floor, &[]), nothing()];
    let array: Json = serde_json::from_str(&text(TableForm::Json, &rows)).expect("JSON");
    let lines = text(TableForm::Jsonl, &rows);
    let lines: Vec<Json> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(array, json!(lines));
    assert_eq!(
        lines[1],
        json!({ "name": "b", "at": "2026-11-01T06:00:00.123456Z", "yes": true, "n": -7, "ms": 12.345,
            "said": { "date": "2026-10", "certainty": "not_before" }, "names": [] })
    );
    assert!(
        lines[2]
            .as_object()
            .is_some_and(|all| all.values().all(Json::is_null))
    );
    assert_eq!(text(TableForm::Json, &[]), "[]\n");
    assert_eq!(text(TableForm::Jsonl, &[]), "");
}

fn parquet_rows(bytes: Vec<u8>) -> (usize, Vec<Row>) {
    let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).expect("a file");
    let groups = reader.num_row_groups();
    let rows = reader.get_row_iter(None).expect("rows");
    (groups, rows.map(|row| row.expect("a row")).collect())
}

#[test]
fn parquet_keeps_what_is_exact_and_what_is_missing() {
    let (credit, names) = (credit(), ["a".to_string()]);
    let rows = [row("=1", &credit, &names), nothing()];
    let (groups, rows) = parquet_rows(written(TableForm::Parquet, COLUMNS, &rows));
    assert_eq!((groups, rows.len()), (1, 2));
    let text = |text: &str| Field::Str(text.to_string());
    let cells: Vec<Field> = rows[0]
        .get_column_iter()
        .map(|(_, cell)| cell.clone())
        .collect();
    assert_eq!(
        cells,
        [
            text("=1"),
            Field::TimestampMicros(moment().as_microsecond()),
            Field::Bool(true),
            Field::Long(-7),
            Field::Double(12.345),
            text("-0.0000000125"),
            Field::Null,
            text("EUR"),
            text("image"),
            text("[\"a\"]"),
        ]
    );
    assert!(
        rows[1]
            .get_column_iter()
            .all(|(_, cell)| *cell == Field::Null)
    );
    let (groups, rows) = parquet_rows(written(TableForm::Parquet, COLUMNS, &[]));
    assert_eq!((groups, rows.len()), (0, 0));
}

#[test]
fn parquet_writes_a_group_before_more_stands_in_memory() {
    const N: &[Column] = &[Column::new("n", ColumnKind::Count)];
    let rows: Vec<Vec<Cell<'_>>> = (0..70_000).map(|n| vec![Cell::Count(n)]).collect();
    let (groups, rows) = parquet_rows(written(TableForm::Parquet, N, &rows));
    assert_eq!(groups, 2);
    for (n, row) in rows.iter().enumerate() {
        let cell = row.get_column_iter().next().map(|(_, cell)| cell.clone());
        assert_eq!(cell, Some(Field::Long(i64::try_from(n).expect("small"))));
    }
    // texts are bounded by their bytes
    const TEXT: &[Column] = &[Column::new("text", ColumnKind::Text)];
    let rows: Vec<Vec<Cell<'_>>> = (0..40)
        .map(|n| vec![Cell::Text(format!("{n}{}", "x".repeat(1 << 20)).into())])
        .collect();
    let (groups, rows) = parquet_rows(written(TableForm::Parquet, TEXT, &rows));
    assert_eq!((groups, rows.len()), (3, 40));
}

#[test]
fn the_cells_of_a_change_fit_its_columns() {
    for recorded in [cheaper(), retirement()] {
        let cells = recorded.cells();
        assert_eq!(cells.len(), RecordedChange::COLUMNS.len());
        for (column, cell) in RecordedChange::COLUMNS.iter().zip(&cells) {
            let fits = matches!(
                (column.kind, cell),
                (_, Cell::Missing)
                    | (ColumnKind::Text, Cell::Text(_))
                    | (ColumnKind::Time, Cell::Time(_))
                    | (ColumnKind::Flag, Cell::Flag(_))
                    | (ColumnKind::Value, Cell::Value(_))
                    | (ColumnKind::Texts, Cell::Texts(_))
            );
            assert!(fits, "{}: {cell:?}", column.name);
        }
    }
}

/// Reads CSV as RFC 4180 says.
fn records(text: &str) -> Vec<Vec<String>> {
    let mut records = vec![vec![String::new()]];
    let mut chars = text.chars().peekable();
    let mut is_quoted = false;
    while let Some(c) = chars.next() {
        let record = records.last_mut().expect("a record");
        let cell = record.last_mut().expect("a cell");
        match c {
            '"' if is_quoted && chars.peek() == Some(&'"') => cell.extend(chars.next()),
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => record.push(String::new()),
            '\r' if !is_quoted => assert_eq!(chars.peek(), Some(&'\n'), "a lone CR"),
            '\n' if !is_quoted => records.push(vec![String::new()]),
            c => cell.push(c),
        }
    }
    assert_eq!(
        records.pop(),
        Some(vec![String::new()]),
        "the last line ends"
    );
    records
}

proptest! {
    #[test]
    fn any_text_goes_through_csv(texts in prop::collection::vec(any::<String>(), 1..6), lead in "[-=+@'\t\r\n＝]?") {
        const NAME: &[Column] = &[Column::new("a", ColumnKind::Text), Column::new("b", ColumnKind::Text)];
        let texts: Vec<String> = texts.iter().map(|text| format!("{lead}{text}")).collect();
        let rows: Vec<Vec<Cell<'_>>> = texts
            .iter()
            .map(|text| vec![Cell::Text(text.as_str().into()), Cell::Missing])
            .collect();
        let csv = String::from_utf8(written(TableForm::Csv, NAME, &rows)).expect("text");
        let found = records(&csv);
        prop_assert_eq!(found.len(), texts.len() + 1);
        for (record, text) in found.iter().skip(1).zip(&texts) {
            let [cell, missing] = record.as_slice() else {
                return Err(TestCaseError::fail(format!("{record:?}")));
            };
            prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝']), "{cell:?}");
            prop_assert_eq!(cell.strip_prefix('\'').unwrap_or(cell), text);
            prop_assert_eq!(missing, "");
        }
    }

    #[test]
    fn any_text_goes_through_parquet(texts in prop::collection::vec(any::<Option<String>>(), 0..20)) {
        const NAME: &[Column] = &[Column::new("a", ColumnKind::Text)];
        let rows: Vec<Vec<Cell<'_>>> = texts.iter().map(|text| vec![Cell::text(text.as_deref())]).collect();
        let (_, found) = parquet_rows(written(TableForm::Parquet, NAME, &rows));
        let found: Vec<Option<String>> = found
            .iter()
            .map(|row| match row.get_column_iter().next() {
                Some((_, Field::Str(text))) => Some(text.clone()),
                _ => None,
            })
            .collect();
        prop_assert_eq!(found, texts);
    }
}
