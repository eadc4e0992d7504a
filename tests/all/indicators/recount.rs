//! The indicators once more, slowly: from the tables of the database and the words of docs/indicators.md alone, day by day and
//! model by model. Only what a native id denotes is taken from the program.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde_json::{Value as Json, json};

const DAY: i64 = 86_400_000;

/// What is asked of claims.
const ATTRIBUTES: [&str; 7] = [
    "listed",
    "stage",
    "interface",
    "price.input",
    "price.output",
    "date.retires",
    "date.launch",
];

/// A row of the table of claims.
#[derive(Debug, Clone)]
struct Claim {
    source: usize,
    subject: usize,
    attribute: String,
    value: Json,
    opened: i64,
    closed: Option<i64>,
    /// Whether the first reading of its source that speaks of its provider said so.
    is_baseline: bool,
}

/// A row of the table of sources, with its good readings.
#[derive(Debug)]
struct Source {
    name: String,
    authority: u8,
    readings: Vec<i64>,
}

/// A row of the table of subjects, with what it denotes.
#[derive(Debug)]
struct Subject {
    provider: String,
    native_id: String,
    region: String,
    deployment: Option<String>,
    model: Option<String>,
    version: Option<String>,
}

/// An offering on one day.
#[derive(Debug, Clone)]
struct Offering {
    region: String,
    stage: String,
    interfaces: BTreeSet<String>,
    /// 3 × input + output in millionths of a millionth of a USD.
    price: Option<i128>,
    /// The last day, and whether it is committed.
    retires: Option<(i64, bool)>,
    only_registries: bool,
}

/// A model at a provider on one day.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    pub stage: String,
    pub regions: BTreeSet<String>,
    pub interfaces: BTreeSet<String>,
    pub price: Option<i128>,
    pub retires: Option<(i64, bool)>,
    /// The earliest day on which anybody says that it came out.
    pub launch: Option<i64>,
    pub only_registries: bool,
}

/// Provider and model.
pub type Place = (String, String);

/// One day of the landscape.
#[derive(Debug)]
pub struct Day {
    pub number: i64,
    pub cells: BTreeMap<Place, Cell>,
    /// The same without what baselines of this day say.
    pub without_baselines: BTreeMap<Place, Cell>,
}

impl Cell {
    pub fn is_there(&self) -> bool {
        self.stage != "announced" && self.stage != "retired"
    }

    pub fn is_offered(&self) -> bool {
        self.is_there() && self.stage != "preview" && self.stage != "limited"
    }

    /// Whether a registry alone tells of what came out long before.
    pub fn is_listed_late(&self, day: i64) -> bool {
        self.only_registries && self.launch.is_some_and(|launch| day - launch > 60)
    }

    pub fn is_generally_available(&self) -> bool {
        self.stage == "ga" || self.stage == "unknown"
    }
}

/// A number's name, provider and what it is of; its value and what it was counted from.
pub type Numbers = BTreeMap<(String, String, String), (f64, Option<usize>)>;

/// The first offering of a model at a provider: the day, and whether it was there before anybody watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct First {
    pub day: i64,
    pub is_censored: bool,
}

/// A whole history.
pub struct Recount {
    pub days: Vec<Day>,
    pub resellers: BTreeSet<String>,
    pub lines: Vec<Vec<String>>,
    pub baskets: Vec<(i64, Vec<String>)>,
    /// By provider: the first day on which a source spoke of it.
    pub watched_since: BTreeMap<String, i64>,
    /// By provider, the market's under no name: the price basket on every day on which it has a price, and of how many models.
    indexes: BTreeMap<String, BTreeMap<i64, (f64, usize)>>,
}

pub fn number_of(day: &str) -> i64 {
    let day: Date = day.parse().expect("a day");
    let epoch = jiff::civil::date(1970, 1, 1);
    i64::from((day - epoch).get_days())
}

pub fn text_of(day: i64) -> String {
    let span = jiff::Span::new().days(day);
    jiff::civil::date(1970, 1, 1)
        .checked_add(span)
        .expect("a day")
        .to_string()
}

/// Which model each subject denotes, as the program tells it.
pub type Tells<'a> = dyn Fn(&str) -> Vec<Json> + 'a;

struct Tables {
    sources: Vec<Source>,
    subjects: Vec<Subject>,
    claims: Vec<Claim>,
}

