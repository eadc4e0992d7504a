//! OpenAI's and Anthropic's sources, and what is watched of the open questions between the clouds: their true shapes, and the
//! recorded bodies counted apart from the readers.

use std::collections::BTreeSet;

use crate::reading::{bodies, claims, count, expect, notes, read, shipped};

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

#[test]
fn the_preview_of_managed_agents_ends_with_its_word_in_the_title() {
    let probe = shipped("bedrock.managed-agents");
    let page = |title: &str| {
        format!(
            "\n\n# {title}\n<a name=\"bedrock-managed-agents-openai\"></a>\n\nRun agents in your account.\n"
        )
    };
    for (title, stage) in [
        (
            "Amazon Bedrock Managed Agents, powered by OpenAI (preview)",
            "preview",
        ),
        (
            "Amazon Bedrock Managed Agents, powered by OpenAI (limited preview)",
            "limited",
        ),
        ("Amazon Bedrock Managed Agents, powered by OpenAI", "ga"),
    ] {
        let reading = read(&probe, page(title).as_bytes()).expect("a reading");
        let id = "bedrock bedrock-managed-agents-openai";
        assert_eq!(
            claims(&reading),
            [
                format!("{id} interface = stateful"),
                format!("{id} stage = {stage}")
            ]
        );
    }
    let moved = read(&probe, page("Amazon Bedrock User Guide").as_bytes());
    assert!(moved.is_err(), "{moved:?}");
}

#[test]
fn copilots_are_components() {
    let github = br#"{"page":{"id":"k","name":"GitHub"},"components":[{"id":"1","name":"Copilot","status":"operational"},
        {"id":"2","name":"Copilot AI Model Providers","status":"degraded_performance"},{"id":"3","name":"Pages","status":"major_outage"}],
        "incidents":[{"id":"i","name":"Pages","status":"investigating","impact":"major","started_at":"2026-11-20T10:00:00Z","components":[{"id":"3","name":"Pages"}]}]}"#;
    let reading = read(&shipped("copilot.github"), github).expect("a reading");
    assert_eq!(count(&claims(&reading), " status = "), 2);
    let microsoft = br#"[{"Id":"a","Title":"","Message":"<div>x</div>","Status":"Available","ServiceDisplayName":"Outlook.com","ServiceWorkloadName":"O"},
        {"Id":"b","Title":"","Message":"","Status":"Service degradation","ServiceDisplayName":"Microsoft Copilot","ServiceWorkloadName":"C"}]"#;
    let reading = read(&shipped("copilot.microsoft"), microsoft).expect("a reading");
    assert_eq!(
        claims(&reading),
        [
            "copilot Microsoft Copilot name = Microsoft Copilot",
            "copilot Microsoft Copilot status = degraded_performance"
        ]
    );
    let shell = read(
        &shipped("copilot.microsoft"),
        b"<!doctype html><html></html>",
    );
    assert!(shell.is_err(), "{shell:?}");
}

