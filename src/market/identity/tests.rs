//! Native ids as providers write them, and what they denote.

use super::*;
use crate::market::Subject;

#[test]
fn spellings_of_one_id_have_one_form() {
    assert_eq!(
        normal_form("Llama-3.3-70B_Instruct"),
        normal_form("llama-3-3-70b-instruct")
    );
    assert_eq!(normal_form("meta%2Fllama 3"), normal_form("meta/llama-3"));
    assert_ne!(
        normal_form("us.anthropic.claude"),
        normal_form("anthropic.claude")
    );
    assert_ne!(
        normal_form("gpt-4o-2024-05-13"),
        normal_form("gpt-4o-2024-08-06")
    );
}

#[test]
fn twins_differ_only_in_routing() {
    assert_eq!(
        twin_form("us.anthropic.claude-v1:0"),
        twin_form("global.anthropic.claude-v1:0")
    );
    assert_eq!(twin_form("gpt-4.1"), "gpt-4-1");
    assert_ne!(twin_form("us.x"), twin_form("x"));
}

/// Checks that each id, `provider:id` or without a provider `:id`, denotes the model.
#[track_caller]
fn check(model: &str, ids: &[&str]) {
    for id in ids {
        let (provider, native_id) = id.split_once(':').expect("a provider or none");
        let provider = Some(provider).filter(|provider| !provider.is_empty());
        let found = identify(provider, native_id);
        assert_eq!(found.model.as_deref(), Some(model), "{id}: {}", found.rule);
    }
}

#[track_caller]
fn check_version(version: &str, ids: &[&str]) {
    for id in ids {
        let (provider, native_id) = id.split_once(':').expect("a provider");
        let found = identify(Some(provider), native_id);
        assert_eq!(
            found.version.as_deref(),
            Some(version),
            "{id}: {}",
            found.rule
        );
    }
}

#[test]
fn the_tables_are_sound() {
    let tables = tables();
    let mut names = std::collections::HashSet::new();
    for exception in tables.exceptions() {
        assert!(exception.reason.len() > 10, "{exception:?} has no reason");
        let says = exception.model.is_some() || exception.stamp.is_some() || exception.unknown;
        assert!(says, "{exception:?} says nothing");
        for name in &exception.of {
            assert!(
                exception.model.as_ref() != Some(name),
                "{name} is its own exception"
            );
            let lab = name.split('/').next().expect("a lab");
            assert!(tables.lab(lab).is_some(), "{name}: no such lab");
            let places: &[String] = &exception.providers;
            for place in places
                .iter()
                .map(String::as_str)
                .chain(places.is_empty().then_some(""))
            {
                assert!(
                    names.insert((name.clone(), place.to_string())),
                    "{name} twice"
                );
            }
        }
        // what an exception leads to is a name that the rules leave as it is
        if let Some(model) = &exception.model {
            check(model, &[&format!(":{model}")]);
        }
    }
}

#[test]
fn a_model_id_denotes_itself() {
    for model in [
        "anthropic/claude-sonnet-4.5",
        "anthropic/claude-3.5-haiku",
        "openai/gpt-4o",
        "openai/o3",
        "meta/llama-4-scout",
        "google/gemini-2.5-flash-preview",
        "mistral/mistral-large-2512",
        "mistral/mistral-large-latest",
        "alibaba/qwen3-32b",
        "cohere/embed-v4",
        "cohere/embed-english-v3",
        "zai/glm-4.5v",
        "xai/grok-4.20-reasoning",
        "amazon/nova-2-lite",
        "nvidia/nemotron-3-super-120b-a12b",
        "deepseek/deepseek-v3.2",
        "openai/text-embedding-3-large",
        "stability/stable-diffusion-3.5-large",
        "google/imagen-4.0-generate",
        "microsoft/phi-4",
        "tencent/hy3-preview",
    ] {
        check(model, &[&format!(":{model}")]);
    }
}

