//! The simulated world as the test of the whole, with all of its sources: twelve weeks of twenty seeds against what the script
//! says. `world 3 5` plays the seeds from 3 to before 5.

#[path = "../../tests/world/judged.rs"]
mod judged;
#[path = "../../tests/world/played.rs"]
mod played;

use std::time::Instant;

use jiff::SignedDuration;

use crate::measure::{cpu, figure};
use played::Cast;

/// Plays them, and prints what is wrong.
pub fn seeds(arguments: &[String]) {
    let number = |place: usize, usual: u64| {
        let text = arguments.get(place);
        text.and_then(|text| text.parse().ok()).unwrap_or(usual)
    };
    let (mut found, mut missed, mut extra, mut faults) = (0, 0, 0, 0);
    let seeds = number(0, 0)..number(1, 20);
    for seed in seeds.clone() {
        let cast = Cast {
            seed,
            providers: &[],
            besides: &[],
            weeks: played::ALL,
            measures: true,
            every: SignedDuration::from_hours(i64::try_from(number(2, 2)).unwrap_or(2)),
        };
        let (used, begun) = (cpu(), Instant::now());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let played = runtime.block_on(played::played(&cast));
        let judged = judged::judge(&cast, &played);
        let wrong = judged::wrong(&cast, &played);
        println!(
            "seed {seed}: {} sources, {} changes found, {} besides, {} missed, {} extra, {} wrong in all, {} messages; {:.0} CPU s, {:.0} s",
            played.sources,
            judged.found.len(),
            judged.besides.len(),
            judged.missed.len(),
            judged.extra.len(),
            wrong.len(),
            played.messages.len(),
            cpu() - used,
            begun.elapsed().as_secs_f64(),
        );
        wrong.iter().for_each(|one| println!("  {one}"));
        found += judged.found.len();
        missed += judged.missed.len();
        extra += judged.extra.len();
        faults += wrong.len();
    }
    let seeds = seeds.count();
    figure(
        &format!("scripted changes of {seeds} seeds that come out"),
        &format!("{found} of {}", found + missed),
        "100 %",
    );
    figure("changes that are not scripted", &extra.to_string(), "0");
    figure(
        "changes, alerts and report lines that are wrong",
        &faults.to_string(),
        "0",
    );
}
