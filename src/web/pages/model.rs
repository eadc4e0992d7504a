//! A model: where it is sold, since when and until when, for how much, how soon it answers, what to fall back to, what changed.

mod sold;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use minijinja::Value as Safe;
use serde::Serialize;

use crate::landscape::end;
use crate::market::{Alternative, Attribute, Price, Replacement, identify};
use crate::outlook::compared::{Compared, amount};
use crate::outlook::landscape::lab_of;
use crate::outlook::prices::{Paid, Past};
use crate::outlook::speeds::{models, percentile};
use crate::outlook::ways_out;
use crate::render::one_line;
use crate::store::{ChangeFilter, Changes, SeriesKind};
use crate::web::answer::Answer;
use crate::web::page;
use crate::web::refusal::Refusal;
use crate::web::route::Asked;
use crate::web::shared::{ChangeLine, Link, drawn};
use crate::web::shown::address;
use sold::Seller;

/// Changes that are shown.
const CHANGES: usize = 40;
/// How long ago the first of them may have been.
const LOOKS_BACK: SignedDuration = SignedDuration::from_hours(366 * 24);
/// Calls of so long tell how soon it answers.
const CALLS: SignedDuration = SignedDuration::from_hours(7 * 24);

#[derive(Serialize)]
struct View {
    lab: Link,
    providers: usize,
    offerings: usize,
    open_on: Vec<Link>,
    input: Option<Lowest>,
    output: Option<Lowest>,
    /// The day that comes next on which it retires somewhere.
    ends: Option<(String, Link)>,
    sellers: Vec<Seller>,
    elsewhere: Vec<Way>,
    replacements: Vec<Move>,
    spreads: Vec<Differing>,
    charts: Vec<Safe>,
    answers: Vec<Answering>,
    changes: Vec<ChangeLine>,
    all_changes: String,
    price_page: String,
}

#[derive(Serialize)]
struct Lowest {
    amount: String,
    at: Vec<Link>,
}

/// Who sells it for good.
#[derive(Serialize)]
struct Way {
    provider: Link,
    native_id: String,
    is_ga: bool,
    input: Option<String>,
    output: Option<String>,
    ends: Option<String>,
    answers: Option<String>,
}

/// What a provider says to move to.
#[derive(Serialize)]
struct Move {
    provider: Link,
    named: String,
    model: Option<Link>,
    offered_on: Vec<Link>,
}

/// Sources that differ about a price.
#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
struct Differing {
    of: String,
    meter: String,
    believed: String,
    source: String,
    other: String,
    other_source: String,
    class: &'static str,
}

/// How soon it answered us.
#[derive(Serialize)]
struct Answering {
    provider: Link,
    native_id: String,
    region: String,
    n: usize,
    failed: usize,
    p50: Option<String>,
    p95: Option<String>,
    speed: Option<String>,
}

/// Makes the page.
pub(super) fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let query = &asked.query;
    let model = format!("{}/{}", query.part("lab"), query.part("model"));
    let found = Compared::of(asked.store, model, None, asked.now)?;
    if found.offers.is_empty() {
        return Err(missing(&found.model));
    }
    let changes = asked.store.changes(&ChangeFilter {
        model: Some(found.model.clone()),
        since: asked.now.checked_sub(LOOKS_BACK).ok(),
        ..ChangeFilter::default()
    })?;
    let offers = &found.offers;
    let way_out = ways_out::way_out(
        asked.store,
        found.model.clone(),
        offers,
        &BTreeSet::new(),
        asked.now,
    )?;
    let providers: BTreeSet<&str> = offers
        .iter()
        .map(|offer| offer.subject.provider.as_str())
        .collect();
    let lab = lab_of(&found.model).to_string();
    let view = View {
        lab: Link {
            address: address("/", [("lab", lab.as_str())]),
            name: lab,
        },
        providers: providers.len(),
        offerings: offers.len(),
        open_on: found.open_on().into_iter().map(Link::provider).collect(),
        input: lowest(&found, "input"),
        output: lowest(&found, "output"),
        ends: next_end(&found),
        sellers: sold::sellers(&found),
        elsewhere: way_out.elsewhere.iter().map(way).collect(),
        replacements: found.replacements.iter().map(to_move_to).collect(),
        spreads: differing(&found),
        charts: charts(asked, &found.model)?,
        answers: answering(asked, &found.model)?,
        changes: ChangeLine::newest(asked, &changes, CHANGES),
        all_changes: address("/changes", [("model", found.model.as_str())]),
        price_page: address("/prices", [("model", found.model.as_str())]),
    };
    page::page(asked.site, ("/", &found.model), "model.html", &view)
}

fn missing(model: &str) -> Refusal {
    let model = one_line(model, 120);
    let meant = identify(None, &model).model;
    let meant = meant.or_else(|| identify(None, model.rsplit('/').next()?).model);
    let meant = meant.filter(|meant| *meant != model);
    let meant = meant.map_or(String::new(), |meant| format!("; its name may be {meant}"));
    Refusal::Missing(format!("no source speaks of a model {model}{meant}"))
}

