//! When the landscape shifted, once more: from the second count and the words of docs/indicators.md.

use std::collections::{BTreeMap, BTreeSet};

use super::recount::{Cell, Place, Recount, text_of};

/// Day, provider, what it is about, and the headline with its numbers.
pub type Shift = (String, String, String, String);

/// Every shift of a history; `watched` are the models that the user watches.
pub fn shifts(recount: &Recount, watched: &[&str]) -> Vec<Shift> {
    let mut all = Vec::new();
    leaders(recount, "coverage", &mut all, &covered);
    leaders(recount, "cheapest", &mut all, &cheapest_alone);
    basket_moves(recount, &mut all);
    bursts(recount, &mut all);
    last_sources(recount, watched, &mut all);
    all.sort();
    all
}

fn shift(day: i64, provider: &str, subject: &str, title: String) -> Shift {
    let (provider, subject) = (provider.to_string(), subject.to_string());
    (text_of(day), provider, subject, title)
}

/// What came to and went from providers on a day in the records alone.
fn moved_in_records(recount: &Recount, day: i64) -> BTreeSet<Place> {
    let today = recount.day(day).expect("a day");
    let there = |number: i64, place: &Place| {
        let day = recount.day(number);
        day.is_some_and(|day| day.cells.get(place).is_some_and(Cell::is_there))
    };
    let mut places = BTreeSet::new();
    for (place, cell) in &today.cells {
        let seen = today.without_baselines.get(place);
        if there(day, place) && !there(day - 1, place) {
            let is_baseline = !seen.is_some_and(Cell::is_there);
            if is_baseline || catches_up(recount, day, place, cell) {
                places.insert(place.clone());
            }
        }
    }
    let (_, went) = recount.moves(day);
    places.extend(
        went.into_iter()
            .filter(|place| is_dropped(recount, day, place)),
    );
    places
}

/// A day as it would be without what came and went in the records alone on it.
fn without_records(recount: &Recount, day: i64) -> BTreeMap<Place, Cell> {
    let mut cells = recount.day(day).expect("a day").cells.clone();
    for place in moved_in_records(recount, day) {
        cells.remove(&place);
        let before = recount
            .day(day - 1)
            .and_then(|before| before.cells.get(&place));
        if let Some(before) = before {
            cells.insert(place, before.clone());
        }
    }
    cells
}

type Cells = BTreeMap<Place, Cell>;

/// How many flagships of a day each provider has.
fn covered(recount: &Recount, day: i64, cells: &Cells) -> BTreeMap<String, usize> {
    let mut all: BTreeMap<String, usize> = BTreeMap::new();
    for flagship in recount.flagships(recount.day(day).expect("a day")) {
        for ((provider, model), cell) in cells {
            if *model == flagship && cell.is_generally_available() {
                *all.entry(provider.clone()).or_default() += 1;
            }
        }
    }
    all
}

/// For how many models of the basket each provider asks less than every other, of those for which two ask a price.
fn cheapest_alone(recount: &Recount, day: i64, cells: &Cells) -> BTreeMap<String, usize> {
    let mut all: BTreeMap<String, usize> = BTreeMap::new();
    for model in recount.basket(day) {
        let mut asked: Vec<(i128, &str)> = Vec::new();
        for ((provider, other), cell) in cells {
            if let Some(price) = cell.price
                && other == model
                && !recount.resellers.contains(provider)
            {
                asked.push((price, provider));
            }
        }
        asked.sort_unstable();
        if let [(lowest, provider), (next, _), ..] = asked[..]
            && lowest < next
        {
            *all.entry(provider.to_string()).or_default() += 1;
        }
    }
    all
}

type Counts<'a> = dyn Fn(&Recount, i64, &Cells) -> BTreeMap<String, usize> + 'a;

