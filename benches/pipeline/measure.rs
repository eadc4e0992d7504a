//! What is measured, and how it is printed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// User and system time of this process so far, in seconds (proc(5): fields 14 and 15 of stat, in ticks of 10 ms).
pub fn cpu() -> f64 {
    times(11)
}

/// User and system time of the children that have ended (fields 16 and 17).
pub fn cpu_of_children() -> f64 {
    times(13)
}

/// User and system time of another process so far in seconds, and its proportional set size in megabytes.
pub fn of_process(id: u32) -> (f64, f64) {
    (
        times_in(&format!("/proc/{id}"), 11),
        memory_in(&format!("/proc/{id}")),
    )
}

fn times(first: usize) -> f64 {
    times_in("/proc/self", first)
}

fn times_in(process: &str, first: usize) -> f64 {
    let stat = std::fs::read_to_string(format!("{process}/stat")).expect("Linux's /proc");
    let after = stat.rsplit(')').next().expect("the fields after the name");
    let ticks: u64 = after
        .split_whitespace()
        .skip(first)
        .take(2)
        .map(|field| field.parse::<u64>().expect("ticks"))
        .sum();
    ticks as f64 / 100.0
}

/// Proportional set size of this process in megabytes, now.
pub fn memory() -> f64 {
    memory_in("/proc/self")
}

fn memory_in(process: &str) -> f64 {
    let rollup = std::fs::read_to_string(format!("{process}/smaps_rollup")).expect("Linux's /proc");
    let line = rollup
        .lines()
        .find(|line| line.starts_with("Pss:"))
        .expect("a Pss line");
    line.split_whitespace()
        .nth(1)
        .and_then(|kb| kb.parse::<f64>().ok())
        .expect("kB")
        / 1024.0
}

/// The most memory that this process has been resident with at any moment, in megabytes (proc(5): VmHWM of status, in kB).
pub fn most_resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux's /proc");
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kb = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    kb.expect("a VmHWM line") / 1024.0
}

/// The most memory that some work takes at any moment, in megabytes of proportional set size.
pub fn peak<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let sampler = scope.spawn(|| {
            let mut peak = 0.0f64;
            while !is_over.load(Ordering::Relaxed) {
                peak = peak.max(memory());
                std::thread::sleep(Duration::from_millis(2));
            }
            peak
        });
        let value = work();
        is_over.store(true, Ordering::Relaxed);
        (sampler.join().expect("the sampler"), value)
    })
}

/// The head of the table.
pub fn header() {
    figure("what", "measured", "limit");
}

/// One figure with its limit.
pub fn figure(what: &str, measured: &str, limit: &str) {
    println!("{what:<52} {measured:>14}  {limit}");
}

/// Megabytes per CPU second of some work on so many of them.
pub fn rate<T>(what: &str, megabytes: f64, limit: &str, work: impl FnOnce() -> T) -> T {
    let (cpu_before, wall) = (cpu(), Instant::now());
    let value = work();
    let (used, wall) = (cpu() - cpu_before, wall.elapsed().as_secs_f64());
    let measured = format!("{:.0} MB/CPU s", megabytes / used.max(0.01));
    figure(
        what,
        &measured,
        &format!("{limit} ({used:.2} CPU s, {wall:.2} s)"),
    );
    value
}

/// Bytes in megabytes.
pub fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

/// The middle of some figures.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
