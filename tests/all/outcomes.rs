//! Refusals that providers really sent, as a person would sort them, fetched by the client that the daemon asks with.

use bellwether::config::Http;
use bellwether::fetch::{Answer as Fetched, Client, Request};

use crate::http::{Answer, Server};
use crate::reading::bodies;

/// Recorded body and what it means. `status` is a request that the host understands and will not answer as it is.
const SORTED: [(&str, &str); 57] = [
    ("aiplatform_googleapis_com/400-1.json", "status"),
    ("aiplatform_googleapis_com/401-1.json", "unauthorised"),
    ("api_anthropic_com/400-1.json", "status"),
    ("api_anthropic_com/400-3.json", "status"),
    ("api_anthropic_com/401-1.json", "unauthorised"),
    ("api_anthropic_com/401-3.json", "unauthorised"),
    ("api_anthropic_com/404-2.json", "model_gone"),
    ("api_anthropic_com/429-2.json", "throttled"),
    ("api_cohere_ai/401-1.json", "unauthorised"),
    ("api_cohere_com/400-1.json", "status"),
    ("api_cohere_com/401-1.json", "unauthorised"),
    ("api_deepseek_com/400-1.json", "status"),
    ("api_deepseek_com/422-1.txt", "status"),
    ("api_groq_com/400-1.json", "status"),
    ("api_groq_com/400-3.json", "status"),
    ("api_groq_com/404-1.json", "model_gone"),
    ("api_mistral_ai/400-1.json", "status"),
    ("api_mistral_ai/400-3.json", "status"),
    ("api_mistral_ai/401-2.json", "unauthorised"),
    ("api_mistral_ai/401-4.json", "unauthorised"),
    ("api_mistral_ai/429-1.json", "throttled"),
    ("api_openai_com/400-1.json", "model_gone"),
    ("api_openai_com/400-3.json", "status"),
    ("api_openai_com/401-1.json", "unauthorised"),
    ("api_openai_com/401-3.json", "unauthorised"),
    ("api_openai_com/404-2.json", "model_gone"),
    ("api_openai_com/404-4.json", "model_gone"),
    ("api_openai_com/429-2.json", "throttled"),
    ("api_perplexity_ai/400-1.json", "status"),
    ("api_perplexity_ai/401-1.json", "unauthorised"),
    ("api_x_ai/400-1.json", "unauthorised"),
    ("api_x_ai/503-1.json", "overloaded"),
    ("api_z_ai/429-1.json", "overloaded"),
    ("azure-openai/400-1.json", "status"),
    ("azure-openai/429-1.json", "throttled"),
    (
        "bedrock-runtime_eu-central-1_amazonaws_com/400-1.json",
        "model_gone",
    ),
    ("bedrock-runtime_region_amazonaws_com/400-1.json", "status"),
    (
        "bedrock-runtime_region_amazonaws_com/403-1.json",
        "unauthorised",
    ),
    (
        "bedrock-runtime_us-east-1_amazonaws_com/400-1.json",
        "model_gone",
    ),
    (
        "bedrock-runtime_us-east-1_amazonaws_com/400-3.json",
        "model_gone",
    ),
    (
        "bedrock-runtime_us-east-1_amazonaws_com/429-1.json",
        "throttled",
    ),
    (
        "bedrock-runtime_us-east-1_amazonaws_com/500-2.json",
        "status",
    ),
    ("generativelanguage_googleapis_com/400-1.json", "status"),
    ("generativelanguage_googleapis_com/400-3.json", "status"),
    ("generativelanguage_googleapis_com/404-1.json", "model_gone"),
    ("generativelanguage_googleapis_com/429-1.json", "throttled"),
    ("generativelanguage_googleapis_com/503-1.json", "overloaded"),
    ("openrouter_ai/400-1.json", "status"),
    ("openrouter_ai/400-3.json", "status"),
    ("openrouter_ai/403-1.json", "not_entitled"),
    ("openrouter_ai/429-1.json", "throttled"),
    ("region-aiplatform_googleapis_com/400-1.json", "status"),
    ("rubyllm_services_ai_azure_com/401-1.json", "unauthorised"),
    ("rubyllm_services_ai_azure_com/413-1.txt", "status"),
    ("rubyllm_services_ai_azure_com/500-1.json", "status"),
    ("us-central1-aiplatform_googleapis_com/400-1.json", "status"),
    (
        "us-central1-aiplatform_googleapis_com/401-1.json",
        "unauthorised",
    ),
];

#[tokio::test]
async fn refusals_mean_what_a_person_reads_in_them() {
    let Some(files) = bodies("errors") else {
        return;
    };
    let web = Server::start().await;
    let client = Client::new(&Http::default()).expect("a client");
    let mut found = Vec::new();
    for (path, bytes) in files {
        let name = path.rsplit("/errors/").next().expect("a name").to_string();
        let (_, file) = name.rsplit_once('/').expect("a folder");
        let status = file
            .split('-')
            .next()
            .and_then(|status| status.parse().ok());
        let kind = match file.ends_with(".json") {
            true => "application/json",
            false => "text/plain",
        };
        web.tell(
            "/x",
            Answer::with_status(status.expect("a status"), kind, bytes),
        );
        let url = format!("{}/x", web.url()).parse().expect("a URL");
        let fetched = client
            .fetch(&Request::get(url), bellwether::daemon::clock::now())
            .await;
        let Fetched::Failed(failure) = fetched.answer else {
            panic!("{name} is no failure");
        };
        found.push((name, failure.word()));
    }
    let found: Vec<(&str, &str)> = found
        .iter()
        .map(|(name, word)| (name.as_str(), *word))
        .collect();
    assert_eq!(found, SORTED);
}