fn leaders(recount: &Recount, subject: &str, all: &mut Vec<Shift>, count: &Counts<'_>) {
    let ahead = |day: i64, cells: &Cells| -> Option<String> {
        let mut counted = count(recount, day, cells);
        counted.retain(|provider, _| !recount.resellers.contains(provider));
        for (provider, has) in &counted {
            let mut others = counted.iter().filter(|(other, _)| *other != provider);
            if others.all(|(_, other_has)| other_has < has) {
                return Some(provider.clone());
            }
        }
        None
    };
    let mut leader: Option<String> = None;
    let mut yesterday: Option<String> = None;
    for day in &recount.days {
        let today = ahead(day.number, &day.cells);
        if let Some(first) = &today
            && today == yesterday
            && leader != today
        {
            let eve = day.number - 1;
            let is_real = ahead(eve, &without_records(recount, eve)) == today;
            if leader.is_some() && is_real {
                let title = match subject {
                    "coverage" => format!("{first} now offers most flagship models"),
                    _ => format!("{first} now asks least for most models"),
                };
                all.push(shift(day.number, first, subject, title));
            }
            leader = today.clone();
        }
        yesterday = today;
    }
}

fn basket_moves(recount: &Recount, all: &mut Vec<Shift>) {
    let mut told: Option<i64> = None;
    // as it is told: to a thousandth
    let level = |day: i64| {
        let index = recount.market_index(day)?;
        Some((index * 1_000.0).round() / 1_000.0)
    };
    for day in recount.days.iter().map(|day| day.number) {
        let (Some(base), Some(today), Some(yesterday)) =
            (level(day - 7), level(day), level(day - 1))
        else {
            continue;
        };
        // yesterday is compared with where the index stood seven days before today
        let (rise, eve) = (today / base - 1.0, yesterday / base - 1.0);
        let real = rise_without_records(recount, day);
        let is_up = rise >= 0.05 && eve >= 0.05 && real >= 0.05;
        let is_down = rise <= -0.05 && eve <= -0.05 && real <= -0.05;
        if (is_up || is_down) && told.is_none_or(|told| day - told >= 7) {
            told = Some(day);
            let way = if is_up { "rose" } else { "fell" };
            let percent = rise.abs() * 100.0;
            let title = format!("The price basket {way} {percent:.1} % in 7 days");
            all.push(shift(day, "", "basket", title));
        }
    }
}

/// By how much the models of the basket became dearer within seven days, where records alone moved nothing.
fn rise_without_records(recount: &Recount, day: i64) -> f64 {
    let before = recount.day(day - 7).expect("a day");
    let mut recorded: BTreeSet<Place> = BTreeSet::new();
    for number in day - 6..=day {
        recorded.extend(moved_in_records(recount, number));
    }
    let mut cells = recount.day(day).expect("a day").cells.clone();
    for place in recorded {
        cells.remove(&place);
        if let Some(cell) = before.cells.get(&place) {
            cells.insert(place, cell.clone());
        }
    }
    let lowest = |cells: &Cells, model: &String| {
        let asked = cells.iter().filter(|((provider, other), _)| {
            other == model && !recount.resellers.contains(provider)
        });
        asked.filter_map(|(_, cell)| cell.price).min()
    };
    let mut logs = Vec::new();
    for model in recount.basket(day) {
        if let (Some(was), Some(is)) = (lowest(&before.cells, model), lowest(&cells, model)) {
            logs.push((is as f64 / was as f64).ln());
        }
    }
    (logs.iter().sum::<f64>() / logs.len() as f64).exp() - 1.0
}

/// Whether a registry lists what came out long before, or had been there.
fn catches_up(recount: &Recount, day: i64, place: &Place, cell: &Cell) -> bool {
    let mut before = recount.days.iter().filter(|before| before.number < day);
    let was_there = before.any(|day| day.cells.get(place).is_some_and(Cell::is_there));
    cell.only_registries && was_there || cell.is_listed_late(day)
}

