//! Ways to tell besides mail: `[[channel]]`.

use std::fmt;
use std::net::IpAddr;

use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::secrets::secret;
use super::settings::Outside;
use super::tree::Table;
use crate::schedule::duration_from_text;

/// How long a channel may take to take a message, where nothing else is said.
const DEADLINE: SignedDuration = SignedDuration::from_secs(30);
/// The longest that may be said.
const LONGEST_DEADLINE: SignedDuration = SignedDuration::from_mins(5);
const KINDS: &str = "webhook, slack, teams, ntfy or pagerduty";
const NTFY: &str = "https://ntfy.sh";
const PAGERDUTY: &str = "https://events.pagerduty.com/v2/enqueue";

/// A way to tell besides mail.
#[derive(Debug, Clone)]
pub struct Channel {
    /// Its name, by which routes and the outbox know it.
    pub name: String,
    /// What is spoken there.
    pub kind: ChannelKind,
    /// How long one message may take.
    pub deadline: SignedDuration,
}

/// What is spoken at a channel, and with which secrets.
#[derive(Debug, Clone)]
pub enum ChannelKind {
    /// Our own JSON (docs/webhook.md).
    Webhook {
        /// Where it goes.
        address: Address,
        /// What it is signed with.
        secret: Option<SecretString>,
    },
    /// An incoming webhook of Slack.
    Slack {
        /// Where it goes, which is a secret.
        address: Address,
    },
    /// A webhook of Microsoft Teams' Workflows.
    Teams {
        /// Where it goes, which is a secret.
        address: Address,
    },
    /// A topic of ntfy.
    Ntfy {
        /// The server.
        address: Address,
        /// The topic, which is a secret where whoever knows it may read.
        topic: SecretString,
        /// The access token.
        token: Option<SecretString>,
        /// From 1 to 5; without it as urgent as the message is grave.
        priority: Option<u8>,
    },
    /// A service of PagerDuty.
    PagerDuty {
        /// Where events go.
        address: Address,
        /// The integration's key.
        routing_key: SecretString,
    },
}

/// An address of which nobody need see more than the host: the rest may be a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(Url);

