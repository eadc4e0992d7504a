//! Tables that keep to the room there is.

use super::{clean, room};

/// Between two columns.
const GAP: usize = 2;
/// Before the further lines of a row that has no place on one.
const INDENT: usize = 4;
/// Holds two words together where a cell is broken; it is printed as a blank.
const NO_BREAK: char = '\u{a0}';

/// A text that no cell of a table is broken within, such as a day with its time.
pub fn unbroken(text: impl std::fmt::Display) -> String {
    text.to_string().replace(' ', &NO_BREAK.to_string())
}

/// Columns of texts that fit the terminal.
pub fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    table_in(header, rows, room())
}

/// Columns of texts, each as wide as its widest cell. Where they are wider than the room together, columns in which nothing
/// stands are left out, cells are broken between words, and rows go on in further lines, in the way that takes the fewest. A
/// word is never broken, so that it can be copied.
pub fn table_in(header: &[&str], rows: &[Vec<String>], room: Option<usize>) -> String {
    let header = header.iter().map(|head| clean(head)).collect();
    let cleaned = |row: &Vec<String>| row.iter().map(|cell| clean(cell)).collect();
    let mut lines: Vec<Vec<String>> = vec![header];
    lines.extend(rows.iter().map(cleaned));
    let drawn = |parts: &[Vec<Column>]| -> String {
        let rows = lines.iter().map(|row| drawn(row, parts));
        rows.collect()
    };
    let mut columns = columns(&lines);
    let room = room.unwrap_or(usize::MAX);
    if taken(&columns) > room && !rows.is_empty() {
        columns.retain(|column| column.is_told);
    }
    if taken(&columns) <= room {
        return drawn(&[columns]);
    }
    let mut with_narrow_first = columns.clone();
    if let Some(first) = with_narrow_first.first_mut() {
        first.narrow(&lines);
    }
    [columns, with_narrow_first]
        .iter()
        .flat_map(|columns| {
            [Column::least_of, Column::widest_of].map(|by| parts(columns, by, room))
        })
        .map(|parts| drawn(&parts))
        .min_by_key(|text| text.lines().count())
        .unwrap_or_default()
}

/// A column: which, how wide, how wide its widest cell and its longest word, and whether anything stands in it.
#[derive(Debug, Clone, Copy)]
struct Column {
    at: usize,
    width: usize,
    widest: usize,
    least: usize,
    is_told: bool,
}

impl Column {
    fn least_of(self) -> usize {
        self.least
    }

    fn widest_of(self) -> usize {
        self.widest
    }

    /// Makes it as narrow as nine in ten of its cells: the others stand above the rest of their rows.
    fn narrow(&mut self, lines: &[Vec<String>]) {
        let cells = lines.iter().filter_map(|row| row.get(self.at));
        let mut widths: Vec<usize> = cells.map(|cell| cell.chars().count()).collect();
        widths.sort_unstable();
        if let Some(width) = widths.get(widths.len() * 9 / 10) {
            self.widest = *width;
            self.least = self.least.min(*width);
            self.width = *width;
        }
    }
}

fn columns(lines: &[Vec<String>]) -> Vec<Column> {
    let count = lines.first().map_or(0, Vec::len);
    let column = |at| {
        let cells = || {
            lines
                .iter()
                .filter_map(move |row| row.get(at).map(String::as_str))
        };
        let wide = |text: &str| text.chars().count();
        let widest = cells().map(wide).max().unwrap_or(0);
        let words = cells().flat_map(|cell| cell.split(' '));
        Column {
            at,
            width: widest,
            widest,
            least: words.map(wide).max().unwrap_or(0),
            is_told: cells().skip(1).any(|cell| !matches!(cell, "" | "-")),
        }
    };
    (0..count).map(column).collect()
}

fn taken(columns: &[Column]) -> usize {
    let gaps = GAP * columns.len().saturating_sub(1);
    columns.iter().map(|column| column.width).sum::<usize>() + gaps
}

/// Takes from the widest column that can be broken, until all fit or none can.
fn shrink(columns: &mut [Column], room: usize) {
    while taken(columns) > room {
        let breakable = columns
            .iter_mut()
            .filter(|column| column.width > column.least);
        let Some(widest) = breakable.max_by_key(|column| column.width) else {
            return;
        };
        widest.width -= 1;
    }
}

/// The columns that stand in each line of a row: as many in each as fit, if each is as wide `by` itself.
fn parts(columns: &[Column], by: fn(Column) -> usize, room: usize) -> Vec<Vec<Column>> {
    let mut parts: Vec<Vec<Column>> = Vec::new();
    let mut left = 0;
    for column in columns {
        let width = by(*column) + GAP;
        match parts.last_mut() {
            Some(part) if width <= left => {
                left -= width;
                part.push(*column);
            }
            _ => {
                let indent = if parts.is_empty() { 0 } else { INDENT };
                left = (room + GAP).saturating_sub(indent + width);
                parts.push(vec![*column]);
            }
        }
    }
    for (nth, part) in parts.iter_mut().enumerate() {
        shrink(part, if nth > 0 { room - INDENT } else { room });
    }
    parts
}

