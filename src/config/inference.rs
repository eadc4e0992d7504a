//! Inference probes: models that are asked, to measure how soon and how fast they answer. They are declared in probe files,
//! beside the probes; none is asked before a budget is set and the probe is switched on.

use std::collections::BTreeMap;
use std::fmt;

use jiff::SignedDuration;
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json};

use super::auth::{self, Auth};
use super::scopes::{Scoping, scopes_of};
use super::tree::Table;
use super::{Own, probe};
use crate::inference::{Budget, CapName, Dialect, Prices, Recipe, encoded};
use crate::market::{ProbeId, ProviderId, SourceId, decimal_from_json};
use crate::schedule::{Schedule, duration_from_text};

/// A model that is asked, in each of its scopes.
#[derive(Debug, Clone, PartialEq)]
pub struct InferenceProbe {
    /// `provider.name`; no other probe and no endpoint has the same.
    pub id: ProbeId,
    /// Whose answer it is.
    pub provider: ProviderId,
    /// One sentence for people.
    pub title: String,
    /// What is sent; its model may be the placeholder `{model}`.
    recipe: Recipe,
    /// Where it is sent, with placeholders in braces; `{model}` stands for that of the recipe.
    url: String,
    /// Besides those of the dialect.
    pub headers: BTreeMap<String, String>,
    /// How the credential is shown.
    pub auth: Auth,
    /// The credential's name.
    pub credential: Option<String>,
    /// When it is asked.
    pub schedule: Schedule,
    /// A call that takes longer has failed.
    pub timeout: SignedDuration,
    /// The native id whose prices it has; `None`: that of its model.
    priced_as: Option<String>,
    /// Prices in the place of what sources say.
    pub prices: Prices,
    /// The scopes it is asked in; none while `[scopes]` must name some.
    pub scopes: Vec<Scoping>,
    /// The placeholders that stand for nothing until `[scopes]` says so.
    pub unset: Vec<&'static str>,
}

impl InferenceProbe {
    /// Unless its file says otherwise.
    pub const EVERY: SignedDuration = SignedDuration::from_mins(30);
    /// Unless its file says otherwise.
    pub const TIMEOUT: SignedDuration = SignedDuration::from_secs(60);
    /// Unless its file says otherwise.
    pub const MAX_TOKENS: u32 = 64;

    /// What is sent in a scope.
    pub fn recipe(&self, scoping: &Scoping) -> Recipe {
        Recipe {
            model: scoping.fill(&self.recipe.model),
            ..self.recipe.clone()
        }
    }

    /// Where it is sent in a scope.
    pub fn url(&self, scoping: &Scoping) -> String {
        let model = encoded(&scoping.fill(&self.recipe.model));
        scoping.fill(&self.url.replace(MODEL, &model))
    }

    /// The native id whose prices it has in a scope.
    pub fn priced_as(&self, scoping: &Scoping) -> String {
        scoping.fill(self.priced_as.as_ref().unwrap_or(&self.recipe.model))
    }

    /// What it is called in each of its scopes.
    pub fn sources(&self) -> impl Iterator<Item = (SourceId, &Scoping)> {
        self.scopes.iter().map(|scoping| {
            let source = SourceId {
                probe: self.id.clone(),
                scope: scoping.scope.clone(),
            };
            (source, scoping)
        })
    }
}

impl fmt::Display for InferenceProbe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id.as_str())
    }
}

/// Stands for the model in an address, and for those of the scopes in `model`.
const MODEL: &str = "{model}";

/// Which models are asked, by `[inference]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InferenceSettings {
    /// What may be spent in a day; `None`: no model is asked.
    pub budget: Option<Budget>,
    /// Ids of inference probes, or of providers.
    pub on: Vec<String>,
    /// The same, that are not asked.
    pub off: Vec<String>,
    /// Between two calls, in place of what the files say.
    pub every: Option<SignedDuration>,
}

const BUDGET: &str = "what may be spent in a day, in USD as a text such as \"2.00\"";
const EVERY: &str = "a duration such as \"30m\"";

