//! Labs that sell their own models, and Groq: their true shapes, and their recorded bodies counted apart from the readers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::reading::{bodies, claims, count, expect, ids, notes, parsed, read, rows, shipped};

fn text<'a>(row: &'a Json, field: &str) -> &'a str {
    row[field].as_str().unwrap_or("")
}

#[test]
fn mistral_names_a_model_once_and_its_aliases_beside_it() {
    let Some(files) = bodies("seq/mistral-v1-models") else {
        return;
    };
    let probe = shipped("mistral.models");
    for (path, bytes) in files {
        let json = parsed(&bytes);
        let mut named: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for row in rows(&json["data"]) {
            let aliases = rows(&row["aliases"]).iter().filter_map(Json::as_str);
            if row["name"].is_null() || text(row, "id") == text(row, "name") {
                named.insert(text(row, "id"), aliases.collect());
            }
        }
        // every name is also an id: nothing is lost
        for row in rows(&json["data"]) {
            let name = row["name"].as_str();
            assert!(name.is_none_or(|name| named.contains_key(name)), "{path}");
        }
        let reading = read(&probe, &bytes).expect("a reading");
        let listed: BTreeSet<String> = named.keys().map(ToString::to_string).collect();
        assert_eq!(ids(&reading), listed, "{}", path);
        let lines = claims(&reading);
        assert_eq!(count(&lines, " limit.context = "), named.len());
        for (name, aliases) in &named {
            if !aliases.is_empty() {
                let aliases: Vec<&str> = aliases.iter().copied().collect();
                let line = format!("mistral {name} capability.alias = {}", aliases.join(", "));
                assert!(lines.contains(&line), "{}: {line}", path);
            }
        }
        assert_eq!(count(&lines, " date.launch = "), 0, "{}", path);
        assert_eq!(notes(&reading), Vec::<String>::new(), "{}", path);
    }
}

#[test]
fn mistral_says_when_a_model_ends_and_what_takes_its_place() {
    let body = br#"{"object":"list","data":[{"id":"mistral-medium-2508","object":"model","created":1755000000,"owned_by":"mistralai",
        "name":"mistral-medium-2508","max_context_length":131072,"aliases":["mistral-medium"],"deprecation":"2026-08-31T12:00:00Z",
        "deprecation_replacement_model":"mistral-medium-2604","type":"base","capabilities":{"completion_chat":true,"vision":false}},
        {"id":"mistral-medium","name":"mistral-medium-2508","aliases":["mistral-medium-2508"],"capabilities":{}},
        {"id":"zai-glm-5-3","name":"GLM 5.3","aliases":null,"deprecation":null,"capabilities":{"reasoning":true}},
        {"id":"ft:open-mistral-7b:me:1","name":null,"type":"fine-tuned","job":"j","root":"open-mistral-7b"}]}"#;
    let reading = read(&shipped("mistral.models"), body).expect("a reading");
    insta::assert_snapshot!(claims(&reading).join("\n"), @"
    mistral mistral-medium-2508 capability.alias = mistral-medium
    mistral mistral-medium-2508 capability.completion_chat = yes
    mistral mistral-medium-2508 capability.vision = no
    mistral mistral-medium-2508 date.retires = 2026-08-31T12:00:00Z
    mistral mistral-medium-2508 interface = stateless
    mistral mistral-medium-2508 limit.context = 131072
    mistral mistral-medium-2508 replacement = mistral-medium-2604
    mistral zai-glm-5-3 capability.reasoning = yes
    mistral zai-glm-5-3 interface = stateless
    ");
    assert_eq!(notes(&reading), Vec::<String>::new());
}

/// The body rows of pipe tables under a header that has all of `header`, as trimmed cells without code marks.
fn pipe_rows(page: &str, header: &[&str]) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let (mut counts, mut in_table) = (false, false);
    for line in page.lines().map(str::trim) {
        if !line.starts_with('|') {
            in_table = false;
            continue;
        }
        let cells: Vec<String> = line
            .trim_matches('|')
            .split('|')
            .map(|cell| cell.trim().replace(['`', '*'], ""))
            .collect();
        let is_rule = |cell: &String| cell.trim_matches(['-', ':', ' ']).is_empty();
        if !in_table {
            in_table = true;
            let names: Vec<String> = cells.iter().map(|cell| cell.to_lowercase()).collect();
            counts = header.iter().all(|name| names.iter().any(|n| n == name));
        } else if counts && !cells.iter().all(is_rule) {
            rows.push(cells);
        }
    }
    rows
}

