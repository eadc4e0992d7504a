use super::*;
use crate::market::{Content, ProviderId, Region, Settled};
use crate::readers::convert::StageWords;

const RSS: &str = r#"<?xml version="1.0" encoding="iso-8859-1"?><rss version="2.0"><channel><title>News</title>
    <item><title>Nova  Lite in
        Z&#252;rich</title><link>https://a/1</link><guid isPermaLink="false">one</guid>
        <description><![CDATA[<p>It is <b>here</b>.</p><p>Now.</p><script>x()</script>]]></description>
        <category>general:products/amazon-bedrock,marketing:ai</category><pubDate>Tue, 14 Jan 2025 12:02:58 GMT</pubDate></item>
    <item><title>Storage</title><link>https://a/2</link><category>storage</category><pubDate>Sep 05, 2024</pubDate></item>
    <item><title>Claude, too</title><guid>one</guid><pubDate>soon</pubDate></item>
    <item><title>Nothing to hold on to</title></item></channel></rss>"#;

const ATOM: &str = r#"<feed xmlns="http://www.w3.org/2005/Atom"><title>N</title><id>f</id><updated>2026-01-01T00:00:00Z</updated>
    <entry><id>e1</id><title>A</title><updated>2026-01-02T00:00:00Z</updated><published>2026-01-02T00:00:00Z</published>
    <link rel="self" href="https://a/self"/><link href="https://a/e1"/><summary>s</summary></entry></feed>"#;

const JSON: &str = r#"{"version":"https://jsonfeed.org/version/1.1","title":"N","items":[{"id":"j1","title":"J","url":"https://a/j1",
    "content_text":"text & more","date_published":"2026-01-02T00:00:00Z","tags":["x"]}]}"#;

fn shown(mapping: &Mapping, text: &str) -> String {
    let context = Context {
        provider: &ProviderId::from("acme"),
        region: &Region::unstated(),
        stages: &StageWords::default(),
        item: "",
        complete: true,
        settled: &Settled::new(),
    };
    let body = Body {
        bytes: text.as_bytes(),
        content_type: Some("application/xml; charset=utf-8"),
    };
    let reading = match read(mapping, &body, &context) {
        Ok(reading) => reading,
        Err(failure) => return failure.to_string(),
    };
    assert!(!reading.complete);
    let mut lines = Vec::new();
    for entry in &reading.entries {
        if let Content::Stated { claims, .. } = &entry.content {
            lines.extend(claims.iter().map(|claim| {
                format!(
                    "{}: {} = {}",
                    entry.subject.native_id, claim.attribute, claim.value
                )
            }));
        }
    }
    lines.sort();
    lines.extend(reading.unexpected.iter().map(|note| {
        format!(
            "? {}: expected {}, found {}",
            note.place, note.expected, note.found
        )
    }));
    lines.join("\n")
}

fn all(key: Key) -> Mapping {
    Mapping {
        key,
        any_category: Vec::new(),
        title_matches: Vec::new(),
        matches: Vec::new(),
        title_skips: Vec::new(),
        split: None,
        incidents: false,
    }
}

