//! Opening a connection, phase by phase.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ProtocolVersion};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use super::limits::{Limits, signed};
use super::line::{Connection, Line, Tls};
use super::outgoing::internal;
use super::proxy::Proxy;
use super::{Client, address, cause, connect, trusted};
use crate::config::{Family, HttpVersion};
use crate::market::{Failure, Hash, Phase, Phases, plain};

/// What HTTP is spoken over: one kind for all, so that the library for it stands in the program once.
pub(super) type Stream = Box<dyn Io>;

/// Bytes in both directions.
pub(super) trait Io: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Io for T {}

/// How a host is reached.
#[derive(Debug, Clone)]
pub(super) struct Route {
    host: Host<String>,
    port: u16,
    family: Family,
    tls: Option<(ServerName<'static>, Arc<ClientConfig>)>,
    /// Whether HTTP/2 is spoken over plain TCP, where no handshake can agree on it.
    is_http2_known: bool,
    /// Whether the name may lead to public addresses alone.
    is_guarded: bool,
    proxy: Option<Arc<Proxy>>,
    /// Kept where certificates are told of.
    shown: Option<Arc<Shown>>,
}

/// What is known before HTTP is spoken.
#[derive(Debug)]
pub(super) struct Connected {
    pub connection: Connection,
    pub is_http2: bool,
    pub is_forwarded: bool,
}

impl Route {
    /// The way to the host of a URL that is measured.
    pub fn measured(
        client: &Client,
        target: &Url,
        family: Family,
        version: HttpVersion,
    ) -> Result<Self, Failure> {
        // past the proxy nobody may be there, and through it the proxy would be measured
        if client.proxy.is_some() && !address::names_vicinity(target) {
            return Err(internal("nothing is measured through a proxy"));
        }
        let mut route = Self::new(client, target, version)?;
        route.family = family;
        route.shown = Some(Arc::default());
        Ok(route)
    }

    /// The way to the host of a URL that is fetched, through the proxy if there is one. Guarded, a name with any private
    /// address is refused; where the proxy resolves names, its rules hold.
    pub fn fetched(client: &Client, target: &Url, is_guarded: bool) -> Result<Self, Failure> {
        let mut route = Self::new(client, target, HttpVersion::Any)?;
        if !address::names_vicinity(target) {
            route.proxy = client.proxy.clone();
        }
        let is_resolved_here = route.proxy.as_deref().is_none_or(Proxy::wants_address);
        route.is_guarded = is_guarded && is_resolved_here;
        Ok(route)
    }

    fn new(client: &Client, target: &Url, version: HttpVersion) -> Result<Self, Failure> {
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
            _ => return Err(internal("only http and https can be fetched")),
        };
        Ok(Self {
            is_http2_known: tls.is_none() && version == HttpVersion::Two,
            host,
            port,
            family: Family::Any,
            tls,
            is_guarded: false,
            proxy: None,
            shown: None,
        })
    }

    /// The proxy that passes plain requests on, if one does.
    pub fn forwarder(&self) -> Option<&Proxy> {
        let proxy = self.proxy.as_deref()?;
        (self.tls.is_none() && proxy.forwards()).then_some(proxy)
    }

    /// Opens a connection. The phases are told as far as they got, with the total of all so far.
    pub async fn dial(&self, limits: &mut Limits, phases: &mut Phases) -> Result<Line, Failure> {
        let begun = Instant::now();
        let line = self.open(limits, phases).await;
        phases.total = Some(signed(begun.elapsed()));
        line
    }

    async fn open(&self, limits: &mut Limits, phases: &mut Phases) -> Result<Line, Failure> {
        let (stream, address) = self.connected(limits, phases).await?;
        let connection = |is_http2: bool, tls| Connected {
            connection: Connection {
                address,
                http: if is_http2 { "2" } else { "1.1" },
                tls,
            },
            is_http2,
            is_forwarded: self.forwarder().is_some(),
        };
        let Some((name, configuration)) = &self.tls else {
            return Line::open(stream, connection(self.is_http2_known, None)).await;
        };
        let begun = Instant::now();
        let connector = TlsConnector::from(Arc::clone(configuration));
        let shaking = connector.connect(name.clone(), stream);
        let stream = limits
            .within(Phase::Tls, shaking)
            .await?
            .map_err(|error| unshaken(&error))?;
        phases.tls = Some(signed(begun.elapsed()));
        let (_, session) = stream.get_ref();
        let is_http2 = session.alpn_protocol() == Some(b"h2");
        let leaf = || session.peer_certificates()?.first();
        let tls = Tls {
            version: match session.protocol_version() {
                Some(ProtocolVersion::TLSv1_2) => "1.2",
                _ => "1.3",
            },
            certificate_until: self
                .shown
                .as_ref()
                .and_then(|shown| shown.good_until(leaf()?)),
        };
        Line::open(Box::new(stream), connection(is_http2, Some(tls))).await
    }

