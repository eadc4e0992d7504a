//! A comparison for people: a table for each native id, narrow enough for a terminal.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::commands::output::{clean, in_words, print, room, table_in, width, wrapped};
use crate::commands::say;
use crate::landscape::{Offer, Spread, Stated};
use crate::market::{Attribute, Certainty, DateKind, Reach, Value};
use crate::outlook::compared::{self, Compared, Rung, amount, capability_of, paid};
use crate::outlook::moments::age;

/// Of a line, and of what of it has no place on the line.
const INDENTS: [&str; 2] = ["  ", "    "];
/// The prices that the table shows.
const METERS: [&str; 3] = ["input", "output", "cache_read"];
const HEADER: [&str; 8] = [
    "DEPLOYMENT",
    "REACH",
    "STAGE",
    "RETIRES",
    "INPUT",
    "OUTPUT",
    "CACHED",
    "REGIONS",
];

/// Prints the comparison.
pub(super) fn tell(compared: &Compared, meters: bool) {
    let now = compared.now;
    say(&compared.model);
    let offers = &compared.offers;
    if offers.is_empty() {
        say("  no source speaks of it");
        return;
    }
    let width = width();
    for offers in offers.chunk_by(|one, next| id(one) == id(next)) {
        let Some(first) = offers.first() else {
            continue;
        };
        say("");
        say(&clean(&format!(
            "{}  {}",
            first.subject.provider, first.subject.native_id
        )));
        print(&grid(offers, width, now));
        for line in details(compared, offers, meters) {
            print(&wrapped(&clean(&line), INDENTS, width));
        }
    }
    say("");
    print(&wrapped(
        "prices in USD per 1M tokens unless another unit is named; !2027-03-01 retires then, >2027-03-01 not before",
        INDENTS,
        width,
    ));
    tell_spreads(offers, width);
    tell_ways_out(compared, width);
}

fn id(offer: &Offer) -> (&str, &str) {
    (
        offer.subject.provider.as_str(),
        offer.subject.native_id.as_str(),
    )
}

/// Offerings that differ only by region share a line.
fn grid(offers: &[Offer], width: usize, now: Timestamp) -> String {
    let mut regions: BTreeMap<Vec<String>, BTreeSet<&str>> = BTreeMap::new();
    for offer in offers {
        let region = offer.subject.region.as_str();
        regions.entry(row(offer, now)).or_default().insert(region);
    }
    let rows: Vec<Vec<String>> = regions.keys().cloned().collect();
    let taken = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        let widest = cells.map(|cell| cell.chars().count()).max().unwrap_or(0);
        widest
            .max(HEADER.get(column).map_or(0, |head| head.len()))
            .min(CELL)
            + 2
    };
    let left = width.saturating_sub(2 + (0..HEADER.len() - 1).map(taken).sum::<usize>());
    let rows: Vec<Vec<String>> = regions
        .into_iter()
        .map(|(mut row, regions)| {
            row.push(in_words(&regions, left.max(12)));
            row
        })
        .collect();
    let text = table_in(&HEADER, &rows, room().map(|room| room - 2));
    text.lines().map(|line| format!("  {line}\n")).collect()
}

/// The widest cell, but for the regions.
const CELL: usize = 24;

/// An offering as the table shows it, but for its region.
fn row(offer: &Offer, now: Timestamp) -> Vec<String> {
    let retires = offer.facts.get(&Attribute::Date(DateKind::Retires));
    let mut row = vec![
        offer
            .subject
            .deployment
            .as_deref()
            .unwrap_or("-")
            .to_string(),
        offer.reach().map_or("-", Reach::word).to_string(),
        offer.stage_at(now).word().to_string(),
        retires.map_or_else(|| "-".to_string(), |fact| marked(&fact.value)),
    ];
    row.extend(METERS.map(|meter| {
        let fact = paid(offer, meter);
        fact.map_or_else(|| "-".to_string(), |fact| amount(&fact.value))
    }));
    row
}

/// A date with the mark of how sure it is.
fn marked(value: &Value) -> String {
    match value {
        Value::Date(date) if date.certainty == Certainty::NotBefore => format!(">{}", date.text()),
        Value::Date(date) => format!("!{}", date.text()),
        other => other.to_string(),
    }
}