fn page(name: &str) -> Option<String> {
    crate::reading::page("single/provider-pages-md-2026-08", name)
}

#[test]
fn mistral_lists_what_is_deprecated_in_american_dates() {
    let Some(page) = page("mistral--models.md") else {
        return;
    };
    let table = pipe_rows(&page, &["api", "deprecation", "retirement"]);
    assert_eq!(table.len(), 45);
    let named: BTreeSet<String> = table
        .iter()
        .map(|row| row[2].clone())
        .filter(|id| !id.is_empty())
        .collect();
    let reading = read(&shipped("mistral.deprecations"), page.as_bytes()).expect("a reading");
    assert_eq!(ids(&reading), named);
    let lines = claims(&reading);
    assert_eq!(count(&lines, " date.retires = "), named.len());
    assert_eq!(count(&lines, " date.deprecated = "), named.len());
    assert_eq!(notes(&reading), Vec::<String>::new());
    expect(
        &lines,
        &[
            "mistral mistral-medium-2508 date.deprecated = 2026-05-22",
            "mistral mistral-medium-2508 date.retires = 2026-08-31",
            "mistral mistral-medium-2508 replacement = Mistral Medium 3.5",
            "mistral open-codestral-mamba date.retires = 2025-06-06",
        ],
    );
}

#[test]
fn cohere_lists_what_can_be_called() {
    let Some(files) = bodies("seq/cohere-v1-models") else {
        return;
    };
    let probe = shipped("cohere.models");
    for (path, bytes) in files {
        let json = parsed(&bytes);
        let models = rows(&json["models"]);
        let listed: BTreeSet<String> = models.iter().map(|row| text(row, "name").into()).collect();
        let reading = read(&probe, &bytes).expect("a reading");
        assert_eq!(ids(&reading), listed, "{}", path);
        let lines = claims(&reading);
        let sized = models
            .iter()
            .filter(|row| row["context_length"].as_f64() > Some(0.0));
        assert_eq!(count(&lines, " limit.context = "), sized.count());
        assert_eq!(count(&lines, " stage = "), 0, "no row has the flag");
        assert_eq!(notes(&reading), Vec::<String>::new(), "{}", path);
    }
    let body = br#"{"models":[{"name":"command-a-03-2025","is_deprecated":false,"endpoints":["chat"],"finetuned":false,"context_length":288000.0,
        "features":null},{"name":"command-r","is_deprecated":true,"endpoints":[],"finetuned":false,"context_length":0.0},
        {"name":"mine","finetuned":true,"context_length":4096}],"next_page_token":"S_"}"#;
    let reading = read(&probe, body).expect("a reading");
    insta::assert_snapshot!(claims(&reading).join("\n"), @"
    cohere command-a-03-2025 capability.endpoints = chat
    cohere command-a-03-2025 interface = stateless
    cohere command-a-03-2025 limit.context = 288000
    cohere command-r capability.endpoints = none
    cohere command-r interface = stateless
    cohere command-r stage = deprecated
    ");
}

