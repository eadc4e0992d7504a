//! The landscape: models × providers.

use serde::Serialize;

use crate::landscape::{Denoted, matrix};
use crate::market::{Attribute, DateKind};
use crate::store::{OfferingFilter, Offerings};
use crate::web::answer::Answer;
use crate::web::page;
use crate::web::refusal::Refusal;
use crate::web::route::Asked;

#[derive(Serialize)]
struct View {
    providers: Vec<String>,
    rows: Vec<RowView>,
}

#[derive(Serialize)]
struct RowView {
    model: String,
    /// The stage at each provider, empty where it is not offered.
    cells: Vec<&'static str>,
}

/// Makes the page.
pub(super) fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let facts = asked.store.offerings(&OfferingFilter {
        attributes: vec![Attribute::Stage, Attribute::Date(DateKind::Retires)],
        ..OfferingFilter::default()
    })?;
    let denoted = Denoted::new(&facts);
    let found = matrix(denoted.facts(), None, asked.now);
    let rows = found.rows.iter().map(|row| RowView {
        model: row.model.clone(),
        cells: found
            .providers
            .iter()
            .map(|provider| row.cells.get(provider).map_or("", |cell| cell.stage.word()))
            .collect(),
    });
    let rows = rows.collect();
    let providers = found.providers.clone();
    let view = View { providers, rows };
    page::page(asked.site, ("/", "Landscape"), "landscape.html", &view)
}
