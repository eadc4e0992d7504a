//! Which model a native id denotes, and when two native ids are spellings of one.

mod name;
mod packaging;
mod parts;
mod rows;
mod spelled;
mod stamp;
mod tables;
#[cfg(test)]
mod tests;
mod wanted;

use parts::{Label, Parts, Seller, Steps};
use rows::{Family, Lab};
pub use tables::provider_ids;
use tables::{Tables, tables};

pub use parts::route;
pub use wanted::Wanted;

/// What a native id denotes. It is computed from the id whenever it is asked for, and never stored: rules improve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The model, whoever sells it: `anthropic/claude-sonnet-4.5`; `None`: unknown.
    pub model: Option<String>,
    /// The dated version, where the id tells one: `openai/gpt-4o@2024-08-06`.
    pub version: Option<String>,
    /// The steps by which it was found, or why it is unknown.
    pub rule: String,
}

/// Which model a native id denotes. `provider` is ours or a registry's spelling; `None`: the id speaks for itself.
///
/// Routing prefixes, vendor labels, packaging and spelling are taken off by rule; a date stamp makes a version; what only
/// people can know stands in a reviewed table. What is left of doubt is unknown, never guessed.
pub fn identify(provider: Option<&str>, native_id: &str) -> Identity {
    let tables = tables();
    let seller = Seller {
        provider: provider.and_then(|name| tables.provider(name)),
        name: provider.unwrap_or_default().trim().to_ascii_lowercase(),
    };
    let mut steps = Steps::default();
    match find(tables, &seller, native_id, &mut steps) {
        Ok((model, stamp)) => Identity {
            version: stamp.map(|stamp| format!("{model}@{stamp}")),
            model: Some(model),
            rule: match steps.text() {
                none if none.is_empty() => "as it is".to_string(),
                taken => taken,
            },
        },
        Err(why) => Identity {
            model: None,
            version: None,
            rule: format!("unknown: {why}"),
        },
    }
}

impl Identity {
    /// Whether two ids may denote the same version of a model: a month and day (`@1120`) are those of the one that also has
    /// its year. `None`: one of them tells no version.
    pub fn is_version_of(&self, other: &Self) -> Option<bool> {
        let (ours, theirs) = (self.version.as_deref()?, other.version.as_deref()?);
        let day_of = |short: &str, long: &str| {
            let (Some((model, day)), Some((same, date))) =
                (short.split_once('@'), long.split_once('@'))
            else {
                return false;
            };
            let is_short = day.len() == 4 && date.len() == "2026-01-31".len();
            is_short && model == same && date.replace('-', "").get(4..) == Some(day)
        };
        Some(ours == theirs || day_of(ours, theirs) || day_of(theirs, ours))
    }

    /// What it denotes, as closely as the id tells: the version, else the model; `None`: unknown.
    pub fn closest(&self) -> Option<&str> {
        self.version.as_deref().or(self.model.as_deref())
    }
}

/// Our id of the provider that a registry or price list spells this way; `None`: nobody's.
pub fn provider_id(name: &str) -> Option<&'static str> {
    tables().provider(name).map(|provider| provider.id.as_str())
}

