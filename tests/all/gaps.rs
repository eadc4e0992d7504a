//! The pages behind an index that do not answer at first: what they say later was there all along, and is no news.

use bellwether::daemon::pipeline::Taken;
use bellwether::readers::following::{FOLLOWED, Followed};

use crate::reading::shipped;
use crate::watched::Watch;

/// Pages of single models, as OpenAI's documentation has them; those that are named fail so.
fn pages(failing: &[(usize, &str)]) -> String {
    let answer = |number: usize| {
        let item = format!("gpt-{number}");
        let failure = failing.iter().find(|(failing, _)| *failing == number);
        let page = format!(
            "# GPT-{number}\n\nModel ID: `{item}`\n\n- Jun {number}, 2026 knowledge cutoff\n"
        );
        Followed {
            content_type: failure.is_none().then(|| "text/markdown".to_string()),
            body: failure.is_none().then_some(page),
            failure: failure.map(|(_, word)| (*word).to_string()),
            item,
        }
    };
    let answers: Vec<Followed> = (10..22).map(answer).collect();
    serde_json::to_string(&answers).expect("JSON")
}

fn outcome(taken: &Taken) -> String {
    match taken {
        Taken::Baseline { items } => format!("baseline of {items}"),
        Taken::Failed(failure) => failure.to_string(),
        Taken::Read { changes, .. } | Taken::Same { changes } => {
            format!("{} changes", changes.len())
        }
        other => format!("{other:?}"),
    }
}

/// What comes of bodies that are read one after the other.
fn outcomes(bodies: &[String]) -> Vec<String> {
    let probe = shipped("openai.model-pages");
    let mut watch = Watch::begin();
    let taken = bodies
        .iter()
        .map(|body| outcome(&watch.reads_as(Some(FOLLOWED), &probe, "", body)));
    taken.collect()
}

#[test]
fn a_first_reading_waits_for_pages_that_will_come() {
    let (whole, torn) = (pages(&[]), pages(&[(17, "overloaded")]));
    let lacks = "expected an answer for each item of the index, found gpt-17: overloaded";
    let told = outcomes(&[
        torn.clone(),
        whole.clone(),
        whole.clone(),
        torn.clone(),
        whole,
    ]);
    assert_eq!(
        told,
        [
            lacks,
            "baseline of 12",
            "0 changes",
            "0 changes",
            "0 changes"
        ]
    );
    // one that fails for long does not keep the others from being read
    let told = outcomes(&[torn.clone(), torn.clone(), torn]);
    assert_eq!(told, [lacks, lacks, "baseline of 11"]);
}

#[test]
fn pages_that_are_not_there_keep_nobody_waiting() {
    let told = outcomes(&[pages(&[(17, "status")])]);
    assert_eq!(told, ["baseline of 11"]);
}

/// The routes of models on OpenRouter; those of a number that is named fail so.
fn routes(numbers: std::ops::Range<usize>, failing: &[(usize, &str)]) -> String {
    let answer = |number: usize| {
        let item = format!("acme/model-{number}");
        let failure = failing.iter().find(|(failing, _)| *failing == number);
        let body = serde_json::json!({"data": {"id": item, "endpoints": [
            {"tag": "acme", "provider_name": "Acme", "quantization": "unknown", "supported_parameters": ["tools"]},
        ]}});
        Followed {
            content_type: failure.is_none().then(|| "application/json".to_string()),
            body: failure.is_none().then(|| body.to_string()),
            failure: failure.map(|(_, word)| (*word).to_string()),
            item,
        }
    };
    let answers: Vec<Followed> = numbers.map(answer).collect();
    serde_json::to_string(&answers).expect("JSON")
}

#[test]
fn an_item_without_an_answer_hides_nothing_but_itself() {
    let probe = shipped("openrouter.endpoints");
    let mut watch = Watch::begin();
    let mut told = Vec::new();
    // the last of them is gone, and on each day another one does not answer
    for (last, silent) in [(71, None), (70, Some(3)), (70, Some(4)), (70, Some(70))] {
        let failing: Vec<(usize, &str)> = silent
            .map(|one| (one, "server_error"))
            .into_iter()
            .collect();
        let taken = watch.reads_as(Some(FOLLOWED), &probe, "", &routes(1..last, &failing));
        told.push(match taken {
            Taken::Read { changes, .. } => {
                let lines = changes.iter().map(|one| {
                    let change = &one.change;
                    format!("{} {}", change.kind.word(), change.subject.native_id)
                });
                lines.collect::<Vec<String>>().join(", ")
            }
            taken => outcome(&taken),
        });
    }
    assert_eq!(
        told,
        ["baseline of 70", "", "", "offering_removed acme/model-70"]
    );
}
