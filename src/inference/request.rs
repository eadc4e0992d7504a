//! What is sent to a model.

use serde_json::{Map, Value as Json, json};

use super::dialect::Dialect;

/// What every model is asked: short, the same everywhere, with an answer that is long enough to see tokens flow.
pub const PROMPT: &str = "Write the numbers from one to fifty as English words, separated by commas. Write nothing else.";

/// OpenAI takes no smaller limit on a response (`facts/openai.md` §3).
const LEAST_OF_RESPONSES: u32 = 16;

/// The name under which a chat completion's length is bounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CapName {
    /// `max_tokens`: everybody's, but refused by newer models of OpenAI.
    MaxTokens,
    /// `max_completion_tokens`: OpenAI's since its models think.
    MaxCompletionTokens,
}

impl CapName {
    /// The word, as it is sent.
    pub fn word(self) -> &'static str {
        match self {
            Self::MaxTokens => "max_tokens",
            Self::MaxCompletionTokens => "max_completion_tokens",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::MaxTokens, Self::MaxCompletionTokens]
            .into_iter()
            .find(|cap| cap.word() == word)
    }
}

/// How one model wants to be asked. Nothing that a model might refuse is sent unless the recipe says so: no temperature, no
/// other parameter of sampling.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    /// How it is spoken to.
    pub dialect: Dialect,
    /// Its native id; in Azure, the name of the deployment.
    pub model: String,
    /// Its answer has at most so many tokens.
    pub max_tokens: u32,
    /// The name of that limit in a chat completion.
    pub cap: CapName,
    /// Whether a chat completion must ask to be told its usage (`stream_options`); some tell it unasked and refuse the question.
    pub asks_usage: bool,
    /// Other members of the body, merged into it: `{"reasoning":{"effort":"none"}}`. What bounds the answer and asks for a
    /// stream stands above them.
    pub parameters: Map<String, Json>,
}

/// What is sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// Its place on the provider's host, with the query.
    pub path: String,
    /// Besides those that every request has and those that show a credential.
    pub headers: Vec<(&'static str, &'static str)>,
    /// JSON. It is posted.
    pub body: String,
}

impl Recipe {
    /// At most so many tokens are answered.
    pub fn most_output(&self) -> u32 {
        match self.dialect {
            Dialect::OpenAiResponses | Dialect::AzureResponses => {
                self.max_tokens.max(LEAST_OF_RESPONSES)
            }
            _ => self.max_tokens,
        }
    }

    /// What is sent to ask.
    pub fn ask(&self) -> Ask {
        let mut headers = vec![
            ("content-type", "application/json"),
            ("accept", self.dialect.answers()),
        ];
        if self.dialect == Dialect::AnthropicMessages {
            headers.push(("anthropic-version", "2023-06-01"));
        }
        let mut body = Json::Object(self.parameters.clone());
        merge(&mut body, self.body());
        Ask {
            path: self.path(),
            headers,
            body: body.to_string(),
        }
    }

    /// Where a provider usually answers.
    fn path(&self) -> String {
        let model = encoded(&self.model);
        match self.dialect {
            Dialect::OpenAiChat => "/v1/chat/completions".to_owned(),
            Dialect::OpenAiResponses => "/v1/responses".to_owned(),
            Dialect::AzureChat => "/openai/v1/chat/completions".to_owned(),
            Dialect::AzureResponses => "/openai/v1/responses".to_owned(),
            Dialect::AnthropicMessages => "/v1/messages".to_owned(),
            Dialect::BedrockConverse => format!("/model/{model}/converse-stream"),
            Dialect::BedrockInvoke => format!("/model/{model}/invoke-with-response-stream"),
            Dialect::GeminiGenerate => {
                format!("/v1beta/models/{model}:streamGenerateContent?alt=sse")
            }
            Dialect::CohereChat => "/v2/chat".to_owned(),
        }
    }

    fn body(&self) -> Json {
        let said = json!([{ "role": "user", "content": PROMPT }]);
        let most = self.most_output();
        match self.dialect {
            Dialect::OpenAiChat | Dialect::AzureChat => {
                let mut body = json!({ "model": self.model, "messages": said, "stream": true });
                merge(&mut body, json!({ self.cap.word(): most }));
                if self.asks_usage {
                    merge(
                        &mut body,
                        json!({ "stream_options": { "include_usage": true } }),
                    );
                }
                body
            }
            Dialect::OpenAiResponses | Dialect::AzureResponses => json!({
                "model": self.model,
                "input": PROMPT,
                "stream": true,
                "store": false,
                "max_output_tokens": most,
            }),
            Dialect::AnthropicMessages | Dialect::CohereChat => json!({
                "model": self.model,
                "messages": said,
                "stream": true,
                "max_tokens": most,
            }),
            Dialect::BedrockConverse => json!({
                "messages": [{ "role": "user", "content": [{ "text": PROMPT }] }],
                "inferenceConfig": { "maxTokens": most },
            }),
            Dialect::BedrockInvoke => json!({
                "anthropic_version": "bedrock-2023-05-31",
                "messages": said,
                "max_tokens": most,
            }),
            Dialect::GeminiGenerate => json!({
                "contents": [{ "role": "user", "parts": [{ "text": PROMPT }] }],
                "generationConfig": { "maxOutputTokens": most },
            }),
        }
    }
}

/// Lays one object over another, member by member.
fn merge(under: &mut Json, over: Json) {
    match (under, over) {
        (Json::Object(under), Json::Object(over)) => {
            for (key, value) in over {
                merge(under.entry(key).or_insert(Json::Null), value);
            }
        }
        (under, over) => *under = over,
    }
}

/// One segment of a path: what is not unreserved is escaped (RFC 3986 section 2.3).
pub fn encoded(segment: &str) -> String {
    let mut out = String::new();
    for byte in segment.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}
