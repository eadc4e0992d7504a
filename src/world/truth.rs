//! What must come out of the story, and what must not: from the script alone, so that whoever watches is measured by it.
//!
//! Three things are said of an event. What it must be told as is *expected*. What belongs to it without being counted is *at
//! liberty*: what sources state of something new for the first time, or of something that is gone for the last. Whatever
//! else is told in the name of a simulated provider is one too many; what a registry merely documents is not counted at all.

use jiff::{SignedDuration, Timestamp};

use super::course::{Channel, Course, Touch};
use super::moment::{Moment, Offer};
use super::play::registries::resold_as;
use super::script::{Bend, Day, Event, Facts, Incident};
use super::{World, play};
use crate::market::{Attribute, ChangeKind, Direction, Stage, SubjectKind, Value};

/// A change that must come out, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The event's name.
    pub event: String,
    /// What kind of change.
    pub kind: ChangeKind,
    /// At whom.
    pub provider: String,
    /// The ids that sources may tell it of: the provider's own, its name on pages. None: any.
    pub ids: Vec<String>,
    /// The region, where the sources tell it.
    pub region: Option<String>,
    /// Of which attribute.
    pub attribute: Option<Attribute>,
    /// Before, as the program prints it; `None` where sources may differ in what they said before.
    pub old: Option<String>,
    /// Afterwards.
    pub new: Option<String>,
    /// Which way it goes.
    pub direction: Option<Direction>,
    /// Not recorded before.
    pub from: Timestamp,
    /// Recorded by then.
    pub until: Timestamp,
}

/// What may be told of an event besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Liberty {
    /// The event's name.
    pub event: String,
    /// At whom.
    pub provider: String,
    /// Of which ids; none: any.
    pub ids: Vec<String>,
    /// What.
    pub what: Besides,
    /// Not recorded before.
    pub from: Timestamp,
    /// Recorded by then.
    pub until: Timestamp,
}

/// What may be told besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Besides {
    /// A value where there was none.
    FirstValues,
    /// No value where there was one.
    LastValues,
    /// How an incident goes on.
    Course,
    /// That a source cannot be read, is held, or can be read again.
    Trouble,
    /// That latencies shifted, or an endpoint was down.
    Measured,
}

/// All that a story must come out as.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Truth {
    /// What must come out.
    pub expected: Vec<Expected>,
    /// What may.
    pub liberties: Vec<Liberty>,
}

/// How long a source may take to be asked and to be sure: twice six hours, with jitter, and a failure in between.
const SLOWEST: SignedDuration = SignedDuration::from_hours(40);
/// An API that is asked each hour and needs two readings, with a failure in between.
const SOON: SignedDuration = SignedDuration::from_hours(8);

impl World {
    /// What must come out of the story.
    pub fn truth(&self) -> Truth {
        let course = self.course();
        let mut truth = Truth::default();
        for (place, event) in course.script.events.iter().enumerate() {
            let telling = Telling {
                course,
                place,
                event,
            };
            telling.of_arrivals(&mut truth);
            telling.of_edits(&mut truth);
            telling.of_posts(&mut truth);
            for incident in &event.incidents {
                telling.of_incident(incident, &mut truth);
            }
            for bend in &event.bends {
                telling.of_bend(bend, &mut truth);
            }
            telling.of_hosts(&mut truth);
        }
        truth
    }
}

/// One event, to be told.
struct Telling<'w> {
    course: &'w Course,
    place: usize,
    event: &'w Event,
}

