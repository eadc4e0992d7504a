//! The report as HTML: a page that stands on its own, and the page of a mail.

use serde::Serialize;

use super::block::{
    Block, Bound, Cell, ColumnKind, Document, Figure, Items, KeyFigure, Lines, Section, Table,
};
use super::day;
use crate::render::chart::{self, Size};
use crate::render::line::{counted, grouped};
use crate::render::message::{PAGE_LIMIT, colour};
use crate::render::template;

/// Columns of numbers that have room on a phone; wider tables are scrolled.
const NARROW: usize = 7;

/// How a page shows its pictures.
#[derive(Clone, Copy)]
enum Pictures<'a> {
    /// Inside it.
    Inside,
    /// Those of these keys as parts of the mail.
    Beside(&'a [&'a str]),
}

#[derive(Serialize)]
struct View<'a> {
    title: &'a str,
    summary: &'a str,
    is_mail: bool,
    /// What the drawings of a page need to follow light and dark.
    inks: String,
    keys: Vec<KeyView<'a>>,
    sections: Vec<SectionView<'a>>,
    /// Pictures that had no room.
    missing: Option<String>,
}

#[derive(Serialize)]
struct KeyView<'a> {
    value: &'a str,
    label: &'a str,
    tone: &'static str,
    section: Option<&'a str>,
}

#[derive(Serialize)]
struct SectionView<'a> {
    key: &'a str,
    title: &'a str,
    blocks: Vec<BlockView<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum BlockView<'a> {
    Items {
        items: Vec<ItemView<'a>>,
        more: Option<More>,
    },
    Table(TableView<'a>),
    Lines {
        lines: Vec<LineView<'a>>,
        tone: &'static str,
        more: Option<More>,
    },
    Picture {
        source: String,
        words: String,
        width: u32,
        height: u32,
        caption: &'a str,
    },
    /// The picture itself, drawn twice: for wide screens and paper, and for narrow ones.
    Drawing {
        wide: String,
        narrow: String,
        caption: &'a str,
    },
}

#[derive(Serialize)]
struct More {
    said: String,
    command: String,
}

#[derive(Serialize)]
struct ItemView<'a> {
    severity: &'static str,
    colour: &'static str,
    day: String,
    said: &'a str,
    source: &'a str,
    watched: Option<String>,
    link: Option<&'a str>,
    id: &'a str,
}

#[derive(Serialize)]
struct LineView<'a> {
    text: &'a str,
    link: Option<&'a str>,
}

#[derive(Serialize)]
struct TableView<'a> {
    title: Option<&'a str>,
    is_wide: bool,
    columns: Vec<ColumnView<'a>>,
    rows: Vec<Vec<CellView<'a>>>,
    more: Option<More>,
    note: Option<&'a str>,
}

#[derive(Serialize)]
struct ColumnView<'a> {
    title: &'a str,
    set: &'static str,
}

#[derive(Serialize)]
struct CellView<'a> {
    text: &'a str,
    link: Option<&'a str>,
    detail: &'a str,
    tone: &'static str,
}

/// By how much the lists are shortened until the page is small enough.
const SHORTER: [usize; 4] = [1, 2, 4, 8];

/// What `cid:` in a mail calls a picture.
pub fn content_id(key: &str) -> String {
    format!("{key}@bellwether")
}

/// A page that needs nothing beside it.
pub fn page(document: &Document, text: &str) -> String {
    html(document, Pictures::Inside, 1, text)
}

/// The page of a mail with the pictures of these keys, in which lists are shortened until no mail program cuts it.
pub fn mail(document: &Document, pictures: &[&str], text: &str) -> String {
    let mut page = String::new();
    for shorter in SHORTER {
        page = html(document, Pictures::Beside(pictures), shorter, text);
        if page.len() < PAGE_LIMIT {
            break;
        }
    }
    page
}

fn html(document: &Document, pictures: Pictures<'_>, shorter: usize, text: &str) -> String {
    let is_mail = matches!(pictures, Pictures::Beside(_));
    let sections: Vec<SectionView<'_>> = document
        .sections
        .iter()
        .map(|section| section_view(document, section, pictures, shorter))
        .collect();
    let shown = sections
        .iter()
        .flat_map(|section| &section.blocks)
        .filter(|block| matches!(block, BlockView::Picture { .. } | BlockView::Drawing { .. }))
        .count();
    let missing = document.figures().count() - shown;
    let view = View {
        title: &document.title,
        summary: &document.summary,
        is_mail,
        inks: match pictures {
            Pictures::Inside => chart::css(),
            Pictures::Beside(_) => String::new(),
        },
        keys: document
            .keys
            .iter()
            .map(|key| key_view(document, key))
            .collect(),
        missing: (missing > 0)
            .then(|| format!("{} had no room in this mail", counted(missing, "chart"))),
        // a section whose only picture had no room has no heading either
        sections: sections
            .into_iter()
            .filter(|section| !section.blocks.is_empty())
            .collect(),
    };
    template::html("report.html", &view, text)
}

