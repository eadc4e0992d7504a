//! Taking a native id apart: path, routing prefix, label, version, variant, notes.

use super::rows::Provider;
use super::tables::Tables;

/// Prefixes that tell where a model is served, not which (facts: Bedrock's inference profiles; registries' paths).
const ROUTING: [&str; 9] = [
    "us", "eu", "apac", "jp", "au", "in", "ca", "us-gov", "global",
];

/// The longest text that is taken for an id, in bytes.
const LONGEST: usize = 300;

/// A native id without its routing prefix, if it has one: `us.anthropic.claude…` is `anthropic.claude…`. What follows the
/// prefix has a label of its own, so that `us.x` stays.
pub fn without_routing(native_id: &str) -> Option<&str> {
    routed(native_id).map(|(_, rest)| rest)
}

/// Where a native id's routing prefix leads: `us` of `us.anthropic.claude…`.
pub fn route(native_id: &str) -> Option<&str> {
    routed(native_id).map(|(prefix, _)| prefix)
}

fn routed(native_id: &str) -> Option<(&str, &str)> {
    let (prefix, rest) = native_id.split_once('.')?;
    (ROUTING.contains(&prefix) && rest.contains('.')).then_some((prefix, rest))
}

/// Whose spelling an id is.
#[derive(Debug)]
pub struct Seller<'t> {
    /// The provider, if it is known.
    pub provider: Option<&'t Provider>,
    /// Its name as it was given, in lower case; empty: not given.
    pub name: String,
}

/// Who is named as the maker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Label {
    /// Nobody.
    None,
    /// A lab of the tables.
    Lab(usize),
    /// A label that the tables do not know, from a provider whose labels are believed.
    Stated(String),
}

/// A native id in its parts, all in lower case.
#[derive(Debug)]
pub struct Parts {
    /// Who is named as the maker.
    pub label: Label,
    /// Whether the label stands before a dot: then it is the maker's beyond doubt, and packaging follows.
    pub dotted: bool,
    /// The name.
    pub name: String,
    /// What stands after an `@`.
    pub at: Option<String>,
    /// What stands after a colon that is packaging: `0` of `-v1:0`.
    pub revision: Option<String>,
}