fn tables(database: &Path, tells: &Tells<'_>) -> Tables {
    let connection = rusqlite::Connection::open(database).expect("a database");
    let mut sources: Vec<Source> = Vec::new();
    let mut source_places: BTreeMap<i64, usize> = BTreeMap::new();
    let mut statement = connection
        .prepare("SELECT id, probe, scope, authority FROM source")
        .expect("sources");
    let mut rows = statement.query([]).expect("sources");
    while let Some(row) = rows.next().expect("a row") {
        let (id, authority): (i64, String) = (row.get(0).expect("id"), row.get(3).expect("word"));
        let (probe, scope): (String, String) =
            (row.get(1).expect("id"), row.get(2).expect("scope"));
        source_places.insert(id, sources.len());
        let ranks = ["registry", "provider-page", "provider-api"];
        let rank = ranks.iter().position(|rank| *rank == authority);
        sources.push(Source {
            name: format!("{probe}@{scope}"),
            authority: u8::try_from(rank.expect("an authority")).expect("a rank"),
            readings: Vec::new(),
        });
    }
    let mut statement = connection
        .prepare("SELECT source, at, outcome FROM reading")
        .expect("readings");
    let mut rows = statement.query([]).expect("readings");
    while let Some(row) = rows.next().expect("a row") {
        let outcome: String = row.get(2).expect("a word");
        if ["ok", "same", "held"].contains(&outcome.as_str()) {
            let source = source_places[&row.get::<_, i64>(0).expect("a source")];
            sources[source].readings.push(row.get(1).expect("a time"));
        }
    }
    let mut subjects: Vec<Subject> = Vec::new();
    let mut subject_places: BTreeMap<i64, usize> = BTreeMap::new();
    let mut statement = connection
        .prepare("SELECT id, provider, native_id, region, deployment FROM subject WHERE kind = 'offering'")
        .expect("subjects");
    let mut rows = statement.query([]).expect("subjects");
    let mut asked = String::new();
    while let Some(row) = rows.next().expect("a row") {
        subject_places.insert(row.get(0).expect("id"), subjects.len());
        let subject = Subject {
            provider: row.get(1).expect("text"),
            native_id: row.get(2).expect("text"),
            region: row.get(3).expect("text"),
            deployment: row.get(4).expect("text"),
            model: None,
            version: None,
        };
        let question = json!({ "provider": subject.provider, "native_id": subject.native_id });
        asked.push_str(&format!("{question}\n"));
        subjects.push(subject);
    }
    for (subject, told) in subjects.iter_mut().zip(tells(&asked)) {
        assert_eq!(told["native_id"].as_str(), Some(&*subject.native_id));
        subject.model = told["model"].as_str().map(str::to_string);
        subject.version = told["version"].as_str().map(str::to_string);
    }
    let mut claims: Vec<Claim> = Vec::new();
    let mut statement = connection
        .prepare("SELECT source, subject, attribute, value, opened_at, closed_at FROM claim")
        .expect("claims");
    let mut rows = statement.query([]).expect("claims");
    let mut baselines: BTreeMap<(usize, String), i64> = BTreeMap::new();
    while let Some(row) = rows.next().expect("a row") {
        let (source, subject): (i64, i64) = (row.get(0).expect("id"), row.get(1).expect("id"));
        let Some(subject) = subject_places.get(&subject).copied() else {
            continue;
        };
        let source = source_places[&source];
        let opened: i64 = row.get(4).expect("a time");
        let first = baselines
            .entry((source, subjects[subject].provider.clone()))
            .or_insert(opened);
        *first = opened.min(*first);
        let attribute: String = row.get(2).expect("text");
        if ATTRIBUTES.contains(&attribute.as_str()) {
            let value: String = row.get(3).expect("text");
            claims.push(Claim {
                source,
                subject,
                attribute,
                value: serde_json::from_str(&value).expect("JSON"),
                opened,
                closed: row.get(5).expect("a time"),
                is_baseline: false,
            });
        }
    }
    for claim in &mut claims {
        let provider = subjects[claim.subject].provider.clone();
        claim.is_baseline = baselines[&(claim.source, provider)] == claim.opened;
    }
    Tables {
        sources,
        subjects,
        claims,
    }
}

/// A decimal in millionths of millionths.
fn decimal(text: &str) -> i128 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    assert!(part.len() <= 12, "{text} has more digits than are counted");
    let digits = format!("{whole}{part:0<12}");
    digits.parse().expect("a decimal")
}

