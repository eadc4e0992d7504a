//! Who hears of a change that was recorded.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::launches::LaunchesTold;
use crate::alerting::{
    A_DAY, Due, Graded, LONGEST_OUTAGE, LONGEST_WAIT, Matter, Policy, Route, SETTLING, bundle_key,
    can_complete, following, health_cause, is_end, is_measured, is_of_mass, is_of_outage, settling,
    silences_it, thread_key, thread_lasts,
};
use crate::market::{Change, Group, Interface, RecordedChange, Severity, SubjectKind, Taken};
use crate::store::{self, Claims, Error, Launched, Outages, Silences, Store, Telling, Transaction};

/// A change on its way to those who hear of it: graded, and in its group.
pub(super) struct Raising<'a> {
    policy: &'a Policy,
    interface: Option<Interface>,
    /// The routes that told the beginning of what it ends, and in which thread.
    heard: BTreeMap<String, String>,
    /// The group that it joined.
    pub group: Group,
}

impl<'a> Raising<'a> {
    /// The change joins the group of its cause.
    pub fn join(
        transaction: &Transaction<'_>,
        policy: &'a Policy,
        change: &Change,
    ) -> Result<Self, Error> {
        let interface = interface(transaction, policy, change)?;
        let severity = policy.grade(&Matter::new(change, interface)).severity;
        let group = transaction.join_group(change, policy.wait(severity), LONGEST_WAIT)?;
        let heard = match is_end(change) {
            true => {
                let since = change.confirmed_at.checked_sub(LONGEST_OUTAGE);
                transaction.goes_on_at(change, since.unwrap_or(Timestamp::MIN))?
            }
            false => BTreeMap::new(),
        };
        Ok(Self {
            policy,
            interface,
            heard,
            group,
        })
    }

    /// When it is told at the earliest: once its group is gathered and it has stood for long enough.
    fn closes_at(&self, recorded: &RecordedChange) -> Timestamp {
        // a group that only digests tell is never ended, and can be joined after it has closed
        let closes_at = self.group.closes_at.max(recorded.change.confirmed_at);
        let settles_at = self.policy.settles_at(recorded);
        settles_at.map_or(closes_at, |at| at.max(closes_at))
    }

    /// Who hears of it, and when.
    fn told(
        &self,
        recorded: &RecordedChange,
        matter: &Matter<'_>,
        graded: &Graded<'_>,
    ) -> Vec<(&'a Route, Due)> {
        let closes_at = self.closes_at(recorded);
        let heard = |route: &str| self.heard.contains_key(route);
        self.policy
            .told(matter, graded, recorded.standing, closes_at, heard)
    }

