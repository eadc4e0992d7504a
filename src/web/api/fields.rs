//! The keys of what is composed, one list each; tests hold real answers against them.

use super::parameters::{directions, severities};
use super::shape::{Field, Form, known, maybe};

/// `bellwether why --format jsonl`: a change, and what shows it.
pub(super) const EVIDENCE: &[Field] = &[
    known("id", Form::Text),
    known("seen_at", Form::Time),
    known("confirmed_at", Form::Time),
    maybe("true_from", Form::Time),
    known("provider", Form::Text),
    known("native_id", Form::Text),
    maybe("model", Form::Text),
    maybe("version", Form::Text),
    known("region", Form::Text),
    maybe("deployment", Form::Text),
    known("kind", Form::Text),
    maybe("attribute", Form::Text),
    maybe("old", Form::Value),
    maybe("new", Form::Value),
    maybe("direction", Form::Word(directions)),
    known("severity", Form::Word(severities)),
    known("source", Form::Text),
    known("authority", Form::Text),
    known("confirmed_by", Form::Texts),
    known("imported", Form::Flag),
    known("documented", Form::Flag),
    known("group", Form::Text),
    known("url", Form::Text),
    maybe("old_raw", Form::Text),
    maybe("new_raw", Form::Text),
    maybe("old_excerpt", Form::Text),
    maybe("new_excerpt", Form::Text),
    known("standing", Form::Text),
];

/// `bellwether status --format jsonl`: a model at a provider.
pub(super) const STATUS: &[Field] = &[
    known("model", Form::Text),
    known("provider", Form::Text),
    known("stage", Form::Text),
    known("offerings", Form::Count),
    known("regions", Form::Texts),
    known("reach", Form::Texts),
    maybe("retires", Form::Value),
    maybe("input", Form::Value),
    maybe("output", Form::Value),
];

const SAID: &[Field] = &[
    known("source", Form::Text),
    known("authority", Form::Text),
    known("since", Form::Time),
    maybe("confirmed_at", Form::Time),
];
const PRICE: &[Field] = &[
    known("source", Form::Text),
    known("authority", Form::Text),
    known("since", Form::Time),
    maybe("confirmed_at", Form::Time),
    maybe("value", Form::Value),
];
const SPREAD: &[Field] = &[
    known("attribute", Form::Text),
    maybe("believed", Form::Value),
    known("source", Form::Text),
    maybe("other", Form::Value),
    known("other_source", Form::Text),
    known("class", Form::Text),
];
const REPLACEMENT: &[Field] = &[
    known("named", Form::Text),
    maybe("model", Form::Text),
    known("offered_on", Form::Texts),
    known("offered_here", Form::Flag),
];
const FALL_BACK: &[Field] = &[
    known("ga_on", Form::Texts),
    known("replacements", Form::Several(REPLACEMENT)),
];
const ACCESS: &[Field] = &[
    maybe("rung", Form::Text),
    maybe("offered", Form::Flag),
    maybe("agreement", Form::Value),
    maybe("authorised", Form::Flag),
    maybe("entitled", Form::Flag),
    maybe("calls", Form::Any),
];

/// What is said of an offering's life.
const LIFE: &[&str] = &[
    "stage",
    "interface",
    "launch",
    "legacy",
    "deprecated",
    "retires",
    "replacement",
];

/// `bellwether compare --format jsonl`: an offering of a model.
pub(super) const COMPARED: &[Field] = &[
    known("model", Form::Text),
    maybe("version", Form::Text),
    known("provider", Form::Text),
    known("native_id", Form::Text),
    known("region", Form::Text),
    maybe("deployment", Form::Text),
    maybe("reach", Form::Text),
    maybe("destination_regions", Form::Value),
    known("stage", Form::Text),
    maybe("interface", Form::Text),
    maybe("launch", Form::Value),
    maybe("legacy", Form::Value),
    maybe("deprecated", Form::Value),
    maybe("retires", Form::Value),
    maybe("replacement", Form::Value),
    known("said_by", Form::BySome(LIFE, SAID)),
    known("access", Form::Fields(ACCESS)),
    known("listed_by", Form::Texts),
    known("prices", Form::ByName(PRICE)),
    known("spreads", Form::Several(SPREAD)),
    known("fall_back", Form::Fields(FALL_BACK)),
];

const ITEM: &[Field] = &[
    known("meter", Form::Text),
    known("tokens", Form::Text),
    known("price_per_1M", Form::Text),
    known("amount", Form::Text),
    known("source", Form::Text),
    known("authority", Form::Text),
    known("since", Form::Time),
    maybe("confirmed_at", Form::Time),
];

