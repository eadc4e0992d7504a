//! What a report is told besides changes, topic by topic.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use crate::market::{Currency, LifecycleDate, WayOut};

/// Every topic; what is empty has no section.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The user's workloads, in the order of the configuration.
    pub workloads: Vec<WorkloadLine>,
    /// What ends within 180 days of the span, what is watched and what ends soonest first.
    pub ends: Vec<EndLine>,
    /// Whether anything is watched at all.
    pub has_watches: bool,
    /// The watches that changes touch, by the ids of the changes.
    pub touched: BTreeMap<String, Vec<String>>,
    /// The topics that are watched.
    pub questions: Vec<QuestionLine>,
    /// How fast models and endpoints answered.
    pub speeds: Vec<SpeedLine>,
    /// How that went over the span, of the first of them.
    pub courses: Vec<CourseLine>,
    /// How much they were up.
    pub uptimes: Vec<UptimeLine>,
    /// How that went over the span.
    pub strips: Strips,
    /// The incidents that have a part in the span.
    pub incidents: Vec<IncidentLine>,
    /// How often sources were read, by how that ended: `ok`, `timeout` …
    pub readings: BTreeMap<String, u64>,
    /// Runs that were missed while nothing ran, up to now.
    pub missed: u64,
}

/// Where a workload is cheapest within its bounds, and what it costs there by list price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// Which model.
    pub model: String,
    /// Whose.
    pub provider: String,
    /// In its own words.
    pub native_id: String,
    /// Deployment and region, as far as they are stated.
    pub place: String,
    /// What it costs a month.
    pub per_month: Decimal,
    /// Where its price stands.
    pub url: String,
}

/// What a workload costs in a currency, when the span began and when it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkloadLine {
    /// What the user calls it.
    pub name: String,
    /// Its tokens and requests.
    pub profile: String,
    /// Amounts of different currencies are not compared; `None`: at no known price.
    pub currency: Option<Currency>,
    /// Where it was cheapest at the begin.
    pub then: Option<Quote>,
    /// Where it is cheapest at the end.
    pub now: Option<Quote>,
    /// What it costs at the end where it was cheapest at the begin.
    pub stayed: Option<Decimal>,
    /// The changes of the span that explain it, by their ids.
    pub because: Vec<String>,
}

/// An end that comes: of a model at a provider on a day.
#[derive(Debug, Clone, PartialEq)]
pub struct EndLine {
    /// The dated version, the model, or the provider's own name of it.
    pub model: String,
    /// Whose.
    pub provider: String,
    /// How many of its offerings end.
    pub offerings: usize,
    /// On which day, and how sure that is.
    pub end: LifecycleDate,
    /// In how many days from the end of the span.
    pub days: i64,
    /// The watches that it touches.
    pub touched: Vec<String>,
    /// Where it stands.
    pub url: String,
    /// What to move to.
    pub way_out: WayOut,
}

/// A topic that is watched, and what was last said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuestionLine {
    /// The words of it.
    pub topic: String,
    /// The watch.
    pub watch: String,
    /// What was said last.
    pub last: Option<Said>,
    /// Since when it is listened for.
    pub since: Option<Timestamp>,
}

/// What was said of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// When we saw it.
    pub at: Timestamp,
    /// Whether that was in the span of the report.
    pub is_new: bool,
    /// What.
    pub text: String,
    /// The change that tells it.
    pub id: String,
    /// Where it stands.
    pub url: String,
}

/// How fast a model or an endpoint answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpeedLine {
    /// Whose.
    pub provider: String,
    /// A model with its region, or a way of connecting with its region.
    pub name: String,
    /// A model's durations last until its first token, an endpoint's until the last byte.
    pub is_model: bool,
    /// Good answers.
    pub n: u64,
    /// Failed ones, which enter no figure.
    pub failed: u64,
    /// The median.
    pub p50: Option<SignedDuration>,
    /// The 95th percentile.
    pub p95: Option<SignedDuration>,
    /// The 99th percentile.
    pub p99: Option<SignedDuration>,
    /// The median of the span of the same length before.
    pub before: Option<SignedDuration>,
    /// Of so many.
    pub before_n: u64,
}

/// How fast a model or an endpoint answered in the course of a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CourseLine {
    /// Whose.
    pub provider: String,
    /// As its `SpeedLine` calls it.
    pub name: String,
    /// A model's durations last until its first token, an endpoint's until the last byte.
    pub is_model: bool,
    /// Good answers.
    pub n: u64,
    /// When the span begins.
    pub from: Timestamp,
    /// When it ends.
    pub until: Timestamp,
    /// How long each point stands for.
    pub every: SignedDuration,
    /// In order; where none was measured there is none.
    pub points: Vec<CoursePoint>,
}

/// The percentiles of an hour or a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CoursePoint {
    /// When it begins.
    pub at: Timestamp,
    /// The median.
    pub p50: SignedDuration,
    /// The 95th percentile.
    pub p95: SignedDuration,
    /// The 99th percentile.
    pub p99: SignedDuration,
}

/// How providers stood, hour by hour or day by day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Strips {
    /// When the first bar begins.
    pub from: Timestamp,
    /// How long each bar stands for.
    pub every: SignedDuration,
    /// One a provider.
    pub lines: Vec<StripLine>,
}

/// How a provider stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StripLine {
    /// Whose.
    pub provider: String,
    /// One an hour or a day.
    pub bars: Vec<StripBar>,
}

/// What samples of an hour or a day say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StripBar {
    /// So many were good.
    pub good: u64,
    /// So many were bad.
    pub bad: u64,
    /// So many say nothing: the fault may be ours.
    pub unsaid: u64,
    /// Whether an incident of ours says that something was down in it.
    pub has_down: bool,
}

/// How much of a span a provider was up in a region.
#[derive(Debug, Clone, PartialEq)]
pub struct UptimeLine {
    /// Whose.
    pub provider: String,
    /// Where; empty where no region is known.
    pub region: String,
    /// The share of known time in which no incident of ours says down.
    pub by_duration: Option<f64>,
    /// The same of the span of the same length before.
    pub before: Option<f64>,
    /// How long it was down, in seconds.
    pub down: i64,
    /// The share of good samples.
    pub by_request: Option<f64>,
    /// Of so many.
    pub n: u64,
    /// What the user expects.
    pub objective: Option<f64>,
}

/// An incident of ours, of a status page, or of both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentLine {
    /// Whose.
    pub provider: String,
    /// When it began, by whoever says the earlier.
    pub began: Timestamp,
    /// When it was over for both; `None`: not in the span.
    pub ended: Option<Timestamp>,
    /// What our own samples show.
    pub measured: Option<String>,
    /// By what they show it.
    pub evidence: Option<String>,
    /// What the page states.
    pub stated: Option<String>,
    /// Where that stands.
    pub url: String,
    /// The change that tells of it.
    pub id: Option<String>,
    /// By how many seconds we saw it before the page showed it, where both did.
    pub lead: Option<i64>,
}
