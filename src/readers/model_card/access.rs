//! By which ids a model is called, and where.

use std::collections::BTreeSet;

use super::super::notes::Notes;
use super::super::table::is_region_code;
use super::page::{NO, Page, Table, YES};
use crate::market::{Certainty, LifecycleDate, Reach};

/// Where calls are sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Endpoint {
    /// `bedrock-runtime`.
    Runtime,
    /// `bedrock-mantle`, the OpenAI-compatible one.
    Mantle,
}

impl Endpoint {
    /// The only endpoint that a text names.
    pub fn named_in(text: &str) -> Option<Self> {
        match (text.contains("runtime"), text.contains("mantle")) {
            (true, false) => Some(Self::Runtime),
            (false, true) => Some(Self::Mantle),
            _ => None,
        }
    }

    /// The deployment of a call by the model's own id.
    pub fn deployment(self) -> &'static str {
        match self {
            Self::Runtime => "on-demand",
            Self::Mantle => "mantle",
        }
    }
}

/// How a model is called at one endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Where.
    pub endpoint: Endpoint,
    /// The model's own id.
    pub model: String,
    /// Whether that id can be called in a region.
    pub in_region: bool,
    /// The ids of profiles within a geography.
    pub geo: Vec<String>,
    /// The ids of global profiles.
    pub global: Vec<String>,
}

/// How far a call may travel, as a column's or row's name says: `In-Region`, `US Geo CRIS`, `Global`.
pub fn reach_in(text: &str) -> Option<Reach> {
    let text = text.to_lowercase();
    if text.contains("global") {
        Some(Reach::Global)
    } else if text.contains("geo") {
        Some(Reach::Geo)
    } else if text.contains("in-region") || text.contains("in region") {
        Some(Reach::InRegion)
    } else {
        None
    }
}

/// One way to call a model in one region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The id that is called.
    pub id: String,
    /// Where.
    pub region: String,
    /// The term of the deployment.
    pub deployment: String,
    /// A remark in place of a check mark: the legacy state there, with its end.
    pub legacy: Option<Option<LifecycleDate>>,
    /// Where the call may be served, where the card says so.
    pub destinations: BTreeSet<String>,
}

/// The first part of a profile's id, with how the names of its regions begin (facts: aws-bedrock.md §3).
const GEOGRAPHIES: [(&str, &[&str]); 8] = [
    ("us", &["us-east-", "us-west-", "ca-"]),
    ("us-gov", &["us-gov-"]),
    ("ca", &["ca-"]),
    ("eu", &["eu-"]),
    ("apac", &["ap-"]),
    ("jp", &["ap-northeast-"]),
    ("au", &["ap-southeast-"]),
    ("in", &["ap-south-"]),
];

/// The tables that say by which ids the model is called.
pub fn accesses(page: &Page, notes: &mut Notes) -> Vec<Access> {
    let mut found = Vec::new();
    for table in &page.tables {
        let columns = (
            table.column(&["endpoint"]),
            table.column(&["model id"]),
            table.column(&["in-region endpoint"]),
        );
        let (Some(endpoint), Some(model), in_region) = columns else {
            continue;
        };
        let (geo, global) = (
            table.column(&["geo inference id", "geo id"]),
            table.column(&["global inference id", "global id"]),
        );
        for row in &table.rows {
            let cell = |column: Option<usize>| column.and_then(|at| row.get(at)).map_or("", |c| c);
            let named = cell(Some(endpoint)).to_lowercase();
            let Some(endpoint) = Endpoint::named_in(&named) else {
                notes.add(
                    "endpoint",
                    &page.title,
                    "bedrock-runtime or bedrock-mantle",
                    &named,
                );
                continue;
            };
            let in_region = cell(in_region).contains("://");
            for model in ids(cell(Some(model))) {
                found.push(Access {
                    endpoint,
                    model,
                    in_region,
                    geo: ids(cell(geo)),
                    global: ids(cell(global)),
                });
            }
        }
    }
    found
}

