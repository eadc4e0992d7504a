//! What is scripted to go wrong goes wrong where and when it should; and models answer when they are asked.

use bellwether::inference::{CapName, Dialect, End, Recipe, Stream, Told};
use bellwether::market::identify;
use bellwether::world::{Answer, Channel, Request};
use jiff::{SignedDuration, Timestamp};
use serde_json::Map;

use super::{Place, at, begin, shipped};

async fn said(source: &str, now: Timestamp) -> Result<std::collections::BTreeSet<String>, String> {
    Place::new(now, &[]).await.one(source, now).await
}

#[tokio::test(flavor = "multi_thread")]
async fn troubles_come_and_go() {
    let throttled = said("bedrock.models@us-west-2", at(30, 10))
        .await
        .expect_err("throttling");
    assert!(throttled.contains("throttled"), "{throttled}");
    assert!(said("bedrock.models@us-west-2", at(30, 14)).await.is_ok());
    assert!(said("azure.models@eastus2", at(37, 9)).await.is_err());
    assert!(said("bedrock.models@us-east-1", at(52, 14)).await.is_err());
    assert!(said("bedrock.models@us-east-2", at(52, 14)).await.is_ok());
    let open = said("bedrock.status@", at(52, 14))
        .await
        .expect("a dashboard");
    assert!(
        open.iter()
            .any(|line| line.contains(" in us-east-1") && line.ends_with("impact = major")),
        "{open:#?}"
    );
    assert!(
        said("bedrock.status@", at(52, 18))
            .await
            .expect("a dashboard")
            .is_empty()
    );
    let updates = said("bedrock.status-feed@us-east-1", at(52, 18))
        .await
        .expect("a feed");
    assert_eq!(
        updates
            .iter()
            .filter(|line| line.contains(" name = "))
            .count(),
        3,
        "{updates:#?}"
    );
    let open = said("azure.status@", at(66, 11)).await.expect("a feed");
    assert!(
        open.iter().any(|line| line.contains("Sweden Central")),
        "{open:#?}"
    );
    assert!(
        said("azure.status@", at(66, 14))
            .await
            .expect("a feed")
            .is_empty()
    );
    assert!(said("bedrock.lifecycle@", at(60, 20)).await.is_err());
    assert!(said("bedrock.lifecycle@", at(61, 20)).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_flap_in_one_place_only() {
    for (source, now, line, is_there) in [
        (
            "bedrock.models@us-west-2",
            at(34, 10),
            "qwen.qwen3-235b-a22b-2507-v1:0 in us-west-2 [on-demand]",
            false,
        ),
        (
            "bedrock.models@us-west-2",
            at(34, 22),
            "qwen.qwen3-235b-a22b-2507-v1:0 in us-west-2 [on-demand]",
            true,
        ),
        (
            "bedrock.models@eu-central-1",
            at(34, 10),
            "qwen.qwen3-235b-a22b-2507-v1:0 in eu-central-1 [on-demand]",
            true,
        ),
        (
            "azure.models@westus3",
            at(26, 10),
            "Kimi-K2.5@1 in westus3 [GlobalStandard]",
            false,
        ),
        (
            "azure.models@westus3",
            at(26, 22),
            "Kimi-K2.5@1 in westus3 [GlobalStandard]",
            true,
        ),
        (
            "azure.models@eastus2",
            at(26, 10),
            "Kimi-K2.5@1 in eastus2 [GlobalStandard]",
            true,
        ),
        (
            "azure.models@westus3",
            at(28, 10),
            "Kimi-K2.5@1 in westus3 [GlobalStandard]",
            false,
        ),
    ] {
        let found = said(source, now).await.expect("a list");
        assert_eq!(found.contains(line), is_there, "{source} at {now}");
    }
}

/// The answer to the question that latency is measured with.
fn ask(dialect: Dialect, host: &str, model: &str, now: Timestamp) -> Answer {
    let recipe = Recipe {
        dialect,
        model: model.to_string(),
        max_tokens: 20,
        cap: CapName::MaxTokens,
        asks_usage: true,
        parameters: Map::new(),
    };
    let asked = recipe.ask();
    let mut request = Request::get(&format!("https://{host}{}", asked.path));
    request.method = "POST".to_string();
    request.body = asked.body.into_bytes();
    let request = request
        .with("authorization", "Bearer simulated-bedrock-api-key")
        .with("api-key", "simulated0azure0openai0key0000000");
    shipped().answer(now, &request)
}

fn told(dialect: Dialect, answer: &Answer) -> Told {
    let mut stream = Stream::new(dialect);
    for (piece, at) in answer.body.chunks(7).zip(1..) {
        stream.push(piece, SignedDuration::from_millis(at));
    }
    stream.end()
}

#[test]
fn models_answer_in_their_dialect() {
    let now = at(45, 22);
    for (dialect, host, model) in [
        (
            Dialect::BedrockConverse,
            "bedrock-runtime.us-east-1.amazonaws.com",
            "us.anthropic.claude-haiku-4-5-20251001-v1:0",
        ),
        (
            Dialect::BedrockConverse,
            "bedrock-runtime.us-east-1.amazonaws.com",
            "us.amazon.nova-lite-v1:0",
        ),
        (
            Dialect::BedrockInvoke,
            "bedrock-runtime.eu-west-1.amazonaws.com",
            "global.anthropic.claude-opus-5-5",
        ),
        (Dialect::AzureChat, "demo.openai.azure.com", "gpt-5.4-mini"),
    ] {
        let answer = ask(dialect, host, model, now);
        let told = told(dialect, &answer);
        assert_eq!((answer.status, &told.end), (200, &End::Complete), "{model}");
        assert!(told.text.starts_with("one, two, three, "), "{}", told.text);
        assert_eq!(
            (told.usage.input, told.usage.output),
            (Some(25), Some(20)),
            "{model}"
        );
        assert!(
            told.times.first_content.is_some() && told.stop.is_some(),
            "{model}"
        );
    }
}

#[test]
fn models_that_cannot_be_called_say_why() {
    let runtime = "bedrock-runtime.us-east-1.amazonaws.com";
    for (dialect, host, model, days, status, word) in [
        (
            Dialect::BedrockConverse,
            runtime,
            "acme.nobody-v1:0",
            20,
            400,
            "ValidationException",
        ),
        (
            Dialect::BedrockConverse,
            runtime,
            "anthropic.claude-opus-5-5",
            20,
            400,
            "ValidationException",
        ),
        (
            Dialect::BedrockConverse,
            runtime,
            "openai.gpt-6.4-sol",
            20,
            403,
            "AccessDeniedException",
        ),
        (
            Dialect::AzureChat,
            "demo.openai.azure.com",
            "nobody",
            20,
            404,
            "",
        ),
        (
            Dialect::AzureChat,
            "demo.openai.azure.com",
            "gpt-35-turbo",
            20,
            410,
            "",
        ),
    ] {
        let answer = ask(dialect, host, model, at(days, 22));
        assert_eq!(
            answer.status,
            status,
            "{model}: {}",
            String::from_utf8_lossy(&answer.body)
        );
        assert_eq!(
            answer.header("x-amzn-errortype").unwrap_or(""),
            word,
            "{model}"
        );
    }
}

#[test]
fn every_spelling_denotes_a_model() {
    let world = shipped();
    let moment = world.at(at(83, 22));
    let mut unknown = Vec::new();
    for provider in ["bedrock", "azure"] {
        for offer in moment.offers(provider, Channel::Api) {
            let is_service = offer.extra("page").is_some() || offer.id.contains("AgentCore");
            let identity = identify(Some(provider), offer.id);
            if identity.model.is_none() && !is_service {
                unknown.push(format!("{provider}:{}", offer.id));
            }
            // the price list's spelling denotes what is sold under it
            let priced = offer.extra("list").or(offer.extra("product"));
            if priced.is_some() && !is_service {
                let offers = moment.offers(provider, Channel::Api);
                let mut sold = offers.iter().filter(|other| other.model.is_some());
                let is_sold =
                    sold.any(|other| identify(Some(provider), other.id).model == identity.model);
                if !is_sold {
                    unknown.push(format!(
                        "{provider}:{} is priced as {:?}, which is not sold",
                        offer.id, identity.model
                    ));
                }
            }
        }
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
    assert!(begin() < moment.now);
}
