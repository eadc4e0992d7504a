use super::*;
use crate::market::{ProviderId, Region, Settled};
use crate::readers::convert::StageWords;

fn mapping(pairs: &[(&str, &str)]) -> Mapping {
    Mapping {
        providers: pairs
            .iter()
            .map(|(theirs, ours)| (theirs.to_string(), ours.to_string()))
            .collect(),
        deployments: BTreeMap::new(),
    }
}

fn read_with(mapping: &Mapping, text: &str, settled: &Settled) -> Result<Reading, Failure> {
    let body = Body {
        bytes: text.as_bytes(),
        content_type: Some("application/json"),
    };
    let context = Context {
        provider: &ProviderId::from("models-dev"),
        region: &Region::unstated(),
        stages: &StageWords::default(),
        item: "",
        complete: true,
        settled,
    };
    read(mapping, &body, &context)
}

fn read_text(text: &str) -> Result<Reading, Failure> {
    read_with(&mapping(&[("maker", "p")]), text, &Settled::new())
}

/// What a model's fields are read as: claims, then what is unclear after `?`, then the places of notes after `!`.
fn told(fields: &str) -> String {
    let text = format!(r#"{{"maker":{{"id":"maker","models":{{"m":{fields}}}}}}}"#);
    let reading = read_text(&text).expect(fields);
    assert_eq!(reading.entries.len(), 1);
    let Content::Stated { claims, .. } = &reading.entries[0].content else {
        panic!("{fields} was not read");
    };
    let mut sorted = claims.clone();
    sorted.sort_by(|a, b| a.attribute.cmp(&b.attribute));
    sorted.dedup_by(|a, b| a.attribute == b.attribute);
    assert_eq!(*claims, sorted, "each attribute once, sorted: {fields}");
    let mut words: Vec<String> = claims
        .iter()
        .map(|claim| format!("{}={}", claim.attribute, claim.value.to_stored()))
        .collect();
    let mut unclear: Vec<String> = reading
        .unclear
        .iter()
        .map(|(_, a)| format!("?{a}"))
        .collect();
    unclear.sort();
    words.extend(unclear);
    words.extend(
        reading
            .unexpected
            .iter()
            .map(|note| format!("!{}", note.place)),
    );
    words.join(" ")
}

#[test]
fn models_become_claims() {
    let band = "?price.cache_read.over_200000 ?price.cache_write.over_200000 ?price.input.over_200000 \
                ?price.input_audio.over_200000 ?price.output.over_200000 ?price.output_audio.over_200000 \
                ?price.reasoning.over_200000";
    let both = "?price.cache_read ?price.cache_read.over_200000 ?price.cache_write ?price.cache_write.over_200000 \
                ?price.input ?price.input.over_200000 ?price.input_audio ?price.input_audio.over_200000 ?price.output \
                ?price.output.over_200000 ?price.output_audio ?price.output_audio.over_200000 ?price.reasoning \
                ?price.reasoning.over_200000";
    for (fields, expected) in [
        ("{}", r#"stage="unknown""#.to_string()),
        (
            r#"{"name":"M","release_date":"2026-01-02","last_updated":"2026-03"}"#,
            r#"stage="unknown" name="M" date.launch={"certainty":"firm","date":"2026-01-02"} date.updated={"certainty":"firm","date":"2026-03"}"#.to_string(),
        ),
        (
            r#"{"name":null,"release_date":null,"cost":null,"limit":null,"modalities":null,"tool_call":null,"status":null}"#,
            r#"stage="unknown""#.to_string(),
        ),
        (
            r#"{"name":7,"release_date":"soon","last_updated":2026,"tool_call":"yes"}"#,
            r#"stage="unknown" ?capability.tool_call ?date.launch ?date.updated ?name !m capability.tool_call !m date.launch !m date.updated !m name"#.to_string(),
        ),
        (r#"{"status":"alpha"}"#, r#"stage="preview""#.to_string()),
        (r#"{"status":"beta"}"#, r#"stage="preview""#.to_string()),
        (r#"{"status":"deprecated"}"#, r#"stage="deprecated""#.to_string()),
        (r#"{"status":"sleeping"}"#, "?stage !m stage".to_string()),
        (r#"{"status":true}"#, "?stage !m stage".to_string()),
        (r#"{"experimental":true}"#, r#"stage="preview""#.to_string()),
        (r#"{"experimental":false}"#, r#"stage="unknown""#.to_string()),
        (r#"{"experimental":{"modes":{"fast":{}}}}"#, r#"stage="unknown""#.to_string()),
        (r#"{"beta":true,"deprecated":true}"#, r#"stage="deprecated""#.to_string()),
        (r#"{"deprecated":"yes"}"#, "?stage !m stage".to_string()),
        (
            r#"{"cost":{"input":2.50,"output":0,"cache_read":null}}"#,
            r#"stage="unknown" price.input="2.5" price.output="0""#.to_string(),
        ),
        (
            r#"{"cost":{"inputCached":0.3,"outputCached":4e-1}}"#,
            r#"stage="unknown" price.cache_read="0.3" price.cache_write="0.4""#.to_string(),
        ),
        (
            r#"{"cost":{"inputCached":0.3,"cache_read":0.30}}"#,
            r#"stage="unknown" price.cache_read="0.3""#.to_string(),
        ),
        (
            r#"{"cost":{"inputCached":0.3,"cache_read":0.2}}"#,
            r#"stage="unknown" price.cache_read="0.2" !m price.cache_read"#.to_string(),
        ),
        (
            r#"{"cost":{"input":"2","output":-1}}"#,
            r#"stage="unknown" ?price.input ?price.output !m price.input !m price.output"#.to_string(),
        ),
        (r#"{"cost":"free"}"#, format!(r#"stage="unknown" {both} !m cost"#)),
        (
            r#"{"cost":{"context_over_200k":{"input":5,"output":null}}}"#,
            r#"stage="unknown" price.input.over_200000="5""#.to_string(),
        ),
        (
            r#"{"cost":{"tiers":[{"tier":{"type":"context","size":200000},"input":5}],"context_over_200k":{"input":5}}}"#,
            r#"stage="unknown" price.input.over_200000="5""#.to_string(),
        ),
        (
            r#"{"cost":{"tiers":[{"tier":{"size":272000},"input":6},{"tier":{"size":32000},"input":3}],"context_over_200k":{"input":6}}}"#,
            r#"stage="unknown" price.input.over_32000="3" price.input.over_272000="6""#.to_string(),
        ),
        (
            r#"{"cost":{"tiers":[],"context_over_200k":{"input":6}}}"#,
            r#"stage="unknown" price.input.over_200000="6""#.to_string(),
        ),
        (
            r#"{"cost":{"input":1,"tiers":[{"input":5}]}}"#,
            format!(r#"stage="unknown" price.input="1" {band} !m cost.tiers"#),
        ),
        (
            r#"{"cost":{"input":1,"tiers":7}}"#,
            format!(r#"stage="unknown" price.input="1" {band} !m cost.tiers"#),
        ),
        (
            r#"{"cost":{"context_over_200k":7}}"#,
            format!(r#"stage="unknown" {band} !m cost.context_over_200k"#),
        ),
        (
            r#"{"limit":{"context":128000,"output":null,"input":"lots"}}"#,
            r#"stage="unknown" limit.context=128000 ?limit.input !m limit.input"#.to_string(),
        ),
        (
            r#"{"limit":9}"#,
            r#"stage="unknown" ?limit.context ?limit.input ?limit.output !m limit"#.to_string(),
        ),
        (
            r#"{"modalities":{"input":["text","image"],"output":["text"]}}"#,
            r#"stage="unknown" modality.input=["image","text"] modality.output=["text"]"#.to_string(),
        ),
        (
            r#"{"input_modalities":["text"],"output_modalities":"text"}"#,
            r#"stage="unknown" modality.input=["text"] ?modality.output !m modality.output"#.to_string(),
        ),
        (
            r#"{"modalities":["text"]}"#,
            r#"stage="unknown" ?modality.input ?modality.output !m modalities"#.to_string(),
        ),
        (
            r#"{"modalities":{"input":"text"}}"#,
            r#"stage="unknown" ?modality.input !m modality.input"#.to_string(),
        ),
        (
            r#"{"reasoning":true,"open_weights":false}"#,
            r#"stage="unknown" capability.open_weights=false capability.reasoning=true"#.to_string(),
        ),
    ] {
        assert_eq!(told(fields), expected, "{fields}");
    }
}

#[test]
fn other_shapes_are_failures() {
    for text in [
        "",
        "<html>sign in</html>",
        "[]",
        r#"{"error":{"message":"over capacity"}}"#,
        r#"{"other":{"models":{"m":{}}}}"#,
        r#"{"maker":{"models":{}}}"#,
        r#"{"maker":{"id":"maker"}}"#,
        r#"{"maker":{"models":["m"]}}"#,
        r#"{"maker":{"models":{"m":"gone"}}}"#,
        r#"{"maker":{"models":{"m":{}}"#,
    ] {
        let failure = read_text(text).expect_err(text);
        assert_eq!(failure.word(), "unreadable", "{text}");
        assert!(failure.to_string().chars().count() < 400, "{text}");
    }
}

#[test]
fn named_providers_are_read_as_ours() {
    let text = r#"{"maker":{"models":{"m/1":{},"n":{}}},"cloud":{"models":{"m/1":{}}},"third":{"models":{"x":{}}}}"#;
    let subjects = |mapping: &Mapping| {
        let reading = read_with(mapping, text, &Settled::new()).expect("a reading");
        let mut subjects: Vec<String> = reading
            .entries
            .iter()
            .map(|entry| {
                let deployment = entry.subject.deployment.as_deref().unwrap_or("-");
                assert_eq!(entry.key, entry.subject.key());
                format!(
                    "{} {} {deployment}",
                    entry.subject.provider, entry.subject.native_id
                )
            })
            .collect();
        subjects.sort();
        let notes = reading
            .unexpected
            .into_iter()
            .map(|note| format!("!{}", note.place));
        subjects.extend(notes);
        subjects
    };
    let apart = mapping(&[("maker", "p"), ("cloud", "q"), ("absent", "r")]);
    assert_eq!(subjects(&apart), ["p m/1 -", "p n -", "q m/1 -", "!absent"]);
    let mut one = mapping(&[("maker", "p"), ("cloud", "p")]);
    assert_eq!(subjects(&one), ["p m/1 -", "p n -", "!maker m/1"]);
    one.deployments = [("cloud".to_string(), "on-cloud".to_string())].into();
    assert_eq!(subjects(&one), ["p m/1 -", "p m/1 on-cloud", "p n -"]);
}

#[test]
fn settled_entries_are_not_read_again() {
    let body = |cost: &str| {
        format!(r#"{{"maker":{{"models":{{"m":{{"cost":{{"input":{cost}}}}},"n":{{}}}}}}}}"#)
    };
    let one = mapping(&[("maker", "p")]);
    let first = read_with(&one, &body("1"), &Settled::new()).expect("a reading");
    let settled: Settled = first
        .entries
        .iter()
        .filter_map(|entry| match &entry.content {
            Content::Stated { fingerprint, .. } => fingerprint.map(|known| (entry.key, known)),
            Content::Settled => None,
        })
        .collect();
    assert_eq!(settled.len(), 2);
    let stated = |text: &str| {
        let reading = read_with(&one, text, &settled).expect("a reading");
        assert_eq!(reading.entries.len(), 2);
        let entries = reading.entries.into_iter();
        let stated = entries.filter(|entry| entry.content != Content::Settled);
        stated
            .map(|entry| entry.subject.native_id.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(stated(&body("1")), Vec::<String>::new());
    assert_eq!(stated(&body("2")), ["m"]);
    assert_eq!(stated(&body("1.0")), ["m"]);
}

#[test]
fn an_entry_that_cannot_be_read_is_there_and_hides_no_other() {
    let one = mapping(&[("maker", "p")]);
    for odd in ["null", "\"text\"", "[1]", r#"{"limit":{"context":1e400}}"#] {
        let text = format!(r#"{{"maker":{{"models":{{"m":{odd},"n":{{"name":"N"}}}}}}}}"#);
        let reading = read_with(&one, &text, &Settled::new()).expect("a reading");
        let told = |id: &str| {
            let mut entries = reading.entries.iter();
            let entry = entries.find(|entry| entry.subject.native_id.as_str() == id);
            entry.expect("the entry").content != Content::Settled
        };
        assert!(!told("m") && told("n"), "{odd}");
        assert_eq!(reading.unexpected.len(), 1, "{odd}");
    }
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_registry() {
    let text = "\u{feff}{\"maker\":{\"models\":{\"m\":{}}}}";
    let one = mapping(&[("maker", "p")]);
    assert!(read_with(&one, text, &Settled::new()).is_ok());
}

proptest::proptest! {
    #[test]
    fn hostile_bodies_are_refused_or_read(text in "[\\[\\]{}\":,a-z0-9 ]{0,60}") {
        for text in [text.clone(), format!(r#"{{"maker":{{"models":{{"m":{{"cost":{text}}}}}}}}}"#)] {
            if let Ok(reading) = read_text(&text) {
                assert!(!reading.entries.is_empty());
            }
        }
    }
}
