//! What people ask of a month of measurements: 300 series, asked every quarter of an hour.

use bellwether::latency::RollUp;
use bellwether::market::{Authority, Phases, ProbeId, ProviderId, Scope, SourceId};
use bellwether::store::{Error, ReadingRow, Store};
use jiff::SignedDuration;

use crate::endpoints::Noise;
use crate::import::begin;
use crate::landscape::run;
use crate::measure::{cpu, cpu_of_children, figure, median};

const SERIES: u64 = 300;
const A_DAY: i64 = 96;
const DAYS: i64 = 30;

/// CPU time of rolling samples up, and of the figures of a month.
pub fn month() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = Store::open(&folder.path().join("bellwether.db")).expect("a database");
    let mut rolling = 0.0;
    for day in 0..DAYS {
        store
            .transaction(|transaction| measure(transaction, day))
            .expect("kept");
        let before = cpu();
        while store
            .transaction(|transaction| transaction.roll_up())
            .expect("rolled up")
            > 0
        {}
        rolling += cpu() - before;
    }
    drop(store);
    let samples = SERIES * (DAYS * A_DAY).unsigned_abs();
    figure(
        "rolling samples up",
        &format!("{:.0} µs CPU", rolling * 1e6 / samples as f64),
        &format!("a sample, of {samples}"),
    );
    let since = begin().to_string();
    let until = (begin() + SignedDuration::from_hours(24 * DAYS)).to_string();
    for by in ["host", "provider"] {
        let arguments = ["latency", "--since", &since, "--until", &until, "--by", by];
        let times = (0..10).map(|_| {
            let before = cpu_of_children();
            for _ in 0..5 {
                run(folder.path(), &arguments);
            }
            (cpu_of_children() - before) * 200.0
        });
        figure(
            &format!("latency of a month by {by}"),
            &format!("{:.0} ms CPU", median(times.collect())),
            "less than 50, with the start of the program",
        );
    }
}

/// Room of five years of roll-ups of 300 series: as many windows of each length as are kept, a sample each five minutes. A few series
/// are written, of which the others are as large.
pub fn years() {
    const WRITTEN: i64 = 6;
    const A_DAY: i64 = 86_400;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bellwether.db");
    drop(Store::open(&path).expect("a database"));
    let mut database = rusqlite::Connection::open(&path).expect("the database");
    let room = |database: &rusqlite::Connection| -> f64 {
        let pages: i64 = database
            .pragma_query_value(None, "page_count", |row| row.get(0))
            .expect("pages");
        pages as f64 * 4096.0
    };
    let before = room(&database);
    let transaction = database.transaction().expect("a transaction");
    for series in 0..WRITTEN {
        let entered = "INSERT INTO series (id, vantage, provider, probe, region, host, way) VALUES (?1, 'b', 'b', ?1, 'b', 'b', 'fresh')";
        transaction.execute(entered, [series]).expect("a series");
    }
    let insert = "INSERT INTO roll_up (length, begin, series, figures) VALUES (?1, ?2, ?3, ?4)";
    let mut statement = transaction.prepare(insert).expect("a statement");
    let mut noise = Noise(11);
    // five minutes for 30 days, hours for two years, days for five
    for (length, days) in [(300, 30), (3_600, 730), (A_DAY, 1_826)] {
        for window in 0..days * A_DAY / length {
            for series in 0..WRITTEN {
                let mut figures = RollUp::default();
                for _ in 0..(length / 300) {
                    let sample = noise.sample(0);
                    figures.add(&sample.phases, None, &sample.outcome);
                }
                statement
                    .execute((length, window * length, series, figures.encode()))
                    .expect("a window");
            }
        }
    }
    drop(statement);
    transaction.commit().expect("kept");
    let megabytes = (room(&database) - before) / WRITTEN as f64 * SERIES as f64 / 1e6;
    figure(
        "room of five years of roll-ups",
        &format!("{megabytes:.0} MB"),
        &format!("less than 1,000, of {SERIES} series"),
    );
}

fn measure(transaction: &bellwether::store::Transaction<'_>, day: i64) -> Result<(), Error> {
    for series in 0..SERIES {
        let source = SourceId {
            probe: ProbeId::new(format!("provider-{}.models", series % 10)),
            scope: Scope::new(format!("region-{}", series / 10)),
        };
        let provider = ProviderId::new(format!("provider-{}", series % 10));
        let authority = Authority::ProviderApi;
        let source = transaction.enter_source(&source, &provider, authority, "https://x.test")?;
        let host = format!("host-{series}.test");
        for n in 0..A_DAY {
            let at = begin() + SignedDuration::from_mins((day * A_DAY + n) * 15);
            // spread over a factor of four
            let some = (series * 7_919 + (day * A_DAY + n).unsigned_abs() * 104_729) % 300_000;
            let took = |share: i64| {
                let micros = 100_000 + i64::try_from(some).unwrap_or(0);
                Some(SignedDuration::from_micros(micros / share))
            };
            transaction.keep_reading(
                &source,
                &ReadingRow {
                    at,
                    outcome: "same",
                    detail: None,
                    status: Some(200),
                    body: None,
                    bytes: 1_000,
                    imported: false,
                    host: Some(&host),
                    vantage: "bench",
                    phases: Phases {
                        dns: took(50),
                        connect: took(10),
                        tls: took(5),
                        first_byte: took(2),
                        body: took(20),
                        total: took(1),
                    },
                },
            )?;
        }
    }
    Ok(())
}
