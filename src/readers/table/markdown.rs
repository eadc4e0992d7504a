//! The tables of Markdown and MDX: pipe tables, and HTML tables that stand among them.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::cell::{Cell, CellText};
use super::grid::{Budget, Grid, RawCell, RawRow};
use super::html;
use super::lists::Lists;
use super::outline::Outline;
use super::tags::Tokens;
use crate::market::Failure;

/// Every table of a page; with `lists` also its lists, each as a table.
pub fn tables(text: &str, lists: bool, budget: &mut Budget) -> Result<Vec<Grid>, Failure> {
    crate::readers::markdown::check(text)?;
    let prepared = prepared(text);
    let mut outline = Outline::default();
    let mut grids = Vec::new();
    let mut read_until = 0;
    let mut rows: Vec<RawRow> = Vec::new();
    let mut sink: Option<CellText> = None;
    let mut is_tab = false;
    let mut listed = lists.then(Lists::default);
    let events = Parser::new_ext(&prepared, options()).into_offset_iter();
    for (event, place) in events {
        if place.start < read_until {
            continue;
        }
        if let Some(listed) = &mut listed {
            listed.read(&event, &outline, budget, &mut grids)?;
        }
        match event {
            Event::Start(Tag::HtmlBlock) => {
                read_until = raw_html(&prepared, &place, &mut outline, budget, &mut grids)?;
            }
            Event::InlineHtml(tag) if sink.is_none() && opens_table(&tag) => {
                read_until = raw_html(&prepared, &place, &mut outline, budget, &mut grids)?;
            }
            Event::Start(Tag::Heading { .. }) => {
                sink = Some(CellText::default());
                is_tab = false;
            }
            Event::Start(Tag::Link { dest_url, .. }) if dest_url.starts_with("#tab/") => {
                is_tab = true;
            }
            Event::End(TagEnd::Heading(level)) => {
                let text = sink.take().unwrap_or_default().finish().text;
                let level = if is_tab { TAB } else { number(level) };
                outline.enter(level, text);
            }
            Event::Start(Tag::Table(_)) => rows.clear(),
            Event::Start(Tag::TableHead) => rows.push(RawRow {
                cells: Vec::new(),
                head: true,
            }),
            Event::Start(Tag::TableRow) => rows.push(RawRow::default()),
            Event::Start(Tag::TableCell) => {
                budget.gather()?;
                sink = Some(CellText::default());
            }
            Event::End(TagEnd::TableCell) => {
                let text = sink.take().unwrap_or_default();
                if let Some(row) = rows.last_mut() {
                    row.cells.push(RawCell {
                        cell: text.finish(),
                        colspan: 1,
                        rowspan: 1,
                        head: row.head,
                    });
                }
            }
            Event::End(TagEnd::Table) => {
                let rows = std::mem::take(&mut rows);
                let laid = Grid::lay_out(rows, &outline.path(), "", budget)?;
                grids.extend(laid.into_iter().map(|grid| grid.under(&outline)));
            }
            Event::Code(code) if sink.is_none() => outline.name(&code),
            Event::End(TagEnd::Paragraph) if sink.is_none() => outline.end_paragraph(),
            event => {
                if let Some(text) = &mut sink {
                    apply(&event, text);
                }
            }
        }
    }
    Ok(grids)
}

/// The cell of an HTML table inside Markdown: what it gathered may itself be Markdown.
pub fn cell(text: CellText) -> Cell {
    let raw = text.raw();
    let plain = !(raw.contains('`') || raw.contains("](") || raw.contains("**"));
    if plain && !raw.contains("{\" \"}") {
        return text.finish();
    }
    let mut inner = CellText::default();
    for line in raw.replace("{\" \"}", " ").lines() {
        for event in Parser::new_ext(line.trim(), options()) {
            apply(&event, &mut inner);
        }
        inner.break_line();
    }
    let mut inner = inner.finish();
    let outer = text.finish();
    inner.codes.extend(outer.codes);
    inner.links.extend(outer.links);
    inner
}

