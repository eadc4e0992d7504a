//! A provider: what it sells where, what only it sells, what ends, how it stands, and whether its sources are well.

mod standing;

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use serde::Serialize;

use crate::market::{LifecycleDate, Price, Stage};
use crate::outlook::landscape::Found;
use crate::outlook::providers::{
    Asked as Source, Line, is_only_at, is_there, is_well, lines, sources,
};
use crate::render::{dollars, one_line};
use crate::store::{ChangeFilter, Changes};
use crate::web::answer::Answer;
use crate::web::links;
use crate::web::page::{self, Moment};
use crate::web::pages::landscape::cell::class;
use crate::web::pages::providers::{LineView, kinds};
use crate::web::refusal::Refusal;
use crate::web::route::Asked;
use crate::web::shared::{ChangeLine, Link, Pages};
use crate::web::shown::{address, told_at};
use standing::Standing;

/// Models on a page.
const MODELS: usize = 100;
/// Models that only it sells that are named before they are marked in the list.
const ONLY_HERE: usize = 60;
/// Ends that are listed; the retirements show all.
const ENDS: usize = 60;
/// Changes that are shown.
const CHANGES: usize = 30;
/// How long ago the first of them may have been.
const LOOKS_BACK: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Characters of what was wrong with a source.
const DETAIL: usize = 300;

#[derive(Serialize)]
struct View {
    line: LineView,
    day: Option<String>,
    models: Vec<Model>,
    pages: Option<Pages>,
    all_models: String,
    regions: Vec<(Link, usize)>,
    only_here: Vec<Link>,
    more_only_here: usize,
    ends: Vec<End>,
    more_ends: usize,
    all_ends: String,
    standing: Standing,
    sources: Vec<SourceView>,
    changes: Vec<ChangeLine>,
    all_changes: String,
}

#[derive(Serialize)]
struct Model {
    model: Link,
    stage: &'static str,
    class: &'static str,
    is_only_here: bool,
    regions: usize,
    input: Option<String>,
    output: Option<String>,
    retires: Option<String>,
}

#[derive(Serialize)]
struct End {
    model: Link,
    day: String,
    is_firm: bool,
    elsewhere: Vec<Link>,
}

#[derive(Serialize)]
struct SourceView {
    id: String,
    address: String,
    title: String,
    state: &'static str,
    class: &'static str,
    detail: String,
    items: Option<u64>,
    last: Option<Moment>,
    good: Option<Moment>,
    next: Option<Moment>,
}

/// Makes the page.
pub(super) fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let provider = asked.query.part("provider");
    let whole = asked.site.landscape(asked.store, asked.now)?;
    let kinds = kinds(asked.site);
    let (lines, day) = lines(asked.store, &whole, &kinds, asked.now)?;
    // a provider that is only asked so far has a page, too: its sources and what they answer
    let silent = kinds.get(provider).map(|kind| Line {
        provider: provider.to_string(),
        kind: Some(*kind),
        ..Line::default()
    });
    let line = lines.iter().find(|line| line.provider == provider);
    let line = line.or(silent.as_ref());
    let Some(line) = line else {
        let known: Vec<&str> = lines.iter().map(|line| line.provider.as_str()).collect();
        let found = one_line(provider, 80);
        return Err(Refusal::Missing(format!(
            "no source speaks of a provider {found}: known are {}",
            known.join(", ")
        )));
    };
    let rows = || {
        let rows = whole.matrix.rows.iter();
        rows.filter_map(|row| Some((row, row.cells.get(provider)?)))
    };
    let path = links::provider(provider);
    let pages = Pages::of(asked, &path, rows().count(), MODELS)?;
    let skipped = Pages::skipped(pages.as_ref());
    let on_page = rows().skip(skipped).take(MODELS);
    let models = on_page.map(|(row, cell)| Model {
        model: Link::model(&row.model),
        stage: cell.stage.word(),
        class: class(cell.stage),
        is_only_here: is_only_at(row, provider, &kinds),
        regions: cell.regions.len(),
        input: said(cell.input.as_ref()),
        output: said(cell.output.as_ref()),
        retires: cell.retires.map(|day| day.to_string()),
    });
    let only_here = || rows().filter(|(row, _)| is_only_at(row, provider, &kinds));
    let mut ends = ends(&whole, provider, asked);
    let more_ends = ends.len().saturating_sub(ENDS);
    ends.truncate(ENDS);
    let changes = asked.store.changes(&ChangeFilter {
        provider: Some(provider.to_string()),
        since: asked.now.checked_sub(LOOKS_BACK).ok(),
        ..ChangeFilter::default()
    })?;
    let own = sources(asked.store, &asked.site.means.probes, provider, asked.now)?;
    let view = View {
        line: LineView::of(line),
        day: day.map(|day| day.to_string()),
        models: models.collect(),
        pages,
        all_models: address("/", [("provider", provider)]),
        regions: regions(&whole, provider),
        only_here: only_here()
            .take(ONLY_HERE)
            .map(|(row, _)| Link::model(&row.model))
            .collect(),
        more_only_here: only_here().count().saturating_sub(ONLY_HERE),
        ends,
        more_ends,
        all_ends: address("/retirements", [("provider", provider)]),
        standing: Standing::of(asked, provider)?,
        sources: own
            .iter()
            .map(|source| source_view(asked, source))
            .collect(),
        changes: ChangeLine::newest(asked, &changes, CHANGES),
        all_changes: address("/changes", [("provider", provider)]),
    };
    page::page(asked.site, ("/providers", provider), "provider.html", &view)
}

