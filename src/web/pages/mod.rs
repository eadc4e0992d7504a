//! The pages, one file each.

mod change;
mod changes;
mod incidents;
mod landscape;
mod probe;
mod probes;
mod reports;

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
    Route {
        path: "/incidents",
        answer: incidents::page,
        holds: MEASURED,
    },
    Route {
        path: "/reports",
        answer: reports::page,
        holds: FACTS,
    },
    Route {
        path: "/reports/{period}",
        answer: reports::one,
        holds: FACTS,
    },
    Route {
        path: "/reports/{period}/{form}",
        answer: reports::form,
        holds: FACTS,
    },
    Route {
        path: "/probes",
        answer: probes::page,
        holds: MEASURED,
    },
    Route {
        path: "/probes/{id}",
        answer: probe::page,
        holds: MEASURED,
    },
];
