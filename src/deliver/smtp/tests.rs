use std::io;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::SignedDuration;
use mail_parser::MessageParser;

use super::server::{Channel, Misdeed, Script, Server};
use super::*;
use crate::config::{Mail as MailSettings, MailTransport};
use crate::deliver::Mailer;
use crate::deliver::message::tests::outgoing;

const FROM: &str = "Bellwether <bell@watch.example>";
const TO: &str = "ops@example.org";
const USER: &str = "bell";
const PASSWORD: &str = "s3crét wörd";
const LOGIN: Option<(&str, &str)> = Some((USER, PASSWORD));

struct Setup {
    script: Script,
    security: Security,
    host: String,
    password: Option<&'static str>,
    trusts_server: bool,
    deadline: SignedDuration,
}

/// A server that wants STARTTLS and a login, and a client that gives both.
fn starttls() -> Setup {
    Setup {
        script: Script {
            channel: Channel::StartTls,
            login: LOGIN,
            ..Script::default()
        },
        security: Security::StartTls,
        host: "127.0.0.1".to_owned(),
        password: Some(PASSWORD),
        trusts_server: true,
        deadline: SignedDuration::from_secs(20),
    }
}

fn plain(misdeed: Misdeed) -> Setup {
    Setup {
        script: Script {
            misdeed,
            ..Script::default()
        },
        security: Security::PlainLoopback,
        password: None,
        ..starttls()
    }
}

fn settings(setup: &Setup, port: u16, ca_pem: Vec<u8>) -> MailSettings {
    let credentials = setup.password.map(|password| mail::Credentials {
        user: USER.to_owned(),
        password: password.into(),
    });
    let authorities = if setup.trusts_server {
        vec![ca_pem]
    } else {
        Vec::new()
    };
    let smtp = mail::Smtp::new(&setup.host, port, setup.security, credentials)
        .and_then(|smtp| smtp.with_hello_name("watch.example"))
        .and_then(|smtp| smtp.with_deadline(setup.deadline))
        .unwrap()
        .with_extra_ca_pem(authorities);
    MailSettings {
        from: FROM.to_owned(),
        unsubscribe: None,
        to: vec![TO.to_owned()],
        transport: MailTransport::Smtp(smtp),
    }
}

async fn start(setup: &Setup) -> (Server, Mailer) {
    let server = Server::start(setup.script.clone()).await;
    let settings = settings(setup, server.port, server.ca_pem.clone());
    let mailer = Mailer::new(&settings).unwrap();
    (server, mailer)
}

fn has_password(text: &str) -> bool {
    let initial = format!("\0{USER}\0{PASSWORD}");
    [
        PASSWORD.to_owned(),
        BASE64_STANDARD.encode(PASSWORD),
        BASE64_STANDARD.encode(initial),
    ]
    .iter()
    .any(|spelling| text.contains(spelling))
}

#[tokio::test]
async fn messages_arrive_whole_over_every_channel() {
    for (channel, security, mechanisms, password) in [
        (
            Channel::StartTls,
            Security::StartTls,
            "PLAIN LOGIN",
            Some(PASSWORD),
        ),
        (
            Channel::StartTls,
            Security::StartTls,
            "LOGIN",
            Some(PASSWORD),
        ),
        (Channel::StartTls, Security::StartTls, "", None),
        (
            Channel::ImplicitTls,
            Security::ImplicitTls,
            "PLAIN",
            Some(PASSWORD),
        ),
        (
            Channel::ImplicitTls,
            Security::ImplicitTls,
            "LOGIN",
            Some(PASSWORD),
        ),
        (
            Channel::Plain,
            Security::PlainLoopback,
            "PLAIN",
            Some(PASSWORD),
        ),
        (Channel::Plain, Security::PlainLoopback, "", None),
    ] {
        let setup = Setup {
            script: Script {
                channel,
                mechanisms,
                login: password.map(|password| (USER, password)),
                ..Script::default()
            },
            security,
            password,
            ..starttls()
        };
        let (server, mailer) = start(&setup).await;
        let message = outgoing();
        let case = format!("{channel:?} {mechanisms}");
        assert_eq!(
            mailer.send(FROM.into(), TO, &message).await,
            Sent::Accepted,
            "{case}"
        );
        let received = server.received();
        assert_eq!(received.len(), 1, "{case}");
        let received = &received[0];
        assert_eq!(received.from, "bell@watch.example");
        assert_eq!(received.to, [TO]);
        assert_eq!(received.encrypted, channel != Channel::Plain, "{case}");
        assert_eq!(received.user.as_deref(), password.map(|_| USER), "{case}");
        let expected = crate::deliver::format_message(FROM, TO, &message).unwrap();
        assert_eq!(
            received.raw.trim_ascii_end(),
            expected.trim_ascii_end(),
            "{case}"
        );
        let parsed = MessageParser::default().parse(&received.raw).unwrap();
        assert_eq!(parsed.subject(), Some(message.subject.as_str()));
        assert_eq!(
            parsed.body_text(0).unwrap().replace("\r\n", "\n"),
            message.text
        );
        if channel == Channel::StartTls {
            let before_tls: Vec<_> = server
                .commands()
                .into_iter()
                .filter(|command| command.starts_with("plain "))
                .collect();
            assert_eq!(before_tls, ["plain EHLO watch.example", "plain STARTTLS"]);
        }
    }
}

