//! `[http]`: how requests are made.

use std::fmt;

use jiff::SignedDuration;
use url::Url;

use super::settings::Outside;
use super::tree::Table;
use crate::schedule::duration_from_text;

/// How requests are made.
#[derive(Clone, PartialEq, Eq)]
pub struct Http {
    /// Who we say we are.
    pub user_agent: String,
    /// Through which proxy; none is used unless it is configured.
    pub proxy: Option<Url>,
    /// Certificates of further authorities, PEM.
    pub extra_ca_pem: Vec<Vec<u8>>,
    /// URL prefixes that stand for others.
    pub rewrite: Vec<Rewrite>,
    /// Where everything is asked that none of them names, as `ELSEWHERE/https/HOST/PATH`: then nothing leaves that host.
    pub elsewhere: Option<Url>,
    /// Requests under way at once on one host.
    pub per_host_concurrency: usize,
    /// Between two starts on one host at least.
    pub per_host_pace: SignedDuration,
    /// Whether a redirect may lead to a private address.
    pub allow_private_redirects: bool,
    /// How long each phase may take.
    pub deadlines: Deadlines,
    /// Largest decoded body, in bytes, unless a probe says otherwise.
    pub max_body: u64,
}

/// A URL prefix that stands for another: a VPC endpoint, a sovereign cloud, a test server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewrite {
    /// What addresses begin with.
    pub from: String,
    /// What is asked instead.
    pub to: String,
}

/// How long each phase of a fetch may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Name resolution.
    pub dns: SignedDuration,
    /// Opening the connection.
    pub connect: SignedDuration,
    /// The TLS handshake.
    pub tls: SignedDuration,
    /// From the request to the answer's head.
    pub first_byte: SignedDuration,
    /// From the answer's head to its end.
    pub body: SignedDuration,
    /// All of it.
    pub total: SignedDuration,
}

impl Default for Deadlines {
    fn default() -> Self {
        let seconds = SignedDuration::from_secs;
        Self {
            dns: seconds(10),
            connect: seconds(10),
            tls: seconds(10),
            first_byte: seconds(30),
            body: seconds(120),
            total: seconds(180),
        }
    }
}

impl Default for Http {
    fn default() -> Self {
        Self {
            user_agent: format!(
                "bellwether/{} (self-hosted model watch)",
                env!("CARGO_PKG_VERSION")
            ),
            proxy: None,
            extra_ca_pem: Vec::new(),
            rewrite: Vec::new(),
            elsewhere: None,
            per_host_concurrency: 2,
            per_host_pace: SignedDuration::from_millis(200),
            allow_private_redirects: false,
            deadlines: Deadlines::default(),
            // more than twice the largest registry (facts: 3.2 MB); a hostile body costs the memory of fifty of its size
            max_body: 8 << 20,
        }
    }
}

impl fmt::Debug for Http {
    /// The proxy is shown by its host alone, since its address may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http")
            .field("user_agent", &self.user_agent)
            .field("proxy", &self.proxy.as_ref().and_then(Url::host_str))
            .field("rewrite", &self.rewrite)
            .field(
                "elsewhere",
                &self.elsewhere.as_ref().and_then(Url::host_str),
            )
            .field("per_host_concurrency", &self.per_host_concurrency)
            .field("per_host_pace", &self.per_host_pace)
            .field("deadlines", &self.deadlines)
            .field("max_body", &self.max_body)
            .finish_non_exhaustive()
    }
}

/// Reads `[http]`.
pub(super) fn http(table: &Table<'_>, outside: &Outside<'_>) -> Http {
    let usual = Http::default();
    let duration = |key| table.parsed(key, "a duration such as \"10s\"", duration_from_text);
    Http {
        user_agent: table
            .parsed("user_agent", "one line of ASCII", |text| {
                let is_plain = |c: char| c.is_ascii_graphic() || c == ' ';
                let is_line = !text.trim().is_empty() && text.chars().all(is_plain);
                if is_line {
                    Ok(text.to_string())
                } else {
                    Err("it could not be sent")
                }
            })
            .unwrap_or(usual.user_agent),
        proxy: table.parsed("proxy", "an address such as http://proxy:3128", |text| {
            Url::parse(text).map_err(|error| error.to_string())
        }),
        extra_ca_pem: certificates(table, "extra_ca", outside),
        rewrite: rewrite(table),
        elsewhere: table.parsed(
            "elsewhere",
            "an address such as http://127.0.0.1:8080",
            |text| {
                let url = Url::parse(text).map_err(|error| error.to_string())?;
                let is_plain = matches!(url.scheme(), "http" | "https") && url.has_host();
                is_plain
                    .then_some(url)
                    .ok_or_else(|| "no host that answers HTTP".to_string())
            },
        ),
        per_host_concurrency: table
            .integer("per_host_concurrency", 1..65)
            .and_then(|count| usize::try_from(count).ok())
            .unwrap_or(usual.per_host_concurrency),
        per_host_pace: table
            .integer("per_host_pace_ms", 0..3_600_001)
            .map_or(usual.per_host_pace, SignedDuration::from_millis),
        allow_private_redirects: table.flag("allow_private_redirects").unwrap_or(false),
        deadlines: Deadlines {
            dns: duration("dns_deadline").unwrap_or(usual.deadlines.dns),
            connect: duration("connect_deadline").unwrap_or(usual.deadlines.connect),
            tls: duration("tls_deadline").unwrap_or(usual.deadlines.tls),
            first_byte: duration("first_byte_deadline").unwrap_or(usual.deadlines.first_byte),
            body: duration("body_deadline").unwrap_or(usual.deadlines.body),
            total: duration("total_deadline").unwrap_or(usual.deadlines.total),
        },
        max_body: table
            .integer("max_body", 1024..1 << 31)
            .map_or(usual.max_body, i64::unsigned_abs),
    }
}

fn rewrite(table: &Table<'_>) -> Vec<Rewrite> {
    let mut all = Vec::new();
    for (from, to) in table.text_map("rewrite") {
        let sound = |text: &str| {
            Url::parse(text)
                .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        };
        if sound(&from) && sound(&to) {
            all.push(Rewrite { from, to });
        } else {
            let expected = "\"https://one.example/\" = \"https://other.example/\"";
            table.problem_at("rewrite", &from, expected, format!("'{from}' = '{to}'"));
        }
    }
    all
}

/// Reads a list of PEM files.
pub(super) fn certificates(
    table: &Table<'_>,
    key: &'static str,
    outside: &Outside<'_>,
) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for path in table.texts(key) {
        match (outside.file)(std::path::Path::new(&path)) {
            Ok(pem) if pem.windows(11).any(|part| part == b"-----BEGIN ") => all.push(pem),
            Ok(_) => table.problem(
                key,
                "files of certificates in PEM form",
                format!("'{path}' without any"),
            ),
            Err(error) => table.problem(
                key,
                "files of certificates in PEM form",
                format!("'{path}': {error}"),
            ),
        }
    }
    all
}
