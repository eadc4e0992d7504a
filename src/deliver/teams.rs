//! A webhook of Microsoft Teams' Workflows, which takes adaptive cards:
//! <https://learn.microsoft.com/en-us/connectors/teams/#microsoft-teams-webhook>.
//!
//! What was scraped stands in runs of text, of which a card reads no Markdown (<https://adaptivecards.io/explorer/TextRun.html>).

use serde_json::{Value as Json, json};

use super::channel::{Asking, Told};
use super::outline::{cut, fitting, known, lines, link};
use crate::market::Severity;

/// Bytes of a message (Teams: limits of incoming webhooks, 28 KB).
const MESSAGE: usize = 28_000;
/// Bytes of what is said in detail, most to least: the first that gives a message below [`MESSAGE`].
const SAID: [usize; 4] = [12_000, 6_000, 2_000, 500];
/// Bytes of a heading.
const HEADING: usize = 600;

/// The request of a message.
pub(super) fn asking(told: Told<'_>) -> Asking {
    let mut asking = Asking::json(&Json::Null);
    for limit in SAID {
        asking = Asking::json(&document(told, limit));
        if asking.body.len() <= MESSAGE {
            break;
        }
    }
    asking
}

fn document(Told { message, dispatch }: Told<'_>, limit: usize) -> Json {
    let word = dispatch.severity.word().to_uppercase();
    let colour = match dispatch.severity {
        Severity::Critical => "attention",
        Severity::Warning => "warning",
        Severity::Notice => "accent",
        Severity::Info => "default",
    };
    let heading = cut(&dispatch.heading, HEADING, in_json);
    let mut body = vec![runs(&[
        json!({ "type": "TextRun", "text": format!("{word}  "), "weight": "bolder", "color": colour }),
        json!({ "type": "TextRun", "text": heading, "weight": "bolder" }),
    ])];
    let said = fitting(&lines(message, dispatch), dispatch.unsaid, limit, in_json);
    body.extend(said.lines().map(|line| runs(&[run(line)])));
    let mut facts = known(dispatch);
    facts.push(("Route".to_string(), dispatch.route.clone()));
    for (label, text) in facts {
        let label = json!({ "type": "TextRun", "text": format!("{label}  "), "isSubtle": true });
        let text = cut(&text, limit.min(500), in_json);
        body.push(runs(&[label, run(&text)]));
    }
    let mut card = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.2",
        "msteams": { "width": "Full" },
        "body": body,
    });
    if let (Some(url), Some(card)) = (link(dispatch), card.as_object_mut()) {
        let open = json!([{ "type": "Action.OpenUrl", "title": "Evidence", "url": url.as_str() }]);
        card.insert("actions".to_string(), open);
    }
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": card,
        }],
    })
}

fn run(text: &str) -> Json {
    json!({ "type": "TextRun", "text": text })
}

fn runs(runs: &[Json]) -> Json {
    json!({ "type": "RichTextBlock", "inlines": runs })
}

/// Bytes of a text within JSON.
fn in_json(text: &str) -> usize {
    json!(text).to_string().len().saturating_sub(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deliver::samples::{HOSTILE, alert, hostile, large, report, said};
    use crate::market::DispatchKind;

    #[test]
    fn an_alert_is_a_card() {
        let told = said(asking, &alert(DispatchKind::Alert));
        let attachment = &told["attachments"][0];
        assert_eq!(told["type"], "message");
        assert_eq!(
            attachment["contentType"],
            "application/vnd.microsoft.card.adaptive"
        );
        let card = &attachment["content"];
        assert_eq!(
            (&card["type"], &card["version"]),
            (&json!("AdaptiveCard"), &json!("1.2"))
        );
        let url = "https://example.com/models?a=1&b=2";
        let open = json!([{ "type": "Action.OpenUrl", "title": "Evidence", "url": url }]);
        assert_eq!(card["actions"], open);
        let blocks = card["body"].as_array().expect("blocks").iter();
        let lines: Vec<String> = blocks
            .map(|block| {
                assert_eq!(block["type"], "RichTextBlock");
                let runs = block["inlines"].as_array().expect("runs").iter();
                runs.map(|run| run["text"].as_str().expect("a text"))
                    .collect()
            })
            .collect();
        insta::assert_snapshot!(lines.join("\n"), @"
        CRITICAL  azure: gpt-4o retires 2026-10-01, 184 days earlier (was 2027-04-03)
        date.retires: 2027-04-03 → 2026-10-01 (184 days earlier): gpt-4o
        Touches  production
        Seen  2026-11-10 08:00 UTC
        Confirmed  2026-11-10 08:05 UTC
        Source  azure.models (provider-page)
        Confirmed by  models-dev.api
        Evidence  https://example.com/models?a=1&b=2
        More  bellwether why b24750b2b5d71c1a
        Silence  bellwether silence add --model gpt-4o --provider azure --kind date_changed --for 7d --reason known
        Route  on-call
        ");
    }

    /// Every text of a card that is read as Markdown.
    fn markdown(card: &Json, found: &mut Vec<String>) {
        if card["type"] == "TextBlock" || card["type"] == "FactSet" {
            found.push(card.to_string());
        }
        match card {
            Json::Array(all) => all.iter().for_each(|one| markdown(one, found)),
            Json::Object(all) => all.values().for_each(|one| markdown(one, found)),
            _ => {}
        }
    }

    #[test]
    fn nothing_scraped_is_read_as_markdown() {
        for name in HOSTILE {
            let told = said(asking, &hostile(name));
            let mut found = Vec::new();
            markdown(&told, &mut found);
            assert!(found.is_empty(), "{found:?}");
            let url = &told["attachments"][0]["content"]["actions"][0]["url"];
            assert!(
                url.as_str().is_none_or(|url| url.starts_with("https://")),
                "{url}"
            );
        }
    }

    #[test]
    fn a_card_has_its_bound() {
        for message in [large(), report()] {
            let told = said(asking, &message);
            assert!(told.to_string().len() <= MESSAGE);
            assert!(told.to_string().contains("… and "));
        }
    }
}
