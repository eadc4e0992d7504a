//! The pages of the market: what they show is what the commands tell of the same history, on a landscape derived by hand.

use std::borrow::Cow;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use bellwether::config::{Outside, Settings};
use bellwether::landscape::Row;
use bellwether::market::Stage;
use bellwether::outlook::landscape::{Found, Part};
use bellwether::store::Store;
use bellwether::web::{Means, Running};

use crate::sonnet::landscape;
use crate::world::World;

/// A day after everything was read.
const NOW: &str = "2026-02-02T12:00:00Z";

const WORKLOAD: &str = "[[workload]]\nname = \"support\"\nrequests = 200_000\ninput = 6_000\noutput = 800\ncached = 0.5\n\
    batch = 0.25\nmodels = \"claude-sonnet-4.5\"\n[[watch]]\nname = \"production\"\nmodels = [\"claude-sonnet-4.5\"]\n";

/// The dashboard of an installation.
struct Dashboard(Running);

/// An answer: its status and body.
struct Page {
    status: u16,
    html: String,
}

impl Dashboard {
    fn of(world: &World) -> Self {
        let outside = Outside {
            variable: &|_| None,
            file: &|_| Err("none".to_string()),
        };
        let text = format!("{WORKLOAD}[web]\nlisten = \"127.0.0.1:0\"\n");
        let settings = Settings::from_text("test.toml", &text, &outside).expect("settings");
        let means = Means {
            database: world.path("data/bellwether.db"),
            settings: Arc::new(settings),
            probes: Arc::default(),
            endpoints: Arc::default(),
            clock: Arc::new(|| NOW.parse().expect("a time")),
        };
        Self(Running::start(means).expect("a dashboard"))
    }

    fn page(&self, path: &str) -> Page {
        let address: SocketAddr = self.0.address();
        let mut stream = TcpStream::connect(address).expect("a connection");
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (head, html) = answer.split_once("\r\n\r\n").expect("a head");
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        Page {
            status: status.expect("a status"),
            html: html.to_string(),
        }
    }

    /// A page that is there, as text: a line for each row of a table and each other block.
    fn text(&self, path: &str) -> String {
        let page = self.page(path);
        assert_eq!(page.status, 200, "{path}: {}", page.text());
        page.text()
    }
}

impl Page {
    fn text(&self) -> String {
        let main = self.html.split("<main").nth(1).unwrap_or_default();
        let main = main.split("</main>").next().unwrap_or_default();
        let mut text = String::new();
        for (n, piece) in main.split('<').enumerate() {
            let (tag, words) = piece.split_once('>').unwrap_or(("", piece));
            let name: String = tag
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric())
                .collect();
            match name.as_str() {
                _ if n == 0 => continue,
                "td" | "th" => text.push_str(" | "),
                "tr" | "p" | "h1" | "h2" | "h3" | "li" | "div" | "dt" | "caption" | "summary" => {
                    text.push('\n');
                }
                "br" | "dd" => text.push(' '),
                _ => {}
            }
            text.push_str(&words.replace('\n', " "));
        }
        let text = text
            .replace("&#x2f;", "/")
            .replace("&amp;", "&")
            .replace("&quot;", "\"");
        let lines = text.lines().map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            words.join(" ")
        });
        let lines: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
        lines.join("\n")
    }
}

/// The line that begins so.
fn line<'a>(text: &'a str, begins: &str) -> &'a str {
    let found = text.lines().find(|line| line.starts_with(begins));
    found.unwrap_or_else(|| panic!("no line begins with '{begins}' in:\n{text}"))
}

const PAGES: [&str; 11] = [
    "/",
    "/?stage=legacy&provider=bedrock&provider=anthropic&region=us&retiring=true",
    "/providers",
    "/providers/bedrock",
    "/providers/anthropic",
    "/models/anthropic/claude-sonnet-4.5",
    "/prices",
    "/prices?meter=cache_read&model=claude-sonnet-4.5",
    "/cost",
    "/cost?workload=support&reach=geo&all=true&region=us",
    "/retirements",
];