/// The ids in a cell: words of the characters of an id, with a point.
fn ids(cell: &str) -> Vec<String> {
    let is_id = |word: &&str| {
        word.contains('.')
            && word.len() <= 140
            && word.starts_with(|c: char| c.is_ascii_alphanumeric())
            && word
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || ".-_:".contains(c))
            && !word.ends_with(['.', ':'])
    };
    cell.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '`'))
        .filter(is_id)
        .map(str::to_string)
        .collect()
}

/// The deployment of a profile, by the first part of its id.
pub fn profile(id: &str) -> String {
    format!("profile:{}", prefix(id))
}

fn prefix(id: &str) -> &str {
    id.split('.').next().unwrap_or(id)
}

/// Every way to call the model in every region that the card's tables name.
pub fn places(page: &Page, accesses: &[Access], notes: &mut Notes) -> Vec<Place> {
    let routes = routes(page);
    let mut places = Vec::new();
    for table in &page.tables {
        let Some(region) = table
            .header
            .iter()
            .position(|name| matches!(name.as_str(), "region" | "source region" | "aws region"))
        else {
            continue;
        };
        let options: Vec<(usize, Reach)> = table
            .header
            .iter()
            .enumerate()
            .filter_map(|(at, name)| Some((at, reach_in(name)?)))
            .collect();
        let regional = Regional {
            page,
            table,
            accesses,
            routes: &routes,
        };
        for row in &table.rows {
            let Some(region) = row.get(region).and_then(|cell| region_in(cell)) else {
                if !options.is_empty() {
                    let found = row.join(" | ");
                    notes.add("region", &page.title, "a region such as us-east-1", &found);
                }
                continue;
            };
            for (at, option) in &options {
                let cell = row.get(*at).map_or("", String::as_str);
                let header = table.header.get(*at).map_or("", String::as_str);
                places.extend(regional.of_cell(region, header, *option, cell, notes));
            }
        }
    }
    places.sort();
    places.dedup();
    places
}

/// The region that a cell begins with.
fn region_in(cell: &str) -> Option<&str> {
    let word = cell.split(|c: char| c.is_whitespace() || c == '(').next()?;
    is_region_code(word).then_some(word)
}

/// Which regions a profile can be called from, and where each leads.
type Routes = Vec<(String, String, BTreeSet<String>)>;

/// The tables of routes, each under a line such as `Geo Inference ID: us.amazon.nova-lite-v1:0`.
fn routes(page: &Page) -> Routes {
    let mut routes = Vec::new();
    for table in &page.tables {
        let (Some(source), Some(destination)) = (
            table.column(&["source region"]),
            table.column(&["destination region"]),
        ) else {
            continue;
        };
        for id in ids(&table.line) {
            for row in &table.rows {
                let Some(from) = row.get(source).and_then(|cell| region_in(cell)) else {
                    continue;
                };
                let to = row.get(destination).map_or("", String::as_str);
                let to = to
                    .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
                    .filter(|word| is_region_code(word));
                routes.push((
                    id.clone(),
                    from.to_string(),
                    to.map(str::to_string).collect(),
                ));
            }
        }
    }
    routes
}

/// What a cell of a table of regions says.
enum Said {
    No,
    Yes,
    Legacy(Option<LifecycleDate>),
    Other,
}

fn said(cell: &str) -> Said {
    let text = cell.trim().to_lowercase();
    if text.contains(YES) {
        return Said::Yes;
    }
    if text.contains(NO) {
        return Said::No;
    }
    match text.as_str() {
        "yes" | "supported" => Said::Yes,
        "" | "no" | "not supported" | "not-supported" | "n/a" | "-" => Said::No,
        _ if text.starts_with("legacy") => {
            let end = LifecycleDate::after_phrase(&text, "eol");
            Said::Legacy(end.map(|end| end.with_certainty(Certainty::Firm)))
        }
        _ => Said::Other,
    }
}

