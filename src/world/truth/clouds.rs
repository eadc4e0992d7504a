//! What an event must be told as at the clouds whose lists hang on regions: Amazon Bedrock and Azure.
//!
//! Which regions are asked is the user's choice, and the pages name them all. So each thing is expected once, wherever it is
//! told first, but for the regions that a model comes to: each of those is. The same at other places is at liberty.

use jiff::Timestamp;

use super::super::course::{Channel, Course, Thread};
use super::super::moment::{Moment, Offer};
use super::super::script::{Day, Place};
use super::telling::SLOWEST;
use super::told::price;
use super::{Besides, Expected, Liberty, Truth};
use crate::market::{Attribute, ChangeKind, DateKind, Direction, SubjectKind, Value};

/// Whether a provider is one of them.
pub(super) fn is_cloud(provider: &str) -> bool {
    matches!(provider, "bedrock" | "azure")
}

/// What an event must be told as.
pub(super) fn of_event(course: &Course, place: usize, truth: &mut Truth) {
    let threads = course.threads.iter();
    let clouds = threads.filter(|thread| is_cloud(course.provider(thread)));
    for thread in clouds {
        let touched = thread.touches.iter().any(|touch| touch.event == place);
        if !touched && thread.from != Some(place) {
            continue;
        }
        let (Some(from), Some(page)) = (
            course.seen(place, Channel::Api),
            course.seen(place, Channel::Page),
        ) else {
            continue;
        };
        let until = page.saturating_add(SLOWEST).unwrap_or(page);
        let telling = Telling {
            course,
            place,
            thread,
            from,
            until,
        };
        telling.told(truth);
    }
}

/// One offer that an event touches, or brings.
struct Telling<'w> {
    course: &'w Course,
    place: usize,
    thread: &'w Thread,
    from: Timestamp,
    until: Timestamp,
}

