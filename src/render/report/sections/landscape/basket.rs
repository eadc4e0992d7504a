//! What the price basket costs, and where its models cost least.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde_json::{Value as Json, json};

use super::{SOURCE, bare};
use crate::landscape::Course;
use crate::landscape::indicator::{Index, sources};
use crate::market::day_start;
use crate::render::chart::{self, Body, Chart};
use crate::render::line::{counted, dollars, one_line};
use crate::render::report::block::{Block, Bound, Cell, Column, Figure, Table, Tone};
use crate::render::report::landscape::Landscape;

/// How far back the course of prices is drawn, in days.
const LOOKS_BACK: i64 = 180;

/// What the basket costs, and where its models cost least.
pub fn basket(landscape: &Landscape) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    blocks.extend(index(landscape).map(Block::Figure));
    blocks.extend(courses(landscape).into_iter().map(Block::Figure));
    blocks.push(Block::Table(cheapest(landscape)));
    blocks
}

fn index(landscape: &Landscape) -> Option<Figure> {
    let market = &landscape.baskets.market;
    let now = market.at(landscape.last)?;
    let from = landscape.last.saturating_sub(LOOKS_BACK.days());
    let begin = market.levels().first()?.day.max(from);
    let mut series = vec![chart::IndexSeries {
        name: "lowest price".to_string(),
        points: points(market, [begin, landscape.last])?,
    }];
    for (provider, index) in widely(landscape, now.priced).into_iter().take(3) {
        series.push(chart::IndexSeries {
            name: provider.to_string(),
            points: points(index, [begin, landscape.last])?,
        });
    }
    let breaks: Vec<Date> = market
        .levels()
        .iter()
        .filter(|level| level.is_chained && level.day >= begin && level.day <= landscape.last)
        .map(|level| level.day)
        .collect();
    let data: serde_json::Map<String, Json> = series
        .iter()
        .map(|series| {
            let points = series.points.iter();
            let points: Vec<Json> = points
                .map(|(day, value)| json!([day.to_string(), value]))
                .collect();
            (series.name.clone(), Json::Array(points))
        })
        .collect();
    Some(Figure {
        key: "basket",
        chart: Chart {
            title: "Price basket".to_string(),
            unit: "index, 100 at its start; 3 parts of input to 1 of output".to_string(),
            n: now.priced as u64,
            counted: format!("priced models of {}", now.of),
            source: SOURCE.to_string(),
            body: Body::Index(chart::Index {
                from: begin,
                to: landscape.last,
                series,
                breaks,
            }),
        },
        data: Json::Object(data),
        caption: String::new(),
    })
}

/// What an index was on each day from one to another.
fn points(index: &Index, [from, to]: [Date; 2]) -> Option<Vec<(Date, Option<f64>)>> {
    let mut points = Vec::new();
    let mut day = from;
    while day <= to {
        points.push((day, index.at(day).map(|level| level.value)));
        day = day.tomorrow().ok()?;
    }
    Some(points)
}

/// The providers that sell half of the basket or more, those that sell most first.
fn widely(landscape: &Landscape, priced: usize) -> Vec<(&str, &Index)> {
    let providers = landscape.baskets.providers.iter();
    let widely = providers.filter_map(|(provider, index)| {
        let level = index.at(landscape.last)?;
        (level.priced * 2 >= priced).then_some((level.priced, provider.as_str(), index))
    });
    let mut widely: Vec<(usize, &str, &Index)> = widely.collect();
    widely.sort_by_key(|(priced, provider, _)| (std::cmp::Reverse(*priced), *provider));
    let widely = widely.into_iter();
    widely
        .map(|(_, provider, index)| (provider, index))
        .collect()
}

/// Keys of the courses of prices that are drawn.
const COURSES: [&str; 3] = ["price-1", "price-2", "price-3"];

/// How the prices went that moved most in the span; those of watched models first.
fn courses(landscape: &Landscape) -> Vec<Figure> {
    let mut moved: Vec<(bool, f64, &str, &BTreeMap<String, Course>)> = landscape
        .history
        .models()
        .filter_map(|(model, courses)| {
            let most = courses.values().filter_map(|course| {
                let was = course.at(landscape.eve())?.blended?;
                let is = course.at(landscape.last)?.blended?;
                (was != is).then(|| is.checked_div(was)?.to_f64().map(|ratio| ratio.ln().abs()))?
            });
            let most = most.max_by(f64::total_cmp)?;
            Some((landscape.watched.contains(model), most, model, courses))
        })
        .collect();
    moved.sort_by(|one, next| {
        (next.0.cmp(&one.0))
            .then_with(|| next.1.total_cmp(&one.1))
            .then_with(|| one.2.cmp(next.2))
    });
    let drawn = COURSES.into_iter().zip(moved);
    drawn
        .map(|(key, (_, _, model, courses))| course(landscape, key, model, courses))
        .collect()
}

