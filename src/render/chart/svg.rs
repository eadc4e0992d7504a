//! A surface of plotters that writes SVG for pages: colours are custom properties of CSS, so that one picture follows light and
//! dark; text stays text; coordinates are tenths of a pixel; elements that look alike stand in one group.

use std::fmt::Write;

use plotters::prelude::DrawingBackend;
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingErrorKind, FontTransform,
};

use super::ink::{Ink, Theme, hex};
use super::lettering;
use crate::render::sharp::{CAPITALS, SIZE_PER_EM};

/// Units of this surface to a pixel of a page.
pub const SCALE: f64 = 10.0;
/// None of these is wider than the font that text is measured with.
const FAMILIES: &str = "system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

type Drawn = Result<(), DrawingErrorKind<std::fmt::Error>>;

/// What elements of a group have in common.
#[derive(Clone, Copy, PartialEq)]
enum Look {
    Fill,
    Stroke(u32),
    Letters(i32),
}

/// A picture that is being written.
pub struct Svg {
    text: String,
    size: (u32, u32),
    group: Option<(Look, (u8, u8, u8), u32)>,
}

impl Svg {
    /// An empty picture of some pixels of a page, named by `label`.
    pub fn new((width, height): (u32, u32), label: &str) -> Self {
        let mut text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" role=\"img\" aria-label=\"{}\" viewBox=\"0 0 {width} {height}\" \
             width=\"{width}\" height=\"{height}\" font-family=\"{FAMILIES}\">",
            escaped(label)
        );
        text.reserve(16_384);
        let size = (width * SCALE as u32, height * SCALE as u32);
        Self {
            text,
            size,
            group: None,
        }
    }

    /// The whole document.
    pub fn finish(mut self) -> String {
        if self.group.is_some() {
            self.text.push_str("</g>");
        }
        self.text.push_str("</svg>");
        self.text
    }

    /// Closes the group before and opens one for what follows, unless it looks the same.
    fn look(&mut self, look: Look, color: BackendColor) {
        let alpha = (color.alpha.clamp(0.0, 1.0) * 100.0).round() as u32;
        let group = (look, color.rgb, alpha);
        if self.group == Some(group) {
            return;
        }
        if self.group.is_some() {
            self.text.push_str("</g>");
        }
        self.group = Some(group);
        self.text.push_str("<g ");
        let paint = paint(color.rgb);
        let of = match look {
            Look::Fill => {
                let _ = write!(self.text, "fill=\"{paint}\"");
                "fill"
            }
            Look::Letters(size) => {
                let _ = write!(self.text, "fill=\"{paint}\" font-size=\"");
                tenths(&mut self.text, size);
                self.text.push('"');
                "fill"
            }
            Look::Stroke(width) => {
                let _ = write!(
                    self.text,
                    "fill=\"none\" stroke-linejoin=\"round\" stroke=\"{paint}\" stroke-width=\""
                );
                tenths(&mut self.text, i32::try_from(width).unwrap_or(10));
                self.text.push('"');
                "stroke"
            }
        };
        if alpha < 100 {
            let _ = write!(self.text, " {of}-opacity=\"{}\"", f64::from(alpha) / 100.0);
        }
        self.text.push('>');
    }

    fn attribute(&mut self, name: &str, value: i32) {
        self.text.push(' ');
        self.text.push_str(name);
        self.text.push_str("=\"");
        tenths(&mut self.text, value);
        self.text.push('"');
    }

    /// A path whose steps are relative, which keeps them short.
    fn path(&mut self, points: impl IntoIterator<Item = BackendCoord>, end: &str) {
        let mut before: Option<BackendCoord> = None;
        self.text.push_str("<path d=\"");
        for (x, y) in points {
            match before {
                None => self.step('M', &[x, y]),
                Some((from, level)) if level == y => self.step('h', &[x - from]),
                Some((upright, from)) if upright == x => self.step('v', &[y - from]),
                Some((left, top)) => self.step('l', &[x - left, y - top]),
            }
            before = Some((x, y));
        }
        self.text.push_str(end);
        self.text.push_str("\"/>");
    }

    fn step(&mut self, letter: char, numbers: &[i32]) {
        self.text.push(letter);
        for (at, number) in numbers.iter().enumerate() {
            if at > 0 && *number >= 0 {
                self.text.push(' ');
            }
            tenths(&mut self.text, *number);
        }
    }
}

/// `var(--chart-blue,#0072b2)`: the page's own colour, or that of light paper.
fn paint(rgb: (u8, u8, u8)) -> String {
    let ink = Ink::ALL
        .into_iter()
        .find(|ink| ink.rgb(Theme::Light) == rgb);
    match ink {
        Some(ink) => format!("var({},{})", ink.property(), hex(rgb)),
        None => hex(rgb),
    }
}

