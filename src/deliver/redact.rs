//! Takes a password out of what a server or a library says.

use secrecy::{ExposeSecret, SecretString};

use crate::config::mail::Credentials;

/// What must never be shown, in each spelling that crosses the wire.
#[derive(Debug, Clone, Default)]
pub(super) struct Redaction {
    spellings: Vec<SecretString>,
}

impl Redaction {
    /// Nothing to hide without a login.
    pub(super) fn of(credentials: Option<&Credentials>) -> Self {
        let mut spellings = Vec::new();
        if let Some(Credentials { user, password }) = credentials {
            let password = password.expose_secret();
            // A server that repeats the command it did not like repeats the encoded login.
            let plain = format!("\0{user}\0{password}");
            for spelling in [
                base64(plain.as_bytes()),
                base64(password.as_bytes()),
                password.to_owned(),
            ] {
                if !spelling.is_empty() {
                    spellings.push(SecretString::from(spelling));
                }
            }
        }
        Self { spellings }
    }

    /// Hides a token that is shown for a user.
    pub(super) fn of_token(user: &str, token: &SecretString) -> Self {
        let token = token.expose_secret();
        let shown = format!("user={user}\u{1}auth=Bearer {token}\u{1}\u{1}");
        let spellings = [
            base64(shown.as_bytes()),
            base64(token.as_bytes()),
            token.to_owned(),
        ];
        Self {
            spellings: spellings.map(SecretString::from).to_vec(),
        }
    }

    /// Hides what the other hides, too.
    pub(super) fn and(mut self, other: &Self) -> Self {
        self.spellings.extend(other.spellings.iter().cloned());
        self
    }

    /// The text with every spelling of the password replaced.
    pub(super) fn apply(&self, text: &str) -> String {
        self.spellings
            .iter()
            .fold(text.to_owned(), |text, spelling| {
                text.replace(spelling.expose_secret(), "[hidden]")
            })
    }
}

/// RFC 4648 with padding, as `AUTH` sends it.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: [char; 64] = {
        let mut digits = ['/'; 64];
        let mut n = 0;
        while n < 63 {
            digits[n] = match n as u8 {
                n @ 0..26 => (b'A' + n) as char,
                n @ 26..52 => (b'a' + n - 26) as char,
                n @ 52..62 => (b'0' + n - 52) as char,
                _ => '+',
            };
            n += 1;
        }
        digits
    };
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let group = (0..3).fold(0u32, |group, n| {
            group << 8 | u32::from(three.get(n).copied().unwrap_or(0))
        });
        for n in 0..4 {
            text.push(if n <= three.len() {
                DIGITS[(group >> (18 - 6 * n) & 63) as usize]
            } else {
                '='
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use ::base64::Engine;
    use ::base64::prelude::BASE64_STANDARD;

    use super::*;

    #[test]
    fn encodes_as_the_standard_says() {
        let bytes: Vec<u8> = (0..=255).collect();
        for length in 0..=bytes.len() {
            assert_eq!(
                base64(&bytes[..length]),
                BASE64_STANDARD.encode(&bytes[..length])
            );
        }
    }

    #[test]
    fn no_spelling_of_the_password_stays() {
        for password in ["s3cret", "pä ss=wörd", "a"] {
            let credentials = Credentials {
                user: "bell".to_owned(),
                password: password.into(),
            };
            let redaction = Redaction::of(Some(&credentials));
            for spelling in [
                password.to_owned(),
                BASE64_STANDARD.encode(password),
                BASE64_STANDARD.encode(format!("\0bell\0{password}")),
            ] {
                assert_eq!(
                    redaction.apply(&format!("501 >{spelling}<")),
                    "501 >[hidden]<"
                );
            }
        }
        assert_eq!(Redaction::of(None).apply("as it was"), "as it was");
    }
}
