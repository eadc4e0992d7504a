//! The report as a mail: text, and HTML whose pictures travel with it.

use jiff::Timestamp;

use super::block::Document;
use super::page;
use crate::market::{OutgoingMessage, Part};
use crate::render::line::one_line;

/// Bytes of a whole mail: gateways refuse or strip larger ones.
const LARGEST: usize = 1_000_000;
/// Pictures of a mail.
const PICTURES: usize = 12;

/// The mail; `message_id` is left empty: the outbox knows the recipient. Pictures that would make it too large are left out,
/// the last ones first, and the mail says so.
pub fn message(document: &Document, subject: &str, text: String, at: Timestamp) -> OutgoingMessage {
    let longest = page::mail(document, &[], &text).len();
    let parts = pictures(
        document,
        LARGEST.saturating_sub(travelling(text.len() + longest)),
    );
    let keys: Vec<&str> = parts.iter().map(|(key, _)| *key).collect();
    OutgoingMessage {
        subject: one_line(subject, 120),
        html: page::mail(document, &keys, &text),
        text,
        parts: parts.into_iter().map(|(_, part)| part).collect(),
        message_id: String::new(),
        in_reply_to: None,
        date: at,
        dispatch: None,
    }
}

/// What becomes of bytes on their way: base64 in lines of 76 characters, and the heads of the parts.
fn travelling(bytes: usize) -> usize {
    bytes / 3 * 4 + bytes / 28 + 1_000
}

/// The first pictures that have room, by their keys.
fn pictures(document: &Document, mut room: usize) -> Vec<(&str, Part)> {
    let mut parts = Vec::new();
    for figure in document.figures().take(PICTURES) {
        let Ok(bytes) = figure.to_png() else {
            continue;
        };
        let Some(left) = room.checked_sub(travelling(bytes.len())) else {
            break;
        };
        room = left;
        let part = Part {
            content_id: page::content_id(figure.key),
            file_name: format!("{}.png", figure.key),
            media_type: "image/png".to_string(),
            bytes,
        };
        parts.push((figure.key, part));
    }
    parts
}
