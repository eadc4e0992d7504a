//! Items that are whole days: release notes whose entry holds one block a heading (facts: google.md §8).

use super::super::folding::{folded, shortened};
use super::{LONGEST_LINE, plain};
use crate::market::Failure;

/// Blocks of one item; an item with more is no day of announcements.
const MOST_BLOCKS: usize = 200;

/// By so many characters of its text a block is told from the others of its item: enough to differ, and short enough that a
/// later edit of the block's end changes its text and not what it is.
const TELLING: usize = 80;

/// One block of an item.
#[derive(Debug, PartialEq, Eq)]
pub struct Block {
    /// Its kind, as its heading says: `Feature`, `Deprecated`.
    pub heading: String,
    /// Its text, shortened.
    pub text: String,
}

impl Block {
    /// The block's key, from its item's.
    pub fn key(&self, item: &str) -> String {
        let start: String = self.text.chars().take(TELLING).collect();
        format!("{item} {}: {}", self.heading, start.trim_end())
    }

    /// The block's title: its kind and first sentence.
    pub fn title(&self) -> String {
        let sentence = self.text.split(". ").next().unwrap_or(&self.text);
        let sentence = sentence.trim_end_matches('.');
        shortened(&format!("{}: {sentence}", self.heading), LONGEST_LINE)
    }
}

/// The blocks below the headings called `tag` (`h3`) of an item's markup; none if it has no such heading. What stands before
/// the first heading belongs to no block.
pub fn blocks(markup: &str, tag: &str) -> Result<Vec<Block>, Failure> {
    let lower = markup.to_ascii_lowercase();
    let (open, close) = (format!("<{tag}"), format!("</{tag}>"));
    let starts: Vec<usize> = lower
        .match_indices(&open)
        .map(|(at, _)| at)
        .filter(|at| {
            let behind = lower
                .get(at + open.len()..)
                .and_then(|rest| rest.chars().next());
            behind.is_some_and(|c| c == '>' || c.is_whitespace())
        })
        .take(MOST_BLOCKS)
        .collect();
    let mut blocks = Vec::with_capacity(starts.len());
    for (index, start) in starts.iter().enumerate() {
        let end = starts.get(index + 1).copied().unwrap_or(markup.len());
        let part = markup.get(*start..end).unwrap_or_default();
        let length = lower
            .get(*start..end)
            .and_then(|part| part.find(&close))
            .map_or(part.len(), |at| at + close.len());
        let (heading, body) = part.split_at_checked(length).unwrap_or((part, ""));
        let heading = folded(&plain(heading)?);
        let text = plain(body)?;
        if !heading.is_empty() && !text.is_empty() {
            blocks.push(Block { heading, text });
        }
    }
    Ok(blocks)
}
