//! Several sources tell the same: who is believed, and that it is told once, whoever tells it first and however they spell it.

use bellwether::config::Probe;
use bellwether::market::{Attribute, DateKind};
use serde_json::{Value as Json, json};

use crate::reading::shipped;
use crate::watched::Watch;

/// A source as it speaks before and after a retirement was announced.
struct Teller {
    probe: Probe,
    scope: &'static str,
    before: String,
    after: String,
}

fn teller(id: &str, scope: &'static str, body: impl Fn(bool) -> String) -> Teller {
    let mut probe = shipped(id);
    probe.rules.min_items = 1;
    if probe.scopes.is_empty() {
        probe.scopes = probe.of_files.clone();
    }
    let (before, after) = (body(false), body(true));
    Teller {
        probe,
        scope,
        before,
        after,
    }
}

fn openai() -> [Teller; 3] {
    let api = |announced: bool| {
        let mut model = json!({ "id": "gpt-7-2025-03-01", "object": "model", "created": 1_740_787_200, "owned_by": "system" });
        if announced {
            model["shutdown_date"] = json!("2026-12-11");
        }
        let other = json!({ "id": "gpt-9-sol", "object": "model", "created": 1_783_555_200, "owned_by": "openai" });
        json!({ "object": "list", "data": [model, other] }).to_string()
    };
    let page = |announced: bool| {
        let row = match announced {
            true => "| 2026-12-11 | `gpt-7-2025-03-01` | `gpt-9-sol` |\n",
            false => "",
        };
        format!(
            "# Deprecations\n\n## Deprecation history\n\n### 2026-06-11: GPT-7 models\n\n\
             | Shutdown date | Model / system | Recommended replacement |\n| --- | --- | --- |\n{row}\
             | 2026-07-01 | `gpt-2-preview` | `gpt-9-sol` |\n"
        )
    };
    let registry = |announced: bool| {
        let row = |id: &str, date: &str| json!({ "provider": "OpenAI", "model_id": id, "announcement_date": "2026-06-11", "shutdown_date": date });
        let mut rows = vec![row("gpt-2-preview", "2026-07-01")];
        if announced {
            rows.push(row("gpt-7-2025-03-01", "2026-12-11"));
        }
        Json::Array(rows).to_string()
    };
    [
        teller("openai.models", "", api),
        teller("openai.deprecations", "", page),
        teller("deprecations-info.deprecations", "", registry),
    ]
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
        json!({ "modelSummaries": [{ "modelArn": format!("arn:aws:bedrock:us-east-1::foundation-model/{ID}"), "modelId": ID,
            "modelName": "Claude Ode 7", "providerName": "Anthropic", "inputModalities": ["TEXT"], "outputModalities": ["TEXT"],
            "inferenceTypesSupported": ["ON_DEMAND"], "modelLifecycle": life }] })
        .to_string()
    };
    let page = |announced: bool| {
        let row = match announced {
            true => format!(
                "| Anthropic | Claude Ode 7 | {ID} | us-east-1 | July 8, 2026 | January 8, 2027 | — |\n"
            ),
            false => String::new(),
        };
        format!(
            "# Model lifecycle\n\n| Model provider | Model name | Model ID | Regions | Legacy date | EOL date | Public extended access start date |\n\
             | --- | --- | --- | --- | --- | --- | --- |\n{row}| Acme | Sol | acme.sol-v1 | eu-west-1 | August 1, 2026 | March 1, 2027 | — |\n"
        )
    };
    [
        teller("bedrock.models", "us-east-1", api),
        teller("bedrock.lifecycle", "", page),
    ]
}

/// Every order of so many.
fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for order in orders(count - 1) {
        for place in 0..=order.len() {
            let mut order = order.clone();
            order.insert(place, count - 1);
            all.push(order);
        }
    }
    all
}

/// What is told of the last day of service, in each order of the tellers: how often, and how many messages in all.
fn told(tellers: &[Teller]) -> Vec<usize> {
    let retires = Attribute::Date(DateKind::Retires);
    orders(tellers.len())
        .into_iter()
        .map(|order| {
            let mut watch = Watch::begin();
            for teller in tellers {
                watch.reads(&teller.probe, teller.scope, &teller.before);
                watch.reads(&teller.probe, teller.scope, &teller.before);
            }
            assert_eq!(watch.news(), Vec::<String>::new());
            for place in order {
                let teller = &tellers[place];
                for _ in 0..3 {
                    watch.reads(&teller.probe, teller.scope, &teller.after);
                }
            }
            let of_day = |change: &&bellwether::market::RecordedChange| {
                change.change.attribute.as_ref() == Some(&retires)
            };
            watch.changes().iter().filter(of_day).count()
        })
        .collect()
}

#[test]
fn a_retirement_that_all_sources_tell_is_told_once() {
    assert_eq!(told(&openai()), [1; 6]);
    assert_eq!(told(&bedrock()), [1; 2]);
}
