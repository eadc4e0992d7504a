//! Amazon Bedrock's probes on bodies that were really sent, counted apart from the readers. Needs `BELLWETHER_SHARED`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use bellwether::alerting::Policy;
use bellwether::config::{self, Own, Probe};
use bellwether::daemon::pipeline::{Answer, Arrival, Taken, take};
use bellwether::daemon::reading::{Target, read_body};
use bellwether::market::{
    Attribute, ChangeKind, Claim, Content, Failure, Reading, RecordedChange, Settled, Standing,
    SubjectKind,
};
use bellwether::readers::Body;
use bellwether::readers::following::{FOLLOWED, Followed};
use bellwether::store::{ChangeFilter, Changes, Sources, Store};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;

fn declared() -> Vec<Probe> {
    let mut probes = config::declared(&[], Own::default()).expect("the shipped probes");
    probes.retain(|probe| probe.provider.as_str() == "bedrock");
    probes
}

fn probe(name: &str) -> Probe {
    let mut probes = declared();
    let id = format!("bedrock.{name}");
    let place = probes.iter().position(|probe| probe.id.as_str() == id);
    probes.swap_remove(place.expect("a declared probe"))
}

/// The files of a place in the corpus, oldest first; `None` where there is no corpus.
#[expect(clippy::print_stderr, reason = "a test that was skipped has to say so")]
fn corpus(place: &str) -> Option<Vec<(PathBuf, Vec<u8>)>> {
    let Some(shared) = std::env::var_os("BELLWETHER_SHARED") else {
        eprintln!("skipped: BELLWETHER_SHARED is not set, so {place} is not at hand");
        return None;
    };
    let root = Path::new(&shared).join("corpus").join(place);
    let mut files: Vec<(PathBuf, Vec<u8>)> = std::fs::read_dir(&root)
        .expect("a folder of the corpus")
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let bytes = std::fs::read(&path).expect("a file of the corpus");
            (path, bytes)
        })
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{}", root.display());
    Some(files)
}

/// Reads a body as the daemon would, in the scope of a region.
fn read_in(probe: &Probe, region: &str, bytes: &[u8]) -> Result<Reading, Failure> {
    let scoping = probe
        .scopes
        .iter()
        .find(|scoping| scoping.scope.as_str() == region);
    let target = Target::new(probe, scoping.expect("a scope of the probe"));
    read_body(&target, bytes, None, &Settled::new())
}

/// Every subject as `native id region deployment`, with its claims.
fn stated(reading: &Reading) -> BTreeMap<String, Vec<Claim>> {
    let entries = reading.entries.iter().map(|entry| {
        let claims = match &entry.content {
            Content::Stated { claims, .. } => claims.as_slice(),
            Content::Settled => &[],
        };
        let subject = &entry.subject;
        let deployment = subject.deployment.as_deref().unwrap_or("-");
        let name = format!("{} {} {deployment}", subject.native_id, subject.region);
        (name, claims.to_vec())
    });
    entries.collect()
}

fn count(reading: &Reading, attribute: &str, value: &str) -> usize {
    let attribute: Attribute = attribute.parse().expect("an attribute");
    stated(reading)
        .values()
        .flatten()
        .filter(|claim| claim.attribute == attribute && claim.value.to_string() == value)
        .count()
}

fn parsed(bytes: &[u8]) -> Json {
    serde_json::from_slice(bytes).expect("JSON")
}

fn texts(list: &Json) -> Vec<&str> {
    let members = list.as_array().map(Vec::as_slice).unwrap_or_default();
    members.iter().filter_map(Json::as_str).collect()
}

/// In what ways a row of ListFoundationModels can be bought by its own id.
fn deployments(row: &Json) -> Vec<&'static str> {
    let types = texts(&row["inferenceTypesSupported"]);
    let named: Vec<&str> = types
        .iter()
        .filter_map(|word| match *word {
            "ON_DEMAND" => Some("on-demand"),
            "PROVISIONED" => Some("provisioned"),
            _ => None,
        })
        .collect();
    if named.is_empty() { vec!["-"] } else { named }
}

