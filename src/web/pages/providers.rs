//! Providers side by side.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::latency::percent;
use crate::market::{Indicator, ProviderKind};
use crate::outlook::providers::{Line, lines};
use crate::web::answer::Answer;
use crate::web::page;
use crate::web::refusal::Refusal;
use crate::web::route::Asked;
use crate::web::shared::Link;
use crate::web::site::Site;

#[derive(Serialize)]
struct View {
    /// The day whose numbers are shown.
    day: Option<String>,
    lines: Vec<LineView>,
}

/// What a line shows; what is not known is empty.
#[derive(Serialize)]
pub(super) struct LineView {
    provider: Link,
    kind: &'static str,
    models: usize,
    to_come: usize,
    regions: usize,
    news: u64,
    firm: usize,
    not_before: usize,
    incidents: usize,
    sources: usize,
    good: usize,
    flagships: Option<String>,
    only_here: Option<String>,
    lag: Option<String>,
    basket: Option<String>,
    median: Option<String>,
    uptime: Option<String>,
}

/// Makes the page.
pub(super) fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let whole = asked.site.landscape(asked.store, asked.now)?;
    let (mut all, day) = lines(asked.store, &whole, &kinds(asked.site), asked.now)?;
    all.sort_by_key(|line| std::cmp::Reverse(line.models));
    let view = View {
        day: day.map(|day| day.to_string()),
        lines: all.iter().map(LineView::of).collect(),
    };
    page::page(
        asked.site,
        ("/providers", "Providers"),
        "providers.html",
        &view,
    )
}

/// What kind of place each provider is, as far as probes say.
pub(super) fn kinds(site: &Site) -> BTreeMap<String, ProviderKind> {
    let probes = site.means.probes.iter();
    probes
        .map(|(probe, _)| (probe.provider.to_string(), probe.provider_kind))
        .collect()
}

impl LineView {
    pub fn of(line: &Line) -> Self {
        let counted = |name: &str, told: fn(&Indicator) -> String| line.counted.get(name).map(told);
        let with_n = |indicator: &Indicator| match indicator.n {
            Some(n) => format!("{} (n {n})", indicator.value),
            None => indicator.value.to_string(),
        };
        Self {
            provider: Link::provider(&line.provider),
            kind: line.kind.map_or("", ProviderKind::word),
            models: line.models,
            to_come: line.to_come,
            regions: line.regions,
            news: line.news,
            firm: line.firm,
            not_before: line.not_before,
            incidents: line.incidents,
            sources: line.sources,
            good: line.good,
            flagships: counted("coverage", |share| {
                let of = share.n.unwrap_or(0);
                format!("{:.0} of {of}", share.value * of as f64)
            }),
            only_here: counted("exclusive", |count| count.value.to_string()),
            lag: counted("parity_lag", with_n),
            basket: counted("basket", with_n),
            median: counted("latency_median_ms", |median| {
                format!("{:.0} ms (n {})", median.value, median.n.unwrap_or(0))
            }),
            uptime: counted("uptime", |share| {
                format!("{} (n {})", percent(share.value), share.n.unwrap_or(0))
            }),
        }
    }
}
