//! When models end: a time line and a table of a year, what is committed told apart from what is only a floor.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use minijinja::Value as Safe;
use serde::Serialize;

use crate::market::{Certainty, LifecycleDate, identify};
use crate::outlook::ends::{Ahead, ends};
use crate::outlook::landscape::lab_of;
use crate::render::chart::{Body, Chart, Retirement, Retirements};
use crate::render::report::EndLine;
use crate::render::{link, one_line};
use crate::store::Sources;
use crate::web::answer::Answer;
use crate::web::page;
use crate::web::pages::landscape::filter::labs;
use crate::web::refusal::Refusal;
use crate::web::route::Asked;
use crate::web::shared::{Link, drawn};
use crate::web::shown::{Choice, choices, one_of};

/// Days that are looked ahead.
const AHEAD: i64 = 366;
/// Days on the time line.
const DRAWN: usize = 40;
/// Rows of the table.
const ROWS: usize = 500;
/// Providers that are named as ways out.
const WAYS: usize = 4;

#[derive(Serialize)]
struct View {
    providers: Vec<Choice>,
    labs: Vec<Choice>,
    watched: bool,
    has_watches: bool,
    is_narrowed: bool,
    chart: Option<Safe>,
    firm: usize,
    not_before: usize,
    rows: Vec<Row>,
    more: usize,
}

#[derive(Serialize)]
struct Row {
    /// The dated version, or the provider's own name.
    name: String,
    model: Option<Link>,
    provider: Link,
    day: String,
    is_firm: bool,
    days: i64,
    offerings: usize,
    touched: Vec<String>,
    replacements: Vec<Replaced>,
    elsewhere: Vec<Link>,
    source: Option<String>,
}

#[derive(Serialize)]
struct Replaced {
    named: String,
    model: Option<Link>,
    is_offered: bool,
}

/// Makes the page.
pub(super) fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let query = &asked.query;
    let whole = asked.site.landscape(asked.store, asked.now)?;
    let providers = || whole.spoken_of.iter().map(String::as_str);
    let provider = one_of(query, "provider", providers())?;
    let lab = one_of(query, "lab", labs(&whole))?;
    let watched = query.flag("watched")?;
    let policy = asked.site.means.settings.policy();
    let mut all = ends(
        asked.store,
        &Ahead {
            from: asked.now,
            as_of: false,
            days: AHEAD,
            policy: &policy,
            addresses: &asked.store.source_addresses()?,
        },
    )?;
    all.retain(|line| {
        let is_of_lab = lab.is_none_or(|lab| lab_of(&line.way_out.model) == lab);
        let is_at = provider.is_none_or(|provider| line.provider == provider);
        is_of_lab && is_at && (!watched || !line.touched.is_empty())
    });
    all.sort_by_key(|line| (line.end.starts(), line.end.certainty));
    let is_firm = |line: &&EndLine| line.end.certainty == Certainty::Firm;
    let firm = all.iter().filter(is_firm).count();
    let chart = chart(asked, &all);
    let view = View {
        providers: choices(providers(), provider),
        labs: choices(labs(&whole), lab),
        watched,
        has_watches: !policy.watches.is_empty(),
        is_narrowed: provider.is_some() || lab.is_some() || watched,
        chart: chart.as_ref().map(drawn).transpose()?,
        firm,
        not_before: all.len() - firm,
        rows: all.iter().take(ROWS).map(row).collect(),
        more: all.len().saturating_sub(ROWS),
    };
    page::page(
        asked.site,
        ("/retirements", "Retirements"),
        "retirements.html",
        &view,
    )
}

fn row(line: &EndLine) -> Row {
    let way_out = &line.way_out;
    let replacements = way_out.replacements.iter();
    Row {
        name: one_line(&line.model, 200),
        model: denoted(line).map(|model| Link::model(&model)),
        provider: Link::provider(&line.provider),
        day: line.end.text(),
        is_firm: line.end.certainty == Certainty::Firm,
        days: line.days,
        offerings: line.offerings,
        touched: line.touched.clone(),
        replacements: replacements
            .map(|one| Replaced {
                named: one_line(&one.named, 120),
                model: one.model.as_deref().map(Link::model),
                is_offered: !one.offered_on.is_empty(),
            })
            .collect(),
        elsewhere: way_out
            .elsewhere
            .iter()
            .map(|one| one.provider.as_str())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .take(WAYS)
            .map(Link::provider)
            .collect(),
        source: link(&line.url),
    }
}

/// The model that ends, where it is known which that is.
fn denoted(line: &EndLine) -> Option<String> {
    let model = &line.way_out.model;
    let known = identify(Some(&line.provider), model).model;
    match model.contains('/') {
        true => Some(model.clone()),
        false => known,
    }
}

/// The nearest days on a time line, one for each model, provider and day.
fn chart(asked: &Asked<'_>, all: &[EndLine]) -> Option<Chart> {
    let today = asked.now.to_zoned(TimeZone::UTC).date();
    let day = |date: &LifecycleDate| date.starts().to_zoned(TimeZone::UTC).date();
    let rows: BTreeSet<_> = all
        .iter()
        .map(|line| {
            let name = line.model.rsplit('/').next().unwrap_or(&line.model);
            let is_firm = line.end.certainty == Certainty::Firm;
            (
                day(&line.end),
                format!("{name} · {}", line.provider),
                is_firm,
            )
        })
        .collect();
    let n = rows.len();
    let rows: Vec<Retirement> = rows
        .into_iter()
        .take(DRAWN)
        .map(|(date, name, is_firm)| Retirement {
            name,
            date,
            is_firm,
        })
        .collect();
    let nearest = match n > DRAWN {
        true => format!("the nearest {DRAWN} of "),
        false => String::new(),
    };
    (!rows.is_empty()).then(|| Chart {
        title: "When models retire".to_string(),
        unit: String::new(),
        n: u64::try_from(n).unwrap_or(u64::MAX),
        counted: format!("days, {nearest}them in {AHEAD} days"),
        source: "what providers and registries state".to_string(),
        body: Body::Retirements(Retirements { today, rows }),
    })
}
