//! Oddities of single sites: named pure rewrites of a body's text, before it is parsed.

mod azure_retired;
mod openai_pricing;

/// A rewrite that a probe names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quirk {
    /// The price rows that OpenAI's pricing page holds in JSX components become Markdown tables.
    OpenaiPricingPanes,
    /// The versions that Azure's page of retired models writes behind a hyphen become parts of the models' ids.
    AzureRetiredVersions,
}

impl Quirk {
    /// Every quirk.
    pub const ALL: [Self; 2] = [Self::OpenaiPricingPanes, Self::AzureRetiredVersions];

    /// The word of the probe file.
    pub fn word(self) -> &'static str {
        match self {
            Self::OpenaiPricingPanes => "openai-pricing-panes",
            Self::AzureRetiredVersions => "azure-retired-versions",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|quirk| quirk.word() == word)
    }

    /// The rewritten text.
    pub fn rewrite(self, text: &str) -> String {
        match self {
            Self::OpenaiPricingPanes => openai_pricing::rewrite(text),
            Self::AzureRetiredVersions => azure_retired::rewrite(text),
        }
    }
}
