//! What a user runs or means to run: how many tokens, and where they may go.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::Offer;
use crate::market::{Attribute, Interface, Place, Reach, Stage, Value, digits_in_groups};

/// The most requests a month, and the most tokens a request.
pub const MOST: u64 = 1_000_000_000_000;

/// A token profile that is priced on every offering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    /// What the user calls it.
    pub name: String,
    /// Requests a month.
    pub requests: u64,
    /// Tokens of one request's prompt, cached ones included.
    pub input: u64,
    /// Tokens of one answer, those of thinking included.
    pub output: u64,
    /// The share of the prompt that is read from the cache, from 0 to 1.
    pub cached: Decimal,
    /// The share of the prompt that is written to the cache, from 0 to 1; with `cached` at most 1.
    pub cache_writes: Decimal,
    /// The share of requests that can wait for a day, from 0 to 1.
    pub batch: Decimal,
    /// The models to choose from, as the user spells them; empty: any.
    pub models: Vec<String>,
    /// Where it may run.
    pub bounds: Bounds,
}

impl Workload {
    /// A workload of the given tokens, sent once, without any bound.
    pub fn of_tokens(input: u64, output: u64) -> Self {
        Self {
            name: "workload".to_string(),
            requests: 1,
            input,
            output,
            cached: Decimal::ZERO,
            cache_writes: Decimal::ZERO,
            batch: Decimal::ZERO,
            models: Vec::new(),
            bounds: Bounds::default(),
        }
    }

    /// Its requests and tokens: `200,000 requests a month, each 6,000 tokens in and 800 out; 50 % of the input read from the cache`.
    pub fn in_words(&self) -> String {
        let mut text = format!(
            "{} requests a month, each {} tokens in and {} out",
            digits_in_groups(&self.requests.to_string()),
            digits_in_groups(&self.input.to_string()),
            digits_in_groups(&self.output.to_string()),
        );
        for (share, what) in [
            (self.cached, "of the input read from the cache"),
            (self.cache_writes, "of the input written to the cache"),
            (self.batch, "of the requests in batches"),
        ] {
            if !share.is_zero() {
                let percent = (share * Decimal::ONE_HUNDRED).normalize();
                text.push_str(&format!("; {percent} % {what}"));
            }
        }
        text
    }

    /// What is wrong with it, if anything is.
    pub fn problem(&self) -> Option<WorkloadProblem> {
        let problem = |key, expected: &str, found: String| {
            Some(WorkloadProblem {
                key,
                expected: expected.to_string(),
                found,
            })
        };
        let shares = [
            ("cached", self.cached),
            ("cache_writes", self.cache_writes),
            ("batch", self.batch),
        ];
        for (key, share) in shares {
            if share < Decimal::ZERO || share > Decimal::ONE {
                return problem(key, "a share from 0.0 to 1.0", share.to_string());
            }
        }
        if self.cached + self.cache_writes > Decimal::ONE {
            let expected = "a share that is at most 1.0 together with cached";
            let found = format!("{} beside {}", self.cache_writes, self.cached);
            return problem("cache_writes", expected, found);
        }
        let counts = [
            ("requests", self.requests),
            ("input", self.input),
            ("output", self.output),
        ];
        for (key, count) in counts {
            if count > MOST {
                return problem(key, &format!("at most {MOST}"), count.to_string());
            }
        }
        if self.input == 0 && self.output == 0 {
            return problem("input", "tokens of input or output", "none".to_string());
        }
        match self.requests {
            0 => problem("requests", "at least 1", "0".to_string()),
            _ => None,
        }
    }
}

/// What is wrong with a workload.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: expected {expected}, found {found}")]
pub struct WorkloadProblem {
    /// Which of its parts.
    pub key: &'static str,
    /// What was expected there.
    pub expected: String,
    /// What was found.
    pub found: String,
}

/// Where a workload may run. What is empty bounds nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Only at these providers.
    pub providers: Vec<String>,
    /// Only where its traffic stays in one of these places, or, if `reach` says so, only where it is called in one.
    pub places: Vec<Place>,
    /// How far its traffic may travel. Empty: anywhere, but not out of `places`, if there are any.
    pub reach: Vec<Reach>,
    /// Only at these stages; empty: at any at which it can be called.
    pub stages: Vec<Stage>,
    /// Only of this interface.
    pub interface: Option<Interface>,
}

/// Why an offering is out of bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Breach {
    /// Of another provider.
    Provider,
    /// The day on which it retires is over.
    Over,
    /// Retired, or at another stage.
    Stage,
    /// No source says at which stage.
    StageUnknown,
    /// Of another interface, or of none that is stated.
    Interface,
    /// In another region.
    Place,
    /// No source says where it runs.
    PlaceUnknown,
    /// Its traffic may travel too far.
    Reach,
    /// No source says how far its traffic may travel.
    ReachUnknown,
}

