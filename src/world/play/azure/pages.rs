//! The sources of Azure's documentation: schedules of retirements and the tables of regions (facts: azure.md §8).

use super::LOCATIONS;
use super::offered::{Offered, deployments, format, is_sold_by_azure, name, words};
use crate::market::Stage;
use crate::world::moment::{Moment, Offer};
use crate::world::play::written::{Table, english};
use crate::world::script::Day;

/// What is promised.
pub const POLICY: &str = "---\ntitle: Include\nms.date: 08/01/2026\n---\n\nIntroduction.\n\n## How model lifecycle works\n\n\
     A model goes from Preview to generally available, then to Deprecated, and at last it is Retired. A generally available model is \
     served for at least 18 months. Customers hear of a retirement at least 60 days before it.\n";

/// The schedule of retirements: what is sold by Azure, then what partners sell.
pub fn schedule(moment: &Moment<'_>, offered: &Offered<'_, '_>) -> String {
    let part = |by_azure: bool| {
        let models = offered.models.iter();
        let own = models
            .filter(|offer| is_sold_by_azure(offer) == by_azure && offer.stage() != Stage::Retired);
        sections(moment, own.copied().collect())
    };
    format!(
        "---\ntitle: Include\nms.date: 08/01/2026\n---\n\n## Models sold directly by Azure\n\n{}## Models from partners and community\n\n{}",
        part(true),
        part(false)
    )
}

/// The schedule of the government's cloud.
pub fn schedule_gov(moment: &Moment<'_>, offered: &Offered<'_, '_>) -> String {
    let table = table(moment, &offered.government).bent(moment, "azure.retirements-gov");
    format!("## Models in Azure Government\n\n{}", table.markdown())
}

/// A table for each maker.
fn sections(moment: &Moment<'_>, offers: Vec<&Offer<'_>>) -> String {
    let mut makers: Vec<&str> = offers.iter().map(|offer| format(offer)).collect();
    makers.sort_unstable();
    makers.dedup();
    let section = |maker: &str| {
        let own: Vec<&Offer<'_>> = offers
            .iter()
            .filter(|offer| format(offer) == maker)
            .copied()
            .collect();
        let table = table(moment, &own).bent(moment, "azure.retirements");
        format!("### {maker}\n\n{}\n", table.markdown())
    };
    makers.into_iter().map(section).collect()
}

fn table(moment: &Moment<'_>, offers: &[&Offer<'_>]) -> Table {
    let mut table = Table::new(&[
        "Model",
        "Version",
        "Lifecycle",
        "Retirement date",
        "Replacement",
    ]);
    let mut offers = offers.to_vec();
    moment.shuffle(&mut offers);
    for offer in offers {
        let (name, version) = name(offer);
        let (_, _, word) = words(offer.stage());
        let ends = match offer.facts.retires {
            Some(day @ Day::Firm(_)) => moment.date(day).to_string(),
            Some(day @ Day::Floor { .. }) => format!("No earlier than {}", moment.date(day)),
            None => "—".to_string(),
        };
        let instead = offer
            .facts
            .replacement
            .clone()
            .unwrap_or_else(|| "—".to_string());
        table.row([
            name.to_string(),
            version.to_string(),
            word.to_string(),
            ends,
            instead,
        ]);
    }
    table
}

/// What is retired already.
pub fn retired(moment: &Moment<'_>, offered: &Offered<'_, '_>) -> String {
    let mut table = Table::new(&[
        "Model",
        "Deprecation date",
        "Retirement date",
        "Suggested replacement",
    ]);
    let models = offered.models.iter();
    for offer in models.filter(|offer| offer.stage() == Stage::Retired) {
        let (name, version) = name(offer);
        let day = |day: Option<Day>| day.map_or(String::new(), |day| english(moment.date(day)));
        let facts = &offer.facts;
        let instead = facts
            .replacement
            .as_ref()
            .map_or("N/A".to_string(), |id| format!("`{id}`"));
        table.row([
            format!("`{name}` - {version}"),
            day(facts.deprecated),
            day(facts.retires),
            instead,
        ]);
    }
    format!(
        "## Azure OpenAI\n\n{}",
        table.bent(moment, "azure.retired").markdown()
    )
}

