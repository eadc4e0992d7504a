//! Amazon's binary event streams (`application/vnd.amazon.eventstream`), piece by piece.
//!
//! A frame: total length, length of the headers, CRC-32 of these eight bytes, headers, payload, CRC-32 of everything
//! before it; all numbers are big-endian (`facts/aws-bedrock.md` §4).

use crate::market::Failure;

/// No frame may be longer, in bytes.
const MOST: usize = 1 << 20;

const PRELUDE: usize = 12;
const CHECKSUM: usize = 4;

/// What a frame is about, by its headers.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// One of the operation's own events, by its name.
    Event(String),
    /// One of the operation's own errors, by its name.
    Exception(String),
    /// An error of the service: its code and its words.
    Error(String, String),
}

/// One frame whose checksums are right.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub kind: Kind,
    pub payload: Vec<u8>,
}

/// What has been taken of a stream so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Frames {
    rest: Vec<u8>,
}

impl Frames {
    /// Takes the next bytes and gives the frames that they complete, also those before a failure.
    pub fn push(&mut self, bytes: &[u8], into: &mut Vec<Frame>) -> Result<(), Failure> {
        self.rest.extend_from_slice(bytes);
        let mut taken = 0;
        let done = loop {
            match frame(self.rest.get(taken..).unwrap_or_default()) {
                Ok(Some((frame, length))) => {
                    into.push(frame);
                    taken += length;
                }
                Ok(None) => break Ok(()),
                Err(failure) => break Err(failure),
            }
        };
        self.rest.drain(..taken);
        done
    }

    /// Whether the stream has stopped within a frame.
    pub fn is_within(&self) -> bool {
        !self.rest.is_empty()
    }
}

/// The first frame of the bytes and its length; `None` if it is not complete.
fn frame(bytes: &[u8]) -> Result<Option<(Frame, usize)>, Failure> {
    let Some((prelude, after)) = bytes.split_at_checked(PRELUDE) else {
        return Ok(None);
    };
    let (lengths, stated) = prelude.split_at(PRELUDE - CHECKSUM);
    if number(stated) != Some(crc32(lengths)) {
        return Err(broken("the checksum of a frame's lengths is wrong"));
    }
    let (total, headers) = lengths.split_at(4);
    let length = |bytes| number(bytes).and_then(|length| usize::try_from(length).ok());
    let (Some(total), Some(headers)) = (length(total), length(headers)) else {
        return Err(broken("a frame has no length"));
    };
    if total > MOST {
        return Err(Failure::TooLarge { limit: MOST as u64 });
    }
    let inner = total.checked_sub(PRELUDE + CHECKSUM);
    let Some(inner) = inner.filter(|inner| headers <= *inner) else {
        return Err(broken("the lengths of a frame contradict each other"));
    };
    let Some((inner, after)) = after.split_at_checked(inner) else {
        return Ok(None);
    };
    let Some((stated, _)) = after.split_at_checked(CHECKSUM) else {
        return Ok(None);
    };
    let covered = bytes.get(..total - CHECKSUM).unwrap_or_default();
    if number(stated) != Some(crc32(covered)) {
        return Err(broken("the checksum of a frame is wrong"));
    }
    let (headers, payload) = inner.split_at(headers);
    let frame = Frame {
        kind: kind(headers)?,
        payload: payload.to_vec(),
    };
    Ok(Some((frame, total)))
}

/// What the headers say that a frame is about.
fn kind(headers: &[u8]) -> Result<Kind, Failure> {
    let mut named = [
        (":message-type", None),
        (":event-type", None),
        (":exception-type", None),
        (":error-code", None),
        (":error-message", None),
    ];
    let mut rest = headers;
    while !rest.is_empty() {
        let Some((header, after)) = header(rest) else {
            return Err(broken("a frame's headers cannot be read"));
        };
        for (wanted, value) in &mut named {
            if wanted.as_bytes() == header.name {
                *value = header
                    .text
                    .map(|text| String::from_utf8_lossy(text).into_owned());
            }
        }
        rest = after;
    }
    let [
        (_, message),
        (_, event),
        (_, exception),
        (_, code),
        (_, words),
    ] = named;
    match (message.as_deref(), event, exception, code) {
        (Some("event"), Some(event), _, _) => Ok(Kind::Event(event)),
        (Some("exception"), _, Some(exception), _) => Ok(Kind::Exception(exception)),
        (Some("error"), _, _, Some(code)) => Ok(Kind::Error(code, words.unwrap_or_default())),
        _ => Err(broken("a frame's headers do not say what it is")),
    }
}

/// A header's name and, if that is text, its value.
struct Header<'a> {
    name: &'a [u8],
    text: Option<&'a [u8]>,
}

