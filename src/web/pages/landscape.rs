//! The landscape: models × providers.

pub(super) mod cell;
pub(super) mod filter;

use std::borrow::Cow;

use jiff::Timestamp;
use minijinja::Value as Safe;
use serde::Serialize;

use crate::market::{Certainty, ChangeKind};
use crate::outlook::landscape::Found;
use crate::outlook::providers::{ENDS, NEWS, is_within};
use crate::store::{AllIncidents, Changes};
use crate::web::answer::Answer;
use crate::web::page;
use crate::web::refusal::Refusal;
use crate::web::route::Asked;
use crate::web::shared::{Link, Pages};
use filter::{Filter, Form};

/// Models on a page.
const ROWS: usize = 100;
#[derive(Serialize)]
struct View {
    figures: Figures,
    form: Form,
    /// Models that are asked for.
    models: usize,
    providers: Vec<Link>,
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
struct RowView {
    model: Link,
    /// The cells as markup: there are thousands, and each is a few words of ours.
    cells: Safe,
}

/// Makes the page.
pub(super) fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let whole = asked.site.landscape(asked.store, asked.now)?;
    let filter = Filter::read(asked, &whole)?;
    let part = filter.part();
    let found = asked.site.landscape_with(asked.store, part, asked.now)?;
    let all = found.matrix.rows.iter().map(Cow::Borrowed);
    let rows = part.of(all, asked.now);
    let providers = found.matrix.providers.iter();
    let providers: Vec<&str> = providers
        .map(String::as_str)
        .filter(|provider| part.is_at(provider))
        .collect();
    let pages = Pages::of(asked, "/", rows.len(), ROWS)?;
    let skipped = Pages::skipped(pages.as_ref());
    let shown = rows.iter().skip(skipped).take(ROWS).map(|row| RowView {
        model: Link::model(&row.model),
        cells: Safe::from_safe_string(cell::row(row, &providers, asked.now)),
    });
    let view = View {
        figures: Figures::of(asked, &whole)?,
        form: filter.form(&whole),
        models: rows.len(),
        providers: providers.iter().map(|name| Link::provider(name)).collect(),
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
                days.any(|day| day.certainty == certainty && is_within(&day, now, ENDS))
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
