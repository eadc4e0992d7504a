//! A report's pictures: how they are drawn for each form.

use super::block::Figure;
use crate::render::chart::{self, Size, Theme};

impl Figure {
    /// What the picture shows, for those who do not see it.
    pub fn in_words(&self) -> String {
        self.chart.in_words()
    }

    /// The picture for a mail.
    ///
    /// # Errors
    /// If it cannot be drawn.
    pub fn to_png(&self) -> Result<Vec<u8>, chart::Error> {
        self.chart.to_png(self.size(Size::MAIL), Theme::Light)
    }

    /// The picture for a page, as wide as `width`.
    ///
    /// # Errors
    /// If it cannot be drawn.
    pub fn to_svg(&self, width: u32) -> Result<String, chart::Error> {
        self.chart.to_svg(self.size(width))
    }

    /// The size that shows everything.
    pub fn size(&self, width: u32) -> Size {
        self.chart.fitting(width)
    }
}
