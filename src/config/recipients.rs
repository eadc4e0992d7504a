//! Whom a route tells: addresses of mail and names of channels, mixed.

use super::channel::Channel;
use super::near::nearest;
use super::settings::mailboxes;
use super::tree::Table;
use crate::alerting::{Route, When};
use crate::market::is_address;

/// Reports the recipients of a route that cannot be told.
pub(super) fn check(
    table: &Table<'_>,
    route: &Route,
    (channels, declared): (&[Channel], &[String]),
    has_mail: bool,
) {
    let recipients = route.recipients.iter();
    let (addresses, names): (Vec<String>, Vec<String>) = recipients
        .cloned()
        .partition(|recipient| is_address(recipient));
    mailboxes(table, "to", &addresses);
    if let Some(address) = addresses.first().filter(|_| !has_mail) {
        let expected = "[mail], which says how it leaves, beside an address of mail";
        table.problem("to", expected, format!("'{address}' and no [mail]"));
    }
    for name in names {
        match channels.iter().find(|channel| channel.name == name) {
            // what is wrong with it has been told
            None if declared.contains(&name) => {}
            None => unknown(table, &name, channels),
            Some(channel) if channel.takes_only_alerts() => {
                if matches!(route.when, When::Digest(_)) {
                    let found = format!("'{name}', which takes only alerts");
                    table.problem("to", "who takes a digest", found);
                }
            }
            Some(_) => {}
        }
    }
}

fn unknown(table: &Table<'_>, name: &str, channels: &[Channel]) {
    let known: Vec<&str> = channels.iter().map(|one| one.name.as_str()).collect();
    let expected = match known.as_slice() {
        [] => {
            "an address of mail, or the name of a [[channel]], of which there is none".to_string()
        }
        known => format!(
            "an address of mail, or the name of a [[channel]] ({})",
            known.join(", ")
        ),
    };
    let near = nearest(name, known.into_iter());
    let found = match near.as_slice() {
        [] => format!("'{name}'"),
        near => format!("'{name}': nearest is {}", near.join(" or ")),
    };
    table.problem("to", expected, found);
}
