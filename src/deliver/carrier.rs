//! Everybody who can be told: by mail under an address, over a channel under its name.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::channel::{Dialogue, Sender};
use super::{Error, Mailer, Origin, Sent, stamp};
use crate::config::{Channel, Mail};
use crate::fetch::Client;
use crate::market::{OutgoingMessage, is_address};

/// What carries messages to everybody.
#[derive(Debug, Default)]
pub struct Carrier {
    mail: Option<Post>,
    channels: BTreeMap<String, Sender>,
    is_simulated: bool,
}

/// How mail leaves, and from whom.
#[derive(Debug)]
struct Post {
    mailer: Mailer,
    from: String,
    unsubscribe: Option<String>,
}

impl Carrier {
    /// The carrier of the settings; connects to nothing yet.
    ///
    /// # Errors
    /// Those of [`Mailer::new`].
    pub fn new(
        mail: Option<&Mail>,
        channels: &[Channel],
        client: &Arc<Client>,
    ) -> Result<Self, Error> {
        let mail = match mail {
            Some(mail) => Some(Post {
                mailer: Mailer::new(mail)?.asking(client),
                from: mail.from.clone(),
                unsubscribe: mail.unsubscribe.clone(),
            }),
            None => None,
        };
        let sender = |channel: &Channel| {
            let sender = Sender::new(channel.clone(), Arc::clone(client));
            (channel.name.clone(), sender)
        };
        Ok(Self {
            mail,
            channels: channels.iter().map(sender).collect(),
            is_simulated: false,
        })
    }

    /// The same; if what is watched is simulated, every message says so.
    pub fn simulated(self, is_simulated: bool) -> Self {
        Self {
            is_simulated,
            ..self
        }
    }

    /// One that only carries mail, from this sender.
    pub fn of_mail(mailer: Mailer, from: &str) -> Self {
        Self {
            mail: Some(Post {
                mailer,
                from: from.to_string(),
                unsubscribe: None,
            }),
            channels: BTreeMap::new(),
            is_simulated: false,
        }
    }

    /// Hands over one message to one recipient, in bounded time.
    pub async fn send(&self, recipient: &str, message: &OutgoingMessage, at: Timestamp) -> Sent {
        self.converse(recipient, message, at).await.sent
    }

    /// Hands over one message to one recipient, in bounded time, and says what was said.
    pub async fn converse(
        &self,
        recipient: &str,
        message: &OutgoingMessage,
        at: Timestamp,
    ) -> Dialogue {
        let stamped = self.is_simulated.then(|| stamp::simulated(message.clone()));
        let message = stamped.as_ref().unwrap_or(message);
        if let Some(sender) = self.channels.get(recipient) {
            return sender.send(message, at).await;
        }
        let sent = match (&self.mail, is_address(recipient)) {
            (Some(post), true) => {
                let origin = Origin {
                    from: &post.from,
                    unsubscribe: post.unsubscribe.as_deref(),
                };
                return post.mailer.converse(origin, recipient, message).await;
            }
            // as it was while nothing was configured: it waits, and is lost to nobody who puts [mail] right
            (None, true) => Sent::down("no [mail] is configured that says how it leaves"),
            (_, false) => Sent::down(
                "no [[channel]] has this name: what is for it waits until one is named so again",
            ),
        };
        Dialogue {
            sent,
            lines: Vec::new(),
        }
    }
}
