//! Which models the meters of the retail prices price.

use std::collections::{BTreeMap, BTreeSet};

use bellwether::market::{Content, Identity, Reading, identify};
use serde_json::{Value as Json, json};

use crate::prices::{pages, read_pages};
use crate::shared;

/// Meters as products name them, reviewed one by one: the product, the meter, and the model or version that is priced with the
/// meter's name in our words; `-`: nobody can know.
const REVIEWED: &str = "
Azure OpenAI Media | gpt rt aud 0828 Inp DZone Tokens | openai/gpt-realtime@0828 input_audio
Azure OpenAI Media | gpt rt txt 0828 cchd Inp DZn Tokens | openai/gpt-realtime@0828 cache_read
Azure OpenAI Media | gpt rt aud mini Inp DZone Tokens | openai/gpt-realtime-mini input_audio
Azure OpenAI Media | gpt rt aud mn cd in DZ 1215 1M Tokens | openai/gpt-realtime-mini@1215 cache_read_audio
Azure OpenAI Media | gpt rt 1.5 aud cd inp Dz 1M Tokens | openai/gpt-realtime-1.5 cache_read_audio
Azure OpenAI Media | gpt-realtime-2 Image cd inp Gl 1M Tokens | openai/gpt-realtime-2 cache_read_image
Azure OpenAI Media | gpt-realtime-2.1-mini Text opt Gl 1M Tokens | openai/gpt-realtime-2.1-mini output
Azure OpenAI Media | gpt-realtime-translate Opt Gl Unit | openai/gpt-realtime-translate output_per_hour
Azure OpenAI Media | gpt aud 0828 Inp DZone Tokens | openai/gpt-audio@0828 input_audio
Azure OpenAI Media | gpt aud 0828 txt Inp DZone Tokens | openai/gpt-audio@0828 input
Azure OpenAI Media | gpt aud 1.5 inp Dz 1M Tokens | openai/gpt-audio-1.5 input_audio
Azure OpenAI Media | gpt aud mini Inp DZone Tokens | openai/gpt-audio-mini input_audio
Azure OpenAI Media | gpt aud mn in DZ 1215 1M Tokens | openai/gpt-audio-mini@1215 input_audio
Azure OpenAI Media | gpt 4o tcrb d aud inp dz Tokens | openai/gpt-4o-transcribe-diarize input_audio
Azure OpenAI Media | gpt4o mn trscb aud in dz 1215 1M Tokens | openai/gpt-4o-mini-transcribe@1215 input_audio
Azure OpenAI Media | gpt4o mn tts aud out dz 1215 1M Tokens | openai/gpt-4o-mini-tts@1215 output_audio
Azure OpenAI Media | gpt img 1 mini inp cchd img dzone Tokens | openai/gpt-image-1-mini cache_read_image
Azure OpenAI Media | gpt img 1.5 out img DZ 1M Tokens | openai/gpt-image-1.5 output_image
Azure OpenAI Media | Image 2 txt Batch inp Gl 1M Tokens | openai/gpt-image-2 input.batch
Azure OpenAI Media | Image 3 img inp Gl 1M Tokens | openai/gpt-image-3 input_image
Azure OpenAI Media | gpt-latest 05052026 inp Gl 1M Tokens | - input
Azure OpenAI Media | Sora 1080p Sq 6-10s glbl Video | openai/sora output_video_per_second_1080p_sq_6_10s
Azure OpenAI Media | Sora 2 glbl Second | openai/sora-2 output_per_second
Azure OpenAI Media | Sora 2 pro high res dzone Second | openai/sora-2-pro output_per_second_high_res
Azure OpenAI | gpt-4o-rt-aud-0603 Inp DZone Tokens | openai/gpt-4o-realtime-preview@0603 input_audio
Azure OpenAI | gpt-4o-aud-1217 Inp DZone Tokens | openai/gpt-4o-audio-preview@1217 input_audio
Azure OpenAI | gpt4omini-aud1217 Outp glbl Tokens | openai/gpt-4o-mini-audio-preview@1217 output_audio
Azure OpenAI | gpt4omini-rt-aud1217 cchd Inp rgnl Tokens | openai/gpt-4o-mini-realtime-preview@1217 cache_read_audio
Azure OpenAI | gpt4omini-rt-txt1217 Inp rgnl Tokens | openai/gpt-4o-mini-realtime-preview@1217 input
Azure OpenAI | gpt4o realtimePrvwAudInp DataZone Tokens | openai/gpt-4o-realtime-preview input_audio
Azure OpenAI | gpt4o realtime prvw text inp glbl Tokens | openai/gpt-4o-realtime-preview input
Azure OpenAI | gpt4o rtime cached txt inp datazone Tokens | openai/gpt-4o-realtime-preview cache_read
Azure OpenAI | gpt-4o-transcribe-aud-inp-dz Tokens | openai/gpt-4o-transcribe input_audio
Azure OpenAI | gpt-4o-mini-tts-aud-out-dz Tokens | openai/gpt-4o-mini-tts output_audio
Azure OpenAI | gpt 4o mini0718 BatchOutp DataZone Tokens | openai/gpt-4o-mini@0718 output.batch
Azure OpenAI | gpt-4o-0806-Batch-Inp-glbl Tokens | openai/gpt-4o@0806 input.batch
Azure OpenAI | gpt 4.5 0227 Inp glbl Tokens | openai/gpt-4.5-preview@0227 input
Azure OpenAI | computer-use-inpt-glbl Tokens | openai/computer-use-preview input
Azure OpenAI | gpt-4-8K-Input-regional Tokens | openai/gpt-4 input
Azure OpenAI | gpt-4-32K-Inp-glbl Tokens | openai/gpt-4-32k input
Azure OpenAI | gpt-4-turbo128K Inp-glbl Tokens | openai/gpt-4-turbo input
Azure OpenAI | gpt-4-Turbo-Batch-128K Inp-glbl Tokens | openai/gpt-4-turbo input.batch
Azure OpenAI | gpt-4-turbo-Vision-128K Inp-glbl Tokens | - input
Azure OpenAI | gpt-35-turbo4K-Inp-glbl Tokens | openai/gpt-3.5-turbo@0613 input
Azure OpenAI | gpt-35-turbo16K-Inp-glbl Tokens | openai/gpt-3.5-turbo-16k input
Azure OpenAI | gpt-35-turbo-16K-0125 Input-regional Tokens | openai/gpt-3.5-turbo@0125 input
Azure OpenAI | gpt-35-turbo16K-1106 Outp-glbl Tokens | openai/gpt-3.5-turbo@1106 output
Azure OpenAI | gpt-35-trb16K-Batch-125-Inp-glbl Tokens | openai/gpt-3.5-turbo@0125 input.batch
Azure OpenAI | gpt-35-trb16K-Batch-Inp-glbl Tokens | - input.batch
Azure OpenAI | Az-GPT35-Turbo-16K-1106 Input Tokens | openai/gpt-3.5-turbo@1106 input
Azure OpenAI | Az-GPT4-Turbo-128K Output Tokens | openai/gpt-4-turbo output
Azure OpenAI | Az-Embeddings-Ada Tokens | openai/text-embedding-ada-002 input
Azure OpenAI | embedding-ada-regional Tokens | openai/text-embedding-ada-002 input
Azure OpenAI Embedding | text embedding 3 small DZ Tokens | openai/text-embedding-3-small input
Azure OpenAI | Image-DALL-E-2-glbl Images | openai/dall-e-2 output_per_image
Azure OpenAI | Image-Dall-E-3 HD HighRes-glbl Images | openai/dall-e-3 output_per_image_hd_highres
Azure OpenAI | Image-Dall-E-3 Std LowRes-regnl EP Images | openai/dall-e-3 output_per_image_std_lowres_ep
Azure OpenAI | Speech-Text to Speech-global Characters | openai/tts-1 input_per_character
Azure OpenAI | Speech-Text to Speech HD-Regional Characters | openai/tts-1-hd input_per_character
Azure OpenAI | Speech-to-Text-Batch-Whisper-glbl Unit | openai/whisper-1 per_hour.batch
Azure OpenAI | Provisioned Managed Global Unit | - provisioned_unit
Azure OpenAI | Code-Interpreter-global Session | - per_session
Azure OpenAI | o3 mini 0131 Batch Outp Data Zone Tokens | openai/o3-mini@0131 output.batch
Azure OpenAI Reasoning | codex mini inp cchd dzone Tokens | openai/codex-mini cache_read
Azure OpenAI Reasoning | o3-deep research 0626-inp-cchd-dzone 1M Tokens | openai/o3-deep-research@0626 cache_read
Azure OpenAI GPT5 | 5.4 pro Batch inp Dz 1M Tokens | openai/gpt-5.4-pro input.batch
Azure OpenAI GPT5 | 5.2 chat 0210 cd inp Dz 1M Tokens | openai/gpt-5.2-chat@0210 cache_read
Azure OpenAI GPT5 | 5.6 sol ShortCo Inp Std Gl 1M Tokens | openai/gpt-5.6-sol input
Azure OpenAI GPT5 | gpt-5-codex-ccchd-inp-dzone Tokens | openai/gpt-5-codex cache_read
Azure OpenAI GPT5 | chat-latest 05282026 cd inp Gl 1M Tokens | openai/gpt-chat-latest@2026-05-28 cache_read
Azure OpenAI PP FT GPT4s | 4.1 mini pp Opt Dz Tokens | openai/gpt-4.1-mini output.priority
Azure OpenAI OSS Models | gpt-oss-120B Inp DZone Tokens | openai/gpt-oss-120b input
Azure Deepseek Models | V3.2 SP Inp DZ Tokens | deepseek/deepseek-v3.2-speciale input
Azure Deepseek Models | V3-0324 Inp DZone Tokens | deepseek/deepseek-v3@0324 input
Azure Deepseek Models | MAI-DS-R1 Inp glbl Tokens | microsoft/mai-ds-r1 input
Azure Deepseek Models | Provisioned Managed Data Zone Unit | - provisioned_unit
Azure Fireworks Models | FW MiniMax 3 Inp DZ Tokens | minimax/minimax-m3 input
Azure Fireworks Models | FW Kimi K2.7 Code Cd Inp DZ Tokens | moonshotai/kimi-k2.7-code cache_read
Azure Grok Models | Grok-3 Mini Inp Dzone Tokens | xai/grok-3-mini input
Azure Grok Models | Grok4 Fast Inp DZone Tokens | - input
Azure Grok Models | Grok 4.1 Inp Glbl Tokens | - input
Azure Grok Models | 4.3 Inp DZ Tokens | xai/grok-4.3 input
Azure Kimi | K2.5 Thinking Inp DZ Tokens | moonshotai/kimi-k2.5 input
Azure Kimi | K2.5 cached DZ Tokens | moonshotai/kimi-k2.5 cache_read
Azure Kimi | K2 Thinking Inp DZ Tokens | moonshotai/kimi-k2-thinking input
Azure Llama Models | Llama 4 Maverick 17B Inp Dzone Tokens | meta/llama-4-maverick input
Azure Mistral Models | MM3.5 Outp glbl Tokens | mistral/mistral-medium-2604 output
Azure Mistral Models | Large 3 Inp Dzone Tokens | mistral/mistral-large-2512 input
Azure Mistral Models | Codestral Inp regnl Tokens | mistral/codestral-2501 input
Azure Mistral Models | Doc AI DZone 2505 Pages | mistral/mistral-document-ai-2505 ocr_per_page
Azure Mistral Models | OCR 4 annot DZ Pages | mistral/mistral-ocr-4 annotation_per_page
Azure Mistral Models | OCR DZone Pages | - ocr_per_page
Cohere Models | Command A Plus Inp DZ 1M Tokens | cohere/command-a-plus input
Cohere Models | Embed v4 Img DZ Tokens | cohere/embed-v4 input_image
Cohere Models | Rerank v4 Fast DZ Search | cohere/rerank-v4-fast input_per_query
";

