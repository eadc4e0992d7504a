//! The figures that the project holds itself to, each beside its limit. These machines are shared, so that only CPU time
//! and memory mean much; `cargo bench` prints them, nothing here asserts a time.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

mod accuracy;
mod alerts;
mod bare;
mod bodies;
mod charts;
mod daemon;
mod dashboard;
mod demo;
mod endpoints;
mod import;
mod judgement;
mod landscape;
mod latency;
mod locations;
mod measure;
mod mixed;
#[path = "../../tests/support/paced.rs"]
#[expect(dead_code, reason = "its scripts are for tests")]
mod paced;
mod pages;
mod prices;
mod programs;
mod report;
mod server;
mod world;

// as the program has it
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    // what must not count in one process runs in another, which is this program again
    match arguments.get(1..).unwrap_or_default() {
        [word] if word == "serve" => return server::serve(),
        [word, ..] if word == "landscape" => return landscape::questions(),
        [word, url] if word == "memory" => return daemon::memory(url),
        [word, url] if word == "polls" => return daemon::polls(url),
        [word, url] if word == "fetches" => return pages::fetches(url),
        [word] if word == "pages" => {
            return again(&["fetches", &server::Child::start().url]);
        }
        [word, ..] if word == "dashboard" => return dashboard::pages(),
        [word] if word == "years" => return latency::years(),
        [word, ..] if word == "latency" => return latency::month(),
        [word] if word == "serve-paced" => return accuracy::serve(),
        [word, ..] if word == "accuracy" => return accuracy::table(),
        [word] if word == "alerts" => return alerts::burst(),
        [word, ..] if word == "judgement" => return judgement::curve(),
        [word] if word == "charts" => return charts::line(),
        [word] if word == "prices" => return prices::memory(),
        [word] if word == "programs" => return programs::changes(),
        [word] if word == "report" => return report::year(),
        [word, folder] if word == "report-of" => return report::made(folder),
        [word, how] if word == "serve-endpoints" => return endpoints::serve(how),
        [word, connection, pace, ports, authority] if word == "ask-bare" => {
            return bare::ask(connection, pace, ports, authority);
        }
        [word, ..] if word == "endpoints" => return endpoints::all(),
        [word, seconds] if word == "mixed-load" => return mixed::load(seconds),
        [word, ..] if word == "mixed" => return mixed::all(),
        [word, ..] if word == "demo" => return demo::weeks(),
        [word, rest @ ..] if word == "world" => return world::seeds(rest),
        _ => {}
    }
    measure::header();
    import::limits();
    import::history();
    import::changing_body();
    import::unchanged_body();
    import::as_of();
    locations::rounds();
    alerts::burst();
    landscape::questions();
    dashboard::pages();
    charts::line();
    latency::month();
    latency::years();
    programs::changes();
    report::year();
    endpoints::all();
    mixed::all();
    demo::weeks();
    daemon::start();
    again(&["prices"]);
    let server = server::Child::start();
    for part in ["polls", "fetches", "memory"] {
        again(&[part, &server.url]);
    }
}

/// This program again, for one part of it.
fn again(arguments: &[&str]) {
    let own = std::env::current_exe().expect("this program");
    let status = std::process::Command::new(own)
        .args(arguments)
        .status()
        .expect("a process");
    assert!(status.success());
}
