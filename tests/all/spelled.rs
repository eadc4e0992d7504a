//! One day of retirement, told by two sources of a provider that spell the model in their own ways, is told once.

use bellwether::config::Probe;
use bellwether::market::{Attribute, DateKind, RecordedChange};
use serde_json::json;

use crate::reading::shipped;
use crate::watched::Watch;

/// A source as it speaks before and after a retirement was announced.
struct Teller {
    probe: Probe,
    before: String,
    after: String,
}

fn teller(id: &str, body: impl Fn(bool) -> String) -> Teller {
    let mut probe = shipped(id);
    probe.rules.min_items = 1;
    if probe.scopes.is_empty() {
        probe.scopes = probe.of_files.clone();
    }
    let (before, after) = (body(false), body(true));
    Teller {
        probe,
        before,
        after,
    }
}

/// The list names the model and how it is bought, the page its id and regions, each in its own way.
fn bedrock() -> [Teller; 2] {
    const ID: &str = "anthropic.claude-ode-7-v1:0";
    let api = |announced: bool| {
        let life = match announced {
            true => {
                json!({ "status": "LEGACY", "legacyTime": "2026-07-08T00:00:00Z", "endOfLifeTime": "2027-01-08T00:00:00Z" })
            }
            false => json!({ "status": "ACTIVE" }),
        };
        json!({ "modelSummaries": [{ "modelArn": format!("arn:aws:bedrock:af-south-1::foundation-model/{ID}"), "modelId": ID,
            "modelName": "Claude Ode 7", "providerName": "Anthropic", "inputModalities": ["TEXT"], "outputModalities": ["TEXT"],
            "inferenceTypesSupported": ["ON_DEMAND"], "modelLifecycle": life }] })
        .to_string()
    };
    let page = |announced: bool| {
        let row = match announced {
            true => format!(
                "| Anthropic | Claude Ode 7 | {ID} | af-south-1 | July 8, 2026 | January 8, 2027 | — |\n"
            ),
            false => String::new(),
        };
        format!(
            "# Model lifecycle\n\n| Model provider | Model name | Model ID | Regions | Legacy date | EOL date | Public extended access start date |\n\
             | --- | --- | --- | --- | --- | --- | --- |\n{row}| Acme | Sol | acme.sol-v1 | eu-west-1 | August 1, 2026 | March 1, 2027 | — |\n"
        )
    };
    [
        teller("bedrock.models", api),
        teller("bedrock.lifecycle", page),
    ]
}

/// One list names the version behind an `@`, the other behind a hyphen.
fn azure() -> [Teller; 2] {
    let day = |announced: bool| match announced {
        true => "2026-12-11T00:00:00Z",
        false => "2099-01-01T00:00:00Z",
    };
    let arm = |announced: bool| {
        json!({ "value": [{ "kind": "OpenAI", "skuName": "S0", "description": "", "model": {
            "format": "OpenAI", "name": "gpt-4o", "version": "2024-05-13", "isDefaultVersion": true, "maxCapacity": 3,
            "skus": [{ "name": "Standard", "usageName": "OpenAI.Standard.gpt-4o", "capacity": { "maximum": 9, "default": 1 },
                "deprecationDate": day(announced) }],
            "capabilities": { "chatCompletion": "true" }, "deprecation": { "inference": day(announced) },
            "lifecycleStatus": "GenerallyAvailable", "systemData": {} } }] })
        .to_string()
    };
    let resource = |announced: bool| {
        let mut model = json!({ "id": "gpt-4o-2024-05-13", "object": "model", "status": "succeeded", "created_at": 1_715_558_400,
            "updated_at": 1_715_558_400, "lifecycle_status": "generally-available", "capabilities": { "inference": true } });
        if announced {
            let seconds = "2026-12-11T00:00:00Z"
                .parse::<jiff::Timestamp>()
                .expect("a time")
                .as_second();
            model["deprecation"] = json!({ "inference": seconds });
        }
        json!({ "object": "list", "data": [model] }).to_string()
    };
    [
        teller("azure.models", arm),
        teller("azure.resource-models-classic", resource),
    ]
}

