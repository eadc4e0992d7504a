//! Prices: one meter on every offering, the past of one model's price, and what moved lately.

use jiff::SignedDuration;
use minijinja::Value as Safe;
use serde::Serialize;

use crate::market::{Attribute, ChangeKind, Place, PriceMeter, identify};
use crate::outlook::meters::{Asked as Meter, Line, lines};
use crate::outlook::moments::age;
use crate::outlook::prices::{Paid, Past};
use crate::store::{ChangeFilter, Changes};
use crate::web::answer::Answer;
use crate::web::page;
use crate::web::pages::landscape::cell::class;
use crate::web::pages::landscape::filter::{check_place, labs};
use crate::web::refusal::Refusal;
use crate::web::route::Asked;
use crate::web::shared::{ChangeLine, Link, Pages, drawn};
use crate::web::shown::{Choice, address, choices, one_of};

/// Lines of a page.
const LINES: usize = 100;
/// Changes that are shown.
const CHANGES: usize = 40;
/// How long ago the first of them may have been.
const LOOKS_BACK: SignedDuration = SignedDuration::from_hours(90 * 24);
/// The meters that a form offers; any other is asked for by its name.
const METERS: [&str; 9] = [
    "input",
    "output",
    "cache_read",
    "cache_write",
    "cache_write_5m",
    "cache_write_1h",
    "input_audio",
    "output_audio",
    "image",
];
/// The tiers of service.
const TIERS: [&str; 4] = ["standard", "batch", "flex", "priority"];

#[derive(Serialize)]
struct View {
    form: Form,
    is_narrowed: bool,
    meter: String,
    lines: Vec<LineView>,
    count: usize,
    pages: Option<Pages>,
    chart: Option<Safe>,
    charted: Option<Link>,
    changes: Vec<ChangeLine>,
    all_changes: String,
}

#[derive(Serialize)]
struct Form {
    meters: Vec<Choice>,
    tiers: Vec<Choice>,
    model: String,
    labs: Vec<Choice>,
    providers: Vec<Choice>,
    region: String,
}

#[derive(Serialize)]
struct LineView {
    model: Link,
    provider: Link,
    native_id: String,
    deployment: Option<String>,
    regions: Vec<String>,
    more: usize,
    stage: &'static str,
    class: &'static str,
    price: String,
    source: String,
    since: String,
    confirmed: Option<String>,
}

/// Makes the page.
pub(super) fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let query = &asked.query;
    let whole = asked.site.landscape(asked.store, asked.now)?;
    let providers = || whole.spoken_of.iter().map(String::as_str);
    let meter = query.parsed("meter", "a meter such as input or cache_read", word)?;
    let meter = meter.unwrap_or_else(|| "input".to_string());
    let tier = one_of(query, "tier", TIERS)?.unwrap_or("standard");
    let lab = one_of(query, "lab", labs(&whole))?;
    let provider = one_of(query, "provider", providers())?;
    let model = query.one("model")?;
    let region = query.parsed("region", "a region", Place::from_word)?;
    if let Some(place) = &region {
        check_place(asked, place)?;
    }
    let wanted = Meter {
        meter: PriceMeter {
            meter: meter.as_str().into(),
            tier: (tier != "standard").then(|| tier.into()),
            over: None,
        },
        model: model.map(str::to_string),
        lab: lab.map(str::to_string),
        provider: provider.map(str::to_string),
        region,
    };
    let all = lines(asked.store, &wanted, asked.now)?;
    let pages = Pages::of(asked, "/prices", all.len(), LINES)?;
    let shown = all.iter().skip(Pages::skipped(pages.as_ref())).take(LINES);
    let charted = one_model(&all, model);
    let paid = match meter.as_str() {
        "output" => Paid::Output,
        _ => Paid::Input,
    };
    let chart = match &charted {
        Some(model) => Past::of(asked.store, model, asked.now)?.chart(paid, asked.now),
        None => None,
    };
    let changes = asked.store.changes(&ChangeFilter {
        kind: Some(ChangeKind::PriceChanged),
        provider: provider.map(str::to_string),
        model: model.map(str::to_string),
        lab: lab.map(str::to_string),
        since: asked.now.checked_sub(LOOKS_BACK).ok(),
        ..ChangeFilter::default()
    })?;
    let view = View {
        form: Form {
            meters: choices(with(&METERS, &meter), Some(&meter)),
            tiers: choices(TIERS, Some(tier)),
            model: model.unwrap_or_default().to_string(),
            labs: choices(labs(&whole), lab),
            providers: choices(providers(), provider),
            region: wanted
                .region
                .as_ref()
                .map_or(String::new(), Place::to_string),
        },
        is_narrowed: wanted.model.is_some()
            || lab.is_some()
            || provider.is_some()
            || wanted.region.is_some()
            || meter != "input"
            || tier != "standard",
        meter: Attribute::Price(wanted.meter.clone()).to_string(),
        lines: shown.map(|line| line_view(asked, line)).collect(),
        count: all.len(),
        pages,
        chart: chart.as_ref().map(drawn).transpose()?,
        charted: charted.as_deref().map(Link::model),
        changes: ChangeLine::newest(asked, &changes, CHANGES),
        all_changes: address(
            "/changes",
            [
                ("kind", "price_changed"),
                ("provider", provider.unwrap_or_default()),
                ("lab", lab.unwrap_or_default()),
                ("model", model.unwrap_or_default()),
            ],
        ),
    };
    page::page(asked.site, ("/prices", "Prices"), "prices.html", &view)
}

/// A meter's word: small letters, digits and what joins them.
fn word(text: &str) -> Option<String> {
    let is_one = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    (text.len() <= 60 && text.chars().all(is_one)).then(|| text.to_string())
}

fn with<'a>(usual: &[&'a str], own: &'a str) -> Vec<&'a str> {
    let mut all = usual.to_vec();
    if !all.contains(&own) {
        all.push(own);
    }
    all
}

/// The model whose past is drawn: the one that is named, or the only one that fits.
fn one_model(lines: &[Line], named: Option<&str>) -> Option<String> {
    let named = named?;
    if let Some(model) = identify(None, named).model
        && lines.iter().any(|line| line.model == model)
    {
        return Some(model);
    }
    let first = lines.first()?;
    let is_only = lines.iter().all(|line| line.model == first.model);
    is_only.then(|| first.model.clone())
}

fn line_view(asked: &Asked<'_>, line: &Line) -> LineView {
    const NAMED: usize = 4;
    let subject = &line.offer.subject;
    let confirmed = line.stated.confirmed_at;
    LineView {
        model: Link::model(&line.model),
        provider: Link::provider(subject.provider.as_str()),
        native_id: subject.native_id.to_string(),
        deployment: subject.deployment.as_deref().map(str::to_string),
        regions: line.regions.iter().take(NAMED).cloned().collect(),
        more: line.regions.len().saturating_sub(NAMED),
        stage: line.stage.word(),
        class: class(line.stage),
        price: line.price.to_string(),
        source: line.stated.source.probe.to_string(),
        since: line.stated.since.strftime("%Y-%m-%d").to_string(),
        confirmed: confirmed.map(|at| age(asked.now, at)),
    }
}
