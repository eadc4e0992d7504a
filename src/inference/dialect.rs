//! The ways in which models are spoken to.

/// How a model is asked and how it answers. Facts: the sheets of each provider, named at its reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// OpenAI's chat completions, and those of everybody who copied them: Mistral, DeepSeek, Groq, xAI, OpenRouter …
    OpenAiChat,
    /// OpenAI's responses; also of Amazon Bedrock's mantle, xAI and DeepSeek.
    OpenAiResponses,
    /// Chat completions of a deployment in Azure OpenAI.
    AzureChat,
    /// Responses of a deployment in Azure OpenAI.
    AzureResponses,
    /// Anthropic's messages; also of Claude in Microsoft Foundry.
    AnthropicMessages,
    /// Amazon Bedrock's ConverseStream.
    BedrockConverse,
    /// Amazon Bedrock's InvokeModelWithResponseStream: what the model's maker says, in Amazon's frames.
    BedrockInvoke,
    /// Google's streamGenerateContent as server-sent events, of Gemini's own API and of Vertex AI.
    GeminiGenerate,
    /// Cohere's chat, version 2.
    CohereChat,
}

impl Dialect {
    /// Every one, in the order of this list.
    pub const ALL: [Self; 9] = [
        Self::OpenAiChat,
        Self::OpenAiResponses,
        Self::AzureChat,
        Self::AzureResponses,
        Self::AnthropicMessages,
        Self::BedrockConverse,
        Self::BedrockInvoke,
        Self::GeminiGenerate,
        Self::CohereChat,
    ];

    /// The word of configuration.
    pub fn word(self) -> &'static str {
        match self {
            Self::OpenAiChat => "openai-chat",
            Self::OpenAiResponses => "openai-responses",
            Self::AzureChat => "azure-chat",
            Self::AzureResponses => "azure-responses",
            Self::AnthropicMessages => "anthropic-messages",
            Self::BedrockConverse => "bedrock-converse",
            Self::BedrockInvoke => "bedrock-invoke",
            Self::GeminiGenerate => "gemini-generate",
            Self::CohereChat => "cohere-chat",
        }
    }

    /// Reads the word of configuration.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.word() == word)
    }

    /// Whether its answers come in frames of `application/vnd.amazon.eventstream`; else they are server-sent events.
    pub(super) fn is_framed(self) -> bool {
        matches!(self, Self::BedrockConverse | Self::BedrockInvoke)
    }

    /// The type of content that its answers have.
    pub fn answers(self) -> &'static str {
        match self.is_framed() {
            true => "application/vnd.amazon.eventstream",
            false => "text/event-stream",
        }
    }
}
