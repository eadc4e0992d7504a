//! What a reader did not expect, gathered so that one cause in a thousand rows is one note.

use std::collections::BTreeMap;

use super::folding::shortened;
use crate::market::{Reading, Unexpected};

/// More different notes than this are only counted.
const MOST: usize = 50;

/// Notes of one reading, in any order.
#[derive(Debug, Default)]
pub struct Notes(BTreeMap<(String, String, String), Where>);

#[derive(Debug)]
struct Where {
    first: String,
    count: usize,
}

impl Notes {
    /// Records that at `place`, in the row called `row`, something else was `found` than was `expected`.
    pub fn add(&mut self, place: &str, row: &str, expected: &str, found: &str) {
        let key = (
            shortened(place, 120),
            shortened(expected, 200),
            shortened(found, 80),
        );
        let row = shortened(row, 80);
        match self.0.get_mut(&key) {
            Some(seen) => {
                seen.count += 1;
                if row < seen.first {
                    seen.first = row;
                }
            }
            None => {
                self.0.insert(
                    key,
                    Where {
                        first: row,
                        count: 1,
                    },
                );
            }
        }
    }

    /// Adds the notes to a reading, sorted, at most fifty and then how many more there are.
    pub fn put_into(self, reading: &mut Reading) {
        let all = self.0.into_iter().map(|((place, expected, found), seen)| {
            let found = match (seen.first.as_str(), seen.count) {
                ("", 1) => found,
                ("", count) => format!("{found} ({count} times)"),
                (row, 1) => format!("{found} at {row}"),
                (row, count) => format!("{found} at {row} and {} more", count - 1),
            };
            Unexpected {
                place,
                expected,
                found,
            }
        });
        reading.unexpected.extend(all);
        reading.unexpected.sort();
        reading.unexpected.dedup();
        let over = reading.unexpected.len().saturating_sub(MOST);
        if over > 0 {
            reading.unexpected.truncate(MOST);
            reading.note(
                "the body",
                "what the probe declares",
                format!("{over} more notes"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_cause_is_one_note_in_any_order_of_rows() {
        let shown = |rows: [&str; 3]| {
            let mut notes = Notes::default();
            for row in rows {
                notes.add("lifecycle", row, "a stage word", "'sunset'");
            }
            let mut reading = Reading::default();
            notes.put_into(&mut reading);
            reading.unexpected
        };
        assert_eq!(shown(["b", "a", "c"]), shown(["c", "b", "a"]));
        assert_eq!(shown(["b", "a", "c"])[0].found, "'sunset' at a and 2 more");
    }

    #[test]
    fn notes_are_bounded() {
        let mut notes = Notes::default();
        for n in 0..200 {
            notes.add(&format!("field {n:03}"), "", "a price", "a list");
        }
        let mut reading = Reading::default();
        notes.put_into(&mut reading);
        assert_eq!(reading.unexpected.len(), MOST + 1);
        assert_eq!(
            reading.unexpected.last().map(|last| last.found.as_str()),
            Some("150 more notes")
        );
    }
}
