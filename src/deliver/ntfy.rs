//! A topic of ntfy, published as JSON: <https://docs.ntfy.sh/publish/#publish-as-json>. No header holds what was scraped.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::channel::{Asking, Told};
use super::outline::{cut, fitting, known, lines, link};
use crate::market::Severity;

/// Bytes of a message: a longer one becomes a file (ntfy: limitations).
const MESSAGE: usize = 4_096;
/// Bytes of what is said in detail, so that what is known beside it has room.
const SAID: usize = 3_000;
/// Bytes of a title.
const TITLE: usize = 250;

/// The request of a message. Without a `priority` of the user's own it is as urgent as it is grave.
pub(super) fn asking(
    Told { message, dispatch }: Told<'_>,
    topic: &SecretString,
    token: Option<&SecretString>,
    priority: Option<u8>,
) -> Asking {
    let said = fitting(&lines(message, dispatch), dispatch.unsaid, SAID, str::len);
    let mut facts: Vec<String> = known(dispatch)
        .into_iter()
        .map(|(label, text)| format!("{label}: {text}"))
        .collect();
    facts.push(format!("Route: {}", dispatch.route));
    let room = MESSAGE.saturating_sub(said.len() + 2);
    let text = format!("{said}\n\n{}", fitting(&facts, 0, room, str::len));
    let mut document = json!({
        "topic": topic.expose_secret(),
        "title": cut(&dispatch.heading, TITLE, str::len),
        "message": text.trim(),
        "priority": priority.unwrap_or(urgency(dispatch.severity)),
        "tags": [dispatch.severity.word(), dispatch.kind.word()],
    });
    if let (Some(url), Some(document)) = (link(dispatch), document.as_object_mut()) {
        document.insert("click".to_string(), json!(url.as_str()));
    }
    let mut asking = Asking::json(&document);
    if let Some(token) = token {
        let bearer = format!("Bearer {}", token.expose_secret());
        asking.headers.push(("authorization".to_string(), bearer));
    }
    asking
}

/// 5 is the most urgent, 3 the usual.
fn urgency(severity: Severity) -> u8 {
    match severity {
        Severity::Critical => 5,
        Severity::Warning => 4,
        Severity::Notice => 3,
        Severity::Info => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deliver::samples::{HOSTILE, alert, hostile, large, report, said, told};
    use crate::market::DispatchKind;

    fn plain(told: Told<'_>) -> Asking {
        asking(told, &"ops".into(), None, None)
    }

    #[test]
    fn an_alert_is_published() {
        let message = alert(DispatchKind::Alert);
        insta::assert_snapshot!(format!("{:#}", said(plain, &message)), @r#"
        {
          "click": "https://example.com/models?a=1&b=2",
          "message": "date.retires: 2027-04-03 → 2026-10-01 (184 days earlier): gpt-4o\n\nTouches: production\nSeen: 2026-11-10 08:00 UTC\nConfirmed: 2026-11-10 08:05 UTC\nSource: azure.models (provider-page)\nConfirmed by: models-dev.api\nEvidence: https://example.com/models?a=1&b=2\nMore: bellwether why b24750b2b5d71c1a\nSilence: bellwether silence add --model gpt-4o --provider azure --kind date_changed --for 7d --reason known\nRoute: on-call",
          "priority": 5,
          "tags": [
            "critical",
            "alert"
          ],
          "title": "azure: gpt-4o retires 2026-10-01, 184 days earlier (was 2027-04-03)",
          "topic": "ops"
        }
        "#);
        let with_token = asking(told(&message), &"ops".into(), Some(&"tk_1".into()), Some(1));
        assert_eq!(
            with_token.headers,
            [("authorization".to_string(), "Bearer tk_1".to_string())]
        );
        let document: serde_json::Value = serde_json::from_slice(&with_token.body).unwrap();
        assert_eq!(document["priority"], 1);
    }

    #[test]
    fn nothing_scraped_stands_in_a_header_or_controls_anything() {
        for name in HOSTILE {
            let message = hostile(name);
            assert!(plain(told(&message)).headers.is_empty());
            let document = said(plain, &message);
            for key in ["title", "message"] {
                let text = document[key].as_str().expect("a text");
                let is_bad = |c: char| {
                    (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c)
                };
                assert!(!text.contains(is_bad), "{text:?}");
            }
            assert!(!document["title"].as_str().expect("a title").contains('\n'));
        }
    }

    #[test]
    fn a_message_has_its_bound() {
        for message in [large(), report()] {
            let document = said(plain, &message);
            let text = document["message"].as_str().expect("a text");
            assert!(text.len() <= MESSAGE, "{}", text.len());
            assert!(text.contains("… and "), "{text}");
            assert!(document["title"].as_str().expect("a title").len() <= TITLE);
        }
    }
}
