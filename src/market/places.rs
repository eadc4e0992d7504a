//! Sets of regions by the law that holds there, from `data/regions.toml`, and the places that a user names.

use std::fmt;
use std::sync::LazyLock;

use serde::Deserialize;

use super::Region;

const TEXT: &str = include_str!("../../data/regions.toml");

static SETS: LazyLock<Vec<RegionSet>> = LazyLock::new(|| {
    toml::from_str::<File>(TEXT)
        .map(|file| file.set)
        .expect("data/regions.toml is checked by a test")
});

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    set: Vec<RegionSet>,
}

/// Regions of all providers in which one law holds.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionSet {
    /// The word by which users name it: `eu`.
    pub name: String,
    /// What it is.
    pub title: String,
    /// The providers' own names of its regions; `*` stands for any text.
    regions: Vec<String>,
    /// The geographies of deployments (`profile:eu`) that stay within it.
    #[serde(default)]
    geographies: Vec<String>,
    /// Whether a data zone of one of its regions stays within it.
    #[serde(default)]
    data_zone: bool,
}

impl RegionSet {
    /// Every set, in the order of the file.
    pub fn all() -> &'static [Self] {
        &SETS
    }

    /// The providers' own names of its regions; `*` stands for any text.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.regions.iter().map(String::as_str)
    }
}

/// Where a user lets a workload run: a set of regions by its name, or regions by a provider's own name for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A set.
    Set(&'static RegionSet),
    /// A region, with `*` for any text.
    Region(Box<str>),
}

impl Place {
    /// Reads a user's word. `None` for one that is blank.
    pub fn from_word(word: &str) -> Option<Self> {
        let word = word.trim().to_lowercase();
        let set = RegionSet::all().iter().find(|set| set.name == word);
        match set {
            Some(set) => Some(Self::Set(set)),
            None => (!word.is_empty()).then(|| Self::Region(word.into())),
        }
    }

    /// Whether a region lies in it. One that its source does not state lies nowhere.
    pub fn holds(&self, region: &str) -> bool {
        let region = region.to_lowercase();
        match self {
            _ if region == Region::unstated().as_str() => false,
            Self::Set(set) => set.regions.iter().any(|name| is_like(&region, name)),
            Self::Region(pattern) => is_like(&region, pattern),
        }
    }

    /// Whether it is a set, or names one of these regions; in the names of both `*` stands for any text.
    pub fn names_one_of<'a>(&self, regions: impl IntoIterator<Item = &'a str>) -> bool {
        match self {
            Self::Set(_) => true,
            Self::Region(pattern) => regions
                .into_iter()
                .any(|region| is_like(region, pattern) || is_like(pattern, region)),
        }
    }

    /// Whether an offering in a region may lie in it: also where its source does not state one.
    pub fn admits(&self, region: &Region) -> bool {
        !region.is_stated() || self.holds(region.as_str())
    }

    /// Whether traffic of a deployment in `region`, whose provider keeps it within a geography, stays within this place, as
    /// far as the deployment's own term tells (`profile:eu`, `DataZoneStandard`).
    pub fn holds_geography(&self, term: &str, region: &str) -> bool {
        let Self::Set(set) = self else {
            return false;
        };
        let term = term.to_lowercase();
        match term.split_once(':') {
            Some((_, geography)) => set.geographies.iter().any(|own| own == geography),
            None => term.starts_with("datazone") && set.data_zone && self.holds(region),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Set(set) => f.write_str(&set.name),
            Self::Region(pattern) => f.write_str(pattern),
        }
    }
}

/// Whether `text` is what `pattern` says, in which `*` stands for any text and `?` for any character. Where a star fails it
/// takes one character more; only the last star need be tried again.
pub fn is_like(text: &str, pattern: &str) -> bool {
    let (text, glob): (Vec<char>, Vec<char>) = (text.chars().collect(), pattern.chars().collect());
    let (mut g, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match glob.get(g) {
            Some('*') => {
                star = Some((g + 1, t));
                g += 1;
            }
            Some(c) if *c == '?' || text.get(t) == Some(c) => {
                g += 1;
                t += 1;
            }
            _ => match star {
                Some((after, from)) => {
                    star = Some((after, from + 1));
                    (g, t) = (after, from + 1);
                }
                None => return false,
            },
        }
    }
    glob.iter().skip(g).all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_region_lies_in_one_set_and_every_set_has_a_name_of_its_own() {
        let mut seen = std::collections::BTreeMap::new();
        for set in RegionSet::all() {
            assert_eq!(set.name, set.name.to_lowercase());
            assert_eq!(Place::from_word(&set.name), Some(Place::Set(set)));
            for region in &set.regions {
                let former = seen.insert(region, &set.name);
                assert_eq!(former, None, "{region} stands twice");
            }
        }
        assert!(seen.len() > 100);
    }

    #[test]
    fn a_place_holds_regions_by_name_or_pattern() {
        for (word, region, expected) in [
            ("eu", "eu-central-1", true),
            ("EU", "swedencentral", true),
            ("eu", "eu-west-2", false),
            ("eu", "europe-west6", false),
            ("eu", "*", false),
            ("us", "us-gov-west-1", true),
            ("eu-*", "eu-west-2", true),
            ("*", "eu-west-2", true),
            ("*", "*", false),
            ("eu-*-1", "eu-central-1", true),
            ("eu-*-1", "eu-central-2", false),
            ("eastus", "eastus2", false),
            ("*a*a*", "a", false),
        ] {
            let place = Place::from_word(word).expect("a place");
            assert_eq!(place.holds(region), expected, "{region} in {word}");
        }
        assert_eq!(Place::from_word(" "), None);
    }

    #[test]
    fn a_geography_is_within_a_set_by_its_term_alone() {
        for (word, term, region, expected) in [
            ("eu", "profile:eu", "eu-west-2", true),
            ("eu", "profile:us", "eu-west-1", false),
            ("eu", "DataZoneStandard", "swedencentral", true),
            ("eu", "DataZoneStandard", "uksouth", false),
            ("eu", "GlobalStandard", "swedencentral", false),
            ("uk", "DataZoneStandard", "uksouth", false),
            ("eu-central-1", "profile:eu", "eu-central-1", false),
        ] {
            let place = Place::from_word(word).expect("a place");
            let found = place.holds_geography(term, region);
            assert_eq!(found, expected, "{term} of {region} in {word}");
        }
    }
}