/// What went wrong is told, it is a `Retry`, and neither a password nor a message has left.
async fn check_retry(setup: Setup, words: &[&str]) {
    let (server, mailer) = start(&setup).await;
    let case = format!("{:?} {:?}", setup.script.misdeed, words);
    let sent = mailer.send(FROM.into(), TO, &outgoing()).await;
    let Sent::Retry {
        detail, is_down, ..
    } = sent
    else {
        panic!("{case}: not a retry");
    };
    // what comes before the recipient is named would come to any other message
    assert_eq!(is_down, !detail.contains("the content"), "{case}: {detail}");
    for word in words {
        assert!(detail.contains(word), "{case}: {detail}");
    }
    assert!(!has_password(&detail), "{case}: {detail}");
    assert!(!detail.contains(char::is_control), "{case}: {detail}");
    assert_eq!(server.received(), [], "{case}");
    if setup.script.channel == Channel::StartTls {
        let leaked = server
            .commands()
            .into_iter()
            .any(|line| line.starts_with("plain AUTH") || line.starts_with("plain MAIL"));
        assert!(!leaked, "{case}");
    }
}

#[tokio::test]
async fn servers_that_cannot_be_trusted_get_nothing() {
    let untrusted = || Setup {
        trusts_server: false,
        ..starttls()
    };
    check_retry(
        untrusted(),
        &["STARTTLS", "invalid peer certificate: UnknownIssuer"],
    )
    .await;
    let mut implicit = untrusted();
    implicit.script.channel = Channel::ImplicitTls;
    implicit.security = Security::ImplicitTls;
    check_retry(
        implicit,
        &["the connection", "invalid peer certificate: UnknownIssuer"],
    )
    .await;
    let wrong_name = Setup {
        host: "localhost".to_owned(),
        ..starttls()
    };
    check_retry(wrong_name, &["invalid peer certificate", "localhost"]).await;
    let mut hidden = starttls();
    hidden.script.misdeed = Misdeed::HidesStartTls;
    check_retry(hidden, &["does not offer STARTTLS", "nothing was sent"]).await;
}

#[tokio::test]
async fn silent_servers_end_at_the_deadline() {
    for (misdeed, words) in [
        (
            Misdeed::NeverGreets,
            "did not finish the connection within 1s",
        ),
        (
            Misdeed::StallsInData,
            "did not finish the content within 1s",
        ),
    ] {
        let setup = Setup {
            deadline: SignedDuration::from_secs(1),
            ..plain(misdeed)
        };
        check_retry(setup, &[words, "127.0.0.1:"]).await;
    }
}