/// The interface names ids, the page names them for people: with a month where there are several, without one where not.
fn oracle(id: &'static str, beside: &'static str, name: &'static str) -> [Teller; 2] {
    let api = move |announced: bool| {
        let day = announced.then_some("2026-12-11T00:00:00Z");
        let model = |name: &str, day: Option<&str>| {
            json!({ "id": "ocid1.generativeaimodel.oc1.us-chicago-1.aaaa", "displayName": name,
            "vendor": "cohere", "version": "1.0", "type": "BASE", "capabilities": ["CHAT"], "lifecycleState": "ACTIVE",
            "timeCreated": "2025-05-14T00:00:00Z", "timeOnDemandRetired": day })
        };
        json!({ "items": [model(id, day), model(beside, None)] }).to_string()
    };
    let page = move |announced: bool| {
        let row = |name: &str, day: &str| {
            format!("<tr><td>{name}</td><td>2025-05-14</td><td>{day}</td><td></td></tr>")
        };
        let day = if announced { "2026-12-11" } else { "P1" };
        format!(
            "<html><body><h2>On-Demand Mode Retirement Dates (Not Yet Retired)</h2><table><thead><tr><th>Model</th>\
             <th>Release Date</th><th>On-Demand Mode Retirement Date</th><th>Suggested Replacement Options</th></tr></thead>\
             <tbody>{}{}</tbody></table></body></html>",
            row(name, day),
            row("Cohere Embed English 3", "2026-12-30")
        )
    };
    [
        teller("oci.retirements", api),
        teller("oci.on-demand-retirements", page),
    ]
}

/// How often the last day of service is told, whoever tells it first.
fn told(tellers: [Teller; 2]) -> [usize; 2] {
    let retires = Attribute::Date(DateKind::Retires);
    [[0, 1], [1, 0]].map(|order| {
        let mut watch = Watch::begin();
        let hears = |watch: &mut Watch, teller: &Teller, body: &str| {
            let scope = teller.probe.scopes[0].scope.to_string();
            watch.reads(&teller.probe, &scope, body);
        };
        for teller in &tellers {
            hears(&mut watch, teller, &teller.before);
            hears(&mut watch, teller, &teller.before);
        }
        let of_day = |change: &&RecordedChange| change.change.attribute.as_ref() == Some(&retires);
        for place in order {
            for _ in 0..3 {
                hears(&mut watch, &tellers[place], &tellers[place].after);
            }
            // the first tells it, whichever it is
            assert!(watch.changes().iter().any(|change| of_day(&change)));
        }
        watch.changes().iter().filter(of_day).count()
    })
}

#[test]
fn a_day_in_two_spellings_is_told_once() {
    assert_eq!(told(bedrock()), [1, 1]);
    assert_eq!(told(azure()), [1, 1]);
    // a month, or no version, or a version on one side only; or a name that leaves out what the id writes
    for (id, name) in [
        ("cohere.command-r-16k", "Cohere Command R"),
        (
            "cohere.embed-english-light-v3.0",
            "Cohere Embed English Light 3",
        ),
        ("cohere.rerank.3-5", "Cohere Rerank 3.5"),
        ("meta.llama-3.1-405b-instruct", "Meta Llama 3.1 (405B)"),
        ("openai.gpt-oss-120b", "OpenAI gpt-oss-120b"),
        ("cohere.command-r-08-2024", "Cohere Command R 08-2024"),
        ("xai.grok-4", "xAI Grok 4"),
        ("cohere.command-a-03-2025", "Cohere Command A"),
    ] {
        assert_eq!(told(oracle(id, "acme.sol", name)), [1, 1], "{name}");
    }
}

#[test]
fn a_name_that_may_mean_two_versions_is_none_of_them() {
    let two = oracle(
        "cohere.command-a-03-2025",
        "cohere.command-a-05-2026",
        "Cohere Command A",
    );
    assert_eq!(told(two), [2, 2]);
    // one name for two models, and the name of another version
    for (id, name) in [
        ("xai.grok-4-fast-reasoning", "xAI Grok 4 Fast"),
        ("cohere.command-r-08-2024", "Cohere Command R"),
    ] {
        assert_eq!(told(oracle(id, "acme.sol", name)), [2, 2], "{name}");
    }
}