/// Reads `[inference]`.
pub(super) fn settings(table: &Table<'_>) -> InferenceSettings {
    let daily = table.parsed("daily_budget", BUDGET, |text| {
        let amount = decimal_from_json(text).ok_or("that is no amount")?;
        match amount > Decimal::ZERO {
            true => Ok(amount),
            false => Err("that leaves nothing to spend"),
        }
    });
    let on = table.texts("on");
    if !on.is_empty() && !table.has("daily_budget") {
        table.problem("daily_budget", BUDGET, "none beside on");
    }
    InferenceSettings {
        budget: daily.map(|daily| Budget { daily }),
        on,
        off: table.texts("off"),
        every: table.parsed("every", EVERY, duration_from_text),
    }
}

/// Reads one `[[inference]]`.
pub(super) fn inference(table: &Table<'_>, provider: &str, own: Own<'_>) -> Option<InferenceProbe> {
    let name = probe::name(table, "the inference probe's name");
    let title = table.required_text("title", "one sentence that says what is measured");
    let recipe = recipe(table);
    let credential = table.text("credential");
    let url = url(table, recipe.as_ref());
    let auth = auth::auth(table, credential.as_deref(), url.as_deref());
    let duration = |key, expected| table.parsed(key, expected, duration_from_text);
    let every = duration("every", EVERY).unwrap_or(InferenceProbe::EVERY);
    let timeout = duration("timeout", "a duration such as \"60s\"");
    let priced_as = table.text("priced_as");
    let prices = table.table("prices").map(|inner| {
        let prices = prices(&inner);
        inner.finish();
        prices
    });
    let id = ProbeId::new(format!("{provider}.{}", name.as_deref().unwrap_or("")));
    let model = recipe.as_ref().map(|recipe| recipe.model.clone());
    let fixed = url.as_ref().map(|url| url.replace(MODEL, ""));
    let templates = [("url", fixed), ("model", model)];
    let scopes = scopes_of(table, provider, &id, own.scopes, &templates);
    let headers = table.text_map("headers");
    name?;
    let recipe = recipe?;
    Some(InferenceProbe {
        id,
        provider: ProviderId::new(provider),
        title: title?,
        url: url?,
        headers,
        auth,
        credential,
        schedule: Schedule::Every(every),
        timeout: timeout.unwrap_or(InferenceProbe::TIMEOUT),
        priced_as,
        prices: prices.unwrap_or_default(),
        scopes: scopes.asked,
        unset: scopes.unset,
        recipe,
    })
}

fn recipe(table: &Table<'_>) -> Option<Recipe> {
    let words = Dialect::ALL.map(Dialect::word).join(", ");
    let expected = format!("one of {words}");
    let dialect = table.word("dialect", &expected, Dialect::from_word);
    if !table.has("dialect") {
        table.problem("dialect", expected, "nothing");
    }
    let model = table.required_text(
        "model",
        "the provider's own id of the model, or {model} for those of the scopes",
    );
    let max_tokens = table
        .integer("max_tokens", 1..100_001)
        .and_then(|most| u32::try_from(most).ok());
    let usual_cap = match dialect {
        Some(Dialect::AzureChat) => CapName::MaxCompletionTokens,
        _ => CapName::MaxTokens,
    };
    let cap = table.word(
        "cap",
        "max_tokens or max_completion_tokens",
        CapName::from_word,
    );
    let asks_usage = table.flag("asks_usage").unwrap_or(true);
    let parameters = table.parsed(
        "parameters",
        "an object of JSON such as '{\"reasoning\": {\"effort\": \"none\"}}'",
        parameters,
    );
    Some(Recipe {
        dialect: dialect?,
        model: model?,
        max_tokens: max_tokens.unwrap_or(InferenceProbe::MAX_TOKENS),
        cap: cap.unwrap_or(usual_cap),
        asks_usage,
        parameters: parameters.unwrap_or_default(),
    })
}

