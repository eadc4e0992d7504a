//! The command line: one file a subcommand. Output goes to stdout, logs to stderr.

mod ack;
mod alert;
mod alerts;
mod backup;
mod changes;
mod check;
mod compare;
mod cost;
mod demo;
mod doctor;
mod export;
mod import;
mod incidents;
mod indicators;
mod init;
mod known;
mod latency;
mod measured;
mod model;
mod offerings;
mod output;
mod probe;
mod report;
mod run;
mod setup;
mod silence;
mod status;
mod uptime;
mod web;
mod why;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

pub use output::{Format, print, say};
pub use setup::Setup;

/// Watches where AI models can be bought and says, with evidence, when the landscape shifts.
#[derive(Debug, Parser)]
#[command(
    name = "bellwether",
    version,
    about,
    propagate_version = true,
    max_term_width = 100
)]
pub struct CommandLine {
    /// The configuration; without one, bellwether.toml here if there is one, else the defaults.
    #[arg(long, global = true, value_name = "FILE", env = "BELLWETHER_CONFIG")]
    config: Option<PathBuf>,
    /// The folder of the database [default: data].
    #[arg(long, global = true, value_name = "DIR", env = "BELLWETHER_DATA")]
    data: Option<PathBuf>,
    /// How results are printed.
    #[arg(long, global = true, value_name = "FORMAT", default_value = "table")]
    format: Format,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The daemon: asks every source when it is due, keeps the history, mails what changed.
    Run(run::Arguments),
    /// The whole product against a simulated world on loopback: twelve weeks in a minute, then the dashboard. No network, no account.
    Demo(demo::Arguments),
    /// Write a commented bellwether.toml, with what the environment has credentials for; print least-privilege policies.
    Init(init::Arguments),
    /// Check configuration and probes: every problem at once, and the next five firings of each schedule.
    Check,
    /// Try every source: which rung fails (network, credential, permission, entitlement, parse), and how to mend it.
    Doctor(doctor::Arguments),
    /// Declared probes: list them, show one, test one.
    #[command(subcommand)]
    Probe(probe::Arguments),
    /// Take in dated bodies as if they had been fetched then: history on the first day.
    Import(import::Arguments),
    /// The landscape now: models × providers, open incidents, sources in trouble.
    Status(status::Arguments),
    /// The facts, now or as of any time, each with its source and age.
    Offerings(offerings::Arguments),
    /// One model on every provider: stage, dates, regions, prices, where sources differ, what to move to.
    Compare(compare::Arguments),
    /// What a workload costs on every offering by list price, and which is the cheapest within your bounds.
    Cost(cost::Arguments),
    /// What changed: news of the landscape, or with --all every source's changes.
    Changes(changes::Arguments),
    /// Which model a native id denotes, and by which rule.
    Model(model::Arguments),
    /// The evidence of a change: source, both readings, the excerpt, who confirms it.
    Why(why::Arguments),
    /// How fast hosts answered over any span: p50, p90, p95 and p99 with n, and failures by their kind.
    Latency(latency::Arguments),
    /// How much of a time endpoints and models were up, by duration and by request, against what you expect of them.
    Uptime(uptime::Arguments),
    /// Incidents that status pages state beside those that we measured: who saw it first, and by how much.
    Incidents(incidents::Arguments),
    /// Numbers about the landscape, of a day or over time: coverage, parity lag, price basket, what ends; and when it shifted.
    Indicators(indicators::Arguments),
    /// What was told, to whom, why, and whether it arrived.
    Alerts(alerts::Arguments),
    /// Try a route out, see the message of a change, or what the rules would have sent over the recorded history.
    #[command(subcommand)]
    Alert(alert::Arguments),
    /// Say that you know of something that was told: it is not repeated until something else is stated.
    Ack(ack::Arguments),
    /// Tell nobody of some changes for a while; list and end such silences.
    #[command(subcommand)]
    Silence(silence::Arguments),
    /// The report of a week, a month, or any days.
    Report(report::Arguments),
    /// A consistent copy of the database, while the daemon runs.
    Backup(backup::Arguments),
    /// Facts, changes, measurements and indicators as CSV, JSON or Parquet; a calendar of retirements; a feed of news.
    #[command(subcommand)]
    Export(export::Arguments),
    /// What the dashboard is opened with: the hash of a password, a token for a program.
    #[command(subcommand)]
    Web(web::Arguments),
}

impl Command {
    /// Whether it needs to know what is asked of others, not only what is kept.
    fn asks(&self) -> bool {
        if let Self::Export(arguments) = self {
            return arguments.asks();
        }
        matches!(
            self,
            Self::Run(_)
                | Self::Init(_)
                | Self::Check
                | Self::Doctor(_)
                | Self::Probe(_)
                | Self::Import(_)
                | Self::Indicators(_)
                | Self::Report(_)
        )
    }
}

