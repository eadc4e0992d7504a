//! What is told of an incident of our own: a change, and an alert if somebody must hear of it.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::Judging;
use crate::alerting::health_cause;
use crate::daemon::launches::LaunchesTold;
use crate::daemon::raise::Raising;
use crate::latency::{Condition, Slow, Turned};
use crate::market::{
    Authority, Called, Change, ChangeId, ChangeKind, Direction, Hash, ProbeId, ProviderId,
    RecordedChange, Region, Scope, Severity, SourceId, Standing, Subject, SubjectKind, Value,
};
use crate::store::{EndedBy, Error, OwnIncident};

/// What is said of an incident.
struct Said {
    kind: ChangeKind,
    severity: Severity,
    direction: Option<Direction>,
    /// When it became true.
    since: Timestamp,
    /// What it is about, apart from the place: a host, a model, `latency`.
    about: String,
    /// What puts it together with others: changes of one cause are one message, and one thread.
    cause: String,
    text: String,
}

/// Names that are listed before the others are only counted.
const NAMES: usize = 3;

impl Judging<'_> {
    /// A target is in another condition; `before` is when the one began that it leaves, unless it was well.
    pub(super) fn tell_turn(
        &self,
        target: &OwnIncident,
        turned: &Turned,
        since: Timestamp,
        before: Option<Timestamp>,
    ) -> Result<(), Error> {
        let about = match target.model.as_str() {
            "" => target.host.clone(),
            model => model.to_string(),
        };
        let checks = format!("{} of the last {} checks failed", turned.bad, turned.of);
        let since_then = since.strftime("%Y-%m-%d %H:%M UTC");
        let of = place(target);
        let (kind, severity, text) = match (turned.from, turned.to) {
            (_, Condition::Up) => (
                ChangeKind::IncidentResolved,
                Severity::Notice,
                format!(
                    "{about}{of} answers again since {since_then}{}",
                    lasted(turned.from, before, since)
                ),
            ),
            (from, to) => (
                if from == Condition::Up {
                    ChangeKind::IncidentOpened
                } else {
                    ChangeKind::IncidentUpdated
                },
                if to == Condition::Down {
                    Severity::Warning
                } else {
                    Severity::Notice
                },
                format!("{about}{of} is {} since {since_then}: {checks}", to.word()),
            ),
        };
        self.tell(
            target,
            Said {
                kind,
                severity,
                direction: None,
                since,
                about,
                cause: health_cause(&target.provider),
                text,
            },
        )
    }

    /// A group is slower.
    pub(super) fn tell_slow(
        &self,
        group: &OwnIncident,
        slow: &Slow,
        names: &BTreeSet<String>,
    ) -> Result<(), Error> {
        let millis = |micros: f64| (micros / 1_000.0).round();
        let mut listed: Vec<&str> = names.iter().map(String::as_str).take(NAMES).collect();
        let more = format!("{} more", names.len().saturating_sub(NAMES));
        if names.len() > NAMES {
            listed.push(&more);
        }
        let text = format!(
            "{}{} {:.1} times as slow as usual since {}: median {} ms instead of {} ms over {} points of five minutes, {} of {} series",
            listed.join(", "),
            place(group),
            slow.factor,
            group.begin.strftime("%Y-%m-%d %H:%M UTC"),
            millis(slow.during),
            millis(slow.before),
            slow.n,
            slow.slower.len(),
            slow.of,
        );
        let severity = match slow.factor >= 2.0 {
            _ if self.is_slight(group) => Severity::Info,
            true => Severity::Warning,
            false => Severity::Notice,
        };
        self.tell(
            group,
            Said {
                kind: ChangeKind::LatencyShifted,
                severity,
                direction: Some(Direction::Up),
                since: group.begin,
                about: "latency".to_string(),
                cause: format!("measured {} latency", group.provider),
                text,
            },
        )
    }

    /// A group is as fast as before, or its slowness is normal now.
    pub(super) fn tell_recovered(
        &self,
        group: &OwnIncident,
        at: Timestamp,
        by: EndedBy,
    ) -> Result<(), Error> {
        let place = place(group);
        let when = at.strftime("%Y-%m-%d %H:%M UTC");
        let (direction, text) = match by {
            EndedBy::Recovered => (
                Some(Direction::Down),
                format!("as fast as usual{place} since {when}"),
            ),
            EndedBy::NewNormal => (
                None,
                format!("slower for a week{place}: from {when} this is taken as the new normal"),
            ),
        };
        self.tell(
            group,
            Said {
                kind: ChangeKind::LatencyRecovered,
                severity: match self.is_slight(group) {
                    true => Severity::Info,
                    false => Severity::Notice,
                },
                direction,
                since: at,
                about: "latency".to_string(),
                cause: format!("measured {} latency", group.provider),
                text,
            },
        )
    }

    /// Whether a group is slower by less than somebody wants to hear of.
    fn is_slight(&self, group: &OwnIncident) -> bool {
        let shift = group.before.zip(group.during);
        shift.is_some_and(|(before, during)| self.policy.thresholds.is_slight(before, during))
    }

    fn tell(&self, incident: &OwnIncident, said: Said) -> Result<(), Error> {
        let provider = ProviderId::new(incident.provider.as_str());
        let source = SourceId {
            probe: ProbeId::new(format!("{provider}.measured")),
            scope: Scope::new(incident.region.as_str()),
        };
        let url = match incident.host.as_str() {
            "" => String::new(),
            host => format!("https://{host}/"),
        };
        let row =
            self.transaction
                .enter_source(&source, &provider, Authority::ProviderApi, &url)?;
        let change = self.change(source, incident, said);
        let raising = Raising::join(self.transaction, self.policy, &change)?;
        let recorded = RecordedChange {
            standing: Standing::News,
            authority: Authority::ProviderApi,
            imported: false,
            group: raising.group.id.clone(),
            url,
            confirmed_by: Vec::new(),
            called: Called::default(),
            change,
        };
        if !self.transaction.record_change(&row, &recorded)? {
            return Ok(());
        }
        raising.tell(
            self.transaction,
            &recorded,
            &BTreeSet::new(),
            &mut LaunchesTold::default(),
        )
    }

    fn change(&self, source: SourceId, incident: &OwnIncident, said: Said) -> Change {
        let subject = Subject {
            region: match incident.region.as_str() {
                "" => Region::unstated(),
                region => Region::from(region),
            },
            ..Subject::of_kind(
                SubjectKind::Incident,
                incident.provider.as_str(),
                said.about,
            )
        };
        let id = Hash::of_parts(&[
            &source.to_string(),
            &subject.hash().hex(64),
            said.kind.word(),
            &incident.vantage,
            &incident.probe,
            &said.since.as_millisecond().to_string(),
        ]);
        let text = Some(Value::Text(said.text.into()));
        // what is over is told by what it was
        let is_over = said.kind == ChangeKind::IncidentResolved;
        Change {
            id: ChangeId(id.hex(16)),
            old: text.clone().filter(|_| is_over),
            new: text,
            true_from: Some(said.since),
            direction: said.direction,
            severity: said.severity,
            cause: said.cause,
            ..Change::plain(source, subject, said.kind, self.now)
        }
    }
}

/// `, down for 1 h 20 min`: how long it was in the condition that it leaves.
fn lasted(from: Condition, begin: Option<Timestamp>, end: Timestamp) -> String {
    let Some(begin) = begin else {
        return String::new();
    };
    let minutes = end.duration_since(begin).as_mins().max(1);
    let word = from.word();
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!(", {word} for {minutes} min"),
        (hours, minutes) => format!(", {word} for {hours} h {minutes} min"),
    }
}

fn place(incident: &OwnIncident) -> String {
    match incident.region.as_str() {
        "" => String::new(),
        region => format!(" in {region}"),
    }
}