impl Telling<'_> {
    fn moment(&self) -> Timestamp {
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
    fn of_arrivals(&self, truth: &mut Truth) {
        let threads = self.course.threads.iter();
        for thread in threads.filter(|thread| thread.from == Some(self.place)) {
            let (provider, id) = (self.course.provider(thread), thread.id.as_str());
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
        let one = self.expected(offer, kind, channel);
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
        truth.expected.push(Expected {
            provider: "openrouter".to_string(),
            ids: vec![id],
            ..one
        });
    }

    fn of_edits(&self, truth: &mut Truth) {
        let threads = self.course.threads.iter();
        for thread in threads.filter(|thread| touches(&thread.touches, self.place)) {
            let (provider, id) = (self.course.provider(thread), thread.id.as_str());
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
            truth.expected.push(self.valued(
                offer,
                channel,
                Attribute::Stage,
                (value(old), value(new)),
            ));
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
            (Day::Firm(_), true) => {
                Value::Date(crate::market::LifecycleDate::not_before(moment.date(day)))
            }
            _ => Value::Date(moment.day(day)),
        };
        use crate::market::DateKind;
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

    /// Each post is an announcement in each of its feeds.
    fn of_posts(&self, truth: &mut Truth) {
        for post in &self.event.posts {
            let from = self.course.after(self.moment(), post.at, 0);
            for feed in &post.feeds {
                let provider = feed.split('.').next().unwrap_or_default();
                truth.expected.push(Expected {
                    event: self.event.id.clone(),
                    kind: ChangeKind::Announcement,
                    provider: provider.to_string(),
                    ids: Vec::new(),
                    region: None,
                    attribute: None,
                    old: None,
                    new: None,
                    direction: None,
                    from,
                    until: from.saturating_add(SOON).unwrap_or(from),
                });
            }
        }
    }

    /// It is opened and resolved, each once, and goes on in between.
    fn of_incident(&self, incident: &Incident, truth: &mut Truth) {
        let provider = play::page_of(&incident.page);
        let at = |place: Option<&super::script::Update>| {
            let after = place.map(|update| update.after).unwrap_or_default();
            self.course.after(self.moment(), after, 0)
        };
        let (first, last) = (at(incident.updates.first()), at(incident.updates.last()));
        let late = |moment: Timestamp| moment.saturating_add(SOON).unwrap_or(moment);
        for (kind, from) in [
            (ChangeKind::IncidentOpened, first),
            (ChangeKind::IncidentResolved, last),
        ] {
            truth.expected.push(Expected {
                event: self.event.id.clone(),
                kind,
                provider: provider.to_string(),
                ids: Vec::new(),
                region: None,
                attribute: None,
                old: None,
                new: None,
                direction: None,
                from,
                until: late(from),
            });
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
    fn of_bend(&self, bend: &Bend, truth: &mut Truth) {
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

    /// Hosts that fail or are slow.
    fn of_hosts(&self, truth: &mut Truth) {
        let faults = self
            .event
            .faults
            .iter()
            .map(|fault| (fault.lasts, Besides::Trouble));
        let slow = self
            .event
            .slow
            .iter()
            .map(|slow| (slow.lasts, Besides::Measured));
        let measured = self
            .event
            .faults
            .iter()
            .map(|fault| (fault.lasts, Besides::Measured));
        for (lasts, what) in faults.chain(slow).chain(measured) {
            let until = self.course.after(self.moment(), lasts, 0);
            truth.liberties.push(Liberty {
                event: self.event.id.clone(),
                provider: String::new(),
                ids: Vec::new(),
                what,
                from: self.moment(),
                until: until.saturating_add(SLOWEST).unwrap_or(until),
            });
        }
    }
}

type Prices = std::collections::BTreeMap<String, String>;

/// What holds of an offer, apart from its course.
struct Owned {
    stage: Stage,
    facts: Facts,
    prices: Prices,
}

fn owned(offer: Offer<'_>) -> Owned {
    let prices = offer.places.first().map(|place| place.price.clone());
    Owned {
        stage: offer.stage(),
        prices: prices.unwrap_or_default(),
        facts: offer.facts,
    }
}

fn touches(touches: &[Touch], event: usize) -> bool {
    touches.iter().any(|touch| touch.event == event)
}

/// The provider's id and its name on pages.
fn names(offer: &Offer<'_>) -> Vec<String> {
    let mut names = vec![offer.id.to_string()];
    if offer.name != offer.id {
        names.push(offer.name.to_string());
    }
    names
}

fn price(text: &str) -> Option<Value> {
    let amount: rust_decimal::Decimal = text.parse().ok()?;
    Some(Value::Price(crate::market::Price::usd_per_million_tokens(
        amount.normalize(),
    )))
}

/// Which channel is the first to tell what, and how; nothing where no source of the provider tells it.
struct Told {
    stage: Option<Channel>,
    /// Whether a deprecation is a word of its own beside the stages.
    says_deprecated: bool,
    /// Whether its lists name a stage for what is generally available.
    says_ga: bool,
    deprecated: Option<Channel>,
    retires: Option<Channel>,
    replacement: Option<Channel>,
    /// Whether its days are floors even where the script is firm.
    is_floor: bool,
    price: fn(&str) -> Option<Channel>,
}

impl Told {
    /// The stage that its sources say; a page of deprecations says it of all that it names.
    fn stage_of(&self, offer: &Owned) -> Option<Stage> {
        let is_ending = self.says_deprecated && matches!(offer.facts.retires, Some(Day::Firm(_)));
        match offer.stage {
            _ if is_ending => Some(Stage::Deprecated),
            Stage::Ga | Stage::Legacy => self.says_ga.then_some(Stage::Ga),
            stage => Some(stage),
        }
    }
}

fn told(provider: &str) -> Told {
    let (api, page) = (Some(Channel::Api), Some(Channel::Page));
    let nothing: fn(&str) -> Option<Channel> = |_| None;
    let on_page: fn(&str) -> Option<Channel> = |_| Some(Channel::Page);
    let silent = Told {
        stage: None,
        says_deprecated: false,
        says_ga: false,
        deprecated: None,
        retires: None,
        replacement: None,
        is_floor: false,
        price: nothing,
    };
    match provider {
        "openai" => Told {
            stage: page,
            says_deprecated: true,
            deprecated: page,
            retires: api,
            replacement: page,
            price: on_page,
            ..silent
        },
        "anthropic" => Told {
            stage: api,
            says_ga: true,
            deprecated: api,
            retires: api,
            replacement: page,
            price: on_page,
            ..silent
        },
        "gemini" => Told {
            stage: page,
            says_deprecated: true,
            retires: page,
            replacement: page,
            is_floor: true,
            // the billing catalogue tells what goes in and out, the page the rest
            price: |meter| match meter {
                "input" | "output" => Some(Channel::Api),
                _ => Some(Channel::Page),
            },
            ..silent
        },
        "vertex" => Told {
            stage: api,
            says_ga: true,
            retires: page,
            replacement: page,
            price: |_| Some(Channel::Api),
            ..silent
        },
        "mistral" => Told {
            stage: page,
            says_deprecated: true,
            deprecated: page,
            retires: api,
            replacement: api,
            ..silent
        },
        "cohere" => Told {
            stage: api,
            deprecated: page,
            retires: page,
            replacement: page,
            ..silent
        },
        "xai" => Told {
            price: |_| Some(Channel::Api),
            ..silent
        },
        "deepseek" => Told {
            price: on_page,
            ..silent
        },
        "groq" => Told {
            stage: page,
            says_ga: true,
            says_deprecated: true,
            retires: page,
            replacement: page,
            price: on_page,
            ..silent
        },
        "perplexity" => Told {
            price: |_| Some(Channel::Api),
            ..silent
        },
        _ => silent,
    }
}
