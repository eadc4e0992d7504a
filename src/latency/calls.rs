//! What calls to a model showed of the account that made them: the last rung of the ladder from listed to callable.

use jiff::{SignedDuration, Timestamp};

use super::{is_good, is_ours};

/// A model that refuses calls as too many for so long, without a single answer between, is not just busy: a quota of nothing and
/// access that was never granted are answered with 429, too.
const HIDES_SOMETHING_AFTER: SignedDuration = SignedDuration::from_hours(1);
/// And so many calls.
const HIDES_SOMETHING: u32 = 3;

/// Calls to one offering, told in the order of their time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calls {
    /// When it last answered.
    pub answered_at: Option<Timestamp>,
    /// The calls since, none of which was answered.
    unanswered: Option<Unanswered>,
}

/// Calls without an answer, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Unanswered {
    since: Timestamp,
    last_at: Timestamp,
    last_outcome: String,
    throttled: u32,
    /// Whether the provider ever said why, in other words than 429.
    said_why: bool,
}

/// What they come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Callable {
    /// The last call was answered.
    Yes {
        /// When.
        at: Timestamp,
    },
    /// The account may not call it, says the provider.
    Refused {
        /// The word of the refusal.
        outcome: String,
        /// When it was called last.
        at: Timestamp,
    },
    /// It refuses every call as one too many: a quota of nothing, or access that was not granted.
    ThrottledThroughout {
        /// Since when.
        since: Timestamp,
        /// So many calls.
        calls: u32,
    },
    /// The last call failed, which says nothing of the account.
    Failed {
        /// The word of the failure.
        outcome: String,
        /// When.
        at: Timestamp,
        /// When it last answered.
        answered_at: Option<Timestamp>,
    },
}

impl Calls {
    /// One more call, later than those before. One that failed for reasons of our own says nothing.
    pub fn add(&mut self, at: Timestamp, outcome: &str) {
        if is_ours(outcome) {
            return;
        }
        if is_good(outcome) {
            self.answered_at = Some(at);
            self.unanswered = None;
            return;
        }
        let unanswered = self.unanswered.get_or_insert_with(|| Unanswered {
            since: at,
            last_at: at,
            last_outcome: String::new(),
            throttled: 0,
            said_why: false,
        });
        unanswered.last_at = at;
        unanswered.last_outcome = outcome.to_string();
        unanswered.throttled += u32::from(outcome == "throttled");
        unanswered.said_why |= is_refusal(outcome);
    }

    /// What they come to; `None` if there were none.
    pub fn callable(&self) -> Option<Callable> {
        let Some(unanswered) = &self.unanswered else {
            return Some(Callable::Yes {
                at: self.answered_at?,
            });
        };
        let (at, outcome) = (unanswered.last_at, unanswered.last_outcome.clone());
        let lasts = at.duration_since(unanswered.since) >= HIDES_SOMETHING_AFTER
            && unanswered.throttled >= HIDES_SOMETHING;
        Some(if is_refusal(&outcome) {
            Callable::Refused { outcome, at }
        } else if lasts && !unanswered.said_why {
            Callable::ThrottledThroughout {
                since: unanswered.since,
                calls: unanswered.throttled,
            }
        } else {
            Callable::Failed {
                outcome,
                at,
                answered_at: self.answered_at,
            }
        })
    }
}

/// Whether a provider says with it that this account may not call this model.
fn is_refusal(outcome: &str) -> bool {
    matches!(outcome, "unauthorised" | "not_entitled" | "model_gone")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Calls half an hour apart.
    fn told(outcomes: &str) -> String {
        let mut calls = Calls::default();
        let at = |n: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_mins(30 * n);
        for (n, outcome) in (0..).zip(outcomes.split_whitespace()) {
            calls.add(at(n), outcome);
        }
        let n = |at: Timestamp| at.duration_since(Timestamp::UNIX_EPOCH).as_mins() / 30;
        match calls.callable() {
            None => "not called".to_string(),
            Some(Callable::Yes { at }) => format!("answers {}", n(at)),
            Some(Callable::Refused { outcome, at }) => format!("refused {outcome} {}", n(at)),
            Some(Callable::ThrottledThroughout { since, calls }) => {
                format!("hides something: {calls} since {}", n(since))
            }
            Some(Callable::Failed {
                outcome,
                at,
                answered_at,
            }) => format!("failed {outcome} {} after {:?}", n(at), answered_at.map(n)),
        }
    }

    #[test]
    fn what_calls_come_to() {
        for (calls, come_to) in [
            ("", "not called"),
            ("ok", "answers 0"),
            ("unauthorised ok", "answers 1"),
            ("ok throttled", "failed throttled 1 after Some(0)"),
            ("throttled throttled", "failed throttled 1 after None"),
            (
                "throttled throttled throttled",
                "hides something: 3 since 0",
            ),
            (
                "ok throttled throttled throttled throttled",
                "hides something: 4 since 1",
            ),
            (
                "throttled throttled ok throttled",
                "failed throttled 3 after Some(2)",
            ),
            (
                "throttled timeout throttled throttled",
                "hides something: 3 since 0",
            ),
            (
                "throttled throttled throttled not_entitled",
                "refused not_entitled 3",
            ),
            (
                "not_entitled throttled throttled throttled",
                "failed throttled 3 after None",
            ),
            ("ok timeout", "failed timeout 1 after Some(0)"),
            ("model_gone", "refused model_gone 0"),
            ("ok internal", "answers 0"),
        ] {
            assert_eq!(told(calls), come_to, "{calls}");
        }
    }
}
