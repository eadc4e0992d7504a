//! `doctor` against servers of this machine that are well, refuse, are not there, or say what nobody expects.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;

use crate::http::{Answer, Server};
use crate::world::World;

/// A probe of a list at a host of its own.
fn probe(name: &str, lines: &str, request: &str) -> String {
    format!(
        r#"
[[probe]]
name = "{name}"
title = "A list"
authority = "provider-api"
lists = true
complete = true
min_items = 1
every = "30m"
reader = "json"
{lines}

[probe.request]
url = "https://{name}.ward.test/models"
accept = "json"
{request}

[probe.json]
items = "data[]"
native_id = "id"

[[probe.json.attribute]]
attribute = "date.launch"
path = "launched"

[[probe.json.attribute]]
attribute = "capability.granted"
path = "granted"
"#
    )
}

const GOOD: &str =
    r#"{"data":[{"id":"a","launched":"2026-01-31","granted":true},{"id":"b","granted":false}]}"#;
const KEY: &str = "ward-key-0123456789";

/// The port of a server whose certificate nobody has signed but itself.
async fn stranger() -> u16 {
    let signed = rcgen::generate_simple_self_signed(vec!["localhost".to_string()]);
    let signed = signed.expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(signed.signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let settings = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the usual versions")
        .with_no_client_auth()
        .with_single_cert(vec![signed.cert.der().clone()], key)
        .expect("a certificate and its key");
    let acceptor = TlsAcceptor::from(Arc::new(settings));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // whoever asks breaks off
            let _ = acceptor.accept(stream).await;
        }
    });
    port
}