/// What has no column: other dates, access, where traffic goes, who says the prices, other meters.
fn details(compared: &Compared, offers: &[Offer], meters: bool) -> Vec<String> {
    let now = compared.now;
    let mut lines: BTreeMap<(u8, String), BTreeSet<&str>> = BTreeMap::new();
    for offer in offers {
        let mut add = |place: u8, line: String| {
            let region = offer.subject.region.as_str();
            lines.entry((place, line)).or_default().insert(region);
        };
        let interface = offer.facts.get(&Attribute::Interface);
        let calls = compared.called.to(offer);
        let rung = Rung::of(offer, calls.as_ref());
        let rung = rung.map(|rung| format!("access: {}", rung.word()));
        let calls = calls.map(|calls| compared::words(&calls, now));
        let said = interface
            .map(|fact| fact.value.to_string())
            .into_iter()
            .chain(rung)
            .chain(calls);
        let said: Vec<String> = said.collect();
        if !said.is_empty() {
            add(0, said.join(", "));
        }
        for (probe, dates) in dated(offer) {
            add(1, format!("dates by {probe}: {}", dates.join(", ")));
        }
        match (offer.reach(), capability_of(offer, "destination_regions")) {
            // of such a profile only some of the regions are named
            (Some(Reach::Global), _) => add(2, "leads anywhere".to_string()),
            (_, Some(regions)) => add(2, format!("leads to {regions}")),
            (_, None) => {}
        }
        for (place, line) in priced(offer, meters, now) {
            add(place, line);
        }
    }
    let count = offers.iter().map(|offer| offer.subject.region.as_str());
    let count = count.collect::<BTreeSet<_>>().len();
    let line = |((_, line), regions): ((u8, String), BTreeSet<&str>)| match regions.len() {
        some if some < count => format!("{line} ({})", in_words(&regions, 40)),
        _ => line,
    };
    lines.into_iter().map(line).collect()
}

/// Who says which of its dates.
fn dated(offer: &Offer) -> BTreeMap<&str, Vec<String>> {
    let mut said: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (word, kind) in [
        ("launch", DateKind::Launch),
        ("legacy", DateKind::Legacy),
        ("deprecated", DateKind::Deprecated),
        ("retires", DateKind::Retires),
    ] {
        if let Some(fact) = offer.facts.get(&Attribute::Date(kind)) {
            let dates = said.entry(fact.source.probe.as_str()).or_default();
            dates.push(format!("{word} {}", marked(&fact.value)));
        }
    }
    said
}

/// Who says the prices since when, and the other meters.
fn priced(offer: &Offer, meters: bool, now: Timestamp) -> Vec<(u8, String)> {
    let prices = || {
        let facts = offer.facts.iter();
        facts.filter(|(attribute, _)| matches!(attribute, Attribute::Price(_)))
    };
    let others: Vec<String> = prices()
        .filter(|(attribute, _)| {
            METERS
                .iter()
                .all(|meter| **attribute != Attribute::price(meter))
        })
        .map(|(attribute, fact)| {
            let name = attribute.to_string();
            let name = name.trim_start_matches("price.");
            match meters {
                true => format!("{name} {}", amount(&fact.value)),
                false => name.to_string(),
            }
        })
        .collect();
    let said_by = METERS
        .iter()
        .find_map(|meter| offer.facts.get(&Attribute::price(meter)));
    let said_by = said_by.map(|fact| {
        let since = fact.since.strftime("%Y-%m-%d");
        let confirmed = fact
            .confirmed_at
            .map_or(String::new(), |at| format!(", confirmed {}", age(now, at)));
        (
            3,
            format!("prices by {} since {since}{confirmed}", fact.source.probe),
        )
    });
    let others = (!others.is_empty()).then(|| {
        let hint = if meters { "" } else { " (--meters)" };
        (4, format!("also priced: {}{hint}", others.join(", ")))
    });
    said_by.into_iter().chain(others).collect()
}

fn tell_spreads(offers: &[Offer], width: usize) {
    let lines: BTreeSet<String> = offers
        .iter()
        .flat_map(|offer| {
            let of = format!("{} {}", offer.subject.provider, offer.subject.native_id);
            offer.spreads.iter().map(move |spread| line(&of, spread))
        })
        .collect();
    if lines.is_empty() {
        return;
    }
    say("");
    say("sources differ");
    for line in lines {
        print(&wrapped(&clean(&line), INDENTS, width));
    }
}

fn line(of: &str, spread: &Spread) -> String {
    let meter = Attribute::Price(spread.meter.clone());
    let said = |stated: &Stated| {
        let value = amount(&stated.value);
        format!("{value} ({})", stated.source.probe)
    };
    format!(
        "{of} {meter}: {} against {}: {}",
        said(&spread.believed),
        said(&spread.other),
        spread.class.words()
    )
}

/// What to fall back to: where else the model is generally available, and what its providers say to move to.
fn tell_ways_out(compared: &Compared, width: usize) {
    let open: Vec<&str> = compared.open_on().into_iter().collect();
    if open.is_empty() && compared.replacements.is_empty() {
        return;
    }
    say("");
    say("to fall back to");
    if !open.is_empty() {
        let line = format!("generally available on {}", open.join(", "));
        print(&wrapped(&clean(&line), INDENTS, width));
    }
    for replacement in &compared.replacements {
        let providers: Vec<&str> = replacement.offered_on.iter().map(String::as_str).collect();
        let offered = match (&replacement.model, providers.as_slice()) {
            (None, _) => "which model that is, is not known".to_string(),
            (Some(model), []) => format!("{model}, which no source lists"),
            (Some(model), on) => format!("{model}, offered on {}", on.join(", ")),
        };
        let line = format!(
            "{}, says {}: {offered}",
            replacement.named, replacement.provider
        );
        print(&wrapped(&clean(&line), INDENTS, width));
    }
}
