//! The pages, one file each.

mod change;
mod changes;
mod cost;
mod incidents;
mod landscape;
mod latency;
mod model;
mod prices;
mod probe;
mod probes;
mod provider;
mod providers;
mod reports;
mod retirements;
mod watches;

use super::route::{FACTS, MEASURED, Route};

/// Every page.
pub(super) static ALL: &[Route] = &[
    Route {
        path: "/",
        answer: landscape::page,
        holds: FACTS,
    },
    Route {
        path: "/providers",
        answer: providers::page,
        holds: FACTS,
    },
    Route {
        path: "/providers/{provider}",
        answer: provider::page,
        holds: MEASURED,
    },
    Route {
        path: "/prices",
        answer: prices::page,
        holds: FACTS,
    },
    Route {
        path: "/cost",
        answer: cost::page,
        holds: FACTS,
    },
    Route {
        path: "/retirements",
        answer: retirements::page,
        holds: FACTS,
    },
    Route {
        path: "/models/{lab}/{model}",
        answer: model::page,
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
    Route {
        path: "/latency",
        answer: latency::page,
        holds: MEASURED,
    },
    Route {
        path: "/watches",
        answer: watches::page,
        holds: FACTS,
    },
];
