//! A small mail server on loopback that speaks real SMTP and misbehaves on demand.
//!
//! A stalled connection waits for nothing and ends with the server; nothing in here sleeps.

use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

/// How a connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// Not at all.
    Plain,
    /// By `STARTTLS`, without which it takes no mail.
    StartTls,
    /// From the first byte.
    ImplicitTls,
}

/// What the server does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misdeed {
    /// Nothing.
    None,
    /// Accepts the connection and says nothing.
    NeverGreets,
    /// Greets and hangs up.
    ClosesAfterGreeting,
    /// Greets with a 5xx.
    RefusesService,
    /// Keeps its certificate to itself.
    HidesStartTls,
    /// Answers a login with the words it was sent.
    EchoesLogin,
    /// Answers `MAIL` with 530 whoever is logged in.
    WantsAnotherLogin,
    /// Takes the content and never answers.
    StallsInData,
    /// Answers the content with a 5xx.
    RefusesContent,
    /// Answers the content with 354 once more.
    RepeatsGoAhead,
    /// Accepts the message and never answers `QUIT`.
    StallsAtQuit,
}

/// What the server is to do.
#[derive(Debug, Clone)]
pub struct Script {
    /// Its protection.
    pub channel: Channel,
    /// The login it demands: user and password.
    pub login: Option<(&'static str, &'static str)>,
    /// The mechanisms it offers.
    pub mechanisms: &'static str,
    /// What it does wrong.
    pub misdeed: Misdeed,
    /// Replies to `RCPT` other than 250.
    pub recipient_replies: Vec<(&'static str, &'static str)>,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            channel: Channel::Plain,
            login: None,
            mechanisms: "PLAIN LOGIN",
            misdeed: Misdeed::None,
            recipient_replies: Vec::new(),
        }
    }
}

/// A message that the server accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// The content without dot-stuffing.
    pub raw: Vec<u8>,
    /// Whether it came over TLS.
    pub encrypted: bool,
    /// Who was logged in.
    pub user: Option<String>,
}

/// A running server; it ends when dropped.
pub struct Server {
    /// Its port on 127.0.0.1.
    pub port: u16,
    /// The authority of its certificate, which names 127.0.0.1 only.
    pub ca_pem: Vec<u8>,
    log: Arc<Mutex<Log>>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Log {
    received: Vec<Received>,
    commands: Vec<String>,
}

impl Server {
    /// Listens on a free port.
    pub async fn start(script: Script) -> Self {
        let (acceptor, ca_pem) = certificate();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let log = Arc::new(Mutex::new(Log::default()));
        let shared = Arc::clone(&log);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                let script = script.clone();
                let log = Arc::clone(&shared);
                // A client that hangs up ends its own dialogue and nothing else.
                connections.spawn(async move { serve(stream, acceptor, script, log).await.ok() });
            }
        });
        Self {
            port,
            ca_pem,
            log,
            task,
        }
    }

    /// The messages accepted so far; complete as soon as the client has its reply.
    pub fn received(&self) -> Vec<Received> {
        locked(&self.log, |log| log.received.clone())
    }

    /// Every line that came outside of contents, each prefixed with `tls ` or `plain `.
    pub fn commands(&self) -> Vec<String> {
        locked(&self.log, |log| log.commands.clone())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn locked<T>(log: &Mutex<Log>, work: impl FnOnce(&mut Log) -> T) -> T {
    work(&mut log.lock().unwrap_or_else(PoisonError::into_inner))
}

fn certificate() -> (TlsAcceptor, Vec<u8>) {
    let mut authority = rcgen::CertificateParams::new(Vec::new()).expect("parameters");
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority_key = rcgen::KeyPair::generate().expect("a key");
    let authority_certificate = authority.self_signed(&authority_key).expect("signed");
    let issuer = rcgen::Issuer::new(authority, authority_key);
    let key = rcgen::KeyPair::generate().expect("a key");
    let leaf = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()])
        .and_then(|leaf| leaf.signed_by(&key, &issuer))
        .expect("signed");
    let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], private)
        .expect("a usable certificate");
    let pem = authority_certificate.pem().into_bytes();
    (TlsAcceptor::from(Arc::new(config)), pem)
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

