//! Everything that can go wrong between a due probe and a reading. A failed probe is a value, never an absence of its claims.

use std::fmt;

use jiff::SignedDuration;

/// The phases of a fetch, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Name resolution.
    Dns,
    /// Opening the TCP connection.
    Connect,
    /// The TLS handshake.
    Tls,
    /// From the request to the first byte of the answer.
    FirstByte,
    /// From the first byte to the last.
    Body,
}

impl Phase {
    /// The printed word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::FirstByte => "first_byte",
            Self::Body => "body",
        }
    }
}

/// Why a probe gave no reading. Texts inside are bounded and hold no secret and no query string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The credential that the probe names is not set.
    CredentialMissing {
        /// Its name, for instance the environment variable's.
        name: String,
    },
    /// The host's name did not resolve.
    Dns {
        /// What the resolver said.
        detail: String,
    },
    /// No connection: refused, unreachable, reset while opening.
    Connect {
        /// What the system said.
        detail: String,
    },
    /// The TLS handshake failed: an unknown issuer, a wrong name, an expired certificate.
    Tls {
        /// What the handshake said.
        detail: String,
    },
    /// A phase passed its deadline.
    Timeout {
        /// Which.
        phase: Phase,
    },
    /// 429, or a body that says so: our own limit, not an outage.
    Throttled {
        /// How long the host asked us to wait.
        retry_after: Option<SignedDuration>,
        /// The body's own error code.
        code: Option<String>,
    },
    /// 401 or 403, or a body that says so: a credential or access, not an outage.
    Unauthorised {
        /// The HTTP status.
        status: u16,
        /// The body's own error code.
        code: Option<String>,
    },
    /// The server knows who asks, and says that this may not be had: a missing permission, role or model access.
    NotEntitled {
        /// The HTTP status.
        status: u16,
        /// The body's own error code.
        code: Option<String>,
        /// The body's own words, shortened: they name what is missing.
        message: Option<String>,
    },
    /// The credential was good once and is so no more.
    CredentialExpired {
        /// The body's own error code, or which credential it is.
        code: String,
    },
    /// The server that gives tokens for credentials refused one.
    TokenRefused {
        /// The HTTP status.
        status: u16,
        /// The body's own error code (`invalid_grant`, `AADSTS7000215`).
        code: Option<String>,
        /// The body's own words, shortened.
        message: Option<String>,
    },
    /// A signature was refused because our clock is wrong.
    ClockSkew {
        /// How far our clock is ahead of the host's, if the host told its time; negative if it is behind.
        ahead: Option<SignedDuration>,
    },
    /// The body says that there is no such model, or none any more.
    ModelGone {
        /// The HTTP status.
        status: u16,
        /// The body's own error code.
        code: Option<String>,
        /// The body's own words, shortened.
        message: Option<String>,
    },
    /// The host says that it has no room for the request: its limit, not ours.
    Overloaded {
        /// The HTTP status.
        status: u16,
        /// The body's own error code.
        code: Option<String>,
        /// The body's own words, shortened.
        message: Option<String>,
        /// How long the host asked us to wait.
        retry_after: Option<SignedDuration>,
    },
    /// Any other status that is not success.
    Status {
        /// The HTTP status.
        status: u16,
        /// The body's own error code (`model_not_found`, `overloaded_error`).
        code: Option<String>,
        /// The body's own words, shortened.
        message: Option<String>,
        /// How long the host asked us to wait.
        retry_after: Option<SignedDuration>,
    },
    /// The decoded body passed the limit.
    TooLarge {
        /// In bytes.
        limit: u64,
    },
    /// Another type of content than the reader can read.
    WrongType {
        /// What the probe reads.
        expected: String,
        /// What came.
        found: String,
    },
    /// The body ended early, or its compression was broken.
    Truncated {
        /// What was noticed.
        detail: String,
    },
    /// A success that is a page asking to sign in or to prove to be human.
    LoginWall {
        /// What gave it away.
        detail: String,
    },
    /// A redirect that policy refuses: another scheme or host, a private address, too many.
    RedirectRefused {
        /// Why.
        detail: String,
    },
    /// The other side broke the protocol.
    Protocol {
        /// What was noticed.
        detail: String,
    },
    /// The body is not in the shape that the reader expects: it must not be taken for an absence.
    Unreadable {
        /// What was expected.
        expected: String,
        /// What was found.
        found: String,
    },
    /// Fewer items than the probe says must be there.
    TooFewItems {
        /// At least so many.
        expected: u64,
        /// So many.
        found: u64,
    },
    /// Our own fault: a probe's task panicked, a bound of ours was hit.
    Internal {
        /// What happened.
        detail: String,
    },
    /// One of the others, as it was kept.
    Kept {
        /// Its word: see [`Self::kept`].
        word: &'static str,
        /// What was said of it.
        detail: String,
    },
}

