//! What must work on this machine besides the sources: the database, its folder, the mail, the clock.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::{Map, Value as Json, json};

use super::super::Setup;
use super::super::output::clean;
use crate::daemon::clock;
use crate::deliver::{Mailer, Sender};
use crate::fetch::Client;
use crate::market::DeliveryState;
use crate::store::{Alerts as _, HeldUp, Outbox as _, Sources as _, Store};

/// A clock that is further off dates readings wrongly, and signatures are refused from five minutes on.
const MOST_AHEAD: SignedDuration = SignedDuration::from_secs(60);

/// Of what was refused for longer, people know.
const LATELY: SignedDuration = SignedDuration::from_hours(7 * 24);

/// One thing that must work.
#[derive(Debug, PartialEq, Eq)]
pub struct Check {
    /// Which.
    pub name: &'static str,
    /// What was found.
    pub said: String,
    /// How to mend it; `None`: it works.
    pub mend: Option<String>,
}

impl Check {
    fn well(name: &'static str, said: impl Into<String>) -> Self {
        Self {
            name,
            said: clean(&said.into()),
            mend: None,
        }
    }

    fn failing(name: &'static str, said: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            name,
            said: clean(&said.into()),
            mend: Some(mend.into()),
        }
    }

    /// The check with the keys of a finding of a probe.
    pub fn object(&self) -> Map<String, Json> {
        let state = match self.mend {
            None => "well",
            Some(_) => "failing",
        };
        let troubles: Vec<Json> = self
            .mend
            .iter()
            .map(|mend| {
                json!({
                    "sources": [], "rung": self.name, "outcome": "internal", "status": null, "code": null,
                    "detail": self.said, "mend": mend,
                })
            })
            .collect();
        let fields = [
            ("provider", Json::Null),
            ("probe", json!(self.name)),
            ("state", json!(state)),
            ("rung", json!(self.mend.as_ref().map(|_| self.name))),
            ("said", json!(self.said)),
            ("sources", json!(0)),
            ("well", json!(0)),
            ("absent", json!(0)),
            ("items", Json::Null),
            ("not_granted", Json::Null),
            ("took_ms", Json::Null),
            ("credential", Json::Null),
            ("needs", json!([])),
            ("troubles", json!(troubles)),
        ];
        fields
            .into_iter()
            .map(|(key, value)| (key.to_string(), value))
            .collect()
    }
}

/// Checks everything. `ahead` is how far our clock was ahead of the hosts that were asked.
pub async fn checks(setup: &Setup, ahead: Vec<SignedDuration>) -> Vec<Check> {
    let mut checks = vec![database(&setup.database), folder(&setup.database)];
    checks.push(mail(setup).await);
    checks.extend(channels(setup, &held_up(&setup.database)).await);
    checks.extend(dead_letters(&setup.database));
    checks.extend(clock(ahead));
    checks
}

/// What was refused for good lately; nothing where the database cannot say, which is another check's to tell.
fn dead_letters(database: &Path) -> Option<Check> {
    let since = clock::now().checked_sub(LATELY).ok()?;
    let mut told = Store::open_read_only(database)
        .ok()?
        .told_since(since)
        .ok()?;
    told.retain(|told| told.state == DeliveryState::Dead);
    let last = told.last()?;
    let said = format!(
        "{} of the last 7 days refused for good, the last to {}: {}",
        told.len(),
        last.recipient,
        last.detail.as_deref().unwrap_or("nobody said why")
    );
    let mend =
        "put that recipient right; `bellwether alerts --state dead` lists what was to be told";
    Some(Check::failing("messages", said, mend))
}

fn database(path: &Path) -> Check {
    const NAME: &str = "database";
    let place = path.display();
    if !path.exists() {
        return Check::well(NAME, format!("{place} is not there yet: `run` makes it"));
    }
    let store = match Store::open_read_only(path) {
        Ok(store) => store,
        Err(error) => {
            let mend = "let this user read and write it, or name another place with --data";
            return Check::failing(NAME, format!("{place}: {error}"), mend);
        }
    };
    let damage = store.damage();
    match damage.and_then(|damage| Ok((damage, store.sources()?.len()))) {
        Ok((None, sources)) => {
            Check::well(NAME, format!("{place} is sound, with {sources} sources"))
        }
        Ok((Some(damage), _)) => Check::failing(
            NAME,
            format!("{place} is damaged: {damage}"),
            "stop the daemon, put it aside, and go on with the last copy of `bellwether backup`",
        ),
        Err(error) => Check::failing(
            NAME,
            format!("{place} cannot be read: {error}"),
            "go on with the last copy of `bellwether backup`",
        ),
    }
}

/// Whether the folder of the database, or the nearest one above that is there, takes files. `run` makes what is missing.
fn folder(database: &Path) -> Check {
    const NAME: &str = "disk";
    let here = Path::new(".");
    let mut folder = database.parent().unwrap_or(here);
    while !folder.as_os_str().is_empty() && !folder.exists() {
        folder = folder.parent().unwrap_or(here);
    }
    if folder.as_os_str().is_empty() {
        folder = here;
    }
    // a page of SQLite, as it is written in any transaction
    let probe = folder.join(format!(".bellwether-check.{}", std::process::id()));
    let tried = std::fs::File::create_new(&probe)
        .and_then(|mut file| file.write_all(&[0; 4096]))
        .and_then(|()| std::fs::remove_file(&probe));
    match tried {
        Ok(()) => Check::well(NAME, format!("{} takes files", folder.display())),
        Err(error) => Check::failing(
            NAME,
            format!("{} takes no file: {error}", folder.display()),
            "make room or let this user write there, or name another folder with --data",
        ),
    }
}

