//! The name of a meter: free text of a small vocabulary around a model's name
//! (`gpt-4o-1120-Outp-glbl Tokens`, `5.6 sol ShortCo Cd Inp PP Gl 1M Tokens`).

#[cfg(test)]
mod tests;

use super::unit::{self, Unit};
use super::words::{Kind, Means, Scope, Word, of_name};

/// What a meter's name says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meter {
    /// The model as the name spells it.
    pub model: String,
    /// `input`, `cache_read`, `output_audio` …
    pub name: String,
    /// The service tier, where it is not the standard one.
    pub tier: Option<&'static str>,
    /// Whether it is the price of longer prompts than ordinary ones.
    pub long: bool,
    /// The deployment type, where the name says how far requests travel.
    pub deployment: Option<&'static str>,
    /// What is paid for.
    pub unit: Unit,
}

const TUNING: &str = "a meter of tuned models";
const RESERVED: &str = "a meter of reserved capacity";
const NEITHER: &str = "neither input nor output";
const CONTRARY: &str = "words that contradict each other";
const UNKNOWN: &str = "a unit that is not known";
const NAMELESS: &str = "no model";

/// Models that are priced by the kind of their tokens: such a word in a meter's name is no part of the model's.
const OF_SEVERAL_KINDS: [&str; 7] = ["rt", "rtime", "transcribe", "trscb", "tcrb", "tts", "embed"];

/// The words with which the quality of images and videos begins, besides a resolution.
const OF_QUALITY: [&str; 8] = ["Std", "HD", "High", "Low", "HighRes", "LowRes", "Sq", "EP"];

/// What the words of a name say, besides the model.
#[derive(Debug, Default)]
struct Said {
    scope: Option<Scope>,
    input: bool,
    output: bool,
    cached: bool,
    write: bool,
    batch: bool,
    priority: bool,
    short: bool,
    long: bool,
    tuning: bool,
}

/// Reads a meter's name and unit of measure. The error says why it is no price of a model's use.
pub fn parse(name: &str, measure: &str) -> Result<Meter, &'static str> {
    let mut words = of_name(name);
    let last = words.pop().ok_or(NAMELESS)?;
    let of_tokens = last.is("Tokens");
    if words
        .last()
        .is_some_and(|word| of_tokens && (word.is("1M") || word.is("1K")))
    {
        words.pop();
    }
    if words.iter().any(|word| word.is("Provisioned")) {
        return provisioned(&words, measure);
    }
    let mut said = Said::default();
    let mut model: Vec<Word<'_>> = Vec::new();
    let mut kinds: Vec<(usize, Kind)> = Vec::new();
    for (index, word) in words.iter().enumerate() {
        match meaning(&words, index, of_tokens) {
            None => model.push(*word),
            Some(Means::Kind(kind)) => {
                kinds.push((model.len(), kind));
                model.push(*word);
            }
            Some(means) => said.add(means)?,
        }
    }
    if said.tuning {
        return Err(TUNING);
    }
    let contrary = (said.batch && said.priority) || (said.short && said.long);
    if contrary || (said.input && said.output) {
        return Err(CONTRARY);
    }
    let kind = kind_of_tokens(&mut model, &kinds);
    let (name, unit) = if of_tokens {
        let name = said.of_tokens(kind, &model).ok_or(NEITHER)?;
        (name, unit::tokens(measure).ok_or(UNKNOWN)?)
    } else {
        said.of_others(last, &mut model, measure)?
    };
    Ok(Meter {
        model: spelled(&model).ok_or(NAMELESS)?,
        name,
        tier: said.tier(),
        long: said.long,
        deployment: said.deployment(),
        unit,
    })
}

/// What a word means where it stands.
fn meaning(words: &[Word<'_>], index: usize, of_tokens: bool) -> Option<Means> {
    let word = words.get(index)?;
    let next = words.get(index + 1);
    match word.meaning() {
        // the quality of images
        Some(Means::Standard) if !of_tokens => None,
        None if word.is("Ch") && next.and_then(Word::meaning) == Some(Means::Input) => {
            Some(Means::Cached)
        }
        None if of_tokens && word.text == "L" && next.is_none() => Some(Means::Long),
        means => means,
    }
}

/// The kind of tokens. A word for it is taken out of the model's name where the name has another one, or where such models
/// are priced by kind; else it is a part of the name (`gpt aud mini`), and audio's models are paid for by audio.
fn kind_of_tokens(model: &mut Vec<Word<'_>>, kinds: &[(usize, Kind)]) -> Kind {
    let Some((place, kind)) = kinds.last() else {
        return Kind::Text;
    };
    let is_one_of_several = |word: &Word<'_>| {
        let lower = word.text.to_lowercase();
        lower.starts_with("realtime") || OF_SEVERAL_KINDS.contains(&lower.as_str())
    };
    if kinds.len() > 1 || model.iter().any(is_one_of_several) {
        let taken = model.remove(*place);
        if let Some(next) = model.get_mut(*place).filter(|next| next.before.is_empty()) {
            next.before = taken.before;
        }
        return *kind;
    }
    match kind {
        Kind::Audio => Kind::Audio,
        Kind::Text | Kind::Image => Kind::Text,
    }
}

