//! `alert test`: a sample over a real route.

use jiff::SignedDuration;

use crate::alerting::Policy;
use crate::commands::output::clean;
use crate::commands::{Ending, Setup, say, wrong};
use crate::deliver::{Mailer, Sent};
use crate::market::Hash;
use crate::render;

/// `bellwether alert test`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The route's name: `bellwether check` lists them.
    route: String,
}

/// Runs the command. Ends with problems if a recipient was not reached.
pub fn run(setup: &Setup, arguments: &Arguments) -> anyhow::Result<Ending> {
    let policy = setup.settings.policy();
    let Some(mail) = &setup.settings.mail else {
        return Err(wrong(
            "expected a [mail] section that says how mail leaves, found none: `bellwether init` writes one to fill in".to_string(),
        ));
    };
    let Some(route) = policy
        .routes
        .iter()
        .find(|route| route.name == arguments.route)
    else {
        return Err(no_route(&policy, &arguments.route));
    };
    let now = crate::daemon::clock::now();
    let message = render::test_message(&route.name, &setup.settings.zone, now);
    let mailer = Mailer::new(mail)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut ending = Ending::Good;
    say(&format!("Subject: {}", message.subject));
    for recipient in &route.recipients {
        let mut own = message.clone();
        let of = ["test", &route.name, recipient, &now.to_string()];
        own.message_id = format!("{}@bellwether", Hash::of_parts(&of).hex(32));
        let begun = std::time::Instant::now();
        let sent = runtime.block_on(mailer.send(&mail.from, recipient, &own));
        let took = SignedDuration::try_from(begun.elapsed()).unwrap_or_default();
        let said = match sent {
            Sent::Accepted => format!(
                "accepted after {} ms as <{}>",
                took.as_millis(),
                own.message_id
            ),
            Sent::Retry { detail } => {
                ending = Ending::Problems;
                format!("not sent, and would be tried again: {detail}")
            }
            Sent::Refused { detail } => {
                ending = Ending::Problems;
                format!("refused for good: {detail}")
            }
        };
        say(&format!("{}: {}", clean(recipient), clean(&said)));
    }
    Ok(ending)
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
