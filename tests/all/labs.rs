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
