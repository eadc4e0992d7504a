//! What is kept and told of indicators once a day.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::launches::LaunchesTold;
use super::raise::Raising;
use super::report;
use super::writer::{Gone, Writer};
use crate::alerting::Policy;
use crate::landscape::Reference;
use crate::landscape::indicator::{Baskets, Reckoning, days};
use crate::landscape::shift::{Ground, Shifted, shifts};
use crate::market::{
    Authority, Called, Change, ChangeId, ChangeKind, Hash, Indicator, ProbeId, ProviderId,
    ProviderKind, RecordedChange, Scope, SourceId, Standing, Subject, SubjectKind, Value,
    day_start,
};
use crate::outlook::indicators::{history, of_day, topics, watched};
use crate::render::{shifted_line, shifted_title};
use crate::store::{Error, Indicators, Sources, Store, Transaction};

/// So long after midnight everything that was asked before it has answered.
const ON_ITS_WAY: SignedDuration = SignedDuration::from_mins(15);
/// Shifts that are older when they are found, after nothing ran for long, are kept and told to nobody.
const RECENT: SignedDuration = SignedDuration::from_hours(8 * 24);
/// The milestone up to which shifts have been told.
pub const MILESTONE: &str = "indicators";
/// The provider of what is about all of them, and the source of what indicators show.
const MARKET: &str = "market";

/// What counting needs besides the store.
#[derive(Debug)]
pub struct Counting {
    /// Where the database is: it is read beside the writer, who is not kept from writing for so long.
    pub database: PathBuf,
    /// What kind of place each provider is.
    pub kinds: BTreeMap<String, ProviderKind>,
    /// Who hears of shifts.
    pub policy: Arc<Policy>,
}

/// What was counted of the days that had not been.
struct Counted {
    days: Vec<(Date, Vec<Indicator>)>,
    shifts: Vec<Shifted>,
    watched: BTreeSet<String>,
    /// The first day that is not over.
    tomorrow: Date,
}

/// What has not been counted and told yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Behind {
    /// The last day whose numbers are kept.
    counted: Option<Date>,
    /// The first day whose shifts have not been told.
    untold: Date,
    /// The last day that is over.
    yesterday: Date,
}

/// What is to be counted, if anything is: a day of UTC is over since.
pub async fn behind(writer: &Writer, now: Timestamp) -> Result<Option<Behind>, Gone> {
    let asked = writer.run(|store| Ok((store.last_counted()?, store.milestone(MILESTONE)?)));
    let (counted, told) = asked.await?;
    // what was asked before midnight is still on its way
    let settled = now.checked_sub(ON_ITS_WAY).unwrap_or(now);
    let today = settled.to_zoned(TimeZone::UTC).date();
    let yesterday = today.saturating_sub(1.day());
    // a last time in the future was noted before the clock was set back
    let untold = told
        .map(|told| told.to_zoned(TimeZone::UTC).date())
        .filter(|untold| *untold <= today);
    let is_done = untold == Some(today) && counted == Some(yesterday);
    Ok((!is_done).then(|| Behind {
        counted: counted.filter(|counted| *counted <= yesterday),
        // what shifted before the first time is history, and is told to nobody
        untold: untold.unwrap_or(today),
        yesterday,
    }))
}

/// Keeps the indicators of the days that are over, and tells how the landscape shifted on them; a strong shift wants a report before
/// its time. Gives how many shifts there were.
pub async fn keep(
    writer: &Writer,
    counting: Counting,
    behind: Behind,
    now: Timestamp,
) -> Result<usize, Gone> {
    let policy = Arc::clone(&counting.policy);
    let count = move || count(&counting, behind, now);
    let found = tokio::task::spawn_blocking(count)
        .await
        .map_err(|_| Gone::Panicked)?;
    writer
        .run(move |store| take(store, found?, &policy, now))
        .await
}

