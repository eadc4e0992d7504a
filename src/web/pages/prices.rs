//! Prices: one meter on every offering, the past of one model's price, and what moved lately.

use jiff::SignedDuration;
use minijinja::Value as Safe;
use serde::Serialize;

use crate::market::{Attribute, ChangeKind, Place, PriceMeter, identify};
use crate::outlook::landscape::Found;
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
/// What is compared where no meter is named.
const USUAL: &str = "input";
/// The other meters that a form offers; any is asked for by its name.
const METERS: [&str; 8] = [
    "output",
    "cache_read",
    "cache_write",
    "cache_write_5m",
    "cache_write_1h",
    "input_audio",
    "output_audio",
    "image",
];
/// The tiers of service beside the usual one.
const TIERS: [&str; 3] = ["batch", "flex", "priority"];
/// The tier where none is named.
const STANDARD: &str = "standard";

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

/// Which prices are asked for, as the address says it.
struct Filter<'a> {
    meter: String,
    tier: &'a str,
    model: Option<&'a str>,
    lab: Option<&'a str>,
    provider: Option<&'a str>,
    region: Option<Place>,
}

/// Makes the page.
pub(super) fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let whole = asked.site.landscape(asked.store, asked.now)?;
    let filter = Filter::read(asked, &whole)?;
    let wanted = filter.wanted();
    let all = lines(asked.store, &wanted, asked.now)?;
    let pages = Pages::of(asked, "/prices", all.len(), LINES)?;
    let shown = all.iter().skip(Pages::skipped(pages.as_ref())).take(LINES);
    let charted = one_model(&all, filter.model);
    let paid = match filter.meter.as_str() {
        "output" => Paid::Output,
        _ => Paid::Input,
    };
    let chart = match &charted {
        Some(model) => Past::of(asked.store, model, asked.now)?.chart(paid, asked.now),
        None => None,
    };
    let changes = asked.store.changes(&ChangeFilter {
        kind: Some(ChangeKind::PriceChanged),
        provider: filter.provider.map(str::to_string),
        model: filter.model.map(str::to_string),
        lab: filter.lab.map(str::to_string),
        since: asked.now.checked_sub(LOOKS_BACK).ok(),
        ..ChangeFilter::default()
    })?;
    let view = View {
        form: filter.form(&whole),
        is_narrowed: filter.narrows(),
        meter: Attribute::Price(wanted.meter.clone()).to_string(),
        lines: shown.map(|line| line_view(asked, line)).collect(),
        count: all.len(),
        pages,
        chart: chart.as_ref().map(drawn).transpose()?,
        charted: charted.as_deref().map(Link::model),
        changes: ChangeLine::newest(asked, &changes, CHANGES),
        all_changes: filter.all_changes(),
    };
    page::page(asked.site, ("/prices", "Prices"), "prices.html", &view)
}

impl<'a> Filter<'a> {
    fn read(asked: &'a Asked<'_>, whole: &Found) -> Result<Self, Refusal> {
        let query = &asked.query;
        let providers = whole.spoken_of.iter();
        let meter = query.parsed("meter", "a meter such as input or cache_read", word)?;
        let region = query.parsed("region", "a region", Place::from_word)?;
        if let Some(place) = &region {
            check_place(asked, place)?;
        }
        Ok(Self {
            meter: meter.unwrap_or_else(|| USUAL.to_string()),
            tier: one_of(query, "tier", TIERS.into_iter().chain([STANDARD]))?.unwrap_or(STANDARD),
            model: query.one("model")?,
            lab: one_of(query, "lab", labs(whole))?,
            provider: one_of(query, "provider", providers)?,
            region,
        })
    }

    fn wanted(&self) -> Meter {
        Meter {
            meter: PriceMeter {
                meter: self.meter.as_str().into(),
                tier: (self.tier != STANDARD).then(|| self.tier.into()),
                over: None,
            },
            model: self.model.map(str::to_string),
            lab: self.lab.map(str::to_string),
            provider: self.provider.map(str::to_string),
            region: self.region.clone(),
        }
    }

    fn narrows(&self) -> bool {
        let named = [self.model, self.lab, self.provider];
        named.iter().any(Option::is_some)
            || self.region.is_some()
            || self.meter != USUAL
            || self.tier != STANDARD
    }

    fn form(&self, whole: &Found) -> Form {
        let providers = whole.spoken_of.iter().map(String::as_str);
        Form {
            meters: choices(with(&METERS, &self.meter), Some(&self.meter)),
            tiers: choices(TIERS, Some(self.tier)),
            model: self.model.unwrap_or_default().to_string(),
            labs: choices(labs(whole), self.lab),
            providers: choices(providers, self.provider),
            region: self.region.as_ref().map_or(String::new(), Place::to_string),
        }
    }

    fn all_changes(&self) -> String {
        address(
            "/changes",
            [
                ("kind", "price_changed"),
                ("provider", self.provider.unwrap_or_default()),
                ("lab", self.lab.unwrap_or_default()),
                ("model", self.model.unwrap_or_default()),
            ],
        )
    }
}

/// A meter's word: small letters, digits and what joins them.
fn word(text: &str) -> Option<String> {
    let is_one = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    (text.len() <= 60 && text.chars().all(is_one)).then(|| text.to_string())
}

fn with<'a>(usual: &[&'a str], own: &'a str) -> Vec<&'a str> {
    let mut all = usual.to_vec();
    if own != USUAL && !all.contains(&own) {
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