/// An installation with a probe for each way to be ill, and the server that most of them ask.
async fn ward() -> (World, Server) {
    let web = Server::start().await;
    let json = |status, body: &str| Answer::with_status(status, "application/json", body);
    let denied = r#"{"message":"User: arn:aws:iam::1:user/w is not authorized to perform: ward:ListModels"}"#;
    let denied = json(403, denied).header("x-amzn-errortype", "AccessDeniedException:");
    let answers = [
        ("well", json(200, GOOD)),
        (
            "unknown",
            json(
                401,
                r#"{"error":{"message":"no","code":"invalid_api_key"}}"#,
            ),
        ),
        ("denied", denied.clone()),
        (
            "withheld",
            json(403, r#"{"message":"You don't have access to the model."}"#)
                .header("x-amzn-errortype", "AccessDeniedException"),
        ),
        ("garbage", json(200, r#"{"models":[]}"#)),
        ("empty", json(200, r#"{"data":[]}"#)),
        (
            "page",
            Answer::ok("text/html", "<html><body>Welcome</body></html>"),
        ),
        (
            "odd",
            json(200, r#"{"data":[{"id":"a","launched":"some day"}]}"#),
        ),
        ("busy", json(429, "{}").header("retry-after", "7")),
        ("broken", json(503, "{}")),
        ("idle", json(200, GOOD)),
        ("eu-1", json(200, GOOD)),
        ("eu-2", json(200, GOOD)),
        ("gov-1", denied),
    ];
    let mut settings = String::from(
        "[probes]\nfolder = \"own\"\non = [\"ward.unknown\", \"ward.denied\", \"ward.withheld\", \"ward.regions\", \"ward.keyless\"]\n\
         [credentials]\nWARD_KEY = { file = \"key\" }\n[aws]\n[http]\nper_host_pace_ms = 0\n[http.rewrite]\n",
    );
    for (name, answer) in answers {
        web.tell(&format!("/{name}/models"), answer);
        settings.push_str(&format!(
            "\"https://{name}.ward.test\" = \"{}/{name}\"\n",
            web.url()
        ));
    }
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = closed.local_addr().expect("an address").port();
    drop(closed);
    settings.push_str(&format!(
        "\"https://refused.ward.test\" = \"http://127.0.0.1:{port}\"\n"
    ));
    let secure = stranger().await;
    settings.push_str(&format!(
        "\"https://tls.ward.test\" = \"https://localhost:{secure}\"\n"
    ));
    let aws = "auth = \"sigv4\"\nservice = \"ward\"\nsigning_region = \"eu-1\"";
    let needs = "credential = \"aws\"\nneeds = \"ward:ListModels\"";
    let key = "credential = \"WARD_KEY\"";
    let bearer = "auth = \"bearer\"";
    let mut file = String::from("provider = \"ward\"\nkind = \"cloud\"\n");
    for name in [
        "well", "garbage", "empty", "page", "odd", "busy", "broken", "refused", "tls",
    ] {
        file.push_str(&probe(name, "", ""));
    }
    file.push_str(&probe("unknown", key, bearer));
    file.push_str(&probe("denied", needs, aws));
    file.push_str(&probe("withheld", needs, aws));
    file.push_str(&probe("idle", key, bearer));
    file.push_str(&probe("keyless", "credential = \"OTHER_KEY\"", bearer));
    file.push_str(&probe("waiting", "credential = \"THIRD_KEY\"", bearer));
    file.push_str(&probe("away", "on = false", ""));
    let scopes = format!("{needs}\n[probe.scopes]\nregion = [\"eu-1\", \"eu-2\", \"gov-1\"]");
    let regions = probe("regions", &scopes, aws);
    file.push_str(&regions.replace("https://regions.", "https://{region}."));
    let world = World::new(&settings);
    world.write("key", KEY);
    world.write("own/ward.toml", &file);
    (world, web)
}

const KEYS: [(&str, &str); 2] = [
    ("AWS_ACCESS_KEY_ID", "AKIDWARD"),
    ("AWS_SECRET_ACCESS_KEY", "aws-secret-0123456789"),
];

fn filters() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"\d+\.\d s", "0.0 s");
    settings
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_source_says_which_rung_fails_and_how_to_mend_it() {
    let (world, web) = ward().await;
    tokio::task::spawn_blocking(move || {
        let said = world.run_with(&KEYS, &["doctor", "ward"]);
        assert_eq!(said.code, 1, "{}", said.err);
        filters().bind(|| insta::assert_snapshot!(said.out, @"
        well         ward.well        0.0 s  2 items, 1 of them not granted to the account, which may ask for access
        off          ward.idle               WARD_KEY is there: name it under [probes] on to ask
        waiting      ward.waiting            for the credential THIRD_KEY
        parse        ward.odd         0.0 s  1 thing not understood: launched: expected 'some day' is no date: expected ISO (2026-10-01), English (October 1, 2026) or a phrase for none (N/A, —), found 'some day' at a
                     → `bellwether probe test ward.odd` prints what was not understood: upgrade, or report it
        host         ward.broken      0.0 s  HTTP 503
                     → nothing can be mended here: the host has trouble, and the daemon goes on asking
        host         ward.busy        0.0 s  throttled, asked to wait 7 s
                     → ask less often: every in the probe, per_host_pace_ms and per_host_concurrency under [http]; the daemon waits as long as the host says
        permission   ward.denied      0.0 s  known, but not entitled: HTTP 403 (AccessDeniedException): User: arn:aws:iam::1:user/w is not authorized to perform: ward:ListModels
                     → allow ward:ListModels; `bellwether init --policy aws` prints what to grant
        parse        ward.empty       0.0 s  expected at least 1 items, found 0
                     → the answer's shape has changed, or a proxy answers instead: see `bellwether probe test ward.empty`, then upgrade or report it
        parse        ward.garbage     0.0 s  expected items at data[], found an object with models
                     → the answer's shape has changed, or a proxy answers instead: see `bellwether probe test ward.garbage`, then upgrade or report it
        credential   ward.keyless     0.0 s  no credential: set OTHER_KEY
                     → set OTHER_KEY
        parse        ward.page        0.0 s  expected JSON, found an HTML page
                     → the answer's shape has changed, or a proxy answers instead: see `bellwether probe test ward.page`, then upgrade or report it
        network      ward.refused     0.0 s  no connection: Connection refused (os error 111)
                     → let this machine reach refused.ward.test through the firewall, or set or correct [http] proxy
        permission   ward.regions     0.0 s  2 of 3 well; gov-1: known, but not entitled: HTTP 403 (AccessDeniedException): User: arn:aws:iam::1:user/w is not authorized to perform: ward:ListModels
                     → allow ward:ListModels; `bellwether init --policy aws` prints what to grant
        network      ward.tls         0.0 s  TLS handshake failed: invalid peer certificate: UnknownIssuer
                     → set [http] extra_ca to the certificate of your own authority if a proxy opens connections to tls.ward.test; else see whether this machine's clock is right
        credential   ward.unknown     0.0 s  not authorised: HTTP 401 (invalid_api_key)
                     → the provider does not know the credential: set WARD_KEY anew
        entitlement  ward.withheld    0.0 s  known, but not entitled: HTTP 403 (AccessDeniedException): You don't have access to the model.
                     → request access to the model at ward (model access, terms, use case), in each region that is asked

        14 probes asked in 16 sources: 1 well, 2 network, 2 host, 2 credential, 2 permission, 1 entitlement, 4 parse; 1 wait for what they name; 2 off
        "));
        assert_eq!(said.err, "");
        for secret in [KEY, "aws-secret-0123456789"] {
            assert!(!said.out.contains(secret), "{}", said.out);
        }
        assert!(!world.path("data").exists(), "something was kept");
        drop(web);
    })
    .await
    .expect("the rounds");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_choose_and_formats_agree() {
    let (world, web) = ward().await;
    tokio::task::spawn_blocking(move || {
        let well = world.run_with(&KEYS, &["doctor", "ward.well", "ward.regions@eu-1"]);
        assert_eq!(well.code, 0, "{}{}", well.out, well.err);
        filters().bind(|| {
            insta::assert_snapshot!(well.out, @"
        well  ward.regions    0.0 s  2 items, 1 of them not granted to the account, which may ask for access
        well  ward.well       0.0 s  2 items, 1 of them not granted to the account, which may ask for access

        2 probes asked in 2 sources: 2 well
        ")
        });
        let narrow: Vec<(&str, &str)> = KEYS.into_iter().chain([("COLUMNS", "70")]).collect();
        let fitted = world.run_with(&narrow, &["doctor", "ward.well", "ward.denied"]);
        filters().bind(|| insta::assert_snapshot!(fitted.out, @"
        well        ward.well      0.0 s  2 items, 1 of them not granted to
                               the account, which may ask for access
        permission  ward.denied    0.0 s  known, but not entitled: HTTP 403
                               (AccessDeniedException): User:
                               arn:aws:iam::1:user/w is not authorized to
                               perform: ward:ListModels
                    → allow ward:ListModels; `bellwether init --policy aws`
                      prints what to grant

        2 probes asked in 2 sources: 1 well, 1 permission
        "));
        // what is off is asked when it is named itself
        let idle = world.run_with(&KEYS, &["doctor", "ward.idle", "--format", "jsonl"]);
        assert_eq!(idle.code, 0, "{}{}", idle.out, idle.err);
        let line: serde_json::Value = serde_json::from_str(&idle.out).expect("one object");
        assert_eq!(line["state"], "well");
        let told = world.run_with(&KEYS, &["--format", "json", "doctor", "ward"]);
        let objects: Vec<serde_json::Value> = serde_json::from_str(&told.out).expect("a list");
        assert_eq!(objects.len(), 17);
        let regions = objects
            .iter()
            .find(|o| o["probe"] == "ward.regions")
            .expect("the regions");
        assert_eq!(regions["well"], 2);
        assert_eq!(
            regions["troubles"][0]["sources"],
            serde_json::json!(["ward.regions@gov-1"])
        );
        assert_eq!(regions["troubles"][0]["outcome"], "not_entitled");
        assert_eq!(regions["troubles"][0]["status"], 403);
        let rows = world.run_with(&KEYS, &["--format", "csv", "doctor", "ward.well"]);
        assert_eq!(rows.out.lines().count(), 2, "{}", rows.out);
        let wrong = world.run(&["doctor", "nobody"]);
        assert_eq!(wrong.code, 2, "{}", wrong.err);
        drop(web);
    })
    .await
    .expect("the rounds");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_machine_is_looked_at_too() {
    let web = Server::start().await;
    let date = bellwether::daemon::clock::now().to_zoned(jiff::tz::TimeZone::UTC);
    let an_hour_ago = date.saturating_sub(jiff::SignedDuration::from_hours(1));
    let date = an_hour_ago
        .strftime("%a, %d %b %Y %H:%M:%S GMT")
        .to_string();
    let answer = Answer::ok("application/json", GOOD).header("Date", &date);
    web.tell("/well/models", answer);
    tokio::task::spawn_blocking(move || {
        let settings = |mail: &str| {
            format!(
                "[probes]\nfolder = \"own\"\nonly = [\"ward.well\"]\n[http.rewrite]\n\"https://well.ward.test\" = \"{}/well\"\n\
                 [mail]\nfrom = \"a@example.org\"\nto = [\"b@example.org\"]\ndirectory = \"{mail}\"\n",
                web.url()
            )
        };
        let world = World::new(&settings("key/mail"));
        world.write("key", "a file, in which there is no folder");
        let file = format!("provider = \"ward\"\nkind = \"cloud\"\n{}", probe("well", "", ""));
        world.write("own/ward.toml", &file);
        let said = world.run(&["doctor", "--format", "jsonl"]);
        assert_eq!(said.code, 1, "{}", said.err);
        let states: Vec<String> = said
            .out
            .lines()
            .map(|line| serde_json::from_str(line).expect("an object"))
            .filter(|line: &serde_json::Value| line["provider"].is_null() || line["provider"] == "ward")
            .map(|line| {
                let text = |key: &str| line[key].as_str().unwrap_or("-").to_string();
                format!("{} {}", text("probe"), text("state"))
            })
            .collect();
        let expected = ["database well", "disk well", "mail failing", "clock failing", "ward.well well"];
        assert_eq!(states, expected);
        let table = world.run(&["doctor"]).out;
        for part in ["mail: the folder key/mail takes no file", "put [mail] right", "clock: 36", "s ahead of the host", "by NTP"] {
            assert!(table.contains(part), "no '{part}' in {table}");
        }
        world.configure(&settings("mail"));
        let mended = world.run(&["doctor"]).out;
        assert!(mended.contains("mail: the mail server or folder takes mail from us"), "{mended}");
        assert!(!world.path("data").exists(), "something was kept");
        drop(web);
    })
    .await
    .expect("the rounds");
}

#[test]
fn a_policy_is_printed_alone() {
    let subscription = "11111111-2222-3333-4444-555555555555";
    let world = World::new(&format!(
        "[scopes.azure]\nsubscription = [\"{subscription}\"]\n"
    ));
    let before = std::fs::read(world.path("bellwether.toml")).expect("the settings");
    let aws: serde_json::Value =
        serde_json::from_str(&world.good(&["init", "--policy", "aws"])).expect("JSON alone");
    assert_eq!(aws["Version"], "2012-10-17");
    let azure: serde_json::Value =
        serde_json::from_str(&world.good(&["init", "--policy", "azure"])).expect("JSON alone");
    let scope = format!("/subscriptions/{subscription}");
    assert_eq!(azure["AssignableScopes"], serde_json::json!([scope]));
    let google = world.good(&["init", "--policy", "google"]);
    assert!(google.contains("\nincludedPermissions:\n- "), "{google}");
    let after = std::fs::read(world.path("bellwether.toml")).expect("the settings");
    assert_eq!(before, after);
    let wrong = world.run(&["init", "--policy", "moon"]);
    assert_eq!(wrong.code, 2);
    assert!(
        wrong.err.contains("expected aws, azure, google or oci"),
        "{}",
        wrong.err
    );
    let written = world.good(&["init", "--force"]);
    for word in [
        "bedrock:ListFoundationModels",
        "models/read",
        "serviceusage.services.use",
    ] {
        assert!(written.contains(word), "{written}");
    }
}
