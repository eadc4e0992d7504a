//! Calls to a provider whose bills are not known are made one at a time: what the first one cost is known before the second.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

use crate::daemon::clock::Clock;
use crate::daemon::writer::{Gone, Writer};
use crate::inference::utc_day;
use crate::market::ProviderId;
use crate::store::Spending;

/// Whose turn it is at each provider.
#[derive(Debug, Clone, Default)]
pub struct Unbilled(Arc<Mutex<BTreeMap<ProviderId, Arc<Turn<()>>>>>);

impl Unbilled {
    /// Waits for the turn of a call, if its provider has billed none of late. To be held until the bill is settled.
    ///
    /// # Errors
    /// Where the store cannot answer.
    pub async fn turn(
        &self,
        writer: &Writer,
        clock: &Clock,
        provider: &ProviderId,
    ) -> Result<Option<OwnedMutexGuard<()>>, Gone> {
        let is_billed = || {
            let (provider, day) = (provider.clone(), utc_day(clock()));
            writer.run(move |store| store.is_billed(&provider, day))
        };
        if is_billed().await? {
            return Ok(None);
        }
        let turn = self.of(provider).lock_owned().await;
        // whoever had it before may have brought the first bill
        Ok((!is_billed().await?).then_some(turn))
    }

    fn of(&self, provider: &ProviderId) -> Arc<Turn<()>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(provider.clone()).or_default())
    }
}
