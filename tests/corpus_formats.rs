//! Readers against bodies that were really sent, counted independently of the readers. Needs `BELLWETHER_SHARED`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::path::{Path, PathBuf};

use bellwether::config::readers;
use bellwether::config::tree::{Table, walk};
use bellwether::market::{
    Attribute, Claim, Content, DateKind, Failure, ProviderId, Reading, Region, Settled, Stage,
    Subject, SubjectKind, Value,
};
use bellwether::readers::convert::StageWords;
use bellwether::readers::{Body, Context, encoding, feed, html, json, litellm, paging, statuspage};
use serde_json::Value as Json;

const OPENAI: &str = include_str!("../probes/openai.toml");
const ANTHROPIC: &str = include_str!("../probes/anthropic.toml");
const AZURE: &str = include_str!("../probes/azure.toml");
const BEDROCK: &str = include_str!("../probes/bedrock.toml");
const LITELLM: &str = include_str!("../probes/litellm.toml");

/// The files of a place in the corpus, oldest first; `None` where there is no corpus.
#[expect(clippy::print_stderr, reason = "a test that was skipped has to say so")]
fn corpus(place: &str) -> Option<Vec<(PathBuf, Vec<u8>)>> {
    let Some(shared) = std::env::var_os("BELLWETHER_SHARED") else {
        eprintln!("skipped: BELLWETHER_SHARED is not set, so {place} is not at hand");
        return None;
    };
    let root = Path::new(&shared).join("corpus").join(place);
    let mut files = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of the corpus") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = std::fs::read(&path).expect("a file of the corpus");
                files.push((path, bytes));
            }
        }
    }
    files.sort();
    assert!(!files.is_empty(), "{}", root.display());
    Some(files)
}

/// The mapping of a shipped probe, and the stage words of its file.
fn shipped<T>(
    file: &str,
    probe: &str,
    reader: &'static str,
    mapping: impl Fn(&Table<'_>) -> Option<T>,
) -> (T, StageWords) {
    walk("probe.toml", file, |root| {
        for key in ["provider", "kind", "endpoint", "inference"] {
            let _ = root.has(key);
        }
        let stages = root.text_map("stages").into_iter().map(|(word, stage)| {
            let stage = Stage::from_word(&stage).expect("a stage");
            (word, stage)
        });
        let stages = StageWords::new(stages);
        let probes = root.tables("probe");
        let probe = probes
            .iter()
            .find(|table| table.text("name").as_deref() == Some(probe))?;
        let inner = probe.table(reader)?;
        let mapping = mapping(&inner);
        inner.finish();
        Some((mapping?, stages))
    })
    .expect("a sound probe file")
}

fn declared(text: &str) -> json::Mapping {
    walk("probe.toml", text, readers::json::mapping).expect("a sound probe file")
}

fn body(bytes: &[u8]) -> Body<'_> {
    Body {
        bytes,
        content_type: None,
    }
}

/// Runs a reader as the daemon would.
fn with_context<T>(stages: &StageWords, read: impl FnOnce(&Context<'_>) -> T) -> T {
    read(&Context {
        provider: &ProviderId::from("probed"),
        region: &Region::unstated(),
        stages,
        item: "",
        complete: true,
        settled: &Settled::new(),
    })
}

fn read_json(
    (mapping, stages): &(json::Mapping, StageWords),
    bytes: &[u8],
) -> Result<Reading, Failure> {
    with_context(stages, |context| json::read(mapping, &body(bytes), context))
}

fn parsed(bytes: &[u8]) -> Json {
    serde_json::from_slice(bytes).expect("JSON")
}

fn claims(reading: &Reading) -> BTreeMap<String, Vec<Claim>> {
    let entry = |entry: &bellwether::market::Entry| {
        let claims = match &entry.content {
            Content::Stated { claims, .. } => claims.clone(),
            Content::Settled => Vec::new(),
        };
        let deployment = entry.subject.deployment.as_deref().unwrap_or("");
        let name = format!("{} {deployment}", entry.subject.native_id);
        (name.trim().to_string(), claims)
    };
    reading.entries.iter().map(entry).collect()
}

fn count(reading: &Reading, wanted: impl Fn(&Claim) -> bool) -> usize {
    let claims = |entry: &bellwether::market::Entry| match &entry.content {
        Content::Stated { claims, .. } => claims.iter().filter(|claim| wanted(claim)).count(),
        Content::Settled => 0,
    };
    reading.entries.iter().map(claims).sum()
}

fn ids(reading: &Reading) -> BTreeSet<String> {
    let id = |entry: &bellwether::market::Entry| entry.subject.native_id.to_string();
    reading.entries.iter().map(id).collect()
}

fn fields<'a>(list: &'a Json, field: &str) -> Vec<&'a str> {
    let items = list.as_array().expect("a list");
    items
        .iter()
        .filter_map(|item| item[field].as_str())
        .collect()
}

