//! `export`: what is known, as files that other programs read.

mod progress;
mod target;

use std::path::PathBuf;

use anyhow::Context as _;
use jiff::Timestamp;
use jiff::civil::Date;

use self::progress::Progress;
use self::target::Target;
use super::latency::SampleRow;
use super::output::Format;
use super::{Setup, wrong};
use crate::daemon::clock;
use crate::market::{Column, FactRow, RecordedChange, Subject, Tabular, Wanted};
use crate::outlook::indicators::IndicatorRow;
use crate::outlook::published;
use crate::render::table::{Table, TableForm};
use crate::store::{
    AllSeries, ChangeFilter, Changes, OfferingFilter, Offerings, Series, SeriesKind,
};

/// `bellwether export`.
#[derive(Debug, clap::Subcommand)]
pub enum Arguments {
    /// What every source says of every offering, now or as of any time.
    #[command(after_help = "Examples:\n  \
        bellwether export facts --out facts.parquet\n  \
        bellwether export facts --provider azure --at 2026-06-03 --as csv > azure.csv")]
    Facts(Facts),
    /// What changed: news of the landscape, or with --all every source's changes.
    #[command(after_help = "Examples:\n  \
        bellwether export changes --since 30d --out changes.csv\n  \
        bellwether export changes --all --model gpt-4o --as jsonl | jq .kind")]
    Changes(AllChanges),
    /// Every single measurement that is kept, in the order of time.
    #[command(after_help = "Examples:\n  \
        bellwether export samples --since 7d --out samples.parquet\n  \
        bellwether export samples --provider openai --as csv > openai.csv")]
    Samples(Samples),
    /// Numbers about the landscape, day by day, as `bellwether indicators` counts them.
    #[command(after_help = "Examples:\n  \
        bellwether export indicators --out indicators.parquet\n  \
        bellwether export indicators --since 2026-01-01 --provider azure --as csv > azure.csv")]
    Indicators(Days),
    /// The days on which models are deprecated and retire, to be subscribed to (iCalendar).
    #[command(after_help = "Examples:\n  \
        bellwether export calendar --out /var/www/retirements.ics")]
    Calendar(Calendar),
    /// The newest news, to be subscribed to (Atom).
    #[command(after_help = "Examples:\n  \
        bellwether export feed --url https://bellwether.example.org --out /var/www/feed.xml")]
    Feed(Feed),
}

/// How a table is written, and where to.
#[derive(Debug, clap::Args)]
struct Form {
    /// The form [default: that of the file's extension, else that of --format, else csv].
    #[arg(long = "as", value_name = "FORM")]
    form: Option<Word>,
    /// Write it to this file instead of stdout; whoever reads it sees the old one or the whole new one.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// The words for forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Word {
    /// Comma-separated values with a header (RFC 4180); texts that a spreadsheet would calculate are led by an apostrophe.
    Csv,
    /// One JSON array.
    Json,
    /// One JSON object a line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
}

/// `bellwether export facts`.
#[derive(Debug, clap::Args)]
pub struct Facts {
    /// As believed at this time: 2026-06-03, 2026-06-03T12:00:00Z, or an age such as 30d.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    #[command(flatten)]
    about: About,
    #[command(flatten)]
    form: Form,
}

/// `bellwether export changes`.
#[derive(Debug, clap::Args)]
pub struct AllChanges {
    /// Every source's changes instead of news only.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    span: Span,
    #[command(flatten)]
    about: About,
    #[command(flatten)]
    form: Form,
}

/// `bellwether export samples`.
#[derive(Debug, clap::Args)]
pub struct Samples {
    #[command(flatten)]
    span: Span,
    #[command(flatten)]
    about: About,
    #[command(flatten)]
    form: Form,
}

/// `bellwether export indicators`.
#[derive(Debug, clap::Args)]
pub struct Days {
    /// The first day [default: the first of which anything is known].
    #[arg(long, value_name = "DAY", value_parser = crate::commands::setup::day)]
    since: Option<Date>,
    /// The last day [default: yesterday].
    #[arg(long, value_name = "DAY", value_parser = crate::commands::setup::day)]
    until: Option<Date>,
    /// Only of this provider.
    #[arg(long)]
    provider: Option<String>,
    #[command(flatten)]
    form: Form,
}

