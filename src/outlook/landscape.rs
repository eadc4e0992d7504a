//! The landscape now: models × providers, or a part of it.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::landscape::{Column, Denoted, Matrix, Row};
use crate::market::{Attribute, DateKind, Interface, OfferingFact, Place, Stage, is_like};
use crate::store::{Error, OfferingFilter, Offerings, Questions, Version, Versions};

/// The whole landscape is asked for anew whenever so long is over on the clock.
const HOLDS: SignedDuration = SignedDuration::from_mins(10);

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
#[derive(Debug, Default)]
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
        let facts = store.offerings(&asked(only_provider, part.interface))?;
        let asked = by_provider(&facts).filter(|(provider, _)| part.is_at(provider));
        let columns: Vec<(&str, Column)> = asked
            .map(|(provider, facts)| (provider, column(facts, part.region.as_ref(), now)))
            .collect();
        Ok(Self {
            matrix: Matrix::of(columns.iter().map(|(provider, column)| (*provider, column))),
            spoken_of: by_provider(&facts)
                .map(|(provider, _)| provider.to_string())
                .collect(),
        })
    }
}

/// The whole landscape as it was last put together. Those providers alone of which something was said since are asked for again.
#[derive(Debug)]
pub struct Kept {
    version: Version,
    /// When all were asked for.
    at: Timestamp,
    columns: BTreeMap<String, Arc<Column>>,
    found: Arc<Found>,
}

impl Kept {
    /// The landscape as of `now`, with what still holds of what was kept; `None` where all of that does.
    ///
    /// # Errors
    /// Those of the store.
    pub fn renewed(
        kept: Option<&Self>,
        store: &impl Questions,
        now: Timestamp,
    ) -> Result<Option<Self>, Error> {
        // nothing is told of one provider that was not so when another was told of
        let _view = store.view()?;
        let version = store.version()?;
        let kept = match kept.filter(|kept| kept.holds_in_part(version, now)) {
            Some(kept) if kept.version == version => return Ok(None),
            Some(kept) => kept,
            None => return Self::whole(store, version, now).map(Some),
        };
        let mut all = kept.columns.clone();
        for provider in store.spoken_of_since(kept.version)? {
            let facts = store.offerings(&asked(Some(provider.clone()), None))?;
            // whoever is spoken of no more goes
            all.remove(&provider);
            all.extend(columns(&facts, now));
        }
        Ok(Some(Self {
            version,
            at: kept.at,
            found: Arc::new(Found::beside(&all)),
            columns: all,
        }))
    }

    fn whole(store: &impl Questions, version: Version, now: Timestamp) -> Result<Self, Error> {
        let facts = store.offerings(&asked(None, None))?;
        let columns = columns(&facts, now).collect();
        Ok(Self {
            version,
            at: now,
            found: Arc::new(Found::beside(&columns)),
            columns,
        })
    }

    /// Whether it still holds, but for what was said since: the days on which models retire end at full hours, sources are
    /// forgotten that nobody hears of, and a clock that was set back makes nothing fresh.
    fn holds_in_part(&self, version: Version, now: Timestamp) -> bool {
        let turn = |at: Timestamp| at.as_second().div_euclid(HOLDS.as_secs());
        version.follows(&self.version) && self.at <= now && turn(self.at) == turn(now)
    }

    /// The landscape.
    pub fn found(&self) -> &Arc<Found> {
        &self.found
    }
}

impl Found {
    fn beside(columns: &BTreeMap<String, Arc<Column>>) -> Self {
        let named = columns.iter();
        Self {
            matrix: Matrix::of(named.map(|(provider, column)| (provider.as_str(), &**column))),
            spoken_of: columns.keys().cloned().collect(),
        }
    }
}

/// What is asked of the store.
fn asked(provider: Option<String>, interface: Option<Interface>) -> OfferingFilter {
    OfferingFilter {
        provider,
        interface,
        attributes: vec![
            Attribute::Stage,
            Attribute::Date(DateKind::Retires),
            Attribute::price("input"),
            Attribute::price("output"),
        ],
        ..OfferingFilter::default()
    }
}

/// Facts that stand provider by provider.
fn by_provider(facts: &[OfferingFact]) -> impl Iterator<Item = (&str, &[OfferingFact])> {
    let runs = facts.chunk_by(|one, next| one.subject.provider == next.subject.provider);
    runs.filter_map(|run| Some((run.first()?.subject.provider.as_str(), run)))
}

fn columns(facts: &[OfferingFact], now: Timestamp) -> impl Iterator<Item = (String, Arc<Column>)> {
    by_provider(facts)
        .map(move |(provider, facts)| (provider.to_string(), Arc::new(column(facts, None, now))))
}

/// What is known of one provider, of which the facts are.
fn column(facts: &[OfferingFact], place: Option<&Place>, now: Timestamp) -> Column {
    Column::of(Denoted::new(facts).facts(), place, now)
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
