//! Who has no credential, or a wrong one, is refused as the real ones refuse.

use jiff::SignedDuration;

use super::{Place, at};

/// What a source says to one with other credentials than those that are admitted.
async fn said(source: &str, others: &[(&'static str, &'static str)]) -> String {
    let now = at(0, 22);
    let place = Place::new(now, others).await;
    match place.one(source, now).await {
        Ok(_) => "let in".to_string(),
        Err(failure) => failure,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_are_refused_in_the_words_of_their_host() {
    for (source, name, value, expected) in [
        (
            "bedrock.models@us-east-1",
            "AWS_SECRET_ACCESS_KEY",
            "wrong",
            "InvalidSignatureException",
        ),
        (
            "bedrock.models@us-east-1",
            "AWS_ACCESS_KEY_ID",
            "AKIAOTHER",
            "UnrecognizedClientException",
        ),
        (
            "bedrock.profiles@eu-west-1",
            "AWS_SECRET_ACCESS_KEY",
            "wrong",
            "InvalidSignatureException",
        ),
        (
            "bedrock.mantle@us-east-1",
            "AWS_BEARER_TOKEN_BEDROCK",
            "wrong",
            "invalid_api_key",
        ),
        (
            "azure.models@eastus2",
            "AZURE_CLIENT_SECRET",
            "wrong",
            "AADSTS7000215",
        ),
        (
            "azure.models@eastus2",
            "AZURE_CLIENT_ID",
            "wrong",
            "AADSTS700016",
        ),
        (
            "azure.models@eastus2",
            "AZURE_TENANT_ID",
            "wrong",
            "AADSTS90002",
        ),
        (
            "azure.resource-models@",
            "AZURE_OPENAI_API_KEY",
            "wrong",
            "401",
        ),
    ] {
        let found = said(source, &[(name, value)]).await;
        assert!(
            found.contains(expected),
            "{source} with another {name}: {found}"
        );
        assert_eq!(said(source, &[]).await, "let in", "{source}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_of_another_time_is_refused() {
    let now = at(0, 22);
    let place = Place::new(now, &[]).await;
    for (minutes, is_in) in [(-6, false), (-4, true), (4, true), (6, false)] {
        let signed = now + SignedDuration::from_mins(minutes);
        let found = place.one("bedrock.models@us-west-2", signed).await;
        assert_eq!(found.is_ok(), is_in, "{minutes} minutes: {found:?}");
    }
}
