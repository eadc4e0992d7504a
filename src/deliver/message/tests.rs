use mail_parser::{MessageParser, MimeHeaders};

use jiff::Timestamp;

use super::*;

const FROM: &str = "Glöckner « AI » <bell@watch.example>";
const TO: &str = "Opérateur <ops@example.org>";

pub(in crate::deliver) fn outgoing() -> OutgoingMessage {
    OutgoingMessage {
        subject: "⚠ gpt-4o (2024-08-06) wird früher abgeschaltet — Azure, 14 Regionen: eastus, westus, northeurope".to_owned(),
        text: "Früher: 2026-10-01\n.\n..zwei Punkte\n.Punkt\nFrom the start\n--\n".to_owned() + &"x".repeat(1200) + "\n",
        html: "<p>Früher ≥ 2 s</p>\n.\n<img src=\"cid:trend@bellwether\" alt=\"trend\">\n".to_owned(),
        parts: vec![Part {
            content_id: "trend@bellwether".to_owned(),
            file_name: "trend.png".to_owned(),
            media_type: "image/png".to_owned(),
            bytes: (0..=255).cycle().take(5000).collect(),
        }],
        message_id: "alert-0123456789abcdef.ops@bellwether.watch.example".to_owned(),
        in_reply_to: Some("alert-fedcba9876543210.ops@bellwether.watch.example".to_owned()),
        date: "2026-11-22T10:20:30Z".parse().unwrap(),
        dispatch: None,
    }
}

fn formatted(message: &OutgoingMessage) -> Vec<u8> {
    format_message(FROM, TO, message).unwrap()
}

fn header_names(raw: &[u8]) -> Vec<String> {
    let text = String::from_utf8(raw.to_vec()).unwrap();
    let (head, _) = text.split_once("\r\n\r\n").unwrap();
    head.split("\r\n")
        .filter(|line| !line.starts_with([' ', '\t']))
        .map(|line| line.split(':').next().unwrap().to_owned())
        .collect()
}

#[test]
fn a_message_reads_back_as_it_was_meant() {
    let message = outgoing();
    let raw = formatted(&message);
    let parsed = MessageParser::default().parse(&raw).unwrap();
    assert_eq!(parsed.subject(), Some(message.subject.as_str()));
    assert_eq!(parsed.message_id(), Some(message.message_id.as_str()));
    assert_eq!(
        parsed.in_reply_to().as_text(),
        message.in_reply_to.as_deref()
    );
    assert_eq!(
        parsed.references().as_text(),
        message.in_reply_to.as_deref()
    );
    assert_eq!(parsed.date().unwrap().to_rfc3339(), "2026-11-22T10:20:30Z");
    let from = parsed.from().unwrap().first().unwrap();
    assert_eq!(from.name(), Some("Glöckner « AI »"));
    assert_eq!(from.address(), Some("bell@watch.example"));
    let to = parsed.to().unwrap().first().unwrap();
    assert_eq!(
        (to.name(), to.address()),
        (Some("Opérateur"), Some("ops@example.org"))
    );
    assert_eq!(
        parsed.header_raw("Auto-Submitted").map(str::trim),
        Some("auto-generated")
    );
    assert_eq!(
        parsed.header_raw("List-Id").map(str::trim),
        Some("Bellwether <bellwether.watch.example>")
    );
    assert_eq!(
        parsed.body_text(0).unwrap().replace("\r\n", "\n"),
        message.text
    );
    assert_eq!(
        parsed.body_html(0).unwrap().replace("\r\n", "\n"),
        message.html
    );
    let image = parsed.attachment(0).unwrap();
    assert_eq!(image.content_id(), Some("trend@bellwether"));
    assert_eq!(image.attachment_name(), Some("trend.png"));
    assert_eq!(image.content_disposition().unwrap().ctype(), "inline");
    assert_eq!(image.contents(), message.parts[0].bytes);
    let types: Vec<_> = parsed
        .parts
        .iter()
        .map(|part| part.content_type().unwrap())
        .map(|kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap()))
        .collect();
    assert_eq!(
        types,
        [
            "multipart/alternative",
            "text/plain",
            "multipart/related",
            "text/html",
            "image/png"
        ]
    );
}

