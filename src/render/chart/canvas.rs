//! What every kind of chart draws with: fills, strokes, marks and text in the pixels of a page, on any backend of plotters.

use std::convert::Infallible;

use plotters::prelude::DrawingBackend;
use plotters_backend::text_anchor::{HPos, Pos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, FontFamily, FontStyle,
    FontTransform,
};

use super::area::Area;
use super::ink::{Ink, Theme};
use super::lettering;
use crate::render::sharp::SIZE_PER_EM;

/// Size of an em of titles.
pub const TITLE: f64 = 16.0;
/// Size of an em of labels.
pub const BODY: f64 = 12.0;
/// Size of an em of what axes and captions say.
pub const SMALL: f64 = 11.0;
/// From one line of small text to the next.
pub const LINE: f64 = 15.0;

/// The form of a mark: with its colour, so that neither has to be told apart alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// A filled circle.
    Dot,
    /// An empty circle.
    Ring,
    /// A filled square.
    Square,
    /// An empty square.
    Frame,
    /// A filled square that stands on its corner.
    Diamond,
    /// A filled triangle that points up.
    Up,
    /// A filled triangle that points down.
    Down,
    /// An empty triangle that points to the right.
    Right,
    /// A filled triangle that points to the left.
    Left,
    /// Two crossed strokes.
    Cross,
    /// A level stroke.
    Dash,
}

/// Where a text stands relative to its point; its height is always centred on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// It begins there.
    Start,
    /// It is centred there.
    Middle,
    /// It ends there.
    End,
}

/// A backend with a scale and a theme. The first failure is kept until [`Canvas::finish`]; what comes after it is not drawn.
pub struct Canvas<'a, B: DrawingBackend> {
    backend: &'a mut B,
    scale: f64,
    theme: Theme,
    failed: Option<String>,
}

struct Stroke {
    color: BackendColor,
    width: u32,
}

impl BackendStyle for Stroke {
    fn color(&self) -> BackendColor {
        self.color
    }

    fn stroke_width(&self) -> u32 {
        self.width
    }
}

impl<'a, B: DrawingBackend> Canvas<'a, B> {
    /// Draws on `backend`, which has `scale` of its units to a pixel of a page.
    pub fn new(backend: &'a mut B, scale: f64, theme: Theme) -> Self {
        Self {
            backend,
            scale,
            theme,
            failed: None,
        }
    }

    /// What failed first.
    pub fn finish(self) -> Result<(), String> {
        match self.failed {
            Some(failed) => Err(failed),
            None => self.backend.present().map_err(|error| error.to_string()),
        }
    }

    fn on<E: std::fmt::Display>(&mut self, draw: impl FnOnce(&mut B) -> Result<(), E>) {
        if self.failed.is_none() {
            self.failed = draw(self.backend).err().map(|error| error.to_string());
        }
    }

    fn unit(&self, at: f64) -> i32 {
        (at * self.scale).round() as i32
    }

    fn point(&self, (x, y): (f64, f64)) -> BackendCoord {
        (self.unit(x), self.unit(y))
    }

    fn color(&self, ink: Ink, alpha: f64) -> BackendColor {
        BackendColor {
            alpha,
            rgb: ink.rgb(self.theme),
        }
    }

    fn stroke(&self, ink: Ink, width: f64) -> Stroke {
        Stroke {
            color: self.color(ink, 1.0),
            width: self.unit(width).max(1).unsigned_abs(),
        }
    }

    /// Fills a rectangle.
    pub fn fill(&mut self, area: Area, ink: Ink) {
        self.tint(area, ink, 1.0);
    }

    /// Fills a rectangle so that what is below shows through.
    pub fn tint(&mut self, area: Area, ink: Ink, alpha: f64) {
        let from = self.point((area.left, area.top));
        let (right, bottom) = self.point((area.right, area.bottom));
        // the backend's corner is inside
        let to = (right - 1, bottom - 1);
        if to.0 < from.0 || to.1 < from.1 {
            return;
        }
        let color = self.color(ink, alpha);
        self.on(|backend| backend.draw_rect(from, to, &color, true));
    }

