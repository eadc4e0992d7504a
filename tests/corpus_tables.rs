//! The shipped table probes on recorded pages. The rows of each page are counted apart from the reader, line by line.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use bellwether::config::readers::table::mapping;
use bellwether::config::tree;
use bellwether::market::{Content, Failure, ProviderId, Reading, Region, Settled, Stage};
use bellwether::readers::convert::StageWords;
use bellwether::readers::table::{Mapping, read};
use bellwether::readers::{Body, Context};

struct Probe {
    provider: ProviderId,
    stages: StageWords,
    mapping: Mapping,
}

/// Reads the parts of a shipped probe file that its table reader needs.
fn probe(file: &str, name: &str) -> Probe {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("probes")
        .join(file);
    let text = fs::read_to_string(path).expect("a shipped probe file");
    let read = tree::walk(file, &text, |root| {
        let provider = root.text("provider")?;
        for key in ["kind", "endpoint", "inference"] {
            let _ = root.has(key);
        }
        let stages = root.text_map("stages").into_iter().map(|(word, stage)| {
            let stage = Stage::from_word(&stage).expect("a stage");
            (word, stage)
        });
        let stages = StageWords::new(stages);
        let mut found = None;
        for table in root.tables("probe") {
            if table.text("reader").as_deref() == Some("table") {
                let inner = table.table("table").expect("[probe.table]");
                let mapping = mapping(&inner);
                if table.text("name").as_deref() == Some(name) {
                    found = mapping;
                }
            }
        }
        Some(Probe {
            provider: ProviderId::new(provider),
            stages,
            mapping: found?,
        })
    });
    read.map_err(|problems| problems.to_string())
        .expect("a sound probe file")
}

impl Probe {
    fn read(&self, text: &str) -> Result<Reading, Failure> {
        let context = Context {
            provider: &self.provider,
            region: &Region::unstated(),
            stages: &self.stages,
            item: "",
            complete: true,
            settled: &Settled::default(),
        };
        let body = Body {
            bytes: text.as_bytes(),
            content_type: None,
        };
        read(&self.mapping, &body, &context)
    }
}

/// The recorded bodies, or `None` with a sentence where there are none.
#[expect(
    clippy::print_stderr,
    reason = "a skipped test says so, in the test's own output"
)]
fn corpus() -> Option<PathBuf> {
    let shared = std::env::var_os("BELLWETHER_SHARED");
    if shared.is_none() {
        eprintln!("skipped: BELLWETHER_SHARED does not say where the recorded bodies are");
    }
    shared.map(|shared| PathBuf::from(shared).join("corpus"))
}

fn bodies(folder: &Path) -> Vec<(String, String)> {
    let mut bodies = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the corpus") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = fs::read_to_string(&path).expect("a text");
                bodies.push((path.display().to_string(), text));
            }
        }
    }
    bodies.sort();
    bodies
}

/// `native id | region | deployment | attribute = value`, sorted.
fn claims(reading: &Reading) -> Vec<String> {
    let mut lines = Vec::new();
    for entry in &reading.entries {
        let Content::Stated { claims, .. } = &entry.content else {
            continue;
        };
        for claim in claims {
            let subject = &entry.subject;
            let deployment = subject.deployment.as_deref().unwrap_or("-");
            lines.push(format!(
                "{} | {} | {deployment} | {} = {}",
                subject.native_id, subject.region, claim.attribute, claim.value
            ));
        }
    }
    lines.sort();
    lines
}

fn native_ids(reading: &Reading) -> BTreeSet<String> {
    reading
        .entries
        .iter()
        .map(|entry| entry.subject.native_id.to_string())
        .collect()
}

fn expect(reading: &Reading, expected: &[&str]) {
    let claims = claims(reading);
    for line in expected {
        assert!(
            claims.iter().any(|claim| claim == line),
            "no claim '{line}' in\n{}",
            claims.join("\n")
        );
    }
}

fn notes(reading: &Reading) -> Vec<String> {
    reading
        .unexpected
        .iter()
        .map(|note| {
            format!(
                "{}: expected {}, found {}",
                note.place, note.expected, note.found
            )
        })
        .collect()
}

