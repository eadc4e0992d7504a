//! Charts: one description, drawn as SVG for pages and as PNG for mail. Colours are those of Okabe and Ito, what colours say
//! shapes say too, names stand beside what they name where there is room, and every caption has n and the source.

mod area;
mod canvas;
mod changes;
mod days;
mod decimate;
mod index;
mod ink;
mod key;
mod lag;
mod latency;
mod lettering;
mod matrix;
mod picture;
mod plane;
mod prices;
mod retirements;
mod rows;
mod scale;
mod svg;
mod uptime;

use plotters::prelude::DrawingBackend;

pub use changes::{Changes, Part};
pub use days::{Class, Days};
pub use index::{Index, IndexSeries};
pub use ink::{Ink, Theme, css};
pub use lag::{Lag, LagRow, Parity};
pub use latency::{Latency, LatencyPoint};
pub use lettering::{tame, width};
pub use matrix::{Cell, Matrix, MatrixRow};
pub use prices::{Amount, PriceSeries, PriceStep, Prices};
pub use retirements::{Retirement, Retirements};
pub use uptime::{State, Uptime, UptimeRow};

use area::Area;
use canvas::{BODY, Canvas, LINE, SMALL, Side, TITLE};
use lettering::wrap;
use svg::Svg;

use super::line::{grouped, one_line};
use super::sharp::Sharp;

/// Pixels of a PNG to a pixel of a page.
const SHARP: u32 = 2;
/// From the border to what is drawn.
const MARGIN: f64 = 12.0;
/// Characters of the longest description in words.
const WORDS: usize = 1_500;
/// Lines of the longest caption.
const CAPTION: usize = 3;

/// Why there is no chart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The font that is compiled in cannot be read.
    #[error("the chart's font cannot be read")]
    Font,
    /// The last day does not come after the first, or ten years after it.
    #[error("a chart spans 1 to {most} days, not {0}", most = days::MOST_DAYS)]
    Span(i64),
    /// The drawing failed.
    #[error("the chart could not be drawn: {0}")]
    Drawing(String),
    /// The picture could not be encoded.
    #[error("the chart could not be encoded: {0}")]
    Encoding(String),
}

/// Width and height in the pixels of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    width: u32,
    height: u32,
}

impl Size {
    /// Width of a chart on a page.
    pub const WIDE: u32 = 688;
    /// Width of a chart in a mail, which is as wide as its reader's screen lets it be: letters stay legible on a telephone.
    pub const MAIL: u32 = 540;
    /// Width of a chart on a telephone.
    pub const NARROW: u32 = 344;

    /// A size; from 240 to 2,400 pixels wide, from 120 to 2,400 high.
    pub fn new(width: u32, height: u32) -> Self {
        Self {
            width: width.clamp(240, 2_400),
            height: height.clamp(120, 2_400),
        }
    }

    /// Pixels from left to right.
    pub fn width(self) -> u32 {
        self.width
    }

    /// Pixels from top to bottom.
    pub fn height(self) -> u32 {
        self.height
    }
}

/// A chart before it is drawn.
#[derive(Debug, Clone)]
pub struct Chart {
    /// What is shown: `Price of claude-sonnet-4.5`. May be foreign text, as every text of a chart.
    pub title: String,
    /// The unit of its axis: `USD per 1M output tokens`. Empty where there is none.
    pub unit: String,
    /// How many of what `counted` names it was drawn from.
    pub n: u64,
    /// What `n` counts, in the plural: `readings`.
    pub counted: String,
    /// Where the figures come from: `Azure price list, models.dev`.
    pub source: String,
    /// What is drawn.
    pub body: Body,
}

/// The kinds of charts.
#[derive(Debug, Clone)]
pub enum Body {
    /// Which model can be had where.
    Matrix(Matrix),
    /// Prices as steps.
    Prices(Prices),
    /// Baskets of prices, base 100.
    Index(Index),
    /// Percentiles of latency as bands.
    Latency(Latency),
    /// How sources and endpoints stood, as strips.
    Uptime(Uptime),
    /// What was added and removed, as bars.
    Changes(Changes),
    /// How long models took to come to providers, as dots.
    Lag(Lag),
    /// When models end, on a time line.
    Retirements(Retirements),
}

/// How high a part of a picture should be.
#[derive(Debug, Clone, Copy)]
struct Heights {
    /// So that something can be seen.
    least: f64,
    /// So that everything is shown.
    all: f64,
}

impl Heights {
    /// For the sentence that there is nothing to show.
    const NOTHING: Self = Self {
        least: 80.0,
        all: 80.0,
    };

    /// Of rows, and what is around them.
    fn of_rows(around: f64, row: f64, rows: usize) -> Self {
        Self {
            least: around + row,
            all: around + row * rows as f64,
        }
    }
}

/// What each kind of chart can do.
trait Kind {
    /// What is seen, for those who do not see it; `unit` is the chart's.
    fn in_words(&self, unit: &str) -> String;

    /// How high its part of the picture should be at a width.
    fn heights(&self, width: f64) -> Heights;

    /// What the caption has to say about how it is drawn, and what is left out.
    fn notes(&self, area: Area) -> Vec<String>;

