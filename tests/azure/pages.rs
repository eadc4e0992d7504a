//! The pages of Azure's documentation and its feeds, in small pages of their shapes.

use std::collections::BTreeMap;

use bellwether::config::Scoping;
use bellwether::daemon::pipeline::Taken;
use bellwether::market::{Failure, Scope};

use crate::ledger::{Ledger, hour, lines, probe, read, shown};

fn only() -> Scoping {
    Scoping {
        scope: Scope::from(""),
        values: BTreeMap::new(),
    }
}

fn shown_page(id: &str, page: &str) -> String {
    let probe = probe(id);
    let scoping = probe.scopes[0].clone();
    let reading = read(&probe, &scoping, page).unwrap_or_else(|failure| panic!("{id}: {failure}"));
    shown(&reading).join("\n")
}

const SCHEDULE: &str = "---
title: a schedule
---

## Models sold by the cloud

### One lab

| Model | Version | Lifecycle | Retirement date | Replacement |
|-------|---------|-----------|-----------------|-------------|
| m-1 | 2025-05-16 | Deprecated | 2026-11-15 | m-2 |
| m-1-mini | 2025-03-20 | GA | \u{2014} | \u{2014} |
| m-2 | 2025-10-06 | Preview | No earlier than 2026-07-15 | m-2 (2025-12-08) |
| m-0 | 1 | Retired | 2026-05-01 | \u{2014} |

#### Tuned models

| Model | Version | Training retirement date | Deployment retirement date |
|-------|---------|--------------------------|----------------------------|
| m-1 | 2025-05-16 | No earlier than 2027-04-14<sup>1</sup> | 2027-10-14 |

## Models from partners

### Other lab

| Model | Version | Lifecycle | Retirement date | Replacement |
|-------|---------|-----------|-----------------|-------------|
| claude-x (gated research preview) | \u{2014} | Preview | 2027-04-02 | \u{2014} |
| Llama-y | \u{2014} | Legacy | 2026-08-13 | Llama-z, Llama-q |
";