/// The same items in reverse order make the same reading.
fn same_in_any_order<E: Debug>(
    path: &Path,
    bytes: &[u8],
    list: Option<&str>,
    read: impl Fn(&[u8]) -> Result<Reading, E>,
) {
    let mut json = parsed(bytes);
    let items = match list {
        Some(key) => &mut json[key],
        None => &mut json,
    };
    items.as_array_mut().expect("a list").reverse();
    let (first, second) = (
        read(bytes).expect("a reading"),
        read(json.to_string().as_bytes()).expect("a reading"),
    );
    assert_eq!(claims(&first), claims(&second), "{}", path.display());
    assert_eq!(first.unexpected, second.unexpected, "{}", path.display());
}

#[test]
fn openai_lists_hold_every_model_that_is_not_the_accounts_own() {
    let Some(files) = corpus("seq/openai-v1-models") else {
        return;
    };
    let mapping = shipped(OPENAI, "models", "json", readers::json::mapping);
    for (path, bytes) in files {
        let json = parsed(&bytes);
        let own = |id: &&str| id.starts_with("ft:");
        let listed: BTreeSet<String> = fields(&json["data"], "id")
            .into_iter()
            .filter(|id| !own(id))
            .map(ToString::to_string)
            .collect();
        let reading = read_json(&mapping, &bytes).expect("a reading");
        assert_eq!(ids(&reading), listed, "{}", path.display());
        let launched = |claim: &Claim| claim.attribute == Attribute::Date(DateKind::Launch);
        assert_eq!(count(&reading, launched), listed.len());
        assert_eq!(reading.unexpected, [], "{}", path.display());
        same_in_any_order(&path, &bytes, Some("data"), |bytes| {
            read_json(&mapping, bytes)
        });
    }
}

#[test]
fn anthropic_lists_hold_every_model() {
    let Some(files) = corpus("seq/anthropic-v1-models") else {
        return;
    };
    let mapping = shipped(ANTHROPIC, "models", "json", readers::json::mapping);
    let cursor: paging::Paging = walk(
        "paging.toml",
        "kind = 'cursor'\nhas_more = 'has_more'\ncursor = 'last_id'\nparameter = 'after_id'",
        readers::paging::paging,
    )
    .expect("paging");
    for (path, bytes) in files {
        let json = parsed(&bytes);
        let listed = fields(&json["data"], "id")
            .into_iter()
            .map(ToString::to_string);
        let reading = read_json(&mapping, &bytes).expect("a reading");
        assert_eq!(ids(&reading), listed.collect(), "{}", path.display());
        let named = count(&reading, |claim| claim.attribute == Attribute::Name);
        assert_eq!(named, fields(&json["data"], "display_name").len());
        assert_eq!(reading.unexpected, [], "{}", path.display());
        assert_eq!(paging::next_page(&cursor, &body(&bytes)), Ok(None));
        same_in_any_order(&path, &bytes, Some("data"), |bytes| {
            read_json(&mapping, bytes)
        });
    }
}