/// What a unit of measure counts of what a meter's name ends with.
fn measure(meter: &str) -> &'static str {
    match meter.rsplit(' ').next() {
        Some("Unit") if meter.contains("Provisioned") => "1/Hour",
        Some("Unit") => "1 Hour",
        Some("Images") => "100",
        Some("Video") => "1 Second",
        Some("Second" | "Session") => "1",
        _ => "1K",
    }
}

fn denoted(native_id: &str) -> Identity {
    identify(Some("azure"), native_id)
}

/// The native ids of a reading, each with the names of its prices.
fn priced(reading: &Reading) -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in &reading.entries {
        let Content::Stated { claims, .. } = &entry.content else {
            continue;
        };
        let names = all.entry(entry.subject.native_id.to_string()).or_default();
        names.extend(claims.iter().map(|claim| claim.attribute.to_string()));
    }
    all
}

#[test]
fn each_meter_prices_the_model_that_it_abbreviates() {
    let cases = REVIEWED.trim().lines().map(|line| {
        let mut parts = line.split(" | ");
        let mut part = || parts.next().expect("three parts");
        (part(), part(), part())
    });
    for (product, meter, expected) in cases {
        let row = json!({ "currencyCode": "USD", "tierMinimumUnits": 0.0, "retailPrice": 0.5, "unitPrice": 0.5,
            "armRegionName": "eastus2", "effectiveStartDate": "2026-03-01T00:00:00Z", "meterName": meter,
            "productName": product, "skuName": "x", "serviceName": "Foundry Models", "unitOfMeasure": measure(meter),
            "type": "Consumption" });
        let page = json!({ "Items": [row], "NextPageLink": null, "Count": 1 }).to_string();
        let reading = read_pages(&format!("[{page}]"));
        let priced = priced(&reading);
        let (native_id, names) = priced
            .first_key_value()
            .unwrap_or_else(|| panic!("{meter}"));
        let found = denoted(native_id);
        let name = names.first().expect("a price");
        let line = format!(
            "{} {}",
            found.closest().unwrap_or("-"),
            name.trim_start_matches("price.")
        );
        assert_eq!(line, expected, "{meter}: {native_id}, {}", found.rule);
    }
}

