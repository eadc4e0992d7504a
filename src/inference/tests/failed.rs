//! Streams that do not end well.

use super::*;
use crate::market::Failure;

fn exception(name: &str, payload: &str) -> Vec<u8> {
    let headers = [(":exception-type", name), (":message-type", "exception")];
    frame_of(&headers, payload.as_bytes())
}

#[test]
fn errors_inside_a_stream_are_sorted_as_outside() {
    let chat = Dialect::OpenAiChat;
    let responses = Dialect::OpenAiResponses;
    let messages = Dialect::AnthropicMessages;
    let google = Dialect::GeminiGenerate;
    let event = |data: &str| format!("data: {data}\n\n").into_bytes();
    let cases = [
        (
            messages,
            event(r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#),
            "overloaded",
        ),
        (
            messages,
            event(r#"{"type":"error","error":{"type":"rate_limit_error","message":"slow down"}}"#),
            "throttled",
        ),
        (
            messages,
            event(r#"{"type":"error","error":{"type":"api_error","message":"Internal"}}"#),
            "status",
        ),
        (
            messages,
            event(
                r#"{"type":"error","error":{"type":"not_found_error","message":"model: claude-9"}}"#,
            ),
            "model_gone",
        ),
        (
            chat,
            event(
                r#"{"error":{"message":"The server had an error","type":"server_error","code":null}}"#,
            ),
            "status",
        ),
        (
            chat,
            event(
                r#"{"error":{"message":"Rate limit reached","type":"tokens","code":"rate_limit_exceeded"}}"#,
            ),
            "throttled",
        ),
        (
            chat,
            event(r#"{"error":{"message":"No such model","code":"model_not_found"}}"#),
            "model_gone",
        ),
        (
            chat,
            event(r#"{"choices":[],"error":{"code":502,"message":"Provider returned error"}}"#),
            "status",
        ),
        (
            chat,
            event(
                r#"{"object":"error","message":"Service tier capacity exceeded","type":"x","code":"3505"}"#,
            ),
            "status",
        ),
        (
            chat,
            b"event: error\ndata: upstream went away\n\n".to_vec(),
            "status",
        ),
        (
            responses,
            event(
                r#"{"type":"error","code":"server_error","message":"Sorry","sequence_number":3}"#,
            ),
            "status",
        ),
        (
            responses,
            event(
                r#"{"type":"response.failed","response":{"status":"failed","error":{"code":"rate_limit_exceeded","message":"slow"}}}"#,
            ),
            "throttled",
        ),
        (
            responses,
            event(r#"{"type":"response.failed","response":{"status":"failed","error":null}}"#),
            "status",
        ),
        (
            google,
            event(
                r#"{"error":{"code":503,"message":"The model is overloaded. Please try again later.","status":"UNAVAILABLE"}}"#,
            ),
            "overloaded",
        ),
        (
            google,
            event(
                r#"{"error":{"code":429,"message":"Quota","status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"34.07s"}]}}"#,
            ),
            "throttled",
        ),
        (
            Dialect::CohereChat,
            event(r#"{"type":"message-end","delta":{"finish_reason":"ERROR","error":"upstream"}}"#),
            "status",
        ),
        (
            Dialect::BedrockConverse,
            exception("throttlingException", r#"{"message":"Too many tokens"}"#),
            "throttled",
        ),
        (
            Dialect::BedrockConverse,
            exception(
                "modelStreamErrorException",
                r#"{"message":"x","originalStatusCode":500}"#,
            ),
            "status",
        ),
        (
            Dialect::BedrockInvoke,
            exception("serviceUnavailableException", "{}"),
            "status",
        ),
        (
            Dialect::BedrockInvoke,
            exception("internalServerException", "not json"),
            "status",
        ),
        (
            Dialect::BedrockInvoke,
            frame_of(
                &[
                    (":message-type", "error"),
                    (":error-code", "InternalFailure"),
                    (":error-message", "x"),
                ],
                b"",
            ),
            "status",
        ),
    ];
    for (dialect, last, expected) in cases {
        let mut pieces = whole(dialect);
        pieces.truncate(3);
        pieces.push(last);
        let told = told(dialect, &pieces);
        let End::Refused(failure) = &told.end else {
            panic!("{}: {:?}", dialect.word(), told.end);
        };
        assert_eq!(failure.word(), expected, "{}: {failure:?}", dialect.word());
        assert_eq!(told.text, "1", "{}", dialect.word());
        assert_eq!(told.speed(), Speed::default());
    }
}

#[test]
fn an_error_carries_its_status_and_wait() {
    let pieces = events(&[
        r#"{"error":{"code":429,"message":"Quota","status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"34.5s"}]}}"#,
    ]);
    let failure = told(Dialect::GeminiGenerate, &pieces)
        .end
        .failure()
        .cloned()
        .unwrap();
    assert_eq!(failure.retry_after(), ms(34_500));

    let last = exception(
        "modelStreamErrorException",
        r#"{"message":"m\u0007odel","originalStatusCode":500}"#,
    );
    let failure = told(Dialect::BedrockConverse, &[last])
        .end
        .failure()
        .cloned();
    let expected = Failure::Status {
        status: 500,
        code: Some("ModelStreamErrorException".into()),
        message: Some("model".into()),
        retry_after: None,
    };
    assert_eq!(failure, Some(expected));
}

#[test]
fn the_usage_after_an_error_is_kept() {
    let pieces = events(&[
        r#"{"choices":[{"index":0,"delta":{},"finish_reason":"length"}]}"#,
        r#"{"error":{"code":400,"message":"Token limit reached"},"choices":[],"usage":{"prompt_tokens":43,"completion_tokens":10}}"#,
        "[DONE]",
    ]);
    let told = told(Dialect::OpenAiChat, &pieces);
    assert!(matches!(
        told.end,
        End::Refused(Failure::Status { status: 400, .. })
    ));
    assert_eq!(told.usage.output, Some(10));
}

#[test]
fn a_stream_without_its_last_piece_is_truncated() {
    for dialect in Dialect::ALL {
        let mut pieces = whole(dialect);
        while pieces.pop().is_some() {
            // a chat completion has told all before it says so
            let has_all = pieces
                .concat()
                .windows(13)
                .any(|part| part == b"prompt_tokens");
            match told(dialect, &pieces).end {
                End::Complete => assert!(has_all, "{} after {}", dialect.word(), pieces.len()),
                End::Broken(failure) => assert_eq!(failure.word(), "truncated"),
                End::Refused(failure) => panic!("{failure}"),
            }
        }
    }
}

#[test]
fn what_is_no_event_of_a_dialect_is_unreadable() {
    for (dialect, piece) in [
        (Dialect::OpenAiChat, b"data: {\"choices\":[\n\n".to_vec()),
        (Dialect::OpenAiChat, b"data: [1]\n\n".to_vec()),
        (Dialect::GeminiGenerate, b"data: \xff\n\n".to_vec()),
        (Dialect::BedrockConverse, frame("messageStart", "{")),
        (Dialect::BedrockInvoke, frame("chunk", r#"{"bytes":"%"}"#)),
        (Dialect::BedrockInvoke, chunk("{")),
        (Dialect::BedrockInvoke, chunk("[]")),
    ] {
        let end = told(dialect, &[piece]).end;
        assert_eq!(
            end.failure().unwrap().word(),
            "unreadable",
            "{}",
            dialect.word()
        );
    }
}

#[test]
fn a_page_instead_of_a_stream_has_no_event() {
    let page = b"<!DOCTYPE html>\n<title>Sign in</title>\n".to_vec();
    let end = told(Dialect::OpenAiChat, &[page]).end;
    assert_eq!(end.failure().unwrap().word(), "truncated");
}

#[test]
fn a_stream_is_read_so_far_and_no_further() {
    let mut stream = Stream::new(Dialect::OpenAiChat);
    let piece = [
        b"data: {\"choices\":[]}\n\n".as_slice(),
        &b": keep-alive\n\n".repeat(50_000),
    ]
    .concat();
    for _ in 0..10 {
        stream.push(&piece, SignedDuration::ZERO);
    }
    assert!(stream.is_over());
    let limit = MOST_READ;
    assert_eq!(stream.end().end, End::Broken(Failure::TooLarge { limit }));
}

#[test]
fn nothing_follows_the_end() {
    for dialect in Dialect::ALL {
        let mut pieces = whole(dialect);
        if dialect == Dialect::GeminiGenerate {
            continue;
        }
        pieces.push(b"data: {\n\n".repeat(3));
        let told = told(dialect, &pieces);
        assert_eq!((told.end, &*told.text), (End::Complete, "1, 2"));
    }
}
