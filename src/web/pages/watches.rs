//! What the configuration's watches fit now, what touched them lately, and who hears of it.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::changes::evidence_page;
use crate::alerting::{Policy, Route, Scope, When};
use crate::landscape::Cell;
use crate::market::{Certainty, Price, Stage};
use crate::outlook::news::{Asked as Wanted, page as news, touched};
use crate::outlook::watched::{Watched, watched};
use crate::render::{one_line, title};
use crate::store::ChangeFilter;
use crate::web::answer::Answer;
use crate::web::links;
use crate::web::page::{self, Moment};
use crate::web::refusal::Refusal;
use crate::web::route::Asked;
use crate::web::shown::{spoken, told_at};

/// What touched a watch is looked for so far back.
const LATELY: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Entries that are looked at, and shown of each watch.
const LOOKS: usize = 200;
const SHOWN: usize = 8;
/// Models of a watch that are shown.
const MODELS: usize = 60;
/// Characters of a headline.
const HEADLINE: usize = 300;

#[derive(Serialize)]
struct View {
    watches: Vec<WatchView>,
}

#[derive(Serialize)]
struct WatchView {
    name: String,
    wants: Vec<String>,
    missing: Vec<String>,
    rows: Vec<RowView>,
    models: usize,
    more: usize,
    lately: Vec<(String, String, Moment)>,
    more_lately: usize,
    routes: Vec<String>,
}

#[derive(Serialize)]
struct RowView {
    model: String,
    link: String,
    provider: (String, String),
    stage: String,
    is_ending: bool,
    offerings: usize,
    regions: String,
    retires: Option<String>,
    input: Option<String>,
    output: Option<String>,
}

/// Makes the page.
pub(super) fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let policy = asked.site.means.settings.policy();
    let found = watched(asked.store, &policy, asked.now)?;
    let mut watches: Vec<WatchView> = found.iter().map(watch_view).collect();
    if !watches.is_empty() {
        tell_lately(asked, &policy, &mut watches)?;
    }
    let view = View { watches };
    page::page(asked.site, ("/watches", "Watches"), "watches.html", &view)
}

/// What touched each of them, the newest first.
fn tell_lately(
    asked: &Asked<'_>,
    policy: &Policy,
    watches: &mut [WatchView],
) -> Result<(), Refusal> {
    let since = asked.now.checked_sub(LATELY).unwrap_or(Timestamp::MIN);
    let wanted = Wanted {
        filter: ChangeFilter {
            since: Some(since),
            ..ChangeFilter::default()
        },
        watched_by: Some(policy),
        before: None,
        most: LOOKS,
    };
    for entry in news(asked.store, &wanted)?.entries {
        let names = touched(asked.store, policy, &entry.changes)?;
        let Some(lead) = entry.lead() else { continue };
        let all: Vec<_> = entry.changes.iter().collect();
        for watch in watches.iter_mut() {
            if !names.contains(watch.name.as_str()) {
                continue;
            }
            match watch.lately.len() < SHOWN {
                true => watch.lately.push((
                    evidence_page(lead),
                    one_line(&title(&all), HEADLINE),
                    told_at(asked, lead.change.confirmed_at),
                )),
                false => watch.more_lately += 1,
            }
        }
    }
    Ok(())
}

fn watch_view(watched: &Watched<'_>) -> WatchView {
    let cells = watched.found.rows.iter().flat_map(|row| {
        let cells = row.cells.iter();
        cells.map(|(provider, cell)| row_view(&row.model, provider, cell))
    });
    let all = watched.found.rows.iter().map(|row| row.cells.len());
    let all: usize = all.sum();
    WatchView {
        name: watched.name.to_string(),
        wants: watched.scopes.iter().map(|scope| in_words(scope)).collect(),
        missing: watched
            .missing
            .iter()
            .map(|(word, model)| match model {
                Some(model) => format!(
                    "{word}: nothing is offered within these bounds that is {model}, by any source that is read"
                ),
                None if word.contains(['*', '?']) => {
                    format!("{word}: nothing that is known fits this")
                }
                None => format!("{word}: nobody knows a model of this name; is it spelt as it is meant?"),
            })
            .collect(),
        models: watched.found.rows.len(),
        rows: cells.take(MODELS).collect(),
        more: all.saturating_sub(MODELS),
        lately: Vec::new(),
        more_lately: 0,
        routes: watched.routes.iter().map(|route| route_in_words(route)).collect(),
    }
}

fn row_view(model: &str, provider: &str, cell: &Cell) -> RowView {
    let regions: Vec<&str> = cell.regions.iter().map(|region| &**region).collect();
    let price = |price: &Option<Price>| {
        let price = price.as_ref();
        price.map(|price| format!("{} {}", price.amount.normalize(), price.currency.code()))
    };
    RowView {
        link: links::model(model),
        model: model.to_string(),
        provider: (links::provider(provider), provider.to_string()),
        is_ending: matches!(cell.stage, Stage::Deprecated | Stage::Retired),
        stage: match cell.stage {
            Stage::Unknown => "not said".to_string(),
            stage => spoken(stage.word()),
        },
        offerings: cell.offerings,
        regions: match regions.as_slice() {
            [] => String::new(),
            few if few.len() <= 3 => few.join(", "),
            several => format!("{} regions", several.len()),
        },
        retires: cell.retires.map(|day| {
            let at = day.starts().strftime("%Y-%m-%d");
            match day.certainty {
                Certainty::Firm => at.to_string(),
                Certainty::NotBefore => format!("not before {at}"),
            }
        }),
        input: price(&cell.input),
        output: price(&cell.output),
    }
}

/// What a watch wants, part by part.
fn in_words(scope: &Scope) -> String {
    let joined = |words: Vec<String>| words.join(", ");
    let models = scope.models.iter().map(|model| model.word().to_string());
    let places = scope.places.iter().map(ToString::to_string);
    let reach = scope.reach.iter().map(|reach| reach.word().to_string());
    let interfaces = scope.interfaces.iter().map(|one| one.word().to_string());
    let parts = [
        ("models", joined(models.collect())),
        ("providers", scope.providers.join(", ")),
        ("regions", joined(places.collect())),
        ("reach", joined(reach.collect())),
        ("interfaces", joined(interfaces.collect())),
        ("topics", scope.topics.join(", ")),
    ];
    let told = parts.into_iter().filter(|(_, words)| !words.is_empty());
    let told: Vec<String> = told
        .map(|(name, words)| format!("{name}: {words}"))
        .collect();
    told.join("; ")
}

fn route_in_words(route: &Route) -> String {
    let when = match &route.when {
        When::AtOnce => "at once".to_string(),
        When::Digest(schedule) => format!("in a digest, {schedule}"),
    };
    let to = match route.recipients.as_slice() {
        [] => "nobody yet".to_string(),
        some => some.join(", "),
    };
    let from = route.takes.minimum.word();
    let kinds = route.takes.kinds.iter().map(|kind| spoken(kind.word()));
    let kinds: Vec<String> = kinds.collect();
    let only = match kinds.is_empty() {
        true => String::new(),
        false => format!("only {}, ", kinds.join(", ")),
    };
    format!("{}: {only}from {from} on, {when}, to {to}", route.name)
}