struct Session {
    stream: BufReader<Box<dyn Stream>>,
    script: Script,
    log: Arc<Mutex<Log>>,
    encrypted: bool,
    user: Option<String>,
    from: Option<String>,
    to: Vec<String>,
}

async fn serve(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    script: Script,
    log: Arc<Mutex<Log>>,
) -> std::io::Result<()> {
    let encrypted = script.channel == Channel::ImplicitTls;
    let stream: Box<dyn Stream> = if encrypted {
        Box::new(acceptor.accept(stream).await?)
    } else {
        Box::new(stream)
    };
    let mut session = Session {
        stream: BufReader::new(stream),
        script,
        log,
        encrypted,
        user: None,
        from: None,
        to: Vec::new(),
    };
    match session.script.misdeed {
        Misdeed::NeverGreets => std::future::pending().await,
        Misdeed::RefusesService => return session.say("554 5.3.2 no service for you").await,
        _ => session.say("220 mail.test ESMTP").await?,
    }
    if session.script.misdeed == Misdeed::ClosesAfterGreeting {
        return Ok(());
    }
    while let Some(line) = session.line().await? {
        if line.eq_ignore_ascii_case("STARTTLS") && session.offers_starttls() {
            session.say("220 2.0.0 go ahead").await?;
            let stream = acceptor.accept(session.stream.into_inner()).await?;
            session.stream = BufReader::new(Box::new(stream));
            session.encrypted = true;
        } else if !session.answer(&line).await? {
            return Ok(());
        }
    }
    Ok(())
}

impl Session {
    fn offers_starttls(&self) -> bool {
        self.script.channel == Channel::StartTls
            && !self.encrypted
            && self.script.misdeed != Misdeed::HidesStartTls
    }

    async fn say(&mut self, text: &str) -> std::io::Result<()> {
        self.stream
            .write_all(format!("{text}\r\n").as_bytes())
            .await?;
        self.stream.flush().await
    }

    async fn line(&mut self) -> std::io::Result<Option<String>> {
        let mut line = Vec::new();
        if self.stream.read_until(b'\n', &mut line).await? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        let channel = if self.encrypted { "tls" } else { "plain" };
        locked(&self.log, |log| {
            log.commands.push(format!("{channel} {line}"));
        });
        Ok(Some(line))
    }

    /// Whether the dialogue goes on.
    async fn answer(&mut self, line: &str) -> std::io::Result<bool> {
        let upper = line.to_ascii_uppercase();
        let verb = upper.split(' ').next().unwrap_or_default();
        match verb {
            "EHLO" => self.greet().await?,
            "AUTH" => self.log_in(line).await?,
            "MAIL" if self.script.misdeed == Misdeed::WantsAnotherLogin => {
                self.say("530 5.7.0 log in first").await?;
            }
            "MAIL" if self.script.channel == Channel::StartTls && !self.encrypted => {
                self.say("530 5.7.0 STARTTLS first").await?;
            }
            "MAIL" if self.script.login.is_some() && self.user.is_none() => {
                self.say("530 5.7.0 log in first").await?;
            }
            "MAIL" => {
                self.from = Some(address(line));
                self.say("250 2.1.0 ok").await?;
            }
            "RCPT" => self.recipient(address(line)).await?,
            "DATA" if self.from.is_none() || self.to.is_empty() => {
                self.say("503 5.5.1 no recipient").await?;
            }
            "DATA" => self.content().await?,
            "QUIT" if self.script.misdeed == Misdeed::StallsAtQuit => std::future::pending().await,
            "QUIT" => {
                self.say("221 2.0.0 bye").await?;
                return Ok(false);
            }
            _ => self.say("502 5.5.2 unknown").await?,
        }
        Ok(true)
    }

