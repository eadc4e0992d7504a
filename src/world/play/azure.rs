//! Azure OpenAI in Microsoft Foundry: Entra's tokens, the resource manager, the public catalogue, retail prices, the documentation's
//! sources, a resource's own endpoint, announcements and the status page. Shapes: facts of Azure's interfaces and pages, autumn 2026.

mod catalogue;
mod manager;
mod offered;
mod pages;
mod resource;
mod retail;
mod status;
mod token;

use super::super::moment::Offer;
use super::super::{Answer, Asked, Channel, HTML, MARKDOWN, Moment, Request, TEXT, Topic, XML};
use super::{Found, Play, Resource, feed, written};
use offered::Offered;

/// Who plays Azure.
pub const PLAY: Play = Play {
    hosts,
    find,
    credentials: &[
        ("AZURE_TENANT_ID", token::TENANT),
        ("AZURE_CLIENT_ID", token::CLIENT),
        ("AZURE_CLIENT_SECRET", token::SECRET),
        ("AZURE_OPENAI_API_KEY", resource::KEY),
    ],
};

const AZURE: &str = "azure";

/// The subscription whose models are listed.
pub const SUBSCRIPTION: &str = "00000000-0000-4000-8000-000000000000";

/// The resource that has an endpoint.
pub const RESOURCE: &str = "demo";

/// Where models can be deployed, by geography.
const LOCATIONS: [(&str, &str, &[&str]); 4] = [
    (
        "Americas",
        "az-americas",
        &[
            "brazilsouth",
            "canadacentral",
            "canadaeast",
            "centralus",
            "eastus",
            "eastus2",
            "northcentralus",
            "southcentralus",
            "westcentralus",
            "westus",
            "westus2",
            "westus3",
        ],
    ),
    (
        "Europe",
        "az-europe",
        &[
            "francecentral",
            "germanywestcentral",
            "italynorth",
            "northeurope",
            "norwayeast",
            "polandcentral",
            "spaincentral",
            "swedencentral",
            "switzerlandnorth",
            "switzerlandwest",
            "uksouth",
            "ukwest",
            "westeurope",
        ],
    ),
    (
        "Asia Pacific",
        "az-apac",
        &[
            "australiaeast",
            "centralindia",
            "eastasia",
            "japaneast",
            "japanwest",
            "koreacentral",
            "southeastasia",
            "southindia",
        ],
    ),
    (
        "Middle East and Africa",
        "az-mea",
        &["qatarcentral", "southafricanorth", "uaenorth"],
    ),
];

fn locations() -> impl Iterator<Item = &'static str> {
    LOCATIONS.iter().flat_map(|(_, _, own)| own.iter().copied())
}

/// Pages, lists and feeds.
const HOSTS: [&str; 11] = [
    "login.microsoftonline.com",
    "management.azure.com",
    "api.catalog.azureml.ms",
    "prices.azure.com",
    "raw.githubusercontent.com",
    "www.microsoft.com",
    "rssfeed.azure.status.microsoft",
    "azure.status.microsoft",
    "azure.microsoft.com",
    "devblogs.microsoft.com",
    "techcommunity.microsoft.com",
];

fn hosts() -> Vec<String> {
    let fixed = HOSTS
        .iter()
        .chain(&["blogs.microsoft.com"])
        .map(ToString::to_string);
    let of_locations =
        locations().map(|location| format!("{location}.api.cognitive.microsoft.com"));
    let resource = format!("{RESOURCE}.openai.azure.com");
    fixed.chain(of_locations).chain([resource]).collect()
}