fn find(
    tables: &'static Tables,
    seller: &Seller<'_>,
    native_id: &str,
    steps: &mut Steps,
) -> Result<(String, Option<String>), String> {
    let mut parts = parts::take_apart(tables, seller, native_id, steps)?;
    let mut tokens = name::tokens(&parts.name);
    if let Some(provider) = seller.provider {
        spelled::write_out(provider, &mut tokens, steps);
    }
    let words = tokens.len();
    if words < 4 && tables.words.routers.contains(&tokens.join("-")) {
        return Err("it chooses among models".to_string());
    }
    if tokens.iter().any(|token| token == "or") {
        return Err("it names several models".to_string());
    }
    let ends = words.checked_sub(2).and_then(|at| tokens.get(at..));
    if ends.is_some_and(|ends| tables.words.capacity.contains(&ends.join("-"))) {
        return Err("it is capacity, which several models share".to_string());
    }
    lead(tables, &mut parts, &mut tokens, steps);
    let first = tokens.first().map(String::as_str);
    if let (Label::Lab(lab), Some(['v' | 'r', '0'..='9'])) = (&parts.label, first.and_then(two))
        && let Some(family) = tables.labs.get(*lab).and_then(|lab| lab.unnamed.clone())
    {
        tokens.insert(0, family);
    }
    if parts.label == Label::None
        && let Some(provider) = seller.provider
        && spelled::add_family(provider, &mut tokens)
    {
        steps.note("family left out");
    }
    let found = tables.family(&tokens);
    let family = found.as_ref().map(|found| found.family);
    let (id, lab) = maker(tables, seller, &parts, family, &tokens, steps)?;
    if let Some(found) = found {
        let rest = found.rest;
        tokens.drain(..found.tokens);
        tokens.splice(0..0, rest);
    }
    let mut stamp = packaging::version_after(&parts, lab, family, &mut tokens, steps);
    let stated = stamp::take(&mut tokens, lab, family);
    stamp = stamp.or(stated);
    if let Some(stamp) = &stamp {
        let revision = stamp.len() == 3;
        steps.note(if revision { "revision" } else { "date stamp" });
    }
    packaging::take_off(tables, &parts, lab, &mut tokens, steps);
    packaging::latest(family, &mut tokens, steps);
    stamp::releases(&mut tokens, lab);
    let respelled = [
        name::versions(&mut tokens, family),
        name::bare_version(&mut tokens, parts.revision.as_deref(), family),
        name::order(&mut tokens, family),
        spelled::versioned(lab, family, &mut tokens),
    ];
    if respelled.contains(&true) {
        steps.note("version spelling");
    }
    if let Some(family) = family {
        let words = tokens.len();
        tokens.retain(|token| !family.dropped.contains(token));
        if tokens.len() < words {
            steps.note("word that says nothing");
        }
    }
    let name = joined(family, &tokens);
    if name.is_empty() {
        return Err("no name".to_string());
    }
    excepted(tables, seller, format!("{id}/{name}"), stamp, steps)
}

fn two(text: &str) -> Option<[char; 2]> {
    let mut all = text.chars();
    Some([all.next()?, all.next()?])
}

/// Takes hosts and labels off the begin of a name, where a family's name follows: FW-GLM-5.2, Meta-Llama-3.1.
fn lead(tables: &Tables, parts: &mut Parts, tokens: &mut Vec<String>, steps: &mut Steps) {
    let is_host = |token: &String| tables.words.hosts.contains(token);
    if tokens.first().is_some_and(is_host) && follows(tables, tokens.get(1..).unwrap_or_default()) {
        tokens.remove(0);
        steps.note("host prefix");
    }
    if !tokens
        .first()
        .is_some_and(|token| tables.begins_label(token))
    {
        return;
    }
    let labelled = |count: usize| {
        let lab = tables.label(&tokens.get(..count)?.concat())?;
        let rest = tokens.get(count..).filter(|rest| !rest.is_empty())?;
        Some((count, lab, rest))
    };
    let its_own = |(_, lab, rest): &(usize, usize, &[String])| {
        let found = tables.family(rest);
        found.is_some_and(|found| found.family.maker == *lab)
    };
    let found = (1..=3).filter_map(labelled).find(its_own);
    // a label before a name that no family is known by
    let alone = || {
        let strange = parts.label == Label::None && tables.family(tokens).is_none();
        (1..=3).rev().filter(|_| strange).find_map(labelled)
    };
    let Some((count, lab, _)) = found.or_else(alone) else {
        return;
    };
    tokens.drain(..count);
    steps.note("vendor label");
    if parts.label == Label::None {
        parts.label = Label::Lab(lab);
    }
}

