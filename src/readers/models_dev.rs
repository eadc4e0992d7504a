//! The models.dev registry: `api.json`, an object of providers, each with an object of models
//! (facts: aggregators.md §1). An entry whose raw text is settled is not parsed again.

mod sections;

use std::collections::{BTreeMap, HashMap};

use serde_json::Value as Json;

use super::{Body, Context, encoding};
use crate::market::{
    Attribute, Claim, Content, DateKind, Entry, Failure, Fingerprint, LifecycleDate, Price,
    PriceMeter, Reading, Stage, Subject, SubjectKey, Value, decimal_from_json,
};

/// Raised whenever this reader makes other claims of the same body.
pub const VERSION: u32 = 1;

/// More models are refused; the registry has five thousand.
const MOST_MODELS: usize = 100_000;

/// Which of the registry's providers are read, and as what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    /// The registry's provider id → ours. Providers that are not named are not read.
    pub providers: BTreeMap<String, String>,
    /// The registry's provider id → the deployment that keeps its offerings apart where two are one of ours.
    pub deployments: BTreeMap<String, String>,
}

/// Reads the registry.
pub fn read(mapping: &Mapping, body: &Body<'_>, context: &Context<'_>) -> Result<Reading, Failure> {
    let text = encoding::decode(body)?;
    let sections = sections::read(&text, &mapping.providers)
        .map_err(|error| unreadable(&error.to_string()))?;
    let models = sections.read.values().map(|section| section.models.0.len());
    if models.sum::<usize>() > MOST_MODELS {
        return Err(unreadable(&format!("more than {MOST_MODELS} models")));
    }
    let mut reading = Reading {
        complete: context.complete,
        ..Reading::default()
    };
    let mut seen: HashMap<SubjectKey, &str> = HashMap::new();
    for (registry_id, provider) in &mapping.providers {
        let Some(section) = sections.read.get(registry_id) else {
            reading.note(registry_id.as_str(), "a provider", "nothing");
            continue;
        };
        let deployment = mapping
            .deployments
            .get(registry_id)
            .map(|term| Box::from(term.as_str()));
        // of a model that stands twice the last holds, as in any JSON reader
        for (native_id, raw) in section.models.0.iter().rev() {
            let mut subject = Subject::offering(provider.as_str(), native_id.as_ref());
            subject.deployment = deployment.clone();
            let key = subject.key();
            match seen.get(&key) {
                None => {
                    seen.insert(key, registry_id);
                    let entry = entry(subject, key, raw.get(), context, &mut reading);
                    reading.entries.push(entry);
                }
                Some(section) if *section == registry_id => {}
                Some(_) => {
                    let place = format!("{registry_id} {native_id}");
                    let found = "another section that is the same provider without a deployment";
                    reading.note(place, "a model in one section", found);
                }
            }
        }
    }
    // an entry whose text is settled has been read before; one without print and claims has not been read at all
    let is_told = |entry: &Entry| {
        entry.content != Content::Settled || context.settled.contains_key(&entry.key)
    };
    if !reading.entries.is_empty() && !reading.entries.iter().any(is_told) {
        return Err(unreadable("none that could be read"));
    }
    if reading.entries.is_empty() {
        let found = sections.others.join(", ");
        return Err(unreadable(&format!(
            "none of the providers that the probe names, but: {found}"
        )));
    }
    reading.unexpected.sort();
    reading.unexpected.dedup();
    Ok(reading)
}

fn unreadable(found: &str) -> Failure {
    Failure::Unreadable {
        expected: "an object of providers, each with an object 'models'".to_string(),
        found: found.chars().take(200).collect(),
    }
}

/// One model. An entry that is no object says that the model is there, and nothing of it.
fn entry(
    subject: Subject,
    key: SubjectKey,
    raw: &str,
    context: &Context<'_>,
    reading: &mut Reading,
) -> Entry {
    let fingerprint = Fingerprint::of(raw.as_bytes());
    let untold = |subject: Subject| Entry {
        subject,
        key,
        content: Content::Settled,
    };
    if context.settled.get(&key) == Some(&fingerprint) {
        return untold(subject);
    }
    let fields: serde_json::Map<String, Json> = match serde_json::from_str(raw) {
        Ok(fields) => fields,
        Err(error) => {
            let place = subject.native_id.to_string();
            reading.note(place, "an object", error.to_string());
            return untold(subject);
        }
    };
    let mut claims = Claims {
        subject: &subject,
        fields: &fields,
        made: Vec::with_capacity(24),
        reading,
    };
    claims.all();
    let mut made = claims.made;
    made.sort_by(|a, b| a.attribute.cmp(&b.attribute));
    // thousands of these are held at once
    made.shrink_to_fit();
    let content = Content::Stated {
        claims: made,
        fingerprint: Some(fingerprint),
    };
    Entry {
        subject,
        key,
        content,
    }
}

/// The capabilities that the registry states as booleans.
const CAPABILITIES: [&str; 6] = [
    "attachment",
    "reasoning",
    "tool_call",
    "structured_output",
    "temperature",
    "open_weights",
];

