//! TLS: its phase, and what is not trusted.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

use super::server::{Play, Server, bytes, ok, to};
use super::*;

/// A certificate authority of the test's own.
pub struct Authority {
    pem: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = parameters.self_signed(&key).unwrap();
        Self {
            pem: certificate.pem().into_bytes(),
            issuer: Issuer::new(parameters, key),
        }
    }

    pub fn acceptor(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> TlsAcceptor {
        TlsAcceptor::from(Arc::new(self.server(name, change)))
    }

    fn server(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> ServerConfig {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(vec![name.to_owned()]).unwrap();
        change(&mut parameters);
        let certificate = parameters.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap()
    }

    pub fn trusted(&self) -> Http {
        Http {
            extra_ca_pem: vec![self.pem.clone()],
            ..settings()
        }
    }
}

fn at_localhost(server: &Server, path: &str) -> Request {
    get(&format!("https://localhost:{}{path}", server.port))
}

#[tokio::test]
async fn every_phase_of_a_secure_fetch_is_measured() {
    let authority = Authority::new();
    let acceptor = authority.acceptor("localhost", |_| ());
    let server = Server::secure(acceptor, |_| ok("text/plain", "hello")).await;
    let fetched = fetch_with(&authority.trusted(), &at_localhost(&server, "/")).await;
    assert_eq!(told(&fetched.answer), "hello");
    let phases = fetched.sample.phases;
    let parts = [
        phases.dns,
        phases.connect,
        phases.tls,
        phases.first_byte,
        phases.body,
    ];
    let sum: SignedDuration = parts.into_iter().map(Option::unwrap).sum();
    assert!(sum <= phases.total.unwrap(), "{phases:?}");
    assert!(phases.tls > Some(SignedDuration::ZERO), "{phases:?}");
}

#[tokio::test]
async fn what_is_not_trusted_is_a_tls_failure() {
    let authority = Authority::new();
    let expired = |parameters: &mut CertificateParams| {
        parameters.not_before = rcgen::date_time_ymd(2001, 1, 1);
        parameters.not_after = rcgen::date_time_ymd(2002, 1, 1);
    };
    let cases = [
        (
            authority.acceptor("elsewhere.example", |_| ()),
            authority.trusted(),
            "NotValidForName",
        ),
        (
            authority.acceptor("localhost", |_| ()),
            settings(),
            "UnknownIssuer",
        ),
        (
            authority.acceptor("localhost", expired),
            authority.trusted(),
            "xpired",
        ),
    ];
    for (acceptor, settings, expected) in cases {
        let server = Server::secure(acceptor, |_| ok("text/plain", "hello")).await;
        let fetched = fetch_with(&settings, &at_localhost(&server, "/")).await;
        assert_eq!(word(&fetched), "tls");
        let told = told(&fetched.answer);
        assert!(
            told.contains(expected) || told.contains("not valid for name"),
            "{told}"
        );
        assert_eq!(fetched.sample.phases.tls, None);
        assert!(server.heads().is_empty());
    }
}

#[tokio::test]
async fn what_does_not_speak_tls_is_a_tls_failure() {
    for play in [
        Play::Send(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()),
        Play::Send(Vec::new()),
    ] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let Play::Send(sent) = play else { continue };
        let serving = tokio::spawn(async move {
            use tokio::io::{AsyncReadExt, AsyncWriteExt};
            let (mut stream, _) = listener.accept().await.unwrap();
            stream
                .read_buf(&mut Vec::with_capacity(1 << 14))
                .await
                .unwrap();
            stream.write_all(&sent).await.unwrap();
        });
        let fetched = fetch(&get(&format!("https://127.0.0.1:{port}/"))).await;
        assert_eq!(word(&fetched), "tls", "{}", told(&fetched.answer));
        serving.await.unwrap();
    }
}

