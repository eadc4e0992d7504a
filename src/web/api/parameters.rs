//! Every parameter of the API, each said once.

use super::parameter::{Kind, Parameter};
use crate::market::{ChangeKind, DeliveryState, Direction, Interface, Reach, Severity, Stage};
use crate::outlook::by::By;
use crate::outlook::incidents::Whose;

const fn parameter(
    name: &'static str,
    kind: Kind,
    what: &'static str,
    example: &'static str,
) -> Parameter {
    Parameter {
        name,
        kind,
        what,
        example,
    }
}

fn stages() -> Vec<&'static str> {
    Stage::ALL.iter().map(|stage| stage.word()).collect()
}

fn interfaces() -> Vec<&'static str> {
    vec![
        Interface::Stateless.word(),
        Interface::Stateful.word(),
        Interface::Platform.word(),
    ]
}

fn reaches() -> Vec<&'static str> {
    vec![
        Reach::InRegion.word(),
        Reach::Geo.word(),
        Reach::Global.word(),
    ]
}

fn kinds() -> Vec<&'static str> {
    ChangeKind::ALL.map(ChangeKind::word).to_vec()
}

fn states() -> Vec<&'static str> {
    vec![
        DeliveryState::Waiting.word(),
        DeliveryState::Delivered.word(),
        DeliveryState::Dead.word(),
    ]
}

fn speeds_by() -> Vec<&'static str> {
    let all = [
        By::Provider,
        By::Host,
        By::Region,
        By::Probe,
        By::Way,
        By::Kind,
        By::Vantage,
    ];
    all.map(By::word).to_vec()
}

fn uptime_by() -> Vec<&'static str> {
    let all = [
        By::Provider,
        By::Region,
        By::Host,
        By::Model,
        By::Probe,
        By::Vantage,
    ];
    all.map(By::word).to_vec()
}

fn whose() -> Vec<&'static str> {
    Whose::ALL.map(Whose::word).to_vec()
}

fn orders() -> Vec<&'static str> {
    vec!["newest", "oldest"]
}

pub(super) const LIMIT: Parameter = parameter(
    "limit",
    Kind::Number(1, 1_000),
    "At most so many rows; 100 unless it is said.",
    "100",
);
pub(super) const CURSOR: Parameter = parameter(
    "cursor",
    Kind::Cursor,
    "Where the list goes on: the `next` of an answer to the same question.",
    "YWJj",
);
pub(super) const PROVIDER: Parameter =
    parameter("provider", Kind::Text, "Of this provider.", "bedrock");
pub(super) const PROVIDERS: Parameter = parameter(
    "provider",
    Kind::Texts,
    "Only at these providers.",
    "bedrock",
);
pub(super) const MODEL: Parameter = parameter(
    "model",
    Kind::Text,
    "Of this model (anthropic/claude-sonnet-4.5, claude-sonnet-4.5), or whose native id holds this text.",
    "anthropic/claude-sonnet-4.5",
);
pub(super) const MODEL_GLOB: Parameter = parameter(
    "model",
    Kind::Text,
    "Only models whose name fits, * and ? standing for anything: anthropic/*, gpt-5*, sonnet.",
    "anthropic/*",
);
pub(super) const MODELS: Parameter = parameter(
    "model",
    Kind::Texts,
    "The models to choose from, in any spelling; none: the workload's, or all.",
    "anthropic/claude-sonnet-4.5",
);
pub(super) const REGION: Parameter =
    parameter("region", Kind::Text, "In this region.", "eu-west-1");
pub(super) const PLACE: Parameter = parameter(
    "region",
    Kind::Text,
    "Only in this region (a provider's own name, or eu, us, uk …); offerings whose source names no region are there all the same.",
    "eu",
);
pub(super) const PLACES: Parameter = parameter(
    "region",
    Kind::Texts,
    "Only in these regions: a provider's own name (eu-*, swedencentral), or a set (eu, us, uk …).",
    "eu",
);
pub(super) const INTERFACE: Parameter = parameter(
    "interface",
    Kind::Word(interfaces),
    "With this interface.",
    "stateless",
);
pub(super) const STAGE: Parameter = parameter(
    "stage",
    Kind::Word(stages),
    "Only models that are in this stage at some provider.",
    "ga",
);
pub(super) const STAGES: Parameter =
    parameter("stage", Kind::Words(stages), "Only at these stages.", "ga");
pub(super) const REACH: Parameter = parameter(
    "reach",
    Kind::Words(reaches),
    "Only where traffic travels so far.",
    "geo",
);
pub(super) const RETIRING: Parameter = parameter(
    "retiring",
    Kind::Flag,
    "Only models with a retirement date to come, the nearest first.",
    "true",
);
pub(super) const AT: Parameter = parameter(
    "at",
    Kind::Time,
    "As believed at this time: RFC 3339, a day in the configured zone, or an age such as 30d.",
    "2026-06-03T12:00:00Z",
);
pub(super) const SINCE: Parameter = parameter(
    "since",
    Kind::Time,
    "At or after this time: RFC 3339, a day in the configured zone, or an age such as 7d.",
    "30d",
);
pub(super) const UNTIL: Parameter = parameter(
    "until",
    Kind::Time,
    "Before this time.",
    "2026-11-01T00:00:00Z",
);
pub(super) const FROM_DAY: Parameter =
    parameter("since", Kind::Day, "The first day, of UTC.", "2026-10-01");
