//! Ours and theirs: what our own samples show beside what status pages state.

#[cfg(test)]
mod tests;

use jiff::Timestamp;

use crate::latency::{Incident, lead, same};
use crate::render::lasting;
use crate::store::{EndedBy, OwnIncident, OwnKind, StatedIncident};

/// Who says that there is an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Our own samples.
    Ours,
    /// A status page.
    Page,
}

impl Whose {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Ours, Self::Page];

    /// The word by which it is asked for, and which programs read.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Page => "page",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|whose| whose.word() == word)
    }
}

/// Who says when an incident ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndBy {
    /// Our own samples.
    Measured,
    /// The page, with a time.
    Stated,
    /// Nobody: the page, which gives no time, did not list it any more when we read it next.
    Unlisted,
}

impl EndBy {
    /// What they mean, a sentence.
    pub const MEANING: &str = "The end is measured here, stated by the page with a time, or, where it gives none, our first reading that does not list it any more (unlisted).";

    /// When what a page states was over, and whether it says so itself; `None` while it goes on.
    pub fn of_page(stated: &StatedIncident) -> Option<(Timestamp, Self)> {
        let by = stated.end.map_or(Self::Unlisted, |_| Self::Stated);
        Some((stated.over()?, by))
    }

    /// The word that people and programs read.
    pub fn word(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Stated => "stated",
            Self::Unlisted => "unlisted",
        }
    }
}

/// Which incidents are asked for. What is empty asks for nothing.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Of this provider.
    pub provider: Option<String>,
    /// Of this region; what a status page states without naming a region is not left out.
    pub region: Option<String>,
    /// Of this host.
    pub host: Option<String>,
    /// Only those that go on.
    pub open: bool,
    /// Only what they say.
    pub only: Option<Whose>,
}

impl Wanted {
    /// Whether an incident is asked for.
    pub fn has(&self, row: &Row) -> bool {
        let is = |wanted: &Option<String>, is: &dyn Fn(&str) -> bool| {
            wanted.as_ref().is_none_or(|wanted| is(wanted))
        };
        let in_region = |region: &str| {
            let own = row.own.as_ref().map(|own| own.region == region);
            let stated = row.stated.as_ref();
            let stated =
                stated.is_some_and(|s| s.places.is_empty() || s.places.iter().any(|p| p == region));
            own.unwrap_or(stated)
        };
        let of_host = |host: &str| row.own.as_ref().is_some_and(|own| own.host == host);
        is(&self.provider, &|provider| row.provider() == provider)
            && is(&self.region, &in_region)
            && is(&self.host, &of_host)
            && (!self.open || row.goes_on())
            && match self.only {
                None => true,
                Some(Whose::Ours) => row.own.is_some(),
                Some(Whose::Page) => row.stated.is_some(),
            }
    }
}

/// An incident of ours, of a page, or of both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What our own samples show.
    pub own: Option<OwnIncident>,
    /// What a status page states.
    pub stated: Option<StatedIncident>,
    /// By how many seconds we saw it before the page showed it, where both did.
    pub lead: Option<i64>,
}

impl Row {
    /// When it began, by whoever says the earlier.
    pub fn begin(&self) -> Timestamp {
        let stated = self.stated.as_ref();
        let stated = stated.map(|stated| stated.begin.unwrap_or(stated.seen));
        let own = self.own.as_ref().map(|own| own.begin);
        own.into_iter()
            .chain(stated)
            .min()
            .unwrap_or(Timestamp::MIN)
    }

    /// When it was over for both; `None` while it goes on.
    pub fn end(&self) -> Option<Timestamp> {
        self.end_by().map(|(end, _)| end)
    }

    /// When it was over for both, and by whom; `None` while it goes on.
    pub fn end_by(&self) -> Option<(Timestamp, EndBy)> {
        if self.goes_on() {
            return None;
        }
        let own = self.own.as_ref().and_then(|own| own.ended);
        let own = own.map(|ended| (ended, EndBy::Measured));
        let stated = self.stated.as_ref().and_then(EndBy::of_page);
        own.into_iter().chain(stated).max_by_key(|(end, _)| *end)
    }

    /// Whether it goes on by either.
    pub fn goes_on(&self) -> bool {
        let stated = self.stated.as_ref().is_some_and(|s| s.ended.is_none());
        stated || self.own.as_ref().is_some_and(|own| own.ended.is_none())
    }

    /// Who saw it first, where both did.
    pub fn first(&self) -> Option<Whose> {
        let lead = self.lead?;
        Some(if lead >= 0 { Whose::Ours } else { Whose::Page })
    }

