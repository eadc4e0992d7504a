//! Probe files: what to ask, how often, how to read it, what it may say.

use std::collections::BTreeMap;
use std::fmt;

use jiff::SignedDuration;

use super::absent::{self, Absent};
use super::auth::{self, Auth};
use super::endpoint::{self, Endpoint};
use super::follow::{self, Follow};
use super::inference::{self, InferenceProbe};
use super::needs::{self, Need};
use super::scopes::{ScopeSettings, Scoping, scopes};
use super::tree::{Problems, Table, walk};
use crate::detect::{RuleOverrides, Rules};
use crate::market::{
    Attribute, Authority, Hash, ProbeId, ProviderId, ProviderKind, Region, SourceId, Stage, Value,
};
use crate::readers::Spec;
use crate::readers::convert::StageWords;
use crate::readers::paging::Paging;
use crate::schedule::{Schedule, duration_from_text};

/// A declared question.
#[derive(Debug, Clone)]
pub struct Probe {
    /// `provider.name`.
    pub id: ProbeId,
    /// Whom it asks.
    pub provider: ProviderId,
    /// What kind of place that is.
    pub provider_kind: ProviderKind,
    /// One sentence for people.
    pub title: String,
    /// How far its answers are to be believed.
    pub authority: Authority,
    /// Whether an offering in its answers can be bought; else they only state attributes of offerings.
    pub lists: bool,
    /// Whether absence from its answers means something.
    pub complete: bool,
    /// The numbers of detection.
    pub rules: Rules,
    /// When it is asked.
    pub schedule: Schedule,
    /// What is sent.
    pub request: Request,
    /// The environment variable that holds its credential; a probe without credential is on by default.
    pub credential: Option<String>,
    /// What an identity must be allowed to do to ask.
    pub needs: Vec<Need>,
    /// A usual role of the provider that allows it.
    pub role: Option<String>,
    /// Whether it is asked unless it is switched off; a probe that needs a credential never is before it is switched on.
    pub on: bool,
    /// The scopes it is asked in: one without a name if it has none, no scope at all while `[scopes]` must name some.
    pub scopes: Vec<Scoping>,
    /// The placeholders that stand for nothing until `[scopes]` says so.
    pub unset: Vec<&'static str>,
    /// How a scope that has never answered says that there is nothing to ask: such a failure breaks no probe.
    pub absent_when: Vec<Absent>,
    /// While only the asker is unset: the scopes in which a body from a file can be read.
    pub of_files: Vec<Scoping>,
    /// The provider's words for stages, with the probe's own set over them.
    pub stages: StageWords,
    /// How an answer is read.
    pub reader: Spec,
    /// What every offering of an answer is, where the answer itself does not say: `set = { interface = "stateless" }`.
    pub set: Vec<(Attribute, Value)>,
    /// What its answers are read with: the reader's version and the mapping.
    pub fingerprint: Hash,
}

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// With placeholders in braces.
    pub url: String,
    /// Asked when the first one gives no reading.
    pub fallback_url: Option<String>,
    /// `POST` with this body; else `GET`.
    pub body: Option<String>,
    /// Besides those that every request has.
    pub headers: BTreeMap<String, String>,
    /// How the credential is shown.
    pub auth: Auth,
    /// What kind of answer is expected.
    pub accept: Expects,
    /// How further pages are found.
    pub paging: Option<Paging>,
    /// What of the answer is asked too.
    pub follow: Option<Follow>,
    /// In bytes, decoded; `None`: the setting of `[http]`.
    pub max_body: Option<u64>,
}

/// What kind of answer is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expects {
    /// JSON.
    Json,
    /// HTML.
    Html,
    /// Markdown.
    Markdown,
    /// XML: RSS, Atom.
    Xml,
    /// Plain text.
    Text,
    /// Anything.
    Any,
}

impl Expects {
    const WORDS: [(&'static str, Self); 6] = [
        ("json", Self::Json),
        ("html", Self::Html),
        ("markdown", Self::Markdown),
        ("xml", Self::Xml),
        ("text", Self::Text),
        ("any", Self::Any),
    ];

    /// The word of the probe file.
    pub fn word(self) -> &'static str {
        Self::WORDS
            .iter()
            .find(|(_, expects)| *expects == self)
            .map_or("any", |(word, _)| word)
    }
}

impl fmt::Display for Expects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Probe {
    /// The sources of the probe: one a scope.
    pub fn sources(&self) -> impl Iterator<Item = (SourceId, &Scoping)> {
        self.scopes.iter().map(|scoping| {
            (
                SourceId {
                    probe: self.id.clone(),
                    scope: scoping.scope.clone(),
                },
                scoping,
            )
        })
    }

