//! Sending messages: over a mail server, into a folder, or into memory; and over channels, one file each.
//!
//! A message goes to one recipient in one envelope, so that a refused address takes no other down. What becomes of it is a
//! value ([`Sent`]); the outbox lives in the store, and [`next_attempt`] says when to try again.

mod answer;
mod backoff;
mod carrier;
mod channel;
mod directory;
mod line;
mod memory;
mod message;
mod ntfy;
mod outline;
mod pagerduty;
mod redact;
mod slack;
mod smtp;
mod stamp;
mod teams;
mod webhook;

#[cfg(test)]
#[path = "tests/samples.rs"]
mod samples;

pub use backoff::next_attempt;
pub use carrier::Carrier;
pub use channel::{Dialogue, Sender};
pub use directory::Directory;
pub use memory::{Delivered, Memory};
pub use message::{Origin, format_message};
pub use smtp::Smtp;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::config::{Mail, MailTransport};
use crate::fetch::Client;
use crate::market::OutgoingMessage;

/// The most characters of a detail.
const DETAIL_LIMIT: usize = 400;

/// What is wrong with a setting or a message: nothing that another try would mend.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A text that is not one address.
    #[error(
        "the {role} {text:?} is not a mail address like name@example.org or Name <name@example.org>: {reason}"
    )]
    Address {
        /// Whose: `sender` or `recipient`.
        role: &'static str,
        /// The text, as one bounded line.
        text: String,
        /// What the parser says.
        reason: String,
    },
    /// An identifier that would not survive a mail header.
    #[error(
        "the {what} {text:?} must be 1 to 250 printable ASCII characters, left@right where mail asks for it"
    )]
    Identifier {
        /// Which identifier.
        what: &'static str,
        /// The text, as one bounded line.
        text: String,
    },
    /// A part whose media type cannot be read.
    #[error("{0:?} is no media type like image/png")]
    MediaType(String),
    /// A date that mail headers do not reach.
    #[error("a message cannot be dated {0}: mail dates start in 1970")]
    Date(Timestamp),
    /// The library's refusal to put the message together.
    #[error("the message cannot be put together: {0}")]
    Composition(#[source] lettre::error::Error),
    /// An authority that is no PEM certificate.
    #[error("the extra certificate authority number {number} cannot be used: {reason}")]
    Authority {
        /// Its place in the list, from 1.
        number: usize,
        /// What is wrong.
        reason: String,
    },
    /// TLS that cannot be set up.
    #[error("TLS for the mail server cannot be set up: {0}")]
    Tls(String),
}

/// What became of one try to hand over a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// The transport has taken responsibility for it.
    Accepted,
    /// Not now; the same message may be taken later.
    Retry {
        /// What happened, in one line without secrets.
        detail: String,
        /// How long the other side asks to wait.
        after: Option<SignedDuration>,
        /// Whether nothing would be taken this way, whatever the message and whoever its recipient.
        is_down: bool,
    },
    /// Never: this message to this recipient was refused for good.
    Refused {
        /// What happened, in one line without secrets.
        detail: String,
    },
}

impl Sent {
    /// This message not now, and nobody says when.
    pub fn retry(detail: &str) -> Self {
        Self::Retry {
            detail: detail.to_string(),
            after: None,
            is_down: false,
        }
    }

    /// No message now, and nobody says when.
    pub fn down(detail: &str) -> Self {
        Self::Retry {
            detail: detail.to_string(),
            after: None,
            is_down: true,
        }
    }
}

/// What carries mail.
#[derive(Debug)]
pub enum Mailer {
    /// A mail server.
    Smtp(Box<Smtp>),
    /// A folder.
    Directory(Directory),
    /// Memory.
    Memory(Memory),
}

impl Mailer {
    /// The mailer of the settings; connects to nothing yet.
    ///
    /// # Errors
    /// If the sender or a recipient is no address, or TLS cannot be set up.
    pub fn new(mail: &Mail) -> Result<Self, Error> {
        message::mailbox("sender", &mail.from)?;
        for recipient in &mail.to {
            message::mailbox("recipient", recipient)?;
        }
        Ok(match &mail.transport {
            MailTransport::Smtp(settings) => Self::Smtp(Box::new(Smtp::new(settings)?)),
            MailTransport::Directory(folder) => Self::Directory(Directory::new(folder.clone())),
        })
    }

