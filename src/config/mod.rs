//! Files → one checked configuration, or every problem at once. Behind this point nothing is missing that must be there.

pub mod conversion;
pub mod identities;
pub mod mail;
mod mail_token;
pub mod readers;
pub mod tree;

mod absent;
mod alerts;
mod auth;
mod channel;
mod endpoint;
mod follow;
mod gateway;
mod http;
mod inference;
mod near;
mod needs;
mod objectives;
mod probe;
mod recipients;
mod scopes;
mod secrets;
mod settings;
mod shipped;
mod templates;
mod workload;

pub use absent::Absent;
pub use alerts::AlertSettings;
pub use auth::Auth;
pub use channel::{Address, Channel, ChannelKind};
pub use endpoint::{Endpoint, EndpointSettings, Family, HttpVersion, Ways};
pub use follow::Follow;
pub use http::{Deadlines, Http, Rewrite};
pub use identities::{Identities, Known};
pub use inference::{InferenceProbe, InferenceSettings};
pub use mail::{Mail, MailTransport};
pub use near::nearest;
pub use needs::{Cloud, Need};
pub use objectives::Objectives;
pub use probe::{Declarations, Expects, Own, Probe, Request, declarations_of, probes_of};
pub use scopes::{ScopeSettings, Scoping};
pub use settings::{Outside, ProbeSettings, Retention, Settings};
pub use shipped::{Chosen, ProbeFile, declared, find, shipped, watch_list, watched};
pub use tree::{Problem, Problems};