#[test]
fn the_schedule_of_retirements() {
    insta::assert_snapshot!(shown_page("azure.retirements", SCHEDULE), @"
    Llama-y * -: date.retires = 2026-08-13
    Llama-y * -: interface = stateless
    Llama-y * -: replacement = Llama-z, Llama-q
    Llama-y * -: stage = legacy
    claude-x * -: date.retires = 2027-04-02
    claude-x * -: interface = stateless
    claude-x * -: stage = preview
    m-0@1 * -: date.retires = 2026-05-01
    m-0@1 * -: interface = stateless
    m-0@1 * -: stage = retired
    m-1-mini@2025-03-20 * -: interface = stateless
    m-1-mini@2025-03-20 * -: stage = ga
    m-1@2025-05-16 * -: date.retires = 2026-11-15
    m-1@2025-05-16 * -: interface = stateless
    m-1@2025-05-16 * -: replacement = m-2
    m-1@2025-05-16 * -: stage = deprecated
    m-1@2025-05-16 * finetune: date.retires = 2027-10-14
    m-1@2025-05-16 * finetune: interface = stateless
    m-2@2025-10-06 * -: date.retires = not before 2026-07-15
    m-2@2025-10-06 * -: interface = stateless
    m-2@2025-10-06 * -: replacement = m-2 (2025-12-08)
    m-2@2025-10-06 * -: stage = preview
    ");
}

#[test]
fn the_schedule_of_another_cloud_is_another_place() {
    let page = "## Models\n\n| Model | Version | Lifecycle | Retirement date | Replacement |\n|---|---|---|---|---|\n\
                | m-1 | 2025-04-14 | Deprecated | 2027-04-14 | m-2 |\n| m-2 | 1 | GA | 2027-04-15 | \u{2014} |\n";
    insta::assert_snapshot!(shown_page("azure.retirements-gov", page), @"
    m-1@2025-04-14 usgov -: date.retires = 2027-04-14
    m-1@2025-04-14 usgov -: interface = stateless
    m-1@2025-04-14 usgov -: replacement = m-2
    m-1@2025-04-14 usgov -: stage = deprecated
    m-2@1 usgov -: date.retires = 2027-04-15
    m-2@1 usgov -: interface = stateless
    m-2@1 usgov -: stage = ga
    ");
}

#[test]
fn models_that_are_retired_already() {
    let page = "## One\n\n| Model | Deprecation date | Retirement date | Suggested replacement |\n|---|---|---|---|\n\
                | `o1-preview`  | |  July 28, 2025 | `o1` |\n\
                | `gpt-4`<br>`gpt-4-32k` - 0314 | | June 6, 2025 | `gpt-4o` version: `2024-11-20` |\n\
                | `ada` | July 6, 2023 | June 14, 2024 | |\n\n## Two\n\n\
                | Model | Retirement date | Suggested replacement |\n|---|---|---|\n\
                | Command R | June 30, 2025 | `Cohere-command-r-08-2024` |\n| jais-30b-chat | January 30, 2026 | N/A |\n";
    insta::assert_snapshot!(shown_page("azure.retired", page), @"
    Command R * -: date.retires = 2025-06-30
    Command R * -: replacement = Cohere-command-r-08-2024
    Command R * -: stage = retired
    ada * -: date.deprecated = 2023-07-06
    ada * -: date.retires = 2024-06-14
    ada * -: stage = retired
    gpt-4-32k@0314 * -: date.retires = 2025-06-06
    gpt-4-32k@0314 * -: replacement = gpt-4o version: 2024-11-20
    gpt-4-32k@0314 * -: stage = retired
    gpt-4@0314 * -: date.retires = 2025-06-06
    gpt-4@0314 * -: replacement = gpt-4o version: 2024-11-20
    gpt-4@0314 * -: stage = retired
    jais-30b-chat * -: date.retires = 2026-01-30
    jais-30b-chat * -: stage = retired
    o1-preview * -: date.retires = 2025-07-28
    o1-preview * -: replacement = o1
    o1-preview * -: stage = retired
    ");
}

const MATRIX: &str = "## Global standard

Prose about **Global deployments**.

# [Americas](#tab/az-americas)

| **Model** | **Version** | **brazilsouth** | **eastus2** |
| :--- | :--- | :---: | :---: |
| gpt-4.1 | 2025-04-14 | \u{2705} | \u{2705} |
| sora-2 | 2025-10-06 | - | \u{2705} |
| codex | 1 | - | - |

# [Europe](#tab/az-europe)

| **Model** | **Version** | **swedencentral** |
| :--- | :--- | :---: |
| gpt-4.1 | 2025-04-14 | soon |
| o1 | 1 | \u{2705} |

---

## Data Zone standard

# [Americas](#tab/az-americas)

| **Model** | **Version** | **eastus2** |
| :--- | :--- | :---: |
| gpt-4.1 | 2025-04-14 | \u{2705} |

# [Asia Pacific](#tab/az-apac)

Not available

---

## Standard/Regional

# [Europe](#tab/az-europe)

| **Model** | **Version** | **westeurope** |
| :--- | :--- | :---: |
| whisper | 001 | \u{2705} |
";

#[test]
fn a_matrix_says_where_models_can_be_deployed() {
    insta::assert_snapshot!(shown_page("azure.regions-standard", MATRIX), @"
    gpt-4.1@2025-04-14 brazilsouth GlobalStandard: interface = stateless
    gpt-4.1@2025-04-14 eastus2 DataZoneStandard: interface = stateless
    gpt-4.1@2025-04-14 eastus2 GlobalStandard: interface = stateless
    o1@1 swedencentral GlobalStandard: interface = stateless
    sora-2@2025-10-06 eastus2 GlobalStandard: interface = stateless
    whisper@001 westeurope Standard: interface = stateless
    ? Europe › swedencentral: expected a mark, or nothing, found soon
    ");
    let provisioned = MATRIX
        .replace("Global standard", "Global Provisioned Managed")
        .replace("Data Zone standard", "Data Zone Provisioned Managed")
        .replace("Standard/Regional", "Regional Provisioned Managed");
    let lines = shown_page("azure.regions-provisioned", &provisioned);
    for line in [
        "gpt-4.1@2025-04-14 brazilsouth GlobalProvisionedManaged: interface = stateless",
        "gpt-4.1@2025-04-14 eastus2 DataZoneProvisionedManaged: interface = stateless",
        "whisper@001 westeurope ProvisionedManaged: interface = stateless",
    ] {
        assert!(lines.lines().any(|found| found == line), "{line}\n{lines}");
    }
    let batch = MATRIX
        .replace("Global standard", "Global Batch")
        .replace("Data Zone standard", "Data Zone Batch");
    let lines = shown_page("azure.regions-batch", &batch);
    assert!(
        lines
            .lines()
            .any(|found| found == "gpt-4.1@2025-04-14 eastus2 DataZoneBatch: interface = stateless"),
        "{lines}"
    );
}

#[test]
fn a_matrix_without_regions_is_no_matrix() {
    let probe = probe("azure.regions-standard");
    let page = "## Global standard\n\n| **Model** | **Version** | **Notes** |\n|---|---|---|\n| a | 1 | x |\n";
    let failure = read(&probe, &only(), page).expect_err("no regions");
    assert!(matches!(failure, Failure::Unreadable { .. }), "{failure}");
}

#[test]
fn the_policy_is_watched_without_its_front_matter() {
    let page = |date: &str, days: &str| {
        format!(
            "---\ntitle: Include\nms.date: {date}\n---\n\nIntroduction.\n\n## How model lifecycle works\n\nAt least {days} days' notice.\n"
        )
    };
    let mut ledger = Ledger::new("azure.retirement-policy");
    for (hours, body) in [
        (0, page("10/05/2026", "60")),
        (12, page("11/05/2026", "60")),
        (24, page("11/06/2026", "30")),
        (36, page("11/06/2026", "30")),
    ] {
        let taken = ledger.take(&only(), hour(hours), &body);
        assert!(!matches!(taken, Taken::Failed(_)), "{taken:?}");
    }
    let lines = lines(&ledger.changes());
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(
        lines[0].starts_with("text_changed retirement policy"),
        "{lines:?}"
    );
}

fn status(items: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><rss version=\"2.0\"><channel><title>Azure Status</title><link>https://x.test/</link>\
         <description>Azure Status</description>{items}</channel></rss>"
    )
}

#[test]
fn a_problem_opens_and_is_over_when_it_is_gone() {
    let item = |title: &str, guid: &str| {
        format!(
            "<item><title>{title}</title><link>https://x.test/{guid}</link><guid>{guid}</guid><category>Azure OpenAI Service</category>\
             <description>&lt;p&gt;Errors.&lt;/p&gt;</description><pubDate>Sat, 01 Aug 2026 10:00:00 Z</pubDate></item>"
        )
    };
    let other = "<item><title>Storage - West US</title><guid>s</guid><category>Storage</category>\
                 <pubDate>Sat, 01 Aug 2026 10:00:00 Z</pubDate></item>";
    let open = status(&format!(
        "{}{other}",
        item("Azure OpenAI - Elevated errors", "a")
    ));
    let mut ledger = Ledger::new("azure.status");
    for (minutes, body) in [
        (0, status("")),
        (1, open.clone()),
        (2, open),
        (3, status("")),
        (4, status("")),
    ] {
        let taken = ledger.take(&only(), hour(minutes), &body);
        assert!(!matches!(taken, Taken::Failed(_)), "{taken:?}");
    }
    assert_eq!(
        lines(&ledger.changes()),
        ["incident_opened a -", "incident_resolved a -"]
    );
}

#[test]
fn announcements_are_those_about_models() {
    let feed = status(
        "<item><guid isPermaLink=\"false\">1</guid><link>https://azure.microsoft.com/updates?id=1</link>\
         <category>Launched</category><category>Microsoft Foundry</category><title>Generally Available: Something</title>\
         <pubDate>Sat, 01 Aug 2026 10:00:00 Z</pubDate></item>\
         <item><guid isPermaLink=\"false\">2</guid><link>https://azure.microsoft.com/updates?id=2</link>\
         <category>Storage</category><title>Retirement: Disks</title><pubDate>Sat, 01 Aug 2026 10:00:00 Z</pubDate></item>\
         <item><guid isPermaLink=\"false\">3</guid><link>https://azure.microsoft.com/updates?id=3</link>\
         <category>Compute</category><title>Public Preview: Azure OpenAI in more places</title>\
         <pubDate>Sat, 01 Aug 2026 10:00:00 Z</pubDate></item>",
    );
    let names = |id: &str| -> Vec<String> {
        let shown = shown_page(id, &feed);
        let named = shown.lines().filter(|line| line.contains(": name = "));
        named
            .map(|line| line.split(' ').next().unwrap_or("").to_string())
            .collect()
    };
    assert_eq!(names("azure.updates"), ["1", "3"]);
    assert_eq!(names("azure.blog"), ["1", "3"]);
    assert_eq!(names("azure.foundry-blog"), ["1", "2", "3"]);
    assert!(!probe("azure.community-blog").on);
}
