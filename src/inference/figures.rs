//! What is kept of a call: figures, and never what was said.

use jiff::SignedDuration;
use rust_decimal::Decimal;

use super::gathered::{Reported, Told};
use super::speed::Speed;
use super::usage::Usage;

/// The figures of one call.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figures {
    /// From the request to the first event of any kind.
    pub first_event: Option<SignedDuration>,
    /// To the first thinking that is shown.
    pub first_thinking: Option<SignedDuration>,
    /// To the first text.
    pub first_content: Option<SignedDuration>,
    /// To the last thinking or text.
    pub last_token: Option<SignedDuration>,
    /// Between two events with text, at the median.
    pub gap: Option<SignedDuration>,
    /// Between two events with text, at most.
    pub longest_gap: Option<SignedDuration>,
    /// What is billed.
    pub usage: Usage,
    /// Tokens per second.
    pub speed: Speed,
    /// How long the provider says that it took.
    pub reported: Reported,
    /// What it was charged, in USD.
    pub charge: Decimal,
    /// Why it stopped, in the provider's word.
    pub stop: Option<String>,
    /// The model that answered, in the provider's spelling.
    pub model: Option<String>,
}

impl Told {
    /// What is kept of it; `charge` is what it was charged.
    pub fn figures(&self, charge: Decimal) -> Figures {
        let mut gaps = self.times.gaps.clone();
        gaps.sort_unstable();
        // the nearest rank: a gap that there was
        let median = gaps.len().div_ceil(2).checked_sub(1);
        Figures {
            first_event: self.times.first_event,
            first_thinking: self.times.first_thinking,
            first_content: self.times.first_content,
            last_token: self.times.last_token,
            gap: median.and_then(|rank| gaps.get(rank).copied()),
            longest_gap: gaps.last().copied(),
            usage: self.usage,
            speed: self.speed(),
            reported: self.reported,
            charge,
            stop: self.stop.clone(),
            model: self.model.clone(),
        }
    }
}
