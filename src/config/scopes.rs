//! Scopes: what the placeholders of a probe's address stand for, by its file or by the user's `[scopes]`.

use std::collections::BTreeMap;

use super::tree::Table;
use crate::market::{ProbeId, Region, Scope};

/// The placeholders that an address may have, in the order in which scopes are named.
pub(super) const NAMES: [&str; 11] = [
    "region",
    "location",
    "account",
    "subscription",
    "project",
    "resource",
    "offer",
    "publisher",
    "tenancy",
    "compartment",
    "model",
];

/// Those that say whose view is asked for, not what part of it. One value alone is not named in a scope: what is asked for is
/// called the same whoever asks.
const VIEWERS: [&str; 6] = [
    "account",
    "subscription",
    "project",
    "resource",
    "tenancy",
    "compartment",
];

/// More sources than this of one probe are refused: the product of several lists grows fast.
const MOST: usize = 2_000;

/// One scope of a probe: what its address's placeholders stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scoping {
    /// Its name; empty for the only one.
    pub scope: Scope,
    /// Placeholder → value.
    pub values: BTreeMap<String, String>,
}

impl Scoping {
    /// The template with its placeholders filled in.
    pub fn fill(&self, template: &str) -> String {
        self.values
            .iter()
            .fold(template.to_string(), |text, (name, value)| {
                text.replace(&format!("{{{name}}}"), value)
            })
    }
}

impl Scoping {
    /// The region that is asked of.
    pub fn region(&self) -> Region {
        let named = ["region", "location"]
            .iter()
            .find_map(|name| self.values.get(*name));
        named.map_or_else(Region::unstated, |region| Region::from(region.as_str()))
    }
}

/// What `[scopes]` says: for a provider (`[scopes.azure]`) or a probe (`[scopes."azure.models"]`), the values of
/// placeholders in place of those of the probe file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScopeSettings(pub BTreeMap<String, Widened>);

/// What one table of `[scopes]` says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Widened {
    /// The line of its table.
    pub line: usize,
    /// Placeholder → values.
    pub values: BTreeMap<&'static str, Vec<String>>,
}

impl ScopeSettings {
    /// Nothing is said.
    pub const NONE: Self = Self(BTreeMap::new());

    /// The values of a placeholder that the user gives to a probe: those for the probe go before those for its provider.
    fn values(&self, provider: &str, probe: &ProbeId, name: &str) -> Option<&Vec<String>> {
        [probe.as_str(), provider]
            .iter()
            .find_map(|key| self.0.get(*key)?.values.get(name))
    }
}

/// Reads `[scopes]`.
pub(super) fn settings(root: &Table<'_>) -> ScopeSettings {
    let mut all = BTreeMap::new();
    for (name, table) in root.named_tables("scopes") {
        let mut values = BTreeMap::new();
        for placeholder in NAMES {
            if table.has(placeholder) {
                values.insert(placeholder, filled(&table, placeholder));
            }
        }
        table.finish();
        let line = table.line();
        all.insert(name, Widened { line, values });
    }
    ScopeSettings(all)
}

/// Values go into addresses as they are, so that only what cannot change an address's shape is taken. The ids of models are
/// escaped there.
fn filled(table: &Table<'_>, name: &'static str) -> Vec<String> {
    let marks = if name == "model" { ":/@" } else { "" };
    let mut values = table.texts(name);
    values.retain(|value| {
        let sound = !value.is_empty()
            && value.len() <= 200
            && value
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-._~".contains(c) || marks.contains(c));
        if !sound {
            let expected = "letters, digits, hyphens, dots, underscores and tildes";
            table.problem(name, expected, format!("'{value}'"));
        }
        sound
    });
    values.sort();
    values.dedup();
    values
}

/// The scopes of a probe.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Scopes {
    /// Those that are asked; none while placeholders stand for nothing.
    pub asked: Vec<Scoping>,
    /// The placeholders that stand for nothing until `[scopes]` names values.
    pub unset: Vec<&'static str>,
    /// What the scopes are called while only the asker is unknown: in these a body from a file can be read.
    pub of_files: Vec<Scoping>,
}

/// The scopes of the probe that `table` declares.
pub(super) fn scopes(
    table: &Table<'_>,
    provider: &str,
    probe: &ProbeId,
    own: &ScopeSettings,
) -> Scopes {
    let request = table.table("request");
    let templates = ["url", "fallback_url"].map(|key| {
        let template = request.as_ref().and_then(|request| request.text(key));
        ("request", template)
    });
    scopes_of(table, provider, probe, own, &templates)
}

