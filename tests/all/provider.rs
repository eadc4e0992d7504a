//! A new provider is a TOML file alone.

use crate::http::{Answer, Server};
use crate::world::World;

const PROBE: &str = r#"
provider = "newcomer"
kind = "direct"

[[probe]]
name = "models"
title = "Models of a provider that nobody had heard of yesterday"
authority = "provider-api"
lists = true
complete = true
every = "1s"
credential = "NEWCOMER_KEY"
reader = "json"

[probe.request]
url = "https://api.newcomer.test/v1/models"
accept = "json"
auth = "bearer"

[probe.json]
items = "data[]"
native_id = "id"

[[probe.json.attribute]]
attribute = "date.launch"
path = "created"
as = "unix_seconds"
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_of_models_is_watched_by_a_file_alone() {
    let web = Server::start().await;
    let list = |ids: &[&str]| {
        let rows: Vec<_> = ids
            .iter()
            .map(|id| serde_json::json!({ "id": id, "object": "model", "created": 1_744_316_542, "owned_by": "newcomer" }))
            .collect();
        Answer::ok(
            "application/json",
            serde_json::json!({ "object": "list", "data": rows }).to_string(),
        )
    };
    web.tell("/v1/models", list(&["one", "two"]));
    let key = "sk-very-secret-0123456789";
    tokio::task::spawn_blocking(move || {
        let world = World::new(&format!(
            "[probes]\nfolder = \"own\"\nonly = [\"newcomer.models\"]\n[credentials]\nNEWCOMER_KEY = {{ file = \"key\" }}\n\
             [http]\nper_host_pace_ms = 0\n[http.rewrite]\n\"https://api.newcomer.test\" = \"{}\"\n",
            web.url()
        ));
        world.write("own/newcomer.toml", PROBE);
        world.write("key", &format!("{key}\n"));
        assert!(world.good(&["check"]).contains("newcomer.models"));
        assert!(world.good(&["run", "--once"]).contains("first reading: 2 items"));
        let facts = world.good(&["--format", "jsonl", "offerings", "--provider", "newcomer"]);
        assert_eq!(facts.lines().filter(|line| line.contains("2025-04-10T20:22:22Z")).count(), 2, "{facts}");

        web.tell("/v1/models", list(&["three", "two", "one"]));
        let changes = crate::world::until(|| {
            world.run(&["run", "--once"]);
            Some(world.changes(false)).filter(|changes| !changes.is_empty())
        });
        assert_eq!(changes.len(), 1);
        assert_eq!(changes[0]["kind"], "offering_added");
        assert_eq!(changes[0]["native_id"], "three");

        assert!(web.asked().iter().all(|head| head.contains(&format!("authorization: Bearer {key}"))));
        let tested = world.good(&["probe", "test", "newcomer"]);
        let shown = world.good(&["probe", "show", "newcomer"]);
        let log = world.run(&["run", "--once"]);
        let database = std::fs::read(world.path("data/bellwether.db")).expect("the database");
        for said in [tested, shown, log.out, log.err, String::from_utf8_lossy(&database).into_owned()] {
            assert!(!said.contains(key), "a secret is told");
        }
    })
    .await
    .expect("the rounds");
}

