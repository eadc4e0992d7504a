//! How wide text is, measured with the font of the pictures. The pages' own fonts are narrower, so that what fits here fits there.

use std::sync::OnceLock;

use ab_glyph::{Font, FontRef, GlyphId};

use crate::render::line::one_line;
use crate::render::sharp::FONT;

/// Characters of the longest text that is looked at.
const LONGEST: usize = 400;
/// Room for fonts of pages that are a little wider.
const SLACK: f64 = 1.03;

fn font() -> Option<&'static FontRef<'static>> {
    static READ: OnceLock<Option<FontRef<'static>>> = OnceLock::new();
    READ.get_or_init(|| FontRef::try_from_slice(FONT).ok())
        .as_ref()
}

/// Advances of the characters that nearly all text is made of, in ems.
fn advances() -> &'static [f32; 128] {
    static READ: OnceLock<[f32; 128]> = OnceLock::new();
    READ.get_or_init(|| {
        let mut all = [1.0; 128];
        for (c, advance) in ('\0'..).zip(all.iter_mut()) {
            *advance = look_up(c);
        }
        all
    })
}

fn look_up(c: char) -> f32 {
    let Some(font) = font() else { return 1.0 };
    match font.glyph_id(c) {
        GlyphId(0) => 1.1,
        glyph => font.h_advance_unscaled(glyph) / font.units_per_em().unwrap_or(2048.0),
    }
}

fn advance(c: char) -> f64 {
    let known = usize::try_from(u32::from(c)).ok();
    known
        .and_then(|at| advances().get(at).copied())
        .unwrap_or_else(|| look_up(c))
        .into()
}

/// Width of `text` in the unit of `size`, which is that of an em.
pub fn width(text: &str, size: f64) -> f64 {
    text.chars().map(advance).sum::<f64>() * size * SLACK
}

/// Foreign text as one bounded line: characters that no reader's font may have, and whose width nobody knows, become `?`.
pub fn tame(text: &str) -> String {
    // digits in groups stay together
    let parts: Vec<String> = text
        .split('\u{a0}')
        .map(|part| one_line(part, LONGEST))
        .collect();
    parts
        .join("\u{a0}")
        .chars()
        .take(LONGEST)
        .map(|c| if is_known(c) { c } else { '?' })
        .collect()
}

/// Those of our font, and the ideographs, syllables and kana, which are an em wide in every font that has them.
fn is_known(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
        || font().is_some_and(|font| font.glyph_id(c) != GlyphId(0))
}

/// `text` tamed, and cut with an ellipsis where it would be wider than `room`; empty if not even one character fits.
pub fn fit(text: &str, size: f64, room: f64) -> String {
    let text = tame(text);
    if width(&text, size) <= room {
        return text;
    }
    let room = room - width("…", size);
    let mut head = String::new();
    let mut used = 0.0;
    for c in text.chars() {
        used += advance(c) * size * SLACK;
        if used > room {
            break;
        }
        head.push(c);
    }
    match head.trim_end() {
        "" => String::new(),
        head => format!("{head}…"),
    }
}

/// A name and what follows it, in which the name is cut first.
pub fn fit_before(name: &str, rest: &str, size: f64, room: f64) -> String {
    if rest.is_empty() {
        return fit(name, size, room);
    }
    let rest = format!("\u{a0}{}", tame(rest));
    match fit(name, size, room - width(&rest, size)).as_str() {
        "" => fit(rest.trim_start(), size, room),
        name => format!("{name}{rest}"),
    }
}

/// A foreign name in a sentence.
pub fn short(name: &str) -> String {
    one_line(name, 60)
}

/// `text` tamed, in at most `lines` lines of `room`, broken at spaces; the last is cut.
pub fn wrap(text: &str, size: f64, room: f64, lines: usize) -> Vec<String> {
    let text = tame(text);
    let mut rest = text.as_str();
    let mut wrapped = Vec::new();
    while !rest.is_empty() && wrapped.len() < lines {
        let (line, after) = if wrapped.len() + 1 == lines {
            (rest, "")
        } else {
            first_line(rest, size, room)
        };
        wrapped.push(fit(line, size, room));
        rest = after;
    }
    wrapped
}

fn first_line(text: &str, size: f64, room: f64) -> (&str, &str) {
    if width(text, size) <= room {
        return (text, "");
    }
    let fitting = text
        .match_indices(' ')
        .take_while(|(at, _)| {
            text.get(..*at)
                .is_some_and(|head| width(head, size) <= room)
        })
        .last();
    match fitting {
        Some((at, _)) => (
            text.get(..at).unwrap_or(text),
            text.get(at + 1..).unwrap_or(""),
        ),
        None => text.split_once(' ').unwrap_or((text, "")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_is_cut_where_it_ends_to_fit() {
        let room = width("claude-son…", 12.0) + 0.1;
        assert_eq!(fit("claude-sonnet-4.5", 12.0, room), "claude-son…");
        assert_eq!(fit("claude", 12.0, room), "claude");
        assert_eq!(fit("claude", 12.0, 3.0), "");
        assert_eq!(fit("a\u{202e}b\u{fdfd}", 12.0, 100.0), "a b?");
    }

    #[test]
    fn lines_break_at_spaces() {
        let room = width("the quick brown", 12.0);
        assert_eq!(
            wrap("the quick brown fox jumps over it", 12.0, room, 2),
            ["the quick brown", "fox jumps ove…"]
        );
        assert_eq!(wrap("", 12.0, room, 2), [""; 0]);
        assert_eq!(
            wrap("incomprehensibilities yes", 12.0, room, 2),
            ["incomprehen…", "yes"]
        );
    }

    proptest! {
        #[test]
        fn what_is_fitted_fits(text in any::<String>(), size in 6.0_f64..30.0, room in 0.0_f64..400.0) {
            prop_assert!(width(&fit(&text, size, room), size) <= room + 1e-6);
            prop_assert!(width(&fit_before(&text, "$1.25", size, room), size) <= room + 1e-6);
            for line in wrap(&text, size, room, 3) {
                prop_assert!(width(&line, size) <= room + 1e-6);
            }
        }
    }
}