    /// The address of a scope; `fallback` asks for the second one.
    pub fn url(&self, scoping: &Scoping, fallback: bool) -> Option<String> {
        let template = if fallback {
            self.request.fallback_url.as_ref()?
        } else {
            &self.request.url
        };
        Some(scoping.fill(template))
    }

    /// The region of a scope.
    pub fn region(&self, scoping: &Scoping) -> Region {
        scoping.region()
    }
}

const EVERY: &str = "how often it is asked, such as \"30m\", or cron and zone instead";

/// What the user's configuration says to every probe.
#[derive(Debug, Clone, Copy)]
pub struct Own<'a> {
    /// The numbers of `[detect]`.
    pub rules: &'a RuleOverrides,
    /// What `[scopes]` says.
    pub scopes: &'a ScopeSettings,
}

impl Default for Own<'static> {
    fn default() -> Self {
        static RULES: RuleOverrides = RuleOverrides::NONE;
        static SCOPES: ScopeSettings = ScopeSettings::NONE;
        Self {
            rules: &RULES,
            scopes: &SCOPES,
        }
    }
}

/// What the text of one probe file declares.
#[derive(Debug, Clone, Default)]
pub struct Declarations {
    /// Questions.
    pub probes: Vec<Probe>,
    /// Hosts that are measured.
    pub endpoints: Vec<Endpoint>,
    /// Models that are asked.
    pub inference: Vec<InferenceProbe>,
}

/// The probes that the text of one probe file declares.
pub fn probes_of(file: &str, text: &str, own: Own<'_>) -> Result<Vec<Probe>, Problems> {
    declarations_of(file, text, own).map(|found| found.probes)
}

/// What the text of one probe file declares: probes, endpoints, inference probes.
pub fn declarations_of(file: &str, text: &str, own: Own<'_>) -> Result<Declarations, Problems> {
    walk(file, text, |root| {
        let provider = root.required_text("provider", "the provider's id, such as openai");
        let kind = root
            .word(
                "kind",
                "cloud, direct, gateway or registry",
                ProviderKind::from_word,
            )
            .or_else(|| {
                if !root.has("kind") {
                    root.problem("kind", "cloud, direct, gateway or registry", "nothing");
                }
                None
            });
        let stages = stage_words(root);
        let tables = root.tables("probe");
        let endpoints = root.tables("endpoint");
        let inference = root.tables("inference");
        if tables.is_empty() && endpoints.is_empty() && inference.is_empty() {
            let expected = "at least one [[probe]], [[endpoint]] or [[inference]]";
            root.problem("probe", expected, "none");
        }
        let name = provider.as_deref().unwrap_or("");
        let mut found = Declarations::default();
        for table in tables {
            let made = probe(&table, name, kind, &stages, own);
            table.finish();
            if let Some(probe) = made {
                found.refuse_twice(&table, &probe.id);
                found.probes.push(probe);
            }
        }
        for table in endpoints {
            let made = endpoint::endpoint(&table, name, own);
            table.finish();
            if let Some(endpoint) = made {
                found.refuse_twice(&table, &endpoint.id);
                found.endpoints.push(endpoint);
            }
        }
        for table in inference {
            let made = inference::inference(&table, name, own);
            table.finish();
            if let Some(probe) = made {
                found.refuse_twice(&table, &probe.id);
                found.inference.push(probe);
            }
        }
        provider.and(kind).map(|_| found)
    })
}

impl Declarations {
    fn refuse_twice(&self, table: &Table<'_>, id: &ProbeId) {
        let probes = self.probes.iter().map(|probe| &probe.id);
        let endpoints = self.endpoints.iter().map(|endpoint| &endpoint.id);
        let inference = self.inference.iter().map(|probe| &probe.id);
        let mut others = probes.chain(endpoints).chain(inference);
        if others.any(|other| other == id) {
            let expected = "a name that no other probe or endpoint of the file has";
            table.problem("name", expected, format!("'{id}'"));
        }
    }
}

fn stage_words(root: &Table<'_>) -> StageWords {
    let expected = || format!("a stage: {}", Stage::ALL.map(Stage::word).join(", "));
    let mut words = Vec::new();
    for (word, meant) in root.texts_map("stages") {
        let mut stages = Vec::new();
        for stage in &meant {
            match Stage::from_word(stage) {
                Some(stage) => stages.push(stage),
                None => root.problem("stages", expected(), format!("'{stage}' for '{word}'")),
            }
        }
        match stages.split_first() {
            Some((taken_for, covered)) => {
                words.push((word, (*taken_for, covered.iter().copied().collect())));
            }
            None if meant.is_empty() => {
                root.problem("stages", expected(), format!("nothing for '{word}'"));
            }
            None => {}
        }
    }
    StageWords::covering(words)
}

