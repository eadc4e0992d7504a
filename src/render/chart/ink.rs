//! The colours of charts: those of Okabe and Ito, which people of every colour vision tell apart, and a few greys.

/// What a stroke, a fill or a text is coloured with; each has a value on light paper and one on dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ink {
    /// What lies below everything.
    Paper,
    /// Titles and labels.
    Text,
    /// Captions and what axes say.
    Quiet,
    /// Lines of axes.
    Rule,
    /// Lines of a grid.
    Grid,
    /// What is not measured or not offered.
    Faint,
    /// The first of the palette.
    Blue,
    /// The second of the palette.
    Vermilion,
    /// The third of the palette.
    Green,
    /// The fourth of the palette.
    Purple,
    /// The fifth of the palette.
    Orange,
    /// The sixth of the palette.
    Sky,
    /// What belongs to no class of its own.
    Grey,
}

impl Ink {
    /// Every ink.
    pub const ALL: [Self; 13] = [
        Self::Paper,
        Self::Text,
        Self::Quiet,
        Self::Rule,
        Self::Grid,
        Self::Faint,
        Self::Blue,
        Self::Vermilion,
        Self::Green,
        Self::Purple,
        Self::Orange,
        Self::Sky,
        Self::Grey,
    ];

    /// The inks of series, in the order in which they are given out.
    pub const SERIES: [Self; 7] = [
        Self::Blue,
        Self::Vermilion,
        Self::Green,
        Self::Purple,
        Self::Orange,
        Self::Sky,
        Self::Text,
    ];

    /// The name of the custom property of CSS that holds it.
    pub fn property(self) -> &'static str {
        match self {
            Self::Paper => "--chart-paper",
            Self::Text => "--chart-text",
            Self::Quiet => "--chart-quiet",
            Self::Rule => "--chart-rule",
            Self::Grid => "--chart-grid",
            Self::Faint => "--chart-faint",
            Self::Blue => "--chart-blue",
            Self::Vermilion => "--chart-vermilion",
            Self::Green => "--chart-green",
            Self::Purple => "--chart-purple",
            Self::Orange => "--chart-orange",
            Self::Sky => "--chart-sky",
            Self::Grey => "--chart-grey",
        }
    }

    /// Red, green and blue on paper of a theme.
    pub fn rgb(self, theme: Theme) -> (u8, u8, u8) {
        match theme {
            Theme::Light => self.light(),
            Theme::Dark => self.dark(),
        }
    }

    fn light(self) -> (u8, u8, u8) {
        match self {
            Self::Paper => (255, 255, 255),
            Self::Text => (27, 30, 35),
            Self::Quiet => (91, 98, 107),
            Self::Rule => (150, 157, 166),
            Self::Grid => (225, 228, 232),
            Self::Faint => (238, 240, 243),
            Self::Blue => (0, 114, 178),
            Self::Vermilion => (213, 94, 0),
            Self::Green => (0, 158, 115),
            Self::Purple => (204, 121, 167),
            Self::Orange => (230, 159, 0),
            Self::Sky => (86, 180, 233),
            Self::Grey => (153, 153, 153),
        }
    }

    /// Blue alone is too dark for dark paper as it is.
    fn dark(self) -> (u8, u8, u8) {
        match self {
            Self::Paper => (22, 24, 28),
            Self::Text => (230, 232, 235),
            Self::Quiet => (167, 173, 181),
            Self::Rule => (110, 117, 126),
            Self::Grid => (48, 52, 59),
            Self::Faint => (36, 40, 46),
            Self::Blue => (46, 139, 204),
            Self::Vermilion => (226, 107, 16),
            Self::Green => (16, 172, 128),
            Self::Purple => (204, 121, 167),
            Self::Orange => (230, 159, 0),
            Self::Sky => (126, 203, 245),
            Self::Grey => (140, 140, 140),
        }
    }
}

/// Light or dark paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// Dark on white: for mail.
    #[default]
    Light,
    /// Light on nearly black.
    Dark,
}

impl Theme {
    /// The custom properties of every ink as CSS declarations: `--chart-paper:#16181c;…`. A page that lets its readers choose
    /// puts them below a selector of its own.
    pub fn declarations(self) -> String {
        Ink::ALL
            .into_iter()
            .map(|ink| format!("{}:{};", ink.property(), hex(ink.rgb(self))))
            .collect()
    }
}

/// What a page needs so that its charts follow the reader's choice of light and dark. Without it they are light.
pub fn css() -> String {
    format!(
        ":root{{{}}}\n@media (prefers-color-scheme: dark){{:root{{{}}}}}\n",
        Theme::Light.declarations(),
        Theme::Dark.declarations()
    )
}

/// `#0072b2`.
pub(super) fn hex((red, green, blue): (u8, u8, u8)) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance (WCAG 2.2).
    fn luminance((red, green, blue): (u8, u8, u8)) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }

    fn contrast(ink: Ink, theme: Theme) -> f64 {
        let (one, other) = (luminance(ink.rgb(theme)), luminance(Ink::Paper.rgb(theme)));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn text_can_be_read_on_both_papers() {
        for theme in [Theme::Light, Theme::Dark] {
            assert!(contrast(Ink::Text, theme) > 12.0);
            assert!(contrast(Ink::Quiet, theme) > 5.0);
            assert!(contrast(Ink::Blue, theme) > 3.0);
            assert!(contrast(Ink::Vermilion, theme) > 3.0);
        }
    }

    #[test]
    fn no_two_inks_are_alike() {
        for theme in [Theme::Light, Theme::Dark] {
            let mut all = Ink::ALL.map(|ink| ink.rgb(theme)).to_vec();
            all.sort_unstable();
            all.dedup();
            assert_eq!(all.len(), Ink::ALL.len());
        }
    }

    #[test]
    fn a_page_gets_both_papers() {
        let css = css();
        assert_eq!(css.matches("--chart-blue:").count(), 2);
        assert!(css.contains("prefers-color-scheme: dark"));
    }
}
