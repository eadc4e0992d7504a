//! JSON answers: lists of models and the like, read by declared paths.

mod attribute;
mod mapping;
mod path;
mod row;
mod since;
mod twins;

use serde_json::Value as Json;

pub use attribute::{Leave, named_by_key};
pub use mapping::{CertaintyWords, Level, Mapping, RowProvider, Source, Stated, Variant};
pub use path::{NoPath, Path};
pub use row::{Condition, Place, Template, Test};

use super::folding::shortened;
use super::notes::Notes;
use super::{Body, Context, encoding};
use crate::market::{Claim, Failure, Fingerprint, Reading, Region, Subject};
pub(super) use path::shape;
use path::{Followed, Found};
use row::{Row, plain};
use twins::Twins;

/// Raised whenever this reader makes other claims of the same body.
pub const VERSION: u32 = 2;

/// More rows are refused: two long lists in one item multiply.
const MOST_ROWS: usize = 100_000;

/// In bytes: a body that may take more as a tree is refused. Lists of models take up to seven times their length.
const LARGEST_TREE: usize = 64 << 20;

/// What in an attribute's name stands for the key that a value stood under.
pub const KEY: &str = "{key}";

/// Reads a body. What is absent or null is not stated; a value of another form than declared is noted. A body without the
/// declared items (a provider's error object, for one) is [`Failure::Unreadable`], never an empty reading.
pub fn read(mapping: &Mapping, body: &Body<'_>, context: &Context<'_>) -> Result<Reading, Failure> {
    let json = parse(body)?;
    let mut notes = Notes::default();
    let items = items(mapping, &json, &mut notes)?;
    let mut twins = Twins::default();
    let (mut rows, mut without_id) = (0_usize, 0_usize);
    let mut text = Vec::new();
    // a row that speaks of several subjects, or says another thing on another day, is none that can be told apart by its own
    let is_alone = mapping
        .attributes
        .iter()
        .all(|stated| stated.deployment.is_none() && stated.since.is_none());
    for item in &items {
        let print = fingerprint(*item, &mut text).filter(|_| is_alone);
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
                twins.add(&mapping.prefer, subject, row, print);
            }
        }
    }
    if rows > 0 && rows == without_id {
        return Err(Failure::Unreadable {
            expected: format!("items with a native id at {}", mapping.native_id.text()),
            found: format!("{rows} items, none with one, in {}", outline_of(&json)),
        });
    }
    let mut reading = twins.into_reading(context, |row, subject, claims| {
        stated(mapping, row, subject, context, &mut notes, claims);
    });
    since::set_apart(mapping, &mut reading);
    notes.put_into(&mut reading);
    Ok(reading)
}

/// The fingerprint of an item: of its compact text, so that neither blanks nor the order of its fields count.
fn fingerprint(item: Found<'_>, text: &mut Vec<u8>) -> Option<Fingerprint> {
    text.clear();
    serde_json::to_writer(&mut *text, item.value?).ok()?;
    // items of an object are told apart by their keys, which paths can read
    text.extend_from_slice(item.key.unwrap_or("").as_bytes());
    Some(Fingerprint::of(text))
}

/// A body as JSON. serde_json refuses nesting beyond 128 levels; a body of nothing but the smallest objects, which take a
/// hundred times their length, is [`Failure::Unreadable`].
pub(super) fn parse(body: &Body<'_>) -> Result<Json, Failure> {
    tree(&encoding::decode(body)?)
}

/// As [`parse`], of a text.
pub(super) fn tree(text: &str) -> Result<Json, Failure> {
    if tree_size(text) > LARGEST_TREE {
        return Err(Failure::Unreadable {
            expected: format!("JSON of at most {} MB as a tree", LARGEST_TREE >> 20),
            found: "more objects and elements than that".to_string(),
        });
    }
    serde_json::from_str(text).map_err(|error| not_json(&error, text))
}

/// How much a text takes as a tree, in bytes, beside its own length and from above: signs in texts count as well. An object takes
/// room for eleven fields at once (a node of the standard library's `BTreeMap`), a list room for four elements.
fn tree_size(text: &str) -> usize {
    let size = |byte: u8| match byte {
        b'{' => 640,
        b'[' => 128,
        b',' => 100,
        _ => 0,
    };
    text.bytes().map(size).sum()
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
    let variant = mapping
        .variants
        .iter()
        .find(|variant| variant.when.iter().all(|condition| condition.holds(row)))
        .map(|variant| &variant.deployment);
    let term = variant.or(mapping.deployment.as_ref());
    let deployment = term.and_then(|term| term.fill(row));
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
            let claims = match stated.deployment {
                Some(_) => &mut of_deployment,
                None => &mut own,
            };
            let first = claims.len();
            let mut reader = attribute::Reader {
                stated,
                attribute: attribute.clone(),
                context,
                row: subject.native_id.as_str(),
                notes: &mut *notes,
                claims: &mut *claims,
            };
            match &stated.source {
                Source::Constant(text) => reader.state(attribute, text, "the mapping"),
                Source::Places(places) => reader.first_of(places, &row),
                Source::Templates(templates) => reader.first_filled(templates, &row),
            }
            if let Some(certainty) = &stated.certainty {
                let dates = claims.get_mut(first..).unwrap_or_default();
                attribute::settle_certainty(certainty, &row, dates, &subject, notes);
            }
            if let Some(place) = &stated.since {
                since::settle(place, &row, claims, first, &subject, notes);
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
