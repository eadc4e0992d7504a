//! Pages with all charts, for eyes: `BELLWETHER_LOOK=folder cargo test for_eyes`.

#![expect(clippy::print_stderr, reason = "a test that is left out says so")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde_json::Value;

use super::samples::{AMOUNTS, all, chart};
use crate::render::chart::*;

fn folder() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("BELLWETHER_LOOK")?);
    std::fs::create_dir_all(&folder).expect("a folder");
    Some(folder)
}

fn page(folder: &Path, name: &str, width: u32, charts: &[Chart]) {
    let mut page = format!(
        "<!doctype html><meta charset=utf-8><meta name=color-scheme content='light dark'><style>{}\
         body{{display:flex;flex-wrap:wrap;gap:10px;align-items:flex-start;background:var(--chart-paper);margin:8px}}\
         svg{{outline:1px dotted #8886}}</style>",
        css()
    );
    for chart in charts {
        page.push_str(&chart.to_svg(chart.fitting(width)).expect("a chart"));
        let _ = write!(page, "<!-- {} -->", chart.in_words());
    }
    std::fs::write(folder.join(format!("{name}-{width}.html")), page).expect("written");
}

#[test]
fn samples_for_eyes() {
    let Some(folder) = folder() else {
        eprintln!("BELLWETHER_LOOK is not set: no page is written");
        return;
    };
    for amount in AMOUNTS {
        let name = format!("{amount:?}").to_lowercase();
        let charts = all(amount);
        for (kind, chart) in &charts {
            for (theme, paper) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
                let png = chart
                    .to_png(chart.fitting(Size::MAIL), theme)
                    .expect("a picture");
                std::fs::write(folder.join(format!("{kind}-{name}-{paper}.png")), png)
                    .expect("written");
            }
        }
        let charts: Vec<Chart> = charts.into_iter().map(|(_, chart)| chart).collect();
        for width in [Size::NARROW, Size::MAIL, 1_200] {
            page(&folder, &name, width, &charts);
        }
    }
}

/// A day's registry: the input price of each model at each provider.
type Listed = BTreeMap<(String, String), Option<String>>;

fn history(shared: &Path) -> Vec<(Date, Listed)> {
    let mut days: Vec<(Date, Listed)> = std::fs::read_dir(shared.join("replay/public/snapshots"))
        .expect("a folder")
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let day = path
                .file_stem()
                .expect("a name")
                .to_string_lossy()
                .parse()
                .expect("a day");
            let body: Value =
                serde_json::from_slice(&std::fs::read(&path).expect("a file")).expect("JSON");
            let mut listed = Listed::new();
            for (provider, about) in body.as_object().expect("providers") {
                for (model, about) in about["models"].as_object().into_iter().flatten() {
                    let price = about["cost"]["input"].as_number().map(ToString::to_string);
                    listed.insert((provider.clone(), model.clone()), price);
                }
            }
            (day, listed)
        })
        .collect();
    days.sort_by_key(|(day, _)| *day);
    days
}

