//! The simulated Bedrock and Azure: every shipped probe of theirs reads them, over the real client and behind real credentials, as
//! their script says.

mod azure;
mod bedrock;
mod refused;
mod story;
mod troubled;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bellwether::config::{Outside, Own, Probe, Scoping, Settings, declared};
use bellwether::daemon::trial::{Trial, try_source};
use bellwether::fetch::{Client, Credentials};
use bellwether::market::{Content, Reading};
use bellwether::world::server::Server;
use bellwether::world::{World, play};
use futures_util::StreamExt as _;
use jiff::{SignedDuration, Timestamp};

const BEGIN: &str = "2026-09-02T00:00:00Z";

fn begin() -> Timestamp {
    BEGIN.parse().expect("a time")
}

/// So many days and hours after the beginning.
fn at(days: i64, hours: i64) -> Timestamp {
    begin() + SignedDuration::from_hours(24 * days + hours)
}

/// Days in whose last hours nothing happens: the first and the last, and one after each group of events.
const CALM: [i64; 5] = [0, 23, 38, 56, 83];

fn shipped() -> Arc<World> {
    Arc::new(World::shipped(1, begin()).expect("a sound script"))
}

/// A demo: all hosts are the world's, and all credentials are there that it admits, or others in their place.
struct Place {
    world: Arc<World>,
    _server: Server,
    client: Client,
    credentials: Credentials,
    settings: Settings,
}

impl Place {
    /// A world whose time stands still.
    async fn new(now: Timestamp, others: &[(&'static str, &'static str)]) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let world = shipped();
        let server = Server::start(Arc::clone(&world), Arc::new(move || now))
            .await
            .expect("a port");
        let mut text = format!(
            "[scopes.azure]\nsubscription = ['{}']\nresource = ['{}']\n[http]\nper_host_pace_ms = 0\n[http.rewrite]\n",
            play::AZURE_SUBSCRIPTION,
            play::AZURE_RESOURCE
        );
        for (from, to) in server.rewrites() {
            text += &format!("\"{from}\" = \"{to}\"\n");
        }
        let mut known: BTreeMap<&str, &str> = play::credentials().into_iter().collect();
        known.extend(others.iter().copied());
        let outside = Outside {
            // with a key of Bedrock in the environment nothing would be signed
            variable: &|name| {
                let found = known
                    .get(name)
                    .filter(|_| name != "AWS_BEARER_TOKEN_BEDROCK");
                found.map(ToString::to_string)
            },
            file: &|_| Err("there are no files".to_string()),
        };
        let settings =
            Settings::from_text("bellwether.toml", &text, &outside).expect("a sound configuration");
        let keys = known
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string().into()));
        Self {
            world,
            _server: server,
            client: Client::new(&settings.http).expect("a client"),
            credentials: Credentials::new(keys.collect(), settings.identities.clone()),
            settings,
        }
    }

    /// Every source of the two whose probe is wanted.
    fn sources(&self, wanted: impl Fn(&str) -> bool) -> Vec<(Arc<Probe>, Scoping)> {
        let own = Own {
            scopes: &self.settings.scopes,
            ..Own::default()
        };
        let probes = declared(&[], own).expect("sound probe files").into_iter();
        let of_clouds = |probe: &Probe| matches!(probe.provider.as_str(), "bedrock" | "azure");
        let probes = probes.filter(|probe| of_clouds(probe) && wanted(probe.id.as_str()));
        let sources = probes.flat_map(|probe| {
            let probe = Arc::new(probe);
            let scopes = probe.scopes.clone().into_iter();
            scopes
                .map(move |scoping| (Arc::clone(&probe), scoping))
                .collect::<Vec<_>>()
        });
        sources.collect()
    }

    /// Tries sources; by probe and region.
    async fn tried(
        &self,
        sources: &[(Arc<Probe>, Scoping)],
        at: Timestamp,
    ) -> Vec<(String, Trial)> {
        let asked = futures_util::stream::iter(sources).map(|(probe, scoping)| async move {
            let values = &scoping.values;
            let scope = values.get("region").or(values.get("location"));
            let name = format!("{}@{}", probe.id, scope.map_or("", String::as_str));
            (
                name,
                try_source(&self.client, &self.credentials, probe, scoping, at).await,
            )
        });
        asked.buffer_unordered(16).collect().await
    }

    /// What one source says, or why it says nothing.
    async fn one(&self, name: &str, at: Timestamp) -> Result<BTreeSet<String>, String> {
        let (id, scope) = name.split_once('@').expect("an @");
        let mut sources = self.sources(|own| own == id);
        sources.retain(|(_, scoping)| {
            scope.is_empty() || scoping.values.values().any(|value| value == scope)
        });
        let tried = self.tried(&sources, at).await;
        let (_, trial) = tried.into_iter().next().expect("a source");
        trial
            .read
            .map(|reading| lines(&reading))
            .map_err(|failure| failure.to_string())
    }
}

