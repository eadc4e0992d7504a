//! From one source's change to the landscape: what an equal or higher authority has held is no news.

use jiff::Timestamp;

use crate::market::{
    Attribute, Authority, Change, ChangeKind, DateKind, Region, SourceId, StageSet, Standing,
    Subject, SubjectKind, Value,
};

/// What another source has held about the same native id: a value of the changed attribute, or its presence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// Who held it.
    pub source: SourceId,
    /// How far it is to be believed.
    pub authority: Authority,
    /// Of which subject.
    pub subject: Subject,
    /// The value; `None` where presence is what was held.
    pub value: Option<Value>,
    /// What else its word for a stage may mean.
    pub covers: StageSet,
    /// Since when.
    pub from: Timestamp,
    /// Until when; `None`: still.
    pub until: Option<Timestamp>,
}

/// What a change means for the landscape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// News, corroboration or outranked.
    pub standing: Standing,
    /// Other sources that hold the same now: they confirm it.
    pub agreeing: Vec<SourceId>,
}

/// Judges a change. `since` is when the changed source took its old value: what an equal or higher authority has held
/// at any time from then on is what this source now catches up with, however late.
pub fn standing(
    change: &Change,
    authority: Authority,
    since: Timestamp,
    others: &[Holding],
) -> Verdict {
    let is_value = change.attribute.is_some() && change.subject.kind == SubjectKind::Offering;
    let others: Vec<&Holding> = others
        .iter()
        .filter(|held| held.source != change.source)
        .filter(|held| is_about(&change.subject, held, is_value))
        .collect();
    let mut verdict = match (change.subject.kind, change.kind) {
        (
            SubjectKind::Offering,
            ChangeKind::OfferingAdded | ChangeKind::OfferingReturned | ChangeKind::OfferingRenamed,
        ) => {
            let others: Vec<&Holding> = others
                .into_iter()
                .filter(|held| covers(&held.subject, &change.subject))
                .collect();
            of_addition(authority, since, &others)
        }
        (SubjectKind::Offering, ChangeKind::OfferingRemoved) => {
            of_removal(&change.subject, authority, since, &others)
        }
        (SubjectKind::Offering, _) => {
            // a price hangs on the id that it is told of: of the same under another name only the same turn counts
            let is_price = matches!(change.attribute, Some(Attribute::Price(_)));
            let (others, spelled): (Vec<&Holding>, Vec<&Holding>) = others
                .into_iter()
                .filter(|held| can_tell(held, change))
                .partition(|held| !is_price || held.subject.native_id == change.subject.native_id);
            let verdict = of_value(change, authority, since, &others);
            match verdict.standing {
                Standing::News => told_by_another_name(change, authority, &spelled, verdict),
                _ => verdict,
            }
        }
        (SubjectKind::Component, _) => of_component(change, since, &others),
        (SubjectKind::Announcement, ChangeKind::Announcement) => of_announcement(&others),
        _ => Verdict {
            standing: Standing::News,
            agreeing: Vec::new(),
        },
    };
    verdict.agreeing.sort();
    verdict.agreeing.dedup();
    verdict
}

/// Whether a change of presence is of a row that only says less than others of its source: a row without a deployment comes
/// and goes with what else the source lists of the native id in that region. `listed` is what it lists besides before the
/// change, `beside` what changes with it. What comes is then no second listing, what goes no loss.
pub fn says_less(change: &Change, listed: &[Subject], beside: &[Change]) -> bool {
    let subject = &change.subject;
    let comes = |kind| {
        matches!(
            kind,
            ChangeKind::OfferingAdded | ChangeKind::OfferingReturned
        )
    };
    let goes = change.kind == ChangeKind::OfferingRemoved;
    let says_more = |other: &Subject| {
        other.deployment.is_some()
            && other.kind == subject.kind
            && other.provider == subject.provider
            && other.native_id == subject.native_id
            && other.region == subject.region
    };
    let mut coming = beside.iter().filter(|other| comes(other.kind));
    subject.kind == SubjectKind::Offering
        && subject.deployment.is_none()
        && (comes(change.kind) || goes)
        && (listed.iter().any(says_more) || goes && coming.any(|other| says_more(&other.subject)))
}

