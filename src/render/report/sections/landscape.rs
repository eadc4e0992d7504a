//! Who has which models, how soon, and what they cost: what indicators say.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde_json::{Value as Json, json};

use crate::landscape::indicator::{
    Coverage, Horizon, Lag, Lines as Flagships, Parity, Typical, Way, coverage, exclusive,
    horizons, parity, sources, typical,
};
use crate::landscape::{Course, History};
use crate::market::day_start;
use crate::render::chart::{self, Body, Chart};
use crate::render::line::{counted, one_line};
use crate::render::report::block::{Block, Bound, Cell, Column, Figure, Section, Table, Tone};
use crate::render::report::landscape::Landscape;
use crate::render::{shifted_line, shifted_title};

/// Where the figures of this section are from.
const SOURCE: &str = "recorded facts; docs/indicators.md";
/// Providers that stand beside each other.
const COLUMNS: usize = 10;
/// Rows that people are shown.
const ROWS: usize = 16;
/// How far back the course of prices is drawn, in days.
const LOOKS_BACK: i64 = 180;

/// How the landscape shifted.
pub fn shifted(landscape: &Landscape) -> Option<Section> {
    let rows = landscape.shifts().into_iter().map(|shifted| {
        let day = Cell::of(&shifted.day.strftime("%a %-d %b").to_string());
        let title = Cell::of(&shifted_title(&shifted.shift));
        vec![
            title.with_detail(&shifted_line(&shifted.shift)),
            day.with_value(shifted.day.to_string()),
        ]
    });
    let table = Table {
        key: "shifts",
        title: None,
        columns: vec![Column::name("shift", "shift"), Column::text("day", "day")],
        rows: rows.collect(),
        bound: Bound {
            limit: ROWS,
            more: "bellwether indicators --shifts",
        },
        note: None,
    };
    Section::of("shifts", "What shifted", [Block::Table(table)])
}

/// Models × providers, and what each provider has.
pub fn landscape(landscape: &Landscape) -> Option<Section> {
    let blocks = [
        matrix(landscape).map(Block::Figure),
        Some(Block::Table(providers(landscape))),
        moves(landscape).map(Block::Figure),
    ];
    Section::of("landscape", "The landscape", blocks.into_iter().flatten())
}

fn matrix(landscape: &Landscape) -> Option<Figure> {
    let chosen = landscape.chosen();
    let columns = landscape.sellers(chosen.iter().map(|(_, courses)| *courses), COLUMNS);
    if chosen.is_empty() || columns.is_empty() {
        return None;
    }
    let cell = |courses: &BTreeMap<String, Course>, provider: &str| {
        let presence = courses
            .get(provider)
            .and_then(|course| course.at(landscape.last));
        match presence {
            Some(presence) => chart::Cell::Stage(presence.cell.stage),
            None => chart::Cell::NotOffered,
        }
    };
    let rows = chosen.iter().map(|(model, courses)| chart::MatrixRow {
        name: bare(model).to_string(),
        cells: columns
            .iter()
            .map(|provider| cell(courses, provider))
            .collect(),
    });
    let data: serde_json::Map<String, Json> = chosen
        .iter()
        .map(|(model, courses)| {
            let stages: serde_json::Map<String, Json> = courses
                .iter()
                .filter_map(|(provider, course)| {
                    let presence = course.at(landscape.last)?;
                    Some((provider.clone(), presence.cell.stage.word().into()))
                })
                .collect();
            ((*model).to_string(), Json::Object(stages))
        })
        .collect();
    let matrix = chart::Matrix {
        columns: columns.iter().map(ToString::to_string).collect(),
        rows: rows.collect(),
    };
    Some(Figure {
        key: "landscape",
        chart: Chart {
            title: format!(
                "Who offers what on {}",
                landscape.last.strftime("%-d %B %Y")
            ),
            unit: String::new(),
            n: data.len() as u64,
            counted: "models: watched, flagships, basket, new".to_string(),
            source: SOURCE.to_string(),
            body: Body::Matrix(matrix),
        },
        data: Json::Object(data),
        caption: String::new(),
    })
}

