//! `report`: the report of a week, a month, or any days.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use jiff::ToSpan;
use jiff::civil::{Date, ISOWeekDate, Weekday};

use super::output::{Format, clean, objects, print, table};
use super::{Setup, say, wrong};
use crate::daemon::{clock, report};
use crate::outlook::indicators;
use crate::outlook::rows::{ReportRow, object};
use crate::render::report::Report;
use crate::schedule::{Period, PeriodKind};
use crate::store::{Questions as _, ReportForm, ReportRecord, Reports};

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
    #[arg(long, value_name = "DAY", value_parser = super::setup::day)]
    from: Option<Date>,
    /// The last day [default: today].
    #[arg(long, value_name = "DAY", value_parser = super::setup::day, requires = "from")]
    to: Option<Date>,
    /// What it is printed as [default: by the ending of --out, or text].
    #[arg(long = "as", value_name = "FORM")]
    form: Option<Form>,
    /// Write it to this file instead of stdout.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Mail it to the recipients of [mail] instead of printing it, even if it was mailed before.
    #[arg(long, conflicts_with = "out")]
    send: bool,
    /// The reports that were made on schedule.
    #[arg(long, conflicts_with_all = ["week", "month", "from", "send", "out", "archived"])]
    list: bool,
    /// One of them, as it was made: html, text or json.
    #[arg(long, value_name = "ID", conflicts_with_all = ["week", "month", "from", "send"])]
    archived: Option<String>,
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

/// The form that is asked for: by its name, by the format for programs, or by the ending of the file.
fn form(setup: &Setup, arguments: &Arguments) -> anyhow::Result<Form> {
    let ending = arguments.out.as_deref().and_then(Path::extension);
    match (arguments.form, setup.format, ending.and_then(OsStr::to_str)) {
        (Some(form), ..) => Ok(form),
        (None, Format::Json, _) => Ok(Form::Json),
        (None, Format::Jsonl | Format::Csv, _) => Err(wrong(
            "expected --as html, text, markdown, json or eml: a report is no list of rows",
        )),
        (None, Format::Table, None | Some("txt")) => Ok(Form::Text),
        (None, Format::Table, Some("html" | "htm")) => Ok(Form::Html),
        (None, Format::Table, Some("md" | "markdown")) => Ok(Form::Markdown),
        (None, Format::Table, Some("json")) => Ok(Form::Json),
        (None, Format::Table, Some("eml")) => Ok(Form::Eml),
        (None, Format::Table, Some(other)) => Err(wrong(format!(
            "expected a file that ends in .html, .txt, .md, .json or .eml, or --as; found '.{other}': \
             for a PDF print the page from a browser"
        ))),
    }
}