/// Whether a holding speaks of the changed offering: an unstated region or deployment of either side leaves room. So does an
/// unstated version, where `versions_may_lack`: whoever asks has seen to it that there is but one.
fn is_about(subject: &Subject, held: &Holding, versions_may_lack: bool) -> bool {
    let other = &held.subject;
    let region = |a: &Region, b: &Region| a == b || !a.is_stated() || !b.is_stated();
    let deployment = match (&subject.deployment, &other.deployment) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    };
    other.kind == subject.kind
        && other.provider == subject.provider
        && (other.native_id == subject.native_id
            || is_same_version(subject, other)
            || versions_may_lack && is_of_same_model(subject, other))
        && region(&subject.region, &other.region)
        && deployment
}

/// Whether two native ids denote one dated version.
fn is_same_version(subject: &Subject, other: &Subject) -> bool {
    let version = |subject: &Subject| subject.identity().and_then(|identity| identity.version);
    version(subject).is_some_and(|ours| version(other) == Some(ours))
}

/// Whether two native ids denote one model, and at most one of them names a version.
fn is_of_same_model(subject: &Subject, other: &Subject) -> bool {
    let (Some(one), Some(other)) = (subject.identity(), other.identity()) else {
        return false;
    };
    let lacks_version = one.version.is_none() || other.version.is_none();
    one.model.is_some() && one.model == other.model && lacks_version
}

/// Whether a listing says that an offering is there: a model listed somewhere is not thereby listed in a region or
/// deployment that the listing does not name.
fn covers(listed: &Subject, offering: &Subject) -> bool {
    (!offering.region.is_stated() || listed.region == offering.region)
        && (offering.deployment.is_none() || listed.deployment == offering.deployment)
}

/// Whether what is held says anything of a change: a word for a stage that covers the old and the new one alike does not.
fn can_tell(held: &Holding, change: &Change) -> bool {
    let (old, new) = (change.old.as_ref(), change.new.as_ref());
    let is_between = held.value.as_ref() == new && held.covers.holds(old);
    !is_between && !held.covers.holds(new)
}

fn held_since(held: &Holding, since: Timestamp) -> bool {
    held.until.is_none_or(|until| until > since)
}

fn of_addition(authority: Authority, since: Timestamp, others: &[&Holding]) -> Verdict {
    let known = others.iter().any(|held| {
        held.until.is_none() || (held.authority >= authority && held_since(held, since))
    });
    let agreeing = others
        .iter()
        .filter(|held| held.until.is_none())
        .map(|held| held.source.clone())
        .collect();
    let standing = if known {
        Standing::Corroboration
    } else {
        Standing::News
    };
    Verdict { standing, agreeing }
}

fn of_removal(
    removed: &Subject,
    authority: Authority,
    since: Timestamp,
    others: &[&Holding],
) -> Verdict {
    let still_listed = others.iter().any(|held| {
        held.authority >= authority && held.until.is_none() && covers(&held.subject, removed)
    });
    // another source had listed it too, and when it let it go that was news: this one's listing did not stand against it
    let was_news = |held: &Holding| {
        held.authority > authority || held.authority == authority && !covers(removed, &held.subject)
    };
    let let_go = others
        .iter()
        .any(|held| was_news(held) && held.until.is_some_and(|until| until > since));
    let standing = match (still_listed, let_go) {
        (true, _) => Standing::Outranked,
        (false, true) => Standing::Corroboration,
        (false, false) => Standing::News,
    };
    Verdict {
        standing,
        agreeing: Vec::new(),
    }
}

/// One item is one item, whichever of a provider's feeds has it first.
fn of_announcement(others: &[&Holding]) -> Verdict {
    let agreeing: Vec<SourceId> = others.iter().map(|held| held.source.clone()).collect();
    let standing = match agreeing.is_empty() {
        true => Standing::News,
        false => Standing::Corroboration,
    };
    Verdict { standing, agreeing }
}