fn probe(
    table: &Table<'_>,
    provider: &str,
    kind: Option<ProviderKind>,
    stages: &StageWords,
    own: Own<'_>,
) -> Option<Probe> {
    let name = name(table, "the probe's name");
    let title = table.required_text("title", "one sentence that says what is watched");
    let authority = table.word(
        "authority",
        "provider-api, provider-page or registry",
        Authority::from_word,
    );
    if !table.has("authority") {
        table.problem(
            "authority",
            "provider-api, provider-page or registry",
            "nothing",
        );
    }
    let lists = table.flag("lists").unwrap_or(false);
    let complete = table.flag("complete").unwrap_or(false);
    let flappy = table.flag("flappy").unwrap_or(false);
    let rules = rules(
        table,
        authority.unwrap_or(Authority::Registry),
        flappy,
        own.rules,
    );
    let schedule = schedule(table);
    let credential = table.text("credential");
    let needs = needs::needs(table);
    let role = table.text("role");
    let request = request(table, credential.as_deref());
    let on = table.flag("on").unwrap_or(true);
    let set = super::conversion::constants(table);
    let absent_when = absent::absent_when(table);
    let stages = stages.with(stage_words(table));
    let id = ProbeId::new(format!("{provider}.{}", name.as_deref().unwrap_or("")));
    let scopes = scopes(table, provider, &id, own.scopes);
    let reader = reader(table);
    let reader = name.and(reader)?;
    let mapping = format!("{reader:?} {stages:?} {lists} {complete} {set:?}");
    Some(Probe {
        fingerprint: Hash::of_parts(&[&reader.version().to_string(), &mapping]),
        id,
        provider: ProviderId::new(provider),
        provider_kind: kind?,
        title: title?,
        authority: authority?,
        lists,
        complete,
        rules,
        schedule: schedule?,
        request: request?,
        credential,
        needs,
        role,
        on,
        scopes: scopes.asked,
        unset: scopes.unset,
        of_files: scopes.of_files,
        absent_when,
        stages,
        reader,
        set,
    })
}

/// The name of the source of each provider under which the store keeps what our own samples show.
const MEASURED: &str = "measured";

/// The name of a declaration.
pub(super) fn name(table: &Table<'_>, expected: &str) -> Option<String> {
    table.required_text("name", expected).filter(|name| {
        let sound = name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !sound {
            let expected = "small letters, digits and hyphens";
            table.problem("name", expected, format!("'{name}'"));
        }
        let is_ours = name == MEASURED;
        if is_ours {
            let expected = "another name than this one, under which our own measurements are kept";
            table.problem("name", expected, format!("'{name}'"));
        }
        sound && !is_ours
    })
}

fn rules(table: &Table<'_>, authority: Authority, flappy: bool, general: &RuleOverrides) -> Rules {
    let mut own = RuleOverrides::default();
    if let Some(inner) = table.table("detect") {
        own = rule_overrides(&inner);
        inner.finish();
    }
    let min_items = table
        .integer("min_items", 0..1_000_001)
        .map(i64::unsigned_abs);
    own.min_items = own.min_items.or(min_items);
    Rules::of(authority, flappy).with(general).with(&own)
}

/// Reads the keys of a `[detect]` table.
pub(super) fn rule_overrides(table: &Table<'_>) -> RuleOverrides {
    let readings = |key| {
        table
            .integer(key, 1..101)
            .and_then(|count| u32::try_from(count).ok())
    };
    RuleOverrides {
        confirm_additions: readings("confirm_additions"),
        confirm_removals: readings("confirm_removals"),
        confirm_values: readings("confirm_values"),
        confirm_hours: table
            .integer("confirm_hours", 0..24 * 60 + 1)
            .map(SignedDuration::from_hours),
        max_loss: table.share("max_loss"),
        max_churn: table.share("max_churn"),
        flap_window: table.parsed(
            "flap_window",
            "a duration such as \"7d\"; \"0s\" for none",
            |text| {
                if text.trim() == "0s" {
                    Ok(SignedDuration::ZERO)
                } else {
                    duration_from_text(text)
                }
            },
        ),
        min_items: table
            .integer("min_items", 0..1_000_001)
            .map(i64::unsigned_abs),
    }
}

