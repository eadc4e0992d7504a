//! How mail leaves: the `[mail]` section, checked.

use std::net::IpAddr;
use std::path::PathBuf;

use jiff::SignedDuration;
use secrecy::SecretString;
use url::Url;

/// Who writes to whom, and over what.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The sender: `address` or `Name <address>`.
    pub from: String,
    /// The recipients, each `address` or `Name <address>`.
    pub to: Vec<String>,
    /// Where readers can say that they want no more mail; `{recipient}` stands for their address.
    pub unsubscribe: Option<String>,
    /// What carries the messages.
    pub transport: MailTransport,
}

/// What carries the messages.
#[derive(Debug, Clone)]
pub enum MailTransport {
    /// A mail server.
    Smtp(Smtp),
    /// A folder that gets one `.eml` file a message.
    Directory(PathBuf),
}

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (port 465 by custom, RFC 8314).
    ImplicitTls,
    /// TLS after `STARTTLS` (port 587 by custom); a server that does not offer it gets nothing.
    StartTls,
    /// No encryption, to a server on this machine only.
    PlainLoopback,
}

/// A login at the mail server.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The user as the server knows it.
    pub user: String,
    /// The password; it is never shown.
    pub password: SecretString,
}

/// A login with a token in place of a password (XOAUTH2).
#[derive(Debug, Clone)]
pub struct TokenLogin {
    /// The user as the server knows it.
    pub user: String,
    /// Where the token comes from; it is never shown.
    pub token: Token,
}

/// Where a token comes from.
#[derive(Debug, Clone)]
pub enum Token {
    /// The user gives it, and sees to it that it is good.
    Given(SecretString),
    /// It is asked for, and asked for again before it ends.
    Granted(Box<Grant>),
}

/// What a token is granted for (RFC 6749): what a user has granted, if there is a refresh token, otherwise the application itself.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Who gives tokens.
    pub url: Url,
    /// The application.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Option<SecretString>,
    /// What a user has granted.
    pub refresh_token: Option<SecretString>,
    /// For what.
    pub scope: Option<String>,
}

/// A mail server and how to speak with it.
#[derive(Debug, Clone)]
pub struct Smtp {
    host: String,
    port: u16,
    security: Security,
    credentials: Option<Credentials>,
    token_login: Option<TokenLogin>,
    hello_name: Option<String>,
    extra_ca_pem: Vec<Vec<u8>>,
    deadline: SignedDuration,
}

impl Smtp {
    /// How long one message may take when nothing else is said.
    pub const DEFAULT_DEADLINE: SignedDuration = SignedDuration::from_secs(60);

    /// A mail server by name or address (IPv6 with or without brackets).
    ///
    /// # Errors
    /// A sentence for the user: an unusable host or port, or an unencrypted connection that would leave this machine.
    pub fn new(
        host: &str,
        port: u16,
        security: Security,
        credentials: Option<Credentials>,
    ) -> Result<Self, String> {
        let host = bare(host.trim());
        if !is_host(host) {
            return Err(format!(
                "{host:?} is no host name or address of a mail server"
            ));
        }
        if port == 0 {
            return Err("the mail server's port must be between 1 and 65535".to_owned());
        }
        if security == Security::PlainLoopback && !is_loopback(host) {
            let risk = match credentials {
                Some(_) => "the password and every message",
                None => "every message",
            };
            return Err(format!(
                "without TLS {risk} would be readable on the way to {host}; only a mail server on this machine \
                 (localhost, 127.0.0.1, ::1) may be used without TLS"
            ));
        }
        if credentials.as_ref().is_some_and(|login| !login.is_usable()) {
            return Err("the mail server's user must be one line and not empty".to_owned());
        }
        Ok(Self {
            host: host.to_owned(),
            port,
            security,
            credentials,
            token_login: None,
            hello_name: None,
            extra_ca_pem: Vec::new(),
            deadline: Self::DEFAULT_DEADLINE,
        })
    }

    /// Sets the name that we greet the server with; without it, this machine's own.
    ///
    /// # Errors
    /// A sentence for the user if it is no host name.
    pub fn with_hello_name(mut self, name: &str) -> Result<Self, String> {
        if !is_host(name) {
            return Err(format!(
                "{name:?} is no host name to greet a mail server with"
            ));
        }
        self.hello_name = Some(name.to_owned());
        Ok(self)
    }

    /// Logs in with a token.
    ///
    /// # Errors
    /// A sentence for the user if the user's name is not one line.
    pub fn with_token_login(mut self, login: TokenLogin) -> Result<Self, String> {
        if login.user.is_empty() || login.user.contains(char::is_control) {
            return Err("the mail server's user must be one line and not empty".to_owned());
        }
        self.token_login = Some(login);
        Ok(self)
    }

    /// Trusts these authorities (PEM) beside the system's.
    pub fn with_extra_ca_pem(mut self, extra_ca_pem: Vec<Vec<u8>>) -> Self {
        self.extra_ca_pem = extra_ca_pem;
        self
    }

