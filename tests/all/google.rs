//! Google's two ways to Gemini: their true shapes, and their recorded bodies counted apart from the readers.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::reading::{
    bodies, claims, count, expect, ids, notes, page, parsed, read, rows, shipped,
};

#[test]
fn gemini_lists_models_without_any_stage() {
    let Some(files) = bodies("seq/gemini-v1beta-models") else {
        return;
    };
    let probe = shipped("gemini.models");
    assert_eq!(files.len(), 15);
    for (path, bytes) in files {
        let json = parsed(&bytes);
        let models = rows(&json["models"]);
        let listed: BTreeSet<String> = models
            .iter()
            .map(|row| row["name"].as_str().expect("a name"))
            .map(|name| name.strip_prefix("models/").expect("a prefix").to_string())
            .collect();
        let reading = read(&probe, &bytes).expect("a reading");
        assert_eq!(ids(&reading), listed, "{path}");
        let lines = claims(&reading);
        for part in [
            " name = ",
            " limit.context = ",
            " limit.output = ",
            " capability.methods = ",
        ] {
            assert_eq!(count(&lines, part), models.len(), "{path}: {part}");
        }
        let thinking = models.iter().filter(|row| row["thinking"] == true);
        assert_eq!(
            count(&lines, " capability.thinking = yes"),
            thinking.count()
        );
        assert_eq!(count(&lines, " stage = "), 0);
        assert_eq!(notes(&reading), Vec::<String>::new(), "{path}");
    }
}

/// The rows of a page's pipe tables but their headers, as trimmed cells, with the last heading above each.
fn pipe_rows(page: &str) -> Vec<(String, Vec<String>)> {
    let mut rows = Vec::new();
    let mut heading = String::new();
    let mut in_table = false;
    for line in page.lines() {
        if line.starts_with('#') {
            heading = line.trim_start_matches(['#', ' ']).to_string();
        }
        if !line.starts_with('|') {
            in_table = false;
            continue;
        }
        let cells: Vec<String> = line
            .trim_matches('|')
            .split('|')
            .map(|cell| cell.trim().replace("\\*", "").replace('*', ""))
            .collect();
        let is_rule = cells.iter().all(|cell| cell.trim_matches('-').is_empty());
        if in_table && !is_rule {
            rows.push((heading.clone(), cells));
        }
        in_table = true;
    }
    rows
}

#[test]
fn gemini_says_when_models_end_at_the_earliest() {
    let Some(page) = page(
        "single/provider-pages-md-2026-08",
        "google--deprecations.md",
    ) else {
        return;
    };
    let reading = read(&shipped("gemini.deprecations"), page.as_bytes()).expect("a reading");
    let mut is_preview = false;
    let mut heading = String::new();
    let (mut named, mut dated, mut undated_previews, mut replaced) = (BTreeSet::new(), 0, 0, 0);
    for (above, row) in pipe_rows(&page) {
        if above != heading {
            (heading, is_preview) = (above, false);
        }
        if row[0] == "Preview models" {
            is_preview = true;
            continue;
        }
        named.insert(row[0].clone());
        let is_dated = row[2] != "No shutdown date announced";
        dated += usize::from(is_dated);
        undated_previews += usize::from(is_preview && !is_dated);
        replaced += usize::from(!row[3].is_empty());
    }
    assert_eq!((named.len(), dated, undated_previews), (65, 42, 10));
    assert_eq!(ids(&reading), named);
    let lines = claims(&reading);
    assert_eq!(count(&lines, " date.retires = not before "), dated);
    assert_eq!(count(&lines, " date.retires = "), dated);
    assert_eq!(count(&lines, " stage = deprecated"), dated);
    assert_eq!(count(&lines, " stage = preview"), undated_previews);
    assert_eq!(count(&lines, " stage = "), dated + undated_previews);
    assert_eq!(count(&lines, " replacement = "), replaced);
    assert_eq!(notes(&reading), Vec::<String>::new());
    expect(
        &lines,
        &[
            "gemini gemini-3.7-flash date.launch = 2026-08",
            "gemini gemini-3.1-flash-lite date.retires = not before 2027-05-07",
            "gemini gemini-3.1-pro-preview stage = preview",
        ],
    );
}

