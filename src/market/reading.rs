//! What one body of a source said.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Attribute, Claim, PriceMeter, Subject, SubjectKey, SubjectKind, Value};

/// A hash of the raw text that an entry was read from; never zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub std::num::NonZeroU64);

impl Fingerprint {
    /// Of a raw text.
    pub fn of(raw: &[u8]) -> Self {
        let mut head = [0u8; 8];
        head.copy_from_slice(&blake3::hash(raw).as_bytes()[..8]);
        Self(
            std::num::NonZeroU64::new(u64::from_le_bytes(head))
                .unwrap_or(std::num::NonZeroU64::MIN),
        )
    }

    /// Of this raw text and another one, in whatever order.
    pub fn and(self, other: Self) -> Self {
        let sum = self.0.get().wrapping_add(other.0.get());
        Self(std::num::NonZeroU64::new(sum).unwrap_or(std::num::NonZeroU64::MIN))
    }
}

/// The fingerprints of entries whose claims are known and settled: a reader may skip an entry of equal fingerprint.
pub type Settled = HashMap<SubjectKey, Fingerprint>;

/// One subject in a body.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What it is about.
    pub subject: Subject,
    /// [`Subject::key`], computed once.
    pub key: SubjectKey,
    /// What it says.
    pub content: Content,
}

/// What an entry says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Letter by letter what it said when it was settled; not read again.
    Settled,
    /// These claims.
    Stated {
        /// Each attribute once, sorted.
        claims: Vec<Claim>,
        /// Of the raw text, where the reader can tell entries apart in the raw body.
        fingerprint: Option<Fingerprint>,
    },
}

/// Something in a body that the reader did not expect; it says so instead of guessing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unexpected {
    /// Where: a path, a table's header, a row.
    pub place: String,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
}

/// What one body of a source said. Entries are a set: their order means nothing.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// Each subject once.
    pub entries: Vec<Entry>,
    /// Whether absence means something.
    pub complete: bool,
    /// The native ids that the body names without saying anything of them: their absence means nothing even so.
    pub silent: HashSet<String>,
    /// What the body states in a way that the reader could not read: neither a claim nor the absence of one.
    pub unclear: HashSet<(SubjectKey, Attribute)>,
    /// What holds only from some moment on, in the order of the body: see [`Self::as_of`].
    pub dated: Vec<Dated>,
    /// When subjects that are over ended, where the body says so. They have no entry: what is over is as good as not listed.
    pub ended: HashMap<SubjectKey, Timestamp>,
    /// What the reader did not expect.
    pub unexpected: Vec<Unexpected>,
}

/// Claims on a subject, mostly prices, that hold from a moment on, in the place of others of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated {
    /// Of what.
    pub key: SubjectKey,
    /// From when on.
    pub from: Timestamp,
    /// What holds.
    pub claims: Vec<Claim>,
    /// Whether they take the place of all prices of the standard tier; else each only of what its own attribute was.
    pub whole: bool,
}

impl Reading {
    /// A reading from claims by subject, in whatever order a body gave them: one entry a subject, one claim an attribute.
    /// Of two claims on one attribute the higher rank holds, then the smaller value; a conflict without rank is reported.
    /// What is only [`Value::Unclear`] is neither a claim nor the absence of one.
    pub fn from_claims(
        rows: impl IntoIterator<Item = (Subject, Vec<Claim>)>,
        complete: bool,
    ) -> Self {
        let mut index: HashMap<Subject, usize> = HashMap::new();
        let mut grouped: Vec<(Subject, Vec<Claim>)> = Vec::new();
        for (subject, claims) in rows {
            match index.get(&subject) {
                Some(&at) => grouped[at].1.extend(claims),
                None => {
                    index.insert(subject.clone(), grouped.len());
                    grouped.push((subject, claims));
                }
            }
        }
        let mut reading = Self {
            complete,
            ..Self::default()
        };
        for (subject, claims) in grouped {
            reading.push(subject, claims);
        }
        reading.unexpected.sort();
        reading.unexpected.dedup();
        reading
    }

    /// Whether a subject that has no entry is absent: the body would say so if it were there.
    pub fn lacks(&self, subject: &Subject) -> bool {
        self.complete && !self.silent.contains(subject.native_id.as_str())
    }