/// Whether a registry dropped a model of which nobody said that it ends.
fn is_dropped(recount: &Recount, day: i64, place: &Place) -> bool {
    if recount
        .day(day)
        .is_some_and(|day| day.cells.contains_key(place))
    {
        return false;
    }
    let before = recount.day(day - 1).expect("a day");
    let cell = &before.cells[place];
    let is_over = cell.retires.is_some_and(|(last, _)| last <= day);
    cell.only_registries && !is_over
}

/// What came to and went from every provider on a day, without the upkeep of registries.
fn moved(recount: &Recount, day: i64) -> [Vec<Place>; 2] {
    let (mut came, mut went) = recount.moves(day);
    let cells = &recount.day(day).expect("a day").cells;
    came.retain(|place| !catches_up(recount, day, place, &cells[place]));
    went.retain(|place| !is_dropped(recount, day, place));
    [came, went]
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() % 2 {
        1 => values[middle],
        _ => (values[middle - 1] + values[middle]) / 2.0,
    }
}

fn bursts(recount: &Recount, all: &mut Vec<Shift>) {
    let numbers = recount.days.iter().map(|day| day.number);
    let moves: BTreeMap<i64, [Vec<Place>; 2]> =
        numbers.map(|day| (day, moved(recount, day))).collect();
    for (provider, begin) in &recount.watched_since {
        for (way, (subject, word)) in [("added", "added"), ("removed", "removed")]
            .into_iter()
            .enumerate()
        {
            let within = |first: i64, last: i64| {
                let mut models: BTreeSet<&str> = BTreeSet::new();
                for (_, moved) in moves.range(first..=last) {
                    let own = moved[way].iter().filter(|(who, _)| who == provider);
                    models.extend(own.map(|(_, model)| model.as_str()));
                }
                models.len()
            };
            let mut told: Option<i64> = None;
            for day in *begin..=recount.days.last().expect("a day").number {
                let n = within(day - 6, day);
                let mut weeks: Vec<f64> = Vec::new();
                for back in 1..=12 {
                    let last = day - 7 * back;
                    if last - 6 > *begin {
                        weeks.push(within(last - 6, last) as f64);
                    }
                }
                if n < 5 || weeks.len() < 6 {
                    continue;
                }
                let usual = median(&mut weeks);
                let mut off: Vec<f64> = weeks.iter().map(|n| (n - usual).abs()).collect();
                let spread = 4.0 * 1.4826 * median(&mut off);
                let is_far = n as f64 > usual + 4.0 && n as f64 > usual + spread;
                if is_far && told.is_none_or(|told| day - told >= 7) {
                    told = Some(day);
                    let title = format!("{provider} {word} {n} models in 7 days");
                    all.push(shift(day, provider, subject, title));
                }
            }
        }
    }
}

fn last_sources(recount: &Recount, watched: &[&str], all: &mut Vec<Shift>) {
    for day in recount.days.iter().skip(2) {
        let before = recount.day(day.number - 2).expect("a day");
        let then = recount.day(day.number - 1).expect("a day");
        let flagships = recount.flagships(before);
        let [_, went] = moved(recount, then.number);
        let models: BTreeSet<&String> = went.iter().map(|(_, model)| model).collect();
        for model in models {
            let had = recount.sources_of(before, model);
            let (has, now) = (
                recount.sources_of(then, model),
                recount.sources_of(day, model),
            );
            let is_in_basket = recount.basket(then.number).contains(model);
            let matters =
                is_in_basket || flagships.contains(model) || watched.contains(&model.as_str());
            let [left] = now[..] else { continue };
            if had.len() < 2 || has != now || !had.contains(&left) || !matters {
                continue;
            }
            let ended = went
                .iter()
                .find(|(provider, other)| other == model && had.contains(&provider.as_str()));
            if let Some((ended, _)) = ended {
                let title = format!("{model} has one source left: {left}");
                all.push(shift(day.number, ended, model, title));
            }
        }
    }
}
