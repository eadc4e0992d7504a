//! What is measured: speeds, uptime, incidents, and the numbers of the landscape.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan as _};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};

use super::fields;
use super::landscape::MONTH;
use super::operation::{Found, Given, Operation, Row};
use super::parameters::{
    ALL_SERIES, FROM_DAY, HOST, NAMES, ONLY, OPEN, PROVIDER, SERIES_REGION, SINCE, SLO, SPEEDS_BY,
    TO_DAY, UNTIL, UPTIME_BY,
};
use super::shape::{Made, Shape, of_columns, of_list};
use crate::landscape::Reference;
use crate::landscape::indicator::Baskets;
use crate::landscape::shift::{Ground, shifts};
use crate::market::Tabular as _;
use crate::outlook::availability::groups;
use crate::outlook::by::By;
use crate::outlook::incidents::{Wanted, Whose, rows};
use crate::outlook::indicators::{self, IndicatorRow, shift_object};
use crate::outlook::objects::{availability, speeds as told};
use crate::outlook::speeds::{self, PERCENTILES};
use crate::store::{AllIncidents as _, Indicators as _, Series, SeriesKind};
use crate::web::refusal::Refusal;
use crate::web::route::{FACTS, MEASURED};

pub(super) const LATENCY: Operation = Operation {
    path: "/api/v1/latency",
    id: "latency",
    summary: "How fast hosts answered",
    description: "p50, p90, p95 and p99 with n, failures by their kind and the course of the median, of the last seven days unless `since` says otherwise, with the keys of `bellwether latency --format jsonl`. Failures enter no figure.",
    parameters: &[SINCE, UNTIL, PROVIDER, HOST, SERIES_REGION, SPEEDS_BY],
    shape: Shape {
        name: "Latency",
        make: latency_shape,
    },
    is_list: true,
    run: latency,
    holds: MEASURED,
};

pub(super) const MODEL_LATENCY: Operation = Operation {
    path: "/api/v1/latency/models",
    id: "model_latency",
    summary: "How soon and how fast models answered",
    description: "Time to the first token, tokens per second and what it cost, of the last seven days unless `since` says otherwise, with the keys of `bellwether latency --models --format jsonl`.",
    parameters: &[SINCE, UNTIL, PROVIDER, HOST, SERIES_REGION],
    shape: Shape {
        name: "ModelLatency",
        make: model_latency_shape,
    },
    is_list: true,
    run: model_latency,
    holds: MEASURED,
};

pub(super) const UPTIME: Operation = Operation {
    path: "/api/v1/uptime",
    id: "uptime",
    summary: "How much of a time endpoints and models were up",
    description: "By duration and by request, and what is left of the error budget, of the last thirty days unless `since` says otherwise, with the keys of `bellwether uptime --format jsonl`.",
    parameters: &[
        SINCE,
        UNTIL,
        PROVIDER,
        HOST,
        SERIES_REGION,
        UPTIME_BY,
        SLO,
        ALL_SERIES,
    ],
    shape: Shape {
        name: "Uptime",
        make: uptime_shape,
    },
    is_list: true,
    run: uptime,
    holds: MEASURED,
};

pub(super) const INCIDENTS: Operation = Operation {
    path: "/api/v1/incidents",
    id: "incidents",
    summary: "What status pages state beside what was measured here",
    description: "Those that lasted until thirty days ago or later unless `since` says otherwise, the latest first, with the keys of `bellwether incidents --format jsonl`.",
    parameters: &[SINCE, UNTIL, PROVIDER, SERIES_REGION, HOST, OPEN, ONLY],
    shape: Shape {
        name: "Incident",
        make: || of_list(fields::INCIDENT),
    },
    is_list: true,
    run: incidents,
    holds: MEASURED,
};

pub(super) const INDICATORS: Operation = Operation {
    path: "/api/v1/indicators",
    id: "indicators",
    summary: "Numbers about the landscape, day by day",
    description: "As they were counted when each day was over, with the keys of `bellwether indicators --format jsonl`: of the last thirty days unless `since` says otherwise.",
    parameters: &[FROM_DAY, TO_DAY, PROVIDER, NAMES],
    shape: Shape {
        name: "Indicator",
        make: || of_columns(IndicatorRow::COLUMNS),
    },
    is_list: true,
    run: list_indicators,
    holds: FACTS,
};

