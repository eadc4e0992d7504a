//! Who is played: each host's answers in the true shapes, from what holds at a moment.

mod anthropic;
mod azure;
mod bedrock;
mod cohere;
mod deepseek;
mod feed;
mod gateways;
mod google;
mod groq;
mod mistral;
mod oci;
mod openai;
mod priced;
pub mod registries;
mod spoken;
mod statuspage;
pub mod written;
mod xai;

use std::collections::BTreeSet;

use super::exchange::{Answer, Asked, Request};
use super::{Moment, Topic};

/// The subscription whose models Azure lists.
pub const AZURE_SUBSCRIPTION: &str = azure::SUBSCRIPTION;
/// The resource that has an endpoint at Azure.
pub const AZURE_RESOURCE: &str = azure::RESOURCE;
/// The key file of a user of Google's cloud.
pub const GOOGLE_USER: &str = google::USER;

/// One request of so many fails by chance.
pub const HICCUP: u64 = 700;

/// How a content is made.
pub type Make = Box<dyn Fn(&Moment<'_>) -> Vec<u8> + Send + Sync>;

/// A content that can be asked for.
pub struct Resource {
    /// The probe that reads it; a page is worked over by this name.
    pub probe: &'static str,
    /// What tells it from all others: usually its address.
    pub key: String,
    /// What it hangs on.
    pub topics: Vec<Topic>,
    /// Its content type.
    pub media: &'static str,
    /// Whether the original sends versions.
    pub has_etag: bool,
    /// Headers more.
    pub headers: Vec<(&'static str, String)>,
    /// Its content; a pure function of the moment's state and variant, never of the time itself.
    pub make: Make,
}

impl Resource {
    /// A content of an address.
    pub fn new(
        probe: &'static str,
        asked: &Asked,
        media: &'static str,
        topics: Vec<Topic>,
        make: impl Fn(&Moment<'_>) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let query: Vec<String> = asked
            .query
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        Self {
            probe,
            key: format!("{}{}?{}", asked.host, asked.path, query.join("&")),
            topics,
            media,
            has_etag: true,
            headers: Vec::new(),
            make: Box::new(make),
        }
    }
}

/// What is found at a moment.
pub type Depends = Box<dyn Fn(&Moment<'_>) -> Found + Send + Sync>;

/// What is at an address.
pub enum Found {
    /// A content.
    Resource(Resource),
    /// An answer of its own: an error, a token.
    Answer(Answer),
    /// What hangs on the moment: whether a signature is fresh, whether something is sold just now.
    Depends(Depends),
    /// Nobody plays it.
    Nothing,
}

impl From<Resource> for Found {
    fn from(resource: Resource) -> Self {
        Self::Resource(resource)
    }
}

impl From<Answer> for Found {
    fn from(answer: Answer) -> Self {
        Self::Answer(answer)
    }
}

/// Those who play hosts.
const PLAYS: &[Play] = &[
    anthropic::PLAY,
    azure::PLAY,
    bedrock::PLAY,
    cohere::PLAY,
    deepseek::PLAY,
    gateways::PLAY,
    google::PLAY,
    groq::PLAY,
    mistral::PLAY,
    oci::PLAY,
    openai::PLAY,
    registries::PLAY,
    xai::PLAY,
];

/// One who plays hosts.
pub struct Play {
    /// The hosts.
    pub hosts: fn() -> Vec<String>,
    /// What is at an address of them.
    pub find: fn(&Asked, &Request) -> Found,
    /// The credentials that are admitted, by the variable that holds them.
    pub credentials: &'static [(&'static str, &'static str)],
}

/// Every host that is played; each probe, endpoint and token is asked of one of them.
pub fn hosts() -> Vec<String> {
    // a host may hold pages of several
    let hosts: BTreeSet<String> = PLAYS.iter().flat_map(|play| (play.hosts)()).collect();
    hosts.into_iter().collect()
}

/// The credentials that are admitted, by the variable that holds them.
pub fn credentials() -> Vec<(&'static str, &'static str)> {
    PLAYS
        .iter()
        .flat_map(|play| play.credentials)
        .copied()
        .collect()
}

/// What is at an address.
pub fn find(asked: &Asked, request: &Request) -> Found {
    let mut found = PLAYS.iter().map(|play| (play.find)(asked, request));
    found
        .find(|found| !matches!(found, Found::Nothing))
        .unwrap_or(Found::Nothing)
}

/// Whose a status page of the script is.
pub fn page_of(page: &str) -> &str {
    match page {
        "github" | "microsoft" => "copilot",
        page => page,
    }
}

/// Whether a host is among these; `*.amazonaws.com` are all whose name ends so.
pub fn is_host(hosts: &[String], host: &str) -> bool {
    hosts.iter().any(|own| match own.strip_prefix('*') {
        Some(end) => host.ends_with(end),
        None => own == host,
    })
}

/// What a host in trouble answers.
pub fn fault(status: u16) -> Answer {
    let message = match status {
        429 => "Rate limit reached, try again later.",
        _ => "The server had an error while processing your request.",
    };
    let body =
        serde_json::json!({"error": {"message": message, "type": "server_error", "code": null}});
    Answer::json(status, &body)
}
