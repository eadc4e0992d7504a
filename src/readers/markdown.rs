//! Markdown of strangers, within bounds.

use crate::market::Failure;

/// In bytes of signs that may mean something: a parsed page takes up to three hundred bytes for each. The largest pages that
/// are read have a few thousand.
const MOST_SIGNS: usize = 300_000;

/// Whether a page is one that may be parsed; one of nothing but signs would take a hundred times its length.
pub(super) fn check(text: &str) -> Result<(), Failure> {
    let is_sign = |byte: &u8| {
        matches!(byte, b'\n') || byte.is_ascii_punctuation() && !matches!(byte, b'.' | b',' | b'/')
    };
    let signs = text.bytes().filter(|byte| is_sign(byte)).count();
    if signs > MOST_SIGNS {
        return Err(Failure::Unreadable {
            expected: format!("Markdown of at most {MOST_SIGNS} signs and lines"),
            found: signs.to_string(),
        });
    }
    Ok(())
}
