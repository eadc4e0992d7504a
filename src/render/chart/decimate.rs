//! Fewer points that look the same: of those that fall into one column of pixels only the extremes.

/// The points of a line whose `x` never falls, thinned: of each column one pixel wide the lowest and the highest, in their order,
/// and the first and the last of all.
pub fn thin(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return Vec::new();
    };
    let mut kept = Vec::with_capacity(points.len().min(4_096));
    kept.push(*first);
    let rest = points.get(1..points.len() - 1).unwrap_or_default();
    for column in rest.chunk_by(|one, other| one.0.floor() == other.0.floor()) {
        let by_height = |one: &&(f64, f64), other: &&(f64, f64)| one.1.total_cmp(&other.1);
        let (Some(low), Some(high)) = (
            column.iter().min_by(by_height),
            column.iter().max_by(by_height),
        ) else {
            continue;
        };
        let is_in_order = low.0 <= high.0;
        let (one, other) = if is_in_order {
            (low, high)
        } else {
            (high, low)
        };
        kept.push(*one);
        if one != other {
            kept.push(*other);
        }
    }
    if points.len() > 1 {
        kept.push(*last);
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
        assert_eq!(kept.len(), 2 + 2 * 100);
        assert!(kept.is_sorted_by(|one, other| one.0 <= other.0));
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
