//! `[web]`: where the dashboard is served, and to whom.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::tree::Table;

/// Where the dashboard is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebSettings {
    /// Whether it is served at all.
    pub on: bool,
    /// The address that is listened on.
    pub listen: SocketAddr,
}

/// Loopback: nobody else can ask.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8620);

impl Default for WebSettings {
    fn default() -> Self {
        Self {
            on: true,
            listen: LISTEN,
        }
    }
}

pub(super) fn web(table: &Table<'_>) -> WebSettings {
    let expected = "an address and a port, such as \"127.0.0.1:8620\"";
    let listen = table.has("listen").then(|| {
        table.parsed("listen", expected, |text| {
            text.parse::<SocketAddr>()
                .map_err(|error| error.to_string())
        })
    });
    WebSettings {
        on: table.flag("on").unwrap_or(true),
        listen: listen.flatten().unwrap_or(LISTEN),
    }
}