#[test]
fn cohere_says_on_its_pages_what_lives_and_what_ends() {
    let (Some(models), Some(history)) =
        (page("cohere--models.md"), page("cohere--deprecations.md"))
    else {
        return;
    };
    let reading = read(&shipped("cohere.model-page"), models.as_bytes()).expect("a reading");
    let stated = pipe_rows(&models, &["model name", "status"]);
    let others = pipe_rows(&models, &["model name", "description", "context length"]);
    let named: BTreeSet<String> = stated
        .iter()
        .chain(&others)
        .map(|row| row[0].clone())
        .collect();
    assert_eq!(ids(&reading), named);
    let lines = claims(&reading);
    let of_status = |word: &str| stated.iter().filter(|row| row[1].starts_with(word)).count();
    assert_eq!(count(&lines, " stage = ga"), of_status("Live"));
    assert_eq!(
        count(&lines, " stage = deprecated"),
        of_status("Deprecated")
    );
    assert_eq!(count(&lines, " date.deprecated = 2025-09-15"), 6);
    assert_eq!(count(&lines, " stage = retired"), of_status("Retired"));
    assert_eq!(count(&lines, " date.retires = 2026-04-04"), 2);
    assert_eq!(notes(&reading), Vec::<String>::new());

    let reading = read(&shipped("cohere.deprecations"), history.as_bytes()).expect("a reading");
    insta::assert_snapshot!(claims(&reading).join("\n"), @"
    cohere c4ai-aya-expanse-8b date.retires = 2026-04-04
    cohere c4ai-aya-vision-8b date.retires = 2026-04-04
    cohere command date.deprecated = 2025-09-15
    cohere command stage = deprecated
    cohere command-light date.deprecated = 2025-09-15
    cohere command-light stage = deprecated
    cohere command-r date.deprecated = 2025-09-15
    cohere command-r stage = deprecated
    cohere command-r-03-2024 date.deprecated = 2025-09-15
    cohere command-r-03-2024 stage = deprecated
    cohere command-r-plus date.deprecated = 2025-09-15
    cohere command-r-plus stage = deprecated
    cohere command-r-plus-04-2024 date.deprecated = 2025-09-15
    cohere command-r-plus-04-2024 stage = deprecated
    cohere embed-english-light-v2.0 date.retires = 2026-04-04
    cohere embed-english-v2.0 date.retires = 2026-04-04
    cohere embed-multilingual-v2.0 date.retires = 2026-04-04
    cohere rerank-english-v2.0 date.deprecated = 2024-12-02
    cohere rerank-english-v2.0 date.retires = 2025-04-30
    cohere rerank-english-v2.0 replacement = rerank-v3.5
    cohere rerank-english-v2.0 stage = deprecated
    cohere rerank-multilingual-v2.0 date.deprecated = 2024-12-02
    cohere rerank-multilingual-v2.0 date.retires = 2025-04-30
    cohere rerank-multilingual-v2.0 replacement = rerank-v3.5
    cohere rerank-multilingual-v2.0 stage = deprecated
    ");
    assert_eq!(notes(&reading), Vec::<String>::new());
    let news = read(&shipped("cohere.announcements"), history.as_bytes()).expect("a reading");
    assert_eq!(news.entries.len(), history.matches("\n### 20").count());
}

#[test]
fn xai_lists_its_models_and_prices_them_in_cents() {
    let Some(files) = bodies("seq/xai-v1-models") else {
        return;
    };
    let probe = shipped("xai.models");
    for (path, bytes) in files {
        let json = parsed(&bytes);
        let listed: BTreeSet<String> = rows(&json["data"])
            .iter()
            .map(|row| text(row, "id").into())
            .collect();
        let reading = read(&probe, &bytes).expect("a reading");
        assert_eq!(ids(&reading), listed, "{}", path);
        assert_eq!(count(&claims(&reading), " date.launch = "), listed.len());
        assert_eq!(notes(&reading), Vec::<String>::new(), "{}", path);
    }
    let body = br#"{"models":[{"id":"grok-4.7","fingerprint":"fp","created":1791763200,"object":"model","owned_by":"xai","version":"1.0",
        "input_modalities":["text","image"],"output_modalities":["text"],"prompt_text_token_price":20000,"cached_prompt_text_token_price":5000,
        "prompt_image_token_price":0,"completion_text_token_price":60000,"search_price":25000,"prompt_text_token_price_long_context":40000,
        "completion_text_token_price_long_context":120000,"aliases":["grok-latest"]}]}"#;
    let reading = read(&shipped("xai.language-models"), body).expect("a reading");
    insta::assert_snapshot!(claims(&reading).join("\n"), @"
    xai grok-4.7 capability.alias = grok-latest
    xai grok-4.7 date.launch = 2026-10-12
    xai grok-4.7 interface = stateless
    xai grok-4.7 modality.input = image, text
    xai grok-4.7 modality.output = text
    xai grok-4.7 price.cache_read = $0.5 / 1M tokens
    xai grok-4.7 price.input = $2 / 1M tokens
    xai grok-4.7 price.input.over_200000 = $4 / 1M tokens
    xai grok-4.7 price.output = $6 / 1M tokens
    xai grok-4.7 price.output.over_200000 = $12 / 1M tokens
    ");
}