/// The scopes of what `table` declares, whose addresses, each under its key, are these.
pub(super) fn scopes_of(
    table: &Table<'_>,
    provider: &str,
    probe: &ProbeId,
    own: &ScopeSettings,
    templates: &[(&'static str, Option<String>)],
) -> Scopes {
    let mut lists: Vec<(&'static str, Vec<String>)> = Vec::new();
    if let Some(inner) = table.table("scopes") {
        for name in NAMES {
            if inner.has(name) {
                let declared = filled(&inner, name);
                let values = own.values(provider, probe, name).cloned();
                lists.push((name, values.unwrap_or(declared)));
            }
        }
        inner.finish();
    }
    check_placeholders(table, &lists, templates);
    let unset: Vec<&'static str> = lists
        .iter()
        .filter(|(_, values)| values.is_empty())
        .map(|(name, _)| *name)
        .collect();
    let known = lists.iter().filter(|(_, values)| !values.is_empty());
    let count: usize = known.clone().map(|(_, values)| values.len()).product();
    if count > MOST {
        let found = format!("{count}: fewer values under [scopes] make fewer");
        table.problem("scopes", format!("at most {MOST} scopes"), found);
        return Scopes {
            unset,
            ..Scopes::default()
        };
    }
    let only = Scoping {
        scope: Scope::from(""),
        values: BTreeMap::new(),
    };
    let of_known = known.fold(vec![only], |scopes, (name, values)| {
        let is_named = values.len() > 1 || !VIEWERS.contains(name);
        let wider = |scoping: &Scoping| {
            let widen = |value: &String| widened(scoping, name, value, is_named);
            values.iter().map(widen).collect::<Vec<Scoping>>()
        };
        scopes.iter().flat_map(wider).collect()
    });
    if unset.is_empty() {
        return Scopes {
            asked: of_known,
            ..Scopes::default()
        };
    }
    let is_only_whose = unset.iter().all(|name| VIEWERS.contains(name));
    Scopes {
        asked: Vec::new(),
        unset,
        of_files: if is_only_whose { of_known } else { Vec::new() },
    }
}

fn widened(scoping: &Scoping, name: &str, value: &str, is_named: bool) -> Scoping {
    let scope = match scoping.scope.as_str() {
        outer if !is_named => outer.to_string(),
        "" => value.to_string(),
        outer => format!("{outer},{value}"),
    };
    let mut values = scoping.values.clone();
    values.insert(name.to_string(), value.to_string());
    Scoping {
        scope: Scope::new(scope),
        values,
    }
}

fn check_placeholders(
    table: &Table<'_>,
    lists: &[(&'static str, Vec<String>)],
    templates: &[(&'static str, Option<String>)],
) {
    for (key, template) in templates {
        for part in template.iter().flat_map(|text| text.split('{').skip(1)) {
            let name = part.split('}').next().unwrap_or("");
            if !lists.iter().any(|(known, _)| *known == name) {
                let of = table.path().split(['.', '[']).next().unwrap_or_default();
                let of = if of.is_empty() { "probe" } else { of };
                let expected = format!("values for {{{name}}} in [{of}.scopes]");
                table.problem(key, expected, "none");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tree::walk;

    fn own(text: &str) -> ScopeSettings {
        walk("bellwether.toml", text, |root| Some(settings(root))).expect("sound scopes")
    }

    fn read(text: &str, own: &ScopeSettings) -> Result<(Vec<String>, Scopes), String> {
        let text = format!("[request]\nurl = 'https://{{region}}.x.test/{{account}}'\n{text}");
        let read = walk("probe.toml", &text, |root| {
            root.table("request")
                .inspect(|request| drop(request.text("fallback_url")));
            Some(scopes(root, "p", &ProbeId::from("p.models"), own))
        });
        let scopes = read.map_err(|problems| problems.to_string())?;
        let template = "https://{region}.x.test/{account}";
        let urls = scopes
            .asked
            .iter()
            .map(|scoping| format!("{} {}", scoping.scope, scoping.fill(template)));
        Ok((urls.collect(), scopes))
    }

    #[test]
    fn lists_multiply_and_settings_replace() {
        let file = "[scopes]\nregion = ['a', 'b']\naccount = ['1']";
        let both = ["a https://a.x.test/1", "b https://b.x.test/1"].map(String::from);
        assert_eq!(read(file, &ScopeSettings::NONE).expect("sound").0, both);
        let provider = own("[scopes.p]\nregion = ['c']");
        assert_eq!(
            read(file, &provider).expect("sound").0,
            ["c https://c.x.test/1"]
        );
        let probe = own("[scopes.p]\nregion = ['c']\n[scopes.'p.models']\nregion = ['d']");
        assert_eq!(
            read(file, &probe).expect("sound").0,
            ["d https://d.x.test/1"]
        );
    }

    #[test]
    fn an_empty_list_waits_for_the_user() {
        let file = "[scopes]\nregion = ['a', 'b']\naccount = []";
        let (urls, scopes) = read(file, &ScopeSettings::NONE).expect("sound");
        assert_eq!((urls.len(), scopes.unset), (0, vec!["account"]));
        let of_files = scopes.of_files.iter().map(|scoping| scoping.scope.as_str());
        assert_eq!(of_files.collect::<Vec<_>>(), ["a", "b"]);
        let named = own("[scopes.p]\naccount = ['7']");
        let one = ["a https://a.x.test/7", "b https://b.x.test/7"];
        assert_eq!(read(file, &named).expect("sound").0, one);
        let named = own("[scopes.p]\naccount = ['7', '8']\nregion = ['a']");
        let two = ["a,7 https://a.x.test/7", "a,8 https://a.x.test/8"];
        assert_eq!(read(file, &named).expect("sound").0, two);
        let (_, scopes) =
            read("[scopes]\nregion = []\naccount = []", &ScopeSettings::NONE).expect("sound");
        assert_eq!(scopes.of_files, []);
    }

    #[test]
    fn what_changes_an_address_is_refused() {
        let none = ScopeSettings::NONE;
        insta::assert_snapshot!(read("[scopes]\nregion = ['a/b?c']\naccount = []\nzone = ['x']", &none).expect_err("wrong"), @"
        probe.toml:4: scopes.region: expected letters, digits, hyphens, dots, underscores and tildes, found 'a/b?c'
        probe.toml:6: scopes.zone: expected one of account, compartment, location, model, offer, project, publisher, region, resource, subscription, tenancy, found the unknown key 'zone'
        ");
        let missing = read("[scopes]\nregion = ['a']", &none).expect_err("no account");
        assert!(
            missing.contains("values for {account} in [probe.scopes]"),
            "{missing}"
        );
    }
}
