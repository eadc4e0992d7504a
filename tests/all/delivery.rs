//! From the outbox to the recipient when the store, the list of sources or the past is not what it was.

use std::collections::HashSet;
use std::sync::Arc;

use bellwether::daemon::delivery::{Post, round};
use bellwether::daemon::writer::Writer;
use bellwether::deliver::{Carrier, Mailer, Memory};
use bellwether::market::{
    Authority, Called, Change, ChangeId, ChangeKind, ProbeId, ProviderId, RecordedChange, Scope,
    Severity, SourceId, Standing, Subject,
};
use bellwether::store::{Store, Telling};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

fn minute(n: i64) -> Timestamp {
    let begin: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a time");
    begin + SignedDuration::from_mins(n)
}

fn source(scope: &str) -> SourceId {
    SourceId {
        probe: ProbeId::new("azure.models"),
        scope: Scope::new(scope),
    }
}

/// A database in which one source of two tells of a change, and the means to deliver it.
struct Office {
    folder: tempfile::TempDir,
    mail: Memory,
    post: Post,
    writer: Writer,
}

impl Office {
    /// `watched`: the scopes that are asked. `standing`: what the change means for the landscape.
    fn new(watched: &[&str], standing: Standing) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut store = Store::open(&folder.path().join("bellwether.db")).expect("a database");
        raise(&mut store, standing);
        let mail = Memory::default();
        let post = Post {
            carrier: Arc::new(Carrier::of_mail(
                Mailer::Memory(mail.clone()),
                "bell@watch.test",
            )),
            zone: TimeZone::UTC,
            watched: Arc::new(
                watched
                    .iter()
                    .map(|scope| source(scope))
                    .collect::<HashSet<_>>(),
            ),
            templates: Default::default(),
            policy: Arc::default(),
            accepted: Arc::default(),
        };
        let (writer, _thread) = Writer::start(store).expect("a thread");
        Self {
            folder,
            mail,
            post,
            writer,
        }
    }

    fn outside(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder.path().join("bellwether.db")).expect("the database")
    }
}

fn raise(store: &mut Store, standing: Standing) {
    let subject = Subject::offering("azure", "gpt-4o@2024-05-13");
    let change = Change {
        id: ChangeId("0123456789abcdef".to_string()),
        source: source("eastus2"),
        key: subject.key(),
        subject,
        kind: ChangeKind::OfferingRemoved,
        attribute: None,
        old: None,
        new: None,
        old_raw: None,
        new_raw: None,
        seen_at: minute(0),
        confirmed_at: minute(0),
        true_from: None,
        direction: None,
        severity: Severity::Warning,
        documented: false,
        flapping: false,
        old_body: None,
        new_body: None,
        cause: "gpt-4o goes".to_string(),
    };
    let to = ["ops@example.test".to_string()];
    let enter = |transaction: &bellwether::store::Transaction<'_>, scope: &str| {
        let provider = ProviderId::new("azure");
        transaction.enter_source(
            &source(scope),
            &provider,
            Authority::ProviderApi,
            "https://x.test",
        )
    };
    store
        .transaction(|transaction| {
            let row = enter(transaction, "eastus2")?;
            transaction.accept_repeat(&row, minute(0), "same")?;
            // asked long ago, and not since
            let sibling = enter(transaction, "westus")?;
            transaction.accept_repeat(&sibling, minute(-100_000), "same")?;
            let wait = SignedDuration::from_mins(5);
            let group = transaction.join_group(&change, wait, SignedDuration::from_mins(30))?;
            let telling = Telling {
                route: "mail",
                recipients: &to,
                thread: &group.cause,
                bundle: &group.cause,
                gathers_since: Timestamp::MIN,
                due: group.closes_at,
                is_planned: false,
                digest: None,
                severity: Severity::Warning,
                touched: &[],
            };
            let recorded = RecordedChange {
                change,
                standing,
                authority: Authority::ProviderApi,
                imported: false,
                group: group.id.clone(),
                url: "https://x.test".to_string(),
                confirmed_by: Vec::new(),
                called: Called::default(),
            };
            transaction.record_change(&row, &recorded)?;
            transaction.tell_change(&recorded.change, &telling)
        })
        .expect("raised");
}

#[tokio::test]
async fn mail_is_not_sent_again_while_the_store_cannot_note_it() {
    let office = Office::new(&["eastus2"], Standing::News);
    let full = "CREATE TRIGGER full BEFORE UPDATE ON outbox WHEN new.state = 'delivered'
                BEGIN SELECT RAISE(ABORT, 'no room'); END";
    office.outside().execute_batch(full).expect("a trigger");
    for n in 6..9 {
        let ended = round(&office.writer, &office.post, minute(n), false).await;
        assert!(ended.is_err(), "{ended:?}");
    }
    assert_eq!(office.mail.delivered().len(), 1);
    office
        .outside()
        .execute_batch("DROP TRIGGER full")
        .expect("room again");
    for n in 9..11 {
        round(&office.writer, &office.post, minute(n), false)
            .await
            .expect("a round");
    }
    assert_eq!(office.mail.delivered().len(), 1);
    let state: String = office
        .outside()
        .query_row("SELECT state FROM outbox", [], |row| row.get(0))
        .expect("an entry");
    assert_eq!(state, "delivered");
}

#[tokio::test]
async fn a_group_waits_for_sources_that_are_asked_and_for_no_other() {
    for (watched, minutes) in [(vec!["eastus2"], 6), (vec!["eastus2", "westus"], 31)] {
        let office = Office::new(&watched, Standing::News);
        let mut sent_after = None;
        for n in 0..40 {
            round(&office.writer, &office.post, minute(n), false)
                .await
                .expect("a round");
            if !office.mail.delivered().is_empty() {
                sent_after.get_or_insert(n);
            }
        }
        let sent_after = sent_after.expect("sent");
        assert!(
            (minutes - 1..=minutes).contains(&sent_after),
            "{watched:?}: {sent_after}"
        );
    }
}

#[tokio::test]
async fn an_alert_of_which_nothing_is_left_is_withdrawn() {
    let office = Office::new(&["eastus2"], Standing::Corroboration);
    for n in [6, 7] {
        round(&office.writer, &office.post, minute(n), false)
            .await
            .expect("a round");
    }
    assert!(office.mail.delivered().is_empty());
    let left: i64 = office
        .outside()
        .query_row("SELECT count(*) FROM outbox", [], |row| row.get(0))
        .expect("a count");
    assert_eq!(left, 0, "it is no dead letter: nobody misses it");
}