/// `bellwether export calendar`.
#[derive(Debug, clap::Args)]
pub struct Calendar {
    /// Write it to this file instead of stdout; whoever reads it sees the old one or the whole new one.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// `bellwether export feed`.
#[derive(Debug, clap::Args)]
pub struct Feed {
    /// The address below which the dashboard is found: entries lead there, else to the evidence.
    #[arg(long, value_name = "BASE")]
    url: Option<String>,
    /// Write it to this file instead of stdout; whoever reads it sees the old one or the whole new one.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Which time is asked for.
#[derive(Debug, clap::Args)]
struct Span {
    /// At or after this time: 2026-11-01, 2026-11-01T06:00:00Z, or an age such as 7d.
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Before this time.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
}

/// What is asked for.
#[derive(Debug, clap::Args)]
struct About {
    /// Of this provider.
    #[arg(long)]
    provider: Option<String>,
    /// Of this model (anthropic/claude-sonnet-4.5, claude-sonnet-4.5), or whose native id holds this text.
    #[arg(long)]
    model: Option<String>,
}

impl Arguments {
    /// Whether it needs to know what is asked of others, not only what is kept.
    pub fn asks(&self) -> bool {
        matches!(self, Self::Indicators(_))
    }
}

/// Runs the command.
pub fn run(setup: &Setup, arguments: &Arguments) -> anyhow::Result<()> {
    let done = match arguments {
        Arguments::Facts(arguments) => facts(setup, arguments),
        Arguments::Changes(arguments) => changes(setup, arguments),
        Arguments::Samples(arguments) => samples(setup, arguments),
        Arguments::Indicators(arguments) => indicators(setup, arguments),
        Arguments::Calendar(arguments) => {
            let made = published::calendar(
                &setup.open_for_reading()?,
                clock::now(),
                setup.settings.simulated,
            )?;
            write(arguments.out.clone(), &made)
        }
        Arguments::Feed(arguments) => feed(setup, arguments),
    };
    match done {
        // whoever reads no more has all that was wanted
        Err(error) if is_closed(&error) => Ok(()),
        done => done,
    }
}

fn is_closed(error: &anyhow::Error) -> bool {
    let fault = error.downcast_ref::<std::io::Error>();
    fault.is_some_and(|fault| fault.kind() == std::io::ErrorKind::BrokenPipe)
}

fn facts(setup: &Setup, arguments: &Facts) -> anyhow::Result<()> {
    let now = clock::now();
    let asked = time(setup, &arguments.at, now)?;
    let at = asked.unwrap_or(now);
    let filter = OfferingFilter {
        at: asked,
        provider: arguments.about.provider.clone(),
        model: arguments.about.model.clone(),
        ..OfferingFilter::default()
    };
    let store = setup.open_for_reading()?;
    let mut rows = Rows::new(setup, &arguments.form, FactRow::COLUMNS)?;
    store.each_provider(&filter, |facts| {
        for of_one in facts.chunk_by(|one, next| one.subject == next.subject) {
            let identity = of_one.first().and_then(|fact| fact.subject.identity());
            let identity = identity.as_ref();
            for fact in of_one {
                let row = FactRow { fact, identity, at };
                rows.add(&row, || fact.subject.provider.to_string())?;
            }
        }
        anyhow::Ok(())
    })?;
    rows.finish()
}

fn changes(setup: &Setup, arguments: &AllChanges) -> anyhow::Result<()> {
    let now = clock::now();
    let filter = ChangeFilter {
        all: arguments.all,
        since: time(setup, &arguments.span.since, now)?,
        until: time(setup, &arguments.span.until, now)?,
        provider: arguments.about.provider.clone(),
        model: arguments.about.model.clone(),
        ..ChangeFilter::default()
    };
    let store = setup.open_for_reading()?;
    let mut rows = Rows::new(setup, &arguments.form, RecordedChange::COLUMNS)?;
    store.each_change(&filter, |recorded| {
        rows.add(&recorded, || recorded.change.confirmed_at.to_string())
    })?;
    rows.finish()
}

fn samples(setup: &Setup, arguments: &Samples) -> anyhow::Result<()> {
    let now = clock::now();
    let since = time(setup, &arguments.span.since, now)?.unwrap_or(Timestamp::MIN);
    let until = time(setup, &arguments.span.until, now)?.unwrap_or(Timestamp::MAX);
    let About { provider, model } = &arguments.about;
    let model = model.as_deref().map(Wanted::new);
    let is_wanted = |series: &Series| {
        let is_of = provider.as_ref().is_none_or(|one| *one == series.provider);
        is_of && model.as_ref().is_none_or(|model| measures(series, model))
    };
    let store = setup.open_for_reading()?;
    let mut rows = Rows::new(setup, &arguments.form, SampleRow::COLUMNS)?;
    store.samples(since, until, is_wanted, |series, sample| {
        let sample = &sample;
        rows.add(&SampleRow { series, sample }, || sample.at.to_string())
    })?;
    rows.finish()
}

fn indicators(setup: &Setup, arguments: &Days) -> anyhow::Result<()> {
    if let (Some(since), Some(until)) = (arguments.since, arguments.until)
        && since > until
    {
        return Err(wrong(format!(
            "expected --since on or before --until {until}, found {since}"
        )));
    }
    let provider = arguments.provider.as_deref();
    let mut rows = Rows::new(setup, &arguments.form, IndicatorRow::COLUMNS)?;
    super::indicators::each(setup, [arguments.since, arguments.until], |row| {
        if provider.is_some_and(|provider| *provider != *row.indicator.provider) {
            return Ok(());
        }
        rows.add(&row, || row.day.to_string())
    })?;
    rows.finish()
}

/// Whether a series measures the model that is meant.
fn measures(series: &Series, model: &Wanted) -> bool {
    let asked = Subject::offering(series.provider.as_str(), series.model.as_str());
    series.kind == SeriesKind::Model && model.fits(&asked)
}

fn feed(setup: &Setup, arguments: &Feed) -> anyhow::Result<()> {
    let base = arguments.url.as_deref();
    let is_web = |base: &str| base.starts_with("https://") || base.starts_with("http://");
    if let Some(base) = base.filter(|base| !is_web(base) || url::Url::parse(base).is_err()) {
        return Err(wrong(format!(
            "expected an address such as https://bellwether.example.org, found '{base}'"
        )));
    }
    let store = setup.open_for_reading()?;
    let made = published::feed(&store, base, published::Subscribed::default())?;
    let made = made.simulated(setup.settings.simulated);
    write(arguments.out.clone(), &made.finish(clock::now()))
}

fn time(setup: &Setup, text: &Option<String>, now: Timestamp) -> anyhow::Result<Option<Timestamp>> {
    let zone = &setup.settings.zone;
    let text = text.as_deref();
    text.map(|text| super::setup::time(text, zone, now))
        .transpose()
}

/// Writes a whole text.
fn write(out: Option<PathBuf>, text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    let mut target = Target::open(out)?;
    let written = target.write_all(text.as_bytes());
    written.with_context(|| target.name())?;
    target.finish(None)
}

/// The rows of a table on their way to where they are written.
struct Rows {
    table: Table<Target>,
    name: String,
    progress: Progress,
}

impl Rows {
    fn new(setup: &Setup, form: &Form, columns: &'static [Column]) -> anyhow::Result<Self> {
        let word = word(setup.format, form)?;
        let target = Target::open(form.out.clone())?;
        if word == Word::Parquet && target.is_terminal() {
            return Err(wrong(
                "Parquet is nothing to be read on a terminal: name a file with --out, or another form with --as",
            ));
        }
        let name = target.name();
        let form = match word {
            Word::Csv => TableForm::Csv,
            Word::Json => TableForm::Json,
            Word::Jsonl => TableForm::Jsonl,
            Word::Parquet => TableForm::Parquet,
        };
        Ok(Self {
            table: Table::new(form, columns, target).with_context(|| name.clone())?,
            name,
            progress: Progress::new(),
        })
    }

