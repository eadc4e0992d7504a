//! The AWS health dashboard: open events, and the feed of their updates (facts: aws-bedrock.md §8).

use serde_json::{Value as Json, json};

use crate::world::moment::{Moment, Story};
use crate::world::play::feed;

/// The status page's name in the script.
pub const PAGE: &str = "bedrock";

/// The open events, in UTF-16 with the larger byte first and a mark of that, as the dashboard answers.
pub fn current(moment: &Moment<'_>) -> Vec<u8> {
    let stories = moment.incidents(PAGE);
    let open = stories.iter().filter(|story| !story.is_over());
    let rows: Vec<Json> = open
        .flat_map(|story| {
            story
                .incident
                .regions
                .iter()
                .map(move |region| event(story, region))
        })
        .collect();
    let text = Json::from(rows).to_string();
    let mut body = vec![0xFE, 0xFF];
    body.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
    body
}

fn event(story: &Story<'_>, region: &str) -> Json {
    let code = "AWS_BEDROCK_OPERATIONAL_ISSUE";
    let impact = match story.incident.impact.as_str() {
        "critical" => 3,
        "major" => 2,
        _ => 1,
    };
    let summary = &story.incident.name;
    let said = story.said.iter();
    let log: Vec<Json> = said
        .map(|(at, update)| {
            json!({ "timestamp": at.as_second(), "status": impact, "summary": summary, "message": update.text })
        })
        .collect();
    json!({
        "date": story.begun.as_second().to_string(),
        "arn": format!("arn:aws:health:{region}::event/BEDROCK/{code}/{code}_{}", story.id.to_uppercase()),
        "service": format!("bedrock-{region}"),
        "service_name": "Amazon Bedrock",
        "region_name": place(region),
        "status": impact.to_string(),
        "summary": summary,
        "event_log": log,
    })
}

/// A region's name for people.
fn place(region: &str) -> &str {
    match region {
        "us-east-1" => "N. Virginia",
        "us-east-2" => "Ohio",
        "us-west-2" => "Oregon",
        "eu-central-1" => "Frankfurt",
        "eu-west-1" => "Ireland",
        "ap-northeast-1" => "Tokyo",
        other => other,
    }
}

/// Every update of a region's events, the newest first, with the time of Seattle.
pub fn updates(moment: &Moment<'_>, region: &str) -> String {
    let mut items = Vec::new();
    for story in moment.incidents(PAGE) {
        if !story.incident.regions.iter().any(|own| own == region) {
            continue;
        }
        for (at, update) in &story.said {
            let lead = match update.status.as_str() {
                "investigating" => "Informational message:",
                "identified" => "Service degradation:",
                "monitoring" => "Service impact:",
                _ => "[RESOLVED]",
            };
            // summer and winter time are told apart as the feed does it
            let seattle = at.in_tz("America/Los_Angeles").ok();
            let day = seattle.map_or(String::new(), |at| {
                at.strftime("%a, %d %b %Y %H:%M:%S %Z").to_string()
            });
            let item = format!(
                "<item>\n<title>{}</title>\n<link>https://status.aws.amazon.com/</link>\n\
                 <guid isPermaLink=\"false\">https://status.aws.amazon.com/#bedrock-{region}_{}</guid>\n\
                 <description>{}</description>\n<pubDate>{day}</pubDate>\n</item>\n",
                feed::escaped(&format!("{lead} {}", story.incident.name)),
                at.as_second(),
                feed::escaped(&update.text),
            );
            items.push((*at, item));
        }
    }
    items.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let items: String = items.into_iter().map(|(_, item)| item).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\">\n<channel>\n<title>Amazon Bedrock ({}) Service Status</title>\n\
         <link>https://status.aws.amazon.com/</link>\n<description>Simulated by bellwether demo</description>\n{items}</channel>\n</rss>\n",
        place(region)
    )
}