    /// The routes that take it. What was imported is told to nobody.
    pub fn routes(&self, recorded: &RecordedChange) -> Vec<&'a str> {
        if recorded.imported {
            return Vec::new();
        }
        let matter = Matter::new(&recorded.change, self.interface);
        let graded = self.policy.grade(&matter);
        let told = self.told(recorded, &matter, &graded);
        told.into_iter()
            .map(|(route, _)| route.name.as_str())
            .collect()
    }

    /// It is told by every route that takes it, with others if it is one of a mass of that route. What was imported is told to
    /// nobody, nor is what is silenced.
    pub fn tell(
        &self,
        transaction: &Transaction<'_>,
        recorded: &RecordedChange,
        masses: &BTreeSet<&str>,
        launches: &mut LaunchesTold,
    ) -> Result<(), Error> {
        if recorded.imported {
            return Ok(());
        }
        let change = &recorded.change;
        // whoever would not hear of it was still to hear of what it takes back
        let taken_back = match change.subject.kind {
            SubjectKind::Offering => transaction.untell(change)?,
            _ => BTreeSet::new(),
        };
        if !taken_back.is_empty() {
            tracing::info!(change = %change.id.0, "takes back what nobody was told");
        }
        let matter = Matter::new(change, self.interface);
        let graded = self.policy.grade(&matter);
        let mut told = self.told(recorded, &matter, &graded);
        told.retain(|(route, _)| !taken_back.contains(&route.name));
        if told.is_empty() {
            return Ok(());
        }
        if is_silenced(transaction, &matter, graded.severity, change.confirmed_at)? {
            tracing::info!(change = %change.id.0, "silenced");
            return Ok(());
        }
        let thread = thread(transaction, change)?;
        for (route, due) in told {
            transaction.take_over(change, &route.name, SETTLING)?;
            let settles = self.policy.settles_at(recorded).is_some();
            let launch = match settles {
                true => None,
                false => self.launch(
                    (transaction, launches),
                    (&matter, graded.severity),
                    (route, due),
                )?,
            };
            let due = launch.as_ref().map_or(due, |(due, _)| *due);
            let launch = launch.map(|(_, launch)| launch);
            let is_mass = masses.contains(route.name.as_str());
            let bundle = bundle_key(change, is_mass, due.held_until);
            let bundle = match &launch {
                _ if settles => settling(&bundle, due.at),
                Some(launch) if due.held_until.is_none() => following(&bundle, launch.at),
                _ => bundle,
            };
            let heard = self.heard.get(&route.name);
            let of_launch = launch.as_ref().map(|launch| &launch.thread);
            let thread = heard.or(of_launch).unwrap_or(&thread);
            // an end is told where its beginning was, not with what is told elsewhere
            let bundle = match heard {
                Some(_) => {
                    let gathers_in = transaction.gathers_in(&bundle, &route.name)?;
                    match gathers_in.is_some_and(|other| other != *thread) {
                        true => format!("{bundle} {thread}"),
                        false => bundle,
                    }
                }
                None => bundle,
            };
            let telling = Telling {
                route: &route.name,
                recipients: &route.recipients,
                thread,
                bundle: &bundle,
                gathers_since: gathers_since(change.confirmed_at),
                due: due.at,
                is_planned: due.digest.is_some() || due.at > self.group.closes_at,
                digest: due.digest,
                severity: graded.severity,
                touched: &graded.touched,
            };
            transaction.tell_change(change, &telling)?;
        }
        Ok(())
    }

    /// The launch that a route has told of and that a change only completes, and when that is told.
    fn launch(
        &self,
        (transaction, launches): (&Transaction<'_>, &mut LaunchesTold),
        (matter, severity): (&Matter<'_>, Severity),
        (route, due): (&Route, Due),
    ) -> Result<Option<(Due, Launched)>, Error> {
        let change = matter.change;
        if due.digest.is_some() || !can_complete(change, severity) {
            return Ok(None);
        }
        let launch = launches.of(transaction, &route.name, change)?;
        Ok(launch.and_then(|launch| {
            let due = self
                .policy
                .due_after_launch(route, matter, severity, (due, launch.at))?;
            Some((due, launch.clone()))
        }))
    }
}

/// Another source says what was to stand for a while: it is told now, and nothing else that stood with it.
pub(super) fn hasten(
    transaction: &Transaction<'_>,
    policy: &Policy,
    news: &RecordedChange,
    now: Timestamp,
) -> Result<(), Error> {
    let change = &news.change;
    let matter = Matter::new(change, interface(transaction, policy, change)?);
    let graded = policy.grade(&matter);
    let closes_at = now.checked_add(policy.wait(graded.severity));
    let closes_at = closes_at.unwrap_or(now);
    for route in &policy.routes {
        let due = policy.due(route, &matter, graded.severity, closes_at);
        let is_told = |due: &Due| due.digest.is_none() && !route.recipients.is_empty();
        let Some(due) = due.filter(is_told) else {
            continue;
        };
        let stood = transaction.unsettle(&change.id, &route.name, SETTLING, due.at)?;
        let Some(stood) = stood else {
            continue;
        };
        let telling = Telling {
            route: &route.name,
            recipients: &route.recipients,
            thread: &thread(transaction, change)?,
            // what is confirmed of a mass is told together
            bundle: &bundle_key(change, is_of_mass(&stood), due.held_until),
            gathers_since: gathers_since(now),
            due: due.at,
            is_planned: due.at > closes_at,
            digest: None,
            severity: graded.severity,
            touched: &graded.touched,
        };
        // its message is raised now, and gathers what else is confirmed
        let raised = Change {
            confirmed_at: now,
            ..change.clone()
        };
        transaction.tell_change(&raised, &telling)?;
    }
    Ok(())
}

/// What was raised before this gathers nothing any more that is told now.
fn gathers_since(now: Timestamp) -> Timestamp {
    now.checked_sub(LONGEST_WAIT).unwrap_or(Timestamp::MIN)
}

/// What kind of interface an offering is, if a policy asks.
fn interface(
    transaction: &Transaction<'_>,
    policy: &Policy,
    change: &Change,
) -> Result<Option<Interface>, Error> {
    let is_offering = change.subject.kind == SubjectKind::Offering;
    match is_offering && policy.asks_for_interface() {
        true => transaction.interface_of(&change.subject),
        false => Ok(None),
    }
}

/// The thread that a change is told in. What a status page states of an outage and what is measured of it are one story: whoever
/// comes second is told in the thread of the first, and stays there.
fn thread(transaction: &Transaction<'_>, change: &Change) -> Result<String, Error> {
    let own = thread_key(change);
    if !is_of_outage(change) {
        return Ok(own);
    }
    let since = |lasts| {
        let since = change.confirmed_at.checked_sub(lasts);
        since.unwrap_or(Timestamp::MIN)
    };
    if let Some(before) = transaction.last_thread(&change.cause, since(thread_lasts(change)))? {
        return Ok(before);
    }
    let provider = change.subject.provider.as_str();
    let measured = health_cause(provider);
    let goes_on = match is_measured(change) {
        true => transaction.unresolved_cause(provider, &measured, since(A_DAY))?,
        false => transaction
            .is_unresolved(&measured, since(A_DAY))?
            .then_some(measured),
    };
    let joined = match goes_on {
        Some(cause) => transaction.last_thread(&cause, since(A_DAY))?,
        None => None,
    };
    Ok(joined.unwrap_or(own))
}

/// Whether a silence holds for a change at a moment.
pub(super) fn is_silenced(
    store: &impl Silences,
    matter: &Matter<'_>,
    severity: Severity,
    at: Timestamp,
) -> Result<bool, Error> {
    let silences = store.silences_after(at)?;
    Ok(silences
        .iter()
        .any(|silence| silences_it(silence, matter, severity, at)))
}

/// What must stand for a while may be silenced in the meantime: then it is told no more.
pub(super) fn leave_out_silenced(
    store: &mut Store,
    due: &store::Due,
    taken: &mut Vec<Taken>,
    now: Timestamp,
) -> Result<(), Error> {
    let (alert, route) = (&due.entry.alert, &due.entry.route);
    store.transaction(|transaction| {
        for silenced in std::mem::take(taken) {
            let change = &silenced.recorded.change;
            let matter = Matter::new(change, None);
            if is_silenced(transaction, &matter, change.severity, now)? {
                tracing::info!(change = %change.id.0, "silenced");
                transaction.forget(alert, route, &change.id.0)?;
            } else {
                taken.push(silenced);
            }
        }
        Ok(())
    })
}