    /// The four sides of a rectangle, inside it.
    pub fn frame(&mut self, area: Area, ink: Ink, width: f64) {
        let Area {
            left,
            top,
            right,
            bottom,
        } = area;
        self.fill(Area::new(left, top, right, top + width), ink);
        self.fill(Area::new(left, bottom - width, right, bottom), ink);
        self.fill(
            Area::new(left, top + width, left + width, bottom - width),
            ink,
        );
        self.fill(
            Area::new(right - width, top + width, right, bottom - width),
            ink,
        );
    }

    /// A level line, one pixel thick.
    pub fn level(&mut self, (left, right): (f64, f64), y: f64, ink: Ink) {
        let y = y.round();
        self.fill(Area::new(left, y, right, y + 1.0), ink);
    }

    /// An upright line, one pixel thick.
    pub fn upright(&mut self, x: f64, (top, bottom): (f64, f64), ink: Ink) {
        let x = x.round();
        self.fill(Area::new(x, top, x + 1.0, bottom), ink);
    }

    /// An upright line of dashes, one pixel thick.
    pub fn upright_dashes(&mut self, x: f64, (top, bottom): (f64, f64), ink: Ink) {
        let mut y = top;
        while y < bottom {
            self.upright(x, (y, (y + 4.0).min(bottom)), ink);
            y += 7.0;
        }
    }

    /// A level line of dashes.
    pub fn level_dashes(&mut self, (left, right): (f64, f64), y: f64, thick: f64, ink: Ink) {
        let mut x = left;
        while x < right {
            let dash = Area::new(x, y - thick / 2.0, (x + 5.0).min(right), y + thick / 2.0);
            self.fill(dash, ink);
            x += 8.0;
        }
    }

    /// A line through points.
    pub fn line(&mut self, points: &[(f64, f64)], ink: Ink, width: f64) {
        let points = self.points(points);
        if points.len() < 2 {
            return;
        }
        let stroke = self.stroke(ink, width);
        self.on(|backend| backend.draw_path(points, &stroke));
    }

    /// Fills the polygon between points so that what is below shows through.
    pub fn polygon(&mut self, points: &[(f64, f64)], ink: Ink, alpha: f64) {
        let points = self.points(points);
        if points.len() < 3 {
            return;
        }
        let color = self.color(ink, alpha);
        self.on(|backend| backend.fill_polygon(points, &color));
    }

    /// Backends divide by the distance of two neighbours, which must therefore differ.
    fn points(&self, points: &[(f64, f64)]) -> Vec<BackendCoord> {
        let mut rounded: Vec<BackendCoord> = points.iter().map(|at| self.point(*at)).collect();
        rounded.dedup();
        rounded
    }