pub(super) const SHIFTS: Operation = Operation {
    path: "/api/v1/shifts",
    id: "shifts",
    summary: "When the landscape shifted",
    description: "With what shows it, of the last ninety days unless `since` says otherwise, with the keys of `bellwether indicators --shifts --format jsonl`.",
    parameters: &[FROM_DAY, TO_DAY],
    shape: Shape {
        name: "Shift",
        make: || of_list(fields::SHIFT),
    },
    is_list: true,
    run: list_shifts,
    holds: FACTS,
};

const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Whether measurements of a series are asked for.
fn wanted(given: &Given<'_>) -> impl Fn(&Series) -> bool + use<> {
    let provider = given.text(&PROVIDER);
    let host = given.text(&HOST);
    let region = given.text(&SERIES_REGION);
    move |series| {
        let is = |wanted: &Option<String>, own: &String| {
            wanted.as_ref().is_none_or(|wanted| wanted == own)
        };
        is(&provider, &series.provider) && is(&host, &series.host) && is(&region, &series.region)
    }
}

fn latency(given: &Given<'_>) -> Result<Found, Refusal> {
    let asked = given.asked;
    let mut by = given.words(&SPEEDS_BY, By::from_word);
    if by.is_empty() {
        by = vec![By::Host, By::Way];
    }
    let span = given.span(&SINCE, &UNTIL, WEEK);
    let found = speeds::hosts(asked.store, span, asked.now, wanted(given), &by)?;
    let groups = found.courses.groups();
    let rows: Vec<Row> = groups
        .iter()
        .map(|(names, course)| told::hosts(&by, names, course, found.span))
        .collect();
    given.part_of_rows(&rows)
}

fn model_latency(given: &Given<'_>) -> Result<Found, Refusal> {
    let span = given.span(&SINCE, &UNTIL, WEEK);
    let found = speeds::models(given.asked.store, span, wanted(given))?;
    let rows: Vec<Row> = found
        .iter()
        .map(|(group, calls)| told::model(group, calls, span))
        .collect();
    given.part_of_rows(&rows)
}

fn uptime(given: &Given<'_>) -> Result<Found, Refusal> {
    let asked = given.asked;
    let mut by = given.words(&UPTIME_BY, By::from_word);
    if by.is_empty() {
        by = vec![By::Provider, By::Region];
    }
    let [since, until] = given.span(&SINCE, &UNTIL, MONTH);
    let span = [since, until.min(asked.now)];
    let all = given.flag(&ALL_SERIES);
    let is_of = wanted(given);
    let is_wanted = |series: &Series| (all || series.kind != SeriesKind::Source) && is_of(series);
    let names = |series: &Series| -> Vec<String> {
        by.iter().map(|by| by.of(series).to_string()).collect()
    };
    let found = groups(asked.store, (span[0], span[1]), asked.now, is_wanted, names)?;
    let stated = given.share(&SLO);
    let stated = stated.and_then(|share| share.to_string().parse::<f64>().ok());
    let objectives = &asked.site.means.settings.objectives;
    let rows: Vec<Row> = found
        .iter()
        .map(|group| {
            let objective = availability::objective(group, stated, objectives);
            availability::uptime(&by, group, objective, span)
        })
        .collect();
    given.part_of_rows(&rows)
}

fn incidents(given: &Given<'_>) -> Result<Found, Refusal> {
    let store = given.asked.store;
    let [since, until] = given.span(&SINCE, &UNTIL, MONTH);
    let wanted = Wanted {
        provider: given.text(&PROVIDER),
        region: given.text(&SERIES_REGION),
        host: given.text(&HOST),
        open: given.flag(&OPEN),
        only: given.word(&ONLY, Whose::from_word),
    };
    let all = rows(
        store.own_incidents(since, until)?,
        store.stated_incidents(since, until)?,
    );
    let rows: Vec<Row> = all
        .iter()
        .filter(|row| wanted.has(row))
        .map(crate::outlook::incidents::Row::object)
        .collect();
    given.part_of_rows(&rows)
}