/// A day of a lifecycle, and whether it is committed; of a month its first day.
fn date_of(value: &Json) -> (i64, bool) {
    let day = value["date"].as_str().expect("a day");
    let day = match day.len() {
        7 => format!("{day}-01"),
        _ => day.to_string(),
    };
    (number_of(&day), value["certainty"] == "firm")
}

fn best_stage_first(stage: &str) -> usize {
    let order = [
        "ga",
        "limited",
        "preview",
        "legacy",
        "deprecated",
        "unknown",
        "announced",
        "retired",
    ];
    order
        .iter()
        .position(|word| *word == stage)
        .expect("a stage")
}

impl Tables {
    /// Every model at every provider by the claims that are open at a moment and that `counts` admits.
    fn cells(&self, day: i64, counts: impl Fn(&Claim) -> bool) -> BTreeMap<Place, Cell> {
        let end = (day + 1) * DAY - 1;
        let mut open: BTreeMap<Place, Vec<&Claim>> = BTreeMap::new();
        for claim in &self.claims {
            let is_open = claim.opened <= end && claim.closed.is_none_or(|closed| closed > end);
            let subject = &self.subjects[claim.subject];
            if let Some(model) = &subject.model
                && is_open
                && counts(claim)
            {
                let place = (subject.provider.clone(), model.clone());
                open.entry(place).or_default().push(claim);
            }
        }
        let mut cells = BTreeMap::new();
        for (place, claims) in open {
            let offerings = self.offerings(day, &claims);
            if !offerings.is_empty() {
                let launches = claims
                    .iter()
                    .filter(|claim| claim.attribute == "date.launch");
                let launch = launches.map(|claim| date_of(&claim.value).0).min();
                let cell = cell(day, &offerings);
                cells.insert(place, Cell { launch, ..cell });
            }
        }
        cells
    }

    /// The offerings of one model at one provider, of which these are all claims.
    fn offerings(&self, day: i64, claims: &[&Claim]) -> Vec<Offering> {
        let end = (day + 1) * DAY - 1;
        let mut listed: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for claim in claims {
            if claim.attribute == "listed" && claim.value == json!(true) {
                listed.entry(claim.subject).or_default().push(claim.source);
            }
        }
        let only_registries = |sources: &Vec<usize>| {
            sources
                .iter()
                .all(|source| self.sources[*source].authority == 0)
        };
        // what a registry lists and the provider itself does, too, is one offering told twice
        let own: Vec<usize> = listed
            .iter()
            .filter(|(_, sources)| !only_registries(sources))
            .map(|(subject, _)| *subject)
            .collect();
        let is_told_again = |subject: usize| {
            own.iter().any(|other| {
                let (other, subject) = (&self.subjects[*other], &self.subjects[subject]);
                let of = |subject: &Subject| subject.version.clone().or(subject.model.clone());
                other.native_id == subject.native_id || of(other) == of(subject)
            })
        };
        let mut offerings = Vec::new();
        for (subject, sources) in &listed {
            if only_registries(sources) && is_told_again(*subject) {
                continue;
            }
            let here = &self.subjects[*subject];
            // who speaks of this id in this region, or of no region
            let holds = |claim: &&&Claim| {
                let other = &self.subjects[claim.subject];
                other.native_id == here.native_id
                    && (other.region == here.region || other.region == "*")
                    && (other.deployment.is_none() || other.deployment == here.deployment)
            };
            let close: Vec<&&Claim> = claims.iter().filter(holds).collect();
            // a source counts as read up to its last good reading
            let last_reading = |claim: &Claim| {
                let last = self.sources[claim.source].readings.iter().max();
                last.map(|at| (*at).min(end))
            };
            let latest = close.iter().filter_map(|claim| last_reading(claim)).max();
            let best = |attribute: &str| -> Option<&Json> {
                let said = close.iter().filter(|claim| claim.attribute == attribute);
                let said = said.max_by_key(|claim| {
                    let other = &self.subjects[claim.subject];
                    let age = latest.unwrap_or(end) - last_reading(claim).unwrap_or(end);
                    (
                        age <= 30 * DAY,
                        self.sources[claim.source].authority,
                        other.region == here.region,
                        other.deployment == here.deployment,
                        claim.opened,
                        std::cmp::Reverse(&self.sources[claim.source].name),
                    )
                });
                said.map(|claim| &claim.value)
            };
            let price = |meter: &str| match best(meter) {
                Some(Json::String(text)) => Some(decimal(text)).filter(|price| *price != 0),
                _ => None,
            };
            let retires = best("date.retires").map(date_of);
            let stage = best("stage").and_then(Json::as_str).unwrap_or("unknown");
            let is_over = retires.is_some_and(|(last, is_firm)| is_firm && last < day);
            let interfaces = match best("interface") {
                Some(Json::String(word)) => BTreeSet::from([word.clone()]),
                Some(Json::Array(words)) => words
                    .iter()
                    .map(|word| word.as_str().expect("a word").to_string())
                    .collect(),
                _ => BTreeSet::new(),
            };
            offerings.push(Offering {
                region: here.region.clone(),
                stage: if is_over { "retired" } else { stage }.to_string(),
                interfaces,
                price: price("price.input")
                    .zip(price("price.output"))
                    .map(|(input, output)| 3 * input + output),
                retires,
                only_registries: only_registries(sources),
            });
        }
        offerings
    }
}

