//! Rows about one subject: which of them are read, and whether they need to be.

use std::collections::HashMap;

use super::super::Context;
use super::row::{Condition, Row};
use crate::market::{Claim, Content, Entry, Fingerprint, Reading, Subject, SubjectKey};

/// The rows of a body, gathered by subject.
#[derive(Default)]
pub struct Twins<'a> {
    groups: Vec<Group<'a>>,
    index: HashMap<SubjectKey, usize>,
}

struct Group<'a> {
    subject: Subject,
    key: SubjectKey,
    /// How early in the list of preferences the rows stand; lower is better.
    preference: usize,
    /// The same for a twin that stands on another page; `None` where the mapping prefers nothing.
    rank: Option<i64>,
    rows: Vec<Row<'a>>,
    /// Of the one item that all rows stand in; `None` where there are several.
    print: Option<Fingerprint>,
}

impl<'a> Twins<'a> {
    /// Adds a row of an item with this fingerprint. A row that is less preferred than another of its subject is dropped.
    pub fn add(
        &mut self,
        prefer: &[Condition],
        subject: Subject,
        row: Row<'a>,
        print: Option<Fingerprint>,
    ) {
        let key = subject.key();
        let first = prefer.iter().position(|condition| condition.holds(&row));
        let preference = first.unwrap_or(prefer.len());
        let rank = i64::try_from(prefer.len() - preference).ok();
        let rank = rank.filter(|_| !prefer.is_empty());
        let group = self.index.get(&key).and_then(|at| self.groups.get_mut(*at));
        match group {
            None => {
                self.index.insert(key, self.groups.len());
                self.groups.push(Group {
                    subject,
                    key,
                    preference,
                    rank,
                    rows: vec![row],
                    print,
                });
            }
            Some(group) if preference < group.preference => {
                group.preference = preference;
                group.rank = rank;
                group.rows = vec![row];
                group.print = print;
            }
            Some(group) if preference == group.preference => {
                group.rows.push(row);
                group.print = group.print.filter(|known| Some(*known) == print);
            }
            Some(_) => {}
        }
    }

    /// The reading of all rows; `read` adds what a row states, of its subject and of others. A subject whose item is settled is not read again.
    pub fn into_reading(
        self,
        context: &Context<'_>,
        mut read: impl FnMut(&Row<'a>, Subject, &mut Vec<(Subject, Vec<Claim>)>),
    ) -> Reading {
        let mut stated = Vec::new();
        let mut settled = Vec::new();
        let mut prints = HashMap::new();
        for group in self.groups {
            let known = context.settled.get(&group.key);
            if known.is_some() && known == group.print.as_ref() {
                settled.push(Entry {
                    subject: group.subject,
                    key: group.key,
                    content: Content::Settled,
                });
                continue;
            }
            let first = stated.len();
            prints.insert(group.key, group.print);
            for row in &group.rows {
                read(row, group.subject.clone(), &mut stated);
            }
            if let Some(rank) = group.rank {
                let claims = stated.iter_mut().skip(first).flat_map(|(_, claims)| claims);
                claims.for_each(|claim: &mut Claim| claim.rank = Some(rank));
            }
        }
        let mut reading = Reading::from_claims(stated, context.complete);
        for entry in &mut reading.entries {
            if let Content::Stated { fingerprint, .. } = &mut entry.content {
                *fingerprint = prints.get(&entry.key).copied().flatten();
            }
        }
        reading.entries.extend(settled);
        reading
    }
}
