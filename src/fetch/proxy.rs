//! The proxy that requests go through: one that forwards plain requests and tunnels the others (RFC 9110, section 9.3.6), or
//! one that speaks SOCKS 5 (RFC 1928).

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::header::HeaderValue;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use secrecy::{ExposeSecret, SecretString};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use super::dial::{Stream, unshaken};
use super::request::userinfo;
use crate::market::{Failure, plain};

/// In bytes: what a proxy says of a tunnel is not longer.
const LONGEST_HEAD: usize = 8 << 10;

/// A proxy.
pub(super) struct Proxy {
    kind: Kind,
    host: Host<String>,
    port: u16,
    /// User and password.
    login: Option<(String, SecretString)>,
}

enum Kind {
    Http,
    /// The same over TLS.
    Https(ServerName<'static>, Arc<ClientConfig>),
    /// Given an address, or the name to resolve.
    Socks {
        resolves: bool,
    },
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({}:{})", self.host, self.port)
    }
}

impl Proxy {
    /// The proxy of a URL, if it can be used. `tls` is for one that is reached over HTTPS.
    pub fn new(url: &Url, tls: &Arc<ClientConfig>) -> Option<Self> {
        // of a scheme that is not the web's the host is text, an address too
        let host = Host::parse(url.host_str()?).ok()?;
        let (kind, usual_port) = match url.scheme() {
            "http" => (Kind::Http, 80),
            "https" => {
                let name = url.host_str()?.trim_matches(['[', ']']).to_owned();
                let name = ServerName::try_from(name).ok()?;
                (Kind::Https(name, Arc::clone(tls)), 443)
            }
            "socks5" => (Kind::Socks { resolves: false }, 1080),
            "socks5h" => (Kind::Socks { resolves: true }, 1080),
            _ => return None,
        };
        Some(Self {
            kind,
            host,
            port: url.port().unwrap_or(usual_port),
            login: userinfo(url).ok()?,
        })
    }

    /// Where it is.
    pub fn address(&self) -> (&Host<String>, u16) {
        (&self.host, self.port)
    }

    /// Whether plain requests are handed to it as they are.
    pub fn forwards(&self) -> bool {
        !matches!(self.kind, Kind::Socks { .. })
    }

    /// Whether it is to be told an address rather than a name.
    pub fn wants_address(&self) -> bool {
        matches!(self.kind, Kind::Socks { resolves: false })
    }

    /// What it knows us by, for the `Proxy-Authorization` header.
    pub fn authorization(&self) -> Option<HeaderValue> {
        let (user, password) = self.login.as_ref()?;
        basic(user, password)
    }

    /// Has it connect to the host, or only reaches it where it is handed the requests themselves.
    pub async fn pass(
        &self,
        stream: TcpStream,
        host: &Host<String>,
        port: u16,
        is_secure: bool,
    ) -> Result<Stream, Failure> {
        let mut stream: Stream = match &self.kind {
            Kind::Https(name, tls) => {
                let connector = TlsConnector::from(Arc::clone(tls));
                let shaken = connector.connect(name.clone(), stream).await;
                Box::new(shaken.map_err(|error| unshaken(&error))?)
            }
            Kind::Http | Kind::Socks { .. } => Box::new(stream),
        };
        if let Kind::Socks { .. } = self.kind {
            self.greet(&mut stream).await?;
            self.order(&mut stream, host, port).await?;
        } else if is_secure {
            self.tunnel(&mut stream, host, port).await?;
        }
        Ok(stream)
    }

    async fn tunnel(
        &self,
        stream: &mut Stream,
        host: &Host<String>,
        port: u16,
    ) -> Result<(), Failure> {
        let mut head =
            format!("CONNECT {host}:{port} HTTP/1.1\r\nhost: {host}:{port}\r\n").into_bytes();
        if let Some(authorization) = self.authorization() {
            head.extend_from_slice(b"proxy-authorization: ");
            head.extend_from_slice(authorization.as_bytes());
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"\r\n");
        stream.write_all(&head).await.map_err(unreached)?;
        stream.flush().await.map_err(unreached)?;
        let mut said = Vec::new();
        let head = loop {
            if let Some(end) = said.windows(4).position(|end| end == b"\r\n\r\n") {
                break end + 4;
            }
            if said.len() >= LONGEST_HEAD
                || stream.read_buf(&mut said).await.map_err(unreached)? == 0
            {
                return Err(refused("it answers with no HTTP"));
            }
        };
        let line = said.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let line = String::from_utf8_lossy(line);
        match line.split(' ').nth(1) {
            Some(status) if line.starts_with("HTTP/1.") && status.starts_with('2') => {
                // the host says nothing before we do, so that nothing of its own follows
                match said.len() == head {
                    true => Ok(()),
                    false => Err(refused("it says more than that it has connected")),
                }
            }
            _ => Err(refused(&line)),
        }
    }

