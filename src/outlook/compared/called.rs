//! How far an account has come towards calling a model: listed, access granted, callable.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::flag;
use crate::landscape::Offer;
use crate::latency::{Callable, Calls};
use crate::market::{Purchase, normal_form};
use crate::outlook::moments::age;
use crate::store::{Answers, Error, Questions};

/// What calls have shown for longer says nothing of today.
const LOOKS_BACK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The rungs of the ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rung {
    /// A source lists it; whether the account may use it is not known.
    Listed,
    /// The provider says that the account may not use it.
    NotGranted,
    /// The account has agreed to the terms, is entitled and authorised. Whether a call succeeds only a call can show.
    Granted,
    /// A call of ours was answered.
    Callable,
}

impl Rung {
    /// The printed word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::NotGranted => "not granted",
            Self::Granted => "granted",
            Self::Callable => "callable",
        }
    }

    /// What the sources and our own calls say of an offering; `None` where nobody even lists it.
    pub fn of(offer: &Offer, calls: Option<&Callable>) -> Option<Self> {
        let has_answered = match calls {
            Some(Callable::Yes { .. }) => true,
            Some(Callable::Failed { answered_at, .. }) => answered_at.is_some(),
            _ => false,
        };
        if has_answered {
            return Some(Self::Callable);
        }
        match flag(offer, "granted") {
            Some(true) => Some(Self::Granted),
            Some(false) => Some(Self::NotGranted),
            None => (!offer.listed_by.is_empty()).then_some(Self::Listed),
        }
    }
}

/// What our calls to models came to, by provider and the spelling of the native id.
#[derive(Debug)]
pub struct Called(BTreeMap<(String, String), BTreeMap<String, Calls>>);

impl Called {
    /// The calls of the last days.
    ///
    /// # Errors
    /// Those of the store.
    pub fn of(store: &impl Questions, now: Timestamp) -> Result<Self, Error> {
        let mut called = Self(BTreeMap::new());
        // a call of this moment is no later than it
        let until = now + SignedDuration::from_secs(1);
        store.answers(now - LOOKS_BACK, until, |series, answer| {
            let model = (series.provider.clone(), normal_form(&series.model));
            let regions = called.0.entry(model).or_default();
            let calls = regions.entry(series.region.clone()).or_default();
            calls.add(answer.at, &answer.outcome);
        })?;
        Ok(called)
    }

    /// What the calls to an offering came to. A call by the token says nothing of capacity or of batches; where the offering or
    /// the call names no region, the region that answers goes before one that does not.
    pub fn to(&self, offer: &Offer) -> Option<Callable> {
        let subject = &offer.subject;
        let bought = subject.deployment.as_deref().map(Purchase::of_term);
        if bought.is_some_and(|bought| bought != Purchase::OnDemand) {
            return None;
        }
        let model = normal_form(subject.native_id.as_str());
        let regions = self.0.get(&(subject.provider.to_string(), model))?;
        let fitting = regions.iter().filter(|(region, _)| {
            region.is_empty()
                || !subject.region.is_stated()
                || region.as_str() == subject.region.as_str()
        });
        let fitting = fitting.filter_map(|(_, calls)| Some((calls.answered_at, calls.callable()?)));
        let best = fitting.max_by_key(|(answered_at, callable)| {
            (matches!(callable, Callable::Yes { .. }), *answered_at)
        });
        best.map(|(_, callable)| callable)
    }
}

/// What the calls came to, in words.
pub fn words(callable: &Callable, now: Timestamp) -> String {
    match callable {
        Callable::Yes { at } => format!("answered {}", age(now, *at)),
        Callable::Refused { outcome, at } => {
            format!("our call {} was refused ({outcome})", age(now, *at))
        }
        Callable::ThrottledThroughout { since, calls } => format!(
            "every call since {} ({calls}) was refused as one too many: a quota of nothing or access that was not granted may \
             hide behind it",
            since.strftime("%Y-%m-%d %H:%M UTC")
        ),
        Callable::Failed {
            outcome,
            at,
            answered_at,
        } => {
            let answered = answered_at.map(|at| format!(", answered {}", age(now, at)));
            let answered = answered.unwrap_or_default();
            format!("our call {} failed ({outcome}){answered}", age(now, *at))
        }
    }
}