fn course(
    landscape: &Landscape,
    key: &'static str,
    model: &str,
    courses: &BTreeMap<String, Course>,
) -> Figure {
    let from = landscape.last.saturating_sub(LOOKS_BACK.days());
    let begins = courses.values().filter_map(|course| course.steps().next());
    let begin = begins.map(|(day, _)| day).min().unwrap_or(from).max(from);
    let until = day_start(landscape.last.saturating_add(1.day()));
    let mut series: Vec<chart::PriceSeries> = Vec::new();
    let mut data = serde_json::Map::new();
    for (provider, course) in courses {
        let steps = course.steps().map(|(day, presence)| {
            let price = presence.and_then(|presence| presence.blended);
            chart::PriceStep {
                from: day_start(day),
                to: None,
                price: price.and_then(|amount| {
                    Some(chart::Amount {
                        value: amount.to_f64()?,
                        text: dollars(amount),
                    })
                }),
            }
        });
        let steps: Vec<chart::PriceStep> = steps.collect();
        if steps.iter().any(|step| step.price.is_some()) {
            let points = course.steps().map(|(day, presence)| {
                let price = presence.and_then(|presence| presence.blended);
                json!([
                    day.to_string(),
                    price.map(|price| price.normalize().to_string())
                ])
            });
            data.insert(provider.clone(), Json::Array(points.collect()));
            series.push(chart::PriceSeries {
                name: provider.clone(),
                steps,
            });
        }
    }
    Figure {
        key,
        chart: Chart {
            title: format!("Price of {}", bare(model)),
            unit: "USD per 1M tokens, 3 parts of input to 1 of output".to_string(),
            n: series.len() as u64,
            counted: "providers, the lowest price of each".to_string(),
            source: SOURCE.to_string(),
            body: Body::Prices(chart::Prices {
                from: day_start(begin),
                to: until,
                series,
            }),
        },
        data: Json::Object(data),
        caption: String::new(),
    }
}

/// Where the models of the basket cost least.
fn cheapest(landscape: &Landscape) -> Table {
    let basket = landscape.reference().basket(landscape.last);
    let models = basket.into_iter().flat_map(|basket| &basket.models);
    let rows = models.filter_map(|model| {
        let courses = landscape.history.model(model)?;
        let now = sources(&landscape.history, courses, landscape.last);
        let (price, by) = now.cheapest?;
        let before = sources(&landscape.history, courses, landscape.eve()).cheapest;
        let was = before.map(|(price, _)| price);
        let dearest = courses
            .iter()
            .filter(|(provider, _)| !landscape.history.resells(provider))
            .filter_map(|(_, course)| course.at(landscape.last)?.blended)
            .max();
        let by: Vec<String> = by.iter().map(|provider| one_line(provider, 30)).collect();
        Some(vec![
            Cell::of(model),
            Cell::of(&dollars(price)).with_value(price.normalize().to_string()),
            moved(was, price),
            Cell::of(&by.join(", ")).with_value(json!(by)),
            match dearest.filter(|dearest| *dearest > price) {
                Some(dearest) => {
                    Cell::of(&dollars(dearest)).with_value(dearest.normalize().to_string())
                }
                None => Cell::default().with_value(Json::Null),
            },
        ])
    });
    let rows: Vec<Vec<Cell>> = rows.collect();
    let of = basket.map_or(0, |basket| basket.models.len());
    let from = basket
        .map(|basket| basket.from.to_string())
        .unwrap_or_default();
    Table {
        key: "basket",
        title: Some("Where models of the basket cost least".to_string()),
        columns: vec![
            Column::name("model", "model"),
            Column::number("lowest", "lowest"),
            Column::number("moved_percent", "moved"),
            Column::text("at", "at"),
            Column::number("highest", "highest"),
        ],
        note: Some(format!(
            "USD per 1M tokens at list prices, 3 parts of input to 1 of output; resellers are left out. {} of the {} of {from} have a price.",
            rows.len(),
            counted(of, "model"),
        )),
        rows,
        bound: Bound {
            limit: 20,
            more: "bellwether cost".to_string(),
        },
    }
}

fn moved(was: Option<Decimal>, is: Decimal) -> Cell {
    let ratio = was
        .filter(|was| *was != is)
        .and_then(|was| is.checked_div(was)?.to_f64());
    match ratio {
        Some(ratio) => {
            let percent = (ratio - 1.0) * 100.0;
            let tone = if percent > 0.0 {
                Tone::Caution
            } else {
                Tone::Plain
            };
            let rounded = (percent * 10.0).round() / 10.0;
            Cell::of(&format!("{percent:+.0} %"))
                .with_value(rounded)
                .with_tone(tone)
        }
        None => Cell::default().with_value(Json::Null),
    }
}