/// Whether two bodies whose list is in another order are one reading.
fn same_in_any_order(probe: &Probe, region: &str, bytes: &[u8], list: &str) {
    let mut json = parsed(bytes);
    json[list].as_array_mut().expect("a list").reverse();
    let read = |bytes: &[u8]| stated(&read_in(probe, region, bytes).expect("a reading"));
    assert_eq!(read(bytes), read(json.to_string().as_bytes()));
}

#[test]
fn every_row_of_a_region_is_an_offering_for_each_way_to_buy_it() {
    let probe = probe("models");
    for place in [
        "seq/bedrock-foundation-models",
        "single/bedrock-list-foundation-models",
    ] {
        let Some(files) = corpus(place) else { return };
        for (path, bytes) in files {
            let json = parsed(&bytes);
            let rows = json["modelSummaries"].as_array().expect("rows");
            let mut expected = BTreeSet::new();
            let (mut legacy, mut streaming, mut profiles) = (0, 0, 0);
            for row in rows {
                let ways = deployments(row);
                let id = row["modelId"].as_str().expect("an id");
                legacy += ways.len() * usize::from(row["modelLifecycle"]["status"] == "LEGACY");
                streaming += ways.len() * usize::from(row["responseStreamingSupported"] == true);
                let by_profile =
                    texts(&row["inferenceTypesSupported"]).contains(&"INFERENCE_PROFILE");
                profiles += ways.len() * usize::from(by_profile);
                expected.extend(ways.iter().map(|way| format!("{id} us-west-2 {way}")));
            }
            let reading = read_in(&probe, "us-west-2", &bytes).expect("a reading");
            let read: BTreeSet<String> = stated(&reading).into_keys().collect();
            assert_eq!(read, expected, "{}", path.display());
            let counted = [
                count(&reading, "stage", "legacy"),
                count(&reading, "capability.streaming", "yes"),
                count(&reading, "capability.inference_profile", "yes"),
                count(&reading, "stage", "legacy") + count(&reading, "stage", "ga"),
            ];
            let all = [legacy, streaming, profiles, expected.len()];
            assert_eq!(counted, all, "{}", path.display());
            assert_eq!(reading.unexpected, [], "{}", path.display());
            same_in_any_order(&probe, "us-west-2", &bytes, "modelSummaries");
        }
    }
}

#[test]
fn every_profile_says_where_it_leads() {
    let probe = probe("profiles");
    let Some(files) = corpus("single/bedrock-list-inference-profiles") else {
        return;
    };
    for (path, bytes) in files {
        let json = parsed(&bytes);
        let mut expected = BTreeMap::new();
        for profile in json["inferenceProfileSummaries"].as_array().expect("rows") {
            let id = profile["inferenceProfileId"].as_str().expect("an id");
            let prefix = id.split('.').next().expect("a prefix");
            let models = profile["models"].as_array().expect("models");
            let region = |model: &Json| {
                let arn = model["modelArn"].as_str().expect("an arn");
                arn.split(':').nth(3).expect("a region").to_string()
            };
            let mut regions: BTreeSet<String> = models.iter().map(region).collect();
            regions.remove("");
            let regions: Vec<String> = regions.into_iter().collect();
            let name = format!("{id} us-east-1 profile:{prefix}");
            expected.insert(name, regions.join(", "));
        }
        let reading = read_in(&probe, "us-east-1", &bytes).expect("a reading");
        let led: BTreeMap<String, String> = stated(&reading)
            .into_iter()
            .map(|(name, claims)| {
                let regions = claims
                    .iter()
                    .find(|claim| claim.attribute.to_string() == "capability.destination_regions");
                (
                    name,
                    regions.map_or(String::new(), |claim| claim.value.to_string()),
                )
            })
            .collect();
        assert_eq!(led, expected, "{}", path.display());
        assert!(expected.keys().any(|name| name.ends_with("profile:global")));
        // ACTIVE is what every profile is, also of a model on its way out
        assert_eq!(count(&reading, "stage", "ga"), 0);
        assert_eq!(reading.unexpected, [], "{}", path.display());
        same_in_any_order(&probe, "us-east-1", &bytes, "inferenceProfileSummaries");
    }
}

