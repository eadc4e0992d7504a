//! Cards of Amazon Bedrock's models (`https://docs.aws.amazon.com/bedrock/latest/userguide/model-card-*.md`; facts: aws-bedrock.md
//! §6): what a model is and when its life begins and ends, by which ids it is called, and in which regions each of them answers.
//!
//! What holds for a model everywhere is stated of its id in no region. Each check mark of the tables of regions is an offering of
//! its own: the model's id `on-demand` or at `mantle`, or the id of a profile (`profile:us`, `profile:global`). Prices are of an
//! id and deployment in no region, but for those that name one.

mod access;
mod page;
mod prices;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::convert::{As, Conversion};
use super::folding::shortened;
use super::notes::Notes;
use super::{Body, Context, encoding};
use crate::market::{
    Attribute, Certainty, Claim, DateKind, Failure, LifecycleDate, Reading, Region, Stage, Subject,
    Value,
};
use access::{Access, Endpoint, Place};
use page::{Page, Table, YES};

/// Raised whenever this reader makes other claims of the same body.
pub const VERSION: u32 = 1;

/// A longer card is not read; the longest has 35 KB.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// Reads a card. A page without any of a card's tables and details is [`Failure::Unreadable`]; a card that names no id to call its
/// model by is noted and says nothing.
pub fn read(body: &Body<'_>, context: &Context<'_>) -> Result<Reading, Failure> {
    if body.bytes.len() > MOST_BYTES {
        return Err(Failure::TooLarge {
            limit: MOST_BYTES as u64,
        });
    }
    let text = encoding::decode(body)?;
    let page = page::read(&text)?;
    let mut notes = Notes::default();
    let accesses = access::accesses(&page, &mut notes);
    let details = Details {
        page: &page,
        context,
    };
    if accesses.is_empty()
        && !page
            .items
            .iter()
            .any(|(label, _)| label.starts_with("model "))
    {
        return Err(Failure::Unreadable {
            expected: "a model card with the details of a model and its ids".to_string(),
            found: format!("a page '{}'", shortened(&page.title, 80)),
        });
    }
    if accesses.is_empty() {
        notes.add("ids", &page.title, "an id to call the model by", "none");
    }
    let subject = |id: &str, region: Option<&str>, deployment: Option<&str>| Subject {
        region: region.map_or_else(Region::unstated, Region::from),
        deployment: deployment.map(Into::into),
        ..Subject::offering(context.provider.as_str(), id)
    };
    let mut rows: Vec<(Subject, Vec<Claim>)> = Vec::new();
    let models: BTreeSet<&str> = accesses
        .iter()
        .map(|access| access.model.as_str())
        .collect();
    for model in models {
        let claims = details.claims(&accesses, &mut notes);
        rows.push((subject(model, None, None), claims));
    }
    for place in access::places(&page, &accesses, &mut notes) {
        let of = subject(&place.id, Some(&place.region), Some(&place.deployment));
        rows.push((of, claims_of(&place)));
    }
    for priced in prices::prices(&page, &accesses, &mut notes) {
        let of = subject(
            &priced.id,
            priced.region.as_deref(),
            Some(&priced.deployment),
        );
        rows.push((of, vec![priced.claim]));
    }
    let mut reading = Reading::from_claims(rows, context.complete);
    notes.put_into(&mut reading);
    Ok(reading)
}

fn claims_of(place: &Place) -> Vec<Claim> {
    let mut claims = Vec::new();
    if let Some(end) = place.legacy {
        claims.push(Claim::new(
            Attribute::Stage,
            Value::Stage(Stage::Legacy),
            "Legacy",
        ));
        claims.extend(end.map(|end| {
            let raw = format!("EOL: {}", end.text());
            Claim::new(Attribute::Date(DateKind::Retires), Value::Date(end), raw)
        }));
    }
    if !place.destinations.is_empty() {
        claims.push(set(
            Attribute::Capability("destination_regions".into()),
            place.destinations.iter().cloned(),
        ));
    }
    claims
}

