//! "A stateful runtime here, plain inference there" is asked with `offerings --interface`.

use crate::http::{Answer, Server};
use crate::world::World;

/// A provider's list of models whose offerings all have one interface.
fn probe(provider: &str, name: &str, interface: &str) -> String {
    format!(
        "[[probe]]\nname = \"{name}\"\ntitle = \"What {provider} offers as {interface}\"\nauthority = \"provider-api\"\nlists = true\n\
         complete = true\nevery = \"1s\"\nreader = \"json\"\nset = {{ interface = \"{interface}\" }}\n\
         [probe.request]\nurl = \"https://api.{provider}.test/{name}\"\naccept = \"json\"\n\
         [probe.json]\nitems = \"data[]\"\nnative_id = \"id\"\n"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn offerings_are_asked_by_interface() {
    let web = Server::start().await;
    let list = |id: &str| {
        Answer::ok(
            "application/json",
            format!(r#"{{"data":[{{"id":"{id}"}}]}}"#),
        )
    };
    web.tell("/models", list("gpt-9"));
    web.tell("/agents", list("managed-agents"));
    tokio::task::spawn_blocking(move || {
        let world = World::new(&format!(
            "[probes]\nfolder = \"own\"\nonly = [\"cumulus.models\", \"cumulus.agents\", \"nimbus.models\"]\n\
             [http]\nper_host_pace_ms = 0\n[http.rewrite]\n\"https://api.cumulus.test\" = \"{url}\"\n\"https://api.nimbus.test\" = \"{url}\"\n",
            url = web.url()
        ));
        let head = |provider: &str| format!("provider = \"{provider}\"\nkind = \"cloud\"\n");
        let both = [probe("cumulus", "models", "stateless"), probe("cumulus", "agents", "stateful")];
        world.write("own/cumulus.toml", &format!("{}{}", head("cumulus"), both.concat()));
        world.write("own/nimbus.toml", &format!("{}{}", head("nimbus"), probe("nimbus", "models", "stateless")));
        world.good(&["run", "--once"]);
        let asked = |interface: &str| -> Vec<String> {
            let facts = world.good(&["--format", "jsonl", "offerings", "--interface", interface]);
            let rows = facts.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
            let listed = rows.filter(|row| row["attribute"] == "listed");
            listed.map(|row| format!("{} {}", row["provider"], row["native_id"]).replace('"', "")).collect()
        };
        assert_eq!(asked("stateful"), ["cumulus managed-agents"]);
        assert_eq!(asked("stateless"), ["cumulus gpt-9", "nimbus gpt-9"]);
        assert_eq!(asked("platform"), Vec::<String>::new());
        let then = ["--format", "jsonl", "offerings", "--at", "2026-01-01", "--interface", "stateful"];
        assert_eq!(world.good(&then), "");
        let said = world.run(&["offerings", "--interface", "both"]);
        assert_eq!(said.code, 2);
        assert!(said.err.contains("stateless, stateful or platform"), "{}", said.err);
    })
    .await
    .expect("the round");
}