#[test]
fn gemini_marks_its_page_in_html_alike() {
    let html = "<!doctype html><html><body><h2>Gemini 2.0 models</h2><table><thead><tr><td><b>Model</b></td><td><b>Release date</b></td>\
        <td><b>Shutdown date</b></td><td><b>Recommended replacement</b></td></tr></thead><tbody>\
        <tr><td><code>gemini-2.0-flash</code></td><td>February 5, 2025</td><td>Earliest February 2026</td><td><code>gemini-2.5-flash</code></td></tr>\
        <tr class=\"row-gray\"><td><code>gemini-1.5-pro</code></td><td></td><td>September 29, 2025</td><td></td></tr>\
        <tr><td colspan=\"4\"><b>Preview models</b></td></tr>\
        <tr><td><code>gemini-2.0-flash-exp</code></td><td>June 2025</td><td>No shutdown date announced</td><td></td></tr></tbody></table></body></html>";
    let reading = read(&shipped("gemini.deprecations"), html.as_bytes()).expect("a reading");
    insta::assert_snapshot!(claims(&reading).join("\n"), @"
    gemini gemini-1.5-pro date.retires = not before 2025-09-29
    gemini gemini-1.5-pro stage = deprecated
    gemini gemini-2.0-flash date.launch = 2025-02-05
    gemini gemini-2.0-flash date.retires = not before 2026-02
    gemini gemini-2.0-flash replacement = gemini-2.5-flash
    gemini gemini-2.0-flash-exp date.launch = 2025-06
    gemini gemini-2.0-flash-exp stage = preview
    ");
    assert_eq!(notes(&reading), Vec::<String>::new());
}

#[test]
fn gemini_announces_in_items_of_days() {
    let Some(page) = page("single/provider-pages-html", "google_changelog.html") else {
        return;
    };
    let reading = read(&shipped("gemini.changelog"), page.as_bytes()).expect("a reading");
    let lines = claims(&reading);
    // days as the headings state them
    let body = page.split("devsite-article-body").nth(1).expect("a body");
    let days: BTreeSet<&str> = body
        .split("<h2 id=\"")
        .skip(1)
        .filter_map(|rest| rest.split_once("data-text=\"")?.1.split('"').next())
        .collect();
    let launched: BTreeSet<&str> = lines
        .iter()
        .filter_map(|line| line.split_once(" date.launch = ").map(|(_, day)| day))
        .collect();
    assert_eq!((launched.len(), days.len()), (days.len(), 75));
    assert!(reading.entries.len() > days.len());
    expect(
        &lines,
        &[
            "gemini 2025-10-02 Launched Gemini 2.5 Flash Image GA: Image Generation with Gemini date.launch = 2025-10-02",
        ],
    );
    assert_eq!(notes(&reading), Vec::<String>::new());
}

#[test]
fn agent_platform_says_when_models_retire() {
    let Some(page) = page(
        "single/provider-pages-md-2026-08",
        "vertex--model-versions.md",
    ) else {
        return;
    };
    let reading = read(&shipped("vertex.model-versions"), page.as_bytes()).expect("a reading");
    let table = pipe_rows(&page);
    let named: BTreeSet<String> = table.iter().map(|(_, row)| row[0].clone()).collect();
    assert_eq!((table.len(), named.len()), (41, 41));
    assert_eq!(ids(&reading), named);
    let is_floor = |cell: &str| cell.ends_with("or later") || cell.starts_with("No sooner");
    let is_none = |cell: &str| cell.is_empty() || cell.starts_with("No retirement");
    let (mut retired, mut floors, mut firm) = (0, 0, 0);
    for (heading, row) in &table {
        retired += usize::from(heading == "Retired models");
        floors += usize::from(is_floor(&row[2]));
        firm += usize::from(!is_floor(&row[2]) && !is_none(&row[2]));
    }
    assert_eq!((retired, floors, firm), (17, 8, 29));
    let lines = claims(&reading);
    assert_eq!(count(&lines, " date.retires = not before "), floors);
    assert_eq!(count(&lines, " date.retires = "), floors + firm);
    assert_eq!(count(&lines, " stage = retired"), retired);
    assert_eq!(count(&lines, " stage = deprecated"), firm - retired);
    assert_eq!(notes(&reading), Vec::<String>::new());
    expect(
        &lines,
        &[
            "vertex gemini-3.5-flash date.retires = not before 2027-05-19",
            "vertex gemini-embedding-001 date.retires = not before 2028-05-20",
            "vertex gemini-2.5-pro date.retires = 2026-10-20",
            "vertex textembedding-gecko@003 stage = retired",
            "vertex text-bison date.launch = 2023-05",
        ],
    );
}

#[test]
fn open_incidents_of_google_cloud_are_those_without_an_end() {
    let Some(files) = bodies("single/gcp-incidents-json-2022") else {
        return;
    };
    let probe = shipped("vertex.incidents");
    for (path, bytes) in files {
        let mut json = parsed(&bytes);
        assert_eq!(rows(&json).len(), 157, "{path}");
        let calm = read(&probe, &bytes).expect("a reading");
        assert!(calm.complete && calm.entries.is_empty(), "all have ended");
        assert_eq!(notes(&calm), Vec::<String>::new());
        // the same list while none had ended
        let mut wanted = BTreeSet::new();
        for incident in json.as_array_mut().expect("a list") {
            incident["end"] = Json::Null;
            let products = rows(&incident["affected_products"]);
            let is_ours = |title: &Json| title == "Vertex AI Online Prediction";
            if products.iter().any(|product| is_ours(&product["title"])) {
                wanted.insert(incident["id"].as_str().expect("an id").to_string());
            }
        }
        let open = read(&probe, json.to_string().as_bytes()).expect("a reading");
        assert_eq!((ids(&open), wanted.len()), (wanted.clone(), 1));
        let lines = claims(&open);
        expect(
            &lines,
            &[
                "vertex XdQANahFJvMuxxkgA34K date.launch = 2022-06-02T17:10:00Z",
                "vertex XdQANahFJvMuxxkgA34K link = https://status.cloud.google.com/incidents/XdQANahFJvMuxxkgA34K",
            ],
        );
    }
}

#[test]
fn agent_platform_lists_a_publishers_models_with_their_stage() {
    let Some(files) = bodies("seq/vertex-publisher-models") else {
        return;
    };
    let probe = shipped("vertex.models");
    for (path, bytes) in files {
        let json = parsed(&bytes);
        let models = rows(&json["publisherModels"]);
        let listed: BTreeSet<String> = models
            .iter()
            .map(|row| row["name"].as_str().expect("a name"))
            .map(|name| name.rsplit('/').next().expect("an id").to_string())
            .collect();
        let reading = read(&probe, &bytes).expect("a reading");
        assert_eq!(ids(&reading), listed, "{path}");
        let lines = claims(&reading);
        let of = |word: &str| {
            models
                .iter()
                .filter(|row| row["launchStage"] == word)
                .count()
        };
        assert_eq!(count(&lines, " stage = ga"), of("GA"), "{path}");
        let previews = of("PUBLIC_PREVIEW") + of("EXPERIMENTAL");
        assert_eq!(count(&lines, " stage = preview"), previews, "{path}");
        let gated = models
            .iter()
            .filter(|row| row["supportedActions"]["requestAccess"].is_object());
        assert_eq!(
            count(&lines, " capability.gated = yes"),
            gated.count(),
            "{path}"
        );
        assert_eq!(notes(&reading), Vec::<String>::new(), "{path}");
    }
    let body = br#"{"publisherModels":[
        {"name":"publishers/anthropic/models/claude-sonnet-5-5","versionId":"default","openSourceCategory":"PROPRIETARY","launchStage":"GA","versionState":"VERSION_STATE_STABLE","supportedActions":{"viewRestApi":{}}},
        {"name":"publishers/openai/models/gpt-oss-120b-maas","versionId":"001","launchStage":"LAUNCH_STAGE_UNSPECIFIED","versionState":"VERSION_STATE_UNSPECIFIED"},
        {"name":"publishers/mistralai/models/mistral-medium-3@001","launchStage":"PRIVATE_PREVIEW","supportedActions":{"requestAccess":{"title":"Ask"}}}]}"#;
    let reading = read(&probe, body).expect("a reading");
    insta::assert_snapshot!(claims(&reading).join("\n"), @"
    vertex claude-sonnet-5-5 capability.version_state = stable
    vertex claude-sonnet-5-5 interface = stateless
    vertex claude-sonnet-5-5 stage = ga
    vertex mistral-medium-3@001 capability.gated = yes
    vertex mistral-medium-3@001 interface = stateless
    vertex mistral-medium-3@001 stage = limited
    vertex openai/gpt-oss-120b-maas capability.version = 001
    vertex openai/gpt-oss-120b-maas interface = stateless
    ");
    assert_eq!(notes(&reading), Vec::<String>::new());
}

