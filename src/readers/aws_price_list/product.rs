//! What a product of an offer prices: of which model, in which deployment, by which meter.

use super::offer::Attributes;
use super::usage::{self, Scope, Usage};
use crate::market::PriceMeter;
use crate::readers::folding::{folded, shortened};

/// The offer's own spelling of the model, else of the service.
pub fn name(attributes: &Attributes, usage: Option<&Usage>) -> Option<String> {
    let of_usage = |wanted: bool| {
        let usage = usage.filter(|usage| usage.mantle == wanted)?;
        usage.model.clone()
    };
    let text =
        |names: &[&str]| Some(folded(attributes.first(names))).filter(|text| !text.is_empty());
    let service = text(&["servicename"]);
    let general = |name: &String| name.starts_with("Amazon Bedrock");
    of_usage(true)
        .or_else(|| text(&["modelId", "model", "titanModel"]))
        .or_else(|| service.clone().filter(|name| !general(name)))
        .or_else(|| of_usage(false))
        .or(service)
        .or_else(|| text(&["servicecode"]))
}

/// The term of the deployment that a token meter is of.
pub fn deployment(usage: &Usage) -> String {
    match (usage.mantle, usage.scope) {
        (false, Scope::Regional) => "on-demand".to_string(),
        (false, Scope::Geo(geo)) => format!("profile:{geo}"),
        (false, Scope::Global) => "profile:global".to_string(),
        (true, Scope::Regional) => "mantle".to_string(),
        (true, Scope::Geo(geo)) => format!("mantle:{geo}"),
        (true, Scope::Global) => "mantle:global".to_string(),
    }
}

/// The term of what is paid for by the hour.
pub fn provisioned(attributes: &Attributes) -> Option<String> {
    let stated = ["feature", "usagetype"].map(|name| attributes.text(name).to_lowercase());
    stated
        .iter()
        .any(|text| text.contains("provisioned"))
        .then(|| "provisioned".to_string())
}

/// The meter of what is no token of input, output or cache: the usage type's own words.
pub fn other_meter(attributes: &Attributes) -> PriceMeter {
    let usage_type = attributes.text("usagetype");
    let stated = usage::marketplace(usage_type).unwrap_or(usage::without_region(usage_type));
    let stated = match stated {
        "" => attributes.first(&["inferenceType", "operation", "groupDescription"]),
        stated => stated,
    };
    let lower = stated.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let meter = shortened(&words.join("_"), 100);
    PriceMeter {
        meter: if meter.is_empty() {
            "usage".into()
        } else {
            meter.into()
        },
        tier: None,
        over: None,
    }
}