/// What the process ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// All good.
    Good,
    /// The check found problems.
    Problems,
}

/// Runs the command line.
pub fn run(line: CommandLine) -> anyhow::Result<Ending> {
    let CommandLine {
        config,
        data,
        format,
        command,
    } = line;
    if let Command::Init(arguments) = &command
        && !arguments.only_prints()
    {
        let probes = crate::config::declared(&[], crate::config::Own::default())?;
        init::run(config, &probes, arguments)?;
        return Ok(Ending::Good);
    }
    if let Command::Model(arguments) = &command {
        model::run(format, arguments)?;
        return Ok(Ending::Good);
    }
    if let Command::Demo(arguments) = &command {
        return demo::run(arguments);
    }
    if let Command::Web(arguments) = &command {
        web::run(arguments)?;
        return Ok(Ending::Good);
    }
    let read = || Setup::new(config.clone(), data.clone(), format);
    let setup = match command.asks() {
        true => read()?,
        false => Setup::of_history(config.clone(), data.clone(), format)?,
    };
    match &command {
        Command::Model(_) | Command::Demo(_) | Command::Web(_) => {}
        Command::Init(arguments) => init::print_policy(&setup, arguments),
        Command::Run(arguments) => return run::run(setup, arguments, read),
        Command::Check => return check::run(&setup),
        Command::Doctor(arguments) => return doctor::run(&setup, arguments),
        Command::Probe(arguments) => return probe::run(&setup, arguments),
        Command::Status(arguments) => return status::run(&setup, arguments),
        Command::Import(arguments) => import::run(&setup, arguments)?,
        Command::Offerings(arguments) => offerings::run(&setup, arguments)?,
        Command::Compare(arguments) => compare::run(&setup, arguments)?,
        Command::Cost(arguments) => cost::run(&setup, arguments)?,
        Command::Changes(arguments) => changes::run(&setup, arguments)?,
        Command::Why(arguments) => why::run(&setup, arguments)?,
        Command::Latency(arguments) => latency::run(&setup, arguments)?,
        Command::Uptime(arguments) => uptime::run(&setup, arguments)?,
        Command::Incidents(arguments) => incidents::run(&setup, arguments)?,
        Command::Indicators(arguments) => indicators::run(&setup, arguments)?,
        Command::Alerts(arguments) => alerts::run(&setup, arguments)?,
        Command::Alert(arguments) => return alert::run(&setup, arguments),
        Command::Ack(arguments) => ack::run(&setup, arguments)?,
        Command::Silence(arguments) => silence::run(&setup, arguments)?,
        Command::Report(arguments) => report::run(&setup, arguments)?,
        Command::Backup(arguments) => backup::run(&setup, arguments)?,
        Command::Export(arguments) => export::run(&setup, arguments)?,
    }
    Ok(Ending::Good)
}

/// Logs go to stderr: for people, or as JSON with `BELLWETHER_LOG_FORMAT=json`; what is logged is `BELLWETHER_LOG`
/// (`info`, `debug`, `bellwether=debug` …).
pub fn start_logs(line: &CommandLine) {
    use std::io::IsTerminal as _;
    use tracing_subscriber::EnvFilter;
    // the demo says itself how far it is
    let usual = match line.command {
        Command::Demo(_) => "error",
        _ => "info",
    };
    let wanted = std::env::var("BELLWETHER_LOG").unwrap_or_else(|_| usual.to_string());
    // the clients' own debug lines hold addresses with queries, and mail
    let quiet = "hyper_util=info,hyper=info,lettre=info,h2=info,rustls=info";
    let filter =
        EnvFilter::try_new(format!("{wanted},{quiet}")).unwrap_or_else(|_| EnvFilter::new("info"));
    let colour = std::io::stderr().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // who closes stderr wants none
        .log_internal_errors(false);
    if std::env::var("BELLWETHER_LOG_FORMAT").is_ok_and(|format| format == "json") {
        logs.json().init();
    } else {
        logs.with_ansi(colour).with_target(false).init();
    }
}

/// Prints why the command failed, every cause.
pub fn tell_error(error: &anyhow::Error) {
    use std::io::Write as _;
    // nothing is left to do if stderr is closed
    let _ = writeln!(std::io::stderr(), "error: {error:#}");
}

/// What was asked for cannot be asked for.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct WrongUsage(String);

/// An error of usage or configuration.
fn wrong(said: impl Into<String>) -> anyhow::Error {
    WrongUsage(said.into()).into()
}

/// 2 for wrong usage or configuration, 1 for anything else that went wrong.
pub fn exit_code(error: &anyhow::Error) -> u8 {
    if error.is::<crate::config::Problems>() || error.is::<WrongUsage>() {
        2
    } else {
        1
    }
}