impl Breach {
    /// The printed words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Provider => "another provider",
            Self::Over => "the day on which it retires is over",
            Self::Stage => "at another stage",
            Self::StageUnknown => "no source says at which stage",
            Self::Interface => "not known to be of the interface wanted",
            Self::Place => "outside the regions wanted",
            Self::PlaceUnknown => "no source says in which region",
            Self::Reach => "its traffic may travel too far",
            Self::ReachUnknown => "no source says how far its traffic may travel",
        }
    }
}

impl Bounds {
    /// What they say: `only at bedrock, staying in eu, stage ga`; `None` where they bound nothing.
    pub fn in_words(&self) -> Option<String> {
        let mut parts = Vec::new();
        if !self.providers.is_empty() {
            parts.push(format!("at {}", self.providers.join(" or ")));
        }
        if !self.places.is_empty() {
            let places: Vec<String> = self.places.iter().map(ToString::to_string).collect();
            let stays = match self.reach.contains(&Reach::Global) {
                true => "called in",
                false => "staying in",
            };
            parts.push(format!("{stays} {}", places.join(" or ")));
        }
        if !self.reach.is_empty() {
            let words: Vec<&str> = self.reach.iter().map(|reach| reach.word()).collect();
            parts.push(format!("reach {}", words.join(" or ")));
        }
        if !self.stages.is_empty() {
            let words: Vec<&str> = self.stages.iter().map(|stage| stage.word()).collect();
            parts.push(format!("stage {}", words.join(" or ")));
        }
        if let Some(interface) = self.interface {
            parts.push(interface.word().to_string());
        }
        (!parts.is_empty()).then(|| format!("only {}", parts.join(", ")))
    }

    /// Why the offering is out of them: the first reason, `None` if it is within. What is not known to be within is out.
    pub fn breach(&self, offer: &Offer, now: Timestamp) -> Option<Breach> {
        let provider = offer.subject.provider.as_str();
        if !self.providers.is_empty() && !self.providers.iter().any(|own| own == provider) {
            return Some(Breach::Provider);
        }
        if offer.is_over(now) {
            return Some(Breach::Over);
        }
        let stage = offer.stage();
        let is_wanted = match self.stages.as_slice() {
            [] => !matches!(stage, Stage::Retired | Stage::Announced),
            stages => stages.contains(&stage),
        };
        if !is_wanted {
            return Some(match stage {
                Stage::Unknown => Breach::StageUnknown,
                _ => Breach::Stage,
            });
        }
        if let Some(wanted) = self.interface {
            let stated = offer.facts.get(&Attribute::Interface);
            if stated.is_none_or(|fact| fact.value != Value::Interface(wanted)) {
                return Some(Breach::Interface);
            }
        }
        self.breach_of_place(offer)
    }

    fn breach_of_place(&self, offer: &Offer) -> Option<Breach> {
        let reach = offer.reach();
        if !self.reach.is_empty() {
            match reach {
                None => return Some(Breach::ReachUnknown),
                Some(reach) if !self.reach.contains(&reach) => return Some(Breach::Reach),
                Some(_) => {}
            }
        }
        if self.places.is_empty() {
            return None;
        }
        let region = &offer.subject.region;
        if !region.is_stated() {
            return Some(Breach::PlaceUnknown);
        }
        if !self.places.iter().any(|place| place.holds(region.as_str())) {
            return Some(Breach::Place);
        }
        match reach {
            Some(Reach::InRegion) => None,
            Some(Reach::Geo) if self.stays_within(offer) => None,
            // the user has said that traffic which leaves the regions will do
            Some(Reach::Global) if self.reach.contains(&Reach::Global) => None,
            Some(_) => Some(Breach::Reach),
            None => Some(Breach::ReachUnknown),
        }
    }

    /// Whether a geography's traffic stays in the places: by the regions that it leads to, or else by its own term.
    fn stays_within(&self, offer: &Offer) -> bool {
        let destinations = Attribute::Capability("destination_regions".into());
        if let Some(Value::Set(regions)) = offer.facts.get(&destinations).map(|fact| &fact.value) {
            let holds = |region: &str| self.places.iter().any(|place| place.holds(region));
            return !regions.is_empty() && regions.iter().all(|region| holds(region));
        }
        let term = offer.subject.deployment.as_deref().unwrap_or_default();
        let region = offer.subject.region.as_str();
        self.places
            .iter()
            .any(|place| place.holds_geography(term, region))
    }
}