    /// One more subject, which has no entry yet, with its claims as [`Self::from_claims`] takes them.
    pub fn push(&mut self, subject: Subject, claims: Vec<Claim>) {
        let key = subject.key();
        let (claims, unclear): (Vec<Claim>, Vec<Claim>) = claims
            .into_iter()
            .partition(|claim| claim.value != Value::Unclear);
        let claims = one_each(&subject, claims, &mut self.unexpected);
        for Claim { attribute, .. } in unclear {
            if !claims.iter().any(|claim| claim.attribute == attribute) {
                self.unclear.insert((key, attribute));
            }
        }
        let content = Content::Stated {
            claims,
            fingerprint: None,
        };
        self.entries.push(Entry {
            subject,
            key,
            content,
        });
    }

    /// States these of every offering that the body neither states nor leaves unclear of it: what a probe knows of all that
    /// its source lists.
    pub fn set(&mut self, constants: &[(Attribute, Value)]) {
        for entry in &mut self.entries {
            let Content::Stated { claims, .. } = &mut entry.content else {
                continue;
            };
            if entry.subject.kind != SubjectKind::Offering {
                continue;
            }
            for (attribute, value) in constants {
                let place = claims.partition_point(|claim| claim.attribute < *attribute);
                let stated = claims
                    .get(place)
                    .is_some_and(|claim| claim.attribute == *attribute);
                if !stated && !self.unclear.contains(&(entry.key, attribute.clone())) {
                    let claim = Claim::new(attribute.clone(), value.clone(), "(every row)");
                    claims.insert(place, claim);
                }
            }
        }
    }

    /// Takes out, and notes, every claim that the store would not give back as it is: neither a claim nor the absence of one.
    pub fn leave_out_what_cannot_be_kept(&mut self) {
        let known = self.unexpected.len();
        for entry in &mut self.entries {
            let Content::Stated { claims, .. } = &mut entry.content else {
                continue;
            };
            if claims.iter().all(Claim::can_be_kept) {
                continue;
            }
            let (kept, odd): (Vec<Claim>, Vec<Claim>) = std::mem::take(claims)
                .into_iter()
                .partition(Claim::can_be_kept);
            *claims = kept;
            for claim in odd {
                self.unexpected.push(Unexpected {
                    place: format!("{} {}", entry.subject.native_id, claim.attribute),
                    expected: "a name and a value that can be kept".to_string(),
                    found: claim.value.to_string().chars().take(200).collect(),
                });
                self.unclear.insert((entry.key, claim.attribute));
            }
        }
        if self.unexpected.len() > known {
            self.unexpected.sort();
            self.unexpected.dedup();
        }
    }

    /// Makes of the dated claims what they are at a moment: those that have begun take the place of the subject's (of its prices of
    /// the standard tier, or of their own attributes), the last one in the body winning. Prices still to come are stated beside
    /// them, in a tier named by their day (`price.input.from_2026-09-15`, `price.input.batch_from_2026-09-15`); what else is still
    /// to come is not stated.
    pub fn as_of(&mut self, now: Timestamp) {
        if self.dated.is_empty() {
            return;
        }
        let dated = std::mem::take(&mut self.dated);
        let at: HashMap<SubjectKey, usize> = (self.entries.iter().enumerate())
            .map(|(at, entry)| (entry.key, at))
            .collect();
        for Dated {
            key,
            from,
            claims,
            whole,
        } in dated
        {
            let entry = at.get(&key).and_then(|at| self.entries.get_mut(*at));
            let Some(Content::Stated { claims: stated, .. }) =
                entry.map(|entry| &mut entry.content)
            else {
                continue;
            };
            if from <= now {
                let replaced = |claim: &Claim| match &claim.attribute {
                    Attribute::Price(price) if whole => price.tier.is_none(),
                    attribute => claims.iter().any(|new| new.attribute == *attribute),
                };
                stated.retain(|claim| !replaced(claim));
                stated.extend(claims);
            } else {
                let day = from.to_zoned(TimeZone::UTC).date();
                stated.extend(
                    claims
                        .into_iter()
                        .filter_map(|claim| match claim.attribute {
                            Attribute::Price(price) => Some(Claim {
                                attribute: Attribute::Price(PriceMeter {
                                    tier: Some(match price.tier {
                                        None => format!("from_{day}").into(),
                                        Some(tier) => format!("{tier}_from_{day}").into(),
                                    }),
                                    ..price
                                }),
                                ..claim
                            }),
                            _ => None,
                        }),
                );
            }
            stated.sort_by(|a, b| a.attribute.cmp(&b.attribute));
        }
    }

