//! The archive of reports, and one of them as it was made.

use serde::Serialize;

use crate::store::{ReportForm, ReportRecord, Reports as _};
use crate::web::answer::{Answer, HTML, JSON};
use crate::web::links;
use crate::web::page::{self, Moment};
use crate::web::refusal::Refusal;
use crate::web::route::Asked;
use crate::web::shown::told_at;

const TEXT: &str = "text/plain; charset=utf-8";

#[derive(Serialize)]
struct View {
    reports: Vec<ReportView>,
    has_mail: bool,
}

#[derive(Serialize)]
struct ReportView {
    period: String,
    link: String,
    kind: String,
    first: String,
    last: String,
    zone: String,
    made: Moment,
    subject: String,
    /// The archived report before it, and the one after it.
    before: Option<(String, String)>,
    after: Option<(String, String)>,
}

/// Makes the page of the archive.
pub(super) fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let records = asked.store.reports()?;
    let view = View {
        reports: records.iter().map(|one| view(asked, one)).collect(),
        has_mail: asked.site.means.settings.mail.is_some(),
    };
    page::page(asked.site, ("/reports", "Reports"), "reports.html", &view)
}

fn view(asked: &Asked<'_>, record: &ReportRecord) -> ReportView {
    ReportView {
        link: links::report(&record.period),
        period: record.period.clone(),
        kind: record.kind.clone(),
        first: record.first.to_string(),
        last: record.last.to_string(),
        zone: record.zone.clone(),
        made: told_at(asked, record.made_at),
        subject: record.subject.clone(),
        before: None,
        after: None,
    }
}

/// Makes the page of one report, which shows it in a frame of its own.
pub(super) fn one(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let period = asked.query.part("period");
    let records = asked.store.reports()?;
    let at = records.iter().position(|one| one.period == period);
    let at = at.ok_or_else(|| missing(period))?;
    let record = records.get(at).ok_or_else(|| missing(period))?;
    // of the same kind: the latest stands first
    let named = |one: &ReportRecord| (links::report(&one.period), one.period.clone());
    let is_alike = |one: &&ReportRecord| one.kind == record.kind;
    let mut before = records.iter().skip(at + 1).filter(is_alike);
    let mut after = records.iter().take(at).rev().filter(is_alike);
    let view = ReportView {
        before: before.next().map(named),
        after: after.next().map(named),
        ..view(asked, record)
    };
    let title = format!("Report {}", record.period);
    page::page(asked.site, ("/reports", &title), "report.html", &view)
}

fn missing(period: &str) -> Refusal {
    let period: String = period.chars().take(40).collect();
    Refusal::Missing(format!("there is no report {period}"))
}

/// One report in a form in which it is kept.
pub(super) fn form(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let period = asked.query.part("period");
    let (form, content_type) = match asked.query.part("form") {
        "page" => (ReportForm::Html, HTML),
        "text" => (ReportForm::Text, TEXT),
        "json" => (ReportForm::Json, JSON),
        _ => return Err(missing(period)),
    };
    let kept = asked.store.archived_report(period, form)?;
    let answer = Answer::new(content_type, kept.ok_or_else(|| missing(period))?);
    Ok(match form {
        ReportForm::Html => answer.into_document(),
        _ => answer,
    })
}