impl Address {
    /// Reads an address. The error does not repeat it.
    ///
    /// # Errors
    /// If it is none of http or https.
    pub fn from_text(text: &str) -> Result<Self, &'static str> {
        match Url::parse(text.trim()) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(Self(url)),
            _ => Err("something else"),
        }
    }

    /// The whole address.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// Its scheme, host and port: `https://hooks.example.org`.
    pub fn shown(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// Whether nobody on the way can read what is sent there.
    fn is_private(&self) -> bool {
        let host = self.0.host_str().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let is_here = |address: IpAddr| address.to_canonical().is_loopback();
        self.0.scheme() == "https" || host == "localhost" || host.parse().is_ok_and(is_here)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

impl Channel {
    /// What is spoken there, as the configuration names it.
    pub fn word(&self) -> &'static str {
        match self.kind {
            ChannelKind::Webhook { .. } => "webhook",
            ChannelKind::Slack { .. } => "slack",
            ChannelKind::Teams { .. } => "teams",
            ChannelKind::Ntfy { .. } => "ntfy",
            ChannelKind::PagerDuty { .. } => "pagerduty",
        }
    }

    /// Where it is.
    pub fn address(&self) -> &Address {
        match &self.kind {
            ChannelKind::Webhook { address, .. }
            | ChannelKind::Slack { address }
            | ChannelKind::Teams { address }
            | ChannelKind::Ntfy { address, .. }
            | ChannelKind::PagerDuty { address, .. } => address,
        }
    }

    /// Whether it takes nothing but what tells of one matter: no digest, no report.
    pub fn takes_only_alerts(&self) -> bool {
        matches!(self.kind, ChannelKind::PagerDuty { .. })
    }
}

/// Reads `[[channel]]`.
pub(super) fn channels(root: &Table<'_>, outside: &Outside<'_>) -> Vec<Channel> {
    let mut channels: Vec<Channel> = Vec::new();
    for table in root.tables("channel") {
        let channel = channel(&table, outside);
        table.finish();
        let Some(channel) = channel else { continue };
        if channels.iter().any(|other| other.name == channel.name) {
            let found = format!("'{}' again", channel.name);
            table.problem("name", "a name of its own", found);
        }
        channels.push(channel);
    }
    channels
}

/// The names of all channels that are declared, sound or not.
pub(super) fn declared(root: &Table<'_>) -> Vec<String> {
    let tables = root.tables("channel").into_iter();
    tables.filter_map(|table| table.text("name")).collect()
}

fn channel(table: &Table<'_>, outside: &Outside<'_>) -> Option<Channel> {
    let name = table.required_text("name", "a name, such as \"ops\"");
    if let Some(name) = &name
        && (name.contains(|c: char| c == '@' || c.is_control()) || name.chars().count() > 60)
    {
        let expected = "at most 60 characters without '@', which is the mark of mail";
        table.problem("name", expected, format!("'{name}'"));
    }
    let deadline = table.parsed("deadline", "a duration such as \"30s\"", |text| {
        let deadline = duration_from_text(text).map_err(|error| error.to_string())?;
        let is_sane = deadline >= SignedDuration::from_secs(1) && deadline <= LONGEST_DEADLINE;
        is_sane
            .then_some(deadline)
            .ok_or("it must lie between 1s and 5m".to_string())
    });
    let kind = match table.required_text("kind", KINDS)?.as_str() {
        "webhook" => ChannelKind::Webhook {
            address: address(table, outside)?,
            secret: hidden(table, "secret", outside),
        },
        "slack" => ChannelKind::Slack {
            address: secret_address(table, outside)?,
        },
        "teams" => ChannelKind::Teams {
            address: secret_address(table, outside)?,
        },
        "ntfy" => ntfy(table, outside)?,
        "pagerduty" => pagerduty(table, outside)?,
        other => {
            table.problem("kind", KINDS, format!("'{other}'"));
            // which of them it takes is not known
            for key in ["url", "secret", "topic", "token", "priority", "routing_key"] {
                table.has(key);
            }
            return None;
        }
    };
    Some(Channel {
        name: name?,
        kind,
        deadline: deadline.unwrap_or(DEADLINE),
    })
}

/// The address under `url`, which may be given as a secret.
fn address(table: &Table<'_>, outside: &Outside<'_>) -> Option<Address> {
    const EXPECTED: &str =
        "an http or https address, or { env = \"NAME\" } or { file = \"PATH\" } that hold one";
    let given = text_or_hidden(table, "url", EXPECTED, outside)?;
    let address = Address::from_text(given.expose_secret());
    address
        .map_err(|found| table.problem("url", EXPECTED, found))
        .ok()
}

fn ntfy(table: &Table<'_>, outside: &Outside<'_>) -> Option<ChannelKind> {
    let address = usual_address(table, NTFY, outside);
    let topic = text_or_hidden(table, "topic", "a topic, or { env = \"NAME\" }", outside);
    let token = hidden(table, "token", outside);
    let priority = table
        .integer("priority", 1..6)
        .and_then(|priority| u8::try_from(priority).ok());
    let address = if token.is_some() {
        unread(table, address?)
    } else {
        address
    };
    Some(ChannelKind::Ntfy {
        address: address?,
        topic: topic?,
        token,
        priority,
    })
}

fn pagerduty(table: &Table<'_>, outside: &Outside<'_>) -> Option<ChannelKind> {
    let address = usual_address(table, PAGERDUTY, outside);
    if !table.has("routing_key") {
        let expected =
            "{ env = \"NAME\" } or { file = \"PATH\" }: the key of an integration by Events API v2";
        table.problem("routing_key", expected, "nothing");
    }
    let routing_key = hidden(table, "routing_key", outside);
    Some(ChannelKind::PagerDuty {
        address: unread(table, address?)?,
        routing_key: routing_key?,
    })
}

/// The address under `url`, or the usual one.
fn usual_address(table: &Table<'_>, usual: &str, outside: &Outside<'_>) -> Option<Address> {
    match table.has("url") {
        true => address(table, outside),
        false => Address::from_text(usual).ok(),
    }
}

/// The address under `url`, of which whoever knows it may write there.
fn secret_address(table: &Table<'_>, outside: &Outside<'_>) -> Option<Address> {
    if !table.is_table("url") {
        let expected =
            "{ env = \"NAME\" } or { file = \"PATH\" } that hold the address, which is a secret";
        let found = match table.has("url") {
            true => "something else",
            false => "nothing",
        };
        table.problem("url", expected, found);
        return None;
    }
    unread(table, address(table, outside)?)
}

/// The address, if nobody on the way there can read the secret that is shown there.
fn unread(table: &Table<'_>, address: Address) -> Option<Address> {
    if !address.is_private() {
        let expected = "an https address, since a secret is sent there, or one of this machine";
        table.problem("url", expected, "an http address");
        return None;
    }
    Some(address)
}

/// A text that is there to be read, or a secret.
fn text_or_hidden(
    table: &Table<'_>,
    key: &'static str,
    expected: &str,
    outside: &Outside<'_>,
) -> Option<SecretString> {
    match table.is_table(key) {
        true => hidden(table, key, outside),
        false => table.required_text(key, expected).map(SecretString::from),
    }
}

/// A secret under a key, if the key is there.
fn hidden(table: &Table<'_>, key: &'static str, outside: &Outside<'_>) -> Option<SecretString> {
    if table.has(key) && !table.is_table(key) {
        // the text may be the secret, and is not repeated
        let expected = "{ env = \"NAME\" } or { file = \"PATH\" }: a secret is never written here";
        table.problem(key, expected, "something else");
        return None;
    }
    let inner = table.table(key)?;
    let secret = secret(&inner, outside);
    inner.finish();
    secret
}
