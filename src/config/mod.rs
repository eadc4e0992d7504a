//! Files → one checked configuration, or every problem at once. Behind this point nothing is missing that must be there.

pub mod conversion;
pub mod mail;
pub mod readers;
pub mod tree;

mod http;
mod probe;
mod settings;
mod shipped;

pub use http::{Deadlines, Http, Rewrite};
pub use mail::{Mail, MailTransport};
pub use probe::{Auth, Expects, Probe, Request, Scoping, probes_of};
pub use settings::{AlertSettings, Outside, ProbeSettings, Retention, Settings};
pub use shipped::{ProbeFile, declared, find, shipped, watch_list};
pub use tree::{Problem, Problems};
