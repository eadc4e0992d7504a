//! The daemon's delivery over channels, on a clock of the test's own.

use std::collections::HashSet;
use std::sync::Arc;

use bellwether::config::{Outside, Settings};
use bellwether::daemon::delivery::{Post, Round, round};
use bellwether::daemon::writer::Writer;
use bellwether::deliver::Carrier;
use bellwether::fetch::Client;
use bellwether::market::{
    Authority, Called, Change, ChangeId, ChangeKind, ProbeId, ProviderId, RecordedChange, Scope,
    Severity, SourceId, Standing, Subject,
};
use bellwether::store::{Alerts, Store, Telling, Told};
use jiff::{SignedDuration, Timestamp};

pub fn minute(n: i64) -> Timestamp {
    let begin: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a time");
    begin + SignedDuration::from_mins(n)
}

/// The message to a recipient.
pub fn row<'a>(told: &'a [Told], recipient: &str) -> &'a Told {
    let mut told = told.iter().filter(|one| one.recipient == recipient);
    told.next().expect("a message")
}

/// A database in which a change is told to some, and the means to deliver it.
pub struct Office {
    folder: tempfile::TempDir,
    writer: Writer,
    post: Post,
}

impl Office {
    pub fn new(rules: &str, to: &[&str]) -> Self {
        Self::with_secrets(rules, to, &[])
    }

    /// `secrets`: files by their names.
    pub fn with_secrets(rules: &str, to: &[&str], secrets: &[(&str, &str)]) -> Self {
        Self::telling(rules, to, secrets, change())
    }

    /// One in which this change is told.
    pub fn telling(rules: &str, to: &[&str], secrets: &[(&str, &str)], change: Change) -> Self {
        // several tests may come here first
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("bellwether.db")).expect("a database");
        let (writer, _thread) = Writer::start(store).expect("a thread");
        let office = Self {
            folder,
            writer,
            post: post(rules, secrets),
        };
        office.tell(change, to);
        office
    }

    /// Goes on with another configuration.
    pub fn configure(&mut self, rules: &str, secrets: &[(&str, &str)]) {
        self.post = post(rules, secrets);
    }

    pub async fn round(&self, at: i64) -> Round {
        let ended = round(&self.writer, &self.post, minute(at), false).await;
        ended.expect("a round")
    }

    pub fn told(&self) -> Vec<Told> {
        let path = self.folder.path().join("bellwether.db");
        let store = Store::open_read_only(&path).expect("the database");
        store.told_since(minute(0)).expect("what was told")
    }

    /// What was removed is there again.
    pub fn comes_back(&self, to: &[&str]) {
        let back = Change {
            id: ChangeId("fedcba9876543210".to_string()),
            kind: ChangeKind::OfferingReturned,
            cause: "gpt-4o comes back".to_string(),
            ..change()
        };
        self.tell(back, to);
    }

    /// Tells a change over the route `route`.
    pub fn tell(&self, change: Change, to: &[&str]) {
        self.tell_in(change, to, None);
    }

    /// The same, in the digest of a moment if one is given.
    pub fn tell_in(&self, change: Change, to: &[&str], digest: Option<Timestamp>) {
        let path = self.folder.path().join("bellwether.db");
        let mut store = Store::open(&path).expect("the database");
        let to: Vec<String> = to.iter().map(|to| (*to).to_string()).collect();
        let raised = store.transaction(|transaction| {
            let provider = ProviderId::new("azure");
            let authority = Authority::ProviderApi;
            let source = &change.source;
            let row = transaction.enter_source(source, &provider, authority, "https://x.test")?;
            transaction.accept_repeat(&row, minute(0), "same")?;
            let wait = SignedDuration::from_mins(5);
            let group = transaction.join_group(&change, wait, SignedDuration::from_mins(30))?;
            let thread = bellwether::alerting::thread_key(&change);
            let telling = Telling {
                route: "route",
                recipients: &to,
                thread: &thread,
                bundle: &group.cause,
                gathers_since: Timestamp::MIN,
                due: digest.unwrap_or(group.closes_at),
                is_planned: digest.is_some(),
                digest,
                severity: change.severity,
                touched: &["production"],
            };
            let recorded = RecordedChange {
                change: change.clone(),
                standing: Standing::News,
                authority,
                imported: false,
                group: group.id.clone(),
                url: "https://x.test".to_string(),
                confirmed_by: Vec::new(),
                called: Called::default(),
            };
            transaction.record_change(&row, &recorded)?;
            transaction.tell_change(&recorded.change, &telling)
        });
        raised.expect("raised");
    }
}

fn post(rules: &str, secrets: &[(&str, &str)]) -> Post {
    let secret = |name: &str| secrets.iter().find(|(known, _)| *known == name);
    let outside = Outside {
        variable: &|name| secret(name).map(|(_, value)| (*value).to_string()),
        file: &|path| {
            let found = secret(&path.display().to_string());
            found
                .map(|(_, value)| value.as_bytes().to_vec())
                .ok_or_else(|| "none".to_string())
        },
    };
    let rules = format!("[http]\nper_host_pace_ms = 0\n{rules}");
    let settings = Settings::from_text("test.toml", &rules, &outside).expect("sound rules");
    let client = Arc::new(Client::new(&settings.http).expect("a client"));
    let carrier = Carrier::new(settings.mail.as_ref(), &settings.channels, &client);
    Post {
        carrier: Arc::new(carrier.expect("a carrier")),
        zone: jiff::tz::TimeZone::UTC,
        watched: Arc::new(HashSet::new()),
        templates: Default::default(),
        policy: Arc::new(settings.policy()),
        accepted: Arc::default(),
    }
}

/// A version that is listed no more.
pub fn change() -> Change {
    let source = SourceId {
        probe: ProbeId::new("azure.models"),
        scope: Scope::new("eastus2"),
    };
    let subject = Subject::offering("azure", "gpt-4o@2024-05-13");
    Change {
        id: ChangeId("0123456789abcdef".to_string()),
        severity: Severity::Warning,
        cause: "gpt-4o goes".to_string(),
        ..Change::plain(source, subject, ChangeKind::OfferingRemoved, minute(0))
    }
}