    /// Sets how long one message may take, from connecting to the server's acceptance.
    ///
    /// # Errors
    /// A sentence for the user unless it lies between 1 millisecond and 1 hour.
    pub fn with_deadline(mut self, deadline: SignedDuration) -> Result<Self, String> {
        if deadline < SignedDuration::from_millis(1) || deadline > SignedDuration::from_hours(1) {
            return Err(format!(
                "the mail server's deadline must lie between 1 ms and 1 h, not {deadline:#}"
            ));
        }
        self.deadline = deadline;
        Ok(self)
    }

    /// The server's name or address, without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The server's port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How the connection is protected.
    pub fn security(&self) -> Security {
        self.security
    }

    /// The login, if the server wants one.
    pub fn credentials(&self) -> Option<&Credentials> {
        self.credentials.as_ref()
    }

    /// The login with a token, which goes before that with a password.
    pub fn token_login(&self) -> Option<&TokenLogin> {
        self.token_login.as_ref()
    }

    /// The name that we greet with, if one is set.
    pub fn hello_name(&self) -> Option<&str> {
        self.hello_name.as_deref()
    }

    /// Authorities (PEM) that are trusted beside the system's.
    pub fn extra_ca_pem(&self) -> &[Vec<u8>] {
        &self.extra_ca_pem
    }

    /// How long one message may take; positive.
    pub fn deadline(&self) -> SignedDuration {
        self.deadline
    }
}

impl Credentials {
    fn is_usable(&self) -> bool {
        !self.user.is_empty() && !self.user.contains(char::is_control)
    }
}

fn bare(host: &str) -> &str {
    host.strip_prefix('[')
        .and_then(|inner| inner.strip_suffix(']'))
        .unwrap_or(host)
}

fn is_host(text: &str) -> bool {
    let is_name = !text.is_empty()
        && text.len() <= 253
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    is_name || text.parse::<IpAddr>().is_ok()
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login() -> Option<Credentials> {
        Some(Credentials {
            user: "bell".to_owned(),
            password: "s3cret".into(),
        })
    }

    #[test]
    fn plain_connections_stay_on_this_machine() {
        for (host, allowed) in [
            ("localhost", true),
            ("LOCALHOST", true),
            ("127.0.0.1", true),
            ("127.8.9.10", true),
            ("::1", true),
            ("[::1]", true),
            ("::ffff:127.0.0.1", true),
            ("mail.example.org", false),
            ("localhost.example.org", false),
            ("127.0.0.1.example.org", false),
            ("10.0.0.1", false),
            ("0.0.0.0", false),
            ("::ffff:10.0.0.1", false),
        ] {
            for credentials in [None, login()] {
                let with_password = credentials.is_some();
                match Smtp::new(host, 25, Security::PlainLoopback, credentials) {
                    Ok(_) => assert!(allowed, "{host}"),
                    Err(problem) => {
                        assert!(!allowed, "{host}: {problem}");
                        assert_eq!(problem.contains("password"), with_password, "{problem}");
                    }
                }
                for security in [Security::StartTls, Security::ImplicitTls] {
                    assert!(Smtp::new(host, 25, security, login()).is_ok(), "{host}");
                }
            }
        }
    }

    #[test]
    fn unusable_settings_are_refused() {
        for host in ["", " ", "mail example", "mail\r\nexample", "mail/x", "a:25"] {
            assert!(
                Smtp::new(host, 25, Security::StartTls, None).is_err(),
                "{host:?}"
            );
        }
        assert!(Smtp::new("mail.example", 0, Security::StartTls, None).is_err());
        for user in ["", "a\r\nb"] {
            let credentials = Credentials {
                user: user.to_owned(),
                password: "x".into(),
            };
            assert!(
                Smtp::new("mail.example", 25, Security::StartTls, Some(credentials)).is_err(),
                "{user:?}"
            );
        }
        let smtp = Smtp::new("mail.example", 25, Security::StartTls, None).unwrap();
        for name in ["", "a b", "a\r\nMAIL FROM:<x@y.example>"] {
            assert!(smtp.clone().with_hello_name(name).is_err(), "{name:?}");
        }
        for seconds in [-1, 0, 3601] {
            assert!(
                smtp.clone()
                    .with_deadline(SignedDuration::from_secs(seconds))
                    .is_err(),
                "{seconds}"
            );
        }
    }

    #[test]
    fn the_password_is_never_shown() {
        let smtp = Smtp::new("mail.example", 465, Security::ImplicitTls, login()).unwrap();
        let mail = Mail {
            from: "a@b.example".to_owned(),
            to: Vec::new(),
            unsubscribe: None,
            transport: MailTransport::Smtp(smtp),
        };
        let shown = format!("{mail:?}");
        assert!(
            shown.contains("bell") && !shown.contains("s3cret"),
            "{shown}"
        );
    }
}