fn drawn(row: &[String], parts: &[Vec<Column>]) -> String {
    let mut text = String::new();
    for (nth, part) in parts.iter().enumerate() {
        let cell = |column: &Column| row.get(column.at).map_or("", String::as_str);
        if nth > 0 && part.iter().all(|column| cell(column).is_empty()) {
            continue;
        }
        let indent = if nth > 0 { INDENT } else { 0 };
        let mut cells: Vec<Vec<String>> = part
            .iter()
            .map(|column| broken(cell(column), column.width))
            .collect();
        // what is wider than its column stands above the rest of its row
        let first = part.first().zip(cells.first_mut());
        if let Some((column, lines)) = first.filter(|_| part.len() > 1)
            && lines.iter().any(|line| line.chars().count() > column.width)
        {
            for line in std::mem::take(lines) {
                text.push_str(&format!("{:indent$}{line}\n", ""));
            }
        }
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        for line in 0..height {
            let mut drawn = " ".repeat(indent);
            for (column, lines) in part.iter().zip(&cells) {
                let cell = lines.get(line).map_or("", String::as_str);
                let blanks = column.width.saturating_sub(cell.chars().count());
                drawn.push_str(cell);
                drawn.push_str(&" ".repeat(blanks + GAP));
            }
            text.push_str(drawn.trim_end());
            text.push('\n');
        }
    }
    text
}

/// The lines of a cell.
fn broken(cell: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut length = 0;
    for word in cell.split(' ') {
        let word_length = word.chars().count();
        match lines.last_mut() {
            Some(line) if length + 1 + word_length <= width || line.is_empty() => {
                if length > 0 {
                    line.push(' ');
                    length += 1;
                }
                line.push_str(word);
            }
            _ => {
                lines.push(word.to_string());
                length = 0;
            }
        }
        length += word_length;
    }
    let shown = |line: String| line.trim_end().replace(NO_BREAK, " ");
    lines.into_iter().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Vec<String>> {
        [
            [
                "openai.models",
                "failing: no answer within ten seconds of the request",
                "3",
                "",
            ],
            ["bedrock.models@eu-central-1", "good", "118", "-"],
        ]
        .map(|row| row.map(str::to_string).to_vec())
        .to_vec()
    }

    const HEADER: [&str; 4] = ["SOURCE", "STATE", "ITEMS", "MISSED"];

    #[test]
    fn cells_line_up_and_cannot_move_the_cursor() {
        let rows = vec![
            vec!["gpt\u{1b}[31m-4o".to_string(), "1".to_string()],
            vec!["a\u{a0}name that is long".to_string(), "22".to_string()],
        ];
        insta::assert_snapshot!(table_in(&["MODEL", "N"], &rows, None), @"
        MODEL                N
        gpt [31m-4o          1
        a name that is long  22
        ");
    }

    #[test]
    fn a_table_is_as_wide_as_the_room_and_no_word_is_broken() {
        insta::assert_snapshot!(table_in(&HEADER, &rows(), None), @"
        SOURCE                       STATE                                                 ITEMS  MISSED
        openai.models                failing: no answer within ten seconds of the request  3
        bedrock.models@eu-central-1  good                                                  118    -
        ");
        insta::assert_snapshot!(table_in(&HEADER, &rows(), Some(60)), @"
        SOURCE                       STATE                     ITEMS
        openai.models                failing: no answer        3
                                     within ten seconds of
                                     the request
        bedrock.models@eu-central-1  good                      118
        ");
        insta::assert_snapshot!(table_in(&HEADER, &rows(), Some(40)), @"
        SOURCE                       STATE
            ITEMS
        openai.models                failing: no
                                     answer
                                     within ten
                                     seconds of
                                     the request
            3
        bedrock.models@eu-central-1  good
            118
        ");
    }

    proptest::proptest! {
        #[test]
        fn every_word_is_there_in_its_order_whatever_the_room(
            cells in proptest::collection::vec(proptest::collection::vec("[a-z:]{0,9}( [a-z]{1,30}){0,4}", 3), 1..6),
            room in 40_usize..120,
        ) {
            let drawn = table_in(&["ONE", "TWO", "THE THIRD"], &cells, Some(room));
            let is_lone = |line: &str| line.split_whitespace().count() == 1;
            proptest::prop_assert!(drawn.lines().all(|line| line.chars().count() <= room || is_lone(line)), "{}", drawn);
            let sorted = |text: String| {
                let mut words: Vec<String> = text.split_whitespace().map(str::to_string).collect();
                words.sort();
                words
            };
            let said = cells.concat().join(" ") + " ONE TWO THE THIRD";
            let is_there = |word: &String| ["ONE", "TWO", "THE", "THIRD"].contains(&word.as_str());
            let without_heads = |words: Vec<String>| words.into_iter().filter(|word| !is_there(word)).collect::<Vec<_>>();
            proptest::prop_assert_eq!(without_heads(sorted(drawn)), without_heads(sorted(said)));
        }
    }
}
