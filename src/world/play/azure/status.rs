//! Azure's status page: a feed of what is open just now (facts: status-and-announcements.md).

use super::AZURE;
use crate::world::moment::Moment;
use crate::world::play::feed;

/// The open problems.
pub fn open(moment: &Moment<'_>) -> String {
    let stories = moment.incidents(AZURE);
    let open = stories.iter().filter(|story| !story.is_over());
    let items: String = open
        .map(|story| {
            let said = story.said.first().map_or("", |(_, update)| update.text.as_str());
            let regions = story.incident.regions.iter();
            let places: String = regions.map(|region| format!("<category>{}</category>\n", feed::escaped(region))).collect();
            format!(
                "<item>\n<title>Azure OpenAI - {}</title>\n<link>https://azure.status.microsoft/en-us/status/</link>\n\
                 <guid isPermaLink=\"false\">{}</guid>\n<category>Azure OpenAI Service</category>\n{places}\
                 <description>{}</description>\n<pubDate>{}</pubDate>\n</item>\n",
                feed::escaped(&story.incident.name),
                story.id,
                feed::escaped(&format!("<p>{}</p>", feed::escaped(said))),
                story.begun.strftime("%a, %d %b %Y %H:%M:%S GMT"),
            )
        })
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\">\n<channel>\n<title>Azure Status</title>\n\
         <link>https://azure.status.microsoft/en-us/status/</link>\n<description>Simulated by bellwether demo</description>\n\
         {items}</channel>\n</rss>\n"
    )
}