struct Regional<'a> {
    page: &'a Page,
    table: &'a Table,
    accesses: &'a [Access],
    routes: &'a Routes,
}

impl Regional<'_> {
    /// The endpoint that a column, or the line above the table, names; else the card's only one, else the usual one.
    fn endpoint(&self, header: &str) -> Endpoint {
        let above = self.table.above.iter().rev().map(String::as_str);
        let named = std::iter::once(header)
            .chain(above)
            .chain([self.table.line.as_str()])
            .find_map(Endpoint::named_in);
        let mut own: Vec<Endpoint> = self.accesses.iter().map(|a| a.endpoint).collect();
        own.sort();
        own.dedup();
        named.unwrap_or(match own.as_slice() {
            [only] => *only,
            _ => Endpoint::Runtime,
        })
    }

    fn of_cell(
        &self,
        region: &str,
        header: &str,
        option: Reach,
        cell: &str,
        notes: &mut Notes,
    ) -> Vec<Place> {
        let legacy = match said(cell) {
            Said::No => return Vec::new(),
            Said::Yes => None,
            Said::Legacy(end) => Some(end),
            Said::Other => {
                let expected = "a check mark, a cross or Legacy (EOL: 2026-10-01)";
                notes.add("regions", &self.page.title, expected, cell);
                return Vec::new();
            }
        };
        let endpoint = self.endpoint(header);
        let at = || self.accesses.iter().filter(|a| a.endpoint == endpoint);
        let place = |id: &str, deployment: String| Place {
            id: id.to_string(),
            region: region.to_string(),
            deployment,
            legacy,
            destinations: self.destinations(id, region),
        };
        let mut places: Vec<Place> = match option {
            Reach::InRegion => at()
                .map(|access| place(&access.model, endpoint.deployment().to_string()))
                .collect(),
            Reach::Geo => at()
                .flat_map(|access| self.geo(&access.geo, region, header))
                .map(|id| place(id, profile(id)))
                .collect(),
            Reach::Global => at()
                .flat_map(|access| &access.global)
                .map(|id| place(id, profile(id)))
                .collect(),
        };
        places.sort();
        places.dedup();
        if places.is_empty() {
            let found = format!("none for {header} in {region}");
            notes.add("ids", &self.page.title, "an id to call it by", &found);
        }
        places
    }

    fn destinations(&self, id: &str, region: &str) -> BTreeSet<String> {
        let routes = self.routes.iter();
        let own = routes.filter(|(of, from, _)| of == id && from == region);
        own.flat_map(|(_, _, to)| to.iter().cloned()).collect()
    }

    /// The profiles within a geography that can be called from a region: those whose table of routes names it, else the only one
    /// of the region's geography, else the only one there is.
    fn geo<'i>(&self, ids: &'i [String], region: &str, header: &str) -> Vec<&'i str> {
        let from_here = |id: &&String| {
            self.routes
                .iter()
                .any(|(of, from, _)| of == *id && from == region)
        };
        let named: Vec<&String> = ids.iter().filter(from_here).collect();
        if !named.is_empty() {
            return named.into_iter().map(String::as_str).collect();
        }
        let fits = |id: &&String| {
            let prefix = prefix(id);
            let regions = GEOGRAPHIES.iter().find(|(known, _)| *known == prefix);
            // a column may name its geography: "US Geo CRIS"
            let column = header.split_whitespace().next().unwrap_or("");
            column == prefix
                || regions.is_some_and(|(_, begins)| begins.iter().any(|b| region.starts_with(b)))
        };
        let fitting: Vec<&String> = ids.iter().filter(fits).collect();
        match (fitting.as_slice(), ids) {
            ([one], _) => vec![one.as_str()],
            ([], [one]) => vec![one.as_str()],
            _ => Vec::new(),
        }
    }
}