/// Runs the command.
pub fn run(setup: &Setup, arguments: &Arguments) -> anyhow::Result<()> {
    if arguments.list {
        return list(setup);
    }
    let form = form(setup, arguments)?;
    let bytes = match &arguments.archived {
        Some(id) => archived(setup, id, form)?,
        None => {
            let built = build(setup, arguments)?;
            if arguments.send {
                return send(setup, &built);
            }
            rendered(setup, &built, form)?
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

fn build(setup: &Setup, arguments: &Arguments) -> anyhow::Result<Report> {
    let now = clock::now();
    let today = now.to_zoned(setup.settings.zone.clone()).date();
    let days = days(arguments, today)?;
    let asked = setup.probes.iter().filter(|(_, is_asked)| *is_asked);
    let sources = asked.flat_map(|(probe, _)| {
        let sources = probe.sources();
        sources.map(|(source, _)| (source, probe.title.clone()))
    });
    let audience = report::Audience {
        titles: sources.collect(),
        zone: setup.settings.zone.clone(),
        kinds: indicators::kinds(setup.probes.iter().map(|(probe, _)| probe)),
        policy: Arc::new(setup.settings.policy()),
        workloads: setup.settings.workloads.clone(),
        objectives: setup.settings.objectives.clone(),
        is_simulated: setup.settings.simulated,
    };
    let store = setup.open_for_reading()?;
    let _view = store.view()?;
    Ok(report::build(&store, &audience, days, now)?)
}

fn rendered(setup: &Setup, built: &Report, form: Form) -> anyhow::Result<Vec<u8>> {
    Ok(match form {
        Form::Text => built.to_text().into_bytes(),
        Form::Markdown => built.to_markdown().into_bytes(),
        Form::Html => built.to_html().into_bytes(),
        Form::Json => format!("{:#}\n", built.to_json()).into_bytes(),
        Form::Eml => {
            let mail = setup.settings.mail.as_ref();
            let from = mail.map_or("bellwether@localhost", |mail| mail.from.as_str());
            let to = mail.and_then(|mail| mail.to.first());
            let to = to.map_or("you@localhost", String::as_str);
            let mut message = built.to_message();
            message.message_id = message_id(built, to);
            crate::deliver::format_message(from, to, &message)?
        }
    })
}

/// Mails the report now, to every recipient, and says who has it. Doing so again is another mail.
fn send(setup: &Setup, built: &Report) -> anyhow::Result<()> {
    let Some(mail) = &setup.settings.mail else {
        return Err(wrong(
            "expected [mail] in the configuration, with from, to and [mail.smtp]; found none",
        ));
    };
    let mailer = crate::deliver::Mailer::new(mail)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut message = built.to_message();
    let mut failed = 0;
    for recipient in &mail.to {
        message.message_id = message_id(built, recipient);
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

fn message_id(built: &Report, recipient: &str) -> String {
    let id = crate::market::Hash::of_parts(&[
        "report",
        &built.from.to_string(),
        &built.to.to_string(),
        &built.made_at.to_string(),
        recipient,
    ]);
    format!("{}@bellwether", id.hex(32))
}

/// What the daemon has made so far.
fn list(setup: &Setup) -> anyhow::Result<()> {
    let records = setup.open_for_reading()?.reports()?;
    if setup.format != Format::Table {
        objects(
            setup.format,
            &records
                .iter()
                .map(|record| object(&ReportRow::of(record)))
                .collect::<Vec<_>>(),
        );
        return Ok(());
    }
    if records.is_empty() {
        say(
            "no report has been made yet: `bellwether run` makes them, `bellwether report` shows one now",
        );
        return Ok(());
    }
    let row = |record: &ReportRecord| {
        let made = record.made_at.to_zoned(setup.settings.zone.clone());
        vec![
            record.period.clone(),
            record.kind.clone(),
            format!("{} to {}", record.first, record.last),
            made.strftime("%Y-%m-%d %H:%M").to_string(),
            clean(&record.subject),
        ]
    };
    let rows: Vec<Vec<String>> = records.iter().map(row).collect();
    print(&table(&["ID", "KIND", "DAYS", "MADE", "SUBJECT"], &rows));
    Ok(())
}

/// A report as the daemon made it.
fn archived(setup: &Setup, id: &str, form: Form) -> anyhow::Result<Vec<u8>> {
    let form = match form {
        Form::Html => ReportForm::Html,
        Form::Json => ReportForm::Json,
        Form::Text => ReportForm::Text,
        Form::Markdown | Form::Eml => {
            return Err(wrong(
                "expected --as html, text or json: an archived report is kept in these forms",
            ));
        }
    };
    match setup.open_for_reading()?.archived_report(id, form)? {
        Some(text) => Ok(text.into_bytes()),
        None => Err(wrong(format!(
            "expected the id of an archived report such as 2026-W46, found '{id}': `bellwether report --list` shows them"
        ))),
    }
}

/// The first day and the day after the last. Of what has not begun there is nothing to report.
fn days(arguments: &Arguments, today: Date) -> anyhow::Result<(Date, Date)> {
    let (first, end) = meant(arguments, today)?;
    if first > today {
        return Err(wrong(format!(
            "expected days that have begun by today, {today}, found such as begin on {first}"
        )));
    }
    Ok((first, end))
}

fn meant(arguments: &Arguments, today: Date) -> anyhow::Result<(Date, Date)> {
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
            let is_wrong = |last: &Date| *last < from || *last > today;
            if let Some(last) = arguments.to.filter(is_wrong) {
                return Err(wrong(format!(
                    "expected --to on or after --from {from} and on or before today, {today}, found {last}"
                )));
            }
            let last = arguments.to.unwrap_or(today);
            Ok((from, last.saturating_add(1.day())))
        }
        None => {
            let week = Period::last_before(PeriodKind::Weekly, today);
            Ok((week.from, week.to))
        }
    }
}

fn week_begin(text: &str) -> Option<Date> {
    let (year, week) = text.split_once("-W")?;
    ISOWeekDate::new(year.parse().ok()?, week.parse().ok()?, Weekday::Monday)
        .ok()
        .map(ISOWeekDate::date)
}