/// The steps that were taken, in order, each once.
#[derive(Debug, Default)]
pub struct Steps(Vec<&'static str>);

impl Steps {
    /// Notes a step.
    pub fn note(&mut self, step: &'static str) {
        if !self.0.contains(&step) {
            self.0.push(step);
        }
    }
    /// The steps as one text.
    pub fn text(&self) -> String {
        self.0.join(", ")
    }
}

/// Takes an id apart. The error says why it denotes no model that others could sell too.
pub fn take_apart(
    tables: &Tables,
    seller: &Seller<'_>,
    native_id: &str,
    steps: &mut Steps,
) -> Result<Parts, String> {
    let text = bare(native_id, steps)?;
    let mut parts = Parts {
        label: Label::None,
        dotted: false,
        name: String::new(),
        at: None,
        revision: None,
    };
    let mut name = parts.path(tables, seller, &text, steps)?;
    if let Some((label, rest)) = name.split_once(": ") {
        parts.named(tables, seller, label.trim(), steps)?;
        name = rest.trim().to_string();
    }
    if let Some(rest) = without_routing(&name) {
        name = rest.to_string();
        steps.note("routing prefix");
    }
    if let Some((label, rest)) = name.split_once('.')
        && let Some(lab) = tables.label(label)
    {
        parts.label = Label::Lab(lab);
        parts.dotted = true;
        name = rest.to_string();
        steps.note("vendor label");
    }
    if let Some((rest, version)) = name.rsplit_once('@') {
        parts.at = Some(version.to_string());
        name = rest.to_string();
    }
    name = parts.variant(tables, &name, steps)?;
    parts.name = notes(tables, &name, steps)?;
    Ok(parts)
}

/// An id in lower case, without what stands around it: an ARN, the mark of an alias, a client's suffix.
fn bare(native_id: &str, steps: &mut Steps) -> Result<String, String> {
    let text = decoded(native_id.trim());
    if text.is_empty() || text.len() > LONGEST {
        return Err("no name".to_string());
    }
    let mut text = text.to_ascii_lowercase();
    if text.starts_with("ft:")
        || text.contains(":ft:")
        || text.contains("/ft:")
        || text.contains(".ft-")
    {
        return Err("a fine-tune is a model of its own".to_string());
    }
    if let Some(resource) = text.strip_prefix("arn:") {
        text = foundation(resource)?;
        steps.note("ARN");
    }
    if let Some(rest) = text.strip_prefix('~') {
        text = rest.to_string();
        steps.note("alias key");
    }
    if let Some((name, _)) = text
        .strip_suffix(']')
        .and_then(|text| text.rsplit_once('['))
    {
        text = name.to_string();
        steps.note("client suffix");
    }
    Ok(text)
}

impl Parts {
    /// Walks a path from its end: the last segment is the name, the nearest label before it the maker.
    fn path(
        &mut self,
        tables: &Tables,
        seller: &Seller<'_>,
        text: &str,
        steps: &mut Steps,
    ) -> Result<String, String> {
        let text = text.strip_prefix("hf:").unwrap_or(text);
        let text = text.strip_prefix("azureml://").unwrap_or(text);
        let (text, version) = match text.split_once("/versions/") {
            Some((text, version)) => (text, Some(version)),
            None => (text, None),
        };
        let mut segments = text.split('/').filter(|segment| !segment.is_empty()).rev();
        let name = segments.next().unwrap_or("");
        for segment in segments {
            if is_structural(tables, segment) {
                steps.note("path");
                continue;
            }
            self.named(tables, seller, segment, steps)?;
            break;
        }
        Ok(match version {
            Some(version) => format!("{name}@{version}"),
            None => name.to_string(),
        })
    }

    /// Takes a label for the maker that it names.
    fn named(
        &mut self,
        tables: &Tables,
        seller: &Seller<'_>,
        label: &str,
        steps: &mut Steps,
    ) -> Result<(), String> {
        if let Some(lab) = tables.label(label) {
            self.label = Label::Lab(lab);
            steps.note("vendor label");
        } else if tables.provider(label).is_some()
            || is_structural(tables, label)
            || seller.name == label
        {
            steps.note("path");
        } else if seller.provider.is_some_and(|provider| provider.labels) {
            self.label = Label::Stated(super::name::tokens(label).join("-"));
            steps.note("label as stated");
        } else {
            return Err(format!("no lab is known by the label '{label}'"));
        }
        Ok(())
    }

    /// Takes off what stands after a colon.
    fn variant(
        &mut self,
        tables: &Tables,
        name: &str,
        steps: &mut Steps,
    ) -> Result<String, String> {
        let Some((head, tail)) = name.split_once(':') else {
            return Ok(name.to_string());
        };
        if self.dotted || head.ends_with("-v1") || head.ends_with("-v2") {
            self.revision = Some(tail.split(':').next().unwrap_or("").to_string());
            steps.note("packaging suffix");
            return Ok(head.to_string());
        }
        let tag = tail.strip_suffix("-cloud").unwrap_or(tail);
        if tables.words.variants.iter().any(|variant| variant == tag) {
            steps.note("variant");
            return Ok(head.to_string());
        }
        // a size as tag: gpt-oss:120b
        let size = tag.split('-').next().unwrap_or("");
        if super::name::is_size(size) {
            return Ok(format!("{head}-{tag}"));
        }
        Err(format!("the variant ':{tail}' is unknown"))
    }
}

/// The model of an ARN; an account's own resource denotes none.
fn foundation(resource: &str) -> Result<String, String> {
    ["foundation-model/", "inference-profile/"]
        .iter()
        .find_map(|kind| {
            let (before, id) = resource.split_once(kind)?;
            (!before.ends_with('-')).then(|| id.to_string())
        })
        .ok_or_else(|| "a resource of the account's own".to_string())
}

/// Takes notes in parentheses off a display name; what they say of the version is kept.
fn notes(tables: &Tables, name: &str, steps: &mut Steps) -> Result<String, String> {
    let Some((before, rest)) = name.split_once('(') else {
        return Ok(name.to_string());
    };
    let (note, after) = rest
        .split_once(')')
        .ok_or_else(|| "a parenthesis is not closed".to_string())?;
    let after = notes(tables, after, steps)?;
    let note = note.trim();
    let note = note.strip_prefix("older v").unwrap_or(note);
    let digits = |c: char| c.is_ascii_digit() || matches!(c, '-' | '.');
    let kept = if tables.words.notes.iter().any(|known| known == note) {
        steps.note("note in parentheses");
        // Google's names say preview, others' only their stage
        if note == "preview" && before.contains("gemini") {
            "preview".to_string()
        } else {
            String::new()
        }
    } else if note.chars().all(digits)
        || super::name::is_size(note)
        || tables.words.meanings.iter().any(|known| known == note)
    {
        note.to_string()
    } else {
        return Err(format!("the note '({note})' is not understood"));
    };
    Ok(format!("{} {kept} {}", before.trim(), after.trim())
        .trim()
        .to_string())
}

fn is_structural(tables: &Tables, segment: &str) -> bool {
    let dimensions = |c: char| c.is_ascii_digit() || c == 'x' || c == '-';
    ROUTING.contains(&segment)
        || tables.words.structural.iter().any(|word| word == segment)
        || segment.ends_with("-month-commitment")
        || segment.ends_with("-steps")
        || segment.contains("-x-") && (segment.chars().all(dimensions) || segment == "max-x-max")
        || is_region(segment)
}

/// Whether a word is a cloud's region: `us-east-1`, `us-east5`, `europe-west1`.
pub fn is_region(word: &str) -> bool {
    const CONTINENTS: [&str; 16] = [
        "us",
        "eu",
        "ap",
        "ca",
        "sa",
        "me",
        "af",
        "il",
        "mx",
        "europe",
        "asia",
        "australia",
        "africa",
        "northamerica",
        "southamerica",
        "us-gov",
    ];
    word.split_once('-')
        .is_some_and(|(continent, _)| CONTINENTS.contains(&continent))
        && word.ends_with(|c: char| c.is_ascii_digit())
}

fn decoded(text: &str) -> String {
    let mut decoded = text.to_string();
    if !text.contains('%') {
        return decoded;
    }
    for (code, character) in [
        ("%2f", "/"),
        ("%2F", "/"),
        ("%3a", ":"),
        ("%3A", ":"),
        ("%40", "@"),
    ] {
        if decoded.contains(code) {
            decoded = decoded.replace(code, character);
        }
    }
    decoded
}