#[test]
fn a_real_history_for_eyes() {
    let (Some(folder), Some(shared)) = (folder(), std::env::var_os("BELLWETHER_SHARED")) else {
        eprintln!("BELLWETHER_LOOK or BELLWETHER_SHARED is not set: no page is written");
        return;
    };
    let days = history(Path::new(&shared));
    let (first, last) = (days[0].0, days[days.len() - 1].0);
    let at = scale::midnight;
    let mut series = Vec::new();
    for provider in [
        "amazon-bedrock",
        "azure",
        "openai",
        "groq",
        "deepseek",
        "openrouter",
        "google-vertex",
    ] {
        let models: Vec<&String> = days
            .iter()
            .flat_map(|(_, listed)| listed.keys())
            .filter(|key| key.0 == provider)
            .map(|key| &key.1)
            .collect();
        let prices = |model: &String| -> Vec<(Date, Option<String>)> {
            let key = (provider.to_string(), model.clone());
            let mut all: Vec<(Date, Option<String>)> = days
                .iter()
                .map(|(day, listed)| (*day, listed.get(&key).cloned().flatten()))
                .collect();
            all.dedup_by(|one, other| one.1 == other.1);
            all
        };
        let Some(moved) = models.into_iter().max_by_key(|model| prices(model).len()) else {
            continue;
        };
        series.push(PriceSeries {
            name: format!("{provider} {moved}"),
            steps: prices(moved)
                .into_iter()
                .map(|(day, price)| PriceStep {
                    from: at(day),
                    to: None,
                    price: price.map(|text| Amount {
                        value: text.parse().expect("a number"),
                        text: format!("${text}"),
                    }),
                })
                .collect(),
        });
    }
    let n = series.iter().map(|series| series.steps.len() as u64).sum();
    let prices = Body::Prices(Prices {
        from: at(first),
        to: at(last),
        series,
    });
    let length = usize::try_from(first.until(last).expect("a span").get_days()).expect("days") + 1;
    let (mut added, mut removed) = (vec![0; length], vec![0; length]);
    for pair in days.windows(2) {
        let [(_, before), (day, after)] = pair else {
            continue;
        };
        let place = usize::try_from(first.until(*day).expect("a span").get_days()).expect("days");
        added[place] = after
            .keys()
            .filter(|key| !before.contains_key(*key))
            .count() as u32;
        removed[place] = before
            .keys()
            .filter(|key| !after.contains_key(*key))
            .count() as u32;
    }
    let part = |name: &str, ink, is_below, counts| Part {
        name: name.to_string(),
        ink,
        is_below,
        counts,
    };
    let bars = Body::Changes(Changes {
        from: first,
        days_per_bar: 1,
        bars: length,
        parts: vec![
            part("added", Ink::Green, false, added),
            part("removed", Ink::Vermilion, true, removed),
        ],
    });
    let providers: Vec<String> = {
        let mut all: Vec<String> = days[days.len() - 1]
            .1
            .keys()
            .map(|key| key.0.clone())
            .collect();
        all.dedup();
        all
    };
    let models = [
        "claude-sonnet-4-5",
        "claude-opus-4-1",
        "gpt-5",
        "gpt-oss-120b",
        "kimi-k2",
        "llama-4-maverick",
        "gemini-2.5-pro",
        "mistral-large",
        "deepseek-v3.1",
    ];
    let since = |provider: &String, model: &str| {
        days.iter()
            .find(|(_, listed)| {
                listed
                    .keys()
                    .any(|key| key.0 == *provider && key.1.contains(model))
            })
            .map(|(day, _)| *day)
    };
    let lag = Body::Lag(Lag {
        rows: models
            .iter()
            .map(|model| {
                let earliest = providers
                    .iter()
                    .filter_map(|provider| since(provider, model))
                    .min()
                    .expect("a day");
                LagRow {
                    name: (*model).to_string(),
                    providers: providers
                        .iter()
                        .map(|provider| {
                            let parity = match since(provider, model) {
                                Some(day) if day == first => Parity::SinceUnknown,
                                Some(day) => Parity::Days(f64::from(
                                    earliest.until(day).expect("a span").get_days(),
                                )),
                                None => Parity::NotYet(None),
                            };
                            (provider.clone(), parity)
                        })
                        .collect(),
                }
            })
            .collect(),
    });
    let source = "models.dev, 94 stored days";
    let charts = [
        chart(
            "Prices that moved most",
            "USD per 1M input tokens",
            n,
            "prices",
            source,
            prices,
        ),
        chart(
            "Listed and no longer listed per day",
            "number of offerings",
            94,
            "readings",
            source,
            bars,
        ),
        chart(
            "Days until each provider listed a model",
            "",
            9,
            "models",
            source,
            lag,
        ),
    ];
    for width in [Size::NARROW, Size::MAIL, 1_200] {
        page(&folder, "real", width, &charts);
    }
}
