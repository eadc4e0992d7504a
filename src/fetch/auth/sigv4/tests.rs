//! The vectors that AWS publishes, and agreement with AWS's own signer on random requests.

use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use proptest::prelude::*;
use url::Url;

use super::*;

const ID: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

fn signer(service: &str, token: Option<&str>) -> Signer {
    Signer {
        keys: Keys {
            id: ID.into(),
            secret: SECRET.to_owned().into(),
            session_token: token.map(|token| token.to_owned().into()),
        },
        region: "us-east-1".into(),
        service: service.into(),
    }
}

fn signed<'a>(
    signer: &Signer,
    method: &'a str,
    url: &'a Url,
    headers: &[(&'a str, &'a str)],
    body: &'a [u8],
    at: &str,
) -> String {
    let message = Message {
        method,
        url,
        headers: headers.to_vec(),
        body,
    };
    let headers = signer.headers(&message, at.parse().unwrap());
    let found = headers.iter().find(|(name, _)| *name == "authorization");
    found.unwrap().1.expose_secret().to_owned()
}

/// What follows `part` in the authorization, up to a comma.
fn after<'a>(authorization: &'a str, part: &str) -> &'a str {
    let rest = authorization.split_once(part).unwrap().1;
    rest.split(',').next().unwrap()
}