/// What Markdown is read with.
pub fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH
}

/// What an event inside a cell, heading or item does to its text.
pub fn apply(event: &Event<'_>, text: &mut CellText) {
    match event {
        Event::Text(raw) => text.push(raw),
        Event::Code(raw) => {
            text.begin_code();
            text.push(raw);
            text.end_code();
        }
        Event::Html(raw) | Event::InlineHtml(raw) => {
            for (token, _) in Tokens::new(raw, true) {
                html::apply(&token, text);
            }
        }
        Event::SoftBreak => text.push(" "),
        Event::HardBreak | Event::Rule => text.break_line(),
        Event::Start(Tag::Link { dest_url, .. }) => text.link(dest_url),
        Event::Start(Tag::Strikethrough) => text.begin_struck(),
        Event::End(TagEnd::Strikethrough) => text.end_struck(),
        _ => {}
    }
}

/// The level of the name of a tab, which Microsoft's pages write as a heading of the first: it stands below all headings.
const TAB: u8 = 7;

fn number(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

fn opens_table(tag: &str) -> bool {
    tag.get(..6)
        .is_some_and(|start| start.eq_ignore_ascii_case("<table"))
}

/// Reads the HTML at `place`, beyond it to the end of a table that begins there. Gives the offset up to which it was read.
fn raw_html(
    page: &str,
    place: &std::ops::Range<usize>,
    outline: &mut Outline,
    budget: &mut Budget,
    grids: &mut Vec<Grid>,
) -> Result<usize, Failure> {
    let rest = page.get(place.start..).unwrap_or("");
    let length = html::end_of_tables(rest, place.len());
    let part = rest.get(..length).unwrap_or(rest);
    grids.extend(html::tables(part, true, outline, budget)?);
    Ok(place.start + length)
}

/// The page without front matter, with every pipe table as a block of its own at the left margin: in MDX they stand
/// indented inside components, where CommonMark would take them for code or text.
pub fn prepared(text: &str) -> String {
    let text = without_front_matter(text);
    let mut out = String::with_capacity(text.len() + 64);
    let mut fence: Option<(char, usize)> = None;
    let mut last_is_pipe = false;
    let mut last_is_blank = true;
    for line in text.lines() {
        let trimmed = line.trim_start();
        let mark = fence_mark(trimmed);
        let is_pipe = fence.is_none() && trimmed.starts_with('|');
        match (fence, mark) {
            (None, Some(opened)) => fence = Some(opened),
            (Some((mark, length)), Some((other, found)))
                if mark == other
                    && found >= length
                    && trimmed.trim_end().chars().all(|c| c == mark) =>
            {
                fence = None;
            }
            _ => {}
        }
        if is_pipe != last_is_pipe && !last_is_blank && !trimmed.is_empty() {
            out.push('\n');
        }
        let is_tag = fence.is_none() && trimmed.starts_with('<');
        out.push_str(if is_pipe || is_tag { trimmed } else { line });
        out.push('\n');
        last_is_pipe = is_pipe;
        last_is_blank = trimmed.is_empty();
    }
    out
}

fn fence_mark(trimmed: &str) -> Option<(char, usize)> {
    let mark = trimmed.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = trimmed.chars().take_while(|c| *c == mark).count();
    let inline = mark == '`' && trimmed.trim_start_matches(mark).contains(mark);
    (length >= 3 && !inline).then_some((mark, length))
}

fn without_front_matter(text: &str) -> &str {
    let Some(rest) = text
        .strip_prefix("---\n")
        .or_else(|| text.strip_prefix("---\r\n"))
    else {
        return text;
    };
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        at += line.len();
        if line.trim_end() == "---" {
            return rest.get(at..).unwrap_or("");
        }
    }
    text
}
