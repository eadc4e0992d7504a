use super::*;
use crate::config::tree::walk;
use crate::market::{Content, ProviderId, Region, Settled, Stage};
use crate::readers::convert::StageWords;

fn declared(text: &str) -> Mapping {
    walk("probe.toml", text, crate::config::readers::page::mapping)
        .unwrap_or_else(|problems| panic!("{problems}"))
}

fn shown(mapping: &Mapping, text: &str) -> String {
    let stages = StageWords::new([("Legacy".to_string(), Stage::Legacy)]);
    let context = Context {
        provider: &ProviderId::from("acme"),
        region: &Region::unstated(),
        stages: &stages,
        item: "gpt-9",
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
    let mut lines = Vec::new();
    for entry in &reading.entries {
        if let Content::Stated { claims, .. } = &entry.content {
            let claims: Vec<String> = claims
                .iter()
                .map(|c| format!("{}={}", c.attribute, c.value))
                .collect();
            lines.push(format!(
                "{}: {}",
                entry.subject.native_id,
                claims.join("; ")
            ));
        }
    }
    let notes = reading.unexpected.iter();
    lines.extend(notes.map(|note| {
        format!(
            "? {}: expected {}, found {}",
            note.place, note.expected, note.found
        )
    }));
    lines.join("\n")
}

const AGENTS: &str = r#"
    format = "markdown"
    native_id = "managed-agents"
    title = ["Managed Agents"]
    [[attribute]]
    attribute = "stage"
    in = "title"
    otherwise = "ga"
    [[attribute.case]]
    contains = "(limited preview)"
    value = "limited"
    [[attribute.case]]
    contains = "(preview)"
    value = "preview"
"#;

#[test]
fn a_word_in_the_title_says_the_stage() {
    let mapping = declared(AGENTS);
    for (page, expected) in [
        (
            "# Acme Managed\u{a0}Agents, powered by Nobody (Preview)\n\nText.\n",
            "managed-agents: stage=preview",
        ),
        (
            "# Acme Managed Agents (limited preview)\n",
            "managed-agents: stage=limited",
        ),
        (
            "---\ntitle: \"Acme Managed Agents\"\n---\n\n(preview) of something else\n",
            "managed-agents: stage=ga",
        ),
        (
            "# Not found\n",
            "expected a page with 'Managed Agents' in its title, found the title 'Not found'",
        ),
        (
            "",
            "expected a page with 'Managed Agents' in its title, found the title ''",
        ),
    ] {
        assert_eq!(shown(&mapping, page), expected, "{page}");
    }
    let mut html = mapping;
    html.format = Format::Html;
    let page = "<html><head><title>Acme</title></head><body><h1>Managed <b>Agents</b> (preview)</h1></body></html>";
    assert_eq!(shown(&html, page), "managed-agents: stage=preview");
}

const MODEL: &str = r#"
    format = "markdown"
    native_id = "{item}"
    [[attribute]]
    attribute = "limit.context"
    before = ["context window"]
    after = ["Context window:"]
    required = true
    [[attribute]]
    attribute = "limit.output"
    before = ["max output tokens"]
    after = ["Max output"]
    [[attribute]]
    attribute = "capability.snapshot"
    as = "text"
    after = ["Default snapshot"]
    [[attribute]]
    attribute = "date.launch"
    after = ["Released"]
    [[attribute]]
    attribute = "stage"
    case = [{ contains = "Legacy. Released", value = "legacy" }]
"#;

#[test]
fn lines_say_limits_dates_and_names() {
    let mapping = declared(MODEL);
    let page = "# GPT-9\n\n**Legacy.** Released June 30, 2026.\n\nIt has a large context window.\n\n- Default snapshot: `gpt-9-2026-06-30`\n\
                - 1,050,000 context window\n- 128,000 max output tokens\n\n| Feature | Value |\n|---|---|\n| Released | June 30, 2026 |\n";
    insta::assert_snapshot!(shown(&mapping, page), @"gpt-9: stage=legacy; date.launch=2026-06-30; limit.context=1050000; limit.output=128000; capability.snapshot=gpt-9-2026-06-30");
    insta::assert_snapshot!(shown(&mapping, "# GPT-9\n\nContext window: 1M tokens \u{b7} Max output: 128K\n\nSome max output tokens.\n"), @"gpt-9: limit.context=1000000; limit.output=128000");
    let unsaid = "# GPT-9\n\nContext window: N/A\n\n| Released | To be announced |\n|---|---|\n";
    assert_eq!(shown(&mapping, unsaid), "gpt-9: ");
    insta::assert_snapshot!(shown(&mapping, "# GPT-9\n\nNothing.\n"), @"
    gpt-9: 
    ? limit.context: expected one of the declared phrases, found none at gpt-9
    ");
}

#[test]
fn a_page_may_name_its_own_id() {
    let mapping = declared("format = 'markdown'\nid_after = ['Model ID']\n");
    assert_eq!(
        shown(&mapping, "# Sonnet\n\nModel ID: `claude-9`, pinned.\n"),
        "claude-9: "
    );
    assert_eq!(
        shown(&mapping, "# Sonnet\n\nNo id.\n"),
        "expected a page that names its model's id, found none among 2 lines"
    );
}

proptest::proptest! {
    #[test]
    fn any_page_is_read_without_panic(text in "\\PC{0,200}") {
        for declaration in [AGENTS, MODEL] {
            let mut mapping = declared(declaration);
            mapping.title.clear();
            for format in [Format::Html, Format::Markdown, Format::Plain] {
                mapping.format = format;
                let _ = shown(&mapping, &text);
            }
        }
    }
}