fn cell(day: i64, offerings: &[Offering]) -> Cell {
    let best = offerings
        .iter()
        .min_by_key(|offering| best_stage_first(&offering.stage))
        .expect("an offering");
    let mut cell = Cell {
        stage: best.stage.clone(),
        only_registries: offerings.iter().all(|offering| offering.only_registries),
        ..Cell::default()
    };
    let mut lasts = Vec::new();
    for offering in offerings {
        if offering.stage != "announced" && offering.stage != "retired" {
            cell.interfaces.extend(offering.interfaces.iter().cloned());
            if let Some(price) = offering.price {
                cell.price = Some(cell.price.map_or(price, |lowest| lowest.min(price)));
            }
        }
        if offering.stage == cell.stage {
            if offering.region != "*" {
                cell.regions.insert(offering.region.clone());
            }
            lasts.extend(offering.retires);
        }
    }
    // of the same day the firm one holds
    let to_come = lasts.iter().filter(|(last, _)| *last >= day);
    let nearest = to_come.min_by_key(|(last, is_firm)| (*last, !is_firm));
    cell.retires = nearest
        .or(lasts.iter().max_by_key(|(last, _)| *last))
        .copied();
    cell
}

impl Recount {
    /// The history in a database from its first claim to the day `last`.
    pub fn new(database: &Path, tells: &Tells<'_>, last: &str) -> Self {
        let tables = tables(database, tells);
        let opened = tables.claims.iter().map(|claim| claim.opened);
        let first = opened.min().expect("a claim").div_euclid(DAY);
        let mut watched_since: BTreeMap<String, i64> = BTreeMap::new();
        for claim in &tables.claims {
            let provider = tables.subjects[claim.subject].provider.clone();
            let day = claim.opened.div_euclid(DAY);
            let since = watched_since.entry(provider).or_insert(day);
            *since = day.min(*since);
        }
        let days = (first..=number_of(last)).map(|number| {
            let of_today = |claim: &Claim| claim.opened.div_euclid(DAY) == number;
            let cells = tables.cells(number, |_| true);
            let has_baseline = |claim: &Claim| claim.is_baseline && of_today(claim);
            let without_baselines = match tables.claims.iter().any(has_baseline) {
                true => tables.cells(number, |claim| !has_baseline(claim)),
                false => cells.clone(),
            };
            Day {
                number,
                cells,
                without_baselines,
            }
        });
        let (lines, baskets) = reference();
        let mut recount = Self {
            days: days.collect(),
            resellers: resellers(),
            lines,
            baskets,
            watched_since,
            indexes: BTreeMap::new(),
        };
        let sellers = recount.watched_since.keys().map(String::as_str);
        let indexes = sellers
            .chain([""])
            .map(|provider| (provider.to_string(), recount.index(provider)));
        recount.indexes = indexes.collect();
        recount
    }

    pub fn day(&self, number: i64) -> Option<&Day> {
        let first = self.days.first()?.number;
        let place = usize::try_from(number - first).ok()?;
        self.days.get(place)
    }

    fn is_reseller(&self, provider: &str) -> bool {
        self.resellers.contains(provider)
    }

