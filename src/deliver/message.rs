//! An outgoing message as MIME bytes: the same input gives the same bytes, so that a repeat is recognisable.

use std::time::SystemTime;

use lettre::Address;
use lettre::message::header::{
    ContentDisposition, ContentId, ContentTransferEncoding, ContentType, Date, HeaderName,
    HeaderValue,
};
use lettre::message::{Body, Mailbox, Message, MultiPart, SinglePart};

use super::Error;
use super::line::{is_hidden, one_line};
use crate::market::{Hash, OutgoingMessage, Part};

const SUBJECT_LIMIT: usize = 200;
const FILE_NAME_LIMIT: usize = 100;
/// With `Message-ID: <>` well inside the 998 characters that RFC 5322 allows a line.
const IDENTIFIER_LIMIT: usize = 250;

/// From whom mail comes.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// `address` or `Name <address>`.
    pub from: &'a str,
    /// Where its readers can say that they want no more of it, `{recipient}` standing for whoever reads it.
    pub unsubscribe: Option<&'a str>,
}

impl<'a> From<&'a str> for Origin<'a> {
    fn from(from: &'a str) -> Self {
        Self {
            from,
            unsubscribe: None,
        }
    }
}

/// The message as it travels, CRLF line ends included: `multipart/alternative` of the text and the HTML with its images.
///
/// # Errors
/// If an address cannot be read, or the message has an identifier, a date or a media type that mail does not allow.
pub fn format_message<'a>(
    origin: impl Into<Origin<'a>>,
    recipient: &str,
    message: &OutgoingMessage,
) -> Result<Vec<u8>, Error> {
    Ok(compose(origin.into(), recipient, message)?.formatted())
}

/// Whether a person may be written as this: `address` or `Name <address>`; `role` says whose address it is.
///
/// # Errors
/// If the text is not one address.
pub(super) fn mailbox(role: &'static str, text: &str) -> Result<Mailbox, Error> {
    let refusal = |reason: String| Error::Address {
        role,
        text: one_line(text, 100),
        reason,
    };
    if text.contains(is_hidden) {
        return Err(refusal("it has a control character".to_owned()));
    }
    let mailbox: Mailbox = text
        .trim()
        .parse()
        .map_err(|error: lettre::address::AddressError| refusal(error.to_string()))?;
    let domain = mailbox.email.domain();
    if domain.is_ascii() {
        return Ok(mailbox);
    }
    // Few servers take a domain in Unicode, and every server takes its ASCII form.
    let ascii = url::Host::parse(domain).map_err(|error| refusal(error.to_string()))?;
    let address = Address::new(mailbox.email.user(), ascii.to_string())
        .map_err(|error| refusal(error.to_string()))?;
    Ok(Mailbox::new(mailbox.name, address))
}

/// The message with its envelope.
pub(super) fn compose(
    origin: Origin<'_>,
    recipient: &str,
    message: &OutgoingMessage,
) -> Result<Message, Error> {
    let sender = mailbox("sender", origin.from)?;
    let recipient = mailbox("recipient", recipient)?;
    let reader = recipient.email.to_string();
    let seed = seed(&sender, &recipient, message);
    let list = list_id(&sender.email);
    let mut builder = Message::builder()
        .header(date(message)?)
        .from(sender)
        .to(recipient)
        .subject(subject(&message.subject))
        .message_id(Some(identifier("message id", &message.message_id)?));
    if let Some(first) = &message.in_reply_to {
        let first = identifier("id of the first message", first)?;
        builder = builder.in_reply_to(first.clone()).references(first);
    }
    if let Some(unsubscribe) = origin.unsubscribe {
        let who = url::form_urlencoded::byte_serialize(reader.as_bytes()).collect::<String>();
        let place = unsubscribe.replace("{recipient}", &who);
        builder = builder.raw_header(header("List-Unsubscribe", format!("<{place}>")));
        // RFC 8058: by one click, without asking back, which only an address of the web can do
        if place.starts_with("https:") {
            let one_click = "List-Unsubscribe=One-Click".to_owned();
            builder = builder.raw_header(header("List-Unsubscribe-Post", one_click));
        }
    }
    builder
        .raw_header(header("List-Id", list))
        .raw_header(header("Auto-Submitted", "auto-generated".to_owned()))
        .multipart(body(message, &seed)?)
        .map_err(Error::Composition)
}

