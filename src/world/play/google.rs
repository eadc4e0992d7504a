//! Google: the Gemini API and Agent Platform (Vertex AI), their pages, prices, incidents and notes. Shapes: facts of autumn 2026.

mod cloud;

use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use super::super::moment::{Offer, id_of};
use super::super::script::Day;
use super::super::{Answer, Asked, Channel, JSON, MARKDOWN, Moment, Request, Topic};
use super::written::{self, Table, english};
use super::{Found, Play, Resource, fault};
use crate::market::Stage;

/// Who plays Google.
pub const PLAY: Play = Play {
    hosts,
    find,
    credentials: &[("GEMINI_API_KEY", KEY), ("GOOGLE_API_KEY", KEY)],
};

const KEY: &str = "simulated-google-key";
/// A user whom the token endpoint grants a token.
pub const USER: &str = r#"{"type":"authorized_user","client_id":"simulated","client_secret":"simulated","refresh_token":"simulated","quota_project_id":"simulated"}"#;
/// What the token endpoint grants.
const TOKEN: &str = "ya29.simulated";
const GEMINI: &str = "gemini";
const VERTEX: &str = "vertex";

/// Regions whose hosts are measured.
const LOCATIONS: &str = "africa-south1 asia-east1 asia-east2 asia-northeast1 asia-northeast2 asia-northeast3 asia-south1 asia-south2 asia-southeast1 asia-southeast2 asia-southeast3 australia-southeast1 australia-southeast2 europe-central2 europe-north1 europe-north2 europe-southwest1 europe-west1 europe-west2 europe-west3 europe-west4 europe-west6 europe-west8 europe-west9 europe-west10 europe-west12 europe-west15 me-central1 me-central2 me-west1 northamerica-northeast1 northamerica-northeast2 southamerica-east1 southamerica-west1 us-central1 us-east1 us-east4 us-east5 us-south1 us-west1 us-west2 us-west3 us-west4";

fn hosts() -> Vec<String> {
    let hosts = [
        "generativelanguage.googleapis.com",
        "ai.google.dev",
        "cloudbilling.googleapis.com",
        "oauth2.googleapis.com",
        "aiplatform.googleapis.com",
        "aiplatform.us.rep.googleapis.com",
        "aiplatform.eu.rep.googleapis.com",
        "docs.cloud.google.com",
        "cloud.google.com",
        "status.cloud.google.com",
    ];
    let regional = LOCATIONS
        .split(' ')
        .map(|location| format!("{location}-aiplatform.googleapis.com"));
    hosts
        .iter()
        .map(ToString::to_string)
        .chain(regional)
        .collect()
}

fn find(asked: &Asked, request: &Request) -> Found {
    match asked.host.as_str() {
        "generativelanguage.googleapis.com" => gemini(asked, request),
        // asked only where a page in Markdown is not to be had
        "ai.google.dev" | "docs.cloud.google.com" if asked.parameter("hl").is_some() => {
            error(404, "NOT_FOUND", "Not found")
        }
        "ai.google.dev" => pages(asked),
        "cloudbilling.googleapis.com" => skus(asked, request),
        "oauth2.googleapis.com" if asked.path == "/token" => Answer::json(
            200,
            &json!({"access_token": TOKEN, "expires_in": 3599, "token_type": "Bearer"}),
        )
        .into(),
        "docs.cloud.google.com" | "cloud.google.com" => cloud::pages(asked),
        "status.cloud.google.com" if asked.path == "/incidents.json" => cloud::incidents(asked),
        host if host.ends_with("aiplatform.googleapis.com")
            || host.ends_with(".rep.googleapis.com") =>
        {
            cloud::publishers(asked, request)
        }
        _ => Found::Nothing,
    }
}

fn error(code: u16, status: &str, message: &str) -> Found {
    Answer::json(
        code,
        &json!({"error": {"code": code, "message": message, "status": status}}),
    )
    .into()
}

fn has_key(asked: &Asked, request: &Request) -> bool {
    let key = request
        .header("x-goog-api-key")
        .or_else(|| asked.parameter("key"));
    key == Some(KEY)
}

