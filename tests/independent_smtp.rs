//! Delivery to a mail server that others wrote, so that our own test server cannot share our misunderstandings.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bellwether::config::mail::{Credentials, Security, Smtp};
use bellwether::config::{Mail, MailTransport};
use bellwether::deliver::{Mailer, Sent};
use bellwether::market::{OutgoingMessage, Part};
use mail_parser::{MessageParser, MimeHeaders};
use serde_json::Value;

const USER: &str = "bell";
const PASSWORD: &str = "s3crét wörd";
const FROM: &str = "Bellwether <bell@watch.example>";
const TO: &str = "ops@example.org";

struct Server {
    process: Child,
    lines: Receiver<String>,
    port: u16,
}

impl Server {
    /// `None` where Python or aiosmtpd is missing.
    fn start(folder: &Path) -> Option<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/aiosmtpd_server.py");
        let mut process = Command::new("python3")
            .arg(script)
            .arg(folder.join("chain.pem"))
            .arg(folder.join("key.pem"))
            .args([USER, PASSWORD])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let lines = lines_of(process.stdout.take().expect("a pipe"));
        let Some(first) = next(&lines) else {
            let status = process.wait().expect("an exit status");
            assert_eq!(status.code(), Some(77), "the server must not die otherwise");
            return None;
        };
        let port = first["port"].as_u64().and_then(|port| port.try_into().ok());
        Some(Self {
            process,
            lines,
            port: port.expect("a port"),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already ended, or ended now: both are fine.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Read by a thread of their own, so that a server that hangs ends the test and does not hold it.
fn lines_of(output: ChildStdout) -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            // The test may have ended; then nobody wants the rest.
            let _ = sender.send(line);
        }
    });
    lines
}

/// The next object, or `None` at the end of the output.
fn next(lines: &Receiver<String>) -> Option<Value> {
    let line = match lines.recv_timeout(Duration::from_secs(60)) {
        Err(RecvTimeoutError::Disconnected) => return None,
        line => line.expect("a line in time"),
    };
    Some(serde_json::from_str(&line).expect("a JSON object"))
}

/// Writes the server's chain and key, and gives the authority.
fn certify(folder: &Path) -> Vec<u8> {
    let mut authority = rcgen::CertificateParams::new(Vec::new()).expect("parameters");
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority_key = rcgen::KeyPair::generate().expect("a key");
    let authority_pem = authority.self_signed(&authority_key).expect("signed").pem();
    let issuer = rcgen::Issuer::new(authority, authority_key);
    let key = rcgen::KeyPair::generate().expect("a key");
    let leaf = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()])
        .and_then(|leaf| leaf.signed_by(&key, &issuer))
        .expect("signed");
    std::fs::write(folder.join("chain.pem"), leaf.pem()).expect("written");
    std::fs::write(folder.join("key.pem"), key.serialize_pem()).expect("written");
    authority_pem.into_bytes()
}

fn mailer(port: u16, authority: &[u8], password: &str) -> Mailer {
    let credentials = Credentials {
        user: USER.to_owned(),
        password: password.into(),
    };
    let smtp = Smtp::new("127.0.0.1", port, Security::StartTls, Some(credentials))
        .expect("usable settings")
        .with_extra_ca_pem(vec![authority.to_vec()]);
    Mailer::new(&Mail {
        from: FROM.to_owned(),
        to: vec![TO.to_owned()],
        unsubscribe: None,
        transport: MailTransport::Smtp(smtp),
    })
    .expect("a mailer")
}

fn message() -> OutgoingMessage {
    OutgoingMessage {
        subject: "⚠ Preis gesenkt: gpt-4o in 14 Regionen — jetzt 2.00 USD je 1M Token".to_owned(),
        text: "Früher 2.50 USD\n.\n..zwei Punkte\nFrom hier\n".to_owned(),
        html: "<p>Früher 2.50 USD</p><img src=\"cid:trend@bellwether\" alt=\"trend\">\n".to_owned(),
        parts: vec![Part {
            content_id: "trend@bellwether".to_owned(),
            file_name: "trend.png".to_owned(),
            media_type: "image/png".to_owned(),
            bytes: (0..=255).cycle().take(3000).collect(),
        }],
        message_id: "alert-1.ops@bellwether.watch.example".to_owned(),
        in_reply_to: None,
        date: "2026-11-22T10:20:30Z".parse().expect("a time"),
        dispatch: None,
    }
}

#[tokio::test]
async fn another_mail_server_takes_our_messages() {
    let folder = tempfile::tempdir().expect("a folder");
    let authority = certify(folder.path());
    let Some(server) = Server::start(folder.path()) else {
        let is_required = std::env::var("BELLWETHER_CI").is_ok_and(|value| value == "1");
        assert!(!is_required, "python3 with aiosmtpd is required in CI");
        let sentence = "skipped: python3 with aiosmtpd is not installed, so no mail server by other hands was asked";
        writeln!(std::io::stderr(), "{sentence}").expect("stderr takes a line");
        return;
    };
    let message = message();
    let sent = mailer(server.port, &authority, "wrong")
        .send(FROM.into(), TO, &message)
        .await;
    assert!(
        matches!(&sent, Sent::Retry { detail, .. } if detail.contains("refused the login: 535")),
        "{sent:?}"
    );
    let sent = mailer(server.port, &authority, PASSWORD)
        .send(FROM.into(), TO, &message)
        .await;
    assert_eq!(sent, Sent::Accepted);

    let seen = next(&server.lines).expect("a message");
    assert_eq!(seen["from"], "bell@watch.example");
    assert_eq!(seen["to"], serde_json::json!([TO]));
    assert_eq!(seen["encrypted"], true);
    assert_eq!(seen["authenticated"], true);
    let raw = BASE64_STANDARD
        .decode(seen["raw"].as_str().expect("text"))
        .expect("base64");
    let parsed = MessageParser::default().parse(&raw).expect("a message");
    assert_eq!(parsed.subject(), Some(message.subject.as_str()));
    assert_eq!(parsed.message_id(), Some(message.message_id.as_str()));
    let text = parsed.body_text(0).expect("a text").replace("\r\n", "\n");
    assert_eq!(text, message.text);
    let html = parsed.body_html(0).expect("HTML").replace("\r\n", "\n");
    assert_eq!(html, message.html);
    let image = parsed.attachment(0).expect("an image");
    assert_eq!(image.content_id(), Some("trend@bellwether"));
    assert_eq!(image.contents(), message.parts[0].bytes);
}
