//! What is good for a while and costs a request to get: made once, however many want it at the same time.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::market::Failure;

/// So long before its end a value is replaced: a request that begins with it must also end with it.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);
/// So long a failure answers for the next ones who ask: many sources of a provider are asked at the same time.
const FAILED_FOR: SignedDuration = SignedDuration::from_secs(30);
/// A value that was refused is kept when it is younger than this: a fresh one would be refused as well.
const YOUNG: SignedDuration = SignedDuration::from_mins(1);

/// A value, and until when it is good.
#[derive(Debug, Clone)]
pub(super) struct Lasting<T> {
    pub value: T,
    pub until: Timestamp,
}

/// Values by name.
pub(super) struct Cache<T>(Mutex<BTreeMap<String, Arc<Slot<T>>>>);

type Slot<T> = tokio::sync::Mutex<Held<T>>;

struct Held<T> {
    good: Option<Lasting<T>>,
    made: Timestamp,
    failed: Option<(Failure, Timestamp)>,
}

impl<T: Clone> Cache<T> {
    pub fn new() -> Self {
        Self(Mutex::default())
    }

    /// The value of this name, made by `make` if there is none that is good for a while yet. A value that could not be
    /// replaced is used to its end.
    pub async fn get(
        &self,
        name: &str,
        at: Timestamp,
        make: impl Future<Output = Result<Lasting<T>, Failure>>,
    ) -> Result<T, Failure> {
        let slot = self.slot(name);
        let mut held = slot.lock().await;
        let lasts = |held: &Held<T>, margin: SignedDuration| {
            let good = held.good.as_ref()?;
            (at.duration_since(good.until) < -margin).then(|| good.value.clone())
        };
        if let Some(value) = lasts(&held, MARGIN) {
            return Ok(value);
        }
        let recent = held.failed.clone().filter(|(_, failed_at)| {
            let age = at.duration_since(*failed_at);
            age < FAILED_FOR && age > -FAILED_FOR
        });
        let made = match recent {
            Some((failure, _)) => Err(failure),
            None => {
                let made = make.await;
                held.failed = made.as_ref().err().map(|failure| (failure.clone(), at));
                made
            }
        };
        match made {
            Ok(fresh) => {
                let value = fresh.value.clone();
                held.good = Some(fresh);
                held.made = at;
                Ok(value)
            }
            Err(failure) => lasts(&held, SignedDuration::ZERO).ok_or(failure),
        }
    }

    /// Forgets a value that was refused.
    pub async fn forget(&self, name: &str, at: Timestamp) {
        let slot = self.slot(name);
        let mut held = slot.lock().await;
        if at.duration_since(held.made) >= YOUNG {
            held.good = None;
        }
    }

    fn slot(&self, name: &str) -> Arc<Slot<T>> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = slots.entry(name.to_owned()).or_insert_with(|| {
            Arc::new(tokio::sync::Mutex::new(Held {
                good: None,
                made: Timestamp::MIN,
                failed: None,
            }))
        });
        Arc::clone(slot)
    }
}

impl<T> fmt::Debug for Cache<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    fn after(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    struct Maker(Cache<u32>, AtomicU32);

    impl Maker {
        fn new() -> Self {
            Self(Cache::new(), AtomicU32::new(0))
        }

        /// A value that is good for an hour, or a failure; the value counts how often one was made.
        async fn ask(&self, seconds: i64, is_good: bool) -> Result<u32, Failure> {
            let make = async {
                let value = self.1.fetch_add(1, Ordering::SeqCst) + 1;
                tokio::task::yield_now().await;
                match is_good {
                    true => Ok(Lasting {
                        value,
                        until: after(seconds + 3600),
                    }),
                    false => Err(Failure::Internal {
                        detail: format!("failure {value}"),
                    }),
                }
            };
            self.0.get("x", after(seconds), make).await
        }
    }

    #[tokio::test]
    async fn a_value_is_made_once_and_replaced_before_its_end() {
        let maker = Maker::new();
        let all = futures_util::future::join_all((0..20).map(|_| maker.ask(0, true))).await;
        assert!(all.into_iter().all(|value| value == Ok(1)));
        for (seconds, expected) in [(1, 1), (3299, 1), (3300, 2), (3301, 2), (7000, 3)] {
            assert_eq!(maker.ask(seconds, true).await, Ok(expected), "{seconds}");
        }
    }

    #[tokio::test]
    async fn a_value_that_cannot_be_replaced_is_used_to_its_end() {
        let maker = Maker::new();
        assert_eq!(maker.ask(0, true).await, Ok(1));
        assert_eq!(maker.ask(3400, false).await, Ok(1));
        assert_eq!(maker.ask(3599, false).await, Ok(1));
        assert!(maker.ask(3600, false).await.is_err());
        assert_eq!(maker.ask(3640, true).await, Ok(4));
    }

    #[tokio::test]
    async fn a_failure_is_not_asked_for_again_at_once() {
        let maker = Maker::new();
        let failure = |number: u32| {
            let detail = format!("failure {number}");
            Err(Failure::Internal { detail })
        };
        assert_eq!(maker.ask(0, false).await, failure(1));
        assert_eq!(maker.ask(29, true).await, failure(1));
        assert_eq!(maker.ask(30, false).await, failure(2));
        assert_eq!(maker.ask(60, true).await, Ok(3));
    }

    #[tokio::test]
    async fn a_refused_value_is_forgotten_unless_it_is_fresh() {
        let maker = Maker::new();
        assert_eq!(maker.ask(0, true).await, Ok(1));
        maker.0.forget("x", after(59)).await;
        assert_eq!(maker.ask(59, true).await, Ok(1));
        maker.0.forget("x", after(60)).await;
        assert_eq!(maker.ask(60, true).await, Ok(2));
        maker.0.forget("other", after(60)).await;
        assert_eq!(maker.ask(61, true).await, Ok(2));
    }
}
