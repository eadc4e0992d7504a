use super::*;
use crate::market::{Attribute, Region, Settled};
use crate::readers::convert::StageWords;

const MAP: &str = r#"{
    "sample_spec": {"litellm_provider": "one of many", "input_cost_per_token": 0.0},
    "fallback_generalizations": [{"pattern": "x"}],
    "gpt-9": {"litellm_provider": "openai", "mode": "chat", "max_input_tokens": 272000, "max_output_tokens": "128000",
        "input_cost_per_token": 1.375e-06, "output_cost_per_token": 1.1e-05, "input_cost_per_token_above_200k_tokens": 2.75e-06,
        "input_cost_per_token_batches": 6.875e-07, "deprecation_date": "2027-05-15", "supports_vision": true,
        "supported_modalities": ["text", "IMAGE"], "input_dbu_cost_per_token": 1, "max_tokens": 1, "comment": null,
        "search_context_cost_per_query": {"search_context_size_low": 0.03}},
    "embed": {"litellm_provider": "openai", "input_cost_per_token": 1e-07, "output_cost_per_token": 0.0, "mode": "embedding"},
    "free": {"litellm_provider": "openai", "input_cost_per_token": 0, "output_cost_per_token": 0.0, "max_input_tokens": "many"},
    "claude": {"litellm_provider": "bedrock_mantle", "deprecation_date": "soon", "tiered_pricing": [{"range": [0, 1]}]},
    "vertex_ai/gem": {"litellm_provider": "vertex_ai", "deprecation_date": "2027-05-15"},
    "groq/x": {"litellm_provider": "groq", "input_cost_per_token": 1},
    "odd": {"mode": "chat"},
    "worse": 7
}"#;

fn mapping() -> Mapping {
    let provider = |id: &str, deployment: Option<&str>| Provider {
        id: ProviderId::from(id),
        deployment: deployment.map(Into::into),
        certainty: match id {
            "openai" => Certainty::Firm,
            _ => Certainty::NotBefore,
        },
    };
    Mapping {
        providers: [
            ("openai".to_string(), provider("openai", None)),
            (
                "bedrock_mantle".to_string(),
                provider("bedrock", Some("mantle")),
            ),
            ("bedrock".to_string(), provider("bedrock", None)),
            ("vertex_ai".to_string(), provider("vertex", None)),
        ]
        .into(),
        prefixes: ["bedrock/", "bedrock_mantle/", "vertex_ai/", "gemini/"]
            .map(Into::into)
            .into(),
    }
}

fn reading(text: &str, settled: &Settled) -> Result<Reading, Failure> {
    let context = Context {
        provider: &ProviderId::from("litellm"),
        region: &Region::unstated(),
        stages: &StageWords::default(),
        item: "",
        complete: true,
        settled,
    };
    let body = Body {
        bytes: text.as_bytes(),
        content_type: Some("text/plain; charset=utf-8"),
    };
    read(&mapping(), &body, &context)
}

fn shown(reading: &Reading) -> String {
    let mut lines = Vec::new();
    for entry in &reading.entries {
        let subject = &entry.subject;
        let deployment = subject.deployment.as_deref().unwrap_or("-");
        let name = format!("{} {} {deployment}", subject.provider, subject.native_id);
        match &entry.content {
            Content::Settled => lines.push(format!("{name}: settled")),
            Content::Stated { claims, .. } => {
                let claim = |claim: &Claim| format!("{}={}", claim.attribute, claim.value);
                let claims: Vec<String> = claims.iter().map(claim).collect();
                lines.push(format!("{name}: {}", claims.join("; ")));
            }
        }
    }
    lines.sort();
    lines.extend(
        reading
            .unexpected
            .iter()
            .map(|note| format!("? {}: {}", note.place, note.found)),
    );
    lines.join("\n")
}

