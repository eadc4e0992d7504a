//! The cost calculator: a workload on every offering within its bounds.

mod asked;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::landscape::{Choice as Priced, Rejected, Workload, choices as priced};
use crate::market::{Attribute, DateKind, amount_for_people};
use crate::outlook::costs::{Line, Unclear, denoted, lines, meant, offers};
use crate::web::answer::Answer;
use crate::web::page;
use crate::web::pages::landscape::cell::class;
use crate::web::refusal::Refusal;
use crate::web::route::Asked;
use crate::web::shared::Link;

/// Lines that are shown in each currency unless more are asked for.
const LINES: usize = 50;
/// Offerings that are left out and named.
const LEFT_OUT: usize = 300;

#[derive(Serialize)]
struct View {
    form: asked::Form,
    result: Option<Calculated>,
    /// What is not clear yet.
    unclear: Option<String>,
}

#[derive(Serialize)]
struct Calculated {
    name: String,
    words: String,
    bounds: Option<String>,
    lines: Vec<LineView>,
    hidden: usize,
    more: String,
    cheapest: Vec<Cheapest>,
    assumptions: Vec<(char, &'static str)>,
    left_out: Vec<LeftOut>,
    nobody: Vec<Link>,
}

#[derive(Serialize)]
struct LineView {
    per_month: String,
    premium: Option<String>,
    model: Link,
    provider: Link,
    native_id: String,
    deployment: Option<String>,
    regions: Vec<String>,
    more: usize,
    stage: &'static str,
    class: &'static str,
    retires: Option<String>,
    marks: String,
    items: Vec<Item>,
}

/// A line of the bill.
#[derive(Serialize)]
struct Item {
    meter: String,
    tokens: String,
    price: String,
    amount: String,
    source: String,
    since: String,
}

#[derive(Serialize)]
struct Cheapest {
    amount: String,
    at: Vec<(Link, Link)>,
}

#[derive(Serialize)]
struct LeftOut {
    reason: String,
    count: usize,
    /// Where they are to be named.
    offerings: Vec<String>,
}

/// Makes the page.
pub(super) fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let declared = &asked.site.means.settings.workloads;
    let given = asked::given(asked, declared)?;
    let (all, limit) = (asked.query.flag("all")?, asked::limit(asked)?);
    let mut result = None;
    let unclear = match meant(declared, &given) {
        Ok(workload) => {
            result = Some(calculated(asked, &workload, all, limit)?);
            None
        }
        // a form that has not been filled in yet is no mistake
        Err(Unclear::Nothing) => Some(
            "Fill in the tokens of one request, or declare a [[workload]] in the configuration."
                .to_string(),
        ),
        Err(Unclear::Several(_)) => {
            Some("Choose a workload, or fill in the tokens of one request.".to_string())
        }
        Err(problem) => return Err(Refusal::Wrong(problem.to_string())),
    };
    let view = View {
        form: asked::form(asked, declared, &given, all)?,
        result,
        unclear,
    };
    page::page(asked.site, ("/cost", "Cost calculator"), "cost.html", &view)
}

fn calculated(
    asked: &Asked<'_>,
    workload: &Workload,
    all: bool,
    limit: usize,
) -> Result<Calculated, Refusal> {
    let wanted = denoted(&workload.models);
    let wanted = wanted.map_err(|problem| Refusal::Wrong(format!("model: {problem}")))?;
    let by_model = offers(asked.store, &wanted)?;
    let offered = by_model
        .iter()
        .flat_map(|(model, offers)| offers.iter().map(move |offer| (model.as_str(), offer)));
    let (found, rejected) = priced(offered, workload, asked.now);
    let marks: BTreeMap<_, char> = found
        .iter()
        .flat_map(|choice| choice.cost.assumptions.iter().copied())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .zip('a'..='z')
        .collect();
    let (mut shown, mut hidden) = (Vec::new(), 0);
    for of_currency in found.chunk_by(|one, next| one.cost.currency == next.cost.currency) {
        let lines = lines(of_currency);
        hidden += lines.len().saturating_sub(limit);
        let told = lines.iter().take(limit);
        shown.extend(
            told.map(|line| line_view(asked, line, |assumption| marks.get(assumption).copied())),
        );
    }
    let nobody = by_model.iter().filter(|(_, offers)| offers.is_empty());
    Ok(Calculated {
        name: workload.name.clone(),
        words: workload.in_words(),
        bounds: workload.bounds.in_words(),
        lines: shown,
        hidden,
        more: asked.query.address("/cost", "limit", Some("1000")),
        cheapest: cheapest(&found),
        assumptions: marks
            .iter()
            .map(|(assumption, mark)| (*mark, assumption.words()))
            .collect(),
        left_out: left_out(&rejected, all),
        nobody: nobody.map(|(model, _)| Link::model(model)).collect(),
    })
}