#[test]
fn anthropic_states_lifecycle_limits_and_capabilities() {
    let mapping = shipped(ANTHROPIC, "models", "json", readers::json::mapping);
    let bytes = br#"{"data":[{"type":"model","id":"claude-a","display_name":"A","created_at":"1970-01-01T00:00:00Z","lifecycle":"deprecated",
        "deprecated_at":"2026-09-30T00:00:00Z","retires_at":"2026-11-30T00:00:00Z","max_input_tokens":200000,"max_tokens":null,
        "capabilities":{"batch":{"supported":true},"thinking":{"supported":true,"types":{"adaptive":{"supported":false}}}}}],"has_more":false}"#;
    let reading = read_json(&mapping, bytes).expect("a reading");
    let shown: Vec<String> = claims(&reading)["claude-a"]
        .iter()
        .map(|claim| format!("{}={}", claim.attribute, claim.value))
        .collect();
    assert_eq!(
        shown,
        [
            "stage=deprecated",
            "name=A",
            "date.deprecated=2026-09-30",
            "date.retires=2026-11-30",
            "limit.context=200000",
            "capability.batch=yes",
            "capability.thinking=yes",
            "capability.thinking_adaptive=no",
        ]
    );
}

#[test]
fn azure_rows_become_one_offering_a_deployment() {
    let Some(files) = corpus("seq/azure-models-list") else {
        return;
    };
    let mapping = declared(
        r#"
        items = ["value[]", "[]"]
        each = [{ name = "sku", path = "model.skus[]", optional = true }]
        native_id = "{model.name}@{model.version}"
        deployment = "sku.name"
        [[attribute]]
        attribute = "stage"
        path = "model.lifecycleStatus"
        words = { Stable = "ga", GenerallyAvailable = "ga", Preview = "preview", Legacy = "legacy", Deprecating = "deprecated", Deprecated = "deprecated" }
        [[attribute]]
        attribute = "date.retires"
        path = ["sku.deprecationDate", "model.deprecation.inference"]
        [[attribute]]
        attribute = "capability.{key}"
        path = "model.capabilities{}"
        as = "text"
        "#,
    );
    let mapping = (mapping, StageWords::default());
    for (path, bytes) in files {
        let json = parsed(&bytes);
        let mut offerings = BTreeSet::new();
        for row in json.as_array().expect("a list") {
            let model = &row["model"];
            let id = format!(
                "{}@{}",
                model["name"].as_str().expect("a name"),
                model["version"].as_str().expect("a version")
            );
            match model["skus"].as_array().filter(|skus| !skus.is_empty()) {
                Some(skus) => offerings.extend(
                    skus.iter()
                        .map(|sku| format!("{id} {}", sku["name"].as_str().unwrap_or(""))),
                ),
                None => {
                    offerings.insert(id);
                }
            }
        }
        let reading = read_json(&mapping, &bytes).expect("a reading");
        let read: BTreeSet<String> = claims(&reading).into_keys().collect();
        assert_eq!(read, offerings, "{}", path.display());
        let strange: Vec<_> = reading
            .unexpected
            .iter()
            .filter(|note| note.expected != "one value")
            .collect();
        assert!(strange.is_empty(), "{}: {strange:?}", path.display());
        let wrapped = format!("{{\"value\":{}}}", String::from_utf8_lossy(&bytes));
        let again = read_json(&mapping, wrapped.as_bytes()).expect("a reading");
        assert_eq!(claims(&again), claims(&reading));
        same_in_any_order(&path, &bytes, None, |bytes| read_json(&mapping, bytes));
    }
}

