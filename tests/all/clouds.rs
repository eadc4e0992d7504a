//! Probes that ask as an identity of a cloud, from the file to the wire.

mod aws;

use crate::http::{Answer, Server};
use crate::rsa;
use crate::world::{Said, World};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// A probe of a cloud's list, asked with this credential, which these lines of its request show.
fn probe(credential: &str, request: &str) -> String {
    format!(
        r#"
provider = "cloud"
kind = "cloud"

[[probe]]
name = "models"
title = "Models of a cloud"
authority = "provider-api"
lists = true
complete = true
every = "30m"
credential = "{credential}"
reader = "json"

[probe.scopes]
region = ["eu-central-1"]

[probe.request]
url = "https://models.{{region}}.cloud.test/foundation-models"
accept = "json"
{request}

[probe.json]
items = "modelSummaries[]"
native_id = "modelId"
"#
    )
}

const LIST: &str = r#"{"modelSummaries":[{"modelId":"a.b-v1:0"},{"modelId":"c.d"}]}"#;

/// An installation that asks that probe of this server.
fn world(web: &Server, probe: &str, settings: &str) -> World {
    let world = World::new(&format!(
        "[probes]\nfolder = \"own\"\nonly = [\"cloud.models\"]\n{settings}\n[http]\nper_host_pace_ms = 0\n\
         [http.rewrite]\n\"https://models.eu-central-1.cloud.test\" = \"{}\"\n",
        web.url()
    ));
    world.write("own/cloud.toml", probe);
    world
}

/// One more address that is asked at the server.
fn rewrite(world: &World, from: &str, to: &str) {
    let settings = std::fs::read_to_string(world.path("bellwether.toml")).expect("the settings");
    let table = "[http.rewrite]\n";
    world.configure(&settings.replace(table, &format!("{table}\"{from}\" = \"{to}\"\n")));
}

