//! A drawing surface whose text is sharp: plotters' own glyph drawing drops the side bearings and rounds every advance, so
//! that numbers fall apart. Here each glyph is placed where the font wants it.

use ab_glyph::{Font, FontRef, GlyphId, PxScale, ScaleFont, point};
use plotters::prelude::{BitMapBackend, DrawingBackend};
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingErrorKind,
};

/// The font of all charts: a subset of DejaVu Sans (its licence stands beside it in `data/fonts`).
pub const FONT: &[u8] = include_bytes!("../../data/fonts/DejaVuSans-subset.ttf");

/// What plotters calls the size of a font, divided by the size of its em.
const SIZE_PER_EM: f64 = 1.24;
/// Height of capitals in ems, in this font.
const CAPITALS: f32 = 0.73;
/// Coverage below which a pixel is not worth blending.
const FAINT: f32 = 0.004;

type DrawingError = <BitMapBackend<'static> as DrawingBackend>::ErrorType;
type Drawn = Result<(), DrawingErrorKind<DrawingError>>;

/// A bitmap of RGB bytes.
pub struct Sharp<'a> {
    bitmap: BitMapBackend<'a>,
    font: FontRef<'static>,
}

impl<'a> Sharp<'a> {
    /// Draws into `buffer`, which holds three bytes a pixel of a picture of `size`. `None` if the font cannot be read or the
    /// buffer has another length.
    pub fn new(buffer: &'a mut [u8], size: (u32, u32)) -> Option<Self> {
        let bytes = u64::from(size.0) * u64::from(size.1) * 3;
        if u64::try_from(buffer.len()) != Ok(bytes) {
            return None;
        }
        let font = FontRef::try_from_slice(FONT).ok()?;
        Some(Self {
            bitmap: BitMapBackend::with_buffer(buffer, size),
            font,
        })
    }

    /// ab_glyph scales by the height from descent to ascent, not by the em.
    fn scale(&self, em: f32) -> PxScale {
        let units = self.font.units_per_em().unwrap_or(2048.0);
        PxScale::from(em * self.font.height_unscaled() / units)
    }

    /// Each glyph of `text` with its distance from the start, and the width of all, in pixels.
    fn layout(&self, text: &str, em: f32) -> (Vec<(GlyphId, f32)>, f32) {
        let scaled = self.font.as_scaled(self.scale(em));
        let mut glyphs: Vec<(GlyphId, f32)> = Vec::with_capacity(text.len());
        let mut at = 0.0;
        for c in text.chars() {
            let glyph = scaled.glyph_id(c);
            if let Some((previous, _)) = glyphs.last() {
                at += scaled.kern(*previous, glyph);
            }
            glyphs.push((glyph, at));
            at += scaled.h_advance(glyph);
        }
        (glyphs, at)
    }
}

fn em(size: f64) -> f32 {
    (size / SIZE_PER_EM) as f32
}

impl DrawingBackend for Sharp<'_> {
    type ErrorType = DrawingError;

    fn get_size(&self) -> (u32, u32) {
        self.bitmap.get_size()
    }

    fn ensure_prepared(&mut self) -> Drawn {
        self.bitmap.ensure_prepared()
    }

    fn present(&mut self) -> Drawn {
        self.bitmap.present()
    }

    fn draw_pixel(&mut self, at: BackendCoord, color: BackendColor) -> Drawn {
        self.bitmap.draw_pixel(at, color)
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Drawn {
        self.bitmap.draw_line(from, to, style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        self.bitmap.draw_rect(upper_left, bottom_right, style, fill)
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<DrawingError>> {
        let em = em(style.size());
        let (_, width) = self.layout(text, em);
        Ok((width.ceil() as u32, em.ceil() as u32))
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, at: BackendCoord) -> Drawn {
        let color = style.color();
        if color.alpha == 0.0 {
            return Ok(());
        }
        let em = em(style.size());
        let scale = self.scale(em);
        let (glyphs, width) = self.layout(text, em);
        let left = match style.anchor().h_pos {
            HPos::Left => 0.0,
            HPos::Right => -width,
            HPos::Center => -width / 2.0,
        };
        let baseline = match style.anchor().v_pos {
            VPos::Top => CAPITALS * em,
            VPos::Center => CAPITALS * em / 2.0,
            VPos::Bottom => 0.0,
        };
        for (glyph, distance) in glyphs {
            let placed =
                glyph.with_scale_and_position(scale, point(left + distance, baseline.round()));
            let Some(outline) = self.font.outline_glyph(placed) else {
                continue;
            };
            let corner = outline.px_bounds().min;
            let mut drawn = Ok(());
            outline.draw(|x, y, coverage| {
                if coverage <= FAINT || drawn.is_err() {
                    return;
                }
                let (x, y) = style
                    .transform()
                    .transform(corner.x as i32 + x as i32, corner.y as i32 + y as i32);
                let blended = BackendColor {
                    alpha: color.alpha * f64::from(coverage.min(1.0)),
                    rgb: color.rgb,
                };
                drawn = self.bitmap.draw_pixel((at.0 + x, at.1 + y), blended);
            });
            drawn?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use plotters::prelude::*;

    use super::*;

    fn ink(text: &str) -> usize {
        let mut buffer = vec![255_u8; 200 * 40 * 3];
        {
            let mut surface = Sharp::new(&mut buffer, (200, 40)).expect("a surface");
            let style = ("sans-serif", 20).into_text_style(&(200, 40));
            surface.draw_text(text, &style, (5, 5)).expect("drawn");
            surface.present().expect("presented");
        }
        buffer.iter().filter(|byte| **byte < 128).count()
    }

    #[test]
    fn text_leaves_ink_and_blanks_do_not() {
        assert_eq!(ink("  \u{a0}"), 0);
        assert!(ink("400.0") > 100);
        assert!(ink("→") > 10);
    }

    #[test]
    fn a_buffer_of_another_length_is_refused() {
        assert!(Sharp::new(&mut [0; 10], (2, 2)).is_none());
    }

    #[test]
    fn every_character_that_charts_write_has_a_glyph() {
        let font = FontRef::try_from_slice(FONT).expect("the font");
        let needed = ('0'..='9').chain('a'..='z').chain('A'..='Z');
        for c in needed.chain(" .,:;()%/–→−…·=\u{a0}".chars()) {
            assert!(font.glyph_id(c).0 != 0, "{c:?}");
        }
    }
}
