//! What a group of series says over a span: its figures, and the course they took.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::{Cover, RollUp, Sketch};

/// The figures of one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    /// Of the whole span.
    pub whole: RollUp,
    /// The totals in each cell of the span, the oldest first.
    cells: Vec<Sketch>,
}

/// The figures of every group, by its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Courses {
    cover: Cover,
    groups: BTreeMap<Vec<String>, Course>,
}

impl Courses {
    /// None yet.
    pub fn new(cover: Cover) -> Self {
        Self {
            cover,
            groups: BTreeMap::new(),
        }
    }

    /// Takes in a window that begins at `begin`, in seconds since 1970. The order of windows means nothing.
    pub fn add(&mut self, group: &[&str], begin: i64, figures: &RollUp) {
        let names: Vec<String> = group.iter().map(ToString::to_string).collect();
        let cells = self.cover.cells();
        let course = self.groups.entry(names).or_insert_with(|| Course {
            whole: RollUp::default(),
            cells: vec![Sketch::default(); cells],
        });
        course.whole.merge(figures);
        if let Some(cell) = course.cells.get_mut(self.cover.cell_of(begin)) {
            cell.merge(&figures.total);
        }
    }

    /// Every group by its names.
    pub fn groups(&self) -> &BTreeMap<Vec<String>, Course> {
        &self.groups
    }
}

impl Course {
    /// The totals in each cell of the span, the oldest first.
    pub fn cells(&self) -> &[Sketch] {
        &self.cells
    }

    /// The median of each cell of the span, the oldest first; `None` where nothing succeeded.
    pub fn medians(&self) -> Vec<Option<SignedDuration>> {
        self.cells.iter().map(|cell| cell.percentile(50)).collect()
    }

    /// The shortest and the longest median of its cells; `None` where nothing succeeded.
    pub fn range(&self) -> Option<[SignedDuration; 2]> {
        let medians = self.medians();
        let medians = medians.iter().flatten();
        Some([*medians.clone().min()?, *medians.max()?])
    }

    /// The medians as bars in one line, from the lowest for the shortest to the highest for the longest; a gap where nothing
    /// succeeded. The scale is no finer than a tenth of the longest: noise stays flat.
    pub fn sparkline(&self) -> String {
        const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        let micros = |duration: SignedDuration| duration.as_micros().max(0);
        let [shortest, longest] = self.range().unwrap_or_default().map(micros);
        let scale = (longest - shortest).max(longest / 10).max(1);
        let bar = |median: &Option<SignedDuration>| {
            let Some(median) = median else {
                return ' ';
            };
            let height = ((micros(*median) - shortest) * 7 + scale / 2) / scale;
            let height = usize::try_from(height).unwrap_or(0);
            BARS.get(height).copied().unwrap_or(' ')
        };
        self.medians().iter().map(bar).collect()
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::latency::cover;
    use crate::market::Phases;

    fn window(millis: i64) -> RollUp {
        let mut figures = RollUp::default();
        let phases = Phases {
            total: Some(SignedDuration::from_millis(millis)),
            ..Phases::default()
        };
        figures.add(&phases, None, if millis > 0 { "ok" } else { "timeout" });
        figures
    }

    #[test]
    fn a_sparkline_shows_the_course_of_the_median() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let now = at("2026-11-25T00:00:00Z");
        let begin = at("2026-11-24T16:00:00Z");
        let mut courses = Courses::new(cover(begin, now, now));
        for (hour, millis) in [(7, 800), (0, 100), (1, 200), (2, -1), (4, 400)] {
            let begin = begin.as_second() + hour * 3_600;
            courses.add(&["host"], begin, &window(millis));
        }
        let course = &courses.groups()[&vec!["host".to_string()]];
        let drawn = course.sparkline();
        assert_eq!(drawn.replace(' ', ""), "▁▂▄█", "{drawn:?}");
        assert!(drawn.starts_with('▁') && drawn.contains("▂ "), "{drawn:?}");
        assert_eq!((course.whole.good(), course.whole.failed()), (4, 1));
        let [shortest, longest] = course.range().expect("a range").map(|m| m.as_millis());
        assert!(shortest.abs_diff(100) < 3 && longest.abs_diff(800) < 20);
    }

    #[test]
    fn a_sparkline_shows_small_differences_and_no_noise() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let now = at("2026-11-25T00:00:00Z");
        let begin = at("2026-11-24T16:00:00Z");
        let drawn = |millis: [i64; 4]| {
            let mut courses = Courses::new(cover(begin, now, now));
            for (hour, millis) in (0..).zip(millis) {
                let begin = begin.as_second() + hour * 3_600;
                courses.add(&["host"], begin, &window(millis));
            }
            let course = &courses.groups()[&vec!["host".to_string()]];
            course.sparkline().replace(' ', "")
        };
        assert_eq!(drawn([200, 240, 200, 240]), "▁█▁█");
        assert_eq!(drawn([200, 200, 200, 200]), "▁▁▁▁");
        let noise = drawn([200, 202, 201, 200]);
        assert!(noise.chars().all(|bar| bar <= '▂'), "{noise}");
    }
}
