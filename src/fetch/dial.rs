//! Opening a connection, phase by phase.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ProtocolVersion};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use super::line::{Connection, Line, Tls, timed_out};
use super::trace::{signed, wait};
use super::{Client, address, cause};
use crate::config::{Deadlines, Family, HttpVersion};
use crate::market::{Failure, Hash, Phase, Phases, plain};

/// The second family of addresses is tried too when the first has not answered by then (RFC 8305, section 8).
const SECOND_FAMILY_AFTER: Duration = Duration::from_millis(250);

/// How a host is reached.
#[derive(Debug, Clone)]
pub(super) struct Route {
    host: Host<String>,
    port: u16,
    family: Family,
    tls: Option<(ServerName<'static>, Arc<ClientConfig>)>,
    /// Whether HTTP/2 is spoken over plain TCP, where no handshake can agree on it.
    is_http2_known: bool,
    shown: Arc<Shown>,
}

/// What is known before HTTP is spoken.
#[derive(Debug)]
pub(super) struct Connected {
    pub connection: Connection,
    pub is_http2: bool,
}

impl Route {
    /// The way to the host of a URL.
    pub fn new(
        client: &Client,
        target: &Url,
        family: Family,
        version: HttpVersion,
    ) -> Result<Self, Failure> {
        let internal = |detail: &str| Failure::Internal {
            detail: detail.to_string(),
        };
        // past the proxy nobody may be there, and through it the proxy would be measured
        if client.proxy.is_some() && !address::names_vicinity(target) {
            return Err(internal("nothing is measured through a proxy"));
        }
        let host = target
            .host()
            .ok_or_else(|| internal("the URL names no host"))?
            .to_owned();
        let port = target
            .port_or_known_default()
            .ok_or_else(|| internal("the URL names no port"))?;
        let tls = match target.scheme() {
            "http" => None,
            "https" => {
                let name = match &host {
                    Host::Domain(name) => ServerName::try_from(name.clone())
                        .map_err(|_| internal("the host's name cannot be in a certificate"))?,
                    Host::Ipv4(address) => ServerName::IpAddress(IpAddr::V4(*address).into()),
                    Host::Ipv6(address) => ServerName::IpAddress(IpAddr::V6(*address).into()),
                };
                Some((name, client.handshakes.of(version)))
            }
            _ => return Err(internal("only http and https can be asked")),
        };
        Ok(Self {
            is_http2_known: tls.is_none() && version == HttpVersion::Two,
            host,
            port,
            family,
            tls,
            shown: Arc::default(),
        })
    }

    /// Opens a connection. The phases are told as far as they got, with the total of all so far.
    pub async fn dial(&self, deadlines: &Deadlines, phases: &mut Phases) -> Result<Line, Failure> {
        let begun = Instant::now();
        let line = self.open(deadlines, phases).await;
        phases.total = Some(signed(begun.elapsed()));
        line
    }

    async fn open(&self, deadlines: &Deadlines, phases: &mut Phases) -> Result<Line, Failure> {
        let addresses = self.resolve(deadlines, &mut phases.dns).await?;
        let begun = Instant::now();
        let connected = timeout(wait(deadlines.connect), connect(&addresses)).await;
        let (stream, address) = connected.map_err(|_| timed_out(Phase::Connect))??;
        phases.connect = Some(signed(begun.elapsed()));
        let _ = stream.set_nodelay(true);
        let connection = |is_http2: bool, tls| Connected {
            connection: Connection {
                address,
                http: if is_http2 { "2" } else { "1.1" },
                tls,
            },
            is_http2,
        };
        let Some((name, configuration)) = &self.tls else {
            return Line::open(stream, connection(self.is_http2_known, None)).await;
        };
        let begun = Instant::now();
        let connector = TlsConnector::from(Arc::clone(configuration));
        let shaken = timeout(wait(deadlines.tls), connector.connect(name.clone(), stream)).await;
        let stream = shaken
            .map_err(|_| timed_out(Phase::Tls))?
            .map_err(|error| Failure::Tls {
                detail: cause::of(&error),
            })?;
        phases.tls = Some(signed(begun.elapsed()));
        let (_, session) = stream.get_ref();
        let is_http2 = session.alpn_protocol() == Some(b"h2");
        let tls = Tls {
            version: match session.protocol_version() {
                Some(ProtocolVersion::TLSv1_2) => "1.2",
                _ => "1.3",
            },
            certificate_until: session
                .peer_certificates()
                .and_then(|chain| self.shown.good_until(chain.first()?)),
        };
        Line::open(stream, connection(is_http2, Some(tls))).await
    }

    async fn resolve(
        &self,
        deadlines: &Deadlines,
        phase: &mut Option<SignedDuration>,
    ) -> Result<Vec<SocketAddr>, Failure> {
        let name = match &self.host {
            Host::Ipv4(address) => return self.of_family(vec![(*address, self.port).into()]),
            Host::Ipv6(address) => return self.of_family(vec![(*address, self.port).into()]),
            Host::Domain(name) => name,
        };
        let begun = Instant::now();
        let found = tokio::net::lookup_host((name.as_str(), self.port));
        let found = timeout(wait(deadlines.dns), found)
            .await
            .map_err(|_| timed_out(Phase::Dns))?
            .map_err(|error| Failure::Dns {
                detail: plain(&error.to_string(), cause::DETAIL),
            })?;
        let found = self.of_family(found.collect())?;
        *phase = Some(signed(begun.elapsed()));
        Ok(found)
    }