fn set(attribute: Attribute, members: impl IntoIterator<Item = String>) -> Claim {
    let members: BTreeSet<String> = members.into_iter().collect();
    let raw = members.iter().cloned().collect::<Vec<_>>().join(", ");
    Claim::new(attribute, Value::set(members), shortened(&raw, 500))
}

/// What a card says of its model wherever it is called.
struct Details<'a> {
    page: &'a Page,
    context: &'a Context<'a>,
}

impl Details<'_> {
    fn claims(&self, accesses: &[Access], notes: &mut Notes) -> Vec<Claim> {
        let mut claims = Vec::new();
        if !self.page.title.is_empty() {
            let title = shortened(&self.page.title, 300);
            claims.push(Claim::new(
                Attribute::Name,
                Value::Text(title.as_str().into()),
                title,
            ));
        }
        for (label, said) in &self.page.items {
            claims.extend(self.detail(label, said, notes));
        }
        claims.extend(self.modalities());
        claims.extend(self.endpoints(accesses));
        claims.extend(self.tiers());
        claims
    }

    fn detail(&self, label: &str, said: &str, notes: &mut Notes) -> Option<Claim> {
        let date = |kind, certainty, rank| Detail::Date(kind, certainty, rank);
        let what = match label {
            "model launch date" => date(DateKind::Launch, Some(Certainty::Firm), 0),
            "eol no sooner than" => date(DateKind::Retires, Some(Certainty::NotBefore), 0),
            // a committed end stands above the floor
            "model eol date" => date(DateKind::Retires, None, 1),
            "model legacy date" | "legacy date" => date(DateKind::Legacy, Some(Certainty::Firm), 0),
            "model lifecycle" => Detail::As(Attribute::Stage, As::Stage),
            "context window" => Detail::As(Attribute::Limit("context".into()), As::Number),
            "max output tokens" => Detail::As(Attribute::Limit("output".into()), As::Number),
            "legacy period" => Detail::As(Attribute::Capability("legacy_period".into()), As::Text),
            "reasoning" => Detail::As(Attribute::Capability("reasoning".into()), As::Flag),
            _ => return None,
        };
        let (attribute, read, rank) = match what {
            Detail::Date(kind, certainty, rank) => {
                let read = dated(said).map(|date| {
                    date.map(|date| {
                        Value::Date(date.with_certainty(certainty.unwrap_or(date.certainty)))
                    })
                });
                (Attribute::Date(kind), read, Some(rank))
            }
            Detail::As(attribute, kind) => {
                // "Supported (configurable: low, high)", "1M tokens (beta)"
                let plain = said.split_once(" (").map_or(said, |(plain, _)| plain);
                let read = Conversion::new(kind).read(plain, self.context.stages);
                (attribute, read, None)
            }
        };
        match read {
            Ok(value) => Some(Claim {
                rank,
                ..Claim::new(attribute, value?, said)
            }),
            Err(expected) => {
                notes.add(label, &self.page.title, &expected, &format!("'{said}'"));
                Some(Claim {
                    rank,
                    ..Claim::unclear(attribute, said)
                })
            }
        }
    }

    /// The columns of check marks with what each is of.
    fn modalities(&self) -> Vec<Claim> {
        let mut claims = Vec::new();
        for (side, words) in [
            ("input", "input modalities"),
            ("output", "output modalities"),
        ] {
            let found = self.page.tables.iter().find_map(|table| {
                let column = table.column(&[words])?;
                Some(checked(table, column))
            });
            claims.extend(found.map(|found| set(Attribute::Modality(side.into()), found)));
        }
        claims
    }

    /// At which endpoints the model can be called, and by which interfaces.
    fn endpoints(&self, accesses: &[Access]) -> Vec<Claim> {
        let mut endpoints: BTreeSet<String> = BTreeSet::new();
        endpoints.extend(accesses.iter().map(|access| match access.endpoint {
            Endpoint::Runtime => "bedrock-runtime".to_string(),
            Endpoint::Mantle => "bedrock-mantle".to_string(),
        }));
        let mut interfaces: BTreeSet<String> = BTreeSet::new();
        for table in &self.page.tables {
            if let Some(column) = table.column(&["apis supported"]) {
                interfaces.extend(checked(table, column));
            }
            let is_row_of_interfaces =
                table.column(&["converse"]).is_some() && table.column(&["invoke"]).is_some();
            if let Some(row) = table.rows.first().filter(|_| is_row_of_interfaces) {
                let above = table.above.last().map_or("", String::as_str);
                let at = match Endpoint::named_in(above) {
                    Some(Endpoint::Runtime) => "bedrock-runtime ",
                    Some(Endpoint::Mantle) => "bedrock-mantle ",
                    None => "",
                };
                let names = table.header.iter().zip(row);
                let checked = names.filter(|(_, cell)| is_checked(cell));
                interfaces.extend(checked.map(|(name, _)| format!("{at}{name}")));
            }
        }
        let named = |name: &str, members: BTreeSet<String>| {
            (!members.is_empty()).then(|| set(Attribute::Capability(name.into()), members))
        };
        named("endpoints", endpoints)
            .into_iter()
            .chain(named("apis", interfaces))
            .collect()
    }

    fn tiers(&self) -> Option<Claim> {
        let table = self.page.tables.iter().find(|table| {
            table.column(&["standard"]).is_some() && table.column(&["priority"]).is_some()
        })?;
        let row = table.rows.first()?;
        let checked = table
            .header
            .iter()
            .zip(row)
            .filter(|(_, cell)| is_checked(cell));
        let names = checked.map(|(name, _)| name.clone());
        Some(set(Attribute::Capability("service_tiers".into()), names))
    }
}

