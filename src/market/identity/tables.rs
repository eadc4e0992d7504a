//! What no rule can know: the tables of `data/identity.toml`, compiled in.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::rows::{Exception, Family, File, Lab, Provider, Words};

const TEXT: &str = include_str!("../../../data/identity.toml");

static TABLES: LazyLock<Tables> =
    LazyLock::new(|| Tables::from_text(TEXT).expect("data/identity.toml is checked by a test"));

/// The compiled-in tables.
pub fn tables() -> &'static Tables {
    &TABLES
}

/// Our ids of all providers that the shipped list names.
pub fn provider_ids() -> impl Iterator<Item = &'static str> {
    let providers = tables().providers.iter();
    providers.map(|provider| provider.id.as_str())
}

/// A family found at the begin of a name.
pub struct Found<'t> {
    /// Which.
    pub family: &'t Family,
    /// How many tokens it takes up.
    pub tokens: usize,
    /// What stands at the last of them: `3.3` of `llama3.3`.
    pub rest: Option<String>,
}

/// Every table, ready to be asked.
#[derive(Debug)]
pub struct Tables {
    /// Words that mean the same wherever they stand.
    pub words: Words,
    /// Labs by index.
    pub labs: Vec<Lab>,
    families: Vec<Family>,
    providers: Vec<Provider>,
    exceptions: Vec<Exception>,
    label: HashMap<String, usize>,
    label_begins: HashSet<String>,
    provider: HashMap<String, usize>,
    family: HashMap<String, Vec<usize>>,
    exception: HashMap<String, Vec<usize>>,
    within: Vec<(String, usize)>,
}

impl Tables {
    /// Reads the tables; the error says what is wrong with the text.
    pub fn from_text(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut tables = Self {
            words: file.words,
            labs: file.lab,
            families: file.family,
            providers: file.provider,
            exceptions: file
                .exception
                .into_iter()
                .flat_map(Exception::single)
                .collect(),
            label: HashMap::new(),
            label_begins: HashSet::new(),
            provider: HashMap::new(),
            family: HashMap::new(),
            exception: HashMap::new(),
            within: Vec::new(),
        };
        tables.index_labs()?;
        tables.index_families()?;
        tables.index_providers()?;
        for (at, exception) in tables.exceptions.iter().enumerate() {
            for name in &exception.of {
                tables.exception.entry(name.clone()).or_default().push(at);
            }
            for provider in &exception.providers {
                if !tables.providers.iter().any(|known| known.id == *provider) {
                    return Err(format!(
                        "an exception is for '{provider}', which is no provider"
                    ));
                }
            }
        }
        Ok(tables)
    }

    fn index_labs(&mut self) -> Result<(), String> {
        for (at, lab) in self.labs.iter().enumerate() {
            for label in &lab.labels {
                let label = folded(label);
                let begins = label
                    .char_indices()
                    .map(|(at, c)| label[..at + c.len_utf8()].to_string());
                self.label_begins.extend(begins);
                if self.label.insert(label.clone(), at).is_some() {
                    return Err(format!("the label '{label}' stands twice"));
                }
            }
            let plain = lab.families.iter().map(|name| Family::plain(name, &lab.id));
            self.families.extend(plain);
            self.within
                .extend(lab.within.iter().map(|word| (word.clone(), at)));
        }
        Ok(())
    }

    fn index_families(&mut self) -> Result<(), String> {
        for (at, family) in self.families.iter_mut().enumerate() {
            family.words = family.name.split('-').map(str::to_string).collect();
            family.maker = self
                .labs
                .iter()
                .position(|lab| lab.id == family.lab)
                .ok_or_else(|| format!("the family '{}' is of no lab", family.name))?;
            let first = family.words.first().cloned().unwrap_or_default();
            self.family.entry(first).or_default().push(at);
        }
        for found in self.family.values_mut() {
            // the longest name wins
            found.sort_by_key(|at| std::cmp::Reverse(self.families[*at].words.len()));
        }
        Ok(())
    }