    fn of_family(&self, mut addresses: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, Failure> {
        addresses.retain(|address| match self.family {
            Family::Any => true,
            Family::V4 => address.is_ipv4(),
            Family::V6 => address.is_ipv6(),
        });
        if addresses.is_empty() {
            let detail = match self.family {
                Family::Any => "the name has no addresses",
                Family::V4 => "the name has no IPv4 address",
                Family::V6 => "the name has no IPv6 address",
            };
            return Err(Failure::Dns {
                detail: detail.to_string(),
            });
        }
        Ok(addresses)
    }
}

/// Connects to the first address that takes it. The family that the resolver names first has a head start.
async fn connect(addresses: &[SocketAddr]) -> Result<(TcpStream, SocketAddr), Failure> {
    let is_first = |address: &&SocketAddr| {
        addresses
            .first()
            .is_some_and(|first| first.is_ipv4() == address.is_ipv4())
    };
    let (first, second): (Vec<SocketAddr>, Vec<SocketAddr>) =
        addresses.iter().partition(|address| is_first(address));
    if second.is_empty() {
        return connect_in_turn(&first).await;
    }
    let preferred = connect_in_turn(&first);
    tokio::pin!(preferred);
    tokio::select! {
        biased;
        done = &mut preferred => return match done {
            Ok(stream) => Ok(stream),
            Err(_) => connect_in_turn(&second).await,
        },
        () = tokio::time::sleep(SECOND_FAMILY_AFTER) => {}
    }
    let other = connect_in_turn(&second);
    tokio::pin!(other);
    tokio::select! {
        done = &mut preferred => match done {
            Ok(stream) => Ok(stream),
            Err(_) => other.await,
        },
        done = &mut other => match done {
            Ok(stream) => Ok(stream),
            Err(_) => preferred.await,
        },
    }
}

async fn connect_in_turn(addresses: &[SocketAddr]) -> Result<(TcpStream, SocketAddr), Failure> {
    let mut failure = Failure::Connect {
        detail: "no address".to_string(),
    };
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok((stream, *address)),
            Err(error) => {
                failure = Failure::Connect {
                    detail: plain(&error.to_string(), cause::DETAIL),
                };
            }
        }
    }
    Err(failure)
}

/// The certificate that a host showed last, by its hash, and until when it is good: nearly every handshake shows the same.
#[derive(Debug, Default)]
struct Shown(Mutex<Option<(Hash, Option<Timestamp>)>>);

impl Shown {
    /// The last moment at which a certificate is good.
    fn good_until(&self, certificate: &[u8]) -> Option<Timestamp> {
        let hash = Hash::of(certificate);
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, until)) = *last
            && of == hash
        {
            return until;
        }
        let until = good_until(certificate);
        *last = Some((hash, until));
        until
    }
}

/// The last moment at which a certificate is good.
fn good_until(certificate: &[u8]) -> Option<Timestamp> {
    let (_, certificate) = x509_parser::parse_x509_certificate(certificate).ok()?;
    Timestamp::from_second(certificate.validity().not_after.timestamp()).ok()
}

/// What a handshake offers, by the version of HTTP that is wanted. No session is resumed: a handshake that is measured is a
/// full one.
#[derive(Debug)]
pub(super) struct Handshakes {
    any: Arc<ClientConfig>,
    one: Arc<ClientConfig>,
    two: Arc<ClientConfig>,
}

impl Handshakes {
    pub fn new(trust: &ClientConfig) -> Self {
        let offering = |protocols: &[&[u8]]| {
            let mut configuration = trust.clone();
            configuration.resumption = rustls::client::Resumption::disabled();
            configuration.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
            Arc::new(configuration)
        };
        Self {
            any: offering(&[b"h2", b"http/1.1"]),
            one: offering(&[b"http/1.1"]),
            two: offering(&[b"h2"]),
        }
    }

    fn of(&self, version: HttpVersion) -> Arc<ClientConfig> {
        Arc::clone(match version {
            HttpVersion::Any => &self.any,
            HttpVersion::One => &self.one,
            HttpVersion::Two => &self.two,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate(year: i32) -> Vec<u8> {
        let key = rcgen::KeyPair::generate().expect("a key");
        let mut parameters = rcgen::CertificateParams::default();
        parameters.not_after = rcgen::date_time_ymd(year, 5, 17);
        let certificate = parameters.self_signed(&key).expect("a certificate");
        certificate.der().to_vec()
    }

    #[test]
    fn a_certificate_that_was_renewed_is_read_anew() {
        let (old, new) = (certificate(2031), certificate(2032));
        let shown = Shown::default();
        let years = [&old, &old, &new, &old, &new, &new].map(|certificate| {
            let until = shown.good_until(certificate).expect("a date");
            until.to_zoned(jiff::tz::TimeZone::UTC).year()
        });
        assert_eq!(years, [2031, 2031, 2032, 2031, 2032, 2032]);
        assert_eq!(shown.good_until(b"no certificate"), None);
    }
}