    /// What reaches the host, through the proxy if there is one, whose handshakes then belong to connecting.
    async fn connected(
        &self,
        limits: &mut Limits,
        phases: &mut Phases,
    ) -> Result<(Stream, SocketAddr), Failure> {
        let (host, port) = match &self.proxy {
            Some(proxy) => proxy.address(),
            None => (&self.host, self.port),
        };
        let begun = Instant::now();
        // the proxy's own address is the user's choice
        let is_guarded = self.is_guarded && self.proxy.is_none();
        let addresses = self.resolve(host, port, is_guarded, limits).await?;
        if matches!(host, Host::Domain(_)) {
            phases.dns = Some(signed(begun.elapsed()));
        }
        let passed = self.passed(limits).await?;
        let begun = Instant::now();
        let time = limits.left(Phase::Connect);
        let connecting = async {
            let (stream, address) = connect::first(&addresses, time).await?;
            let _ = stream.set_nodelay(true);
            let stream: Stream = match &self.proxy {
                None => Box::new(stream),
                Some(proxy) => {
                    let is_secure = self.tls.is_some();
                    proxy.pass(stream, &passed, self.port, is_secure).await?
                }
            };
            Ok((stream, address))
        };
        let connected = limits.within(Phase::Connect, connecting).await??;
        phases.connect = Some(signed(begun.elapsed()));
        Ok(connected)
    }

    /// The host as the proxy is told it: some resolve no names.
    async fn passed(&self, limits: &mut Limits) -> Result<Cow<'_, Host<String>>, Failure> {
        let wants_address = |proxy: &Arc<Proxy>| proxy.wants_address();
        if !self.proxy.as_ref().is_some_and(wants_address) {
            return Ok(Cow::Borrowed(&self.host));
        }
        let (host, port, is_guarded) = (&self.host, self.port, self.is_guarded);
        let found = self.resolve(host, port, is_guarded, limits).await?;
        let host = match found.first().map(SocketAddr::ip) {
            Some(IpAddr::V4(address)) => Host::Ipv4(address),
            Some(IpAddr::V6(address)) => Host::Ipv6(address),
            None => self.host.clone(),
        };
        Ok(Cow::Owned(host))
    }

    async fn resolve(
        &self,
        host: &Host<String>,
        port: u16,
        is_guarded: bool,
        limits: &mut Limits,
    ) -> Result<Vec<SocketAddr>, Failure> {
        let name = match host {
            Host::Ipv4(address) => return self.of_family(vec![(*address, port).into()]),
            Host::Ipv6(address) => return self.of_family(vec![(*address, port).into()]),
            Host::Domain(name) => name,
        };
        let found = tokio::net::lookup_host((name.as_str(), port));
        let found = limits
            .within(Phase::Dns, found)
            .await?
            .map_err(|error| Failure::Dns {
                detail: plain(&error.to_string(), cause::DETAIL),
            })?;
        let found = self.of_family(found.collect())?;
        // the connection goes to the very addresses that are judged
        if is_guarded && found.iter().any(|found| address::is_private(found.ip())) {
            return Err(Failure::RedirectRefused {
                detail: "the name resolves to a private address".to_owned(),
            });
        }
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

pub(super) fn unshaken(error: &std::io::Error) -> Failure {
    Failure::Tls {
        detail: cause::of(error),
    }
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

fn good_until(certificate: &[u8]) -> Option<Timestamp> {
    Timestamp::from_second(trusted::good_until(certificate)?).ok()
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

    pub fn of(&self, version: HttpVersion) -> Arc<ClientConfig> {
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

    #[tokio::test]
    async fn a_name_that_is_resolved_here_is_guarded_behind_a_proxy_too() {
        for (scheme, is_guarded, expected) in [
            ("socks5", true, "redirect_refused"),
            ("socks5", false, "connect"),
            ("socks5h", true, "connect"),
            ("http", true, "connect"),
        ] {
            // nobody is at the proxy's port, and its own address is private
            let proxy = Url::parse(&format!("{scheme}://localhost:1")).unwrap();
            let settings = crate::config::Http {
                proxy: Some(proxy),
                ..crate::config::Http::default()
            };
            let client = Client::new(&settings).expect("a client");
            let target = Url::parse("https://models.example/").unwrap();
            let mut route = Route::fetched(&client, &target, is_guarded).expect("a route");
            // stands for any name with a private address
            route.host = Host::Domain("localhost".to_owned());
            let mut limits = Limits::new(settings.deadlines, std::time::Duration::from_mins(1));
            let dialled = route.dial(&mut limits, &mut Phases::default()).await;
            let failure = dialled.expect_err("a failure");
            assert_eq!(failure.word(), expected, "{scheme} {is_guarded} {failure}");
        }
    }

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