/// The body rows of pipe tables under a header that has all of `header`, as trimmed cells.
fn pipe_rows(text: &str, header: &[&str]) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut counts = false;
    let mut in_table = false;
    for line in text.lines() {
        let line = line.trim();
        if !line.starts_with('|') {
            in_table = false;
            continue;
        }
        let line = line.replace("\\|", "\u{1}");
        let cells: Vec<String> = line
            .trim_matches('|')
            .split('|')
            .map(|cell| cell.trim().replace('\u{1}', "|"))
            .collect();
        if !in_table {
            in_table = true;
            let joined = cells.join("|").to_lowercase().replace("<sup>1</sup>", "");
            let names: Vec<&str> = joined.split('|').map(str::trim).collect();
            counts = header.iter().all(|name| names.contains(name));
        } else if counts
            && !cells
                .iter()
                .all(|cell| cell.trim_matches(['-', ':']).is_empty())
        {
            rows.push(cells);
        }
    }
    rows
}

#[test]
fn anthropic_deprecations() {
    let Some(corpus) = corpus() else { return };
    let probe = probe("anthropic.toml", "deprecations");
    let mut pages = bodies(&corpus.join("seq/anthropic-model-deprecations-md"));
    let latest = corpus.join("single/provider-pages-md-2026-08/anthropic--deprecations.md");
    let latest = fs::read_to_string(latest).expect("the page of August");
    pages.push(("August".to_string(), latest.clone()));
    assert_eq!(pages.len(), 19);
    for (name, text) in &pages {
        let reading = probe.read(text).unwrap_or_else(|e| panic!("{name}: {e}"));
        let status = pipe_rows(text, &["api model name", "current state"]);
        let history = pipe_rows(text, &["retirement date", "deprecated model"]);
        let expected: BTreeSet<String> = status
            .iter()
            .map(|row| row[0].replace('`', ""))
            .chain(history.iter().map(|row| row[1].replace('`', "")))
            .collect();
        assert!(status.len() >= 8 && history.len() >= 12, "{name}");
        assert_eq!(native_ids(&reading), expected, "{name}");
        let lines = claims(&reading);
        let stages = lines.iter().filter(|line| line.contains("| stage = "));
        assert_eq!(stages.count(), expected.len(), "{name}");
        let replaced = lines
            .iter()
            .filter(|line| line.contains("| replacement = "));
        assert_eq!(replaced.count(), history.len(), "{name}");
        assert_eq!(notes(&reading), Vec::<String>::new(), "{name}");
    }
    let reading = probe.read(&latest).expect("the page of August");
    expect(
        &reading,
        &[
            "claude-opus-5 | * | - | stage = ga",
            "claude-opus-5 | * | - | date.retires = not before 2027-07-24",
            "claude-opus-4-1-20250805 | * | - | stage = retired",
            "claude-opus-4-1-20250805 | * | - | date.deprecated = 2026-06-05",
            "claude-opus-4-1-20250805 | * | - | date.retires = 2026-08-05",
            "claude-opus-4-1-20250805 | * | - | replacement = claude-opus-4-8",
            "claude-2.0 | * | - | stage = retired",
            "claude-2.0 | * | - | date.deprecated = 2025-01-21",
        ],
    );
    // the history of October 2025 differs by a week from the table of states, which holds
    let (_, october) = pages
        .iter()
        .find(|(name, _)| name.contains("2025-10-20"))
        .expect("October");
    let reading = probe.read(october).expect("the page of October");
    expect(
        &reading,
        &["claude-3-5-sonnet-20241022 | * | - | date.retires = 2025-10-29"],
    );
}

