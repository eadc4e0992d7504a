//! The probes that are compiled in, what a user's folder adds or overrides, and which of all are asked.

use std::borrow::Borrow;

use super::endpoint::Endpoint;
use super::inference::{InferenceProbe, InferenceSettings};
use super::probe::{Declarations, Own, Probe, declarations_of};
use super::scopes::ScopeSettings;
use super::settings::Settings;
use super::tree::{Problem, Problems};
use crate::schedule::Schedule;

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
    declarations(files, own).map(|all| all.probes)
}

/// Everything declared, by id; what the user's `files` declare takes the place of what is shipped under the same id.
fn declarations(files: &[ProbeFile], own: Own<'_>) -> Result<Declarations, Problems> {
    fn place<T>(all: &mut Vec<T>, new: T, is_same: impl Fn(&T, &T) -> bool) {
        match all.iter_mut().find(|other| is_same(other, &new)) {
            Some(other) => *other = new,
            None => all.push(new),
        }
    }
    let mut problems = Vec::new();
    let mut all = Declarations::default();
    for file in shipped().iter().chain(files) {
        match declarations_of(&file.name, &file.text, own) {
            Ok(found) => {
                for probe in found.probes {
                    place(&mut all.probes, probe, |a, b| a.id == b.id);
                }
                for endpoint in found.endpoints {
                    place(&mut all.endpoints, endpoint, |a, b| a.id == b.id);
                }
                for probe in found.inference {
                    place(&mut all.inference, probe, |a, b| a.id == b.id);
                }
            }
            Err(found) => problems.extend(found.0),
        }
    }
    if !problems.is_empty() {
        return Err(Problems(problems));
    }
    all.probes.sort_by(|a, b| a.id.cmp(&b.id));
    all.endpoints.sort_by(|a, b| a.id.cmp(&b.id));
    all.inference.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(all)
}

/// All that is declared, each with whether it is asked.
#[derive(Debug, Clone, Default)]
pub struct Chosen {
    /// By id.
    pub probes: Vec<(Probe, bool)>,
    /// By id.
    pub endpoints: Vec<(Endpoint, bool)>,
    /// By id.
    pub inference: Vec<(InferenceProbe, bool)>,
}

/// The declared probes, each with whether it is asked: see [`watched`].
pub fn watch_list(
    files: &[ProbeFile],
    settings: &Settings,
) -> Result<Vec<(Probe, bool)>, Problems> {
    watched(files, settings).map(|all| all.probes)
}

/// The declared probes and endpoints, each with whether it is asked: those without credential unless switched off, the
/// others if switched on, and none that has no scope yet. Names that fit nothing, or several, are problems.
pub fn watched(files: &[ProbeFile], settings: &Settings) -> Result<Chosen, Problems> {
    let own = Own {
        rules: &settings.detect,
        scopes: &settings.scopes,
    };
    let all = declarations(files, own)?;
    let mut problems = strangers(&all, &settings.scopes);
    let endpoints = endpoints(all.endpoints, settings, &mut problems);
    let inference = inference(all.inference, &settings.inference, &mut problems);
    let probes = all.probes;
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
    let asked = |(index, probe)| (asked(index, &probe), probe);
    let probes = probes.into_iter().enumerate().map(asked);
    Ok(Chosen {
        probes: probes.map(|(is_asked, probe)| (probe, is_asked)).collect(),
        endpoints,
        inference,
    })
}

/// The endpoints, each with whether it is checked. Who names the only probes that are asked names the endpoints too.
fn endpoints(
    all: Vec<Endpoint>,
    settings: &Settings,
    problems: &mut Vec<Problem>,
) -> Vec<(Endpoint, bool)> {
    let is_narrowed = !settings.probes.only.is_empty();
    let settings = &settings.endpoints;
    let fits = |endpoint: &Endpoint, name: &String| {
        endpoint.id.as_str() == name || endpoint.provider.as_str() == name
    };
    for (key, names) in [("off", &settings.off), ("only", &settings.only)] {
        for name in names {
            if !all.iter().any(|endpoint| fits(endpoint, name)) {
                problems.push(Problem {
                    file: "[endpoints]".to_string(),
                    line: 1,
                    key: key.to_string(),
                    expected: "a provider, or an endpoint such as bedrock.runtime".to_string(),
                    found: format!("'{name}', which `bellwether probe list` does not name"),
                });
            }
        }
    }
    let is_checked = |endpoint: &Endpoint| {
        let named = |names: &[String]| names.iter().any(|name| fits(endpoint, name));
        let is_wanted = if settings.only.is_empty() {
            endpoint.on && !is_narrowed
        } else {
            named(&settings.only)
        };
        settings.on && is_wanted && !named(&settings.off) && !endpoint.scopes.is_empty()
    };
    all.into_iter()
        .map(|mut endpoint| {
            endpoint.every = settings.every.unwrap_or(endpoint.every);
            let is_checked = is_checked(&endpoint);
            (endpoint, is_checked)
        })
        .collect()
}

/// The inference probes, each with whether it is asked: within a budget, and by name.
fn inference(
    all: Vec<InferenceProbe>,
    settings: &InferenceSettings,
    problems: &mut Vec<Problem>,
) -> Vec<(InferenceProbe, bool)> {
    let fits = |probe: &InferenceProbe, name: &String| {
        probe.id.as_str() == name || probe.provider.as_str() == name
    };
    for (key, names) in [("on", &settings.on), ("off", &settings.off)] {
        for name in names {
            if !all.iter().any(|probe| fits(probe, name)) {
                problems.push(Problem {
                    file: "[inference]".to_string(),
                    line: 1,
                    key: key.to_string(),
                    expected: "a provider, or an inference probe by its id".to_string(),
                    found: format!("'{name}', which `bellwether check` does not name"),
                });
            }
        }
    }
    let is_asked = |probe: &InferenceProbe| {
        let named = |names: &[String]| names.iter().any(|name| fits(probe, name));
        settings.budget.is_some()
            && named(&settings.on)
            && !named(&settings.off)
            && !probe.scopes.is_empty()
    };
    all.into_iter()
        .map(|mut probe| {
            if let Some(every) = settings.every {
                probe.schedule = Schedule::Every(every);
            }
            let is_asked = is_asked(&probe);
            (probe, is_asked)
        })
        .collect()
}

/// What `[scopes]` says to no probe.
fn strangers(all: &Declarations, scopes: &ScopeSettings) -> Vec<Problem> {
    let mut problems = Vec::new();
    let probes = all
        .probes
        .iter()
        .map(|probe| (&probe.id, &probe.provider, &probe.unset, &probe.scopes));
    let endpoints = all
        .endpoints
        .iter()
        .map(|found| (&found.id, &found.provider, &found.unset, &found.scopes));
    let inference = all
        .inference
        .iter()
        .map(|probe| (&probe.id, &probe.provider, &probe.unset, &probe.scopes));
    let declared: Vec<_> = probes.chain(endpoints).chain(inference).collect();
    for (key, widened) in &scopes.0 {
        let meant: Vec<_> = declared
            .iter()
            .filter(|(id, provider, ..)| id.as_str() == key || provider.as_str() == key)
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
            let is_known = meant.iter().any(|(_, _, unset, scopes)| {
                unset.contains(name) || scopes.iter().any(|s| s.values.contains_key(*name))
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
