//! The rows of the tables, as `data/identity.toml` writes them.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Words that mean the same wherever they stand.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Path segments that are neither a lab nor a model.
    pub structural: Vec<String>,
    /// First words of a name that tell the host.
    pub hosts: Vec<String>,
    /// Last words that tell the packaging.
    pub packaging: Vec<String>,
    /// Variants after a colon that leave the model what it is.
    pub variants: Vec<String>,
    /// Notes in parentheses that leave the model what it is.
    pub notes: Vec<String>,
    /// Notes in parentheses that belong to the name.
    pub meanings: Vec<String>,
    /// Names that choose among models.
    pub routers: Vec<String>,
    /// Last words of names that are of capacity, which several models share.
    pub capacity: Vec<String>,
}

/// A provider, as registries spell it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Our id.
    pub id: String,
    /// Other spellings.
    #[serde(default)]
    pub names: Vec<String>,
    /// It sells nothing but this lab's models.
    pub lab: Option<String>,
    /// A bare name is this lab's unless a family says otherwise.
    pub home: Option<String>,
    /// The family of a bare name that begins with a number.
    pub numbered: Option<String>,
    /// First words before a number that leave the same family out.
    #[serde(default)]
    pub numbered_after: Vec<String>,
    /// Words that it abbreviates, with what they stand for.
    #[serde(default)]
    pub abbreviations: BTreeMap<String, String>,
    /// How names begin that it writes otherwise, with how others write them.
    #[serde(default)]
    pub begins: BTreeMap<String, String>,
    /// Its ids are label/name, and it is believed for labels that the tables do not know.
    #[serde(default)]
    pub labels: bool,
}

/// Who makes models.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lab {
    /// Our id.
    pub id: String,
    /// The labels that denote it.
    pub labels: Vec<String>,
    /// Families that are its alone.
    #[serde(default)]
    pub families: Vec<String>,
    /// Four-digit stamps are month and day.
    #[serde(default)]
    pub mmdd: bool,
    /// Six-digit stamps are year, month and day.
    #[serde(default)]
    pub yymmdd: bool,
    /// `24.11` is the release `2411`.
    #[serde(default)]
    pub releases: bool,
    /// The family that names under the label leave out.
    pub unnamed: Option<String>,
    /// Sells other labs' models under its own label.
    #[serde(default)]
    pub hosts: bool,
    /// `-v1` says nothing.
    #[serde(default)]
    pub first: bool,
    /// First words of names whose number is written with a `v`.
    #[serde(default)]
    pub versioned: Vec<String>,
    /// Words within a name that betray it.
    #[serde(default)]
    pub within: Vec<String>,
}

/// A family of models, and the habits of its names.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Family {
    /// Its words, joined by hyphens.
    pub name: String,
    /// The lab's id.
    pub lab: String,
    /// The number stands at the name.
    #[serde(default)]
    pub glued: bool,
    /// A family only with a number.
    #[serde(default)]
    pub numbered: bool,
    /// Two digits at the name are a version.
    #[serde(default)]
    pub pairs: bool,
    /// `v2` is `2`.
    #[serde(default)]
    pub bare_v: bool,
    /// `.0` is part of the name.
    #[serde(default)]
    pub zero: bool,
    /// A last `-001` is a version of the model.
    #[serde(default)]
    pub revisions: bool,
    /// Words that say nothing.
    #[serde(default)]
    pub dropped: Vec<String>,
    /// Words that belong at the end.
    #[serde(default)]
    pub trailing: Vec<String>,
    /// Words that the version precedes.
    #[serde(default)]
    pub version_first: Vec<String>,
    /// Only below this major version; from there on it follows.
    pub version_first_below: Option<u32>,
    /// What the family is called, where that is not its name here.
    called: Option<String>,
    /// Its words, each.
    #[serde(skip)]
    pub words: Vec<String>,
    /// The lab, as an index into the labs.
    #[serde(skip)]
    pub maker: usize,
}

/// A reviewed exception: names that the rules give, and what they denote.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// `lab/name` as the rules find it, or `lab/name@stamp` where it is about that version alone.
    #[serde(default)]
    pub of: Vec<String>,
    /// What it denotes; absent: itself.
    pub model: Option<String>,
    /// Names and what each denotes, where one reason holds for several.
    #[serde(default)]
    renames: BTreeMap<String, String>,
    /// The version it denotes.
    pub stamp: Option<String>,
    /// Nobody can know what it denotes.
    #[serde(default)]
    pub unknown: bool,
    /// Only at these providers; empty: at all.
    #[serde(default)]
    pub providers: Vec<String>,
    /// Why.
    pub reason: String,
}

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Words that mean the same wherever they stand.
    pub words: Words,
    /// Providers.
    pub provider: Vec<Provider>,
    /// Labs.
    pub lab: Vec<Lab>,
    /// Families with habits of their own.
    pub family: Vec<Family>,
    /// Reviewed exceptions.
    pub exception: Vec<Exception>,
}

impl Exception {
    /// The exception with one model for its names, and one for each of its renames.
    pub fn single(mut self) -> Vec<Self> {
        let renames = std::mem::take(&mut self.renames);
        let mut all: Vec<Self> = renames
            .into_iter()
            .map(|(name, model)| Self {
                of: vec![name],
                model: Some(model),
                ..self.clone()
            })
            .collect();
        if !self.of.is_empty() {
            all.push(self);
        }
        all
    }
}

impl Family {
    /// How its models' names begin.
    pub fn called(&self) -> &str {
        self.called.as_deref().unwrap_or(&self.name)
    }

    /// A family without habits.
    pub fn plain(name: &str, lab: &str) -> Self {
        Self {
            name: name.to_string(),
            lab: lab.to_string(),
            // the last word of `embed-v` is half of `v4`
            glued: name.ends_with("-v"),
            numbered: false,
            pairs: false,
            bare_v: false,
            zero: false,
            revisions: false,
            dropped: Vec::new(),
            trailing: Vec::new(),
            version_first: Vec::new(),
            version_first_below: None,
            called: None,
            words: Vec::new(),
            maker: 0,
        }
    }
}
