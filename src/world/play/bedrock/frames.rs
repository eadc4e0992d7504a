//! Amazon's binary event streams, as its runtime sends them (`application/vnd.amazon.eventstream`; facts: aws-bedrock.md §4).
//!
//! A frame: total length, length of the headers, CRC-32 of these eight bytes, headers, payload, CRC-32 of everything before it;
//! all numbers are big-endian.

use flate2::Crc;
use serde_json::{Value as Json, json};

/// A frame of an event of the operation.
pub fn event(name: &str, payload: &Json) -> Vec<u8> {
    let headers = [
        (":event-type", name),
        (":content-type", "application/json"),
        (":message-type", "event"),
    ];
    frame(&headers, payload.to_string().as_bytes())
}

/// A frame of an error of the operation, after which the stream ends.
pub fn exception(name: &str, message: &str) -> Vec<u8> {
    let headers = [
        (":exception-type", name),
        (":content-type", "application/json"),
        (":message-type", "exception"),
    ];
    frame(
        &headers,
        json!({ "message": message }).to_string().as_bytes(),
    )
}

fn frame(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
    let mut inner = Vec::new();
    for (name, value) in headers {
        // the names and values above are short
        inner.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        inner.extend(name.as_bytes());
        inner.push(7);
        inner.extend(u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
        inner.extend(value.as_bytes());
    }
    let length = |length: usize| u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    let mut frame = Vec::with_capacity(16 + inner.len() + payload.len());
    frame.extend(length(16 + inner.len() + payload.len()));
    frame.extend(length(inner.len()));
    frame.extend(checksum(&frame));
    frame.extend(inner);
    frame.extend(payload);
    frame.extend(checksum(&frame));
    frame
}

/// CRC-32 as zlib computes it.
fn checksum(bytes: &[u8]) -> [u8; 4] {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum().to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_laid_out_and_checked_as_aws_does() {
        let frame = event("messageStart", &json!({ "role": "assistant" }));
        let number =
            |at: usize| u32::from_be_bytes(frame[at..at + 4].try_into().expect("four bytes"));
        let (total, headers) = (number(0) as usize, number(4) as usize);
        assert_eq!(total, frame.len());
        assert_eq!(number(8).to_be_bytes(), checksum(&frame[..8]));
        assert_eq!(
            number(total - 4).to_be_bytes(),
            checksum(&frame[..total - 4])
        );
        assert_eq!(&frame[12 + headers..total - 4], br#"{"role":"assistant"}"#);
        assert_eq!(&frame[12..24], b"\x0b:event-type");
        // the check value of the catalogue of CRCs
        assert_eq!(checksum(b"123456789"), 0xcbf4_3926_u32.to_be_bytes());
    }
}