/// What each provider has, on the last day and on the day before the first.
fn providers(landscape: &Landscape) -> Table {
    let now = Standings::on(landscape, landscape.last);
    let before = landscape
        .has_eve()
        .then(|| Standings::on(landscape, landscape.eve()));
    let mut moved: BTreeMap<String, [usize; 2]> = BTreeMap::new();
    for one in landscape.moves() {
        let [added, removed] = moved.entry(one.provider).or_default();
        match one.way {
            Way::Added => *added += 1,
            Way::Removed => *removed += 1,
        }
    }
    let mut rows: Vec<(usize, Vec<Cell>)> = Vec::new();
    for (provider, models) in &now.models {
        if *models == 0 && !moved.contains_key(provider) {
            continue;
        }
        let [added, removed] = moved.get(provider).copied().unwrap_or_default();
        let coverage = now.coverage.get(provider).copied().unwrap_or_default();
        let was = |of: fn(&Standings) -> &BTreeMap<String, usize>| {
            before
                .as_ref()
                .and_then(|before| of(before).get(provider).copied())
        };
        let only_here = now.exclusive.get(provider).copied();
        let horizon = now.horizons.get(provider).copied().unwrap_or_default();
        let has_before = before
            .as_ref()
            .and_then(|before| before.coverage.get(provider));
        rows.push((
            *models,
            vec![
                Cell::of(provider),
                changed(*models, was(|of| &of.models)),
                count(added),
                count(removed),
                Cell {
                    text: match has_before {
                        Some(before) if before.has != coverage.has => {
                            format!("{} of {} ({:+})", coverage.has, coverage.of, coverage.has as i64 - before.has as i64)
                        }
                        _ => format!("{} of {}", coverage.has, coverage.of),
                    },
                    ..Cell::default()
                }
                .with_value(json!({"has": coverage.has, "of": coverage.of, "stage_unknown": coverage.unstated})),
                lag_cell(now.typical.get(provider)),
                only_here.map_or_else(Cell::default, |models| changed(models, was(|of| &of.exclusive))),
                ends(horizon),
            ],
        ));
    }
    rows.sort_by_key(|(models, _)| std::cmp::Reverse(*models));
    Table {
        key: "providers",
        title: Some("Providers".to_string()),
        columns: vec![
            Column::name("provider", "provider"),
            Column::number("models", "models"),
            Column::number("added", "new"),
            Column::number("removed", "gone"),
            Column::number("flagships", "flagships"),
            Column::number("parity_lag_days", "lag, days"),
            Column::number("only_here", "only here"),
            Column::number("ends_in_90_days", "ends in 90 d"),
        ],
        rows: rows.into_iter().map(|(_, row)| row).collect(),
        bound: Bound {
            limit: 20,
            more: "bellwether indicators",
        },
        note: Some(format!(
            "On {}; in brackets against {}. Flagships: generally available, or at a stage that nobody states. Lag: the median days after a model's first offering anywhere, n models.",
            landscape.last,
            landscape.eve(),
        )),
    }
}

/// What providers have on a day.
struct Standings {
    models: BTreeMap<String, usize>,
    coverage: BTreeMap<String, Coverage>,
    typical: BTreeMap<String, Typical>,
    exclusive: BTreeMap<String, usize>,
    horizons: BTreeMap<String, Horizon>,
}

impl Standings {
    fn on(landscape: &Landscape, day: Date) -> Self {
        let history: &History = &landscape.history;
        let flagships = Flagships::new(history, landscape.reference()).flagships(history, day);
        let mut models: BTreeMap<String, usize> = history
            .providers(day)
            .map(|provider| (provider.to_string(), 0))
            .collect();
        for (_, provider, presence) in history.on(day) {
            if presence.is_there()
                && let Some(count) = models.get_mut(provider)
            {
                *count += 1;
            }
        }
        Self {
            models,
            coverage: coverage(history, &flagships, day),
            typical: typical(history, day),
            exclusive: exclusive(history, day),
            horizons: horizons(history, day),
        }
    }
}

fn count(count: usize) -> Cell {
    match count {
        0 => Cell::default().with_value(0),
        some => Cell::of(&some.to_string()).with_value(some),
    }
}

fn changed(now: usize, before: Option<usize>) -> Cell {
    let text = match before {
        Some(before) if before != now => format!("{now} ({:+})", now as i64 - before as i64),
        _ => now.to_string(),
    };
    Cell::of(&text).with_value(now)
}

fn lag_cell(typical: Option<&Typical>) -> Cell {
    match typical.and_then(|typical| Some((typical.median?, typical.n))) {
        Some((median, n)) => Cell::of(&format!("{median} (n {n})")).with_value(median),
        None => Cell::default().with_value(Json::Null),
    }
}

fn ends(horizon: Horizon) -> Cell {
    let ([_, firm, _], [_, not_before, _]) = (horizon.firm, horizon.not_before);
    let text = match (firm, not_before) {
        (0, 0) => String::new(),
        (firm, 0) => firm.to_string(),
        (firm, not_before) => format!("{firm} + {not_before}?"),
    };
    Cell {
        text,
        ..Cell::default()
    }
    .with_value(json!({"firm": firm, "not_before": not_before}))
}

