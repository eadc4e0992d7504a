//! The cost calculator: a workload on every offering within its bounds.

use std::collections::BTreeMap;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::Serialize;

use crate::landscape::{Bounds, Choice as Priced, MOST, Rejected, Workload, choices as priced};
use crate::market::{
    Attribute, DateKind, Interface, Place, Reach, RegionSet, Stage, amount_for_people,
};
use crate::outlook::costs::{Given, Line, Unclear, denoted, lines, meant, offers, share_from_text};
use crate::outlook::known::Known;
use crate::web::answer::Answer;
use crate::web::page;
use crate::web::pages::landscape::cell::class;
use crate::web::pages::landscape::filter::INTERFACES;
use crate::web::refusal::Refusal;
use crate::web::route::Asked;
use crate::web::shared::{Link, ticked};
use crate::web::shown::{Choice, choices, one_of};

/// Lines that are shown in each currency unless more are asked for.
const LINES: usize = 50;
/// How far traffic may travel.
const REACHES: [Reach; 3] = [Reach::InRegion, Reach::Geo, Reach::Global];
/// Offerings that are left out and named.
const LEFT_OUT: usize = 300;

#[derive(Serialize)]
struct View {
    form: Form,
    result: Option<Calculated>,
    /// What is not clear yet.
    unclear: Option<String>,
}

/// The form, filled in as it was.
#[derive(Serialize)]
struct Form {
    workloads: Vec<Choice>,
    models: String,
    input: String,
    output: String,
    requests: String,
    cached: String,
    cache_writes: String,
    batch: String,
    region: String,
    places: Vec<&'static str>,
    providers: Vec<Choice>,
    reaches: Vec<Choice>,
    stages: Vec<Choice>,
    interfaces: Vec<Choice>,
    all: bool,
    has_bounds: bool,
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
    let given = given(asked, declared)?;
    let (all, limit) = (asked.query.flag("all")?, limit(asked)?);
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
        form: form(asked, declared, &given, all)?,
        result,
        unclear,
    };
    page::page(asked.site, ("/cost", "Cost calculator"), "cost.html", &view)
}

fn given(asked: &Asked<'_>, declared: &[Workload]) -> Result<Given, Refusal> {
    let query = &asked.query;
    let names = declared.iter().map(|one| one.name.as_str());
    let count = |key, expected: &str| {
        query.parsed(key, expected, |text| {
            let text = text.replace([',', '_', ' '], "");
            u64::from_str(&text).ok().filter(|count| *count <= MOST)
        })
    };
    let share = |key| query.parsed(key, "a share from 0 to 1, such as 0.25", share_from_text);
    let models = query
        .all("model")
        .into_iter()
        .flat_map(|models| models.split(','));
    let models = models.map(str::trim).filter(|model| !model.is_empty());
    let regions = query
        .all("region")
        .into_iter()
        .flat_map(|places| places.split(','));
    let bounds = Bounds {
        providers: query
            .all("provider")
            .into_iter()
            .map(str::to_string)
            .collect(),
        places: regions.filter_map(Place::from_word).collect(),
        reach: words(asked, "reach", REACHES.map(Reach::word), Reach::from_word)?,
        stages: words(
            asked,
            "stage",
            Stage::ALL.map(Stage::word),
            Stage::from_word,
        )?,
        interface: one_of(query, "interface", INTERFACES.map(Interface::word))?
            .and_then(Interface::from_word),
    };
    let known = Known::of_history(asked.store)?;
    let means = &asked.site.means;
    let known = known.with_declared(&means.probes, &means.endpoints);
    let key = |key: &str| key.trim_end_matches('s').to_string();
    let problems = known.problems(&bounds, key);
    if !problems.is_empty() {
        return Err(Refusal::Wrong(problems.join("; ")));
    }
    Ok(Given {
        workload: one_of(query, "workload", names)?.map(str::to_string),
        models: models.map(str::to_string).collect(),
        input: count("input", "tokens of one request")?,
        output: count("output", "tokens of one answer")?,
        requests: count("requests", "requests a month")?,
        cached: share("cached")?,
        cache_writes: share("cache_writes")?,
        batch: share("batch")?,
        bounds,
    })
}

/// Every value of a key, each one of a few words.
fn words<T>(
    asked: &Asked<'_>,
    key: &'static str,
    known: impl IntoIterator<Item = &'static str>,
    from_word: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, Refusal> {
    let known: Vec<&str> = known.into_iter().collect();
    let wrong = |found: &str| {
        let (known, found) = (known.join(", "), crate::render::one_line(found, 80));
        Refusal::Wrong(format!("{key}: expected one of {known}, found '{found}'"))
    };
    let all = asked.query.all(key).into_iter();
    all.map(|word| from_word(word).ok_or_else(|| wrong(word)))
        .collect()
}

fn limit(asked: &Asked<'_>) -> Result<usize, Refusal> {
    let expected = "a number of lines from 1 to 1000";
    let limit = asked.query.parsed("limit", expected, |text| {
        text.parse()
            .ok()
            .filter(|limit| (1..=1_000).contains(limit))
    })?;
    Ok(limit.unwrap_or(LINES))
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
        .collect::<std::collections::BTreeSet<_>>()
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
        let equal: std::collections::BTreeSet<(&str, &str)> = equal
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

fn form(
    asked: &Asked<'_>,
    declared: &[Workload],
    given: &Given,
    all: bool,
) -> Result<Form, Refusal> {
    let whole = asked.site.landscape(asked.store, asked.now)?;
    let bounds = &given.bounds;
    let count = |count: Option<u64>| count.map_or(String::new(), |count| count.to_string());
    let share = |share: Option<Decimal>| share.map_or(String::new(), |share| share.to_string());
    let places = bounds.places.iter().map(Place::to_string);
    let is_one = |all: &[String], name: &str| all.iter().any(|one| one == name);
    Ok(Form {
        workloads: choices(
            declared.iter().map(|one| one.name.as_str()),
            given.workload.as_deref(),
        ),
        models: given.models.join(", "),
        input: count(given.input),
        output: count(given.output),
        requests: count(given.requests),
        cached: share(given.cached),
        cache_writes: share(given.cache_writes),
        batch: share(given.batch),
        region: Vec::from_iter(places).join(", "),
        places: RegionSet::all()
            .iter()
            .map(|set| set.name.as_str())
            .collect(),
        providers: ticked(whole.spoken_of.iter().map(String::as_str), |name| {
            is_one(&bounds.providers, name)
        }),
        reaches: ticked(REACHES.map(Reach::word), |word| {
            bounds.reach.iter().any(|one| one.word() == word)
        }),
        stages: ticked(Stage::ALL.map(Stage::word), |word| {
            bounds.stages.iter().any(|one| one.word() == word)
        }),
        interfaces: choices(
            INTERFACES.map(Interface::word),
            bounds.interface.map(Interface::word),
        ),
        all,
        has_bounds: *bounds != Bounds::default(),
    })
}
