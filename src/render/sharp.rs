//! A drawing surface whose text and lines are sharp: plotters' own glyph drawing drops the side bearings and rounds every
//! advance, so that numbers fall apart; its thick lines are polygons with rough edges that cross themselves. Here each glyph is
//! placed where the font wants it, and every shape is filled by the rasterizer of the glyphs.

use ab_glyph::{Font, FontRef, GlyphId, PxScale, ScaleFont, point};
use ab_glyph_rasterizer::{Point, Rasterizer, point as corner};
use plotters::prelude::{BitMapBackend, DrawingBackend};
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingErrorKind,
};

/// The font of all charts: a subset of DejaVu Sans (its licence stands beside it in `data/fonts`).
pub const FONT: &[u8] = include_bytes!("../../data/fonts/DejaVuSans-subset.ttf");

/// What plotters calls the size of a font, divided by the size of its em.
pub const SIZE_PER_EM: f64 = 1.24;
/// Height of capitals in ems, in this font.
pub const CAPITALS: f32 = 0.73;
/// Shades between a colour and the one below it: nobody sees more, and few colours make a small picture.
const SHADES: f32 = 16.0;

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

    fn fill(&mut self, outline: &Outline, color: BackendColor) -> Drawn {
        let (width, height) = self.bitmap.get_size();
        let (left, top) = (outline.left.max(0), outline.top.max(0));
        let right = outline.right.min(width.try_into().unwrap_or(i32::MAX));
        let bottom = outline.bottom.min(height.try_into().unwrap_or(i32::MAX));
        if left >= right || top >= bottom {
            return Ok(());
        }
        // one more on each side: what touches the border stays inside
        let size = ((right - left) as usize + 2, (bottom - top) as usize + 1);
        let mut raster = Rasterizer::new(size.0, size.1);
        let inside = |at: Point| {
            corner(
                (at.x - left as f32).clamp(0.0, (right - left) as f32),
                (at.y - top as f32).clamp(0.0, (bottom - top) as f32),
            )
        };
        for (from, to) in &outline.sides {
            raster.draw_line(inside(*from), inside(*to));
        }
        let mut drawn = Ok(());
        let (mut x, mut y) = (left - 1, top);
        raster.for_each_pixel(|_, coverage| {
            x += 1;
            if x == left + size.0 as i32 {
                (x, y) = (left, y + 1);
            }
            // most of a box around a line is empty
            if coverage * SHADES < 0.5 || drawn.is_err() {
                return;
            }
            let (at, share) = ((x, y), shade(coverage));
            drawn = self.bitmap.draw_pixel(at, color.mix(share));
        });
        drawn
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

/// Straight lines around what is filled, in one direction of turning, and the box of pixels that they are in.
struct Outline {
    sides: Vec<(Point, Point)>,
    left: i32,
    top: i32,
    right: i32,
    bottom: i32,
}

impl Outline {
    fn new() -> Self {
        Self {
            sides: Vec::new(),
            left: i32::MAX,
            top: i32::MAX,
            right: i32::MIN,
            bottom: i32::MIN,
        }
    }

    fn close(&mut self, corners: &[(f32, f32)]) {
        let Some(mut before) = corners.last().copied() else {
            return;
        };
        for at in corners {
            self.sides
                .push((corner(before.0, before.1), corner(at.0, at.1)));
            self.left = self.left.min(at.0.floor() as i32);
            self.right = self.right.max(at.0.ceil() as i32);
            self.top = self.top.min(at.1.floor() as i32);
            self.bottom = self.bottom.max(at.1.ceil() as i32);
            before = *at;
        }
    }

    /// A circle, as far as pixels can tell.
    fn disc(&mut self, (x, y): (f32, f32), radius: f32, is_reversed: bool) {
        let n = if radius < 3.0 { 10 } else { 28 };
        let turn = std::f32::consts::TAU / n as f32;
        let corners: Vec<(f32, f32)> = (0..n)
            .map(|at| {
                let angle = turn * if is_reversed { n - at } else { at } as f32;
                (x + radius * angle.cos(), y + radius * angle.sin())
            })
            .collect();
        self.close(&corners);
    }

    /// A stroke with round joins and blunt ends. Every part turns in the same direction, so that what they share is filled once.
    fn stroke(&mut self, points: &[(f32, f32)], width: f32) {
        let half = width / 2.0;
        for (from, to) in points.iter().zip(points.iter().skip(1)) {
            let (dx, dy) = (to.0 - from.0, to.1 - from.1);
            let length = dx.hypot(dy);
            if length <= f32::EPSILON {
                continue;
            }
            let (x, y) = (-dy / length * half, dx / length * half);
            self.close(&[
                (from.0 - x, from.1 - y),
                (to.0 - x, to.1 - y),
                (to.0 + x, to.1 + y),
                (from.0 + x, from.1 + y),
            ]);
        }
        if half > 0.8 {
            let joints = points.get(1..points.len().saturating_sub(1));
            for joint in joints.unwrap_or_default() {
                self.disc(*joint, half, false);
            }
        }
    }
}

/// Coverage in few steps; none where it would not be seen.
fn shade(coverage: f32) -> f64 {
    f64::from((coverage.min(1.0) * SHADES).round() / SHADES)
}

/// Where the rasterizer has a corner of pixels.
fn place(at: BackendCoord) -> (f32, f32) {
    (at.0 as f32, at.1 as f32)
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

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let points: Vec<(f32, f32)> = path.into_iter().map(place).collect();
        let mut outline = Outline::new();
        outline.stroke(&points, style.stroke_width() as f32);
        self.fill(&outline, style.color())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        points: I,
        style: &S,
    ) -> Drawn {
        let points: Vec<(f32, f32)> = points.into_iter().map(place).collect();
        let mut outline = Outline::new();
        outline.close(&points);
        self.fill(&outline, style.color())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let (center, radius) = (place(center), radius as f32);
        let mut outline = Outline::new();
        if fill {
            outline.disc(center, radius, false);
        } else {
            let half = style.stroke_width() as f32 / 2.0;
            outline.disc(center, radius + half, false);
            outline.disc(center, (radius - half).max(0.0), true);
        }
        self.fill(&outline, style.color())
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
                let share = shade(coverage);
                if share <= 0.0 || drawn.is_err() {
                    return;
                }
                let (x, y) = style
                    .transform()
                    .transform(corner.x as i32 + x as i32, corner.y as i32 + y as i32);
                drawn = self
                    .bitmap
                    .draw_pixel((at.0 + x, at.1 + y), color.mix(share));
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
