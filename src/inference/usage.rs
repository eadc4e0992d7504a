//! What of a call is billed, by the provider's own count.

use rust_decimal::Decimal;
use serde_json::Value as Json;

use super::gathered::Gathered;
use crate::market::decimal_from_json;

/// Tokens of a call. What is not said is missing, never zero; what is said again counts as it was said last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// All of the prompt, what was read from and written to the cache included, whether or not the provider counts so.
    pub input: Option<u64>,
    /// Of these, read from the cache.
    pub cached: Option<u64>,
    /// Of these, written to the cache.
    pub cache_write: Option<u64>,
    /// All of the answer, thinking included.
    pub output: Option<u64>,
    /// Of these, thinking, whether or not it was shown.
    pub reasoning: Option<u64>,
    /// The part of the prompt that is billed, where the provider says that it is another (Cohere).
    pub billed_input: Option<u64>,
    /// The part of the answer that is billed, where the provider says that it is another (Cohere).
    pub billed_output: Option<u64>,
}

impl Usage {
    /// OpenAI's chat completions and their copies. Groq and Vercel have their own places, DeepSeek its own names.
    pub(super) fn chat(&mut self, usage: &Json) {
        let input = count(usage, "/prompt_tokens");
        let mut output = count(usage, "/completion_tokens");
        let reasoning = count(usage, "/completion_tokens_details/reasoning_tokens");
        // xAI does not count thinking among the tokens of the completion, but in the total
        if let (Some(prompt), Some(answer), Some(thinking)) = (input, output, reasoning)
            && thinking > 0
            && count(usage, "/total_tokens") == sum([Some(prompt), Some(answer), Some(thinking)])
        {
            output = answer.checked_add(thinking);
        }
        let cached = count(usage, "/prompt_tokens_details/cached_tokens")
            .or_else(|| count(usage, "/prompt_cache_hit_tokens"));
        let cache_write = count(usage, "/prompt_tokens_details/cache_write_tokens")
            .or_else(|| count(usage, "/cache_creation_input_tokens"));
        self.take([input, cached, cache_write, output, reasoning]);
    }

    /// OpenAI's responses.
    pub(super) fn responses(&mut self, usage: &Json) {
        self.take([
            count(usage, "/input_tokens"),
            count(usage, "/input_tokens_details/cached_tokens"),
            count(usage, "/input_tokens_details/cache_write_tokens"),
            count(usage, "/output_tokens"),
            count(usage, "/output_tokens_details/reasoning_tokens"),
        ]);
    }

    /// Anthropic's messages, whose input tokens are those that the cache has no part in.
    pub(super) fn messages(&mut self, usage: &Json) {
        let cached = count(usage, "/cache_read_input_tokens");
        let cache_write = count(usage, "/cache_creation_input_tokens");
        let fresh = count(usage, "/input_tokens");
        let input = fresh.and_then(|fresh| {
            let of_cache = |said: Option<u64>| Some(said.unwrap_or(0));
            sum([Some(fresh), of_cache(cached), of_cache(cache_write)])
        });
        self.take([
            input,
            cached,
            cache_write,
            count(usage, "/output_tokens"),
            count(usage, "/output_tokens_details/thinking_tokens"),
        ]);
    }

    /// Amazon's Converse, which counts as Anthropic does; Nova's own answers have longer names for the cache.
    pub(super) fn converse(&mut self, usage: &Json) {
        let cached = count(usage, "/cacheReadInputTokens")
            .or_else(|| count(usage, "/cacheReadInputTokenCount"));
        let cache_write = count(usage, "/cacheWriteInputTokens")
            .or_else(|| count(usage, "/cacheWriteInputTokenCount"));
        let input = count(usage, "/inputTokens").and_then(|fresh| {
            sum([
                Some(fresh),
                Some(cached.unwrap_or(0)),
                Some(cache_write.unwrap_or(0)),
            ])
        });
        self.take([
            input,
            cached,
            cache_write,
            count(usage, "/outputTokens"),
            None,
        ]);
    }

    /// Google's, where thoughts are counted beside the answer.
    pub(super) fn generate(&mut self, usage: &Json) {
        let answer = count(usage, "/candidatesTokenCount");
        let thoughts = count(usage, "/thoughtsTokenCount");
        let output = match (answer, thoughts) {
            (None, None) => None,
            (answer, thoughts) => answer.unwrap_or(0).checked_add(thoughts.unwrap_or(0)),
        };
        let tools = count(usage, "/toolUsePromptTokenCount").unwrap_or(0);
        let input = count(usage, "/promptTokenCount").and_then(|input| input.checked_add(tools));
        let cached = count(usage, "/cachedContentTokenCount");
        self.take([input, cached, None, output, thoughts]);
    }

    /// Cohere's, which bills less than it counts.
    pub(super) fn cohere(&mut self, usage: &Json) {
        self.take([
            count(usage, "/tokens/input_tokens"),
            count(usage, "/cached_tokens"),
            None,
            count(usage, "/tokens/output_tokens"),
            None,
        ]);
        self.billed_input = count(usage, "/billed_units/input_tokens").or(self.billed_input);
        self.billed_output = count(usage, "/billed_units/output_tokens").or(self.billed_output);
    }

    fn take(&mut self, said: [Option<u64>; 5]) {
        let [input, cached, cache_write, output, reasoning] = said;
        self.input = input.or(self.input);
        self.cached = cached.or(self.cached);
        self.cache_write = cache_write.or(self.cache_write);
        self.output = output.or(self.output);
        self.reasoning = reasoning.or(self.reasoning);
    }
}

impl Gathered {
    /// What a gateway says that the call costs in USD: OpenRouter and Vercel as a number, Perplexity as a sum of parts.
    pub fn stated_cost(&mut self, usage: &Json) {
        let cost = usage
            .pointer("/cost/total_cost")
            .or_else(|| usage.get("cost"));
        let cost = match cost {
            Some(Json::Number(number)) => decimal_from_json(&number.to_string()),
            Some(Json::String(text)) => decimal_from_json(text),
            _ => None,
        };
        let cost = cost.filter(|cost| !cost.is_sign_negative() || cost.is_zero());
        self.stated_cost = cost.or(self.stated_cost);
    }
}

fn sum(parts: [Option<u64>; 3]) -> Option<u64> {
    parts
        .into_iter()
        .try_fold(0_u64, |sum, part| sum.checked_add(part?))
}

/// A number of tokens; Cohere writes some as `7.0`.
pub(super) fn count(json: &Json, pointer: &str) -> Option<u64> {
    let value = json.pointer(pointer)?;
    let whole = || {
        let text = value.as_f64()?;
        let is_whole = text >= 0.0 && text.fract() == 0.0;
        is_whole.then(|| Decimal::try_from(text).ok()?.try_into().ok())?
    };
    value.as_u64().or_else(whole)
}
