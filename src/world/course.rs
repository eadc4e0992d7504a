//! The script with a seed and a beginning: when exactly each thing is seen where.

mod checked;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::noise;
use super::script::{Event, Facts, Lags, Model, OfferSketch, Place, Post, Script};
use super::span::Span;

/// A script that contradicts itself.
#[derive(Debug, thiserror::Error)]
pub enum Mistake {
    /// No TOML, or not of this shape.
    #[error("{0}")]
    Shape(#[from] toml::de::Error),
    /// A name that nothing has.
    #[error("{place}: nothing is called '{name}'")]
    Unknown {
        /// Where it stands.
        place: String,
        /// The name.
        name: String,
    },
    /// A name that two things have.
    #[error("'{0}' is there twice")]
    Twice(String),
    /// A moment that no calendar has.
    #[error("the beginning and the days lead out of the calendar")]
    Calendar,
}

/// Who shows something: each after its own time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// The provider's API.
    Api,
    /// The provider's pages.
    Page,
    /// Registries and gateways.
    Registry,
}

impl Channel {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Api, Self::Page, Self::Registry];

    fn lag(self, lags: Lags) -> Span {
        match self {
            Self::Api => lags.api,
            Self::Page => lags.page,
            Self::Registry => lags.registry,
        }
    }
}

/// What an answer hangs on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// What a provider offers, as a channel shows it.
    Offers(String, Channel),
    /// What all providers offer.
    All(Channel),
    /// A status page.
    Status(String),
    /// What a feed has, by the probe that reads it.
    Feed(String),
    /// How a page is worked over, by the probe that reads it.
    Page(String),
}

impl Topic {
    /// Of a provider's API.
    pub fn api(provider: &str) -> Self {
        Self::Offers(provider.to_string(), Channel::Api)
    }

    /// Of a provider's pages.
    pub fn page(provider: &str) -> Self {
        Self::Offers(provider.to_string(), Channel::Page)
    }
}

/// One edit of an event that touches an offer.
#[derive(Debug, Clone, Copy)]
pub struct Touch {
    /// The event's place in the script.
    pub event: usize,
    /// The edit's place in it.
    pub edit: usize,
}

/// An offer of the script with all that ever becomes of it.
#[derive(Debug)]
pub struct Thread {
    /// Its sketch's place in the script.
    pub sketch: usize,
    /// The provider's id.
    pub id: String,
    /// The event that brings it.
    pub from: Option<usize>,
    /// What changes it, in the order of the script.
    pub touches: Vec<Touch>,
}

/// The script with a seed and a beginning.
#[derive(Debug)]
pub struct Course {
    /// What is told.
    pub script: Script,
    /// Chance.
    pub seed: u64,
    /// The first moment.
    pub begin: Timestamp,
    /// Each event's moment.
    pub events: Vec<Timestamp>,
    /// Offers in the order of the script.
    pub threads: Vec<Thread>,
    models: HashMap<String, usize>,
    turns: BTreeMap<Topic, Vec<Timestamp>>,
}

impl Course {
    /// Lays the script out in time.
    pub fn new(script: Script, seed: u64, begin: Timestamp) -> Result<Self, Mistake> {
        checked::keys(&script)?;
        checked::measured(&script)?;
        let named = checked::events_by_name(&script)?;
        let mut models = HashMap::new();
        for (place, model) in script.models.iter().enumerate() {
            if models.insert(model.key.clone(), place).is_some() {
                return Err(Mistake::Twice(model.key.clone()));
            }
        }
        let threads = checked::threads(&script, &named, &models)?;
        let jitter = script.jitter.seconds().max(0) as u64 + 1;
        let moment = |event: &Event| {
            let late = noise::number(seed, &event.id, 0) % jitter / 60 * 60;
            let after = event.at.seconds().saturating_add_unsigned(late);
            begin
                .checked_add(jiff::SignedDuration::from_secs(after))
                .ok()
        };
        let events: Option<Vec<Timestamp>> = script.events.iter().map(moment).collect();
        let mut course = Self {
            events: events.ok_or(Mistake::Calendar)?,
            script,
            seed,
            begin,
            threads,
            models,
            turns: BTreeMap::new(),
        };
        course.turns = course.all_turns();
        Ok(course)
    }

    /// When the story ends.
    pub fn end(&self) -> Timestamp {
        self.after(self.begin, Span::default(), self.script.days * 86_400)
    }

    /// A moment after another.
    pub fn after(&self, moment: Timestamp, span: Span, more: i64) -> Timestamp {
        let seconds = span.seconds().saturating_add(more);
        moment
            .saturating_add(jiff::SignedDuration::from_secs(seconds))
            .unwrap_or(moment)
    }

    /// A day counted from the beginning.
    pub fn day(&self, days: i64) -> Date {
        let begin = self.begin.to_zoned(TimeZone::UTC).date();
        let span = jiff::SignedDuration::from_hours(days.saturating_mul(24));
        begin.saturating_add(span)
    }

    /// A model by its key.
    pub fn model(&self, key: &str) -> Option<&Model> {
        self.script.models.get(*self.models.get(key)?)
    }

