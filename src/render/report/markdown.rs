//! The report as Markdown: foreign text is escaped, so that no name becomes a link, a heading or a table's border.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::block::{Block, Bound, Cell, ColumnKind, Document, Figure, Items, Lines, Table};
use super::day;
use crate::render::line::{grouped, markdown as escaped};

/// What means something within an address between angle brackets, or sooner than a link does: a code span, a table's border
/// (GitHub Flavored Markdown, sections 4.10 and 6.6). Not all of it is encoded in a URL.
const MARKS: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'`')
    .add(b'|');

/// The report as GitHub's dialect, which has tables.
pub fn markdown(document: &Document) -> String {
    let mut out = format!(
        "# {}\n\n{}\n",
        escaped(&document.title),
        escaped(&document.summary)
    );
    let keys: Vec<String> = document
        .keys
        .iter()
        .map(|key| format!("**{}** {}", escaped(&key.value.text), key.label))
        .collect();
    if !keys.is_empty() {
        let _ = write!(out, "\n{}\n", keys.join(" · "));
    }
    for section in &document.sections {
        let _ = write!(out, "\n## {}\n", section.title);
        for block in &section.blocks {
            out.push('\n');
            match block {
                Block::Items(block) => items(&mut out, document, block),
                Block::Table(block) => table(&mut out, block),
                Block::Lines(block) => lines(&mut out, block),
                Block::Figure(block) => figure(&mut out, block),
            }
        }
    }
    out
}

fn more(out: &mut String, start: &str, hidden: usize, bound: &Bound) {
    if hidden > 0 {
        let hidden = grouped(hidden);
        let _ = writeln!(out, "{start}and {hidden} more: `{}`", bound.more);
    }
}

fn linked(text: &str, link: Option<&String>) -> String {
    match link {
        Some(link) => format!(
            "[{}](<{}>)",
            escaped(text),
            utf8_percent_encode(link, MARKS)
        ),
        None => escaped(text),
    }
}

fn items(out: &mut String, document: &Document, block: &Items) {
    let (shown, hidden) = block.bound.split(block.items.len(), 1);
    for item in block.items.iter().take(shown) {
        let id = item.ids.first().map_or("", String::as_str);
        let watched = item.watched();
        let watched = watched.map_or(String::new(), |one| format!(", {}", escaped(&one)));
        let _ = writeln!(
            out,
            "- **{}** {}: {} ({}{watched}, `{}`)",
            item.severity.word(),
            day(item.seen_at, &document.zone),
            escaped(&item.said),
            linked(&item.source, item.url.as_ref()),
            id.replace('`', "")
        );
    }
    more(out, "- ", hidden, &block.bound);
}

fn lines(out: &mut String, block: &Lines) {
    let (shown, hidden) = block.bound.split(block.lines.len(), 1);
    for line in block.lines.iter().take(shown) {
        let _ = writeln!(out, "- {}", linked(&line.text, line.link.as_ref()));
    }
    more(out, "- ", hidden, &block.bound);
}

fn figure(out: &mut String, block: &Figure) {
    let _ = writeln!(out, "{}", escaped(&block.in_words()));
    if !block.caption.is_empty() {
        let _ = write!(out, "\n{}\n", escaped(&block.caption));
    }
}

fn table(out: &mut String, block: &Table) {
    if let Some(title) = &block.title {
        let _ = write!(out, "**{}**\n\n", escaped(title));
    }
    let heads: Vec<String> = block
        .columns
        .iter()
        .map(|one| escaped(&one.title))
        .collect();
    let sides = block.columns.iter().map(|column| match column.kind {
        ColumnKind::Number => "---:",
        ColumnKind::Name | ColumnKind::Text => "---",
    });
    let _ = writeln!(out, "| {} |", heads.join(" | "));
    let _ = writeln!(out, "| {} |", sides.collect::<Vec<_>>().join(" | "));
    let (shown, hidden) = block.bound.split(block.rows.len(), 1);
    for row in block.rows.iter().take(shown) {
        let cells: Vec<String> = row.iter().map(cell).collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    if block.note.is_some() || hidden > 0 {
        out.push('\n');
    }
    more(out, "", hidden, &block.bound);
    if let Some(note) = &block.note {
        let gap = if hidden > 0 { "\n" } else { "" };
        let _ = writeln!(out, "{gap}{}", escaped(note));
    }
}

fn cell(cell: &Cell) -> String {
    let text = linked(&cell.text, cell.link.as_ref());
    match cell.detail.as_str() {
        "" => text,
        detail => format!("{text} ({})", escaped(detail)),
    }
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::{Event, Options, Parser, Tag};

    use super::*;
    use crate::render::line::link;

    #[test]
    fn an_address_is_one_link_whatever_it_holds() {
        for address in [
            r"https://a.example/x|![p](https://t.example/x.png)?a|b\",
            r"https://a.example/?a\",
            "https://a.example/?`",
            "https://a.example/#\\>[x](<javascript:a",
            "https://a.example/?a\n|\n\n# b\t<img src=x>",
        ] {
            let link = link(address).expect("an address");
            let linked = linked("a", Some(&link));
            let page = format!("| x | y |\n| --- | --- |\n| {linked} | `z` |\n\n{linked} `z`\n");
            let (mut targets, mut cells) = (Vec::new(), 0);
            for event in Parser::new_ext(&page, Options::all()) {
                match event {
                    Event::Start(Tag::Link { dest_url, .. }) => targets.push(dest_url.to_string()),
                    Event::Start(Tag::TableCell) => cells += 1,
                    Event::Start(Tag::Image { .. } | Tag::Heading { .. }) => panic!("{page}"),
                    Event::Html(_) | Event::InlineHtml(_) => panic!("{page}"),
                    _ => {}
                }
            }
            let target = utf8_percent_encode(&link, MARKS).to_string();
            assert_eq!(targets, [target.clone(), target], "{page}");
            assert_eq!(cells, 4, "{page}");
        }
        let plain = "https://a.example/a_b?c=%7C&d=[e]*~#f".to_owned();
        assert_eq!(linked("a", Some(&plain)), format!("[a](<{plain}>)"));
    }
}
