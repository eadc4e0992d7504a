//! Random words that cannot be guessed, what is kept of them, and what proves that a form is ours.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::hmac::{self, HMAC_SHA256};
use ring::rand::{SecureRandom as _, SystemRandom};

use super::refusal::Refusal;

/// 256 random bits as text.
pub(super) fn random() -> Result<String, Refusal> {
    let mut bytes = [0_u8; 32];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| Refusal::Internal("the system gives no random bytes".to_string()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// SHA-256: what is kept of a word, and found again by it.
pub(super) fn kept(word: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, word.as_bytes()).as_ref());
    hash
}

/// Whether two hashes are the same, in a time that does not tell where they differ.
pub(super) fn is_same(one: &[u8; 32], other: &[u8; 32]) -> bool {
    let differing = one.iter().zip(other).fold(0, |all, (a, b)| all | (a ^ b));
    std::hint::black_box(differing) == 0
}

/// Signs forms; another one after each start.
pub(super) struct FormKey(hmac::Key);

impl FormKey {
    pub fn new() -> Result<Self, Refusal> {
        let key = hmac::Key::generate(HMAC_SHA256, &SystemRandom::new());
        key.map(Self)
            .map_err(|_| Refusal::Internal("the system gives no random bytes".to_string()))
    }

    /// What a form says so that it is known to be ours and given to whoever `binding` names.
    pub fn token(&self, binding: &str) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.0, binding.as_bytes()))
    }

    /// Whether a form said that.
    pub fn is_token(&self, binding: &str, token: &str) -> bool {
        let token = URL_SAFE_NO_PAD.decode(token);
        token.is_ok_and(|token| hmac::verify(&self.0, binding.as_bytes(), &token).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_holds_for_one() {
        let (key, other) = (
            FormKey::new().expect("a key"),
            FormKey::new().expect("a key"),
        );
        let token = key.token("one");
        assert!(key.is_token("one", &token));
        assert!(!key.is_token("two", &token) && !other.is_token("one", &token));
        assert!(!key.is_token("one", "") && !key.is_token("one", "no base64!"));
        let (one, two) = (random().expect("random"), random().expect("random"));
        assert!(one != two && one.len() == 43);
        assert!(is_same(&kept(&one), &kept(&one)) && !is_same(&kept(&one), &kept(&two)));
    }
}