/// Nothing that the program said or kept holds the secret.
fn assert_hidden(world: &World, said: &[&Said], secret: &str) {
    let database = std::fs::read(world.path("data/bellwether.db")).expect("the database");
    let kept = String::from_utf8_lossy(&database);
    assert!(!kept.contains(secret), "a secret is kept");
    for said in said {
        assert!(!said.out.contains(secret), "{}", said.out);
        assert!(!said.err.contains(secret), "{}", said.err);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn azure_is_asked_with_a_token_of_entra() {
    let web = Server::start().await;
    web.tell("/foundation-models", Answer::ok("application/json", LIST));
    let token = r#"{"token_type":"Bearer","expires_in":3599,"access_token":"eyJ0oken.of.entra"}"#;
    web.tell(
        "/the-tenant/oauth2/v2.0/token",
        Answer::ok("application/json", token),
    );
    let probe = probe(
        "azure",
        "auth = \"azure\"\naudience = \"https://management.azure.com/.default\"",
    );
    tokio::task::spawn_blocking(move || {
        let world = world(&web, &probe, "[azure]\ntenant = \"the-tenant\"\nclient_id = \"the-app\"\nclient_secret = { file = \"secret\" }");
        let secret = "client-secret-0123456789";
        let lacking = world.run(&["check"]);
        assert_eq!(lacking.code, 2);
        assert!(lacking.err.contains("azure.client_secret.file: expected a readable file"), "{}", lacking.err);
        world.write("secret", secret);
        rewrite(&world, "https://login.microsoftonline.us", &web.url());
        let sovereign = ("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us/");
        let asked = world.run_with(&[sovereign], &["run", "--once"]);
        assert!(asked.out.contains("first reading: 2 items"), "{}{}", asked.out, asked.err);
        let requests = web.asked();
        assert_eq!(requests.len(), 2);
        let form = "grant_type=client_credentials&client_id=the-app&client_secret=client-secret-0123456789\
                    &scope=https%3A%2F%2Fmanagement.usgovcloudapi.net%2F.default";
        assert!(requests[0].ends_with(form), "{}", requests[0]);
        assert!(requests[1].contains("authorization: Bearer eyJ0oken.of.entra\r\n"), "{}", requests[1]);

        let refusal = format!(r#"{{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret {secret}."}}"#);
        web.tell("/the-tenant/oauth2/v2.0/token", Answer::with_status(401, "application/json", refusal));
        let tested = world.run_with(&[sovereign], &["probe", "test", "cloud.models@eu-central-1"]);
        let expected = "outcome      token_refused: no token for the credential: HTTP 401 (AADSTS7000215): Invalid client secret ••••.";
        assert!(tested.out.contains(expected), "{}", tested.out);
        for secret in [secret, "eyJ0oken.of.entra"] {
            assert_hidden(&world, &[&asked, &tested], secret);
        }
    })
    .await
    .expect("the rounds");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn google_is_asked_with_a_token_for_a_service_account() {
    let web = Server::start().await;
    web.tell("/foundation-models", Answer::ok("application/json", LIST));
    let token = r#"{"access_token":"ya29.of-google","expires_in":3599,"token_type":"Bearer"}"#;
    web.tell("/token", Answer::ok("application/json", token));
    let probe = probe("google", "auth = \"google\"");
    tokio::task::spawn_blocking(move || {
        let world = world(
            &web,
            &probe,
            "[google]\nkey_file = \"account.json\"\nquota_project = \"counted\"",
        );
        let lacking = world.run(&["check"]);
        assert_eq!(lacking.code, 2);
        assert!(
            lacking
                .err
                .contains("google.key_file: expected a readable file"),
            "{}",
            lacking.err
        );
        let account = serde_json::json!({
            "type": "service_account", "private_key": rsa::pkcs1(), "client_email": "watch@project",
            "token_uri": "https://tokens.cloud.test/token",
        });
        world.write("account.json", &account.to_string());
        rewrite(&world, "https://tokens.cloud.test", &web.url());
        let asked = world.run(&["run", "--once"]);
        assert!(
            asked.out.contains("first reading: 2 items"),
            "{}{}",
            asked.out,
            asked.err
        );
        let requests = web.asked();
        assert_eq!(requests.len(), 2);
        let statement = requests[0]
            .rsplit("&assertion=")
            .next()
            .expect("a statement");
        let (signed, signature) = statement.rsplit_once('.').expect("a signature");
        let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64");
        assert!(rsa::is_good(signed.as_bytes(), &signature));
        for part in [
            "authorization: Bearer ya29.of-google\r\n",
            "x-goog-user-project: counted\r\n",
        ] {
            assert!(requests[1].contains(part), "{}", requests[1]);
        }
        let tested = world.run(&["probe", "test", "cloud.models@eu-central-1"]);
        assert_eq!(tested.code, 0);
        for secret in [statement, "ya29.of-google", &rsa::PRIVATE[..40]] {
            assert_hidden(&world, &[&asked, &tested], secret);
        }
    })
    .await
    .expect("the rounds");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn oracle_is_asked_with_a_signature() {
    let web = Server::start().await;
    web.tell("/foundation-models", Answer::ok("application/json", LIST));
    let probe = probe("oci", "auth = \"oci\"");
    tokio::task::spawn_blocking(move || {
        let world = world(
            &web,
            &probe,
            "[oci]\nconfig = \"~/oci/config\"\nprofile = \"watch\"",
        );
        let home = world.path("home").display().to_string();
        let home = [("HOME", home.as_str())];
        let lacking = world.run_with(&home, &["check"]);
        assert_eq!(lacking.code, 2);
        assert!(
            lacking
                .err
                .contains("oci.profile: expected a profile in Oracle's file"),
            "{}",
            lacking.err
        );
        world.write(
            "home/oci/config",
            "[watch]\nuser=u\ntenancy=t\nfingerprint=f\nkey_file=~/oci/key.pem\n",
        );
        world.write("home/oci/key.pem", &rsa::pkcs8());
        let asked = world.run_with(&home, &["run", "--once"]);
        assert!(
            asked.out.contains("first reading: 2 items"),
            "{}{}",
            asked.out,
            asked.err
        );
        let head = web.asked().pop().expect("a request");
        let value = |name: &str| {
            let rest = head.split_once(&format!("{name}: ")).expect("a header").1;
            rest.lines().next().expect("a line")
        };
        let signed = format!(
            "date: {}\n(request-target): get /foundation-models\nhost: {}",
            value("date"),
            value("host")
        );
        let signature = value("authorization")
            .split_once("signature=\"")
            .expect("a signature")
            .1;
        let signature = STANDARD
            .decode(signature.trim_end_matches('"'))
            .expect("base64");
        assert!(rsa::is_good(signed.as_bytes(), &signature), "{head}");
        assert!(value("authorization").contains("keyId=\"t/u/f\""), "{head}");
        let tested = world.run_with(&home, &["probe", "test", "cloud.models@eu-central-1"]);
        assert!(
            tested
                .out
                .contains("headers=\"date (request-target) host\""),
            "{}",
            tested.out
        );
        for secret in [&rsa::PRIVATE[..40], &STANDARD.encode(signature)] {
            assert_hidden(&world, &[&asked, &tested], secret);
        }
    })
    .await
    .expect("the rounds");
}

#[test]
fn a_probe_file_says_what_its_way_of_asking_needs() {
    let cases = [
        (
            "aws",
            "auth = \"sigv4\"",
            "service: expected the service that is signed for",
        ),
        (
            "AWS_KEY",
            "auth = \"sigv4\"\nservice = \"x\"",
            "expected credential = \"aws\"",
        ),
        ("aws", "auth = \"magic\"", "auth: expected bearer, sigv4"),
        ("aws", "", "auth: expected auth or auth_header"),
        (
            "X",
            "auth = \"bearer\"\nservice = \"x\"",
            "found the unknown key 'service'",
        ),
    ];
    for (credential, request, expected) in cases {
        let world = World::new("[probes]\nfolder = \"own\"\n");
        world.write("own/cloud.toml", &probe(credential, request));
        let said = world.run(&["check"]);
        assert_eq!(said.code, 2);
        assert!(
            said.err.contains(expected),
            "{expected} is not in:\n{}",
            said.err
        );
    }
    let nowhere = probe("aws", "auth = \"sigv4\"\nservice = \"x\"").replace("{region}", "here");
    let world = World::new("[probes]\nfolder = \"own\"\n");
    world.write("own/cloud.toml", &nowhere);
    let said = world.run(&["check"]);
    assert!(
        said.err.contains("signing_region: expected the region"),
        "{}",
        said.err
    );
}