impl Telling<'_> {
    /// The offer just before the event, or just with it.
    fn offer(&self, with: bool) -> Option<Offer<'_>> {
        let second = jiff::SignedDuration::from_secs(i64::from(!with));
        let moment = Moment {
            course: self.course,
            now: self.from.saturating_sub(second).unwrap_or(self.from),
            variant: 0,
        };
        let provider = self.course.provider(self.thread);
        let mut offers = moment.offers(provider, Channel::Api).into_iter();
        // a spelling of the price list may be that of a model's id
        let sketch = self.course.sketch(self.thread)?;
        offers.find(|offer| {
            offer.id == self.thread.id
                && sketch.facts.extra.get("list").map(String::as_str) == offer.extra("list")
        })
    }

    fn told(&self, truth: &mut Truth) {
        let Some(after) = self.offer(true) else {
            return;
        };
        truth.liberties.push(Liberty {
            event: self.event(),
            provider: after.provider.to_string(),
            ids: names(after.id),
            what: Besides::Places,
            from: self.from,
            until: self.until,
        });
        let is_priced = after.extra("list").or(after.extra("product")).is_some();
        match self.offer(false) {
            // what a price list spells for the first time is no offering of its own
            None if is_priced => {}
            None => {
                let one = self.expected(&after, ChangeKind::OfferingAdded, None);
                truth.expected.push(one);
            }
            Some(before) if is_priced => self.prices(&before, &after, truth),
            Some(before) => {
                self.facts(&before, &after, truth);
                self.places(&after, truth);
            }
        }
    }

    fn event(&self) -> String {
        let event = self.course.script.events.get(self.place);
        event.map_or(String::new(), |event| event.id.clone())
    }

    fn expected(
        &self,
        offer: &Offer<'_>,
        kind: ChangeKind,
        attribute: Option<Attribute>,
    ) -> Expected {
        Expected {
            event: self.event(),
            kind,
            provider: offer.provider.to_string(),
            ids: names(offer.id),
            region: None,
            attribute,
            old: None,
            new: None,
            direction: None,
            by: Some(page_of(offer).to_string()),
            from: self.from,
            until: self.until,
        }
    }

    fn valued(&self, offer: &Offer<'_>, attribute: Attribute, new: &Value) -> Expected {
        let kind = ChangeKind::of_attribute(SubjectKind::Offering, &attribute);
        Expected {
            new: Some(new.to_string()),
            ..self.expected(offer, kind, Some(attribute))
        }
    }

    /// Its stage and its days. What was before hangs on who tells it, but for an end that moves.
    fn facts(&self, before: &Offer<'_>, after: &Offer<'_>, truth: &mut Truth) {
        if before.stage() != after.stage() {
            let stage = Value::Stage(after.stage());
            let one = self.valued(after, Attribute::Stage, &stage);
            truth.expected.push(one);
        }
        let moment = Moment {
            course: self.course,
            now: self.from,
            variant: 0,
        };
        let date = |day: Day| Value::Date(moment.day(day));
        for (kind, old, new) in [
            (DateKind::Legacy, before.facts.legacy, after.facts.legacy),
            (
                DateKind::Deprecated,
                before.facts.deprecated,
                after.facts.deprecated,
            ),
            (DateKind::Retires, before.facts.retires, after.facts.retires),
        ] {
            let Some(day) = new.filter(|_| old != new) else {
                continue;
            };
            let mut one = self.valued(after, Attribute::Date(kind), &date(day));
            if let (Some(was @ Day::Firm(_)), Day::Firm(_)) = (old, day) {
                one.old = Some(date(was).to_string());
                one.direction = Direction::between(Some(&date(was)), Some(&date(day)));
            }
            truth.expected.push(one);
        }
    }

    /// Every place that the event adds, where it has a deployment there: what only its profiles reach is no place of its own.
    fn places(&self, after: &Offer<'_>, truth: &mut Truth) {
        let touches = self.thread.touches.iter();
        let touches = touches.filter(|touch| touch.event == self.place);
        let edits = touches.filter_map(|touch| {
            let event = self.course.script.events.get(touch.event)?;
            event.edits.get(touch.edit)
        });
        let added: Vec<&Place> = edits.flat_map(|edit| &edit.add).collect();
        for place in added {
            for region in place.deployments.iter().flat_map(|_| place.regions.iter()) {
                let one = self.expected(after, ChangeKind::OfferingAdded, None);
                truth.expected.push(Expected {
                    region: Some(region.clone()),
                    by: Some(regions_of(after).to_string()),
                    ..one
                });
            }
        }
    }

    /// Each meter at the first place whose price moves.
    fn prices(&self, before: &Offer<'_>, after: &Offer<'_>, truth: &mut Truth) {
        let (Some(old), Some(new)) = (before.places.first(), after.places.first()) else {
            return;
        };
        for (meter, amount) in &new.price {
            let Ok(attribute) = format!("price.{meter}").parse::<Attribute>() else {
                continue;
            };
            let (was, is) = (
                old.price.get(meter).and_then(|was| price(was)),
                price(amount),
            );
            let Some(value) = is.as_ref().filter(|_| was != is) else {
                continue;
            };
            let one = self.valued(after, attribute, value);
            truth.expected.push(Expected {
                direction: Direction::between(was.as_ref(), is.as_ref()),
                old: was.map(|was| was.to_string()),
                ..one
            });
        }
    }
}

/// The source that tells of an offer wherever it is, and needs no credential.
fn page_of<'o>(offer: &'o Offer<'_>) -> &'o str {
    match (offer.provider, offer.extra("list"), offer.extra("page")) {
        ("bedrock", Some("AmazonBedrock"), _) => "bedrock.prices",
        ("bedrock", Some("AmazonBedrockFoundationModels"), _) => "bedrock.marketplace-prices",
        ("bedrock", Some("AmazonBedrockService"), _) => "bedrock.service-prices",
        ("bedrock", Some(_), _) => "bedrock.agentcore-prices",
        ("bedrock", None, Some(_)) => "bedrock.managed-agents",
        ("bedrock", None, None) => "bedrock.cards",
        _ if offer.extra("product").is_some() => "azure.prices",
        _ => "azure.retirements",
    }
}

/// The page that tells of its regions.
fn regions_of(offer: &Offer<'_>) -> &'static str {
    match (offer.provider, offer.extra("seller")) {
        ("bedrock", _) => "bedrock.cards",
        (_, Some("partner")) => "azure.regions-partners",
        _ => "azure.regions-standard",
    }
}

/// An id, and how a resource of Azure spells it.
fn names(id: &str) -> Vec<String> {
    match id.split_once('@') {
        Some((name, version)) => vec![
            id.to_string(),
            name.to_string(),
            format!("{name}-{version}"),
        ],
        None => vec![id.to_string()],
    }
}
