//! The folder of a demo: its configuration, its database, its mails, and what it was begun with.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use secrecy::SecretString;

use super::course::{Begun, Course};
use super::stage::Stage;
use crate::commands::wrong;
use crate::config::{Chosen, Known, Outside, Scoping, Settings, watched};
use crate::daemon::Plan;
use crate::daemon::clock::Clock;
use crate::world::play;

/// The configuration, with names in braces for what is not known before.
const CONFIGURATION: &str = include_str!("../../../data/demo/bellwether.toml");
/// What a folder was begun with, and the mark that it is one of ours.
const MARK: &str = "demo.toml";
/// The key file of a user of Google's cloud, whom the world alone admits.
const GOOGLE_KEY: &str = "google.json";
/// Endpoints in more scopes are not measured, unless the configuration says in which few.
const SCOPES: usize = 6;
/// What the mark says to people.
const MARK_SAYS: &str =
    "# What `bellwether demo --keep` plays in this folder. Whoever removes this file ends that.\n";

/// The folder of a demo.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    is_kept: bool,
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.is_kept {
            // what the system's own tidying finds later does no harm
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

impl Folder {
    /// The folder that is kept, or a new one that goes with the program. `course` says what is played, by what a folder was
    /// begun with.
    ///
    /// # Errors
    /// Where the folder holds something else, or cannot be written, in words.
    pub fn open(
        keep: Option<&Path>,
        course: impl FnOnce(Option<Begun>) -> anyhow::Result<Course>,
    ) -> anyhow::Result<(Self, Course)> {
        let Some(path) = keep else {
            let folder = Self::temporary()?;
            return Ok((folder, course(None)?));
        };
        fs::create_dir_all(path)
            .map_err(|error| wrong(format!("the folder {}: {error}", path.display())))?;
        let path = fs::canonicalize(path)?;
        let begun = begun(&path)?;
        let course = course(begun)?;
        if begun.is_none() {
            let text = format!("{MARK_SAYS}{}", toml::to_string(&course.begun())?);
            write(&path.join(MARK), &text, 0o644)?;
        }
        let folder = Self {
            path,
            is_kept: true,
        };
        Ok((folder, course))
    }

    fn temporary() -> anyhow::Result<Self> {
        use std::os::unix::fs::DirBuilderExt as _;
        let place = std::env::temp_dir();
        for number in 0..100 {
            let path = place.join(format!("bellwether-demo-{}-{number}", std::process::id()));
            match fs::DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => {
                    return Ok(Self {
                        path,
                        is_kept: false,
                    });
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => {
                    return Err(wrong(format!(
                        "no folder can be made in {} ({error}): name one with --keep",
                        place.display()
                    )));
                }
            }
        }
        Err(wrong(
            "no free folder for what is played: name one with --keep",
        ))
    }

    /// The configuration's file.
    pub fn configuration(&self) -> PathBuf {
        self.path.join("bellwether.toml")
    }

    /// Where mails go.
    pub fn mail(&self) -> PathBuf {
        self.path.join("mail")
    }

    fn google_key(&self) -> PathBuf {
        self.path.join(GOOGLE_KEY)
    }

    /// How what was stopped is gone on with.
    pub fn words_for_going_on(&self) -> String {
        match self.is_kept {
            true => format!(
                "; it goes on with `bellwether demo --keep {}`",
                self.path.display()
            ),
            false => "; nothing of it is kept".to_string(),
        }
    }

    /// Whether it stays when the program ends.
    pub fn is_kept(&self) -> bool {
        self.is_kept
    }

    /// Writes the configuration and its key, and makes of it what the daemon is to do: ask whatever the world plays, and nobody else.
    pub fn plan(&self, stage: &Stage, listen: SocketAddr, clock: Clock) -> anyhow::Result<Plan> {
        write(&self.google_key(), play::GOOGLE_USER, 0o600)?;
        let all = self.text(stage, listen, &[], &[]);
        let (settings, chosen) = settings(&all)?;
        let probes = chosen.probes.iter().filter(|(probe, _)| {
            let is_known = probe
                .credential
                .as_deref()
                .is_none_or(|name| settings.known(name) == Known::Configured);
            let mut off = settings.probes.off.iter();
            is_known
                && is_played(stage, &probe.request.url, &probe.scopes)
                && !off.any(|name| name == probe.id.as_str())
        });
        let probes: Vec<&str> = probes.map(|(probe, _)| probe.id.as_str()).collect();
        let endpoints = chosen.endpoints.iter();
        let endpoints = endpoints.filter(|(one, _)| {
            one.scopes.len() <= SCOPES && is_played(stage, &one.url, &one.scopes)
        });
        let endpoints: Vec<&str> = endpoints.map(|(one, _)| one.id.as_str()).collect();
        let text = self.text(stage, listen, &probes, &endpoints);
        write(&self.configuration(), &text, 0o644)?;
        let (settings, chosen) = self::settings(&text)?;
        Ok(Plan {
            database: self.path.join("data").join("bellwether.db"),
            settings,
            probes: chosen.probes,
            endpoints: chosen.endpoints,
            inference: Vec::new(),
            clock,
        })
    }

    fn text(
        &self,
        stage: &Stage,
        listen: SocketAddr,
        probes: &[&str],
        endpoints: &[&str],
    ) -> String {
        let quoted = |text: &str| toml::Value::from(text).to_string();
        let path = |path: PathBuf| quoted(&path.display().to_string());
        let list = |names: &[&str]| {
            let names = names.iter().map(|name| format!("    {},\n", quoted(name)));
            match names.len() {
                0 => "[]".to_string(),
                _ => format!("[\n{}]", names.collect::<String>()),
            }
        };
        let rewrites = stage.rewrites.iter();
        let rewrites = rewrites.map(|(from, to)| format!("{} = {}\n", quoted(from), quoted(to)));
        let filled = [
            ("{config}", self.configuration().display().to_string()),
            ("{data}", path(self.path.join("data"))),
            ("{mail}", path(self.mail())),
            ("{probes}", list(probes)),
            ("{endpoints}", list(endpoints)),
            ("{google}", path(self.google_key())),
            (
                "{elsewhere}",
                quoted(&format!("http://127.0.0.1:{}", stage.port)),
            ),
            ("{listen}", quoted(&listen.to_string())),
            ("{subscription}", quoted(play::AZURE_SUBSCRIPTION)),
            ("{resource}", quoted(play::AZURE_RESOURCE)),
        ];
        let text = filled
            .iter()
            .fold(CONFIGURATION.to_string(), |text, (name, value)| {
                text.replace(name, value)
            });
        text + &rewrites.collect::<String>()
    }
}

/// What a folder was begun with; `None` for an empty one.
fn begun(folder: &Path) -> anyhow::Result<Option<Begun>> {
    let shown = folder.display();
    match fs::read_to_string(folder.join(MARK)) {
        Ok(text) => {
            let begun = toml::from_str(&text);
            let begun = begun.with_context(|| format!("{MARK} in {shown} is none of a demo"));
            begun.map(Some)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let mut entries = fs::read_dir(folder)?;
            match entries.next() {
                None => Ok(None),
                Some(_) => Err(wrong(format!(
                    "{shown} holds something else than a demo: name an empty folder, or a new one"
                ))),
            }
        }
        Err(error) => Err(wrong(format!("{shown} cannot be read: {error}"))),
    }
}

/// Written whole or not at all, for whom the mode says.
fn write(path: &Path, text: &str, mode: u32) -> anyhow::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let part = path.with_extension("part");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(mode);
    let written = options
        .open(&part)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| fs::rename(&part, path));
    written.map_err(|error| wrong(format!("{} cannot be written: {error}", path.display())))
}

