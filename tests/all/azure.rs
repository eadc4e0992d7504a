//! Azure's shipped probes from the setting to the wire: a token, a location's pages, prices on two pages.

use serde_json::{Value as Json, json};

use crate::http::{Answer, Server};
use crate::world::World;

fn json_answer(body: &Json) -> Answer {
    Answer::ok("application/json", body.to_string())
}

fn model(kind: &str, name: &str) -> Json {
    json!({ "kind": kind, "model": { "format": "OpenAI", "name": name, "version": "1", "lifecycleStatus": "Deprecated",
        "deprecation": { "inference": "2026-07-15T00:00:00Z" }, "capabilities": { "chatCompletion": "true" },
        "skus": [{ "name": "GlobalStandard", "usageName": "p", "deprecationDate": "2099-12-31T00:00:00.000Z" }] } })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_of_models_is_asked_for_each_location_and_page() {
    let web = Server::start().await;
    let token =
        json!({ "token_type": "Bearer", "expires_in": 3599, "access_token": "eyJ.of.entra" });
    web.tell("/t/oauth2/v2.0/token", json_answer(&token));
    let path = |location: &str, more: &str| {
        format!(
            "/subscriptions/s-1/providers/Microsoft.CognitiveServices/locations/{location}/models?api-version=2024-10-01{more}"
        )
    };
    let next = format!("https://management.azure.com{}", path("eastus2", "&page=2"));
    let first =
        json!({ "value": [model("OpenAI", "a"), model("AIServices", "b")], "nextLink": next });
    web.tell(&path("eastus2", ""), json_answer(&first));
    let second = json!({ "value": [model("AIServices", "a")], "nextLink": null });
    web.tell(&path("eastus2", "&page=2"), json_answer(&second));
    web.tell(&path("westus", ""), json_answer(&json!({ "value": [] })));
    tokio::task::spawn_blocking(move || {
        let probes = "[probes]\nonly = [\"azure.models\"]\n";
        let rest = format!(
            "[azure]\ntenant = \"t\"\nclient_id = \"app\"\nclient_secret = {{ file = \"secret\" }}\n[http]\nper_host_pace_ms = 0\n\
             [http.rewrite]\n\"https://management.azure.com\" = \"{url}\"\n\"https://login.microsoftonline.com\" = \"{url}\"\n",
            url = web.url()
        );
        let world = World::new(&format!("{probes}{rest}"));
        world.write("secret", "client-secret-0123456789");
        let said = world.run(&["probe", "test", "azure.models@eastus2"]);
        assert!(said.err.contains("subscription under [scopes.\"azure.models\"]"), "{}", said.err);

        let scopes = "[scopes.\"azure.models\"]\nsubscription = [\"s-1\"]\nlocation = [\"eastus2\", \"westus\"]\n";
        world.configure(&format!("{probes}{scopes}{rest}"));
        let said = world.run(&["run", "--once"]).out;
        assert!(said.contains("azure.models@eastus2") && said.contains("first reading: 2 items"), "{said}");
        assert!(said.contains("at least 1 items, found 0"), "{said}");
        let facts = world.good(&["--format", "jsonl", "offerings", "--provider", "azure"]);
        let stages = facts.lines().filter(|line| line.contains(r#""value":"retired""#));
        assert_eq!(stages.count(), 2, "{facts}");
        assert!(!facts.contains("date.retires"), "{facts}");
    })
    .await
    .expect("the rounds");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn prices_are_asked_without_a_credential_page_by_page() {
    let web = Server::start().await;
    let row = |meter: &str, price: f64| {
        json!({ "currencyCode": "USD", "retailPrice": price, "armRegionName": "eastus2", "effectiveStartDate": "2026-07-01T00:00:00Z",
            "meterName": meter, "productName": "Azure OpenAI GPT5", "serviceName": "Foundry Models", "unitOfMeasure": "1M",
            "type": "Consumption" })
    };
    let filter = "$filter=serviceName%20eq%20%27Foundry%20Models%27%20and%20armRegionName%20eq%20%27eastus2%27%20and%20\
                  priceType%20eq%20%27Consumption%27";
    let first = json!({ "Items": [row("5.6 sol ShortCo Inp Std Gl 1M Tokens", 5.0)],
        "NextPageLink": "https://prices.azure.com:443/api/retail/prices?page=2", "Count": 1 });
    web.tell(&format!("/api/retail/prices?{filter}"), json_answer(&first));
    let second = json!({ "Items": [row("5.6 sol ShortCo Opt Std Gl 1M Tokens", 30.0)], "NextPageLink": null, "Count": 1 });
    web.tell("/api/retail/prices?page=2", json_answer(&second));
    tokio::task::spawn_blocking(move || {
        let world = World::new(&format!(
            "[probes]\nonly = [\"azure.prices\"]\n[scopes.\"azure.prices\"]\nregion = [\"eastus2\"]\n[http]\nper_host_pace_ms = 0\n\
             [http.rewrite]\n\"https://prices.azure.com\" = \"{}\"\n",
            web.url()
        ));
        let said = world.good(&["run", "--once"]);
        assert!(said.contains("first reading: 1 items"), "{said}");
        let facts = world.good(&["--format", "jsonl", "offerings", "--provider", "azure"]);
        for price in [r#""value":"5""#, r#""value":"30""#] {
            assert!(facts.contains(price), "{price}: {facts}");
        }
    })
    .await
    .expect("the rounds");
}

#[test]
fn what_is_on_its_way_out_is_not_ga_for_being_listed_in_a_resource() {
    let scopes = "[scopes.azure]\nsubscription = [\"s-1\"]\nlocation = [\"eastus2\"]\nresource = [\"demo\"]\n";
    let world = World::new(scopes);
    let mut sold = model("AIServices", "gpt-4o");
    sold["model"]["version"] = "2024-11-20".into();
    sold["model"]["lifecycleStatus"] = "Deprecating".into();
    sold["model"]["deprecation"]["inference"] = "2099-07-15T00:00:00Z".into();
    let listed = json!({ "id": "gpt-4o-2024-11-20", "object": "model", "status": "succeeded",
        "lifecycle_status": "generally-available", "capabilities": { "inference": true } });
    for (probe, body) in [
        (
            "azure.resource-models-classic@demo",
            json!({ "data": [listed] }),
        ),
        ("azure.models@eastus2", json!({ "value": [sold] })),
    ] {
        let path = world.write("2026-01-31.json", &body.to_string());
        world.good(&["import", "--probe", probe, &path.display().to_string()]);
    }
    let compared = world.good(&["--format", "jsonl", "compare", "openai/gpt-4o"]);
    let rows = compared.lines().map(|line| {
        let row: Json = serde_json::from_str(line).expect("an object a line");
        format!("{} {}", row["native_id"], row["stage"]).replace('"', "")
    });
    assert_eq!(
        rows.collect::<Vec<_>>(),
        [
            "gpt-4o-2024-11-20 deprecated",
            "gpt-4o@2024-11-20 deprecated"
        ]
    );
}