    /// Agrees on how to log in, and does (RFC 1929).
    async fn greet(&self, stream: &mut Stream) -> Result<(), Failure> {
        let ways: &[u8] = match self.login {
            Some(_) => &[5, 2, 0, 2],
            None => &[5, 1, 0],
        };
        stream.write_all(ways).await.map_err(unreached)?;
        match (answer::<2>(stream).await?, &self.login) {
            ([5, 0], _) => Ok(()),
            ([5, 2], Some((user, password))) => {
                let mut login = vec![1];
                for part in [user.as_str(), password.expose_secret()] {
                    let length = u8::try_from(part.len())
                        .map_err(|_| refused("its user or password is too long"))?;
                    login.push(length);
                    login.extend_from_slice(part.as_bytes());
                }
                stream.write_all(&login).await.map_err(unreached)?;
                match answer::<2>(stream).await? {
                    [_, 0] => Ok(()),
                    _ => Err(refused("it does not take its user and password")),
                }
            }
            ([5, _], _) => Err(refused("it wants to know who asks")),
            _ => Err(refused("it does not speak SOCKS 5")),
        }
    }

    async fn order(
        &self,
        stream: &mut Stream,
        host: &Host<String>,
        port: u16,
    ) -> Result<(), Failure> {
        let mut order = vec![5, 1, 0];
        match host {
            Host::Ipv4(address) => {
                order.push(1);
                order.extend_from_slice(&address.octets());
            }
            Host::Ipv6(address) => {
                order.push(4);
                order.extend_from_slice(&address.octets());
            }
            Host::Domain(name) => {
                let length =
                    u8::try_from(name.len()).map_err(|_| refused("the name is too long"))?;
                order.extend_from_slice(&[3, length]);
                order.extend_from_slice(name.as_bytes());
            }
        }
        order.extend_from_slice(&port.to_be_bytes());
        stream.write_all(&order).await.map_err(unreached)?;
        let [version, code, _, kind] = answer::<4>(stream).await?;
        if (version, code) != (5, 0) {
            return Err(refused(reason(code)));
        }
        // the address that it connects from, and its port
        match kind {
            1 => drop(answer::<6>(stream).await?),
            4 => drop(answer::<18>(stream).await?),
            3 => {
                let [length] = answer::<1>(stream).await?;
                let mut rest = vec![0; usize::from(length) + 2];
                stream.read_exact(&mut rest).await.map_err(unreached)?;
            }
            _ => return Err(refused("it does not speak SOCKS 5")),
        }
        Ok(())
    }
}

/// User and password as a header holds them (RFC 7617).
pub(super) fn basic(user: &str, password: &SecretString) -> Option<HeaderValue> {
    let login = STANDARD.encode(format!("{user}:{}", password.expose_secret()));
    let mut value = HeaderValue::from_str(&format!("Basic {login}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

async fn answer<const N: usize>(stream: &mut Stream) -> Result<[u8; N], Failure> {
    let mut answer = [0; N];
    stream.read_exact(&mut answer).await.map_err(unreached)?;
    Ok(answer)
}

/// What the codes of SOCKS say (RFC 1928, section 6).
fn reason(code: u8) -> &'static str {
    match code {
        2 => "its rules do not allow it",
        3 => "the network cannot be reached",
        4 => "the host cannot be reached",
        5 => "the host refuses the connection",
        6 => "the host did not answer in time",
        _ => "it cannot connect",
    }
}

fn unreached(error: std::io::Error) -> Failure {
    refused(&error.to_string())
}

fn refused(detail: &str) -> Failure {
    Failure::Connect {
        detail: format!("the proxy: {}", plain(detail, super::cause::DETAIL)),
    }
}
