//! The dashboard: pages for people, an API for programs. It reads the store on connections of its own and never holds up whoever
//! writes.

mod actions;
mod answer;
mod api;
mod assets;
mod badge;
mod cache;
mod cookies;
mod form;
mod guard;
mod health;
mod keys;
mod links;
mod live;
mod metrics;
mod pace;
mod page;
mod pages;
mod published;
mod query;
mod refusal;
mod route;
mod serve;
mod sessions;
mod shared;
mod shown;
mod sign_in;
mod site;
mod visitor;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

use crate::config::{Endpoint, Probe, Settings};
use crate::outlook::deeds::Deed;
use site::Site;

/// What the dashboard shows, and where it looks.
#[derive(Clone)]
pub struct Means {
    /// The database.
    pub database: PathBuf,
    /// The checked configuration.
    pub settings: Arc<Settings>,
    /// Every declared probe, with whether it is asked.
    pub probes: Arc<Vec<(Probe, bool)>>,
    /// Every declared endpoint, with whether it is checked.
    pub endpoints: Arc<Vec<(Endpoint, bool)>>,
    /// Where the time comes from.
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Who does what is done here besides looking; without it nothing is.
    pub doer: Option<Doer>,
}

/// Does a deed, and gives what was done, or in the inner error why it cannot be done as it was asked; in the outer one what failed.
pub type Doer = Arc<dyn Fn(Deed) -> Doing + Send + Sync>;
/// A deed under way.
pub type Doing = Pin<Box<dyn Future<Output = Result<Result<String, String>, String>> + Send>>;

impl std::fmt::Debug for Means {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Means")
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}

/// Why the dashboard is not served.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be listened on.
    #[error(
        "the dashboard cannot listen on {listen}: {detail}; choose another address in [web] listen, or on = false"
    )]
    Listen {
        /// Where it was to listen.
        listen: SocketAddr,
        /// What the system says.
        detail: std::io::Error,
    },
    /// The system gives no thread.
    #[error("the dashboard has no thread: {0}")]
    Thread(std::io::Error),
}

/// Threads that read the store at once.
const READERS: usize = 4;
/// Threads beside them: one that looks at a password, one that waits for the writer.
const OTHERS: usize = 2;
/// How long requests under way may take to end when the dashboard stops.
const FAREWELL: Duration = Duration::from_secs(2);

/// The dashboard, served in threads of its own: nothing that is asked of it delays a probe.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    thread: std::thread::JoinHandle<()>,
}

impl Running {
    /// Listens and serves until it is stopped.
    ///
    /// # Errors
    /// Where the address is taken or is none of this machine's, or the system gives no thread.
    pub fn start(means: Means) -> Result<Self, Error> {
        let listen = means.settings.web.listen;
        let refused = |detail| Error::Listen { listen, detail };
        let listener = std::net::TcpListener::bind(listen).map_err(refused)?;
        listener.set_nonblocking(true).map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let (stop, stopped) = watch::channel(false);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(READERS + OTHERS)
            .thread_name("reader")
            .build()
            .map_err(Error::Thread)?;
        let thread = std::thread::Builder::new()
            .name("dashboard".to_string())
            .spawn(move || {
                runtime.block_on(run(means, listener, stopped));
                runtime.shutdown_timeout(FAREWELL);
            })
            .map_err(Error::Thread)?;
        Ok(Self {
            address,
            stop,
            thread,
        })
    }

    /// Where it listens: with port 0, on which port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops serving.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        let joined = tokio::task::spawn_blocking(move || self.thread.join()).await;
        if !matches!(joined, Ok(Ok(()))) {
            tracing::error!("the dashboard ended badly");
        }
    }
}

async fn run(means: Means, listener: std::net::TcpListener, stopped: watch::Receiver<bool>) {
    let listener = match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => return tracing::error!("the dashboard is not served: {error}"),
    };
    let settings = means.settings.web.clone();
    let site = match Site::new(means, stopped.clone()) {
        Ok(site) => Arc::new(site),
        Err(error) => return tracing::error!("the dashboard is not served: {error}"),
    };
    let mut told = stopped.clone();
    let served = serve::serve(route::router(site), &settings, listener, stopped);
    let patience = async {
        let _ = told.wait_for(|stopped| *stopped).await;
        tokio::time::sleep(FAREWELL).await;
    };
    tokio::select! {
        () = served => {}
        () = patience => {}
    }
}
