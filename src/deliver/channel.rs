//! The one way over which all channels are told: a request for each message, built anew from what was frozen.

use std::sync::Arc;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value as Json;

use super::answer::outcome;
use super::{Sent, ntfy, pagerduty, slack, teams, webhook};
use crate::config::{Channel, ChannelKind, Deadlines};
use crate::fetch::{Auth, Client, Expects, Method, Purpose, Reply, Request};
use crate::market::{Dispatch, DispatchKind, Failure, OutgoingMessage};

/// Shorter parts of an address are words, and hiding them would hide what an answer says.
const SHORTEST_SECRET: usize = 8;

/// What became of a try, and what was said: without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialogue {
    /// What became of it.
    pub sent: Sent,
    /// The request, the status and the answer, each one line.
    pub lines: Vec<String>,
}

/// What a channel is asked: built from a message and the channel's settings, and from nothing else.
#[derive(Debug)]
pub(super) struct Asking {
    /// Headers besides those of all channels.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Asking {
    /// A JSON document.
    pub fn json(document: &Json) -> Self {
        Self {
            headers: Vec::new(),
            body: document.to_string().into_bytes(),
        }
    }
}

/// A message as a channel builds its request of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told<'a> {
    /// The message.
    pub message: &'a OutgoingMessage,
    /// The same in parts.
    pub dispatch: &'a Dispatch,
}

/// A channel, ready to be told.
#[derive(Debug)]
pub struct Sender {
    channel: Channel,
    client: Arc<Client>,
}

impl Sender {
    /// The sender of a channel; connects to nothing yet.
    pub fn new(channel: Channel, client: Arc<Client>) -> Self {
        Self { channel, client }
    }

    /// Hands over one message, in bounded time. `at` is the moment of this try.
    pub async fn send(&self, message: &OutgoingMessage, at: Timestamp) -> Dialogue {
        let Some(dispatch) = message.dispatch.as_deref() else {
            return refused("the message was written as mail, before the channel had this name");
        };
        // the digest is that of alerts which were more than the route carries
        let is_alert = dispatch.kind.is_of_one_matter() || dispatch.kind == DispatchKind::Digest;
        if self.channel.takes_only_alerts() && !is_alert {
            return refused("it takes only alerts");
        }
        let told = Told { message, dispatch };
        let request = self.request(self.asking(told, at));
        let place = self.channel.address().shown();
        let size = request.body.as_ref().map_or(0, Vec::len);
        let mut lines = vec![format!(
            "{} {place}/… ({size} bytes)",
            request.method.word()
        )];
        let reply = self.client.hand_over(&request, at).await;
        lines.push(answered(&reply));
        Dialogue {
            sent: outcome(reply, &place),
            lines,
        }
    }

    /// Whether the channel's host can be reached. Nothing is handed over, and nothing secret is shown. The error is one line.
    pub async fn check(&self, at: Timestamp) -> Result<(), String> {
        let mut url = self.channel.address().url().clone();
        url.set_path("/");
        url.set_query(None);
        url.set_fragment(None);
        // both fail only where there is nothing to take away
        let _ = url.set_username("");
        let _ = url.set_password(None);
        let request = Request {
            deadlines: Some(self.deadlines()),
            ..Request::get(url)
        };
        let reply = self.client.hand_over(&request, at).await;
        reply.map(drop).map_err(|failure| failure.to_string())
    }

    fn asking(&self, told: Told<'_>, at: Timestamp) -> Asking {
        match &self.channel.kind {
            ChannelKind::Webhook { secret, .. } => webhook::asking(told, secret.as_ref(), at),
            ChannelKind::Slack { .. } => slack::asking(told),
            ChannelKind::Teams { .. } => teams::asking(told),
            ChannelKind::Ntfy {
                topic,
                token,
                priority,
                ..
            } => ntfy::asking(told, topic, token.as_ref(), *priority),
            ChannelKind::PagerDuty { routing_key, .. } => pagerduty::asking(told, routing_key),
        }
    }

    fn request(&self, asking: Asking) -> Request {
        let mut headers = vec![("content-type".to_string(), "application/json".to_string())];
        headers.extend(asking.headers);
        Request {
            method: Method::Post,
            headers,
            auth: Auth::None,
            body: Some(asking.body),
            purpose: Purpose::Content,
            secrets: self.secrets(),
            expects: Expects::Any,
            deadlines: Some(self.deadlines()),
            ..Request::get(self.channel.address().url().clone())
        }
    }

    fn deadlines(&self) -> Deadlines {
        let deadline = self.channel.deadline;
        Deadlines {
            dns: deadline,
            connect: deadline,
            tls: deadline,
            first_byte: deadline,
            body: deadline,
            total: deadline,
        }
    }

    /// What an answer may quote and nobody may read: the address in all its parts, and what is shown there.
    fn secrets(&self) -> Vec<SecretString> {
        let url = self.channel.address().url();
        let mut texts = vec![url.to_string(), url.path().to_string()];
        texts.extend(url.query().map(str::to_string));
        texts.extend(
            url.path_segments()
                .into_iter()
                .flatten()
                .map(str::to_string),
        );
        texts.extend(url.query_pairs().map(|(_, value)| value.into_owned()));
        texts.retain(|text| text.len() >= SHORTEST_SECRET);
        let kept = match &self.channel.kind {
            ChannelKind::Webhook { secret, .. } => vec![secret.as_ref()],
            ChannelKind::Slack { .. } | ChannelKind::Teams { .. } => Vec::new(),
            ChannelKind::Ntfy { topic, token, .. } => vec![Some(topic), token.as_ref()],
            ChannelKind::PagerDuty { routing_key, .. } => vec![Some(routing_key)],
        };
        let kept = kept.into_iter().flatten();
        let kept = kept.map(|secret| secret.expose_secret().to_string());
        texts
            .into_iter()
            .chain(kept)
            .map(SecretString::from)
            .collect()
    }
}

fn refused(detail: &str) -> Dialogue {
    let detail = detail.to_string();
    Dialogue {
        sent: Sent::Refused { detail },
        lines: Vec::new(),
    }
}

fn answered(reply: &Result<Reply, Failure>) -> String {
    match reply {
        Ok(reply) => {
            let (status, took) = (reply.status, reply.took.as_millis());
            match reply.said.as_str() {
                "" => format!("{status} after {took} ms"),
                said => format!("{status} after {took} ms: {said}"),
            }
        }
        Err(failure) => format!("no answer: {failure}"),
    }
}