#[test]
fn anthropic_pricing() {
    let Some(corpus) = corpus() else { return };
    let probe = probe("anthropic.toml", "pricing");
    let pages = bodies(&corpus.join("seq/anthropic-pricing-md"));
    assert_eq!(pages.len(), 28);
    for (name, text) in &pages {
        let reading = probe.read(text).unwrap_or_else(|e| panic!("{name}: {e}"));
        let models = pipe_rows(text, &["model", "base input tokens", "output tokens"]);
        let batch = pipe_rows(text, &["model", "batch input", "batch output"]);
        let plain = |row: &Vec<String>| {
            let cut = row[0].split(" ([").next().expect("a name");
            cut.to_string()
        };
        let expected: BTreeSet<String> = models.iter().chain(&batch).map(plain).collect();
        assert!(models.len() >= 8, "{name}");
        assert_eq!(native_ids(&reading), expected, "{name}");
        assert_eq!(
            claims(&reading).len(),
            5 * models.len() + 2 * batch.len(),
            "{name}"
        );
        assert_eq!(notes(&reading), Vec::<String>::new(), "{name}");
    }
    let (_, last) = pages
        .iter()
        .find(|(name, _)| name.contains("2026-04-25"))
        .expect("April");
    let reading = probe.read(last).expect("the page of April");
    expect(
        &reading,
        &[
            "Claude Opus 4.7 | * | - | price.input = $5 / 1M tokens",
            "Claude Opus 4.7 | * | - | price.cache_write_5m = $6.25 / 1M tokens",
            "Claude Opus 4.7 | * | - | price.cache_write_1h = $10 / 1M tokens",
            "Claude Opus 4.7 | * | - | price.cache_read = $0.5 / 1M tokens",
            "Claude Opus 4.7 | * | - | price.output.batch = $12.5 / 1M tokens",
            "Claude Opus 3 | * | - | price.output = $75 / 1M tokens",
        ],
    );
}

/// The ids that a row of OpenAI's tables names: its code spans, else its words, without what is no model.
fn openai_ids(cell: &str) -> Vec<String> {
    let other = ["API", "/v1/", "OpenAI-Beta", "New fine-tuning"];
    if other.iter().any(|word| cell.contains(word)) {
        return Vec::new();
    }
    let codes: Vec<String> = cell
        .split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_string)
        .collect();
    if codes.is_empty() {
        vec![cell.to_string()]
    } else {
        codes
    }
}

#[test]
fn openai_deprecations() {
    let Some(corpus) = corpus() else { return };
    let probe = probe("openai.toml", "deprecations");
    let mut pages = bodies(&corpus.join("seq/openai-deprecations-md"));
    let latest = corpus.join("single/provider-pages-md-2026-08/openai--deprecations.md");
    let latest = fs::read_to_string(latest).expect("the page of August");
    pages.push(("August".to_string(), latest.clone()));
    assert_eq!(pages.len(), 3);
    for (name, text) in &pages {
        let reading = probe.read(text).unwrap_or_else(|e| panic!("{name}: {e}"));
        let rows = pipe_rows(text, &["shutdown date"]);
        let expected: BTreeSet<String> = rows.iter().flat_map(|row| openai_ids(&row[1])).collect();
        assert!(expected.len() > 60, "{name}");
        assert_eq!(native_ids(&reading), expected, "{name}");
        let lines = claims(&reading);
        for attribute in ["stage", "date.deprecated", "date.retires"] {
            let stated = lines
                .iter()
                .filter(|l| l.contains(&format!("| {attribute} = ")));
            assert_eq!(stated.count(), expected.len(), "{name} {attribute}");
        }
        assert_eq!(notes(&reading), Vec::<String>::new(), "{name}");
    }
    expect(
        &probe.read(&latest).expect("the page of August"),
        &[
            "gpt-5-2025-08-07 | * | - | date.retires = 2026-12-11",
            "gpt-5-2025-08-07 | * | - | date.deprecated = 2026-06-11",
            "gpt-3.5-turbo-completions | * | - | date.retires = 2026-10-23",
            "gpt-4-1106-preview | * | - | date.retires = 2026-10-23",
            "gpt-4-turbo-preview | * | - | date.retires = 2026-03-26",
            "gpt-4-0314 | * | - | replacement = gpt-5 or gpt-4.1",
            "gpt-realtime | * | - | date.retires = 2027-01-20",
            "davinci | * | - | replacement = davinci-002",
        ],
    );
}