#[test]
fn other_lists_are_within_the_mapping_language() {
    let cases = [
        (
            "seq/bedrock-foundation-models",
            "modelSummaries",
            "modelId",
            r#"
            items = "modelSummaries[]"
            native_id = "modelId"
            [[attribute]]
            attribute = "stage"
            path = "modelLifecycle.status"
            words = { ACTIVE = "ga", LEGACY = "legacy" }
            required = true
            [[attribute]]
            attribute = "modality.input"
            path = "inputModalities"
            "#,
        ),
        (
            "seq/mistral-v1-models",
            "data",
            "id",
            r#"
            items = "data[]"
            native_id = "id"
            [[attribute]]
            attribute = "date.retires"
            path = "deprecation"
            [[attribute]]
            attribute = "limit.context"
            path = "max_context_length"
            [[attribute]]
            attribute = "capability.{key}"
            path = "capabilities{}"
            "#,
        ),
        (
            "seq/openrouter-v1-models",
            "data",
            "id",
            r#"
            items = "data[]"
            native_id = "id"
            [[attribute]]
            attribute = "price.input"
            path = "pricing.prompt"
            times = "1000000"
            words = { "-1" = "" }
            [[attribute]]
            attribute = "modality.input"
            path = "architecture.input_modalities"
            [[attribute]]
            attribute = "limit.output"
            path = "top_provider.max_completion_tokens"
            "#,
        ),
    ];
    for (place, list, id, text) in cases {
        let Some(files) = corpus(place) else { return };
        let mapping = (declared(text), StageWords::default());
        for (path, bytes) in files {
            let json = parsed(&bytes);
            let listed: BTreeSet<String> = fields(&json[list], id)
                .into_iter()
                .map(ToString::to_string)
                .collect();
            let reading = read_json(&mapping, &bytes).expect("a reading");
            assert_eq!(ids(&reading), listed, "{}", path.display());
            let strange: Vec<_> = reading
                .unexpected
                .iter()
                .filter(|note| note.expected != "one value")
                .collect();
            assert!(strange.is_empty(), "{}: {strange:?}", path.display());
            same_in_any_order(&path, &bytes, Some(list), |bytes| {
                read_json(&mapping, bytes)
            });
        }
    }
}

#[test]
fn litellm_maps_hold_every_entry_of_ours_once_and_settle() {
    let Some(files) = corpus("seq/litellm-model-prices") else {
        return;
    };
    let (mapping, stages) = shipped(LITELLM, "prices", "litellm", readers::litellm::mapping);
    let mut settled = Settled::new();
    for (path, bytes) in files {
        let json = parsed(&bytes);
        let entries = json.as_object().expect("an object");
        let ours = |entry: &Json| {
            let word = entry["litellm_provider"].as_str().unwrap_or("");
            mapping.providers.contains_key(word) || word.starts_with("vertex_ai-")
        };
        let listed: BTreeSet<String> = entries
            .iter()
            .filter(|(_, entry)| ours(entry))
            .map(|(name, _)| name.clone())
            .collect();
        let read = |settled: &Settled| {
            let context = Context {
                provider: &ProviderId::from("litellm"),
                region: &Region::unstated(),
                stages: &stages,
                item: "",
                complete: true,
                settled,
            };
            litellm::read(&mapping, &body(&bytes), &context).expect("a reading")
        };
        let fresh = read(&Settled::new());
        let turned: Vec<String> = entries
            .iter()
            .rev()
            .map(|(name, entry)| format!("{}:{entry}", Json::from(name.as_str())))
            .collect();
        let turned = format!("{{{}}}", turned.join(","));
        let other = with_context(&stages, |context| {
            litellm::read(&mapping, &body(turned.as_bytes()), context).expect("a reading")
        });
        let facts = |reading: &Reading| -> BTreeMap<Subject, Vec<Claim>> {
            let entries = reading.entries.iter().cloned();
            let stated = |content| match content {
                Content::Stated { claims, .. } => claims,
                Content::Settled => Vec::new(),
            };
            entries
                .map(|entry| (entry.subject, stated(entry.content)))
                .collect()
        };
        assert_eq!(facts(&fresh), facts(&other), "{}", path.display());
        // upstream really published a map with keys that stand twice, which a naive walk cannot see
        let mut strange = fresh.unexpected.clone();
        strange.retain(|note| note.expected != "each key once");
        assert_eq!(strange, other.unexpected, "{}", path.display());
        // a name without what LiteLLM puts before the provider's own id
        let strip = |name: &str| {
            let parts: Vec<&str> = name.split('/').collect();
            let region = |part: &str| part == "*" || part.ends_with(|c: char| c.is_ascii_digit());
            match parts.as_slice() {
                ["bedrock", place, rest @ ..] if !rest.is_empty() && region(place) => {
                    (*rest.last().expect("an id")).to_string()
                }
                ["bedrock", _, _, ..] => name.to_string(),
                [prefix, rest @ ..] if mapping.prefixes.contains(&format!("{prefix}/")) => {
                    rest.join("/")
                }
                _ => name.to_string(),
            }
        };
        let read_ids = ids(&fresh);
        let kept = listed
            .iter()
            .filter(|name| read_ids.contains(*name))
            .count();
        let stripped = listed
            .iter()
            .filter(|name| !read_ids.contains(*name) && read_ids.contains(&strip(name)));
        assert_eq!(kept + stripped.count(), listed.len(), "{}", path.display());
        assert_eq!(fresh.entries.len(), listed.len());
        assert_eq!(strange, [], "{}", path.display());
        assert!(listed.len() > 300, "{}", path.display());
        let dated = entries
            .values()
            .filter(|entry| ours(entry) && entry["deprecation_date"].is_string());
        let retires = |claim: &Claim| claim.attribute == Attribute::Date(DateKind::Retires);
        assert_eq!(count(&fresh, retires), dated.count(), "{}", path.display());
        let costly = entries.values().filter(|entry| {
            ours(entry)
                && entry["input_cost_per_token"]
                    .as_f64()
                    .is_some_and(|cost| cost > 0.0)
        });
        let priced = |claim: &Claim| {
            claim.attribute == Attribute::price("input")
                && matches!(&claim.value, Value::Price(price) if !price.amount.is_zero())
        };
        assert_eq!(count(&fresh, priced), costly.count(), "{}", path.display());
        let later = read(&settled);
        for entry in &later.entries {
            let as_before = settled.get(&entry.key);
            if entry.content == Content::Settled {
                assert!(as_before.is_some());
            }
        }
        settled = fresh
            .entries
            .iter()
            .filter_map(|entry| match &entry.content {
                Content::Stated { fingerprint, .. } => Some((entry.key, (*fingerprint)?)),
                Content::Settled => None,
            })
            .collect();
        let again = read(&settled);
        assert!(
            again
                .entries
                .iter()
                .all(|entry| entry.content == Content::Settled)
        );
        assert_eq!(ids(&again), read_ids);
    }
}

