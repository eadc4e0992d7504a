//! The feed, read by a reader of feeds.

use feed_rs::model;
use proptest::prelude::*;

use super::*;
use crate::market::{ChangeKind, Subject};
use crate::render::samples::{
    HOSTILE, added, change, cheaper, in_regions, moment, retirement, text,
};

fn feed(base: Option<&str>, groups: &[Vec<RecordedChange>]) -> String {
    let mut feed = Feed::new(base);
    for changes in groups {
        feed.add(changes);
    }
    feed.finish(moment("2026-11-26T00:00:00Z"))
}

fn read(feed: &str) -> model::Feed {
    feed_rs::parser::parse(feed.as_bytes()).expect("a feed")
}

#[test]
fn an_entry_tells_of_one_cause() {
    let group = in_regions(&retirement(), 14);
    let first = group[0].change.id.0.clone();
    let told = read(&feed(None, &[group.clone(), vec![cheaper()]]));
    assert_eq!(told.id, "urn:bellwether:changes");
    assert_eq!(told.entries.len(), 2);
    let entry = &told.entries[0];
    assert_eq!(entry.id, format!("urn:bellwether:change:{first}"));
    let title = entry.title.as_ref().expect("a title");
    assert_eq!(
        title.content,
        "azure: gpt-4o retires 2026-10-01, 184 days earlier (was 2027-04-03) in 14 regions"
    );
    let summary = &entry.summary.as_ref().expect("a summary").content;
    assert!(
        summary.contains("azure: gpt-4o in region-1 date.retires: 2027-04-03 -> 2026-10-01"),
        "{summary}"
    );
    let source =
        "Source: azure.models@region-1 (provider-page), https://example.com/models?a=1&b=2";
    assert!(summary.contains(source), "{summary}");
    assert_eq!(entry.updated, told.updated);
    assert_eq!(entry.links[0].href, "https://example.com/models?a=1&b=2");

    // it keeps its name when another region joins
    let more = in_regions(&retirement(), 15);
    assert_eq!(read(&feed(None, &[more])).entries[0].id, entry.id);
}

#[test]
fn with_an_address_entries_lead_there() {
    let told = read(&feed(Some("https://bell.example.org/"), &[vec![cheaper()]]));
    assert_eq!(told.id, "https://bell.example.org/feed.xml");
    let entry = &told.entries[0];
    let links: Vec<(&str, &str)> = entry
        .links
        .iter()
        .map(|link| (link.rel.as_deref().unwrap_or_default(), link.href.as_str()))
        .collect();
    let id = cheaper().change.id;
    let page = format!("https://bell.example.org/changes/{id}");
    let evidence = "https://example.com/models?a=1&b=2";
    assert_eq!(links, [("alternate", page.as_str()), ("via", evidence)]);
}

#[test]
fn an_entry_that_leads_nowhere_holds_what_it_is_about() {
    let mut own = change(
        Subject::offering("openai", "gpt-9"),
        ChangeKind::OfferingAdded,
    );
    own.url = "javascript:alert(1)".to_string();
    let told = read(&feed(None, &[vec![own]]));
    let entry = &told.entries[0];
    assert!(entry.links.is_empty(), "{:?}", entry.links);
    let content = entry
        .content
        .as_ref()
        .and_then(|content| content.body.as_ref());
    assert!(content.is_some_and(|body| body.contains("gpt-9")));
    // nothing to tell is a feed, too
    assert!(read(&feed(None, &[])).entries.is_empty());
}

#[test]
fn hostile_names_stay_text() {
    for name in HOSTILE {
        let told = feed(None, &[vec![added("azure", name)]]);
        assert!(!told.contains("<script"), "{told}");
        assert!(
            !told.contains(|c: char| c.is_control() && c != '\n'),
            "{told}"
        );
        assert_eq!(read(&told).entries.len(), 1, "{name:?}");
    }
}

proptest! {
    #[test]
    fn any_change_makes_a_feed(id in any::<String>(), name in any::<String>(), url in any::<String>()) {
        let mut recorded = added("azure", &id);
        recorded.change.new = text(&name);
        recorded.url = url;
        let told = feed(None, &[vec![recorded]]);
        prop_assert_eq!(read(&told).entries.len(), 1);
    }
}
