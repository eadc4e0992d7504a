//! Who we are for a mail server: a user with a password, or with a token that is got for it and kept while it is good.

use std::sync::Arc;

use jiff::SignedDuration;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::Auth;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout_at};

use super::{Cause, Smtp, Step, Trouble, expect_success, within};
use crate::config::mail::{Token, TokenLogin};
use crate::deliver::redact::Redaction;
use crate::fetch::{Client, granted};

const PASSWORDS: [Mechanism; 2] = [Mechanism::Plain, Mechanism::Login];
/// So long before its end a token is replaced: a dialogue that begins with it must also end with it.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);

/// The token that was got last, and until when it is shown.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    pub(super) client: Option<Arc<Client>>,
    kept: Mutex<Option<(SecretString, Instant)>>,
}

impl Tokens {
    /// The token of now.
    async fn token(&self, login: &TokenLogin) -> Result<SecretString, Cause> {
        let grant = match &login.token {
            Token::Given(token) => return Ok(token.clone()),
            Token::Granted(grant) => grant,
        };
        let mut kept = self.kept.lock().await;
        if let Some((token, until)) = kept.as_ref()
            && *until > Instant::now()
        {
            return Ok(token.clone());
        }
        let Some(client) = &self.client else {
            return Err(Cause::Token("there is nobody to ask for it".to_owned()));
        };
        let (token, lasts) = granted(client, grant)
            .await
            .map_err(|failure| Cause::Token(failure.to_string()))?;
        let lasts = (lasts - MARGIN).max(SignedDuration::ZERO).unsigned_abs();
        let until = Instant::now().checked_add(lasts);
        *kept = until.map(|until| (token.clone(), until));
        Ok(token)
    }

    async fn forget(&self) {
        *self.kept.lock().await = None;
    }
}

impl Smtp {
    /// Logs in, if the server is one that wants it.
    pub(super) async fn log_in(
        &self,
        connection: &mut AsyncSmtpConnection,
        deadline: Instant,
        lines: &mut Vec<String>,
    ) -> Result<(), Trouble> {
        if let Some(login) = self.settings.token_login() {
            return self.show_token(connection, login, deadline, lines).await;
        }
        let Some(login) = self.settings.credentials() else {
            return Ok(());
        };
        let offered = connection.server_info().get_auth_mechanism(&PASSWORDS);
        let Some(mechanism) = offered else {
            let cause = "it offers no login by PLAIN or LOGIN".to_owned();
            return Err(Cause::Server(cause).at(Step::Login));
        };
        lines.push(format!("> AUTH {mechanism} [hidden]"));
        let password = login.password.expose_secret().to_owned();
        let credentials = Credentials::new(login.user.clone(), password);
        let answer = connection.auth(&PASSWORDS, &credentials);
        let reply = within(deadline, Step::Login, answer).await?;
        lines.push(self.shown(&reply));
        expect_success(Step::Login, &reply)
    }

    /// <https://developers.google.com/workspace/gmail/imap/xoauth2-protocol>: one who refuses a token says why in a challenge, and its
    /// code comes after an empty answer to that.
    async fn show_token(
        &self,
        connection: &mut AsyncSmtpConnection,
        login: &TokenLogin,
        deadline: Instant,
        lines: &mut Vec<String>,
    ) -> Result<(), Trouble> {
        let step = Step::Login;
        let mechanism = Mechanism::Xoauth2;
        if !connection.server_info().supports_auth_mechanism(mechanism) {
            let cause = "it offers no login by XOAUTH2".to_owned();
            return Err(Cause::Server(cause).at(step));
        }
        let token = match timeout_at(deadline, self.tokens.token(login)).await {
            Ok(token) => token.map_err(|cause| cause.at(step))?,
            Err(_) => return Err(Cause::Silence.at(step)),
        };
        // what is told from here on may quote it
        self.redact_too(&Redaction::of_token(&login.user, &token));
        let credentials = Credentials::new(login.user.clone(), token.expose_secret().to_owned());
        let command = Auth::new(mechanism, credentials, None);
        let command = command.map_err(|error| Cause::Smtp(error).at(step))?;
        lines.push(format!("> AUTH {mechanism} [hidden]"));
        let answered = async {
            let reply = within(deadline, step, connection.command(command)).await?;
            lines.push(self.shown(&reply));
            if !reply.has_code(334) {
                return Ok(reply);
            }
            within(deadline, step, connection.command("\r\n")).await
        };
        let done = answered
            .await
            .and_then(|reply| expect_success(step, &reply));
        if done.is_err() {
            self.tokens.forget().await;
        }
        done
    }
}
