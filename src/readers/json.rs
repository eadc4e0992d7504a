//! JSON answers: lists of models and the like, read by declared paths.

mod attribute;
mod path;
mod row;

use std::collections::BTreeMap;

use serde_json::Value as Json;

pub use attribute::named_by_key;
pub use path::{NoPath, Path};
pub use row::{Condition, Place, Template, Test};

use super::convert::Conversion;
use super::folding::shortened;
use super::notes::Notes;
use super::{Body, Context, encoding};
use crate::market::{Attribute, Claim, Failure, ProviderId, Reading, Region, Subject, SubjectKind};
pub(super) use path::shape;
use path::{Followed, Found};
use row::{Row, plain};

/// Raised whenever this reader makes other claims of the same body.
pub const VERSION: u32 = 1;

/// More rows are refused: two long lists in one item multiply.
const MOST_ROWS: usize = 100_000;

/// What in an attribute's name stands for the key that a value stood under.
pub const KEY: &str = "{key}";

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
    /// Whose a row is, where that is not the provider that is asked.
    pub provider: Option<RowProvider>,
    /// Rows that do not fulfil all of these are left out.
    pub only: Vec<Condition>,
    /// Rows that fulfil any of these are left out.
    pub skip: Vec<Condition>,
    /// What a row states.
    pub attributes: Vec<Stated>,
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
    /// Always this text, in our own words.
    Constant(String),
}

/// One attribute that rows state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated {
    /// Which; [`KEY`] in its name makes one of every value under a key.
    pub attribute: Attribute,
    /// How its text becomes a value.
    pub conversion: Conversion,
    /// Where its text is.
    pub source: Source,
    /// It is only stated where all of these hold.
    pub when: Vec<Condition>,
    /// It is stated once for each element of this list: the prices of several bands, for one.
    pub each: Option<Level>,
    /// From how many tokens of context on such an element's price holds.
    pub over: Option<Place>,
    /// The service tier of such an element's price.
    pub tier: Option<Template>,
    /// The keys that [`KEY`] may stand for, with their names; an empty name leaves one out, and one that is not here is noted.
    pub keys: Option<BTreeMap<String, String>>,
    /// Its absence is worth a note.
    pub required: bool,
    /// The provider's term for the deployment that it is stated of, where that is not the row's own.
    pub deployment: Option<Box<str>>,
}

/// Reads a body. What is absent or null is not stated; a value of another form than declared is noted. A body without the
/// declared items (a provider's error object, for one) is [`Failure::Unreadable`], never an empty reading.
pub fn read(mapping: &Mapping, body: &Body<'_>, context: &Context<'_>) -> Result<Reading, Failure> {
    let json = parse(body)?;
    let mut notes = Notes::default();
    let items = items(mapping, &json, &mut notes)?;
    let mut claims = Vec::new();
    let (mut rows, mut without_id) = (0_usize, 0_usize);
    for item in &items {
        for row in rows_of(mapping, *item, &mut notes)? {
            if !mapping.only.iter().all(|condition| condition.holds(&row))
                || mapping.skip.iter().any(|condition| condition.holds(&row))
            {
                continue;
            }
            rows += 1;
            let Some(native_id) = mapping.native_id.fill(&row) else {
                without_id += 1;
                notes.add(mapping.native_id.text(), "", "a native id", &outline(*item));
                continue;
            };
            let native_id = rewritten(native_id, &mapping.rewrite);
            if let Some(subject) = subject(mapping, &row, native_id, context, &mut notes) {
                stated(mapping, &row, subject, context, &mut notes, &mut claims);
            }
        }
    }
    if rows > 0 && rows == without_id {
        return Err(Failure::Unreadable {
            expected: format!("items with a native id at {}", mapping.native_id.text()),
            found: format!("{rows} items, none with one, in {}", outline_of(&json)),
        });
    }
    let mut reading = Reading::from_claims(claims, context.complete);
    notes.put_into(&mut reading);
    Ok(reading)
}