    /// Everything that is counted of a day.
    pub fn numbers(&self, number: i64) -> Numbers {
        let mut numbers = Numbers::new();
        let Some(today) = self.day(number) else {
            return numbers;
        };
        self.count_models(today, &mut numbers);
        self.count_moves(today, &mut numbers);
        self.count_coverage(today, &mut numbers);
        self.count_lags(today, &mut numbers);
        self.count_sources(today, &mut numbers);
        self.count_prices(today, &mut numbers);
        self.count_ends(today, &mut numbers);
        numbers
    }

    fn count_models(&self, today: &Day, numbers: &mut Numbers) {
        let mut regions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for ((provider, model), cell) in &today.cells {
            one_more(numbers, "models_by_stage", provider, &cell.stage);
            if !cell.is_there() {
                continue;
            }
            let lab = model.split('/').next().expect("a lab");
            one_more(numbers, "models", provider, "");
            one_more(numbers, "models_by_lab", provider, lab);
            for interface in &cell.interfaces {
                one_more(numbers, "models_by_interface", provider, interface);
            }
            let named = regions.entry(provider).or_default();
            named.extend(cell.regions.iter().map(String::as_str));
        }
        for (provider, regions) in regions {
            set(numbers, "regions", provider, "", regions.len() as f64, None);
        }
    }

    /// Models that came and went at every provider on a day.
    pub fn moves(&self, number: i64) -> (Vec<Place>, Vec<Place>) {
        let none = BTreeMap::new();
        let yesterday = self.day(number - 1).map_or(&none, |day| &day.cells);
        let today = self.day(number).expect("a day");
        let is_there = |cells: &BTreeMap<Place, Cell>, place: &Place| {
            cells.get(place).is_some_and(Cell::is_there)
        };
        let came = today.without_baselines.keys().filter(|place| {
            is_there(&today.without_baselines, place) && is_there(&today.cells, place)
        });
        let came = came.filter(|place| !is_there(yesterday, place)).cloned();
        let went = yesterday
            .keys()
            .filter(|place| is_there(yesterday, place) && !is_there(&today.cells, place));
        (came.collect(), went.cloned().collect())
    }

    fn count_moves(&self, today: &Day, numbers: &mut Numbers) {
        let (came, went) = self.moves(today.number);
        for (provider, _) in came {
            one_more(numbers, "added", &provider, "");
        }
        for (provider, _) in went {
            one_more(numbers, "removed", &provider, "");
        }
    }

    /// The flagships of a day, one for each line that has one.
    pub fn flagships(&self, today: &Day) -> Vec<String> {
        let mut flagships = Vec::new();
        for line in &self.lines {
            let mut best: Option<(Vec<u64>, usize, String)> = None;
            for ((_, model), cell) in &today.cells {
                for (place, pattern) in line.iter().enumerate() {
                    if let Some(version) = version_in(model, pattern)
                        && cell.is_generally_available()
                    {
                        let candidate = (version, place, model.clone());
                        if best.as_ref().is_none_or(|best| *best < candidate) {
                            best = Some(candidate);
                        }
                    }
                }
            }
            flagships.extend(best.map(|(_, _, model)| model));
        }
        flagships
    }

    /// How many flagships each provider has.
    pub fn covered(&self, today: &Day) -> BTreeMap<String, usize> {
        let mut covered: BTreeMap<String, usize> = BTreeMap::new();
        for flagship in self.flagships(today) {
            for ((provider, model), cell) in &today.cells {
                if *model == flagship && cell.is_generally_available() {
                    *covered.entry(provider.clone()).or_default() += 1;
                }
            }
        }
        covered
    }

    fn count_coverage(&self, today: &Day, numbers: &mut Numbers) {
        let n = self.flagships(today).len();
        for (provider, covered) in self.covered(today) {
            let share = covered as f64 / n as f64;
            set(numbers, "coverage", &provider, "", share, Some(n));
        }
    }

    /// The first offering of a model at every provider, as known at the end of a day.
    pub fn firsts(&self, number: i64) -> BTreeMap<String, BTreeMap<String, First>> {
        let mut firsts: BTreeMap<String, BTreeMap<String, First>> = BTreeMap::new();
        for day in self.days.iter().filter(|day| day.number <= number) {
            let yesterday = self.day(day.number - 1);
            for (place, cell) in day.cells.iter().filter(|(_, cell)| cell.is_offered()) {
                let (provider, model) = place;
                let seen = day.without_baselines.get(place);
                let was_listed = yesterday.is_some_and(|day| day.cells.contains_key(place));
                let catches_up = cell.is_listed_late(day.number) && !was_listed;
                let of_model = firsts.entry(model.clone()).or_default();
                of_model.entry(provider.clone()).or_insert(First {
                    day: day.number,
                    is_censored: !seen.is_some_and(Cell::is_offered) || catches_up,
                });
            }
        }
        firsts
    }

