//! Mail beside channels: a server that says nothing costs one deadline, and one recipient that is put off is put off alone.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

use super::office::{Office, minute, row};
use super::webhook;
use crate::http::{Answer, Server};
use crate::smtp::{self, Script};

/// More than the outbox gives at once.
const RECIPIENTS: usize = 60;

/// Takes every connection and never greets; counts them.
async fn never_greets() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let _ = stream.read_to_end(&mut Vec::new()).await;
            });
        }
    });
    (port, count)
}

fn rules(port: u16, web: &Server) -> String {
    format!(
        "{}[mail]\nfrom = 'bell@watch.test'\nto = ['a@example.test']\n\
         [mail.smtp]\nhost = '127.0.0.1'\nport = {port}\nsecurity = 'none'\ndeadline = '1s'\n",
        webhook("ops", &format!("{}/hook", web.url()), "")
    )
}

#[tokio::test]
async fn a_silent_mail_server_costs_one_deadline_and_loses_nothing() {
    let web = Server::start().await;
    web.tell("/hook", Answer::with_status(200, "text/plain", "yes"));
    let (port, connections) = never_greets().await;
    let mut to: Vec<String> = (0..RECIPIENTS)
        .map(|n| format!("r{n}@example.test"))
        .collect();
    to.push("ops".to_string());
    let to: Vec<&str> = to.iter().map(String::as_str).collect();
    let mut office = Office::new(&rules(port, &web), &to);
    let ended = office.round(10).await;
    let count = u32::try_from(RECIPIENTS).expect("a small number");
    assert_eq!((ended.delivered, ended.retried, ended.dead), (1, count, 0));
    assert_eq!(
        connections.load(Ordering::SeqCst),
        1,
        "one is asked for all"
    );
    let told = office.told();
    assert_eq!(row(&told, "ops").state.word(), "delivered");
    let mut after_another = 0;
    for one in told.iter().filter(|one| one.recipient != "ops") {
        let detail = one.detail.as_deref().unwrap_or_default();
        assert!(
            detail.contains("did not finish the connection within 1s"),
            "{detail}"
        );
        after_another += usize::from(detail.starts_with("after another message: "));
        assert_eq!((one.state.word(), one.attempts), ("waiting", 1));
        let wait = one.not_before.duration_since(minute(10)).as_secs_f64();
        assert!((54.0..=60.0).contains(&wait), "{wait}");
    }
    assert_eq!(after_another, RECIPIENTS - 1);
    // what comes next in the same threads is due before they are again, and waits for them
    office.comes_back(&to[..2]);
    let post = smtp::Server::start(Script::default()).await;
    office.configure(&rules(post.port, &web), &[]);
    office.round(30).await;
    let received = post.received();
    assert_eq!(received.len(), RECIPIENTS + 2);
    let reached: BTreeSet<&String> = received.iter().flat_map(|one| &one.to).collect();
    assert_eq!(reached.len(), RECIPIENTS);
    for recipient in &to[..2] {
        let subjects: Vec<bool> = received
            .iter()
            .filter(|one| one.to == [*recipient])
            .map(|one| String::from_utf8_lossy(&one.raw).contains("In-Reply-To: "))
            .collect();
        assert_eq!(subjects, [false, true], "{recipient}");
    }
}

#[tokio::test]
async fn one_recipient_that_is_put_off_is_put_off_alone() {
    let web = Server::start().await;
    let post = smtp::Server::start(Script {
        recipient_replies: vec![
            ("a@example.test", "450 4.7.1 greylisted, try again later"),
            ("b@example.test", "550 5.1.1 no such user"),
        ],
        ..Script::default()
    })
    .await;
    let to = ["a@example.test", "b@example.test", "c@example.test"];
    let office = Office::new(&rules(post.port, &web), &to);
    let ended = office.round(10).await;
    assert_eq!((ended.delivered, ended.retried, ended.dead), (1, 1, 1));
    assert_eq!(row(&office.told(), to[2]).state.word(), "delivered");
}