/// A body as JSON. serde_json refuses nesting beyond 128 levels.
pub(super) fn parse(body: &Body<'_>) -> Result<Json, Failure> {
    let text = encoding::decode(body)?;
    serde_json::from_str(&text).map_err(|error| not_json(&error, &text))
}

pub(super) fn not_json(error: &serde_json::Error, text: &str) -> Failure {
    let start = shortened(text.trim_start().lines().next().unwrap_or(""), 40);
    Failure::Unreadable {
        expected: "JSON".to_string(),
        found: format!("{error}, in a body that begins '{start}'"),
    }
}

/// A body's shape in a few words, for messages: `an object with error, request_id`.
pub(super) fn outline_of(json: &Json) -> String {
    match json {
        Json::Object(fields) if fields.is_empty() => "an empty object".to_string(),
        Json::Object(fields) => {
            let keys: Vec<String> = fields
                .keys()
                .take(8)
                .map(|key| shortened(key, 40))
                .collect();
            let more = if fields.len() > keys.len() {
                " \u{2026}"
            } else {
                ""
            };
            format!("an object with {}{more}", keys.join(", "))
        }
        Json::Array(elements) => format!("a list of {}", elements.len()),
        other => shape(other).to_string(),
    }
}

fn outline(found: Found<'_>) -> String {
    found.value.map_or_else(|| "a key".to_string(), outline_of)
}

fn items<'a>(
    mapping: &Mapping,
    json: &'a Json,
    notes: &mut Notes,
) -> Result<Vec<Found<'a>>, Failure> {
    let mut all = Vec::new();
    let mut any = false;
    for path in &mapping.items {
        let (head, tail) = path.split_at_first_many();
        let Followed::Found(outer) = head.follow(json, None) else {
            continue;
        };
        any = true;
        for found in outer {
            let Some(value) = found.value else { continue };
            match tail.follow(value, found.key) {
                Followed::Found(inner) => all.extend(inner),
                Followed::Missing => notes.add(&path.to_string(), "", "items", "nothing"),
                Followed::Misshapen(what) => notes.add(&path.to_string(), "", "items", what),
            }
        }
        if !mapping.every {
            break;
        }
    }
    if any {
        return Ok(all);
    }
    let declared: Vec<String> = mapping.items.iter().map(ToString::to_string).collect();
    Err(Failure::Unreadable {
        expected: format!("items at {}", declared.join(" or ")),
        found: outline_of(json),
    })
}

/// The rows of one item: one for each combination of elements of its inner lists.
fn rows_of<'a>(
    mapping: &Mapping,
    item: Found<'a>,
    notes: &mut Notes,
) -> Result<Vec<Row<'a>>, Failure> {
    let mut rows = vec![Row(vec![Some(item)])];
    for level in &mapping.levels {
        let mut longer = Vec::with_capacity(rows.len());
        for row in rows {
            let skipped = |element: &Found<'_>| {
                plain(*element).is_ok_and(|text| level.skip.iter().any(|skip| *skip == *text))
            };
            let elements = match row.follow(&level.place) {
                Followed::Found(mut elements) => {
                    elements.retain(|element| !skipped(element));
                    elements
                }
                Followed::Missing => {
                    if !level.optional {
                        notes.add(level.place.text(), "", "a list", "nothing");
                    }
                    Vec::new()
                }
                Followed::Misshapen(what) => {
                    notes.add(level.place.text(), "", "a list", what);
                    Vec::new()
                }
            };
            let with = |element| Row(row.0.iter().copied().chain([element]).collect());
            if elements.is_empty() && level.optional {
                longer.push(with(None));
            }
            if longer.len() + elements.len() > MOST_ROWS {
                return Err(Failure::Unreadable {
                    expected: format!("at most {MOST_ROWS} rows of one item"),
                    found: format!("more at {}", level.place.text()),
                });
            }
            longer.extend(elements.into_iter().map(|element| with(Some(element))));
        }
        rows = longer;
    }
    Ok(rows)
}

fn rewritten(native_id: String, rewrite: &[(String, String)]) -> String {
    let turn = |id: String, (from, to): &(String, String)| id.replacen(from.as_str(), to, 1);
    let turned = rewrite.iter().fold(native_id.clone(), turn);
    // what is nothing but a prefix is kept as it is
    if turned.trim().is_empty() {
        native_id
    } else {
        turned
    }
}

