//! What several pages hold: links with names, pages of long lists, charts.

use minijinja::Value as Safe;
use serde::Serialize;

use super::links;
use super::page::Moment;
use super::refusal::Refusal;
use super::route::Asked;
use super::shown::{Choice, told_at};
use crate::market::RecordedChange;
use crate::render::chart::{Chart, Size};
use crate::render::{one_line, sentence};

/// Characters of a sentence.
const SENTENCE: usize = 400;

/// A link and what it says.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Link {
    pub address: String,
    pub name: String,
}

impl Link {
    /// To the page of a model.
    pub fn model(model: &str) -> Self {
        Self {
            address: links::model(model),
            name: model.to_string(),
        }
    }

    /// To the page of a provider.
    pub fn provider(provider: &str) -> Self {
        Self {
            address: links::provider(provider),
            name: provider.to_string(),
        }
    }
}

/// A change in one line.
#[derive(Debug, Serialize)]
pub(super) struct ChangeLine {
    pub link: Link,
    pub severity: &'static str,
    pub at: Moment,
}

impl ChangeLine {
    /// The last `most` of some changes, the newest first.
    pub fn newest(asked: &Asked<'_>, changes: &[RecordedChange], most: usize) -> Vec<Self> {
        let newest = changes.iter().rev().take(most);
        newest.map(|recorded| Self::of(asked, recorded)).collect()
    }

    fn of(asked: &Asked<'_>, recorded: &RecordedChange) -> Self {
        let change = &recorded.change;
        Self {
            link: Link {
                address: links::change(&change.id.0),
                name: one_line(&sentence(recorded), SENTENCE),
            },
            severity: change.severity.word(),
            at: told_at(asked, change.confirmed_at),
        }
    }
}

/// Which of several pages it is, and where those beside it are.
#[derive(Debug, Serialize)]
pub(super) struct Pages {
    pub page: usize,
    pub of: usize,
    /// The first and the last of the list that are shown, counted from 1.
    pub first: usize,
    pub last: usize,
    before: Option<String>,
    after: Option<String>,
}

impl Pages {
    /// The page that is asked for of a list with so many rows; `None` where one page holds them all.
    pub fn of(
        asked: &Asked<'_>,
        path: &str,
        rows: usize,
        on_each: usize,
    ) -> Result<Option<Self>, Refusal> {
        let of = rows.div_ceil(on_each).max(1);
        let expected = format!("a page from 1 to {of}");
        let is_one = |text: &str| text.parse().ok().filter(|page| (1..=of).contains(page));
        let page = asked.query.parsed("page", &expected, is_one)?.unwrap_or(1);
        if of == 1 {
            return Ok(None);
        }
        let address = |page: usize| asked.query.address(path, "page", Some(&page.to_string()));
        Ok(Some(Self {
            page,
            of,
            first: (page - 1) * on_each + 1,
            last: (page * on_each).min(rows),
            before: (page > 1).then(|| address(page - 1)),
            after: (page < of).then(|| address(page + 1)),
        }))
    }

    /// How many rows stand before the page.
    pub fn skipped(pages: Option<&Self>) -> usize {
        pages.map_or(0, |pages| pages.first - 1)
    }
}

/// Choices of which several may be ticked.
pub(super) fn ticked<'a>(
    values: impl IntoIterator<Item = &'a str>,
    is_chosen: impl Fn(&str) -> bool,
) -> Vec<Choice> {
    let values = values.into_iter();
    values
        .map(|value| Choice {
            value: value.to_string(),
            label: value.to_string(),
            is_chosen: is_chosen(value),
        })
        .collect()
}

/// A chart as markup: one `svg` element whose every text is escaped.
pub(super) fn drawn(chart: &Chart) -> Result<Safe, Refusal> {
    let size = chart.fitting(Size::WIDE);
    let svg = chart.to_svg(size);
    let svg = svg.map_err(|error| Refusal::Internal(error.to_string()))?;
    Ok(Safe::from_safe_string(svg))
}
