//! What a change means for the landscape, by what else the store holds.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::detect::{self, Holding};
use crate::market::{Authority, Change, ChangeKind, SourceId, Standing, SubjectKey, SubjectKind};
use crate::store::{self, Changes, Outages, SourceRow, Transaction};

/// An incident whose page nobody could read for longer tells of no component.
const LONGEST_SILENCE: SignedDuration = SignedDuration::from_hours(24);

/// What the changes of a source are judged by.
pub(super) struct Judging<'a> {
    /// With what was recorded before.
    pub transaction: &'a Transaction<'a>,
    /// Whose they are.
    pub source: &'a SourceRow,
    /// How far the source is to be believed.
    pub authority: Authority,
    /// When it took its old value.
    pub since: Timestamp,
}

/// What the same reading says besides.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beside<'a> {
    /// Its changes.
    pub changes: &'a [Change],
    /// The components that incidents name which begin with it.
    pub named: &'a BTreeSet<String>,
}

impl Beside<'static> {
    /// Nothing.
    pub const NOTHING: Self = Self {
        changes: &[],
        named: &BTreeSet::new(),
    };
}

impl Judging<'_> {
    /// What a change means, and which sources hold the same.
    pub fn standing(
        &self,
        change: &Change,
        beside: Beside<'_>,
    ) -> Result<(Standing, Vec<SourceId>), store::Error> {
        if change.attribute.is_none() && change.subject.deployment.is_none() {
            let listed = self.transaction.listed_besides(change)?;
            if detect::says_less(change, &listed, beside.changes) {
                return Ok((Standing::Outranked, Vec::new()));
            }
        }
        if change.subject.kind == SubjectKind::Component
            && self.is_told_by_incident(change, beside)?
        {
            return Ok((Standing::Outranked, Vec::new()));
        }
        let may_be_told = matches!(
            change.subject.kind,
            SubjectKind::Offering | SubjectKind::Announcement | SubjectKind::Component
        );
        if !may_be_told || self.transaction.has_one_source()? {
            return Ok((Standing::News, Vec::new()));
        }
        let others = self.transaction.holdings(change, self.since)?;
        let verdict = detect::standing(change, self.authority, self.since, &others);
        let is_known = verdict.standing == Standing::Corroboration;
        let standing = match is_known && self.tells_first(change, others)? {
            true => Standing::News,
            false => verdict.standing,
        };
        Ok((standing, verdict.agreeing))
    }

    /// Whether an incident of the page tells what a component turns to.
    fn is_told_by_incident(
        &self,
        change: &Change,
        beside: Beside<'_>,
    ) -> Result<bool, store::Error> {
        let (name, before) = self.transaction.component_before(self.source, change)?;
        let is_maintained = detect::is_maintained(change);
        let ends = beside
            .changes
            .iter()
            .filter(|one| one.kind == ChangeKind::IncidentResolved);
        let over: Vec<SubjectKey> = ends.map(|one| one.key).collect();
        let since = change.confirmed_at.checked_sub(LONGEST_SILENCE);
        let since = since.unwrap_or(Timestamp::MIN);
        let is_named = match &name {
            Some(name) => {
                beside.named.contains(name)
                    || self.transaction.is_named_by_incident(
                        &change.subject,
                        name,
                        is_maintained,
                        &over,
                        since,
                    )?
            }
            None => false,
        };
        Ok(detect::is_told_by_incident(change, is_named, before))
    }

    /// Whether a listing is known only from those who are less to be believed and merely documented it, which was told to nobody:
    /// a registry that lists a provider for the first time says nothing of when its models came.
    fn tells_first(&self, change: &Change, mut others: Vec<Holding>) -> Result<bool, store::Error> {
        if change.kind != ChangeKind::OfferingAdded {
            return Ok(false);
        }
        let news = self.transaction.news_like(change)?;
        let Some(documented) = news.filter(|news| news.change.documented) else {
            return Ok(false);
        };
        others.retain(|held| held.authority > documented.authority);
        let verdict = detect::standing(change, self.authority, self.since, &others);
        Ok(self.authority > documented.authority && verdict.standing == Standing::News)
    }
}
