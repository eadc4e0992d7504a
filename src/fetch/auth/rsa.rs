//! Signatures with the RSA keys of service accounts and API users.

use std::fmt;
use std::sync::Arc;

use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;

/// A private key that signs.
#[derive(Clone)]
pub(super) struct Key(Arc<RsaKeyPair>);

/// Why a text is no key that can sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unusable {
    /// The key is encrypted: there is nobody to ask for the passphrase.
    Encrypted,
    /// There is no private RSA key in the text.
    NoKey,
    /// The key is broken, or of a length other than 2048 to 4096 bits.
    Refused,
}

impl Unusable {
    pub fn words(self) -> &'static str {
        match self {
            Self::Encrypted => "an encrypted key, whose passphrase nobody can be asked for",
            Self::NoKey => "no private RSA key in PEM form",
            Self::Refused => "a key that is broken, or not of 2048 to 4096 bits",
        }
    }
}

impl Key {
    /// The first key of a PEM text, in the form of PKCS #1 or PKCS #8.
    pub fn read(pem: &str) -> Result<Self, Unusable> {
        if pem.contains("ENCRYPTED") {
            return Err(Unusable::Encrypted);
        }
        let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| Unusable::NoKey)?;
        let pair = match &key {
            PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
            PrivateKeyDer::Pkcs8(key) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()),
            _ => return Err(Unusable::NoKey),
        };
        let pair = pair.map_err(|_| Unusable::Refused)?;
        Ok(Self(Arc::new(pair)))
    }

    /// The RSASSA-PKCS1-v1_5 signature with SHA-256; `None` only if the machine's memory is at fault.
    pub fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let mut signature = vec![0; self.0.public().modulus_len()];
        let random = SystemRandom::new();
        let signed = self
            .0
            .sign(&RSA_PKCS1_SHA256, &random, message, &mut signature);
        signed.ok().map(|()| signature)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;
    use crate::fetch::tests::rsa::{is_good, pkcs1, pkcs8};

    /// What OpenSSL has signed.
    const SIGNED: &str = "a text that is signed";

    /// With this signature.
    const SIGNATURE: &str = "\
    eTRfSVD3P85KM4+58U0oZ/h7dSLhPcS+YX9R0lmbeMHmEP9LFeLEXH54OCsmF5ZbLT2GTNMyfGPTHrpzHFLRODjunwosnQiZ\
    3Hu7GikBhpKKxReEz3jNTCLJrfRfeE4k4i2UXXkG/V+00FXw4K8hNJZw1HGRIvlNOQIN9e5dqSQvZhfur01IHwOa3b+k+4aN\
    2uflHsSYt2AaRkHApfX5w/rRA8z02EH4DtNZwWDIM5QrVlnYVjyJNYA2YZ6ffRc7YDHlt3Ih8v1tYwlK99DJuMp0JjQgY93G\
    1TXPeLTecffMPmY6S8mHkIzMkIhNtImrRubwGK2vEDsR5iEkQt1s1A==";

    #[test]
    fn both_forms_sign_as_openssl_does() {
        // The tools of Oracle write a label after the key.
        for pem in [
            pkcs1(),
            pkcs8(),
            format!("{}OCI_API_KEY\n", pkcs8()),
            pkcs8().replace('\n', "\r\n"),
        ] {
            let signature = Key::read(&pem).unwrap().sign(SIGNED.as_bytes()).unwrap();
            assert_eq!(STANDARD.encode(&signature), SIGNATURE);
            assert!(is_good(SIGNED.as_bytes(), &signature));
        }
    }

    #[test]
    fn what_is_no_key_is_told() {
        let broken = pkcs8().replacen("CAQEA", "CAQEB", 1).replace('M', "N");
        let cases = [
            ("", Unusable::NoKey),
            ("-----BEGIN PRIVATE KEY-----", Unusable::NoKey),
            (
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
                Unusable::NoKey,
            ),
            (
                "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
                Unusable::Refused,
            ),
            (&broken, Unusable::Refused),
            (
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END",
                Unusable::Encrypted,
            ),
            (
                "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA",
                Unusable::Encrypted,
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(Key::read(text).unwrap_err(), expected, "{text}");
        }
    }
}