fn line_view(
    asked: &Asked<'_>,
    line: &Line<'_>,
    mark: impl Fn(&crate::landscape::Assumption) -> Option<char>,
) -> LineView {
    const NAMED: usize = 4;
    let Priced {
        model,
        offer,
        cost,
        premium,
    } = line.choice;
    let stage = offer.stage_at(asked.now);
    let retires = offer.facts.get(&Attribute::Date(DateKind::Retires));
    let stated: Vec<&str> = line
        .regions
        .iter()
        .copied()
        .filter(|region| *region != "*")
        .collect();
    let items = cost.items.iter().map(|item| Item {
        meter: Attribute::Price(item.meter.clone()).to_string(),
        tokens: item.tokens.to_string(),
        price: item.price.to_string(),
        amount: amount_for_people(item.amount, cost.currency),
        source: item.stated.source.to_string(),
        since: item.stated.since.strftime("%Y-%m-%d").to_string(),
    });
    LineView {
        per_month: amount_for_people(cost.per_month, cost.currency),
        premium: premium.map(|percent| format!("+{percent} %")),
        model: Link::model(model),
        provider: Link::provider(offer.subject.provider.as_str()),
        native_id: offer.subject.native_id.to_string(),
        deployment: offer.subject.deployment.as_deref().map(str::to_string),
        regions: stated.iter().take(NAMED).map(ToString::to_string).collect(),
        more: stated.len().saturating_sub(NAMED),
        stage: stage.word(),
        class: class(stage),
        retires: retires.map(|fact| fact.value.to_string()),
        marks: cost.assumptions.iter().filter_map(mark).collect(),
        items: items.collect(),
    }
}

/// The cheapest of each currency.
fn cheapest(found: &[Priced<'_>]) -> Vec<Cheapest> {
    const NAMED: usize = 3;
    let by_currency = found.chunk_by(|one, next| one.cost.currency == next.cost.currency);
    let cheapest = by_currency.filter_map(|choices| {
        let least = &choices.first()?.cost;
        let equal = choices
            .iter()
            .filter(|choice| choice.cost.per_month == least.per_month);
        let equal: BTreeSet<(&str, &str)> = equal
            .map(|choice| (choice.model, choice.offer.subject.provider.as_str()))
            .collect();
        let at = equal.into_iter().take(NAMED);
        Some(Cheapest {
            amount: amount_for_people(least.per_month, least.currency),
            at: at
                .map(|(model, provider)| (Link::model(model), Link::provider(provider)))
                .collect(),
        })
    });
    cheapest.collect()
}

fn left_out(rejected: &[Rejected<'_>], all: bool) -> Vec<LeftOut> {
    let mut reasons: BTreeMap<&str, Vec<&Rejected<'_>>> = BTreeMap::new();
    for one in rejected {
        reasons.entry(&one.reason).or_default().push(one);
    }
    let mut left_out: Vec<LeftOut> = reasons
        .into_iter()
        .map(|(reason, group)| LeftOut {
            reason: reason.to_string(),
            count: group.len(),
            offerings: group
                .iter()
                .take(if all { LEFT_OUT } else { 0 })
                .map(|one| {
                    let subject = &one.offer.subject;
                    let deployment = subject.deployment.as_deref().unwrap_or("–");
                    format!(
                        "{} {} {} {deployment}",
                        subject.provider, subject.native_id, subject.region
                    )
                })
                .collect(),
        })
        .collect();
    left_out.sort_by_key(|one| std::cmp::Reverse(one.count));
    left_out
}
