//! `model`: which model a native id denotes, and by which rule.

use anyhow::{Context as _, bail};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::output::{Format, objects, print, table};
use crate::market::{Identity, identify, provider_id};

/// `bellwether model`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Native ids, each with its provider where that is known; `-` reads JSON lines with provider and native_id, and
    /// answers with JSON lines.
    #[arg(required = true, value_name = "[PROVIDER:]ID")]
    ids: Vec<String>,
}

/// One question, as a line of JSON asks it.
#[derive(Debug, Clone, Deserialize)]
struct Question {
    provider: Option<String>,
    native_id: String,
}

/// Runs the command.
pub fn run(format: Format, arguments: &Arguments) -> anyhow::Result<()> {
    let piped = arguments.ids.as_slice() == ["-"];
    let questions = if piped {
        asked(std::io::stdin().lock())?
    } else {
        arguments.ids.iter().map(|text| typed(text)).collect()
    };
    let answers = questions.into_iter().map(|question| {
        let identity = identify(question.provider.as_deref(), &question.native_id);
        (question, identity)
    });
    match format {
        Format::Table if !piped => print(&for_people(answers)),
        Format::Table => objects(Format::Jsonl, &answers.map(object).collect::<Vec<_>>()),
        format => objects(format, &answers.map(object).collect::<Vec<_>>()),
    }
    Ok(())
}

/// A question as a person types it: `bedrock:anthropic.claude…`, or the id alone. A colon within an id is no mark of one.
fn typed(text: &str) -> Question {
    let split = text.split_once(':');
    match split.filter(|(provider, _)| provider_id(provider).is_some()) {
        Some((provider, id)) => Question {
            provider: Some(provider.to_string()),
            native_id: id.to_string(),
        },
        None => Question {
            provider: None,
            native_id: text.to_string(),
        },
    }
}

/// The questions of a text, one JSON object a line; empty lines ask nothing.
fn asked(text: impl std::io::BufRead) -> anyhow::Result<Vec<Question>> {
    let mut questions = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.context("the standard input cannot be read")?;
        if line.trim().is_empty() {
            continue;
        }
        match serde_json::from_str(&line) {
            Ok(question) => questions.push(question),
            Err(error) => bail!(
                "line {}: expected an object such as {{\"provider\":\"bedrock\",\"native_id\":\"…\"}}: {error}",
                at + 1
            ),
        }
    }
    Ok(questions)
}

fn object((question, identity): (Question, Identity)) -> Map<String, Json> {
    let fields = [
        ("provider", json!(question.provider)),
        ("native_id", json!(question.native_id)),
        ("model", json!(identity.model)),
        ("version", json!(identity.version)),
        ("rule", json!(identity.rule)),
    ];
    fields
        .into_iter()
        .map(|(key, value)| (key.to_string(), value))
        .collect()
}

fn for_people(answers: impl Iterator<Item = (Question, Identity)>) -> String {
    let rows: Vec<Vec<String>> = answers
        .map(|(question, identity)| {
            vec![
                question.provider.unwrap_or_default(),
                question.native_id,
                identity.model.unwrap_or_else(|| "unknown".to_string()),
                identity.version.unwrap_or_default(),
                identity.rule,
            ]
        })
        .collect();
    table(
        &["PROVIDER", "NATIVE ID", "MODEL", "VERSION", "RULE"],
        &rows,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_known_provider_stands_before_the_colon() {
        for (text, provider, id) in [
            (
                "bedrock:us.anthropic.claude-opus-4-8",
                Some("bedrock"),
                "us.anthropic.claude-opus-4-8",
            ),
            (
                "amazon-bedrock:openai.gpt-oss-120b-1:0",
                Some("amazon-bedrock"),
                "openai.gpt-oss-120b-1:0",
            ),
            ("openai.gpt-oss-120b-1:0", None, "openai.gpt-oss-120b-1:0"),
            ("gpt-oss:120b", None, "gpt-oss:120b"),
            ("gpt-4o", None, "gpt-4o"),
        ] {
            let question = typed(text);
            assert_eq!(question.provider.as_deref(), provider, "{text}");
            assert_eq!(question.native_id, id, "{text}");
        }
    }

    #[test]
    fn a_line_that_asks_nothing_is_named() {
        let text =
            "{\"provider\":null,\"native_id\":\"gpt-4o\"}\n\n{\"native_id\":\"o3\"}\n{\"id\":1}\n";
        let wrong = asked(text.as_bytes()).expect_err("line 4 asks nothing");
        assert!(wrong.to_string().starts_with("line 4: expected"), "{wrong}");
    }
}
