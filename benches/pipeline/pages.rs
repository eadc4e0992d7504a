//! What watching a page of 200 kB costs: fetched, read, kept, whether it says the same or one cell more.

use bellwether::config::ProbeFile;
use bellwether::daemon::pipeline::Taken;
use bellwether::daemon::tick::ask_source;
use jiff::SignedDuration;

use crate::daemon::{Office, runtime};
use crate::import::begin;
use crate::measure::{cpu, figure};

/// A page of a provider in the shape of those that are read: 1,400 models in one table.
pub fn page(version: u64) -> Vec<u8> {
    let mut text = String::from(
        "<!DOCTYPE html><html><body><h1>Retirements</h1><table><tr><th>Model</th><th>Retires</th><th>Replacement</th></tr>\n",
    );
    for row in 0..1_400u64 {
        // each version moves the day of one row
        let moves = (version + 1_400 - row) / 1_400 - u64::from(row == 0);
        let days = 365 + i64::try_from(row % 900 + moves).unwrap_or(0);
        let day = begin() + SignedDuration::from_hours(24 * days);
        text.push_str(&format!(
            "<tr class=\"r\"><td><code>acme-model-{row}-large-instruct</code></td><td>{}</td><td>acme-model-{}-large</td></tr>\n",
            day.strftime("%B %-d, %Y"),
            row + 1
        ));
    }
    text.push_str("</table>");
    // what surrounds tables on such pages
    while text.len() < 200_000 {
        text.push_str("<p class=\"note\">Nothing of this paragraph is of interest to anybody who watches the table.</p>\n");
    }
    text.push_str("</body></html>");
    text.into_bytes()
}

const PROBE: &str = "provider = 'bench'\nkind = 'cloud'\n[[probe]]\nname = 'page'\ntitle = 'Page'\nauthority = 'provider-api'\n\
    lists = true\ncomplete = true\nevery = '1h'\nreader = 'table'\n[probe.request]\nurl = 'https://bench.test/page'\naccept = 'html'\n\
    [[probe.table.tables]]\nheader = ['Model', 'Retires']\nnative_id = '{Model}'\n[[probe.table.tables.column]]\nheader = 'Retires'\n\
    attribute = 'date.retires'\n[[probe.table.tables.column]]\nheader = 'Replacement'\nattribute = 'replacement'\n";

/// CPU time of a thousand fetches, by what the host answers.
pub fn fetches(url: &str) {
    for (what, path, n, limit) in [
        ("a page of 200 kB, answered 304", "unmodified", 400i64, 0.1),
        ("a page of 200 kB, the same bytes", "same", 400, 0.3),
        ("a page of 200 kB, one cell changed", "changed", 200, 8.0),
    ] {
        let file = ProbeFile {
            name: "bench.toml".to_owned(),
            text: PROBE.to_owned(),
        };
        let text = format!(
            "[probes]\nonly = ['bench.page']\n[http]\nper_host_pace_ms = 0\n[http.rewrite]\n'https://bench.test/page' = '{url}/page/{path}'\n"
        );
        let office = Office::of(&[file], &text);
        let ask = |at: i64| {
            let (means, watched) = (&office.means, &office.watch.all[0]);
            async move {
                let at = begin() + SignedDuration::from_mins(at);
                ask_source(means, watched, at, false)
                    .await
                    .taken
                    .expect("a sound store")
            }
        };
        let (used, changes, room) = runtime().block_on(async {
            assert!(matches!(ask(0).await, Taken::Baseline { .. }));
            let (before, room, mut changes) = (cpu(), office.room(), 0);
            for at in 1..=n {
                let taken = ask(at).await;
                let is_same = matches!(taken, Taken::Same { .. });
                assert!(is_same || path == "changed" && matches!(taken, Taken::Read { .. }));
                changes += taken.changes().len();
            }
            (cpu() - before, changes, office.room() - room)
        });
        figure(
            what,
            &format!("{:.2} CPU s", used * 1000.0 / n as f64),
            &format!("at most {limit} per 1,000, read and kept ({n} fetches, {changes} changes)"),
        );
        if changes > 0 {
            figure(
                "  room of such a change",
                &format!("{:.2} kB", room / changes as f64 / 1000.0),
                "at most 2, the body that shows it included",
            );
        }
    }
}