    fn index_providers(&mut self) -> Result<(), String> {
        for (at, provider) in self.providers.iter().enumerate() {
            for name in provider.names.iter().chain([&provider.id]) {
                if self.provider.insert(name.clone(), at).is_some() {
                    return Err(format!("the provider '{name}' stands twice"));
                }
            }
            for lab in provider.lab.iter().chain(&provider.home) {
                if !self.labs.iter().any(|known| known.id == *lab) {
                    return Err(format!("'{}' is at home at no lab", provider.id));
                }
            }
        }
        Ok(())
    }

    /// The provider of this name, in any spelling.
    pub fn provider(&self, name: &str) -> Option<&Provider> {
        let at = self.provider.get(&name.trim().to_ascii_lowercase())?;
        self.providers.get(*at)
    }
    /// The lab that a label denotes.
    pub fn label(&self, text: &str) -> Option<usize> {
        self.label.get(&folded(text)).copied()
    }
    /// Whether some label begins with this word: most names' first words begin none.
    pub fn begins_label(&self, word: &str) -> bool {
        self.label_begins.contains(word)
    }
    /// The lab of this id.
    pub fn lab(&self, id: &str) -> Option<usize> {
        self.labs.iter().position(|lab| lab.id == id)
    }
    /// The lab that a word within a name betrays: `nemotron`.
    pub fn within(&self, tokens: &[String]) -> Option<usize> {
        let is_there = |word: &String| tokens.iter().any(|token| token == word);
        let found = self.within.iter().find(|(word, _)| is_there(word));
        found.map(|(_, lab)| *lab)
    }

    /// The family with which the tokens begin.
    pub fn family(&self, tokens: &[String]) -> Option<Found<'_>> {
        let first = tokens.first()?;
        let letters = first.trim_end_matches(|c: char| !c.is_ascii_alphabetic());
        let letters = letters.split(|c: char| c.is_ascii_digit()).next();
        let letters = letters.filter(|letters| *letters != first);
        // recraftv3
        let before_v = letters.and_then(|letters| letters.strip_suffix('v'));
        [Some(first.as_str()), letters, before_v]
            .into_iter()
            .flatten()
            .filter_map(|word| self.family.get(word))
            .flatten()
            .find_map(|at| begins(self.families.get(*at)?, tokens))
    }

    /// The exception for a name that the rules found, at a provider; one for its version before one for all of them.
    pub fn exception(
        &self,
        name: &str,
        stamp: Option<&str>,
        provider: Option<&Provider>,
    ) -> Option<&Exception> {
        let dated = stamp.and_then(|stamp| self.exception.get(&format!("{name}@{stamp}")));
        let here = |exception: &&Exception| {
            provider.is_some_and(|provider| exception.providers.contains(&provider.id))
        };
        dated
            .into_iter()
            .chain(self.exception.get(name))
            .find_map(|all| {
                let mut entries = all.iter().filter_map(|at| self.exceptions.get(*at));
                let special = entries.clone().find(here);
                special.or_else(|| entries.find(|exception| exception.providers.is_empty()))
            })
    }

    /// Every exception.
    #[cfg(test)]
    pub fn exceptions(&self) -> &[Exception] {
        &self.exceptions
    }
}

/// Whether the tokens begin with a family.
fn begins<'t>(family: &'t Family, tokens: &[String]) -> Option<Found<'t>> {
    let (last, before) = family.words.split_last()?;
    let at = before.len();
    if tokens.get(..at)? != before {
        return None;
    }
    let token = tokens.get(at)?;
    let rest = if token == last {
        None
    } else {
        let rest = token.strip_prefix(last.as_str())?;
        let digits = rest.strip_prefix('v').unwrap_or(rest);
        digits
            .starts_with(|c: char| c.is_ascii_digit())
            .then_some(())?;
        Some(rest.to_string())
    };
    let number = |text: &String| text.starts_with(|c: char| c.is_ascii_digit());
    if family.numbered && !rest.as_ref().or(tokens.get(at + 1)).is_some_and(number) {
        return None;
    }
    Some(Found {
        family,
        tokens: at + 1,
        rest,
    })
}

/// A label without punctuation, in lower case.
fn folded(text: &str) -> String {
    let letters = text.chars().filter(|c| c.is_alphanumeric());
    letters.map(|c| c.to_ascii_lowercase()).collect()
}
