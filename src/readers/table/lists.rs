//! The lists of Markdown as tables of one column: some pages announce what ends in a list below a sentence.

use pulldown_cmark::{Event, Tag, TagEnd};

use super::cell::{Cell, CellText};
use super::grid::{Budget, Grid};
use super::markdown::apply;
use super::outline::Outline;
use crate::market::Failure;

/// Lists inside lists; deeper ones are not read.
const MOST_NESTED: usize = 16;

/// Gathers lists from the events of a page.
#[derive(Default)]
pub struct Lists {
    lead: String,
    paragraph: Option<CellText>,
    open: Vec<OpenList>,
    too_deep: usize,
}

struct OpenList {
    lead: String,
    items: Vec<Cell>,
    item: Option<CellText>,
}

impl Lists {
    /// Takes the next event. A list that ends is added to `grids`.
    pub fn read(
        &mut self,
        event: &Event<'_>,
        outline: &Outline,
        budget: &mut Budget,
        grids: &mut Vec<Grid>,
    ) -> Result<(), Failure> {
        match event {
            Event::Start(Tag::Heading { .. }) => self.lead.clear(),
            Event::Start(Tag::List(_)) => self.begin(),
            Event::End(TagEnd::List(_)) if self.too_deep > 0 => self.too_deep -= 1,
            Event::End(TagEnd::List(_)) => {
                if let Some(list) = self.open.pop() {
                    let path = outline.path();
                    grids.push(Grid::of_list(list.items, &list.lead, &path, budget)?);
                }
            }
            _ if self.too_deep > 0 => {}
            Event::Start(Tag::Item) => {
                if let Some(list) = self.open.last_mut() {
                    list.item = Some(CellText::default());
                }
            }
            Event::End(TagEnd::Item) => {
                if let Some(list) = self.open.last_mut() {
                    list.items.extend(list.item.take().map(CellText::finish));
                }
            }
            Event::Start(Tag::Paragraph) if self.open.is_empty() => {
                self.paragraph = Some(CellText::default());
            }
            Event::End(TagEnd::Paragraph) if self.open.is_empty() => {
                if let Some(text) = self.paragraph.take() {
                    self.lead = text.finish().text;
                }
            }
            event => {
                let item = self.open.last_mut().and_then(|list| list.item.as_mut());
                if let Some(text) = item.or(self.paragraph.as_mut()) {
                    apply(event, text);
                }
            }
        }
        Ok(())
    }

    fn begin(&mut self) {
        if self.open.len() >= MOST_NESTED {
            self.too_deep += 1;
            return;
        }
        let outer = self.open.last().and_then(|list| list.item.as_ref());
        let lead = match outer {
            Some(item) => item.raw().trim().to_string(),
            None => self.lead.clone(),
        };
        self.open.push(OpenList {
            lead,
            items: Vec::new(),
            item: None,
        });
    }
}
