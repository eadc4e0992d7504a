//! A server on loopback that takes its time: each phase of an answer comes when its script says, over HTTP/1.1 or HTTP/2,
//! plain or with TLS, on connections that are kept.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::StreamBody;
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// What is answered, and when.
#[derive(Debug, Clone, Default)]
pub struct Script {
    pub status: u16,
    /// From the whole request to the head.
    pub head_after: Duration,
    /// Each part of the body with the time since what came before it.
    pub parts: Vec<(Duration, Bytes)>,
    /// Whether the connection ends with the answer.
    pub closes: bool,
}

impl Script {
    pub fn of(status: u16, body: &str) -> Self {
        Self {
            status,
            parts: vec![(Duration::ZERO, Bytes::from(body.to_owned()))],
            ..Self::default()
        }
    }
}

/// A running server; it ends when it is dropped.
#[derive(Debug)]
pub struct Paced {
    pub address: SocketAddr,
    /// The authority of its certificate, PEM; empty without TLS.
    pub authority: Vec<u8>,
    connections: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Drop for Paced {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// How the server speaks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Speaks {
    /// How long it waits before its side of the handshake; `None`: without TLS.
    pub tls_after: Option<Duration>,
    pub http2: bool,
}

impl Paced {
    /// Answers each request by its path.
    pub async fn start(
        speaks: Speaks,
        script: impl Fn(&str) -> Script + Send + Sync + 'static,
    ) -> Self {
        Self::at("127.0.0.1:0", speaks, script)
            .await
            .expect("loopback")
    }

    /// The same at an address.
    pub async fn at(
        address: &str,
        speaks: Speaks,
        script: impl Fn(&str) -> Script + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let (authority, acceptor) = match speaks.tls_after {
            Some(_) => {
                let (pem, acceptor) = secured(speaks.http2);
                (pem, Some(acceptor))
            }
            None => (Vec::new(), None),
        };
        let connections = Arc::new(AtomicUsize::new(0));
        let (count, script) = (Arc::clone(&connections), Arc::new(script));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                let (acceptor, script) = (acceptor.clone(), Arc::clone(&script));
                tokio::spawn(connected(stream, acceptor, speaks, script));
            }
        });
        Ok(Self {
            address,
            authority,
            connections,
            task,
        })
    }

    /// So many connections were made.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// An address of it: by name with TLS, by number without.
    pub fn url(&self, path: &str) -> String {
        let port = self.address.port();
        if self.authority.is_empty() {
            format!("http://{}{path}", self.address)
        } else {
            format!("https://localhost:{port}{path}")
        }
    }
}

async fn connected<F>(
    stream: TcpStream,
    acceptor: Option<TlsAcceptor>,
    speaks: Speaks,
    script: Arc<F>,
) where
    F: Fn(&str) -> Script + Send + Sync + 'static,
{
    let _ = stream.set_nodelay(true);
    // who breaks off is no concern of the server
    match (acceptor, speaks.tls_after) {
        (Some(acceptor), Some(wait)) => {
            pause(wait).await;
            if let Ok(stream) = acceptor.accept(stream).await {
                serve(stream, speaks.http2, script).await;
            }
        }
        _ => serve(stream, speaks.http2, script).await,
    }
}

async fn serve<S, F>(stream: S, http2: bool, script: Arc<F>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    F: Fn(&str) -> Script + Send + Sync + 'static,
{
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let script = script(request.uri().path());
        async move {
            pause(script.head_after).await;
            let parts = stream::unfold(script.parts.into_iter(), |mut rest| async move {
                let (wait, part) = rest.next()?;
                pause(wait).await;
                Some((Ok::<_, Infallible>(Frame::data(part)), rest))
            });
            let mut response = hyper::Response::new(StreamBody::new(parts));
            *response.status_mut() = hyper::StatusCode::from_u16(script.status).expect("a status");
            if script.closes {
                let close = hyper::header::HeaderValue::from_static("close");
                response
                    .headers_mut()
                    .insert(hyper::header::CONNECTION, close);
            }
            Ok::<_, Infallible>(response)
        }
    });
    let io = TokioIo::new(stream);
    let _ = if http2 {
        hyper::server::conn::http2::Builder::new(TokioExecutor::new())
            .serve_connection(io, service)
            .await
    } else {
        hyper::server::conn::http1::Builder::new()
            .serve_connection(io, service)
            .await
    };
}

async fn pause(wait: Duration) {
    if wait.is_zero() {
        return;
    }
    // the runtime's timer is exact to a millisecond or two: the rest is waited for awake
    let until = tokio::time::Instant::now() + wait;
    tokio::time::sleep(wait.saturating_sub(Duration::from_millis(3))).await;
    while tokio::time::Instant::now() < until {
        tokio::task::yield_now().await;
    }
}

/// A server's side of TLS, and the authority of its certificate as PEM.
pub fn secured(http2: bool) -> (Vec<u8>, TlsAcceptor) {
    let key = KeyPair::generate().expect("a key");
    let mut parameters = CertificateParams::default();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = parameters.self_signed(&key).expect("an authority");
    let issuer = Issuer::new(parameters, key);
    let key = KeyPair::generate().expect("a key");
    let mut parameters =
        CertificateParams::new(vec!["localhost".to_owned()]).expect("a certificate's parameters");
    parameters.not_after = rcgen::date_time_ymd(2031, 5, 17);
    let certificate = parameters.signed_by(&key, &issuer).expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut server = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("a server");
    server.alpn_protocols = vec![if http2 {
        b"h2".to_vec()
    } else {
        b"http/1.1".to_vec()
    }];
    (
        authority.pem().into_bytes(),
        TlsAcceptor::from(Arc::new(server)),
    )
}