#[tokio::test]
async fn troubles_of_the_service_lose_nothing() {
    check_retry(
        plain(Misdeed::ClosesAfterGreeting),
        &["the connection with 127.0.0.1:"],
    )
    .await;
    check_retry(
        plain(Misdeed::RefusesService),
        &["554", "no service for you"],
    )
    .await;
    check_retry(
        plain(Misdeed::RepeatsGoAhead),
        &["the content", "354 out of turn"],
    )
    .await;
    check_retry(plain(Misdeed::WantsAnotherLogin), &["530", "log in first"]).await;
    let mut no_login = starttls();
    no_login.script.mechanisms = "GSSAPI";
    check_retry(no_login, &["offers no login by PLAIN or LOGIN"]).await;
    let wrong = Setup {
        password: Some("wrong"),
        ..starttls()
    };
    let words = [
        "refused the login: 535 5.7.8 bad user or password",
        "check the user and the password",
    ];
    check_retry(wrong, &words).await;
    let forgotten = Setup {
        password: None,
        ..starttls()
    };
    check_retry(forgotten, &["530", "log in first"]).await;
    for mechanisms in ["PLAIN", "LOGIN"] {
        let mut echo = starttls();
        echo.script.misdeed = Misdeed::EchoesLogin;
        echo.script.mechanisms = mechanisms;
        check_retry(echo, &["535", "with password [hidden]"]).await;
    }
}

#[tokio::test]
async fn a_check_logs_in_and_hands_nothing_over() {
    let (server, mailer) = start(&starttls()).await;
    assert_eq!(mailer.check().await, Ok(()));
    let commands = server.commands();
    let has = |word: &str| commands.iter().any(|command| command.contains(word));
    assert!(has("tls AUTH") && !has("MAIL"), "{commands:?}");
    let wrong = Setup {
        password: Some("wrong"),
        ..starttls()
    };
    let (_server, mailer) = start(&wrong).await;
    let said = mailer.check().await.expect_err("a wrong password");
    assert!(said.contains("check the user and the password"), "{said}");
    assert!(!has_password(&said), "{said}");
}