async fn mail(setup: &Setup) -> Check {
    const NAME: &str = "mail";
    let Some(mail) = &setup.settings.mail else {
        return Check::well(
            NAME,
            match setup.settings.channels.is_empty() {
                true => "none is configured: changes are kept, and told to nobody",
                false => "none is configured: everybody is told over channels",
            },
        );
    };
    let tried = match Mailer::new(mail) {
        Ok(mailer) => match Client::new(&setup.settings.http) {
            Ok(client) => mailer.asking(&Arc::new(client)).check().await,
            Err(error) => Err(error.to_string()),
        },
        Err(error) => Err(error.to_string()),
    };
    match tried {
        Ok(()) => Check::well(NAME, "the mail server or folder takes mail from us"),
        Err(said) => Check::failing(
            NAME,
            said,
            "put [mail] right; nothing is lost while it fails",
        ),
    }
}

/// What waits for another try; nothing where the database cannot say, which is another check's to tell.
fn held_up(database: &Path) -> Vec<HeldUp> {
    let told = |store: Store| store.held_up().ok();
    let store = Store::open_read_only(database).ok();
    store.and_then(told).unwrap_or_default()
}

/// Whether the host of each channel can be reached: what it makes of a message, only a message can tell, such as the last one.
async fn channels(setup: &Setup, held_up: &[HeldUp]) -> Vec<Check> {
    const NAME: &str = "channel";
    let settings = &setup.settings;
    let mut checks = Vec::new();
    for channel in &settings.channels {
        let (name, place) = (&channel.name, channel.address().shown());
        let reached = match Client::new(&settings.http) {
            Ok(client) => {
                let sender = Sender::new(channel.clone(), Arc::new(client));
                sender.check(clock::now()).await
            }
            Err(error) => Err(error.to_string()),
        };
        let mut waiting = held_up.iter();
        let waiting = waiting.find(|one| one.channel.as_ref() == Some(name));
        checks.push(match (reached, waiting) {
            (Ok(()), Some(HeldUp { messages, detail, .. })) => Check::failing(
                NAME,
                format!("{name}: {place} is reached, but takes nothing ({messages} waiting): \
                     {detail}"),
                "put it right; nothing is lost until then, and `bellwether alert test ROUTE` shows what \
                 it takes",
            ),
            (Ok(()), None) => Check::well(
                NAME,
                format!(
                    "{name}: {place} is reached; `bellwether alert test ROUTE` shows what it takes"
                ),
            ),
            (Err(said), _) => Check::failing(
                NAME,
                format!("{name}: {place}: {said}"),
                "put url or [http] right; nothing is lost while it fails",
            ),
        });
    }
    checks
}

/// The clock against the middle one of the hosts, so that one host that is wrong tells nothing; no check if none told its time.
fn clock(mut ahead: Vec<SignedDuration>) -> Option<Check> {
    const NAME: &str = "clock";
    ahead.sort();
    let middle = *ahead.get(ahead.len() / 2)?;
    let hosts = match ahead.len() {
        1 => "the host that tells its time".to_string(),
        count => format!("most of {count} answers that tell the time"),
    };
    let seconds = middle.abs().as_secs();
    let side = if middle.is_negative() {
        "behind"
    } else {
        "ahead of"
    };
    Some(match middle.abs() >= MOST_AHEAD {
        false => Check::well(NAME, format!("within {} s of {hosts}", seconds + 1)),
        true => Check::failing(
            NAME,
            format!("{seconds} s {side} {hosts}"),
            "set this machine's clock, best by NTP",
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wrong_host_tells_nothing_of_our_clock() {
        let told = |seconds: &[i64]| {
            let ahead = seconds.iter().map(|s| SignedDuration::from_secs(*s));
            clock(ahead.collect()).map(|check| (check.said, check.mend.is_some()))
        };
        assert_eq!(told(&[]), None);
        for (seconds, said, is_wrong) in [
            (
                &[0][..],
                "within 1 s of the host that tells its time",
                false,
            ),
            (
                &[4_000, 1, -1],
                "within 2 s of most of 3 answers that tell the time",
                false,
            ),
            (
                &[90, 91, 0],
                "90 s ahead of most of 3 answers that tell the time",
                true,
            ),
            (
                &[-3_600, -3_601],
                "3600 s behind most of 2 answers that tell the time",
                true,
            ),
        ] {
            assert_eq!(told(seconds), Some((said.to_string(), is_wrong)));
        }
    }

    #[test]
    fn a_folder_that_takes_no_file_and_a_file_that_is_no_database_are_told() {
        let place = tempfile::tempdir().expect("a folder");
        let path = place.path().join("data/bellwether.db");
        assert_eq!((folder(&path).mend, database(&path).mend), (None, None));
        std::fs::write(place.path().join("data"), "no folder").expect("a file");
        assert!(folder(&path).mend.is_some());
        let text = place.path().join("text.db");
        std::fs::write(&text, "no database ".repeat(100)).expect("a file");
        assert!(database(&text).mend.is_some());
        let store = Store::open(&place.path().join("own.db")).expect("a database");
        let check = database(store.path());
        assert!(check.mend.is_none() && check.said.ends_with("is sound, with 0 sources"));
    }
}