fn gemini(asked: &Asked, request: &Request) -> Found {
    if !has_key(asked, request) {
        let unregistered = "Method doesn't allow unregistered callers. Please use API Key or other form of API consumer identity.";
        return error(403, "PERMISSION_DENIED", unregistered);
    }
    if asked.path != "/v1beta/models" {
        return error(404, "NOT_FOUND", "Not found");
    }
    let make = |moment: &Moment<'_>| {
        let mut offers = moment.offers(GEMINI, Channel::Api);
        offers.retain(|offer| offer.stage() != Stage::Retired);
        moment.shuffle(&mut offers);
        let rows: Vec<Json> = offers.iter().map(model).collect();
        written::json(moment, &json!({"models": rows}))
    };
    Resource::new("gemini.models", asked, JSON, vec![Topic::api(GEMINI)], make).into()
}

fn model(offer: &Offer<'_>) -> Json {
    let model = offer.model.cloned().unwrap_or_default();
    let mut row = json!({
        "name": format!("models/{}", offer.id), "version": "001", "displayName": offer.name, "description": model.about,
        "inputTokenLimit": offer.limit("context"), "outputTokenLimit": offer.limit("output"),
        "supportedGenerationMethods": ["generateContent", "countTokens", "createCachedContent", "batchGenerateContent"],
        "temperature": 1, "topP": 0.95, "topK": 64, "maxTemperature": 2,
    });
    if model.thinks {
        row["thinking"] = true.into();
    }
    row
}