#[test]
fn bytes_fit_the_wire() {
    let raw = formatted(&outgoing());
    assert!(raw.is_ascii());
    assert!(
        raw.split(|byte| *byte == b'\n')
            .all(|line| line.len() < 999)
    );
    let text = String::from_utf8(raw).unwrap();
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    assert_eq!(text.matches('\r').count(), text.matches("\r\n").count());
}

#[test]
fn a_message_alone_is_simple_and_starts_its_thread() {
    let message = OutgoingMessage {
        parts: Vec::new(),
        in_reply_to: None,
        ..outgoing()
    };
    let raw = formatted(&message);
    let names = header_names(&raw);
    assert!(
        !names.contains(&"In-Reply-To".to_owned()) && !names.contains(&"References".to_owned())
    );
    let parsed = MessageParser::default().parse(&raw).unwrap();
    assert_eq!((parsed.parts.len(), parsed.attachment_count()), (3, 0));
}

#[test]
fn same_input_gives_the_same_bytes_and_other_input_other_boundaries() {
    let message = outgoing();
    assert_eq!(formatted(&message), formatted(&message));
    let boundary = |message: &OutgoingMessage, to: &str| {
        let raw = String::from_utf8(format_message(FROM, to, message).unwrap()).unwrap();
        raw.split("boundary=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .to_owned()
    };
    let other_text = OutgoingMessage {
        text: "other".to_owned(),
        ..outgoing()
    };
    let first = boundary(&message, TO);
    assert_ne!(first, boundary(&other_text, TO));
    assert_ne!(first, boundary(&message, "other@example.org"));
}

#[test]
fn headers_cannot_be_injected() {
    let plain_names = header_names(&formatted(&outgoing()));
    for evil in [
        "x\r\nBcc: evil@example.net",
        "x\nBcc: evil@example.net\n\nbody",
        "x\rBcc: evil@example.net",
        "x\u{2028}Bcc: evil@example.net\u{85}",
        "=?utf-8?q?x=0D=0ABcc:_evil@example.net?=",
        "\0\u{1b}]0;title\u{7}",
    ] {
        let mut message = outgoing();
        message.subject = evil.to_owned();
        message.parts[0].file_name = evil.to_owned();
        let raw = formatted(&message);
        assert_eq!(header_names(&raw), plain_names, "{evil:?}");
        let parsed = MessageParser::default().parse(&raw).unwrap();
        let subject = parsed.subject().unwrap();
        assert!(!subject.contains(is_hidden), "{subject:?}");
        assert!(
            subject.contains("evil@") || evil.starts_with('\0'),
            "{subject:?}"
        );
        assert!(parsed.bcc().is_none());
        assert_eq!(parsed.attachment_count(), 1);

        for spoil in [
            |m: &mut OutgoingMessage, evil: &str| m.message_id = evil.to_owned() + "@x",
            |m: &mut OutgoingMessage, evil: &str| m.in_reply_to = Some(evil.to_owned() + "@x"),
            |m: &mut OutgoingMessage, evil: &str| m.parts[0].content_id = evil.to_owned() + " x",
            |m: &mut OutgoingMessage, evil: &str| m.parts[0].media_type = evil.to_owned(),
        ] {
            let mut message = outgoing();
            spoil(&mut message, evil);
            let error = format_message(FROM, TO, &message).unwrap_err().to_string();
            assert!(!error.contains(char::is_control), "{error:?}");
        }
        let address = format!("{evil} <a@example.org>");
        assert!(
            format_message(FROM, &address, &outgoing()).is_err(),
            "{evil:?}"
        );
    }
}

#[test]
fn subjects_are_bounded_and_never_empty() {
    for (subject, expected) in [
        ("", "(no subject)".to_owned()),
        (" \r\n ", "(no subject)".to_owned()),
        (&"é".repeat(5000), "é".repeat(199) + "…"),
        (&"a".repeat(5000), "a".repeat(199) + "…"),
    ] {
        let message = OutgoingMessage {
            subject: subject.to_owned(),
            ..outgoing()
        };
        let raw = formatted(&message);
        let parsed = MessageParser::default().parse(&raw).unwrap();
        assert_eq!(parsed.subject(), Some(expected.as_str()));
    }
}

#[test]
fn bodies_lose_control_characters_and_nothing_else() {
    for (text, expected) in [
        ("a\r\nb\rc\nd\te", "a\nb\nc\nd\te"),
        ("a\0b\u{1b}[2Jc", "ab[2Jc"),
        ("naïve ✓\u{feff}", "naïve ✓\u{feff}"),
    ] {
        let message = OutgoingMessage {
            text: text.to_owned(),
            ..outgoing()
        };
        let raw = formatted(&message);
        let parsed = MessageParser::default().parse(&raw).unwrap();
        assert_eq!(parsed.body_text(0).unwrap().replace("\r\n", "\n"), expected);
    }
}

#[test]
fn addresses_are_one_person_or_a_clear_error() {
    for (text, expected) in [
        ("ops@example.org", Some("ops@example.org")),
        (" ops@example.org ", Some("ops@example.org")),
        ("Ops, all of us <ops@example.org>", None),
        (
            "\"Ops, all of us\" <ops@example.org>",
            Some("ops@example.org"),
        ),
        ("Ops <ops@exämple.org>", Some("ops@xn--exmple-cua.org")),
        ("öps@example.org", Some("öps@example.org")),
        ("a@example.org, b@example.org", None),
        ("a@example.org b@example.org", None),
        ("no-at", None),
        ("", None),
        ("a@", None),
        ("@example.org", None),
        ("a@b\r\nRCPT TO:<c@d.example>", None),
    ] {
        match (mailbox("recipient", text), expected) {
            (Ok(mailbox), Some(expected)) => assert_eq!(mailbox.email.to_string(), expected),
            (Err(error), None) => {
                let error = error.to_string();
                assert!(error.starts_with("the recipient \""), "{error}");
                assert!(!error.contains(char::is_control), "{error}");
            }
            (result, _) => panic!("{text:?}: {result:?}"),
        }
    }
}

#[test]
fn a_message_that_mail_cannot_hold_is_an_error() {
    for id in [
        "",
        "no-at",
        "@x",
        "x@",
        "a@b@c",
        "a b@c",
        "<a@b>",
        "ä@b",
        &format!("a@{}", "b".repeat(250)),
    ] {
        let message = OutgoingMessage {
            message_id: id.to_owned(),
            ..outgoing()
        };
        assert!(format_message(FROM, TO, &message).is_err(), "{id:?}");
    }
    let message = OutgoingMessage {
        date: "1969-12-31T23:59:59Z".parse().unwrap(),
        ..outgoing()
    };
    assert!(matches!(
        format_message(FROM, TO, &message),
        Err(Error::Date(_))
    ));
    let message = OutgoingMessage {
        date: Timestamp::MAX,
        ..outgoing()
    };
    assert!(format_message(FROM, TO, &message).is_ok());
}

#[test]
fn readers_can_say_that_they_want_no_more() {
    let headers = |unsubscribe: &str| {
        let origin = Origin {
            from: FROM,
            unsubscribe: Some(unsubscribe),
        };
        let raw = format_message(origin, "Ops <o+ps@example.org>", &outgoing()).unwrap();
        let parsed = MessageParser::default().parse(&raw).unwrap();
        ["List-Unsubscribe", "List-Unsubscribe-Post"]
            .map(|name| parsed.header_raw(name).map(|value| value.trim().to_owned()))
    };
    assert_eq!(
        headers("https://example.org/out?who={recipient}"),
        [
            Some("<https://example.org/out?who=o%2Bps%40example.org>".to_owned()),
            Some("List-Unsubscribe=One-Click".to_owned())
        ]
    );
    assert_eq!(
        headers("mailto:out@example.org"),
        [Some("<mailto:out@example.org>".to_owned()), None]
    );
    assert!(!header_names(&formatted(&outgoing())).contains(&"List-Unsubscribe".to_owned()));
}
