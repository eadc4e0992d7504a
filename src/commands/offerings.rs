//! `offerings`: the facts, now or as of any time.

use std::collections::BTreeMap;

use super::Setup;
use super::output::{Format, objects, print, table};
use super::{known, say};
use crate::market::{
    Attribute, DateKind, Identity, Interface, OfferingFact, PriceMeter, Subject, Value,
};
use crate::outlook::objects as found;
use crate::store::{OfferingFilter, Offerings};

/// `bellwether offerings`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// As believed at this time: 2026-06-03, 2026-06-03T12:00:00Z, or an age such as 30d.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Of this provider.
    #[arg(long)]
    provider: Option<String>,
    /// Of this model (anthropic/claude-sonnet-4.5, claude-sonnet-4.5), or whose native id holds this text.
    #[arg(long)]
    model: Option<String>,
    /// In this region.
    #[arg(long)]
    region: Option<String>,
    /// With this interface: stateless, stateful or platform.
    #[arg(long, value_parser = interface)]
    interface: Option<Interface>,
}

fn interface(word: &str) -> Result<Interface, &'static str> {
    Interface::from_word(word).ok_or("expected stateless, stateful or platform")
}

/// Runs the command.
pub fn run(setup: &Setup, arguments: &Arguments) -> anyhow::Result<()> {
    let now = crate::daemon::clock::now();
    let at = arguments.at.as_deref();
    let at = at
        .map(|text| super::setup::time(text, &setup.settings.zone, now))
        .transpose()?;
    let filter = OfferingFilter {
        at,
        provider: arguments.provider.clone(),
        model: arguments.model.clone(),
        region: arguments.region.clone(),
        interface: arguments.interface,
        ..OfferingFilter::default()
    };
    let store = setup.open_for_reading()?;
    let facts = store.offerings(&filter)?;
    if facts.is_empty() {
        known::check_provider(setup, &store, arguments.provider.as_deref())?;
    }
    let until = at.unwrap_or(now);
    match setup.format {
        Format::Table if facts.is_empty() => say("no offerings known"),
        Format::Table => print(&for_people(&facts)),
        format => objects(format, &found::facts(&facts, until)),
    }
    Ok(())
}

/// One line an offering: what the highest authority says of what matters most.
fn for_people(facts: &[OfferingFact]) -> String {
    let mut offerings: BTreeMap<&Subject, Vec<&OfferingFact>> = BTreeMap::new();
    for fact in facts {
        offerings.entry(&fact.subject).or_default().push(fact);
    }
    let rows: Vec<Vec<String>> = offerings
        .iter()
        .map(|(subject, facts)| {
            // facts of one attribute stand highest authority first
            let best = |attribute: &Attribute| {
                let fact = facts
                    .iter()
                    .find(|fact| fact.attribute.as_deref() == Some(attribute));
                fact.and_then(|fact| fact.value.as_deref())
            };
            let shown = |value: Option<&Value>| match value {
                Some(Value::Price(price)) if price.is_usd_per_million_tokens() => {
                    price.amount.to_string()
                }
                Some(value) => value.to_string(),
                None => String::new(),
            };
            let price = |meter: &str| {
                let meter = PriceMeter {
                    meter: meter.into(),
                    tier: None,
                    over: None,
                };
                shown(best(&Attribute::Price(meter)))
            };
            let mut sources: Vec<String> =
                facts.iter().map(|fact| fact.source.to_string()).collect();
            sources.sort();
            sources.dedup();
            let identity = subject.identity();
            let model = identity.as_ref().and_then(Identity::closest);
            vec![
                subject.provider.to_string(),
                subject.native_id.to_string(),
                model.unwrap_or_default().to_string(),
                subject.region.to_string(),
                subject.deployment.as_deref().unwrap_or("").to_string(),
                shown(best(&Attribute::Interface)),
                shown(best(&Attribute::Stage)),
                shown(best(&Attribute::Date(DateKind::Retires))),
                price("input"),
                price("output"),
                shown(best(&Attribute::Limit("context".into()))),
                sources.join(" "),
            ]
        })
        .collect();
    let header = [
        "PROVIDER",
        "NATIVE ID",
        "MODEL",
        "REGION",
        "DEPLOYMENT",
        "INTERFACE",
        "STAGE",
        "RETIRES",
        "$IN/1M",
        "$OUT/1M",
        "CONTEXT",
        "SOURCES",
    ];
    table(&header, &rows)
}
