//! Anthropic's documentation as Markdown.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::super::super::moment::Offer;
use super::super::super::script::Day;
use super::super::super::{Asked, Channel, MARKDOWN, Moment, TEXT, Topic};
use super::super::written::{self, Table, english};
use super::super::{Found, Resource};
use super::{ANTHROPIC, state};
use crate::market::Stage;

/// A page of the documentation.
pub fn page(asked: &Asked) -> Found {
    let offers = || vec![Topic::page(ANTHROPIC)];
    let single = asked
        .path
        .strip_prefix("/docs/en/models/")
        .and_then(|rest| rest.strip_suffix("/overview.md"));
    if let Some(slug) = single {
        let slug = slug.to_string();
        return Resource::new(
            "anthropic.model-pages",
            asked,
            MARKDOWN,
            offers(),
            move |moment| written::text(moment, &model_page(moment, &slug)),
        )
        .into();
    }
    let (probe, topics, make): (_, _, fn(&Moment<'_>) -> String) = match asked.path.as_str() {
        "/docs/en/about-claude/model-deprecations.md" => {
            ("anthropic.deprecations", offers(), deprecations)
        }
        "/docs/en/about-claude/pricing.md" => ("anthropic.pricing", offers(), pricing),
        "/docs/en/models/overview.md" | "/docs/en/about-claude/models/overview.md" => {
            ("anthropic.overview", offers(), overview)
        }
        "/docs/en/release-notes/overview.md" => (
            "anthropic.release-notes",
            vec![Topic::Feed("anthropic.release-notes".into())],
            release_notes,
        ),
        "/llms.txt" => {
            return Resource::new("anthropic.model-pages", asked, TEXT, offers(), |moment| {
                written::text(moment, &index(moment))
            })
            .into();
        }
        _ => return Found::Nothing,
    };
    Resource::new(probe, asked, MARKDOWN, topics, move |moment| {
        written::text(moment, &make(moment))
    })
    .into()
}

fn until(offer: &Offer<'_>, moment: &Moment<'_>) -> String {
    match offer.facts.retires {
        Some(day @ Day::Firm(_)) => english(moment.date(day)),
        Some(day) => format!("Not sooner than {}", english(moment.date(day))),
        None => "N/A".to_string(),
    }
}

fn deprecations(moment: &Moment<'_>) -> String {
    let mut table = Table::new(&[
        "API Model Name",
        "Current State",
        "Deprecated",
        "Tentative Retirement Date",
    ]);
    let mut announced: BTreeMap<Date, Vec<Offer<'_>>> = BTreeMap::new();
    for offer in moment.offers(ANTHROPIC, Channel::Page) {
        let state = match state(&offer) {
            "deprecated" => "Deprecated",
            "retired" => "Retired",
            _ => "Active",
        };
        let since = offer
            .facts
            .deprecated
            .map_or("N/A".to_string(), |day| english(moment.date(day)));
        table.row([
            format!("`{}`", offer.id),
            state.to_string(),
            since,
            until(&offer, moment),
        ]);
        if let Some(day) = offer.facts.deprecated {
            announced.entry(moment.date(day)).or_default().push(offer);
        }
    }
    let table = table.bent(moment, "anthropic.deprecations").markdown();
    let mut text =
        format!("# Model deprecations\n\n## Model status\n\n{table}\n## Deprecation history\n\n");
    for (day, offers) in announced.iter().rev() {
        let mut table = Table::new(&[
            "Retirement Date",
            "Deprecated Model",
            "Recommended Replacement",
        ]);
        for offer in offers {
            let instead = offer
                .facts
                .replacement
                .as_ref()
                .map_or("N/A".to_string(), |id| format!("`{id}`"));
            table.row([until(offer, moment), format!("`{}`", offer.id), instead]);
        }
        let title = offers.first().map_or("", |offer| offer.name);
        let table = table.bent(moment, "anthropic.deprecations").markdown();
        text += &format!(
            "### {day}: {title} model\n\nWe notified developers of its retirement.\n\n{table}\n"
        );
    }
    text
}

/// What is sold, in the order of the script.
fn sold<'w>(moment: &Moment<'w>) -> Vec<Offer<'w>> {
    let mut offers = moment.offers(ANTHROPIC, Channel::Page);
    offers.retain(|offer| offer.stage() != Stage::Retired && offer.price("input").is_some());
    offers
}

/// A price by its meter, or a share of another.
fn price(offer: &Offer<'_>, meter: &str, of: &str, times: Decimal) -> Option<Decimal> {
    let own = offer.price(meter).and_then(|text| text.parse().ok());
    own.or_else(|| Some(offer.price(of)?.parse::<Decimal>().ok()? * times))
}

fn dollars(amount: Option<Decimal>) -> String {
    let amount = amount.map(|amount| amount.normalize());
    amount.map_or("N/A".to_string(), |amount| format!("${amount} / MTok"))
}

fn prices(offer: &Offer<'_>) -> [Option<Decimal>; 5] {
    [
        price(offer, "input", "input", Decimal::ONE),
        price(offer, "cache_write_5m", "input", Decimal::new(125, 2)),
        price(offer, "cache_write_1h", "input", Decimal::TWO),
        price(offer, "cache_read", "input", Decimal::new(1, 1)),
        price(offer, "output", "output", Decimal::ONE),
    ]
}

