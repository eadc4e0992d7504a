//! What the sources of each provider tell, and which is the first.

use super::super::course::{Channel, Touch};
use super::super::moment::Offer;
use super::super::script::{Day, Facts};
use crate::market::{Attribute, Price, Stage, Value};

/// By meter and tier, USD per 1M tokens.
pub type Prices = std::collections::BTreeMap<String, String>;

/// What holds of an offer, apart from its course.
pub struct Owned {
    pub stage: Stage,
    pub facts: Facts,
    pub prices: Prices,
}

/// What holds of an offer by itself.
pub fn owned(offer: Offer<'_>) -> Owned {
    let prices = offer.places.first().map(|place| place.price.clone());
    Owned {
        stage: offer.stage(),
        prices: prices.unwrap_or_default(),
        facts: offer.facts,
    }
}

/// The probe that alone tells a value, where there is but one.
pub fn by(provider: &str, attribute: &Attribute) -> Option<&'static str> {
    match (provider, attribute) {
        ("vertex", Attribute::Stage) => Some("vertex.models"),
        ("vertex", Attribute::Price(_)) => Some("vertex.skus"),
        _ => None,
    }
}

/// Whether an event is among those that touch an offer.
pub fn touches(touches: &[Touch], event: usize) -> bool {
    touches.iter().any(|touch| touch.event == event)
}

/// The provider's id and its name on pages.
pub fn names(offer: &Offer<'_>) -> Vec<String> {
    let mut names = vec![offer.id.to_string()];
    if offer.name != offer.id {
        names.push(offer.name.to_string());
    }
    names
}

/// A price of tokens.
pub fn price(text: &str) -> Option<Value> {
    let amount: rust_decimal::Decimal = text.parse().ok()?;
    Some(Value::Price(Price::usd_per_million_tokens(
        amount.normalize(),
    )))
}

/// Which channel is the first to tell what, and how; nothing where no source of the provider tells it.
pub struct Told {
    pub stage: Option<Channel>,
    /// Whether a deprecation is a word of its own beside the stages.
    says_deprecated: bool,
    /// Whether its lists name a stage for what is generally available.
    says_ga: bool,
    pub deprecated: Option<Channel>,
    pub retires: Option<Channel>,
    pub replacement: Option<Channel>,
    /// Whether its days are floors even where the script is firm.
    pub is_floor: bool,
    pub price: fn(&str) -> Option<Channel>,
}

impl Told {
    /// The stage that its sources say; a page of deprecations says it of all that it names.
    pub fn stage_of(&self, offer: &Owned) -> Option<Stage> {
        let is_ending = self.says_deprecated && matches!(offer.facts.retires, Some(Day::Firm(_)));
        match offer.stage {
            _ if is_ending => Some(Stage::Deprecated),
            Stage::Ga | Stage::Legacy => self.says_ga.then_some(Stage::Ga),
            stage => Some(stage),
        }
    }
}

/// What the sources of a provider tell.
pub fn told(provider: &str) -> Told {
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