    /// Records something unexpected.
    pub fn note(
        &mut self,
        place: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) {
        let found: String = found.into();
        self.unexpected.push(Unexpected {
            place: place.into(),
            expected: expected.into(),
            found: found.chars().take(200).collect(),
        });
    }
}

fn one_each(
    subject: &Subject,
    mut claims: Vec<Claim>,
    unexpected: &mut Vec<Unexpected>,
) -> Vec<Claim> {
    claims.sort_by(|a, b| {
        (&a.attribute, std::cmp::Reverse(a.rank), &a.value, &a.raw).cmp(&(
            &b.attribute,
            std::cmp::Reverse(b.rank),
            &b.value,
            &b.raw,
        ))
    });
    let mut kept: Vec<Claim> = Vec::with_capacity(claims.len());
    for claim in claims {
        match kept.last() {
            Some(last) if last.attribute == claim.attribute => {
                if last.rank == claim.rank && last.value != claim.value {
                    unexpected.push(conflict(
                        subject,
                        &claim.attribute,
                        &last.value,
                        &claim.value,
                    ));
                }
            }
            _ => kept.push(claim),
        }
    }
    kept
}

fn conflict(subject: &Subject, attribute: &Attribute, kept: &Value, other: &Value) -> Unexpected {
    Unexpected {
        place: format!("{} {attribute}", subject.native_id),
        expected: "one value".to_string(),
        found: format!("{kept} and {other}; the first is taken"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::{Interface, Stage};

    fn claim(stage: Stage, rank: Option<i64>) -> Claim {
        Claim {
            rank,
            ..Claim::new(Attribute::Stage, Value::Stage(stage), stage.word())
        }
    }

    fn stages(reading: &Reading) -> Vec<Value> {
        reading
            .entries
            .iter()
            .flat_map(|entry| match &entry.content {
                Content::Stated { claims, .. } => claims.iter().map(|c| c.value.clone()).collect(),
                Content::Settled => Vec::new(),
            })
            .collect()
    }

    #[test]
    fn constants_are_stated_of_offerings_that_say_nothing_else() {
        let interface = |word: Interface| (Attribute::Interface, Value::Interface(word));
        let own = Claim::new(Attribute::Interface, interface(Interface::Stateful).1, "");
        let mut reading = Reading::from_claims(
            [
                (
                    Subject::offering("acme", "plain"),
                    vec![claim(Stage::Ga, None)],
                ),
                (Subject::offering("acme", "own"), vec![own]),
                (
                    Subject::offering("acme", "unread"),
                    vec![Claim::unclear(Attribute::Interface, "?")],
                ),
                (
                    Subject::of_kind(SubjectKind::Incident, "acme", "i"),
                    Vec::new(),
                ),
            ],
            true,
        );
        reading.set(&[interface(Interface::Stateless)]);
        let shown: Vec<String> = reading
            .entries
            .iter()
            .map(|entry| match &entry.content {
                Content::Stated { claims, .. } => {
                    let claims = claims
                        .iter()
                        .map(|c| format!(" {}={}", c.attribute, c.value));
                    format!("{}{}", entry.subject.native_id, claims.collect::<String>())
                }
                Content::Settled => String::new(),
            })
            .collect();
        assert_eq!(
            shown,
            [
                "plain stage=ga interface=stateless",
                "own interface=stateful",
                "unread",
                "i"
            ]
        );
    }

    #[test]
    fn of_two_claims_the_higher_rank_holds_in_any_order() {
        let subject = Subject::offering("openai", "o1");
        let (old, new) = (claim(Stage::Ga, Some(1)), claim(Stage::Deprecated, Some(2)));
        for rows in [[old.clone(), new.clone()], [new, old]] {
            let reading = Reading::from_claims(rows.map(|c| (subject.clone(), vec![c])), true);
            assert_eq!(stages(&reading), [Value::Stage(Stage::Deprecated)]);
            assert!(reading.unexpected.is_empty());
        }
    }

    #[test]
    fn a_conflict_without_rank_is_reported_alike_in_any_order() {
        let subject = Subject::offering("openai", "o1");
        let (a, b) = (claim(Stage::Ga, None), claim(Stage::Legacy, None));
        let read =
            |rows: [Claim; 2]| Reading::from_claims(rows.map(|c| (subject.clone(), vec![c])), true);
        let (first, second) = (read([a.clone(), b.clone()]), read([b, a]));
        assert_eq!(stages(&first), stages(&second));
        assert_eq!(first.unexpected, second.unexpected);
        assert_eq!(first.unexpected.len(), 1);
    }
}
