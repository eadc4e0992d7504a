//! What all sources together say of a model: where it is offered, at which stage and price, and where they differ. Pure.

mod closeness;
mod cost;
mod denoted;
mod general;
mod history;
pub mod indicator;
mod matrix;
mod milestones;
mod offer;
mod reference;
pub mod shift;
mod spread;
mod way_out;
mod workload;

pub use cost::{Assumption, Choice, Cost, Item, Rejected, Unpriced, choices, cost};
pub use denoted::Denoted;
#[cfg(test)]
pub(crate) use history::example;
pub use history::{Course, First, History, Presence};
pub use matrix::{Cell, Column, Matrix, Row, matrix};
pub use milestones::{asked_of_milestones, came_true, milestones};
pub use offer::{Offer, Stated, offers};
pub use reference::{Basket, Line, Reference};
pub use spread::{Spread, SpreadClass};
pub use way_out::{elsewhere, end, replacements};
pub use workload::{Bounds, Breach, MOST, Workload, WorkloadProblem};
