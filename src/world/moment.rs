//! What holds in the simulated market at one moment.

use jiff::Timestamp;
use jiff::civil::Date;

use super::course::{Channel, Course, Thread, Topic, places};
use super::noise::Random;
use super::script::{
    Bent, Component, Day, Edit, Facts, Flap, Incident, Model, OfferSketch, Place, Post, Update,
};
use crate::market::{LifecycleDate, Stage};

/// One moment of a world. What it says hangs on nothing else.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'w> {
    /// The world's course.
    pub course: &'w Course,
    /// The moment.
    pub now: Timestamp,
    /// Which of the harmless variants an answer has.
    pub variant: u64,
}

/// What a provider offers at a moment.
#[derive(Debug, Clone)]
pub struct Offer<'w> {
    /// At whom.
    pub provider: &'w str,
    /// The provider's id.
    pub id: &'w str,
    /// What it is; an empty model where the script does not say.
    pub model: Option<&'w Model>,
    /// For people; the id where there is no name.
    pub name: &'w str,
    /// What holds of it.
    pub facts: Facts,
    /// Where it is, for how much.
    pub places: Vec<Place>,
}

impl Offer<'_> {
    /// Its stage, generally available where the script does not say.
    pub fn stage(&self) -> Stage {
        self.facts.stage.map_or(Stage::Ga, |word| word.0)
    }

    /// A price by its meter and tier, at its first place.
    pub fn price(&self, meter: &str) -> Option<&str> {
        let at_place = self.places.first().and_then(|place| place.price.get(meter));
        at_place
            .or_else(|| self.facts.price.get(meter))
            .map(String::as_str)
    }

    /// A limit of its own, or its model's.
    pub fn limit(&self, name: &str) -> Option<u64> {
        let of_model = || {
            let limit = match name {
                "context" => self.model?.context,
                "output" => self.model?.output,
                _ => 0,
            };
            Some(limit).filter(|limit| *limit > 0)
        };
        self.facts.limits.get(name).copied().or_else(of_model)
    }

    /// What only this provider says.
    pub fn extra(&self, name: &str) -> Option<&str> {
        self.facts.extra.get(name).map(String::as_str)
    }

    /// The regions of all places.
    pub fn regions(&self) -> Vec<&str> {
        let all = self.places.iter().flat_map(|place| &place.regions);
        let mut all: Vec<&str> = all.map(String::as_str).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Whether it is in a region; one without regions is everywhere.
    pub fn is_in(&self, region: &str) -> bool {
        let regions = self.regions();
        regions.is_empty() || regions.contains(&region)
    }
}

/// An incident as it stands.
#[derive(Debug, Clone)]
pub struct Story<'w> {
    /// What the script tells.
    pub incident: &'w Incident,
    /// Its id on the page: lasting, and the same for all seeds.
    pub id: String,
    /// When it began.
    pub begun: Timestamp,
    /// What was said so far, the newest first.
    pub said: Vec<(Timestamp, &'w Update)>,
}

impl Story<'_> {
    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        let last = self.said.first();
        last.is_some_and(|(_, update)| update.status == "resolved")
    }

    /// When the last word was said.
    pub fn updated(&self) -> Timestamp {
        self.said.first().map_or(self.begun, |(moment, _)| *moment)
    }
}