/// The rule tells a person why a meter's name is a model's.
#[test]
fn the_rule_says_what_was_written_out() {
    for (native_id, rule) in [
        ("gpt rt mn 1215", "abbreviation, family, date stamp"),
        ("Image 2", "family left out, family"),
        (
            "chat-latest 05282026",
            "the price list's own name, family, date stamp, moving alias",
        ),
        (
            "gpt-4o-aud-1217",
            "abbreviation, family, date stamp, Azure's price list leaves out that the model is a preview",
        ),
        (
            "DeepSeek Provisioned Managed",
            "unknown: it is capacity, which several models share",
        ),
    ] {
        assert_eq!(denoted(native_id).rule, rule, "{native_id}");
    }
}

/// Models of meters that the recorded lists of the interface do not name, because they are gone or sold in other regions.
const UNLISTED: [&str; 17] = [
    "minimax/minimax-m2.5",
    "minimax/minimax-m3",
    "mistral/mistral-ocr-2512",
    "openai/computer-use-preview",
    "openai/dall-e-2",
    "openai/gpt-4.5-preview",
    "openai/gpt-5.2-pro",
    "openai/o1-preview",
    "openai/o1-pro",
    "openai/o3-deep-research",
    "openai/o3-pro",
    "openai/sora-2-pro",
    "xai/grok-4",
    "xai/grok-code-fast-1",
    "zai/glm-5",
    "zai/glm-5.1",
    "zai/glm-5.2",
];

