//! Endpoints: hosts that are measured, whatever they answer. They are declared in probe files, beside the probes.

use jiff::SignedDuration;

use super::scopes::{Scoping, scopes_of};
use super::tree::Table;
use super::{Own, probe};
use crate::market::{ProbeId, ProviderId};
use crate::schedule::duration_from_text;

/// A host that is measured, in each of its scopes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// `provider.name`; no probe has the same.
    pub id: ProbeId,
    /// Whose it is.
    pub provider: ProviderId,
    /// One sentence for people.
    pub title: String,
    /// With placeholders in braces.
    pub url: String,
    /// Between two checks.
    pub every: SignedDuration,
    /// A check that takes longer has failed.
    pub timeout: SignedDuration,
    /// Over which connections it is asked.
    pub ways: Ways,
    /// In which family of addresses.
    pub family: Family,
    /// In which version of HTTP.
    pub version: HttpVersion,
    /// Whether it tells if our own network is there: nothing is said of it.
    pub is_reference: bool,
    /// Whether it is checked unless it is switched off.
    pub on: bool,
    /// The scopes it is checked in; none while `[scopes]` must name some.
    pub scopes: Vec<Scoping>,
    /// The placeholders that stand for nothing until `[scopes]` says so.
    pub unset: Vec<&'static str>,
}

/// Over which connections an endpoint is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ways {
    /// Over one that is opened for it, and again over the same.
    #[default]
    Both,
    /// Over one that is opened for it and closed at once.
    Fresh,
    /// Over one that is kept from check to check.
    Warm,
}

/// In which family of addresses an endpoint is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Family {
    /// Whichever connects, as the resolver orders them.
    #[default]
    Any,
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

/// In which version of HTTP an endpoint is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum HttpVersion {
    /// Whichever the host prefers.
    #[default]
    Any,
    /// HTTP/1.1.
    One,
    /// HTTP/2.
    Two,
}

impl Ways {
    const WORDS: &'static str = "both, fresh or warm";

    fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "both" => Self::Both,
            "fresh" => Self::Fresh,
            "warm" => Self::Warm,
            _ => return None,
        })
    }
}

impl Family {
    const WORDS: &'static str = "any, 4 or 6";

    fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "any" => Self::Any,
            "4" => Self::V4,
            "6" => Self::V6,
            _ => return None,
        })
    }

    /// The stored word; empty for any.
    pub fn word(self) -> &'static str {
        match self {
            Self::Any => "",
            Self::V4 => "4",
            Self::V6 => "6",
        }
    }
}

impl HttpVersion {
    const WORDS: &'static str = "any, 1.1 or 2";

    fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "any" => Self::Any,
            "1.1" => Self::One,
            "2" => Self::Two,
            _ => return None,
        })
    }

    /// The stored word; empty for any.
    pub fn word(self) -> &'static str {
        match self {
            Self::Any => "",
            Self::One => "1.1",
            Self::Two => "2",
        }
    }
}

impl Endpoint {
    /// Unless its file says otherwise.
    pub const EVERY: SignedDuration = SignedDuration::from_mins(5);
    /// Unless its file says otherwise.
    pub const TIMEOUT: SignedDuration = SignedDuration::from_secs(10);
}

/// Which endpoints are checked, by `[endpoints]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointSettings {
    /// Whether any is.
    pub on: bool,
    /// Ids of endpoints, or of providers, that are not checked.
    pub off: Vec<String>,
    /// Only these are checked, if any are named.
    pub only: Vec<String>,
    /// Between two checks, in place of what the files say.
    pub every: Option<SignedDuration>,
}

impl Default for EndpointSettings {
    fn default() -> Self {
        Self {
            on: true,
            off: Vec::new(),
            only: Vec::new(),
            every: None,
        }
    }
}

/// Reads `[endpoints]`.
pub(super) fn settings(table: &Table<'_>) -> EndpointSettings {
    EndpointSettings {
        on: table.flag("on").unwrap_or(true),
        off: table.texts("off"),
        only: table.texts("only"),
        every: table.parsed("every", EVERY, duration_from_text),
    }
}

const EVERY: &str = "a duration such as \"5m\", at least \"1s\"";