impl<'w> Moment<'w> {
    /// What a provider offers, as a channel shows it, in the order of the script.
    pub fn offers(&self, provider: &str, channel: Channel) -> Vec<Offer<'w>> {
        let threads = self.course.threads.iter();
        let own = threads.filter(|thread| self.course.provider(thread) == provider);
        own.filter_map(|thread| self.offer(thread, channel))
            .collect()
    }

    /// What all providers offer.
    pub fn all_offers(&self, channel: Channel) -> Vec<Offer<'w>> {
        let threads = self.course.threads.iter();
        threads
            .filter_map(|thread| self.offer(thread, channel))
            .collect()
    }

    fn offer(&self, thread: &'w Thread, channel: Channel) -> Option<Offer<'w>> {
        let course = self.course;
        let is_past = |event: usize| {
            let seen = course.seen(event, channel);
            seen.is_some_and(|seen| seen <= self.now)
        };
        let sketch: &OfferSketch = course.sketch(thread)?;
        if thread.from.is_some_and(|event| !is_past(event)) {
            return None;
        }
        let model = course.model(&sketch.model);
        let name = match (sketch.name.as_str(), model) {
            ("", Some(model)) => model.name.as_str(),
            ("", None) => thread.id.as_str(),
            (name, _) => name,
        };
        let mut offer = Offer {
            provider: &sketch.provider,
            id: &thread.id,
            model,
            name,
            facts: sketch.facts.clone(),
            places: places(sketch),
        };
        for touch in thread.touches.iter().filter(|touch| is_past(touch.event)) {
            let edit = course
                .script
                .events
                .get(touch.event)?
                .edits
                .get(touch.edit)?;
            if edit.gone {
                return None;
            }
            apply(&mut offer, edit);
        }
        if channel == Channel::Api {
            self.flap(&mut offer);
        }
        let is_nowhere = offer.places.is_empty();
        (!is_nowhere).then_some(offer)
    }

    /// Takes away what a list does not show just now.
    fn flap(&self, offer: &mut Offer<'_>) {
        let events = self.course.script.events.iter().zip(&self.course.events);
        for (event, begun) in events.filter(|(_, begun)| **begun <= self.now) {
            let is_on = |flap: &&Flap| self.now < self.course.after(*begun, flap.lasts, 0);
            for flap in event.flaps.iter().filter(is_on) {
                let mut names = flap.offers.iter();
                if !names.any(|name| Course::means(name, offer.provider, offer.id)) {
                    continue;
                }
                leave(&mut offer.places, &flap.regions, &[]);
            }
        }
    }

    /// The incidents of a status page that have begun, the newest first, those that are over included.
    pub fn incidents(&self, page: &str) -> Vec<Story<'w>> {
        let course = self.course;
        let mut stories = Vec::new();
        for (event, moment) in course.script.events.iter().zip(&course.events) {
            for (place, incident) in event.incidents.iter().enumerate() {
                let said = incident
                    .updates
                    .iter()
                    .map(|update| (course.after(*moment, update.after, 0), update));
                let mut said: Vec<_> = said.filter(|(at, _)| *at <= self.now).collect();
                said.reverse();
                if incident.page == page
                    && let Some((begun, _)) = said.last().copied()
                {
                    stories.push(Story {
                        incident,
                        id: id_of(&format!("{}/{place}", event.id)),
                        begun,
                        said,
                    });
                }
            }
        }
        stories.sort_by_key(|story| std::cmp::Reverse(story.begun));
        stories
    }

    /// The parts of a status page.
    pub fn components(&self, page: &str) -> Vec<&'w Component> {
        let all = self.course.script.components.iter();
        all.filter(|component| component.page == page).collect()
    }

    /// What a feed holds, the newest first.
    pub fn posts(&self, feed: &str) -> Vec<(Timestamp, &'w Post)> {
        let all = self.course.posts();
        let mut own: Vec<_> = all
            .filter(|(at, post)| *at <= self.now && post.feeds.iter().any(|own| own == feed))
            .collect();
        own.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        own
    }

    /// How a page is worked over just now, by the probe that reads it.
    pub fn bent(&self, page: &str) -> Option<Bent> {
        let events = self.course.script.events.iter().zip(&self.course.events);
        let bends =
            events.flat_map(|(event, begun)| event.bends.iter().map(move |bend| (begun, bend)));
        let mut on = bends.filter(|(begun, bend)| {
            let is_over = bend
                .lasts
                .is_some_and(|lasts| self.course.after(**begun, lasts, 0) <= self.now);
            bend.page == page && **begun <= self.now && !is_over
        });
        on.next().map(|(_, bend)| bend.how)
    }

    /// When a topic last changed.
    pub fn changed(&self, topic: &Topic) -> Timestamp {
        self.course.last_turn(topic, self.now)
    }

    /// A day of the script.
    pub fn day(&self, day: Day) -> LifecycleDate {
        match day {
            Day::Firm(days) => LifecycleDate::firm(self.course.day(days)),
            Day::Floor { not_before } => LifecycleDate::not_before(self.course.day(not_before)),
        }
    }

    /// The date of a day, firm or not.
    pub fn date(&self, day: Day) -> Date {
        match day {
            Day::Firm(days) | Day::Floor { not_before: days } => self.course.day(days),
        }
    }

    /// Chance that lasts as long as the variant.
    pub fn random(&self) -> Random {
        Random::new(self.variant)
    }

    /// A list in the variant's order.
    pub fn shuffle<T>(&self, list: &mut [T]) {
        self.random().shuffle(list);
    }
}

fn apply(offer: &mut Offer<'_>, edit: &Edit) {
    offer.facts.take(&edit.facts);
    for name in &edit.clear {
        offer.facts.clear(name);
    }
    let fits = |only: &[String], own: &[String]| {
        only.is_empty() || own.iter().any(|one| only.contains(one))
    };
    for place in &mut offer.places {
        if fits(&edit.only_regions, &place.regions)
            && fits(&edit.only_deployments, &place.deployments)
        {
            place.price.extend(edit.facts.price.clone());
        }
        for name in &edit.clear {
            place.price.remove(name);
        }
    }
    if !edit.drop_regions.is_empty() || !edit.drop_deployments.is_empty() {
        leave(
            &mut offer.places,
            &edit.drop_regions,
            &edit.drop_deployments,
        );
    }
    for added in &edit.add {
        let mut added = added.clone();
        if added.price.is_empty() {
            added.price = offer
                .places
                .first()
                .map(|place| place.price.clone())
                .unwrap_or_default();
        }
        offer.places.push(added);
    }
}

/// Takes regions, or deployments in them, away; no regions means all.
fn leave(places: &mut Vec<Place>, regions: &[String], deployments: &[String]) {
    let mut left = Vec::new();
    for place in places.drain(..) {
        let (gone, stays): (Vec<String>, Vec<String>) = match regions.is_empty() {
            true => (place.regions.clone(), Vec::new()),
            false => place
                .regions
                .iter()
                .cloned()
                .partition(|region| regions.contains(region)),
        };
        if !stays.is_empty() {
            left.push(Place {
                regions: stays,
                ..place.clone()
            });
        }
        let kept = place
            .deployments
            .iter()
            .filter(|term| !deployments.contains(term));
        let kept: Vec<String> = kept.cloned().collect();
        let touches = regions.is_empty() || !gone.is_empty();
        if touches && !deployments.is_empty() && !kept.is_empty() {
            left.push(Place {
                regions: gone,
                deployments: kept,
                ..place
            });
        }
    }
    *places = left;
}

/// An id as status pages have it: lasting, of letters and digits.
pub fn id_of(text: &str) -> String {
    blake3::hash(text.as_bytes())
        .to_hex()
        .chars()
        .take(12)
        .collect()
}
