//! The attributes of one row.

use serde_json::Value as Json;

use super::super::Context;
use super::super::convert::As;
use super::super::folding::shortened;
use super::super::notes::Notes;
use super::path::{Followed, Found};
use super::row::{Place, Row, Template, plain};
use super::{CertaintyWords, KEY, Stated};
use crate::market::{Attribute, Certainty, Claim, PriceMeter, Subject, Value};

/// A longer text is cut: attributes are facts, not articles.
const LONGEST_TEXT: usize = 2_000;

/// Keys of an object that are left out: whole ones, or all that begin with what stands before a `*`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Leave(pub Vec<String>);

impl Leave {
    fn has(&self, key: &str) -> bool {
        self.0.iter().any(|left| match left.strip_suffix('*') {
            Some(start) => key.starts_with(start),
            None => key == left,
        })
    }
}

/// Reads one declared attribute of one row.
pub struct Reader<'a> {
    /// The declaration.
    pub stated: &'a Stated,
    /// Its attribute, in the tier and band of the row.
    pub attribute: Attribute,
    /// What every reader is told.
    pub context: &'a Context<'a>,
    /// The row's native id, for notes.
    pub row: &'a str,
    /// Where notes go.
    pub notes: &'a mut Notes,
    /// Where claims go.
    pub claims: &'a mut Vec<Claim>,
}