/// The lowest believed price of a meter that can be had, and who asks it.
fn lowest(found: &Compared, meter: &str) -> Option<Lowest> {
    let (alternatives, attribute) = (found.offers.iter(), Attribute::price(meter));
    let prices = alternatives.filter_map(|offer| {
        use crate::market::{Stage, Value};
        let is_sold = !matches!(offer.stage_at(found.now), Stage::Retired | Stage::Announced);
        match &offer.facts.get(&attribute)?.value {
            Value::Price(price) if is_sold && price.is_usd_per_million_tokens() => {
                Some((price.amount, offer.subject.provider.as_str()))
            }
            _ => None,
        }
    });
    let prices: Vec<_> = prices.collect();
    let least = prices.iter().map(|(amount, _)| *amount).min()?;
    let at: BTreeSet<&str> = prices
        .iter()
        .filter(|(amount, _)| *amount == least)
        .map(|(_, provider)| *provider)
        .collect();
    Some(Lowest {
        amount: crate::render::dollars(least),
        at: at.into_iter().map(Link::provider).collect(),
    })
}

fn next_end(found: &Compared) -> Option<(String, Link)> {
    let ends = found.offers.iter().filter_map(|offer| {
        let day = end(offer).filter(|day| day.ends() > found.now)?;
        Some((day, offer.subject.provider.as_str()))
    });
    let (day, provider) = ends.min_by_key(|(day, provider)| (day.starts(), *provider))?;
    Some((day.to_string(), Link::provider(provider)))
}

fn way(one: &Alternative) -> Way {
    let said = |price: &Option<Price>| price.as_ref().map(ToString::to_string);
    let answers = one.answers.map(|answers| {
        let what = match answers.is_token {
            true => "first token",
            false => "first byte of an endpoint",
        };
        format!(
            "{} ms to the {what} (n {})",
            answers.median.as_millis(),
            answers.n
        )
    });
    Way {
        provider: Link::provider(&one.provider),
        native_id: one.native_id.clone(),
        is_ga: one.is_ga,
        input: said(&one.input),
        output: said(&one.output),
        ends: one.ends.map(|day| day.to_string()),
        answers,
    }
}

fn to_move_to(replacement: &Replacement) -> Move {
    let offered_on = replacement.offered_on.iter();
    Move {
        provider: Link::provider(&replacement.provider),
        named: one_line(&replacement.named, 200),
        model: replacement.model.as_deref().map(Link::model),
        offered_on: offered_on.map(|name| Link::provider(name)).collect(),
    }
}

fn differing(found: &Compared) -> Vec<Differing> {
    let all: BTreeSet<Differing> = found
        .offers
        .iter()
        .flat_map(|offer| {
            let of = format!("{} {}", offer.subject.provider, offer.subject.native_id);
            offer.spreads.iter().map(move |spread| Differing {
                of: of.clone(),
                meter: Attribute::Price(spread.meter.clone()).to_string(),
                believed: amount(&spread.believed.value),
                source: spread.believed.source.probe.to_string(),
                other: amount(&spread.other.value),
                other_source: spread.other.source.probe.to_string(),
                class: spread.class.words(),
            })
        })
        .collect();
    all.into_iter().collect()
}

fn charts(asked: &Asked<'_>, model: &str) -> Result<Vec<Safe>, Refusal> {
    let past = Past::of(asked.store, model, asked.now)?;
    let charts = [Paid::Input, Paid::Output].map(|paid| past.chart(paid, asked.now));
    charts.iter().flatten().map(drawn).collect()
}

fn answering(asked: &Asked<'_>, model: &str) -> Result<Vec<Answering>, Refusal> {
    let since = asked.now.checked_sub(CALLS).unwrap_or(Timestamp::MIN);
    let mut known: BTreeMap<(String, String), bool> = BTreeMap::new();
    let is_meant = |provider: &str, native_id: &str| {
        let denoted = identify(Some(provider), native_id).model;
        denoted.as_deref() == Some(model)
    };
    let until = asked.now + SignedDuration::from_secs(1);
    let called = models(asked.store, [since, until], |series| {
        series.kind == SeriesKind::Model
    })?;
    let lines = called
        .iter()
        .filter_map(|([provider, native_id, region], calls)| {
            let key = (provider.clone(), native_id.clone());
            let is_it = *known
                .entry(key)
                .or_insert_with(|| is_meant(provider, native_id));
            let first = calls.times(|row| row.figures.first_content);
            let speed = calls.sorted(|row| row.figures.speed.after_first);
            let told = |sorted: &[f64], percent: u8| {
                percentile(sorted, percent).map(|figure| format!("{figure:.0}"))
            };
            is_it.then(|| Answering {
                provider: Link::provider(provider),
                native_id: native_id.clone(),
                region: region.clone(),
                n: calls.good.len(),
                failed: calls.failed(),
                p50: told(&first, 50),
                p95: told(&first, 95),
                speed: told(&speed, 50),
            })
        });
    Ok(lines.collect())
}