    /// A mailer whose messages stay in memory, and the handle to look at them.
    pub fn memory() -> (Self, Memory) {
        let memory = Memory::default();
        (Self::Memory(memory.clone()), memory)
    }

    /// Whether messages could be handed over: logs in at the mail server, or writes into the folder. The error is one line
    /// without secrets.
    pub async fn check(&self) -> Result<(), String> {
        match self {
            Self::Smtp(smtp) => smtp.check().await,
            Self::Directory(directory) => directory.check().await,
            Self::Memory(_) => Ok(()),
        }
    }

    /// The same; tokens for the mail server are asked for over this client.
    pub fn asking(self, client: &Arc<Client>) -> Self {
        match self {
            Self::Smtp(smtp) => Self::Smtp(Box::new(smtp.with_client(Arc::clone(client)))),
            other => other,
        }
    }

    /// Hands over one message to one recipient, in bounded time.
    pub async fn send(
        &self,
        origin: Origin<'_>,
        recipient: &str,
        message: &OutgoingMessage,
    ) -> Sent {
        self.converse(origin, recipient, message).await.sent
    }

    /// Hands over one message to one recipient, in bounded time, and says what was said.
    pub async fn converse(
        &self,
        origin: Origin<'_>,
        recipient: &str,
        message: &OutgoingMessage,
    ) -> Dialogue {
        let silent = |sent| Dialogue {
            sent,
            lines: Vec::new(),
        };
        let composed = match message::compose(origin, recipient, message) {
            Ok(composed) => composed,
            Err(error) => {
                return silent(Sent::Refused {
                    detail: error.to_string(),
                });
            }
        };
        let raw = composed.formatted();
        match self {
            Self::Smtp(smtp) => {
                let dialogue = smtp.send(composed.envelope(), &raw).await;
                for line in &dialogue.lines {
                    tracing::debug!(message.id = %message.message_id, "smtp: {line}");
                }
                dialogue
            }
            Self::Directory(directory) => silent(directory.store(recipient, message, raw).await),
            Self::Memory(memory) => silent(memory.take(Delivered {
                from: origin.from.to_owned(),
                recipient: recipient.to_owned(),
                message: message.clone(),
                raw,
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::message::tests::outgoing;
    use super::*;

    const FROM: &str = "Bellwether <bell@watch.example>";

    #[tokio::test]
    async fn memory_keeps_what_it_accepts() {
        let (mailer, memory) = Mailer::memory();
        let busy = Sent::retry("busy");
        memory.answer("later@example.org", busy.clone());
        let message = outgoing();
        for (recipient, expected) in [
            ("a@example.org", Sent::Accepted),
            ("later@example.org", busy),
            ("b@example.org", Sent::Accepted),
        ] {
            assert_eq!(
                mailer.send(FROM.into(), recipient, &message).await,
                expected
            );
        }
        memory.answer("later@example.org", Sent::Accepted);
        let sent = mailer
            .send(FROM.into(), "later@example.org", &message)
            .await;
        assert_eq!(sent, Sent::Accepted);
        let delivered = memory.delivered();
        let recipients: Vec<_> = delivered.iter().map(|mail| &*mail.recipient).collect();
        assert_eq!(
            recipients,
            ["a@example.org", "b@example.org", "later@example.org"]
        );
        assert_eq!(delivered[0].message, message);
        let raw = format_message(FROM, "a@example.org", &message).unwrap();
        assert_eq!(delivered[0].raw, raw);
    }

    #[test]
    fn wrong_addresses_are_told_at_the_start() {
        for (from, to, words) in [
            ("nobody", "a@example.org", "the sender \"nobody\""),
            (FROM, "a@b, c@d", "the recipient \"a@b, c@d\""),
        ] {
            let mail = Mail {
                from: from.to_owned(),
                to: vec!["ok@example.org".to_owned(), to.to_owned()],
                unsubscribe: None,
                transport: MailTransport::Directory("outbox".into()),
            };
            let error = Mailer::new(&mail).unwrap_err().to_string();
            assert!(error.starts_with(words), "{error}");
        }
    }
}