/// A summary and a whole list tell the same components, one a moment after the other. What the other came to hold after this
/// source took its old value is the same turn; what it still holds from before says that it has not looked again.
fn of_component(change: &Change, since: Timestamp, others: &[&Holding]) -> Verdict {
    let turned = others.iter().filter(|held| {
        held.until.is_none() && held.from >= since && held.value.as_ref() == change.new.as_ref()
    });
    let agreeing: Vec<SourceId> = turned.map(|held| held.source.clone()).collect();
    let standing = if agreeing.is_empty() {
        Standing::News
    } else {
        Standing::Corroboration
    };
    Verdict { standing, agreeing }
}

/// Whether what a source holds was told when it came. The first day of retirement that a registry states is told to nobody, so
/// that whoever states it with more authority is the first to tell it; a day that takes the place of another is told.
fn was_told(change: &Change, held: &Holding, others: &[&Holding]) -> bool {
    let is_end = change.attribute == Some(Attribute::Date(DateKind::Retires));
    let took_its_place = |before: &&Holding| {
        before.source == held.source
            && before.subject == held.subject
            && before.value.is_some()
            && before.until == Some(held.from)
    };
    !is_end || held.authority > Authority::Registry || others.iter().any(took_its_place)
}

/// A row under a display name repeats what the row of the id has said, and the other way round. Two names of one version may have
/// prices of their own, so that what the other one holds tells this one's only where it is of the very same region and deployment,
/// and where either this one had none or both have made the same turn.
fn told_by_another_name(
    change: &Change,
    authority: Authority,
    spelled: &[&Holding],
    verdict: Verdict,
) -> Verdict {
    let subject = &change.subject;
    let is_same = |held: &Holding| {
        held.subject.region == subject.region && held.subject.deployment == subject.deployment
    };
    let turned = |held: &Holding| {
        spelled.iter().any(|before| {
            before.source == held.source
                && before.subject == held.subject
                && before.until == Some(held.from)
                && before.value == change.old
        })
    };
    let telling = spelled.iter().filter(|held| {
        held.authority >= authority
            && held.until.is_none()
            && held.value.is_some()
            && held.value == change.new
            && is_same(held)
            && (change.old.is_none() || turned(held))
    });
    // its row has lost the price that this one loses now, and has no other
    let lost = spelled.iter().filter(|held| {
        let goes_on = spelled.iter().any(|other| {
            other.until.is_none() && other.source == held.source && other.subject == held.subject
        });
        change.new.is_none()
            && held.authority >= authority
            && held.until.is_some()
            && held.value == change.old
            && is_same(held)
            && !goes_on
    });
    let told: Vec<SourceId> = telling
        .chain(lost)
        .map(|held| held.source.clone())
        .collect();
    if told.is_empty() {
        return verdict;
    }
    let mut agreeing = verdict.agreeing;
    agreeing.extend(told);
    Verdict {
        standing: Standing::Corroboration,
        agreeing,
    }
}

fn of_value(
    change: &Change,
    authority: Authority,
    since: Timestamp,
    others: &[&Holding],
) -> Verdict {
    let new = change.new.as_ref();
    let holds_new = |held: &&&Holding| held.value.as_ref() == new && new.is_some();
    let agreeing = others
        .iter()
        .filter(|held| held.until.is_none())
        .filter(holds_new)
        .map(|held| held.source.clone())
        .collect();
    let equal_or_higher = || others.iter().filter(|held| held.authority >= authority);
    let followed = equal_or_higher()
        .filter(|held| held_since(held, since))
        .any(|held| holds_new(&held));
    let higher_differs = others.iter().any(|held| {
        is_about(&change.subject, held, false)
            && held.authority > authority
            && held.until.is_none()
            && held.value.is_some()
            && held.value.as_ref() != new
    });
    // the value that a higher authority never stated may have been taken from a lower one until now
    let stood_already = change.old.is_none()
        && others
            .iter()
            .filter(|held| held.until.is_none() && was_told(change, held, others))
            .any(|held| holds_new(&held));
    let standing = if followed || stood_already {
        Standing::Corroboration
    } else if higher_differs {
        Standing::Outranked
    } else {
        Standing::News
    };
    Verdict { standing, agreeing }
}