    /// Who saw it first, and by how much: `we, by 12 min`; `None` where only one did.
    pub fn first_in_words(&self) -> Option<String> {
        let lead = self.lead?;
        let by = lasting(lead.abs());
        Some(match self.first()? {
            Whose::Ours if lead == 0 => "both".to_string(),
            Whose::Ours => format!("we, by {by}"),
            Whose::Page => format!("the page, by {by}"),
        })
    }

    /// How long it lasted, and who says that it ended then, or until `now` where it goes on: `2 h 10 min, goes on`.
    pub fn lasted_in_words(&self, now: Timestamp) -> String {
        let (until, by) = match self.end_by() {
            Some((end, by)) => (end, by.word()),
            None => (now, "goes on"),
        };
        let length = lasting(until.duration_since(self.begin()).as_secs());
        format!("{length}, {by}")
    }

    /// Whose.
    pub fn provider(&self) -> &str {
        let stated = self.stated.as_ref().map(|stated| stated.provider.as_str());
        let own = self.own.as_ref().map(|own| own.provider.as_str());
        own.or(stated).unwrap_or_default()
    }
}

/// Each of ours with the page's that is the same, and each of the pages' that is none of ours; the latest first.
pub fn rows(own: Vec<OwnIncident>, stated: Vec<StatedIncident>) -> Vec<Row> {
    let ours: Vec<Incident> = own.iter().map(as_own).collect();
    let theirs: Vec<Incident> = stated.iter().map(as_stated).collect();
    let pairs = same(&ours, &theirs);
    let mut is_ours = vec![false; stated.len()];
    let mut rows = Vec::new();
    for ((own, ours), pair) in own.into_iter().zip(&ours).zip(pairs) {
        if let Some(taken) = pair.and_then(|at| is_ours.get_mut(at)) {
            *taken = true;
        }
        rows.push(Row {
            own: Some(own),
            stated: pair.and_then(|at| stated.get(at)).cloned(),
            lead: pair
                .and_then(|at| theirs.get(at))
                .map(|theirs| lead(ours, theirs)),
        });
    }
    let alone = stated
        .into_iter()
        .zip(is_ours)
        .filter(|(_, is_ours)| !is_ours);
    rows.extend(alone.map(|(stated, _)| Row {
        own: None,
        stated: Some(stated),
        lead: None,
    }));
    rows.sort_by_key(|row| std::cmp::Reverse(row.begin()));
    rows
}

fn as_own(own: &OwnIncident) -> Incident {
    Incident {
        provider: own.provider.clone(),
        places: vec![own.region.clone()],
        begin: own.begin.as_second(),
        end: own.ended.map(|ended| ended.as_second()),
        seen: own.seen.as_second(),
    }
}

fn as_stated(stated: &StatedIncident) -> Incident {
    Incident {
        provider: stated.provider.clone(),
        places: stated.places.clone(),
        begin: stated.begin.unwrap_or(stated.seen).as_second(),
        end: stated.over().map(|over| over.as_second()),
        seen: stated.seen.as_second(),
    }
}

/// What our own samples show, in words that the sources' names stand in as they are.
pub fn measured(own: &OwnIncident) -> String {
    let what = [&own.model, &own.host]
        .into_iter()
        .find(|name| !name.is_empty());
    let what = what.map_or(String::new(), |name| format!(" {name}"));
    let place = match own.region.as_str() {
        "" => String::new(),
        region => format!(" in {region}"),
    };
    format!("{}{what}{place}", own.kind.word())
}

/// By what they show it.
pub fn evidence(own: &OwnIncident) -> String {
    let OwnIncident { n, of, .. } = own;
    if own.kind != OwnKind::Slow {
        return format!("{n} of {of} checks failed");
    }
    let normal = match own.ended_by {
        Some(EndedBy::NewNormal) => ", the new normal",
        _ => "",
    };
    match (own.before, own.during, own.samples) {
        (Some(before), Some(during), Some(samples)) => format!(
            "{} -> {} ms (n {samples}), {n} of {of} series{normal}",
            (before + 500) / 1_000,
            (during + 500) / 1_000
        ),
        _ => format!("{n} of {of} series{normal}"),
    }
}

/// What a page states, in words that are the page's as they are.
pub fn page(stated: &StatedIncident) -> String {
    let impact = stated.impact.as_ref();
    let impact = impact.map_or(String::new(), |impact| format!(" ({impact})"));
    format!("{}{impact}", stated.name)
}
