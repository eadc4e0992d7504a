//! Why a request is not answered as asked.

use std::time::Duration;

use axum::http::StatusCode;
use axum::http::header::{self, HeaderName};

use crate::store;

/// Why a request is not answered as asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    /// There is no such thing.
    #[error("{0}")]
    Missing(String),
    /// The request asks for what cannot be asked: what was expected, and what was found.
    #[error("{0}")]
    Wrong(String),
    /// Something else is to be done than to look.
    #[error("expected GET or HEAD, found another method: nothing can be changed here")]
    Method,
    /// Nobody knows who asks.
    #[error("sign in first, or send a token: Authorization: Bearer …")]
    Unknown,
    /// Who asks may not, or did not mean to.
    #[error("{0}")]
    Forbidden(String),
    /// Another server is asked, by its name.
    #[error("{0}")]
    Misdirected(String),
    /// More bytes than are taken.
    #[error("expected at most {0} bytes, found more")]
    TooLarge(usize),
    /// One address asks too often.
    #[error("too many requests from your address: try again in {} s", seconds(.0))]
    TooOften(Duration),
    /// The answer is not ready in time.
    #[error("the answer takes too long: ask for less")]
    Late,
    /// Too many ask at once.
    #[error("too many requests at once: try again in a moment")]
    Busy,
    /// The store cannot be read.
    #[error("the history cannot be read: {0}")]
    Store(#[from] store::Error),
    /// A fault of ours.
    #[error("{0}")]
    Internal(String),
}

impl Refusal {
    /// What HTTP calls it.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Missing(_) => StatusCode::NOT_FOUND,
            Self::Wrong(_) => StatusCode::BAD_REQUEST,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Unknown => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::Misdirected(_) => StatusCode::MISDIRECTED_REQUEST,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooOften(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy
            | Self::Late
            | Self::Store(store::Error::Missing(_) | store::Error::Interrupted) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Store(_) | Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What is said beside it: when to come again, and how to say who one is.
    pub fn header(&self) -> Option<(HeaderName, String)> {
        match self {
            Self::TooOften(wait) => Some((header::RETRY_AFTER, seconds(wait).to_string())),
            Self::Unknown => Some((
                header::WWW_AUTHENTICATE,
                "Bearer realm=\"Bellwether\"".to_string(),
            )),
            _ if self.status() == StatusCode::SERVICE_UNAVAILABLE => {
                Some((header::RETRY_AFTER, "1".to_string()))
            }
            _ => None,
        }
    }

    /// What whoever asked may know: paths and causes of a fault of ours stand in the log alone.
    pub fn said(&self) -> String {
        match self {
            Self::Store(store::Error::Missing(_)) => {
                "nothing has been recorded yet: the first readings are under way".to_string()
            }
            Self::Store(store::Error::Interrupted) => Self::Late.to_string(),
            Self::Store(_) | Self::Internal(_) => {
                "the request failed here; the log says why".to_string()
            }
            _ => self.to_string(),
        }
    }
}

/// Whole seconds, at least one.
fn seconds(wait: &Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0 || wait.as_secs() == 0)
}
