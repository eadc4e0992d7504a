//! What a gateway in front of the providers is set up to ask for: its own configuration says what somebody depends on.
//!
//! Read are LiteLLM's `model_list` (`litellm_params.model` with its provider before the slash, `model_info.base_model` where the
//! former names a deployment), and the pairs of `provider` and `model`, `models` or `name` by which other gateways say the same.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use crate::market::provider_id;

/// Deeper than that no gateway's configuration is.
const DEPTH: usize = 32;

/// The models that are asked for, by provider; `None` where the configuration does not say which.
pub(super) type Asked = BTreeMap<Option<&'static str>, Vec<String>>;

/// Reads the text of a configuration, YAML or JSON, which is YAML.
///
/// # Errors
/// Why it cannot be read, or that it names no model.
pub(super) fn asked(text: &str) -> Result<Asked, String> {
    let tree: Json = serde_saphyr::from_str(text).map_err(|error| {
        // what the parser shows of the file may be a key
        let line = error.location().map(|at| format!(", line {}", at.line()));
        format!("it is neither YAML nor JSON{}", line.unwrap_or_default())
    })?;
    let mut asked = Asked::new();
    gather(&tree, &mut asked, 0);
    for models in asked.values_mut() {
        models.sort();
        models.dedup();
    }
    match asked.is_empty() {
        true => Err("no model is named in it".to_string()),
        false => Ok(asked),
    }
}

fn gather(tree: &Json, asked: &mut Asked, depth: usize) {
    if depth > DEPTH {
        return;
    }
    match tree {
        Json::Array(items) => items.iter().for_each(|item| gather(item, asked, depth + 1)),
        Json::Object(fields) => {
            let is_taken = litellm(fields, asked) || paired(fields, asked);
            if !is_taken {
                fields
                    .values()
                    .for_each(|field| gather(field, asked, depth + 1));
            }
        }
        _ => {}
    }
}

/// An entry of LiteLLM's list.
fn litellm(fields: &Map<String, Json>, asked: &mut Asked) -> bool {
    let Some(parameters) = fields.get("litellm_params").and_then(Json::as_object) else {
        return false;
    };
    let base = fields
        .get("model_info")
        .and_then(|info| info.get("base_model"));
    let named = parameters.get("model").and_then(plain);
    let base = base.and_then(plain);
    let own = parameters.get("custom_llm_provider").and_then(plain);
    let own = own.and_then(provider_id);
    // the former says where it is asked for, the latter what it is
    let (at, _) = named.map_or((None, ""), split);
    if let Some(model) = base.or(named) {
        let (provider, model) = split(model);
        add(asked, own.or(at).or(provider), model);
    }
    true
}

/// A provider beside its model.
fn paired(fields: &Map<String, Json>, asked: &mut Asked) -> bool {
    let provider = fields.get("provider").and_then(plain).and_then(provider_id);
    let Some(provider) = provider else {
        return false;
    };
    let overriding = fields
        .get("override_params")
        .and_then(|own| own.get("model"));
    let single = [fields.get("model"), fields.get("name"), overriding];
    let many = fields.get("models").and_then(Json::as_array);
    let mut models = single
        .into_iter()
        .flatten()
        .chain(many.into_iter().flatten())
        .filter_map(plain)
        .peekable();
    let is_taken = models.peek().is_some();
    models.for_each(|model| add(asked, Some(provider), split(model).1));
    is_taken
}

/// A text that is no reference to a variable.
fn plain(value: &Json) -> Option<&str> {
    let text = value.as_str()?.trim();
    let refers = ["os.environ/", "env.", "$", "{"];
    let is_plain = !text.is_empty() && !refers.iter().any(|begin| text.starts_with(begin));
    is_plain.then_some(text)
}

/// `azure/gpt-4o` is a model at a provider; `bedrock/us-east-1/anthropic.claude-x` names a region or a route besides.
fn split(text: &str) -> (Option<&'static str>, &str) {
    let Some((first, rest)) = text.split_once('/') else {
        return (None, text);
    };
    match provider_id(first) {
        Some(provider) => (Some(provider), rest.rsplit('/').next().unwrap_or(rest)),
        None => (None, text),
    }
}

fn add(asked: &mut Asked, provider: Option<&'static str>, model: &str) {
    // a wildcard lets every model of the provider through
    asked.entry(provider).or_default().push(model.to_string());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let asked = asked(text).expect("a configuration");
        let line = |(provider, models): (&Option<&str>, &Vec<String>)| {
            format!("{}: {}", provider.unwrap_or("-"), models.join(", "))
        };
        asked.iter().map(line).collect()
    }

    #[test]
    fn gateways_say_what_they_are_asked_for() {
        let litellm = "
model_list:
  - model_name: chat
    litellm_params: &usual
      model: azure/our-deployment
      api_base: os.environ/AZURE_API_BASE
      api_key: sk-secret
    model_info: { base_model: azure/gpt-4o }
  - model_name: chat
    litellm_params: { model: bedrock/us-east-1/anthropic.claude-sonnet-4-5-20250929-v1:0 }
  - model_name: cheap
    litellm_params: { model: gpt-4.1-mini }
  - { model_name: all, litellm_params: { model: 'mistral/*' } }
  - { model_name: same, litellm_params: { model: openai/gpt-4.1, custom_llm_provider: openai } }
  - { model_name: hidden, litellm_params: { model: os.environ/MODEL } }
litellm_settings: { drop_params: true }
";
        assert_eq!(
            shown(litellm),
            [
                "-: gpt-4.1-mini",
                "azure: gpt-4o",
                "bedrock: anthropic.claude-sonnet-4-5-20250929-v1:0",
                "mistral: *",
                "openai: gpt-4.1",
            ]
        );
        let kong = r#"{ "plugins": [{ "name": "ai-proxy", "config": {
            "model": { "provider": "anthropic", "name": "claude-opus-4-1" } } }] }"#;
        assert_eq!(shown(kong), ["anthropic: claude-opus-4-1"]);
        let portkey = r#"{ "strategy": { "mode": "fallback" }, "targets": [
            { "provider": "openai", "override_params": { "model": "gpt-5" } },
            { "provider": "azure-openai", "models": ["gpt-4o", "gpt-4o-mini"] },
            { "provider": "nobody", "model": "x" }] }"#;
        assert_eq!(
            shown(portkey),
            ["azure: gpt-4o, gpt-4o-mini", "openai: gpt-5"]
        );
    }

    #[test]
    fn what_is_no_configuration_says_why_and_shows_nothing_of_it() {
        assert_eq!(
            asked("model_list: []\n").expect_err("nothing"),
            "no model is named in it"
        );
        let error = asked("a: 1\n  key: sk-secret: x\n").expect_err("no YAML");
        assert!(
            error.starts_with("it is neither YAML nor JSON, line "),
            "{error}"
        );
        assert!(!error.contains("sk-secret"));
        // names that stand for each other without an end
        let bomb = (1..30).fold(
            "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_string(),
            |text, n| {
                let before = format!("*a{},", n - 1).repeat(10);
                format!("{text}a{n}: &a{n} [{before}]\n")
            },
        );
        assert!(asked(&bomb).is_err());
        let deep = "[".repeat(10_000);
        assert!(asked(&deep).is_err());
    }
}
