//! What reading a hostile body costs in memory, counted at the allocator: a program of its own, since everything that runs
//! beside would count too.

use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use bellwether::config::{Own, Probe, Scoping, declared};
use bellwether::daemon::reading::{Target, read_body};
use bellwether::market::{Scope, Settled};

/// The system's allocator, with what is held now and was held at most, in bytes.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

fn taken(bytes: usize) {
    let held = HELD.fetch_add(bytes, Ordering::Relaxed) + bytes;
    MOST.fetch_max(held, Ordering::Relaxed);
}

#[expect(unsafe_code, reason = "an allocator cannot be written otherwise")]
// SAFETY: every call is handed on to the system's allocator as it came
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        taken(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // a block that moves is there twice for a moment
        taken(size);
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The body limit of `[http]`, in bytes.
const LARGEST: usize = 8 << 20;
/// What reading it may take besides itself, in bytes.
const LIMIT: usize = 150_000_000;

/// `head`, as many pieces as there is room for, `tail`.
fn filled(head: &str, piece: impl Fn(usize) -> String, tail: &str) -> String {
    let mut body = head.to_string();
    for n in 0.. {
        let piece = piece(n);
        if body.len() + piece.len() + tail.len() > LARGEST {
            break;
        }
        body.push_str(&piece);
    }
    body + tail
}

/// The readers of a form of bodies.
fn reads(word: &str, body: &str) -> bool {
    match body.get(..2) {
        Some("<?") => matches!(word, "feed" | "sitemap"),
        Some(head) if head.starts_with(['[', '{']) => !matches!(
            word,
            "feed"
                | "sitemap"
                | "table"
                | "page"
                | "text"
                | "google-pricing"
                | "changelog"
                | "model-card"
        ),
        _ => matches!(
            word,
            "table" | "page" | "text" | "google-pricing" | "changelog" | "model-card"
        ),
    }
}

/// Bodies that are nothing but the smallest things of their kind.
fn hostile() -> Vec<(&'static str, String)> {
    let same = |piece: &'static str| move |_: usize| piece.to_string();
    vec![
        ("objects", filled("[", same("{\"\":0},"), "{}]")),
        (
            "objects in data",
            filled("{\"data\":[", |n| format!("{{\"id\":\"{n}\"}},"), "{}]}"),
        ),
        (
            "objects in models",
            filled(
                "{\"models\":[",
                |n| format!("{{\"name\":\"{n}\",\"id\":\"{n}\"}},"),
                "{}]}",
            ),
        ),
        (
            "models by key",
            filled(
                "{\"openai\":{\"models\":{",
                |n| format!("\"{n}\":{{\"id\":\"{n}\"}},"),
                "\"\":{}}}}",
            ),
        ),
        (
            "prices by key",
            filled(
                "{",
                |n| format!("\"{n}\":{{\"litellm_provider\":\"openai\"}},"),
                "\"\":{}}",
            ),
        ),
        (
            "items",
            filled(
                "{\"Items\":[",
                |n| format!("{{\"meterId\":\"{n}\"}},"),
                "{}]}",
            ),
        ),
        (
            "SKUs",
            filled("{\"skus\":[", |n| format!("{{\"skuId\":\"{n}\"}},"), "{}]}"),
        ),
        (
            "products",
            filled(
                "{\"publicationDate\":\"2026-01-01T00:00:00Z\",\"products\":{",
                |n| format!("\"{n}\":{{\"attributes\":{{\"model\":\"{n}\"}}}},"),
                "\"\":{}},\"terms\":{\"OnDemand\":{}}}",
            ),
        ),
        (
            "terms",
            filled(
                "{\"products\":{},\"terms\":{\"OnDemand\":{",
                |n| format!("\"{n}\":{{\"\":{{\"priceDimensions\":{{\"\":{{}}}}}}}},"),
                "\"\":{}}}}",
            ),
        ),
        ("lists", filled("[", same("[0],"), "[]]")),
        ("numbers", filled("[", same("0,"), "0]")),
        ("fields", filled("{", |n| format!("\"{n}\":0,"), "\"\":0}")),
        ("paragraphs", filled("<html>", same("<p>"), "")),
        ("breaks", filled("<html>", same("x<br>"), "")),
        ("comments", filled("<html>", same("<!---->"), "")),
        (
            "attributes",
            filled(
                "<html>",
                |n| {
                    if n.is_multiple_of(1_000) {
                        "><p ".to_string()
                    } else {
                        format!("a{} ", n % 1_000)
                    }
                },
                ">",
            ),
        ),
        (
            "cells",
            filled(
                "<html><h2>Models</h2><table><tr><th>Model<th>Price",
                |n| {
                    if n.is_multiple_of(500) {
                        "<tr><td>".to_string()
                    } else {
                        "<td>".to_string()
                    }
                },
                "",
            ),
        ),
        (
            "rows",
            filled(
                "<html><h2>Models</h2><table><tr><th>Model<th>Price",
                same("<tr><td>a"),
                "",
            ),
        ),
        (
            "tables",
            filled("<html>", same("<table><tr><td>a</table>"), ""),
        ),
        ("headings", filled("<html>", same("<h2>a</h2>"), "")),
        ("links", filled("<html>", same("<a href=a>a</a>"), "")),
        (
            "Markdown rows",
            filled("# Models\n\n|Model|Price|\n|-|-|\n", same("|a|b|\n"), ""),
        ),
        (
            "Markdown cells",
            filled(
                "# Models\n\n",
                |n| {
                    if n.is_multiple_of(500) {
                        "\n".to_string()
                    } else {
                        "|-".to_string()
                    }
                },
                "",
            ),
        ),
        ("Markdown headings", filled("", |n| format!("# {n}\n"), "")),
        ("Markdown emphasis", filled("", same("*a* "), "")),
        ("Markdown lists", filled("", same("- a\n"), "")),
        ("Markdown links", filled("", same("[a](b) "), "")),
        ("days", filled("", same("## 2026-01-01\na\n"), "")),
        (
            "feed",
            filled(
                "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel>",
                same("<item><guid>a</guid></item>"),
                "</channel></rss>",
            ),
        ),
        (
            "empty items",
            filled(
                "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel>",
                same("<item/>"),
                "</channel></rss>",
            ),
        ),
        (
            "categories",
            filled(
                "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><item>",
                same("<category/>"),
                "</item></channel></rss>",
            ),
        ),
        (
            "entries",
            filled(
                "<?xml version=\"1.0\"?><feed xmlns=\"http://www.w3.org/2005/Atom\">",
                same("<entry/>"),
                "</feed>",
            ),
        ),
        (
            "addresses",
            filled(
                "<?xml version=\"1.0\"?><urlset>",
                |n| format!("<url><loc>https://a.example/{n}</loc></url>"),
                "</urlset>",
            ),
        ),
    ]
}

/// One probe for each way of reading, in some scope.
fn probes() -> BTreeMap<&'static str, (Probe, Scoping)> {
    let mut probes = BTreeMap::new();
    for probe in declared(&[], Own::default()).expect("the shipped probes") {
        let nowhere = Scoping {
            scope: Scope::new("somewhere"),
            values: BTreeMap::new(),
        };
        let scoping = probe.scopes.first().cloned().unwrap_or(nowhere);
        probes
            .entry(probe.reader.word())
            .or_insert((probe, scoping));
    }
    probes
}

#[test]
fn no_reader_takes_more_than_its_share_for_a_hostile_body() {
    let probes = probes();
    let mut too_much = Vec::new();
    for (kind, body) in hostile() {
        for (word, (probe, scoping)) in probes.iter().filter(|(word, _)| reads(word, &body)) {
            let target = Target::new(probe, scoping);
            let before = HELD.load(Ordering::Relaxed);
            MOST.store(before, Ordering::Relaxed);
            let _ = read_body(&target, body.as_bytes(), None, &Settled::new());
            let most = MOST.load(Ordering::Relaxed) - before;
            if most > LIMIT {
                too_much.push(format!("{word}, {kind}: {} MB", most / 1_000_000));
            }
        }
    }
    assert!(too_much.is_empty(), "{}", too_much.join("\n"));
}