/// What each source of the two says at a moment. Nothing may be noted, and nothing may fail but by the world's own chance, for
/// which the source is asked again.
async fn readings(now: Timestamp) -> (Arc<World>, BTreeMap<String, BTreeSet<String>>) {
    let place = Place::new(now, &[]).await;
    let sources = place.sources(|_| true);
    let mut read = BTreeMap::new();
    let mut wrong = Vec::new();
    for (name, trial) in place.tried(&sources, now).await {
        match trial.read {
            Ok(reading) => {
                wrong.extend(
                    reading
                        .unexpected
                        .iter()
                        .map(|note| format!("{name}: {note:?}")),
                );
                let twice = read.insert(name.clone(), lines(&reading));
                assert!(twice.is_none(), "{name} is there twice");
            }
            // a region in which a price list sells nothing has no file
            Err(_) if trial.status == Some(403) && name.contains("prices@") => {}
            Err(failure) => wrong.push(format!("{name}: {failure}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let unplayed = place.world.unplayed();
    assert!(unplayed.is_empty(), "{unplayed:#?}");
    (place.world, read)
}

/// `native id in region [deployment] attribute = value`, and a line of each subject.
fn lines(reading: &Reading) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for entry in &reading.entries {
        let subject = &entry.subject;
        let region = Some(&subject.region).filter(|region| region.is_stated());
        let name = name(
            subject.native_id.as_str(),
            region.map_or("", |region| region.as_str()),
            subject.deployment.as_deref().unwrap_or(""),
        );
        if let Content::Stated { claims, .. } = &entry.content {
            let stated = claims
                .iter()
                .map(|claim| format!("{name} {} = {}", claim.attribute, claim.value));
            lines.extend(stated);
        }
        lines.insert(name);
    }
    lines
}

/// A subject as a line begins.
fn name(id: &str, region: &str, deployment: &str) -> String {
    let region = Some(region).filter(|region| !region.is_empty());
    let region = region.map_or(String::new(), |region| format!(" in {region}"));
    let deployment = Some(deployment).filter(|term| !term.is_empty());
    let deployment = deployment.map_or(String::new(), |term| format!(" [{term}]"));
    format!("{id}{region}{deployment}")
}

/// The lines that are subjects alone, or state one of these attributes.
fn only(lines: &BTreeSet<String>, attributes: &[&str]) -> BTreeSet<String> {
    let wanted = |line: &&String| match line.split_once(" = ") {
        None => true,
        Some((left, _)) => attributes
            .iter()
            .any(|attribute| left.ends_with(&format!(" {attribute}"))),
    };
    lines.iter().filter(wanted).cloned().collect()
}

/// Both are the same, or what one has more than the other is shown.
fn assert_same(source: &str, found: &BTreeSet<String>, expected: &BTreeSet<String>) {
    let missing: Vec<&String> = expected.difference(found).collect();
    let extra: Vec<&String> = found.difference(expected).collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "{source}: missing {missing:#?}, extra {extra:#?}"
    );
}
