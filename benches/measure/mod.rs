//! What is measured: CPU time of this process, since machines are shared.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::time::Instant;

/// User and system time of this process so far, in seconds (proc(5): fields 14 and 15 of stat, in ticks of 10 ms).
pub fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux's /proc");
    let after = stat.rsplit(')').next().expect("the fields after the name");
    let ticks: u64 = after
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(|field| field.parse::<u64>().expect("ticks"))
        .sum();
    ticks as f64 / 100.0
}

/// Does the work and prints how much of `amount` was done in a CPU second.
pub fn measured<T>(what: &str, amount: f64, unit: &str, work: impl FnOnce() -> T) -> T {
    let (cpu_before, wall) = (cpu(), Instant::now());
    let value = work();
    let (used, wall) = (cpu() - cpu_before, wall.elapsed().as_secs_f64());
    println!(
        "{what:<44} {:>9.1} {unit:<2} {used:>10.2} {wall:>10.2}",
        amount / used.max(0.01)
    );
    value
}
