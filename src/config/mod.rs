pub mod conversion;
pub mod mail;
pub mod tree;
//! Files → one checked configuration, or every problem at once.


pub use tree::{Problem, Problems};
//! The settings, checked: behind this point nothing is missing that must be there.
pub use mail::{Mail, MailTransport};