fn find(asked: &Asked, request: &Request) -> Found {
    let path = asked.path.as_str();
    match asked.host.as_str() {
        "login.microsoftonline.com" => token::find(asked, request),
        "management.azure.com" => manager::find(asked, request),
        "api.catalog.azureml.ms" => catalogue::find(asked, request),
        "prices.azure.com" => retail::find(asked, request),
        "raw.githubusercontent.com" => docs(asked),
        "rssfeed.azure.status.microsoft" | "azure.status.microsoft" => {
            let topics = vec![Topic::Status(AZURE.to_string())];
            Resource::new("azure.status", asked, XML, topics, |moment| {
                written::text(moment, &status::open(moment))
            })
            .into()
        }
        "www.microsoft.com" if path == "/releasecommunications/api/v2/azure/rss" => feed::rss(
            "azure.updates",
            asked,
            "Azure service updates",
            "https://azure.microsoft.com/updates?id=",
        ),
        "azure.microsoft.com" if path == "/en-us/blog/feed/" => feed::rss(
            "azure.blog",
            asked,
            "Microsoft Azure Blog",
            "https://azure.microsoft.com/en-us/blog/",
        ),
        "devblogs.microsoft.com" if path == "/foundry/feed/" => feed::rss(
            "azure.foundry-blog",
            asked,
            "Microsoft Foundry Blog",
            "https://devblogs.microsoft.com/foundry/",
        ),
        "techcommunity.microsoft.com" => feed::rss(
            "azure.community-blog",
            asked,
            "Azure AI Foundry Blog",
            "https://techcommunity.microsoft.com/blog/",
        ),
        "blogs.microsoft.com" if path == "/feed/" => feed::rss(
            "azure.microsoft-blog",
            asked,
            "The Official Microsoft Blog",
            "https://blogs.microsoft.com/blog/",
        ),
        host if host.ends_with(".api.cognitive.microsoft.com") => resource::of_location(),
        host if host.ends_with(".openai.azure.com") => resource::find(asked, request),
        _ => Found::Nothing,
    }
}

/// With all that Azure offers at a moment.
fn with<T>(moment: &Moment<'_>, channel: Channel, told: impl FnOnce(&Offered<'_, '_>) -> T) -> T {
    let offers: Vec<Offer<'_>> = moment.offers(AZURE, channel);
    told(&Offered::of(&offers))
}

/// The documentation's sources.
fn docs(asked: &Asked) -> Found {
    let Some(page) = asked
        .path
        .strip_prefix("/MicrosoftDocs/azure-ai-docs/main/articles/foundry/")
    else {
        return Found::Nothing;
    };
    let of_page = |probe: &'static str, make: fn(&Moment<'_>, &Offered<'_, '_>) -> String| {
        let topics = vec![Topic::page(AZURE)];
        Found::from(Resource::new(
            probe,
            asked,
            MARKDOWN,
            topics,
            move |moment| {
                written::text(
                    moment,
                    &with(moment, Channel::Page, |offered| make(moment, offered)),
                )
            },
        ))
    };
    match page {
        "openai/includes/concepts-model-retirement-schedule-content.md" => {
            of_page("azure.retirements", pages::schedule)
        }
        "openai/includes/concepts-model-retirement-schedule-content-gov.md" => {
            of_page("azure.retirements-gov", pages::schedule_gov)
        }
        "openai/includes/concepts-retired-models-content.md" => {
            of_page("azure.retired", pages::retired)
        }
        "openai/includes/concepts-model-retirements-content.md" => {
            of_page("azure.retirement-policy", |_, _| pages::POLICY.to_string())
        }
        "foundry-models/includes/model-matrix/deployments-standard.md" => {
            of_page("azure.regions-standard", pages::standard)
        }
        "foundry-models/includes/model-matrix/deployments-provisioned.md" => {
            of_page("azure.regions-provisioned", pages::provisioned)
        }
        "foundry-models/includes/model-matrix/deployments-batch.md" => {
            of_page("azure.regions-batch", pages::batch)
        }
        "foundry-models/includes/model-matrix/marketplace-deployments-standard.md" => {
            of_page("azure.regions-partners", pages::partners)
        }
        _ => Answer::new(404, TEXT, "404: Not Found").into(),
    }
}

/// A page that is nobody's.
fn nowhere() -> Found {
    Answer::new(404, HTML, "<html><body><h1>404</h1></body></html>").into()
}
