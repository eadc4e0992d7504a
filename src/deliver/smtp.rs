//! The dialogue with a mail server, step by step.
//!
//! The library's own `send` is not used: it hangs for ever on a silent server, its farewell to a server that does not answer
//! would turn an accepted message into a timeout, and its errors do not say which command was refused.

mod hand_over;
mod login;

use std::error::Error as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp;
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::{Response, Severity};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio::time::{Instant, timeout, timeout_at};
use tracing::instrument::WithSubscriber;
use tracing::subscriber::NoSubscriber;

use super::redact::Redaction;
use super::{Dialogue, Error, Sent};
use crate::config::mail::{self, Security};
use crate::fetch::Client;
use login::Tokens;

/// How long a server may take to say good-bye, which changes nothing any more.
const FAREWELL: Duration = Duration::from_secs(1);

/// A mail server, ready to be spoken with.
#[derive(Debug)]
pub struct Smtp {
    settings: mail::Smtp,
    tls: Tls,
    hello: ClientId,
    deadline: Duration,
    tokens: Tokens,
    /// What must not be shown: the password, and every token that was shown to the server.
    hidden: Mutex<Redaction>,
}

/// Where the dialogue stood: before `MAIL`, a refusal says nothing of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Connection,
    Encryption,
    Login,
    Sender,
    Recipient,
    Content,
}

#[derive(Debug)]
enum Cause {
    /// The deadline passed.
    Silence,
    /// What the library saw: a reply, a broken connection, a failed handshake.
    Smtp(smtp::Error),
    /// A server that cannot do what we need, or answers out of turn.
    Server(String),
    /// Nobody gives us a token for the login.
    Token(String),
    /// A message that this server can never take.
    Impossible(&'static str),
}

#[derive(Debug)]
struct Trouble {
    step: Step,
    cause: Cause,
}

impl Smtp {
    pub(super) fn new(settings: &mail::Smtp) -> Result<Self, Error> {
        let tls = match settings.security() {
            Security::ImplicitTls => Tls::Wrapper(tls_parameters(settings)?),
            Security::StartTls => Tls::Required(tls_parameters(settings)?),
            Security::PlainLoopback => Tls::None,
        };
        Ok(Self {
            tls,
            hello: settings
                .hello_name()
                .map_or_else(ClientId::default, |name| ClientId::Domain(name.to_owned())),
            deadline: settings.deadline().unsigned_abs(),
            tokens: Tokens::default(),
            hidden: Mutex::new(Redaction::of(settings.credentials())),
            settings: settings.clone(),
        })
    }

    /// Over which tokens are asked for.
    pub(super) fn with_client(mut self, client: Arc<Client>) -> Self {
        self.tokens.client = Some(client);
        self
    }

    /// Hands over one message, and says what was said. What the library logs of the dialogue is dropped: it holds the login and the
    /// whole message.
    pub(super) async fn send(&self, envelope: &Envelope, raw: &[u8]) -> Dialogue {
        let mut lines = Vec::new();
        let dialogue = self
            .dialogue(Some((envelope, raw)), &mut lines)
            .with_subscriber(NoSubscriber::default());
        let sent = match dialogue.await {
            Ok(()) => Sent::Accepted,
            Err(trouble) => self.outcome(&trouble),
        };
        if let Sent::Retry { detail, .. } | Sent::Refused { detail } = &sent {
            lines.push(format!("! {detail}"));
        }
        Dialogue { sent, lines }
    }

    /// Logs in and says good-bye; the error is one line without secrets.
    pub(super) async fn check(&self) -> Result<(), String> {
        let mut lines = Vec::new();
        let dialogue = self
            .dialogue(None, &mut lines)
            .with_subscriber(NoSubscriber::default());
        match dialogue.await.map_err(|trouble| self.outcome(&trouble)) {
            Err(Sent::Retry { detail, .. } | Sent::Refused { detail }) => Err(detail),
            Ok(()) | Err(Sent::Accepted) => Ok(()),
        }
    }

    /// From the greeting to the farewell; without a message nothing is handed over in between.
    async fn dialogue(
        &self,
        message: Option<(&Envelope, &[u8])>,
        lines: &mut Vec<String>,
    ) -> Result<(), Trouble> {
        let deadline = Instant::now() + self.deadline;
        let mut connection = self.connect(deadline, lines).await?;
        let logged_in = self.log_in(&mut connection, deadline, lines).await;
        let done = match (logged_in, message) {
            (Ok(()), Some((envelope, raw))) => {
                self.hand_over(&mut connection, (envelope, raw), deadline, lines)
                    .await
            }
            (logged_in, _) => logged_in,
        };
        lines.push("> QUIT".to_owned());
        // Whatever the answer to QUIT, and even none: the message is accepted or it is not.
        let _ = timeout(FAREWELL.min(self.deadline), connection.abort()).await;
        done
    }

