//! Rectangles in the pixels of a page.

/// A rectangle: `left` and `top` are inside, `right` and `bottom` are not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Distance of the left side from the left of the chart.
    pub left: f64,
    /// Distance of the upper side from the top of the chart.
    pub top: f64,
    /// Distance of the right side from the left of the chart.
    pub right: f64,
    /// Distance of the lower side from the top of the chart.
    pub bottom: f64,
}

impl Area {
    /// From two corners.
    pub fn new(left: f64, top: f64, right: f64, bottom: f64) -> Self {
        Self {
            left,
            top,
            right,
            bottom,
        }
    }

    /// Width in pixels.
    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    /// Height in pixels.
    pub fn height(&self) -> f64 {
        self.bottom - self.top
    }

    /// The middle.
    pub fn middle(&self) -> (f64, f64) {
        (
            (self.left + self.right) / 2.0,
            (self.top + self.bottom) / 2.0,
        )
    }

    /// The same with the sides moved inwards: left, top, right, bottom.
    pub fn less(&self, left: f64, top: f64, right: f64, bottom: f64) -> Self {
        Self::new(
            self.left + left,
            self.top + top,
            self.right - right,
            self.bottom - bottom,
        )
    }
}
