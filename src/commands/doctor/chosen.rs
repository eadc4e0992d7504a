//! Which probes are tried, and why the others are not.

use super::super::{Setup, wrong};
use crate::config::identities::remedy;
use crate::config::{Known, Probe, Scoping};

/// What is done with a probe.
#[derive(Debug, PartialEq, Eq)]
pub enum Choice {
    /// It is asked in these scopes.
    Ask(Vec<Scoping>),
    /// It cannot be asked before this is there.
    Waiting(String),
    /// It is not asked, for this reason.
    Off(String),
}

/// The probes that `names` denote, or all of them, by id. What is named itself is asked even if it is off.
pub fn chosen<'a>(setup: &'a Setup, names: &[String]) -> anyhow::Result<Vec<(&'a Probe, Choice)>> {
    let mut all: Vec<(&Probe, Choice)> = Vec::new();
    let mut choose = |probe: &'a Probe, choice: Choice| match (
        all.iter_mut().find(|(other, _)| other.id == probe.id),
        choice,
    ) {
        (None, choice) => all.push((probe, choice)),
        (Some((_, Choice::Ask(known))), Choice::Ask(scopes)) => {
            for scoping in scopes {
                if !known.contains(&scoping) {
                    known.push(scoping);
                }
            }
        }
        (Some((_, Choice::Ask(_))), _) => {}
        (Some((_, known)), choice) => *known = choice,
    };
    if names.is_empty() {
        for (probe, is_asked) in &setup.probes {
            choose(probe, choice(setup, probe, *is_asked));
        }
    }
    for name in names {
        let of_provider = |(probe, _): &&(Probe, bool)| probe.provider.as_str() == name;
        let mut of_provider = setup.probes.iter().filter(of_provider).peekable();
        if of_provider.peek().is_some() {
            for (probe, is_asked) in of_provider {
                choose(probe, choice(setup, probe, *is_asked));
            }
        } else if name.contains('@') {
            let (probe, scoping) = setup.source(name, false)?;
            choose(probe, Choice::Ask(vec![scoping.clone()]));
        } else {
            let probe = setup.probe(name).map_err(|error| {
                wrong(format!(
                    "expected a provider, a probe or a source: {error:#}"
                ))
            })?;
            choose(probe, choice(setup, probe, !probe.scopes.is_empty()));
        }
    }
    all.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
    Ok(all)
}

fn choice(setup: &Setup, probe: &Probe, is_asked: bool) -> Choice {
    if is_asked {
        return Choice::Ask(probe.scopes.clone());
    }
    let mut wants = Vec::new();
    if let Some(name) = &probe.credential
        && setup.settings.known(name) != Known::Configured
    {
        wants.push(match remedy(name) {
            Some(what) => format!("the credential {name}: {what}"),
            None => format!("the credential {name}"),
        });
    }
    if !probe.unset.is_empty() {
        let names = probe.unset.join(", ");
        wants.push(format!("{names} under [scopes.\"{}\"]", probe.id));
    }
    match (wants.is_empty(), &probe.credential) {
        (false, _) => Choice::Waiting(wants.join("; and ")),
        (true, Some(name)) => {
            Choice::Off(format!("{name} is there: name it under [probes] on to ask"))
        }
        (true, None) => Choice::Off("switched off".to_string()),
    }
}