    async fn connect(
        &self,
        deadline: Instant,
        lines: &mut Vec<String>,
    ) -> Result<AsyncSmtpConnection, Trouble> {
        let server = (self.settings.host(), self.settings.port());
        let way = match &self.tls {
            Tls::Wrapper(_) => " over TLS",
            _ => "",
        };
        lines.push(format!("connect to {}:{}{way}", server.0, server.1));
        let wrapper = match &self.tls {
            Tls::Wrapper(parameters) => Some(parameters.clone()),
            _ => None,
        };
        // A part of the time only, so that an address that leads nowhere leaves some for the next.
        let each_address = Some(self.deadline / 3);
        let mut connection = within(
            deadline,
            Step::Connection,
            AsyncSmtpConnection::connect_tokio1(server, each_address, &self.hello, wrapper, None),
        )
        .await?;
        self.tell_greeting(&connection, lines);
        if let Tls::Required(parameters) = &self.tls {
            let step = Step::Encryption;
            if !connection.can_starttls() {
                let cause = "it does not offer STARTTLS, so nothing was sent".to_owned();
                return Err(Cause::Server(cause).at(step));
            }
            lines.push("> STARTTLS".to_owned());
            let upgrade = connection.starttls(parameters.clone(), &self.hello);
            within(deadline, step, upgrade).await?;
            self.tell_greeting(&connection, lines);
        }
        Ok(connection)
    }

    /// Whether another try may mend it. A refusal for good is one of this message or this recipient; a refused login or
    /// service is mended by the user or the server's owner, and until then nothing may be lost. Nor does what comes before
    /// a recipient is named concern this message alone.
    fn outcome(&self, trouble: &Trouble) -> Sent {
        let is_final = trouble.step >= Step::Sender
            && match &trouble.cause {
                Cause::Impossible(_) => true,
                Cause::Smtp(error) => {
                    error.is_permanent() && !error.status().is_some_and(asks_for_login)
                }
                Cause::Silence | Cause::Server(_) | Cause::Token(_) => false,
            };
        let detail = self.detail(trouble);
        if is_final {
            Sent::Refused { detail }
        } else if trouble.step <= Step::Sender {
            Sent::down(&detail)
        } else {
            Sent::retry(&detail)
        }
    }

    fn detail(&self, trouble: &Trouble) -> String {
        let server = format!("{}:{}", self.settings.host(), self.settings.port());
        let step = trouble.step.words();
        let sentence = match &trouble.cause {
            Cause::Silence => {
                format!("{server} did not finish {step} within {:?}", self.deadline)
            }
            Cause::Server(what) => format!("{step} with {server} failed: {what}"),
            Cause::Token(what) => format!("no token for the login at {server}: {what}"),
            Cause::Impossible(what) => format!("{server} cannot take the message: {what}"),
            Cause::Smtp(error) => match error.status() {
                Some(code) if trouble.step == Step::Login => {
                    format!(
                        "{server} refused the login: {code} {}; check the user and the {}",
                        chain(error),
                        match self.settings.token_login() {
                            Some(_) => "token",
                            None => "password",
                        }
                    )
                }
                Some(code) => format!("{server} refused {step}: {code} {}", chain(error)),
                None => format!("{step} with {server} failed: {}", chain(error)),
            },
        };
        self.clean(&sentence)
    }
}

impl Step {
    fn words(self) -> &'static str {
        match self {
            Self::Connection => "the connection",
            Self::Encryption => "the encryption by STARTTLS",
            Self::Login => "the login",
            Self::Sender => "the sender",
            Self::Recipient => "the recipient",
            Self::Content => "the content",
        }
    }
}

impl Cause {
    fn at(self, step: Step) -> Trouble {
        Trouble { step, cause: self }
    }
}

async fn within<T>(
    deadline: Instant,
    step: Step,
    work: impl Future<Output = Result<T, smtp::Error>>,
) -> Result<T, Trouble> {
    match timeout_at(deadline, work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(Cause::Smtp(error).at(step)),
        Err(_) => Err(Cause::Silence.at(step)),
    }
}

/// The library takes a 3xx for success as well; believing one after the content would lose the message.
fn expect_success(step: Step, reply: &Response) -> Result<(), Trouble> {
    match reply.code().severity {
        Severity::PositiveCompletion => Ok(()),
        _ => Err(out_of_turn(step, reply)),
    }
}

fn out_of_turn(step: Step, reply: &Response) -> Trouble {
    Cause::Server(format!("it answered {} out of turn", reply.code())).at(step)
}

/// Codes that speak of the login wherever they come (RFC 4954, section 6).
fn asks_for_login(code: smtp::response::Code) -> bool {
    matches!(code.to_string().as_str(), "530" | "534" | "535" | "538")
}

/// What the error and its sources say, each thing once. A reply's code is left to the caller.
fn chain(error: &smtp::Error) -> String {
    let mut texts: Vec<String> = Vec::new();
    if error.status().is_none() {
        texts.push(error.to_string());
    }
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !texts.iter().any(|known| known.contains(&text)) {
            texts.push(text);
        }
        source = cause.source();
    }
    texts.join(": ")
}

fn tls_parameters(settings: &mail::Smtp) -> Result<TlsParameters, Error> {
    let mut builder = TlsParameters::builder(settings.host().to_owned());
    for (index, pem) in settings.extra_ca_pem().iter().enumerate() {
        let refusal = |reason: String| Error::Authority {
            number: index + 1,
            reason,
        };
        // The library takes a text without any certificate in silence.
        let mut count = 0;
        for certificate in CertificateDer::pem_slice_iter(pem) {
            certificate.map_err(|error| refusal(error.to_string()))?;
            count += 1;
        }
        if count == 0 {
            return Err(refusal("it holds no certificate in PEM form".to_owned()));
        }
        let certificate = Certificate::from_pem(pem).map_err(|error| refusal(error.to_string()))?;
        builder = builder.add_root_certificate(certificate);
    }
    builder
        .build_rustls()
        .map_err(|error| Error::Tls(chain(&error)))
}

#[cfg(test)]
#[path = "../../tests/support/smtp.rs"]
mod server;
#[cfg(test)]
mod tests;
