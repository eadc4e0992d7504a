//! What a provider calls its models reaches people as text: no header and no markup comes of it, by other people's parsers.

use std::collections::BTreeSet;

use serde_json::json;

use crate::http::{Answer, Server};
use crate::maildir::{Letter, Maildir};
use crate::world::World;

const PROBE: &str = r#"
provider = "example"
kind = "direct"

[[probe]]
name = "models"
title = "A list"
authority = "provider-api"
lists = true
complete = true
every = "1s"
reader = "json"

[probe.request]
url = "https://api.example.test/models"
accept = "json"

[probe.json]
items = "data[]"
native_id = "id"

[[probe.json.attribute]]
attribute = "name"
path = "name"
"#;

/// Names that would be headers, markup, orders to a terminal, or text that reads the other way round.
const NAMES: [&str; 9] = [
    "a<script>alert(1)</script>",
    "b\" onmouseover=\"alert(1)\" x=\"<img src=x onerror=alert(1)>",
    "c\r\nBcc: evil@example.test",
    "d\r\n\r\n<h1>another body</h1>",
    "e\u{1b}[31mred\u{7}\u{9b}2J",
    "f\u{202e}gnp.exe\u{2066}\u{200f}",
    "g =?utf-8?Q?=0D=0ABcc:_evil@example.test?=",
    "h</title></head><body><a href='https://evil.example.test/'>click</a>",
    "i\u{0}\u{2028}To: evil@example.test\n.\nQUIT",
];

fn list(names: &[&str]) -> Answer {
    let rows: Vec<_> = names
        .iter()
        .map(|name| json!({ "id": name, "name": format!("Model {name}") }))
        .collect();
    Answer::ok("application/json", json!({ "data": rows }).to_string())
}

/// Elements with the names of their attributes, and every address that they lead to.
fn markup(letter: &Letter) -> (BTreeSet<String>, BTreeSet<&str>) {
    let elements = letter.elements.iter().map(|(element, attributes)| {
        let names: Vec<&str> = attributes.iter().map(|(name, _)| name.as_str()).collect();
        format!("{element} {}", names.join(" "))
    });
    let attributes = letter
        .elements
        .iter()
        .flat_map(|(_, attributes)| attributes);
    let links = attributes.filter(|(name, _)| matches!(name.as_str(), "href" | "src"));
    (
        elements.collect(),
        links.map(|(_, value)| value.as_str()).collect(),
    )
}

fn is_hidden(c: char) -> bool {
    let is_turning =
        matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    is_turning || c.is_control() && c != '\n'
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hostile_name_reaches_no_header_and_no_markup() {
    let world = World::new("");
    let Some(mail) = Maildir::start(world.path("maildir")) else {
        return;
    };
    let web = Server::start().await;
    world.write("own/example.toml", PROBE);
    world.configure(&format!(
        "[probes]\nfolder = 'own'\nonly = ['example.models']\n[detect]\nmax_churn = 1.0\n[report]\non = false\n[http]\nper_host_pace_ms = 0\n\
         [http.rewrite]\n'https://api.example.test' = '{}'\n[mail]\nfrom = 'bell@watch.test'\nto = ['ops@example.test']\n\
         [mail.smtp]\nhost = '127.0.0.1'\nport = {}\nsecurity = 'none'\n",
        web.url(),
        mail.port
    ));
    let mut listed = vec!["harmless-0", "harmless-1"];
    let rounds = ["harmless-2"].into_iter().chain(NAMES);
    let mut said = Vec::new();
    for (n, name) in [None].into_iter().chain(rounds.map(Some)).enumerate() {
        listed.extend(name);
        web.tell("/models", list(&listed));
        // a source that was asked within the second is not due yet
        let letters = crate::world::until(|| {
            world.good(&["run", "--once"]);
            let letters = mail.letters();
            (letters.len() >= n).then_some(letters)
        });
        assert_eq!(letters.len(), n, "{name:?}");
        said = letters;
    }
    let letters = said;
    let harmless = letters
        .iter()
        .find(|letter| letter.header("Subject").contains("harmless-2"))
        .expect("the harmless one");
    let (elements, links) = markup(harmless);
    assert!(
        links
            .iter()
            .all(|link| link.starts_with("https://api.example.test/")),
        "{links:?}"
    );
    for letter in &letters {
        let subject = letter.header("Subject");
        assert_eq!(letter.defects, Vec::<String>::new(), "{subject}");
        assert_eq!(letter.header_names(), harmless.header_names(), "{subject}");
        for name in ["From", "To", "List-Id", "Auto-Submitted"] {
            assert_eq!(letter.header(name), harmless.header(name), "{subject}");
        }
        assert_eq!(letter.recipients(), "ops@example.test", "{subject}");
        let (own_elements, own_links) = markup(letter);
        assert_eq!(own_elements, elements, "{subject}");
        assert_eq!(own_links, links, "{subject}");
        for text in [subject, letter.part("text/plain"), letter.part("text/html")] {
            let hidden: Vec<char> = text.chars().filter(|c| is_hidden(*c)).collect();
            assert_eq!(hidden, Vec::<char>::new(), "{text}");
        }
    }
}