#[test]
fn every_page_keeps_to_what_pages_must_be() {
    let world = landscape();
    let dashboard = Dashboard::of(&world);
    for path in PAGES {
        let page = dashboard.page(path);
        assert_eq!(page.status, 200, "{path}: {}", page.text());
        let html = &page.html;
        assert_eq!(html.matches("<h1").count(), 1, "{path}");
        assert!(!html.contains(" style="), "{path}");
        assert_eq!(
            html.matches("<script").count(),
            html.matches("<script src=").count(),
            "{path}"
        );
        let ids: Vec<&str> = html
            .split(" id=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        let mut unique = ids.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(ids.len(), unique.len(), "{path}: {ids:?}");
        // whatever has a name of its own has a label
        for id in html
            .split("<label for=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
        {
            assert!(ids.contains(&id), "{path}: {id}");
        }
        for scroll in html.split("class=\"scroll\"").skip(1) {
            assert!(
                scroll.starts_with(" role=\"region\" aria-label=\""),
                "{path}"
            );
        }
    }
}

#[test]
fn the_landscape_is_that_of_status() {
    let world = landscape();
    let dashboard = Dashboard::of(&world);
    let all = dashboard.text("/");
    let header = line(&all, "| Model |");
    // openai and others are asked nothing here
    assert_eq!(header, "| Model | anthropic | bedrock | vertex");
    insta::assert_snapshot!(line(&all, "| anthropic/claude-sonnet-4.5"), @"");
    insta::assert_snapshot!(line(&dashboard.text("/?provider=bedrock"), "| anthropic/claude-sonnet-4.5"), @"");
    assert!(dashboard.text("/?model=gpt-5*").contains("No model fits."));
    for (path, said) in [
        ("/?provider=nobody", "anthropic, bedrock"),
        ("/?lab=nobody", "anthropic"),
        ("/?stage=good", "preview"),
        ("/?region=nowhere", "a known region"),
        ("/?modle=x", "expected"),
        ("/?page=2", "a page from 1 to 1"),
    ] {
        let page = dashboard.page(path);
        assert_eq!(page.status, 400, "{path}");
        assert!(page.text().contains(said), "{path}: {}", page.text());
    }
}

#[test]
fn a_model_is_told_with_its_offerings_and_ways_out() {
    let world = landscape();
    let dashboard = Dashboard::of(&world);
    let text = dashboard.text("/models/anthropic/claude-sonnet-4.5");
    // the figures of `compared`, which are derived by hand
    insta::assert_snapshot!(text, @"");
    let missing = dashboard.page("/models/anthropic/claude-sonnet-9");
    assert_eq!(missing.status, 404);
    assert_eq!(dashboard.page("/models/claude/sonnet-4-5").status, 404);
}

#[test]
fn a_workload_costs_on_the_page_what_the_command_says() {
    let world = landscape();
    let dashboard = Dashboard::of(&world);
    let text = dashboard.text("/cost?workload=support");
    let sums: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("| $"))
        .map(|line| line.split(" | Bill").next().unwrap_or(line))
        .collect();
    insta::assert_snapshot!(sums.join("\n"), @"");
    assert!(
        text.contains("Cheapest: $4,035.00 a month, anthropic/claude-sonnet-4.5 on anthropic"),
        "{text}"
    );
    let empty = dashboard.text("/cost");
    // the only workload of the configuration is meant where none is named
    assert!(empty.contains("200,000 requests a month"), "{empty}");
    let other =
        dashboard.text("/cost?input=1000000&output=0&requests=1&model=claude-sonnet-4.5&stage=ga");
    assert!(other.contains("Cheapest: $3.00 a month"), "{other}");
    for (path, said) in [
        ("/cost?input=-1", "input: expected tokens of one request"),
        (
            "/cost?input=1&cached=2",
            "cached: expected a share from 0 to 1",
        ),
        (
            "/cost?input=1&cached=0.9&cache_writes=0.2",
            "at most 1.0 together with cached",
        ),
        ("/cost?workload=other", "support"),
        (
            "/cost?input=1&model=nonsense-of-nobody",
            "whose maker is not known",
        ),
        (
            "/cost?input=1&provider=nobody",
            "provider: expected a known provider",
        ),
    ] {
        let page = dashboard.page(path);
        assert_eq!(page.status, 400, "{path}: {}", page.text());
        assert!(page.text().contains(said), "{path}: {}", page.text());
    }
}

#[test]
fn firm_ends_and_floors_are_told_apart() {
    let world = landscape();
    let dashboard = Dashboard::of(&world);
    let text = dashboard.text("/retirements");
    let rows: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("| retires") || line.starts_with("| not before"))
        .collect();
    insta::assert_snapshot!(rows.join("\n"), @"");
    let of_provider = dashboard.text("/retirements?provider=anthropic&watched=true");
    assert!(!of_provider.contains("| bedrock"), "{of_provider}");
}

#[test]
fn providers_and_prices_are_told() {
    let world = landscape();
    let dashboard = Dashboard::of(&world);
    insta::assert_snapshot!(dashboard.text("/providers"), @"");
    insta::assert_snapshot!(dashboard.text("/providers/bedrock"), @"");
    assert_eq!(dashboard.page("/providers/nobody").status, 404);
    insta::assert_snapshot!(dashboard.text("/prices?meter=cache_read&model=claude-sonnet-4.5"), @"");
}

#[test]
fn a_part_of_the_whole_is_what_is_asked_for_alone() {
    let world = landscape();
    let store = Store::open_read_only(&world.path("data/bellwether.db")).expect("the database");
    let now = NOW.parse().expect("a time");
    let whole = Found::of(&store, &Part::default(), now).expect("a landscape");
    let providers = Vec::from_iter(whole.spoken_of.iter().cloned());
    let mut compared = 0;
    for chosen in 0..1 << providers.len() {
        let is_chosen = |n: usize| chosen & (1 << n) != 0;
        let chosen = providers.iter().enumerate().filter(|(n, _)| is_chosen(*n));
        let chosen: Vec<String> = chosen.map(|(_, provider)| provider.clone()).collect();
        for (stage, retiring) in [
            (None, false),
            (Some(Stage::Ga), false),
            (Some(Stage::Legacy), true),
            (None, true),
        ] {
            let part = Part {
                providers: chosen.clone(),
                stage,
                retiring,
                ..Part::default()
            };
            let alone = Found::of(&store, &part, now).expect("a part");
            let rows = |found: &Found| -> Vec<Row> {
                let rows = found.matrix.rows.iter().map(Cow::Borrowed);
                let rows = part.of(rows, now);
                rows.into_iter().map(Cow::into_owned).collect()
            };
            assert_eq!(rows(&whole), rows(&alone), "{part:?}");
            compared += rows(&whole).len();
        }
    }
    assert!(compared > 20, "{compared}");
}
