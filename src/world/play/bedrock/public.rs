//! What Bedrock tells everybody: the price list, the user guide, announcements, the updates of its events.

use super::offered::Offered;
use super::{BEDROCK, REGIONS, cards, health, pages, prices, with};
use crate::world::moment::Offer;
use crate::world::play::{Found, Resource, feed, written};
use crate::world::{Answer, Asked, Channel, JSON, MARKDOWN, Moment, Topic, XML};

/// An offer of the price list in a region.
pub fn price_list(asked: &Asked) -> Found {
    let parts: Vec<&str> = asked.path.split('/').collect();
    let [
        "",
        "offers",
        "v1.0",
        "aws",
        code,
        "current",
        region,
        "index.json",
    ] = parts.as_slice()
    else {
        return denied().into();
    };
    let probe = match *code {
        "AmazonBedrock" => "bedrock.prices",
        "AmazonBedrockFoundationModels" => "bedrock.marketplace-prices",
        "AmazonBedrockService" => "bedrock.service-prices",
        "AmazonBedrockAgentCore" => "bedrock.agentcore-prices",
        _ => return denied().into(),
    };
    let (asked, code, region) = (asked.clone(), (*code).to_string(), (*region).to_string());
    Found::Depends(Box::new(move |moment| {
        if !with(moment, Channel::Api, |offered| {
            prices::is_sold(offered, &code, &region)
        }) {
            return denied().into();
        }
        let (code, region) = (code.clone(), region.clone());
        Resource::new(
            probe,
            &asked,
            JSON,
            vec![Topic::api(BEDROCK)],
            move |moment| {
                let body = with(moment, Channel::Api, |offered| {
                    prices::offer(moment, offered, &code, &region)
                });
                written::json(moment, &body.unwrap_or_default())
            },
        )
        .into()
    }))
}

/// What the price list's store says of a file that is not there.
fn denied() -> Answer {
    let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    Answer::new(403, "application/xml", body)
}

/// A page of the user guide.
pub fn guide(asked: &Asked) -> Found {
    let Some(page) = asked.path.strip_prefix("/bedrock/latest/userguide/") else {
        return Found::Nothing;
    };
    let topics = vec![Topic::page(BEDROCK)];
    let of_page = |probe, make: fn(&Moment<'_>, &Offered<'_, '_>) -> String| {
        Found::from(Resource::new(
            probe,
            asked,
            MARKDOWN,
            topics.clone(),
            move |moment| {
                written::text(
                    moment,
                    &with(moment, Channel::Page, |offered| make(moment, offered)),
                )
            },
        ))
    };
    match page {
        "toc-contents.json" => Resource::new("bedrock.cards", asked, JSON, topics, |moment| {
            let body = with(moment, Channel::Page, cards::contents);
            written::json(moment, &body)
        })
        .into(),
        "model-lifecycle-legacy.md" => of_page("bedrock.lifecycle", pages::lifecycle),
        "endpoints-region-availability.md" => of_page("bedrock.endpoints", |_, offered| {
            pages::endpoints(offered, &REGIONS)
        }),
        "bedrock-managed-agents-openai.md" => of_page("bedrock.managed-agents", |moment, _| {
            let offers = moment.offers(BEDROCK, Channel::Page);
            let agents = offers.iter().find(|offer| is_page(offer));
            agents.map_or(String::new(), pages::managed_agents)
        }),
        "bedrock-managed-agents-openai-quotas-limitations.md" => {
            of_page("bedrock.managed-agents-limits", |_, _| {
                pages::MANAGED_AGENTS_LIMITS.to_string()
            })
        }
        "bedrock-ug.rss" | "amazon-bedrock-doc-history.rss" => feed::rss(
            "bedrock.history",
            asked,
            "Amazon Bedrock User Guide",
            "https://docs.aws.amazon.com/bedrock/latest/userguide/",
        ),
        _ => card(asked, page),
    }
}

fn is_page(offer: &Offer<'_>) -> bool {
    offer.extra("page").is_some()
}

fn card(asked: &Asked, page: &str) -> Found {
    let slug = page
        .strip_prefix("model-card-")
        .and_then(|rest| rest.strip_suffix(".md"));
    let Some(slug) = slug.map(str::to_string) else {
        return not_found().into();
    };
    let asked = asked.clone();
    Found::Depends(Box::new(move |moment| {
        let is_there = with(moment, Channel::Page, |offered| {
            offered
                .models
                .iter()
                .any(|model| cards::slug(model) == slug)
        });
        if !is_there {
            return not_found().into();
        }
        let slug = slug.clone();
        Resource::new(
            "bedrock.cards",
            &asked,
            MARKDOWN,
            vec![Topic::page(BEDROCK)],
            move |moment| {
                let text = with(moment, Channel::Page, |offered| {
                    cards::card(moment, offered, &slug)
                });
                written::text(moment, &text.unwrap_or_default())
            },
        )
        .into()
    }))
}

fn not_found() -> Answer {
    Answer::new(
        404,
        "text/html",
        "<html><body><h1>Page not found</h1></body></html>",
    )
}

/// What is new, and the news blog.
pub fn announcements(asked: &Asked) -> Found {
    match asked.path.as_str() {
        "/about-aws/whats-new/recent/feed/" => {
            let base = "https://aws.amazon.com/about-aws/whats-new/";
            feed::rss("bedrock.whats-new", asked, "Recent Announcements", base)
        }
        "/blogs/aws/feed/" => feed::rss(
            "bedrock.openai-blog",
            asked,
            "AWS News Blog",
            "https://aws.amazon.com/blogs/aws/",
        ),
        _ => Found::Nothing,
    }
}

/// Every update of the events of a region.
pub fn updates(asked: &Asked) -> Found {
    let region = asked
        .path
        .strip_prefix("/rss/bedrock-")
        .and_then(|rest| rest.strip_suffix(".rss"));
    let Some(region) = region.and_then(|name| REGIONS.iter().find(|region| **region == name))
    else {
        return not_found().into();
    };
    let topics = vec![Topic::Status(health::PAGE.to_string())];
    Resource::new("bedrock.status-feed", asked, XML, topics, |moment| {
        written::text(moment, &health::updates(moment, region))
    })
    .into()
}