#[test]
fn feeds_of_every_kind_are_read() {
    insta::assert_snapshot!(shown(&all(Key::Guid), ATOM), @"
    e1: date.launch = 2026-01-02
    e1: link = https://a/e1
    e1: name = A
    e1: text = s
    ");
    insta::assert_snapshot!(shown(&all(Key::Guid), JSON), @"
    j1: date.launch = 2026-01-02
    j1: link = https://a/j1
    j1: name = J
    j1: text = text & more
    j1: topics = x
    ");
    let filtered = Mapping {
        any_category: vec!["General:Products/Amazon-Bedrock".into()],
        title_matches: vec!["claude".into(), "hold".into()],
        ..all(Key::Link)
    };
    insta::assert_snapshot!(shown(&filtered, RSS), @"
    https://a/1: date.launch = 2025-01-14T12:02:58Z
    https://a/1: link = https://a/1
    https://a/1: name = Nova Lite in Zürich
    https://a/1: text = It is here. Now.
    https://a/1: topics = general:products/amazon-bedrock, marketing:ai
    one: name = Claude, too
    ? published: expected a date, found none that can be read at Claude, too
    ? the feed: expected a guid or link, found neither at Nothing to hold on to
    ");
}

const DAYS: &str = r#"<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"><id>f</id><title>Release notes</title>
    <updated>2026-09-30T00:00:00-07:00</updated><entry><title>September 29, 2026</title><id>tag:a,2016:notes#September_29_2026</id>
    <updated>2026-09-29T00:00:00-07:00</updated><link rel="alternate" href="https://a/notes#September_29_2026"/>
    <content type="html"><![CDATA[<p>Before.</p><h3>Feature</h3>
    <p><strong>Model 3.8</strong></p><p>Model 3.8 is generally available. See more.</p><h3 class="x">Deprecated</h3><p>Model 2 ends.</p>
    <h3>Issue</h3>]]></content></entry></feed>"#;

#[test]
fn a_day_of_announcements_is_parted_by_its_headings() {
    let days = Mapping {
        split: Some("h3".into()),
        ..all(Key::Guid)
    };
    insta::assert_snapshot!(shown(&days, DAYS), @"
    tag:a,2016:notes#September_29_2026 Deprecated: Model 2 ends.: date.launch = 2026-09-29
    tag:a,2016:notes#September_29_2026 Deprecated: Model 2 ends.: link = https://a/notes#September_29_2026
    tag:a,2016:notes#September_29_2026 Deprecated: Model 2 ends.: name = Deprecated: Model 2 ends
    tag:a,2016:notes#September_29_2026 Deprecated: Model 2 ends.: text = Model 2 ends.
    tag:a,2016:notes#September_29_2026 Deprecated: Model 2 ends.: topics = Deprecated
    tag:a,2016:notes#September_29_2026 Feature: Model 3.8 Model 3.8 is generally available. See more.: date.launch = 2026-09-29
    tag:a,2016:notes#September_29_2026 Feature: Model 3.8 Model 3.8 is generally available. See more.: link = https://a/notes#September_29_2026
    tag:a,2016:notes#September_29_2026 Feature: Model 3.8 Model 3.8 is generally available. See more.: name = Feature: Model 3.8 Model 3.8 is generally available
    tag:a,2016:notes#September_29_2026 Feature: Model 3.8 Model 3.8 is generally available. See more.: text = Model 3.8 Model 3.8 is generally available. See more.
    tag:a,2016:notes#September_29_2026 Feature: Model 3.8 Model 3.8 is generally available. See more.: topics = Feature
    ");
    // an edit of a day adds what is new and leaves what stood there
    let edited = DAYS.replace("<h3>Issue</h3>", "<h3>Issue</h3><p>It hangs.</p>");
    let before = shown(&days, DAYS);
    let after = shown(&days, &edited);
    let added: Vec<&str> = after
        .lines()
        .filter(|line| !before.contains(line))
        .collect();
    assert!(
        !added.is_empty() && added.iter().all(|line| line.contains("Issue: It hangs.")),
        "{after}"
    );
}

#[test]
fn unwanted_titles_are_left_out() {
    let skipping = Mapping {
        title_skips: vec!["test incident".into()],
        ..all(Key::Guid)
    };
    let feed = "<rss version='2.0'><channel><item><title>[API] Test Incident</title><guid>1</guid></item></channel></rss>";
    assert_eq!(shown(&skipping, feed), "");
    assert!(!shown(&all(Key::Guid), feed).is_empty());
}

#[test]
fn a_word_of_the_text_lets_an_item_pass() {
    let told = |word: &str, split: Option<&str>, feed: &str| {
        let mapping = Mapping {
            matches: vec![word.into()],
            split: split.map(Into::into),
            ..all(Key::Guid)
        };
        shown(&mapping, feed)
            .lines()
            .filter(|line| line.contains(": name = "))
            .count()
    };
    let feed = "<rss version='2.0'><channel><item><title>A</title><guid>1</guid><description>Of OpenAI</description></item>\
                <item><title>B</title><guid>2</guid></item></channel></rss>";
    assert_eq!(
        (
            told("openai", None, feed),
            told("a", None, feed),
            told("x", None, feed)
        ),
        (1, 1, 0)
    );
    assert_eq!(
        (
            told("ends", Some("h3"), DAYS),
            told("issue", Some("h3"), DAYS)
        ),
        (1, 0)
    );
}

#[test]
fn a_guid_used_twice_is_told_apart_by_title_and_date() {
    let twice = RSS.replace("soon", "2025-01-15");
    assert!(shown(&all(Key::Guid), &twice).contains("one name: expected one value"));
    let apart = shown(&all(Key::TitleAndDate), &twice);
    assert!(apart.contains("Claude, too 2025-01-15: name = Claude, too"));
    assert!(!apart.contains("expected one value"));
}

#[test]
fn an_empty_feed_is_a_reading_and_no_feed_is_none() {
    let number = "9".repeat(40);
    let podcast = format!(
        "<rss version='2.0' xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'><channel><item><title>a</title>\
         <itunes:duration>{number}:10:10</itunes:duration></item></channel></rss>"
    );
    for (text, expected) in [
        (
            "<?xml version='1.0'?><rss version='2.0'><channel><title>t</title></channel></rss>",
            "",
        ),
        (
            "<html><body>Sign in</body></html>",
            "expected an RSS, Atom or JSON feed",
        ),
        ("{\"error\":\"no\"}", "expected an RSS, Atom or JSON feed"),
        ("", "expected an RSS, Atom or JSON feed"),
        (
            "<rss version='2.0'><channel><item><title>a",
            "expected an RSS, Atom or JSON feed",
        ),
        (podcast.as_str(), "expected an RSS, Atom or JSON feed"),
    ] {
        let shown = shown(&all(Key::Guid), text);
        assert!(shown.starts_with(expected), "{text}: {shown}");
        assert_eq!(shown.is_empty(), expected.is_empty(), "{text}: {shown}");
    }
}

#[test]
fn deep_nesting_ends() {
    let deep = format!(
        "<rss version='2.0'><channel><item><description>{}",
        "<a>".repeat(50_000)
    );
    assert!(!shown(&all(Key::Guid), &deep).is_empty());
}

proptest::proptest! {
    #[test]
    fn mutated_feeds_are_read_without_panic(at in 0usize..700, with in "\\PC{0,3}") {
        for feed in [RSS, ATOM, JSON, DAYS] {
            let mut text = feed.to_string();
            let at = text.floor_char_boundary(at % text.len());
            text.insert_str(at, &with);
            let _ = shown(&all(Key::Guid), &text);
            let days = Mapping { split: Some("h3".into()), ..all(Key::Guid) };
            let _ = shown(&days, &text);
        }
    }
}
