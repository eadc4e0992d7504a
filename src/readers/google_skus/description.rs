//! What the description of a SKU says: `Gemini 3.8 Flash Global Text Input - Predictions`, or, of the Gemini API,
//! `Generate_content text input token count for gemini 3 pro short`.

/// What a description says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// The model as the description spells it.
    pub model: String,
    /// If the last word before the meter is of the model's name after all: that model.
    pub or_else_model: Option<String>,
    /// `input`, `output_audio`, `cache_read`, `cache_storage` …
    pub meter: String,
    /// The service tier; `None` is the standard one.
    pub tier: Option<&'static str>,
    /// Whether it is the price of long prompts.
    pub long: bool,
    /// Whether it is the price of the global endpoint.
    pub global: bool,
    /// Whether it says that it is the price since general availability.
    pub generally_available: bool,
}

/// The words that say what is metered and how.
const METER_WORDS: [&str; 29] = [
    "input",
    "output",
    "text",
    "audio",
    "image",
    "images",
    "video",
    "and",
    "thinking",
    "non-thinking",
    "caching",
    "cached",
    "cache",
    "storage",
    "batch",
    "flex",
    "priority",
    "global",
    "ga",
    "long",
    "short",
    "predictions",
    "prediction",
    "token",
    "tokens",
    "count",
    "for",
    "generate_content",
    "standard",
];

const MODALITIES: [(&str, &str); 5] = [
    ("text", ""),
    ("audio", "_audio"),
    ("image", "_image"),
    ("images", "_image"),
    ("video", "_video"),
];

/// Reads a description. `None` if it is of no wanted family; the error is the word that is not understood.
pub fn meaning(description: &str, families: &[String]) -> Option<Result<Meaning, String>> {
    let plain = description.replace("Generate content", "Generate_content");
    let words: Vec<&str> = plain
        .split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ','))
        .filter(|word| !word.is_empty() && *word != "-")
        .collect();
    let is_family = |word: &&str| families.iter().any(|f| f.eq_ignore_ascii_case(word));
    let at = words.iter().position(is_family)?;
    let (before, from) = words.split_at_checked(at)?;
    // a product that uses a model is no model
    if !before.iter().all(|word| is_meter_word(word)) {
        return None;
    }
    let rest = from.get(1..).unwrap_or_default();
    if let Some(remark) = strange_remark(description) {
        return Some(Err(remark));
    }
    // the meter's words are the last ones, all of them
    let known = rest.iter().rev().take_while(|word| is_meter_word(word));
    let length = rest.len() - known.count();
    let (name, behind) = rest.split_at_checked(length)?;
    if name.is_empty() {
        return Some(Err(description.to_string()));
    }
    let family = from.first().copied().unwrap_or_default();
    let mut model: Vec<&str> = std::iter::once(family)
        .chain(name.iter().copied())
        .collect();
    let mut or_else_model = None;
    let behind = match last_of_name(before, behind) {
        OfName::Sure(word, rest) => {
            model.push(word);
            rest
        }
        OfName::Perhaps(word) => {
            or_else_model = Some(format!("{} {word}", model.join(" ")));
            behind
        }
        OfName::No => behind,
    };
    let words = before.iter().chain(behind);
    let meter: Vec<String> = words.map(|word| word.to_lowercase()).collect();
    let said = |word: &str| meter.iter().any(|other| other == word);
    let Some(name) = meter_name(&meter) else {
        let last = name.last().copied().unwrap_or(family);
        return Some(Err(last.to_string()));
    };
    let tier = ["batch", "flex", "priority"]
        .into_iter()
        .find(|tier| said(tier));
    Some(Ok(Meaning {
        model: model.join(" "),
        or_else_model,
        meter: name,
        tier,
        long: said("long"),
        global: said("global"),
        generally_available: said("ga"),
    }))
}

/// The first remark in parentheses that is no word of a meter.
fn strange_remark(description: &str) -> Option<String> {
    let remarks = description.split('(').skip(1);
    let mut remarks = remarks.filter_map(|rest| Some(rest.split_once(')')?.0.trim()));
    let strange = remarks.find(|remark| !remark.split_whitespace().all(is_meter_word));
    strange.map(str::to_string)
}

fn is_meter_word(word: &str) -> bool {
    METER_WORDS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(word))
}

fn modality(word: &str) -> Option<&'static str> {
    let known = MODALITIES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(word));
    known.map(|(_, suffix)| *suffix)
}

/// Whether a modality that follows the name is a part of it.
enum OfName<'a> {
    Sure(&'a str, &'a [&'a str]),
    Perhaps(&'a str),
    No,
}

/// Of two modalities in a row the first is of the name (`Flash Image Text Input`), and one behind the name is where the meter
/// stands before it (`image output token count for Gemini 3 Pro Image`). One alone may be (`Flash Image Input`).
fn last_of_name<'a>(before: &[&str], behind: &'a [&'a str]) -> OfName<'a> {
    let is_modality = |word: &&str| modality(word).is_some();
    let Some((first, rest)) = behind.split_first().filter(|(first, _)| is_modality(first)) else {
        return OfName::No;
    };
    let is_metered = before
        .iter()
        .any(|word| matches!(word.to_lowercase().as_str(), "input" | "output"));
    if is_metered || rest.first().is_some_and(is_modality) {
        OfName::Sure(first, rest)
    } else if first.eq_ignore_ascii_case("text") {
        OfName::No
    } else {
        OfName::Perhaps(first)
    }
}

fn meter_name(words: &[String]) -> Option<String> {
    let said = |word: &str| words.iter().any(|other| other == word);
    let cached = said("caching") || said("cached") || said("cache");
    let base = match (said("input"), said("output")) {
        _ if cached && said("storage") => "cache_storage",
        _ if cached => "cache_read",
        (true, false) => "input",
        // thinking that is priced together with the text is output
        (false, true) if said("thinking") && !said("and") => "reasoning",
        (false, true) => "output",
        _ => return None,
    };
    let modalities: Vec<&str> = words.iter().filter_map(|word| modality(word)).collect();
    let suffix = match modalities.as_slice() {
        _ if modalities.contains(&"") => "",
        [one] => one,
        [] => "",
        _ => return None,
    };
    Some(format!("{base}{suffix}"))
}
