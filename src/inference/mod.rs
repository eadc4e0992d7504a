//! What a call to a model says and takes: requests and streams of every dialect, from bytes to text, times, usage and
//! cost. Pure: whoever sends and receives states the times.

mod budget;
mod chat;
mod cohere;
mod converse;
mod cost;
mod dialect;
mod error;
mod events;
mod figures;
mod frames;
mod gathered;
mod generate;
mod invoke;
mod messages;
mod request;
mod responses;
mod speed;
mod stream;
mod usage;

pub use budget::{Budget, Ended, utc_day};
pub use cost::Prices;
pub use dialect::Dialect;
pub use figures::Figures;
pub use gathered::{End, Reported, Times, Told};
pub use request::{Ask, CapName, PROMPT, Recipe, encoded};
pub use speed::Speed;
pub use stream::{MOST_READ, Stream};
pub use usage::Usage;

#[cfg(test)]
mod tests;