#[test]
fn entries_of_our_providers_are_read() {
    let reading = reading(MAP, &Settled::new()).expect("a reading");
    insta::assert_snapshot!(shown(&reading), @"
    bedrock claude mantle: 
    openai embed -: price.input=$0.1 / 1M tokens; price.output=$0 / 1M tokens; capability.mode=embedding
    openai free -: 
    openai gpt-9 -: date.retires=2027-05-15; price.input=$1.375 / 1M tokens; price.input.over_200000=$2.75 / 1M tokens; price.input.batch=$0.6875 / 1M tokens; price.output=$11 / 1M tokens; price.search_low=$0.03 / query; limit.context=272000; limit.output=128000; modality.input=image, text; capability.mode=chat; capability.vision=yes
    vertex gem -: date.retires=not before 2027-05-15
    ? an entry: invalid type: integer `7`, expected an object at line 1 column 1 at worse
    ? deprecation_date: 'soon' is no date: expected ISO (2026-10-01), English (October 1, 2026) or a ph… at claude
    ? input_dbu_cost_per_token: a number at gpt-9
    ? litellm_provider: nothing at odd
    ? max_input_tokens: a text at free
    ");
}

#[test]
fn keys_lose_what_litellm_puts_before_the_providers_own_ids() {
    let keys = [
        ("bedrock", "acme.titan-v1"),
        ("bedrock", "bedrock/eu-west-1/acme.titan-v1"),
        (
            "bedrock",
            "bedrock/us-gov-east-1/6-month-commitment/acme.titan-v1",
        ),
        ("bedrock", "bedrock/*/1-month-commitment/acme.titan-v1"),
        ("bedrock", "bedrock/invoke/acme.titan-v1"),
        ("bedrock", "1024-x-1024/50-steps/bedrock/acme.paint"),
        ("bedrock_mantle", "bedrock_mantle/openai.gpt-9"),
        ("bedrock_mantle", "bedrock_mantle/us-east-2/openai.gpt-9"),
        ("vertex_ai", "vertex_ai/claude-9@20270101"),
        ("vertex_ai-llama_models", "vertex_ai/meta/llama-9-maas"),
        ("vertex_ai", "gemini/gemini-9"),
        ("vertex_ai", "gemini-9"),
        ("vertex_ai", "vertex_ai/veo"),
        ("vertex_ai", "gemini/veo"),
    ];
    let entry = |(provider, key): &(&str, &str)| {
        format!(r#""{key}": {{"litellm_provider": "{provider}", "input_cost_per_token": 1e-6}}"#)
    };
    let map = |keys: &[(&str, &str)]| {
        let entries: Vec<String> = keys.iter().map(entry).collect();
        let reading = reading(&format!("{{{}}}", entries.join(",")), &Settled::new());
        let reading = reading.expect("a reading");
        let name = |entry: &Entry| {
            let deployment = entry.subject.deployment.as_deref().unwrap_or("-");
            let subject = &entry.subject;
            format!(
                "{} {} {} {deployment}",
                subject.provider, subject.native_id, subject.region
            )
        };
        let mut names: Vec<String> = reading.entries.iter().map(name).collect();
        names.sort();
        names.join("\n")
    };
    insta::assert_snapshot!(map(&keys), @"
    bedrock 1024-x-1024/50-steps/bedrock/acme.paint * -
    bedrock acme.titan-v1 * -
    bedrock acme.titan-v1 * 1-month-commitment
    bedrock acme.titan-v1 eu-west-1 -
    bedrock acme.titan-v1 us-gov-east-1 6-month-commitment
    bedrock bedrock/invoke/acme.titan-v1 * -
    bedrock openai.gpt-9 * mantle
    bedrock openai.gpt-9 us-east-2 mantle
    vertex claude-9@20270101 * -
    vertex gemini-9 * -
    vertex gemini/gemini-9 * -
    vertex gemini/veo * -
    vertex meta/llama-9-maas * -
    vertex vertex_ai/veo * -
    ");
    let mut turned = keys;
    turned.reverse();
    assert_eq!(map(&turned), map(&keys));
}

#[test]
fn bands_hours_and_multipliers_are_kept() {
    let text = r#"{"m": {"litellm_provider": "openai", "regional_processing_uplift_multiplier_eu": 1.1,
        "provider_specific_entry": {"us": 1.1, "fast": 6},
        "tiered_pricing": [{"range": [0, 256000.0], "input_cost_per_token": 5e-08}, {"range": [256000.0, 1000000.0], "input_cost_per_token": 2.5e-07}],
        "off_peak_pricing": {"input_cost_per_token": 1e-08, "windows": [{"hours_utc": "00:00-01:00", "weekdays": [1, 2]}]}}}"#;
    let reading = reading(text, &Settled::new()).expect("a reading");
    insta::assert_snapshot!(shown(&reading).replace("; ", "\n"), @r#"
    openai m -: price.input=$0.05 / 1M tokens
    price.input.over_256000=$0.25 / 1M tokens
    price.input.off_peak=$0.01 / 1M tokens
    capability.off_peak_windows=[{"hours_utc":"00:00-01:00","weekdays":[1,2]}]
    capability.times_fast=6
    capability.times_regional_processing_uplift_eu=1.1
    capability.times_us=1.1
    "#);
}

#[test]
fn what_is_settled_is_not_read_again() {
    let first = reading(MAP, &Settled::new()).expect("a reading");
    let settled: Settled = first
        .entries
        .iter()
        .filter_map(|entry| match &entry.content {
            Content::Stated { fingerprint, .. } => Some((entry.key, (*fingerprint)?)),
            Content::Settled => None,
        })
        .collect();
    assert_eq!(settled.len(), first.entries.len());
    let again = reading(&MAP.replace("1e-07", "2e-07"), &settled).expect("a reading");
    insta::assert_snapshot!(shown(&again), @"
    bedrock claude mantle: settled
    openai embed -: price.input=$0.2 / 1M tokens; price.output=$0 / 1M tokens; capability.mode=embedding
    openai free -: settled
    openai gpt-9 -: settled
    vertex gem -: settled
    ? an entry: invalid type: integer `7`, expected an object at line 1 column 1 at worse
    ? litellm_provider: nothing at odd
    ");
}

#[test]
fn a_key_that_stands_twice_holds_its_last_value() {
    let entry = |cost: &str| {
        format!(r#""m": {{"litellm_provider": "openai", "input_cost_per_token": {cost}}}"#)
    };
    let twice = format!("{{{},{}}}", entry("1e-6"), entry("3e-6"));
    let reading = reading(&twice, &Settled::new()).expect("a reading");
    insta::assert_snapshot!(shown(&reading), @"
    openai m -: price.input=$3 / 1M tokens
    ? the map: a key twice; its last value is taken at m
    ");
}

#[test]
fn other_bodies_are_unreadable() {
    let deep = format!(
        r#"{{"m": {{"litellm_provider": "openai", "x": {}1{}}}}}"#,
        "[".repeat(5_000),
        "]".repeat(5_000)
    );
    for (text, expected) in [
        (
            r#"{"error":{"message":"no"}}"#,
            "expected models with litellm_provider, found an object with error",
        ),
        (
            "[]",
            "expected JSON, found invalid type: sequence, expected an object of models at line 1 column 0, in a body that begins '[]'",
        ),
        (
            "404: Not Found",
            "expected JSON, found invalid type: integer `404`, expected an object of models at line 1 column 3, in a body that begins '404: Not Found'",
        ),
        (
            r#"{"m": {"litellm_provider": "openai""#,
            "expected JSON, found EOF while parsing an object at line 1 column 35, in a body that begins '{\"m\": {\"litellm_provider\": \"openai\"'",
        ),
    ] {
        assert_eq!(
            reading(text, &Settled::new())
                .map(|r| shown(&r))
                .map_err(|f| f.to_string()),
            Err(expected.to_string())
        );
    }
    let failure = reading(&deep, &Settled::new()).expect_err("nothing could be read");
    assert_eq!(failure.word(), "unreadable");
    // one that cannot be read is there, and hides no other
    let beside = deep.replacen('{', "{\"n\":{\"litellm_provider\":\"openai\"},", 1);
    let bounded = reading(&beside, &Settled::new()).expect("a reading");
    assert_eq!((bounded.entries.len(), bounded.unexpected.len()), (2, 1));
}

#[test]
fn prices_are_attributes_that_read_back() {
    let reading = reading(MAP, &Settled::new()).expect("a reading");
    for entry in &reading.entries {
        if let Content::Stated { claims, .. } = &entry.content {
            for claim in claims {
                let text = claim.attribute.to_string();
                assert_eq!(text.parse::<Attribute>().as_ref(), Ok(&claim.attribute));
            }
        }
    }
}

proptest::proptest! {
    #[test]
    fn mutated_maps_are_read_without_panic(at in 0usize..2_000, with in "\\PC{0,3}") {
        let mut text = MAP.to_string();
        let at = text.floor_char_boundary(at % text.len());
        text.insert_str(at, &with);
        let _ = reading(&text, &Settled::new());
    }
}