fn said(price: Option<&Price>) -> Option<String> {
    price.map(|price| dollars(price.amount))
}

/// How many models can be had in each region, most first.
fn regions(whole: &Found, provider: &str) -> Vec<(Link, usize)> {
    let mut regions: BTreeMap<&str, usize> = BTreeMap::new();
    let cells = whole.matrix.rows.iter();
    let cells = cells.filter_map(|row| row.cells.get(provider));
    for cell in cells.filter(|cell| is_there(cell)) {
        for region in &cell.regions {
            *regions.entry(region).or_default() += 1;
        }
    }
    let mut regions: Vec<(&str, usize)> = regions.into_iter().collect();
    regions.sort_by_key(|(_, models)| std::cmp::Reverse(*models));
    let linked = |(region, models): (&str, usize)| {
        let address = address("/", [("provider", provider), ("region", region)]);
        let name = region.to_string();
        (Link { address, name }, models)
    };
    regions.into_iter().map(linked).collect()
}

/// What ends here, the soonest first, and where else it can be had.
fn ends(whole: &Found, provider: &str, asked: &Asked<'_>) -> Vec<End> {
    let mut ends: Vec<(LifecycleDate, End)> = Vec::new();
    for row in &whole.matrix.rows {
        let Some(cell) = row.cells.get(provider) else {
            continue;
        };
        let day = cell.retires.filter(|day| day.ends() > asked.now);
        let Some(day) = day else { continue };
        let elsewhere: BTreeSet<&str> = row
            .cells
            .iter()
            .filter(|(name, cell)| *name != provider && cell.stage == Stage::Ga)
            .map(|(name, _)| name.as_str())
            .collect();
        let end = End {
            model: Link::model(&row.model),
            day: day.text(),
            is_firm: day.certainty == crate::market::Certainty::Firm,
            elsewhere: elsewhere.into_iter().map(Link::provider).collect(),
        };
        ends.push((day, end));
    }
    ends.sort_by_key(|(day, _)| (day.starts(), day.certainty));
    ends.into_iter().map(|(_, end)| end).collect()
}

fn source_view(asked: &Asked<'_>, source: &Source) -> SourceView {
    let record = source.record.as_ref();
    let told = |at: Option<jiff::Timestamp>| at.map(|at| told_at(asked, at));
    let (state, class) = match record {
        None => ("never asked", "quiet"),
        Some(record) if record.last_outcome.is_none() => ("never asked", "quiet"),
        Some(record) if record.broken_since.is_some() => ("broken", "bad"),
        Some(record) if is_well(record) => ("good", "good"),
        Some(_) => ("failing", "caution"),
    };
    let id = source.id.to_string();
    let detail = record.and_then(|record| record.last_detail.as_deref());
    SourceView {
        address: links::probe(source.id.probe.as_str()),
        id,
        title: source.title.clone().unwrap_or_default(),
        state,
        class,
        detail: one_line(detail.unwrap_or_default(), DETAIL),
        items: record.and_then(|record| record.items),
        last: told(record.and_then(|record| record.last_at)),
        good: told(record.and_then(|record| record.accepted_at)),
        next: told(source.next),
    }
}
