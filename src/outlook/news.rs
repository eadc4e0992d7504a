//! What changed, a page at a time: what has one cause is one entry, and so is what one probe says of one offering at one
//! moment; the newest first.

use std::collections::BTreeSet;

use crate::alerting::{Matter, Policy};
use crate::market::RecordedChange;
use crate::render::{Sighting, rank};
use crate::store::{ChangeFilter, Changes, Claims, Error, GroupPlace, Groups, Questions};

/// Groups that are looked at for one page at most.
const LOOKS: usize = 2_000;
/// Groups that are asked for at once for each entry of a page: some are parts of one entry.
const PARTS: usize = 4;

/// Which page is asked for.
#[derive(Debug)]
pub struct Asked<'a> {
    /// Of which changes: a cause is told whole as soon as one of its changes fits.
    pub filter: ChangeFilter,
    /// Only what touches a watch of this policy.
    pub watched_by: Option<&'a Policy>,
    /// What stands behind this place; `None`: the first page.
    pub before: Option<GroupPlace>,
    /// Entries at most.
    pub most: usize,
}

/// Changes of one cause, or of one sighting.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Where it stands; what joins it later does not move it.
    pub place: GroupPlace,
    sighting: Option<Sighting>,
    /// Cause by cause in the order in which they were recorded; never empty.
    pub changes: Vec<RecordedChange>,
}

/// One page.
#[derive(Debug)]
pub struct Page {
    /// The newest first.
    pub entries: Vec<Entry>,
    /// Behind which place the next page begins; `None` where nothing is left.
    pub next: Option<GroupPlace>,
}

/// Makes a page. What is recorded meanwhile comes before the first one and moves none.
///
/// # Errors
/// Those of the store.
pub fn page(store: &impl Questions, asked: &Asked<'_>) -> Result<Page, Error> {
    let at_once = match asked.watched_by {
        None => LOOKS.min(asked.most.saturating_mul(PARTS)),
        Some(_) => LOOKS,
    };
    let most = u32::try_from(at_once).unwrap_or(u32::MAX);
    let mut entries: Vec<Entry> = Vec::new();
    let mut looked = 0;
    let mut last = asked.before;
    loop {
        let groups = store.groups_before(&asked.filter, last, most)?;
        looked += groups.len();
        let is_cut = groups.len() == at_once;
        for (place, group) in groups {
            let changes = store.changes(&ChangeFilter {
                all: asked.filter.all,
                group: Some(group),
                ..ChangeFilter::default()
            })?;
            let is_wanted = match asked.watched_by {
                None => true,
                Some(policy) => !touched(store, policy, &changes)?.is_empty(),
            };
            let sighting = Sighting::of(&changes);
            let is_same = |entry: &&mut Entry| sighting.is_some() && entry.sighting == sighting;
            if is_wanted && !changes.is_empty() {
                let is_full = entries.len() == asked.most;
                // the changes of a sighting are recorded one after the other; the latest comes first
                match entries.last_mut().filter(is_same) {
                    Some(entry) => drop(entry.changes.splice(..0, changes)),
                    None if is_full => {
                        return Ok(Page {
                            entries,
                            next: last,
                        });
                    }
                    None => entries.push(Entry {
                        place,
                        sighting,
                        changes,
                    }),
                }
            }
            last = Some(place);
        }
        if !is_cut || looked >= LOOKS {
            let next = last.filter(|_| is_cut);
            return Ok(Page { entries, next });
        }
    }
}

/// The watches that some of these changes touch.
///
/// # Errors
/// Those of the store.
pub fn touched<'a>(
    store: &impl Questions,
    policy: &'a Policy,
    changes: &[RecordedChange],
) -> Result<BTreeSet<&'a str>, Error> {
    let mut touched = BTreeSet::new();
    let asks = policy.asks_for_interface();
    for recorded in changes {
        let change = &recorded.change;
        let interface = match asks {
            true => store.interface_of(&change.subject)?,
            false => None,
        };
        touched.extend(policy.touched(&Matter::new(change, interface)));
    }
    Ok(touched)
}

impl Entry {
    /// The change that is said first: the gravest, then what weighs most, then the first.
    pub fn lead(&self) -> Option<&RecordedChange> {
        let ranked = self.changes.iter().enumerate();
        let lead = ranked.min_by_key(|(place, recorded)| (rank(recorded), *place));
        lead.map(|(_, recorded)| recorded)
    }

    /// The regions that its changes name.
    pub fn regions(&self) -> BTreeSet<&str> {
        let subjects = self.changes.iter().map(|recorded| &recorded.change.subject);
        let stated = subjects.filter(|subject| subject.region.is_stated());
        stated.map(|subject| subject.region.as_str()).collect()
    }

    /// The models that its changes are about, as far as they are known: `lab/name`.
    pub fn models(&self) -> BTreeSet<String> {
        let subjects = self.changes.iter().map(|recorded| &recorded.change.subject);
        subjects
            .filter_map(|subject| subject.identity()?.model)
            .collect()
    }

    /// Who says so.
    pub fn sources(&self) -> BTreeSet<(String, &'static str)> {
        let told = self.changes.iter();
        told.map(|recorded| {
            let source = recorded.change.source.to_string();
            (source, recorded.authority.word())
        })
        .collect()
    }
}
