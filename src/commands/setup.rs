//! What every command starts from: the checked configuration, the declared probes, the place of the database.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use secrecy::SecretString;

use super::{Format, wrong};
use crate::config::{
    Endpoint, InferenceProbe, Outside, Probe, ProbeFile, Scoping, Settings, find, nearest, watched,
};
use crate::daemon::ask;
use crate::fetch::Credentials;
use crate::market::{Failure, Place, ProbeId, Stage};
use crate::outlook::moments;
use crate::store::{Kept, Lock, Store};

/// A stage by its word, for clap.
pub fn stage(text: &str) -> Result<Stage, String> {
    let expected = || {
        let words: Vec<&str> = Stage::ALL.iter().map(|stage| stage.word()).collect();
        format!("expected one of {}", words.join(", "))
    };
    Stage::from_word(text).ok_or_else(expected)
}

/// A region or a set of regions, for clap.
pub fn place(text: &str) -> Result<Place, String> {
    Place::from_word(text).ok_or_else(|| "expected a region, found none".to_string())
}

/// What every command starts from.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The checked configuration.
    pub settings: Settings,
    /// Every declared probe, with whether it is asked; none for a command that only looks into the history.
    pub probes: Vec<(Probe, bool)>,
    /// Every declared endpoint, with whether it is checked.
    pub endpoints: Vec<(Endpoint, bool)>,
    /// Every declared inference probe, with whether it is asked.
    pub inference: Vec<(InferenceProbe, bool)>,
    /// The configuration's file, if there is one.
    pub file: Option<PathBuf>,
    /// The database.
    pub database: PathBuf,
    /// How results are printed.
    pub format: Format,
}

impl Setup {
    /// Reads the configuration and the probes. The error lists every problem.
    pub fn new(
        file: Option<PathBuf>,
        data: Option<PathBuf>,
        format: Format,
    ) -> anyhow::Result<Self> {
        let mut setup = Self::of_history(file, data, format)?;
        let own = own_probes(setup.settings.probes.folder.as_deref())?;
        let all = watched(&own, &setup.settings)?;
        // a credential that is not declared under [credentials] is the environment variable of its name
        let of_probes = all.probes.iter().map(|(probe, _)| &probe.credential);
        let of_inference = all.inference.iter().map(|(probe, _)| &probe.credential);
        for credential in of_probes.chain(of_inference) {
            if let Some(name) = credential
                && let Some(value) = std::env::var(name)
                    .ok()
                    .filter(|value| !value.trim().is_empty())
            {
                let value = SecretString::from(value.trim().to_string());
                let known = &mut setup.settings.credentials;
                known.entry(name.clone()).or_insert(value);
            }
        }
        setup.probes = all.probes;
        setup.endpoints = all.endpoints;
        setup.inference = all.inference;
        Ok(setup)
    }

    /// Reads the configuration, and no probe: what is kept can be asked for whatever is asked of others, and sooner.
    pub fn of_history(
        file: Option<PathBuf>,
        data: Option<PathBuf>,
        format: Format,
    ) -> anyhow::Result<Self> {
        let file =
            file.or_else(|| Some(PathBuf::from("bellwether.toml")).filter(|path| path.exists()));
        let settings = match &file {
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|error| {
                    wrong(format!(
                        "the configuration {} cannot be read: {error}",
                        path.display()
                    ))
                })?;
                Settings::from_text(&path.display().to_string(), &text, &outside())?
            }
            None => Settings::without_file(&outside())?,
        };
        let data = data
            .or_else(|| settings.data.clone())
            .unwrap_or_else(|| PathBuf::from("data"));
        Ok(Self {
            settings,
            probes: Vec::new(),
            endpoints: Vec::new(),
            inference: Vec::new(),
            file,
            database: data.join("bellwether.db"),
            format,
        })
    }

    /// What requests are authorised with.
    pub fn credentials(&self) -> Credentials {
        let settings = &self.settings;
        Credentials::new(settings.credentials.clone(), settings.identities.clone())
    }

    /// The probe and scope that an ID denotes: `provider.probe`, `provider.probe@scope`, or any part that is unambiguous.
    /// `of_file`: the body comes from a file, so that it need not be known who would ask for it.
    pub fn source(&self, id: &str, of_file: bool) -> anyhow::Result<(&Probe, &Scoping)> {
        let (name, scope) = id.split_once('@').unwrap_or((id, ""));
        let probe = self.probe(name)?;
        let of_files = probe.of_files.iter().filter(|_| of_file);
        let scopes: Vec<&Scoping> = probe.scopes.iter().chain(of_files).collect();
        let named = scopes.iter().find(|known| known.scope.as_str() == scope);
        // any of its values will do that only one scope has
        let has = |known: &&&Scoping| {
            let part = |part: &str| known.values.values().any(|value| value == part);
            !scope.is_empty() && scope.split(',').all(part)
        };
        let only = match scopes.iter().filter(has).collect::<Vec<_>>().as_slice() {
            [one] => Some(*one),
            _ => None,
        };
        let scoping = named.or(only).copied();
        let scoping = scoping.ok_or_else(|| {
            let waits = !probe.unset.is_empty();
            if waits && (!of_file || probe.of_files.is_empty()) {
                let (id, names) = (&probe.id, probe.unset.join(", "));
                return wrong(format!("expected values for {names} under [scopes.\"{id}\"] in the configuration, found none"));
            }
            let scopes = scopes.iter().map(|known| known.scope.as_str());
            wrong(no_such_scope(&probe.id, scope, &scopes.collect::<Vec<_>>(), id))
        })?;
        Ok((probe, scoping))
    }

    /// The probe that a name denotes.
    pub fn probe(&self, name: &str) -> anyhow::Result<&Probe> {
        let all: Vec<&Probe> = self.probes.iter().map(|(probe, _)| probe).collect();
        let index = find(&all, name)
            .map_err(|found| wrong(format!("expected the id of one probe, found {found}")))?;
        Ok(all[index])
    }

    /// A saved answer of a probe; one larger than the probe would take from its host is refused as it would be there.
    pub fn body(&self, probe: &Probe, path: &Path) -> anyhow::Result<Result<Kept, Failure>> {
        let limit = probe
            .request
            .max_body
            .unwrap_or(self.settings.http.max_body);
        let size = std::fs::metadata(path)
            .with_context(|| path.display().to_string())?
            .len();
        if size > limit {
            return Ok(Err(Failure::TooLarge { limit }));
        }
        let body = ask::saved(probe, path).with_context(|| path.display().to_string())?;
        Ok(Ok(body))
    }

    /// The database for writing, with the right to.
    pub fn open_for_writing(&self) -> anyhow::Result<(Store, Lock)> {
        let lock = Lock::acquire(&self.database)?;
        Ok((Store::open(&self.database)?, lock))
    }

    /// The database for a short write beside a daemon that may run.
    pub fn open_beside(&self) -> anyhow::Result<Store> {
        // one that is not there is said, not made
        drop(Store::open_read_only(&self.database)?);
        Ok(Store::open(&self.database)?)
    }

    /// The database for reading.
    pub fn open_for_reading(&self) -> anyhow::Result<Store> {
        Ok(Store::open_read_only(&self.database)?)
    }
}