fn schedule(table: &Table<'_>) -> Option<Schedule> {
    let zone = table.text("zone");
    match (table.has("every"), table.has("cron")) {
        (true, false) => {
            if zone.is_some() {
                table.problem("zone", "a zone only beside cron", "every");
            }
            table.parsed("every", EVERY, Schedule::every)
        }
        (false, true) => {
            let zone = zone.unwrap_or_else(|| "UTC".to_string());
            table.parsed(
                "cron",
                "five fields: minute hour day-of-month month day-of-week",
                |line| Schedule::cron(line, &zone),
            )
        }
        (true, true) => {
            table.problem("every", "either every or cron", "both");
            None
        }
        (false, false) => {
            table.problem("every", EVERY, "nothing");
            None
        }
    }
}

fn request(table: &Table<'_>, credential: Option<&str>) -> Option<Request> {
    let Some(inner) = table.table("request") else {
        table.problem("request", "a table [probe.request]", "nothing");
        return None;
    };
    let request = request_of(&inner, credential);
    inner.finish();
    request
}

fn request_of(table: &Table<'_>, credential: Option<&str>) -> Option<Request> {
    let url = table
        .required_text("url", "the address that is asked")
        .filter(|url| is_web_address(table, "url", url));
    let fallback_url = table
        .text("fallback_url")
        .filter(|url| is_web_address(table, "fallback_url", url));
    let accept = table
        .word("accept", "json, html, markdown, xml, text or any", |word| {
            Expects::WORDS
                .iter()
                .find(|(known, _)| *known == word)
                .map(|(_, expects)| *expects)
        })
        .unwrap_or(Expects::Any);
    let auth = auth::auth(table, credential, url.as_deref());
    Some(Request {
        url: url?,
        fallback_url,
        body: table.text("body"),
        headers: table.text_map("headers"),
        auth,
        accept,
        paging: table.table("paging").and_then(|inner| {
            let paging = super::readers::paging::paging(&inner);
            inner.finish();
            paging
        }),
        follow: table.table("follow").and_then(|inner| {
            let follow = follow::follow(&inner);
            inner.finish();
            follow
        }),
        max_body: table.integer("max_body", 1..1 << 31).map(i64::unsigned_abs),
    })
}

pub(super) fn is_web_address(table: &Table<'_>, key: &str, url: &str) -> bool {
    let filled: String = url
        .chars()
        .map(|c| if matches!(c, '{' | '}') { 'x' } else { c })
        .collect();
    let sound = url::Url::parse(&filled)
        .is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host());
    if !sound {
        table.problem(
            key,
            "an address that begins with https://",
            format!("'{url}'"),
        );
    }
    sound
}

fn reader(table: &Table<'_>) -> Option<Spec> {
    let word = table.required_text("reader", Spec::WORDS)?;
    let inner = |key| {
        let inner = table.table(key);
        if inner.is_none() && !table.has(key) {
            table.problem(
                key,
                format!("a table [probe.{key}] with the reader's mapping"),
                "nothing",
            );
        }
        inner
    };
    macro_rules! mapping {
        ($kind:ident, $key:literal, $variant:ident) => {{
            let inner = inner($key)?;
            let mapping = super::readers::$kind::mapping(&inner);
            inner.finish();
            mapping.map(Into::into).map(Spec::$variant)
        }};
    }
    match word.as_str() {
        "json" => mapping!(json, "json", Json),
        "table" => mapping!(table, "table", Table),
        "feed" => mapping!(feed, "feed", Feed),
        "changelog" => mapping!(changelog, "changelog", Changelog),
        "sitemap" => mapping!(sitemap, "sitemap", Sitemap),
        "statuspage" => mapping!(statuspage, "statuspage", Statuspage),
        "text" => mapping!(text, "text", Text),
        "page" => mapping!(page, "page", Page),
        "models-dev" => mapping!(models_dev, "models_dev", ModelsDev),
        "litellm" => mapping!(litellm, "litellm", Litellm),
        "google-incidents" => mapping!(google_incidents, "google_incidents", GoogleIncidents),
        "google-pricing" => mapping!(google_pricing, "google_pricing", GooglePricing),
        "google-skus" => mapping!(google_skus, "google_skus", GoogleSkus),
        "genai-prices" => mapping!(genai_prices, "genai_prices", GenaiPrices),
        "aws-health" => mapping!(aws_health, "aws_health", AwsHealth),
        "aws-price-list" => mapping!(aws_price_list, "aws_price_list", AwsPriceList),
        "model-card" => Some(Spec::ModelCard),
        "azure-retail-prices" => {
            mapping!(
                azure_retail_prices,
                "azure_retail_prices",
                AzureRetailPrices
            )
        }
        other => {
            table.problem("reader", Spec::WORDS, format!("'{other}'"));
            None
        }
    }
}