/// A table of regions of a deployment type: its heading and its term.
type Kind = (&'static str, &'static str);

/// Standard deployments of what Azure sells.
pub fn standard(moment: &Moment<'_>, offered: &Offered<'_, '_>) -> String {
    matrices(
        moment,
        offered,
        "azure.regions-standard",
        true,
        &[
            ("Global standard", "GlobalStandard"),
            ("Data Zone standard", "DataZoneStandard"),
            ("Standard/Regional", "Standard"),
        ],
    )
}

/// Provisioned deployments.
pub fn provisioned(moment: &Moment<'_>, offered: &Offered<'_, '_>) -> String {
    matrices(
        moment,
        offered,
        "azure.regions-provisioned",
        true,
        &[
            ("Global Provisioned Managed", "GlobalProvisionedManaged"),
            (
                "Data Zone Provisioned Managed",
                "DataZoneProvisionedManaged",
            ),
            ("Regional Provisioned Managed", "ProvisionedManaged"),
        ],
    )
}

/// Batch deployments.
pub fn batch(moment: &Moment<'_>, offered: &Offered<'_, '_>) -> String {
    matrices(
        moment,
        offered,
        "azure.regions-batch",
        true,
        &[
            ("Global Batch", "GlobalBatch"),
            ("Data Zone Batch", "DataZoneBatch"),
        ],
    )
}

/// Standard deployments of what partners sell.
pub fn partners(moment: &Moment<'_>, offered: &Offered<'_, '_>) -> String {
    matrices(
        moment,
        offered,
        "azure.regions-partners",
        false,
        &[
            ("Global standard", "GlobalStandard"),
            ("Data Zone standard", "DataZoneStandard"),
        ],
    )
}

fn matrices(
    moment: &Moment<'_>,
    offered: &Offered<'_, '_>,
    probe: &str,
    by_azure: bool,
    kinds: &[Kind],
) -> String {
    let mut text = String::new();
    for (heading, term) in kinds {
        text += &format!("## {heading}\n\nWhere models can be deployed in this way.\n\n");
        for (geography, tab, locations) in LOCATIONS {
            text += &format!("# [{geography}](#tab/{tab})\n\n");
            let mut rows = Vec::new();
            for offer in offered
                .models
                .iter()
                .filter(|offer| is_sold_by_azure(offer) == by_azure)
            {
                let cells: Vec<bool> = locations
                    .iter()
                    .map(|location| deployments(offer, location).contains(term))
                    .collect();
                if cells.contains(&true) {
                    rows.push((*offer, cells));
                }
            }
            moment.shuffle(&mut rows);
            // locations without any model have no column
            let columns: Vec<usize> = (0..locations.len())
                .filter(|place| {
                    rows.iter()
                        .any(|(_, cells)| cells.get(*place) == Some(&true))
                })
                .collect();
            text += &match rows.is_empty() {
                true => "Not available\n\n".to_string(),
                false => {
                    matrix(&rows, locations, &columns)
                        .bent(moment, probe)
                        .markdown()
                        + "\n"
                }
            };
        }
        text += "---\n\n";
    }
    text
}

fn matrix(rows: &[(&Offer<'_>, Vec<bool>)], locations: &[&str], columns: &[usize]) -> Table {
    let mut headers = vec!["**Model**".to_string(), "**Version**".to_string()];
    let places = columns.iter().filter_map(|place| locations.get(*place));
    headers.extend(places.map(|location| format!("**{location}**")));
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    let mut table = Table::new(&headers);
    for (offer, cells) in rows {
        let (name, version) = name(offer);
        let mut row = vec![name.to_string(), version.to_string()];
        row.extend(columns.iter().map(|place| {
            let mark = if cells.get(*place) == Some(&true) {
                "✅"
            } else {
                "-"
            };
            mark.to_string()
        }));
        table.cells(row);
    }
    table
}
