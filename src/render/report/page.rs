//! The report as one HTML page.

use serde::Serialize;

use super::{Report, figures, sections};
use crate::render::chart::Size;
use crate::render::line::grouped;
use crate::render::message::{PAGE_LIMIT, colour};
use crate::render::template;

/// Sources in trouble that people are shown.
pub const TROUBLE: usize = 30;

#[derive(Serialize)]
struct View {
    title: String,
    summary: String,
    image: Option<Image>,
    sections: Vec<SectionView>,
    latency_head: Vec<&'static str>,
    latency: Vec<Vec<String>>,
    latency_more: Option<String>,
    latency_note: &'static str,
    trouble: Vec<String>,
    trouble_more: Option<String>,
    method: Vec<String>,
}

#[derive(Serialize)]
struct Image {
    source: String,
    words: String,
    width: u32,
    height: u32,
}

#[derive(Serialize)]
struct SectionView {
    title: &'static str,
    items: Vec<ItemView>,
    more: Option<String>,
}

#[derive(Serialize)]
struct ItemView {
    severity: &'static str,
    colour: &'static str,
    day: String,
    said: String,
    source: String,
    url: Option<String>,
    id: String,
}

/// By how much the lists are shortened until the page is small enough.
const SHORTER: [usize; 4] = [1, 2, 4, 8];

/// The page; without a picture if `image_src` is empty.
pub fn page(report: &Report, image_src: &str) -> String {
    let text = report.to_text();
    let mut page = String::new();
    for shorter in SHORTER {
        page = template::html("report.html", &view(report, image_src, shorter), &text);
        if page.len() < PAGE_LIMIT {
            break;
        }
    }
    page
}

fn view(report: &Report, image_src: &str, shorter: usize) -> View {
    let trouble = sections::trouble(report);
    let (rows, lines) = (figures::ROWS / shorter, TROUBLE / shorter);
    View {
        title: report.title(),
        summary: report.summary(),
        image: image(report, image_src),
        sections: report
            .sections()
            .into_iter()
            .map(|section| section_view(report, section, shorter))
            .collect(),
        latency_head: figures::HEAD.to_vec(),
        latency: report
            .latency
            .iter()
            .take(rows)
            .map(|summary| figures::row(summary).to_vec())
            .collect(),
        latency_more: more(report.latency.len(), rows),
        latency_note: figures::NOTE,
        trouble_more: more(trouble.len(), lines),
        trouble: trouble.into_iter().take(lines).collect(),
        method: sections::method_lines(report),
    }
}

fn image(report: &Report, source: &str) -> Option<Image> {
    let chart = report.changes_by_day().ok()?;
    let size = chart.fitting(Size::MAIL);
    (!source.is_empty()).then(|| Image {
        source: source.to_string(),
        words: chart.in_words(),
        width: size.width(),
        height: size.height(),
    })
}

fn section_view(report: &Report, section: sections::Section, shorter: usize) -> SectionView {
    let limit = section.limit / shorter;
    SectionView {
        title: section.title,
        more: more(section.items.len(), limit),
        items: section
            .items
            .into_iter()
            .take(limit)
            .map(|item| ItemView {
                severity: item.severity.word(),
                colour: colour(item.severity),
                day: item
                    .seen_at
                    .to_zoned(report.zone.clone())
                    .strftime("%a %-d %b")
                    .to_string(),
                said: item.said,
                source: item.source,
                url: item.url,
                id: item.ids.into_iter().next().unwrap_or_default(),
            })
            .collect(),
    }
}

fn more(there_are: usize, shown: usize) -> Option<String> {
    (there_are > shown).then(|| format!("and {} more", grouped(there_are - shown)))
}
