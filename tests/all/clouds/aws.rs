//! Amazon Web Services, whose signatures its own crate verifies.

use super::{LIST, assert_hidden, probe, rewrite, world};
use crate::aws::{self, ID, SECRET};
use crate::http::{Answer, Server};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn aws_is_asked_with_a_signature() {
    let web = Server::start().await;
    web.tell("/foundation-models", Answer::ok("application/json", LIST));
    let signed = probe("aws", "auth = \"sigv4\"\nservice = \"bedrock\"");
    tokio::task::spawn_blocking(move || {
        let keys = [
            ("AWS_ACCESS_KEY_ID", ID),
            ("AWS_SECRET_ACCESS_KEY", SECRET),
            ("AWS_SESSION_TOKEN", "the-session-token"),
        ];
        let world = world(&web, &signed, "");
        let no_machine = [("AWS_EC2_METADATA_DISABLED", "true")];
        let lacking = world.run_with(&no_machine, &["check"]);
        assert_eq!(lacking.code, 1);
        assert!(
            lacking.err.contains("cloud.models: set AWS_ACCESS_KEY_ID"),
            "{}",
            lacking.err
        );
        let failed = world.run_with(&no_machine, &["probe", "test", "cloud.models@eu-central-1"]);
        assert!(
            failed.out.contains("no credential: set AWS_ACCESS_KEY_ID"),
            "{}",
            failed.out
        );

        assert_eq!(world.run_with(&keys, &["check"]).code, 0);
        let asked = world.run_with(&keys, &["run", "--once"]);
        assert!(
            asked.out.contains("first reading: 2 items"),
            "{}",
            asked.out
        );
        let tested = world.run_with(&keys, &["probe", "test", "cloud.models@eu-central-1"]);
        let line = "authorization: AWS4-HMAC-SHA256 •••• (service bedrock, region eu-central-1)";
        assert!(tested.out.contains(line), "{}", tested.out);
        let shown = world.run_with(&keys, &["probe", "show", "cloud.models"]);
        assert!(
            shown.out.contains("AWS signature for bedrock"),
            "{}",
            shown.out
        );
        let heads = web.asked();
        assert_eq!(heads.len(), 2);
        for head in heads {
            let refusal = aws::refusal(&head, "bedrock", Some("the-session-token"), None);
            assert_eq!(refusal, None, "{head}");
            assert!(
                head.contains("/eu-central-1/bedrock/aws4_request"),
                "{head}"
            );
        }
        for secret in [SECRET, "the-session-token"] {
            assert_hidden(
                &world,
                &[&lacking, &failed, &asked, &tested, &shown],
                secret,
            );
        }
    })
    .await
    .expect("the rounds");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn aws_is_asked_as_the_profile_says_or_with_a_key_for_bedrock() {
    let web = Server::start().await;
    web.tell("/foundation-models", Answer::ok("application/json", LIST));
    let signed = probe(
        "aws",
        "auth = \"sigv4\"\nservice = \"bedrock\"\nsigning_region = \"us-west-2\"",
    );
    tokio::task::spawn_blocking(move || {
        let world = world(&web, &signed, "[aws]\nprofile = \"watch\"");
        let wrong = world.run(&["check"]);
        assert_eq!(wrong.code, 2);
        assert!(wrong.err.contains("aws.profile: expected a profile with keys or a role"), "{}", wrong.err);

        let files = format!("[default]\naws_access_key_id = x\naws_secret_access_key = y\n[watch]\naws_access_key_id = {ID}\naws_secret_access_key = {SECRET}\n");
        let home = world.write("home/.aws/credentials", &files);
        let home = home.ancestors().nth(2).expect("a folder").display().to_string();
        let home = ("HOME", home.as_str());
        let other = [home, ("AWS_ACCESS_KEY_ID", "other"), ("AWS_SECRET_ACCESS_KEY", "other")];
        let asked = world.run_with(&other, &["run", "--once"]);
        assert!(asked.out.contains("first reading: 2 items"), "{}{}", asked.out, asked.err);
        let head = web.asked().pop().expect("a request");
        assert_eq!(aws::refusal(&head, "bedrock", None, None), None, "{head}");
        assert!(head.contains("/us-west-2/bedrock/aws4_request"), "{head}");

        let with_key = [home, ("AWS_BEARER_TOKEN_BEDROCK", "bedrock-api-key-0123")];
        let tested = world.run_with(&with_key, &["probe", "test", "cloud.models@eu-central-1"]);
        assert!(tested.out.contains("authorization: Bearer ••••"), "{}", tested.out);
        let head = web.asked().pop().expect("a request");
        assert!(head.contains("authorization: Bearer bedrock-api-key-0123"), "{head}");
        assert_hidden(&world, &[&asked, &tested], SECRET);
        assert_hidden(&world, &[&asked, &tested], "bedrock-api-key-0123");
    })
    .await
    .expect("the rounds");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn aws_is_asked_in_the_role_of_a_pod() {
    let web = Server::start().await;
    web.tell("/foundation-models", Answer::ok("application/json", LIST));
    let keys = format!(
        "<R><Credentials><AccessKeyId>{ID}</AccessKeyId><SecretAccessKey>{SECRET}</SecretAccessKey>\
         <SessionToken>the-session-token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></R>"
    );
    web.tell("/", Answer::ok("text/xml", keys));
    let signed = probe("aws", "auth = \"sigv4\"\nservice = \"bedrock\"");
    tokio::task::spawn_blocking(move || {
        let world = world(&web, &signed, "");
        rewrite(&world, "https://sts.eu-west-1.amazonaws.com", &web.url());
        let token = world.write("token", "the-token-of-the-pod\n").display().to_string();
        let pod = [
            ("AWS_WEB_IDENTITY_TOKEN_FILE", token.as_str()),
            ("AWS_ROLE_ARN", "arn:aws:iam::1:role/watch"),
            ("AWS_REGION", "eu-west-1"),
        ];
        let asked = world.run_with(&pod, &["run", "--once"]);
        assert!(asked.out.contains("first reading: 2 items"), "{}{}", asked.out, asked.err);
        let requests = web.asked();
        assert_eq!(requests.len(), 2);
        assert!(requests[0].contains("&WebIdentityToken=the-token-of-the-pod"), "{}", requests[0]);
        let refusal = aws::refusal(&requests[1], "bedrock", Some("the-session-token"), None);
        assert_eq!(refusal, None, "{}", requests[1]);

        let error = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>Not with the-token-of-the-pod</Message></Error></ErrorResponse>";
        web.tell("/", Answer::with_status(403, "text/xml", error));
        let tested = world.run_with(&pod, &["probe", "test", "cloud.models@eu-central-1"]);
        let expected = "token_refused: no token for the credential: HTTP 403 (AccessDenied): Not with ••••";
        assert!(tested.out.contains(expected), "{}", tested.out);
        for secret in [SECRET, "the-session-token", "the-token-of-the-pod"] {
            assert_hidden(&world, &[&asked, &tested], secret);
        }
    })
    .await
    .expect("the rounds");
}
