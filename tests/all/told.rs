//! What commands say: that nothing is left out, and that it is no longer than it needs to be.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::judged::{go_down, import_page, measure};
use crate::sonnet::{ANTHROPIC_STATES, landscape, objects};
use crate::world::World;

#[test]
fn an_import_says_what_waits_for_another_reading() {
    let world = World::new("");
    let later = ANTHROPIC_STATES
        .replace("October 15, 2026", "December 15, 2026")
        .replace(
            "| `claude-3-opus",
            "| `claude-opus-9` | Active | N/A | N/A | N/A |\n| `claude-3-opus",
        );
    let import = |day: &str, body: &str| {
        let path = world.write(&format!("{day}.md"), body);
        let path = path.display().to_string();
        world.good(&["import", "--probe", "anthropic.deprecations", &path])
    };
    let first = import("2026-01-30", ANTHROPIC_STATES);
    insta::assert_snapshot!(first, @"anthropic.deprecations: 1 bodies read, 0 the same as before, 0 known already, 0 unreadable; 0 changes recorded");
    insta::assert_snapshot!(import("2026-01-31", &later), @"
    anthropic.deprecations: 1 bodies read, 0 the same as before, 0 known already, 0 unreadable; 0 changes recorded
    anthropic.deprecations: 2 changes wait for another reading that says the same: date_changed 1, offering_added 1
    ");
    let again = import("2026-02-01", &later);
    assert!(!again.contains("wait"), "{again}");
}

#[test]
fn of_many_scopes_a_few_are_named() {
    let world = World::new("");
    let body = world.write("2026-01-31.json", "{}").display().to_string();
    let error = |probe: &str| {
        let said = world.run(&["import", "--probe", probe, &body]);
        assert_eq!(said.code, 2, "{}{}", said.out, said.err);
        said.err
    };
    insta::assert_snapshot!(error("bedrock.models"), @"error: expected one of the 33 scopes of bedrock.models, such as bedrock.models@af-south-1 or bedrock.models@ap-east-2 or bedrock.models@ap-northeast-1, found 'bedrock.models': `bellwether probe show bedrock.models` lists them");
    insta::assert_snapshot!(error("azure.models@swedncentral"), @"error: expected one of the 36 scopes of azure.models, such as azure.models@swedencentral or azure.models@spaincentral, found 'azure.models@swedncentral': `bellwether probe show azure.models` lists them");
    let shown = world.good(&["probe", "show", "azure.models"]);
    assert!(
        shown.contains("takes files  of @australiaeast, @"),
        "{shown}"
    );
    assert!(shown.contains(", @swedencentral, "), "{shown}");
}

/// Offerings, changes, a source that fails, a day of measurements with incidents, and a status page.
pub fn full() -> World {
    let world = landscape();
    measure(&world);
    import_page(&world);
    let later = ANTHROPIC_STATES.replace("October 15, 2026", "December 15, 2026");
    for day in ["2026-02-01", "2026-02-02"] {
        let path = world.write(&format!("{day}.md"), &later);
        let path = path.display().to_string();
        world.good(&["import", "--probe", "anthropic.deprecations", &path]);
    }
    let broken = world.write("2026-02-03.json", "{}").display().to_string();
    world.good(&["import", "--probe", "openai.models", &broken]);
    world
}

#[test]
fn what_goes_on_stands_under_the_models_whoever_says_so() {
    let world = World::new("");
    measure(&world);
    import_page(&world);
    go_down(&world);
    let table = world.good(&["status"]);
    let told = table.split("open incidents").nth(1).expect("incidents");
    insta::assert_snapshot!(told.split("\n\n").next().expect("a part").trim_start_matches('\n'), @"  openai: down api.openai.test / Elevated errors (major), since 2026-01-05 21:30 UTC, measured here and stated by a status page");
    let all = objects(&world.good(&["--format", "jsonl", "status"]));
    let about =
        |what: &str| -> Vec<&Json> { all.iter().filter(|row| row["about"] == what).collect() };
    let incidents: Vec<Json> = about("incident")
        .iter()
        .map(|row| {
            json!([
                row["provider"],
                row["kind"],
                row["page_name"],
                row["began"],
                row["said_by"]
            ])
        })
        .collect();
    assert_eq!(
        incidents,
        [json!([
            "openai",
            "down",
            "Elevated errors",
            "2026-01-05T21:30:00Z",
            ["ours", "page"]
        ])]
    );
    let mail = about("mail");
    assert_eq!(mail.len(), 1);
    assert_eq!(
        (&mail[0]["waiting"], &mail[0]["refused"]),
        (&json!(0), &json!(0))
    );
    // a question about some models is answered with them alone
    let narrow = world.good(&["--format", "jsonl", "status", "--model", "*"]);
    assert!(!narrow.contains("about"), "{narrow}");
    let columns = world.good(&["--format", "csv", "status"]);
    assert!(!columns.contains("about"), "{columns}");
}

const TABLES: [&[&str]; 14] = [
    &["offerings"],
    &["offerings", "--provider", "bedrock"],
    &["changes", "--all"],
    &[
        "latency",
        "--since",
        "2026-01-05",
        "--until",
        "2026-01-06",
        "--by",
        "host,probe,way,vantage",
    ],
    &["latency", "--since", "2026-01-05", "--samples"],
    &["uptime", "--since", "2026-01-05", "--until", "2026-01-06"],
    &[
        "incidents",
        "--since",
        "2026-01-05",
        "--until",
        "2026-01-06",
    ],
    &["status", "--sources"],
    &["status"],
    &["compare", "claude-sonnet-4.5"],
    &["cost", "--input", "600", "--output", "80"],
    &["probe", "list"],
    &["check"],
    &[
        "model",
        "bedrock:us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "nobody:x",
    ],
];

#[test]
fn what_is_shown_on_a_terminal_fits_it() {
    let world = full();
    for arguments in TABLES {
        for columns in [80, 200] {
            let said = world.run_with(&[("COLUMNS", &columns.to_string())], arguments);
            let is_lone = |line: &&str| line.split_whitespace().count() < 2;
            for line in said.out.lines().filter(|line| !is_lone(line)) {
                assert!(line.chars().count() <= columns, "{arguments:?}: {line}");
            }
        }
    }
    let rows = world.good(&["--format", "jsonl", "offerings"]);
    let offerings: BTreeSet<[String; 4]> = objects(&rows)
        .iter()
        .map(|row| {
            ["provider", "native_id", "region", "deployment"].map(|key| row[key].to_string())
        })
        .collect();
    let piped = world.good(&["offerings"]);
    assert_eq!(piped.lines().count(), offerings.len() + 1, "{piped}");
    assert!(!piped.contains('\u{2026}'), "{piped}");
}

#[test]
fn a_row_that_has_no_place_goes_on_below() {
    let world = full();
    let said =
        |columns: &str, arguments: &[&str]| world.run_with(&[("COLUMNS", columns)], arguments).out;
    let offerings = [
        "offerings",
        "--provider",
        "bedrock",
        "--region",
        "us-east-1",
    ];
    insta::assert_snapshot!(said("80", &offerings), @"
    PROVIDER  NATIVE ID
        MODEL                                   REGION     DEPLOYMENT      INTERFACE
        STAGE    RETIRES     $IN/1M  $OUT/1M  SOURCES
    bedrock   Claude Sonnet 4.5 (Amazon Bedrock Edition)
        anthropic/claude-sonnet-4.5             us-east-1  on-demand
                             3.3     16.5     bedrock.marketplace-prices@us-east-1
    bedrock   Claude Sonnet 4.5 (Amazon Bedrock Edition)
        anthropic/claude-sonnet-4.5             us-east-1  profile:global
                             3       15       bedrock.marketplace-prices@us-east-1
    bedrock   anthropic.claude-sonnet-4-5-20250929-v1:0
        anthropic/claude-sonnet-4.5@2025-09-29  *
        unknown              3       15       models-dev.catalogue
    bedrock   anthropic.claude-sonnet-4-5-20250929-v1:0
        anthropic/claude-sonnet-4.5@2025-09-29  us-east-1  on-demand       stateless
        legacy   2027-04-14                   bedrock.models@us-east-1
    bedrock   global.anthropic.claude-sonnet-4-5-20250929-v1:0
        anthropic/claude-sonnet-4.5@2025-09-29  us-east-1  profile:global  stateless
                                              bedrock.profiles@us-east-1
    bedrock   us.anthropic.claude-sonnet-4-5-20250929-v1:0
        anthropic/claude-sonnet-4.5@2025-09-29  us-east-1  profile:us      stateless
                                              bedrock.profiles@us-east-1
    ");
    insta::assert_snapshot!(said("200", &offerings), @"
    PROVIDER  NATIVE ID                                         MODEL                                   REGION     DEPLOYMENT      INTERFACE  STAGE    RETIRES     $IN/1M  $OUT/1M
        SOURCES
    bedrock   Claude Sonnet 4.5 (Amazon Bedrock Edition)        anthropic/claude-sonnet-4.5             us-east-1  on-demand                                       3.3     16.5
        bedrock.marketplace-prices@us-east-1
    bedrock   Claude Sonnet 4.5 (Amazon Bedrock Edition)        anthropic/claude-sonnet-4.5             us-east-1  profile:global                                  3       15
        bedrock.marketplace-prices@us-east-1
    bedrock   anthropic.claude-sonnet-4-5-20250929-v1:0         anthropic/claude-sonnet-4.5@2025-09-29  *                                     unknown              3       15
        models-dev.catalogue
    bedrock   anthropic.claude-sonnet-4-5-20250929-v1:0         anthropic/claude-sonnet-4.5@2025-09-29  us-east-1  on-demand       stateless  legacy   2027-04-14
        bedrock.models@us-east-1
    bedrock   global.anthropic.claude-sonnet-4-5-20250929-v1:0  anthropic/claude-sonnet-4.5@2025-09-29  us-east-1  profile:global  stateless
        bedrock.profiles@us-east-1
    bedrock   us.anthropic.claude-sonnet-4-5-20250929-v1:0      anthropic/claude-sonnet-4.5@2025-09-29  us-east-1  profile:us      stateless
        bedrock.profiles@us-east-1
    ");
    let incidents = [
        "incidents",
        "--only",
        "ours",
        "--since",
        "2026-01-05",
        "--until",
        "2026-01-06",
    ];
    insta::assert_snapshot!(said("80", &incidents), @"
    BEGAN             LASTED                PROVIDER  WE MEASURED
        EVIDENCE              THE PAGE STATES          FIRST
    2026-01-05 20:00  30 min, measured      openai    down api.openai.test
        4 of 5 checks failed  -                        -
    2026-01-05 10:15  1 h 15 min, unlisted  openai    down api.openai.test
        4 of 5 checks failed  Elevated errors (major)  we, by 13 min
    Times in UTC. First: who saw it first (we: judged; the page: shown to us), and
    by how much. The end is measured here, stated by the page with a time, or, where
    it gives none, our first reading that does not list it any more (unlisted).
    ");
    insta::assert_snapshot!(said("80", &["changes", "--provider", "anthropic"]), @"
    2026-02-01
      8e2c18b8d5121ce1  anthropic: claude-haiku-4-5-20251001 date.retires: not
          before 2026-10-15 -> not before 2026-12-15 (61 days later)
          [anthropic/claude-haiku-4.5@2025-10-01]
    ");
    insta::assert_snapshot!(said("80", &["latency", "--since", "2026-01-05", "--until", "2026-01-06"]), @"
    HOST                    WAY    N    FAILED  TOTAL p50/p90/p95/p99
        p50 OVER TIME                FIRST BYTE   FAILURES
    api.openai.test         fresh  202  14      80/80/80/80
        ▁▁▁▁▁▁▁▁▁▁▁▁      ▁▁▁▁▁▁ 80  80/80/80/80  timeout 14
    bedrock.us-east-1.test  fresh  216  0       80/80/80/80
        ▁▁▁▁▁▁▁▁▁▁▁▁      ▁▁▁▁▁▁ 80  80/80/80/80
    2026-01-05 00:00 to 2026-01-06 00:00 UTC, in ms; of dns, connect, tls and body
    the mean. Failures enter no figure. Bars run from the shortest p50 to the
    longest.
    ");
    let probes: Vec<String> = said("80", &["probe", "list"])
        .lines()
        .take(9)
        .map(str::to_string)
        .collect();
    insta::assert_snapshot!(probes.join("\n"), @"
    PROBE                     STATE                         AUTHORITY      SCHEDULE
        WATCHES
    anthropic.blog            on                            provider-page  every 1h
        New posts of the Claude blog.
    anthropic.deprecations    on                            provider-page  every 1h
        Anthropic's page of model states, retirement dates and replacements
    anthropic.model-pages     on                            provider-page  every 6h
        Anthropic's pages of single models: label, release, retirement, limits,
        prices, ids on other clouds.
    ");
    let model = [
        "model",
        "bedrock:us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "nobody:x",
    ];
    insta::assert_snapshot!(said("80", &model), @"
    PROVIDER  NATIVE ID
        MODEL                        VERSION
        RULE
    bedrock   us.anthropic.claude-sonnet-4-5-20250929-v1:0
        anthropic/claude-sonnet-4.5  anthropic/claude-sonnet-4.5@2025-09-29
        routing prefix, vendor label, packaging suffix, date stamp, version spelling
              nobody:x
        unknown
        unknown: the variant ':x' is unknown
    ");
    insta::assert_snapshot!(said("200", &model), @"
    PROVIDER  NATIVE ID                                     MODEL                        VERSION                                 RULE
    bedrock   us.anthropic.claude-sonnet-4-5-20250929-v1:0  anthropic/claude-sonnet-4.5  anthropic/claude-sonnet-4.5@2025-09-29  routing prefix, vendor label, packaging suffix, date stamp, version
                                                                                                                                 spelling
              nobody:x                                      unknown                                                              unknown: the variant ':x' is unknown
    ");
}
