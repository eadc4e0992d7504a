//! Fewer points that look the same.

/// The points of a line whose `x` never falls, thinned: of each column one pixel wide the first, the lowest, the highest and the
/// last, in their order, so that neither extremes nor the way from column to column change.
pub fn thin(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut kept = Vec::with_capacity(points.len().min(4_096));
    for column in points.chunk_by(|one, other| one.0.floor() == other.0.floor()) {
        let by_height = |one: &usize, other: &usize| {
            let height = |at: &usize| column.get(*at).map_or(0.0, |point| point.1);
            height(one).total_cmp(&height(other))
        };
        let last = column.len() - 1;
        let lowest = (0..column.len()).min_by(by_height).unwrap_or(0);
        let highest = (0..column.len()).rev().max_by(by_height).unwrap_or(0);
        let mut places = [0, lowest, highest, last];
        places.sort_unstable();
        let mut before = None;
        for place in places {
            if before != Some(place) {
                kept.extend(column.get(place));
            }
            before = Some(place);
        }
    }
    kept
}

/// At most `most` parts of `0..n`, as equal as can be: `(begin, end)` of each.
pub fn bins(n: usize, most: usize) -> Vec<(usize, usize)> {
    let size = n.div_ceil(most.max(1)).max(1);
    (0..n)
        .step_by(size)
        .map(|begin| (begin, (begin + size).min(n)))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_column_keeps_its_extremes() {
        let points: Vec<(f64, f64)> = (0..10_000)
            .map(|at| (f64::from(at) / 100.0, f64::from(at * 37 % 100)))
            .collect();
        let kept = thin(&points);
        assert!((200..=400).contains(&kept.len()), "{}", kept.len());
        assert!(kept.is_sorted_by(|one, other| one.0 <= other.0));
    }

    #[test]
    fn steps_stay_steps() {
        let steps = [
            (0.0, 5.0),
            (3.2, 5.0),
            (3.2, 9.0),
            (3.9, 9.0),
            (3.9, 7.0),
            (8.0, 7.0),
        ];
        assert_eq!(
            thin(&steps),
            [(0.0, 5.0), (3.2, 5.0), (3.2, 9.0), (3.9, 7.0), (8.0, 7.0)]
        );
    }

    #[test]
    fn parts_cover_the_whole() {
        assert_eq!(bins(7, 3), [(0, 3), (3, 6), (6, 7)]);
        assert_eq!(bins(2, 3), [(0, 1), (1, 2)]);
        assert_eq!(bins(0, 3), []);
    }

    proptest! {
        #[test]
        fn the_highest_and_lowest_of_all_stay(heights in proptest::collection::vec(-1e6_f64..1e6, 1..500)) {
            let points: Vec<(f64, f64)> = heights.iter().enumerate().map(|(at, y)| (at as f64 / 7.0, *y)).collect();
            let kept: Vec<f64> = thin(&points).iter().map(|point| point.1).collect();
            for extreme in [f64::min, f64::max] {
                let of = |all: &[f64]| all.iter().copied().reduce(extreme);
                prop_assert_eq!(of(&kept), of(&heights));
            }
        }
    }
}