#[test]
fn the_other_endpoint_lists_its_models_under_their_own_ids() {
    let probe = probe("mantle");
    let Some(files) = corpus("seq/bedrock-mantle-v1-models") else {
        return;
    };
    for (path, bytes) in files {
        let json = parsed(&bytes);
        let rows = json["data"].as_array().expect("rows");
        let name = |row: &Json| format!("{} us-east-1 mantle", row["id"].as_str().expect("an id"));
        let expected: BTreeSet<String> = rows.iter().map(name).collect();
        let available = rows
            .iter()
            .filter(|row| row["status"] == "available")
            .count();
        let reading = read_in(&probe, "us-east-1", &bytes).expect("a reading");
        let read: BTreeSet<String> = stated(&reading).into_keys().collect();
        assert_eq!(read, expected, "{}", path.display());
        assert_eq!(count(&reading, "capability.available", "yes"), available);
        assert_eq!(reading.unexpected, [], "{}", path.display());
    }
}

#[test]
fn open_events_of_the_dashboard_are_incidents_of_their_regions() {
    let probe = probe("status");
    let Some(files) = corpus("single/aws-health-currentevents") else {
        return;
    };
    for (path, bytes) in files {
        let text = String::from_utf8(bytes.clone()).expect("UTF-8");
        let wide: Vec<u8> = std::iter::once(0xFEFF)
            .chain(text.encode_utf16())
            .flat_map(u16::to_be_bytes)
            .collect();
        for bytes in [bytes, wide] {
            let reading = read_in(&probe, "", &bytes).expect("a reading");
            let incidents =
                |entry: &&bellwether::market::Entry| entry.subject.kind == SubjectKind::Incident;
            let regions: Vec<String> = reading
                .entries
                .iter()
                .filter(incidents)
                .map(|entry| entry.subject.region.to_string())
                .collect();
            let regions: BTreeSet<String> = regions.into_iter().collect();
            let expected = ["me-central-1", "me-south-1"].map(str::to_string);
            assert_eq!(regions, expected.into(), "{}", path.display());
            // both say of Bedrock itself that it is disrupted
            assert_eq!(count(&reading, "impact", "critical"), 2);
            assert_eq!(reading.unexpected, [], "{}", path.display());
        }
    }
}

#[test]
fn the_price_list_has_no_offer_of_bedrock_that_is_not_asked() {
    let Some(files) = corpus("single/aws-price-list") else {
        return;
    };
    let index = files
        .iter()
        .find(|(path, _)| path.ends_with("offers-v1.0-aws-index.json"));
    let json = parsed(&index.expect("the index of offers").1);
    let offers = json["offers"].as_object().expect("offers");
    let listed: BTreeSet<&str> = offers
        .keys()
        .map(String::as_str)
        .filter(|code| code.contains("Bedrock"))
        .collect();
    assert_eq!(listed.len(), 4);
    let probes = declared();
    let urls: Vec<String> = probes
        .iter()
        .flat_map(|probe| {
            probe
                .sources()
                .filter_map(|(_, scoping)| probe.url(scoping, false))
        })
        .collect();
    for code in listed {
        let path = format!("/offers/v1.0/aws/{code}/current/us-east-1/index.json");
        assert!(urls.iter().any(|url| url.ends_with(&path)), "{code}");
    }
}

fn time(path: &Path) -> Timestamp {
    let stem = path
        .file_stem()
        .and_then(|stem| stem.to_str())
        .expect("a name");
    let (day, clock) = stem.trim_end_matches('Z').split_once('T').expect("a time");
    let clock = format!("{}:{}:{}", &clock[..2], &clock[2..4], &clock[4..6]);
    format!("{day}T{clock}Z").parse().expect("a time")
}

