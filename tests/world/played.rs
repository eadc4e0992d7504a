//! A story played through the daemon's own parts on virtual time, by the configuration of the demo.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use bellwether::config::{Known, Outside, Settings, watched};
use bellwether::daemon::Plan;
use bellwether::daemon::play::{BEAT, Piece, Player, Stated, Time};
use bellwether::market::{RecordedChange, Standing};
use bellwether::schedule::Schedule;
use bellwether::store::{
    Alerts as _, ChangeFilter, Changes as _, ReportForm, Reports as _, Store, Told,
};
use bellwether::world::server::Server;
use bellwether::world::{Line, World, play};
use jiff::{SignedDuration, Timestamp};

/// The configuration that a demo writes, with names in braces for what is not known before.
const CONFIGURATION: &str = include_str!("../../data/demo/bellwether.toml");
/// A Monday.
const BEGIN: &str = "2026-08-31T00:00:00Z";
/// The twelve weeks, and what is still told of them in the two after.
pub const ALL: (i64, i64) = (0, 14);
/// On a Monday the report of the week before is made by then.
const MORNING: SignedDuration = SignedDuration::from_hours(12);

/// What is asked in a story.
#[derive(Debug, Clone, Copy)]
pub struct Cast {
    /// The chance in the world.
    pub seed: u64,
    /// Whose changes count; none: everybody's.
    pub providers: &'static [&'static str],
    /// Who is asked besides, for what it says of them.
    pub besides: &'static [&'static str],
    /// Of which weeks: from the beginning of the first until that of the last. What has happened before is a baseline.
    pub weeks: (i64, i64),
    /// Whether endpoints are measured, too.
    pub measures: bool,
    /// No source is asked more often.
    pub every: SignedDuration,
}

impl Cast {
    /// Whether a provider's changes count.
    pub fn counts(&self, provider: &str) -> bool {
        self.providers.is_empty() || self.providers.contains(&provider)
    }

    /// From when until when it is played.
    pub fn span(&self) -> (Timestamp, Timestamp) {
        let week = |number: i64| begin() + SignedDuration::from_hours(number * 7 * 24);
        (week(self.weeks.0), week(self.weeks.1))
    }

    fn asks(&self, provider: &str) -> bool {
        self.counts(provider) || self.besides.contains(&provider)
    }
}

/// What became of a story.
pub struct Played {
    /// What was told.
    pub world: Arc<World>,
    /// The probes that were asked, and by provider what is measured.
    pub asked: BTreeSet<String>,
    /// How many sources they are.
    pub sources: usize,
    /// All news, in the order in which it was recorded.
    pub news: Vec<RecordedChange>,
    /// The messages that tell a change, by its id.
    pub told: BTreeMap<String, Vec<Told>>,
    /// All messages.
    pub messages: Vec<Told>,
    /// The weekly reports as programs read them, the first week first.
    pub reports: Vec<(String, serde_json::Value)>,
}

/// When a story begins.
pub fn begin() -> Timestamp {
    BEGIN.parse().expect("a time")
}

/// The settings of a demo in a folder.
fn settings(server: &Server, folder: &Path) -> Settings {
    let key = folder.join("google.json");
    std::fs::write(&key, play::GOOGLE_USER).expect("a file");
    let quoted = |text: &str| format!("{text:?}");
    let filled = [
        ("{config}", "bellwether.toml".to_string()),
        ("{data}", quoted(&folder.display().to_string())),
        ("{mail}", quoted(&folder.join("mail").display().to_string())),
        ("{probes}", "[]".to_string()),
        ("{endpoints}", "[]".to_string()),
        ("{google}", quoted(&key.display().to_string())),
        (
            "{elsewhere}",
            quoted(&format!("http://127.0.0.1:{}", server.port())),
        ),
        ("{listen}", quoted("127.0.0.1:0")),
        ("{subscription}", quoted(play::AZURE_SUBSCRIPTION)),
        ("{resource}", quoted(play::AZURE_RESOURCE)),
    ];
    let mut text = filled
        .iter()
        .fold(CONFIGURATION.to_string(), |text, (name, value)| {
            text.replace(name, value)
        });
    for (from, to) in server.rewrites() {
        text += &format!("\"{from}\" = \"{to}\"\n");
    }
    let admitted: BTreeMap<&str, &str> = play::credentials().into_iter().collect();
    let outside = Outside {
        variable: &|name| admitted.get(name).map(ToString::to_string),
        file: &|path| std::fs::read(path).map_err(|error| error.to_string()),
    };
    let mut settings =
        Settings::from_text("bellwether.toml", &text, &outside).expect("a sound configuration");
    for (name, value) in admitted {
        settings
            .credentials
            .insert(name.to_string(), value.to_string().into());
    }
    settings
}

fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or_default()
}

