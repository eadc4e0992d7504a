//! What part of the landscape is asked for.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::market::{Interface, Place, RegionSet, Stage};
use crate::outlook::known::Known;
use crate::outlook::landscape::{Found, Part, lab_of};
use crate::web::refusal::Refusal;
use crate::web::route::Asked;

/// What part of the landscape is asked for.
pub(super) struct Filter(Part);

/// The form that asks, filled in as it was.
#[derive(Serialize)]
pub(super) struct Form {
    model: String,
    region: String,
    labs: Vec<Choice>,
    stages: Vec<Choice>,
    interfaces: Vec<Choice>,
    providers: Vec<Choice>,
    /// How many providers are chosen.
    chosen: usize,
    places: Vec<&'static str>,
    retiring: bool,
    /// Whether anything is asked for.
    narrows: bool,
}

#[derive(Serialize)]
struct Choice {
    name: String,
    is_chosen: bool,
}

const INTERFACES: [Interface; 3] = [
    Interface::Stateless,
    Interface::Stateful,
    Interface::Platform,
];

impl Filter {
    /// Reads it; what nothing is known of is refused.
    pub fn read(asked: &Asked<'_>, whole: &Found) -> Result<Self, Refusal> {
        let query = &asked.query;
        let stages = Stage::ALL.map(Stage::word).join(", ");
        let stages = format!("one of {stages}");
        let interfaces = INTERFACES.map(Interface::word).join(", ");
        let interfaces = format!("one of {interfaces}");
        let part = Part {
            model: query.one("model")?.map(str::to_string),
            labs: query.all("lab").into_iter().map(str::to_string).collect(),
            providers: query
                .all("provider")
                .into_iter()
                .map(str::to_string)
                .collect(),
            stage: query.parsed("stage", &stages, Stage::from_word)?,
            region: query.parsed("region", "a region", Place::from_word)?,
            interface: query.parsed("interface", &interfaces, Interface::from_word)?,
            retiring: query.flag("retiring")?,
        };
        let labs = labs(whole);
        for lab in part.labs.iter().filter(|lab| !labs.contains(lab.as_str())) {
            return Err(unknown("lab", "a lab that is known", lab, &labs));
        }
        let providers = &whole.spoken_of;
        let strange = part
            .providers
            .iter()
            .find(|name| !providers.contains(*name));
        if let Some(name) = strange {
            let providers = providers.iter().map(String::as_str).collect();
            let expected = "a provider that sources speak of";
            return Err(unknown("provider", expected, name, &providers));
        }
        if let Some(place) = &part.region {
            let means = &asked.site.means;
            let known = Known::of_history(asked.store)?;
            let known = known.with_declared(&means.probes, &means.endpoints);
            if let Some(problem) = known.place_problem(place) {
                return Err(Refusal::Wrong(format!("region: {problem}")));
            }
        }
        Ok(Self(part))
    }

    /// Which part that is.
    pub fn part(&self) -> &Part {
        &self.0
    }

    /// The form that asks for it.
    pub fn form(&self, whole: &Found) -> Form {
        let part = &self.0;
        let choice = |name: &str, is_chosen: bool| Choice {
            name: name.to_string(),
            is_chosen,
        };
        let labs = labs(whole);
        let providers = whole.spoken_of.iter();
        Form {
            model: part.model.clone().unwrap_or_default(),
            region: part.region.as_ref().map_or(String::new(), Place::to_string),
            labs: labs
                .into_iter()
                .map(|lab| choice(lab, part.labs.iter().any(|asked| asked == lab)))
                .collect(),
            stages: Stage::ALL
                .map(|stage| choice(stage.word(), part.stage == Some(stage)))
                .into(),
            interfaces: INTERFACES
                .map(|one| choice(one.word(), part.interface == Some(one)))
                .into(),
            providers: providers
                .map(|name| choice(name, part.providers.contains(name)))
                .collect(),
            chosen: part.providers.len(),
            places: RegionSet::all()
                .iter()
                .map(|set| set.name.as_str())
                .collect(),
            retiring: part.retiring,
            narrows: *part != Part::default(),
        }
    }
}

fn labs(whole: &Found) -> BTreeSet<&str> {
    let rows = whole.matrix.rows.iter();
    rows.map(|row| lab_of(&row.model)).collect()
}

fn unknown(key: &str, expected: &str, found: &str, all: &BTreeSet<&str>) -> Refusal {
    let found: String = found.chars().take(80).collect();
    let all = Vec::from_iter(all.iter().copied()).join(", ");
    Refusal::Wrong(format!(
        "{key}: expected {expected}, found '{found}': known are {all}"
    ))
}
