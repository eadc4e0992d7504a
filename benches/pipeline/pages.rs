//! What watching a page of 200 kB costs: fetched, read, kept, whether it says the same or one cell more.

use bellwether::config::ProbeFile;
use bellwether::daemon::pipeline::Taken;
use bellwether::daemon::tick::ask_source;
use jiff::SignedDuration;

use crate::daemon::{Office, runtime};
use crate::import::begin;
use crate::measure::{cpu, figure};

/// Tables of such a page.
const SECTIONS: u64 = 48;
/// Rows of a table.
const ROWS: u64 = 12;

/// A page of a provider: prose and tables in turn, as documentation has them, in 200 kB.
pub fn page(version: u64) -> Vec<u8> {
    let mut text =
        String::from("<!DOCTYPE html><html><body class=\"docs\"><h1>Models and prices</h1>\n");
    for section in 0..SECTIONS {
        text.push_str(&format!(
            "<section id=\"s{section}\"><h2>Family {section}</h2>\n"
        ));
        for note in 0..3 {
            text.push_str(&format!(
                "<p>Models of this family are sold in <code>region-{note}</code> and by <a href=\"#s{section}\">their own page</a>. Before one of them \
                 retires, whoever has called it in the last ninety days is written to, and finds what to move to in the last column below. \
                 Prices are those of the standard tier.</p>\n"
            ));
        }
        text.push_str(
            "<table class=\"table\"><thead><tr><th>Model</th><th>Input</th><th>Output</th><th>Deprecated</th><th>Retires</th>\
             <th>Replacement</th></tr></thead><tbody>\n",
        );
        for row in 0..ROWS {
            let number = section * ROWS + row;
            // each version moves the day of one row
            let all = SECTIONS * ROWS;
            let moves = (version + all - number) / all - u64::from(number == 0);
            let days = 365 + i64::try_from(number + moves).unwrap_or(0);
            let day = begin() + SignedDuration::from_hours(24 * days);
            text.push_str(&format!(
                "<tr data-row=\"{number:06}\"><td><strong>acme-model-{number}</strong></td><td class=\"num\">${}.{:02}</td>\
                 <td class=\"num\">${}.{:02}</td><td><time datetime=\"2026-09-01\">2026-09-01</time></td><td>{}</td>\
                 <td><a href=\"/m/{number}\">acme-model-{}</a></td></tr>\n",
                number % 30,
                number % 100,
                number % 90,
                number % 100,
                day.strftime("%Y-%m-%d"),
                number + 1
            ));
        }
        text.push_str("</tbody></table></section>\n");
    }
    text.push_str("</body></html>");
    text.into_bytes()
}

const PROBE: &str = "provider = 'bench'\nkind = 'cloud'\n[[probe]]\nname = 'page'\ntitle = 'Page'\nauthority = 'provider-api'\n\
    lists = true\ncomplete = true\nevery = '1h'\nreader = 'table'\n[probe.request]\nurl = 'https://bench.test/page'\naccept = 'html'\n\
    [[probe.table.tables]]\nheader = ['Model', 'Retires']\nnative_id = '{Model}'\nignore = ['Deprecated']\n\
    [[probe.table.tables.column]]\nheader = 'Retires'\nattribute = 'date.retires'\n\
    [[probe.table.tables.column]]\nheader = 'Replacement'\nattribute = 'replacement'\n\
    [[probe.table.tables.column]]\nheader = 'Input'\nattribute = 'price.input'\n\
    [[probe.table.tables.column]]\nheader = 'Output'\nattribute = 'price.output'\n";

/// CPU time of a thousand fetches, by what the host answers.
pub fn fetches(url: &str) {
    for (what, path, n, limit) in [
        // so many that the clock of the CPU, which ticks a hundred times a second, says two digits
        ("a page of 200 kB, answered 304", "unmodified", 4_000, 0.1),
        ("a page of 200 kB, the same bytes", "same", 2_000, 0.3),
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
            let (means, watched) = (office.means.clone(), office.watch.all[0].clone());
            async move {
                let at = begin() + SignedDuration::from_mins(at);
                // a task, as every source that is asked is one
                let asking = async move { ask_source(&means, &watched, at, false).await };
                let asked = tokio::spawn(asking).await.expect("an answer");
                asked.taken.expect("a sound store")
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
            // by then what was noted is written
            let written = office.means.writer.run(|_| Ok(())).await;
            written.expect("a sound store");
            (cpu() - before, changes, office.room() - room)
        });
        figure(
            what,
            &format!("{:.3} CPU s", used * 1000.0 / n as f64),
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
