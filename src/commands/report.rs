//! `report`: the report of a week, a month, or any days.

use std::collections::HashMap;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use jiff::ToSpan;
use jiff::civil::{Date, ISOWeekDate, Weekday};

use super::output::print;
use super::{Setup, say, wrong};
use crate::daemon::{clock, report};
use crate::market::SourceId;

/// `bellwether report`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// An ISO week: 2026-W46 [default: the last whole week].
    #[arg(long, value_name = "WEEK", conflicts_with_all = ["month", "from"])]
    week: Option<String>,
    /// A month: 2026-11.
    #[arg(long, value_name = "MONTH", conflicts_with = "from")]
    month: Option<String>,
    /// The first day: 2026-11-09.
    #[arg(long, value_name = "DAY")]
    from: Option<Date>,
    /// The last day [default: today].
    #[arg(long, value_name = "DAY", requires = "from")]
    to: Option<Date>,
    /// What it is printed as.
    #[arg(long = "as", value_name = "FORM", default_value = "text")]
    form: Form,
    /// Write it to this file instead of stdout.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Mail it to the recipients of [mail] instead of printing it.
    #[arg(long, conflicts_with = "out")]
    send: bool,
}

/// What a report is printed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    Text,
    Markdown,
    Html,
    Json,
    /// The message as it would be mailed.
    Eml,
}

/// Runs the command.
pub fn run(setup: &Setup, arguments: &Arguments) -> anyhow::Result<()> {
    let now = clock::now();
    let zone = &setup.settings.zone;
    let (from, to) = days(
        arguments,
        report::last_week(now, zone),
        now.to_zoned(zone.clone()).date(),
    )?;
    let titles: HashMap<SourceId, String> = setup
        .probes
        .iter()
        .flat_map(|(probe, _)| {
            probe
                .sources()
                .map(|(source, _)| (source, probe.title.clone()))
        })
        .collect();
    let built = report::build(&setup.open_for_reading()?, &titles, zone, from, to, now)?;
    if arguments.send {
        return send(setup, &built);
    }
    let bytes = match arguments.form {
        Form::Text => built.to_text().into_bytes(),
        Form::Markdown => built.to_markdown().into_bytes(),
        Form::Html => built.to_html().into_bytes(),
        Form::Json => format!("{:#}\n", built.to_json()).into_bytes(),
        Form::Eml => {
            let from = setup
                .settings
                .mail
                .as_ref()
                .map_or("bellwether@localhost", |mail| mail.from.as_str());
            let to = setup
                .settings
                .mail
                .as_ref()
                .and_then(|mail| mail.to.first());
            let mut message = built.to_message();
            message.message_id = format!("report-{}-{}@bellwether", built.from, built.to);
            crate::deliver::format_message(
                from,
                to.map_or("you@localhost", String::as_str),
                &message,
            )?
        }
    };
    match &arguments.out {
        Some(path) => {
            std::fs::write(path, bytes).with_context(|| path.display().to_string())?;
            say(&format!("{}: written", path.display()));
        }
        None => print(&String::from_utf8_lossy(&bytes)),
    }
    Ok(())
}

/// Mails the report now, to every recipient, and says who has it.
fn send(setup: &Setup, built: &crate::render::report::Report) -> anyhow::Result<()> {
    let Some(mail) = &setup.settings.mail else {
        return Err(wrong(
            "expected [mail] in the configuration, with from, to and [mail.smtp]; found none",
        ));
    };
    let mailer = crate::deliver::Mailer::new(mail)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut failed = 0;
    for recipient in &mail.to {
        let mut message = built.to_message();
        let id = crate::market::Hash::of_parts(&[
            "report",
            &built.from.to_string(),
            &built.to.to_string(),
            recipient,
        ]);
        message.message_id = format!("{}@bellwether", id.hex(32));
        let origin = crate::deliver::Origin {
            from: &mail.from,
            unsubscribe: mail.unsubscribe.as_deref(),
        };
        match runtime.block_on(mailer.send(origin, recipient, &message)) {
            crate::deliver::Sent::Accepted => say(&format!("{recipient}: sent")),
            crate::deliver::Sent::Retry { detail, .. }
            | crate::deliver::Sent::Refused { detail } => {
                failed += 1;
                say(&format!("{recipient}: not sent: {detail}"));
            }
        }
    }
    if failed > 0 {
        bail!(
            "{failed} of {} recipients did not get the report",
            mail.to.len()
        );
    }
    Ok(())
}

/// The first day and the day after the last.
fn days(
    arguments: &Arguments,
    last_week: (Date, Date),
    today: Date,
) -> anyhow::Result<(Date, Date)> {
    if let Some(week) = &arguments.week {
        let first = week_begin(week)
            .ok_or_else(|| wrong(format!("expected a week such as 2026-W46, found '{week}'")))?;
        return Ok((first, first.saturating_add(7.days())));
    }
    if let Some(month) = &arguments.month {
        let first: Date = format!("{month}-01")
            .parse()
            .map_err(|_| wrong(format!("expected a month such as 2026-11, found '{month}'")))?;
        return Ok((first, first.saturating_add(1.month())));
    }
    match arguments.from {
        Some(from) => {
            let last = arguments.to.unwrap_or(today);
            if last < from {
                return Err(wrong(format!(
                    "expected --to on or after --from {from}, found {last}"
                )));
            }
            Ok((from, last.saturating_add(1.day())))
        }
        None => Ok(last_week),
    }
}

fn week_begin(text: &str) -> Option<Date> {
    let (year, week) = text.split_once("-W")?;
    ISOWeekDate::new(year.parse().ok()?, week.parse().ok()?, Weekday::Monday)
        .ok()
        .map(ISOWeekDate::date)
}
