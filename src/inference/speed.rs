//! Tokens per second, in both common definitions.

use jiff::SignedDuration;

use super::gathered::{End, Told};

/// How fast tokens flowed. A measurement, so a float.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Speed {
    /// All tokens of the answer over the time from the start to the last one.
    pub end_to_end: Option<f64>,
    /// The tokens after the first one over the time since it. What was thought unseen before the first one does not count.
    pub after_first: Option<f64>,
}

impl Told {
    /// How fast tokens flowed, if the times count from the start of the request. Nothing of a stream that failed, nothing
    /// where usage or time is missing or all came at once.
    pub fn speed(&self) -> Speed {
        let (End::Complete, Some(output), Some(last)) =
            (&self.end, self.usage.output, self.times.last_token)
        else {
            return Speed::default();
        };
        // where thinking is counted, text alone is measured: what is shown of thinking may be a summary
        let (first, tokens) = match (self.usage.reasoning, self.times.first_thinking) {
            (Some(reasoning), _) => (self.times.first_content, output.checked_sub(reasoning)),
            (None, Some(thinking)) => (Some(thinking), Some(output)),
            (None, None) => (self.times.first_content, Some(output)),
        };
        let after_first = first.zip(tokens).and_then(|(first, tokens)| {
            per_second(tokens.checked_sub(1)?, last.saturating_sub(first))
        });
        Speed {
            end_to_end: per_second(output, last),
            after_first,
        }
    }
}

fn per_second(tokens: u64, time: SignedDuration) -> Option<f64> {
    let is_measured = tokens > 0 && time > SignedDuration::ZERO;
    is_measured.then(|| tokens as f64 / time.as_secs_f64())
}
