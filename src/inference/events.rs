//! Server-sent events, piece by piece (<https://html.spec.whatwg.org/multipage/server-sent-events.html>).

use crate::market::Failure;

/// No line and no event may be longer, in bytes.
pub(super) const MOST: usize = 1 << 20;

/// One event that was ended by its empty line. An unfinished one at the end of a stream is none, as the standard says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Event {
    /// Its `event` field; empty if it has none.
    pub name: Vec<u8>,
    /// Its `data` fields, one a line.
    pub data: Vec<u8>,
}

/// What has been taken of a stream so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Events {
    line: Vec<u8>,
    /// The last byte was a carriage return: a line feed after it ends no other line.
    is_after_return: bool,
    has_begun: bool,
    name: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
}

impl Events {
    /// Takes the next bytes and gives the events that they complete, also those before a failure.
    pub fn push(&mut self, bytes: &[u8], into: &mut Vec<Event>) -> Result<(), Failure> {
        let mut rest = bytes;
        while let Some(first) = rest.first() {
            if std::mem::take(&mut self.is_after_return) && *first == b'\n' {
                rest = rest.get(1..).unwrap_or_default();
                continue;
            }
            let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let (line, ended) = rest.split_at(end.unwrap_or(rest.len()));
            if self.line.len() + line.len() > MOST {
                return Err(too_large());
            }
            self.line.extend_from_slice(line);
            let Some((terminator, after)) = ended.split_first() else {
                break;
            };
            self.is_after_return = *terminator == b'\r';
            self.end_line(into)?;
            rest = after;
        }
        Ok(())
    }

    /// Whether the stream has stopped within an event.
    pub fn is_within(&self) -> bool {
        self.has_data || !self.line.is_empty()
    }

    fn end_line(&mut self, into: &mut Vec<Event>) -> Result<(), Failure> {
        let line = std::mem::take(&mut self.line);
        let mut text = line.as_slice();
        if !std::mem::replace(&mut self.has_begun, true) {
            text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        }
        let done = match text.is_empty() {
            true => {
                self.end_event(into);
                Ok(())
            }
            false => self.field(text),
        };
        // the room is used again
        self.line = line;
        self.line.clear();
        done
    }

    fn field(&mut self, line: &[u8]) -> Result<(), Failure> {
        let colon = line.iter().position(|byte| *byte == b':');
        let (name, value) = line.split_at(colon.unwrap_or(line.len()));
        let value = value.strip_prefix(b":").unwrap_or(value);
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match name {
            b"data" => {
                if self.data.len() + value.len() + 1 > MOST {
                    return Err(too_large());
                }
                if self.has_data {
                    self.data.push(b'\n');
                }
                self.data.extend_from_slice(value);
                self.has_data = true;
            }
            b"event" => self.name = value.to_vec(),
            // a comment (an empty name), or what no dialect here uses: id, retry
            _ => {}
        }
        Ok(())
    }

    fn end_event(&mut self, into: &mut Vec<Event>) {
        let name = std::mem::take(&mut self.name);
        if std::mem::take(&mut self.has_data) {
            let data = std::mem::take(&mut self.data);
            into.push(Event { name, data });
        }
    }
}

fn too_large() -> Failure {
    Failure::TooLarge { limit: MOST as u64 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn events(pieces: &[&[u8]]) -> Result<Vec<(String, String)>, Failure> {
        let mut events = Events::default();
        let mut out = Vec::new();
        for piece in pieces {
            events.push(piece, &mut out)?;
        }
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ok(out
            .into_iter()
            .map(|event| (text(event.name), text(event.data)))
            .collect())
    }

    #[test]
    fn the_examples_of_the_standard_hold() {
        let cases: &[(&str, &[(&str, &str)])] = &[
            (
                "data: YHOO\ndata: +2\ndata: 10\n\n",
                &[("", "YHOO\n+2\n10")],
            ),
            (
                ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
                &[
                    ("", "first event"),
                    ("", "second event"),
                    ("", " third event"),
                ],
            ),
            ("data\n\ndata\ndata\n\ndata:", &[("", ""), ("", "\n")]),
            ("data:test\n\ndata: test\n\n", &[("", "test"), ("", "test")]),
            (
                "event: add\ndata: 1\n\ndata: 2\n\n",
                &[("add", "1"), ("", "2")],
            ),
            ("event: alone\n\ndata: 2\n\n", &[("", "2")]),
            ("data: a\r\ndata: b\rdata: c\n\r\n", &[("", "a\nb\nc")]),
            (
                "\u{feff}data: marked\n\n\u{feff}data: not\n\n",
                &[("", "marked")],
            ),
            ("retry: 5\nunknown: x\n\n", &[]),
            ("", &[]),
        ];
        for (text, expected) in cases {
            let expected: Vec<_> = expected
                .iter()
                .map(|(name, data)| (name.to_string(), data.to_string()))
                .collect();
            assert_eq!(events(&[text.as_bytes()]).unwrap(), expected, "{text:?}");
            for cut in 0..=text.len() {
                let (one, two) = text.as_bytes().split_at(cut);
                assert_eq!(events(&[one, two]).unwrap(), expected, "{text:?} at {cut}");
            }
        }
    }

    #[test]
    fn lines_and_events_are_bounded() {
        let line = vec![b'x'; MOST / 2 + 1];
        assert_eq!(events(&[b"data: ", &line, &line]), Err(too_large()));
        let event = [b"data: ", line.as_slice(), b"\n"].concat();
        assert_eq!(events(&[&event, &event]), Err(too_large()));
        assert!(events(&[&event, b"\n", &event, b"\n"]).is_ok());
    }

    proptest! {
        #[test]
        fn pieces_mean_nothing(
            text in "([a-z]{0,3}:? ?[a-z]{0,3}(\r\n|\n|\r)){0,12}",
            cuts in prop::collection::vec(0_usize..80, 0..6),
        ) {
            let whole = events(&[text.as_bytes()]);
            let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
            cuts.sort_unstable();
            let mut pieces = Vec::new();
            let mut from = 0;
            for cut in cuts {
                pieces.push(&text.as_bytes()[from..cut]);
                from = cut;
            }
            pieces.push(&text.as_bytes()[from..]);
            prop_assert_eq!(events(&pieces), whole);
        }
    }
}