#[test]
fn xai_retires_models_on_a_day_that_the_title_names() {
    let Some(page) = page("xai--may-15-retirement.md") else {
        return;
    };
    let reading = read(&shipped("xai.retirements"), page.as_bytes()).expect("a reading");
    let table = pipe_rows(
        &page,
        &["model being retired", "redirect target after may 15"],
    );
    let named: BTreeSet<String> = table.iter().map(|row| row[0].clone()).collect();
    assert_eq!((ids(&reading), named.len()), (named.clone(), 8));
    let lines = claims(&reading);
    assert_eq!(count(&lines, " date.retires = 2026-05-15"), 8);
    assert_eq!(count(&lines, " replacement = grok-4.3 with "), 6);
    assert_eq!(notes(&reading), Vec::<String>::new());
}

#[test]
fn xai_prices_stand_in_tables_of_either_form() {
    let older = "# Models and Pricing\n\n| Model | Context | Input / 1M tokens | Cached input / 1M tokens | Output / 1M tokens |\n|---|---|---|---|---|\n\
        | `grok-4.3` | 1,000,000 | $1.25 | $0.31 | $2.50 |\n";
    let newer = "| Model | Context | Short context Input | Short context Cached | Short context Output | Long context Input | Long context Cached | Long context Output |\n\
        |---|---|---|---|---|---|---|---|\n| grok-4.7 | 2M | $2.00 | $0.50 | $6.00 | $4.00 | $1.00 | $12.00 |\n";
    let probe = shipped("xai.pricing");
    let both = [older, newer].map(|page| {
        let reading = read(&probe, page.as_bytes()).expect("a reading");
        assert_eq!(notes(&reading), Vec::<String>::new());
        claims(&reading).join("\n")
    });
    insta::assert_snapshot!(both.join("\n"), @"
    xai grok-4.3 limit.context = 1000000
    xai grok-4.3 price.cache_read = $0.31 / 1M tokens
    xai grok-4.3 price.input = $1.25 / 1M tokens
    xai grok-4.3 price.output = $2.5 / 1M tokens
    xai grok-4.7 limit.context = 2000000
    xai grok-4.7 price.cache_read = $0.5 / 1M tokens
    xai grok-4.7 price.cache_read.over_200000 = $1 / 1M tokens
    xai grok-4.7 price.input = $2 / 1M tokens
    xai grok-4.7 price.input.over_200000 = $4 / 1M tokens
    xai grok-4.7 price.output = $6 / 1M tokens
    xai grok-4.7 price.output.over_200000 = $12 / 1M tokens
    ");
}

#[test]
fn deepseek_prices_a_column_a_model_by_hours() {
    let page = "<!doctype html><html><body><table><tr><td colspan=\"3\">MODEL</td><td>deepseek-v4-flash<sup>(1)</sup></td><td>deepseek-v4-pro</td></tr>\
        <tr><td colspan=\"3\">BASE URL</td><td colspan=\"2\">https://api.deepseek.com</td></tr>\
        <tr><td colspan=\"3\">MODEL VERSION</td><td>DeepSeek-V4-Flash-0731</td><td>DeepSeek-V4-Pro-0813</td></tr>\
        <tr><td colspan=\"3\">CONTEXT LENGTH</td><td colspan=\"2\">1M</td></tr>\
        <tr><td colspan=\"3\">MAX OUTPUT</td><td colspan=\"2\">MAXIMUM: 384K</td></tr>\
        <tr><td rowspan=\"2\" colspan=\"2\">FEATURES</td><td>Json Output</td><td>\u{2713}</td><td>\u{2713}</td></tr>\
        <tr><td>Tool Calls</td><td>\u{2713}</td><td>\u{2713}</td></tr>\
        <tr><td rowspan=\"6\">PRICING</td><td rowspan=\"2\">1M INPUT TOKENS (CACHE HIT)</td><td>OFF-PEAK</td><td>$0.003</td><td>$0.022</td></tr>\
        <tr><td>PEAK</td><td>$0.006</td><td>$0.044</td></tr>\
        <tr><td rowspan=\"2\">1M INPUT TOKENS (CACHE MISS)</td><td>OFF-PEAK</td><td>$0.15</td><td>$0.66</td></tr>\
        <tr><td>PEAK</td><td>$0.3</td><td>$1.32</td></tr>\
        <tr><td rowspan=\"2\">1M OUTPUT TOKENS</td><td>OFF-PEAK</td><td>$0.6</td><td>$1.98</td></tr>\
        <tr><td>PEAK</td><td>$1.2</td><td>$3.96</td></tr></table></body></html>";
    let probe = shipped("deepseek.pricing");
    let reading = read(&probe, page.as_bytes()).expect("a reading");
    insta::assert_snapshot!(claims(&reading).join("\n"), @"
    deepseek deepseek-v4-flash capability.version = DeepSeek-V4-Flash-0731
    deepseek deepseek-v4-flash limit.context = 1000000
    deepseek deepseek-v4-flash limit.output = 384000
    deepseek deepseek-v4-flash price.cache_read = $0.006 / 1M tokens
    deepseek deepseek-v4-flash price.cache_read.off_peak = $0.003 / 1M tokens
    deepseek deepseek-v4-flash price.input = $0.3 / 1M tokens
    deepseek deepseek-v4-flash price.input.off_peak = $0.15 / 1M tokens
    deepseek deepseek-v4-flash price.output = $1.2 / 1M tokens
    deepseek deepseek-v4-flash price.output.off_peak = $0.6 / 1M tokens
    deepseek deepseek-v4-pro capability.version = DeepSeek-V4-Pro-0813
    deepseek deepseek-v4-pro limit.context = 1000000
    deepseek deepseek-v4-pro limit.output = 384000
    deepseek deepseek-v4-pro price.cache_read = $0.044 / 1M tokens
    deepseek deepseek-v4-pro price.cache_read.off_peak = $0.022 / 1M tokens
    deepseek deepseek-v4-pro price.input = $1.32 / 1M tokens
    deepseek deepseek-v4-pro price.input.off_peak = $0.66 / 1M tokens
    deepseek deepseek-v4-pro price.output = $3.96 / 1M tokens
    deepseek deepseek-v4-pro price.output.off_peak = $1.98 / 1M tokens
    ");
    assert_eq!(notes(&reading), Vec::<String>::new());
    let older = "<!doctype html><html><table><tr><td colspan=\"2\">MODEL</td><td>deepseek-chat</td><td>deepseek-reasoner</td></tr>\
        <tr><td colspan=\"2\">BASE URL</td><td colspan=\"2\">https://api.deepseek.com</td></tr>\
        <tr><td rowspan=\"3\">PRICING</td><td>1M INPUT TOKENS (CACHE HIT)</td><td colspan=\"2\">$0.028</td></tr>\
        <tr><td>1M INPUT TOKENS (CACHE MISS)</td><td colspan=\"2\">$0.28</td></tr>\
        <tr><td>1M OUTPUT TOKENS</td><td colspan=\"2\">$0.42</td></tr></table></html>";
    let reading = read(&probe, older.as_bytes()).expect("a reading");
    insta::assert_snapshot!(claims(&reading).join("\n"), @"
    deepseek deepseek-chat price.cache_read = $0.028 / 1M tokens
    deepseek deepseek-chat price.input = $0.28 / 1M tokens
    deepseek deepseek-chat price.output = $0.42 / 1M tokens
    deepseek deepseek-reasoner price.cache_read = $0.028 / 1M tokens
    deepseek deepseek-reasoner price.input = $0.28 / 1M tokens
    deepseek deepseek-reasoner price.output = $0.42 / 1M tokens
    ");
    assert_eq!(notes(&reading), Vec::<String>::new());
}

#[test]
fn deepseek_lists_few_models_and_announces_by_day() {
    let Some(files) = bodies("single/deepseek-models") else {
        return;
    };
    for (_, bytes) in files {
        let reading = read(&shipped("deepseek.models"), &bytes).expect("a reading");
        let expected = ["deepseek-chat", "deepseek-reasoner"].map(str::to_string);
        assert_eq!(ids(&reading), BTreeSet::from(expected));
        assert_eq!(notes(&reading), Vec::<String>::new());
    }
    let page = page("deepseek--updates.md").expect("the page");
    let reading = read(&shipped("deepseek.updates"), page.as_bytes()).expect("a reading");
    // each day has one heading of its own, or several
    let headings = page.lines().filter(|line| line.starts_with("### "));
    assert_eq!(reading.entries.len(), headings.count());
    let lines = claims(&reading);
    let days = page
        .lines()
        .filter(|line| line.starts_with("## Date: "))
        .count();
    let launched: BTreeSet<&str> = lines
        .iter()
        .filter_map(|line| line.split_once(" date.launch = ").map(|(_, day)| day))
        .collect();
    assert_eq!(launched.len(), days);
    expect(
        &lines,
        &[
            "deepseek 2026-08-21 DeepSeek-V4-Flash-Vision-Exp Release name = DeepSeek-V4-Flash-Vision-Exp Release",
            "deepseek 2025-12-01 DeepSeek-V3.2-Speciale date.launch = 2025-12-01",
        ],
    );
}

#[test]
fn deepseek_states_only_what_is_open() {
    let body = br#"{"schema_version":"1","generated_at":"2026-11-20T10:00:00Z","poll_after_seconds":30,"max_stale_seconds":120,"page":{"id":"p"},
        "overall":{"status":"degraded"},"ongoing_incidents":[{"id":"i1","title":"API errors","phase":"investigating","impact":"degraded",
        "started_at":"2026-11-20T09:50:00Z","updated_at":"2026-11-20T09:58:00Z","url":"https://status.deepseek.com/i1",
        "last_update":{"at":"2026-11-20T09:58:00Z","message":"We look."},"affected_components":[{"id":"c1","name":"API","group_name":null,"status":"degraded"}]}],
        "in_progress_maintenances":[{"id":"m1","title":"Move","phase":"in_progress","started_at":"2026-11-20T08:00:00Z","affected_components":[]}],
        "scheduled_maintenances":[]}"#;
    let probe = shipped("deepseek.status");
    let reading = read(&probe, body).expect("a reading");
    assert!(reading.complete);
    insta::assert_snapshot!(claims(&reading).join("\n"), @"
    deepseek i1 date.launch = 2026-11-20T09:50:00Z
    deepseek i1 impact = degraded
    deepseek i1 link = https://status.deepseek.com/i1
    deepseek i1 name = API errors
    deepseek i1 status = investigating
    deepseek i1 text = We look.
    deepseek i1 topics = API
    deepseek m1 date.launch = 2026-11-20T08:00:00Z
    deepseek m1 name = Move
    deepseek m1 status = in_progress
    deepseek m1 topics = none
    ");
    assert_eq!(notes(&reading), Vec::<String>::new());
    let calm =
        br#"{"ongoing_incidents":[],"in_progress_maintenances":[],"scheduled_maintenances":[]}"#;
    assert_eq!(read(&probe, calm).expect("a reading").entries.len(), 0);
    assert!(read(&probe, br#"{"error":"widget_summary_unavailable"}"#).is_err());
}

#[test]
fn groq_says_on_its_pages_what_ends_and_what_it_costs() {
    let Some(history) = page("groq--deprecations.md") else {
        return;
    };
    let reading = read(&shipped("groq.deprecations"), history.as_bytes()).expect("a reading");
    let table = [
        pipe_rows(&history, &["deprecated model", "shutdown date"]),
        pipe_rows(&history, &["model id", "shutdown date"]),
    ]
    .concat();
    let named: BTreeSet<String> = table.iter().map(|row| row[0].clone()).collect();
    assert_eq!((table.len(), named.len()), (37, 36));
    assert_eq!(ids(&reading), named);
    let lines = claims(&reading);
    assert_eq!(count(&lines, " date.retires = "), named.len());
    assert_eq!(count(&lines, " replacement = "), named.len());
    assert_eq!(notes(&reading), Vec::<String>::new());
    expect(
        &lines,
        &[
            "groq llama-3.3-70b-versatile date.retires = 2026-08-16",
            "groq llama3-groq-8b-8192-tool-use-preview date.retires = 2025-01-06",
            // announced twice
            "groq deepseek-r1-distill-llama-70b-specdec date.retires = 2025-04-14",
        ],
    );
    let models = "## [Featured Models](#featured-models)\n\n## [Production Models](#production-models)\n\n\
        | MODEL ID | SPEED (T/SEC) | PRICE PER 1M TOKENS | RATE LIMITS (DEVELOPER PLAN) | CONTEXT WINDOW (TOKENS) | MAX COMPLETION TOKENS | MAX FILE SIZE |\n\
        | --- | --- | --- | --- | --- | --- | --- |\n\
        | [![OpenAI](https://console.groq.com/l.svg)GPT OSS 120B](/docs/model/openai/gpt-oss-120b)openai/gpt-oss-120b | 500 | $0.15 input$0.60 output | 250K TPM1K RPM | 131,072 | 65,536 | \\- |\n\
        | [![OpenAI](https://console.groq.com/l.svg)Whisper](/docs/model/whisper-large-v3)whisper-large-v3 | \\- | $0.111 per hour | 200K ASH | \\- | \\- | 100 MB |\n\
        | [![Meta](https://console.groq.com/m.png)Llama 3.3 70B](/docs/model/llama-3.3-70b-versatile)Enterprisellama-3.3-70b-versatile | 280 | ContactSales | ContactSales | 131,072 | 32,768 | \\- |\n\n\
        ## [Preview Models](#preview-models)\n\n\
        | MODEL ID | SPEED (T/SEC) | PRICE PER 1M TOKENS | RATE LIMITS (DEVELOPER PLAN) | CONTEXT WINDOW (TOKENS) | MAX COMPLETION TOKENS | MAX FILE SIZE |\n\
        | --- | --- | --- | --- | --- | --- | --- |\n\
        | [![Qwen](https://console.groq.com/q.png)Qwen3.8 27B](/docs/model/qwen/qwen3.8-27b)qwen/qwen3.8-27b | 450 | $0.80 input$4.00 output | 250K TPM | 131,072 | 16,384 | 20 MB |\n";
    let reading = read(&shipped("groq.model-page"), models.as_bytes()).expect("a reading");
    insta::assert_snapshot!(claims(&reading).join("\n"), @"
    groq llama-3.3-70b-versatile interface = stateless
    groq llama-3.3-70b-versatile limit.context = 131072
    groq llama-3.3-70b-versatile limit.output = 32768
    groq llama-3.3-70b-versatile stage = ga
    groq openai/gpt-oss-120b interface = stateless
    groq openai/gpt-oss-120b limit.context = 131072
    groq openai/gpt-oss-120b limit.output = 65536
    groq openai/gpt-oss-120b price.input = $0.15 / 1M tokens
    groq openai/gpt-oss-120b price.output = $0.6 / 1M tokens
    groq openai/gpt-oss-120b stage = ga
    groq qwen/qwen3.8-27b interface = stateless
    groq qwen/qwen3.8-27b limit.context = 131072
    groq qwen/qwen3.8-27b limit.output = 16384
    groq qwen/qwen3.8-27b price.input = $0.8 / 1M tokens
    groq qwen/qwen3.8-27b price.output = $4 / 1M tokens
    groq qwen/qwen3.8-27b stage = preview
    groq whisper-large-v3 interface = stateless
    groq whisper-large-v3 price.input_audio = $0.111 / hour
    groq whisper-large-v3 stage = ga
    ");
    assert_eq!(notes(&reading), Vec::<String>::new());
}

#[test]
fn perplexity_resells_at_prices_a_million_tokens() {
    let Some(files) = bodies("single/perplexity-v1-models") else {
        return;
    };
    for (_, bytes) in files {
        let json = parsed(&bytes);
        let models = rows(&json["data"]);
        let reading = read(&shipped("perplexity.models"), &bytes).expect("a reading");
        let listed: BTreeSet<String> = models.iter().map(|row| text(row, "id").into()).collect();
        assert_eq!((ids(&reading), listed.len()), (listed.clone(), 39));
        let priced = |key: &str| {
            let has = |row: &&Json| row["pricing"][key].is_number();
            models.iter().filter(has).count()
        };
        let lines = claims(&reading);
        for key in ["input", "output", "cache_read", "cache_write"] {
            assert_eq!(count(&lines, &format!(" price.{key} = ")), priced(key));
        }
        expect(
            &lines,
            &["perplexity anthropic/claude-haiku-4-5 price.cache_write = $1.25 / 1M tokens"],
        );
        assert_eq!(notes(&reading), Vec::<String>::new());
    }
}

#[test]
fn lists_in_openais_shape_leave_out_what_cannot_be_called() {
    let body = br#"{"object":"list","data":[
        {"id":"openai/gpt-oss-120b","object":"model","created":1754408224,"owned_by":"OpenAI","active":true,"context_window":131072,"public_apps":null,"max_completion_tokens":65536},
        {"id":"whisper-large-v3","object":"model","created":0,"owned_by":"OpenAI","active":true,"context_window":448},
        {"id":"gone","object":"model","created":1,"owned_by":"x","active":false,"context_window":8192},
        {"id":"ft:mine","object":"model","created":1,"owned_by":"me","active":true}]}"#;
    let reading = read(&shipped("groq.models"), body).expect("a reading");
    insta::assert_snapshot!(claims(&reading).join("\n"), @"
    groq openai/gpt-oss-120b date.launch = 2025-08-05T15:37:04Z
    groq openai/gpt-oss-120b interface = stateless
    groq openai/gpt-oss-120b limit.context = 131072
    groq openai/gpt-oss-120b limit.output = 65536
    groq whisper-large-v3 interface = stateless
    groq whisper-large-v3 limit.context = 448
    ");
    assert_eq!(notes(&reading), Vec::<String>::new());
    let llama = shipped("llama.models");
    assert!(!llama.on, "nobody who did not ask for it");
    let body = br#"{"data":[{"id":"Llama-4-Maverick-17B-128E-Instruct-FP8","object":"model","created":1754408224,"owned_by":"Meta"}]}"#;
    let reading = read(&llama, body).expect("a reading");
    insta::assert_snapshot!(claims(&reading).join("\n"), @"
    llama Llama-4-Maverick-17B-128E-Instruct-FP8 date.launch = 2025-08-05T15:37:04Z
    llama Llama-4-Maverick-17B-128E-Instruct-FP8 interface = stateless
    ");
}

#[test]
fn xai_incidents_come_as_a_feed() {
    let feed = b"<?xml version='1.0'?><rss version='2.0'><channel><title>xAI status</title>\
        <item><title>[API (us-east-1)] Elevated errors</title><link>https://status.x.ai/i/1</link><guid isPermaLink='false'>i1</guid>\
        <description><![CDATA[<p><strong>Resolved</strong> - All is well.</p><p><strong>Investigating</strong> - We look.</p>]]></description>\
        <pubDate>Fri, 20 Nov 2026 10:00:00 GMT</pubDate></item>\
        <item><title>[Grok] Test Incident</title><guid>i2</guid><pubDate>Fri, 20 Nov 2026 11:00:00 GMT</pubDate></item></channel></rss>";
    let reading = read(&shipped("xai.status"), feed).expect("a reading");
    insta::assert_snapshot!(claims(&reading).join("\n"), @"
    xai i1 date.launch = 2026-11-20T10:00:00Z
    xai i1 link = https://status.x.ai/i/1
    xai i1 name = [API (us-east-1)] Elevated errors
    xai i1 text = Resolved - All is well. Investigating - We look.
    ");
    assert_eq!(notes(&reading), Vec::<String>::new());
}

#[test]
fn maintenance_that_is_planned_or_under_way_is_open() {
    let Some(files) = bodies("single/statuspage-scheduled-maintenances") else {
        return;
    };
    for (path, bytes) in files {
        let recorded = parsed(&bytes);
        let planned = rows(&recorded["scheduled_maintenances"]);
        assert!(!planned.is_empty(), "{path}");
        let summary = serde_json::json!({
            "page": recorded["page"],
            "components": [{"id": "c", "name": "API", "status": "operational"}],
            "scheduled_maintenances": planned,
        });
        let is_open = |row: &&Json| row["status"] != "completed";
        let open = planned.iter().filter(is_open).count();
        for id in ["cohere.status", "groq.status"] {
            let reading = read(&shipped(id), summary.to_string().as_bytes()).expect("a reading");
            assert_eq!(reading.entries.len(), open + 1, "{path}");
            assert_eq!(notes(&reading), Vec::<String>::new(), "{path}");
        }
    }
}

#[test]
fn an_error_is_never_a_list_without_models() {
    let Some(files) = bodies("errors") else {
        return;
    };
    let probes = [
        "cohere.models",
        "deepseek.models",
        "deepseek.status",
        "gemini.models",
        "gemini.skus",
        "groq.models",
        "llama.models",
        "mistral.models",
        "perplexity.models",
        "vertex.incidents",
        "vertex.models",
        "vertex.skus",
        "xai.language-models",
        "xai.models",
    ]
    .map(shipped);
    for (path, bytes) in files {
        for probe in &probes {
            let result = read(probe, &bytes);
            assert!(result.is_err(), "{} of {path}: {result:?}", probe.id);
        }
    }
}
