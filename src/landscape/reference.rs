//! Which models stand for a lab, and which make up the price basket: `data/indicators.toml`.

use std::sync::LazyLock;

use jiff::civil::Date;
use serde::Deserialize;

const TEXT: &str = include_str!("../../data/indicators.toml");

static SHIPPED: LazyLock<Reference> =
    LazyLock::new(|| toml::from_str(TEXT).expect("data/indicators.toml is checked by a test"));

/// Which models indicators are counted from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Lines of flagships: of each, the newest model that is offered stands for its lab.
    #[serde(rename = "line")]
    pub lines: Vec<Line>,
    /// Price baskets by the day from which on they hold, in order.
    #[serde(rename = "basket")]
    pub baskets: Vec<Basket>,
}

/// Models that follow one another as what a lab offers best.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The lab.
    pub lab: String,
    /// Their names; `#` stands for a version.
    models: Vec<String>,
}

/// Models whose prices are followed from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basket {
    /// The first day.
    pub from: Date,
    /// The models, each with equal weight.
    pub models: Vec<String>,
}

/// How new a model of a line is: its version, then which pattern it fits.
pub type Rank = (Vec<u32>, usize);

impl Reference {
    /// What is shipped.
    pub fn shipped() -> &'static Self {
        &SHIPPED
    }

    /// The basket that holds on a day; `None` before the first.
    pub fn basket(&self, day: Date) -> Option<&Basket> {
        self.baskets.iter().rfind(|basket| basket.from <= day)
    }
}

impl Line {
    /// How new a model is among those of the line; `None`: it is none of them.
    pub fn rank(&self, model: &str) -> Option<Rank> {
        let ranks = self.models.iter().enumerate();
        ranks
            .filter_map(|(at, pattern)| Some((version(pattern, model)?, at)))
            .max()
    }
}

/// The numbers that stand where the pattern has its `#`; none where it has no `#` and is the name.
fn version(pattern: &str, model: &str) -> Option<Vec<u32>> {
    let Some((before, after)) = pattern.split_once('#') else {
        return (pattern == model).then(Vec::new);
    };
    let text = model.strip_prefix(before)?.strip_suffix(after)?;
    text.split('.').map(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::identify;

    #[test]
    fn what_is_shipped_reads_and_names_models_as_identity_does() {
        let shipped = Reference::shipped();
        assert!(shipped.lines.len() > 10);
        let baskets = &shipped.baskets;
        assert!(baskets.is_sorted_by(|one, next| one.from < next.from));
        for model in baskets.iter().flat_map(|basket| &basket.models) {
            // a reseller may mean another model by the name of one that its lab keeps moving
            let lab = model.split('/').next();
            let denoted = identify(lab, model).model;
            assert_eq!(denoted.as_deref(), Some(model.as_str()));
        }
    }

    #[test]
    fn the_newest_of_a_line_is_told_by_its_version() {
        let line = |models: &[&str]| Line {
            lab: "openai".to_string(),
            models: models.iter().map(ToString::to_string).collect(),
        };
        let gpt = line(&["openai/gpt-#", "openai/gpt-#-sol"]);
        let newest = |names: &[&'static str]| {
            let ranked = names
                .iter()
                .filter_map(|name| Some((gpt.rank(name)?, *name)));
            ranked.max().map(|(_, name)| name)
        };
        let named = [
            "openai/gpt-5.6",
            "openai/gpt-5.6-sol",
            "openai/gpt-5.10",
            "openai/gpt-4o",
        ];
        assert_eq!(newest(&named), Some("openai/gpt-5.10"));
        assert_eq!(newest(&named[..2]), Some("openai/gpt-5.6-sol"));
        assert_eq!(gpt.rank("openai/gpt-5-mini"), None);
        assert_eq!(gpt.rank("openai/gpt-"), None);
        let nova = line(&["amazon/nova-pro", "amazon/nova-#-pro"]);
        assert!(nova.rank("amazon/nova-2-pro") > nova.rank("amazon/nova-pro"));
    }
}
