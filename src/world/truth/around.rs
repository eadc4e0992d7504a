//! What an event must be told as apart from what is offered: announcements, incidents, pages and hosts in trouble.

use jiff::Timestamp;

use super::super::play;
use super::super::script::{Bend, Incident, Update};
use super::super::span::Span;
use super::judged::MEASURED;
use super::telling::{SLOWEST, SOON, Telling};
use super::{Besides, Expected, Liberty, Truth};
use crate::market::ChangeKind;

impl Telling<'_> {
    /// A change of this kind at a provider, of whatever subject.
    fn anything(
        &self,
        kind: ChangeKind,
        provider: &str,
        by: Option<&str>,
        from: Timestamp,
    ) -> Expected {
        Expected {
            event: self.event.id.clone(),
            kind,
            provider: provider.to_string(),
            ids: Vec::new(),
            region: None,
            attribute: None,
            old: None,
            new: None,
            direction: None,
            by: by.map(str::to_string),
            from,
            until: from.saturating_add(SOON).unwrap_or(from),
        }
    }

    /// Each post is an announcement in each of its feeds.
    pub fn of_posts(&self, truth: &mut Truth) {
        for post in &self.event.posts {
            let from = self.course.after(self.moment(), post.at, 0);
            for feed in &post.feeds {
                let provider = feed.split('.').next().unwrap_or_default();
                let one = self.anything(ChangeKind::Announcement, provider, None, from);
                truth.expected.push(one);
            }
        }
    }

    /// It is opened and resolved, each once, and goes on in between.
    pub fn of_incident(&self, incident: &Incident, truth: &mut Truth) {
        let provider = play::page_of(&incident.page);
        let at = |place: Option<&Update>| {
            let after = place.map(|update| update.after).unwrap_or_default();
            self.course.after(self.moment(), after, 0)
        };
        let (first, last) = (at(incident.updates.first()), at(incident.updates.last()));
        let late = |moment: Timestamp| moment.saturating_add(SOON).unwrap_or(moment);
        let mut told = |kind: ChangeKind, by: Option<&str>, from: Timestamp| {
            let one = self.anything(kind, provider, by, from);
            truth.expected.push(one);
        };
        match provider {
            // a feed of all that ever was: what is new in it is announced, and goes on in its words
            "xai" => told(ChangeKind::Announcement, None, first),
            _ => {
                told(ChangeKind::IncidentOpened, None, first);
                told(ChangeKind::IncidentResolved, None, last);
            }
        }
        // feeds besides announce it whole, or each word of it
        match provider {
            "oci" => told(ChangeKind::Announcement, Some("oci.incident-feed"), first),
            "bedrock" => {
                for update in &incident.updates {
                    let by = Some("bedrock.status-feed");
                    told(ChangeKind::Announcement, by, at(Some(update)));
                }
            }
            _ => {}
        }
        truth.liberties.push(Liberty {
            event: self.event.id.clone(),
            provider: provider.to_string(),
            ids: Vec::new(),
            what: Besides::Course,
            from: first,
            until: late(last),
        });
    }

    /// A page that is worked over tells of itself at most, and of nothing that it lists.
    pub fn of_bend(&self, bend: &Bend, truth: &mut Truth) {
        let provider = bend.page.split('.').next().unwrap_or_default();
        let until = match bend.lasts {
            Some(lasts) => self.course.after(self.moment(), lasts, 0),
            None => self.course.end(),
        };
        truth.liberties.push(Liberty {
            event: self.event.id.clone(),
            provider: provider.to_string(),
            ids: vec![bend.page.clone()],
            what: Besides::Trouble,
            from: self.moment(),
            until: until.saturating_add(SLOWEST).unwrap_or(until),
        });
    }

    /// Hosts that fail or are slow: what is measured may say so, and must where the script says whose endpoints they are.
    pub fn of_hosts(&self, truth: &mut Truth) {
        for fault in &self.event.faults {
            let kinds = [ChangeKind::IncidentOpened, ChangeKind::IncidentResolved];
            self.measured(fault.measured.as_deref(), kinds, fault.lasts, truth);
            self.may_be(Besides::Trouble, fault.lasts, truth);
            self.may_be(Besides::Measured, fault.lasts, truth);
        }
        for slow in &self.event.slow {
            let kinds = [ChangeKind::LatencyShifted, ChangeKind::LatencyRecovered];
            self.measured(slow.measured.as_deref(), kinds, slow.lasts, truth);
            self.may_be(Besides::Measured, slow.lasts, truth);
        }
    }

    /// It begins with the event and ends when that is over.
    fn measured(
        &self,
        provider: Option<&str>,
        kinds: [ChangeKind; 2],
        lasts: Span,
        truth: &mut Truth,
    ) {
        let Some(provider) = provider else {
            return;
        };
        let over = self.course.after(self.moment(), lasts, 0);
        for (kind, from) in kinds.into_iter().zip([self.moment(), over]) {
            let by = format!("{provider}{MEASURED}");
            let one = self.anything(kind, provider, Some(&by), from);
            truth.expected.push(one);
        }
    }

    fn may_be(&self, what: Besides, lasts: Span, truth: &mut Truth) {
        let over = self.course.after(self.moment(), lasts, 0);
        truth.liberties.push(Liberty {
            event: self.event.id.clone(),
            provider: String::new(),
            ids: Vec::new(),
            what,
            from: self.moment(),
            until: over.saturating_add(SLOWEST).unwrap_or(over),
        });
    }
}