/// The settings of a text, and what is chosen by them. Of the environment only what the world admits is seen: the keys of the
/// person who looks are nobody's here.
fn settings(text: &str) -> anyhow::Result<(Settings, Chosen)> {
    let admitted = play::credentials();
    let variable = |name: &str| {
        let value = admitted.iter().find(|(known, _)| *known == name);
        value.map(|(_, value)| (*value).to_string())
    };
    let file = |path: &Path| fs::read(path).map_err(|error| error.to_string());
    let outside = Outside {
        variable: &variable,
        file: &file,
    };
    let mut settings = Settings::from_text("data/demo/bellwether.toml", text, &outside)?;
    for (name, value) in &admitted {
        let value = SecretString::from((*value).to_string());
        settings.credentials.insert((*name).to_string(), value);
    }
    let chosen = watched(&[], &settings)?;
    Ok((settings, chosen))
}

/// Whether the world plays the host of an address in all scopes.
fn is_played(stage: &Stage, template: &str, scopes: &[Scoping]) -> bool {
    let is_played = |scoping: &Scoping| {
        let url = url::Url::parse(&scoping.fill(template));
        url.is_ok_and(|url| url.host_str().is_some_and(|host| stage.plays(host)))
    };
    !scopes.is_empty() && scopes.iter().all(is_played)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(path: &Path) -> Folder {
        fs::create_dir(path).expect("a folder");
        Folder {
            path: path.to_path_buf(),
            is_kept: true,
        }
    }

    #[test]
    fn the_shipped_configuration_is_sound_and_names_all_that_is_filled_in() {
        let stage = Stage::sketch(4711, &["api.openai.com"]);
        let place = tempfile::tempdir().expect("a folder");
        let folder = folder(&place.path().join("a \"demo\""));
        write(&folder.google_key(), play::GOOGLE_USER, 0o600).expect("a key file");
        let listen = "127.0.0.1:8620".parse().expect("an address");
        let text = folder.text(&stage, listen, &["openai.models"], &["openai.api"]);
        assert!(!text.contains('{'), "{text}");
        let (settings, chosen) = settings(&text).expect("sound settings");
        assert!(settings.simulated);
        assert_eq!(settings.data, Some(folder.path.join("data")));
        let asked = chosen.probes.iter().filter(|(_, is_asked)| *is_asked);
        assert_eq!(asked.count(), 1);
        let elsewhere = settings.http.elsewhere.map(|url| url.to_string());
        assert_eq!(elsewhere.as_deref(), Some("http://127.0.0.1:4711/"));
    }

    #[test]
    fn who_is_played_is_asked_but_for_what_the_configuration_switches_off() {
        use std::os::unix::fs::PermissionsExt as _;
        let hosts = [
            "aiplatform.googleapis.com",
            "health.aws.amazon.com",
            "status.aws.amazon.com",
        ];
        let stage = Stage::sketch(4711, &hosts);
        let place = tempfile::tempdir().expect("a folder");
        let folder = folder(&place.path().join("demo"));
        let listen = "127.0.0.1:8620".parse().expect("an address");
        let plan = folder.plan(&stage, listen, std::sync::Arc::new(|| jiff::Timestamp::MIN));
        let plan = plan.expect("a plan");
        let asked = plan.probes.iter().filter(|(_, is_asked)| *is_asked);
        let asked: Vec<&str> = asked.map(|(probe, _)| probe.id.as_str()).collect();
        assert_eq!(asked, ["bedrock.status", "vertex.models"]);
        let key = fs::metadata(folder.google_key()).expect("a key file");
        assert_eq!(key.permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_folder_of_somebody_else_is_left_alone() {
        let other = tempfile::tempdir().expect("a folder");
        fs::write(other.path().join("thesis.txt"), "mine").expect("a file");
        let open = Folder::open(Some(other.path()), |_| {
            unreachable!("nothing is begun here")
        });
        let said = open.expect_err("no demo").to_string();
        assert!(
            said.ends_with("holds something else than a demo: name an empty folder, or a new one"),
            "{said}"
        );
        assert_eq!(fs::read_dir(other.path()).expect("a folder").count(), 1);
    }
}