    /// A mark of a radius around a point.
    pub fn mark(&mut self, mark: Mark, at: (f64, f64), radius: f64, ink: Ink) {
        let (x, y) = at;
        let r = radius;
        let corners = |corners: &[(f64, f64)]| -> Vec<(f64, f64)> {
            corners
                .iter()
                .map(|(dx, dy)| (x + dx * r, y + dy * r))
                .collect()
        };
        let box_around = |r: f64| Area::new(x - r, y - r, x + r, y + r);
        match mark {
            Mark::Dot => self.circle(at, r, ink, None),
            Mark::Ring => self.circle(at, r - 0.8, ink, Some(1.6)),
            Mark::Square => self.fill(box_around(r * 0.88), ink),
            Mark::Frame => self.frame(box_around(r * 0.88), ink, 1.5),
            Mark::Diamond => {
                let corners = corners(&[(0.0, -1.2), (1.2, 0.0), (0.0, 1.2), (-1.2, 0.0)]);
                self.polygon(&corners, ink, 1.0);
            }
            Mark::Up => {
                let corners = corners(&[(0.0, -1.1), (1.1, 0.85), (-1.1, 0.85)]);
                self.polygon(&corners, ink, 1.0);
            }
            Mark::Down => {
                let corners = corners(&[(0.0, 1.1), (1.1, -0.85), (-1.1, -0.85)]);
                self.polygon(&corners, ink, 1.0);
            }
            Mark::Left => {
                let corners = corners(&[(-1.1, 0.0), (0.85, 1.1), (0.85, -1.1)]);
                self.polygon(&corners, ink, 1.0);
            }
            Mark::Right => {
                let corners = corners(&[
                    (1.1, 0.0),
                    (-0.8, -1.0),
                    (-0.8, 1.0),
                    (1.1, 0.0),
                    (-0.8, -1.0),
                ]);
                self.line(&corners, ink, 1.6);
            }
            Mark::Cross => {
                self.line(&corners(&[(-0.9, -0.9), (0.9, 0.9)]), ink, 2.0);
                self.line(&corners(&[(-0.9, 0.9), (0.9, -0.9)]), ink, 2.0);
            }
            Mark::Dash => self.fill(Area::new(x - r * 0.7, y - 0.8, x + r * 0.7, y + 0.7), ink),
        }
    }

    fn circle(&mut self, at: (f64, f64), radius: f64, ink: Ink, width: Option<f64>) {
        let at = self.point(at);
        let radius = self.unit(radius).max(1).unsigned_abs();
        let stroke = self.stroke(ink, width.unwrap_or(1.0));
        self.on(|backend| backend.draw_circle(at, radius, &stroke, width.is_none()));
    }

    /// One line of text; the caller has seen to it that it fits.
    pub fn text(&mut self, text: &str, at: (f64, f64), size: f64, ink: Ink, side: Side) {
        self.letters(text, at, (size, ink, side), FontTransform::None);
    }

    /// One line of text that is read from below; `side` is along the line.
    pub fn text_upwards(&mut self, text: &str, at: (f64, f64), size: f64, ink: Ink, side: Side) {
        self.letters(text, at, (size, ink, side), FontTransform::Rotate270);
    }

    fn letters(
        &mut self,
        text: &str,
        at: (f64, f64),
        (size, ink, side): (f64, Ink, Side),
        transform: FontTransform,
    ) {
        if text.is_empty() {
            return;
        }
        let letters = Letters {
            size: size * self.scale,
            color: self.color(ink, 1.0),
            side,
            transform,
        };
        let at = self.point(at);
        self.on(|backend| backend.draw_text(text, &letters, at));
    }
}

/// How a text looks.
struct Letters {
    size: f64,
    color: BackendColor,
    side: Side,
    transform: FontTransform,
}

impl BackendTextStyle for Letters {
    type FontError = Infallible;

    fn color(&self) -> BackendColor {
        self.color
    }

    fn size(&self) -> f64 {
        self.size * SIZE_PER_EM
    }

    fn transform(&self) -> FontTransform {
        self.transform.clone()
    }

    fn style(&self) -> FontStyle {
        FontStyle::Normal
    }

    fn anchor(&self) -> Pos {
        let along = match self.side {
            Side::Start => HPos::Left,
            Side::Middle => HPos::Center,
            Side::End => HPos::Right,
        };
        Pos::new(along, VPos::Center)
    }

    fn family(&self) -> FontFamily<'_> {
        FontFamily::SansSerif
    }

    fn layout_box(&self, text: &str) -> Result<((i32, i32), (i32, i32)), Infallible> {
        let width = lettering::width(text, self.size).ceil();
        Ok(((0, 0), (width as i32, self.size.ceil() as i32)))
    }

    /// Both surfaces set type themselves.
    fn draw<E, D: FnMut(i32, i32, BackendColor) -> Result<(), E>>(
        &self,
        _: &str,
        _: BackendCoord,
        _: D,
    ) -> Result<Result<(), E>, Infallible> {
        Ok(Ok(()))
    }
}
