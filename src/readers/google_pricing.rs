//! The pricing page of the Gemini API: a part a model, named by the code below its heading, with a table a service tier, whose
//! rows are meters and whose cells hold several prices: by length of prompt, kind of content, or day (facts: google.md §6).

mod cell;
mod row;
#[cfg(test)]
mod tests;

use jiff::Timestamp;

use super::folding::shortened;
use super::notes::Notes;
use super::table::{Format, Grid, Named, compared, grids};
use super::{Body, Context, encoding};
use crate::market::{
    Attribute, Claim, Currency, Dated, Failure, Price, PriceMeter, PriceUnit, Reading, Subject,
    Value,
};
use cell::Amount;
use row::Row;

/// Raised whenever this reader makes other claims of the same body.
pub const VERSION: u32 = 1;

/// The page's service tiers; the standard one has no name of its own.
const TIERS: [(&str, Option<&str>); 4] = [
    ("standard", None),
    ("batch", Some("batch")),
    ("flex", Some("flex")),
    ("priority", Some("priority")),
];

/// How the page is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    /// Headings, in the compared form, of parts that are about no model.
    pub ignore: Vec<String>,
}

/// What is read of a page.
#[derive(Default)]
struct Found {
    rows: Vec<(Subject, Vec<Claim>)>,
    later: Vec<(Subject, Timestamp, Claim)>,
    notes: Notes,
    tables: usize,
}

/// Reads the paid prices of the page, HTML or Markdown. Prices that begin on a day are dated, so that what holds is told by
/// whoever knows the time. A page without a table of paid prices below a model's id is [`Failure::Unreadable`].
pub fn read(mapping: &Mapping, body: &Body<'_>, context: &Context<'_>) -> Result<Reading, Failure> {
    let text = encoding::decode(body)?;
    let grids = grids(Format::Auto, false, body.content_type, &text)?;
    let mut found = Found::default();
    for grid in &grids {
        found.table(mapping, grid, context);
    }
    if found.tables == 0 {
        return Err(Failure::Unreadable {
            expected: "tables of paid prices below ids of models".to_string(),
            found: format!("{} tables, none of them one", grids.len()),
        });
    }
    let subjects = found
        .later
        .iter()
        .map(|(subject, ..)| (subject.clone(), Vec::new()));
    let rows: Vec<(Subject, Vec<Claim>)> = subjects.collect();
    let mut reading = Reading::from_claims(found.rows.into_iter().chain(rows), context.complete);
    found
        .later
        .sort_by(|a, b| (a.1, &a.0, &a.2.attribute).cmp(&(b.1, &b.0, &b.2.attribute)));
    reading.dated = found
        .later
        .into_iter()
        .map(|(subject, from, claim)| Dated {
            key: subject.key(),
            from,
            claims: vec![claim],
            whole: false,
        })
        .collect();
    found.notes.put_into(&mut reading);
    Ok(reading)
}

/// One table: whose prices, in which tier, per what.
struct Table<'a> {
    ids: &'a [String],
    tier: Option<&'static str>,
    unit: PriceUnit,
    context: &'a Context<'a>,
}

impl Found {
    fn table(&mut self, mapping: &Mapping, grid: &Grid, context: &Context<'_>) {
        let paid = (0..grid.width()).find(|x| compared(grid.header(*x)).starts_with("paid tier"));
        let ignored = grid
            .headings
            .iter()
            .any(|heading| mapping.ignore.contains(&compared(heading)));
        let Some(paid) = paid.filter(|_| !ignored) else {
            return;
        };
        let heading = grid.headings.last().map_or("", String::as_str);
        let Some(Named { at, names }) = &grid.named else {
            self.notes
                .add(heading, "", "the id of a model below the heading", "none");
            return;
        };
        let ids: Vec<String> = names.iter().filter(|name| is_id(name)).cloned().collect();
        let Some(tier) = tier(grid.headings.get(at + 1..).unwrap_or_default()) else {
            let known: Vec<&str> = TIERS.iter().map(|(word, _)| *word).collect();
            self.notes.add("a tier", "", &known.join(", "), heading);
            return;
        };
        let Some(unit) = row::unit_of_header(grid.header(paid)) else {
            self.notes
                .add("a table", "", "what prices are paid per", grid.header(paid));
            return;
        };
        if ids.is_empty() {
            self.notes.add(
                heading,
                "",
                "the id of a model below the heading",
                &names.join(", "),
            );
            return;
        }
        self.tables += 1;
        let table = Table {
            ids: &ids,
            tier,
            unit,
            context,
        };
        for cells in &grid.rows {
            let text = |x: usize| cells.get(x).map_or("", |cell| cell.text.as_str());
            self.row(&table, text(0), text(paid));
        }
    }

    fn row(&mut self, table: &Table<'_>, label: &str, text: &str) {
        let Some(row) = row::read(label, &table.unit) else {
            self.notes.add(
                "a row",
                &table.ids.join(", "),
                "a meter that is known",
                label,
            );
            return;
        };
        let Row::Meter(meter) = row else { return };
        let ids = meter.ids(table.ids);
        let amounts = match cell::amounts(text) {
            Ok(amounts) => amounts,
            Err(words) => {
                let place = ids.join(", ");
                self.notes
                    .add(label, &place, "a price that is understood", &words);
                let attribute = table.attribute(&meter.base, None);
                for id in ids {
                    let unclear = Claim::unclear(attribute.clone(), shortened(text, 300));
                    self.rows.push((table.subject(id), vec![unclear]));
                }
                return;
            }
        };
        for id in ids {
            let subject = table.subject(id);
            let mut claims = Vec::new();
            for amount in &amounts {
                for name in meter.names(amount) {
                    let claim = table.claim(&name, amount, text);
                    match amount.from {
                        Some(from) => self.later.push((subject.clone(), from, claim)),
                        None => claims.push(claim),
                    }
                }
            }
            self.rows.push((subject, claims));
        }
    }
}

impl Table<'_> {
    fn subject(&self, id: &str) -> Subject {
        Subject {
            region: self.context.region.clone(),
            ..Subject::offering(self.context.provider.as_str(), id)
        }
    }

    fn attribute(&self, meter: &str, over: Option<u64>) -> Attribute {
        Attribute::Price(PriceMeter {
            meter: meter.into(),
            tier: self.tier.map(Box::from),
            over,
        })
    }

    fn claim(&self, meter: &str, amount: &Amount, text: &str) -> Claim {
        let price = Price {
            amount: amount.amount,
            currency: Currency::USD,
            unit: amount.unit.clone().unwrap_or_else(|| self.unit.clone()),
        };
        let attribute = self.attribute(meter, amount.over);
        Claim::new(attribute, Value::Price(price), shortened(text, 300))
    }
}

/// The tier that the headings below a model's name; `None` for one that is not known.
fn tier(below: &[String]) -> Option<Option<&'static str>> {
    match below.last() {
        None => Some(None),
        Some(heading) => {
            let heading = compared(heading);
            let known = TIERS.iter().find(|(word, _)| heading.starts_with(word));
            known.map(|(_, tier)| *tier)
        }
    }
}

/// Whether code is a model's id and no name of a field.
fn is_id(code: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-._".contains(c);
    code.contains('-') && code.len() <= 100 && code.chars().all(plain)
}