/// Additions and removals, week by week.
fn moves(landscape: &Landscape) -> Option<Figure> {
    const WEEKS: i64 = 13;
    let from = landscape.last.saturating_sub((WEEKS * 7 - 1).days());
    let all = crate::landscape::indicator::moves(&landscape.history, from, landscape.last);
    if all.is_empty() {
        return None;
    }
    let weeks = usize::try_from(WEEKS).unwrap_or(1);
    let mut counts = [vec![0_u32; weeks], vec![0; weeks]];
    for one in &all {
        let days = from
            .until((jiff::Unit::Day, one.day))
            .map_or(0, |span| span.get_days());
        let week = usize::try_from(days / 7).unwrap_or(0);
        let [added, removed] = &mut counts;
        let bars = match one.way {
            Way::Added => added,
            Way::Removed => removed,
        };
        if let Some(bar) = bars.get_mut(week) {
            *bar = bar.saturating_add(1);
        }
    }
    let [added, removed] = counts;
    let data =
        json!({"from": from.to_string(), "days_per_bar": 7, "added": added, "removed": removed});
    let part = |name: &str, ink, is_below, counts| chart::Part {
        name: name.to_string(),
        ink,
        is_below,
        counts,
    };
    let body = Body::Changes(chart::Changes {
        from,
        days_per_bar: 7,
        bars: weeks,
        parts: vec![
            part("added", chart::Ink::Green, false, added),
            part("removed", chart::Ink::Vermilion, true, removed),
        ],
    });
    Some(Figure {
        key: "additions-and-removals",
        chart: Chart {
            title: "Models added and removed, by week".to_string(),
            unit: "models at providers".to_string(),
            n: all.len() as u64,
            counted: "additions and removals".to_string(),
            source: SOURCE.to_string(),
            body,
        },
        data,
        caption: String::new(),
    })
}

/// How soon models come to providers.
pub fn arrivals(landscape: &Landscape) -> Option<Section> {
    let mut found: Vec<(&str, &BTreeMap<String, Course>, Parity)> = landscape
        .chosen()
        .into_iter()
        .filter_map(|(model, courses)| Some((model, courses, parity(courses, landscape.last)?)))
        // what only one offers came nowhere else
        .filter(|(_, _, parity)| parity.lags.len() > 1)
        .collect();
    // what came out last is what is waited for
    found.sort_by_key(|(_, _, parity)| {
        std::cmp::Reverse((!parity.first.is_censored, parity.first.day))
    });
    let mut clouds = landscape.sellers(found.iter().map(|(_, courses, _)| *courses), COLUMNS);
    clouds.retain(|provider| landscape.history.is_cloud(provider));
    let rows = found
        .iter()
        .map(|(model, _, parity)| arrival(model, parity, &clouds));
    let table = Table {
        key: "parity",
        title: None,
        columns: vec![
            Column::name("model", "model"),
            Column::text("first", "first offered"),
            Column::text("lags", "then"),
        ],
        rows: rows.collect(),
        bound: Bound {
            limit: ROWS,
            more: "bellwether compare MODEL",
        },
        note: Some("In days after the first offering anywhere; announced, preview and limited are no offering. ≥: it was offered somewhere before watching began. ≤: it stood in the first reading.".to_string()),
    };
    let figure = dots(&found).map(Block::Figure);
    Section::of(
        "parity",
        "How soon models arrive",
        figure.into_iter().chain([Block::Table(table)]),
    )
}

fn arrival(model: &str, parity: &Parity, clouds: &[&str]) -> Vec<Cell> {
    let day = parity.first.day;
    let by: Vec<String> = parity
        .by
        .iter()
        .map(|provider| one_line(provider, 30))
        .collect();
    let first = match parity.first.is_censored {
        true => format!("before {day}"),
        false => format!("{day} at {}", by.join(", ")),
    };
    let mut lags: Vec<(i64, String)> = Vec::new();
    let mut values = serde_json::Map::new();
    for (provider, lag) in &parity.lags {
        let name = one_line(provider, 30);
        let said = match lag {
            Lag::Exact(0) if parity.by.contains(provider) => None,
            Lag::Exact(days) => Some((*days, format!("{name} +{days}"))),
            Lag::AtLeast(days) => Some((*days, format!("{name} ≥{days}"))),
            Lag::AtMost(days) => Some((*days, format!("{name} ≤{days}"))),
            Lag::Waiting { .. } | Lag::Unknown => None,
        };
        lags.extend(said);
        values.insert(provider.clone(), lag_value(*lag));
    }
    lags.sort();
    let mut said: Vec<String> = lags.into_iter().map(|(_, said)| said).collect();
    let is_waited_for = |provider: &&&str| {
        let lag = parity.lags.get(**provider);
        lag.is_none_or(|lag| matches!(lag, Lag::Waiting { .. }))
    };
    // a lab's own interface offers no other lab's models
    let waiting: Vec<String> = clouds
        .iter()
        .filter(is_waited_for)
        .map(|provider| one_line(provider, 30))
        .collect();
    if !waiting.is_empty() {
        said.push(format!("not yet: {}", waiting.join(", ")));
    }
    let first_value = json!({
        "day": day.to_string(),
        "censored": parity.first.is_censored,
        "stage_unknown": parity.first.is_unstated,
        "by": parity.by,
    });
    vec![
        Cell::of(model),
        Cell::of(&first).with_value(first_value),
        Cell::of(&said.join(" · ")).with_value(Json::Object(values)),
    ]
}

