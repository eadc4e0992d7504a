//! Whom the client trusts.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{CipherSuite, ClientConfig, RootCertStore, SupportedCipherSuite};

use super::Error;
use super::trusted::Verifier;

/// What of the ways to encrypt is offered before all others.
const FIRST_OFFERED: CipherSuite = CipherSuite::TLS13_AES_128_GCM_SHA256;

/// The system's authorities, or Mozilla's where the system has none (slim containers), and the user's own.
pub(super) fn configuration(extra_ca_pem: &[Vec<u8>]) -> Result<ClientConfig, Error> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    for (index, pem) in extra_ca_pem.iter().enumerate() {
        let wrong = |detail: String| Error::ExtraCa {
            number: index + 1,
            detail,
        };
        let mut count = 0;
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|e| wrong(e.to_string()))?;
            roots.add(certificate).map_err(|e| wrong(e.to_string()))?;
            count += 1;
        }
        if count == 0 {
            return Err(wrong("it holds no certificate".into()));
        }
    }
    let mut provider = rustls::crypto::ring::default_provider();
    // offered first, as browsers do: most processors have instructions for SHA-256, few for the SHA-384 of the library's own first
    let is_not_first = |suite: &SupportedCipherSuite| suite.suite() != FIRST_OFFERED;
    provider.cipher_suites.sort_by_key(is_not_first);
    let provider = Arc::new(provider);
    let verifier =
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()
            .map_err(|error| Error::Tls(rustls::Error::General(error.to_string())))?;
    // the library's own verifier, asked once about each chain
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(Error::Tls)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Verifier::new(verifier)))
        .with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_way_to_encrypt_goes_first_and_none_is_left_out() {
        let suites = |provider: &rustls::crypto::CryptoProvider| {
            let suites = provider.cipher_suites.iter();
            suites.map(|suite| suite.suite()).collect::<Vec<_>>()
        };
        let configuration = configuration(&[]).expect("a configuration");
        let ours = suites(configuration.crypto_provider());
        let usual = suites(&rustls::crypto::ring::default_provider());
        assert_eq!(ours.first(), Some(&FIRST_OFFERED));
        let rest = |all: &[CipherSuite]| {
            let rest = all.iter().filter(|suite| **suite != FIRST_OFFERED);
            rest.copied().collect::<Vec<_>>()
        };
        assert_eq!(ours.len(), usual.len());
        assert_eq!(rest(&ours), rest(&usual));
    }
}