/// What the daemon is to do: ask whatever the world plays of whom the cast is about.
fn plan(cast: &Cast, settings: &Settings, folder: &Path) -> Plan {
    let hosts: BTreeSet<String> = play::hosts().into_iter().collect();
    let chosen = watched(&[], settings).expect("sound probe files");
    let mut probes = chosen.probes;
    for (probe, is_asked) in &mut probes {
        let is_known = probe
            .credential
            .as_deref()
            .is_none_or(|name| settings.known(name) == Known::Configured);
        let is_played = !probe.scopes.is_empty()
            && probe.scopes.iter().all(|scoping| {
                let url = scoping.fill(&probe.request.url);
                hosts.contains(host(&url))
            });
        let is_off = settings
            .probes
            .off
            .iter()
            .any(|name| name == probe.id.as_str());
        *is_asked = is_known && is_played && !is_off && cast.asks(probe.provider.as_str());
        // what is open for an hour is to be seen: pages of incidents are asked as often as they want to be
        let every = match probe.reader.word() {
            "statuspage" | "google-incidents" => SignedDuration::ZERO,
            _ if probe.id.as_str().ends_with(".status") => SignedDuration::ZERO,
            _ => cast.every,
        };
        if let Schedule::Every(period) = &mut probe.schedule {
            *period = (*period).max(every);
        }
    }
    let mut endpoints = chosen.endpoints;
    for (endpoint, is_checked) in &mut endpoints {
        let is_played = endpoint
            .scopes
            .iter()
            .all(|scoping| hosts.contains(host(&scoping.fill(&endpoint.url))));
        *is_checked = cast.measures
            && is_played
            && endpoint.scopes.len() <= 6
            && cast.counts(endpoint.provider.as_str());
    }
    Plan {
        database: folder.join("bellwether.db"),
        settings: settings.clone(),
        probes,
        endpoints,
        inference: Vec::new(),
        clock: Arc::new(begin),
    }
}

/// How long hosts take, as the world states it.
fn stated(world: &Arc<World>) -> Stated {
    let world = Arc::clone(world);
    Stated::by(move |host, at| {
        let line = Line {
            provider: host.provider,
            region: host.region,
            host: host.name,
            kind: "fresh",
        };
        let measured = world.phases(&line, 401, at);
        (measured.phases, measured.outcome)
    })
}

/// Plays a story to its end.
pub async fn played(cast: &Cast) -> Played {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().expect("a folder");
    let world = Arc::new(World::shipped(cast.seed, begin()).expect("a sound script"));
    let (first, last) = cast.span();
    let time = Time::at(first);
    let server = Server::start(Arc::clone(&world), time.asked())
        .await
        .expect("a port");
    let settings = settings(&server, folder.path());
    let plan = plan(cast, &settings, folder.path());
    let asked = plan.probes.iter().filter(|(_, is_asked)| *is_asked);
    let checked = plan.endpoints.iter().filter(|(_, is_checked)| *is_checked);
    let measured = checked.map(|(endpoint, _)| format!("{}.measured", endpoint.provider));
    let asked = asked.map(|(probe, _)| probe.id.to_string());
    let asked: BTreeSet<String> = asked.chain(measured).collect();
    let database = plan.database.clone();
    let mut player = Player::start(Piece {
        plan,
        time,
        begin: first,
        stated: stated(&world),
    })
    .await
    .expect("a daemon");
    let sources = player.sources();
    let periods = player.probes().iter().map(|(probe, _)| &probe.schedule);
    let is_played = |schedule: &Schedule| match schedule {
        Schedule::Every(period) => *period >= BEAT,
        Schedule::Cron { .. } => true,
    };
    assert!(periods.clone().all(is_played), "{periods:?}");
    let until = last + MORNING;
    while player.next() <= until {
        player.step().await.expect("a moment");
    }
    player.stop().await;
    drop(server);
    let unplayed = world.unplayed();
    assert!(unplayed.is_empty(), "{unplayed:#?}");
    let store = Store::open_read_only(&database).expect("the database");
    let filter = ChangeFilter {
        all: true,
        ..ChangeFilter::default()
    };
    let mut news = store.changes(&filter).expect("changes");
    news.retain(|one| one.standing == Standing::News);
    news.sort_by_key(|one| one.change.confirmed_at);
    let told = news.iter().map(|one| {
        let messages = store.told_of(&one.change.id).expect("messages");
        (one.change.id.0.clone(), messages)
    });
    let told = told.collect();
    let mut reports = store.reports().expect("reports");
    reports.retain(|record| record.kind == "weekly");
    reports.reverse();
    let reports = reports.into_iter().map(|record| {
        let form = store.archived_report(&record.period, ReportForm::Json);
        let text = form.expect("a report").expect("its form");
        let value = serde_json::from_str(&text).expect("JSON");
        (record.period, value)
    });
    let reports = reports.collect();
    Played {
        asked,
        sources,
        news,
        told,
        messages: store.told_since(Timestamp::MIN).expect("messages"),
        reports,
        world,
    }
}