/// So many scopes are named, where none is near.
const SCOPES: usize = 3;

/// What a source should have been called instead of `found`; of many scopes the nearest or the first are named.
fn no_such_scope(probe: &ProbeId, scope: &str, scopes: &[&str], found: &str) -> String {
    let named = |scope: &&str| match *scope {
        "" => probe.to_string(),
        scope => format!("{probe}@{scope}"),
    };
    let some = |scopes: &[&str]| {
        let names: Vec<String> = scopes.iter().take(SCOPES).map(named).collect();
        names.join(" or ")
    };
    if scopes.len() <= SCOPES {
        return format!("expected {}, found '{found}'", some(scopes));
    }
    let near = match nearest(scope, scopes.iter().copied()) {
        near if near.is_empty() => some(scopes),
        near => some(&near),
    };
    format!(
        "expected one of the {} scopes of {probe}, such as {near}, found '{found}': `bellwether probe show {probe}` lists them",
        scopes.len()
    )
}

/// The environment and the file system, for secrets that the configuration only names.
pub(super) fn outside() -> Outside<'static> {
    Outside {
        variable: &|name| std::env::var(name).ok(),
        file: &|path| std::fs::read(path).map_err(|error| error.to_string()),
    }
}

/// The probe files of the user's folder, by name.
pub(super) fn own_probes(folder: Option<&Path>) -> anyhow::Result<Vec<ProbeFile>> {
    let Some(folder) = folder else {
        return Ok(Vec::new());
    };
    let unreadable = |path: &Path, error: std::io::Error| {
        wrong(format!(
            "the probes {} cannot be read: {error}",
            path.display()
        ))
    };
    let entries = std::fs::read_dir(folder).map_err(|error| unreadable(folder, error))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
            files.push(ProbeFile {
                name: path.display().to_string(),
                text,
            });
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

/// A day as people write it: `2026-11-01`.
pub fn day(text: &str) -> Result<Date, String> {
    text.parse()
        .map_err(|_| format!("expected a day such as 2026-11-09, found '{text}'"))
}

/// A moment as people write it: `2026-11-01` (the day's begin in their zone), `2026-11-01T06:00:00Z`, or an age such as `7d`.
pub fn time(text: &str, zone: &TimeZone, now: Timestamp) -> anyhow::Result<Timestamp> {
    moments::moment(text, zone, now)
        .ok_or_else(|| wrong(format!("expected {}, found '{text}'", moments::EXPECTED)))
}

/// From the one moment until the other, both as people write them; without an end until now.
pub fn span(
    since: &str,
    until: Option<&str>,
    zone: &TimeZone,
    now: Timestamp,
) -> anyhow::Result<[Timestamp; 2]> {
    let until = until.map_or(Ok(now), |text| time(text, zone, now))?;
    Ok([time(since, zone, now)?, until])
}
