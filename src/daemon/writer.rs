//! The one writer: a thread that owns the store, and answers to whoever asks it.

mod notes;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::store::{Error, Store, Unchanged};
use notes::Notes;

type Job = Box<dyn FnOnce(&mut Store) + Send>;

/// What the thread is called for.
enum Call {
    Job(Job),
    /// Something has been noted.
    Noted,
}

/// A handle to the writer's thread.
#[derive(Debug, Clone)]
pub struct Writer {
    calls: mpsc::SyncSender<Call>,
    notes: Arc<Notes>,
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

/// What is noted waits no longer, so that more can be written with it.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

impl Writer {
    /// Starts the thread. It ends, and gives the store back tidied, when the last handle is dropped.
    pub fn start(mut store: Store) -> std::io::Result<(Self, JoinHandle<Store>)> {
        let (calls, inbox) = mpsc::sync_channel::<Call>(QUEUE);
        let notes = Arc::<Notes>::default();
        let noted = Arc::clone(&notes);
        let thread = std::thread::Builder::new()
            .name("writer".to_string())
            .spawn(move || {
                serve(&mut store, &inbox, &noted);
                if let Err(error) = store.tidy() {
                    tracing::warn!("the database could not be tidied: {error}");
                }
                store
            })?;
        Ok((Self { calls, notes }, thread))
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
        let calls = self.calls.clone();
        let sent = match calls.try_send(Call::Job(job)) {
            Ok(()) => true,
            Err(mpsc::TrySendError::Full(job)) => {
                tokio::task::spawn_blocking(move || calls.send(job).is_ok())
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

    /// Notes a fetch that showed nothing new: it is written before whatever is asked next of the writer, and within a second.
    /// Gives it back if it cannot be noted: then it is a job as any other.
    pub fn note(&self, fetch: Unchanged) -> Result<(), Box<Unchanged>> {
        self.notes.push(fetch, || {
            // a full queue of jobs is as good as a call
            let called = self.calls.try_send(Call::Noted);
            !matches!(called, Err(mpsc::TrySendError::Disconnected(_)))
        })
    }
}

/// Does what is asked until nobody can ask any more. What was noted before a job is written before it.
fn serve(store: &mut Store, inbox: &mpsc::Receiver<Call>, notes: &Notes) {
    let mut until: Option<Instant> = None;
    loop {
        let call = match until {
            Some(until) => inbox.recv_timeout(until.saturating_duration_since(Instant::now())),
            None => inbox.recv().map_err(mpsc::RecvTimeoutError::from),
        };
        let is_written = match call {
            Ok(Call::Noted) => {
                until.get_or_insert_with(|| Instant::now() + LONGEST_WAIT);
                continue;
            }
            Ok(Call::Job(job)) => {
                let is_written = notes.write(store);
                job(store);
                store.let_go();
                is_written
            }
            Err(mpsc::RecvTimeoutError::Timeout) => notes.write(store),
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                notes.write(store);
                return;
            }
        };
        until = (!is_written).then(|| Instant::now() + LONGEST_WAIT);
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