fn pricing(moment: &Moment<'_>) -> String {
    let mut main = Table::new(&[
        "Model",
        "Base Input Tokens",
        "5m Cache Writes",
        "1h Cache Writes",
        "Cache Hits & Refreshes",
        "Output Tokens",
    ]);
    let mut batch = Table::new(&["Model", "Batch input", "Batch output"]);
    let half = Decimal::new(5, 1);
    for offer in sold(moment) {
        let cells = prices(&offer).map(dollars);
        main.cells([vec![offer.name.to_string()], cells.to_vec()].concat());
        let half = |meter: &str| dollars(price(&offer, &format!("{meter}.batch"), meter, half));
        batch.row([offer.name.to_string(), half("input"), half("output")]);
    }
    let [main, batch] =
        [main, batch].map(|table| table.bent(moment, "anthropic.pricing").markdown());
    format!("# Pricing\n\n## Model pricing\n\n{main}\n## Batch processing\n\n{batch}")
}

fn tokens(limit: Option<u64>) -> String {
    match limit {
        Some(limit) if limit.is_multiple_of(1_000_000) => format!("{}M tokens", limit / 1_000_000),
        Some(limit) if limit.is_multiple_of(1000) => format!("{}K tokens", limit / 1000),
        Some(limit) => format!("{limit} tokens"),
        None => "N/A".to_string(),
    }
}

fn overview(moment: &Moment<'_>) -> String {
    let offers = sold(moment);
    let mut head = vec!["Feature"];
    head.extend(offers.iter().map(|offer| offer.name));
    let mut table = Table::new(&head);
    let mut line = |title: &str, cell: &dyn Fn(&Offer<'_>) -> String| {
        let cells = offers.iter().map(cell);
        table.cells(
            std::iter::once(format!("**{title}**"))
                .chain(cells)
                .collect(),
        );
    };
    line("Description", &|offer| {
        offer
            .model
            .map_or(String::new(), |model| model.about.clone())
    });
    line("Claude API ID", &|offer| offer.id.to_string());
    line("Claude API alias", &|offer| {
        offer.extra("alias").unwrap_or(offer.id).to_string()
    });
    line("Pricing", &|offer| {
        let plain = |meter: &str| offer.price(meter).unwrap_or("0").to_string();
        format!(
            "${} / input MTok<br/>${} / output MTok",
            plain("input"),
            plain("output")
        )
    });
    line("Context window", &|offer| tokens(offer.limit("context")));
    line("Max output", &|offer| tokens(offer.limit("output")));
    format!(
        "# Models overview\n\n{}",
        table.bent(moment, "anthropic.overview").markdown()
    )
}

/// The part of a page's address that stands for a model: without the vendor's word and the date.
fn slug(offer: &Offer<'_>) -> String {
    let plain = offer.id.strip_prefix("claude-").unwrap_or(offer.id);
    let is_stamp = |part: &str| part.len() == 8 && part.bytes().all(|byte| byte.is_ascii_digit());
    match plain.rsplit_once('-') {
        Some((name, stamp)) if is_stamp(stamp) => name.to_string(),
        _ => plain.to_string(),
    }
}

fn index(moment: &Moment<'_>) -> String {
    let line = |offer: &Offer<'_>| {
        format!(
            "- [{}](https://platform.claude.com/docs/en/models/{}/overview.md)\n",
            offer.name,
            slug(offer)
        )
    };
    let lines: String = sold(moment).iter().map(line).collect();
    format!("# Claude Platform\n\n## Models\n\n{lines}")
}

fn model_page(moment: &Moment<'_>, wanted: &str) -> String {
    let offers = sold(moment);
    let Some(offer) = offers.iter().find(|offer| slug(offer) == wanted) else {
        return "# Not found\n".to_string();
    };
    let label = match offer.stage() {
        Stage::Legacy => "Legacy",
        Stage::Deprecated => "Deprecated",
        Stage::Preview => "Research preview",
        Stage::Limited => "Limited availability",
        _ => "Active",
    };
    let released = offer
        .facts
        .launch
        .map(|day| english(moment.date(day)))
        .unwrap_or_default();
    let [input, write_5m, write_1h, read, output] = prices(offer).map(dollars);
    let (context, most) = (
        tokens(offer.limit("context")),
        tokens(offer.limit("output")),
    );
    let mut text = format!(
        "---\ntitle: {name}\nurl: https://platform.claude.com/docs/en/models/{wanted}/overview\ndescription: \"{name} reference.\"\n---\n\n**{label}.** Released {released}.\n\nModel ID: `{id}`\n\nContext window: {context} · Max output: {most} · Input pricing: {input} · Output pricing: {output}\n\n## Specifications\n\n",
        name = offer.name,
        id = offer.id,
    );
    let mut table = Table::new(&["Feature", "Value"]);
    table.row(["5m cache write".to_string(), write_5m]);
    table.row(["1h cache write".to_string(), write_1h]);
    table.row(["Cache read".to_string(), read]);
    text += &table.markdown();
    if offer.facts.retires.is_some() {
        let mut table = Table::new(&["Feature", "Value"]);
        table.row(["Released".to_string(), released]);
        table.row(["Retirement".to_string(), until(offer, moment)]);
        text += &format!("\n{}", table.markdown());
    }
    text
}

fn release_notes(moment: &Moment<'_>) -> String {
    let mut text = "# Claude Platform\n\n".to_string();
    let mut day = String::new();
    for (at, post) in moment.posts("anthropic.release-notes") {
        let of = at.strftime("%B %-d, %Y").to_string();
        if of != day {
            text += &format!("\n### {of}\n\n");
            day = of;
        }
        text += &format!("- {}\n", post.text);
    }
    text
}