/// The words of [`Failure::word`].
const WORDS: [&str; 23] = [
    "credential_missing",
    "dns",
    "connect",
    "tls",
    "timeout",
    "throttled",
    "unauthorised",
    "not_entitled",
    "credential_expired",
    "token_refused",
    "clock_skew",
    "model_gone",
    "overloaded",
    "status",
    "too_large",
    "wrong_type",
    "truncated",
    "login_wall",
    "redirect_refused",
    "protocol",
    "unreadable",
    "too_few_items",
    "internal",
];

impl Failure {
    /// A failure as it was kept: its word (one that is none is our own fault) and what was said of it.
    pub fn kept(word: &str, detail: impl Into<String>) -> Self {
        let known = WORDS.into_iter().find(|known| *known == word);
        Self::Kept {
            word: known.unwrap_or("internal"),
            detail: detail.into(),
        }
    }

    /// The stored and printed word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Kept { word, .. } => word,
            Self::CredentialMissing { .. } => "credential_missing",
            Self::Dns { .. } => "dns",
            Self::Connect { .. } => "connect",
            Self::Tls { .. } => "tls",
            Self::Timeout { .. } => "timeout",
            Self::Throttled { .. } => "throttled",
            Self::Unauthorised { .. } => "unauthorised",
            Self::NotEntitled { .. } => "not_entitled",
            Self::CredentialExpired { .. } => "credential_expired",
            Self::TokenRefused { .. } => "token_refused",
            Self::ClockSkew { .. } => "clock_skew",
            Self::ModelGone { .. } => "model_gone",
            Self::Overloaded { .. } => "overloaded",
            Self::Status { .. } => "status",
            Self::TooLarge { .. } => "too_large",
            Self::WrongType { .. } => "wrong_type",
            Self::Truncated { .. } => "truncated",
            Self::LoginWall { .. } => "login_wall",
            Self::RedirectRefused { .. } => "redirect_refused",
            Self::Protocol { .. } => "protocol",
            Self::Unreadable { .. } => "unreadable",
            Self::TooFewItems { .. } => "too_few_items",
            Self::Internal { .. } => "internal",
        }
    }

    /// How long the host asked us to wait, if it did.
    pub fn retry_after(&self) -> Option<SignedDuration> {
        match self {
            Self::Throttled { retry_after, .. }
            | Self::Overloaded { retry_after, .. }
            | Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether the request was never made, or its answer was lost by a fault of our own: it says nothing of the network.
    pub fn is_ours(&self) -> bool {
        matches!(
            self,
            Self::CredentialMissing { .. } | Self::Internal { .. } | Self::Kept { .. }
        )
    }

    /// Whether nothing was reached at all: what several hosts share when the network is ours to blame.
    pub fn is_unreached(&self) -> bool {
        matches!(
            self,
            Self::Dns { .. }
                | Self::Connect { .. }
                | Self::Timeout {
                    phase: Phase::Dns | Phase::Connect | Phase::Tls
                }
        )
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code =
            |code: &Option<String>| code.as_ref().map_or(String::new(), |c| format!(" ({c})"));
        let words =
            |words: &Option<String>| words.as_ref().map_or(String::new(), |w| format!(": {w}"));
        match self {
            Self::CredentialMissing { name } => write!(f, "no credential: set {name}"),
            Self::Dns { detail } => write!(f, "the host's name did not resolve: {detail}"),
            Self::Connect { detail } => write!(f, "no connection: {detail}"),
            Self::Tls { detail } => write!(f, "TLS handshake failed: {detail}"),
            Self::Timeout { phase } => write!(f, "timed out in phase {}", phase.word()),
            Self::Throttled {
                retry_after,
                code: c,
            } => {
                write!(f, "throttled{}", code(c))?;
                match retry_after {
                    Some(wait) => write!(f, ", asked to wait {} s", wait.as_secs()),
                    None => Ok(()),
                }
            }
            Self::Unauthorised { status, code: c } => {
                write!(f, "not authorised: HTTP {status}{}", code(c))
            }
            Self::NotEntitled {
                status,
                code: c,
                message,
            } => write!(
                f,
                "known, but not entitled: HTTP {status}{}{}",
                code(c),
                words(message)
            ),
            Self::CredentialExpired { code } => write!(f, "the credential has expired ({code})"),
            Self::TokenRefused {
                status,
                code: c,
                message,
            } => write!(
                f,
                "no token for the credential: HTTP {status}{}{}",
                code(c),
                words(message)
            ),
            Self::ClockSkew { ahead: Some(ahead) } => {
                let side = if ahead.is_negative() {
                    "behind"
                } else {
                    "ahead of"
                };
                let minutes = (ahead.abs().as_secs() + 30) / 60;
                write!(
                    f,
                    "our clock is {minutes} min {side} the host's: set it right"
                )
            }
            Self::ClockSkew { ahead: None } => {
                write!(f, "our clock is too far from the host's: set it right")
            }
            Self::ModelGone {
                status,
                code: c,
                message,
            } => write!(
                f,
                "no such model: HTTP {status}{}{}",
                code(c),
                words(message)
            ),
            Self::Overloaded {
                status,
                code: c,
                message,
                ..
            } => write!(
                f,
                "the host is overloaded: HTTP {status}{}{}",
                code(c),
                words(message)
            ),
            Self::Status {
                status,
                code: c,
                message,
                ..
            } => write!(f, "HTTP {status}{}{}", code(c), words(message)),
            Self::TooLarge { limit } => write!(f, "the body passed the limit of {limit} bytes"),
            Self::WrongType { expected, found } => write!(f, "expected {expected}, found {found}"),
            Self::Truncated { detail } => write!(f, "the body is incomplete: {detail}"),
            Self::LoginWall { detail } => {
                write!(
                    f,
                    "a login or challenge page instead of the content: {detail}"
                )
            }
            Self::RedirectRefused { detail } => write!(f, "redirect refused: {detail}"),
            Self::Protocol { detail } => write!(f, "protocol error: {detail}"),
            Self::Unreadable { expected, found } => write!(f, "expected {expected}, found {found}"),
            Self::TooFewItems { expected, found } => {
                write!(f, "expected at least {expected} items, found {found}")
            }
            Self::Internal { detail } => write!(f, "a fault of our own: {detail}"),
            Self::Kept { detail, .. } => f.write_str(detail),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back_under_its_own_word() {
        let (code, message) = (None, None);
        for failure in [
            Failure::NotEntitled {
                status: 403,
                code: None,
                message: None,
            },
            Failure::CredentialExpired { code: "x".into() },
            Failure::TokenRefused {
                status: 400,
                code,
                message,
            },
            Failure::ClockSkew { ahead: None },
            Failure::ModelGone {
                status: 404,
                code: None,
                message: None,
            },
            Failure::Overloaded {
                status: 529,
                code: None,
                message: None,
                retry_after: None,
            },
            Failure::Internal { detail: "x".into() },
        ] {
            assert_eq!(Failure::kept(failure.word(), "x").word(), failure.word());
        }
        assert_eq!(Failure::kept("no such word", "x").word(), "internal");
    }
}