pub(super) const TO_DAY: Parameter = parameter(
    "until",
    Kind::Day,
    "The last day, of UTC; yesterday unless it is said.",
    "2026-10-31",
);
pub(super) const ALL: Parameter = parameter(
    "all",
    Kind::Flag,
    "Every source's changes instead of news only.",
    "false",
);
pub(super) const LEFT_OUT: Parameter = parameter(
    "all",
    Kind::Flag,
    "Also what is left out, with the reason.",
    "false",
);
pub(super) const ALL_SERIES: Parameter = parameter(
    "all",
    Kind::Flag,
    "Also the hosts of sources that are read: lists, pages, feeds.",
    "false",
);
pub(super) const KIND: Parameter =
    parameter("kind", Kind::Word(kinds), "Of this kind.", "price_changed");
pub(super) const WATCH: Parameter = parameter(
    "watch",
    Kind::Text,
    "What touches this watch of the configuration.",
    "production",
);
pub(super) const ORDER: Parameter = parameter(
    "order",
    Kind::Word(orders),
    "The newest first, or the oldest; the newest unless it is said.",
    "newest",
);
pub(super) const WORKLOAD: Parameter = parameter(
    "workload",
    Kind::Text,
    "A workload of the configuration; the only one unless it is said.",
    "support-chat",
);
pub(super) const INPUT: Parameter = parameter(
    "input",
    Kind::Number(0, 1_000_000_000),
    "Tokens of one request's prompt, cached ones included.",
    "6000",
);
pub(super) const OUTPUT: Parameter = parameter(
    "output",
    Kind::Number(0, 1_000_000_000),
    "Tokens of one answer.",
    "800",
);
pub(super) const REQUESTS: Parameter = parameter(
    "requests",
    Kind::Number(1, 1_000_000_000_000),
    "Requests a month; 1000 unless it is said.",
    "200000",
);
pub(super) const CACHED: Parameter = parameter(
    "cached",
    Kind::Share,
    "The share of the prompt that is read from the cache.",
    "0.5",
);
pub(super) const CACHE_WRITES: Parameter = parameter(
    "cache_writes",
    Kind::Share,
    "The share of the prompt that is written to the cache.",
    "0.25",
);
pub(super) const BATCH: Parameter = parameter(
    "batch",
    Kind::Share,
    "The share of requests that can wait for a day.",
    "0.25",
);
pub(super) const HOST: Parameter = parameter("host", Kind::Text, "Of this host.", "api.openai.com");
pub(super) const SERIES_REGION: Parameter = parameter(
    "region",
    Kind::Text,
    "Of this region or account.",
    "eu-west-1",
);
pub(super) const SPEEDS_BY: Parameter = parameter(
    "by",
    Kind::Words(speeds_by),
    "What is summed up together; host and way unless it is said.",
    "host",
);
pub(super) const UPTIME_BY: Parameter = parameter(
    "by",
    Kind::Words(uptime_by),
    "What is summed up together; provider and region unless it is said.",
    "provider",
);
pub(super) const SLO: Parameter = parameter(
    "slo",
    Kind::Share,
    "The availability that is expected, instead of what the configuration says.",
    "0.999",
);
pub(super) const OPEN: Parameter = parameter("open", Kind::Flag, "Only those that go on.", "true");
pub(super) const ONLY: Parameter = parameter(
    "only",
    Kind::Word(whose),
    "Only what was measured here (ours), or only what status pages state (page).",
    "ours",
);
pub(super) const NAMES: Parameter =
    parameter("name", Kind::Texts, "Only these numbers.", "coverage");
pub(super) const ROUTE: Parameter = parameter("route", Kind::Text, "Only over this route.", "mail");
pub(super) const STATE: Parameter = parameter(
    "state",
    Kind::Word(states),
    "Only in this state.",
    "delivered",
);
pub(super) const METER: Parameter = parameter(
    "meter",
    Kind::Texts,
    "Only these prices, as the attribute says after `price.`; input and output unless it is said.",
    "input",
);
pub(super) const LAB_PART: Parameter =
    parameter("lab", Kind::Part, "Who makes the model.", "anthropic");
pub(super) const MODEL_PART: Parameter = parameter(
    "model",
    Kind::Part,
    "The model's name.",
    "claude-sonnet-4.5",
);
pub(super) const ID_PART: Parameter = parameter(
    "id",
    Kind::Part,
    "The change's id, or its first digits.",
    "0123456789abcdef",
);
pub(super) const PERIOD_PART: Parameter = parameter(
    "period",
    Kind::Part,
    "The period: 2026-W46, 2026-11.",
    "2026-W46",
);

/// The words that say how a change is.
pub(super) fn directions() -> Vec<&'static str> {
    let all = [
        Direction::Up,
        Direction::Down,
        Direction::Earlier,
        Direction::Later,
        Direction::TowardsGa,
        Direction::AwayFromGa,
    ];
    all.map(|direction| direction.word()).to_vec()
}

/// The words that say how grave something is.
pub(super) fn severities() -> Vec<&'static str> {
    let all = [
        Severity::Critical,
        Severity::Warning,
        Severity::Notice,
        Severity::Info,
    ];
    all.map(|severity| severity.word()).to_vec()
}
