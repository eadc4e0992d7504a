//! A message on its way to a mail server, and what is said meanwhile.

use std::sync::PoisonError;

use lettre::address::Envelope;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ServerInfo;
use lettre::transport::smtp::extension::{Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;
use tokio::time::Instant;

use super::{Cause, Smtp, Step, Trouble, expect_success, out_of_turn, within};
use crate::deliver::DETAIL_LIMIT;
use crate::deliver::line::one_line;
use crate::deliver::redact::Redaction;

impl Smtp {
    /// From the sender to the server's word that it has the message.
    pub(super) async fn hand_over(
        &self,
        connection: &mut AsyncSmtpConnection,
        (envelope, raw): (&Envelope, &[u8]),
        deadline: Instant,
        lines: &mut Vec<String>,
    ) -> Result<(), Trouble> {
        let parameters = parameters(connection.server_info(), envelope, raw)?;
        let command = Mail::new(envelope.from().cloned(), parameters);
        lines.push(self.clean(&format!("> {command}")));
        let reply = within(deadline, Step::Sender, connection.command(command)).await?;
        lines.push(self.shown(&reply));
        expect_success(Step::Sender, &reply)?;
        for address in envelope.to() {
            let command = Rcpt::new(address.clone(), Vec::new());
            lines.push(self.clean(&format!("> {command}")));
            let reply = within(deadline, Step::Recipient, connection.command(command)).await?;
            lines.push(self.shown(&reply));
            expect_success(Step::Recipient, &reply)?;
        }
        lines.push("> DATA".to_owned());
        let reply = within(deadline, Step::Content, connection.command(Data)).await?;
        lines.push(self.shown(&reply));
        if !reply.has_code(354) {
            return Err(out_of_turn(Step::Content, &reply));
        }
        lines.push(format!("> {} bytes", raw.len()));
        let reply = within(deadline, Step::Content, connection.message(raw)).await?;
        lines.push(self.shown(&reply));
        expect_success(Step::Content, &reply)
    }

    /// What the server said of itself in answer to our greeting.
    pub(super) fn tell_greeting(&self, connection: &AsyncSmtpConnection, lines: &mut Vec<String>) {
        lines.push(self.clean(&format!("> EHLO {}", self.hello)));
        lines.push(self.clean(&format!("< 250 {}", connection.server_info())));
    }

    /// A reply as one line.
    pub(super) fn shown(&self, reply: &Response) -> String {
        let said: Vec<&str> = reply.message().collect();
        self.clean(&format!("< {} {}", reply.code(), said.join(" / ")))
    }

    /// Foreign words as one line without secrets.
    pub(super) fn clean(&self, words: &str) -> String {
        let hidden = self.hidden.lock().unwrap_or_else(PoisonError::into_inner);
        one_line(&hidden.apply(words), DETAIL_LIMIT)
    }

    /// From now on this is hidden, too.
    pub(super) fn redact_too(&self, more: &Redaction) {
        let mut hidden = self.hidden.lock().unwrap_or_else(PoisonError::into_inner);
        *hidden = Redaction::of(self.settings.credentials()).and(more);
    }
}

/// What the server must be able to do for this message.
fn parameters(
    info: &ServerInfo,
    envelope: &Envelope,
    raw: &[u8],
) -> Result<Vec<MailParameter>, Trouble> {
    let mut parameters = Vec::new();
    let addresses = envelope.from().into_iter().chain(envelope.to());
    if !addresses.map(AsRef::<str>::as_ref).all(str::is_ascii) {
        if !info.supports_feature(Extension::SmtpUtfEight) {
            let cause = "an address is not ASCII, and it does not offer SMTPUTF8";
            return Err(Cause::Impossible(cause).at(Step::Sender));
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    if !raw.is_ascii() {
        if !info.supports_feature(Extension::EightBitMime) {
            let cause = "the headers are not ASCII, and it does not offer 8BITMIME";
            return Err(Cause::Impossible(cause).at(Step::Sender));
        }
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    Ok(parameters)
}