struct Life {
    probe: Probe,
    store: Store,
    _folder: tempfile::TempDir,
}

impl Life {
    fn new(probe: Probe) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("bellwether.db")).expect("a database");
        Self {
            probe,
            store,
            _folder: folder,
        }
    }

    fn hear(&mut self, region: &str, answer: Answer<'_>, at: Timestamp) -> Taken {
        let scoping = self
            .probe
            .scopes
            .iter()
            .find(|scoping| scoping.scope.as_str() == region);
        let target = Target::new(&self.probe, scoping.expect("a scope"));
        let arrival = Arrival {
            at,
            answer,
            sample: None,
            vantage: "test",
            imported: false,
            inconclusive: false,
        };
        take(&mut self.store, &target, &arrival, &Policy::default()).expect("a sound store")
    }

    fn changes(&self) -> Vec<RecordedChange> {
        let all = ChangeFilter {
            all: true,
            ..ChangeFilter::default()
        };
        self.store.changes(&all).expect("changes")
    }
}

fn body(bytes: &[u8]) -> Answer<'_> {
    Answer::Body {
        bytes,
        content_type: Some("application/json"),
        etag: None,
        last_modified: None,
    }
}

/// `kind native id deployment`, sorted, of the changes of presence.
fn presence(changes: &[RecordedChange]) -> Vec<String> {
    let mut lines: Vec<String> = changes
        .iter()
        .filter(|recorded| recorded.change.attribute.is_none())
        .map(|recorded| {
            let change = &recorded.change;
            let deployment = change.subject.deployment.as_deref().unwrap_or("-");
            format!(
                "{} {} {deployment}",
                change.kind.word(),
                change.subject.native_id
            )
        })
        .collect();
    lines.sort();
    lines
}

