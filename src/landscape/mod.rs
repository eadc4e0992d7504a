//! What all sources together say of a model: where it is offered, at which stage and price, and where they differ. Pure.

mod offer;
mod spread;

pub use offer::{Offer, Stated, offers};
pub use spread::{Spread, SpreadClass};
