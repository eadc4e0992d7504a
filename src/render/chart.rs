//! Charts as PNG, at twice the size they are shown in: mail programs show neither SVG nor `data:` addresses.

use std::sync::OnceLock;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Unit};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontStyle, register_font};

use super::line::{counted, grouped};
use super::sharp::{FONT, Sharp};
use crate::market::{ChangeKind, RecordedChange};

/// Width of the picture in the pixels of a page; the PNG has twice as many.
pub const WIDTH: u32 = 688;
/// Height of the picture in the pixels of a page; the PNG has twice as many.
pub const HEIGHT: u32 = 300;
const SCALE: u32 = 2;
/// Bars that stand beside each other and can still be told apart.
const MOST_BARS: i64 = 62;
/// Days in the longest chart: ten years.
const MOST_DAYS: i64 = 3_660;
const FAMILY: &str = "bellwether";

/// Why there is no chart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The font that is compiled in cannot be read.
    #[error("the chart's font cannot be read")]
    Font,
    /// The last day does not come after the first, or ten years after it.
    #[error("a chart spans 1 to {MOST_DAYS} days, not {0}")]
    Span(i64),
    /// The drawing failed.
    #[error("the chart could not be drawn: {0}")]
    Drawing(String),
    /// The picture could not be encoded.
    #[error("the chart could not be encoded: {0}")]
    Encoding(String),
}

/// What a bar's parts stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Offerings that were added, returned or renamed.
    New,
    /// Offerings that were removed.
    Gone,
    /// Prices.
    Prices,
    /// Lifecycle dates and stages.
    Life,
    /// Everything else.
    Other,
}

impl Class {
    /// Every class, from the bottom of a bar to its top.
    pub const ALL: [Self; 5] = [Self::New, Self::Gone, Self::Prices, Self::Life, Self::Other];

    /// The class of a kind of change.
    pub fn of(kind: ChangeKind) -> Self {
        match kind {
            ChangeKind::OfferingAdded
            | ChangeKind::OfferingReturned
            | ChangeKind::OfferingRenamed => Self::New,
            ChangeKind::OfferingRemoved => Self::Gone,
            ChangeKind::PriceChanged => Self::Prices,
            ChangeKind::DateChanged | ChangeKind::StageChanged => Self::Life,
            _ => Self::Other,
        }
    }

    /// What the legend calls it.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Gone => "gone",
            Self::Prices => "prices",
            Self::Life => "dates and stages",
            Self::Other => "other",
        }
    }

    /// From the palette of Okabe and Ito, whose colours people of every colour vision tell apart.
    fn color(self) -> RGBColor {
        match self {
            Self::New => RGBColor(0, 158, 115),
            Self::Gone => RGBColor(213, 94, 0),
            Self::Prices => RGBColor(0, 114, 178),
            Self::Life => RGBColor(230, 159, 0),
            Self::Other => RGBColor(153, 153, 153),
        }
    }
}

/// The changes of a span of days, counted by day and class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Days {
    from: Date,
    /// Days that one bar stands for: more than one where a span has too many days to tell apart.
    width: i64,
    bars: Vec<[u32; 5]>,
    sources: usize,
}

impl Days {
    /// Counts changes by the day of `zone` on which they were recorded, from `from` to before `to`; others are left out.
    /// `sources` is how many were watched: the caption says so.
    ///
    /// # Errors
    /// If the span is empty or longer than ten years.
    pub fn count<'a>(
        changes: impl IntoIterator<Item = &'a RecordedChange>,
        (from, to): (Date, Date),
        zone: &TimeZone,
        sources: usize,
    ) -> Result<Self, Error> {
        let days = days_between(from, to);
        if !(1..=MOST_DAYS).contains(&days) {
            return Err(Error::Span(days));
        }
        let width = (days + MOST_BARS - 1) / MOST_BARS;
        let bars = usize::try_from((days + width - 1) / width).unwrap_or(1);
        let mut bars = vec![[0_u32; 5]; bars];
        for recorded in changes {
            let day = recorded.change.confirmed_at.to_zoned(zone.clone()).date();
            if day >= to {
                continue;
            }
            let bar = days_between(from, day).div_euclid(width);
            let count = usize::try_from(bar)
                .ok()
                .and_then(|bar| bars.get_mut(bar))
                .and_then(|bar| bar.get_mut(Class::of(recorded.change.kind) as usize));
            if let Some(count) = count {
                *count = count.saturating_add(1);
            }
        }
        Ok(Self {
            from,
            width,
            bars,
            sources,
        })
    }

    /// How many changes of a class there are.
    pub fn of(&self, class: Class) -> u64 {
        self.bars
            .iter()
            .filter_map(|bar| bar.get(class as usize))
            .map(|count| u64::from(*count))
            .sum()
    }

    /// How many changes there are.
    pub fn n(&self) -> u64 {
        Class::ALL.into_iter().map(|class| self.of(class)).sum()
    }

    /// What the picture shows, for those who do not see it.
    pub fn in_words(&self) -> String {
        let classes: Vec<String> = Class::ALL
            .into_iter()
            .filter(|class| self.of(*class) > 0)
            .map(|class| format!("{} {}", self.of(class), class.word()))
            .collect();
        match classes.as_slice() {
            [] => "Bar chart: no changes".to_string(),
            classes => format!("Bar chart of changes by day: {}", classes.join(", ")),
        }
    }

    fn highest(&self) -> u32 {
        self.bars
            .iter()
            .map(|bar| {
                bar.iter()
                    .fold(0_u32, |sum, count| sum.saturating_add(*count))
            })
            .max()
            .unwrap_or(0)
    }
}