fn key_view<'a>(document: &Document, key: &'a KeyFigure) -> KeyView<'a> {
    let is_there = document.sections.iter().any(|one| one.key == key.section);
    KeyView {
        value: &key.value.text,
        label: key.label,
        tone: key.value.tone.word(),
        section: is_there.then_some(key.section),
    }
}

fn section_view<'a>(
    document: &Document,
    section: &'a Section,
    pictures: Pictures<'_>,
    shorter: usize,
) -> SectionView<'a> {
    let blocks = section.blocks.iter().filter_map(|block| match block {
        Block::Items(block) => Some(items(document, block, shorter)),
        Block::Table(block) => Some(BlockView::Table(table(block, shorter))),
        Block::Lines(block) => Some(lines(block, shorter)),
        Block::Figure(block) => picture(block, pictures),
    });
    SectionView {
        key: section.key,
        title: section.title,
        blocks: blocks.collect(),
    }
}

fn more(hidden: usize, bound: &Bound) -> Option<More> {
    (hidden > 0).then(|| More {
        said: format!("and {} more", grouped(hidden)),
        command: bound.more.clone(),
    })
}

fn items<'a>(document: &Document, block: &'a Items, shorter: usize) -> BlockView<'a> {
    let (shown, hidden) = block.bound.split(block.items.len(), shorter);
    let items = block.items.iter().take(shown).map(|item| ItemView {
        severity: item.severity.word(),
        colour: colour(item.severity),
        day: day(item.seen_at, &document.zone),
        said: &item.said,
        source: &item.source,
        watched: item.watched(),
        link: item.url.as_deref(),
        id: item.ids.first().map_or("", String::as_str),
    });
    BlockView::Items {
        items: items.collect(),
        more: more(hidden, &block.bound),
    }
}

fn lines(block: &Lines, shorter: usize) -> BlockView<'_> {
    let (shown, hidden) = block.bound.split(block.lines.len(), shorter);
    let lines = block.lines.iter().take(shown).map(|line| LineView {
        text: &line.text,
        link: line.link.as_deref(),
    });
    BlockView::Lines {
        lines: lines.collect(),
        tone: block.tone.word(),
        more: more(hidden, &block.bound),
    }
}

fn table(block: &Table, shorter: usize) -> TableView<'_> {
    let (shown, hidden) = block.bound.split(block.rows.len(), shorter);
    let numbers = block
        .columns
        .iter()
        .filter(|column| column.kind == ColumnKind::Number);
    let columns = block.columns.iter().map(|column| ColumnView {
        title: &column.title,
        set: match column.kind {
            ColumnKind::Name => "name",
            ColumnKind::Text => "words",
            ColumnKind::Number => "number",
        },
    });
    let rows = block.rows.iter().take(shown);
    TableView {
        title: block.title.as_deref(),
        is_wide: numbers.count() > NARROW,
        columns: columns.collect(),
        rows: rows.map(|row| row.iter().map(cell).collect()).collect(),
        more: more(hidden, &block.bound),
        note: block.note.as_deref(),
    }
}

fn cell(cell: &Cell) -> CellView<'_> {
    CellView {
        text: &cell.text,
        link: cell.link.as_deref(),
        detail: &cell.detail,
        tone: cell.tone.word(),
    }
}

fn picture<'a>(block: &'a Figure, pictures: Pictures<'_>) -> Option<BlockView<'a>> {
    let caption = &block.caption;
    let keys = match pictures {
        Pictures::Inside => {
            return Some(BlockView::Drawing {
                wide: block.to_svg(Size::WIDE).ok()?,
                narrow: block.to_svg(Size::NARROW).ok()?,
                caption,
            });
        }
        Pictures::Beside(keys) => keys,
    };
    let size = block.size(Size::MAIL);
    keys.contains(&block.key).then(|| BlockView::Picture {
        source: format!("cid:{}", content_id(block.key)),
        words: block.in_words(),
        width: size.width(),
        height: size.height(),
        caption,
    })
}
