//! Our own JSON to a program of the user's, as docs/webhook.md describes it.

use jiff::Timestamp;
use ring::hmac;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value as Json, json};

use super::channel::{Asking, Told};

/// The version of the document: it grows when a key changes its meaning or goes, not when one comes.
const SCHEMA: u32 = 1;

/// The request of a message; signed at the moment of this try, if there is a secret.
pub(super) fn asking(told: Told<'_>, secret: Option<&SecretString>, at: Timestamp) -> Asking {
    let mut asking = Asking::json(&document(told));
    let delivery = told.message.message_id.clone();
    asking
        .headers
        .push(("bellwether-delivery".to_string(), delivery));
    if let Some(secret) = secret {
        let signature = signature(secret, at.as_second(), &asking.body);
        asking
            .headers
            .push(("bellwether-signature".to_string(), signature));
    }
    asking
}

/// The document: the same for every try.
fn document(Told { message, dispatch }: Told<'_>) -> Json {
    json!({
        "schema": SCHEMA,
        "id": message.message_id,
        "thread": dispatch.thread,
        "kind": dispatch.kind.word(),
        "severity": dispatch.severity.word(),
        "route": dispatch.route,
        "made_at": message.date.to_string(),
        "heading": dispatch.heading,
        "subject": message.subject,
        "text": message.text,
        "watches": dispatch.watches,
        "changes": dispatch.changes,
        "changes_left_out": dispatch.changes_left_out,
    })
}

/// `t=<unix seconds>,v1=<hex>`: HMAC-SHA256 (RFC 2104) of the time, a dot and the body.
fn signature(secret: &SecretString, time: i64, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
    let mut context = hmac::Context::with_key(&key);
    context.update(time.to_string().as_bytes());
    context.update(b".");
    context.update(body);
    let tag = context.sign();
    let hex: String = tag
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("t={time},v1={hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_standard() {
        // made with `printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac s3cret`
        let signature = signature(&"s3cret".into(), 1_700_000_000, b"{\"a\":1}");
        assert_eq!(
            signature,
            "t=1700000000,v1=1698a50bc74d1ff1db85c4e0a5297c2ad9fdba245d5737cdb789e4cc6e098940"
        );
    }
}
