//! Who asks: from where, by which name of ours, and who they say they are.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use axum::http::header::{self, HeaderMap};
use axum::http::{Method, Uri, uri::Authority};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::keys;
use super::refusal::Refusal;
use super::sessions::SessionId;
use super::site::Site;

/// The two ends of a connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ends {
    pub theirs: SocketAddr,
    pub ours: SocketAddr,
}

/// Who somebody has shown to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Who {
    /// Nobody yet.
    Unknown,
    /// Whoever is at this machine: nobody is asked who they are.
    Anybody,
    /// Who knows the password.
    Session(SessionId),
    /// The program that a token was given to.
    Program(String),
    /// Whom a proxy knows by this name.
    Proxied(String),
}

/// Who asks.
#[derive(Debug, Clone)]
pub(super) struct Visitor {
    pub who: Who,
    /// Where they are; behind a proxy what the proxy says.
    pub address: IpAddr,
}

impl Visitor {
    /// Of a request that came over a connection.
    pub fn of(site: &Site, ends: &Ends, headers: &HeaderMap) -> Self {
        let peer = ends.theirs.ip().to_canonical();
        Self {
            who: who(site, peer, headers),
            address: forwarded(site, peer, headers),
        }
    }

    /// Who they are, for people.
    pub fn name(&self) -> &str {
        match &self.who {
            Who::Program(name) | Who::Proxied(name) => name,
            Who::Session(_) => "signed in",
            Who::Unknown | Who::Anybody => "anybody",
        }
    }
}

fn is_trusted(site: &Site, address: IpAddr) -> bool {
    let proxy = site.means.settings.web.proxy.as_ref();
    proxy.is_some_and(|proxy| proxy.trusted.iter().any(|one| one.holds(address)))
}

/// The last address on the way that is none of our proxies: what comes before it, anybody may have written.
fn forwarded(site: &Site, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    if !is_trusted(site, peer) {
        return peer;
    }
    let all = headers.get_all("x-forwarded-for").iter();
    let texts: Vec<&str> = all.filter_map(|value| value.to_str().ok()).collect();
    let way = texts.iter().flat_map(|text| text.split(','));
    let mut last = peer;
    for hop in way.rev() {
        let Ok(address) = hop.trim().parse::<IpAddr>() else {
            break;
        };
        last = address.to_canonical();
        if !is_trusted(site, last) {
            break;
        }
    }
    last
}

fn who(site: &Site, peer: IpAddr, headers: &HeaderMap) -> Who {
    let settings = &site.means.settings.web;
    if !settings.asks_who() {
        return Who::Anybody;
    }
    if let Some(token) = presented(headers) {
        let hash = keys::kept(&token);
        let mut known = None;
        // all are looked at: the time does not tell which it is
        for (name, kept) in &settings.tokens {
            if keys::is_same(kept, &hash) {
                known = Some(name);
            }
        }
        if let Some(name) = known {
            return Who::Program(name.clone());
        }
    }
    let header = settings.proxy.as_ref();
    if let Some(header) = header.and_then(|proxy| proxy.header.as_deref())
        && is_trusted(site, peer)
        && let Some(user) = only(headers, header)
        && !user.trim().is_empty()
    {
        return Who::Proxied(user.trim().chars().take(200).collect());
    }
    if settings.password.is_some()
        && let Some(word) = cookie(headers, &site.cookies.session)
        && let Some(id) = site.sessions.known(&word, site.now())
    {
        return Who::Session(id);
    }
    Who::Unknown
}

/// The value of a header that stands once.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut all = headers.get_all(name).iter();
    let one = all.next()?;
    all.next().is_none().then(|| one.to_str().ok())?
}

/// The token of a request: as `Bearer`, or as the password of `Basic`, which is all that some readers of feeds can send.
fn presented(headers: &HeaderMap) -> Option<String> {
    let (scheme, rest) = only(headers, "authorization")?.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.trim().to_string());
    }
    if scheme.eq_ignore_ascii_case("basic") {
        let decoded = STANDARD.decode(rest.trim()).unwrap_or_default();
        let decoded = String::from_utf8(decoded).unwrap_or_default();
        return Some(
            decoded
                .split_once(':')
                .map_or("", |(_, token)| token)
                .to_string(),
        );
    }
    None
}

/// The value of a cookie.
pub(super) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter();
    let texts = all.filter_map(|value| value.to_str().ok());
    let mut pairs = texts
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.split_once('='));
    let value = pairs.find_map(|(key, value)| (key.trim() == name).then(|| value.trim()))?;
    Some(value.to_string())
}

/// Refuses a name that is none of ours: a page of somebody else that lets its name lead to this machine would be asking.
pub(super) fn check_host(
    site: &Site,
    ends: &Ends,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<(), Refusal> {
    let Some(authority) = authority(uri, headers) else {
        return Err(Refusal::Wrong(
            "expected one Host header, with the name of this server".to_string(),
        ));
    };
    let host = authority.host().trim_end_matches('.').to_ascii_lowercase();
    let settings = &site.means.settings.web;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let is_ours = match bare.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(address) => {
            let ours = [ends.ours.ip(), settings.listen.ip()].map(|ip| ip.to_canonical());
            address.is_loopback() || ours.contains(&address)
        }
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    };
    let of_url = settings.url.as_ref().and_then(|url| url.host_str());
    let is_named = of_url == Some(host.as_str()) || settings.hosts.contains(&host);
    match is_ours || is_named {
        true => Ok(()),
        false => Err(Refusal::Misdirected(format!(
            "this server is not known as '{}': name it in [web] hosts, if it is",
            host.chars().take(80).collect::<String>()
        ))),
    }
}

/// Who is asked: by the whole address where it is given, else by `Host`.
fn authority(uri: &Uri, headers: &HeaderMap) -> Option<Authority> {
    let host = only(headers, "host").and_then(|host| host.parse::<Authority>().ok());
    let host = host.filter(|host| !host.as_str().contains('@'));
    match uri.authority() {
        Some(authority) => host.is_some().then(|| authority.clone()),
        None => host,
    }
}

/// Refuses what a page of somebody else makes a browser send.
pub(super) fn check_origin(site: &Site, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
    let refused = || {
        Err(Refusal::Forbidden(
            "this request comes from a page of another site: nothing was done".to_string(),
        ))
    };
    if let Some(from) = headers.get("sec-fetch-site")
        && !["same-origin", "none"].iter().any(|good| from == good)
    {
        return refused();
    }
    if headers.contains_key("origin") {
        let origin = only(headers, "origin").and_then(|origin| url::Url::parse(origin).ok());
        let settings = &site.means.settings.web;
        let ours = authority(uri, headers);
        let is_ours = origin.is_some_and(|origin| {
            let known = settings.url.as_ref();
            let is_known = known.is_some_and(|url| url.origin() == origin.origin());
            let said = ours
                .and_then(|ours| url::Url::parse(&format!("{}://{ours}", origin.scheme())).ok());
            is_known || said.is_some_and(|said| said.origin() == origin.origin())
        });
        if !is_ours {
            return refused();
        }
    }
    Ok(())
}

/// Counts a request. Whoever is at this machine may look as often as they like: what they do is counted with the rest.
pub(super) fn check_pace(
    site: &Site,
    visitor: &Visitor,
    method: &Method,
    now: Instant,
) -> Result<(), Refusal> {
    if visitor.address.is_loopback() && is_reading(method) {
        return Ok(());
    }
    let counted = site.pace.count(visitor.address, now);
    counted.map_err(Refusal::TooOften)
}

/// Whether nothing is to be done but to look.
pub(super) fn is_reading(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::OPTIONS].contains(method)
}
