//! How a request says who asks: keys, tokens and signatures.

pub mod oci;
pub mod sigv4;

mod aws;
mod azure;
mod cache;
mod credentials;
mod google;
mod grant;
mod rsa;
mod token;

pub use credentials::{Credentials, Wanted};
pub use grant::granted;

use std::fmt;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::request::HIDDEN;

/// The header that names the project that Google counts a request for.
const PROJECT: &str = "x-goog-user-project";

/// A header that shows a credential: name and value.
pub(super) type Shown = (&'static str, SecretString);

/// The credential of a request.
#[derive(Debug, Clone)]
pub enum Auth {
    /// None is needed.
    None,
    /// A key in a header of its own, such as `x-api-key`.
    Header {
        /// The header's name.
        name: String,
        /// The key.
        key: SecretString,
    },
    /// A key or token in `Authorization: Bearer`.
    Bearer(SecretString),
    /// The same, with the project that Google counts the request for.
    BearerFor {
        /// The token.
        token: SecretString,
        /// The project's id or number.
        project: String,
    },
    /// AWS Signature Version 4 in `Authorization`.
    SigV4(Box<sigv4::Signer>),
    /// Oracle's signature in `Authorization`.
    Oci(Box<oci::Signer>),
}

/// What a signature covers: a message as it goes onto the wire.
pub(super) struct Message<'a> {
    /// The method's word.
    pub method: &'a str,
    /// The URL that is really asked.
    pub url: &'a Url,
    /// Those of its headers that are signed.
    pub headers: Vec<(&'a str, &'a str)>,
    /// The body, empty if there is none.
    pub body: &'a [u8],
}

impl Message<'_> {
    /// The `Host` header: the port stands in it unless it is the scheme's own.
    pub fn host(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        match self.url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }
}

impl Auth {
    /// Whether the credential is a signature of the whole message, which also depends on the time.
    pub(super) fn is_signature(&self) -> bool {
        matches!(self, Self::SigV4(_) | Self::Oci(_))
    }

    /// Whether a header of the request comes under the signature.
    pub(super) fn signs(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        match self {
            Self::None | Self::Header { .. } | Self::Bearer(_) | Self::BearerFor { .. } => false,
            // Others may be changed on the way, and need not be signed.
            Self::SigV4(_) => name == "content-type" || name.starts_with("x-amz-"),
            Self::Oci(_) => name == "content-type",
        }
    }

    /// The headers that show the credential for this message at this time.
    pub(super) fn headers(&self, message: &Message<'_>, at: Timestamp) -> Vec<Shown> {
        let bearer = |token: &SecretString| {
            let value = format!("Bearer {}", token.expose_secret());
            ("authorization", SecretString::from(value))
        };
        match self {
            Self::None | Self::Header { .. } => Vec::new(),
            Self::Bearer(token) => vec![bearer(token)],
            Self::BearerFor { token, project } => {
                vec![bearer(token), (PROJECT, project.clone().into())]
            }
            Self::SigV4(signer) => signer.headers(message, at),
            Self::Oci(signer) => signer.headers(message, at),
        }
    }

    /// The credential's headers as people may see them.
    pub(super) fn describe(&self) -> Vec<String> {
        match self {
            Self::None => Vec::new(),
            Self::Header { name, .. } => vec![format!("{name}: {HIDDEN}")],
            Self::Bearer(_) => vec![format!("authorization: Bearer {HIDDEN}")],
            Self::BearerFor { project, .. } => vec![
                format!("authorization: Bearer {HIDDEN}"),
                format!("{PROJECT}: {project}"),
            ],
            Self::SigV4(signer) => {
                let mut lines = vec![format!(
                    "authorization: {} {HIDDEN} (service {}, region {})",
                    sigv4::ALGORITHM,
                    signer.service,
                    signer.region
                )];
                if signer.keys.session_token.is_some() {
                    lines.push(format!("x-amz-security-token: {HIDDEN}"));
                }
                lines
            }
            Self::Oci(signer) => vec![signer.describe()],
        }
    }

    /// What must not be shown anywhere, even when a host quotes it.
    pub(super) fn secrets(&self) -> Vec<&str> {
        match self {
            Self::None => Vec::new(),
            Self::Header { key: secret, .. }
            | Self::Bearer(secret)
            | Self::BearerFor { token: secret, .. } => vec![secret.expose_secret()],
            Self::SigV4(signer) => {
                let keys = &signer.keys;
                let token = keys.session_token.as_ref().map(ExposeSecret::expose_secret);
                [Some(keys.secret.expose_secret()), token]
                    .into_iter()
                    .flatten()
                    .collect()
            }
            Self::Oci(signer) => signer.secret().into_iter().collect(),
        }
    }
}

impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("method", &self.method)
            .field("host", &self.host())
            .finish_non_exhaustive()
    }
}