/// The vendors' own tables, registries and price pages.
#[test]
fn one_model_has_many_spellings() {
    let text = include_str!("tests/same.toml");
    let cases: std::collections::BTreeMap<String, Vec<String>> =
        toml::from_str(text).expect("models and their spellings");
    assert!(cases.len() > 80, "{} models", cases.len());
    for (model, ids) in &cases {
        check(model, &ids.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

#[test]
fn a_stamp_makes_a_version() {
    check_version(
        "openai/gpt-4o@2024-08-06",
        &["openai:gpt-4o-2024-08-06", "azure:gpt-4o@2024-08-06"],
    );
    check_version(
        "anthropic/claude-sonnet-4.5@2025-09-29",
        &[
            "bedrock:us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "vertex:claude-sonnet-4-5@20250929",
        ],
    );
    check_version(
        "openai/gpt-3.5-turbo@0125",
        &["azure:gpt-35-turbo@0125", "openai:gpt-3.5-turbo-0125"],
    );
    check_version(
        "cohere/command-r@2024-03",
        &["bedrock:cohere.command-r-v1:0", "cohere:command-r-03-2024"],
    );
    check_version(
        "cohere/command-r@2024-03",
        &["oci:Cohere Command R", "oci:cohere.command-r-16k"],
    );
    check_version("cohere/command-r@2024-08", &["oci:Command R 08-2024"]);
    check_version("deepseek/deepseek-r1@0528", &["azure:DeepSeek-R1-0528@1"]);
    check_version(
        "google/gemini-2.0-flash@001",
        &["gemini:models/gemini-2.0-flash-001"],
    );
    check_version(
        "google/gemini-2.5-flash-preview@05-20",
        &["gemini:gemini-2.5-flash-preview-05-20"],
    );
    for id in [
        "gpt-4o",
        "claude-opus-4-8",
        "mistral-large-2512",
        "text-embedding-ada-002",
        "Phi-4@7",
        "llama3-70b-8192",
    ] {
        assert_eq!(identify(None, id).version, None, "{id}");
    }
}

#[test]
fn what_differs_stays_apart() {
    for (one, other) in [
        ("gpt-4o", "gpt-4o-mini"),
        ("gpt-5", "gpt-5-pro"),
        (
            "gemini-3.1-pro-preview",
            "gemini-3.1-pro-preview-customtools",
        ),
        ("gemini-3.1-flash-lite", "gemini-3.1-flash-lite-preview"),
        ("gemini-flash-latest", "gemini-flash-lite-latest"),
        (
            "Qwen3-Coder-480B-A35B-Instruct",
            "Qwen3-Coder-480B-A35B-Instruct-FP8",
        ),
        ("qwen3-235b-a22b", "qwen3-235b-a22b-2507"),
        (
            "qwen3-235b-a22b-thinking-2507",
            "qwen3-235b-a22b-instruct-2507",
        ),
        ("deepseek-r1", "deepseek-r1-distill-llama-70b"),
        ("deepseek-r1-0528", "deepseek-r1-0528-qwen3-8b"),
        ("llama-3.1-70b-instruct", "llama-3.1-8b-instruct"),
        (
            "meta-llama/llama-3.1-405b",
            "meta-llama/llama-3.1-405b-instruct",
        ),
        (
            "llama-3.1-70b-instruct",
            "nvidia/llama-3.1-nemotron-70b-instruct",
        ),
        ("mistral-large-2411", "mistral-large-2512"),
        ("mistral-large-2512", "mistral-large-latest"),
        ("amazon.titan-embed-text-v1", "amazon.titan-embed-text-v2:0"),
        ("text-embedding-004", "text-embedding-005"),
        ("amazon.rerank-v1:0", "cohere.rerank-v3-5:0"),
        ("grok-4-fast-reasoning", "grok-4-fast-non-reasoning"),
        ("grok-4.2", "grok-4-20-reasoning"),
        ("claude-opus-4", "claude-opus-4-1-20250805"),
        ("kimi-k2", "kimi-k2.5"),
        ("glm-4.5", "glm-4.5v"),
        ("minimax-m2.7", "minimax-m2.7-highspeed"),
    ] {
        let (one, other) = (identify(None, one), identify(None, other));
        assert!(
            one.model.is_some() && one.model != other.model,
            "{one:?} {other:?}"
        );
    }
}

#[test]
fn doubt_is_unknown_and_says_why() {
    for (provider, id, why) in [
        (
            "openai",
            "ft:gpt-4o-mini-2024-07-18:org::AbC123",
            "unknown: a fine-tune is a model of its own",
        ),
        (
            "azure",
            "model-router@2025-11-18",
            "unknown: it chooses among models",
        ),
        (
            "openrouter",
            "openrouter/auto",
            "unknown: it chooses among models",
        ),
        ("", "something-new", "unknown: no lab is known by this name"),
        (
            "",
            "unsloth/gemma-3-27b-it",
            "unknown: no lab is known by the label 'unsloth'",
        ),
        (
            "bedrock",
            "application-inference-profile/a1b2c3",
            "unknown: no lab is known by the label 'application-inference-profile'",
        ),
        (
            "bedrock",
            "arn:aws:bedrock:us-east-1:1:application-inference-profile/x",
            "unknown: a resource of the account's own",
        ),
        (
            "openrouter",
            "mistralai/mistral-large",
            "unknown: OpenRouter does not say which release its undated name denotes",
        ),
        (
            "",
            "Claude Opus 4 (batch, EU)",
            "unknown: the note '(batch, eu)' is not understood",
        ),
        (
            "",
            "gpt-4o:purple",
            "unknown: the variant ':purple' is unknown",
        ),
        (
            "oci",
            "xAI Grok 4.1 Fast",
            "unknown: the name holds for two models of this provider, with and without reasoning",
        ),
        (
            "openai",
            "gpt-5 or gpt-4.1",
            "unknown: it names several models",
        ),
        ("", "", "unknown: no name"),
        ("", "anthropic.", "unknown: no name"),
    ] {
        let found = identify(Some(provider), id);
        assert_eq!(
            (found.model, found.version, found.rule.as_str()),
            (None, None, why),
            "{id}"
        );
    }
}

#[test]
fn the_rule_lists_the_steps() {
    for (id, rule) in [
        (
            "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "routing prefix, vendor label, packaging suffix, date stamp, version spelling",
        ),
        ("gpt-4o-2024-08-06", "family, date stamp"),
        ("gemma-3-27b-it", "family, word that says nothing"),
        ("FW-GLM-5.2@1", "host prefix, family, packaging version"),
        (
            "~openai/gpt-sol-latest",
            "alias key, vendor label, moving alias",
        ),
        (
            "Mistral-Large-3",
            "family, Mistral's own table of models gives it both names",
        ),
    ] {
        assert_eq!(identify(None, id).rule, rule, "{id}");
    }
}

#[test]
fn a_person_means_a_model_a_version_or_a_text() {
    for (wanted, provider, native_id, fits) in [
        (
            "anthropic/claude-sonnet-4.5",
            "bedrock",
            "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
            true,
        ),
        (
            "claude-sonnet-4.5",
            "vertex",
            "claude-sonnet-4-5@20250929",
            true,
        ),
        (
            "claude-sonnet-4.5",
            "vertex",
            "claude-sonnet-4@20250514",
            false,
        ),
        ("claude-sonnet", "vertex", "claude-sonnet-4@20250514", true),
        ("openai/gpt-4o", "openrouter", "openai/gpt-4o", true),
        ("openai/gpt-4o", "openrouter", "openai/gpt-4o-mini", false),
        (
            "openai/gpt-4o@2024-08-06",
            "azure",
            "gpt-4o@2024-08-06",
            true,
        ),
        (
            "openai/gpt-4o@2024-08-06",
            "azure",
            "gpt-4o@2024-11-20",
            false,
        ),
        ("gpt-4o-2024-08-06", "azure", "gpt-4o@2024-08-06", true),
        ("GPT-4", "openai", "gpt-4.1", true),
        ("no such model", "openai", "gpt-4.1", false),
    ] {
        assert_eq!(
            Wanted::new(wanted).fits(&Subject::offering(provider, native_id)),
            fits,
            "{wanted} {native_id}"
        );
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_answered(provider in ".{0,12}", text in "\\PC{0,60}") {
        let found = identify(Some(&provider), &text);
        proptest::prop_assert!(!found.rule.is_empty());
        proptest::prop_assert_eq!(found.model.is_none(), found.rule.starts_with("unknown: "));
    }

    #[test]
    fn mutilated_ids_are_answered(at in 0_usize..40, with in "[-.:@/~()0-9av ]{0,3}") {
        for id in ["us.anthropic.claude-sonnet-4-5-20250929-v1:0", "gpt-4@turbo-2024-04-09", "~openai/gpt-4o:free (2024-05-13)"] {
            let cut = id.get(..at.min(id.len())).unwrap_or(id);
            let rest = id.get(at.min(id.len())..).unwrap_or("");
            let found = identify(None, &format!("{cut}{with}{rest}"));
            // no stamp without a model
            proptest::prop_assert!(found.model.is_some() || found.version.is_none());
        }
    }
}
