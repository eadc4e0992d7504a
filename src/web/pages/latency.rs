//! How fast hosts and models answered over any span, by whatever they have in common, with n beside every figure.

mod models;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use minijinja::Value as Safe;
use serde::Serialize;

use crate::latency::{Course, Sketch, Sum};
use crate::outlook::by::By;
use crate::outlook::moments;
use crate::outlook::speeds::{Hosts, PERCENTILES, hosts, millis};
use crate::render::chart::{Body, Chart, Latency, LatencyPoint};
use crate::store::{AllSeries as _, Series};
use crate::web::answer::Answer;
use crate::web::page::{self, Moment};
use crate::web::refusal::Refusal;
use crate::web::route::Asked;
use crate::web::shown::{self, Choice, choices, moment, one_of, spoken, told_at, visible};

/// Spans that are offered.
const RANGES: [&str; 5] = ["1h", "24h", "7d", "30d", "90d"];
/// Unless another one is asked for.
const RANGE: &str = "7d";
/// What figures may be summed up by here.
const BY: [By; 7] = [
    By::Provider,
    By::Host,
    By::Region,
    By::Probe,
    By::Way,
    By::Kind,
    By::Vantage,
];
/// Unless something else is asked for.
const USUAL: [By; 2] = [By::Host, By::Way];
/// By what series may be narrowed.
const NARROWED: [By; 6] = [
    By::Provider,
    By::Region,
    By::Host,
    By::Way,
    By::Kind,
    By::Probe,
];
/// Lines that are listed.
const LISTED: usize = 200;
/// Courses that are drawn.
const DRAWN: usize = 3;

#[derive(Serialize)]
struct View {
    fields: Vec<Field>,
    ranges: Vec<Range>,
    by: Vec<Choice>,
    since: String,
    until: String,
    is_narrowed: bool,
    from: Moment,
    to: Moment,
    names: Vec<&'static str>,
    rows: Vec<RowView>,
    more: usize,
    charts: Vec<Safe>,
    /// Where there is but one line: its phases.
    phases: Vec<Phase>,
    models: Vec<models::ModelView>,
}

/// A list to choose from.
#[derive(Serialize)]
struct Field {
    key: &'static str,
    label: &'static str,
    choices: Vec<Choice>,
}

#[derive(Clone, Serialize)]
struct Range {
    name: &'static str,
    link: String,
    is_chosen: bool,
}

#[derive(Serialize)]
struct RowView {
    names: Vec<String>,
    link: String,
    n: u64,
    failed: u64,
    /// p50, p90, p95 and p99 until the last byte.
    total: Vec<String>,
    course: String,
    /// The shortest and the longest p50 in it: the scale of its bars.
    range: String,
    first_byte: String,
    failures: String,
}

/// One phase of all that was measured.
#[derive(Serialize)]
struct Phase {
    name: &'static str,
    figures: Vec<(String, String)>,
    n: u64,
}

/// What is asked for, as the address holds it.
struct Narrowed<'a> {
    values: Vec<(By, Option<&'a str>)>,
    by: Vec<By>,
    range: &'a str,
    since: Option<&'a str>,
    until: Option<&'a str>,
}

/// Makes the page.
pub(super) fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let all = asked.store.known_series()?;
    let (narrowed, fields) = Narrowed::read(asked, &all)?;
    let span = narrowed.span(asked)?;
    let is_wanted = |series: &Series| narrowed.has(series);
    let found = hosts(asked.store, span, asked.now, is_wanted, &narrowed.by)?;
    let groups = found.courses.groups();
    let rows: Vec<RowView> = groups
        .iter()
        .take(LISTED)
        .map(|(names, course)| row_view(&narrowed, names, course))
        .collect();
    let single = match groups.len() {
        1 => groups.values().next(),
        _ => None,
    };
    let view = View {
        fields,
        ranges: narrowed.ranges(),
        by: BY
            .map(|by| Choice {
                value: by.word().to_string(),
                label: by.word().to_string(),
                is_chosen: narrowed.by.contains(&by),
            })
            .to_vec(),
        since: narrowed.since.unwrap_or_default().to_string(),
        until: narrowed.until.unwrap_or_default().to_string(),
        is_narrowed: narrowed.address(&[]) != "/latency",
        from: told_at(asked, found.span[0]),
        to: told_at(asked, found.span[1]),
        names: narrowed.by.iter().map(|by| by.word()).collect(),
        more: groups.len().saturating_sub(LISTED),
        charts: charts(&found)?,
        phases: single.map_or_else(Vec::new, phases),
        models: models::models(asked, span, is_wanted)?,
        rows,
    };
    page::page(asked.site, ("/latency", "Latency"), "latency.html", &view)
}