/// Members that would make a call cost more than is set aside for it: several answers at once, tools that ask again, or
/// another bound of the answer.
const DEAR: [&str; 11] = [
    "n",
    "best_of",
    "candidateCount",
    "tools",
    "toolConfig",
    "max_tool_calls",
    "max_tokens",
    "max_completion_tokens",
    "max_output_tokens",
    "maxTokens",
    "maxOutputTokens",
];

fn parameters(text: &str) -> Result<Map<String, Json>, String> {
    let parameters: Map<String, Json> =
        serde_json::from_str(text).map_err(|error| error.to_string())?;
    match dear(&parameters) {
        Some(name) => Err(format!(
            "'{name}' would make calls cost more than their bound"
        )),
        None => Ok(parameters),
    }
}

fn dear(parameters: &Map<String, Json>) -> Option<&str> {
    parameters.iter().find_map(|(name, value)| {
        if DEAR.contains(&name.as_str()) {
            return Some(name.as_str());
        }
        value.as_object().and_then(dear)
    })
}

/// The address: stated whole, or a host at which the dialect has its usual place.
fn url(table: &Table<'_>, recipe: Option<&Recipe>) -> Option<String> {
    let (url, host) = (table.text("url"), table.text("host"));
    match (url, host) {
        (Some(url), None) => probe::is_web_address(table, "url", &url).then_some(url),
        (None, Some(host)) => {
            let is_sound = probe::is_web_address(table, "host", &host);
            let of_any = Recipe {
                model: MODEL.to_owned(),
                ..recipe?.clone()
            };
            let path = of_any.ask().path.replace(&encoded(MODEL), MODEL);
            is_sound.then(|| format!("{}{path}", host.trim_end_matches('/')))
        }
        (url, _) => {
            let expected = "host, or url for an address that is not the usual one of the dialect";
            let found = if url.is_some() { "both" } else { "neither" };
            table.problem("host", expected, found);
            None
        }
    }
}