#[test]
fn openais_catalogue_has_every_linked_model() {
    let Some(files) = bodies("single/provider-pages-md-2026-08/openai--models.md") else {
        return;
    };
    for (name, bytes) in files {
        let page = text(&bytes);
        let listed: BTreeSet<&str> = page
            .lines()
            .filter(|line| line.starts_with("- ["))
            .filter_map(|line| {
                line.split("(/api/docs/models/")
                    .nth(1)?
                    .split(".md)")
                    .next()
            })
            .collect();
        assert_eq!(listed.len(), 96);
        let reading =
            read(&shipped("openai.catalogue"), &bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
        let ids: BTreeSet<&str> = reading
            .entries
            .iter()
            .map(|e| e.subject.native_id.as_str())
            .collect();
        assert_eq!(ids, listed);
        assert_eq!(notes(&reading), Vec::<String>::new());
        expect(
            &claims(&reading),
            &[
                "openai gpt-5.6-sol name = GPT-5.6 Sol",
                "openai gpt-5.6-sol interface = stateless",
            ],
        );
    }
}

#[test]
fn openais_page_of_a_model_states_its_limits() {
    let page = "# GPT-9 Pro\n\n> For the complete documentation index, see [llms.txt](/llms.txt).\n\n> Previous pro model.\n\nModel ID: `gpt-9-pro`\n\n\
                It has a large context window.\n\n## Model details\n\n- Default snapshot: `gpt-9-pro-2027-01-02`\n- Input modalities: text, image\n\
                - Output modalities: text\n- 400,000 context window\n- Maximum input tokens: 272,000\n- 128,000 max output tokens\n\
                - Sep 30, 2026 knowledge cutoff\n\n## Pricing\n\n### Text tokens\n\n| Metric | Price | Unit |\n| --- | ---: | --- |\n| Input | $15 | 1M tokens |\n";
    let reading = read(&shipped("openai.model-pages"), page.as_bytes()).expect("a reading");
    insta::assert_snapshot!(claims(&reading).join("\n"), @"
    openai gpt-9-pro capability.knowledge_cutoff = Sep 30, 2026
    openai gpt-9-pro capability.snapshot = gpt-9-pro-2027-01-02
    openai gpt-9-pro limit.context = 400000
    openai gpt-9-pro limit.input = 272000
    openai gpt-9-pro limit.output = 128000
    openai gpt-9-pro modality.input = image, text
    openai gpt-9-pro modality.output = text
    ");
    assert_eq!(notes(&reading), Vec::<String>::new());
}

#[test]
fn anthropics_page_of_a_model_states_label_dates_prices_and_ids() {
    let row = |cells: &[&str]| format!("| {} |\n", cells.join(" | "));
    let table = |head: &[&str], rows: &[&[&str]]| {
        let rule: Vec<&str> = head.iter().map(|_| ":---").collect();
        let rows: String = rows.iter().map(|cells| row(cells)).collect();
        format!("{}{}{rows}\n", row(head), row(&rule))
    };
    let page = [
        "---\ntitle: Claude Ode 9\nurl: https://platform.claude.com/docs/en/models/ode-9/overview\ndescription: \"Claude Ode 9 reference: lifecycle status, model IDs on every platform.\"\n---\n\n\
         **Legacy.** Released February 5, 2026.\n\nThough still available on Amazon Bedrock, consider migrating.\n\nModel ID: `claude-ode-9`\n\n\
         Context window: 1M tokens \u{b7} Max output: 128K tokens \u{b7} Input pricing: From $5 / MTok \u{b7} Output pricing: $25 / MTok\n\n## Specifications\n\n".to_string(),
        table(&["Platform", "Model ID"], &[
            &["Claude API", "`claude-ode-9`"],
            &["[Amazon Bedrock (InvokeModel)](https://x)", "`anthropic.claude-ode-9-v1`"],
            &["[Google Cloud](https://x)", "`claude-ode-9@20260205`"],
            &["[Microsoft Foundry](https://x)", "`claude-ode-9`"],
        ]),
        table(&["Feature", "Value"], &[
            &["[5m cache write](https://x)", "$6.25 / MTok"],
            &["[1h cache write](https://x)", "$10 / MTok"],
            &["[Cache read](https://x)", "$0.50 / MTok"],
            &["[Batch API](https://x)", "50% discount on input and output"],
        ]),
        table(&["Feature", "Value"], &[
            &["[Status](https://x)", "Active (legacy)"],
            &["Released", "February 5, 2026"],
            &["Retirement", "Not sooner than February 5, 2027"],
            &["Platforms", "Claude API, [Amazon Bedrock (InvokeModel)](https://x), [Google Cloud](https://x)"],
        ]),
    ];
    let reading =
        read(&shipped("anthropic.model-pages"), page.concat().as_bytes()).expect("a reading");
    insta::assert_snapshot!(claims(&reading).join("\n"), @"
    anthropic claude-ode-9 capability.id_on_bedrock = anthropic.claude-ode-9-v1
    anthropic claude-ode-9 capability.id_on_foundry = claude-ode-9
    anthropic claude-ode-9 capability.id_on_vertex = claude-ode-9@20260205
    anthropic claude-ode-9 capability.label = legacy
    anthropic claude-ode-9 date.launch = 2026-02-05
    anthropic claude-ode-9 date.retires = not before 2027-02-05
    anthropic claude-ode-9 limit.context = 1000000
    anthropic claude-ode-9 limit.output = 128000
    anthropic claude-ode-9 price.cache_read = $0.5 / 1M tokens
    anthropic claude-ode-9 price.cache_write_1h = $10 / 1M tokens
    anthropic claude-ode-9 price.cache_write_5m = $6.25 / 1M tokens
    anthropic claude-ode-9 price.input = $5 / 1M tokens
    anthropic claude-ode-9 price.output = $25 / 1M tokens
    ");
    assert_eq!(notes(&reading), Vec::<String>::new());
}

#[test]
fn anthropics_overview_has_a_column_a_model() {
    let mut read_pages = 0;
    for place in [
        "seq/anthropic-models-overview-md",
        "single/provider-pages-md-2026-08/anthropic--models.md",
    ] {
        let Some(files) = bodies(place) else { return };
        for (name, bytes) in files {
            let page = text(&bytes);
            let visible = |cell: &str| -> String {
                let parts = cell.split('<');
                let texts = parts.map(|part| part.split_once('>').map_or(part, |(_, text)| text));
                texts.collect::<String>().trim().to_string()
            };
            let cells = |head: &str| -> Vec<String> {
                let rows = page
                    .lines()
                    .map(str::trim)
                    .filter(|line| line.starts_with(head));
                let cells = rows.flat_map(|row| row.trim_matches('|').split('|').skip(1));
                cells.map(visible).collect()
            };
            let ids: BTreeSet<String> = cells("| **Claude API ID**").into_iter().collect();
            let reading = read(&shipped("anthropic.overview"), &bytes)
                .unwrap_or_else(|e| panic!("{name}: {e}"));
            let found: BTreeSet<String> = reading
                .entries
                .iter()
                .map(|e| e.subject.native_id.to_string())
                .collect();
            assert_eq!(found, ids, "{name}");
            let lines = claims(&reading);
            for attribute in ["price.input", "price.output"] {
                assert_eq!(
                    count(&lines, &format!(" {attribute} = ")),
                    ids.len(),
                    "{name} {attribute}"
                );
            }
            // two limits in one cell, of which the second is a beta
            let limits = [cells("| **Context window**"), cells("| **Max output**")].concat();
            let twice = limits.iter();
            let twice = twice
                .filter(|cell| cell.contains("tokens / ") || cell.contains("(or "))
                .count();
            assert_eq!(
                notes(&reading).len(),
                twice,
                "{name}: {:?}",
                notes(&reading)
            );
            let limits = count(&lines, " limit.context = ") + count(&lines, " limit.output = ");
            assert_eq!(limits + twice, 2 * ids.len(), "{name}");
            read_pages += 1;
        }
    }
    assert_eq!(read_pages, 22);
}

#[test]
fn anthropics_release_notes_have_every_item() {
    let Some(files) = bodies("seq/anthropic-release-notes-md") else {
        return;
    };
    let probe = shipped("anthropic.release-notes");
    let (mut before, mut rewritten): (BTreeSet<String>, usize) = (BTreeSet::new(), 0);
    for (name, bytes) in files {
        let page = text(&bytes);
        let below = page.split_once("\n### ").expect("a day").1;
        let items = below.lines().filter(|line| line.starts_with("- ")).count();
        let reading = read(&probe, &bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
        let keys: BTreeSet<String> = reading
            .entries
            .iter()
            .map(|e| e.subject.native_id.to_string())
            .collect();
        // one announcement is a sentence without a bullet
        assert_eq!(keys.len(), items + 1, "{name}");
        assert_eq!(
            count(&claims(&reading), " date.launch = "),
            keys.len(),
            "{name}"
        );
        assert_eq!(notes(&reading), Vec::<String>::new(), "{name}");
        let latest = before
            .iter()
            .map(|key| key[..10].to_string())
            .max()
            .unwrap_or_default();
        rewritten += keys
            .difference(&before)
            .filter(|key| key[..10] < *latest)
            .count();
        before = keys;
    }
    // of 28 days' edits, so few look like an announcement that came late
    assert!(rewritten <= 4, "{rewritten}");
}

#[test]
fn openais_price_list_has_a_pane_a_tier_and_bands_of_context() {
    let pane = |tier: &str, rows: &str| {
        format!(
            "<div data-content-switcher-pane data-value=\"{tier}\">\n<TextTokenPricingTables\n  client:load\n  tier=\"{tier}\"\n  rows={{[\n{rows}\n  ]}}\n/>\n</div>\n\n"
        )
    };
    let page = [
        "# Pricing\n\n## Text tokens\n\n".to_string(),
        pane(
            "standard",
            "    [\"gpt-9-sol\", 4, 0.4, 5, 20],\n    [\"gpt-9-sol (>272K context length)\", 8, 0.8, 10, 30],\n    [\"gpt-8 (<272K context length)\", 5, 0.5, 30],\n    [\"gpt-8-pro\", 30, null, 180],",
        ),
        pane(
            "batch",
            "    [\"gpt-9-sol\", 2, 0.2, 2.5, 10],\n    [\"gpt-8-pro\", 15, \"-\", 90],",
        ),
        pane("flex", "    [\"gpt-9-sol\", 2, 0.2, 2.5, 10],"),
        pane("priority", "    [\"gpt-9-sol\", 8, 0.8, 10, 40],"),
        pane("ultrafast", "    [\"gpt-9-sol\", 24, 2.4, 30, 120],"),
    ];
    let reading = read(&shipped("openai.pricing"), page.concat().as_bytes()).expect("a reading");
    insta::assert_snapshot!(claims(&reading).join("\n"), @"
    openai gpt-8 price.cache_read = $0.5 / 1M tokens
    openai gpt-8 price.input = $5 / 1M tokens
    openai gpt-8 price.output = $30 / 1M tokens
    openai gpt-8-pro price.input = $30 / 1M tokens
    openai gpt-8-pro price.input.batch = $15 / 1M tokens
    openai gpt-8-pro price.output = $180 / 1M tokens
    openai gpt-8-pro price.output.batch = $90 / 1M tokens
    openai gpt-9-sol price.cache_read = $0.4 / 1M tokens
    openai gpt-9-sol price.cache_read.batch = $0.2 / 1M tokens
    openai gpt-9-sol price.cache_read.flex = $0.2 / 1M tokens
    openai gpt-9-sol price.cache_read.over_272000 = $0.8 / 1M tokens
    openai gpt-9-sol price.cache_read.priority = $0.8 / 1M tokens
    openai gpt-9-sol price.cache_read.ultrafast = $2.4 / 1M tokens
    openai gpt-9-sol price.cache_write = $5 / 1M tokens
    openai gpt-9-sol price.cache_write.batch = $2.5 / 1M tokens
    openai gpt-9-sol price.cache_write.flex = $2.5 / 1M tokens
    openai gpt-9-sol price.cache_write.over_272000 = $10 / 1M tokens
    openai gpt-9-sol price.cache_write.priority = $10 / 1M tokens
    openai gpt-9-sol price.cache_write.ultrafast = $30 / 1M tokens
    openai gpt-9-sol price.input = $4 / 1M tokens
    openai gpt-9-sol price.input.batch = $2 / 1M tokens
    openai gpt-9-sol price.input.flex = $2 / 1M tokens
    openai gpt-9-sol price.input.over_272000 = $8 / 1M tokens
    openai gpt-9-sol price.input.priority = $8 / 1M tokens
    openai gpt-9-sol price.input.ultrafast = $24 / 1M tokens
    openai gpt-9-sol price.output = $20 / 1M tokens
    openai gpt-9-sol price.output.batch = $10 / 1M tokens
    openai gpt-9-sol price.output.flex = $10 / 1M tokens
    openai gpt-9-sol price.output.over_272000 = $30 / 1M tokens
    openai gpt-9-sol price.output.priority = $40 / 1M tokens
    openai gpt-9-sol price.output.ultrafast = $120 / 1M tokens
    ");
    assert_eq!(notes(&reading), Vec::<String>::new());
}

#[test]
fn openais_changelog_is_read_by_its_days() {
    let page = "# Changelog\n\n> The latest features and updates to the OpenAI API.\n\n## July, 2026\n\n### Jul 9\n\nFeature \u{b7} Model: gpt-9-sol \u{b7} API: v1/responses\n\n\
                Released the GPT-9 family. More.\n\n### Jul 9\n\nUpdate\n\nRaised limits.\n\n## June, 2026\n\n### Jun 1\n\nFeature \u{b7} Model: gpt-8\n\nOpenAI models are now available in Amazon Bedrock.\n\n\
                ## May, 2026\n\n### May 12\n\nUpdate\n\nDeprecated dall-e-2.\n\n### May 4\n\nUpdate\n\nAdmin APIs.\n";
    let reading = read(&shipped("openai.changelog"), page.as_bytes()).expect("a reading");
    let lines = claims(&reading);
    assert_eq!(count(&lines, " name = "), 5);
    expect(
        &lines,
        &[
            "openai 2026-06-01 Feature \u{b7} Model: gpt-8 OpenAI models are now available in Amazon Bedrock date.launch = 2026-06-01",
        ],
    );
}

#[test]
fn anthropics_models_state_their_efforts_tools_and_lines() {
    let body = br#"{"data":[{"type":"model","id":"claude-ode-9","display_name":"Claude Ode 9","created_at":"2026-09-28T00:00:00Z","lifecycle":"retired",
        "deprecated_at":"2027-01-01T00:00:00Z","retires_at":"2027-03-01T00:00:00Z","line":"ode","max_input_tokens":1000000,"max_tokens":128000,
        "capabilities":{"batch":{"supported":true},"effort":{"supported":true,"low":{"supported":true},"xhigh":{"supported":false}},
         "context_management":{"supported":true,"compact_20260112":{"supported":true}},"server_tools":{"supported":true,"web_search":{"supported":true}},
         "thinking":{"supported":true,"types":{"adaptive":{"supported":true}}}}}],"has_more":false,"first_id":"claude-ode-9","last_id":"claude-ode-9"}"#;
    let reading = read(&shipped("anthropic.models"), body).expect("a reading");
    insta::assert_snapshot!(claims(&reading).join("\n"), @"
    anthropic claude-ode-9 capability.batch = yes
    anthropic claude-ode-9 capability.context_compact_20260112 = yes
    anthropic claude-ode-9 capability.context_management = yes
    anthropic claude-ode-9 capability.effort = yes
    anthropic claude-ode-9 capability.effort_low = yes
    anthropic claude-ode-9 capability.effort_xhigh = no
    anthropic claude-ode-9 capability.line = ode
    anthropic claude-ode-9 capability.server_tools = yes
    anthropic claude-ode-9 capability.server_web_search = yes
    anthropic claude-ode-9 capability.thinking = yes
    anthropic claude-ode-9 capability.thinking_adaptive = yes
    anthropic claude-ode-9 date.deprecated = 2027-01-01
    anthropic claude-ode-9 date.launch = 2026-09-28
    anthropic claude-ode-9 date.retires = 2027-03-01
    anthropic claude-ode-9 interface = stateless
    anthropic claude-ode-9 limit.context = 1000000
    anthropic claude-ode-9 limit.output = 128000
    anthropic claude-ode-9 name = Claude Ode 9
    anthropic claude-ode-9 stage = retired
    ");
    assert_eq!(notes(&reading), Vec::<String>::new());
}

#[test]
fn general_availability_of_managed_agents_is_news() {
    let world = crate::world::World::new("");
    let page = |title: &str| {
        format!("# Amazon Bedrock Managed Agents, powered by OpenAI{title}\n\nRun agents.\n")
    };
    for (day, title) in [("01", " (preview)"), ("02", ""), ("03", "")] {
        world.write(&format!("pages/2026-12-{day}.md"), &page(title));
    }
    let folder = world.path("pages");
    let folder = folder.to_str().expect("a path");
    world.good(&["import", "--probe", "bedrock.managed-agents", folder]);
    let changes = world.changes(false);
    assert_eq!(changes.len(), 1, "{changes:?}");
    let change = &changes[0];
    assert_eq!(
        [
            &change["kind"],
            &change["native_id"],
            &change["old"],
            &change["new"],
            &change["direction"]
        ],
        [
            "stage_changed",
            "bedrock-managed-agents-openai",
            "preview",
            "ga",
            "towards_ga"
        ]
    );
    let facts = world.good(&["--format", "jsonl", "offerings", "--interface", "stateful"]);
    assert_eq!(facts.lines().count(), 3, "{facts}");
}
