//! What only the store can get wrong: schemas of before, bodies in chains, what is thrown away, when an alert is due.

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;

use super::*;
use crate::config::Retention;
use crate::market::{
    Authority, BodyHash, Called, Change, ChangeId, ChangeKind, Hash, ProbeId, ProviderId,
    RecordedChange, Scope, Severity, SourceId, Standing, Subject,
};

fn hour(n: i64) -> Timestamp {
    let begin: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a time");
    begin + SignedDuration::from_hours(n)
}

fn fresh() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(&folder.path().join("bellwether.db")).expect("a database");
    (folder, store)
}

fn source(name: &str) -> SourceId {
    SourceId {
        probe: ProbeId::new(name),
        scope: Scope::new(""),
    }
}

fn entered(transaction: &Transaction<'_>, name: &str) -> SourceRow {
    let provider = ProviderId::new("openai");
    let authority = Authority::ProviderApi;
    transaction
        .enter_source(&source(name), &provider, authority, "https://x.test")
        .expect("a source")
}

fn accept(transaction: &Transaction<'_>, row: &SourceRow, body: BodyHash, at: Timestamp) {
    let accepted = Accepted {
        at,
        body,
        fingerprint: Hash::of(b"mapping"),
        content_type: Some("text/html; charset=iso-8859-1"),
        etag: None,
        last_modified: None,
        covered_stages: crate::market::CoveredStages::default(),
        items: 1,
        unexpected: None,
    };
    transaction.accept_reading(row, &accepted).expect("written");
}

/// A page of which one line changes.
fn page(version: usize) -> Vec<u8> {
    let lines = (0..2_000usize).map(|n| {
        let said = if n == version { n + 1_000_000 } else { n };
        format!(
            "line {n} of the page, which says {}\n",
            said.wrapping_mul(2_654_435_761)
        )
    });
    lines.collect::<String>().into_bytes()
}

/// Keeps a source's pages one after the other; gives their hashes.
fn keep_pages(store: &mut Store, count: usize) -> Vec<BodyHash> {
    let mut previous = None;
    let mut kept = Vec::new();
    for version in 0..count {
        let bytes = page(version);
        let hash = Hash::of(&bytes);
        store
            .transaction(|transaction| {
                let at = hour(i64::try_from(version).expect("small"));
                transaction.keep_body(hash, &bytes, Some("text/html"), previous, at)?;
                let row = entered(transaction, "openai.page");
                accept(transaction, &row, hash, at);
                Ok::<(), Error>(())
            })
            .expect("kept");
        previous = Some(hash);
        kept.push(hash);
    }
    kept
}

#[test]
fn a_filled_database_of_the_first_schema_is_brought_up_to_date() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bellwether.db");
    let bytes = page(1);
    let hash = Hash::of(&bytes);
    {
        let (_elsewhere, mut newest) = fresh();
        newest
            .transaction(|transaction| {
                transaction.keep_body(hash, &bytes, Some("new"), None, hour(0))
            })
            .expect("kept");
        let packed: Vec<u8> = newest
            .connection
            .query_row("SELECT data FROM body", [], |row| row.get(0))
            .expect("a body");
        let old = Connection::open(&path).expect("a database");
        old.execute_batch(include_str!("migrations/0001_history.sql"))
            .expect("the first schema");
        old.pragma_update(None, "application_id", APPLICATION_ID)
            .expect("marked");
        old.pragma_update(None, "user_version", 1).expect("marked");
        old.execute(
            "INSERT INTO body (hash, encoding, depth, size, stored_at, data) VALUES (?1, 'zstd', 0, ?2, 0, ?3)",
            rusqlite::params![hash.as_bytes(), bytes.len() as i64, packed],
        )
        .expect("a body");
        old.execute(
            "INSERT INTO source (probe, scope, provider, authority, url, accepted_body, content_type)
             VALUES ('openai.page', '', 'openai', 'provider-page', 'u', ?1, 'text/html; charset=iso-8859-1')",
            [hash.as_bytes()],
        )
        .expect("a source");
        old.execute(
            "INSERT INTO reading (source, at, outcome, body, bytes, imported, vantage)
             VALUES (1, 0, 'ok', ?1, 5, 0, 'here')",
            [hash.as_bytes()],
        )
        .expect("a reading");
    }
    // whoever only reads brings it up to date too
    let store = Store::open_read_only(&path).expect("an older database");
    assert_eq!(store.body(hash).expect("a body"), Some(bytes));
    let row = store
        .source(&source("openai.page"))
        .expect("asked")
        .expect("the source");
    let kept = store.kept_readings(&row).expect("readings");
    assert_eq!(kept.len(), 1);
    assert_eq!(
        kept[0].content_type.as_deref(),
        Some("text/html; charset=iso-8859-1")
    );
    let again = Store::open(&path).expect("the same database");
    assert_eq!(again.sources().expect("sources").len(), 1);
}