/// Whether a family's name stands here, or a label and then one.
fn follows(tables: &Tables, tokens: &[String]) -> bool {
    let labelled = tokens
        .first()
        .is_some_and(|token| tables.label(token).is_some());
    tables.family(tokens).is_some() || labelled
}

/// Whose model it is: the lab's id, and what is known of it.
fn maker<'t>(
    tables: &'t Tables,
    seller: &Seller<'_>,
    parts: &Parts,
    family: Option<&Family>,
    tokens: &[String],
    steps: &mut Steps,
) -> Result<(String, Option<&'t Lab>), String> {
    let home = |id: &Option<String>| id.as_deref().and_then(|id| tables.lab(id));
    let own = seller.provider.and_then(|provider| home(&provider.lab));
    let at_home = seller.provider.and_then(|provider| home(&provider.home));
    let family = tables.within(tokens).or(family.map(|family| family.maker));
    let lab = match &parts.label {
        Label::Lab(lab) => {
            let hosts = tables.labs.get(*lab).is_some_and(|lab| lab.hosts);
            family.filter(|_| hosts && !parts.dotted).unwrap_or(*lab)
        }
        Label::Stated(label) => return Ok((label.clone(), None)),
        Label::None => match (own, family, at_home) {
            (Some(lab), ..) => {
                steps.note("the provider's own");
                lab
            }
            (None, Some(lab), _) => {
                steps.note("family");
                lab
            }
            (None, None, Some(lab)) => {
                steps.note("the provider's own");
                lab
            }
            (None, None, None) => return Err("no lab is known by this name".to_string()),
        },
    };
    let lab = tables.labs.get(lab);
    let id = lab.map(|lab| lab.id.clone()).unwrap_or_default();
    Ok((id, lab))
}

fn joined(family: Option<&Family>, tokens: &[String]) -> String {
    let Some(family) = family else {
        return tokens.join("-");
    };
    let mut name = family.called().to_string();
    for (at, token) in tokens.iter().enumerate() {
        let is_version = token.starts_with(|c: char| c.is_ascii_digit()) && !name::is_size(token);
        if !(at == 0 && family.glued && is_version) {
            name.push('-');
        }
        name.push_str(token);
    }
    name
}

/// What the reviewed table says of a name that the rules found.
fn excepted(
    tables: &'static Tables,
    seller: &Seller<'_>,
    mut name: String,
    mut stamp: Option<String>,
    steps: &mut Steps,
) -> Result<(String, Option<String>), String> {
    // one exception may lead to the name of another, never further
    for _ in 0..2 {
        let Some(exception) = tables.exception(&name, stamp.as_deref(), seller.provider) else {
            break;
        };
        if exception.unknown {
            return Err(exception.reason.clone());
        }
        steps.note(&exception.reason);
        stamp = stamp.or_else(|| exception.stamp.clone());
        match &exception.model {
            Some(model) => name.clone_from(model),
            None => break,
        }
    }
    Ok((name, stamp))
}

/// The form in which spellings of one native id are equal: lower case, one separator, `%2F` decoded.
/// Routing prefixes, date stamps and versions stay: they make another offering.
pub fn normal_form(native_id: &str) -> String {
    let mut form = String::with_capacity(native_id.len());
    let decoded = native_id.replace("%2F", "/").replace("%2f", "/");
    for c in decoded.trim().chars() {
        let c = c.to_ascii_lowercase();
        if c.is_alphanumeric() {
            form.push(c);
        } else if !form.ends_with('-') {
            form.push('-');
        }
    }
    form.trim_matches('-').to_string()
}

/// The form in which the keys of one model at one provider are equal: the normal form without a routing prefix
/// (`us.`, `eu.`, `global.` …; facts: aws-bedrock.md §11). Twins share a group, never a history.
pub fn twin_form(native_id: &str) -> String {
    normal_form(parts::without_routing(native_id).unwrap_or(native_id))
}
