//! `[web]`: where the dashboard is served, to whom, and what they may do there.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use argon2::password_hash::phc::PasswordHash;
use jiff::SignedDuration;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::alerts::limit_from_text;
use super::secrets::secret;
use super::settings::Outside;
use super::tree::Table;
use crate::alerting::Limit;
use crate::schedule::duration_from_text;

/// Where the dashboard is served, to whom, and what they may do there.
#[derive(Debug, Clone)]
pub struct WebSettings {
    /// Whether it is served at all.
    pub on: bool,
    /// The address that is listened on.
    pub listen: SocketAddr,
    /// Where people reach it, if a proxy stands before it.
    pub url: Option<Url>,
    /// The argon2 hash (PHC) of the password that people sign in with.
    pub password: Option<SecretString>,
    /// SHA-256 of what programs say who they are by, each under its name.
    pub tokens: BTreeMap<String, [u8; 32]>,
    /// Whose word on who asks is taken.
    pub proxy: Option<ProxyLogin>,
    /// Names that it is reached by, besides those that are its own.
    pub hosts: Vec<String>,
    /// What may be done there besides looking.
    pub actions: Actions,
    /// Requests of one address that is not of this machine.
    pub rate: Limit,
    /// What one request, and all of them, may take.
    pub bounds: Bounds,
}

/// Reverse proxies, whose word is taken on who asks and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyLogin {
    /// The header in which they name whom they let through, in small letters; `None`: they let anybody through.
    pub header: Option<String>,
    /// Where they are: nobody else is believed.
    pub trusted: Vec<Network>,
}

/// Addresses that begin alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

/// What may be done there besides looking.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Actions {
    /// Silences are made and ended.
    pub silence: bool,
    /// What was told is acknowledged.
    pub ack: bool,
}

/// What one request, and all of them, may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Connections at once.
    pub connections: usize,
    /// Until the head of a request has come; a connection that asks nothing is closed after it.
    pub head: SignedDuration,
    /// Until an answer is made, and until whoever asked takes the next part of it.
    pub answer: SignedDuration,
    /// For one question to the database.
    pub question: SignedDuration,
}

/// Loopback: nobody else can ask.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8620);
/// A page is three requests, and a browser looks ahead.
const RATE: Limit = Limit {
    messages: 1_200,
    per: SignedDuration::from_mins(1),
};
/// A shorter token could be guessed.
const SHORTEST_TOKEN: usize = 20;

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: 512,
            head: SignedDuration::from_secs(10),
            answer: SignedDuration::from_secs(30),
            question: SignedDuration::from_secs(5),
        }
    }
}

impl Default for WebSettings {
    fn default() -> Self {
        Self {
            on: true,
            listen: LISTEN,
            url: None,
            password: None,
            tokens: BTreeMap::new(),
            proxy: None,
            hosts: Vec::new(),
            actions: Actions::default(),
            rate: RATE,
            bounds: Bounds::default(),
        }
    }
}

impl WebSettings {
    /// Whether whoever asks must say who they are.
    pub fn asks_who(&self) -> bool {
        let names = self
            .proxy
            .as_ref()
            .is_some_and(|proxy| proxy.header.is_some());
        self.password.is_some() || !self.tokens.is_empty() || names
    }

    /// Whether people reach it over TLS.
    pub fn is_https(&self) -> bool {
        self.url.as_ref().is_some_and(|url| url.scheme() == "https")
    }
}

impl Network {
    /// `10.0.0.0/8`, or one address.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_text(text: &str) -> Result<Self, String> {
        let (address, bits) = text.split_once('/').unwrap_or((text, ""));
        let address: IpAddr = address.trim().parse().map_err(|_| "that is no address")?;
        let address = address.to_canonical();
        let all = if address.is_ipv4() { 32 } else { 128 };
        let bits: u8 = match bits {
            "" => all,
            bits => bits.trim().parse().map_err(|_| "that is no length")?,
        };
        match bits <= all {
            true => Ok(Self { address, bits }),
            false => Err(format!("at most {all} bits begin alike")),
        }
    }

    /// Whether an address is one of them.
    pub fn holds(&self, address: IpAddr) -> bool {
        fn alike(one: u128, other: u128, bits: u8) -> bool {
            bits == 0 || (one ^ other) >> (128 - u32::from(bits)) == 0
        }
        let wide = |address: std::net::Ipv4Addr| u128::from(u32::from(address)) << 96;
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(one), IpAddr::V4(other)) => alike(wide(one), wide(other), self.bits),
            (IpAddr::V6(one), IpAddr::V6(other)) => alike(one.into(), other.into(), self.bits),
            _ => false,
        }
    }
}

