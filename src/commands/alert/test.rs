//! `alert test`: a sample over a real route.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::alerting::Policy;
use crate::commands::output::clean;
use crate::commands::{Ending, Setup, say, wrong};
use crate::config::Channel;
use crate::daemon::clock;
use crate::deliver::{Carrier, Dialogue, Sent};
use crate::fetch::Client;
use crate::market::{DispatchKind, Hash, OutgoingMessage};
use crate::render;

/// `bellwether alert test`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The route's name: `bellwether check` lists them.
    route: String,
}

/// Runs the command. Ends with problems if a recipient was not reached.
pub fn run(setup: &Setup, arguments: &Arguments) -> anyhow::Result<Ending> {
    let settings = &setup.settings;
    let policy = settings.policy();
    if settings.mail.is_none() && settings.channels.is_empty() {
        return Err(wrong(
            "expected a [mail] section that says how mail leaves, or a [[channel]], found none: `bellwether init` writes one to fill in".to_string(),
        ));
    }
    let Some(route) = policy
        .routes
        .iter()
        .find(|route| route.name == arguments.route)
    else {
        return Err(no_route(&policy, &arguments.route));
    };
    let now = clock::now();
    let message = render::test_message(&route.name, &settings.letterhead(), now);
    let client = Arc::new(Client::new(&settings.http)?);
    let carrier = Carrier::new(settings.mail.as_ref(), &settings.channels, &client)?
        .simulated(settings.simulated);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut ending = Ending::Good;
    say(&format!("Subject: {}", message.subject));
    for recipient in &route.recipients {
        let own = sample(&message, &route.name, recipient, now);
        let begun = std::time::Instant::now();
        let Dialogue { sent, mut lines } = runtime.block_on(carrier.converse(recipient, &own, now));
        let took = SignedDuration::try_from(begun.elapsed()).unwrap_or_default();
        let is_alarm = settings
            .channel(recipient)
            .is_some_and(Channel::takes_only_alerts);
        if sent == Sent::Accepted && is_alarm {
            // a test must leave no incident behind
            let over = resolved(&own);
            let said = runtime.block_on(carrier.converse(recipient, &over, now));
            lines.extend(said.lines);
        }
        let said = match sent {
            Sent::Accepted => format!(
                "accepted after {} ms as <{}>",
                took.as_millis(),
                own.message_id
            ),
            Sent::Retry { detail, .. } => {
                ending = Ending::Problems;
                format!("not sent, and would be tried again: {detail}")
            }
            Sent::Refused { detail } => {
                ending = Ending::Problems;
                format!("refused for good: {detail}")
            }
        };
        say(&format!("{}: {}", clean(recipient), clean(&said)));
        for line in lines {
            say(&format!("  {}", clean(&line)));
        }
    }
    Ok(ending)
}

/// The message as one recipient gets it.
fn sample(
    message: &OutgoingMessage,
    route: &str,
    recipient: &str,
    now: Timestamp,
) -> OutgoingMessage {
    let of = ["test", route, recipient, &now.to_string()];
    let id = Hash::of_parts(&of).hex(32);
    let dispatch = message.dispatch.clone();
    OutgoingMessage {
        dispatch: dispatch.map(|dispatch| Box::new(dispatch.on_its_way(route, &id, false))),
        message_id: format!("{id}@bellwether"),
        ..message.clone()
    }
}

/// What says that the matter of a message is over.
fn resolved(message: &OutgoingMessage) -> OutgoingMessage {
    let mut message = message.clone();
    if let Some(dispatch) = &mut message.dispatch {
        dispatch.kind = DispatchKind::Resolve;
    }
    message
}

/// The error of a route that is none.
pub(super) fn no_route(policy: &Policy, found: &str) -> anyhow::Error {
    let names: Vec<&str> = policy
        .routes
        .iter()
        .map(|route| route.name.as_str())
        .collect();
    wrong(format!(
        "expected a route ({}), found '{found}'",
        names.join(", ")
    ))
}
