//! What is sent.

use serde_json::{Value as Json, json};

use super::*;

pub fn recipe(dialect: Dialect) -> Recipe {
    Recipe {
        dialect,
        model: "eu.lab/model-1:0".into(),
        max_tokens: 8,
        cap: CapName::MaxCompletionTokens,
        asks_usage: true,
        parameters: serde_json::Map::new(),
    }
}

#[test]
fn every_dialect_is_asked_as_it_wants() {
    let model = "eu.lab/model-1:0";
    let said = json!([{ "role": "user", "content": PROMPT }]);
    let chat = json!({
        "model": model, "messages": said, "stream": true, "max_completion_tokens": 8,
        "stream_options": { "include_usage": true },
    });
    let responses = json!({
        "model": model, "input": PROMPT, "stream": true, "store": false, "max_output_tokens": 16,
    });
    let messages = json!({ "model": model, "messages": said, "stream": true, "max_tokens": 8 });
    let expected = [
        (Dialect::OpenAiChat, "/v1/chat/completions", chat.clone()),
        (Dialect::OpenAiResponses, "/v1/responses", responses.clone()),
        (Dialect::AzureChat, "/openai/v1/chat/completions", chat),
        (Dialect::AzureResponses, "/openai/v1/responses", responses),
        (Dialect::AnthropicMessages, "/v1/messages", messages.clone()),
        (
            Dialect::BedrockConverse,
            "/model/eu.lab%2Fmodel-1%3A0/converse-stream",
            json!({
                "messages": [{ "role": "user", "content": [{ "text": PROMPT }] }],
                "inferenceConfig": { "maxTokens": 8 },
            }),
        ),
        (
            Dialect::BedrockInvoke,
            "/model/eu.lab%2Fmodel-1%3A0/invoke-with-response-stream",
            json!({ "anthropic_version": "bedrock-2023-05-31", "messages": said, "max_tokens": 8 }),
        ),
        (
            Dialect::GeminiGenerate,
            "/v1beta/models/eu.lab%2Fmodel-1%3A0:streamGenerateContent?alt=sse",
            json!({
                "contents": [{ "role": "user", "parts": [{ "text": PROMPT }] }],
                "generationConfig": { "maxOutputTokens": 8 },
            }),
        ),
        (Dialect::CohereChat, "/v2/chat", messages),
    ];
    assert_eq!(expected.len(), Dialect::ALL.len());
    for (dialect, path, body) in expected {
        let ask = recipe(dialect).ask();
        assert_eq!(ask.path, path);
        let sent: Json = serde_json::from_str(&ask.body).unwrap();
        assert_eq!(sent, body, "{}", dialect.word());
        let version = ask
            .headers
            .iter()
            .find(|(name, _)| *name == "anthropic-version");
        assert_eq!(version.is_some(), dialect == Dialect::AnthropicMessages);
    }
}

#[test]
fn parameters_are_added_but_bound_nothing() {
    let object = |value: Json| value.as_object().cloned().unwrap();
    let asked = Recipe {
        cap: CapName::MaxTokens,
        asks_usage: false,
        parameters: object(
            json!({ "reasoning_effort": "none", "max_tokens": 9000, "stream": false }),
        ),
        ..recipe(Dialect::OpenAiChat)
    }
    .ask();
    let sent: Json = serde_json::from_str(&asked.body).unwrap();
    assert_eq!(sent["reasoning_effort"], "none");
    assert_eq!(
        (&sent["max_tokens"], &sent["stream"]),
        (&json!(8), &json!(true))
    );
    assert_eq!(sent.get("stream_options"), None);

    let asked = Recipe {
        parameters: object(
            json!({ "generationConfig": { "thinkingConfig": { "thinkingBudget": 0 } } }),
        ),
        ..recipe(Dialect::GeminiGenerate)
    }
    .ask();
    let sent: Json = serde_json::from_str(&asked.body).unwrap();
    let config = json!({ "maxOutputTokens": 8, "thinkingConfig": { "thinkingBudget": 0 } });
    assert_eq!(sent["generationConfig"], config);
}
