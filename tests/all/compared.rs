//! One model on every provider, from bodies in the shapes that providers send: every figure below is derived by hand.

use bellwether::alerting::{ModelPattern, Scope, Watch};
use bellwether::inference::Figures;
use bellwether::latency::KeptSample;
use bellwether::market::{
    Attribute, Authority, Called, Change, ChangeKind, DateKind, Phases, ProbeId, RecordedChange,
    SourceId, Standing, Subject, SubjectKind, Taken, WayOut,
};
use bellwether::outlook::ways_out::ways_out;
use bellwether::store::{AnswerRow, OfferingFilter, Offerings as _, Series, SeriesKind, Store};
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use crate::sonnet::{bedrock_models, landscape, objects};

#[test]
fn every_offering_has_the_figures_that_are_derived_by_hand() {
    let world = landscape();
    let rows = objects(&world.good(&[
        "--format",
        "jsonl",
        "compare",
        "anthropic/claude-sonnet-4.5",
    ]));
    let price = |row: &Json, meter: &str| {
        row["prices"][format!("price.{meter}")]["value"]
            .as_str()
            .unwrap_or("-")
            .to_string()
    };
    let shown: Vec<String> = rows
        .iter()
        .map(|row| {
            let text = |key: &str| row[key].as_str().unwrap_or("-").to_string();
            let prices = [
                "input",
                "output",
                "cache_read",
                "cache_write",
                "input.batch",
            ]
            .map(|meter| price(row, meter));
            format!(
                "{} {} {} {} {} {}",
                text("provider"),
                text("deployment"),
                text("reach"),
                text("region"),
                text("stage"),
                prices.join(" ")
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            // the page of prices by display name; batch is half
            "anthropic - - * ga 3 15 0.3 - 1.5",
            // the price list in the region
            "bedrock on-demand in-region us-east-1 legacy 3.3 16.5 0.33 - -",
            // the price list for traffic that may go anywhere; the registry for what that list does not say
            "bedrock profile:global global us-east-1 legacy 3 15 0.3 3.75 -",
            // the list states nothing of its own for the geography: it is billed as the region
            "bedrock profile:us geo us-east-1 legacy 3.3 16.5 0.33 - -",
            "vertex partner - * unknown 3 15 0.3 - -",
        ]
    );
    let (anthropic, list) = (&rows[0], &rows[1]);
    assert_eq!(price(anthropic, "cache_write_5m"), "3.75");
    assert_eq!(
        anthropic["retires"],
        json!({ "date": "2026-09-29", "certainty": "not_before" })
    );
    assert_eq!(
        list["legacy"],
        json!({ "date": "2026-10-14", "certainty": "firm" })
    );
    assert_eq!(
        list["deprecated"],
        json!({ "date": "2027-01-14", "certainty": "firm" })
    );
    assert_eq!(
        list["retires"],
        json!({ "date": "2027-04-14", "certainty": "firm" })
    );
    assert_eq!(
        list["said_by"]["retires"]["source"],
        "bedrock.models@us-east-1"
    );
    assert_eq!(list["said_by"]["stage"]["authority"], "provider-api");
    assert_eq!(list["access"]["rung"], "listed");
    assert_eq!(
        rows[3]["destination_regions"],
        json!(["us-east-1", "us-west-2"])
    );
    let paid = &list["prices"]["price.input"];
    assert_eq!(paid["source"], "bedrock.marketplace-prices@us-east-1");
    // 3.3 is a tenth more than 3
    let spread = &list["spreads"].as_array().expect("spreads")[0];
    assert_eq!(
        (&spread["attribute"], &spread["class"]),
        (&json!("price.cache_read"), &json!("regional premium"))
    );
    assert_eq!(list["fall_back"]["ga_on"], json!(["anthropic"]));
    let replaced = &anthropic["fall_back"]["replacements"][0];
    assert_eq!(replaced["model"], "anthropic/claude-opus-4.5");
    assert_eq!(replaced["offered_on"], json!(["anthropic"]));
    let csv = world.good(&["--format", "csv", "compare", "anthropic/claude-sonnet-4.5"]);
    assert_eq!(csv.lines().count(), 6);
}

#[test]
fn a_comparison_fits_the_terminal() {
    let world = landscape();
    for width in ["80", "120"] {
        let said = world.run_with(
            &[("COLUMNS", width)],
            &["compare", "anthropic/claude-sonnet-4.5", "--meters"],
        );
        let widest = said.out.lines().map(|line| line.chars().count()).max();
        assert!(widest <= width.parse().ok(), "{}", said.out);
    }
    let said = world.run_with(
        &[("COLUMNS", "80")],
        &["compare", "anthropic/claude-sonnet-4.5"],
    );
    insta::with_settings!({ filters => vec![(r"confirmed \d+ days\s+ago", "confirmed [n] days ago")] }, {
        insta::assert_snapshot!(said.out, @"
        anthropic/claude-sonnet-4.5

        anthropic  claude-sonnet-4-5-20250929
          DEPLOYMENT  REACH  STAGE  RETIRES      INPUT  OUTPUT  CACHED  REGIONS
          -           -      ga     >2026-09-29  3      15      0.3     *
          stateless, access: listed
          dates by anthropic.deprecations: retires >2026-09-29
          dates by anthropic.models: launch !2025-09-29
          prices by anthropic.pricing since 2026-01-31, confirmed [n] days ago
          also priced: cache_write_1h, cache_write_5m, input.batch, output.batch
            (--meters)

        bedrock  anthropic.claude-sonnet-4-5-20250929-v1:0
          DEPLOYMENT  REACH      STAGE   RETIRES      INPUT  OUTPUT  CACHED  REGIONS
          on-demand   in-region  legacy  !2027-04-14  3.3    16.5    0.33    us-east-1
          stateless, access: listed
          dates by bedrock.models: launch !2025-09-29, legacy !2026-10-14, deprecated
            !2027-01-14, retires !2027-04-14
          prices by bedrock.marketplace-prices since 2026-01-31, confirmed [n] days ago

        bedrock  global.anthropic.claude-sonnet-4-5-20250929-v1:0
          DEPLOYMENT      REACH   STAGE   RETIRES      INPUT  OUTPUT  CACHED  REGIONS
          profile:global  global  legacy  !2027-04-14  3      15      0.3     us-east-1
          stateless, access: listed
          dates by bedrock.models: legacy !2026-10-14, deprecated !2027-01-14, retires
            !2027-04-14
          leads anywhere
          prices by bedrock.marketplace-prices since 2026-01-31, confirmed [n] days ago
          also priced: cache_write (--meters)

        bedrock  us.anthropic.claude-sonnet-4-5-20250929-v1:0
          DEPLOYMENT  REACH  STAGE   RETIRES      INPUT  OUTPUT  CACHED  REGIONS
          profile:us  geo    legacy  !2027-04-14  3.3    16.5    0.33    us-east-1
          stateless, access: listed
          dates by bedrock.models: legacy !2026-10-14, deprecated !2027-01-14, retires
            !2027-04-14
          leads to us-east-1, us-west-2
          prices by bedrock.marketplace-prices since 2026-01-31, confirmed [n] days ago

        vertex  claude-sonnet-4-5@20250929
          DEPLOYMENT  REACH  STAGE    RETIRES  INPUT  OUTPUT  CACHED  REGIONS
          partner     -      unknown  -        3      15      0.3     *
          access: listed
          prices by models-dev.catalogue since 2026-01-31, confirmed [n] days ago

          prices in USD per 1M tokens unless another unit is named; !2027-03-01 retires
            then, >2027-03-01 not before

        sources differ
          bedrock anthropic.claude-sonnet-4-5-20250929-v1:0 price.cache_read: 0.33
            (bedrock.marketplace-prices) against 0.3 (models-dev.catalogue): regional
            premium
          bedrock anthropic.claude-sonnet-4-5-20250929-v1:0 price.input: 3.3
            (bedrock.marketplace-prices) against 3 (models-dev.catalogue): regional
            premium
          bedrock anthropic.claude-sonnet-4-5-20250929-v1:0 price.output: 16.5
            (bedrock.marketplace-prices) against 15 (models-dev.catalogue): regional
            premium
          bedrock us.anthropic.claude-sonnet-4-5-20250929-v1:0 price.cache_read: 0.33
            (bedrock.marketplace-prices) against 0.3 (models-dev.catalogue): regional
            premium
          bedrock us.anthropic.claude-sonnet-4-5-20250929-v1:0 price.input: 3.3
            (bedrock.marketplace-prices) against 3 (models-dev.catalogue): regional
            premium
          bedrock us.anthropic.claude-sonnet-4-5-20250929-v1:0 price.output: 16.5
            (bedrock.marketplace-prices) against 15 (models-dev.catalogue): regional
            premium

        to fall back to
          generally available on anthropic
          claude-opus-4-5-20251101, says anthropic: anthropic/claude-opus-4.5, offered
            on anthropic
        ");
    });
}

#[test]
fn the_landscape_is_a_matrix_with_the_health_of_sources() {
    let world = landscape();
    let rows = objects(&world.good(&[
        "--format",
        "jsonl",
        "status",
        "--model",
        "claude-sonnet-4.5",
    ]));
    let bedrock = rows
        .iter()
        .find(|row| row["provider"] == "bedrock")
        .expect("a row");
    assert_eq!(
        *bedrock,
        json!({ "model": "anthropic/claude-sonnet-4.5", "provider": "bedrock", "stage": "legacy", "offerings": 3, "regions": ["us-east-1"],
            "reach": ["in-region", "geo", "global"], "retires": { "date": "2027-04-14", "certainty": "firm" }, "input": "3", "output": "15" })
    );
    assert_eq!(rows.len(), 3);
    let table = world.good(&["status", "--model", "anthropic/*"]);
    assert!(
        table.contains("MODEL") && table.contains("leg 1"),
        "{table}"
    );
    assert!(table.contains("sources: 7 of 7 good"), "{table}");
    let sources = objects(&world.good(&["--format", "jsonl", "status", "--sources"]));
    assert_eq!(sources.len(), 7);
    assert!(
        sources.iter().all(|source| source["state"] == "good"),
        "{sources:?}"
    );
    // a set of regions is no text in a region's name, and what a registry retells stays away
    for command in [
        &["status", "--model", "*sonnet*"][..],
        &["compare", "claude-sonnet-4.5"],
    ] {
        let narrow = world.good(&[&["--format", "jsonl"], command, &["--region", "eu"]].concat());
        let rows = objects(&narrow);
        assert!(
            rows.iter().all(|row| row["provider"] != "bedrock"),
            "{narrow}"
        );
        assert_eq!(rows.len(), 2, "{narrow}");
    }
    let none = world.run(&["status", "--model", "nobody/*"]);
    assert_eq!(none.code, 0, "{}{}", none.out, none.err);
    assert!(none.out.starts_with("no model fits"), "{}", none.out);
    let nobody = world.run(&["status", "--provider", "nobody"]);
    assert_eq!(nobody.code, 2, "{}{}", nobody.out, nobody.err);
    assert!(!table.contains('\u{1b}'));
}

#[test]
fn a_narrow_question_is_answered_as_the_wide_one() {
    let world = landscape();
    let store = Store::open_read_only(&world.path("data/bellwether.db")).expect("the database");
    let all = store.offerings(&OfferingFilter::default()).expect("facts");
    let (input, output) = (Attribute::price("input"), Attribute::price("output"));
    let retires = Attribute::Date(DateKind::Retires);
    for attributes in [
        vec![Attribute::Stage, retires, input.clone(), output],
        vec![Attribute::Stage],
        vec![input, Attribute::Name],
    ] {
        for provider in [None, Some("bedrock".to_string())] {
            let fits = |fact: &&bellwether::market::OfferingFact| {
                let asked = fact
                    .attribute
                    .as_ref()
                    .is_none_or(|attribute| attributes.contains(attribute));
                asked
                    && provider
                        .as_ref()
                        .is_none_or(|provider| provider == fact.subject.provider.as_str())
            };
            let filter = OfferingFilter {
                attributes: attributes.clone(),
                provider: provider.clone(),
                ..OfferingFilter::default()
            };
            let found = store.offerings(&filter).expect("facts");
            assert!(found.len() > 3);
            assert!(
                found.iter().eq(all.iter().filter(fits)),
                "{attributes:?} {provider:?}"
            );
        }
    }
}

/// Listed, granted, callable: what our own calls to a model came to.
#[test]
fn calls_are_the_last_rung() {
    let world = landscape();
    let now = bellwether::daemon::clock::now();
    let called = |native_id: &str, outcomes: &[&str]| {
        let series = Series {
            kind: SeriesKind::Model,
            provider: "bedrock".to_string(),
            probe: format!("bedrock.asked@{native_id}"),
            region: "us-east-1".to_string(),
            model: native_id.to_string(),
            way: "fresh".to_string(),
            ..Series::default()
        };
        let mut store = Store::open(&world.path("data/bellwether.db")).expect("a database");
        let kept: Result<(), bellwether::store::Error> = store.transaction(|transaction| {
            let id = transaction.series_id(&series)?;
            for (back, outcome) in (0..).zip(outcomes.iter().rev()) {
                let answer = AnswerRow {
                    at: now - SignedDuration::from_hours(1 + back),
                    outcome: outcome.to_string(),
                    figures: Figures::default(),
                };
                transaction.append_answer(id, &answer)?;
            }
            Ok(())
        });
        kept.expect("kept");
    };
    called(
        "anthropic.claude-sonnet-4-5-20250929-v1:0",
        &["throttled", "ok"],
    );
    called(
        "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
        &["throttled", "throttled", "throttled"],
    );
    called(
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        &["ok", "not_entitled"],
    );
    let compare = ["compare", "anthropic/claude-sonnet-4.5"];
    let rows = objects(&world.good(&[&["--format", "jsonl"], &compare[..]].concat()));
    let access = |row: &Json| {
        let (access, calls) = (&row["access"], &row["access"]["calls"]);
        json!([
            access["rung"],
            calls["state"],
            calls["outcome"],
            calls["calls"]
        ])
    };
    assert_eq!(
        rows.iter().map(access).collect::<Vec<_>>(),
        [
            json!(["listed", null, null, null]),
            json!(["callable", "answers", null, null]),
            json!(["listed", "throttled_throughout", null, 3]),
            json!(["listed", "refused", "not_entitled", null]),
            json!(["listed", null, null, null]),
        ]
    );
    let said = world.run_with(&[("COLUMNS", "500")], &compare);
    let lines = said.out.lines().filter(|line| line.contains("access:"));
    let lines: Vec<&str> = lines.map(str::trim).collect();
    let since = (now - SignedDuration::from_hours(3)).strftime("%Y-%m-%d %H:%M UTC");
    assert_eq!(
        lines,
        [
            "stateless, access: listed".to_string(),
            "stateless, access: callable, answered 1 h ago".to_string(),
            format!(
                "stateless, access: listed, every call since {since} (3) was refused as one too many: a quota of nothing or \
                 access that was not granted may hide behind it"
            ),
            "stateless, access: listed, our call 1 h ago was refused (not_entitled)".to_string(),
            "access: listed".to_string(),
        ]
    );
}

#[test]
fn an_alert_names_who_else_sells_the_model_for_how_much_and_how_fast() {
    let world = landscape();
    let now = bellwether::daemon::clock::now();
    let series = Series {
        kind: SeriesKind::Model,
        provider: "anthropic".to_string(),
        probe: "anthropic.asked@claude-sonnet-4-5".to_string(),
        model: "claude-sonnet-4-5-20250929".to_string(),
        way: "fresh".to_string(),
        ..Series::default()
    };
    let mut store = Store::open(&world.path("data/bellwether.db")).expect("a database");
    let kept: Result<(), bellwether::store::Error> = store.transaction(|transaction| {
        let id = transaction.series_id(&series)?;
        for (back, millis) in (1..).zip([400, 420, 900]) {
            let first_token = Some(SignedDuration::from_millis(millis));
            let sample = KeptSample {
                at: now - SignedDuration::from_hours(back),
                phases: Phases::default(),
                first_token,
                outcome: "ok".to_string(),
            };
            transaction.append_sample(id, &sample)?;
        }
        Ok(())
    });
    kept.expect("kept");
    // Bedrock brings the end forward
    let life = json!({ "status": "LEGACY", "startOfLifeTime": "2025-09-29T00:00:00Z", "legacyTime": "2026-10-14T00:00:00Z",
        "publicExtendedAccessTime": "2027-01-14T00:00:00Z", "endOfLifeTime": "2027-03-01T00:00:00Z" });
    let body = bedrock_models("us-east-1", &["ON_DEMAND", "INFERENCE_PROFILE"], life);
    for day in ["2026-02-01", "2026-02-02"] {
        let name = format!("bedrock.models@us-east-1/{day}.json");
        let path = world.write(&name, &body).display().to_string();
        world.good(&["import", "--probe", "bedrock.models@us-east-1", &path]);
    }
    let changes = world.changes(true);
    let [change] = changes.as_slice() else {
        panic!("{changes:?}");
    };
    let id = change["id"].as_str().expect("an id");
    let preview = world.good(&["alert", "preview", id]);
    let told = preview.split_once("Evidence").expect("evidence").1;
    insta::assert_snapshot!(told, @"
          https://bedrock.us-east-1.amazonaws.com/foundation-models
    Also on       anthropic claude-sonnet-4-5-20250929: $3 in, $15 out / 1M tokens; first token 416 ms (p50 of 3 in 7 days); retires not before 2026-09-29
                  vertex claude-sonnet-4-5@20250929: $3 in, $15 out / 1M tokens; neither its stage nor its last day is stated
    Compare       bellwether compare anthropic/claude-sonnet-4.5
    More          bellwether why d82aae579d425056
    Silence       bellwether silence add --model anthropic.claude-sonnet-4-5-20250929-v1:0 --provider bedrock --kind date_changed --for 7d --reason known
    ");
}

#[test]
fn an_outage_of_a_provider_names_who_else_sells_what_is_watched() {
    let world = landscape();
    let models = ["claude-sonnet-4-5", "gpt-9-that-nobody-sells"];
    let watch = Watch {
        name: "support".to_string(),
        scope: Scope {
            models: models
                .into_iter()
                .filter_map(ModelPattern::from_word)
                .collect(),
            ..Scope::default()
        },
    };
    let store = Store::open(&world.path("data/bellwether.db")).expect("a database");
    let now = bellwether::daemon::clock::now();
    let outage_of = |provider: &str, touched: &[&str]| {
        let subject = Subject::of_kind(SubjectKind::Incident, provider, "i-42");
        let source = SourceId {
            probe: ProbeId::new(format!("{provider}.status")),
            scope: bellwether::market::Scope::new(""),
        };
        let taken = Taken {
            recorded: RecordedChange {
                change: Change::plain(source, subject, ChangeKind::IncidentOpened, now),
                standing: Standing::News,
                authority: Authority::ProviderApi,
                imported: false,
                group: "g".to_string(),
                url: String::new(),
                confirmed_by: Vec::new(),
                called: Called::default(),
            },
            touched: touched.iter().map(|name| (*name).to_string()).collect(),
        };
        let found = ways_out(&store, std::slice::from_ref(&watch), &[taken], now);
        let line = |way: &WayOut| {
            let on = way.elsewhere.iter().map(|one| one.provider.as_str());
            format!("{}: {}", way.model, on.collect::<Vec<_>>().join(", "))
        };
        found
            .expect("ways out")
            .iter()
            .map(line)
            .collect::<Vec<_>>()
    };
    let elsewhere = ["anthropic/claude-sonnet-4.5: anthropic, vertex"];
    assert_eq!(outage_of("bedrock", &["support"]), elsewhere);
    assert_eq!(outage_of("bedrock", &[]), [""; 0], "nobody depends on it");
    assert_eq!(
        outage_of("mistral", &["support"]),
        [""; 0],
        "it does not sell it"
    );
}
