//! PagerDuty's Events API v2: <https://developer.pagerduty.com/docs/events-api-v2/overview/>. What tells of one matter shares its
//! key, so that it is one incident there, and what says that it is over resolves that.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value as Json, json};

use super::channel::{Asking, Told};
use super::outline::{characters, cut, fitting, known, lines, link};
use crate::market::{DispatchKind, Severity};

/// Characters of a summary.
const SUMMARY: usize = 1_024;
/// Bytes of what is said in detail, of the 512 kB that an event may have.
const SAID: usize = 20_000;

/// The request of a message.
pub(super) fn asking(Told { message, dispatch }: Told<'_>, routing_key: &SecretString) -> Asking {
    let key = dispatch.thread.as_deref().unwrap_or(&message.message_id);
    let action = match dispatch.kind {
        DispatchKind::Resolve => "resolve",
        _ => "trigger",
    };
    let mut event = json!({
        "routing_key": routing_key.expose_secret(),
        "event_action": action,
        "dedup_key": key,
    });
    if let (true, Some(event)) = (action == "trigger", event.as_object_mut()) {
        event.insert("client".to_string(), json!("Bellwether"));
        event.insert("payload".to_string(), payload(Told { message, dispatch }));
        let links = link(dispatch).map(|url| json!({ "href": url.as_str(), "text": "Evidence" }));
        event.insert("links".to_string(), links.into_iter().collect());
    }
    Asking::json(&event)
}

fn payload(Told { message, dispatch }: Told<'_>) -> Json {
    let first = |key: &str| dispatch.changes.first().and_then(|change| change.get(key));
    let facts: serde_json::Map<String, Json> = known(dispatch)
        .into_iter()
        .map(|(label, text)| (label, json!(text)))
        .collect();
    json!({
        "summary": cut(&dispatch.heading, SUMMARY, characters),
        "source": first("provider").and_then(Json::as_str).unwrap_or("bellwether"),
        "severity": severity(dispatch.severity),
        "timestamp": message.date.to_string(),
        "group": dispatch.route,
        "class": first("kind").and_then(Json::as_str).unwrap_or(dispatch.kind.word()),
        "custom_details": {
            "said": fitting(&lines(message, dispatch), dispatch.unsaid, SAID, str::len),
            "watches": dispatch.watches,
            "known": facts,
        },
    })
}

/// The four that PagerDuty knows.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::Warning => "warning",
        Severity::Notice | Severity::Info => "info",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deliver::samples::{HOSTILE, alert, hostile, large, said};

    fn plain(told: Told<'_>) -> Asking {
        asking(told, &"R0".into())
    }

    #[test]
    fn an_alert_triggers_and_its_end_resolves_the_same() {
        let triggered = said(plain, &alert(DispatchKind::Alert));
        insta::assert_snapshot!(format!("{triggered:#}"), @r#"
        {
          "client": "Bellwether",
          "dedup_key": "c8e2907a01a2f936cc289ec1443fcd4e",
          "event_action": "trigger",
          "links": [
            {
              "href": "https://example.com/models?a=1&b=2",
              "text": "Evidence"
            }
          ],
          "payload": {
            "class": "date_changed",
            "custom_details": {
              "known": {
                "Confirmed": "2026-11-10 08:05 UTC",
                "Confirmed by": "models-dev.api",
                "Evidence": "https://example.com/models?a=1&b=2",
                "More": "bellwether why b24750b2b5d71c1a",
                "Seen": "2026-11-10 08:00 UTC",
                "Silence": "bellwether silence add --model gpt-4o --provider azure --kind date_changed --for 7d --reason known",
                "Source": "azure.models (provider-page)",
                "Touches": "production"
              },
              "said": "date.retires: 2027-04-03 → 2026-10-01 (184 days earlier): gpt-4o",
              "watches": [
                "production"
              ]
            },
            "group": "on-call",
            "severity": "critical",
            "source": "azure",
            "summary": "azure: gpt-4o retires 2026-10-01, 184 days earlier (was 2027-04-03)",
            "timestamp": "2026-11-10T08:10:00Z"
          },
          "routing_key": "R0"
        }
        "#);
        let resolved = said(plain, &alert(DispatchKind::Resolve));
        let expected = json!({
            "routing_key": "R0", "event_action": "resolve", "dedup_key": triggered["dedup_key"],
        });
        assert_eq!(resolved, expected);
        for kind in [DispatchKind::Update, DispatchKind::Reminder] {
            let told = said(plain, &alert(kind));
            assert_eq!(told["event_action"], "trigger");
            assert_eq!(told["dedup_key"], triggered["dedup_key"]);
        }
    }

    #[test]
    fn a_summary_is_one_bounded_line() {
        for message in HOSTILE.map(hostile).into_iter().chain([large()]) {
            let told = said(plain, &message);
            let summary = told["payload"]["summary"].as_str().expect("a summary");
            assert!(characters(summary) <= SUMMARY, "{summary}");
            assert!(!summary.contains(char::is_control), "{summary:?}");
        }
    }
}
