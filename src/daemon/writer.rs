//! The one writer: a thread that owns the store, and answers to whoever asks it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use crate::store::{Error, Store};

type Job = Box<dyn FnOnce(&mut Store) + Send>;

/// A handle to the writer's thread.
#[derive(Debug, Clone)]
pub struct Writer {
    jobs: mpsc::SyncSender<Job>,
}

/// Why no answer comes from the writer.
#[derive(Debug, thiserror::Error)]
pub enum Gone {
    /// Its thread has ended: the program is stopping.
    #[error("the writer has stopped")]
    Stopped,
    /// The job panicked: nothing of its transaction was kept, and the writer goes on.
    #[error("the program failed in itself while it wrote: nothing of that was kept")]
    Panicked,
    /// The store refused.
    #[error(transparent)]
    Store(#[from] Error),
}

/// Waiting jobs; whoever brings more waits.
const QUEUE: usize = 256;

impl Writer {
    /// Starts the thread. It ends, and gives the store back tidied, when the last handle is dropped.
    pub fn start(mut store: Store) -> std::io::Result<(Self, JoinHandle<Store>)> {
        let (jobs, inbox) = mpsc::sync_channel::<Job>(QUEUE);
        let thread = std::thread::Builder::new()
            .name("writer".to_string())
            .spawn(move || {
                while let Ok(job) = inbox.recv() {
                    job(&mut store);
                    store.let_go();
                }
                if let Err(error) = store.tidy() {
                    tracing::warn!("the database could not be tidied: {error}");
                }
                store
            })?;
        Ok((Self { jobs }, thread))
    }

    /// Runs `work` on the store and waits for what it says.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Gone> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |store| {
            // an open transaction is rolled back as the panic passes through it
            let worked = catch_unwind(AssertUnwindSafe(|| work(store)));
            // whoever asked may have been cancelled; what was written stays written
            let _ = answer.send(worked.map_err(|_| Gone::Panicked));
        });
        let jobs = self.jobs.clone();
        let sent = match jobs.try_send(job) {
            Ok(()) => true,
            Err(mpsc::TrySendError::Full(job)) => {
                tokio::task::spawn_blocking(move || jobs.send(job).is_ok())
                    .await
                    .unwrap_or(false)
            }
            Err(mpsc::TrySendError::Disconnected(_)) => false,
        };
        if !sent {
            return Err(Gone::Stopped);
        }
        answered
            .await
            .map_err(|_| Gone::Stopped)??
            .map_err(Gone::Store)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Sources;
    use jiff::Timestamp;

    #[tokio::test]
    async fn a_job_that_panics_keeps_nothing_and_stops_nobody() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("bellwether.db")).expect("a database");
        let (writer, _thread) = Writer::start(store).expect("a thread");
        let failed: Result<(), Gone> = writer
            .run(|store| {
                store.transaction(|transaction| {
                    transaction.pass_milestone("half", Timestamp::UNIX_EPOCH)?;
                    panic!("a defect of ours")
                })
            })
            .await;
        assert!(matches!(failed, Err(Gone::Panicked)));
        let kept = writer.run(|store| store.milestone("half")).await;
        assert!(matches!(kept, Ok(None)), "{kept:?}");
    }
}