    fn count_lags(&self, today: &Day, numbers: &mut Numbers) {
        let mut lags: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        for firsts in self.firsts(today.number).values() {
            let anywhere = first_anywhere(firsts);
            if firsts.len() < 2 || anywhere.is_censored || today.number - anywhere.day > 365 {
                continue;
            }
            for (provider, first) in firsts {
                if !first.is_censored {
                    let lag = first.day - anywhere.day;
                    lags.entry(provider.clone()).or_default().push(lag);
                }
            }
        }
        for (provider, mut lags) in lags {
            lags.sort_unstable();
            let middle = lags.len() / 2;
            let median = match lags.len() % 2 {
                1 => lags[middle] as f64,
                _ => (lags[middle - 1] + lags[middle]) as f64 / 2.0,
            };
            set(
                numbers,
                "parity_lag",
                &provider,
                "",
                median,
                Some(lags.len()),
            );
        }
    }

    /// Who has a model, resellers aside.
    pub fn sources_of<'a>(&self, today: &'a Day, wanted: &str) -> Vec<&'a str> {
        let mut providers = Vec::new();
        for ((provider, model), cell) in &today.cells {
            if model == wanted && cell.is_there() && !self.is_reseller(provider) {
                providers.push(provider.as_str());
            }
        }
        providers
    }

    fn count_sources(&self, today: &Day, numbers: &mut Numbers) {
        let models: BTreeSet<&str> = today
            .cells
            .keys()
            .map(|(_, model)| model.as_str())
            .collect();
        set(numbers, "single_source", "", "", 0.0, None);
        for model in models {
            if let [only] = self.sources_of(today, model)[..] {
                one_more(numbers, "exclusive", only, "");
                one_more(numbers, "single_source", "", "");
            }
        }
    }

    /// The models of the basket that holds on a day.
    pub fn basket(&self, number: i64) -> &[String] {
        let held = self.baskets.iter().filter(|(from, _)| *from <= number);
        held.max_by_key(|(from, _)| *from)
            .map_or(&[], |(_, models)| models)
    }

    /// What a model costs on a day at a provider, or at the cheapest that is no reseller.
    pub fn price(&self, today: &Day, provider: &str, wanted: &str) -> Option<i128> {
        let mut lowest: Option<i128> = None;
        for ((seller, model), cell) in &today.cells {
            let is_asked = match provider {
                "" => !self.is_reseller(seller),
                provider => seller == provider,
            };
            if let Some(price) = cell.price
                && model == wanted
                && is_asked
                && lowest.is_none_or(|lowest| price < lowest)
            {
                lowest = Some(price);
            }
        }
        lowest
    }

    /// The market's price basket on a day.
    pub fn market_index(&self, day: i64) -> Option<f64> {
        let (index, _) = self.indexes.get("")?.get(&day)?;
        Some(*index)
    }

    fn index(&self, provider: &str) -> BTreeMap<i64, (f64, usize)> {
        let mut indexes = BTreeMap::new();
        let mut index: Option<f64> = None;
        let mut known: BTreeMap<String, i128> = BTreeMap::new();
        let mut before: &[String] = &[];
        for day in &self.days {
            let basket = self.basket(day.number);
            let is_other = basket != before;
            let mut steps: Vec<f64> = Vec::new();
            let mut priced: BTreeMap<String, i128> = BTreeMap::new();
            for model in basket {
                let Some(price) = self.price(day, provider, model) else {
                    continue;
                };
                priced.insert(model.clone(), price);
                if let Some(last) = known.get(model)
                    && (!is_other || before.contains(model))
                {
                    steps.push((price as f64 / *last as f64).ln());
                }
            }
            if !steps.is_empty() {
                let mean = steps.iter().sum::<f64>() / steps.len() as f64;
                index = index.map(|index| index * mean.exp());
            } else if !priced.is_empty() && index.is_none() {
                index = Some(100.0);
            }
            let n = priced.len();
            known.retain(|model, _| basket.contains(model));
            known.extend(priced);
            before = basket;
            if let Some(index) = index.filter(|_| n > 0) {
                indexes.insert(day.number, (index, n));
            }
        }
        indexes
    }

    fn count_prices(&self, today: &Day, numbers: &mut Numbers) {
        for (provider, index) in &self.indexes {
            if let Some((index, n)) = index.get(&today.number) {
                set(numbers, "basket", provider, "", *index, Some(*n));
            }
        }
        let mut priced = 0;
        let mut cheapest: BTreeMap<String, usize> = BTreeMap::new();
        for model in self.basket(today.number) {
            let Some(lowest) = self.price(today, "", model) else {
                continue;
            };
            priced += 1;
            for ((provider, other), cell) in &today.cells {
                if other == model && cell.price == Some(lowest) && !self.is_reseller(provider) {
                    *cheapest.entry(provider.clone()).or_default() += 1;
                }
            }
        }
        for (provider, models) in cheapest {
            set(
                numbers,
                "cheapest",
                &provider,
                "",
                models as f64,
                Some(priced),
            );
        }
    }

    fn count_ends(&self, today: &Day, numbers: &mut Numbers) {
        for ((provider, _), cell) in &today.cells {
            let to_come = |(last, _): &(i64, bool)| cell.is_there() && *last >= today.number;
            let Some((day, is_firm)) = cell.retires.filter(to_come) else {
                continue;
            };
            let name = if is_firm {
                "retiring_firm"
            } else {
                "retiring_not_before"
            };
            for days in [30, 90, 180] {
                if day - today.number <= days {
                    one_more(numbers, name, provider, &format!("{days}d"));
                }
            }
        }
    }
}