#[test]
fn half_a_year_of_a_region_changes_no_stage_and_damps_what_comes_and_goes() {
    let Some(files) = corpus("seq/bedrock-foundation-models") else {
        return;
    };
    let mut life = Life::new(probe("models"));
    for (path, bytes) in &files {
        let taken = life.hear("us-west-2", body(bytes), time(path));
        assert!(
            !matches!(taken, Taken::Failed(_)),
            "{}: {taken:?}",
            path.display()
        );
    }
    let changes = life.changes();
    let of = |kind: ChangeKind| {
        changes
            .iter()
            .filter(|recorded| recorded.change.kind == kind)
            .count()
    };
    assert_eq!(of(ChangeKind::StageChanged), 0);
    assert_eq!(of(ChangeKind::SourceSuspect), 0);
    // three ids of Stability are missing from one body and three of Opus lose what they could be bought by: the first are damped,
    // the second are still listed, so that nothing is added. The fourteen models of the last body have been seen once.
    let news = changes
        .iter()
        .filter(|recorded| recorded.standing == Standing::News)
        .cloned();
    insta::assert_snapshot!(presence(&news.collect::<Vec<_>>()).join("\n"), @"
    offering_added amazon.nova-premier-v1:0 -
    offering_added amazon.nova-premier-v1:0:1000k -
    offering_added amazon.nova-premier-v1:0:20k -
    offering_added amazon.nova-premier-v1:0:8k -
    offering_added amazon.nova-premier-v1:0:mm -
    offering_added anthropic.claude-opus-4-1-20250805-v1:0 -
    offering_added anthropic.claude-opus-4-20250514-v1:0 -
    offering_added anthropic.claude-sonnet-4-20250514-v1:0 -
    offering_added meta.llama3-3-70b-instruct-v1:0:128k -
    offering_added meta.llama4-maverick-17b-instruct-v1:0 -
    offering_added meta.llama4-scout-17b-instruct-v1:0 -
    offering_added mistral.pixtral-large-2502-v1:0 -
    offering_added openai.gpt-oss-120b-1:0 on-demand
    offering_added openai.gpt-oss-20b-1:0 on-demand
    offering_added twelvelabs.pegasus-1-2-v1:0 -
    offering_added writer.palmyra-x4-v1:0 -
    offering_added writer.palmyra-x5-v1:0 -
    offering_removed anthropic.claude-3-opus-20240229-v1:0:12k provisioned
    offering_removed anthropic.claude-3-opus-20240229-v1:0:200k provisioned
    offering_removed anthropic.claude-3-opus-20240229-v1:0:28k provisioned
    offering_removed anthropic.claude-instant-v1 on-demand
    offering_removed anthropic.claude-v2 on-demand
    offering_removed anthropic.claude-v2:1 on-demand
    offering_removed cohere.command-light-text-v14 on-demand
    offering_removed cohere.command-light-text-v14:7:4k provisioned
    offering_removed cohere.command-text-v14 on-demand
    offering_removed cohere.command-text-v14:7:4k provisioned
    offering_removed stability.stable-diffusion-xl-v1 on-demand
    offering_removed stability.stable-diffusion-xl-v1:0 provisioned
    ");
}

#[test]
fn a_row_that_learns_how_it_can_be_bought_is_told_once() {
    let row = |types: &str| {
        format!(
            r#"{{"modelSummaries":[{{"modelArn":"a","modelId":"anthropic.claude-sonnet-5-5","inferenceTypesSupported":[{types}],"modelLifecycle":{{"status":"ACTIVE"}}}}]}}"#
        )
    };
    let begin: Timestamp = "2026-11-01T00:00:00Z".parse().expect("a time");
    let bodies = [
        r#""INFERENCE_PROFILE""#,
        r#""INFERENCE_PROFILE","ON_DEMAND""#,
        r#""ON_DEMAND","PROVISIONED""#,
        r#""PROVISIONED""#,
        "",
    ];
    let mut life = Life::new(probe("models"));
    let mut told = Vec::new();
    for (day, types) in bodies.iter().enumerate() {
        for hour in [0, 30] {
            let hours = i64::try_from(day).expect("small") * 72 + hour;
            let text = row(types);
            let taken = life.hear(
                "us-east-1",
                body(text.as_bytes()),
                begin + SignedDuration::from_hours(hours),
            );
            let news = taken
                .changes()
                .iter()
                .filter(|recorded| recorded.standing == Standing::News)
                .cloned();
            told.extend(presence(&news.collect::<Vec<_>>()));
        }
    }
    assert_eq!(
        told,
        [
            "offering_added anthropic.claude-sonnet-5-5 on-demand",
            "offering_added anthropic.claude-sonnet-5-5 provisioned",
            "offering_removed anthropic.claude-sonnet-5-5 on-demand",
            "offering_removed anthropic.claude-sonnet-5-5 provisioned",
        ]
    );
}

#[test]
fn a_region_that_never_answered_breaks_no_probe_and_one_that_did_does() {
    let begin: Timestamp = "2026-11-01T00:00:00Z".parse().expect("a time");
    let gone = || {
        Answer::Failed(Failure::Dns {
            detail: "no such host".to_string(),
        })
    };
    let refused = || {
        Answer::Failed(Failure::Unauthorised {
            status: 403,
            code: None,
        })
    };
    let hour = |n: i64| begin + SignedDuration::from_hours(n);
    let mut life = Life::new(probe("mantle"));
    let list = br#"{"object":"list","data":[{"id":"openai.gpt-6-sol","object":"model"}]}"#;
    assert!(matches!(
        life.hear("us-east-1", body(list), hour(0)),
        Taken::Baseline { items: 1 }
    ));
    for n in 1..9 {
        life.hear("us-east-1", gone(), hour(n));
        life.hear("eu-west-1", gone(), hour(n));
        life.hear("eu-north-1", refused(), hour(n));
    }
    let broken: Vec<String> = life
        .changes()
        .iter()
        .filter(|recorded| recorded.change.kind == ChangeKind::ProbeBroken)
        .map(|recorded| recorded.change.source.to_string())
        .collect();
    assert_eq!(
        broken,
        ["bedrock.mantle@us-east-1", "bedrock.mantle@eu-north-1"]
    );
    let sources = life.store.sources().expect("sources");
    let silent = sources
        .iter()
        .find(|source| source.id.scope.as_str() == "eu-west-1");
    assert_eq!(silent.expect("the region is known").failures, 8);
}

#[test]
fn access_is_a_ladder_of_its_own() {
    let probe = probe("access");
    let answer = |agreement: &str, authorised: &str, offered: &str| {
        format!(
            r#"{{"modelId":"anthropic.claude-sonnet-5-5","agreementAvailability":{{"status":"{agreement}","errorMessage":null}},
            "authorizationStatus":"{authorised}","entitlementAvailability":"AVAILABLE","regionAvailability":"{offered}"}}"#
        )
    };
    for (text, granted, notes) in [
        (answer("AVAILABLE", "AUTHORIZED", "AVAILABLE"), "yes", 0),
        (answer("NOT_AVAILABLE", "AUTHORIZED", "AVAILABLE"), "no", 0),
        (
            answer("PENDING", "NOT_AUTHORIZED", "NOT_AVAILABLE"),
            "no",
            0,
        ),
        (answer("AVAILABLE", "PERHAPS", "AVAILABLE"), "", 1),
    ] {
        let reading = read_in(&probe, "us-east-1", text.as_bytes()).expect("a reading");
        let claims = stated(&reading).remove("anthropic.claude-sonnet-5-5 us-east-1 -");
        let claims = claims.expect("the model");
        let said = |name: &str| {
            let claim = claims
                .iter()
                .find(|claim| claim.attribute.to_string() == name);
            claim.map_or(String::new(), |claim| claim.value.to_string())
        };
        assert_eq!(said("capability.granted"), granted, "{text}");
        assert_eq!(said("capability.entitled"), "yes");
        assert_eq!(
            said("capability.offered") == "yes",
            !text.contains(r#"y":"NOT_AVAILABLE"}"#)
        );
        assert_eq!(reading.unexpected.len(), notes, "{:?}", reading.unexpected);
    }
    assert!(!probe.on, "one call a model is for whoever wants it");
}

