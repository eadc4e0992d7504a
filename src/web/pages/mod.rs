//! The pages, one file each.

mod landscape;

use super::route::{FACTS, Route};

/// Every page.
pub(super) static ALL: &[Route] = &[Route {
    path: "/",
    answer: landscape::page,
    holds: FACTS,
}];