impl<'a> Narrowed<'a> {
    fn read(asked: &'a Asked<'_>, all: &[Series]) -> Result<(Self, Vec<Field>), Refusal> {
        let query = &asked.query;
        let mut values = Vec::new();
        let mut fields = Vec::new();
        for by in NARROWED {
            let known = all.iter().map(|series| by.of(series));
            let known: BTreeSet<&str> = known.filter(|name| !name.is_empty()).collect();
            let chosen = one_of(query, by.word(), &known)?;
            values.push((by, chosen));
            fields.push(Field {
                key: by.word(),
                label: match by {
                    By::Provider => "Provider",
                    By::Region => "Region",
                    By::Host => "Host",
                    By::Way => "Connection",
                    By::Kind => "Kind",
                    _ => "Probe",
                },
                choices: choices(known.iter().copied(), chosen),
            });
        }
        let mut by: Vec<By> = Vec::new();
        for words in query.all("by") {
            for word in words.split(',') {
                let one = By::from_word(word).filter(|by| BY.contains(by));
                let one = one.ok_or_else(|| {
                    let known = BY.map(By::word).join(", ");
                    let found: String = word.chars().take(40).collect();
                    Refusal::Wrong(format!("by: expected some of {known}, found '{found}'"))
                })?;
                if !by.contains(&one) {
                    by.push(one);
                }
            }
        }
        if by.is_empty() {
            by.extend(USUAL);
        }
        let narrowed = Self {
            values,
            by,
            range: one_of(query, "range", RANGES)?.unwrap_or(RANGE),
            since: query.one("since")?,
            until: query.one("until")?,
        };
        Ok((narrowed, fields))
    }

    fn span(&self, asked: &Asked<'_>) -> Result<[Timestamp; 2], Refusal> {
        let zone = &asked.site.means.settings.zone;
        let until = moment(asked, "until")?.unwrap_or(asked.now).min(asked.now);
        let since = match moment(asked, "since")? {
            Some(since) => since,
            None => moments::moment(self.range, zone, until).unwrap_or(Timestamp::MIN),
        };
        match since < until {
            true => Ok([since, until]),
            false => Err(Refusal::Wrong(format!(
                "since: expected a time before {until}, found {since}"
            ))),
        }
    }

    fn has(&self, series: &Series) -> bool {
        let mut values = self.values.iter();
        values.all(|(by, wanted)| wanted.is_none_or(|wanted| wanted == by.of(series)))
    }

    /// The same page with some values in the place of what is asked for.
    fn address(&self, instead: &[(&str, &str)]) -> String {
        let by: Vec<&str> = self.by.iter().map(|by| by.word()).collect();
        let by = match self.by == USUAL {
            true => String::new(),
            false => by.join(","),
        };
        let range = match self.range == RANGE {
            true => "",
            false => self.range,
        };
        let values = self.values.iter();
        let mut pairs: Vec<(&str, &str)> = values
            .map(|(by, value)| (by.word(), value.unwrap_or_default()))
            .collect();
        pairs.extend([
            ("by", by.as_str()),
            ("range", range),
            ("since", self.since.unwrap_or_default()),
            ("until", self.until.unwrap_or_default()),
        ]);
        for pair in &mut pairs {
            if let Some(other) = instead.iter().find(|other| other.0 == pair.0) {
                pair.1 = other.1;
            }
        }
        shown::address("/latency", pairs)
    }

    fn ranges(&self) -> Vec<Range> {
        let is_own = self.since.is_some() || self.until.is_some();
        RANGES
            .map(|name| Range {
                name,
                link: self.address(&[("range", name), ("since", ""), ("until", "")]),
                is_chosen: !is_own && name == self.range,
            })
            .to_vec()
    }
}

