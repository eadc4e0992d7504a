//! What a probe file says about the items of a JSON body.

use std::collections::BTreeMap;

use super::super::convert::Conversion;
use super::attribute::Leave;
use super::path::Path;
use super::row::{Condition, Place, Template};
use crate::market::{Attribute, Certainty, ProviderId, SubjectKind};

/// How a JSON body is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// What a row is.
    pub kind: SubjectKind,
    /// Where the items stand; the first of these that the body has.
    pub items: Vec<Path>,
    /// The items stand in every one of these that the body has, not only in the first.
    pub every: bool,
    /// Lists inside an item; each element makes a row of its own.
    pub levels: Vec<Level>,
    /// The native id.
    pub native_id: Template,
    /// What stands in a native id for what: the first place of each, one after the other.
    pub rewrite: Vec<(String, String)>,
    /// The region; without it the source's own.
    pub region: Option<Template>,
    /// The provider's term for the deployment.
    pub deployment: Option<Template>,
    /// Terms that stand for others, by their small letters; any other term is kept as it is.
    pub deployments: BTreeMap<String, String>,
    /// Other terms for rows that fulfil all of a variant's conditions; the first variant that fits holds.
    pub variants: Vec<Variant>,
    /// Whose a row is, where that is not the provider that is asked.
    pub provider: Option<RowProvider>,
    /// Rows that do not fulfil all of these are left out.
    pub only: Vec<Condition>,
    /// Rows that fulfil any of these are left out.
    pub skip: Vec<Condition>,
    /// Of rows about one subject, only those are read that fulfil the first of these that any of them fulfils.
    pub prefer: Vec<Condition>,
    /// What a row states.
    pub attributes: Vec<Stated>,
}

impl Mapping {
    /// Whether a row states something only from a day on.
    pub fn is_dated(&self) -> bool {
        self.attributes.iter().any(|stated| stated.since.is_some())
    }
}

/// Rows whose deployment is called otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// Which rows.
    pub when: Vec<Condition>,
    /// Their deployment.
    pub deployment: Template,
}

/// A list inside an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// Where it stands, from the item or a level before it.
    pub place: Place,
    /// An item without it (or with nothing left in it) is a row all the same.
    pub optional: bool,
    /// Elements with one of these texts make no row.
    pub skip: Vec<String>,
}

/// Whose a row of a registry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowProvider {
    /// The registry's word.
    pub word: Template,
    /// The registry's words with our providers; rows of others are left out.
    pub names: BTreeMap<String, ProviderId>,
}

/// Where an attribute's value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The first of these places that has a value.
    Places(Vec<Place>),
    /// The first of these that can be filled.
    Templates(Vec<Template>),
    /// Always this text, in our own words.
    Constant(String),
}

/// One attribute that rows state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated {
    /// Which; [`super::KEY`] in its name makes one of every value under a key.
    pub attribute: Attribute,
    /// How its text becomes a value.
    pub conversion: Conversion,
    /// Where its text is.
    pub source: Source,
    /// It is only stated where all of these hold.
    pub when: Vec<Condition>,
    /// Where the moment stands from which on it holds; a row without one does not state it.
    pub since: Option<Place>,
    /// It is stated once for each element of this list: the prices of several bands, for one.
    pub each: Option<Level>,
    /// From how many tokens of context on such an element's price holds.
    pub over: Option<Place>,
    /// The service tier of such an element's price.
    pub tier: Option<Template>,
    /// The keys that [`super::KEY`] may stand for, with their names; an empty name leaves one out, and one that is not here is noted.
    pub keys: Option<BTreeMap<String, String>>,
    /// What says whether its date is firm, where something in the row does.
    pub certainty: Option<CertaintyWords>,
    /// Keys of which [`super::KEY`] makes no attribute.
    pub except: Leave,
    /// Its absence is worth a note.
    pub required: bool,
    /// The provider's term for the deployment that it is stated of, where that is not the row's own.
    pub deployment: Option<Box<str>>,
}

/// A place whose word says whether a date is firm. A row without such a word leaves the date as it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertaintyWords {
    /// Where the word stands.
    pub place: Place,
    /// The words, compared as they are, with what they mean.
    pub words: BTreeMap<String, Certainty>,
}
