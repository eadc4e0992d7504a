//! Why an exchange broke off, from the library's chain of errors and the phase it was in.

use std::error::Error as StdError;
use std::io;

use super::address::{PrivateAddress, Unresolved};
use crate::market::{Failure, Phase, plain};

/// So many characters of an error's text are kept.
pub(super) const DETAIL: usize = 200;

/// What the chain of an error holds.
#[derive(Debug, Default)]
struct Chain {
    unresolved: Option<String>,
    is_private: bool,
    tls: Option<String>,
    deepest: String,
}

/// The failure of an exchange that broke off before the head of an answer.
pub(super) fn of_exchange(error: reqwest::Error, phase: Phase) -> Failure {
    let chain = Chain::of(error);
    let detail = chain.deepest;
    if chain.is_private {
        return Failure::RedirectRefused {
            detail: PrivateAddress.to_string(),
        };
    }
    if let Some(detail) = chain.unresolved {
        return Failure::Dns { detail };
    }
    if let Some(detail) = chain.tls {
        return Failure::Tls { detail };
    }
    match phase {
        Phase::Dns => Failure::Dns { detail },
        Phase::Connect => Failure::Connect { detail },
        Phase::Tls => Failure::Tls { detail },
        Phase::FirstByte | Phase::Body => Failure::Protocol { detail },
    }
}

/// The failure of a body that broke off: cut short, reset, or not what its encoding promised.
pub(super) fn of_body(error: reqwest::Error) -> Failure {
    Failure::Truncated {
        detail: Chain::of(error).deepest,
    }
}

/// What an error says at its bottom.
pub(super) fn of(error: &(dyn StdError + 'static)) -> String {
    let mut chain = Chain::default();
    chain.walk(error);
    chain.tls.unwrap_or(chain.deepest)
}

impl Chain {
    fn of(error: reqwest::Error) -> Self {
        // The library prints the URL with its query string, which may hold a key.
        let error = error.without_url();
        let mut chain = Self::default();
        chain.walk(&error);
        chain
    }

    fn walk(&mut self, error: &(dyn StdError + 'static)) {
        self.deepest = plain(&error.to_string(), DETAIL);
        if let Some(Unresolved(detail)) = error.downcast_ref() {
            self.unresolved = Some(plain(detail, DETAIL));
        } else if error.is::<PrivateAddress>() {
            self.is_private = true;
        } else if let Some(error) = error.downcast_ref::<rustls::Error>() {
            self.tls = Some(plain(&error.to_string(), DETAIL));
        } else if let Some(error) = error.downcast_ref::<io::Error>() {
            // `source()` of an I/O error skips the error that it carries.
            if let Some(carried) = error.get_ref() {
                self.walk(carried);
            }
        } else if let Some(source) = error.source() {
            self.walk(source);
        }
    }
}