    /// Writes a row; `place` says how far that is, for people who wait.
    fn add(&mut self, row: &impl Tabular, place: impl FnOnce() -> String) -> anyhow::Result<()> {
        let written = self.table.row(&row.cells());
        written.with_context(|| self.name.clone())?;
        self.progress.step(place);
        Ok(())
    }

    fn finish(self) -> anyhow::Result<()> {
        let Self {
            table,
            name,
            progress,
        } = self;
        let target = table.finish().context(name)?;
        target.finish(Some(progress.end()))
    }
}

/// The form that is asked for, else the one that the file's name tells.
fn word(format: Format, form: &Form) -> anyhow::Result<Word> {
    if let Some(word) = form.form {
        return Ok(word);
    }
    let Some(path) = &form.out else {
        return Ok(match format {
            Format::Table | Format::Csv => Word::Csv,
            Format::Json => Word::Json,
            Format::Jsonl => Word::Jsonl,
        });
    };
    let extension = path.extension().map(|end| end.to_ascii_lowercase());
    match extension.as_ref().and_then(|end| end.to_str()) {
        Some("csv") => Ok(Word::Csv),
        Some("json") => Ok(Word::Json),
        Some("jsonl" | "ndjson") => Ok(Word::Jsonl),
        Some("parquet") => Ok(Word::Parquet),
        _ => Err(wrong(format!(
            "expected a file that ends in .csv, .json, .jsonl or .parquet, or --as with one of these, found {}",
            path.display()
        ))),
    }
}