/// The first header and what comes after it.
fn header(bytes: &[u8]) -> Option<(Header<'_>, &[u8])> {
    let (length, rest) = bytes.split_first()?;
    let (name, rest) = rest.split_at_checked(usize::from(*length))?;
    let (kind, rest) = rest.split_first()?;
    let (length, rest) = match kind {
        0 | 1 => (0, rest),
        2 => (1, rest),
        3 => (2, rest),
        4 => (4, rest),
        5 | 8 => (8, rest),
        9 => (16, rest),
        6 | 7 => {
            let (length, rest) = rest.split_at_checked(2)?;
            (
                usize::from(u16::from_be_bytes(length.try_into().ok()?)),
                rest,
            )
        }
        _ => return None,
    };
    let (value, rest) = rest.split_at_checked(length)?;
    let text = (*kind == 7).then_some(value);
    Some((Header { name, text }, rest))
}

fn number(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

fn broken(detail: &str) -> Failure {
    Failure::Protocol {
        detail: detail.to_owned(),
    }
}

/// CRC-32 as zlib computes it (ISO-HDLC).
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        let [low, ..] = (crc ^ u32::from(*byte)).to_le_bytes();
        TABLE
            .get(usize::from(low))
            .map_or(0, |entry| entry ^ (crc >> 8))
    };
    !bytes.iter().fold(!0, step)
}

const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut index = 0;
    while index < table.len() {
        let mut crc = index as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ 0xedb8_8320
            } else {
                crc >> 1
            };
            bit += 1;
        }
        table[index] = crc;
        index += 1;
    }
    table
};

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A frame with text headers.
    pub fn frame_of(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
        let mut inner = Vec::new();
        for (name, value) in headers {
            inner.push(u8::try_from(name.len()).unwrap());
            inner.extend(name.as_bytes());
            inner.push(7);
            inner.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
            inner.extend(value.as_bytes());
        }
        raw(&inner, payload)
    }

    fn raw(headers: &[u8], payload: &[u8]) -> Vec<u8> {
        let length = |length: usize| u32::try_from(length).unwrap().to_be_bytes();
        let mut frame = Vec::new();
        frame.extend(length(headers.len() + payload.len() + PRELUDE + CHECKSUM));
        frame.extend(length(headers.len()));
        frame.extend(crc32(&frame).to_be_bytes());
        frame.extend(headers);
        frame.extend(payload);
        frame.extend(crc32(&frame).to_be_bytes());
        frame
    }

    fn frames(bytes: &[u8]) -> Result<Vec<Frame>, Failure> {
        let mut out = Vec::new();
        Frames::default().push(bytes, &mut out)?;
        Ok(out)
    }

    #[test]
    fn the_checksum_is_that_of_zlib() {
        // the check value of the catalogue of CRCs, and the prelude of AWS's own example
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b"\0\0\0\x3d\0\0\0\x20"), 0x07fd_8396);
        assert_eq!(crc32(b""), 0);
    }

    #[test]
    fn headers_of_every_type_are_passed_over() {
        let mut headers = Vec::new();
        for (kind, value) in [
            (0, &b""[..]),
            (1, b""),
            (2, b"1"),
            (3, b"12"),
            (4, b"1234"),
            (5, b"12345678"),
            (6, b"\0\x02ab"),
            (8, b"12345678"),
            (9, b"0123456789abcdef"),
        ] {
            headers.extend([1, b'x', kind]);
            headers.extend(value);
        }
        let event = frame_of(&[(":message-type", "event"), (":event-type", "chunk")], b"");
        headers.extend(&event[PRELUDE..event.len() - CHECKSUM]);
        let found = frames(&raw(&headers, b"{}")).unwrap();
        let kind = Kind::Event("chunk".into());
        let payload = b"{}".to_vec();
        assert_eq!(found, [Frame { kind, payload }]);
    }

    #[test]
    fn frames_that_say_nothing_are_refused() {
        for headers in [
            &[][..],
            &[(":message-type", "event")],
            &[(":message-type", "unknown"), (":event-type", "chunk")],
            &[(":message-type", "exception"), (":event-type", "chunk")],
        ] {
            let failure = frames(&frame_of(headers, b"{}")).unwrap_err();
            assert_eq!(failure.word(), "protocol", "{headers:?}");
        }
        for headers in [&[1, b'x', 10][..], &[9, b'x'], &[1, b'x', 7, 0, 9, b'a']] {
            assert_eq!(frames(&raw(headers, b"")).unwrap_err().word(), "protocol");
        }
    }

    #[test]
    fn lengths_are_bounded_before_anything_is_kept() {
        let mut lying = (u32::try_from(MOST).unwrap() + 1).to_be_bytes().to_vec();
        lying.extend(0_u32.to_be_bytes());
        lying.extend(crc32(&lying).to_be_bytes());
        let limit = MOST as u64;
        assert_eq!(frames(&lying), Err(Failure::TooLarge { limit }));
        for (total, headers) in [(15_u32, 0_u32), (16, 1), (0, 0)] {
            let mut lying = total.to_be_bytes().to_vec();
            lying.extend(headers.to_be_bytes());
            lying.extend(crc32(&lying).to_be_bytes());
            assert_eq!(frames(&lying).unwrap_err().word(), "protocol");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..200), headers in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = frames(&bytes);
            let _ = frames(&raw(&headers, &bytes));
        }
    }
}