/// From one day to another, both included; of a day that is not over nothing was counted.
fn days(given: &Given<'_>, usual: i64) -> Result<(jiff::civil::Date, jiff::civil::Date), Refusal> {
    let today = given.asked.now.to_zoned(TimeZone::UTC).date();
    let to = given.day(&TO_DAY);
    let to = to
        .unwrap_or_else(|| today.saturating_sub(1.day()))
        .min(today);
    let from = given.day(&FROM_DAY);
    let from = from.unwrap_or_else(|| to.saturating_sub(usual.days()));
    Ok((from, to))
}

fn list_indicators(given: &Given<'_>) -> Result<Found, Refusal> {
    let (from, to) = days(given, 30)?;
    let (provider, names) = (given.text(&PROVIDER), given.texts(&NAMES));
    let mut found = given.asked.store.indicators(from, to)?;
    found.retain(|(_, one)| {
        provider.as_ref().is_none_or(|of| **of == *one.provider)
            && (names.is_empty() || names.iter().any(|name| **name == *one.name))
    });
    let key = |(day, one): &(jiff::civil::Date, crate::market::Indicator)| {
        format!("{day} {} {} {}", one.name, one.provider, one.of)
    };
    given.part(&found, key, |(day, indicator)| {
        let (day, indicator) = (*day, indicator.clone());
        IndicatorRow { day, indicator }.object()
    })
}

fn list_shifts(given: &Given<'_>) -> Result<Found, Refusal> {
    let (from, to) = days(given, 90)?;
    let asked = given.asked;
    let means = &asked.site.means;
    let kinds = indicators::kinds(means.probes.iter().map(|(probe, _)| probe));
    let history = indicators::history(asked.store, kinds, asked.now)?;
    let from = history.first_day().map_or(from, |first| from.max(first));
    let reference = Reference::shipped();
    let baskets = Baskets::new(&history, reference, to);
    let watches = &means.settings.alerts.watches;
    let watched = indicators::watched(&history, watches);
    let ground = Ground {
        history: &history,
        baskets: &baskets,
        reference,
        watched: &watched,
    };
    let mut found = match from <= to {
        true => shifts(&ground, from, to),
        false => Vec::new(),
    };
    if from <= to {
        found.extend(indicators::topics(asked.store, watches, (from, to))?);
    }
    found.sort_by_key(|shifted| shifted.day);
    let rows: Vec<Row> = found.iter().map(shift_object).collect();
    given.part_of_rows(&rows)
}

fn number(is_maybe: bool) -> RefOr<Schema> {
    let of = match is_maybe {
        true => utoipa::openapi::schema::SchemaType::from_iter([Type::Number, Type::Null]),
        false => utoipa::openapi::schema::SchemaType::new(Type::Number),
    };
    ObjectBuilder::new().schema_type(of).into()
}

/// Adds fields to those of a list; what is summed up by is there where it is asked.
fn with(made: Made, required: &[String], by: &[By]) -> Made {
    let Made { schema, parts } = made;
    let schema = match schema {
        RefOr::T(Schema::Object(mut object)) => {
            for by in by {
                let text = ObjectBuilder::new().schema_type(Type::String);
                object.properties.insert(by.word().to_string(), text.into());
            }
            for name in required {
                let is_maybe = !name.ends_with("_n");
                object.properties.insert(name.clone(), number(is_maybe));
                object.required.push(name.clone());
            }
            RefOr::T(Schema::Object(object))
        }
        other => other,
    };
    Made { schema, parts }
}

fn percentiles(name: &str, unit: &str) -> Vec<String> {
    let named = PERCENTILES.map(|percent| format!("{name}_p{percent}{unit}"));
    std::iter::once(format!("{name}_n")).chain(named).collect()
}

fn latency_shape() -> Made {
    let mut names: Vec<String> = Vec::new();
    for name in ["total", "first_byte", "first_token"] {
        names.extend(percentiles(name, "_ms"));
    }
    for name in ["dns", "connect", "tls", "body"] {
        names.extend([format!("{name}_n"), format!("{name}_mean_ms")]);
    }
    with(of_list(fields::LATENCY), &names, &By::ALL)
}

fn model_latency_shape() -> Made {
    let mut names: Vec<String> = Vec::new();
    for name in told::TIMES {
        names.extend(percentiles(name, "_ms"));
    }
    for name in told::RATES {
        names.extend(percentiles(name, ""));
    }
    with(of_list(fields::MODEL_LATENCY), &names, &[])
}

fn uptime_shape() -> Made {
    with(of_list(fields::UPTIME), &[], &By::ALL)
}