#[tokio::test]
async fn an_end_without_a_farewell_is_truncated() {
    let authority = Authority::new();
    let acceptor = authority.acceptor("localhost", |_| ());
    let server = Server::secure(acceptor, |head| {
        let unmeasured = b"HTTP/1.1 200 OK\r\n\r\nhello".to_vec();
        match head.starts_with("GET /cut") {
            true => Play::Reset(unmeasured),
            false => Play::Send(unmeasured),
        }
    })
    .await;
    for (path, expected) in [("/cut", "truncated"), ("/whole", "ok")] {
        let fetched = fetch_with(&authority.trusted(), &at_localhost(&server, path)).await;
        assert_eq!(fetched.sample.outcome, expected, "{path}");
    }
}

#[tokio::test]
async fn a_step_down_to_plain_http_is_refused() {
    let authority = Authority::new();
    let plain = Server::new(|_| ok("text/plain", "listened to")).await;
    let down = format!("http://localhost:{}/", plain.port);
    let acceptor = authority.acceptor("localhost", |_| ());
    let server = Server::secure(acceptor, move |head| match head.starts_with("GET /down") {
        true => to(302, &down),
        false => Play::Send(bytes(404, &[], "")),
    })
    .await;
    let settings = Http {
        allow_private_redirects: true,
        ..authority.trusted()
    };
    let fetched = fetch_with(&settings, &at_localhost(&server, "/down")).await;
    assert_eq!(
        told(&fetched.answer),
        "redirect refused: from HTTPS to HTTP at localhost"
    );
    assert!(plain.heads().is_empty());
}

/// An HTTP/2 frame (RFC 9113, section 4.1) of one of the first streams.
fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).unwrap();
    [&[0, 0, length, kind, flags, 0, 0, 0, stream], payload].concat()
}

/// Speaks just enough HTTP/2 to answer one request with these frames.
async fn answer_http2(listener: tokio::net::TcpListener, acceptor: TlsAcceptor, frames: Vec<u8>) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (stream, _) = listener.accept().await.unwrap();
    let mut stream = acceptor.accept(stream).await.unwrap();
    let mut preface = [0; 24];
    stream.read_exact(&mut preface).await.unwrap();
    assert_eq!(&preface, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    let settings = [frame(4, 0, 0, b""), frame(4, 1, 0, b"")].concat();
    stream.write_all(&settings).await.unwrap();
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await.unwrap();
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        stream.read_exact(&mut vec![0; length]).await.unwrap();
        if head[3] == 1 {
            break;
        }
    }
    stream.write_all(&frames).await.unwrap();
    // Until the client has gone.
    let _ = stream.read_to_end(&mut Vec::new()).await;
}

#[tokio::test]
async fn http2_is_spoken_where_it_is_offered() {
    let authority = Authority::new();
    // 0x88 is `:status: 200` in the static table (RFC 7541, appendix A).
    let head = frame(1, 4, 1, &[0x88]);
    let whole = [head.clone(), frame(0, 1, 1, b"hello")].concat();
    let reset = [head, frame(0, 0, 1, b"hel"), frame(3, 0, 1, &[0, 0, 0, 2])].concat();
    let refused = frame(3, 0, 1, &[0, 0, 0, 7]);
    for (frames, expected) in [(whole, "ok"), (reset, "truncated"), (refused, "protocol")] {
        let mut configuration = authority.server("localhost", |_| ());
        configuration.alpn_protocols = vec![b"h2".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(configuration));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!(
            "https://localhost:{}/",
            listener.local_addr().unwrap().port()
        );
        let serving = tokio::spawn(answer_http2(listener, acceptor, frames));
        let fetched = fetch_with(&authority.trusted(), &get(&url)).await;
        assert_eq!(
            fetched.sample.outcome,
            expected,
            "{}",
            told(&fetched.answer)
        );
        let phases = fetched.sample.phases;
        assert!(phases.dns.is_some() && phases.connect.is_some() && phases.tls.is_some());
        serving.await.unwrap();
    }
}