fn days_between(from: Date, to: Date) -> i64 {
    from.until((Unit::Day, to))
        .map_or(0, |span| i64::from(span.get_days()))
}

/// The chart as PNG: a stacked bar a day, from Okabe and Ito's colours.
///
/// # Errors
/// If drawing or encoding fails.
pub fn changes_by_day(days: &Days) -> Result<Vec<u8>, Error> {
    let size = (WIDTH * SCALE, HEIGHT * SCALE);
    let mut pixels = vec![255_u8; size.0 as usize * size.1 as usize * 3];
    draw(days, &mut pixels, size)?;
    encode(&pixels, size)
}

fn draw(days: &Days, pixels: &mut [u8], size: (u32, u32)) -> Result<(), Error> {
    use_font()?;
    let failed = |error: &dyn std::fmt::Display| Error::Drawing(error.to_string());
    let root = Sharp::new(pixels, size)
        .ok_or(Error::Font)?
        .into_drawing_area();
    root.fill(&WHITE).map_err(|error| failed(&error))?;
    let per = match days.width {
        1 => "day".to_string(),
        width => format!("{width} days"),
    };
    write(
        &root,
        &format!("Changes per {per}"),
        16.0,
        (14, 12),
        INK,
        HPos::Left,
    )
    .map_err(|error| failed(&error))?;
    let n = usize::try_from(days.n()).unwrap_or(usize::MAX);
    let caption = format!(
        "n = {} from {}",
        counted(n, "change"),
        counted(days.sources, "source")
    );
    let right = WIDTH as i32 - 14;
    write(&root, &caption, 12.0, (right, 15), QUIET, HPos::Right)
        .map_err(|error| failed(&error))?;
    bars(&root, days).map_err(|error| failed(&error))?;
    legend(&root, days).map_err(|error| failed(&error))?;
    root.present().map_err(|error| failed(&error))
}

const INK: RGBColor = RGBColor(27, 30, 35);
const QUIET: RGBColor = RGBColor(91, 98, 107);
/// Where the bars stand, in the pixels of a page.
const LEFT: i32 = 52;
const TOP: i32 = 78;
const BOTTOM: i32 = HEIGHT as i32 - 34;
const RIGHT: i32 = WIDTH as i32 - 14;

type Area<'a> = DrawingArea<Sharp<'a>, plotters::coord::Shift>;
type Failed<'a> = DrawingAreaErrorKind<<Sharp<'a> as DrawingBackend>::ErrorType>;

fn px(at: (i32, i32)) -> (i32, i32) {
    (at.0 * SCALE as i32, at.1 * SCALE as i32)
}

fn write<'a>(
    root: &Area<'a>,
    text: &str,
    size: f64,
    at: (i32, i32),
    color: RGBColor,
    side: HPos,
) -> Result<(), Failed<'a>> {
    let font = (FAMILY, size * f64::from(SCALE) * 1.24).into_font();
    let style = TextStyle::from(font)
        .color(&color)
        .pos(Pos::new(side, VPos::Top));
    root.draw_text(text, &style, px(at))
}

fn fill<'a>(root: &Area<'a>, corners: [(i32, i32); 2], color: RGBColor) -> Result<(), Failed<'a>> {
    root.draw(&Rectangle::new(corners, color.filled()))
}

