//! The pages, one file each.

mod change;
mod changes;
mod landscape;

use super::route::{FACTS, MEASURED, Route};

/// Every page.
pub(super) static ALL: &[Route] = &[
    Route {
        path: "/",
        answer: landscape::page,
        holds: FACTS,
    },
    Route {
        path: "/changes",
        answer: changes::page,
        holds: FACTS,
    },
    Route {
        path: "/changes/{id}",
        answer: change::page,
        holds: MEASURED,
    },
];