/// What the row is about; `None` for a row of a provider that the mapping does not name.
fn subject(
    mapping: &Mapping,
    row: &Row<'_>,
    native_id: String,
    context: &Context<'_>,
    notes: &mut Notes,
) -> Option<Subject> {
    let provider = match &mapping.provider {
        None => context.provider.clone(),
        Some(provider) => provider.names.get(&provider.word.fill(row)?)?.clone(),
    };
    let region = match &mapping.region {
        None => context.region.clone(),
        Some(template) => match template.fill(row) {
            Some(region) => Region::new(region),
            None => {
                notes.add(template.text(), &native_id, "a region", "nothing");
                context.region.clone()
            }
        },
    };
    let deployment = mapping.deployment.as_ref().and_then(|term| term.fill(row));
    let deployment = deployment.map(|term| {
        let ours = mapping.deployments.get(&term.to_lowercase()).cloned();
        ours.unwrap_or(term)
    });
    Some(Subject {
        region,
        deployment: deployment.map(Into::into),
        ..Subject::of_kind(mapping.kind, provider.as_str(), native_id)
    })
}

/// What the row states, of itself and of deployments that its attributes name.
fn stated(
    mapping: &Mapping,
    row: &Row<'_>,
    subject: Subject,
    context: &Context<'_>,
    notes: &mut Notes,
    claims: &mut Vec<(Subject, Vec<Claim>)>,
) {
    let mut own = Vec::new();
    for stated in &mapping.attributes {
        let mut of_deployment = Vec::new();
        for row in elements(stated, row, &subject, notes) {
            let attribute = attribute::in_band(stated, &row);
            let Some(attribute) = attribute.filter(|_| stated.when.iter().all(|c| c.holds(&row)))
            else {
                continue;
            };
            let mut reader = attribute::Reader {
                stated,
                attribute: attribute.clone(),
                context,
                row: subject.native_id.as_str(),
                notes: &mut *notes,
                claims: match stated.deployment {
                    Some(_) => &mut of_deployment,
                    None => &mut own,
                },
            };
            match &stated.source {
                Source::Constant(text) => reader.state(attribute, text, "the mapping"),
                Source::Places(places) => reader.first_of(places, &row),
            }
        }
        if !of_deployment.is_empty() {
            let deployment = stated.deployment.clone();
            let of = Subject {
                deployment,
                ..subject.clone()
            };
            claims.push((of, of_deployment));
        }
    }
    claims.push((subject, own));
}

/// Every plain text at a path from the root of a body.
pub(super) fn texts_at(json: &Json, path: &Path) -> Vec<String> {
    match path.follow(json, None) {
        Followed::Found(found) => found
            .iter()
            .filter_map(|one| plain(*one).ok().map(Into::into))
            .collect(),
        Followed::Missing | Followed::Misshapen(_) => Vec::new(),
    }
}

/// The row itself, or the row with each element of the attribute's own list.
fn elements<'a>(
    stated: &Stated,
    row: &Row<'a>,
    subject: &Subject,
    notes: &mut Notes,
) -> Vec<Row<'a>> {
    let Some(level) = &stated.each else {
        return vec![row.clone()];
    };
    match row.follow(&level.place) {
        Followed::Found(elements) => elements
            .into_iter()
            .map(|element| Row(row.0.iter().copied().chain([Some(element)]).collect()))
            .collect(),
        Followed::Missing => Vec::new(),
        Followed::Misshapen(what) => {
            let id = subject.native_id.as_str();
            notes.add(level.place.text(), id, "a list", what);
            Vec::new()
        }
    }
}

/// The one plain text at a path from the root of a body, if there is exactly one.
pub(super) fn text_at(json: &Json, path: &Path) -> Option<String> {
    match path.follow(json, None) {
        Followed::Found(found) => match found.as_slice() {
            [one] => plain(*one).ok().map(Into::into),
            _ => None,
        },
        Followed::Missing | Followed::Misshapen(_) => None,
    }
}