#[test]
fn openai_pricing() {
    let Some(corpus) = corpus() else { return };
    let probe = probe("openai.toml", "pricing");
    let pages = bodies(&corpus.join("seq/openai-pricing-md"));
    let [(_, february), (_, april)] = pages.as_slice() else {
        panic!("two pages");
    };
    let reading = probe.read(april).expect("the page of April");
    // `["gpt-…", 1, 0.1, 2],` and, in a group, several on one line
    let rows = |text: &str| {
        text.lines()
            .filter(|line| line.trim_start().starts_with("[\"") || line.contains("[[\""))
            .map(|line| {
                line.trim()
                    .trim_start_matches("rows: ")
                    .trim_start_matches('[')
            })
            .filter(|line| line.matches(", ").count() >= 3 && !line.contains(" call"))
            .map(|line| line.split('"').nth(1).expect("a name").to_string())
            .collect::<Vec<_>>()
    };
    let rows = rows(april);
    let names: BTreeSet<String> = rows
        .iter()
        .map(|name| name.split(" (<").next().expect("a name").to_string())
        .filter(|name| !name.contains("moderation"))
        .collect();
    assert_eq!(rows.len(), 111);
    let stated: BTreeSet<String> = claims(&reading)
        .iter()
        .map(|line| line.split(" | ").next().expect("an id").to_string())
        .collect();
    assert_eq!(stated, names);
    assert_eq!(notes(&reading), Vec::<String>::new());
    expect(
        &reading,
        &[
            "gpt-5.4 | * | - | price.input = $2.5 / 1M tokens",
            "gpt-5.4 | * | - | price.cache_read.batch = $0.13 / 1M tokens",
            "gpt-5.4 | * | - | price.output.priority = $30 / 1M tokens",
            "o4-mini | * | - | price.cache_read.flex = $0.138 / 1M tokens",
            "o3-deep-research | * | - | price.cache_read = $2.5 / 1M tokens",
            "text-embedding-3-small | * | - | price.input = $0.02 / 1M tokens",
        ],
    );
    let reading = probe.read(february).expect("the page of February");
    let pipes = pipe_rows(february, &["model", "input", "output"]).len();
    let html = february
        .matches("<td style={{ padding: \"8px\" }}>$")
        .count();
    assert_eq!((pipes, html), (8, 45));
    let lines = claims(&reading);
    let images = lines.iter().filter(|line| line.contains("price.image"));
    assert_eq!(images.count(), html);
    assert_eq!(notes(&reading), Vec::<String>::new());
    expect(
        &reading,
        &[
            "gpt-4o-transcribe | * | - | price.input = $2.5 / 1M tokens",
            "gpt-4o-transcribe | * | - | price.input_audio = $6 / 1M tokens",
            "gpt-4o-transcribe | * | - | price.audio = $0.006 / minute",
            "GPT Image 1.5 | * | - | price.image_1024x1536.medium = $0.05 / image",
            "DALL·E 3 | * | - | price.image_1024x1792.hd = $0.12 / image",
            "DALL·E 2 | * | - | price.image_256x256 = $0.016 / image",
        ],
    );
}

