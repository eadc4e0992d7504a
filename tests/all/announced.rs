//! One post in several feeds of one provider is one announcement, whichever of them has it first.

use crate::reading::shipped;
use crate::watched::Watch;

/// A blog's feed with so many posts, the newest first.
fn feed(posts: usize) -> String {
    let post = |number: usize| {
        format!(
            "<item><title>OpenAI model {number} in Microsoft Foundry</title><link>https://azure.example/{number}/</link>\
             <guid isPermaLink=\"false\">https://azure.example/?p={number}</guid><category>Microsoft Foundry</category>\
             <description>It is here.</description><pubDate>Fri, {number:02} Jan 2026 10:00:00 GMT</pubDate></item>"
        )
    };
    let posts: String = (1..=posts).rev().map(post).collect();
    format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Blog</title>{posts}</channel></rss>"
    )
}

#[test]
fn a_post_of_two_feeds_is_news_once() {
    let (blog, part) = (shipped("azure.blog"), shipped("azure.openai-blog"));
    for (first, second) in [(&blog, &part), (&part, &blog)] {
        let mut watch = Watch::begin();
        for probe in [first, second] {
            watch.reads(probe, "", &feed(1));
        }
        for probe in [first, second, first, second] {
            watch.reads(probe, "", &feed(2));
        }
        assert_eq!(watch.news(), ["announcement https://azure.example/?p=2"]);
        assert_eq!(watch.messages(), 1);
        // the next one is another
        for probe in [second, first] {
            watch.reads(probe, "", &feed(3));
        }
        assert_eq!(watch.news().len(), 2);
    }
}