fn count(counting: &Counting, behind: Behind, now: Timestamp) -> Result<Counted, Error> {
    let store = Store::open_read_only(&counting.database)?;
    let history = history(&store, counting.kinds.clone(), now)?;
    let until = behind.yesterday;
    let reference = Reference::shipped();
    let baskets = Baskets::new(&history, reference, until);
    let reckoning = Reckoning::new(&history, reference, &baskets);
    let mut counted = Vec::new();
    let after = behind.counted.map(|day| day.saturating_add(1.day()));
    if let Some(first) = after.or(history.first_day()) {
        for day in days(first, until) {
            counted.push((day, of_day(&store, &reckoning, day, now)?));
        }
    }
    let watched = watched(&history, &counting.policy.watches);
    let ground = Ground {
        history: &history,
        baskets: &baskets,
        reference,
        watched: &watched,
    };
    let shifts = match behind.untold <= until {
        true => {
            let mut all = shifts(&ground, behind.untold, until);
            let span = (behind.untold, until);
            all.extend(topics(&store, &counting.policy.watches, span)?);
            all
        }
        false => Vec::new(),
    };
    Ok(Counted {
        days: counted,
        shifts,
        watched,
        tomorrow: until.saturating_add(1.day()),
    })
}

fn take(
    store: &mut Store,
    found: Counted,
    policy: &Policy,
    now: Timestamp,
) -> Result<usize, Error> {
    store.transaction(|transaction| {
        // what was counted of days that have not been: the clock was set back
        transaction.forget_indicators(found.tomorrow)?;
        for (day, indicators) in &found.days {
            transaction.keep_indicators(*day, indicators)?;
        }
        let (mut told, mut is_strong) = (0, false);
        for shifted in &found.shifts {
            if tell(transaction, shifted, &found.watched, policy, now)? {
                told += 1;
                let is_recent = is_recent(shifted.day, now);
                is_strong |= is_recent && shifted.shift.is_strong(&found.watched);
            }
        }
        transaction.pass_milestone(MILESTONE, now)?;
        if is_strong {
            transaction.pass_milestone(report::WANTED, now)?;
        }
        Ok(told)
    })
}

/// Records a shift and tells it; whether it was new.
fn tell(
    transaction: &Transaction<'_>,
    shifted: &Shifted,
    watched: &BTreeSet<String>,
    policy: &Policy,
    now: Timestamp,
) -> Result<bool, Error> {
    let shift = &shifted.shift;
    let provider = shift.provider().unwrap_or(MARKET);
    let subject = Subject::of_kind(SubjectKind::Landscape, provider, shift.subject());
    let source = SourceId {
        probe: ProbeId::new(format!("{MARKET}.measured")),
        scope: Scope::new(""),
    };
    let day = shifted.day.to_string();
    let id = Hash::of_parts(&[&source.to_string(), &subject.hash().hex(64), &day]);
    let cause = format!("shift {provider} {} {day}", shift.subject());
    let text = format!("{}. {}", shifted_title(shift), shifted_line(shift));
    let change = Change {
        id: ChangeId(id.hex(16)),
        new: Some(Value::Text(text.into())),
        true_from: Some(day_start(shifted.day)),
        severity: shift.severity(watched),
        cause,
        ..Change::plain(source.clone(), subject, ChangeKind::LandscapeShifted, now)
    };
    let market = ProviderId::new(MARKET);
    // it rests on all sources, and no one is above it
    let authority = Authority::ProviderApi;
    let row = transaction.enter_source(&source, &market, authority, "")?;
    let raising = Raising::join(transaction, policy, &change)?;
    let recorded = RecordedChange {
        standing: Standing::News,
        authority,
        imported: false,
        group: raising.group.id.clone(),
        url: String::new(),
        confirmed_by: Vec::new(),
        called: Called::default(),
        change,
    };
    if !transaction.record_change(&row, &recorded)? {
        return Ok(false);
    }
    if is_recent(shifted.day, now) {
        raising.tell(
            transaction,
            &recorded,
            &BTreeSet::new(),
            &mut LaunchesTold::default(),
        )?;
    }
    Ok(true)
}

/// Whether a shift of a day is news, and not only found late.
fn is_recent(day: Date, now: Timestamp) -> bool {
    now.duration_since(day_start(day)) <= RECENT
}
