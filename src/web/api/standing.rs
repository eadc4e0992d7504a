//! How Bellwether itself stands: sources, probes, reports, what was told.

use jiff::SignedDuration;

use super::fields;
use super::operation::{Found, Given, Operation, Row};
use super::parameters::{PERIOD_PART, PROVIDER, ROUTE, SINCE, STATE};
use super::shape::{Made, Shape, of_list, of_struct};
use crate::market::DeliveryState;
use crate::outlook::objects::probes;
use crate::outlook::rows::{AlertRow, ReportRow, SourceRow, object};
use crate::store::{Alerts as _, ReportForm, Reports as _, Sources as _};
use crate::web::refusal::Refusal;
use crate::web::route::{FACTS, MEASURED};

pub(super) const SOURCES: Operation = Operation {
    path: "/api/v1/sources",
    id: "sources",
    summary: "Every source and its health",
    description: "With the keys of `bellwether status --sources --format jsonl`.",
    parameters: &[PROVIDER],
    shape: Shape {
        name: "SourceRow",
        make: of_struct::<SourceRow>,
    },
    is_list: true,
    run: sources,
    holds: MEASURED,
};

pub(super) const PROBES: Operation = Operation {
    path: "/api/v1/probes",
    id: "probes",
    summary: "Every declared probe and endpoint",
    description: "What is watched, how often, and whether it is asked, with the keys of `bellwether probe list --format jsonl`.",
    parameters: &[PROVIDER],
    shape: Shape {
        name: "Probe",
        make: probe_shape,
    },
    is_list: true,
    run: list_probes,
    holds: FACTS,
};

pub(super) const REPORTS: Operation = Operation {
    path: "/api/v1/reports",
    id: "reports",
    summary: "The archived reports",
    description: "The latest first, with the keys of `bellwether report --list --format jsonl`.",
    parameters: &[],
    shape: Shape {
        name: "ReportRow",
        make: of_struct::<ReportRow>,
    },
    is_list: true,
    run: reports,
    holds: FACTS,
};

pub(super) const REPORT: Operation = Operation {
    path: "/api/v1/reports/{period}",
    id: "report",
    summary: "An archived report",
    description: "As `bellwether report --id PERIOD --as json` prints it.",
    parameters: &[PERIOD_PART],
    shape: Shape {
        name: "Report",
        make: || Made {
            schema: utoipa::openapi::ObjectBuilder::new()
                .schema_type(utoipa::openapi::Type::Object)
                .into(),
            parts: Vec::new(),
        },
    },
    is_list: false,
    run: report,
    holds: FACTS,
};

pub(super) const ALERTS: Operation = Operation {
    path: "/api/v1/alerts",
    id: "alerts",
    summary: "What was told, to whom, and whether it arrived",
    description: "Of the last seven days unless `since` says otherwise, with the keys of `bellwether alerts --format jsonl`.",
    parameters: &[SINCE, ROUTE, STATE],
    shape: Shape {
        name: "AlertRow",
        make: of_struct::<AlertRow>,
    },
    is_list: true,
    run: alerts,
    holds: MEASURED,
};

fn sources(given: &Given<'_>) -> Result<Found, Refusal> {
    let provider = given.text(&PROVIDER);
    let mut found = given.asked.store.sources()?;
    found.retain(|one| {
        provider
            .as_ref()
            .is_none_or(|p| *p == one.provider.as_str())
    });
    let key = |one: &crate::store::SourceRecord| one.id.to_string();
    given.part(&found, key, |one| object(&SourceRow::of(one)))
}

/// A probe or an endpoint.
fn probe_shape() -> Made {
    let mut made = of_list(fields::PROBE);
    let either = utoipa::openapi::schema::AnyOfBuilder::new()
        .item(made.schema)
        .item(of_list(fields::ENDPOINT).schema);
    made.schema = either.into();
    made
}

fn list_probes(given: &Given<'_>) -> Result<Found, Refusal> {
    let means = &given.asked.site.means;
    let all = means.probes.iter();
    let all = all.map(|(probe, is_asked)| probes::probe(probe, *is_asked));
    let endpoints = means.endpoints.iter();
    let endpoints = endpoints.map(|(one, is_checked)| probes::endpoint(one, *is_checked));
    let provider = given.text(&PROVIDER);
    let is_wanted = |row: &Row| {
        let of = row.get("provider").and_then(|of| of.as_str());
        provider.is_none() || provider.as_deref() == of
    };
    let rows: Vec<Row> = all.chain(endpoints).filter(is_wanted).collect();
    given.part_of_rows(&rows)
}

fn reports(given: &Given<'_>) -> Result<Found, Refusal> {
    let found = given.asked.store.reports()?;
    given.part(
        &found,
        |one| one.period.clone(),
        |one| object(&ReportRow::of(one)),
    )
}

fn report(given: &Given<'_>) -> Result<Found, Refusal> {
    let period = given.text(&PERIOD_PART).unwrap_or_default();
    let text = given
        .asked
        .store
        .archived_report(&period, ReportForm::Json)?;
    let Some(text) = text else {
        return Err(Refusal::Missing(format!(
            "expected the period of an archived report such as 2026-W46, found '{period}': /api/v1/reports lists them"
        )));
    };
    let report = serde_json::from_str(&text);
    let report = report.map_err(|error| Refusal::Internal(error.to_string()))?;
    Ok(Found::One(report))
}

/// Alerts that are told of unless it is said.
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

fn alerts(given: &Given<'_>) -> Result<Found, Refusal> {
    let now = given.asked.now;
    let since = given.time(&SINCE);
    let since = since.unwrap_or_else(|| now.checked_sub(WEEK).unwrap_or(now));
    let route = given.text(&ROUTE);
    let state = given.word(&STATE, DeliveryState::from_word);
    let mut told = given.asked.store.told_since(since)?;
    told.retain(|one| {
        route.as_ref().is_none_or(|route| *route == one.route)
            && state.is_none_or(|state| state == one.state)
    });
    given.part(
        &told,
        |one| one.id.clone(),
        |one| object(&AlertRow::of(one)),
    )
}