#[test]
fn status_pages_hold_every_component_and_incident() {
    let Some(files) = corpus("seq/statuspage-summary") else {
        return;
    };
    for (path, bytes) in files {
        let probes = if path.to_string_lossy().contains("openai") {
            OPENAI
        } else {
            ANTHROPIC
        };
        let (mapping, stages) =
            shipped(probes, "status", "statuspage", readers::statuspage::mapping);
        let read = |bytes: &[u8]| {
            with_context(&stages, |context| {
                statuspage::read(&mapping, &body(bytes), context)
            })
        };
        let reading = read(&bytes).expect("a reading");
        let json = parsed(&bytes);
        let of_kind = |kind| {
            reading
                .entries
                .iter()
                .filter(|entry| entry.subject.kind == kind)
                .count()
        };
        assert_eq!(
            of_kind(SubjectKind::Component),
            fields(&json["components"], "id").len()
        );
        let incidents = json["incidents"].as_array().map_or(0, Vec::len);
        assert_eq!(
            of_kind(SubjectKind::Incident),
            incidents,
            "{}",
            path.display()
        );
        assert_eq!(reading.unexpected, [], "{}", path.display());
        same_in_any_order(&path, &bytes, Some("components"), read);
    }
}

#[test]
fn azure_feeds_hold_every_item_and_may_be_empty() {
    let Some(files) = corpus("seq/azure-updates-rss") else {
        return;
    };
    let all = walk("probe.toml", "key = 'link'", |table| {
        readers::feed::mapping(table)
    })
    .expect("a mapping");
    let (foundry, stages) = shipped(AZURE, "updates", "feed", readers::feed::mapping);
    let (bedrock, _) = shipped(BEDROCK, "whats-new", "feed", readers::feed::mapping);
    let (mut kept, mut others) = (0, 0);
    for (path, bytes) in files {
        let text = String::from_utf8_lossy(&bytes);
        let inside = |tag: &str| -> BTreeSet<String> {
            let items = text.split("<item>").skip(1);
            items
                .filter_map(|item| item.split(&format!("<{tag}>")).nth(1))
                .filter_map(|rest| rest.split('<').next())
                .map(|text| text.trim().replace("&amp;", "&"))
                .collect()
        };
        let links = inside("link");
        let read_text = |mapping: &feed::Mapping, text: &str| {
            with_context(&stages, |context| {
                feed::read(mapping, &body(text.as_bytes()), context)
            })
            .expect("a reading")
        };
        let read = |mapping: &feed::Mapping| read_text(mapping, &text);
        let reading = read(&all);
        if let (Some(start), Some(end)) = (text.find("<item>"), text.rfind("</channel>")) {
            let mut items: Vec<&str> = text[start..end].split_inclusive("</item>").collect();
            items.reverse();
            let turned = format!("{}{}{}", &text[..start], items.concat(), &text[end..]);
            assert_eq!(claims(&read_text(&all, &turned)), claims(&reading));
        }
        assert_eq!(ids(&reading), links, "{}", path.display());
        assert!(!reading.complete);
        let dated = count(&reading, |claim| {
            claim.attribute == Attribute::Date(DateKind::Launch)
        });
        assert_eq!(dated, links.len(), "{}", path.display());
        kept += read(&foundry).entries.len();
        others += read(&bedrock).entries.len();
    }
    assert!(kept > 0 && kept > others, "{kept} {others}");
}

