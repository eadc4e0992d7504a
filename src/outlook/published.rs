//! From the store to what others subscribe to: the calendar of retirements, the feed of news.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::landscape::{asked_of_milestones, came_true, milestones};
use crate::market::{DateKind, Milestone};
use crate::render::{calendar, feed};
use crate::store::{Ceased, ChangeFilter, Changes, Error, OfferingFilter, Offerings, Questions};

/// What a source said that long ago and says no more is told of no day that is still shown.
const LOOKS_BACK: SignedDuration = SignedDuration::from_hours(120 * 24);

/// The calendar of the days on which models are deprecated and retire (iCalendar).
///
/// # Errors
/// Those of the store.
pub fn calendar(store: &impl Questions, now: Timestamp) -> Result<String, Error> {
    let attributes = asked_of_milestones();
    let facts = store.offerings(&OfferingFilter {
        attributes: attributes.clone(),
        ..OfferingFilter::default()
    })?;
    let mut all = milestones(&facts);
    // whoever takes an ended model from its list says no more when it ended
    let since = now.checked_sub(LOOKS_BACK).unwrap_or(Timestamp::MIN);
    let ended = milestones(&came_true(store.ceased(&attributes, since)?));
    let key = |one: &Milestone| -> (String, String, DateKind) {
        (one.provider.clone(), one.name.clone(), one.kind)
    };
    let known: BTreeSet<_> = all.iter().map(key).collect();
    all.extend(ended.into_iter().filter(|one| !known.contains(&key(one))));
    all.sort();
    Ok(calendar::calendar(&all, now))
}

/// The feed of the newest news, an entry for what has one cause (Atom). `base` is the address below which changes can be
/// looked at.
///
/// # Errors
/// Those of the store.
pub fn feed(store: &impl Questions, base: Option<&str>, now: Timestamp) -> Result<String, Error> {
    let mut feed = feed::Feed::new(base);
    for group in store.newest_groups(feed::ENTRIES)? {
        let mut changes = store.changes(&ChangeFilter {
            group: Some(group),
            ..ChangeFilter::default()
        })?;
        // what is never mailed is no news for others either
        changes.retain(|recorded| !recorded.change.documented && !recorded.change.flapping);
        feed.add(&changes);
    }
    Ok(feed.finish(now))
}