/// The axes, the bars and above each bar its total.
fn bars<'a>(root: &Area<'a>, days: &Days) -> Result<(), Failed<'a>> {
    let step = tick_step(days.highest());
    let ticks = days.highest().div_ceil(step).max(1);
    let top = f64::from(ticks) * f64::from(step);
    let height = f64::from((BOTTOM - TOP) * SCALE as i32);
    let floor = BOTTOM * SCALE as i32;
    let y = |count: u32| floor - (f64::from(count) / top * height).round() as i32;
    for tick in 0..=ticks {
        let line = y(tick * step);
        let shade = if tick == 0 {
            QUIET
        } else {
            RGBColor(225, 228, 232)
        };
        let (left, right) = (LEFT * SCALE as i32, RIGHT * SCALE as i32);
        fill(root, [(left, line), (right, line + 1)], shade)?;
        let label = grouped((tick * step) as usize);
        write(
            root,
            &label,
            11.0,
            (LEFT - 6, line / SCALE as i32 - 4),
            QUIET,
            HPos::Right,
        )?;
    }
    let slot = f64::from((RIGHT - LEFT) * SCALE as i32) / days.bars.len() as f64;
    let thick = (slot * 0.72).min(f64::from(64 * SCALE)).max(2.0);
    for (at, bar) in days.bars.iter().enumerate() {
        let middle = f64::from(LEFT * SCALE as i32) + slot * (at as f64 + 0.5);
        let (left, right) = ((middle - thick / 2.0) as i32, (middle + thick / 2.0) as i32);
        let mut below = 0_u32;
        for (class, count) in Class::ALL.into_iter().zip(bar) {
            if *count == 0 {
                continue;
            }
            let above = below.saturating_add(*count);
            fill(
                root,
                [(left, y(above)), (right, y(below) - 1)],
                class.color(),
            )?;
            below = above;
        }
        let middle = (middle / f64::from(SCALE)) as i32;
        if below > 0 && days.bars.len() <= 14 {
            let above = y(below) / SCALE as i32 - 14;
            write(
                root,
                &grouped(below as usize),
                11.0,
                (middle, above),
                INK,
                HPos::Center,
            )?;
        }
        if let Some(label) = day_label(days, at) {
            write(
                root,
                &label,
                11.0,
                (middle, BOTTOM + 10),
                QUIET,
                HPos::Center,
            )?;
        }
    }
    if days.n() == 0 {
        let at = ((LEFT + RIGHT) / 2, (TOP + BOTTOM) / 2 - 8);
        write(root, "no changes", 14.0, at, QUIET, HPos::Center)?;
    }
    Ok(())
}

/// `Mon 9 Nov` below every bar of a week, `9 Nov` below every few of more.
fn day_label(days: &Days, at: usize) -> Option<String> {
    let many = days.bars.len();
    let every = many.div_ceil(10);
    if !at.is_multiple_of(every) {
        return None;
    }
    let distance = i64::try_from(at).ok()?.checked_mul(days.width)?;
    let day = days
        .from
        .checked_add(Span::new().try_days(distance).ok()?)
        .ok()?;
    let format = match (many, days.width) {
        (..=7, 1) => "%a %-d %b",
        (_, 32..) => "%b %Y",
        _ => "%-d %b",
    };
    Some(day.strftime(format).to_string())
}

/// 1, 2 or 5 times a power of ten, so that four to eight ticks reach `highest`.
fn tick_step(highest: u32) -> u32 {
    let mut power = 1_u32;
    loop {
        for factor in [1, 2, 5] {
            let step = power.saturating_mul(factor);
            if highest.div_ceil(step) <= 5 || step == u32::MAX {
                return step;
            }
        }
        power = power.saturating_mul(10);
    }
}

/// Every class that occurs, with its colour and its number.
fn legend<'a>(root: &Area<'a>, days: &Days) -> Result<(), Failed<'a>> {
    let mut left = 14;
    for class in Class::ALL {
        let count = days.of(class);
        if count == 0 {
            continue;
        }
        let side = 11;
        fill(
            root,
            [px((left, 40)), px((left + side, 40 + side))],
            class.color(),
        )?;
        let count = grouped(usize::try_from(count).unwrap_or(usize::MAX));
        let text = format!("{} {count}", class.word());
        write(root, &text, 12.0, (left + side + 5, 41), INK, HPos::Left)?;
        let font = (FAMILY, 12.0 * f64::from(SCALE) * 1.24).into_font();
        let (width, _) = root.estimate_text_size(&text, &TextStyle::from(font))?;
        left += side + 5 + (width / SCALE) as i32 + 18;
    }
    Ok(())
}

/// plotters looks fonts up by name in a list of its own, which is filled once.
fn use_font() -> Result<(), Error> {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    let registered =
        REGISTERED.get_or_init(|| register_font(FAMILY, FontStyle::Normal, FONT).is_ok());
    if *registered {
        Ok(())
    } else {
        Err(Error::Font)
    }
}

fn encode(pixels: &[u8], size: (u32, u32)) -> Result<Vec<u8>, Error> {
    let failed = |error: png::EncodingError| Error::Encoding(error.to_string());
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size.0, size.1);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(pixels).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
