//! `/api/v1`: what commands tell, for programs, in the same words.

mod changes;
mod document;
mod fields;
mod guide;
mod landscape;
mod measured;
mod operation;
mod parameter;
mod parameters;
mod shape;
mod standing;

use axum::http::header;

use super::route::{FACTS, Route};
use operation::Operation;

pub(super) use operation::problem;

/// Where all operations stand.
pub(super) const BASE: &str = "/api/v1/";

/// Every operation of the document.
static OPERATIONS: &[&Operation] = &[
    &landscape::STATUS,
    &landscape::MODELS,
    &landscape::MODEL,
    &landscape::PROVIDERS,
    &landscape::OFFERINGS,
    &landscape::PRICES,
    &landscape::COST,
    &landscape::RETIREMENTS,
    &changes::CHANGES,
    &changes::CHANGE,
    &measured::LATENCY,
    &measured::MODEL_LATENCY,
    &measured::UPTIME,
    &measured::INCIDENTS,
    &measured::INDICATORS,
    &measured::SHIFTS,
    &standing::SOURCES,
    &standing::PROBES,
    &standing::REPORTS,
    &standing::REPORT,
    &standing::ALERTS,
];

/// A route for each of these operations.
macro_rules! routes {
    ($($operation:path),* $(,)?) => {
        &[
            $(Route {
                path: $operation.path,
                answer: |asked| operation::answer(&$operation, asked),
                holds: $operation.holds,
            },)*
            Route { path: "/api/v1/openapi.json", answer: document::answer, holds: FACTS },
            Route { path: "/api", answer: guide::page, holds: FACTS },
        ]
    };
}

/// Every route.
pub(super) static ALL: &[Route] = routes![
    landscape::STATUS,
    landscape::MODELS,
    landscape::MODEL,
    landscape::PROVIDERS,
    landscape::OFFERINGS,
    landscape::PRICES,
    landscape::COST,
    landscape::RETIREMENTS,
    changes::CHANGES,
    changes::CHANGE,
    measured::LATENCY,
    measured::MODEL_LATENCY,
    measured::UPTIME,
    measured::INCIDENTS,
    measured::INDICATORS,
    measured::SHIFTS,
    standing::SOURCES,
    standing::PROBES,
    standing::REPORTS,
    standing::REPORT,
    standing::ALERTS,
];

/// The header besides the address by which an answer is chosen.
pub(super) fn varies(path: &str) -> Option<header::HeaderName> {
    match path {
        "/metrics" => Some(header::ACCEPT),
        "/feed.xml" | "/feed.json" | "/api" => Some(header::HOST),
        path if path.starts_with(BASE) => Some(header::ACCEPT),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_a_route_and_a_name_of_its_own() {
        let routes: Vec<&str> = ALL.iter().map(|route| route.path).collect();
        let mut names: Vec<&str> = OPERATIONS.iter().map(|one| one.id).collect();
        for operation in OPERATIONS {
            assert!(routes.contains(&operation.path), "{}", operation.path);
        }
        assert_eq!(OPERATIONS.len() + 2, ALL.len());
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), OPERATIONS.len());
    }
}