/// Reads one `[[endpoint]]`.
pub(super) fn endpoint(table: &Table<'_>, provider: &str, own: Own<'_>) -> Option<Endpoint> {
    let name = probe::name(table, "the endpoint's name");
    let title = table.required_text("title", "one sentence that says what is measured");
    let url = table
        .required_text("url", "the address that is asked")
        .filter(|url| probe::is_web_address(table, "url", url));
    let duration = |key, expected| table.parsed(key, expected, duration_from_text);
    let every = duration("every", EVERY).unwrap_or(Endpoint::EVERY);
    let timeout = duration("timeout", "a duration such as \"10s\"").unwrap_or(Endpoint::TIMEOUT);
    let ways = table.word("connection", Ways::WORDS, Ways::from_word);
    let family = table.word("ip", Family::WORDS, Family::from_word);
    let version = table.word("http", HttpVersion::WORDS, HttpVersion::from_word);
    let is_reference = table.flag("reference").unwrap_or(false);
    let on = table.flag("on").unwrap_or(true);
    let id = ProbeId::new(format!("{provider}.{}", name.as_deref().unwrap_or("")));
    let scopes = scopes_of(table, provider, &id, own.scopes, &[("url", url.clone())]);
    name?;
    Some(Endpoint {
        id,
        provider: ProviderId::new(provider),
        title: title?,
        url: url?,
        every,
        timeout,
        ways: ways.unwrap_or_default(),
        family: family.unwrap_or_default(),
        version: version.unwrap_or_default(),
        is_reference,
        on,
        scopes: scopes.asked,
        unset: scopes.unset,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::declarations_of;
    use crate::market::Region;

    const FILE: &str =
        "provider = 'p'\nkind = 'cloud'\n[[endpoint]]\nname = 'runtime'\ntitle = 'Runtime'\n";

    fn read(text: &str) -> Result<Vec<Endpoint>, String> {
        let text = format!("{FILE}{text}");
        declarations_of("p.toml", &text, Own::default())
            .map(|found| found.endpoints)
            .map_err(|problems| problems.to_string())
    }

    #[test]
    fn an_endpoint_is_declared_beside_probes_or_alone() {
        let text = "url = 'https://r.{region}.test/'\nevery = '1m'\nconnection = 'warm'\nip = '6'\nhttp = '2'\n\
            reference = true\n[endpoint.scopes]\nregion = ['a', 'b']\n";
        let found = read(text).expect("sound");
        let [endpoint] = found.as_slice() else {
            panic!("one endpoint: {found:?}");
        };
        let urls: Vec<String> = endpoint
            .scopes
            .iter()
            .map(|s| s.fill(&endpoint.url))
            .collect();
        assert_eq!(urls, ["https://r.a.test/", "https://r.b.test/"]);
        assert_eq!(endpoint.every, SignedDuration::from_mins(1));
        assert_eq!((endpoint.ways, endpoint.family), (Ways::Warm, Family::V6));
        assert!(endpoint.is_reference && endpoint.on);
        assert_eq!(endpoint.scopes[1].region(), Region::from("b"));
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        insta::assert_snapshot!(read("url = 'r.test'\nip = '5'\nevery = 'x'\nconnection = 'cold'\nhttp = '3'\n").expect_err("wrong"), @r#"
        p.toml:6: endpoint.runtime.url: expected an address that begins with https://, found 'r.test'
        p.toml:7: endpoint.runtime.ip: expected any, 4 or 6, found '5'
        p.toml:8: endpoint.runtime.every: expected a duration such as "5m", at least "1s", found 'x' ('x' is no duration: expected whole numbers, each with its unit (d, h, m, s), the largest first, such as 90s, 30m, 6h, 1d or 1h30m)
        p.toml:9: endpoint.runtime.connection: expected both, fresh or warm, found 'cold'
        p.toml:10: endpoint.runtime.http: expected any, 1.1 or 2, found '3'
        "#);
        insta::assert_snapshot!(read("url = 'https://{region}.test'\n").expect_err("no values"), @"p.toml:6: endpoint.runtime.url: expected values for {region} in [endpoint.scopes], found none");
        insta::assert_snapshot!(read("url = 'https://a.test'\n[[endpoint]]\nname = 'runtime'\ntitle = 'T'\nurl = 'https://b.test'").expect_err("twice"), @"p.toml:8: endpoint.runtime.name: expected a name that no other probe or endpoint of the file has, found 'p.runtime'");
    }
}