fn lag_value(lag: Lag) -> Json {
    match lag {
        Lag::Exact(days) => json!({"days": days, "is": "exact"}),
        Lag::AtLeast(days) => json!({"days": days, "is": "at_least"}),
        Lag::AtMost(days) => json!({"days": days, "is": "at_most"}),
        Lag::Unknown => json!({"days": null, "is": "unknown"}),
        Lag::Waiting { days, at_least } => {
            json!({"days": days, "is": if at_least { "waiting_at_least" } else { "waiting" }})
        }
    }
}

fn dots(found: &[(&str, &BTreeMap<String, Course>, Parity)]) -> Option<Figure> {
    let is_drawn = |lag: &Lag| !matches!(lag, Lag::Unknown);
    let shown: Vec<_> = found
        .iter()
        .filter(|(_, _, parity)| !parity.first.is_censored && parity.lags.values().any(is_drawn))
        .take(ROWS)
        .collect();
    if shown.is_empty() {
        return None;
    }
    let of = |lag: &Lag| match lag {
        Lag::Exact(days) => chart::Parity::Days(*days as f64),
        Lag::AtLeast(_) | Lag::AtMost(_) | Lag::Unknown => chart::Parity::BeforeWatching,
        Lag::Waiting { days, .. } => chart::Parity::NotYet(Some(*days as f64)),
    };
    let rows: Vec<chart::LagRow> = shown
        .iter()
        .map(|(model, _, parity)| chart::LagRow {
            name: bare(model).to_string(),
            providers: parity
                .lags
                .iter()
                .map(|(provider, lag)| (provider.clone(), of(lag)))
                .collect(),
        })
        .collect();
    Some(Figure {
        key: "parity-lag",
        data: json!({ "models": shown.iter().map(|(model, _, _)| *model).collect::<Vec<_>>() }),
        chart: Chart {
            title: "Days until other providers offered it".to_string(),
            unit: "days after the first offering anywhere".to_string(),
            n: rows.len() as u64,
            counted: "models".to_string(),
            source: SOURCE.to_string(),
            body: Body::Lag(chart::Lag { rows }),
        },
        caption: String::new(),
    })
}

/// What the basket costs, and where its models cost least.
pub fn basket(landscape: &Landscape) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    blocks.extend(index(landscape).map(Block::Figure));
    blocks.extend(courses(landscape).into_iter().map(Block::Figure));
    blocks.push(Block::Table(cheapest(landscape)));
    blocks
}

fn index(landscape: &Landscape) -> Option<Figure> {
    let now = landscape.baskets.market.at(landscape.last)?;
    let from = landscape.last.saturating_sub(LOOKS_BACK.days());
    let begin = landscape.baskets.market.levels().first()?.day.max(from);
    let points = |index: &crate::landscape::indicator::Index| {
        let mut points = Vec::new();
        let mut day = begin;
        while day <= landscape.last {
            points.push((day, index.at(day).map(|level| level.value)));
            day = day.tomorrow().ok()?;
        }
        Some(points)
    };
    let mut series = vec![chart::IndexSeries {
        name: "lowest price".to_string(),
        points: points(&landscape.baskets.market)?,
    }];
    // those that sell half of the basket or more
    let widely = landscape
        .baskets
        .providers
        .iter()
        .filter_map(|(provider, index)| {
            let level = index.at(landscape.last)?;
            (level.priced * 2 >= now.priced).then_some((level.priced, provider, index))
        });
    let mut widely: Vec<_> = widely.collect();
    widely.sort_by_key(|(priced, provider, _)| (std::cmp::Reverse(*priced), *provider));
    for (_, provider, index) in widely.into_iter().take(3) {
        series.push(chart::IndexSeries {
            name: provider.clone(),
            points: points(index)?,
        });
    }
    let levels = landscape.baskets.market.levels().iter();
    let breaks: Vec<Date> = levels
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
            more: "bellwether cost",
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

fn dollars(amount: Decimal) -> String {
    let short = amount.round_sf(4).unwrap_or(amount);
    format!("${}", short.normalize())
}

/// The name without the lab.
fn bare(model: &str) -> &str {
    model.split_once('/').map_or(model, |(_, bare)| bare)
}
