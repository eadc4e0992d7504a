//! Whoever depends on a model is reminded of its end, nearer and nearer.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::raise::is_silenced;
use crate::alerting::reminder::{days_left, rung, severity};
use crate::alerting::{Graded, Matter, Policy, thread_key};
use crate::landscape::{Denoted, Offer, end};
use crate::market::{
    Attribute, Change, ChangeId, ChangeKind, DateKind, Interface, LifecycleDate, SourceId, Stage,
    Standing, Value, WayOut,
};
use crate::outlook::ways_out::{asked, way_out};
use crate::render::Letterhead;
use crate::render::reminder::{Reminder, reminder_message};
use crate::store::{
    Acknowledged, Error, OfferingFilter, Offerings, QueuedMessage, Sources, Store, Transaction,
    alert_of,
};

/// What raises the message.
const KIND: &str = "reminder";
/// The note of the last look.
const MILESTONE: &str = "reminders";
/// Ends are days: more often is looked for nothing.
const EVERY: SignedDuration = SignedDuration::from_hours(1);

/// An end of one version at one provider, wherever it is sold.
type Ends<'a> = BTreeMap<(String, String, String), Vec<&'a Offer>>;

/// Queues what is to be told of ends that come nearer; gives how many. Each rung of an end is told once, whatever happens in
/// between.
pub fn queue_if_due(
    store: &mut Store,
    policy: &Policy,
    letterhead: &Letterhead<'_>,
    now: Timestamp,
) -> Result<usize, Error> {
    let looked = store.milestone(MILESTONE)?;
    let is_due = looked.is_none_or(|at| at > now || now.duration_since(at) >= EVERY);
    if policy.watches.is_empty() || !is_due {
        return Ok(0);
    }
    let facts = store.offerings(&OfferingFilter {
        attributes: asked().into_iter().chain([Attribute::Interface]).collect(),
        ..OfferingFilter::default()
    })?;
    let denoted = Denoted::new(&facts);
    let known = denoted.offers();
    let unknown = denoted.unknown_offers();
    let unknown = unknown.iter().map(|((_, name), offers)| (name, offers));
    let mut reminders = Vec::new();
    for (model, offers) in known.iter().chain(unknown) {
        for offers_of_end in ends(model, offers, now).values() {
            if let Some(due) = due(model, offers_of_end, policy, now) {
                reminders.push((due, offers));
            }
        }
    }
    let mut queued = 0;
    store.transaction(|transaction| {
        for (due, offers) in reminders {
            queued += queue(transaction, (policy, letterhead), (due, offers), now)?;
        }
        transaction.pass_milestone(MILESTONE, now)
    })?;
    Ok(queued)
}

/// A reminder that is due.
struct DueReminder {
    reminder: Reminder,
    /// The change that its rung would be, by which watches and routes know it.
    change: Change,
    interface: Option<Interface>,
    /// Since when the end is stated.
    since: Timestamp,
}

/// Queues a reminder for every route that takes it and has not told it yet; gives how many those are. `offers` are those of its model.
fn queue(
    transaction: &Transaction<'_>,
    (policy, letterhead): (&Policy, &Letterhead<'_>),
    (mut due, offers): (DueReminder, &[Offer]),
    now: Timestamp,
) -> Result<usize, Error> {
    let (reminder, thread) = (&mut due.reminder, thread_key(&due.change));
    let known = transaction.acknowledged(&thread)?;
    if known.is_some_and(|by| by.at >= due.since) {
        return Ok(0);
    }
    let matter = Matter::new(&due.change, due.interface);
    if is_silenced(
        transaction,
        &matter,
        reminder.severity,
        due.change.confirmed_at,
    )? {
        return Ok(0);
    }
    let graded = Graded {
        severity: reminder.severity,
        touched: reminder.touched.iter().map(String::as_str).collect(),
    };
    let key = due.change.id.0.as_str();
    let alert = alert_of(KIND, key);
    let mut told = Vec::new();
    for (route, at) in policy.told(&matter, &graded, Standing::News, now, |_| false) {
        if !transaction.is_queued(&alert, &route.name, &route.recipients)? {
            told.push((route, at));
        }
    }
    if told.is_empty() {
        return Ok(0);
    }
    // this takes long, and an end is looked at many times for each that is told
    let left = BTreeSet::from([due.change.subject.provider.as_str()]);
    let model = std::mem::take(&mut reminder.way_out.model);
    reminder.way_out = way_out(transaction, model, offers, &left, now)?;
    let message = reminder_message(reminder, &alert, letterhead, now);
    for (route, at) in &told {
        transaction.queue_message(&QueuedMessage {
            key,
            thread: Some(&thread),
            kind: KIND,
            severity: reminder.severity,
            route: &route.name,
            recipients: &route.recipients,
            message: &message,
            at: now,
            not_before: at.at,
        })?;
    }
    Ok(told.len())
}

/// What ends soon enough to be told, by provider, version and day.
fn ends<'a>(model: &str, offers: &'a [Offer], now: Timestamp) -> Ends<'a> {
    let mut ends = Ends::new();
    for offer in offers {
        let Some(end) = end(offer) else { continue };
        if rung(&end, now).is_none() || offer.stage_at(now) == Stage::Retired {
            continue;
        }
        let of = offer.version.clone().unwrap_or_else(|| model.to_string());
        let day = format!("{} {}", end.text(), end.certainty.word());
        let key = (offer.subject.provider.to_string(), of, day);
        ends.entry(key).or_default().push(offer);
    }
    ends
}

