use hyper::header::HeaderValue;
use url::Url;

use super::*;
use crate::fetch::Auth;

const AT: Timestamp = Timestamp::UNIX_EPOCH;

fn request() -> Request {
    Request {
        auth: Auth::Bearer("sk-very-secret".to_owned().into()),
        ..Request::get(Url::parse("https://api.example/v1/models").unwrap())
    }
}

fn refusal(status: u16, headers: &[(&'static str, &str)], body: &str) -> Failure {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| {
            let value = HeaderValue::from_str(value).unwrap();
            (HeaderName::from_static(name), value)
        })
        .collect();
    let status = StatusCode::from_u16(status).unwrap();
    read(&request(), status, &headers, body.as_bytes(), AT)
}

#[test]
fn every_vendor_is_understood() {
    let cases: &[(&str, &str, &str)] = &[
        (
            r#"{"error":{"code":"model_not_found","type":"invalid_request_error","message":"No such model"}}"#,
            "model_not_found",
            "No such model",
        ),
        (
            r#"{"error":{"code":null,"type":"invalid_request_error","message":"m"}}"#,
            "invalid_request_error",
            "m",
        ),
        (
            r#"{"type":"error","error":{"type":"api_error","message":"Internal"},"request_id":"r"}"#,
            "api_error",
            "Internal",
        ),
        (
            r#"{"error":{"code":404,"status":"NOT_FOUND","message":"models/x is not found"}}"#,
            "NOT_FOUND",
            "models/x is not found",
        ),
        (
            r#"[{"error":{"code":503,"status":"UNAVAILABLE","message":"busy"}}]"#,
            "UNAVAILABLE",
            "busy",
        ),
        (
            r#"{"error":{"code":"DeploymentNotFound","message":"gone"}}"#,
            "DeploymentNotFound",
            "gone",
        ),
        (
            r#"{"error":{"code":"1305","message":"later"}}"#,
            "1305",
            "later",
        ),
        (
            r#"{"error":{"code":400,"type":"too_many_tokens","message":"m"}}"#,
            "too_many_tokens",
            "m",
        ),
        (
            r#"{"__type":"com.amazon.coral#ValidationException","message":"bad"}"#,
            "ValidationException",
            "bad",
        ),
        (
            r#"{"__type":"InternalServerError","Message":"Internal"}"#,
            "InternalServerError",
            "Internal",
        ),
        (
            r#"{"object":"error","code":"3051","type":"invalid_args","message":"m"}"#,
            "invalid_args",
            "m",
        ),
        (
            r#"{"code":"The service is currently unavailable","error":"At capacity"}"#,
            "The service is currently unavailable",
            "At capacity",
        ),
        (
            r#"{"error":"invalid_client","error_description":"No such client"}"#,
            "invalid_client",
            "No such client",
        ),
        (r#"{"error":"only words"}"#, "", "only words"),
        (r#"{"detail":"Unavailable"}"#, "", "Unavailable"),
        (
            r#"{"id":"x","message":"too many tokens"}"#,
            "",
            "too many tokens",
        ),
        (r#"{"error":{"message":"m","details":"text"}}"#, "", "m"),
        (
            "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code><Message>None</Message></Error>",
            "NoSuchKey",
            "None",
        ),
        ("<html><body>Bad gateway</body></html>", "", ""),
        (
            "Failed to\r\n buffer\u{7} the body",
            "",
            "Failed to buffer the body",
        ),
        ("", "", ""),
        ("{}", "", ""),
        ("[]", "", ""),
        ("{\"error\":", "", "{\"error\":"),
    ];
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    for (body, code, message) in cases {
        let expected = Failure::Status {
            status: 422,
            code: some(code),
            message: some(message),
            retry_after: None,
        };
        assert_eq!(refusal(422, &[], body), expected, "{body}");
    }
}

#[test]
fn the_aws_header_names_the_code() {
    let headers = [("x-amzn-errortype", "ValidationException:http://internal/")];
    let failure = refusal(400, &headers, r#"{"message":"The identifier is invalid."}"#);
    assert_eq!(
        failure.to_string(),
        "HTTP 400 (ValidationException): The identifier is invalid."
    );
}

#[test]
fn limits_and_credentials_are_told_from_outages() {
    let google = r#"{"error":{"code":400,"status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}"#;
    let aws = r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#;
    let plain = r#"{"error":{"type":"x"}}"#;
    let overloaded = r#"{"error":{"type":"overloaded_error","message":"Overloaded"}}"#;
    let retired = r#"{"__type":"ResourceNotFoundException","message":"This model version has reached the end of its life."}"#;
    let cases = [
        (429, plain, "throttled (x)"),
        (429, "", "throttled"),
        (400, aws, "throttled (ThrottlingException)"),
        (403, aws, "throttled (ThrottlingException)"),
        (401, plain, "not authorised: HTTP 401 (x)"),
        (403, "<html>", "not authorised: HTTP 403"),
        (400, google, "not authorised: HTTP 400 (API_KEY_INVALID)"),
        (503, plain, "HTTP 503 (x)"),
        (529, plain, "the host is overloaded: HTTP 529 (x)"),
        (
            500,
            overloaded,
            "the host is overloaded: HTTP 500 (overloaded_error): Overloaded",
        ),
        (404, plain, "HTTP 404 (x)"),
        (
            404,
            retired,
            "no such model: HTTP 404 (ResourceNotFoundException): This model version has reached the end of its life.",
        ),
        (
            404,
            r#"{"message":"The deployment does not exist."}"#,
            "HTTP 404: The deployment does not exist.",
        ),
        (302, "", "HTTP 302"),
    ];
    for (status, body, expected) in cases {
        assert_eq!(
            refusal(status, &[], body).to_string(),
            expected,
            "{status} {body}"
        );
    }
}

#[test]
fn what_is_wrong_with_a_credential_is_told_apart() {
    let aws = |code: &str| format!(r#"{{"__type":"{code}","message":"m"}}"#);
    let arm = |code: &str| format!(r#"{{"error":{{"code":"{code}","message":"m"}}}}"#);
    let google = r#"{"error":{"code":403,"status":"PERMISSION_DENIED","message":"m","details":[{"reason":"SERVICE_DISABLED"}]}}"#;
    let denied = "known, but not entitled: HTTP 403";
    let cases = [
        (
            403,
            aws("AccessDeniedException"),
            format!("{denied} (AccessDeniedException): m"),
        ),
        (
            400,
            aws("AccessDeniedException"),
            "known, but not entitled: HTTP 400 (AccessDeniedException): m".into(),
        ),
        (
            403,
            arm("AuthorizationFailed"),
            format!("{denied} (AuthorizationFailed): m"),
        ),
        (
            403,
            google.into(),
            format!("{denied} (PERMISSION_DENIED): m"),
        ),
        (
            403,
            aws("ExpiredTokenException"),
            "the credential has expired (ExpiredTokenException)".into(),
        ),
        (
            401,
            arm("ExpiredAuthenticationToken"),
            "the credential has expired (ExpiredAuthenticationToken)".into(),
        ),
        (
            403,
            aws("UnrecognizedClientException"),
            "not authorised: HTTP 403 (UnrecognizedClientException)".into(),
        ),
        (
            400,
            aws("InvalidSignatureException"),
            "not authorised: HTTP 400 (InvalidSignatureException)".into(),
        ),
    ];
    for (status, body, expected) in cases {
        assert_eq!(refusal(status, &[], &body).to_string(), expected, "{body}");
    }
}

/// A key that is no signature has no date: our clock is not to blame for its refusal.
#[test]
fn a_clock_is_blamed_only_where_a_date_was_signed() {
    let headers = HeaderMap::from_iter([(
        DATE,
        HeaderValue::from_static("Thu, 01 Jan 1970 00:10:00 GMT"),
    )]);
    let keys = crate::fetch::sigv4::Keys {
        id: "AKID".into(),
        secret: "secret".to_owned().into(),
        session_token: None,
    };
    let signer = crate::fetch::sigv4::Signer {
        keys,
        region: "r".into(),
        service: "s".into(),
    };
    let signed = Auth::SigV4(Box::new(signer));
    let behind = "clock_skew";
    let cases = [
        (request().auth, Purpose::Content, 401, "", "unauthorised"),
        (request().auth, Purpose::Token, 400, "", "token_refused"),
        (request().auth, Purpose::TokenForStatement, 400, "", behind),
        (
            request().auth,
            Purpose::TokenForStatement,
            404,
            "",
            "status",
        ),
        (signed.clone(), Purpose::Content, 403, "", behind),
        (signed.clone(), Purpose::Content, 400, "", "status"),
        (
            signed.clone(),
            Purpose::Content,
            403,
            r#"{"__type":"AccessDeniedException"}"#,
            "not_entitled",
        ),
        (
            signed.clone(),
            Purpose::Token,
            403,
            r#"{"__type":"ExpiredTokenException"}"#,
            "credential_expired",
        ),
        (signed.clone(), Purpose::Content, 503, "", "status"),
        (
            signed,
            Purpose::Content,
            403,
            r#"{"__type":"ThrottlingException"}"#,
            "throttled",
        ),
    ];
    for (auth, purpose, status, body, expected) in cases {
        let request = Request {
            auth,
            purpose,
            ..request()
        };
        let status = StatusCode::from_u16(status).unwrap();
        let failure = read(&request, status, &headers, body.as_bytes(), AT);
        assert_eq!(failure.word(), expected, "{request:?} {status} {purpose:?}");
    }
}

#[test]
fn entra_is_told_by_its_number() {
    let body = r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided.","error_codes":[7000215]}"#;
    assert_eq!(
        refusal(401, &[], body).to_string(),
        "not authorised: HTTP 401 (AADSTS7000215)"
    );
}

#[test]
fn the_wait_that_a_host_asks_for_is_read() {
    let date = "Thu, 01 Jan 1970 00:02:00 GMT";
    let millis = SignedDuration::from_millis;
    type Headers<'a> = &'a [(&'static str, &'a str)];
    let cases: &[(Headers<'_>, Option<SignedDuration>)] = &[
        (&[("retry-after", "30")], Some(millis(30_000))),
        (&[("retry-after", " 1.5 ")], Some(millis(1_500))),
        (
            &[("retry-after-ms", "250"), ("retry-after", "9")],
            Some(millis(250)),
        ),
        (&[("x-ms-retry-after-ms", "1000")], Some(millis(1_000))),
        (&[("retry-after", date)], Some(millis(120_000))),
        (
            &[
                ("retry-after", date),
                ("date", "Thu, 01 Jan 1970 00:01:50 GMT"),
            ],
            Some(millis(10_000)),
        ),
        (
            &[
                ("retry-after", date),
                ("date", "Fri, 02 Jan 1970 00:00:00 GMT"),
            ],
            Some(millis(0)),
        ),
        (
            &[("retry-after", "99999999999999999999")],
            Some(RETRY_AFTER_LIMIT),
        ),
        (
            &[("retry-after", "Thu, 01 Jan 2070 00:00:00 GMT")],
            Some(RETRY_AFTER_LIMIT),
        ),
        (&[("retry-after", "-5")], Some(SignedDuration::ZERO)),
        (&[("retry-after", "soon")], None),
        (&[("retry-after", "")], None),
        (&[], None),
    ];
    for (headers, expected) in cases {
        for status in [429, 503] {
            assert_eq!(
                refusal(status, headers, "").retry_after(),
                *expected,
                "{headers:?}"
            );
        }
    }
    let google = r#"{"error":{"details":[{"@type":"x"},{"retryDelay":"48.5s"}]}}"#;
    assert_eq!(
        refusal(429, &[], google).retry_after(),
        Some(millis(48_500))
    );
}

#[test]
fn words_are_bounded_and_hold_no_secret() {
    let long = "long ".repeat(1000);
    let body = format!(
        r#"{{"error":{{"code":"{long}","message":"key sk-very-secret is wrong {long}"}}}}"#
    );
    let Failure::Status {
        code: Some(code),
        message: Some(message),
        ..
    } = refusal(500, &[], &body)
    else {
        panic!("a status is expected");
    };
    assert!(code.chars().count() <= 80, "{code}");
    assert!(message.chars().count() <= 200, "{message}");
    assert!(message.starts_with("key •••• is wrong long"), "{message}");
}
