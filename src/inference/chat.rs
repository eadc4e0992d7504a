//! Chat completions in pieces (`facts/openai.md` §3, `facts/other-direct.md`).

use serde_json::Value as Json;

use super::gathered::{Gathered, milliseconds, seconds};

/// Reads one chunk.
pub(super) fn read(chunk: &Json, into: &mut Gathered) {
    into.model(chunk.get("model"));
    let is_error = chunk.get("object").and_then(Json::as_str) == Some("error");
    if is_error || chunk.get("error").is_some_and(|error| !error.is_null()) {
        into.refused(chunk);
    }
    let choices = chunk.get("choices").and_then(Json::as_array);
    let is_first = |choice: &&Json| choice.get("index").and_then(Json::as_u64).unwrap_or(0) == 0;
    if let Some(choice) = choices.and_then(|choices| choices.iter().find(is_first)) {
        if let Some(delta) = choice.get("delta") {
            read_delta(delta, into);
        }
        into.stop(choice.get("finish_reason"));
    }
    let usage = [chunk.get("usage"), chunk.pointer("/x_groq/usage")]
        .into_iter()
        .flatten()
        .find(|usage| usage.is_object());
    if let Some(usage) = usage {
        into.usage.chat(usage);
        into.stated_cost(usage);
        into.reported.queue = seconds(usage.get("queue_time")).or(into.reported.queue);
        into.reported.total = seconds(usage.get("total_time")).or(into.reported.total);
        // Perplexity sends no [DONE]; whoever does sends it after the usage that was asked for
        into.may_end = into.stop.is_some();
    }
    // Azure
    if let Some(latency) = chunk.get("latency_checkpoint") {
        let of = |name| milliseconds(latency.get(name));
        into.reported.first_token = of("service_ttft_ms").or(into.reported.first_token);
        into.reported.total = of("service_ttlt_ms").or(into.reported.total);
    }
}

fn read_delta(delta: &Json, into: &mut Gathered) {
    // DeepSeek, xAI and others; OpenRouter, Groq and Vercel
    let thinking = ["reasoning_content", "reasoning"]
        .iter()
        .filter_map(|key| delta.get(*key))
        .find(|text| text.as_str().is_some_and(|text| !text.is_empty()));
    into.thinking(thinking);
    match delta.get("content") {
        // Mistral
        Some(Json::Array(parts)) => parts.iter().for_each(|part| read_part(part, into)),
        text => into.content(text),
    }
    into.content(delta.get("refusal"));
}

fn read_part(part: &Json, into: &mut Gathered) {
    match part.get("type").and_then(Json::as_str) {
        Some("text") => into.content(part.get("text")),
        Some("thinking") => match part.get("thinking") {
            Some(Json::Array(parts)) => {
                parts
                    .iter()
                    .for_each(|part| into.thinking(part.get("text")));
            }
            text => into.thinking(text),
        },
        _ => {}
    }
}
