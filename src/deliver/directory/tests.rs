use std::collections::BTreeMap;
use std::path::Path;

use crate::config::{Mail, MailTransport};
use crate::deliver::message::tests::outgoing;
use crate::deliver::{Mailer, Sent, format_message};
use crate::market::OutgoingMessage;

const FROM: &str = "bell@watch.example";
const TO: &str = "ops@example.org";

fn mailer(folder: &Path) -> Mailer {
    let settings = Mail {
        from: FROM.to_owned(),
        to: vec![TO.to_owned()],
        unsubscribe: None,
        transport: MailTransport::Directory(folder.to_owned()),
    };
    Mailer::new(&settings).unwrap()
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, std::fs::read(entry.path()).unwrap())
        })
        .collect()
}

#[tokio::test]
async fn a_message_is_one_file_however_often_it_is_sent() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("new/outbox");
    let mailer = mailer(&folder);
    let message = outgoing();
    let together = (0..8).map(|_| mailer.send(FROM.into(), TO, &message));
    for sent in futures_util::future::join_all(together).await {
        assert_eq!(sent, Sent::Accepted);
    }
    let written = files(&folder);
    let raw = format_message(FROM, TO, &message).unwrap();
    assert_eq!(written.values().collect::<Vec<_>>(), [&raw]);
    let name = written.keys().next().unwrap();
    assert!(
        name.starts_with("alert-0123456789abcdef_ops@bellwether_watch_example-"),
        "{name}"
    );
    assert!(name.ends_with(".eml"), "{name}");

    assert_eq!(
        mailer.send(FROM.into(), "b@example.org", &message).await,
        Sent::Accepted
    );
    assert_eq!(files(&folder).len(), 2);
}

#[tokio::test]
async fn no_message_id_leaves_the_folder() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("outbox");
    let mailer = mailer(&folder);
    let ids = [
        "../../escape@x",
        "/etc/x@y",
        "..@..",
        "a/b@c",
        "a_b@c",
        "a|b*?@c",
    ];
    for id in ids {
        let message = OutgoingMessage {
            message_id: id.to_owned(),
            ..outgoing()
        };
        assert_eq!(
            mailer.send(FROM.into(), TO, &message).await,
            Sent::Accepted,
            "{id}"
        );
    }
    let long = OutgoingMessage {
        message_id: format!("{}@x", "n".repeat(240)),
        ..outgoing()
    };
    assert_eq!(mailer.send(FROM.into(), TO, &long).await, Sent::Accepted);
    let written = files(&folder);
    assert_eq!(written.len(), ids.len() + 1);
    for name in written.keys() {
        assert!(name.len() < 200 && !name.starts_with('.'), "{name}");
        assert!(
            name.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_@.".contains(&byte)),
            "{name}"
        );
    }
    assert_eq!(
        files(place.path().join("outbox").as_path()).len(),
        ids.len() + 1
    );
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_tried_again() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("a file");
    std::fs::write(&file, "in the way").unwrap();
    match mailer(&file).send(FROM.into(), TO, &outgoing()).await {
        Sent::Retry { detail, .. } => {
            assert!(detail.contains("did not take the message"), "{detail}")
        }
        other => panic!("{other:?}"),
    }
    let folder = place.path().join("outbox");
    let mailer = mailer(&folder);
    assert_eq!(
        mailer.send(FROM.into(), TO, &outgoing()).await,
        Sent::Accepted
    );
    let name = files(&folder).into_keys().next().unwrap();
    std::fs::remove_file(folder.join(&name)).unwrap();
    std::fs::create_dir(folder.join(&name)).unwrap();
    assert!(matches!(
        mailer.send(FROM.into(), TO, &outgoing()).await,
        Sent::Retry { .. }
    ));
    assert_eq!(
        std::fs::read_dir(&folder).unwrap().count(),
        1,
        "no part file stays"
    );
}
