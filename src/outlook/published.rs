//! From the store to what others subscribe to: the calendar of retirements, the feed of news.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::alerting::{Matter, Watch};
use crate::landscape::{asked_of_milestones, came_true, milestones as of_facts};
use crate::market::{DateKind, Milestone, RecordedChange, Region, Subject, Wanted};
use crate::render::{calendar, feed};
use crate::store::{
    Ceased, ChangeFilter, Changes, Claims, Error, OfferingFilter, Offerings, Questions,
};

/// What a source said that long ago and says no more is told of no day that is still shown.
const LOOKS_BACK: SignedDuration = SignedDuration::from_hours(120 * 24);

/// The days on which models are deprecated and retire, those that lately came true with them; in the order of who sells what.
///
/// # Errors
/// Those of the store.
pub fn milestones(store: &impl Questions, now: Timestamp) -> Result<Vec<Milestone>, Error> {
    let attributes = asked_of_milestones();
    let facts = store.offerings(&OfferingFilter {
        attributes: attributes.clone(),
        ..OfferingFilter::default()
    })?;
    let mut all = of_facts(&facts);
    // whoever takes an ended model from its list says no more when it ended
    let since = now.checked_sub(LOOKS_BACK).unwrap_or(Timestamp::MIN);
    let ended = of_facts(&came_true(store.ceased(&attributes, since)?));
    let key = |one: &Milestone| -> (String, String, DateKind) {
        (one.provider.clone(), one.name.clone(), one.kind)
    };
    let known: BTreeSet<_> = all.iter().map(key).collect();
    all.extend(ended.into_iter().filter(|one| !known.contains(&key(one))));
    all.sort();
    Ok(all)
}

/// Whether a day is one of this provider, of this model in any spelling, and of what a watch is about.
pub fn concerns(
    milestone: &Milestone,
    provider: Option<&str>,
    model: Option<&str>,
    watch: Option<&Watch>,
) -> bool {
    let subjects: Vec<Subject> = milestone
        .native_ids
        .iter()
        .map(|id| Subject::offering(milestone.provider.as_str(), id.as_str()))
        .collect();
    let is_of = |model: &str| {
        let wanted = Wanted::new(model);
        subjects.iter().any(|subject| wanted.fits(subject))
    };
    let is_watched = |watch: &Watch| {
        let scope = &watch.scope;
        let is_there = scope.providers.is_empty() || scope.providers.contains(&milestone.provider);
        let means = |subject: &Subject| {
            let identity = subject.identity();
            let mut models = scope.models.iter();
            models.any(|model| model.means(subject, identity.as_ref()))
        };
        let regions = || {
            milestone
                .regions
                .iter()
                .map(|region| Region::from(region.as_str()))
        };
        let is_in_place = scope.places.is_empty()
            || milestone.regions.is_empty()
            || regions().any(|region| scope.places.iter().any(|place| place.admits(&region)));
        let is_only_topic =
            scope.models.is_empty() && scope.providers.is_empty() && !scope.topics.is_empty();
        is_there
            && is_in_place
            && !is_only_topic
            && (scope.models.is_empty() || subjects.iter().any(means))
    };
    provider.is_none_or(|provider| *provider == milestone.provider)
        && model.is_none_or(is_of)
        && watch.is_none_or(is_watched)
}

/// Whether a change touches a watch.
///
/// # Errors
/// Those of the store.
pub fn touches(
    store: &impl Questions,
    watch: &Watch,
    recorded: &RecordedChange,
) -> Result<bool, Error> {
    let change = &recorded.change;
    let interface = match watch.scope.interfaces.is_empty() {
        true => None,
        false => store.interface_of(&change.subject)?,
    };
    Ok(watch.scope.holds(&Matter::new(change, interface)))
}

/// The calendar of the days on which models are deprecated and retire (iCalendar).
///
/// # Errors
/// Those of the store.
pub fn calendar(
    store: &impl Questions,
    now: Timestamp,
    is_simulated: bool,
) -> Result<String, Error> {
    let milestones = milestones(store, now)?;
    Ok(calendar::calendar(&milestones, now, is_simulated))
}

/// Which news a feed is of. What is empty asks for nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Subscribed<'a> {
    /// Of this provider.
    pub provider: Option<&'a str>,
    /// Of this model.
    pub model: Option<&'a str>,
    /// What touches this watch.
    pub watch: Option<&'a Watch>,
}

/// The feed of the newest news, an entry for what has one cause. `base` is the address below which changes can be looked at.
///
/// # Errors
/// Those of the store.
pub fn feed(
    store: &impl Questions,
    base: Option<&str>,
    of: Subscribed<'_>,
) -> Result<feed::Feed, Error> {
    let mut feed = feed::Feed::new(base);
    let model = of.model.map(Wanted::new);
    // of many groups few may be asked for
    let looks = match of.provider.is_some() || of.model.is_some() || of.watch.is_some() {
        true => feed::ENTRIES * 10,
        false => feed::ENTRIES,
    };
    let mut entries = 0;
    for group in store.newest_groups(looks)? {
        if entries == feed::ENTRIES {
            break;
        }
        let mut changes = store.changes(&ChangeFilter {
            group: Some(group),
            provider: of.provider.map(str::to_string),
            ..ChangeFilter::default()
        })?;
        // what is never mailed is no news for others either
        changes.retain(|recorded| !recorded.change.documented && !recorded.change.flapping);
        if let Some(model) = &model {
            changes.retain(|recorded| model.fits(&recorded.change.subject));
        }
        if let Some(watch) = of.watch {
            let mut touching = Vec::with_capacity(changes.len());
            for recorded in changes {
                if touches(store, watch, &recorded)? {
                    touching.push(recorded);
                }
            }
            changes = touching;
        }
        entries += u32::from(!changes.is_empty());
        feed.add(&changes);
    }
    Ok(feed)
}
