//! The pages of the market: what they show is what the commands tell of the same history, on a landscape derived by hand.

use std::borrow::Cow;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use bellwether::config::{Outside, Own, Settings, declared, shipped};
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
        let probes = declared(&shipped(), Own::default()).expect("sound probes");
        let probes = probes.into_iter();
        let means = Means {
            database: world.path("data/bellwether.db"),
            settings: Arc::new(settings),
            probes: Arc::new(probes.map(|probe| (probe, false)).collect()),
            endpoints: Arc::default(),
            clock: Arc::new(|| NOW.parse().expect("a time")),
            doer: None,
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
        // what a chart shows stands in its label
        let mut parts = main.split("<svg");
        let mut words = parts.next().unwrap_or_default().to_string();
        for part in parts {
            let label = part
                .split("aria-label=\"")
                .nth(1)
                .and_then(|rest| rest.split('"').next());
            words.push_str("<p>chart: ");
            words.push_str(label.unwrap_or_default());
            words.push_str(part.split("</svg>").nth(1).unwrap_or_default());
        }
        let main = words.as_str();
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
    // whoever sells most models stands first
    assert_eq!(header, "| Model | mistral | anthropic | bedrock | vertex");
    insta::assert_snapshot!(line(&all, "| anthropic/claude-sonnet-4.5"), @"| anthropic/claude-sonnet-4.5 | | ga $3 / $15 | legacy 1 region $3 / $15 | listed $3 / $15");
    insta::assert_snapshot!(line(&dashboard.text("/?provider=bedrock"), "| anthropic/claude-sonnet-4.5"), @"| anthropic/claude-sonnet-4.5 | legacy 1 region $3 / $15");
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
    insta::assert_snapshot!(text, @r#"
    anthropic/claude-sonnet-4.5
    Made by anthropic
    Sold by 3 providers 5 offerings
    Generally available on anthropic
    Lowest price of input, 1M tokens $3 anthropic, bedrock, vertex
    Lowest price of output, 1M tokens $15 anthropic, bedrock, vertex
    Retires next not before 2026-09-29 anthropic
    Offerings
    Prices
    Fallbacks
    Latency
    Changes
    Where it is sold
    Prices in USD per 1M tokens unless another unit is named; a day is when it retires, "not before" is a floor.
    anthropic
    claude-sonnet-4-5-20250929 anthropic/claude-sonnet-4.5@2025-09-29 access: listed
    | Deployment | Reach | Stage | Interface | Retires | Input | Output | Cached | Regions
    | – | not stated | ga | stateless | not before 2026-09-29 | 3 | 15 | 0.3 | not stated
    All that is said of it, by whom (15)
    | What | Value | Source | Said since | Last read
    | stage | ga | anthropic.models provider-api | 2026-01-31 | 36 h ago
    | interface | stateless | anthropic.models provider-api | 2026-01-31 | 36 h ago
    | name | Claude Sonnet 4.5 | anthropic.models provider-api | 2026-01-31 | 36 h ago
    | replacement | claude-opus-4-5-20251101 | anthropic.deprecations provider-page | 2026-01-31 | 36 h ago
    | date.launch | 2025-09-29 | anthropic.models provider-api | 2026-01-31 | 36 h ago
    | date.retires | not before 2026-09-29 | anthropic.deprecations provider-page | 2026-01-31 | 36 h ago
    | price.cache_read | $0.3 / 1M tokens | anthropic.pricing provider-page | 2026-01-31 | 36 h ago
    | price.cache_write_1h | $6 / 1M tokens | anthropic.pricing provider-page | 2026-01-31 | 36 h ago
    | price.cache_write_5m | $3.75 / 1M tokens | anthropic.pricing provider-page | 2026-01-31 | 36 h ago
    | price.input | $3 / 1M tokens | anthropic.pricing provider-page | 2026-01-31 | 36 h ago
    | price.input.batch | $1.5 / 1M tokens | anthropic.pricing provider-page | 2026-01-31 | 36 h ago
    | price.output | $15 / 1M tokens | anthropic.pricing provider-page | 2026-01-31 | 36 h ago
    | price.output.batch | $7.5 / 1M tokens | anthropic.pricing provider-page | 2026-01-31 | 36 h ago
    | limit.context | 200000 | anthropic.models provider-api | 2026-01-31 | 36 h ago
    | limit.output | 64000 | anthropic.models provider-api | 2026-01-31 | 36 h ago
    bedrock
    anthropic.claude-sonnet-4-5-20250929-v1:0 anthropic/claude-sonnet-4.5@2025-09-29 access: listed
    | Deployment | Reach | Stage | Interface | Retires | Input | Output | Cached | Regions
    | on-demand | in-region | legacy | stateless | 2027-04-14 | 3.3 | 16.5 | 0.33 | us-east-1
    All that is said of it, by whom (14)
    | What | Value | Source | Said since | Last read
    | stage | legacy | bedrock.models provider-api | 2026-01-31 | 36 h ago
    | interface | stateless | bedrock.models provider-api | 2026-01-31 | 36 h ago
    | name | Claude Sonnet 4.5 | bedrock.models provider-api | 2026-01-31 | 36 h ago
    | date.launch | 2025-09-29 | bedrock.models provider-api | 2026-01-31 | 36 h ago
    | date.legacy | 2026-10-14 | bedrock.models provider-api | 2026-01-31 | 36 h ago
    | date.deprecated | 2027-01-14 | bedrock.models provider-api | 2026-01-31 | 36 h ago
    | date.retires | 2027-04-14 | bedrock.models provider-api | 2026-01-31 | 36 h ago
    | price.cache_read | $0.33 / 1M tokens | bedrock.marketplace-prices provider-api | 2026-01-31 | 36 h ago
    | price.input | $3.3 / 1M tokens | bedrock.marketplace-prices provider-api | 2026-01-31 | 36 h ago
    | price.output | $16.5 / 1M tokens | bedrock.marketplace-prices provider-api | 2026-01-31 | 36 h ago
    | modality.input | image, text | bedrock.models provider-api | 2026-01-31 | 36 h ago
    | modality.output | text | bedrock.models provider-api | 2026-01-31 | 36 h ago
    | capability.inference_profile | yes | bedrock.models provider-api | 2026-01-31 | 36 h ago
    | capability.streaming | yes | bedrock.models provider-api | 2026-01-31 | 36 h ago
    global.anthropic.claude-sonnet-4-5-20250929-v1:0 anthropic/claude-sonnet-4.5@2025-09-29 access: listed
    | Deployment | Reach | Stage | Interface | Retires | Input | Output | Cached | Regions
    | profile:global | global | legacy | stateless | 2027-04-14 | 3 | 15 | 0.3 | us-east-1
    All that is said of it, by whom (11)
    | What | Value | Source | Said since | Last read
    | stage | legacy | bedrock.models provider-api | 2026-01-31 | 36 h ago
    | interface | stateless | bedrock.profiles provider-api | 2026-01-31 | 36 h ago
    | name | Claude Sonnet 4.5 | bedrock.profiles provider-api | 2026-01-31 | 36 h ago
    | date.legacy | 2026-10-14 | bedrock.models provider-api | 2026-01-31 | 36 h ago
    | date.deprecated | 2027-01-14 | bedrock.models provider-api | 2026-01-31 | 36 h ago
    | date.retires | 2027-04-14 | bedrock.models provider-api | 2026-01-31 | 36 h ago
    | price.cache_read | $0.3 / 1M tokens | models-dev.catalogue registry | 2026-01-31 | 36 h ago
    | price.cache_write | $3.75 / 1M tokens | bedrock.marketplace-prices provider-api | 2026-01-31 | 36 h ago
    | price.input | $3 / 1M tokens | bedrock.marketplace-prices provider-api | 2026-01-31 | 36 h ago
    | price.output | $15 / 1M tokens | bedrock.marketplace-prices provider-api | 2026-01-31 | 36 h ago
    | capability.destination_regions | us-east-1 | bedrock.profiles provider-api | 2026-01-31 | 36 h ago
    us.anthropic.claude-sonnet-4-5-20250929-v1:0 anthropic/claude-sonnet-4.5@2025-09-29 access: listed
    | Deployment | Reach | Stage | Interface | Retires | Input | Output | Cached | Regions
    | profile:us | geo to us-east-1, us-west-2 | legacy | stateless | 2027-04-14 | 3.3 | 16.5 | 0.33 | us-east-1
    All that is said of it, by whom (10)
    | What | Value | Source | Said since | Last read
    | stage | legacy | bedrock.models provider-api | 2026-01-31 | 36 h ago
    | interface | stateless | bedrock.profiles provider-api | 2026-01-31 | 36 h ago
    | name | Claude Sonnet 4.5 | bedrock.profiles provider-api | 2026-01-31 | 36 h ago
    | date.legacy | 2026-10-14 | bedrock.models provider-api | 2026-01-31 | 36 h ago
    | date.deprecated | 2027-01-14 | bedrock.models provider-api | 2026-01-31 | 36 h ago
    | date.retires | 2027-04-14 | bedrock.models provider-api | 2026-01-31 | 36 h ago
    | price.cache_read | $0.33 / 1M tokens | bedrock.marketplace-prices provider-api | 2026-01-31 | 36 h ago
    | price.input | $3.3 / 1M tokens | bedrock.marketplace-prices provider-api | 2026-01-31 | 36 h ago
    | price.output | $16.5 / 1M tokens | bedrock.marketplace-prices provider-api | 2026-01-31 | 36 h ago
    | capability.destination_regions | us-east-1, us-west-2 | bedrock.profiles provider-api | 2026-01-31 | 36 h ago
    vertex
    claude-sonnet-4-5@20250929 anthropic/claude-sonnet-4.5@2025-09-29 access: listed
    | Deployment | Reach | Stage | Interface | Retires | Input | Output | Cached | Regions
    | partner | not stated | unknown | – | – | 3 | 15 | 0.3 | not stated
    All that is said of it, by whom (5)
    | What | Value | Source | Said since | Last read
    | stage | unknown | models-dev.catalogue registry | 2026-01-31 | 36 h ago
    | name | Claude Sonnet 4.5 | models-dev.catalogue registry | 2026-01-31 | 36 h ago
    | price.cache_read | $0.3 / 1M tokens | models-dev.catalogue registry | 2026-01-31 | 36 h ago
    | price.input | $3 / 1M tokens | models-dev.catalogue registry | 2026-01-31 | 36 h ago
    | price.output | $15 / 1M tokens | models-dev.catalogue registry | 2026-01-31 | 36 h ago
    Prices over time
    chart: Price of anthropic/claude-sonnet-4.5: input: prices in steps, USD per 1M tokens of input, the lowest at each provider; anthropic $3 from 31 Jan 2026, $3 until 2 Feb 2026; bedrock $3 from 31 Jan 2026, $3 until 2 Feb 2026; vertex $3 from 31 Jan 2026, $3 until 2 Feb 2026
    chart: Price of anthropic/claude-sonnet-4.5: output: prices in steps, USD per 1M tokens of output, the lowest at each provider; anthropic $15 from 31 Jan 2026, $15 until 2 Feb 2026; bedrock $15 from 31 Jan 2026, $15 until 2 Feb 2026; vertex $15 from 31 Jan 2026, $15 until 2 Feb 2026
    Its prices compared
    Where sources disagree
    | Of | What | Believed | Other | Likely
    | bedrock anthropic.claude-sonnet-4-5-20250929-v1:0 | price.cache_read | 0.33 bedrock.marketplace-prices | 0.3 models-dev.catalogue | regional premium
    | bedrock anthropic.claude-sonnet-4-5-20250929-v1:0 | price.input | 3.3 bedrock.marketplace-prices | 3 models-dev.catalogue | regional premium
    | bedrock anthropic.claude-sonnet-4-5-20250929-v1:0 | price.output | 16.5 bedrock.marketplace-prices | 15 models-dev.catalogue | regional premium
    | bedrock us.anthropic.claude-sonnet-4-5-20250929-v1:0 | price.cache_read | 0.33 bedrock.marketplace-prices | 0.3 models-dev.catalogue | regional premium
    | bedrock us.anthropic.claude-sonnet-4-5-20250929-v1:0 | price.input | 3.3 bedrock.marketplace-prices | 3 models-dev.catalogue | regional premium
    | bedrock us.anthropic.claude-sonnet-4-5-20250929-v1:0 | price.output | 16.5 bedrock.marketplace-prices | 15 models-dev.catalogue | regional premium
    What to fall back to
    Who sells it by the token and does not end it within 90 days for sure; the cheapest first
    | Provider | Native id | Stage | Input | Output | Ends | Answered us, 7 days
    | anthropic | claude-sonnet-4-5-20250929 | ga | $3 / 1M tokens | $15 / 1M tokens | not before 2026-09-29 | not measured
    | vertex | claude-sonnet-4-5@20250929 | listed | $3 / 1M tokens | $15 / 1M tokens | – | not measured
    What its providers say to move to
    anthropic names claude-opus-4-5-20251101: anthropic/claude-opus-4.5, offered on anthropic
    How soon it answered us
    No call of ours has asked it in the last 7 days. Asking models costs money, so that it is off until [inference] says what a day may cost.
    What changed
    No news of it in the last year.
    "#);
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
    insta::assert_snapshot!(sums.join("\n"), @"
    | $4,035.00 b | – | anthropic/claude-sonnet-4.5 | anthropic | claude-sonnet-4-5-20250929 | – | not stated | ga | not before 2026-09-29 |
    | $4,380.00 a | – | anthropic/claude-sonnet-4.5 | bedrock | global.anthropic.claude-sonnet-4-5-20250929-v1:0 | profile:global | us-east-1 | legacy | 2027-04-14 |
    | $4,380.00 a | – | anthropic/claude-sonnet-4.5 | vertex | claude-sonnet-4-5@20250929 | partner | not stated | unknown | – |
    | $4,818.00 a | +10 % | anthropic/claude-sonnet-4.5 | bedrock | anthropic.claude-sonnet-4-5-20250929-v1:0 | on-demand | us-east-1 | legacy | 2027-04-14 |
    | $4,818.00 a | +10 % | anthropic/claude-sonnet-4.5 | bedrock | us.anthropic.claude-sonnet-4-5-20250929-v1:0 | profile:us | us-east-1 | legacy | 2027-04-14 |
    ");
    assert!(
        text.contains("Cheapest: $4,035.00 a month, anthropic/claude-sonnet-4.5 on anthropic"),
        "{text}"
    );
    let empty = dashboard.text("/cost");
    // the only workload of the configuration is meant where none is named
    assert!(empty.contains("200,000 requests a month"), "{empty}");
    let other =
        dashboard.text("/cost?input=100000&output=0&requests=10&model=claude-sonnet-4.5&stage=ga");
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
    insta::assert_snapshot!(rows.join("\n"), @"
    | not before 2026-08-05 | 184 | anthropic/claude-opus-4.1@2025-08-05 | anthropic | – | nobody | page
    | not before 2026-09-29 | 239 | anthropic/claude-sonnet-4.5@2025-09-29 watched: production | anthropic | anthropic/claude-opus-4.5 | vertex | page
    | not before 2026-10-15 | 255 | anthropic/claude-haiku-4.5@2025-10-01 | anthropic | – | nobody | page
    | not before 2026-11-24 | 295 | anthropic/claude-opus-4.5@2025-11-01 | anthropic | – | nobody | page
    ");
    let of_provider = dashboard.text("/retirements?provider=anthropic&watched=true");
    assert!(!of_provider.contains("| bedrock"), "{of_provider}");
}

#[test]
fn providers_and_prices_are_told() {
    let world = landscape();
    let dashboard = Dashboard::of(&world);
    insta::assert_snapshot!(dashboard.text("/providers"), @"
    Providers
    Now: models that can be had, news of 7 days, models that end within 90 days, open incidents, sources whose last answer was good.
    | Provider | Kind | Models | Regions | News | End for sure | Not before | Incidents | Sources good
    | mistral | direct | 50 | – | 0 | 0 | 0 | 0 | –
    | anthropic | direct | 5 | – | 0 | 0 | 0 | 0 | 3 of 3
    | bedrock | cloud | 1 | 1 | 0 | 0 | 0 | 0 | 3 of 3
    | vertex | cloud | 1 | – | 0 | 0 | 0 | 0 | –
    ");
    insta::assert_snapshot!(dashboard.text("/providers/bedrock"), @"
    bedrock
    Kind cloud
    Models that can be had 1
    Regions 1
    News in 7 days 0
    End within 90 days 0 for sure; 0 not before a day
    Open incidents 0
    Sources good 3 of 3
    Incidents
    None in the last 90 days.
    Uptime and latency
    None of its endpoints is measured here.
    Ends that come
    | Model | Day | Generally available elsewhere
    | anthropic/claude-sonnet-4.5 | retires 2027-04-14 | anthropic
    Sold only here
    Nothing.
    Lately changed
    No news in the last 90 days.
    Regions
    us-east-1 1 model
    Models
    Lowest prices in USD per 1M tokens
    | Model | Stage | Regions | Input | Output | Retires
    | anthropic/claude-sonnet-4.5 | legacy | 1 | $3 | $15 | 2027-04-14
    Sources
    | Source | State | Items | Last asked | Last good | Next
    | bedrock.marketplace-prices@us-east-1 List prices of models that are sold on Amazon Bedrock through AWS Marketplace, by region | good | 2 | 2026-01-31 23:59 UTC | 2026-01-31 23:59 UTC | not asked any more
    | bedrock.models@us-east-1 Models that Amazon Bedrock lists in each region | good | 1 | 2026-01-31 23:59 UTC | 2026-01-31 23:59 UTC | not asked any more
    | bedrock.profiles@us-east-1 Inference profiles of Amazon Bedrock that can be called from each region, with where they lead | good | 2 | 2026-01-31 23:59 UTC | 2026-01-31 23:59 UTC | not asked any more
    ");
    assert_eq!(dashboard.page("/providers/nobody").status, 404);
    insta::assert_snapshot!(dashboard.text("/prices?meter=cache_read&model=claude-sonnet-4.5"), @"
    Prices
    Meter inputoutputcache readcache writecache write 5mcache write 1hinput audiooutput audioimage
    Tier standardbatchflexpriority
    Model
    Lab anyanthropicmistral
    Provider anyanthropicbedrockmistralvertex
    Region
    Show Input prices of all Price a whole workload
    Over time: anthropic/claude-sonnet-4.5
    chart: Price of anthropic/claude-sonnet-4.5: input: prices in steps, USD per 1M tokens of input, the lowest at each provider; anthropic $3 from 31 Jan 2026, $3 until 2 Feb 2026; bedrock $3 from 31 Jan 2026, $3 until 2 Feb 2026; vertex $3 from 31 Jan 2026, $3 until 2 Feb 2026
    Now: price.cache_read
    5 prices; the cheapest first in each currency and unit, by list price, as the best source states it.
    | Price | Model | Provider | Native id | Deployment | Regions | Stage | Source
    | $0.3 / 1M tokens | anthropic/claude-sonnet-4.5 | anthropic | claude-sonnet-4-5-20250929 | – | not stated | ga | anthropic.pricing since 2026-01-31, read 36 h ago
    | $0.3 / 1M tokens | anthropic/claude-sonnet-4.5 | bedrock | global.anthropic.claude-sonnet-4-5-20250929-v1:0 | profile:global | us-east-1 | legacy | models-dev.catalogue since 2026-01-31, read 36 h ago
    | $0.3 / 1M tokens | anthropic/claude-sonnet-4.5 | vertex | claude-sonnet-4-5@20250929 | partner | not stated | unknown | models-dev.catalogue since 2026-01-31, read 36 h ago
    | $0.33 / 1M tokens | anthropic/claude-sonnet-4.5 | bedrock | anthropic.claude-sonnet-4-5-20250929-v1:0 | on-demand | us-east-1 | legacy | bedrock.marketplace-prices since 2026-01-31, read 36 h ago
    | $0.33 / 1M tokens | anthropic/claude-sonnet-4.5 | bedrock | us.anthropic.claude-sonnet-4-5-20250929-v1:0 | profile:us | us-east-1 | legacy | bedrock.marketplace-prices since 2026-01-31, read 36 h ago
    Moved in the last 90 days
    No price has moved.
    ");
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