#[test]
fn bodies_lean_on_each_other_and_read_back_whole() {
    let (_folder, mut store) = fresh();
    let kept = keep_pages(&mut store, 60);
    for (version, hash) in kept.iter().enumerate() {
        assert_eq!(store.body(*hash).expect("a body"), Some(page(version)));
    }
    let (deepest, stored, size): (i64, i64, i64) = store
        .connection
        .query_row(
            "SELECT max(depth), sum(length(data)), sum(size) FROM body",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .expect("figures");
    assert!((5..=20).contains(&deepest), "{deepest}");
    assert!(stored * 50 < size, "{stored} of {size} bytes");
    // where a chain has its length the next one begins with the same body
    assert_eq!(standing_alone(&store), 1);
}

fn standing_alone(store: &Store) -> i64 {
    let count = "SELECT count(*) FROM body WHERE base IS NULL";
    let counted = store.connection.query_row(count, [], |row| row.get(0));
    counted.expect("a count")
}

#[test]
fn a_page_that_has_become_another_one_begins_a_chain_of_its_own() {
    let (_folder, mut store) = fresh();
    let other = |version: usize| -> Vec<u8> {
        let era = version / 5;
        let said = |n: usize| Hash::of(format!("{era} {n}").as_bytes()).hex(12);
        let lines = (0..2_000usize).map(|n| format!("line {n} says {}\n", said(n)));
        let last = format!("version {version}\n");
        lines.chain([last]).collect::<String>().into_bytes()
    };
    let mut previous = None;
    for version in 0..60 {
        let bytes = other(version);
        let hash = Hash::of(&bytes);
        store
            .transaction(|transaction| transaction.keep_body(hash, &bytes, None, previous, hour(0)))
            .expect("kept");
        assert_eq!(store.body(hash).expect("a body"), Some(bytes));
        previous = Some(hash);
    }
    assert_eq!(standing_alone(&store), 3);
}

#[test]
fn old_bodies_go_and_those_that_leaned_on_them_stay() {
    let (_folder, mut store) = fresh();
    let kept = keep_pages(&mut store, 60);
    let retention = Retention {
        bodies: SignedDuration::from_hours(5),
        ..Retention::default()
    };
    let prune = |store: &mut Store| {
        store
            .transaction(|transaction| transaction.prune(&retention, hour(60)))
            .expect("pruned")
    };
    let first = prune(&mut store);
    let second = prune(&mut store);
    assert_eq!((first.bodies, second.bodies), (50, 5));
    assert_eq!(prune(&mut store).bodies, 0);
    for (version, hash) in kept.iter().enumerate() {
        let expected = (version >= 55).then(|| page(version));
        assert_eq!(store.body(*hash).expect("sound"), expected, "{version}");
    }
}

#[test]
fn what_shows_a_change_and_what_a_source_said_last_are_never_thrown_away() {
    let (_folder, mut store) = fresh();
    let kept = keep_pages(&mut store, 4);
    store
        .transaction(|transaction| {
            let row = entered(transaction, "openai.page");
            let change = Change {
                old_body: Some(kept[0]),
                new_body: Some(kept[1]),
                ..change("one", Severity::Notice, hour(1))
            };
            transaction.record_change(&row, &recorded(change, "group"))
        })
        .expect("recorded");
    let retention = Retention {
        bodies: SignedDuration::from_secs(1),
        ..Retention::default()
    };
    let pruned = store
        .transaction(|transaction| transaction.prune(&retention, hour(10_000)))
        .expect("pruned");
    assert_eq!(pruned.bodies, 1);
    let left: Vec<bool> = kept
        .iter()
        .map(|hash| store.body(*hash).expect("sound").is_some())
        .collect();
    assert_eq!(left, [true, true, false, true]);
}

fn change(id: &str, severity: Severity, at: Timestamp) -> Change {
    let subject = Subject::offering("openai", "gpt-4o");
    Change {
        id: ChangeId(id.to_string()),
        source: source("openai.page"),
        key: subject.key(),
        subject,
        kind: ChangeKind::OfferingRemoved,
        attribute: None,
        old: None,
        new: None,
        old_raw: None,
        new_raw: None,
        seen_at: at,
        confirmed_at: at,
        true_from: None,
        direction: None,
        severity,
        documented: false,
        flapping: false,
        old_body: None,
        new_body: None,
        cause: "gpt-4o goes".to_string(),
    }
}

fn recorded(change: Change, group: &str) -> RecordedChange {
    RecordedChange {
        change,
        standing: Standing::News,
        authority: Authority::ProviderPage,
        imported: false,
        group: group.to_string(),
        url: "https://x.test".to_string(),
        confirmed_by: Vec::new(),
        called: Called::default(),
    }
}

/// Raises an alert for a change as the pipeline does.
fn raise(store: &mut Store, change: &Change, wait: SignedDuration) {
    raise_for(store, change, wait, None);
}

fn raise_for(store: &mut Store, change: &Change, wait: SignedDuration, digest: Option<Timestamp>) {
    let to = ["ops@example.test".to_string()];
    store
        .transaction(|transaction| {
            let row = entered(transaction, "openai.page");
            let group = transaction.join_group(change, wait, SignedDuration::from_mins(30))?;
            transaction.record_change(&row, &recorded(change.clone(), &group.id))?;
            let telling = Telling {
                route: "mail",
                recipients: &to,
                thread: &group.cause,
                bundle: &group.cause,
                gathers_since: Timestamp::MIN,
                due: digest.unwrap_or(group.closes_at),
                is_planned: digest.is_some(),
                digest,
                severity: change.severity,
                touched: &[],
            };
            transaction.tell_change(change, &telling)
        })
        .expect("raised");
}

#[test]
fn a_graver_change_of_a_group_brings_its_message_forward() {
    let (_folder, mut store) = fresh();
    let mins = SignedDuration::from_mins;
    raise(
        &mut store,
        &change("one", Severity::Notice, hour(0)),
        mins(5),
    );
    let soon = hour(0) + mins(2);
    assert_eq!(store.due(soon, false, 10).expect("due").len(), 0);
    let graver = change("two", Severity::Critical, hour(0) + mins(1));
    raise(&mut store, &graver, mins(1));
    assert_eq!(store.due(soon, false, 10).expect("due").len(), 1);
    assert_eq!(store.next_due().expect("asked"), Some(soon));
}

#[test]
fn what_comes_for_a_digest_that_was_written_is_told_in_another_one() {
    let (_folder, mut store) = fresh();
    let (wait, at) = (SignedDuration::from_mins(5), hour(1));
    let message = crate::market::OutgoingMessage {
        subject: "a digest".to_string(),
        text: String::new(),
        html: String::new(),
        parts: Vec::new(),
        message_id: String::new(),
        in_reply_to: None,
        date: at,
        dispatch: None,
    };
    for (n, id) in ["one", "two", "three"].into_iter().enumerate() {
        raise_for(
            &mut store,
            &change(id, Severity::Notice, hour(0)),
            wait,
            Some(at),
        );
        let due = store.due(at, false, 10).expect("due");
        let [due] = due.as_slice() else {
            panic!("{id}: {due:?}");
        };
        let taken = store.taken(&due.entry.alert, "mail").expect("taken");
        assert_eq!(taken.len(), 1, "{id}");
        assert_eq!(taken[0].recorded.change.id.0, id);
        let written: Result<()> = store.transaction(|transaction| {
            transaction.freeze((&due.entry.alert, "mail"), &message, None, false)?;
            transaction.mark_delivered(&due.entry.id, at)
        });
        written.expect("written");
        assert_eq!(store.outbox_counts().expect("counts"), (0, n as u64 + 1, 0));
    }
}

#[test]
fn a_clock_that_is_set_back_keeps_no_message_back() {
    let (_folder, mut store) = fresh();
    let wait = SignedDuration::from_mins(5);
    raise(
        &mut store,
        &change("one", Severity::Notice, hour(9_000)),
        wait,
    );
    assert_eq!(store.due(hour(0), false, 10).expect("due").len(), 1);
}

#[test]
fn the_last_call_is_for_those_that_were_never_tried() {
    let (_folder, mut store) = fresh();
    let mins = SignedDuration::from_mins;
    raise(
        &mut store,
        &change("one", Severity::Notice, hour(0)),
        mins(5),
    );
    let entry = store.due(hour(0), true, 10).expect("due").remove(0).entry;
    store
        .transaction(|transaction| transaction.try_again(&entry.id, hour(1), "no answer"))
        .expect("noted");
    assert_eq!(store.due(hour(0), true, 10).expect("due").len(), 0);
    assert_eq!(store.due(hour(1), true, 10).expect("due").len(), 1);
}

#[test]
fn a_view_shows_one_moment_whatever_is_written_beside() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bellwether.db");
    let mut writer = Store::open(&path).expect("a database");
    let reader = Store::open_read_only(&path).expect("a reader");
    let noted = |store: &Store| store.milestone("x").expect("an answer").is_some();
    let view = reader.view().expect("a view");
    assert!(!noted(&reader));
    let pass = |t: &Transaction<'_>| t.pass_milestone("x", Timestamp::UNIX_EPOCH);
    writer.transaction(pass).expect("written");
    let inner = reader.view().expect("a view within the view");
    assert!(!noted(&reader));
    drop(inner);
    assert!(!noted(&reader), "the wider view goes on");
    drop(view);
    assert!(noted(&reader));
}

#[test]
fn a_question_that_takes_too_long_is_given_up_and_the_next_is_answered() {
    let (_folder, mut store) = fresh();
    let endless =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    let given_up: Result<i64> = store.within(Duration::from_millis(5), |store| {
        Ok(store.ask().query_row(endless, [], |row| row.get(0))?)
    });
    assert!(matches!(given_up, Err(Error::Interrupted)), "{given_up:?}");
    let answered: Result<i64> = store.within(Duration::from_secs(60), |store| {
        Ok(store.ask().query_row("SELECT 7", [], |row| row.get(0))?)
    });
    assert_eq!(answered.expect("an answer"), 7);
    assert!(store.version().is_ok());
}
