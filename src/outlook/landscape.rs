//! The landscape now: models × providers, or a part of it.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::landscape::{Denoted, Matrix, Row, matrix};
use crate::market::{Attribute, DateKind, Interface, OfferingFact, Place, Stage, is_like};
use crate::store::{Error, OfferingFilter, Offerings, Questions};

/// Which part of the landscape is asked for. What is empty narrows nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// Models whose name fits, as [`fits`] says.
    pub model: Option<String>,
    /// Models of these labs.
    pub labs: Vec<String>,
    /// At these providers.
    pub providers: Vec<String>,
    /// Models that are at this stage at some provider.
    pub stage: Option<Stage>,
    /// Offerings in this place, and those whose source names no region.
    pub region: Option<Place>,
    /// Offerings of which some source says that they have this interface.
    pub interface: Option<Interface>,
    /// Models that are still to retire somewhere, the soonest first.
    pub retiring: bool,
}

/// The landscape as of a moment.
#[derive(Debug)]
pub struct Found {
    /// Models × providers.
    pub matrix: Matrix,
    /// The providers that sources speak of, wherever and whatever they sell.
    pub spoken_of: BTreeSet<String>,
}

impl Found {
    /// The landscape as of `now` in a part's place, of its interface and at its providers. [`Part::of`] narrows it to the rest.
    ///
    /// # Errors
    /// Those of the store.
    pub fn of(store: &impl Questions, part: &Part, now: Timestamp) -> Result<Self, Error> {
        let only_provider = match part.providers.as_slice() {
            [one] => Some(one.clone()),
            _ => None,
        };
        let facts = store.offerings(&OfferingFilter {
            provider: only_provider,
            interface: part.interface,
            attributes: vec![
                Attribute::Stage,
                Attribute::Date(DateKind::Retires),
                Attribute::price("input"),
                Attribute::price("output"),
            ],
            ..OfferingFilter::default()
        })?;
        let denoted = Denoted::new(&facts);
        let asked = denoted
            .facts()
            .filter(|(fact, _)| part.is_at(fact.subject.provider.as_str()));
        Ok(Self {
            matrix: matrix(asked, part.region.as_ref(), now),
            spoken_of: spoken_of(&facts),
        })
    }
}

fn spoken_of(facts: &[OfferingFact]) -> BTreeSet<String> {
    let runs = facts.chunk_by(|one, next| one.subject.provider == next.subject.provider);
    let first = runs.filter_map(|run| run.first());
    first
        .map(|fact| fact.subject.provider.to_string())
        .collect()
}

impl Part {
    /// The rows that are asked for, in order, with the cells of the providers that are asked for alone.
    pub fn of<'a>(
        &self,
        rows: impl IntoIterator<Item = Cow<'a, Row>>,
        now: Timestamp,
    ) -> Vec<Cow<'a, Row>> {
        let rows = rows.into_iter();
        let mut rows: Vec<Cow<'a, Row>> = rows
            .filter(|row| {
                let labs = &self.labs;
                let is_of_lab = labs.is_empty() || labs.iter().any(|lab| lab == lab_of(&row.model));
                let glob = self.model.as_deref();
                is_of_lab && glob.is_none_or(|glob| fits(glob, &row.model))
            })
            .filter_map(|row| self.at_providers(row))
            .filter(|row| {
                let at = |stage| row.cells.values().any(|cell| cell.stage == stage);
                self.stage.is_none_or(at)
            })
            .collect();
        if !self.providers.is_empty() {
            rows.sort_by_cached_key(|row| (Reverse(row.weight()), row.model.clone()));
        }
        if self.retiring {
            rows.retain(|row| row.retires(now).is_some());
            rows.sort_by_key(|row| row.retires(now).map(|day| day.starts()));
        }
        rows
    }

    /// Whether a provider is asked for.
    pub fn is_at(&self, provider: &str) -> bool {
        self.providers.is_empty() || self.providers.iter().any(|asked| asked == provider)
    }

    fn at_providers<'a>(&self, mut row: Cow<'a, Row>) -> Option<Cow<'a, Row>> {
        if row.cells.keys().any(|provider| !self.is_at(provider)) {
            let cells = &mut row.to_mut().cells;
            cells.retain(|provider, _| self.is_at(provider));
        }
        (!row.cells.is_empty()).then_some(row)
    }
}

/// Who makes a model.
pub fn lab_of(model: &str) -> &str {
    model.split_once('/').map_or("", |(lab, _)| lab)
}

/// Whether a model's name fits: `*` stands for any text, `?` for one character; without either, any part of the name will do.
pub fn fits(glob: &str, model: &str) -> bool {
    let (glob, model) = (glob.to_lowercase(), model.to_lowercase());
    if !glob.contains(['*', '?']) {
        return model.contains(&glob);
    }
    let name = model.split_once('/').map_or("", |(_, name)| name);
    is_like(&model, &glob) || is_like(name, &glob)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_fit_names() {
        for (glob, model, fit) in [
            ("anthropic/*", "anthropic/claude-sonnet-4.5", true),
            ("claude-*-4.5", "anthropic/claude-sonnet-4.5", true),
            ("SONNET", "anthropic/claude-sonnet-4.5", true),
            ("gpt-?", "openai/gpt-4", true),
            ("gpt-?", "openai/gpt-4o", false),
            ("*a*b*c", "x/aabbcc", true),
            ("*a*b*d", "x/aabbcc", false),
        ] {
            assert_eq!(fits(glob, model), fit, "{glob} {model}");
        }
    }
}
