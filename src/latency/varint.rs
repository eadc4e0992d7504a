//! Whole numbers of seven bits a byte, the lowest first (LEB128), and what reads them back without trust.

/// Bytes that are no roll-up or state of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// They end too early.
    #[error("what was kept is cut off")]
    Cut,
    /// Something stands behind the end.
    #[error("something stands behind what was kept")]
    Excess,
    /// A newer program wrote them.
    #[error("what was kept has format {0}, which is unknown")]
    Format(u64),
    /// They say what cannot be.
    #[error("what was kept contradicts itself: {0}")]
    Impossible(&'static str),
}

/// Appends a number.
pub fn push(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Appends a number that may be below zero.
pub fn push_signed(out: &mut Vec<u8>, number: i64) {
    push(out, ((number << 1) ^ (number >> 63)) as u64);
}

/// Appends a number with a fraction, exactly.
pub fn push_float(out: &mut Vec<u8>, number: f64) {
    out.extend_from_slice(&number.to_le_bytes());
}

/// Reads numbers and texts from the front of some bytes.
#[derive(Debug)]
pub struct Bytes<'a>(pub &'a [u8]);

impl<'a> Bytes<'a> {
    /// The next number.
    pub fn number(&mut self) -> Result<u64, Broken> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.0.split_first().ok_or(Broken::Cut)?;
            self.0 = rest;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 || shift > 0 && byte == 0 {
                return Err(Broken::Impossible("a number"));
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Broken::Impossible("a number"))
    }

    /// The next number of [`push_signed`].
    pub fn signed(&mut self) -> Result<i64, Broken> {
        let number = self.number()?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    /// The next number of [`push_float`], which is one that can be reckoned with.
    pub fn float(&mut self) -> Result<f64, Broken> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(Broken::Cut)?;
        self.0 = rest;
        let number = f64::from_le_bytes(*bytes);
        if number.is_finite() {
            Ok(number)
        } else {
            Err(Broken::Impossible("a fraction"))
        }
    }

    /// The next text.
    pub fn text(&mut self) -> Result<&'a str, Broken> {
        let length = usize::try_from(self.number()?).map_err(|_| Broken::Cut)?;
        let (text, rest) = self.0.split_at_checked(length).ok_or(Broken::Cut)?;
        self.0 = rest;
        std::str::from_utf8(text).map_err(|_| Broken::Impossible("a text"))
    }

    /// Nothing may be left.
    pub fn end(&self) -> Result<(), Broken> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Broken::Excess)
        }
    }
}