/// A number of tenths, as short as can be: `12`, `12.3`, `-.5`.
fn tenths(text: &mut String, number: i32) {
    if number < 0 {
        text.push('-');
    }
    let (whole, rest) = (
        number.unsigned_abs() / 10,
        (number.unsigned_abs() % 10) as u8,
    );
    if whole > 0 || rest == 0 {
        let mut digits = [0_u8; 10];
        let mut left = whole;
        let mut n = 0;
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (left % 10) as u8;
            left /= 10;
            n += 1;
            if left == 0 {
                break;
            }
        }
        text.extend(digits.iter().skip(10 - n).map(|digit| char::from(*digit)));
    }
    if rest > 0 {
        text.push('.');
        text.push(char::from(b'0' + rest));
    }
}

/// Text as it may stand in an element or between quotes.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // characters that XML 1.0 has no place for
            '\u{0}'..='\u{1f}' | '\u{7f}' | '\u{fffe}' | '\u{ffff}' => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

impl DrawingBackend for Svg {
    type ErrorType = std::fmt::Error;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, at: BackendCoord, color: BackendColor) -> Drawn {
        self.draw_rect(at, at, &color, true)
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let look = if fill {
            Look::Fill
        } else {
            Look::Stroke(style.stroke_width())
        };
        self.look(look, style.color());
        self.text.push_str("<rect");
        self.attribute("x", upper_left.0);
        self.attribute("y", upper_left.1);
        // the lower right corner is inside
        self.attribute("width", bottom_right.0 - upper_left.0 + 1);
        self.attribute("height", bottom_right.1 - upper_left.1 + 1);
        self.text.push_str("/>");
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        self.look(Look::Stroke(style.stroke_width()), style.color());
        self.path(path, "");
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let look = if fill {
            Look::Fill
        } else {
            Look::Stroke(style.stroke_width())
        };
        self.look(look, style.color());
        self.text.push_str("<circle");
        self.attribute("cx", center.0);
        self.attribute("cy", center.1);
        self.attribute("r", i32::try_from(radius).unwrap_or(0));
        self.text.push_str("/>");
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        points: I,
        style: &S,
    ) -> Drawn {
        self.look(Look::Fill, style.color());
        self.path(points, "z");
        Ok(())
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<std::fmt::Error>> {
        let em = style.size() / SIZE_PER_EM;
        Ok((lettering::width(text, em).ceil() as u32, em.ceil() as u32))
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, at: BackendCoord) -> Drawn {
        let em = style.size() / SIZE_PER_EM;
        self.look(Look::Letters(em.round() as i32), style.color());
        let drop = match style.anchor().v_pos {
            VPos::Top => f64::from(CAPITALS) * em,
            VPos::Center => f64::from(CAPITALS) * em / 2.0,
            VPos::Bottom => 0.0,
        };
        let drop = drop.round() as i32;
        let is_upright = matches!(style.transform(), FontTransform::Rotate270);
        let (x, y) = if is_upright {
            (at.0 + drop, at.1)
        } else {
            (at.0, at.1 + drop)
        };
        self.text.push_str("<text");
        self.attribute("x", x);
        self.attribute("y", y);
        match style.anchor().h_pos {
            HPos::Left => {}
            HPos::Center => self.text.push_str(" text-anchor=\"middle\""),
            HPos::Right => self.text.push_str(" text-anchor=\"end\""),
        }
        if is_upright {
            self.text.push_str(" transform=\"rotate(-90 ");
            tenths(&mut self.text, x);
            self.text.push(' ');
            tenths(&mut self.text, y);
            self.text.push_str(")\"");
        }
        self.text.push('>');
        self.text.push_str(&escaped(text));
        self.text.push_str("</text>");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        for (number, expected) in [
            (0, "0"),
            (5, ".5"),
            (-5, "-.5"),
            (120, "12"),
            (123, "12.3"),
            (-1_204, "-120.4"),
            (i32::MAX, "214748364.7"),
            (i32::MIN, "-214748364.8"),
        ] {
            let mut text = String::new();
            tenths(&mut text, number);
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn text_is_text_whatever_it_holds() {
        assert_eq!(
            escaped("a<script>\"&'\u{0}\u{ffff}é"),
            "a&lt;script&gt;&quot;&amp;&#39;  é"
        );
    }

    #[test]
    fn an_ink_is_a_property_and_another_colour_is_itself() {
        assert_eq!(
            paint(Ink::Blue.rgb(Theme::Light)),
            "var(--chart-blue,#0072b2)"
        );
        assert_eq!(paint((1, 2, 3)), "#010203");
    }
}
