//! Whom the rows of a page are about, and which of them need not be read.

use std::collections::HashMap;
use std::rc::Rc;

use super::super::cell::{Cell, shortened};
use super::super::ids::RowId;
use crate::market::{
    Claim, Content, Entry, Fingerprint, NativeId, Reading, Region, Subject, SubjectKey,
    SubjectKind, Unexpected,
};
use crate::readers::Context;

/// A row with whom it is about.
#[derive(Debug)]
pub struct About<'a> {
    pub(super) row: &'a [Rc<Cell>],
    /// The label that it stands under.
    pub(super) label: Option<Rc<str>>,
    pub(super) ids: Vec<RowId>,
    /// None stands for the source's own.
    pub(super) regions: Vec<String>,
    /// By id, region and deployment: places in [`Found`].
    pub(super) subjects: Vec<usize>,
}

/// One subject of a page.
#[derive(Debug)]
struct Spoken {
    subject: Subject,
    key: SubjectKey,
    /// Of all its rows, in whatever order.
    print: Fingerprint,
    claims: Vec<Claim>,
    /// Says letter by letter what it said when it was settled.
    settled: bool,
    /// Something of it was noted, which is to be noted the next time too.
    noted: bool,
}

/// What has been found so far.
#[derive(Debug, Default)]
pub struct Found {
    subjects: Vec<Spoken>,
    index: HashMap<SubjectKey, usize>,
    /// Subjects, each as often as it comes.
    pub(super) count: usize,
    /// What was not expected.
    pub unexpected: Vec<Unexpected>,
}

impl Found {
    pub(super) fn note(&mut self, place: String, expected: impl Into<String>, found: &str) {
        self.unexpected.push(Unexpected {
            place,
            expected: expected.into(),
            found: shortened(&found.replace('\n', " "), 200),
        });
    }

    fn enter(&mut self, subject: Subject, print: Fingerprint) -> usize {
        self.count += 1;
        let key = subject.key();
        let next = self.subjects.len();
        let at = *self.index.entry(key).or_insert(next);
        match self.subjects.get_mut(at) {
            Some(known) => known.print = known.print.and(print),
            None => self.subjects.push(Spoken {
                subject,
                key,
                print,
                claims: Vec::new(),
                settled: false,
                noted: false,
            }),
        }
        at
    }

    /// Every row has been entered: whoever says what it said when it was settled is not read again.
    pub fn settle(&mut self, context: &Context<'_>) {
        for spoken in &mut self.subjects {
            spoken.settled = context.settled.get(&spoken.key) == Some(&spoken.print);
        }
    }

    pub(super) fn is_settled(&self, at: usize) -> bool {
        self.subjects.get(at).is_some_and(|spoken| spoken.settled)
    }

    /// A row states these of a subject, unless it is settled.
    pub(super) fn state(&mut self, at: usize, claims: impl Iterator<Item = Claim>, noted: bool) {
        if let Some(spoken) = self.subjects.get_mut(at).filter(|spoken| !spoken.settled) {
            spoken.claims.extend(claims);
            spoken.noted |= noted;
        }
    }

    /// All of it.
    pub fn into_reading(self, complete: bool) -> Reading {
        let mut reading = Reading {
            entries: Vec::with_capacity(self.subjects.len()),
            complete,
            unexpected: self.unexpected,
            ..Reading::default()
        };
        for spoken in self.subjects {
            if spoken.settled {
                reading.entries.push(Entry {
                    subject: spoken.subject,
                    key: spoken.key,
                    content: Content::Settled,
                });
                continue;
            }
            let noted = reading.unexpected.len();
            reading.push(spoken.subject, spoken.claims);
            let is_noted = spoken.noted || reading.unexpected.len() > noted;
            let content = reading.entries.last_mut().map(|entry| &mut entry.content);
            if let Some(Content::Stated { fingerprint, .. }) = content {
                *fingerprint = Some(spoken.print).filter(|_| !is_noted);
            }
        }
        reading
    }
}

impl About<'_> {
    /// Enters the subjects of the row.
    pub(super) fn enter(
        &mut self,
        deployments: &[Option<String>],
        print: Fingerprint,
        context: &Context<'_>,
        found: &mut Found,
    ) {
        let regions: Vec<Region> = match self.regions.as_slice() {
            [] => vec![context.region.clone()],
            named => named
                .iter()
                .map(|name| Region::from(name.as_str()))
                .collect(),
        };
        for id in &self.ids {
            for region in &regions {
                for deployment in deployments {
                    let subject = Subject {
                        kind: SubjectKind::Offering,
                        provider: context.provider.clone(),
                        native_id: NativeId::new(id.id.as_str()),
                        region: region.clone(),
                        deployment: deployment.as_deref().map(Box::from),
                    };
                    self.subjects.push(found.enter(subject, print));
                }
            }
        }
    }
}

/// Adds a text so that it cannot be taken for two.
pub(super) fn add_text(all: &mut Vec<u8>, text: &str) {
    all.extend_from_slice(&(text.len() as u64).to_le_bytes());
    all.extend_from_slice(text.as_bytes());
}