/// Takes off a model of images or videos what of it is paid for: `Dall-E-3 HD HighRes`, `Sora 1080p Sq 6-10s`; the suffix of
/// the meter's name, as the words have it.
fn qualities(model: &mut Vec<Word<'_>>) -> String {
    // the kind of thing, before the model that makes it
    if model.len() > 1 && model.first().is_some_and(|word| word.is("Image")) {
        model.remove(0);
    }
    let begins = |word: &Word<'_>| {
        let resolution = word.text.strip_suffix('p');
        let is_resolution = resolution.is_some_and(|lines| {
            lines.len() > 2 && lines.bytes().all(|byte| byte.is_ascii_digit())
        });
        is_resolution || OF_QUALITY.iter().any(|quality| word.is(quality))
    };
    // a model has a name before
    let Some(at) = model.iter().skip(1).position(begins) else {
        return String::new();
    };
    let mut suffix = String::new();
    for word in model.drain(at + 1..) {
        suffix.push('_');
        suffix.push_str(&word.text.to_lowercase());
    }
    suffix
}

impl Said {
    fn add(&mut self, means: Means) -> Result<(), &'static str> {
        match means {
            Means::Scope(scope) if self.scope.is_some_and(|known| known != scope) => {
                return Err(CONTRARY);
            }
            Means::Scope(scope) => self.scope = Some(scope),
            Means::Input => self.input = true,
            Means::Output => self.output = true,
            Means::Cached => self.cached = true,
            Means::Write => self.write = true,
            Means::Batch => self.batch = true,
            Means::Priority => self.priority = true,
            Means::Short => self.short = true,
            Means::Long => self.long = true,
            Means::Tuning => self.tuning = true,
            Means::Standard | Means::Kind(_) => {}
        }
        Ok(())
    }

    /// The meter of tokens. What embeds only takes in.
    fn of_tokens(&self, kind: Kind, model: &[Word<'_>]) -> Option<String> {
        let embeds = || {
            model
                .iter()
                .any(|word| word.text.to_lowercase().starts_with("embed"))
        };
        let name = match (self.cached, self.write, self.input, self.output) {
            (true, true, false, false) => "cache_write",
            (true, false, _, false) => "cache_read",
            (false, false, true, false) => "input",
            (false, false, false, true) => "output",
            (false, false, false, false) if embeds() => "input",
            _ => return None,
        };
        let suffix = match kind {
            Kind::Text => "",
            Kind::Audio => "_audio",
            Kind::Image => "_image",
        };
        Some(format!("{name}{suffix}"))
    }

    /// The meter of anything but tokens, by the last word of the name.
    fn of_others(
        &self,
        last: Word<'_>,
        model: &mut Vec<Word<'_>>,
        measure: &str,
    ) -> Result<(String, Unit), &'static str> {
        let annotates = |word: &Word<'_>| word.is("annot");
        let lower = last.text.to_lowercase();
        let (name, unit) = match lower.as_str() {
            "images" => ("output_per_image", unit::each("image", measure)),
            "pages" if model.iter().any(annotates) => {
                model.retain(|word| !annotates(word));
                ("annotation_per_page", unit::each("page", measure))
            }
            "pages" => ("ocr_per_page", unit::each("page", measure)),
            "characters" => ("input_per_character", unit::each("character", measure)),
            "search" => ("input_per_query", unit::each("query", measure)),
            "calls" => ("per_call", unit::each("call", measure)),
            "session" => ("per_session", unit::each("session", measure)),
            "video" => ("output_video_per_second", unit::time("second", measure)),
            "second" => ("output_per_second", unit::each("second", measure)),
            "gb" if unit::time("day", measure).is_some() => ("storage", unit::each("gb_day", "1")),
            "unit" if self.input => ("input_per_hour", unit::time("hour", measure)),
            "unit" if self.output => ("output_per_hour", unit::time("hour", measure)),
            "unit" if measure.contains("1 Hour") => ("per_hour", unit::time("hour", measure)),
            _ => return Err(UNKNOWN),
        };
        let name = match lower.as_str() {
            "images" | "video" | "second" => format!("{name}{}", qualities(model)),
            _ => name.to_string(),
        };
        Ok((name, unit.ok_or(UNKNOWN)?))
    }

    fn tier(&self) -> Option<&'static str> {
        match (self.batch, self.priority) {
            (true, _) => Some("batch"),
            (_, true) => Some("priority"),
            _ => None,
        }
    }

    fn deployment(&self) -> Option<&'static str> {
        Some(match (self.scope?, self.batch) {
            (Scope::Global, false) => "GlobalStandard",
            (Scope::Global, true) => "GlobalBatch",
            (Scope::DataZone, false) => "DataZoneStandard",
            (Scope::DataZone, true) => "DataZoneBatch",
            (Scope::Regional, _) => "Standard",
        })
    }
}

/// `Provisioned Managed Global Unit`: an hour of one unit of throughput, the same for every model of a product.
fn provisioned(words: &[Word<'_>], measure: &str) -> Result<Meter, &'static str> {
    let mut said = Said::default();
    let mut model = Vec::new();
    for word in words {
        match word.meaning() {
            Some(means) => said.add(means)?,
            None => model.push(*word),
        }
    }
    let model = spelled(&model).filter(|model| model == "Provisioned Managed");
    let deployment = said.scope.map(|scope| match scope {
        Scope::Global => "GlobalProvisionedManaged",
        Scope::DataZone => "DataZoneProvisionedManaged",
        Scope::Regional => "ProvisionedManaged",
    });
    match (model, deployment, unit::time("hour", measure)) {
        (Some(model), Some(deployment), Some(unit)) => Ok(Meter {
            model,
            name: "provisioned_unit".to_string(),
            tier: None,
            long: false,
            deployment: Some(deployment),
            unit,
        }),
        _ => Err(RESERVED),
    }
}

/// Words as the name spells them.
fn spelled(words: &[Word<'_>]) -> Option<String> {
    let mut text = String::new();
    for word in words {
        if !text.is_empty() {
            text.push_str(word.before);
        }
        text.push_str(word.text);
    }
    (!text.is_empty()).then_some(text)
}