/// Names of the recorded price lists of which nobody can know which model they price.
const OF_NO_MODEL: [&str; 18] = [
    "Assistants-File Search",
    "Az-GPT4-Turbo-Vision-128K",
    "Code-Interpreter",
    "Code-Interpreter EP",
    "DeepSeek Provisioned Managed",
    "FW Provisioned Managed",
    "Grok 4.1",
    "Grok 4.2",
    "Grok Provisioned Managed",
    "Grok4 Fast",
    "Llama Provisioned Managed",
    "Mistral OCR",
    "Mistral Provisioned Managed",
    "Provisioned Managed",
    "file-search-tool-calls",
    "gpt-35-trb16K",
    "gpt-4-turbo-Vision-128K",
    "gpt-latest 05052026",
];

/// Every model of the recorded lists of the interface.
fn listed() -> Option<BTreeSet<String>> {
    let mut models = BTreeSet::new();
    for place in [
        "seq/azure-models-list/eastus2",
        "seq/azure-models-list/swedencentral",
    ] {
        let folder = shared::folder(&format!("corpus/{place}"))?;
        for entry in std::fs::read_dir(folder).expect("bodies") {
            let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("a body");
            let body: Json = serde_json::from_str(&text).expect("JSON");
            let rows = body.get("value").unwrap_or(&body);
            models.extend(rows.as_array().expect("rows").iter().filter_map(|row| {
                let word = |key: &str| row["model"][key].as_str().expect("a text");
                denoted(&format!("{}@{}", word("name"), word("version"))).model
            }));
        }
    }
    Some(models)
}

#[test]
fn no_meter_of_a_recorded_price_list_invents_a_model() {
    let Some(listed) = listed() else { return };
    assert!(listed.len() > 100, "{} models", listed.len());
    let mut unlisted = BTreeSet::new();
    let mut of_no_model = BTreeSet::new();
    let mut joined = BTreeSet::new();
    for file in [
        "azure-genai-prices-git.json",
        "azure-genai-prices-0.2.0.json",
    ] {
        let Some((_, body)) = pages(file) else { return };
        for native_id in priced(&read_pages(&body)).into_keys() {
            match denoted(&native_id).model {
                None => of_no_model.insert(native_id),
                Some(model) if listed.contains(&model) => joined.insert(native_id),
                Some(model) => unlisted.insert(model),
            };
        }
    }
    assert_eq!(of_no_model, OF_NO_MODEL.map(str::to_string).into());
    assert_eq!(unlisted, UNLISTED.map(str::to_string).into());
    assert!(joined.len() > 140, "{} names are joined", joined.len());
}
