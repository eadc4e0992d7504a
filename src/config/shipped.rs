//! The probes that are compiled in, what a user's folder adds or overrides, and which of all are asked.

use std::borrow::Borrow;

use super::probe::{Own, Probe, probes_of};
use super::scopes::ScopeSettings;
use super::settings::Settings;
use super::tree::{Problem, Problems};

/// One file of probes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeFile {
    /// Its name as messages show it.
    pub name: String,
    /// Its TOML.
    pub text: String,
}

macro_rules! shipped {
    ($($name:literal),* $(,)?) => {
        [$((concat!("probes/", $name), include_str!(concat!("../../probes/", $name)))),*]
    };
}

const SHIPPED: &[(&str, &str)] = &shipped![
    "anthropic.toml",
    "azure-models.toml",
    "azure-prices.toml",
    "azure.toml",
    "bedrock.toml",
    "bedrock-api.toml",
    "bedrock-cards.toml",
    "bedrock-prices.toml",
    "cohere.toml",
    "copilot.toml",
    "deepseek.toml",
    "deprecations-info.toml",
    "gemini.toml",
    "genai-prices.toml",
    "groq.toml",
    "litellm.toml",
    "llama.toml",
    "mistral.toml",
    "modeldeprecations-dev.toml",
    "models-dev.toml",
    "oci.toml",
    "openai.toml",
    "openai-on-azure.toml",
    "openai-on-bedrock.toml",
    "openai-on-vertex.toml",
    "openrouter.toml",
    "perplexity.toml",
    "vertex.toml",
    "xai.toml",
];

/// The probe files that are compiled in.
pub fn shipped() -> Vec<ProbeFile> {
    SHIPPED
        .iter()
        .map(|(name, text)| ProbeFile {
            name: (*name).to_string(),
            text: (*text).to_string(),
        })
        .collect()
}

/// Every declared probe, shipped ones first; a probe of the user's `files` takes the place of a shipped one of the same id.
pub fn declared(files: &[ProbeFile], own: Own<'_>) -> Result<Vec<Probe>, Problems> {
    let mut problems = Vec::new();
    let mut probes: Vec<Probe> = Vec::new();
    for file in shipped().iter().chain(files) {
        match probes_of(&file.name, &file.text, own) {
            Ok(found) => {
                for probe in found {
                    match probes.iter_mut().find(|other| other.id == probe.id) {
                        Some(other) => *other = probe,
                        None => probes.push(probe),
                    }
                }
            }
            Err(found) => problems.extend(found.0),
        }
    }
    if !problems.is_empty() {
        return Err(Problems(problems));
    }
    probes.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(probes)
}

/// The declared probes, each with whether it is asked: those without credential unless switched off, the others if
/// switched on, and none that has no scope yet. Names that fit no probe, or several, are problems.
pub fn watch_list(
    files: &[ProbeFile],
    settings: &Settings,
) -> Result<Vec<(Probe, bool)>, Problems> {
    let own = Own {
        rules: &settings.detect,
        scopes: &settings.scopes,
    };
    let probes = declared(files, own)?;
    let mut problems = strangers(&probes, &settings.scopes);
    let settings = &settings.probes;
    let mut named = |list: &[String], key: &str| -> Vec<usize> {
        let mut indexes = Vec::new();
        for name in list {
            match find(&probes, name) {
                Ok(index) => indexes.push(index),
                Err(found) => problems.push(Problem {
                    file: "[probes]".to_string(),
                    line: 1,
                    key: key.to_string(),
                    expected: "the id of one probe".to_string(),
                    found,
                }),
            }
        }
        indexes
    };
    let (on, off) = (named(&settings.on, "on"), named(&settings.off, "off"));
    let only = named(&settings.only, "only");
    if !problems.is_empty() {
        return Err(Problems(problems));
    }
    let asked = |index: usize, probe: &Probe| {
        let named = on.contains(&index) || only.contains(&index);
        ((probe.on && probe.credential.is_none()) || named)
            && !probe.scopes.is_empty()
            && !off.contains(&index)
            && (only.is_empty() || only.contains(&index))
    };
    Ok(probes
        .iter()
        .enumerate()
        .map(|(index, probe)| (probe.clone(), asked(index, probe)))
        .collect())
}

/// What `[scopes]` says to no probe.
fn strangers(probes: &[Probe], scopes: &ScopeSettings) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (key, widened) in &scopes.0 {
        let meant: Vec<&Probe> = probes
            .iter()
            .filter(|probe| probe.id.as_str() == key || probe.provider.as_str() == key)
            .collect();
        let problem = |key: String, expected: &str, found: String| Problem {
            file: "[scopes]".to_string(),
            line: widened.line,
            key,
            expected: expected.to_string(),
            found,
        };
        if meant.is_empty() {
            let expected = "a provider such as azure, or a probe such as \"azure.models\"";
            problems.push(problem(key.clone(), expected, format!("'{key}'")));
            continue;
        }
        for name in widened.values.keys() {
            let is_known = meant.iter().any(|probe| {
                probe.unset.contains(name)
                    || probe.scopes.iter().any(|s| s.values.contains_key(*name))
            });
            if !is_known {
                let expected = "a placeholder that one of its probes has";
                problems.push(problem(
                    format!("{key}.{name}"),
                    expected,
                    format!("'{name}'"),
                ));
            }
        }
    }
    problems
}

/// The place of the probe that `name` denotes: its id, or any part of it that no other id has.
pub fn find<P: Borrow<Probe>>(probes: &[P], name: &str) -> Result<usize, String> {
    let id = |index: usize| -> &str {
        let probe: &Probe = probes[index].borrow();
        probe.id.as_str()
    };
    if let Some(index) = (0..probes.len()).find(|index| id(*index) == name) {
        return Ok(index);
    }
    let fits = |index: &usize| !name.is_empty() && id(*index).contains(name);
    let fitting: Vec<usize> = (0..probes.len()).filter(fits).collect();
    match fitting.as_slice() {
        [index] => Ok(*index),
        [] => Err(format!(
            "'{name}', which no probe is called: `bellwether probe list` names them"
        )),
        several => {
            let ids: Vec<&str> = several.iter().map(|index| id(*index)).collect();
            Err(format!("'{name}', which fits {}", ids.join(", ")))
        }
    }
}
