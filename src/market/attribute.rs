//! What a claim says something about, spelled as `offerings --format jsonl` prints it.

use std::fmt;
use std::str::FromStr;

/// Which day of a lifecycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DateKind {
    /// First offered.
    Launch,
    /// Enters legacy.
    Legacy,
    /// Its end was announced.
    Deprecated,
    /// Last day of service.
    Retires,
    /// The source says it changed the entry on this day.
    Updated,
}

impl DateKind {
    const ALL: [Self; 5] = [
        Self::Launch,
        Self::Legacy,
        Self::Deprecated,
        Self::Retires,
        Self::Updated,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Launch => "launch",
            Self::Legacy => "legacy",
            Self::Deprecated => "deprecated",
            Self::Retires => "retires",
            Self::Updated => "updated",
        }
    }
}

/// What is metered, in which service tier, above how many tokens of context.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PriceMeter {
    /// `input`, `output`, `cache_read`, `cache_write_5m` …
    pub meter: Box<str>,
    /// `batch`, `flex`, `priority` …; `None` is the standard tier.
    pub tier: Option<Box<str>>,
    /// The price holds for prompts of more than this many tokens.
    pub over: Option<u64>,
}

/// What a claim says something about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    /// The stage of an offering.
    Stage,
    /// How it is called.
    Interface,
    /// The name that people read.
    Name,
    /// What the provider says to move to.
    Replacement,
    /// A lifecycle date.
    Date(DateKind),
    /// A price.
    Price(PriceMeter),
    /// A limit in tokens (or what the name says).
    Limit(Box<str>),
    /// The set of modalities on one side, `input` or `output`.
    Modality(Box<str>),
    /// Whether it can do something.
    Capability(Box<str>),
    /// An incident's or component's state, in the page's own word.
    Status,
    /// An incident's impact, in the page's own word.
    Impact,
    /// An announcement's or incident's text, or the watched part of a page.
    Text,
    /// Where to read more.
    Link,
    /// An announcement's or incident's set of topics or components.
    Topics,
}

impl Attribute {
    /// A price of the standard tier without context band.
    pub fn price(meter: &str) -> Self {
        Self::Price(PriceMeter {
            meter: meter.into(),
            tier: None,
            over: None,
        })
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stage => f.write_str("stage"),
            Self::Interface => f.write_str("interface"),
            Self::Name => f.write_str("name"),
            Self::Replacement => f.write_str("replacement"),
            Self::Date(kind) => write!(f, "date.{}", kind.word()),
            Self::Price(price) => {
                write!(f, "price.{}", price.meter)?;
                if let Some(tier) = &price.tier {
                    write!(f, ".{tier}")?;
                }
                match price.over {
                    Some(tokens) => write!(f, ".over_{tokens}"),
                    None => Ok(()),
                }
            }
            Self::Limit(name) => write!(f, "limit.{name}"),
            Self::Modality(side) => write!(f, "modality.{side}"),
            Self::Capability(name) => write!(f, "capability.{name}"),
            Self::Status => f.write_str("status"),
            Self::Impact => f.write_str("impact"),
            Self::Text => f.write_str("text"),
            Self::Link => f.write_str("link"),
            Self::Topics => f.write_str("topics"),
        }
    }
}

/// A text that names no attribute.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is no attribute: expected stage, interface, name, replacement, date.launch|legacy|deprecated|retires|updated, \
     price.METER[.TIER][.over_TOKENS], limit.NAME, modality.input|output, capability.NAME, status, impact, text, link or topics"
)]
pub struct NoAttribute(String);

impl FromStr for Attribute {
    type Err = NoAttribute;

    fn from_str(text: &str) -> Result<Self, NoAttribute> {
        let refuse = || NoAttribute(text.to_string());
        let (family, rest) = text.split_once('.').unwrap_or((text, ""));
        let named = || {
            if rest.is_empty() {
                Err(refuse())
            } else {
                Ok(Box::from(rest))
            }
        };
        let bare = |attribute| {
            if text == family {
                Ok(attribute)
            } else {
                Err(refuse())
            }
        };
        match family {
            "stage" => bare(Self::Stage),
            "interface" => bare(Self::Interface),
            "name" => bare(Self::Name),
            "replacement" => bare(Self::Replacement),
            "status" => bare(Self::Status),
            "impact" => bare(Self::Impact),
            "text" => bare(Self::Text),
            "link" => bare(Self::Link),
            "topics" => bare(Self::Topics),
            "date" => DateKind::ALL
                .into_iter()
                .find(|kind| kind.word() == rest)
                .map(Self::Date)
                .ok_or_else(refuse),
            "modality" if rest == "input" || rest == "output" => named().map(Self::Modality),
            "limit" => named().map(Self::Limit),
            "capability" => named().map(Self::Capability),
            "price" => price_from(rest).map(Self::Price).ok_or_else(refuse),
            _ => Err(refuse()),
        }
    }
}

fn price_from(text: &str) -> Option<PriceMeter> {
    let mut parts: Vec<&str> = text.split('.').collect();
    let over = match parts.last().and_then(|last| last.strip_prefix("over_")) {
        Some(tokens) => {
            let tokens = tokens.parse().ok()?;
            parts.pop();
            Some(tokens)
        }
        None => None,
    };
    let meter: Box<str> = (*parts.first().filter(|meter| !meter.is_empty())?).into();
    match parts.as_slice() {
        [_] => Some(PriceMeter {
            meter,
            tier: None,
            over,
        }),
        [_, tier] if !tier.is_empty() => Some(PriceMeter {
            meter,
            tier: Some((*tier).into()),
            over,
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attribute_reads_back_as_written() {
        for text in [
            "stage",
            "date.retires",
            "price.input",
            "price.cache_write_5m",
            "price.input.batch",
            "price.output.priority.over_200000",
            "price.input.over_272000",
            "limit.context",
            "modality.input",
            "capability.tool_call",
            "replacement",
            "status",
        ] {
            assert_eq!(
                text.parse::<Attribute>().map(|a| a.to_string()),
                Ok(text.to_string())
            );
        }
        for text in [
            "",
            "price",
            "price.",
            "date.born",
            "modality.x",
            "stage.x",
            "price.a.b.c",
            "limit.",
        ] {
            assert!(text.parse::<Attribute>().is_err(), "{text}");
        }
    }
}
