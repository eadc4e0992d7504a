//! What is told to whoever scrapes: families with their values, all made for one answer.

use prometheus_client::encoding::{EncodeMetric, MetricEncoder, NoLabelSet, prometheus_text, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;

/// Labels of a value.
pub(super) type Labels = Vec<(&'static str, String)>;

/// What is told.
#[derive(Debug, Default)]
pub(super) struct Board(Registry);

/// How durations are spread: their sum, how many there are, and how many lasted at most so long.
#[derive(Debug, Clone)]
pub(super) struct Spread {
    pub sum: f64,
    pub count: u64,
    /// Bounds in seconds, each with how many lasted longer than the one before.
    pub buckets: Vec<(f64, u64)>,
}

#[derive(Debug)]
enum Values {
    Gauges(Vec<(Labels, f64)>),
    Counters(Vec<(Labels, f64)>),
    Histograms(Vec<(Labels, Spread)>),
}

impl EncodeMetric for Values {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), std::fmt::Error> {
        match self {
            Self::Gauges(all) => {
                for (labels, value) in all {
                    encoder.encode_family(labels)?.encode_gauge(value)?;
                }
            }
            Self::Counters(all) => {
                for (labels, value) in all {
                    let mut encoder = encoder.encode_family(labels)?;
                    encoder.encode_counter::<NoLabelSet, _, f64>(value, None)?;
                }
            }
            Self::Histograms(all) => {
                for (labels, spread) in all {
                    let mut encoder = encoder.encode_family(labels)?;
                    let Spread {
                        sum,
                        count,
                        buckets,
                    } = spread;
                    encoder.encode_histogram::<NoLabelSet>(*sum, *count, buckets, None)?;
                }
            }
        }
        Ok(())
    }

    fn metric_type(&self) -> MetricType {
        match self {
            Self::Gauges(_) => MetricType::Gauge,
            Self::Counters(_) => MetricType::Counter,
            Self::Histograms(_) => MetricType::Histogram,
        }
    }
}

impl Board {
    fn add(&mut self, name: &str, help: &str, values: Values) {
        let is_empty = match &values {
            Values::Gauges(all) => all.is_empty(),
            Values::Counters(all) => all.is_empty(),
            Values::Histograms(all) => all.is_empty(),
        };
        if !is_empty {
            self.0.register(name, help, values);
        }
    }

    /// Values that go up and down.
    pub fn gauges(&mut self, name: &str, help: &str, all: Vec<(Labels, f64)>) {
        self.add(name, help, Values::Gauges(all));
    }

    /// One value that goes up and down.
    pub fn gauge(&mut self, name: &str, help: &str, value: f64) {
        self.gauges(name, help, vec![(Vec::new(), value)]);
    }

    /// Values that only go up; `_total` is added to the name.
    pub fn counters(&mut self, name: &str, help: &str, all: Vec<(Labels, u64)>) {
        let all = all.into_iter().map(|(labels, n)| (labels, n as f64));
        self.add(name, help, Values::Counters(all.collect()));
    }

    /// One value that only goes up; `_total` is added to the name.
    pub fn counter(&mut self, name: &str, help: &str, value: f64) {
        self.add(name, help, Values::Counters(vec![(Vec::new(), value)]));
    }

    /// How durations are spread.
    pub fn histograms(&mut self, name: &str, help: &str, all: Vec<(Labels, Spread)>) {
        self.add(name, help, Values::Histograms(all));
    }

    /// As Prometheus reads it.
    pub fn text(&self) -> Result<String, std::fmt::Error> {
        let mut out = String::new();
        prometheus_text::encode(&mut out, &self.0)?;
        Ok(out)
    }

    /// As OpenMetrics.
    pub fn open_metrics(&self) -> Result<String, std::fmt::Error> {
        let mut out = String::new();
        text::encode(&mut out, &self.0)?;
        Ok(out)
    }
}

/// Labels.
pub(super) fn labels<const N: usize>(all: [(&'static str, &str); N]) -> Labels {
    all.map(|(name, value)| (name, value.to_string())).to_vec()
}