#[test]
fn azure_retirements() {
    let Some(corpus) = corpus() else { return };
    let probe = probe("azure.toml", "retirements");
    let pages = bodies(&corpus.join("seq/azure-model-retirements-md"));
    assert_eq!(pages.len(), 2);
    for (name, text) in &pages {
        let mut reading = probe.read(text).unwrap_or_else(|e| panic!("{name}: {e}"));
        let tuned = pipe_rows(
            text,
            &["training retirement date", "deployment retirement date"],
        );
        let is_tuned = |entry: &bellwether::market::Entry| {
            entry.subject.deployment.as_deref() == Some("finetune")
        };
        let found = reading.entries.iter().filter(|entry| is_tuned(entry));
        assert_eq!(found.count(), tuned.len(), "{name}");
        reading.entries.retain(|entry| !is_tuned(entry));
        let rows = pipe_rows(text, &["model name", "model version", "retirement date"]);
        let expected: BTreeSet<String> = rows
            .iter()
            .map(|row| format!("{}@{}", row[0].replace('`', ""), row[1].replace('`', "")))
            .collect();
        assert!(expected.len() >= 55, "{name}");
        assert_eq!(native_ids(&reading), expected, "{name}");
        let split = rows
            .iter()
            .filter(|row| row[4].contains("Standard deployment"))
            .count();
        assert_eq!(reading.entries.len(), expected.len() + split, "{name}");
        let lines = claims(&reading);
        let dated = rows.iter().filter(|row| row[4].contains("20")).count();
        for (attribute, count) in [("stage", rows.len()), ("date.retires", dated)] {
            let stated = lines
                .iter()
                .filter(|l| l.contains(&format!("| {attribute} = ")));
            assert_eq!(stated.count(), count + split, "{name} {attribute}");
        }
        assert_eq!(notes(&reading), Vec::<String>::new(), "{name}");
    }
    let reading = probe.read(&pages[1].1).expect("the page of 2026");
    expect(
        &reading,
        &[
            "gpt-4o@2024-05-13 | * | Standard | date.retires = 2026-03-31",
            "gpt-4o@2024-05-13 | * | - | date.retires = 2026-10-01",
            "gpt-4o@2024-05-13 | * | Standard | stage = ga",
            "gpt-4o@2024-05-13 | * | - | replacement = gpt-5.1",
            "gpt-5-chat@2025-10-03 | * | - | stage = preview",
            "gpt-5.2-chat@2025-12-11 | * | - | date.retires = not before 2026-05-13",
            "text-embedding-ada-002@2 | * | - | date.retires = not before 2027-04-15",
            "tts@001 | * | - | date.deprecated = not before 2026-02-28",
            "gpt-realtime-mini@2025-12-15 | * | - | date.retires = 2026-12-15",
            "gpt-4.1@2025-04-14 | * | finetune | date.retires = 2027-10-14",
        ],
    );
}

/// The body rows of HTML tables, cells without tags: a line-by-line reading that knows no spans.
fn html_rows(text: &str, header: &str) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for table in text.split("<table").skip(1) {
        let table = table.split("</table>").next().expect("a table");
        let mut cells_of_rows = table.split("<tr").skip(1).map(|row| {
            let cells = row.split("<t").skip(1).filter_map(|cell| {
                let cell = cell.strip_prefix(['d', 'h'])?;
                let mut text = String::new();
                let mut in_tag = true;
                for c in cell.chars() {
                    match c {
                        '<' => in_tag = true,
                        '>' => in_tag = false,
                        c if !in_tag => text.push(c),
                        _ => {}
                    }
                }
                Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
            });
            cells.collect::<Vec<String>>()
        });
        let names = cells_of_rows.next().unwrap_or_default();
        if names.iter().any(|name| name == header) {
            rows.extend(cells_of_rows);
        }
    }
    rows
}

