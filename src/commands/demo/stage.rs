//! The world on loopback, in a thread of its own.

use std::collections::HashSet;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use anyhow::Context as _;
use tokio::sync::oneshot;

use crate::daemon::clock::Clock;
use crate::daemon::play::Stated;
use crate::world::server::Server;
use crate::world::{Line, World};

/// A world that answers.
#[derive(Debug)]
pub struct Stage {
    /// Where it listens on loopback.
    pub port: u16,
    /// Each original prefix, with what takes its place.
    pub rewrites: Vec<(String, String)>,
    hosts: HashSet<String>,
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl Stage {
    /// Lets a world answer, by its own time.
    ///
    /// # Errors
    /// Where the system gives neither a port nor a thread.
    pub fn start(world: Arc<World>, clock: Clock) -> anyhow::Result<Self> {
        let (stop, stopped) = oneshot::channel();
        let (begun, begins) = mpsc::channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let thread = std::thread::Builder::new()
            .name("world".to_string())
            .spawn(move || {
                runtime.block_on(async {
                    let server = match Server::start(world, clock).await {
                        Ok(server) => server,
                        Err(error) => {
                            let _ = begun.send(Err(error));
                            return;
                        }
                    };
                    let _ = begun.send(Ok((server.port(), server.rewrites())));
                    // also when whoever would stop it is gone
                    let _ = stopped.await;
                    drop(server);
                });
            })?;
        let begins = begins.recv().context("the world did not begin")?;
        let (port, rewrites) = begins.context("the world cannot listen on loopback")?;
        Ok(Self {
            port,
            hosts: rewrites.iter().filter_map(|(from, _)| host(from)).collect(),
            rewrites,
            running: Some((stop, thread)),
        })
    }

    /// Whether a host is played.
    pub fn plays(&self, host: &str) -> bool {
        self.hosts.contains(host)
    }

    /// Ends it.
    pub async fn stop(mut self) {
        if let Some((stop, thread)) = self.running.take() {
            let _ = stop.send(());
            // a thread that has panicked has ended, too
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }

    /// One that does not answer.
    #[cfg(test)]
    pub fn sketch(port: u16, hosts: &[&str]) -> Self {
        let rewrite = |host: &&str| {
            let to = format!("http://127.0.0.1:{port}/https/{host}");
            (format!("https://{host}"), to)
        };
        Self {
            port,
            rewrites: hosts.iter().map(rewrite).collect(),
            hosts: hosts.iter().map(ToString::to_string).collect(),
            running: None,
        }
    }
}

fn host(prefix: &str) -> Option<String> {
    let url = url::Url::parse(prefix).ok()?;
    url.host_str().map(str::to_string)
}

/// How long hosts take, as the world states it.
pub fn stated(world: &Arc<World>) -> Stated {
    let world = Arc::clone(world);
    Stated::by(move |host, at| {
        let line = Line {
            provider: host.provider,
            region: host.region,
            host: host.name,
            kind: "fresh",
        };
        // what a sound host says to a stranger
        let measured = world.phases(&line, 401, at);
        (measured.phases, measured.outcome)
    })
}