#[test]
fn a_missing_credential_is_a_failure_of_that_source_alone() {
    let world = World::new("[probes]\nfolder = \"own\"\nonly = [\"newcomer.models\"]\n");
    world.write("own/newcomer.toml", PROBE);
    let said = world.run(&["run", "--once"]);
    assert_eq!(said.code, 1);
    assert!(
        said.out.contains("no credential: set NEWCOMER_KEY"),
        "{}",
        said.out
    );
    let said = world.run(&["check"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("set NEWCOMER_KEY"), "{}", said.err);
}

const INDEX: &str = r#"
provider = "shop"
kind = "gateway"

[[probe]]
name = "offers"
title = "What each model of the shop's index costs"
authority = "provider-api"
lists = true
complete = true
on = false
every = "1h"
reader = "json"

[probe.scopes]
account = []

[probe.request]
url = "https://api.shop.test/{account}/models"
accept = "json"

[probe.request.follow]
items = "data[].id"
url = "https://api.shop.test/{account}/models/{item}/offers"

[probe.json]
items = "offers[]"
native_id = "model"
deployment = "sold_by"

[[probe.json.attribute]]
attribute = "price.input"
path = "usd_per_token"
times = "1000000"
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_is_followed_item_by_item_once_its_scope_is_named() {
    let web = Server::start().await;
    let json = |body: &str| Answer::ok("application/json", body);
    let offers = |model: &str| {
        json(&format!(
            r#"{{"offers":[{{"model":"{model}","sold_by":"x","usd_per_token":"0.000001"}}]}}"#
        ))
    };
    web.tell(
        "/acme-1/models",
        json(r#"{"data":[{"id":"b/two"},{"id":"one"}]}"#),
    );
    web.tell("/acme-1/models/one/offers", offers("one"));
    web.tell("/acme-1/models/b%2Ftwo/offers", offers("b/two"));
    tokio::task::spawn_blocking(move || {
        let http = format!(
            "[http]\nper_host_pace_ms = 0\n[http.rewrite]\n\"https://api.shop.test\" = \"{}\"\n",
            web.url()
        );
        let probes = "[probes]\nfolder = \"own\"\nonly = [\"shop.offers\"]\n";
        let world = World::new(&format!("{probes}{http}"));
        world.write("own/shop.toml", INDEX);
        let listed = world.good(&["--format", "jsonl", "probe", "list"]);
        let listed = listed.lines().find(|line| line.contains("shop.offers"));
        assert!(listed.is_some_and(
            |line| line.contains(r#""unset":["account"]"#) && line.contains(r#""on":false"#)
        ));
        let said = world.run(&["probe", "test", "shop.offers"]);
        assert!(
            said.err.contains("account under [scopes.\"shop.offers\"]"),
            "{}",
            said.err
        );

        world.configure(&format!(
            "{probes}{http}[scopes.shop]\naccount = [\"acme-1\"]\n"
        ));
        assert!(
            world
                .good(&["run", "--once"])
                .contains("first reading: 2 items")
        );
        let facts = world.good(&["--format", "jsonl", "offerings", "--provider", "shop"]);
        assert_eq!(facts.matches(r#""value":"1""#).count(), 2, "{facts}");

        // an item that does not answer is not one that has gone
        web.tell(
            "/acme-1/models/one/offers",
            Answer::with_status(500, "text/plain", "later"),
        );
        for _ in 0..3 {
            world.good(&["probe", "test", "shop.offers@acme-1"]);
        }
        let tested = world.good(&["probe", "test", "shop.offers@acme-1"]);
        assert!(tested.contains("one: expected an answer"), "{tested}");
        assert!(!tested.contains("offering_removed"), "{tested}");

        world.configure(&format!(
            "{probes}{http}[scopes.shop]\nregion = [\"x\"]\n[scopes.nobody]\nregion = [\"x\"]\n"
        ));
        let said = world.run(&["check"]);
        assert_eq!(said.code, 2, "{}{}", said.out, said.err);
        assert!(
            said.err.contains("shop.region") && said.err.contains("nobody"),
            "{}",
            said.err
        );
    })
    .await
    .expect("the rounds");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_header_may_tell_the_next_page() {
    let web = Server::start().await;
    let page = |id: &str| {
        let body = format!(r#"{{"data":[{{"id":"{id}"}}]}}"#);
        Answer::ok("application/json", body)
    };
    web.tell("/v1/models", page("one").header("opc-next-page", "a+b="));
    web.tell("/v1/models?page=a%2Bb%3D", page("two"));
    tokio::task::spawn_blocking(move || {
        let world = World::new(&format!(
            "[probes]\nfolder = \"own\"\nonly = [\"newcomer.models\"]\n[http]\nper_host_pace_ms = 0\n\
             [http.rewrite]\n\"https://api.newcomer.test\" = \"{}\"\n",
            web.url()
        ));
        let paged = PROBE
            .replace("credential = \"NEWCOMER_KEY\"\n", "")
            .replace(
                "auth = \"bearer\"",
                "[probe.request.paging]\nkind = \"header\"\nheader = \"opc-next-page\"\nparameter = \"page\"",
            );
        world.write("own/newcomer.toml", &paged);
        let said = world.good(&["run", "--once"]);
        assert!(said.contains("first reading: 2 items"), "{said}");
    })
    .await
    .expect("the round");
}