/// `bellwether cost --format jsonl`: what a workload costs on an offering.
pub(super) const COST: &[Field] = &[
    known("workload", Form::Text),
    known("model", Form::Text),
    maybe("version", Form::Text),
    known("provider", Form::Text),
    known("native_id", Form::Text),
    known("region", Form::Text),
    maybe("deployment", Form::Text),
    maybe("reach", Form::Text),
    known("stage", Form::Text),
    maybe("per_month", Form::Text),
    maybe("per_request", Form::Text),
    maybe("currency", Form::Text),
    maybe("premium_percent", Form::Text),
    known("items", Form::Several(ITEM)),
    known("assumptions", Form::Texts),
    maybe("left_out", Form::Text),
];

/// `bellwether incidents --format jsonl`: ours and theirs.
pub(super) const INCIDENT: &[Field] = &[
    known("provider", Form::Text),
    known("began", Form::Time),
    known("open", Form::Flag),
    maybe("ended", Form::Time),
    maybe("ended_by", Form::Text),
    maybe("first", Form::Text),
    maybe("lead_s", Form::Count),
    maybe("kind", Form::Text),
    maybe("vantage", Form::Text),
    maybe("region", Form::Text),
    maybe("probe", Form::Text),
    maybe("host", Form::Text),
    maybe("model", Form::Text),
    maybe("own_began", Form::Time),
    maybe("own_seen", Form::Time),
    maybe("own_ended", Form::Time),
    maybe("own_ended_by", Form::Text),
    maybe("n", Form::Count),
    maybe("of", Form::Count),
    maybe("before_ms", Form::Figure),
    maybe("during_ms", Form::Figure),
    maybe("samples", Form::Count),
    maybe("page_id", Form::Text),
    maybe("page_name", Form::Text),
    maybe("page_impact", Form::Text),
    maybe("page_places", Form::Texts),
    maybe("page_began", Form::Time),
    maybe("page_seen", Form::Time),
    maybe("page_ended", Form::Time),
    maybe("page_ended_by", Form::Text),
    maybe("page_link", Form::Text),
    known("said_by", Form::Texts),
];

/// `bellwether uptime --format jsonl`, besides what is summed up by.
pub(super) const UPTIME: &[Field] = &[
    known("since", Form::Time),
    known("until", Form::Time),
    maybe("by_duration", Form::Figure),
    known("down_s", Form::Count),
    known("known_s", Form::Count),
    known("unknown_s", Form::Count),
    maybe("by_request", Form::Figure),
    known("good", Form::Count),
    known("bad", Form::Count),
    maybe("slo", Form::Figure),
    maybe("budget_s", Form::Figure),
    maybe("budget_s_left", Form::Figure),
    maybe("budget_requests", Form::Figure),
    maybe("budget_requests_left", Form::Figure),
];

/// `bellwether indicators --shifts --format jsonl`.
pub(super) const SHIFT: &[Field] = &[
    known("day", Form::Day),
    maybe("provider", Form::Text),
    known("subject", Form::Text),
    known("title", Form::Text),
    known("text", Form::Text),
];

/// `bellwether probe list --format jsonl`: a probe.
pub(super) const PROBE: &[Field] = &[
    known("id", Form::Text),
    known("on", Form::Flag),
    known("title", Form::Text),
    known("provider", Form::Text),
    known("provider_kind", Form::Text),
    known("authority", Form::Text),
    maybe("credential", Form::Text),
    known("needs", Form::Texts),
    maybe("role", Form::Text),
    known("unset", Form::Texts),
    known("schedule", Form::Text),
    known("reader", Form::Text),
    known("url", Form::Text),
    known("scopes", Form::Texts),
];

/// `bellwether probe list --format jsonl`: an endpoint.
pub(super) const ENDPOINT: &[Field] = &[
    known("id", Form::Text),
    known("on", Form::Flag),
    known("title", Form::Text),
    known("provider", Form::Text),
    known("kind", Form::Text),
    known("connection", Form::Text),
    known("http", Form::Text),
    known("ip", Form::Text),
    known("reference", Form::Flag),
    known("unset", Form::Texts),
    known("schedule", Form::Text),
    known("url", Form::Text),
    known("scopes", Form::Texts),
];

/// `bellwether latency --format jsonl`, besides the percentiles and what is summed up by.
pub(super) const LATENCY: &[Field] = &[
    known("since", Form::Time),
    known("until", Form::Time),
    known("n", Form::Count),
    known("failed", Form::Count),
    known("failures", Form::Counts),
    known("total_p50_over_time_ms", Form::Figures),
];

/// `bellwether latency --models --format jsonl`, besides the percentiles.
pub(super) const MODEL_LATENCY: &[Field] = &[
    known("provider", Form::Text),
    known("model", Form::Text),
    known("region", Form::Text),
    known("since", Form::Time),
    known("until", Form::Time),
    known("n", Form::Count),
    known("failed", Form::Count),
    known("failures", Form::Counts),
    known("usd", Form::Text),
    known("input_tokens", Form::Count),
    known("cached_tokens", Form::Count),
    known("output_tokens", Form::Count),
];
