//! What a check costs at the least: a client that asks and counts, keeps nothing, and is otherwise made of the same parts
//! (hyper, rustls). It runs in a process of its own, against the server that the program is measured against.

use std::convert::Infallible;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, timeout};
use tokio_rustls::TlsConnector;

use crate::measure::cpu;

/// Requests at once of a client that does not wait for a beat.
const AT_ONCE: usize = 32;
/// What goes before, so that every connection that is kept stands.
const WARMING: Duration = Duration::from_secs(2);
const MEASURED: Duration = Duration::from_secs(8);

/// How a bare client asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Each target once a second, as the program does: the client falls asleep between any two.
    Beat,
    /// One after another without a pause.
    Flat,
}

impl Pace {
    fn word(self) -> &'static str {
        match self {
            Self::Beat => "beat",
            Self::Flat => "flat",
        }
    }
}

/// CPU seconds that a bare client takes for 1,000 requests to these ports. `connection` is `warm` or `fresh`.
pub fn cost(ports: &[String], authority: &str, connection: &str, pace: Pace) -> f64 {
    let own = std::env::current_exe().expect("this program");
    let output = Command::new(own)
        .args(["ask-bare", connection, pace.word(), &ports.join(" ")])
        .arg(authority)
        .stdout(Stdio::piped())
        .output()
        .expect("a process");
    let said = String::from_utf8(output.stdout).expect("text");
    said.trim().parse().expect("a figure")
}

/// `ask-bare warm|fresh beat|flat PORTS AUTHORITY`: asks for a while, and says the CPU seconds of 1,000 requests.
pub fn ask(connection: &str, pace: &str, ports: &str, authority: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let ports: Vec<u16> = ports
        .split(' ')
        .map(|port| port.parse().expect("a port"))
        .collect();
    let tls = (!authority.is_empty()).then(|| trusting(authority));
    let is_kept = connection == "warm";
    let count = std::rc::Rc::new(std::cell::Cell::new(0u64));
    let tasks = tokio::task::LocalSet::new();
    let at_once = if pace == "beat" { ports.len() } else { AT_ONCE };
    for number in 0..at_once {
        let client = Client {
            port: ports[number % ports.len()],
            tls: tls.clone(),
            kept: None,
        };
        let beat =
            (pace == "beat").then(|| Duration::from_secs(1) * number as u32 / at_once as u32);
        let count = std::rc::Rc::clone(&count);
        tasks.spawn_local(async move {
            client
                .run(is_kept, beat, || count.set(count.get() + 1))
                .await
        });
    }
    runtime.block_on(tasks.run_until(async {
        sleep(WARMING).await;
        let (used, asked) = (cpu(), count.get());
        sleep(MEASURED).await;
        let asked = count.get() - asked;
        println!("{}", (cpu() - used) / asked.max(1) as f64 * 1000.0);
    }));
}

fn trusting(authority: &str) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(authority.as_bytes()) {
        roots.add(certificate.expect("PEM")).expect("an authority");
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut configuration = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    configuration.resumption = rustls::client::Resumption::disabled();
    TlsConnector::from(Arc::new(configuration))
}

struct Client {
    port: u16,
    tls: Option<TlsConnector>,
    kept: Option<SendRequest<Full<Bytes>>>,
}

impl Client {
    async fn run(
        mut self,
        is_kept: bool,
        beat: Option<Duration>,
        counted: impl Fn(),
    ) -> Infallible {
        let mut beats = beat.map(|first| {
            let mut beats = interval_at(Instant::now() + first, Duration::from_secs(1));
            beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
            beats
        });
        loop {
            if let Some(beats) = &mut beats {
                beats.tick().await;
            }
            let mut line = match self.kept.take() {
                Some(line) => line,
                None => self.open().await,
            };
            // a check has a time limit too
            let asked = timeout(Duration::from_secs(10), once(&mut line));
            asked.await.expect("an answer in time");
            counted();
            self.kept = is_kept.then_some(line);
        }
    }

    async fn open(&self) -> SendRequest<Full<Bytes>> {
        let stream = TcpStream::connect(("127.0.0.1", self.port))
            .await
            .expect("the server");
        let _ = stream.set_nodelay(true);
        match &self.tls {
            Some(tls) => {
                let name = ServerName::try_from("localhost").expect("a name");
                speak(tls.connect(name, stream).await.expect("a handshake")).await
            }
            None => speak(stream).await,
        }
    }
}

async fn speak(stream: impl AsyncRead + AsyncWrite + Unpin + 'static) -> SendRequest<Full<Bytes>> {
    let (sender, driver) = handshake(TokioIo::new(stream)).await.expect("HTTP");
    tokio::task::spawn_local(async move {
        let _ = driver.await;
    });
    sender
}

async fn once(line: &mut SendRequest<Full<Bytes>>) {
    line.ready().await.expect("an open connection");
    let mut request = hyper::Request::new(Full::new(Bytes::new()));
    *request.uri_mut() = hyper::Uri::from_static("/t/0");
    let host = hyper::header::HeaderValue::from_static("127.0.0.1");
    request.headers_mut().insert(hyper::header::HOST, host);
    let answer = line.send_request(request).await.expect("an answer");
    answer.into_body().collect().await.expect("a body");
}