    async fn greet(&mut self) -> std::io::Result<()> {
        self.say("250-mail.test").await?;
        if self.offers_starttls() {
            self.say("250-STARTTLS").await?;
        } else if self.script.login.is_some() {
            let mechanisms = self.script.mechanisms;
            self.say(&format!("250-AUTH {mechanisms}")).await?;
        }
        self.say("250 8BITMIME").await
    }

    async fn log_in(&mut self, line: &str) -> std::io::Result<()> {
        let mut words = line.split(' ').skip(1);
        let mechanism = words.next().unwrap_or_default().to_ascii_uppercase();
        let initial = words.next().map(str::to_owned);
        if mechanism == "XOAUTH2" {
            let shown = decoded(&initial.unwrap_or_default());
            return self.take_token(&shown).await;
        }
        let given = if mechanism == "LOGIN" {
            let user = self.ask("User Name").await?;
            let password = self.ask("Password").await?;
            format!("{}\0{}", decoded(&user), decoded(&password))
        } else {
            decoded(&initial.unwrap_or_default())
                .trim_start_matches('\0')
                .to_owned()
        };
        if self.script.misdeed == Misdeed::EchoesLogin {
            let password = given.split('\0').nth(1).unwrap_or_default().to_owned();
            return self
                .say(&format!(
                    "535 5.7.8 cannot use {line} with password {password}"
                ))
                .await;
        }
        match self.script.login {
            Some((user, password)) if given == format!("{user}\0{password}") => {
                self.user = Some(user.to_owned());
                self.say("235 2.7.0 welcome").await
            }
            _ => self.say("535 5.7.8 bad user or password").await,
        }
    }

    /// To the letter, with what is said of a token that is none.
    async fn take_token(&mut self, shown: &str) -> std::io::Result<()> {
        match self.script.login {
            Some((user, token))
                if shown == format!("user={user}\u{1}auth=Bearer {token}\u{1}\u{1}") =>
            {
                self.user = Some(user.to_owned());
                self.say("235 2.7.0 welcome").await
            }
            _ => {
                let why = format!("{{\"status\":\"401\",\"seen\":\"{shown}\"}}");
                self.say(&format!("334 {}", BASE64_STANDARD.encode(why)))
                    .await?;
                self.line().await?;
                self.say(&format!("535 5.7.3 bad token {shown}")).await
            }
        }
    }

    async fn ask(&mut self, what: &str) -> std::io::Result<String> {
        self.say(&format!("334 {}", BASE64_STANDARD.encode(what)))
            .await?;
        Ok(self.line().await?.unwrap_or_default())
    }

    async fn recipient(&mut self, address: String) -> std::io::Result<()> {
        let reply = self
            .script
            .recipient_replies
            .iter()
            .find(|(recipient, _)| *recipient == address)
            .map(|(_, reply)| *reply);
        match reply {
            Some(reply) => self.say(reply).await,
            None => {
                self.to.push(address);
                self.say("250 2.1.5 ok").await
            }
        }
    }

    async fn content(&mut self) -> std::io::Result<()> {
        self.say("354 go ahead").await?;
        let mut raw = Vec::new();
        loop {
            let mut line = Vec::new();
            if self.stream.read_until(b'\n', &mut line).await? == 0 {
                return Ok(());
            }
            if line == b".\r\n" {
                break;
            }
            raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
        match self.script.misdeed {
            Misdeed::StallsInData => std::future::pending().await,
            Misdeed::RefusesContent => return self.say("554 5.7.1 looks like spam").await,
            Misdeed::RepeatsGoAhead => return self.say("354 go ahead").await,
            _ => {}
        }
        let received = Received {
            from: self.from.take().unwrap_or_default(),
            to: std::mem::take(&mut self.to),
            raw,
            encrypted: self.encrypted,
            user: self.user.clone(),
        };
        locked(&self.log, |log| log.received.push(received));
        self.say("250 2.0.0 queued").await
    }
}

fn address(line: &str) -> String {
    line.split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'))
        .map(|(address, _)| address.to_owned())
        .unwrap_or_default()
}

fn decoded(text: &str) -> String {
    let bytes = BASE64_STANDARD.decode(text).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}