#[tokio::test]
async fn unreachable_servers_are_tried_again() {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
        .await
        .unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    // A label of 64 characters is refused by the resolver itself, so that no query leaves the machine.
    let nameless = format!("{}.invalid", "n".repeat(64));
    for (host, words) in [
        ("127.0.0.1", "refused"),
        (nameless.as_str(), "failed to lookup address"),
    ] {
        let setup = Setup {
            host: host.to_owned(),
            trusts_server: false,
            ..starttls()
        };
        let mailer = Mailer::new(&settings(&setup, port, Vec::new())).unwrap();
        match mailer.send(FROM.into(), TO, &outgoing()).await {
            Sent::Retry { detail, .. } => assert!(detail.contains(words), "{detail}"),
            other => panic!("{host}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn one_recipient_fails_alone() {
    let mut setup = starttls();
    setup.script.recipient_replies = vec![
        ("later@example.org", "450 4.7.1 greylisted, try again later"),
        (
            "gone@example.org",
            "550-5.1.1 no such user\r\n550 5.1.1 here\u{1b}[31m",
        ),
    ];
    let (server, mailer) = start(&setup).await;
    let mut outcomes = Vec::new();
    for recipient in ["gone@example.org", "later@example.org", TO] {
        outcomes.push(mailer.send(FROM.into(), recipient, &outgoing()).await);
    }
    let place = format!("127.0.0.1:{} refused the recipient: ", server.port);
    assert_eq!(
        outcomes,
        [
            Sent::Refused {
                detail: place.clone() + "550 5.1.1 no such user here [31m"
            },
            Sent::retry(&(place + "450 4.7.1 greylisted, try again later")),
            Sent::Accepted,
        ]
    );
    let received: Vec<_> = server.received().into_iter().map(|mail| mail.to).collect();
    assert_eq!(received, [[TO]]);
}

#[tokio::test]
async fn an_accepted_message_stays_accepted_when_the_farewell_fails() {
    let setup = Setup {
        deadline: SignedDuration::from_secs(5),
        ..plain(Misdeed::StallsAtQuit)
    };
    let (server, mailer) = start(&setup).await;
    assert_eq!(
        mailer.send(FROM.into(), TO, &outgoing()).await,
        Sent::Accepted
    );
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn what_the_server_can_never_take_is_refused() {
    let (server, mailer) = start(&plain(Misdeed::None)).await;
    for (recipient, words) in [
        ("öps@example.org", "does not offer SMTPUTF8"),
        ("not an address", "is not a mail address"),
        (
            "a@b.example\r\nRCPT TO:<c@d.example>",
            "is not a mail address",
        ),
    ] {
        match mailer.send(FROM.into(), recipient, &outgoing()).await {
            Sent::Refused { detail } => assert!(detail.contains(words), "{detail}"),
            other => panic!("{recipient}: {other:?}"),
        }
    }
    assert_eq!(server.received(), []);
}

#[tokio::test]
async fn content_refused_for_good_is_refused() {
    let (server, mailer) = start(&plain(Misdeed::RefusesContent)).await;
    let detail = format!(
        "127.0.0.1:{} refused the content: 554 5.7.1 looks like spam",
        server.port
    );
    let sent = mailer.send(FROM.into(), TO, &outgoing()).await;
    assert_eq!(sent, Sent::Refused { detail });
    assert_eq!(server.received(), []);
}

#[test]
fn unusable_authorities_are_told_at_the_start() {
    for (pem, words) in [
        ("", "number 1 cannot be used: it holds no certificate"),
        (
            "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n",
            "number 1",
        ),
        (
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "TLS",
        ),
    ] {
        let error = Mailer::new(&settings(&starttls(), 25, pem.into())).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn not_even_the_chattiest_log_holds_the_login_or_the_message() {
    let captured = Captured::default();
    let writer = captured.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let (server, mailer) = start(&starttls()).await;
    tracing::debug!("before");
    assert_eq!(
        mailer.send(FROM.into(), TO, &outgoing()).await,
        Sent::Accepted
    );
    tracing::debug!("after");
    drop(guard);
    assert_eq!(server.received().len(), 1);
    let log = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("before") && log.contains("after"), "{log}");
    assert!(!has_password(&log), "{log}");
    assert!(!log.contains("Message-ID"), "{log}");
    // who said what is told, and no more
    for line in [
        "> AUTH PLAIN [hidden]",
        "> MAIL FROM:<bell@watch.example>",
        "< 250 2.0.0 queued",
    ] {
        assert!(log.contains(line), "{line}: {log}");
    }
    assert!(!has_password(&format!("{mailer:?}")));
}

#[tokio::test]
async fn a_token_is_shown_as_xoauth2_and_nowhere_else() {
    const TOKEN: &str = "ya29.t0ken-0f-s0meb0dy";
    let mut setup = starttls();
    setup.script.login = Some((USER, TOKEN));
    setup.script.mechanisms = "LOGIN XOAUTH2";
    setup.password = None;
    let server = Server::start(setup.script.clone()).await;
    let mailer = |token: &str| {
        let mut settings = settings(&setup, server.port, server.ca_pem.clone());
        if let MailTransport::Smtp(smtp) = &mut settings.transport {
            let login = mail::TokenLogin {
                user: USER.to_owned(),
                token: mail::Token::Given(token.into()),
            };
            *smtp = smtp.clone().with_token_login(login).unwrap();
        }
        Mailer::new(&settings).unwrap()
    };
    let good = mailer(TOKEN).converse(FROM.into(), TO, &outgoing()).await;
    assert_eq!(good.sent, Sent::Accepted);
    assert_eq!(server.received()[0].user.as_deref(), Some(USER));
    assert!(server.received()[0].encrypted);
    let bad = mailer("an0ther-t0ken")
        .converse(FROM.into(), TO, &outgoing())
        .await;
    let said = format!("{bad:?} {good:?}");
    assert!(
        matches!(&bad.sent, Sent::Retry { detail, .. } if detail.contains("535") && detail.contains("the token")),
        "{said}"
    );
    assert!(said.contains("> AUTH XOAUTH2 [hidden]"), "{said}");
    for token in [TOKEN, "an0ther-t0ken"] {
        let shown = format!("user={USER}\u{1}auth=Bearer {token}\u{1}\u{1}");
        for secret in [token.to_owned(), BASE64_STANDARD.encode(shown)] {
            assert!(!said.contains(&secret), "{said}");
        }
    }
}
