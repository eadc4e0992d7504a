//! Small streams of every dialect, in the shapes that the providers send.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use proptest::prelude::*;

use super::frames::tests::frame_of;
use super::*;

mod asked;
mod charged;
mod failed;
mod priced;

/// Pieces of server-sent events, one an element.
fn events(data: &[&str]) -> Vec<Vec<u8>> {
    data.iter()
        .map(|data| format!("data: {data}\n\n").into_bytes())
        .collect()
}

fn frame(event: &str, payload: &str) -> Vec<u8> {
    let headers = [
        (":event-type", event),
        (":content-type", "application/json"),
        (":message-type", "event"),
    ];
    frame_of(&headers, payload.as_bytes())
}

fn chunk(inner: &str) -> Vec<u8> {
    let bytes = STANDARD.encode(inner);
    frame("chunk", &format!(r#"{{"bytes":"{bytes}","p":"abcd"}}"#))
}

/// Takes one piece each 10 ms.
fn told(dialect: Dialect, pieces: &[Vec<u8>]) -> Told {
    let mut stream = Stream::new(dialect);
    for (piece, at) in pieces.iter().zip(1..) {
        stream.push(piece, SignedDuration::from_millis(10 * at));
    }
    stream.end()
}

fn ms(at: i64) -> Option<SignedDuration> {
    Some(SignedDuration::from_millis(at))
}

/// A stream of the dialect that thinks, answers `1, 2` in two events, and ends.
pub(super) fn whole(dialect: Dialect) -> Vec<Vec<u8>> {
    match dialect {
        Dialect::OpenAiChat => events(&[
            r#"{"model":"m-1","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}"#,
            r#"{"model":"m-1","choices":[{"index":0,"delta":{"reasoning_content":"hm"},"finish_reason":null}]}"#,
            r#"{"model":"m-1","choices":[{"index":1,"delta":{"content":"other"}},{"index":0,"delta":{"content":"1"}}]}"#,
            r#"{"model":"m-1","choices":[{"index":0,"delta":{"content":[{"type":"text","text":", 2"}]},"finish_reason":"stop"}]}"#,
            r#"{"model":"m-1","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":1}}}"#,
            "[DONE]",
        ]),
        Dialect::AzureChat => events(&[
            r#"{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0}]}"#,
            r#"{"model":"m-1","choices":[{"index":0,"delta":{"reasoning":"hm"},"finish_reason":null}]}"#,
            r#"{"model":"m-1","choices":[{"index":0,"delta":{"content":"1"}}]}"#,
            r#"{"model":"m-1","choices":[{"index":0,"delta":{"content":", 2"}}]}"#,
            r#"{"model":"m-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
            r#"{"model":"m-1","choices":[],"latency_checkpoint":{"service_ttft_ms":42,"service_ttlt_ms":77},"usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":14,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":1}}}"#,
            "[DONE]",
        ]),
        Dialect::OpenAiResponses | Dialect::AzureResponses => events(&[
            r#"{"type":"response.created","response":{"status":"in_progress","model":"m","usage":null}}"#,
            r#"{"type":"response.reasoning_summary_text.delta","delta":"hm"}"#,
            r#"{"type":"response.output_text.delta","delta":"1"}"#,
            r#"{"type":"response.output_text.delta","delta":", 2"}"#,
            r#"{"type":"response.output_text.done","text":"1, 2"}"#,
            r#"{"type":"response.incomplete","response":{"status":"incomplete","error":null,"model":"m-1","incomplete_details":{"reason":"max_output_tokens"},"usage":{"input_tokens":9,"input_tokens_details":{"cached_tokens":4},"output_tokens":5,"output_tokens_details":{"reasoning_tokens":1}}}}"#,
        ]),
        Dialect::AnthropicMessages => events(&messages()),
        Dialect::BedrockInvoke => {
            let mut chunks: Vec<_> = messages().iter().map(|inner| chunk(inner)).collect();
            chunks.pop();
            chunks.push(chunk(
                r#"{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":5,"outputTokenCount":5,"invocationLatency":77,"firstByteLatency":42}}"#,
            ));
            chunks
        }
        Dialect::BedrockConverse => vec![
            frame("messageStart", r#"{"role":"assistant","p":"abc"}"#),
            frame(
                "contentBlockDelta",
                r#"{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"hm"}}}"#,
            ),
            frame("contentBlockDelta", r#"{"delta":{"text":"1"}}"#),
            frame("contentBlockDelta", r#"{"delta":{"text":", 2"}}"#),
            frame("messageStop", r#"{"stopReason":"end_turn"}"#),
            frame(
                "metadata",
                r#"{"usage":{"inputTokens":5,"cacheReadInputTokens":4,"outputTokens":5,"totalTokens":14},"metrics":{"latencyMs":77}}"#,
            ),
        ],
        Dialect::GeminiGenerate => events(&[
            r#"{"candidates":[{"content":{"parts":[{"text":""}]}}],"usageMetadata":{"trafficType":"ON_DEMAND"}}"#,
            r#"{"candidates":[{"content":{"parts":[{"text":"hm","thought":true}]}}],"modelVersion":"m-1"}"#,
            r#"{"candidates":[{"content":{"parts":[{"text":"1"}]}}]}"#,
            r#"{"candidates":[{"content":{"parts":[{"text":", 2"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":9,"cachedContentTokenCount":4,"candidatesTokenCount":4,"thoughtsTokenCount":1,"totalTokenCount":14}}"#,
        ]),
        Dialect::CohereChat => events(&[
            r#"{"id":"x","type":"message-start","delta":{"message":{"role":"assistant"}}}"#,
            r#"{"type":"content-delta","delta":{"message":{"content":{"thinking":"hm"}}}}"#,
            r#"{"type":"content-delta","delta":{"message":{"content":{"text":"1"}}}}"#,
            r#"{"type":"content-delta","delta":{"message":{"content":{"text":", 2"}}}}"#,
            r#"{"type":"message-end","delta":{"finish_reason":"COMPLETE","usage":{"billed_units":{"input_tokens":2.0,"output_tokens":3},"tokens":{"input_tokens":9,"output_tokens":5},"cached_tokens":4}}}"#,
        ]),
    }
}

fn messages() -> [&'static str; 7] {
    [
        r#"{"type":"message_start","message":{"model":"m-1","usage":{"input_tokens":5,"cache_read_input_tokens":4,"cache_creation_input_tokens":0,"output_tokens":1}}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}"#,
        r#"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"1"}}"#,
        r#"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":", 2"}}"#,
        r#"{"type":"ping"}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}}"#,
        r#"{"type":"message_stop"}"#,
    ]
}

#[test]
fn every_dialect_tells_the_same() {
    for dialect in Dialect::ALL {
        let told = told(dialect, &whole(dialect));
        let word = dialect.word();
        assert_eq!(told.end, End::Complete, "{word}");
        assert_eq!((&*told.text, &*told.thinking), ("1, 2", "hm"), "{word}");
        let times = Times {
            first_event: ms(10),
            first_thinking: ms(20),
            first_content: ms(30),
            last_token: ms(40),
            gaps: vec![SignedDuration::from_millis(10)],
        };
        assert_eq!(told.times, times, "{word}");
        let of_cache = (told.usage.input, told.usage.cached);
        assert_eq!(of_cache, (Some(9), Some(4)), "{word}");
        assert_eq!(told.usage.output, Some(5), "{word}");
        let is_named = dialect != Dialect::BedrockConverse && dialect != Dialect::CohereChat;
        assert_eq!(told.model.as_deref(), is_named.then_some("m-1"), "{word}");
        assert_eq!(Dialect::from_word(word), Some(dialect));
    }
}

#[test]
fn what_only_some_say_is_taken_and_else_missing() {
    for dialect in Dialect::ALL {
        let told = told(dialect, &whole(dialect));
        let word = dialect.word();
        let reasoning = match dialect {
            Dialect::AnthropicMessages
            | Dialect::BedrockConverse
            | Dialect::BedrockInvoke
            | Dialect::CohereChat => None,
            _ => Some(1),
        };
        assert_eq!(told.usage.reasoning, reasoning, "{word}");
        let written = match dialect {
            Dialect::AnthropicMessages | Dialect::BedrockInvoke => Some(0),
            _ => None,
        };
        assert_eq!(told.usage.cache_write, written, "{word}");
        let (total, first_token) = match dialect {
            Dialect::AzureChat | Dialect::BedrockInvoke => (ms(77), ms(42)),
            Dialect::BedrockConverse => (ms(77), None),
            _ => (None, None),
        };
        assert_eq!(told.reported.total, total, "{word}");
        assert_eq!(told.reported.first_token, first_token, "{word}");
        let billed = (told.usage.billed_input, told.usage.billed_output);
        let is_billed = dialect == Dialect::CohereChat;
        assert_eq!(
            billed,
            (is_billed.then_some(2), is_billed.then_some(3)),
            "{word}"
        );
        let stop = match dialect {
            Dialect::OpenAiChat | Dialect::AzureChat => "stop",
            Dialect::OpenAiResponses | Dialect::AzureResponses => "max_output_tokens",
            Dialect::GeminiGenerate => "STOP",
            Dialect::CohereChat => "COMPLETE",
            _ => "end_turn",
        };
        assert_eq!(told.stop.as_deref(), Some(stop), "{word}");
    }
}

#[test]
fn other_makers_on_bedrock_are_understood() {
    let nova = [
        chunk(r#"{"messageStart":{"role":"assistant"}}"#),
        chunk(r#"{"contentBlockDelta":{"delta":{"text":"It"},"contentBlockIndex":0}}"#),
        chunk(r#"{"messageStop":{"stopReason":"max_tokens"}}"#),
        chunk(
            r#"{"metadata":{"usage":{"inputTokens":5,"outputTokens":10,"cacheReadInputTokenCount":0}},"amazon-bedrock-invocationMetrics":{"inputTokenCount":5,"outputTokenCount":10,"invocationLatency":167}}"#,
        ),
    ];
    let llama = [
        chunk(r#"{"generation":"It","prompt_token_count":5,"stop_reason":null}"#),
        chunk(
            r#"{"generation":"","stop_reason":"length","amazon-bedrock-invocationMetrics":{"inputTokenCount":5,"outputTokenCount":10}}"#,
        ),
    ];
    let titan = [chunk(
        r#"{"outputText":"It","index":0,"completionReason":"LENGTH","amazon-bedrock-invocationMetrics":{"inputTokenCount":5,"outputTokenCount":10}}"#,
    )];
    for pieces in [&nova[..], &llama, &titan] {
        let told = told(Dialect::BedrockInvoke, pieces);
        assert_eq!((told.end, &*told.text), (End::Complete, "It"));
        assert_eq!((told.usage.input, told.usage.output), (Some(5), Some(10)));
    }
}

#[test]
fn gateways_and_copies_of_chat_are_understood() {
    let groq = told(
        Dialect::OpenAiChat,
        &events(&[
            r#"{"choices":[{"index":0,"delta":{"content":"1"}}],"x_groq":{"id":"req"}}"#,
            r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x_groq":{"usage":{"queue_time":0.25,"prompt_tokens":18,"completion_tokens":7,"total_time":0.5}}}"#,
        ]),
    );
    assert_eq!(
        (groq.reported.queue, groq.reported.total),
        (ms(250), ms(500))
    );
    assert_eq!((groq.end, groq.usage.output), (End::Complete, Some(7)));

    let xai = told(
        Dialect::OpenAiChat,
        &events(&[
            r#"{"choices":[{"index":0,"delta":{"content":"1"},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":2,"total_tokens":32,"completion_tokens_details":{"reasoning_tokens":20}}}"#,
            "[DONE]",
        ]),
    );
    assert_eq!(
        (xai.usage.output, xai.usage.reasoning),
        (Some(22), Some(20))
    );

    for (usage, cost) in [
        (
            r#"{"prompt_tokens":1,"completion_tokens":1,"cost":0.00006}"#,
            "0.00006",
        ),
        (
            r#"{"prompt_tokens":1,"completion_tokens":1,"cost":{"request_cost":0.005,"total_cost":0.00501}}"#,
            "0.00501",
        ),
    ] {
        let piece = format!(r#"{{"choices":[],"usage":{usage}}}"#);
        let told = told(Dialect::OpenAiChat, &events(&[&piece, "[DONE]"]));
        assert_eq!(told.stated_cost.unwrap().to_string(), cost);
    }
}

#[test]
fn a_header_tells_of_the_time_of_the_provider() {
    let none = Reported::default();
    let told = none.with_header("OpenAI-Processing-Ms", " 42 ");
    assert_eq!(told.head, ms(42));
    assert_eq!(told.with_header("date", "7"), told);
    for nonsense in ["", "-1", "soon", "NaN", "1e99"] {
        assert_eq!(
            none.with_header("openai-processing-ms", nonsense),
            none,
            "{nonsense}"
        );
    }
}

proptest! {
    #[test]
    fn how_a_stream_is_cut_means_nothing(
        dialect in prop::sample::select(Dialect::ALL.to_vec()),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
    ) {
        let bytes = whole(dialect).concat();
        let at = SignedDuration::ZERO;
        let mut one = Stream::new(dialect);
        one.push(&bytes, at);
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len())).collect();
        cuts.sort_unstable();
        let mut many = Stream::new(dialect);
        let mut from = 0;
        for cut in cuts.into_iter().chain([bytes.len()]) {
            many.push(&bytes[from..cut], at);
            from = cut;
        }
        prop_assert_eq!(many.end(), one.end());
    }

    #[test]
    fn mutated_streams_end_typed(
        dialect in prop::sample::select(Dialect::ALL.to_vec()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        length in any::<prop::sample::Index>(),
    ) {
        let mut bytes = whole(dialect).concat();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(length.index(bytes.len()) + 1);
        let mut stream = Stream::new(dialect);
        stream.push(&bytes, SignedDuration::ZERO);
        let told = stream.end();
        prop_assert!(told.text.len() <= bytes.len());
        let _ = told.speed();
    }

    #[test]
    fn any_bytes_do_no_harm(
        dialect in prop::sample::select(Dialect::ALL.to_vec()),
        bytes in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let mut stream = Stream::new(dialect);
        stream.push(&bytes, SignedDuration::ZERO);
        prop_assert_ne!(stream.end().end, End::Complete);
    }
}