    /// When a channel shows an event.
    pub fn seen(&self, event: usize, channel: Channel) -> Option<Timestamp> {
        let told = self.script.events.get(event)?;
        let lags = told.lag.unwrap_or(self.script.lag);
        Some(self.after(*self.events.get(event)?, channel.lag(lags), 0))
    }

    /// How often a topic has changed until then.
    pub fn turns_until(&self, topic: &Topic, now: Timestamp) -> usize {
        let turns = self.turns.get(topic).map_or(&[][..], Vec::as_slice);
        turns.partition_point(|turn| *turn <= now)
    }

    /// The last change of a topic until then; the beginning, if there was none.
    pub fn last_turn(&self, topic: &Topic, now: Timestamp) -> Timestamp {
        let turns = self.turns.get(topic).map_or(&[][..], Vec::as_slice);
        let count = turns.partition_point(|turn| *turn <= now);
        let last = count.checked_sub(1).and_then(|last| turns.get(last));
        last.copied().unwrap_or(self.begin)
    }

    /// All posts with their moments, those of events included.
    pub fn posts(&self) -> impl Iterator<Item = (Timestamp, &Post)> {
        let own = self.script.posts.iter();
        let own = own.map(|post| (self.after(self.begin, post.at, 0), post));
        let told = self.script.events.iter().zip(&self.events);
        let told = told.flat_map(|(event, moment)| {
            event
                .posts
                .iter()
                .map(|post| (self.after(*moment, post.at, 0), post))
        });
        own.chain(told)
    }

    /// Whether a name of an edit or a flap means this offer.
    pub fn means(name: &str, provider: &str, id: &str) -> bool {
        let Some((of, wanted)) = name.split_once(':') else {
            return false;
        };
        of == provider
            && match wanted.strip_suffix('*') {
                Some(prefix) => id.starts_with(prefix),
                None => id == wanted,
            }
    }

    fn all_turns(&self) -> BTreeMap<Topic, Vec<Timestamp>> {
        let mut turns: BTreeMap<Topic, BTreeSet<Timestamp>> = BTreeMap::new();
        let mut add = |topic: Topic, moment: Timestamp| {
            turns.entry(topic).or_default().insert(moment);
        };
        for thread in &self.threads {
            let provider = self.provider(thread);
            let touched = thread.touches.iter().map(|touch| touch.event);
            for event in touched.chain(thread.from) {
                for channel in Channel::ALL {
                    if let Some(moment) = self.seen(event, channel) {
                        add(Topic::Offers(provider.to_string(), channel), moment);
                        add(Topic::All(channel), moment);
                    }
                }
            }
        }
        for (event, moment) in self.script.events.iter().zip(&self.events) {
            for flap in &event.flaps {
                let providers = flap.offers.iter().filter_map(|name| name.split_once(':'));
                for (provider, _) in providers {
                    add(Topic::api(provider), *moment);
                    add(Topic::api(provider), self.after(*moment, flap.lasts, 0));
                }
            }
            for incident in &event.incidents {
                for update in &incident.updates {
                    let moment = self.after(*moment, update.after, 0);
                    add(Topic::Status(incident.page.clone()), moment);
                }
            }
            for bend in &event.bends {
                add(Topic::Page(bend.page.clone()), *moment);
                if let Some(lasts) = bend.lasts {
                    add(
                        Topic::Page(bend.page.clone()),
                        self.after(*moment, lasts, 0),
                    );
                }
            }
        }
        for (moment, post) in self.posts() {
            for feed in &post.feeds {
                add(Topic::Feed(feed.clone()), moment);
            }
        }
        let listed = turns
            .into_iter()
            .map(|(topic, moments)| (topic, moments.into_iter().collect()));
        listed.collect()
    }

    /// At whom an offer is.
    pub fn provider(&self, thread: &Thread) -> &str {
        let sketch = self.script.offers.get(thread.sketch);
        sketch.map_or("", |sketch| &sketch.provider)
    }

    /// What the script says of an offer at first.
    pub fn sketch(&self, thread: &Thread) -> Option<&OfferSketch> {
        self.script.offers.get(thread.sketch)
    }
}

/// Where an offer is at first.
pub fn places(sketch: &OfferSketch) -> Vec<Place> {
    if !sketch.places.is_empty() {
        return sketch.places.clone();
    }
    vec![Place {
        regions: sketch.regions.clone(),
        deployments: sketch.deployments.clone(),
        price: sketch.facts.price.clone(),
    }]
}

impl Facts {
    /// Takes over what another states.
    pub fn take(&mut self, other: &Self) {
        macro_rules! over {
            ($($field:ident),*) => { $(if other.$field.is_some() { self.$field = other.$field.clone(); })* };
        }
        over!(stage, launch, legacy, deprecated, retires, replacement);
        let pairs = |map: &BTreeMap<String, String>| map.clone().into_iter();
        self.price.extend(pairs(&other.price));
        self.limits.extend(other.limits.clone());
        self.extra.extend(pairs(&other.extra));
    }

    /// Says no longer what a name stands for.
    pub fn clear(&mut self, name: &str) {
        match name {
            "launch" => self.launch = None,
            "legacy" => self.legacy = None,
            "deprecated" => self.deprecated = None,
            "retires" => self.retires = None,
            "replacement" => self.replacement = None,
            _ => {
                self.price.remove(name);
                self.extra.remove(name);
            }
        }
    }
}
