//! Why a change is believed: the parts of the bodies that show it, who was told of it, and what kept it from being told.

use jiff::Timestamp;

use crate::alerting::{Matter, Policy, silences_it};
use crate::market::{BodyHash, Change, DeliveryState, RecordedChange, Silence, Standing};
use crate::store::{Alerts, Bodies, Claims, Error, Lately, Questions, Silences, Sources, Told};

/// Characters of a body shown on each side of what changed.
const AROUND: usize = 160;
/// How far behind a name its value is looked for.
const NEAR: usize = 4_000;
/// Bytes of what is marked at most.
const MARKED: usize = 2_000;

/// The part of a body around what a change is about, in which every run of white space is one space.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// What stands before it.
    pub before: String,
    /// What the change is about: the value as the source states it, or else the name.
    pub marked: String,
    /// What stands after it.
    pub after: String,
}

impl Excerpt {
    /// All of it.
    pub fn text(&self) -> String {
        let parts = [&self.before, &self.marked, &self.after];
        parts.map(String::as_str).concat()
    }
}

/// What shows one side of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The body that shows it.
    pub body: BodyHash,
    /// How the source states it.
    pub raw: Option<String>,
    /// Where the body says so; `None` if it is gone or does not name it.
    pub excerpt: Option<Excerpt>,
}

/// Why a change is believed, and what became of it.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// The change.
    pub recorded: RecordedChange,
    /// What shows the state before it.
    pub old: Option<Side>,
    /// What shows the state after it.
    pub new: Option<Side>,
    /// The messages that tell it.
    pub told: Vec<Told>,
    /// The silences that kept it from being told, where nobody was told.
    pub silenced: Vec<Silence>,
    /// Good readings of its source from the one that first showed it to the one with which it was recorded, as far as they are
    /// kept.
    pub readings: u64,
}

/// Gathers the evidence of a change.
///
/// # Errors
/// Those of the store.
pub fn evidence(
    store: &impl Questions,
    policy: &Policy,
    recorded: RecordedChange,
) -> Result<Evidence, Error> {
    let change = &recorded.change;
    let old = side(store, change, change.old_body, change.old_raw.as_deref())?;
    let new = side(store, change, change.new_body, change.new_raw.as_deref())?;
    let told = store.told_of(&change.id)?;
    let silenced = match told.is_empty() && !recorded.imported {
        true => silences_of(store, policy, change)?,
        false => Vec::new(),
    };
    let readings = match store.source(&change.source)? {
        Some(source) => store.good_readings_of(&source, change.seen_at, change.confirmed_at)?,
        None => 0,
    };
    Ok(Evidence {
        readings,
        recorded,
        old,
        new,
        told,
        silenced,
    })
}

fn silences_of(
    store: &impl Questions,
    policy: &Policy,
    change: &Change,
) -> Result<Vec<Silence>, Error> {
    let matter = Matter::new(change, store.interface_of(&change.subject)?);
    let severity = policy.grade(&matter).severity;
    let at = change.confirmed_at;
    let mut silences = store.silences_after(at)?;
    silences.retain(|silence| silences_it(silence, &matter, severity, at));
    Ok(silences)
}

fn side(
    store: &impl Questions,
    change: &Change,
    body: Option<BodyHash>,
    raw: Option<&str>,
) -> Result<Option<Side>, Error> {
    let Some(body) = body else { return Ok(None) };
    let bytes = store.body(body)?;
    let excerpt = bytes.and_then(|bytes| excerpt(&bytes, change, raw));
    let raw = raw.map(str::to_string);
    Ok(Some(Side { body, raw, excerpt }))
}