#[test]
fn cards_of_an_index_are_one_reading() {
    let probe = probe("cards");
    let card = |id: &str, region: &str| {
        format!(
            "# {id}\n\n## Model Details\n+ **Model lifecycle:** Preview\n\n| **Endpoint** | **Model ID** | **In-Region endpoint URL** |\n\
             | --- | --- | --- |\n| bedrock-runtime | {id} | https://x.test |\n\n| **Region** | **In-Region** |\n| --- | --- |\n| {region} | Yes |\n"
        )
    };
    let answered = |item: &str, text: &str| {
        Followed::answered(
            item,
            &Body {
                bytes: text.as_bytes(),
                content_type: Some("text/markdown"),
            },
        )
    };
    let failure = Failure::Status {
        status: 404,
        code: None,
        message: None,
        retry_after: None,
    };
    let kept = |answers: Vec<Followed>| {
        let text = serde_json::to_vec(&answers).expect("JSON");
        let target = Target::new(&probe, &probe.scopes[0]);
        read_body(&target, &text, Some(FOLLOWED), &Settled::new()).expect("a reading")
    };
    let (a, b) = (
        answered("acme-a", &card("acme.a", "us-east-1")),
        answered("acme-b", &card("acme.b", "eu-west-1")),
    );
    let reading = kept(vec![a.clone(), b]);
    let names: Vec<String> = stated(&reading).into_keys().collect();
    assert_eq!(
        names,
        [
            "acme.a * -",
            "acme.a us-east-1 on-demand",
            "acme.b * -",
            "acme.b eu-west-1 on-demand"
        ]
    );
    assert!(reading.complete);
    assert_eq!(count(&reading, "stage", "preview"), 2);
    let partial = kept(vec![a, Followed::failed("acme-b", &failure)]);
    assert!(!partial.complete);
    assert_eq!(stated(&partial).len(), 2);
}
