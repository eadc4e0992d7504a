//! Incidents: those that go on first, what was measured here beside what status pages state; and how much of the time was up.

mod line;
mod up;

use jiff::Timestamp;
use minijinja::Value as Safe;
use serde::Serialize;

use crate::outlook::availability::strips;
use crate::outlook::incidents::{EndBy, Row, Wanted, Whose, evidence, measured, rows};
use crate::render::link;
use crate::render::report::strips_chart;
use crate::store::{AllIncidents as _, Series, SeriesKind};
use crate::web::answer::Answer;
use crate::web::page::{self, Moment};
use crate::web::refusal::Refusal;
use crate::web::route::Asked;
use crate::web::shown::{Choice, choices, drawn, moment, one_of, told_at, visible};
use crate::web::{links, shown};

/// Unless a time is asked for.
const SINCE: &str = "30d";
/// Incidents that are listed.
const LISTED: usize = 300;
/// Characters of a foreign text.
const TEXT: usize = 300;

#[derive(Serialize)]
struct View {
    form: Form,
    from: Moment,
    until: Moment,
    open: Vec<RowView>,
    past: Vec<RowView>,
    more: usize,
    timeline: Option<Safe>,
    uptimes: Vec<up::Up>,
    chart: Option<Safe>,
    has_objectives: bool,
    /// What the words of ends mean.
    ends: &'static str,
}

#[derive(Serialize)]
struct Form {
    providers: Vec<Choice>,
    regions: Vec<Choice>,
    hosts: Vec<Choice>,
    only: Vec<Choice>,
    open: bool,
    since: String,
    until: String,
    is_narrowed: bool,
}

#[derive(Serialize)]
struct RowView {
    began: Moment,
    lasted: String,
    provider: (String, String),
    measured: Option<String>,
    evidence: Option<String>,
    judged: Option<Moment>,
    stated: Option<String>,
    impact: Option<String>,
    places: String,
    shown: Option<Moment>,
    link: Option<String>,
    first: Option<String>,
}

/// Makes the page.
pub(super) fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (query, now) = (&asked.query, asked.now);
    let zone = &asked.site.means.settings.zone;
    let since = match moment(asked, "since")? {
        Some(since) => since,
        None => crate::outlook::moments::moment(SINCE, zone, now).unwrap_or(Timestamp::MIN),
    };
    let until = moment(asked, "until")?.unwrap_or(now).min(now);
    if since >= until {
        return Err(Refusal::Wrong(format!(
            "since: expected a time before {until}, found {since}"
        )));
    }
    let all = rows(
        asked.store.own_incidents(since, until)?,
        asked.store.stated_incidents(since, until)?,
    );
    let names = |of: fn(&Row) -> Option<&str>| {
        let named = all.iter().filter_map(of).filter(|name| !name.is_empty());
        let names: std::collections::BTreeSet<&str> = named.collect();
        names
    };
    let mut providers = names(|row| Some(row.provider()));
    let declared = asked.site.means.endpoints.iter();
    providers.extend(declared.map(|(endpoint, _)| endpoint.provider.as_str()));
    let probes = asked.site.means.probes.iter();
    providers.extend(probes.map(|(probe, _)| probe.provider.as_str()));
    let regions = names(|row| row.own.as_ref().map(|own| own.region.as_str()));
    let hosts = names(|row| row.own.as_ref().map(|own| own.host.as_str()));
    let provider = one_of(query, "provider", &providers)?;
    let region = one_of(query, "region", &regions)?;
    let host = one_of(query, "host", &hosts)?;
    let only = one_of(query, "only", Whose::ALL.map(Whose::word))?;
    let open = query.flag("open")?;
    let wanted = Wanted {
        provider: provider.map(str::to_string),
        region: region.map(str::to_string),
        host: host.map(str::to_string),
        open,
        only: only.and_then(Whose::from_word),
    };
    let kept: Vec<&Row> = all.iter().filter(|row| wanted.has(row)).collect();
    let is_measured = |series: &Series| {
        series.kind != SeriesKind::Source
            && provider.is_none_or(|provider| provider == series.provider)
            && region.is_none_or(|region| region == series.region)
            && host.is_none_or(|host| host == series.host)
    };
    let stood = strips(asked.store, (since, until), now, is_measured)?;
    let form = Form {
        is_narrowed: open
            || [provider, region, host, only].iter().any(Option::is_some)
            || query.one("since")?.is_some()
            || query.one("until")?.is_some(),
        providers: choices(providers.iter().copied(), provider),
        regions: choices(regions.iter().copied(), region),
        hosts: choices(hosts.iter().copied(), host),
        only: choices(Whose::ALL.map(Whose::word), only),
        open,
        since: query.one("since")?.unwrap_or_default().to_string(),
        until: query.one("until")?.unwrap_or_default().to_string(),
    };
    let (going, past): (Vec<&Row>, Vec<&Row>) = kept.iter().partition(|row| row.goes_on());
    let told = |rows: &[&Row]| -> Vec<RowView> {
        let shown = rows.iter().take(LISTED);
        shown.map(|row| row_view(asked, row)).collect()
    };
    let view = View {
        from: told_at(asked, since),
        until: told_at(asked, until),
        open: told(&going),
        past: told(&past),
        more: going.len().saturating_sub(LISTED) + past.len().saturating_sub(LISTED),
        timeline: line::timeline(&kept, [since, until], zone).map(Safe::from_safe_string),
        uptimes: up::uptimes(asked, (since, until), is_measured)?,
        chart: strips_chart(&stood)
            .map(|chart| drawn(&chart))
            .transpose()?,
        has_objectives: asked.site.means.settings.objectives != Default::default(),
        form,
        ends: EndBy::MEANING,
    };
    let title = ("/incidents", "Incidents");
    page::page(asked.site, title, "incidents.html", &view)
}

fn row_view(asked: &Asked<'_>, row: &Row) -> RowView {
    let text = |text: &str| visible(text, TEXT);
    let (own, stated) = (row.own.as_ref(), row.stated.as_ref());
    let name = row.provider();
    RowView {
        began: told_at(asked, row.begin()),
        lasted: row.lasted_in_words(asked.now),
        provider: (links::provider(name), text(name)),
        measured: own.map(|own| text(&measured(own))),
        evidence: own.map(evidence),
        judged: own.map(|own| told_at(asked, own.seen)),
        stated: stated.map(|stated| text(&stated.name)),
        impact: stated.and_then(|stated| stated.impact.as_deref()).map(text),
        places: stated.map_or(String::new(), |stated| {
            shown::visible(&stated.places.join(", "), TEXT)
        }),
        shown: stated.map(|stated| told_at(asked, stated.seen)),
        link: stated.and_then(|stated| link(stated.link.as_deref()?)),
        first: row.first_in_words(),
    }
}
