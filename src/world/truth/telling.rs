//! What one event must be told as.

use jiff::{SignedDuration, Timestamp};

use super::super::course::{Channel, Course};
use super::super::moment::{Moment, Offer};
use super::super::play::registries::resold_as;
use super::super::script::{Day, Event, Facts};
use super::clouds;
use super::told::{Owned, Prices, by, names, owned, price, told, touches};
use super::{Besides, Expected, Liberty, Truth};
use crate::market::{
    Attribute, ChangeKind, DateKind, Direction, LifecycleDate, Stage, SubjectKind, Value,
};

/// How long a source may take to be asked and to be sure: twice six hours, with jitter, and a failure in between.
pub(super) const SLOWEST: SignedDuration = SignedDuration::from_hours(40);
/// An API that is asked each hour and needs two readings, with a failure in between.
pub(super) const SOON: SignedDuration = SignedDuration::from_hours(8);

/// One event, to be told.
pub(super) struct Telling<'w> {
    pub(super) course: &'w Course,
    place: usize,
    pub(super) event: &'w Event,
}

impl<'w> Telling<'w> {
    /// An event by its place in the script.
    pub fn new(course: &'w Course, place: usize, event: &'w Event) -> Self {
        Self {
            course,
            place,
            event,
        }
    }

    pub(super) fn moment(&self) -> Timestamp {
        self.course
            .events
            .get(self.place)
            .copied()
            .unwrap_or(self.course.begin)
    }

    /// From when on, and until when, a channel's sources tell it.
    fn window(&self, channel: Channel) -> (Timestamp, Timestamp) {
        let from = self
            .course
            .seen(self.place, channel)
            .unwrap_or(self.course.begin);
        let lasts = match channel {
            Channel::Api => SOON,
            Channel::Page | Channel::Registry => SLOWEST,
        };
        (from, from.saturating_add(lasts).unwrap_or(from))
    }

