//! The headings of a page, and what the code below them names.

/// Names of one part of a page that are kept.
const MOST_NAMES: usize = 64;

/// The headings that the current place of a page stands under.
#[derive(Debug, Default)]
pub struct Outline(Vec<Heading>);

#[derive(Debug)]
struct Heading {
    level: u8,
    text: String,
    names: Vec<String>,
    is_named: bool,
}

impl Outline {
    /// A heading of `level` (1 to 6, a tab's name 7) begins a part of the page.
    pub fn enter(&mut self, level: u8, text: String) {
        self.0.retain(|heading| heading.level < level);
        self.0.push(Heading {
            level,
            text,
            names: Vec::new(),
            is_named: false,
        });
    }

    /// The headings, outermost first.
    pub fn path(&self) -> Vec<String> {
        self.0.iter().map(|heading| heading.text.clone()).collect()
    }

    /// Inline code stands below the last heading.
    pub fn name(&mut self, code: &str) {
        if let Some(heading) = self.0.last_mut()
            && !heading.is_named
            && heading.names.len() < MOST_NAMES
        {
            heading.names.push(code.trim().to_string());
        }
    }

    /// A paragraph ends. The first one with code names what the part is about, code in later ones is only mentioned.
    pub fn end_paragraph(&mut self) {
        if let Some(heading) = self.0.last_mut() {
            heading.is_named |= !heading.names.is_empty();
        }
    }

    /// The place in the path of the innermost heading that code names, and that code.
    pub fn named(&self) -> Option<Named> {
        let at = self
            .0
            .iter()
            .rposition(|heading| !heading.names.is_empty())?;
        let names = self.0.get(at)?.names.clone();
        Some(Named { at, names })
    }
}

/// What the code below a heading names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The place of the heading in the path.
    pub at: usize,
    /// The inline code of the first paragraph that has any.
    pub names: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_ends_those_below_it() {
        let mut outline = Outline::default();
        for (level, text) in [(2, "Past"), (3, "2024"), (4, "Base"), (3, "2023")] {
            outline.enter(level, text.to_string());
        }
        assert_eq!(outline.path(), ["Past", "2023"]);
    }

    #[test]
    fn the_first_paragraph_with_code_names_a_part() {
        let mut outline = Outline::default();
        outline.enter(1, "Prices".to_string());
        outline.enter(2, "Model 1".to_string());
        outline.end_paragraph();
        outline.name("m-1");
        outline.name("m-1-pro");
        outline.end_paragraph();
        outline.name("temperature");
        outline.enter(3, "Standard".to_string());
        let named = outline.named().expect("names");
        assert_eq!(
            (named.at, named.names),
            (1, vec!["m-1".to_string(), "m-1-pro".to_string()])
        );
        outline.enter(2, "Tools".to_string());
        assert_eq!(outline.named(), None);
    }
}
