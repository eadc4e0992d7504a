//! Chains of certificates that were found good: a host shows the same one at every handshake, and checking its signatures
//! anew takes a seventh of what a handshake costs. Browsers remember them too.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, Error, SignatureScheme};

use crate::market::Hash;

/// Above so many chains, all are forgotten: hosts may show any number.
const REMEMBERED: usize = 1024;

/// The library's verifier, which is not asked again about a chain that it found good for a name. What it says depends on
/// nothing else but the time: a chain is remembered from the moment that it was found good until the first of its
/// certificates ends. That the host holds the key is verified at every handshake.
pub(super) struct Verifier {
    inner: Arc<WebPkiServerVerifier>,
    good: Mutex<HashMap<Hash, Span>>,
}

/// From when until when a chain is good, in seconds since 1970.
#[derive(Debug, Clone, Copy)]
struct Span {
    from: u64,
    until: u64,
}

impl Verifier {
    pub fn new(inner: Arc<WebPkiServerVerifier>) -> Self {
        Self {
            inner,
            good: Mutex::default(),
        }
    }

    fn is_known(&self, chain: &Hash, now: u64) -> bool {
        let good = self.good.lock().unwrap_or_else(PoisonError::into_inner);
        let span = good.get(chain);
        span.is_some_and(|span| (span.from..=span.until).contains(&now))
    }

    fn remember(&self, chain: Hash, span: Span) {
        let mut good = self.good.lock().unwrap_or_else(PoisonError::into_inner);
        if good.len() >= REMEMBERED {
            good.clear();
        }
        good.insert(chain, span);
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").finish_non_exhaustive()
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let all = || std::iter::once(leaf).chain(intermediates);
        let name_text = name.to_str();
        let parts: Vec<&[u8]> = std::iter::once(name_text.as_bytes())
            .chain(all().map(|certificate| certificate.as_ref()))
            .collect();
        let chain = Hash::of_parts(&parts);
        if self.is_known(&chain, now.as_secs()) {
            return Ok(ServerCertVerified::assertion());
        }
        let verified =
            self.inner
                .verify_server_cert(leaf, intermediates, name, ocsp_response, now)?;
        // one that cannot be read is asked about again
        let ends: Option<Vec<i64>> = all().map(|one| good_until(one)).collect();
        if let Some(until) = ends.and_then(|ends| ends.into_iter().min())
            && let Ok(until) = u64::try_from(until)
        {
            let from = now.as_secs();
            self.remember(chain, Span { from, until });
        }
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner
            .verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner
            .verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

/// The last second at which a certificate is good.
pub(super) fn good_until(certificate: &[u8]) -> Option<i64> {
    let (_, certificate) = x509_parser::parse_x509_certificate(certificate).ok()?;
    Some(certificate.validity().not_after.timestamp())
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
    use rustls::RootCertStore;

    use super::*;

    /// Moments around the years in which the certificates are good, 2031 and 2032.
    const IN_2030: u64 = 1_910_000_000;
    const IN_2031: u64 = 1_940_000_000;
    const IN_2032: u64 = 1_960_000_000;
    const IN_2033: u64 = 2_000_000_000;

    struct World {
        verifier: Verifier,
        issuer: Issuer<'static, KeyPair>,
    }

    impl World {
        fn new() -> Self {
            let key = KeyPair::generate().expect("a key");
            let mut parameters = CertificateParams::default();
            parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            let root = parameters.self_signed(&key).expect("a certificate");
            let mut roots = RootCertStore::empty();
            roots.add(root.der().clone()).expect("an authority");
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let inner = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
            Self {
                verifier: Verifier::new(inner.build().expect("a verifier")),
                issuer: Issuer::new(parameters, key),
            }
        }

        fn certificate(&self, name: &str) -> CertificateDer<'static> {
            let key = KeyPair::generate().expect("a key");
            let mut parameters = CertificateParams::new(vec![name.to_owned()]).expect("a name");
            parameters.not_before = rcgen::date_time_ymd(2031, 1, 1);
            parameters.not_after = rcgen::date_time_ymd(2033, 1, 1);
            let signed = parameters.signed_by(&key, &self.issuer);
            signed.expect("a certificate").der().clone()
        }

        fn is_good(&self, chain: &[&CertificateDer<'_>], name: &str, now: u64) -> bool {
            let name = ServerName::try_from(name.to_owned()).expect("a name");
            let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(now));
            let (leaf, rest) = chain.split_first().expect("a leaf");
            let rest: Vec<CertificateDer<'_>> = rest.iter().map(|one| (*one).clone()).collect();
            let verified = self
                .verifier
                .verify_server_cert(leaf, &rest, &name, &[], now);
            verified.is_ok()
        }

        fn remembered(&self) -> usize {
            self.verifier.good.lock().expect("nobody panics here").len()
        }
    }

    #[test]
    fn a_chain_is_remembered_for_its_name_and_its_time_alone() {
        let world = World::new();
        let certificate = world.certificate("a.example");
        for (name, now, is_good) in [
            ("a.example", IN_2030, false),
            ("b.example", IN_2031, false),
            ("a.example", IN_2032, true),
            ("a.example", IN_2032, true),
            ("b.example", IN_2032, false),
            // before it was found good it is asked about again
            ("a.example", IN_2031, true),
            ("a.example", IN_2030, false),
            ("a.example", IN_2033, false),
            ("a.example", IN_2032, true),
        ] {
            let found = world.is_good(&[&certificate], name, now);
            assert_eq!(found, is_good, "{name} {now}");
        }
        assert_eq!(world.remembered(), 1);
    }

    #[test]
    fn a_chain_that_differs_in_one_byte_is_another() {
        let world = World::new();
        let certificate = world.certificate("a.example");
        assert!(world.is_good(&[&certificate], "a.example", IN_2031));
        let other = World::new().certificate("a.example");
        assert!(!world.is_good(&[&other], "a.example", IN_2031));
        for at in 0..certificate.len() {
            let mut bytes = certificate.to_vec();
            bytes[at] ^= 1;
            let forged = CertificateDer::from(bytes);
            assert!(!world.is_good(&[&forged], "a.example", IN_2031), "{at}");
        }
        // what is good beside it is not what was found good
        assert!(world.is_good(&[&certificate, &other], "a.example", IN_2031));
        assert_eq!(world.remembered(), 2);
    }

    #[test]
    fn hosts_without_number_are_not_remembered() {
        let world = World::new();
        let certificate = world.certificate("*.a.example");
        for number in 0..REMEMBERED + 10 {
            let name = format!("host{number}.a.example");
            assert!(world.is_good(&[&certificate], &name, IN_2031));
        }
        assert!(world.remembered() <= REMEMBERED);
    }
}