    /// What a channel shows, just before the event or just with it.
    fn offers(&self, channel: Channel, with: bool) -> Vec<Offer<'_>> {
        let seen = self
            .course
            .seen(self.place, channel)
            .unwrap_or(self.course.begin);
        let before = seen
            .saturating_sub(SignedDuration::from_secs(1))
            .unwrap_or(seen);
        let now = match with {
            true => seen,
            false => before,
        };
        let moment = Moment {
            course: self.course,
            now,
            variant: 0,
        };
        moment.all_offers(channel)
    }

    fn expected(&self, offer: &Offer<'_>, kind: ChangeKind, channel: Channel) -> Expected {
        let (from, until) = self.window(channel);
        Expected {
            event: self.event.id.clone(),
            kind,
            provider: offer.provider.to_string(),
            ids: names(offer),
            region: None,
            attribute: None,
            old: None,
            new: None,
            direction: None,
            by: None,
            from,
            until,
        }
    }

    /// An expected change of a value.
    fn valued(
        &self,
        offer: &Offer<'_>,
        channel: Channel,
        attribute: Attribute,
        values: (Option<Value>, Option<Value>),
    ) -> Expected {
        let kind = ChangeKind::of_attribute(SubjectKind::Offering, &attribute);
        let (old, new) = values;
        Expected {
            direction: Direction::between(old.as_ref(), new.as_ref()),
            by: by(offer.provider, &attribute).map(str::to_string),
            attribute: Some(attribute),
            old: old.map(|value| value.to_string()),
            new: new.map(|value| value.to_string()),
            ..self.expected(offer, kind, channel)
        }
    }

    fn liberty(&self, offer: &Offer<'_>, what: Besides) -> Liberty {
        let (from, _) = self.window(Channel::Api);
        let (_, until) = self.window(Channel::Registry);
        Liberty {
            event: self.event.id.clone(),
            provider: offer.provider.to_string(),
            ids: names(offer),
            what,
            from,
            until,
        }
    }

    /// What is offered from this event on.
    pub fn of_arrivals(&self, truth: &mut Truth) {
        let threads = self.course.threads.iter();
        for thread in threads.filter(|thread| thread.from == Some(self.place)) {
            let (provider, id) = (self.course.provider(thread), thread.id.as_str());
            if clouds::is_cloud(provider) {
                continue;
            }
            let offers = self.offers(Channel::Api, true);
            let Some(offer) = offers
                .iter()
                .find(|offer| offer.provider == provider && offer.id == id)
            else {
                continue;
            };
            self.listed(offer, ChangeKind::OfferingAdded, Channel::Api, truth);
            truth
                .liberties
                .push(self.liberty(offer, Besides::FirstValues));
            self.resold(offer, ChangeKind::OfferingAdded, truth);
        }
    }

    /// That it is in a list from now on, or no longer: once in each region that the list tells.
    fn listed(&self, offer: &Offer<'_>, kind: ChangeKind, channel: Channel, truth: &mut Truth) {
        let one = Expected {
            by: Some(format!("{}.models", offer.provider)),
            ..self.expected(offer, kind, channel)
        };
        let regions = offer.regions();
        if regions.is_empty() {
            truth.expected.push(one);
            return;
        }
        let of_region = |region: &&str| Expected {
            region: Some(region.to_string()),
            ..one.clone()
        };
        truth.expected.extend(regions.iter().map(of_region));
    }

    /// What OpenRouter makes of it, a day later.
    fn resold(&self, offer: &Offer<'_>, kind: ChangeKind, truth: &mut Truth) {
        let is_priced = offer.model.is_some() && offer.price("input").is_some();
        let Some(id) = resold_as(offer.provider, offer.id).filter(|_| is_priced) else {
            return;
        };
        let one = self.expected(offer, kind, Channel::Registry);
        let openrouter = "openrouter".to_string();
        // the list of routes is asked once a day, where it is asked at all, and three readings make a removal
        truth.liberties.push(Liberty {
            event: one.event.clone(),
            provider: openrouter.clone(),
            ids: vec![id.clone()],
            what: Besides::Routes,
            from: one.from,
            until: one.from.saturating_add(SLOWEST * 3).unwrap_or(one.until),
        });
        // what a list of equal authority still has is not gone: the last to let it go tells it
        let until = match kind {
            ChangeKind::OfferingRemoved => {
                one.from.saturating_add(SLOWEST * 3).unwrap_or(one.until)
            }
            _ => one.until,
        };
        truth.expected.push(Expected {
            provider: openrouter,
            ids: vec![id],
            by: Some("openrouter.models".to_string()),
            until,
            ..one
        });
    }

    pub fn of_edits(&self, truth: &mut Truth) {
        let threads = self.course.threads.iter();
        for thread in threads.filter(|thread| touches(&thread.touches, self.place)) {
            let (provider, id) = (self.course.provider(thread), thread.id.as_str());
            if clouds::is_cloud(provider) {
                continue;
            }
            let find = |with: bool| {
                let offers = self.offers(Channel::Api, with).into_iter();
                let mut own = offers.filter(|offer| offer.provider == provider && offer.id == id);
                own.next().map(owned)
            };
            let (before, after) = (find(false), find(true));
            let Some(before) = before else {
                continue;
            };
            let is_over = after
                .as_ref()
                .is_none_or(|after| after.stage == Stage::Retired);
            let thread_offer = self.offers(Channel::Api, false);
            let Some(offer) = thread_offer
                .iter()
                .find(|offer| offer.provider == provider && offer.id == id)
            else {
                continue;
            };
            match after {
                Some(after) if !is_over => self.edited(offer, &before, &after, truth),
                _ => self.ended(offer, truth),
            }
        }
    }

    /// An offering is over: it leaves the lists of those that show no retired ones.
    fn ended(&self, offer: &Offer<'_>, truth: &mut Truth) {
        truth
            .liberties
            .push(self.liberty(offer, Besides::LastValues));
        match offer.provider {
            // the list goes on to name it, as retired
            "anthropic" => {
                let values = (
                    Some(Value::Stage(offer.stage())),
                    Some(Value::Stage(Stage::Retired)),
                );
                truth
                    .expected
                    .push(self.valued(offer, Channel::Api, Attribute::Stage, values));
            }
            _ => self.listed(offer, ChangeKind::OfferingRemoved, Channel::Api, truth),
        }
        self.resold(offer, ChangeKind::OfferingRemoved, truth);
    }

    fn edited(&self, offer: &Offer<'_>, before: &Owned, after: &Owned, truth: &mut Truth) {
        let told = told(offer.provider);
        if let Some(channel) = told.stage
            && let (old, new) = (told.stage_of(before), told.stage_of(after))
            && old != new
        {
            let value = |stage: Option<Stage>| stage.map(Value::Stage);
            let mut one = self.valued(offer, channel, Attribute::Stage, (value(old), value(new)));
            // two pages tell it, and that of deprecations names nothing before
            if offer.provider == "groq" && new == Some(Stage::Deprecated) {
                (one.old, one.direction) = (None, None);
            }
            truth.expected.push(one);
        }
        if before.stage == Stage::Ga
            && after.stage == Stage::Legacy
            && offer.provider == "anthropic"
        {
            // a word of the model's own page
            let text = |word: &str| Some(Value::Text(word.into()));
            let values = (text("active"), text("legacy"));
            truth.expected.push(self.valued(
                offer,
                Channel::Page,
                Attribute::Capability("label".into()),
                values,
            ));
        } else if before.stage != after.stage && offer.provider == "anthropic" {
            truth.liberties.push(self.liberty(offer, Besides::Course));
        }
        self.dates(offer, (&before.facts, &after.facts), truth);
        self.prices(offer, (&before.prices, &after.prices), truth);
    }

    fn dates(&self, offer: &Offer<'_>, (before, after): (&Facts, &Facts), truth: &mut Truth) {
        let told = told(offer.provider);
        let moment = Moment {
            course: self.course,
            now: self.moment(),
            variant: 0,
        };
        let date = |day: Day| match (day, told.is_floor) {
            (Day::Firm(_), true) => Value::Date(LifecycleDate::not_before(moment.date(day))),
            _ => Value::Date(moment.day(day)),
        };
        for (kind, old, new, channel) in [
            (
                DateKind::Deprecated,
                before.deprecated,
                after.deprecated,
                told.deprecated,
            ),
            (
                DateKind::Retires,
                before.retires,
                after.retires,
                told.retires,
            ),
        ] {
            let Some(channel) = channel.filter(|_| old != new) else {
                continue;
            };
            // where one source said a floor and another nothing, whichever speaks first decides what was before
            let is_open = matches!(old, Some(Day::Floor { .. }));
            let mut one = self.valued(
                offer,
                channel,
                Attribute::Date(kind),
                (old.map(date), new.map(date)),
            );
            if is_open {
                (one.old, one.direction) = (None, None);
            }
            truth.expected.push(one);
        }
        if before.replacement != after.replacement
            && let Some(channel) = told.replacement
        {
            let text = |id: &Option<String>| id.as_deref().map(|id| Value::Text(id.into()));
            let values = (text(&before.replacement), text(&after.replacement));
            truth
                .expected
                .push(self.valued(offer, channel, Attribute::Replacement, values));
        }
    }

    fn prices(&self, offer: &Offer<'_>, (before, after): (&Prices, &Prices), truth: &mut Truth) {
        let told = told(offer.provider);
        for (meter, new) in after {
            let old = before.get(meter);
            let Ok(attribute) = format!("price.{meter}").parse::<Attribute>() else {
                continue;
            };
            let is_told = (told.price)(meter);
            let (Some(channel), true) = (is_told, old != Some(new)) else {
                continue;
            };
            let values = (old.and_then(|old| price(old)), price(new));
            truth
                .expected
                .push(self.valued(offer, channel, attribute.clone(), values.clone()));
            // out of the peak hours all costs half
            if offer.provider == "deepseek"
                && let Ok(attribute) = format!("price.{meter}.off_peak").parse::<Attribute>()
            {
                let half = |price: Option<Value>| match price {
                    Some(Value::Price(mut price)) => {
                        price.amount = (price.amount / rust_decimal::Decimal::TWO).normalize();
                        Some(Value::Price(price))
                    }
                    other => other,
                };
                truth.expected.push(self.valued(
                    offer,
                    channel,
                    attribute,
                    (half(values.0.clone()), half(values.1.clone())),
                ));
            }
            let is_resold = matches!(meter.as_str(), "input" | "output" | "cache_read");
            if let Some(id) =
                resold_as(offer.provider, offer.id).filter(|_| is_resold && offer.model.is_some())
            {
                let one = self.valued(offer, Channel::Registry, attribute, values);
                truth.expected.push(Expected {
                    provider: "openrouter".to_string(),
                    ids: vec![id],
                    ..one
                });
            }
        }
    }
}