/// The first offering anywhere.
pub fn first_anywhere(firsts: &BTreeMap<String, First>) -> First {
    let day = firsts.values().map(|first| first.day).min();
    let day = day.expect("a provider");
    let mut is_censored = true;
    for first in firsts.values() {
        if first.day == day && !first.is_censored {
            is_censored = false;
        }
    }
    First { day, is_censored }
}

/// The version in a model's name where a pattern has `#`; empty for a pattern without one.
fn version_in(model: &str, pattern: &str) -> Option<Vec<u64>> {
    let Some((before, after)) = pattern.split_once('#') else {
        return (model == pattern).then(Vec::new);
    };
    let version = model.strip_prefix(before)?.strip_suffix(after)?;
    let parts = version.split('.').map(|part| part.parse().ok());
    parts.collect()
}

fn one_more(numbers: &mut Numbers, name: &str, provider: &str, of: &str) {
    let key = (name.to_string(), provider.to_string(), of.to_string());
    numbers.entry(key).or_insert((0.0, None)).0 += 1.0;
}

fn set(numbers: &mut Numbers, name: &str, provider: &str, of: &str, value: f64, n: Option<usize>) {
    let key = (name.to_string(), provider.to_string(), of.to_string());
    numbers.insert(key, (value, n));
}

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

type Models = Vec<String>;

/// Lines of flagships, and baskets with the day from which they hold.
fn reference() -> (Vec<Models>, Vec<(i64, Models)>) {
    let text = std::fs::read_to_string(project("data/indicators.toml")).expect("a file");
    let table: toml::Table = text.parse().expect("TOML");
    let models = |entry: &toml::Value| -> Vec<String> {
        let models = entry["models"].as_array().expect("models");
        let words = models.iter().map(|model| model.as_str().expect("a word"));
        words.map(str::to_string).collect()
    };
    let lines = table["line"].as_array().expect("lines");
    let baskets = table["basket"].as_array().expect("baskets");
    let basket = |entry: &toml::Value| {
        let from = entry["from"].as_str().expect("a day");
        (number_of(from), models(entry))
    };
    (
        lines.iter().map(models).collect(),
        baskets.iter().map(basket).collect(),
    )
}

/// The providers whose probe file says that they are gateways.
fn resellers() -> BTreeSet<String> {
    let files = std::fs::read_dir(project("probes")).expect("a folder");
    let texts = files.map(|file| std::fs::read_to_string(file.expect("a file").path()));
    let tables = texts.map(|text| text.expect("text").parse::<toml::Table>().expect("TOML"));
    tables
        .filter(|table| table.get("kind").and_then(toml::Value::as_str) == Some("gateway"))
        .map(|table| table["provider"].as_str().expect("a word").to_string())
        .collect()
}