fn body(message: &OutgoingMessage, seed: &Hash) -> Result<MultiPart, Error> {
    let text = single(ContentType::TEXT_PLAIN, plain(&message.text));
    let html = single(ContentType::TEXT_HTML, plain(&message.html));
    let alternative = MultiPart::alternative()
        .boundary(boundary("alternative", seed))
        .singlepart(text);
    if message.parts.is_empty() {
        return Ok(alternative.singlepart(html));
    }
    let mut related = MultiPart::related()
        .boundary(boundary("related", seed))
        .singlepart(html);
    for part in &message.parts {
        related = related.singlepart(inline(part)?);
    }
    Ok(alternative.multipart(related))
}

fn single(content_type: ContentType, text: String) -> SinglePart {
    SinglePart::builder()
        .header(content_type)
        .body(Body::new(text))
}

fn inline(part: &Part) -> Result<SinglePart, Error> {
    let content_type = ContentType::parse(&part.media_type)
        .map_err(|_| Error::MediaType(one_line(&part.media_type, 100)))?;
    // Chosen by hand: bytes that happen to look like text would lose their line ends on the way.
    let encoded = Body::new_with_encoding(part.bytes.clone(), ContentTransferEncoding::Base64)
        .map_err(|_| Error::MediaType(one_line(&part.media_type, 100)))?;
    let file_name = one_line(&part.file_name, FILE_NAME_LIMIT).replace(['/', '\\', '"'], "_");
    Ok(SinglePart::builder()
        .header(ContentId::from(content_id(&part.content_id)?))
        .header(ContentDisposition::inline_with_name(&file_name))
        .header(content_type)
        .body(encoded))
}

/// Not random, as the library would make them: a repeat must not differ. A body cannot hold them, since it is hashed into them.
fn boundary(kind: &str, seed: &Hash) -> String {
    Hash::of_parts(&[kind, &seed.hex(64)]).hex(40)
}

fn seed(sender: &Mailbox, recipient: &Mailbox, message: &OutgoingMessage) -> Hash {
    let mut texts = vec![
        sender.to_string(),
        recipient.to_string(),
        message.message_id.clone(),
        message.subject.clone(),
        message.text.clone(),
        message.html.clone(),
    ];
    for part in &message.parts {
        texts.push(part.content_id.clone());
        texts.push(Hash::of(&part.bytes).hex(64));
    }
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    Hash::of_parts(&texts)
}

fn subject(text: &str) -> String {
    // `=?` would let a scraped title pass for an encoded word, which mail programs decode.
    let line = one_line(&text.replace("=?", "= ?"), SUBJECT_LIMIT);
    if line.is_empty() {
        "(no subject)".to_owned()
    } else {
        line
    }
}

/// Mail programs sort by this (RFC 2919); an address literal is no name, so that it falls back to the unmanaged space.
fn list_id(sender: &Address) -> String {
    let domain = sender.domain();
    let is_name = domain
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
    let namespace = if is_name { domain } else { "localhost" };
    format!("Bellwether <bellwether.{namespace}>")
}

fn header(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

fn date(message: &OutgoingMessage) -> Result<Date, Error> {
    if message.date.as_second() < 0 {
        return Err(Error::Date(message.date));
    }
    Ok(Date::new(SystemTime::from(message.date)))
}

/// `left@right` in angle brackets, in the characters that RFC 5322 allows without quotes.
fn identifier(what: &'static str, text: &str) -> Result<String, Error> {
    let is_atom = |side: &str| {
        !side.is_empty()
            && side
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte))
    };
    match text.split_once('@') {
        Some((left, right))
            if text.len() <= IDENTIFIER_LIMIT && is_atom(left) && is_atom(right) =>
        {
            Ok(format!("<{text}>"))
        }
        _ => Err(Error::Identifier {
            what,
            text: one_line(text, 100),
        }),
    }
}

/// Looser than a message id, since `cid:` in the HTML must name exactly this text.
fn content_id(text: &str) -> Result<String, Error> {
    let is_usable = !text.is_empty()
        && text.len() <= IDENTIFIER_LIMIT
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"<>\"\\()".contains(&byte));
    if is_usable {
        Ok(format!("<{text}>"))
    } else {
        Err(Error::Identifier {
            what: "content id",
            text: one_line(text, 100),
        })
    }
}

/// Line ends as `\n` (the library makes CRLF of them), and no other control character than the tab.
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .map(|c| if c == '\r' { '\n' } else { c })
        .filter(|c| matches!(c, '\n' | '\t') || !c.is_control())
        .collect()
}

#[cfg(test)]
pub(super) mod tests;