pub(super) fn web(table: &Table<'_>, outside: &Outside<'_>) -> WebSettings {
    let usual = WebSettings::default();
    let expected = "an address and a port, such as \"127.0.0.1:8620\"";
    let listen = table.parsed("listen", expected, |text| {
        text.parse::<SocketAddr>()
            .map_err(|error| error.to_string())
    });
    let expected = "the address that people see, such as \"https://bellwether.example.org\"";
    let url = table.parsed("url", expected, base);
    let rate = table.parsed("rate", "requests in a time, such as \"1200/1m\"", |text| {
        limit_from_text(text, "request")
    });
    let has_password = table.has("password");
    let settings = WebSettings {
        on: table.flag("on").unwrap_or(usual.on),
        listen: listen.unwrap_or(usual.listen),
        url,
        password: table.table("password").and_then(|inner| {
            let password = password(&inner, outside);
            inner.finish();
            password
        }),
        tokens: tokens(table, outside),
        proxy: proxy(table),
        hosts: hosts(table),
        actions: actions(table),
        rate: rate.unwrap_or(usual.rate),
        bounds: table.table("limits").map_or(usual.bounds, |inner| {
            let bounds = bounds(&inner);
            inner.finish();
            bounds
        }),
    };
    // what is wrong with the keys themselves has been said
    let is_said = has_password || table.has("tokens") || table.has("header");
    if settings.on && !settings.listen.ip().to_canonical().is_loopback() && !is_said {
        table.problem(
            "listen",
            "a password (`bellwether web password` makes one), tokens or the header of a proxy beside an address that others \
             reach, or one of this machine alone, such as \"127.0.0.1:8620\"",
            format!("'{}' and none of these", settings.listen),
        );
    }
    if settings.on && !is_said {
        refuse_open_names(table, &settings);
    }
    settings
}

/// Whoever is reached by a name that is not this machine's own is reached by others, through a proxy.
fn refuse_open_names(table: &Table<'_>, settings: &WebSettings) {
    let of_url = settings.url.as_ref().and_then(Url::host_str);
    let url = of_url.map(|host| ("url", host));
    let hosts = settings.hosts.iter().map(|host| ("hosts", host.as_str()));
    for (key, host) in url.into_iter().chain(hosts) {
        if !is_here(host) {
            table.problem(
                key,
                "a password (`bellwether web password` makes one), tokens or the header of a proxy beside a name that others reach",
                format!("'{host}' and none of these"),
            );
        }
    }
}

/// Whether a name means the machine itself.
fn is_here(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse::<std::net::IpAddr>();
    host.eq_ignore_ascii_case("localhost")
        || address.is_ok_and(|address| address.to_canonical().is_loopback())
}

/// An address with nothing behind its host.
fn base(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let is_plain = url.username().is_empty() && url.password().is_none();
    match ["http", "https"].contains(&url.scheme()) && url.has_host() && is_bare && is_plain {
        true => Ok(url),
        false => Err("http or https, a host and nothing behind it".to_string()),
    }
}

/// A hash whose check takes a second and 256 MiB at most, about.
fn password(table: &Table<'_>, outside: &Outside<'_>) -> Option<SecretString> {
    let hash = secret(table, outside)?;
    let parsed = PasswordHash::new(hash.expose_secret()).ok();
    let is_good = parsed.is_some_and(|parsed| {
        let number = |name| parsed.params.get_decimal(name).unwrap_or(u32::MAX);
        let is_complete = parsed.salt.is_some() && parsed.hash.is_some();
        parsed.algorithm.as_str().starts_with("argon2")
            && is_complete
            && number("m") <= 256 * 1024
            && number("t") <= 16
            && number("p") <= 16
    });
    if !is_good {
        let key = if table.has("env") { "env" } else { "file" };
        let expected = "the hash of a password, as `bellwether web password` prints it";
        table.problem(key, expected, "something else");
        return None;
    }
    Some(hash)
}

fn tokens(table: &Table<'_>, outside: &Outside<'_>) -> BTreeMap<String, [u8; 32]> {
    let mut tokens = BTreeMap::new();
    for (name, inner) in table.named_tables("tokens") {
        if let Some(hash) = token(&inner, outside) {
            tokens.insert(name, hash);
        }
        inner.finish();
    }
    tokens
}

