//! An incoming webhook of Slack: <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>.
//!
//! What was scraped stands in blocks of plain text, of which Slack reads no markup; where there is none but markup, the three
//! characters that begin and end it are escaped.

use serde_json::{Value as Json, json};

use super::channel::{Asking, Told};
use super::outline::{characters, cut, fitting, known, lines, link};

/// Characters of a header block (Slack: Block Kit, header).
const HEADER: usize = 150;
/// Characters of the text of a section block.
const SECTION: usize = 3_000;
/// Characters of the notification.
const NOTIFICATION: usize = 500;

/// The request of a message.
pub(super) fn asking(Told { message, dispatch }: Told<'_>) -> Asking {
    let heading = format!(
        "{}  {}",
        dispatch.severity.word().to_uppercase(),
        dispatch.heading
    );
    let mut blocks = vec![json!({
        "type": "header",
        "text": plain(&cut(&heading, HEADER, characters)),
    })];
    let said = fitting(
        &lines(message, dispatch),
        dispatch.unsaid,
        SECTION,
        characters,
    );
    if !said.is_empty() {
        blocks.push(json!({ "type": "section", "text": plain(&said) }));
    }
    let mut facts: Vec<String> = known(dispatch)
        .into_iter()
        .map(|(label, text)| format!("{label}: {text}"))
        .collect();
    facts.push(format!("Route: {}", dispatch.route));
    let facts = fitting(&facts, 0, SECTION, characters);
    blocks.push(json!({ "type": "section", "text": plain(&facts) }));
    if let Some(url) = link(dispatch) {
        // the sign that parts an address from its words is no part of an address
        let url = escape(&url.as_str().replace('|', "%7C"));
        let text =
            json!({ "type": "mrkdwn", "text": format!("<{url}|Evidence>"), "verbatim": true });
        blocks.push(json!({ "type": "context", "elements": [text] }));
    }
    Asking::json(&json!({
        "text": escape(&cut(&heading, NOTIFICATION, characters)),
        "blocks": blocks,
        "unfurl_links": false,
        "unfurl_media": false,
    }))
}

/// Text of which nothing is markup.
fn plain(text: &str) -> Json {
    json!({ "type": "plain_text", "text": text, "emoji": false })
}

/// Text in which nothing mentions, links or notifies.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deliver::samples::{HOSTILE, alert, hostile, large, report, said};
    use crate::market::DispatchKind;

    #[test]
    fn an_alert_is_a_header_and_sections() {
        let message = alert(DispatchKind::Alert);
        insta::assert_snapshot!(format!("{:#}", said(asking, &message)), @r#"
        {
          "blocks": [
            {
              "text": {
                "emoji": false,
                "text": "CRITICAL  azure: gpt-4o retires 2026-10-01, 184 days earlier (was 2027-04-03)",
                "type": "plain_text"
              },
              "type": "header"
            },
            {
              "text": {
                "emoji": false,
                "text": "date.retires: 2027-04-03 → 2026-10-01 (184 days earlier): gpt-4o",
                "type": "plain_text"
              },
              "type": "section"
            },
            {
              "text": {
                "emoji": false,
                "text": "Touches: production\nSeen: 2026-11-10 08:00 UTC\nConfirmed: 2026-11-10 08:05 UTC\nSource: azure.models (provider-page)\nConfirmed by: models-dev.api\nEvidence: https://example.com/models?a=1&b=2\nMore: bellwether why b24750b2b5d71c1a\nSilence: bellwether silence add --model gpt-4o --provider azure --kind date_changed --for 7d --reason known\nRoute: on-call",
                "type": "plain_text"
              },
              "type": "section"
            },
            {
              "elements": [
                {
                  "text": "<https://example.com/models?a=1&amp;b=2|Evidence>",
                  "type": "mrkdwn",
                  "verbatim": true
                }
              ],
              "type": "context"
            }
          ],
          "text": "CRITICAL  azure: gpt-4o retires 2026-10-01, 184 days earlier (was 2027-04-03)",
          "unfurl_links": false,
          "unfurl_media": false
        }
        "#);
    }

    #[test]
    fn nothing_scraped_is_markup() {
        for name in HOSTILE {
            let told = said(asking, &hostile(name));
            let notification = told["text"].as_str().expect("a text");
            assert!(!notification.contains(['<', '>']), "{notification}");
            for block in told["blocks"].as_array().expect("blocks") {
                match block["type"].as_str() {
                    Some("context") => {
                        let link = block["elements"][0]["text"].as_str().expect("a text");
                        let inner = link.trim_start_matches('<').trim_end_matches("|Evidence>");
                        assert!(!inner.contains(['<', '>', '|', ' ', '\n']), "{link}");
                    }
                    _ => assert_eq!(block["text"]["type"], "plain_text"),
                }
            }
        }
    }

    #[test]
    fn every_block_has_its_bound() {
        for message in [large(), report()] {
            let told = said(asking, &message);
            let blocks = told["blocks"].as_array().expect("blocks");
            let length = |block: &Json| characters(block["text"]["text"].as_str().unwrap_or(""));
            assert!(length(&blocks[0]) <= HEADER);
            assert!(blocks.iter().all(|block| length(block) <= SECTION));
        }
        let told = said(asking, &large());
        let text = told["blocks"][1]["text"]["text"].as_str().expect("a text");
        assert!(text.contains("… and "), "{text}");
    }
}