enum Detail {
    /// A date, as sure as its label says (else as its words say), and what it ranks by.
    Date(DateKind, Option<Certainty>, i64),
    As(Attribute, As),
}

fn is_checked(cell: &str) -> bool {
    cell.contains(YES) || matches!(cell.trim().to_lowercase().as_str(), "yes" | "supported")
}

/// What in a column stands behind a check mark, in small letters.
fn checked(table: &Table, column: usize) -> Vec<String> {
    let cells = table.rows.iter().filter_map(|row| row.get(column));
    cells
        .flat_map(|cell| cell.lines())
        .filter_map(|line| line.strip_prefix(YES))
        .map(|name| name.trim().to_lowercase())
        .filter(|name| !name.is_empty())
        .collect()
}

/// A date in words, or as `7/13/2027`. What says that there is none may say more: `Not Applicable, at least 45 day …`.
fn dated(said: &str) -> Result<Option<LifecycleDate>, String> {
    let lower = said.trim().to_lowercase();
    if lower.starts_with("not applicable") || lower.starts_with("n/a") {
        return Ok(None);
    }
    for word in said.split_whitespace() {
        let parts: Vec<&str> = word.trim_end_matches(['.', ',', ')']).split('/').collect();
        if let [month, day, year] = parts.as_slice() {
            let number = |text: &str| text.parse::<i16>().ok();
            let date = number(year).zip(number(month)).zip(number(day));
            let date = date.and_then(|((year, month), day)| {
                Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
            });
            let date = date.filter(|date| date.year() > 2000);
            let hedged = ["no sooner", "not before", "no earlier"]
                .iter()
                .any(|hedge| lower.contains(hedge));
            if let Some(date) = date {
                return Ok(Some(if hedged {
                    LifecycleDate::not_before(date)
                } else {
                    LifecycleDate::firm(date)
                }));
            }
        }
    }
    LifecycleDate::from_text(said).map_err(|error| error.to_string())
}