/// What a program says, or its hash.
fn token(table: &Table<'_>, outside: &Outside<'_>) -> Option<[u8; 32]> {
    if table.has("hash") {
        let expected = "the SHA-256 of a token in hexadecimal, as `bellwether web token` prints it";
        return table.word("hash", expected, from_hex);
    }
    let token = secret(table, outside)?;
    let token = token.expose_secret();
    if token.len() < SHORTEST_TOKEN || token.contains(|c: char| !c.is_ascii_graphic()) {
        let key = if table.has("env") { "env" } else { "file" };
        let expected = format!(
            "a token of {SHORTEST_TOKEN} characters or more without spaces, such as `bellwether web token` makes"
        );
        table.problem(key, expected, "another one");
        return None;
    }
    let mut hash = [0; 32];
    let digest = ring::digest::digest(&ring::digest::SHA256, token.as_bytes());
    hash.copy_from_slice(digest.as_ref());
    Some(hash)
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut hash = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (index, byte) in hash.iter_mut().enumerate() {
        let digits = text.get(2 * index..2 * index + 2)?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(hash)
}

fn proxy(table: &Table<'_>) -> Option<ProxyLogin> {
    let texts = table.texts("trusted_proxies");
    let mut trusted = Vec::new();
    for text in &texts {
        match Network::from_text(text) {
            Ok(network) => trusted.push(network),
            Err(error) => table.problem(
                "trusted_proxies",
                "addresses such as \"10.0.0.5\" or \"10.0.0.0/24\"",
                format!("'{text}' ({error})"),
            ),
        }
    }
    let header = table.has("header").then(|| {
        table.word(
            "header",
            "the header in which the proxy names the user, such as \"X-Forwarded-User\"",
            |text| {
                let is_token = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
                let is_free = !TAKEN.contains(&text.to_ascii_lowercase().as_str());
                (!text.is_empty() && text.len() <= 100 && text.chars().all(is_token) && is_free)
                    .then(|| text.to_ascii_lowercase())
            },
        )
    });
    match (header, texts.is_empty()) {
        (Some(_), true) => {
            let expected =
                "trusted_proxies beside it: the proxies that set it, lest others write it, too";
            table.problem("header", expected, "none");
            None
        }
        (Some(header), false) => Some(ProxyLogin {
            header: Some(header?),
            trusted,
        }),
        (None, false) => Some(ProxyLogin {
            header: None,
            trusted,
        }),
        (None, true) => None,
    }
}

/// Headers that say something else.
const TAKEN: [&str; 6] = [
    "host",
    "cookie",
    "authorization",
    "origin",
    "user-agent",
    "x-forwarded-for",
];

fn hosts(table: &Table<'_>) -> Vec<String> {
    let mut hosts = Vec::new();
    for text in table.texts("hosts") {
        // what a browser sends: without a port, in small letters
        match url::Host::parse(&text) {
            Ok(url::Host::Domain(host)) => hosts.push(host),
            Ok(url::Host::Ipv4(address)) => hosts.push(address.to_string()),
            Ok(url::Host::Ipv6(address)) => hosts.push(format!("[{address}]")),
            Err(_) => table.problem(
                "hosts",
                "names without a port, such as \"bellwether.internal\"",
                format!("'{text}'"),
            ),
        }
    }
    hosts
}

fn actions(table: &Table<'_>) -> Actions {
    let mut actions = Actions::default();
    for word in table.texts("actions") {
        match word.as_str() {
            "silence" => actions.silence = true,
            "ack" => actions.ack = true,
            _ => table.problem("actions", "silence or ack", format!("'{word}'")),
        }
    }
    actions
}

fn bounds(table: &Table<'_>) -> Bounds {
    let usual = Bounds::default();
    let duration = |key, usual| {
        let expected = "a duration such as \"10s\", at most \"10m\"";
        let found = table.parsed(key, expected, |text| match duration_from_text(text) {
            Ok(duration) if duration <= SignedDuration::from_mins(10) => Ok(duration),
            Ok(_) => Err("longer".to_string()),
            Err(error) => Err(error.to_string()),
        });
        found.unwrap_or(usual)
    };
    let connections = table.integer("connections", 1..100_001);
    let connections = connections.and_then(|connections| usize::try_from(connections).ok());
    Bounds {
        connections: connections.unwrap_or(usual.connections),
        head: duration("head", usual.head),
        answer: duration("answer", usual.answer),
        question: duration("question", usual.question),
    }
}

#[cfg(test)]
mod tests;