#[test]
fn broken_bodies_and_errors_are_never_empty_lists() {
    let places = ["single/malformed-json", "errors"];
    let mappings = [
        shipped(OPENAI, "models", "json", readers::json::mapping),
        shipped(ANTHROPIC, "models", "json", readers::json::mapping),
    ];
    let (prices, _) = shipped(LITELLM, "prices", "litellm", readers::litellm::mapping);
    let (updates, _) = shipped(AZURE, "updates", "feed", readers::feed::mapping);
    for place in places {
        let Some(files) = corpus(place) else { return };
        for (path, bytes) in files {
            for mapping in &mappings {
                let result = read_json(mapping, &bytes);
                let unreadable = matches!(result, Err(Failure::Unreadable { .. }));
                assert!(unreadable, "{}: {result:?}", path.display());
            }
            with_context(&StageWords::default(), |context| {
                for result in [
                    litellm::read(&prices, &body(&bytes), context),
                    feed::read(&updates, &body(&bytes), context),
                    statuspage::read(&statuspage::Mapping::default(), &body(&bytes), context),
                ] {
                    let unreadable = matches!(result, Err(Failure::Unreadable { .. }));
                    assert!(unreadable, "{}: {result:?}", path.display());
                }
            });
        }
    }
}

#[test]
fn current_events_of_aws_are_read_in_the_encoding_they_are_sent_in() {
    let Some(files) = corpus("single/aws-health-currentevents") else {
        return;
    };
    let mapping = declared(
        "kind = 'incident'\nitems = '[]'\nnative_id = 'arn'\n[[attribute]]\nattribute = 'name'\npath = 'summary'",
    );
    let mapping = (mapping, StageWords::default());
    for (path, bytes) in files {
        let text = String::from_utf8(bytes.clone()).expect("UTF-8");
        let wide: Vec<u8> = std::iter::once(0xFEFF)
            .chain(text.encode_utf16())
            .flat_map(u16::to_be_bytes)
            .collect();
        let sent = Body {
            bytes: &wide,
            content_type: Some("application/json;charset=utf-16"),
        };
        assert_eq!(encoding::decode(&sent).as_deref(), Ok(text.as_str()));
        let reading = with_context(&mapping.1, |context| json::read(&mapping.0, &sent, context))
            .expect("a reading");
        let arns = fields(&parsed(&bytes), "arn").len();
        assert_eq!(reading.entries.len(), arns, "{}", path.display());
    }
}

#[test]
fn real_pages_are_within_the_bounds_of_the_parser() {
    for place in [
        "single/provider-pages-html",
        "single/anthropic-docs-2025-05",
    ] {
        let Some(files) = corpus(place) else { return };
        for (path, bytes) in files {
            let text = encoding::decode(&body(&bytes)).expect("text");
            let page = html::parse_bounded(&text);
            let words = page.map(|page| html::text(page.root_element()).split_whitespace().count());
            assert!(
                words.as_ref().is_ok_and(|words| *words > 100),
                "{}: {words:?}",
                path.display()
            );
        }
    }
}