fn interface(offers: &[&Offer]) -> Option<Interface> {
    let stated = offers
        .iter()
        .filter_map(|offer| offer.facts.get(&Attribute::Interface));
    stated.into_iter().find_map(|fact| match fact.value {
        Value::Interface(interface) => Some(interface),
        _ => None,
    })
}

/// The reminder of an end, of which these are the offerings; `None` if it is not due or touches no watch.
fn due(model: &str, offers: &[&Offer], policy: &Policy, now: Timestamp) -> Option<DueReminder> {
    let mut touched: BTreeSet<String> = BTreeSet::new();
    let (mut places, mut sources) = (BTreeSet::new(), BTreeSet::new());
    let mut first: Option<Change> = None;
    let mut since = Timestamp::MAX;
    for offer in offers {
        let end = end(offer)?;
        let reached = rung(&end, now)?;
        let fact = offer.facts.get(&Attribute::Date(DateKind::Retires))?;
        // it stood there when the end was stated, which was told then
        if rung(&end, fact.since) == Some(reached) {
            continue;
        }
        let change = change(offer, end, reached, now)?;
        let names = policy.touched(&Matter::new(&change, interface(&[offer])));
        if names.is_empty() {
            continue;
        }
        touched.extend(names.into_iter().map(str::to_string));
        let subject = &offer.subject;
        let mut place = subject.native_id.to_string();
        if let Some(deployment) = &subject.deployment {
            place.push_str(&format!(", {deployment}"));
        }
        if subject.region.is_stated() {
            place.push_str(&format!(" in {}", subject.region));
        }
        places.insert(place);
        sources.insert(fact.source.probe.to_string());
        since = since.min(fact.since);
        first.get_or_insert(change);
    }
    let change = first?;
    let Some(Value::Date(end)) = change.new else {
        return None;
    };
    let all = |names: BTreeSet<String>| names.into_iter().collect::<Vec<_>>();
    let reminder = Reminder {
        provider: change.subject.provider.to_string(),
        native_id: change.subject.native_id.to_string(),
        end,
        days: days_left(&end, now),
        severity: change.severity,
        places: all(places),
        touched: all(touched),
        sources: all(sources),
        way_out: WayOut {
            model: model.to_string(),
            ..WayOut::default()
        },
    };
    Some(DueReminder {
        reminder,
        change,
        interface: interface(offers),
        since,
    })
}

/// The rung of an end as a change, by which watches and routes know it.
fn change(offer: &Offer, end: LifecycleDate, rung: i64, now: Timestamp) -> Option<Change> {
    let fact = offer.facts.get(&Attribute::Date(DateKind::Retires))?;
    let subject = offer.subject.clone();
    let of = offer
        .version
        .as_deref()
        .unwrap_or(subject.native_id.as_str());
    let day = format!("{} {}", end.text(), end.certainty.word());
    let id = format!("{} {of} {day} {rung}", subject.provider);
    let kind = ChangeKind::DateChanged;
    Some(Change {
        id: ChangeId(id),
        attribute: Some(Attribute::Date(DateKind::Retires)),
        new: Some(Value::Date(end)),
        severity: severity(rung, end.certainty),
        ..Change::plain(SourceId::clone(&fact.source), subject, kind, now)
    })
}