fn pages(asked: &Asked) -> Found {
    let offers = || vec![Topic::page(GEMINI)];
    let (probe, topics, make): (_, _, fn(&Moment<'_>) -> String) = match asked.path.as_str() {
        "/gemini-api/docs/deprecations.md.txt" => ("gemini.deprecations", offers(), deprecations),
        "/gemini-api/docs/pricing.md.txt" => ("gemini.pricing", offers(), pricing),
        "/gemini-api/docs/changelog.md.txt" => (
            "gemini.changelog",
            vec![Topic::Feed("gemini.changelog".into())],
            changelog,
        ),
        // whoever cannot have the text asks for the page, which has the same trouble
        "/gemini-api/docs/deprecations"
        | "/gemini-api/docs/pricing"
        | "/gemini-api/docs/changelog" => {
            return fault(503).into();
        }
        _ => return Found::Nothing,
    };
    Resource::new(probe, asked, MARKDOWN, topics, move |moment| {
        written::text(moment, &make(moment))
    })
    .into()
}

fn launched(offer: &Offer<'_>, moment: &Moment<'_>) -> String {
    offer
        .facts
        .launch
        .map(|day| english(moment.date(day)))
        .unwrap_or_default()
}

fn instead(offer: &Offer<'_>) -> String {
    offer
        .facts
        .replacement
        .as_ref()
        .map(|id| format!("`{id}`"))
        .unwrap_or_default()
}

/// All days of this page are the earliest possible ones; one that is only a floor in the script has no day yet. Previews stand
/// below a row that says so.
fn deprecations(moment: &Moment<'_>) -> String {
    let mut table = Table::new(&[
        "Model",
        "Release date",
        "Shutdown date",
        "Recommended replacement",
    ]);
    let mut offers = moment.offers(GEMINI, Channel::Page);
    offers.sort_by_key(|offer| offer.stage() == Stage::Preview);
    let mut is_labelled = false;
    for offer in offers {
        if offer.stage() == Stage::Preview && !is_labelled {
            is_labelled = true;
            table.row(["**Preview models**", "", "", ""].map(str::to_string));
        }
        let ends = match offer.facts.retires {
            Some(day @ Day::Firm(_)) => english(moment.date(day)),
            _ => "No shutdown date announced".to_string(),
        };
        let id = format!("`{}`", offer.id);
        table.row([id, launched(&offer, moment), ends, instead(&offer)]);
    }
    let table = table.bent(moment, "gemini.deprecations").markdown();
    format!("# Gemini deprecations\n\n## Models\n\n{table}")
}

fn pricing(moment: &Moment<'_>) -> String {
    let mut text = "# Gemini Developer API pricing\n\n".to_string();
    for offer in moment.offers(GEMINI, Channel::Page) {
        if offer.stage() == Stage::Retired || offer.price("input").is_none() {
            continue;
        }
        text += &format!(
            "## {}\n\n*[`{id}`](/gemini-api/docs/models/{id})*\n\n",
            offer.name,
            id = offer.id
        );
        for (tier, suffix) in [("Standard", ""), ("Batch", ".batch")] {
            let mut table = Table::new(&["  ", "Free Tier", "Paid Tier, per 1M tokens in USD"]);
            let meters = [
                ("Input price", "input"),
                ("Output price (including thinking tokens)", "output"),
                ("Context caching price", "cache_read"),
            ];
            for (title, meter) in meters {
                if let Some(amount) = offer.price(&format!("{meter}{suffix}")) {
                    table.row([
                        title.to_string(),
                        "Not available".to_string(),
                        format!("${amount}"),
                    ]);
                }
            }
            if !table.is_empty() {
                text += &format!(
                    "### {tier}\n\n{}\n",
                    table.bent(moment, "gemini.pricing").markdown()
                );
            }
        }
    }
    text
}

fn changelog(moment: &Moment<'_>) -> String {
    let mut text = "# Release notes\n\n".to_string();
    let mut day = String::new();
    for (at, post) in moment.posts("gemini.changelog") {
        let of = at.strftime("%B %-d, %Y").to_string();
        if of != day {
            text += &format!("\n## {of}\n\n");
            day = of;
        }
        text += &format!("- {}\n", post.text);
    }
    text
}

/// The billing catalogue: of the Gemini API for a key, of Agent Platform for a token.
fn skus(asked: &Asked, request: &Request) -> Found {
    if !has_key(asked, request) && request.bearer() != Some(TOKEN) {
        return error(
            403,
            "PERMISSION_DENIED",
            "Method doesn't allow unregistered callers.",
        );
    }
    let service = asked
        .path
        .strip_prefix("/v1/services/")
        .and_then(|rest| rest.strip_suffix("/skus"));
    let (provider, probe) = match service {
        Some("AEFD-7695-64FA") => (GEMINI, "gemini.skus"),
        Some("C7E2-9256-1C43") => (VERTEX, "vertex.skus"),
        _ => return error(404, "NOT_FOUND", "Not found"),
    };
    let service = service.unwrap_or_default().to_string();
    Resource::new(
        probe,
        asked,
        JSON,
        vec![Topic::api(provider)],
        move |moment| {
            let mut skus = Vec::new();
            for offer in moment.offers(provider, Channel::Api) {
                let is_own = offer.name.starts_with("Gemini");
                for (meter, words) in [("input", "Text Input"), ("output", "Text Output")] {
                    if let Some(price) = offer.price(meter).filter(|_| is_own) {
                        skus.push(sku(
                            &service,
                            &format!("{} {words} - Predictions", offer.name),
                            price,
                        ));
                    }
                }
            }
            moment.shuffle(&mut skus);
            written::json(moment, &json!({"skus": skus, "nextPageToken": ""}))
        },
    )
    .into()
}

fn sku(service: &str, description: &str, price: &str) -> Json {
    // of one token, in billionths of a dollar
    let nanos = price.parse::<Decimal>().unwrap_or_default() * Decimal::from(1000);
    let id = id_of(description).to_uppercase();
    json!({
        "name": format!("services/{service}/skus/{id}"), "skuId": id, "description": description,
        "category": {"serviceDisplayName": "Gemini", "resourceFamily": "ApplicationServices", "resourceGroup": "Text", "usageType": "OnDemand"},
        "serviceRegions": ["global"], "geoTaxonomy": {"type": "GLOBAL", "regions": []}, "serviceProviderName": "Google",
        "pricingInfo": [{
            "effectiveTime": "2026-01-01T00:00:00Z", "currencyConversionRate": 1,
            "pricingExpression": {
                "usageUnit": "count", "usageUnitDescription": "count", "baseUnit": "count", "baseUnitConversionFactor": 1, "displayQuantity": 1_000_000,
                "tieredRates": [{"startUsageAmount": 0, "unitPrice": {"currencyCode": "USD", "units": "0", "nanos": i64::try_from(nanos).unwrap_or(0)}}],
            },
        }],
    })
}
