//! What a row states because of the label that it stands under, or of what one of its cells says.

use super::cell::{Cell, compared};
use super::mapping::Names;
use crate::market::{Attribute, Certainty, LifecycleDate, Value};

/// What a cell has to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// A date, without a word that makes it a floor.
    Firm,
    /// A date that is only a floor.
    Floor,
    /// That there is no date.
    Nothing,
}

impl Says {
    /// The words of the probe file.
    pub const WORDS: [(&'static str, Self); 3] = [
        ("firm", Self::Firm),
        ("floor", Self::Floor),
        ("nothing", Self::Nothing),
    ];

    fn holds(self, cell: &Cell) -> bool {
        match LifecycleDate::from_text(&cell.text) {
            Ok(Some(date)) => match date.certainty {
                Certainty::Firm => self == Self::Firm,
                Certainty::NotBefore => self == Self::Floor,
            },
            Ok(None) => self == Self::Nothing,
            Err(_) => false,
        }
    }
}

/// A rule: what rows state under a label, or with such a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct When {
    /// The label, in the compared form.
    pub label: Option<String>,
    /// The column, and what its cell has to say.
    pub cell: Option<(Names, Says)>,
    /// What such rows state.
    pub set: Vec<(Attribute, Value)>,
}

impl When {
    /// Whether the rule holds under `label` of a row whose cell in the rule's column is `cell`.
    pub fn holds(&self, label: Option<&str>, cell: Option<&Cell>) -> bool {
        let labelled = match &self.label {
            Some(wanted) => label == Some(wanted.as_str()),
            None => true,
        };
        labelled
            && match &self.cell {
                Some((_, says)) => cell.is_some_and(|cell| says.holds(cell)),
                None => true,
            }
    }
}

/// The label that a row of which only the first cell is filled gives to the rows below it, if any of `rules` knows it.
pub fn label_of<'a>(rules: &[When], mut row: impl Iterator<Item = &'a Cell>) -> Option<String> {
    let first = compared(&row.next()?.text);
    let known = rules.iter().any(|rule| rule.label.as_ref() == Some(&first));
    (known && row.all(|cell| cell.text.is_empty())).then_some(first)
}