/// Vectors of the AWS Signature Version 4 test suite (2015). Those with blanks and other characters in the path that
/// no URL can hold are left to the comparison below.
#[test]
fn published_vectors_are_signed_as_published() {
    const UNRESERVED: &str = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    type Case<'a> = (&'a str, String, &'a [(&'a str, &'a str)], &'a str, &'a str);
    let cases: [Case<'_>; 12] = [
        (
            "GET",
            "/".into(),
            &[],
            "",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
        (
            "GET",
            "/?Param2=value2&Param1=value1".into(),
            &[],
            "",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
        (
            "GET",
            "/?Param1=value1".into(),
            &[],
            "",
            "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
        ),
        (
            "GET",
            format!("/?{UNRESERVED}={UNRESERVED}"),
            &[],
            "",
            "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
        ),
        (
            "GET",
            format!("/{UNRESERVED}"),
            &[],
            "",
            "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
        ),
        (
            "GET",
            "/example/..".into(),
            &[],
            "",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
        (
            "GET",
            "//example//".into(),
            &[],
            "",
            "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84",
        ),
        (
            "GET",
            "/".into(),
            &[
                ("My-Header1", "value2"),
                ("My-Header1", "value2"),
                ("My-Header1", "value1"),
            ],
            "",
            "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
        ),
        (
            "GET",
            "/".into(),
            &[("My-Header1", " value1"), ("My-Header2", " \"a   b   c\"")],
            "",
            "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
        ),
        (
            "POST",
            "/".into(),
            &[],
            "",
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        ),
        (
            "POST",
            "/".into(),
            &form,
            "Param1=value1",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        ),
        (
            "POST",
            "/?Param1=value1".into(),
            &[],
            "",
            "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
        ),
    ];
    for (method, path, headers, body, expected) in cases {
        let url = Url::parse(&format!("https://example.amazonaws.com{path}")).unwrap();
        let signer = signer("service", None);
        let at = "2015-08-30T12:36:00Z";
        let said = signed(&signer, method, &url, headers, body.as_bytes(), at);
        assert_eq!(
            after(&said, "Signature="),
            expected,
            "{method} {path} {headers:?}"
        );
        assert_eq!(
            after(&said, "Credential="),
            "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request"
        );
    }
}

/// The worked example of AWS's documentation: the key of a day, and the signature of a request to IAM.
#[test]
fn the_documented_example_is_signed_as_documented() {
    let signer = signer("iam", None);
    assert_eq!(
        hex(&signer.key("20150830")),
        "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"
    );
    let url = Url::parse("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08").unwrap();
    let headers = [(
        "content-type",
        "application/x-www-form-urlencoded; charset=utf-8",
    )];
    assert_eq!(
        signed(&signer, "GET", &url, &headers, b"", "2015-08-30T12:36:00Z"),
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
         SignedHeaders=content-type;host;x-amz-date, \
         Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    );
}

/// A model's id stands in the URL as one encoded segment, and is encoded once more for the signature.
#[test]
fn ids_with_colons_and_slashes_are_encoded_twice() {
    let cases = [
        ("/model/a.b%3A0/converse", "/model/a.b%253A0/converse"),
        ("/model/a.b:0", "/model/a.b%3A0"),
        ("/x/arn%3Aaws%2Fy", "/x/arn%253Aaws%252Fy"),
        ("/caf%C3%A9/", "/caf%25C3%25A9/"),
        ("", "/"),
        ("//", "/"),
    ];
    for (path, expected) in cases {
        assert_eq!(canonical_path(path), expected, "{path}");
    }
}

#[test]
fn parameters_are_sorted_and_encoded_in_one_way() {
    let cases = [
        ("b=2&a=1&a=0&A=9", "A=9&a=0&a=1&b=2"),
        ("a", "a="),
        ("a=b=c&&", "a=b%3Dc"),
        ("q=%e4%F6%20/:+~*'(%", "q=%E4%F6%20%2F%3A%2B~%2A%27%28%25"),
        ("", ""),
    ];
    for (query, expected) in cases {
        assert_eq!(canonical_query(query), expected, "{query}");
    }
}

#[test]
fn no_secret_is_shown() {
    let auth = crate::fetch::Auth::SigV4(Box::new(signer("bedrock", Some("the-token"))));
    let shown = format!("{auth:?} {:?}", auth.describe());
    assert!(
        !shown.contains("wJalr") && !shown.contains("the-token"),
        "{shown}"
    );
    assert_eq!(auth.secrets(), [SECRET, "the-token"]);
}

/// The signature by AWS's own crate.
fn by_aws(token: Option<&str>, method: &str, url: &Url, body: &[u8], seconds: u64) -> String {
    let keys = Credentials::from_keys(ID, SECRET, token.map(String::from)).into();
    let parameters = SigningParams::builder()
        .identity(&keys)
        .region("us-east-1")
        .name("bedrock")
        .time(UNIX_EPOCH + Duration::from_secs(seconds))
        .settings(SigningSettings::default())
        .build()
        .unwrap()
        .into();
    let headers = [
        ("content-type", "application/json"),
        ("x-amz-target", "Some  Target"),
    ];
    let body = SignableBody::Bytes(body);
    let request = SignableRequest::new(method, url.as_str(), headers.into_iter(), body).unwrap();
    sign(request, &parameters).unwrap().into_parts().1
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn aws_signs_alike(
        id in "[a-z0-9.:/ é日+=$,@%#?!*'()-]{0,40}",
        tail in "[a-z:/.%@]{0,12}",
        port in proptest::option::of(1024_u16..),
        token in proptest::option::of("[A-Za-z0-9/+=]{1,60}"),
        body in proptest::collection::vec(any::<u8>(), 0..60),
        query in proptest::collection::vec(("[a-zA-Z ~é&=+/]{1,6}", "[a-zA-Z0-9 /:~é&=+%]{0,8}"), 0..5),
        seconds in 946_684_800_u64..4_102_444_800,
        is_post in any::<bool>(),
    ) {
        let host = "bedrock-runtime.us-east-1.amazonaws.com";
        let port = port.map_or(String::new(), |port| format!(":{port}"));
        let mut url = Url::parse(&format!("https://{host}{port}/model")).unwrap();
        url.path_segments_mut().unwrap().push(&id);
        let mut url = Url::parse(&format!("{url}/{tail}")).unwrap();
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(&query);
            let with_blanks = url.query().unwrap().replace('+', "%20");
            url.set_query(Some(&with_blanks));
        }
        let method = if is_post { "POST" } else { "GET" };
        let headers = [("Content-Type", "application/json"), ("X-Amz-Target", " Some  Target ")];
        let at = Timestamp::from_second(i64::try_from(seconds).unwrap()).unwrap().to_string();
        let ours = signed(&signer("bedrock", token.as_deref()), method, &url, &headers, &body, &at);
        let theirs = by_aws(token.as_deref(), method, &url, &body, seconds);
        prop_assert_eq!(after(&ours, "Signature="), theirs, "{}", url);
    }
}
