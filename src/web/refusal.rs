//! Why a request is not answered as asked.

use axum::http::StatusCode;

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
            Self::Busy | Self::Store(store::Error::Missing(_)) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(_) | Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What whoever asked may know: paths and causes of a fault of ours stand in the log alone.
    pub fn said(&self) -> String {
        match self {
            Self::Store(store::Error::Missing(_)) => {
                "nothing has been recorded yet: the first readings are under way".to_string()
            }
            Self::Store(_) | Self::Internal(_) => {
                "the request failed here; the log says why".to_string()
            }
            _ => self.to_string(),
        }
    }
}
