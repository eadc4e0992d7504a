//! The landscape: models × providers.

mod cell;
mod filter;

use jiff::{SignedDuration, Timestamp};
use minijinja::Value as Safe;
use serde::Serialize;

use crate::market::{Certainty, ChangeKind};
use crate::outlook::landscape::Found;
use crate::store::{AllIncidents, Changes};
use crate::web::answer::Answer;
use crate::web::refusal::Refusal;
use crate::web::route::Asked;
use crate::web::{links, page};
use filter::{Filter, Form};

/// Models on a page.
const ROWS: usize = 100;
/// News of so many days is counted.
const NEWS: SignedDuration = SignedDuration::from_hours(7 * 24);
/// What retires within so many days is counted.
const SOON: SignedDuration = SignedDuration::from_hours(90 * 24);

#[derive(Serialize)]
struct View {
    figures: Figures,
    form: Form,
    /// Models that are asked for.
    models: usize,
    providers: Vec<Column>,
    rows: Vec<RowView>,
    /// Native ids that denote no known model.
    unknown: usize,
    pages: Option<Pages>,
}

/// What is told of the whole landscape.
#[derive(Serialize)]
struct Figures {
    models: usize,
    providers: usize,
    news: u64,
    added: u64,
    removed: u64,
    prices: u64,
    dates: u64,
    firm: usize,
    not_before: usize,
    incidents: usize,
}

#[derive(Serialize)]
struct Column {
    name: String,
    link: String,
}

#[derive(Serialize)]
struct RowView {
    model: String,
    link: String,
    /// The cells as markup: there are thousands, and each is a few words of ours.
    cells: Safe,
}

/// Which of several pages it is, and where the next ones are.
#[derive(Serialize)]
struct Pages {
    page: usize,
    of: usize,
    first: usize,
    last: usize,
    before: Option<String>,
    after: Option<String>,
}

/// Makes the page.
pub(super) fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let whole = asked.site.landscape(asked.store, asked.now)?;
    let filter = Filter::read(asked, &whole)?;
    let part = filter.part();
    let narrowed = match part.region.is_some() || part.interface.is_some() {
        true => Some(Found::of(asked.store, part, asked.now)?),
        false => None,
    };
    let found = narrowed.as_ref().unwrap_or(&whole);
    let all = found.matrix.rows.iter().map(std::borrow::Cow::Borrowed);
    let rows = part.of(all, asked.now);
    let providers = found.matrix.providers.iter();
    let providers: Vec<&str> = providers
        .map(String::as_str)
        .filter(|provider| part.is_at(provider))
        .collect();
    let pages = Pages::of(asked, rows.len())?;
    let skipped = pages.as_ref().map_or(0, |pages| pages.first - 1);
    let shown = rows.iter().skip(skipped).take(ROWS).map(|row| RowView {
        model: row.model.clone(),
        link: links::model(&row.model),
        cells: Safe::from_safe_string(cell::row(row, &providers, asked.now)),
    });
    let view = View {
        figures: Figures::of(asked, &whole)?,
        form: filter.form(&whole),
        models: rows.len(),
        providers: providers
            .iter()
            .map(|provider| Column {
                name: (*provider).to_string(),
                link: links::provider(provider),
            })
            .collect(),
        rows: shown.collect(),
        unknown: found.matrix.unknown,
        pages,
    };
    page::page(asked.site, ("/", "Landscape"), "landscape.html", &view)
}

impl Figures {
    fn of(asked: &Asked<'_>, whole: &Found) -> Result<Self, Refusal> {
        let now = asked.now;
        let since = now.checked_sub(NEWS).unwrap_or(Timestamp::MIN);
        let news = asked.store.news_since(since)?;
        let of = |kinds: &[ChangeKind]| kinds.iter().filter_map(|kind| news.get(kind)).sum();
        let (own, stated) = asked.store.open_incidents(now)?;
        let ends = |certainty| {
            let rows = whole.matrix.rows.iter();
            let ends = rows.filter(|row| {
                let mut days = row.cells.values().filter_map(|cell| cell.retires);
                days.any(|day| day.certainty == certainty && cell::is_within(&day, now, SOON))
            });
            ends.count()
        };
        Ok(Self {
            models: whole
                .matrix
                .rows
                .iter()
                .filter(|row| row.weight().0 > 0)
                .count(),
            providers: whole.matrix.providers.len(),
            news: news.values().sum(),
            added: of(&[ChangeKind::OfferingAdded, ChangeKind::OfferingReturned]),
            removed: of(&[ChangeKind::OfferingRemoved]),
            prices: of(&[ChangeKind::PriceChanged]),
            dates: of(&[ChangeKind::DateChanged]),
            firm: ends(Certainty::Firm),
            not_before: ends(Certainty::NotBefore),
            incidents: crate::outlook::incidents::rows(own, stated).len(),
        })
    }
}

impl Pages {
    fn of(asked: &Asked<'_>, rows: usize) -> Result<Option<Self>, Refusal> {
        let of = rows.div_ceil(ROWS).max(1);
        let expected = format!("a page from 1 to {of}");
        let is_one = |text: &str| text.parse().ok().filter(|page| (1..=of).contains(page));
        let page = asked.query.parsed("page", &expected, is_one)?.unwrap_or(1);
        if of == 1 {
            return Ok(None);
        }
        let address = |page: usize| asked.query.address("/", "page", Some(&page.to_string()));
        Ok(Some(Self {
            page,
            of,
            first: (page - 1) * ROWS + 1,
            last: (page * ROWS).min(rows),
            before: (page > 1).then(|| address(page - 1)),
            after: (page < of).then(|| address(page + 1)),
        }))
    }
}