fn excerpt(bytes: &[u8], change: &Change, raw: Option<&str>) -> Option<Excerpt> {
    let text = String::from_utf8_lossy(bytes);
    let native_id = change.subject.native_id.as_str();
    let name = native_id.split('@').next().unwrap_or(native_id);
    // the name as a whole word where it can be had: another model's name may begin with it
    let quoted = format!("\"{name}\"");
    let at = text.find(&quoted).or_else(|| text.find(name))?;
    let raw = raw.filter(|raw| !raw.is_empty());
    let place = raw
        .and_then(|raw| text.get(at..)?.find(raw))
        .filter(|distance| *distance < NEAR);
    let begin = text.floor_char_boundary(at.saturating_sub(AROUND / 2));
    let end = text.floor_char_boundary((at + place.unwrap_or(0) + AROUND).min(text.len()));
    let (from, length) = match (place, raw) {
        (Some(place), Some(raw)) => (at + place, raw.len()),
        _ if text.get(at..)?.starts_with(&quoted) => (at + 1, name.len()),
        _ => (at, name.len()),
    };
    let until = text.floor_char_boundary((from + length.min(MARKED)).min(end));
    Some(Excerpt::of([
        text.get(begin..from)?,
        text.get(from..until)?,
        text.get(until..end)?,
    ]))
}

impl Excerpt {
    /// Three parts that follow each other, with one space for every run of white space, none at the ends.
    fn of(parts: [&str; 3]) -> Self {
        let mut told = [const { String::new() }; 3];
        let mut is_begun = false;
        let mut is_apart = false;
        for (nth, part) in parts.into_iter().enumerate() {
            for c in part.chars() {
                if c.is_whitespace() {
                    is_apart = true;
                    continue;
                }
                if std::mem::take(&mut is_apart) && is_begun {
                    // what parts the marked text from that before it is not marked
                    let at = if nth == 1 && told[1].is_empty() {
                        0
                    } else {
                        nth
                    };
                    if let Some(text) = told.get_mut(at) {
                        text.push(' ');
                    }
                }
                is_begun = true;
                if let Some(text) = told.get_mut(nth) {
                    text.push(c);
                }
            }
        }
        let [before, marked, after] = told;
        Self {
            before,
            marked,
            after,
        }
    }
}

/// What the standing of a change means.
pub fn standing_in_words(standing: Standing) -> &'static str {
    match standing {
        Standing::News => "news: it changes the landscape",
        Standing::Corroboration => "corroboration: an equal or higher authority has held this",
        Standing::Outranked => {
            "outranked: a higher authority says otherwise, or its own source says it elsewhere"
        }
    }
}

/// How grave a change is, and what sets it apart, a part each.
pub fn marks(recorded: &RecordedChange) -> Vec<String> {
    let change = &recorded.change;
    let mut marks = vec![format!("severity {}", change.severity.word())];
    for (holds, said) in [
        (change.documented, "documented by a registry"),
        (change.flapping, "flapping: told to nobody"),
        (recorded.imported, "imported: told to nobody"),
    ] {
        marks.extend(holds.then(|| said.to_string()));
    }
    marks
}

/// To whom a message goes, over what, how grave it is for them, and which watches it touches.
pub fn told_in_words(told: &Told) -> String {
    let mut said = format!(
        "{} over {}, {}",
        told.recipient,
        told.route,
        told.severity.word()
    );
    if !told.touched.is_empty() {
        said.push_str(&format!(", touches {}", told.touched.join(", ")));
    }
    said
}

/// `delivered 2026-11-25 09:00`, or what it waits for or died of. Holds what servers said as it is.
pub fn state_in_words(told: &Told, time: impl Fn(Timestamp) -> String) -> String {
    let detail = told.detail.as_deref();
    let detail = detail.map_or(String::new(), |detail| format!(": {detail}"));
    match (told.state, told.delivered_at) {
        (DeliveryState::Delivered, Some(at)) => match &told.acknowledged {
            Some(by) => format!("known to {} since {}", by.who, time(by.at)),
            None => format!("delivered {}", time(at)),
        },
        (DeliveryState::Delivered, None) => "delivered".to_string(),
        (DeliveryState::Waiting, _) if told.attempts > 0 => {
            format!(
                "tried {} times, next {}{detail}",
                told.attempts,
                time(told.not_before)
            )
        }
        (DeliveryState::Waiting, _) => format!("waits until {}", time(told.not_before)),
        (DeliveryState::Dead, _) => format!("dead{detail}"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_excerpt_says_what_its_words_say(before in any::<String>(), marked in any::<String>(), after in "[a \n]*") {
            let excerpt = Excerpt::of([&before, &marked, &after]);
            let whole = [before, marked, after].concat();
            let words: Vec<&str> = whole.split_whitespace().collect();
            prop_assert_eq!(excerpt.text(), words.join(" "));
        }
    }
}
