use super::*;
use crate::market::{Content, ProviderId, Region, Settled};
use crate::readers::convert::StageWords;

const MARKDOWN: &str = "# Change Log\n\nAll of it.\n\n## Date: 2026-08-21\n\n### `m-2` Release\n\nToday m-2 is *here*.\n\n- fast\n- cheap\n  - very\n\n\
    ### m-1 Update\n\nNew weights. See [docs](x).\n\n## Date: 2026-07-31\n\nThe names `m-0` will be discontinued. Soon.\n\n\
    ### 2024-12-02: Rerank v2.0\n\nEnds.\n\n# Good to know in 2026 and 2027\n\n- no news\n";

const HTML: &str = "<!doctype html><html><body><nav><ul><li>menu</ul><h2>May 1, 2020</h2></nav><article><h1>Notes</h1>\
    <h2 id=\"11-11-2025\">November 11, 2025</h2><ul><li><p>These models will be deprecated:</p><ul><li>November 12:<ul><li><code>v-1</code></li></ul></li></ul></li>\
    <li>Launched <b>File</b> search. Read on.</ul><p>Also:</p><p>A price fell.</p><h2>November 4th, 2025</h2><ul><li>Old</li></ul></article>\
    <footer><ul><li>terms</li></ul></footer></body></html>";

fn shown(mapping: &Mapping, text: &str) -> String {
    let context = Context {
        provider: &ProviderId::from("acme"),
        region: &Region::unstated(),
        item: "",
        stages: &StageWords::default(),
        complete: true,
        settled: &Settled::new(),
    };
    let body = Body {
        bytes: text.as_bytes(),
        content_type: None,
    };
    let reading = match read(mapping, &body, &context) {
        Ok(reading) => reading,
        Err(failure) => return failure.to_string(),
    };
    assert!(!reading.complete);
    let mut lines = Vec::new();
    for entry in &reading.entries {
        if let Content::Stated { claims, .. } = &entry.content {
            let shown = claims
                .iter()
                .map(|claim| format!("{}={}", claim.attribute, claim.value));
            let shown: Vec<String> = shown.collect();
            lines.push(format!("{}: {}", entry.subject.native_id, shown.join("; ")));
        }
    }
    lines.sort();
    lines.join("\n")
}

fn by(items: bool) -> Mapping {
    Mapping {
        items,
        link: None,
        matches: Vec::new(),
    }
}

#[test]
fn headings_below_a_day_are_announcements() {
    insta::assert_snapshot!(shown(&by(false), MARKDOWN), @"
    2024-12-02 Rerank v2.0: name=Rerank v2.0; date.launch=2024-12-02; text=Ends.
    2026-07-31 The names m-0 will be discontinued: name=The names m-0 will be discontinued; date.launch=2026-07-31; text=The names m-0 will be discontinued. Soon.
    2026-08-21 m-1 Update: name=m-1 Update; date.launch=2026-08-21; text=New weights. See docs.
    2026-08-21 m-2 Release: name=m-2 Release; date.launch=2026-08-21; text=Today m-2 is here. fast cheap very
    ");
    let some = Mapping {
        matches: vec!["discontinued".into()],
        link: Some("https://acme.test/log".into()),
        ..by(false)
    };
    insta::assert_snapshot!(shown(&some, MARKDOWN), @"2026-07-31 The names m-0 will be discontinued: name=The names m-0 will be discontinued; date.launch=2026-07-31; text=The names m-0 will be discontinued. Soon.; link=https://acme.test/log");
}

#[test]
fn a_days_year_may_stand_in_its_months_heading() {
    let page = "# Changelog\n\n## January, 2026\n\n### Jan 2\n\nFeature \u{b7} Model: m-9\n\nReleased m-9. More.\n\n### Jan 2\n\nUpdate\n\nRaised limits.\n\n\
                ## December 2025\n\n### Dec 31\n\nFix\n\nMended.\n\n## Older\n\n### Nov 3\n\nNo year.\n\n## May 2024\n\n- A whole month.\n";
    insta::assert_snapshot!(shown(&by(false), page), @"
    2024-05 A whole month: name=A whole month; date.launch=2024-05; text=A whole month.
    2025-12-31 Fix Mended: name=Fix Mended; date.launch=2025-12-31; text=Fix Mended.
    2026-01-02 Feature · Model: m-9 Released m-9: name=Feature · Model: m-9 Released m-9; date.launch=2026-01-02; text=Feature · Model: m-9 Released m-9. More.
    2026-01-02 Update Raised limits: name=Update Raised limits; date.launch=2026-01-02; text=Update Raised limits.
    ");
}

#[test]
fn items_of_a_day_are_announcements() {
    insta::assert_snapshot!(shown(&by(true), HTML), @"
    2025-11-04 Old: name=Old; date.launch=2025-11-04; text=Old
    2025-11-11 A price fell: name=A price fell; date.launch=2025-11-11; text=A price fell.
    2025-11-11 Launched File search: name=Launched File search; date.launch=2025-11-11; text=Launched File search. Read on.
    2025-11-11 These models will be deprecated: November 12: v-1: name=These models will be deprecated: November 12: v-1; date.launch=2025-11-11; text=These models will be deprecated: November 12: v-1
    ");
}

#[test]
fn a_page_without_days_is_no_empty_page() {
    assert_eq!(
        shown(
            &by(false),
            "# Sign in\n\n## Since our start on May 1, 2020\n"
        ),
        "expected headings with dates, found 2 headings, none with one"
    );
}

proptest::proptest! {
    #[test]
    fn mutated_pages_are_read_without_panic(at in 0usize..700, with in "\\PC{0,3}", items: bool) {
        for page in [MARKDOWN, HTML] {
            let mut text = page.to_string();
            let at = text.floor_char_boundary(at % text.len());
            text.insert_str(at, &with);
            let _ = shown(&by(items), &text);
        }
    }

    #[test]
    fn days_in_any_order_are_one_reading(turn in 0usize..3) {
        let mut days = ["## 2026-01-03\n\na\n\n", "## 2026-01-02: b\n\nb. c\n\n", "## Date: 2026-01-01\n\n### x\n\ny\n\n"];
        let first = shown(&by(false), &days.concat());
        days.rotate_left(turn);
        proptest::prop_assert_eq!(shown(&by(false), &days.concat()), first);
    }
}