    /// Draws it inside an area.
    fn draw<B: DrawingBackend>(&self, canvas: &mut Canvas<'_, B>, area: Area);
}

/// The same for every kind.
macro_rules! each {
    ($body:expr, $kind:ident => $what:expr) => {
        match $body {
            Body::Matrix($kind) => $what,
            Body::Prices($kind) => $what,
            Body::Index($kind) => $what,
            Body::Latency($kind) => $what,
            Body::Uptime($kind) => $what,
            Body::Changes($kind) => $what,
            Body::Lag($kind) => $what,
            Body::Retirements($kind) => $what,
        }
    };
}

/// Where the parts of a picture are.
struct Layout {
    title: Vec<String>,
    unit: Vec<String>,
    caption: Vec<String>,
    body: Area,
    height: f64,
}

impl Chart {
    /// The size that shows everything at a width, up to 2,400 pixels high.
    pub fn fitting(&self, width: u32) -> Size {
        // what the caption says, and so its height, depends on what is left out
        (0..2).fold(Size::new(width, 120), |size, _| {
            let layout = self.layout(size);
            let body = self.heights(layout.body.width()).all;
            let around = layout.height - layout.body.height();
            Size::new(width, (around + body).ceil() as u32)
        })
    }

    fn heights(&self, width: f64) -> Heights {
        each!(&self.body, kind => kind.heights(width))
    }

    /// For a page: one `svg` element, which scales with its container and follows the custom properties of [`css`]. It is never
    /// lower than its title, its caption and a little of its content need.
    ///
    /// # Errors
    /// If the drawing fails.
    pub fn to_svg(&self, size: Size) -> Result<String, Error> {
        let layout = self.layout(size);
        let pixels = (size.width, layout.height.ceil() as u32);
        let mut surface = Svg::new(pixels, &self.in_words());
        self.draw(&mut surface, svg::SCALE, Theme::Light, &layout)?;
        Ok(surface.finish())
    }

    /// For a mail: a PNG with twice the pixels of `size`.
    ///
    /// # Errors
    /// If drawing or encoding fails.
    pub fn to_png(&self, size: Size, theme: Theme) -> Result<Vec<u8>, Error> {
        self.to_png_at(size, theme, SHARP)
    }

    /// The same with `scale` pixels to one of a page: 1 where size matters more than sharpness.
    ///
    /// # Errors
    /// If drawing or encoding fails.
    pub fn to_png_at(&self, size: Size, theme: Theme, scale: u32) -> Result<Vec<u8>, Error> {
        let scale = scale.clamp(1, 3);
        let layout = self.layout(size);
        let pixels = (size.width * scale, layout.height.ceil() as u32 * scale);
        let (red, green, blue) = Ink::Paper.rgb(theme);
        let mut buffer = [red, green, blue].repeat(pixels.0 as usize * pixels.1 as usize);
        let mut surface = Sharp::new(&mut buffer, pixels).ok_or(Error::Font)?;
        self.draw(&mut surface, f64::from(scale), theme, &layout)?;
        drop(surface);
        picture::encode(&buffer, pixels)
    }

    /// What the picture shows, for those who do not see it: its title, then the first, the last and the extremes.
    pub fn in_words(&self) -> String {
        let words = each!(&self.body, kind => kind.in_words(&self.unit));
        one_line(&format!("{}: {words}", one_line(&self.title, 120)), WORDS)
    }

    fn layout(&self, size: Size) -> Layout {
        let (width, height) = (f64::from(size.width), f64::from(size.height));
        let room = width - 2.0 * MARGIN;
        let title = wrap(&self.title, TITLE, room, 2);
        let unit = wrap(&self.unit, BODY, room, 1);
        let top = MARGIN + 21.0 * title.len() as f64 + 18.0 * unit.len() as f64 + 5.0;
        let least = self.heights(room).least;
        let body = |lines: usize| {
            let below = MARGIN + LINE * lines as f64 - 2.0;
            let bottom = (height - below).max(top + least);
            (
                Area::new(MARGIN, top, width - MARGIN, bottom),
                bottom + below,
            )
        };
        // how much is left out depends on the height, and the height of the caption on that
        let mut caption = vec![String::new()];
        for _ in 0..2 {
            let (area, _) = body(caption.len());
            let notes = each!(&self.body, kind => kind.notes(area));
            caption = wrap(&self.caption(&notes), SMALL, room, CAPTION);
        }
        let (body, height) = body(caption.len());
        Layout {
            title,
            unit,
            caption,
            body,
            height,
        }
    }

    fn caption(&self, notes: &[String]) -> String {
        let n = grouped(usize::try_from(self.n).unwrap_or(usize::MAX));
        let mut parts = vec![format!("n\u{a0}=\u{a0}{n}\u{a0}{}", self.counted)];
        if !self.source.is_empty() {
            parts.push(format!("source: {}", self.source));
        }
        // the notes come first: the longest source must not cut what the picture leaves out
        notes
            .iter()
            .cloned()
            .chain(parts)
            .collect::<Vec<_>>()
            .join(" · ")
    }

    fn draw<B: DrawingBackend>(
        &self,
        backend: &mut B,
        scale: f64,
        theme: Theme,
        layout: &Layout,
    ) -> Result<(), Error> {
        let mut canvas = Canvas::new(backend, scale, theme);
        let mut y = MARGIN + 8.0;
        for line in &layout.title {
            canvas.text(line, (MARGIN, y), TITLE, Ink::Text, Side::Start);
            y += 21.0;
        }
        for line in &layout.unit {
            canvas.text(line, (MARGIN, y), BODY, Ink::Quiet, Side::Start);
        }
        each!(&self.body, kind => kind.draw(&mut canvas, layout.body));
        let mut y = layout.body.bottom + 9.0;
        for line in &layout.caption {
            canvas.text(line, (MARGIN, y), SMALL, Ink::Quiet, Side::Start);
            y += LINE;
        }
        canvas.finish().map_err(Error::Drawing)
    }
}

#[cfg(test)]
mod tests;
