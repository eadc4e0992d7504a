//! Scenarios as data: `tests/scenarios/*.toml`, each a source, its rounds, and what is recorded and pending after each.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::memory::Memory;
use super::spelling::{lines, spelled, subject, told};
use crate::detect::{Outcome, Rules, Seen, Source};
use crate::market::{
    Attribute, Authority, Change, ChangeKind, Claim, Content, Entry, Fingerprint, Hash, ProbeId,
    ProviderId, Reading, Scope, Settled, Severity, SourceId, Subject,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    scenario: Vec<Scenario>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    /// A sentence that the rounds prove.
    name: String,
    source: Settings,
    /// The first is the baseline.
    rounds: Vec<Round>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    authority: String,
    #[serde(default)]
    flappy: bool,
    #[serde(default)]
    lists_nothing: bool,
    confirm_additions: Option<u32>,
    confirm_removals: Option<u32>,
    confirm_values: Option<u32>,
    confirm_hours: Option<i64>,
    max_loss: Option<f64>,
    max_churn: Option<f64>,
    flap_window_hours: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Round {
    /// Since the beginning of October 2026.
    hour: i64,
    #[serde(default)]
    reading: Kind,
    /// One line a subject.
    #[serde(default)]
    says: Vec<String>,
    /// `provider native-id: attribute`.
    #[serde(default)]
    unclear: Vec<String>,
    /// The native ids of which nothing can be said.
    #[serde(default)]
    silent: Vec<String>,
    /// `kind:provider native-id: hour`: what is over since then.
    #[serde(default)]
    ended: Vec<String>,
    #[serde(default)]
    changes: Vec<String>,
    #[serde(default)]
    pending: Vec<String>,
    #[serde(default)]
    suspects: Vec<String>,
}

#[derive(Deserialize, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Kind {
    #[default]
    Complete,
    Partial,
    Same,
}

/// How the same scenario is told: nothing of it may matter.
#[derive(Debug, Clone, Copy)]
struct Telling {
    backwards: bool,
    fingerprints: bool,
}

fn start() -> Timestamp {
    "2026-10-01T00:00:00Z".parse().expect("a time")
}

fn at(hour: i64) -> Timestamp {
    start() + SignedDuration::from_hours(hour)
}

impl Settings {
    fn authority(&self) -> Authority {
        Authority::from_word(&self.authority).expect("an authority")
    }

    fn rules(&self) -> Rules {
        let usual = Rules::of(self.authority(), self.flappy);
        let hours = |hours: Option<i64>, usual| hours.map_or(usual, SignedDuration::from_hours);
        Rules {
            confirm_additions: self.confirm_additions.unwrap_or(usual.confirm_additions),
            confirm_removals: self.confirm_removals.unwrap_or(usual.confirm_removals),
            confirm_values: self.confirm_values.unwrap_or(usual.confirm_values),
            confirm_hours: hours(self.confirm_hours, usual.confirm_hours),
            max_loss: self.max_loss.unwrap_or(usual.max_loss),
            max_churn: self.max_churn.unwrap_or(usual.max_churn),
            flap_window: hours(self.flap_window_hours, usual.flap_window),
            min_items: usual.min_items,
        }
    }
}

/// An entry as a reader makes it: skipped where its raw text is settled; without fingerprint where nothing can be settled.
pub fn entry(
    subject: Subject,
    claims: Vec<Claim>,
    unclear: &str,
    settled: Option<&Settled>,
) -> Entry {
    let key = subject.key();
    let raw = format!("{claims:?} {unclear}");
    let fingerprint = settled.map(|_| Fingerprint::of(raw.as_bytes()));
    let known = settled.and_then(|settled| settled.get(&key)).copied();
    let content = if known.is_some() && known == fingerprint {
        Content::Settled
    } else {
        Content::Stated {
            claims,
            fingerprint,
        }
    };
    Entry {
        subject,
        key,
        content,
    }
}

impl Round {
    fn unclear(&self) -> Vec<(Subject, Attribute)> {
        let parts = self.unclear.iter().map(|text| {
            let (head, attribute) = text.split_once(": ").expect("an attribute");
            (subject(head), attribute.parse().expect(text))
        });
        parts.collect()
    }

    fn reading(&self, telling: Telling, settled: &Settled) -> Reading {
        let unclear = self.unclear();
        let mut reading = Reading {
            complete: self.reading == Kind::Complete,
            silent: self.silent.iter().cloned().collect(),
            ..Reading::default()
        };
        for (subject, claims) in self.says.iter().flat_map(|text| lines(text)) {
            let of_it: Vec<String> = unclear
                .iter()
                .filter(|(of, _)| *of == subject)
                .map(|(_, attribute)| attribute.to_string())
                .collect();
            // a reader does not settle what it could not read, and says so again
            let settled = telling.fingerprints.then_some(settled);
            reading
                .entries
                .push(entry(subject, claims, &of_it.join(" "), settled));
        }
        if telling.backwards {
            reading.entries.reverse();
        }
        let keys = unclear
            .into_iter()
            .map(|(subject, attribute)| (subject.key(), attribute));
        reading.unclear = keys.collect();
        let ended = self.ended.iter().map(|text| {
            let (head, hour) = text.split_once(": ").expect("an hour");
            (subject(head).key(), at(hour.parse().expect(text)))
        });
        reading.ended = ended.collect();
        reading
    }

