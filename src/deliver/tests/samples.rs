//! Messages for the tests of channels, as the outbox freezes them.

use jiff::tz::TimeZone;
use serde_json::Value as Json;

use super::channel::{Asking, Told};
use crate::market::{Dispatch, DispatchKind, NativeId, OutgoingMessage, Severity, Taken};
use crate::render::samples::{added, moment, retirement};
use crate::render::{Letterhead, alert_message, started_message};

/// Names by which a page could try to do harm.
pub const HOSTILE: [&str; 9] = [
    "<!channel> <@U1>",
    "<https://evil.example|Sign in>",
    "[Sign in](https://evil.example) **now** `x`",
    "<at>everybody</at> <script>alert(1)</script>",
    "\u{1b}[31mred\u{1b}]0;title\u{7}",
    "x\r\nTitle: y\r\nActions: http, z",
    "abc\u{202e}cba\u{2066}d\u{200b}",
    "\" } { \\\" \\u0000",
    "{{ view.heading }} {% raw %} ${x}",
];

fn frozen(mut message: OutgoingMessage, kind: Option<DispatchKind>) -> OutgoingMessage {
    let dispatch = message.dispatch.take().expect("parts");
    let mut dispatch = dispatch.on_its_way("on-call", "a thread", false);
    dispatch.kind = kind.unwrap_or(dispatch.kind);
    message.dispatch = Some(Box::new(dispatch));
    message.message_id = "0123456789abcdef0123456789abcdef@bellwether".to_string();
    message
}

fn taken(recorded: crate::market::RecordedChange) -> Taken {
    Taken {
        recorded,
        touched: vec!["production".to_string()],
    }
}

/// A retirement that was brought forward, as a message of this kind.
pub fn alert(kind: DispatchKind) -> OutgoingMessage {
    let now = moment("2026-11-10T08:10:00Z");
    let message = alert_message(
        None,
        &[taken(retirement())],
        &[],
        &Letterhead::plain(&TimeZone::UTC),
        now,
    );
    frozen(message, Some(kind))
}

/// The same of a model with this name, at an address that would do harm.
pub fn hostile(name: &str) -> OutgoingMessage {
    let mut recorded = retirement();
    recorded.change.subject.native_id = NativeId::new(name);
    recorded.change.subject.deployment = Some(name.into());
    recorded.url = format!("https://x.example/a|b?q={name}");
    let now = moment("2026-11-10T08:10:00Z");
    let message = alert_message(
        None,
        &[taken(recorded)],
        &[],
        &Letterhead::plain(&TimeZone::UTC),
        now,
    );
    frozen(message, None)
}

/// A digest of 300 changes with long names.
pub fn large() -> OutgoingMessage {
    let changes: Vec<Taken> = (0..300)
        .map(|n| {
            let mut recorded = added("azure", &format!("grünes-modell-{n}-{}", "ü".repeat(60)));
            recorded.group = n.to_string();
            taken(recorded)
        })
        .collect();
    let now = moment("2026-11-10T08:10:00Z");
    let digest = alert_message(
        Some("rest"),
        &changes,
        &[],
        &Letterhead::plain(&TimeZone::UTC),
        now,
    );
    frozen(digest, None)
}

/// A message that is nothing but a long text.
pub fn report() -> OutgoingMessage {
    let sources: Vec<_> = (0..100)
        .map(|n| {
            (
                format!("source-{n}"),
                format!("title \\ \" {}", "ü".repeat(300)),
                None,
            )
        })
        .collect();
    let mut message = started_message(&sources, &TimeZone::UTC, moment("2026-11-10T08:10:00Z"));
    message.text = message.text.repeat(3);
    let heading = "a report ".repeat(200);
    let dispatch = Dispatch::plain(DispatchKind::Report, Severity::Info, &heading);
    message.dispatch = Some(Box::new(dispatch));
    frozen(message, None)
}

/// The message as a channel takes it.
pub fn told(message: &OutgoingMessage) -> Told<'_> {
    Told {
        message,
        dispatch: message.dispatch.as_deref().expect("parts"),
    }
}

/// What a channel says of the message.
pub fn said(asking: impl Fn(Told<'_>) -> Asking, message: &OutgoingMessage) -> Json {
    serde_json::from_slice(&asking(told(message)).body).expect("JSON")
}
