//! Why an exchange broke off, from the library's chain of errors.

use std::error::Error as StdError;
use std::io;

use crate::market::{Failure, plain};

/// So many characters of an error's text are kept.
pub(super) const DETAIL: usize = 200;

/// What the chain of an error holds.
#[derive(Debug, Default)]
struct Chain {
    tls: Option<String>,
    deepest: String,
}

/// The failure of an exchange that broke off before the head of an answer. That a host takes no more of the handshake may be
/// told only then.
pub(super) fn of_exchange(error: &hyper::Error) -> Failure {
    let mut chain = Chain::default();
    chain.walk(error);
    match chain.tls {
        Some(detail) => Failure::Tls { detail },
        None => Failure::Protocol {
            detail: chain.deepest,
        },
    }
}

/// What an error says at its bottom.
pub(super) fn of(error: &(dyn StdError + 'static)) -> String {
    let mut chain = Chain::default();
    chain.walk(error);
    chain.tls.unwrap_or(chain.deepest)
}

impl Chain {
    fn walk(&mut self, error: &(dyn StdError + 'static)) {
        self.deepest = plain(&error.to_string(), DETAIL);
        if let Some(error) = error.downcast_ref::<rustls::Error>() {
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