    fn change(&self, change: &Change) -> String {
        let mut text = format!("{} {}", change.kind.word(), spelled(&change.subject));
        if let Some(attribute) = &change.attribute {
            text.push_str(&format!(" {attribute}"));
        }
        if change.old.is_some() || change.new.is_some() {
            let (old, new) = (told(change.old.as_ref()), told(change.new.as_ref()));
            text.push_str(&format!(" {old} -> {new}"));
        }
        assert_eq!(change.confirmed_at, at(self.hour));
        assert_eq!(change.key, change.subject.key());
        let seen = change.seen_at.duration_since(start()).as_hours();
        if seen != self.hour {
            text.push_str(&format!(" seen={seen}"));
        }
        if let Some(from) = change.true_from {
            let from = from.duration_since(start()).as_hours();
            text.push_str(&format!(" from={from}"));
        }
        let opened = change.kind == ChangeKind::IncidentOpened && !change.flapping;
        for (word, is_so) in [
            (" slight", opened && change.severity < Severity::Warning),
            (" documented", change.documented),
            (" flapping", change.flapping),
        ] {
            if is_so {
                text.push_str(word);
            }
        }
        text
    }

    fn check(&self, outcome: &Outcome, memory: &Memory, place: &str) {
        let changes: Vec<String> = outcome.changes.iter().map(|c| self.change(c)).collect();
        let pending = memory.state.pending.iter().map(|(key, pending)| {
            let subject = spelled(&pending.subject);
            match &key.attribute {
                Some(attribute) => format!("{subject} {attribute}"),
                None => subject,
            }
        });
        let suspects = outcome.suspects.iter().map(|suspect| {
            format!(
                "{} missing={}/{} differing={}/{}",
                suspect.provider,
                suspect.missing,
                suspect.subjects,
                suspect.differing,
                suspect.values
            )
        });
        assert_eq!(sorted(changes), expanded(&self.changes), "changes {place}");
        assert_eq!(
            sorted(pending.collect()),
            expanded(&self.pending),
            "pending {place}"
        );
        assert_eq!(
            sorted(suspects.collect()),
            expanded(&self.suspects),
            "suspects {place}"
        );
    }
}

fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort();
    texts
}

/// The expected texts; `{1..3}` stands for three of them.
fn expanded(texts: &[String]) -> Vec<String> {
    let mut all = Vec::new();
    for text in texts {
        let Some((head, rest)) = text.split_once('{') else {
            all.push(text.clone());
            continue;
        };
        let (range, tail) = rest.split_once('}').expect("a closing brace");
        let (first, last) = range.split_once("..").expect("a range");
        let (first, last): (u32, u32) = (first.parse().expect(range), last.parse().expect(range));
        all.extend((first..=last).map(|number| format!("{head}{number}{tail}")));
    }
    sorted(all)
}

fn run(scenario: &Scenario, telling: Telling, file: &str) {
    let rules = scenario.source.rules();
    let id = SourceId {
        probe: ProbeId::from("p.models"),
        scope: Scope::from(""),
    };
    let provider = ProviderId::from("p");
    let source = Source {
        id: &id,
        provider: &provider,
        authority: scenario.source.authority(),
        lists: !scenario.source.lists_nothing,
        rules: &rules,
    };
    let mut memory = Memory::default();
    let mut previous = None;
    for (number, round) in scenario.rounds.iter().enumerate() {
        let place = format!(
            "in round {number} (hour {}) of {file}: {} {telling:?}",
            round.hour, scenario.name
        );
        let body = match (round.reading, previous) {
            (Kind::Same, Some(previous)) => previous,
            _ => Hash::of(round.says.join("\n").as_bytes()),
        };
        let seen = Seen {
            at: at(round.hour),
            body,
            previous,
        };
        let reading = round.reading(telling, &memory.settled());
        if number == 0 {
            memory.begin(reading);
            round.check(&Outcome::default(), &memory, &place);
        } else {
            let outcome = match round.reading {
                Kind::Same => memory.read_same(&source, &seen),
                Kind::Complete | Kind::Partial => memory.read(&source, &reading, &seen),
            };
            round.check(&outcome, &memory, &place);
        }
        previous = Some(body);
    }
}

#[test]
fn every_scenario_holds_however_it_is_told() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut run_so_far = 0;
    for file in std::fs::read_dir(folder).expect("the folder of scenarios") {
        let path = file.expect("a file").path();
        let name = path.display().to_string();
        let text = std::fs::read_to_string(&path).expect("a readable file");
        let file: File = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        for scenario in &file.scenario {
            for (backwards, fingerprints) in
                [(false, false), (true, false), (false, true), (true, true)]
            {
                let telling = Telling {
                    backwards,
                    fingerprints,
                };
                run(scenario, telling, &name);
            }
            run_so_far += 1;
        }
    }
    assert!(run_so_far > 40, "only {run_so_far} scenarios were found");
}