/// What the first weeks of the registry called two meters.
const OLD_METERS: [(&str, &str); 2] = [
    ("inputCached", "cache_read"),
    ("outputCached", "cache_write"),
];

/// The meters and limits that the registry is known to state: what is unclear where it states them in another shape.
const METERS: [&str; 7] = [
    "input",
    "output",
    "reasoning",
    "cache_read",
    "cache_write",
    "input_audio",
    "output_audio",
];
const LIMITS: [&str; 3] = ["context", "input", "output"];

struct Claims<'a> {
    subject: &'a Subject,
    fields: &'a serde_json::Map<String, Json>,
    made: Vec<Claim>,
    reading: &'a mut Reading,
}

impl Claims<'_> {
    fn all(&mut self) {
        self.stage();
        self.name();
        self.dates();
        self.prices();
        self.limits();
        self.modalities();
        for capability in CAPABILITIES {
            let attribute = Attribute::Capability(capability.into());
            match self.fields.get(capability) {
                None | Some(Json::Null) => {}
                Some(Json::Bool(flag)) => {
                    self.state(attribute, Value::Flag(*flag), &flag.to_string())
                }
                Some(other) => self.unclear(attribute, "true or false", other),
            }
        }
    }

    /// Of two spellings of one attribute the first holds.
    fn state(&mut self, attribute: Attribute, value: Value, raw: &str) {
        let made = self.made.iter().find(|claim| claim.attribute == attribute);
        match made {
            Some(made) if made.value != value => {
                let place = format!("{} {attribute}", self.subject.native_id);
                let found = format!("{} and {value}; the first is taken", made.value);
                self.reading.note(place, "one value", found);
            }
            Some(_) => {}
            None => self.made.push(Claim::new(attribute, value, raw)),
        }
    }

    /// Notes a part of another shape: nothing that it is known to state is clear.
    fn unclear_part(
        &mut self,
        part: &str,
        expected: &str,
        found: &Json,
        attributes: impl IntoIterator<Item = Attribute>,
    ) {
        let place = format!("{} {part}", self.subject.native_id);
        self.reading.note(place, expected, found.to_string());
        let key = self.subject.key();
        let unclear = attributes.into_iter().map(|attribute| (key, attribute));
        self.reading.unclear.extend(unclear);
    }

    fn unclear(&mut self, attribute: Attribute, expected: &str, found: &Json) {
        let place = format!("{} {attribute}", self.subject.native_id);
        self.reading.note(place, expected, found.to_string());
        self.reading.unclear.insert((self.subject.key(), attribute));
    }

    /// `status`, or the booleans that stood before it: alpha, beta, experimental, deprecated.
    fn stage(&mut self) {
        for word in ["alpha", "beta", "deprecated"] {
            if let Some(other) = self.fields.get(word)
                && !other.is_boolean()
                && !other.is_null()
            {
                return self.unclear(Attribute::Stage, &format!("{word}: true or false"), other);
            }
        }
        let is_set = |field: &str| self.fields.get(field) == Some(&Json::Bool(true));
        let (stage, raw) = match self.fields.get("status") {
            Some(Json::String(word)) => match word.as_str() {
                "alpha" | "beta" => (Stage::Preview, word.clone()),
                "deprecated" => (Stage::Deprecated, word.clone()),
                _ => {
                    let found = Json::String(word.clone());
                    return self.unclear(Attribute::Stage, "alpha, beta or deprecated", &found);
                }
            },
            Some(other) if !other.is_null() => {
                let found = other.clone();
                return self.unclear(Attribute::Stage, "alpha, beta or deprecated", &found);
            }
            _ if is_set("deprecated") => (Stage::Deprecated, "deprecated".to_string()),
            _ => match ["alpha", "beta", "experimental"]
                .into_iter()
                .find(|word| is_set(word))
            {
                Some(word) => (Stage::Preview, word.to_string()),
                None => (Stage::Unknown, String::new()),
            },
        };
        self.state(Attribute::Stage, Value::Stage(stage), &raw);
    }

    fn name(&mut self) {
        match self.fields.get("name") {
            None | Some(Json::Null) => {}
            Some(Json::String(name)) => {
                self.state(Attribute::Name, Value::Text(name.as_str().into()), name);
            }
            Some(other) => self.unclear(Attribute::Name, "a text", &other.clone()),
        }
    }

    fn dates(&mut self) {
        for (field, kind) in [
            ("release_date", DateKind::Launch),
            ("last_updated", DateKind::Updated),
        ] {
            let attribute = Attribute::Date(kind);
            match self.fields.get(field) {
                None | Some(Json::Null) => {}
                Some(Json::String(text)) => match LifecycleDate::from_text(text) {
                    Ok(Some(date)) => self.state(attribute, Value::Date(date), text),
                    Ok(None) => {}
                    Err(_) => self.unclear(attribute, "a date", &Json::String(text.clone())),
                },
                Some(other) => self.unclear(attribute, "a date", &other.clone()),
            }
        }
    }

    fn prices(&mut self) {
        let cost = match self.fields.get("cost") {
            Some(Json::Object(cost)) => cost,
            None | Some(Json::Null) => return,
            Some(other) => {
                let bands = [None, Some(200_000)];
                let attributes = bands.into_iter().flat_map(prices_over);
                return self.unclear_part("cost", "an object of prices", other, attributes);
            }
        };
        let has_tiers = cost
            .get("tiers")
            .and_then(Json::as_array)
            .is_some_and(|t| !t.is_empty());
        for (field, amount) in cost {
            match (field.as_str(), amount) {
                (_, Json::Null) => {}
                ("tiers", Json::Array(tiers)) => tiers.iter().for_each(|tier| self.tier(tier)),
                ("tiers", other) => {
                    let attributes = prices_over(Some(200_000));
                    self.unclear_part("cost.tiers", "a list of tiers", other, attributes);
                }
                // a generated copy of the only tier of 200,000 tokens or more
                ("context_over_200k", Json::Object(band)) => {
                    if !has_tiers {
                        self.band(band, 200_000);
                    }
                }
                ("context_over_200k", other) => {
                    let attributes = prices_over(Some(200_000));
                    let part = "cost.context_over_200k";
                    self.unclear_part(part, "an object of prices", other, attributes);
                }
                (meter, amount) => self.price(meter, None, amount),
            }
        }
    }

    fn tier(&mut self, tier: &Json) {
        let size = tier
            .get("tier")
            .and_then(|tier| tier.get("size"))
            .and_then(Json::as_u64);
        match (size, tier.as_object()) {
            (Some(size), Some(band)) => self.band(band, size),
            _ => {
                let attributes = prices_over(Some(200_000));
                let expected = "a tier with a size in tokens";
                self.unclear_part("cost.tiers", expected, tier, attributes);
            }
        }
    }

    fn band(&mut self, band: &serde_json::Map<String, Json>, over: u64) {
        for (meter, amount) in band
            .iter()
            .filter(|(field, amount)| *field != "tier" && !amount.is_null())
        {
            self.price(meter, Some(over), amount);
        }
    }

    fn price(&mut self, field: &str, over: Option<u64>, amount: &Json) {
        let meter = OLD_METERS
            .iter()
            .find(|(old, _)| *old == field)
            .map_or(field, |(_, meter)| meter);
        let attribute = Attribute::Price(PriceMeter {
            meter: meter.into(),
            tier: None,
            over,
        });
        let raw = amount.to_string();
        match amount
            .as_number()
            .and_then(|number| decimal_from_json(&number.to_string()))
        {
            Some(amount) if !amount.is_sign_negative() => {
                let price = Price::usd_per_million_tokens(amount);
                self.state(attribute, Value::Price(price), &raw);
            }
            _ => self.unclear(attribute, "USD per million tokens", amount),
        }
    }

    fn limits(&mut self) {
        let limits = match self.fields.get("limit") {
            Some(Json::Object(limits)) => limits,
            None | Some(Json::Null) => return,
            Some(other) => {
                let attributes = LIMITS.map(|name| Attribute::Limit(name.into()));
                return self.unclear_part("limit", "an object of limits", other, attributes);
            }
        };
        for (name, limit) in limits.iter().filter(|(_, limit)| !limit.is_null()) {
            let attribute = Attribute::Limit(name.as_str().into());
            match limit
                .as_number()
                .and_then(|number| decimal_from_json(&number.to_string()))
            {
                Some(number) => self.state(attribute, Value::Number(number), &limit.to_string()),
                None => self.unclear(attribute, "a number of tokens", limit),
            }
        }
    }

    fn modalities(&mut self) {
        for side in ["input", "output"] {
            let members = match self.fields.get("modalities") {
                Some(Json::Object(sides)) => sides.get(side),
                None | Some(Json::Null) => self.fields.get(&format!("{side}_modalities")),
                // a list does not say which side it is of
                Some(other) => {
                    let attributes = [Attribute::Modality(side.into())];
                    let expected = "an object of input and output";
                    self.unclear_part("modalities", expected, other, attributes);
                    continue;
                }
            };
            let attribute = Attribute::Modality(side.into());
            match members {
                None | Some(Json::Null) => {}
                Some(Json::Array(items)) if items.iter().all(Json::is_string) => {
                    let words = items.iter().filter_map(Json::as_str);
                    let raw = Json::Array(items.clone()).to_string();
                    self.state(attribute, Value::set(words), &raw);
                }
                Some(other) => self.unclear(attribute, "a list of modalities", &other.clone()),
            }
        }
    }
}

/// The prices that a band is known to have.
fn prices_over(over: Option<u64>) -> impl Iterator<Item = Attribute> {
    METERS.into_iter().map(move |meter| {
        Attribute::Price(PriceMeter {
            meter: meter.into(),
            tier: None,
            over,
        })
    })
}

#[cfg(test)]
mod tests;