fn row_view(narrowed: &Narrowed<'_>, names: &[String], course: &Course) -> RowView {
    let whole = &course.whole;
    let own = narrowed.by.iter().zip(names);
    let instead: Vec<(&str, &str)> = own
        .filter(|(_, name)| !name.is_empty())
        .map(|(by, name)| (by.word(), name.as_str()))
        .collect();
    let failures: Vec<String> = whole
        .failures()
        .map(|(outcome, n)| format!("{} {n}", spoken(outcome)))
        .collect();
    RowView {
        link: narrowed.address(&instead),
        names: names.iter().map(|name| visible(name, 80)).collect(),
        n: whole.good(),
        failed: whole.failed(),
        total: spread(&whole.total),
        course: course.sparkline(),
        range: match course.range().map(|range| range.map(told)) {
            Some([shortest, longest]) if shortest == longest => shortest,
            Some(range) => range.join("–"),
            None => String::new(),
        },
        first_byte: of_fewer(
            whole.first_byte.percentile(50).map(told),
            whole.first_byte.n(),
            whole.good(),
        ),
        failures: failures.join(", "),
    }
}

fn spread(sketch: &Sketch) -> Vec<String> {
    PERCENTILES
        .iter()
        .map(|percent| {
            let value = sketch.percentile(*percent).map(told);
            value.unwrap_or_else(|| "–".to_string())
        })
        .collect()
}

/// Milliseconds, with a tenth where that is more than noise.
fn told(duration: SignedDuration) -> String {
    let millis = millis(duration);
    match millis < 10.0 {
        true => format!("{millis:.1}"),
        false => format!("{millis:.0}"),
    }
}

/// A figure of fewer measurements than its line has says of how many.
fn of_fewer(told: Option<String>, n: u64, of: u64) -> String {
    match told {
        None => "–".to_string(),
        Some(told) if n == of => told,
        Some(told) => format!("{told} (n {n})"),
    }
}

fn phases(course: &Course) -> Vec<Phase> {
    let whole = &course.whole;
    let sketched = |name, sketch: &Sketch| Phase {
        name,
        n: sketch.n(),
        figures: PERCENTILES
            .iter()
            .zip(spread(sketch))
            .map(|(percent, value)| (format!("p{percent}"), value))
            .collect(),
    };
    let summed = |name, sum: &Sum| Phase {
        name,
        n: sum.n,
        figures: vec![("mean".to_string(), sum.mean().map_or("–".to_string(), told))],
    };
    vec![
        summed("DNS", &whole.dns),
        summed("Connect", &whole.connect),
        summed("TLS", &whole.tls),
        sketched("First byte", &whole.first_byte),
        summed("Body", &whole.body),
        sketched("Total", &whole.total),
    ]
}

/// The courses of those with most measurements.
fn charts(found: &Hosts) -> Result<Vec<Safe>, Refusal> {
    let mut groups: Vec<_> = found.courses.groups().iter().collect();
    groups.retain(|(_, course)| course.whole.good() > 1);
    groups.sort_by_key(|(_, course)| std::cmp::Reverse(course.whole.good()));
    let drawn = groups.into_iter().take(DRAWN);
    drawn
        .map(|(names, course)| shown::drawn(&chart(found, names, course)))
        .collect()
}

fn chart(found: &Hosts, names: &[String], course: &Course) -> Chart {
    let [from, to] = found.span;
    let points = course.cells().iter().enumerate().filter_map(|(nth, cell)| {
        let after = found.cell.checked_mul(i32::try_from(nth).ok()?)?;
        let value = |percent| cell.percentile(percent).map(millis);
        Some(LatencyPoint {
            at: from.checked_add(after).ok()?,
            p50: value(50)?,
            p95: value(95)?,
            p99: value(99)?,
        })
    });
    let named: Vec<&str> = names
        .iter()
        .map(String::as_str)
        .filter(|name| !name.is_empty())
        .collect();
    Chart {
        title: format!("{}, until the last byte", named.join(", ")),
        unit: "milliseconds; p50, p95 and p99".to_string(),
        n: course.whole.good(),
        counted: "good answers".to_string(),
        source: "our own samples".to_string(),
        body: Body::Latency(Latency {
            from,
            to,
            every: found.cell,
            points: points.collect(),
        }),
    }
}
