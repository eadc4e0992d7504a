//! Which providers answer faster than others, as far as measurements can tell them apart.

/// How fast a provider answered, in milliseconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Speed {
    /// Whose.
    pub provider: String,
    /// The median.
    pub median: f64,
    /// From here
    pub low: f64,
    /// to here the true median lies, in 95 of 100 cases.
    pub high: f64,
    /// Of so many good answers.
    pub n: u64,
}

/// A provider's place among others, 1 being the fastest.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    /// The provider, and how fast it answered.
    pub speed: Speed,
    /// Its place if everybody who cannot be told apart from it is slower,
    pub best: usize,
    /// and if all of these are faster.
    pub worst: usize,
}

/// Percentiles, below and above, between which the true median lies in 95 of 100 cases, by the normal approximation of the
/// binomial distribution; rounded outwards.
pub fn median_between(n: u64) -> (u8, u8) {
    let off = 98.0 / (n.max(1) as f64).sqrt();
    let (low, high) = ((50.0 - off).floor(), (50.0 + off).ceil());
    (low.max(0.0) as u8, high.min(100.0) as u8)
}

/// The providers by their places, the fastest median first.
pub fn ranks(mut speeds: Vec<Speed>) -> Vec<Ranked> {
    speeds.sort_by(|one, next| {
        (one.median.total_cmp(&next.median)).then_with(|| one.provider.cmp(&next.provider))
    });
    let place = |speed: &Speed| {
        let surely = |is: &dyn Fn(&Speed) -> bool| speeds.iter().filter(|other| is(other)).count();
        let faster = surely(&|other| other.high < speed.low);
        let slower = surely(&|other| other.low > speed.high);
        (faster + 1, speeds.len() - slower)
    };
    let places: Vec<(usize, usize)> = speeds.iter().map(place).collect();
    let ranked = speeds.into_iter().zip(places);
    ranked
        .map(|(speed, (best, worst))| Ranked { speed, best, worst })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_cannot_be_told_apart_shares_places() {
        let speed = |provider: &str, median: f64, around: f64| Speed {
            provider: provider.to_string(),
            median,
            low: median - around,
            high: median + around,
            n: 100,
        };
        let ranked = ranks(vec![
            speed("slow", 300.0, 10.0),
            speed("b", 104.0, 5.0),
            speed("a", 100.0, 5.0),
        ]);
        let told: Vec<(&str, usize, usize)> = ranked
            .iter()
            .map(|one| (one.speed.provider.as_str(), one.best, one.worst))
            .collect();
        assert_eq!(told, [("a", 1, 2), ("b", 1, 2), ("slow", 3, 3)]);
        assert_eq!(ranks(Vec::new()), []);
    }

    #[test]
    fn the_more_is_measured_the_closer_the_median_is_known() {
        assert_eq!(median_between(1), (0, 100));
        assert_eq!(median_between(100), (40, 60));
        assert_eq!(median_between(10_000), (49, 51));
        assert_eq!(median_between(0), (0, 100));
    }
}