#[test]
fn bedrock_lifecycle() {
    let Some(corpus) = corpus() else { return };
    let probe = probe("bedrock.toml", "lifecycle");
    let page = corpus.join("single/provider-pages-md-2026-08/bedrock--model-lifecycle.md");
    let page = fs::read_to_string(page).expect("the page of August");
    let reading = probe.read(&page).expect("the page of August");
    let rows = pipe_rows(&page, &["model id", "regions", "legacy date", "eol date"]);
    let regions: usize = rows.iter().map(|row| row[3].split(',').count()).sum();
    assert_eq!((rows.len(), reading.entries.len()), (14, regions));
    assert_eq!(notes(&reading), Vec::<String>::new());
    expect(
        &reading,
        &[
            "anthropic.claude-3-haiku-20240307-v1:0 | us-gov-west-1 | - | date.retires = 2026-09-10",
            "anthropic.claude-3-haiku-20240307-v1:0 | eu-west-3 | - | date.deprecated = 2026-06-10",
            "amazon.nova-canvas-v1:0 | eu-west-1 | - | date.legacy = 2026-03-30",
            "amazon.nova-canvas-v1:0 | eu-west-1 | - | stage = legacy",
        ],
    );
    let page = corpus.join("single/provider-pages-html/aws_bedrock_lifecycle.html");
    let page = fs::read_to_string(page).expect("the page of 2025");
    let reading = probe.read(&page).expect("the page of 2025");
    let active = html_rows(&page, "Model ID")
        .into_iter()
        .map(|row| row[2].clone());
    let others = html_rows(&page, "Model version")
        .into_iter()
        .map(|row| row[0].clone());
    let expected: BTreeSet<String> = active.chain(others).collect();
    assert_eq!(native_ids(&reading), expected);
    expect(
        &reading,
        &[
            "amazon.nova-lite-v1:0 | us-east-2 | - | date.launch = 2024-12-04",
            "amazon.nova-lite-v1:0 | us-west-2 | - | stage = ga",
            "Claude 3 Opus | * | - | date.retires = 2026-01-15",
            "Ai21 J2 Mid-v1 | us-west-2 | - | date.retires = 2024-10-04",
            "Ai21 J2 Mid-v1 | us-east-1 | - | date.retires = 2025-03-12",
            "Claude v1.3 | * | - | stage = retired",
        ],
    );
    // the header of that page lacks the column of the end-of-life date
    let notes = notes(&reading);
    assert!(
        notes.iter().any(|note| note.contains("rows of 7 cells")),
        "{notes:?}"
    );
}

#[test]
fn older_html_pages() {
    let Some(corpus) = corpus() else { return };
    let read = |file: &str| {
        let path = corpus.join("single/provider-pages-html").join(file);
        fs::read_to_string(path).expect("a page")
    };
    let page = read("openai_deprecations.html");
    let reading = probe("openai.toml", "deprecations")
        .read(&page)
        .expect("OpenAI's page");
    let rows = html_rows(&page, "Shutdown date");
    assert_eq!(rows.len(), 76);
    let named: BTreeSet<String> = rows.iter().map(|row| row[1].clone()).collect();
    let single = |id: &&String| !id.contains(' ') && !id.starts_with("/v1/");
    for id in named.iter().filter(single) {
        assert!(native_ids(&reading).contains(id), "{id}");
    }
    assert_eq!(notes(&reading), Vec::<String>::new());
    expect(
        &reading,
        &[
            "gpt-4-turbo-preview | * | - | date.retires = 2026-03-26",
            "gpt-4-turbo-preview | * | - | date.deprecated = 2025-09-26",
            "gpt-4-turbo-preview | * | - | replacement = gpt-5 or gpt-4.1",
            "gpt-4-0314 | * | - | date.retires = 2026-03-26",
        ],
    );
    let page = read("azure_foundry_lifecycle.html");
    let reading = probe("azure.toml", "retirements")
        .read(&page)
        .expect("Azure's page");
    let rows = html_rows(&page, "Retirement date (UTC)");
    let expected: BTreeSet<String> = rows.iter().map(|row| row[0].clone()).collect();
    assert_eq!((rows.len(), native_ids(&reading)), (35, expected));
    expect(
        &reading,
        &[
            "Mistral-Nemo | * | - | date.legacy = 2025-09-30",
            "Mistral-Nemo | * | - | date.retires = 2026-01-30",
            "Mistral-Nemo | * | - | replacement = Mistral-small-2503",
        ],
    );
}

#[test]
fn a_restructured_page_is_a_failure() {
    let probe = probe("anthropic.toml", "deprecations");
    for (page, expected) in [
        ("# Models\n\nNothing here.\n", "a page without tables"),
        (
            "| Model | Colour |\n|---|---|\n| a | b |\n",
            "tables with the columns Model | Colour",
        ),
        (
            "| API model name | Current state |\n|---|---|\n| a | Active |\n",
            "the columns API model name | Current state",
        ),
    ] {
        match probe.read(page) {
            Err(Failure::Unreadable { found, .. }) => assert_eq!(found, expected),
            other => panic!("{page}: {other:?}"),
        }
    }
}