#[test]
fn an_announced_rise_comes_on_its_day_though_the_page_stays() {
    let model = |n: u32| {
        format!(
            "## Model {n}\n\n*`gemini-9.{n}-flash`*\n\n### Standard\n\n|   | Free Tier | Paid Tier, per 1M tokens in USD |\n|---|---|---|\n\
             | Input price | Free of charge | $0.75 through December 31, 2026. $1.50 starting January 1, 2027. |\n\n"
        )
    };
    // more models, whose prices stay, so that the rise of one is no upheaval
    let constant = |n: u32| {
        model(n).replace(
            " through December 31, 2026. $1.50 starting January 1, 2027.",
            "",
        )
    };
    let others: String = (1..12).map(constant).collect();
    let page = format!("# Gemini Developer API pricing\n\n{}{others}", model(0));
    let world = crate::world::World::new("");
    for day in ["2026-12-01", "2026-12-31", "2027-01-01", "2027-01-02"] {
        world.write(&format!("pages/{day}.md"), &page);
    }
    let folder = world.path("pages").display().to_string();
    world.good(&["import", "--probe", "gemini.pricing", &folder]);
    let changed: Vec<String> = world
        .changes(true)
        .iter()
        .filter(|change| change["attribute"] == "price.input")
        .map(|change| {
            let seen = change["seen_at"].as_str().unwrap_or_default();
            format!(
                "{} {} {} to {}",
                &seen[..10],
                change["native_id"],
                change["old"],
                change["new"]
            )
        })
        .collect();
    assert_eq!(
        changed,
        [r#"2027-01-01 "gemini-9.0-flash" "0.75" to "1.5""#]
    );
}
