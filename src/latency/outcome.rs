//! What the outcome of a sample says of the one who was asked.

use super::is_good;

/// The words of samples that reached nobody, as far as they tell. Some of them may say so for other reasons.
pub const UNREACHED: [&str; 4] = ["dns", "connect", "timeout", INCONCLUSIVE];

/// The word of a sample that reached nobody while our own network was away.
pub const INCONCLUSIVE: &str = "inconclusive";

/// What is asked of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Question {
    /// Whether an endpoint answers at all: any answer that is no server error is one, also 401, 403 and 404.
    Endpoint,
    /// An answer of a model.
    Inference,
    /// A list or a page.
    Source,
}

/// What a sample says of its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Statement {
    /// It works.
    Good,
    /// It does not, and that is its own fault.
    Bad,
    /// Nothing: the fault is ours, or nobody can tell whose it is.
    Nothing,
}

impl Statement {
    /// What the outcome's word says. `inconclusive` is the word of a sample that was taken while we were to blame ourselves. A
    /// word that is unknown says nothing.
    pub fn of(outcome: &str, question: Question) -> Self {
        if is_good(outcome) {
            return Self::Good;
        }
        match (question, outcome) {
            (_, "dns" | "connect" | "tls" | "timeout" | "overloaded" | "protocol") => Self::Bad,
            // it has answered: that is all that is asked of it
            (
                Question::Endpoint,
                "throttled" | "unauthorised" | "not_entitled" | "credential_expired"
                | "token_refused" | "clock_skew" | "model_gone" | "wrong_type" | "login_wall"
                | "redirect_refused" | "too_large" | "unreadable" | "too_few_items",
            ) => Self::Good,
            // a server error: what an endpoint answers otherwise is `ok`, and a model has words of its own for it
            (Question::Endpoint | Question::Inference, "status" | "truncated") => Self::Bad,
            (Question::Inference, "unreadable") => Self::Bad,
            // a page that has moved is no outage, our own limits, credentials and faults are ours
            _ => Self::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::Failure;

    #[test]
    fn what_each_outcome_says() {
        let words = |outcome: &str| {
            [Question::Endpoint, Question::Inference, Question::Source]
                .map(|question| match Statement::of(outcome, question) {
                    Statement::Good => "good",
                    Statement::Bad => "bad",
                    Statement::Nothing => "-",
                })
                .join(" ")
        };
        for (outcome, said) in [
            ("ok", "good good good"),
            ("not_modified", "good good good"),
            ("dns", "bad bad bad"),
            ("connect", "bad bad bad"),
            ("tls", "bad bad bad"),
            ("timeout", "bad bad bad"),
            ("overloaded", "bad bad bad"),
            ("status", "bad bad -"),
            ("throttled", "good - -"),
            ("unauthorised", "good - -"),
            ("not_entitled", "good - -"),
            ("model_gone", "good - -"),
            ("credential_missing", "- - -"),
            ("internal", "- - -"),
            ("inconclusive", "- - -"),
            ("no such word", "- - -"),
        ] {
            assert_eq!(words(outcome), said, "{outcome}");
        }
        // every failure has been thought of: none is good where an answer was wanted
        for word in ["dns", "too_few_items", "clock_skew"] {
            let failure = Failure::kept(word, "");
            assert_ne!(
                Statement::of(failure.word(), Question::Inference),
                Statement::Good
            );
        }
    }
}