fn prices(table: &Table<'_>) -> Prices {
    let price = |key| {
        table.parsed(
            key,
            "USD per 1M tokens as a text such as \"1.25\"",
            |text| {
                decimal_from_json(text)
                    .filter(|amount| !amount.is_sign_negative())
                    .ok_or("that is no amount")
            },
        )
    };
    Prices {
        input: price("input"),
        output: price("output"),
        cache_read: price("cache_read"),
        cache_write: price("cache_write"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::declarations_of;
    use crate::config::tree::walk;

    const FILE: &str =
        "provider = 'p'\nkind = 'direct'\n[[inference]]\nname = 'small'\ntitle = 'Small'\n";

    fn read(text: &str) -> Result<InferenceProbe, String> {
        let text = format!("{FILE}{text}");
        let found = declarations_of("p.toml", &text, Own::default())
            .map_err(|problems| problems.to_string())?;
        Ok(found.inference.first().expect("one").clone())
    }

    #[test]
    fn a_model_is_declared_by_little() {
        let found = read(
            "dialect = 'openai-chat'\nmodel = 'small-1'\nhost = 'https://api.p.test/'\n\
             credential = 'P_API_KEY'\nauth = 'bearer'\n",
        )
        .expect("sound");
        let only = &found.scopes[0];
        assert_eq!(found.url(only), "https://api.p.test/v1/chat/completions");
        assert_eq!(found.schedule, Schedule::Every(InferenceProbe::EVERY));
        assert_eq!(
            (found.recipe.max_tokens, found.recipe.cap),
            (64, CapName::MaxTokens)
        );
        assert_eq!(found.priced_as(only), "small-1");
        assert_eq!(found.prices, Prices::default());
        assert_eq!(found.sources().count(), 1);
    }

    #[test]
    fn all_can_be_said() {
        let found = read(
            "dialect = 'azure-chat'\nmodel = 'dep/1'\nurl = 'https://{resource}.p.test/{model}'\nmax_tokens = 9\n\
             cap = 'max_tokens'\nasks_usage = false\nparameters = '{\"reasoning_effort\": \"none\"}'\n\
             credential = 'K'\nauth_header = 'api-key'\nevery = '1h'\ntimeout = '9s'\npriced_as = 'small@1'\n\
             headers = { 'x-a' = 'b' }\n[inference.prices]\ninput = '1.25'\noutput = '10'\n\
             [inference.scopes]\nresource = ['r1', 'r2']\n",
        )
        .expect("sound");
        let urls: Vec<String> = found.scopes.iter().map(|s| found.url(s)).collect();
        assert_eq!(
            urls,
            ["https://r1.p.test/dep%2F1", "https://r2.p.test/dep%2F1"]
        );
        assert_eq!(found.prices.output, Some(Decimal::TEN));
        assert_eq!(found.recipe.parameters["reasoning_effort"], "none");
        assert_eq!(found.priced_as(&found.scopes[0]), "small@1");
        assert_eq!(found.timeout.as_secs(), 9);
    }

    #[test]
    fn the_models_may_be_those_of_the_scopes() {
        let found = read(
            "dialect = 'bedrock-converse'\nmodel = '{model}'\nhost = 'https://r.{region}.p.test'\n\
             [inference.scopes]\nregion = ['a']\nmodel = ['x.y-v1:0', 'z']\n",
        )
        .expect("sound");
        let told: Vec<(String, String, String)> = found
            .sources()
            .map(|(source, scoping)| {
                let recipe = found.recipe(scoping);
                (source.to_string(), recipe.model, found.url(scoping))
            })
            .collect();
        let expected = [
            (
                "p.small@a,x.y-v1:0",
                "x.y-v1:0",
                "https://r.a.p.test/model/x.y-v1%3A0/converse-stream",
            ),
            (
                "p.small@a,z",
                "z",
                "https://r.a.p.test/model/z/converse-stream",
            ),
        ];
        let expected = expected.map(|(a, b, c)| (a.to_string(), b.to_string(), c.to_string()));
        assert_eq!(told, expected);
        assert_eq!(found.priced_as(&found.scopes[0]), "x.y-v1:0");
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        insta::assert_snapshot!(read("dialect = 'x'\nmax_tokens = 0\nparameters = '{\"a\": {\"n\": 2}}'\n[inference.prices]\ninput = '-1'\n").expect_err("wrong"), @r#"
        p.toml:3: inference.small.host: expected host, or url for an address that is not the usual one of the dialect, found neither
        p.toml:3: inference.small.model: expected the provider's own id of the model, or {model} for those of the scopes, found nothing
        p.toml:6: inference.small.dialect: expected one of openai-chat, openai-responses, azure-chat, azure-responses, anthropic-messages, bedrock-converse, bedrock-invoke, gemini-generate, cohere-chat, found 'x'
        p.toml:7: inference.small.max_tokens: expected a whole number from 1 to 100000, found 0
        p.toml:8: inference.small.parameters: expected an object of JSON such as '{"reasoning": {"effort": "none"}}', found '{"a": {"n": 2}}' ('n' would make calls cost more than their bound)
        p.toml:10: inference.small.prices.input: expected USD per 1M tokens as a text such as "1.25", found '-1' (that is no amount)
        "#);
        insta::assert_snapshot!(read("dialect = 'openai-chat'\nmodel = 'm'\nhost = 'https://{region}.test'\n").expect_err("no values"), @"p.toml:3: inference.small.url: expected values for {region} in [inference.scopes], found none");
    }

    #[test]
    fn money_is_an_amount() {
        let read = |text: &str| {
            walk("b.toml", text, |root| Some(settings(root))).map_err(|found| found.to_string())
        };
        let found = read("daily_budget = '2.00'\non = ['p']").expect("sound");
        assert_eq!(found.budget.map(|budget| budget.daily), Some(Decimal::TWO));
        assert_eq!(read("").expect("sound"), InferenceSettings::default());
        insta::assert_snapshot!(read("daily_budget = '0'").expect_err("nothing"), @r#"b.toml:1: daily_budget: expected what may be spent in a day, in USD as a text such as "2.00", found '0' (that leaves nothing to spend)"#);
        insta::assert_snapshot!(read("on = ['p']").expect_err("no budget"), @r#"b.toml:1: daily_budget: expected what may be spent in a day, in USD as a text such as "2.00", found none beside on"#);
    }
}
