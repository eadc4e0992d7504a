//! Connections: how many there are, how long each may take to ask and to listen, and their end.

use std::collections::HashMap;
use std::future::Future as _;
use std::io;
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, Sleep};

use super::site::held;
use super::visitor::Ends;
use crate::config::{Bounds, Network, WebSettings};

/// Bytes of the head of a request at most.
const LARGEST_HEAD: usize = 32 * 1024;
/// Of all connections one address may have this part, unless it is of this machine or a proxy that many come by.
const SHARE: usize = 4;
/// What there is no room for is told so.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nretry-after: 1\r\nconnection: close\r\n\r\n";

/// Serves until it is told to stop, and until what is under way has ended.
pub(super) async fn serve(
    router: Router,
    settings: &WebSettings,
    listener: TcpListener,
    mut stopped: watch::Receiver<bool>,
) {
    let bounds = settings.bounds;
    let gate = Arc::new(Gate::new(settings));
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
            () = told(&mut stopped) => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // one that has gone already, or no file is left to open: the others end in time
                tracing::debug!("a connection to the dashboard was not taken: {error}");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let (Ok(theirs), Ok(ours)) = (stream.peer_addr(), stream.local_addr()) else {
            continue;
        };
        let Some(pass) = gate.enter(theirs.ip()) else {
            let _ = stream.try_write(FULL);
            continue;
        };
        let _ = stream.set_nodelay(true);
        let door = Door {
            inner: TowerToHyperService::new(router.clone()),
            ends: Ends { theirs, ours },
        };
        connections.spawn(connected(stream, door, bounds, stopped.clone(), pass));
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn told(stopped: &mut watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

async fn connected(
    stream: TcpStream,
    door: Door,
    bounds: Bounds,
    mut stopped: watch::Receiver<bool>,
    _pass: Pass,
) {
    let duration = |span| Duration::try_from(span).unwrap_or(Duration::from_secs(10));
    let stream = Patient {
        stream,
        patience: duration(bounds.answer),
        waiting: None,
    };
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(duration(bounds.head))
        .max_header_size(LARGEST_HEAD)
        .max_buf_size(2 * LARGEST_HEAD)
        .serve_connection(TokioIo::new(stream), door);
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = told(&mut stopped) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!("a connection to the dashboard ended: {error}");
    }
}

/// Tells the router which connection a request came over.
struct Door {
    inner: TowerToHyperService<Router>,
    ends: Ends,
}

impl Service<Request<Incoming>> for Door {
    type Response = axum::response::Response;
    type Error = std::convert::Infallible;
    type Future = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Future;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(self.ends);
        self.inner.call(request)
    }
}

/// Counts connections.
struct Gate {
    most: usize,
    proxies: Vec<Network>,
    inside: Mutex<Inside>,
}

#[derive(Default)]
struct Inside {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A connection, counted while it lives.
struct Pass {
    gate: Arc<Gate>,
    address: IpAddr,
}

impl Gate {
    fn new(settings: &WebSettings) -> Self {
        let proxies = settings.proxy.as_ref();
        Self {
            most: settings.bounds.connections,
            proxies: proxies.map_or_else(Vec::new, |proxy| proxy.trusted.clone()),
            inside: Mutex::default(),
        }
    }

    /// Lets a connection in, unless there are too many, or too many of its address.
    fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Pass> {
        let address = address.to_canonical();
        let is_many = address.is_loopback() || self.proxies.iter().any(|one| one.holds(address));
        let share = match is_many {
            true => self.most,
            false => (self.most / SHARE).max(1),
        };
        let mut inside = held(&self.inside);
        let of_address = inside.by_address.get(&address).copied().unwrap_or(0);
        if inside.all >= self.most || of_address >= share {
            return None;
        }
        inside.all += 1;
        inside.by_address.insert(address, of_address + 1);
        Some(Pass {
            gate: Arc::clone(self),
            address,
        })
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut inside = held(&self.gate.inside);
        inside.all = inside.all.saturating_sub(1);
        if let Some(of_address) = inside.by_address.get_mut(&self.address) {
            *of_address = of_address.saturating_sub(1);
            if *of_address == 0 {
                inside.by_address.remove(&self.address);
            }
        }
    }
}

/// A connection whose other end must take what is written within a time.
struct Patient {
    stream: TcpStream,
    patience: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Patient {
    /// What became of a write: one that has waited for too long fails.
    fn waited<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.waiting = None;
            return written;
        }
        let until = Instant::now() + self.patience;
        let sleep = self
            .waiting
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(until)));
        match sleep.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for Patient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for Patient {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.waited(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.waited(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_counted_by_address() {
        let mut settings = WebSettings::default();
        settings.bounds.connections = 8;
        let gate = Arc::new(Gate::new(&settings));
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        let (one, other, own) = (
            address("192.0.2.1"),
            address("192.0.2.2"),
            address("127.0.0.1"),
        );
        let mut passes: Vec<Pass> = (0..2).filter_map(|_| gate.enter(one)).collect();
        assert!(gate.enter(one).is_none(), "a quarter is its share");
        passes.extend((0..2).filter_map(|_| gate.enter(other)));
        passes.extend((0..9).filter_map(|_| gate.enter(own)));
        assert_eq!(passes.len(), 8);
        assert!(gate.enter(address("192.0.2.3")).is_none());
        passes.clear();
        assert!(gate.enter(one).is_some());
        assert!(held(&gate.inside).by_address.is_empty());
    }
}
