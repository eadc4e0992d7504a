//! Prices of the script's offers, as price lists need them.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use crate::world::course::Channel;
use crate::world::moment::{Moment, Offer};
use crate::world::script::Place;

/// Prices are so many days older than the story, where nothing has touched them.
const OLD: i64 = -120;

/// The prices of a place, by meter and tier: its own, else the offer's. USD per million tokens.
pub fn of_place<'o>(offer: &'o Offer<'_>, place: &'o Place) -> Vec<(&'o str, Decimal)> {
    let stated = match place.price.is_empty() {
        true => &offer.facts.price,
        false => &place.price,
    };
    let read = stated.iter().filter_map(|(meter, amount)| {
        let amount: Decimal = amount.parse().ok()?;
        Some((meter.as_str(), amount))
    });
    read.collect()
}

/// The day from which an offer's prices hold: that of the last event which set one, or which brought the offer.
pub fn since(moment: &Moment<'_>, offer: &Offer<'_>) -> Date {
    let course = moment.course;
    let own = |thread: &&crate::world::course::Thread| {
        thread.id == offer.id && course.provider(thread) == offer.provider
    };
    let Some(thread) = course.threads.iter().find(own) else {
        return course.day(OLD);
    };
    let sets = |touch: &&crate::world::course::Touch| {
        let event = course.script.events.get(touch.event);
        let edit = event.and_then(|event| event.edits.get(touch.edit));
        edit.is_some_and(|edit| !edit.facts.price.is_empty())
    };
    let priced = thread.touches.iter().filter(sets).map(|touch| touch.event);
    let events = priced.chain(thread.from);
    let seen = events.filter_map(|event| course.seen(event, Channel::Api));
    let last = seen.filter(|seen| *seen <= moment.now).max();
    last.map_or(course.day(OLD), |last| last.to_zoned(TimeZone::UTC).date())
}