impl Reader<'_> {
    /// States the value at the first place that has one.
    pub fn first_of(&mut self, places: &[Place], row: &Row<'_>) {
        for place in places {
            match row.follow(place) {
                Followed::Found(found) if found.is_empty() && !place.is_many() => {}
                Followed::Found(found) => return self.values(place, &found),
                Followed::Missing => {}
                Followed::Misshapen(what) => {
                    self.notes
                        .add(place.text(), self.row, "the declared fields", what);
                }
            }
        }
        self.is_missing(places.iter().map(Place::text));
    }

    /// States the first of the templates that can be filled.
    pub fn first_filled(&mut self, templates: &[Template], row: &Row<'_>) {
        for template in templates {
            if let Some(text) = template.fill(row) {
                return self.state(self.attribute.clone(), &text, template.text());
            }
        }
        self.is_missing(templates.iter().map(Template::text));
    }

    fn is_missing<'b>(&mut self, declared: impl Iterator<Item = &'b str>) {
        if self.stated.required {
            let declared: Vec<&str> = declared.collect();
            let expected = self.attribute.to_string();
            self.notes
                .add(&declared.join(" or "), self.row, &expected, "nothing");
        }
    }

    fn values(&mut self, place: &Place, found: &[Found<'_>]) {
        if place.has_key() && named_by_key(&self.attribute) {
            let except = &self.stated.except;
            let wanted = found.iter();
            for one in wanted.filter(|one| !one.key.is_some_and(|key| except.has(key))) {
                self.keyed(place, *one);
            }
        } else if matches!(self.stated.conversion.kind, As::Set { .. }) {
            self.set(place, found);
        } else {
            self.single(place, found);
        }
    }

    /// A value under a key that completes the attribute's name.
    fn keyed(&mut self, place: &Place, found: Found<'_>) {
        let key = found.key.unwrap_or("");
        let name = match &self.stated.keys {
            None => key,
            Some(keys) => match keys.get(key).map(String::as_str) {
                Some("") => return,
                Some(name) => name,
                None => {
                    let expected = "a key that the probe knows";
                    return self.notes.add(place.text(), self.row, expected, key);
                }
            },
        };
        match (with_key(&self.attribute, name), plain(found)) {
            (Some(attribute), Ok(text)) => self.state(attribute, &text, place.text()),
            (None, _) => self.notes.add(place.text(), self.row, "a name", key),
            (_, Err(what)) => self
                .notes
                .add(place.text(), self.row, "a plain value", what),
        }
    }

    fn single(&mut self, place: &Place, found: &[Found<'_>]) {
        let texts: Result<Vec<_>, _> = found.iter().map(|one| plain(*one)).collect();
        match texts.as_deref() {
            Ok([]) => {}
            Ok([first, rest @ ..]) if rest.iter().all(|other| other == first) => {
                self.state(self.attribute.clone(), first, place.text());
            }
            Ok(several) => {
                let found = format!("{} different ones", several.len());
                self.notes.add(place.text(), self.row, "one value", &found);
                self.claims.push(Claim::unclear(self.attribute.clone(), ""));
            }
            Err(what) => {
                self.notes
                    .add(place.text(), self.row, "a plain value", what);
                self.claims.push(Claim::unclear(self.attribute.clone(), ""));
            }
        }
    }

    /// A set from a list's elements, from several places' values, or from one text that is split.
    fn set(&mut self, place: &Place, found: &[Found<'_>]) {
        if let ([one], false) = (found, place.is_many())
            && let Ok(text) = plain(*one)
        {
            return self.state(self.attribute.clone(), &text, place.text());
        }
        let mut members: Vec<String> = Vec::new();
        for one in found {
            let elements = match one.value {
                Some(Json::Array(elements)) => elements.iter().map(Some).collect(),
                value => vec![value],
            };
            for value in elements {
                match plain(Found { value, ..*one }) {
                    Ok(text) => match self.word(&text) {
                        Ok(word) => members.push(word),
                        Err(expected) => {
                            self.notes
                                .add(place.text(), self.row, &expected, &format!("'{text}'"));
                        }
                    },
                    Err(what) => self.notes.add(place.text(), self.row, "plain values", what),
                }
            }
        }
        members.retain(|member| !member.is_empty());
        members.sort();
        let raw = shortened(&members.join(", "), LONGEST_TEXT);
        self.claims
            .push(Claim::new(self.attribute.clone(), Value::set(members), raw));
    }

    fn word(&self, text: &str) -> Result<String, String> {
        let text = self.stated.conversion.part(text)?.trim();
        let word = self.stated.conversion.words.get(&text.to_lowercase());
        Ok(word.map_or(text, |word| word.trim()).to_string())
    }

    /// States what `text` says of the attribute, or notes that it says nothing that can be read.
    pub fn state(&mut self, attribute: Attribute, text: &str, place: &str) {
        let text = shortened(text, LONGEST_TEXT);
        match self.stated.conversion.read(&text, self.context.stages) {
            Ok(Some(value)) => self.claims.push(Claim::new(attribute, value, text)),
            Ok(None) => {}
            Err(expected) => {
                let found = format!("'{text}'");
                self.notes.add(place, self.row, &expected, &found);
                self.claims.push(Claim::unclear(attribute, text));
            }
        }
    }
}

/// The declared attribute in the tier and band that the row states. `None` for an element of the attribute's own list that
/// states neither where one is declared: what it says holds under a condition that the mapping does not know.
pub fn in_band(stated: &Stated, row: &Row<'_>) -> Option<Attribute> {
    let Attribute::Price(price) = &stated.attribute else {
        return Some(stated.attribute.clone());
    };
    if stated.over.is_none() && stated.tier.is_none() {
        return Some(stated.attribute.clone());
    }
    let over = stated.over.as_ref().and_then(|place| row.one(place));
    let over = over.and_then(|tokens| tokens.parse().ok());
    let tier = stated.tier.as_ref().and_then(|tier| tier.fill(row));
    (stated.each.is_none() || over.is_some() || tier.is_some()).then(|| {
        Attribute::Price(PriceMeter {
            meter: price.meter.clone(),
            tier: tier
                .map(|tier| lowered(&tier).into())
                .or(price.tier.clone()),
            over: over.or(price.over),
        })
    })
}

/// Makes the dates as firm as the row's own word says. A word that is not known leaves them unclear.
pub fn settle_certainty(
    certainty: &CertaintyWords,
    row: &Row<'_>,
    dates: &mut [Claim],
    subject: &Subject,
    notes: &mut Notes,
) {
    let Some(word) = row.one(&certainty.place) else {
        return;
    };
    let known: Option<&Certainty> = certainty.words.get(word.as_ref());
    for claim in dates {
        claim.value = match (&claim.value, known) {
            (Value::Date(date), Some(known)) => Value::Date(date.with_certainty(*known)),
            _ => Value::Unclear,
        };
    }
    if known.is_none() {
        let words: Vec<&str> = certainty.words.keys().map(String::as_str).collect();
        let expected = format!("one of {}", words.join(", "));
        let row = subject.native_id.as_str();
        notes.add(certainty.place.text(), row, &expected, &format!("'{word}'"));
    }
}

/// Whether an attribute's name is completed by a key.
pub fn named_by_key(attribute: &Attribute) -> bool {
    match attribute {
        Attribute::Limit(name) | Attribute::Capability(name) => name.contains(KEY),
        Attribute::Price(price) => price.meter.contains(KEY),
        _ => false,
    }
}

/// The attribute with a key in its name: lower case, with underscores for what no name holds. `None` for a key without letters.
fn with_key(attribute: &Attribute, key: &str) -> Option<Attribute> {
    let name = lowered(key);
    if !name.contains(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let filled = |text: &str| text.replace(KEY, &name).into_boxed_str();
    Some(match attribute {
        Attribute::Limit(text) => Attribute::Limit(filled(text)),
        Attribute::Capability(text) => Attribute::Capability(filled(text)),
        Attribute::Price(price) => Attribute::Price(PriceMeter {
            meter: filled(&price.meter),
            ..price.clone()
        }),
        other => other.clone(),
    })
}

/// A text as a part of an attribute's name.
fn lowered(text: &str) -> String {
    text.chars()
        .take(64)
        .map(|c| match c.to_ascii_lowercase() {
            c if c.is_ascii_alphanumeric() || c == '-' => c,
            _ => '_',
        })
        .collect()
}
