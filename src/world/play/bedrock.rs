//! Amazon Bedrock: the control plane and the runtime behind signatures, the OpenAI-compatible endpoint, the price list, the user
//! guide, announcements and the health dashboard. Shapes: facts of Bedrock's interfaces and pages, autumn 2026.

mod cards;
mod control;
mod frames;
mod health;
mod offered;
mod pages;
mod prices;
mod public;
mod runtime;
mod signed;

use serde_json::{Value as Json, json};

use super::super::{Answer, Asked, Channel, JSON, Moment, Request, Topic};
use super::{Found, Play, Resource, written};
use offered::Offered;
use signed::{Expected, Refused, Sent};

/// Who plays Amazon Bedrock.
pub const PLAY: Play = Play {
    hosts,
    find,
    credentials: &[
        ("AWS_ACCESS_KEY_ID", ID),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
        ("AWS_BEARER_TOKEN_BEDROCK", BEARER),
    ],
};

const ID: &str = "AKIASIMULATEDBEDROCK";
const SECRET: &str = "simulated/secret+access+key+of+nobody000";
const BEARER: &str = "simulated-bedrock-api-key";
const BEDROCK: &str = "bedrock";

/// Where Bedrock has a control plane and a runtime.
const REGIONS: [&str; 33] = [
    "af-south-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// Where the OpenAI-compatible endpoint may be.
const MANTLE: [&str; 13] = [
    "us-east-1",
    "us-east-2",
    "us-west-2",
    "sa-east-1",
    "eu-central-1",
    "eu-north-1",
    "eu-south-1",
    "eu-west-1",
    "eu-west-2",
    "ap-northeast-1",
    "ap-south-1",
    "ap-southeast-2",
    "ap-southeast-3",
];

/// Pages and lists that need no credential.
const PUBLIC: [&str; 5] = [
    "pricing.us-east-1.amazonaws.com",
    "docs.aws.amazon.com",
    "aws.amazon.com",
    "health.aws.amazon.com",
    "status.aws.amazon.com",
];

fn hosts() -> Vec<String> {
    let of_regions = REGIONS.iter().flat_map(|region| {
        ["bedrock", "bedrock-runtime"].map(|service| format!("{service}.{region}.amazonaws.com"))
    });
    let mantle = MANTLE
        .iter()
        .map(|region| format!("bedrock-mantle.{region}.api.aws"));
    let public = PUBLIC.iter().map(ToString::to_string);
    of_regions.chain(mantle).chain(public).collect()
}

/// The region of a host of a service, if it is one.
fn region_of(host: &str, service: &str, end: &str) -> Option<&'static str> {
    let name = host.strip_prefix(service)?.strip_prefix('.')?;
    let name = name.strip_suffix(end)?;
    REGIONS.iter().copied().find(|region| *region == name)
}

fn find(asked: &Asked, request: &Request) -> Found {
    let host = asked.host.as_str();
    match host {
        "pricing.us-east-1.amazonaws.com" => public::price_list(asked),
        "docs.aws.amazon.com" => public::guide(asked),
        "aws.amazon.com" => public::announcements(asked),
        "health.aws.amazon.com" if asked.path == "/public/currentevents" => {
            let topics = vec![Topic::Status(health::PAGE.to_string())];
            let media = "application/json;charset=utf-16";
            Resource::new("bedrock.status", asked, media, topics, health::current).into()
        }
        "status.aws.amazon.com" => public::updates(asked),
        _ => {
            if let Some(region) = region_of(host, "bedrock", ".amazonaws.com") {
                behind_signature(asked, request, region, control_plane)
            } else if let Some(region) = region_of(host, "bedrock-runtime", ".amazonaws.com") {
                match runtime::asked(&asked.path) {
                    Some(_) => behind_signature(asked, request, region, run),
                    None => unknown_operation().into(),
                }
            } else if let Some(region) = region_of(host, "bedrock-mantle", ".api.aws") {
                mantle(asked, request, region)
            } else {
                Found::Nothing
            }
        }
    }
}

/// With all that Bedrock offers at a moment.
fn with<T>(moment: &Moment<'_>, channel: Channel, told: impl FnOnce(&Offered<'_, '_>) -> T) -> T {
    let offers = moment.offers(BEDROCK, channel);
    told(&Offered::of(&offers))
}

/// What a service says to one who is let in.
type Service = fn(&Asked, &Request, &'static str) -> Found;

/// Lets in who signs, or has a key of Bedrock.
fn behind_signature(
    asked: &Asked,
    request: &Request,
    region: &'static str,
    service: Service,
) -> Found {
    let (asked, request) = (asked.clone(), request.clone());
    Found::Depends(Box::new(move |moment| {
        let let_in = match request.bearer() {
            Some(BEARER) => Ok(()),
            Some(_) => Err(Refused {
                status: 403,
                name: "AccessDeniedException",
                message: "Authentication failed: Please make sure your API Key is valid."
                    .to_string(),
            }),
            None => verified(&asked, &request, region, moment),
        };
        match let_in {
            Ok(()) => service(&asked, &request, region),
            Err(refused) => said(&refused).into(),
        }
    }))
}

/// The message that was signed is the one on the wire, whose path may name the original behind a host of ours.
fn verified(
    asked: &Asked,
    request: &Request,
    region: &str,
    moment: &Moment<'_>,
) -> Result<(), Refused> {
    let is_direct = request.header("host").is_none_or(|host| host == asked.host);
    let path = match is_direct {
        true => asked.path.clone(),
        false => format!("/https/{}{}", asked.host, asked.path),
    };
    let query = request.url.split_once('?').map_or("", |(_, query)| query);
    let sent = Sent {
        method: &request.method,
        path: &path,
        query,
        headers: &request.headers,
        body: &request.body,
    };
    let expected = Expected {
        id: ID,
        secret: SECRET,
        region,
        service: "bedrock",
    };
    signed::verify(&sent, &expected, moment.now)
}

/// An error as Bedrock says it.
fn said(refused: &Refused) -> Answer {
    let body = json!({ "message": refused.message });
    Answer::json(refused.status, &body).with("x-amzn-errortype", refused.name)
}

fn unknown_operation() -> Answer {
    Answer::new(404, "application/xml", "<UnknownOperationException/>\n")
        .with("x-amzn-errortype", "UnknownOperationException")
}

fn control_plane(asked: &Asked, _: &Request, region: &'static str) -> Found {
    let list = |probe, make: fn(&Moment<'_>, &Offered<'_, '_>, &str) -> Json| {
        let topics = vec![Topic::api(BEDROCK)];
        let made = Resource::new(probe, asked, JSON, topics, move |moment| {
            let body = with(moment, Channel::Api, |offered| {
                make(moment, offered, region)
            });
            written::json(moment, &body)
        });
        Found::from(Resource {
            has_etag: false,
            ..made
        })
    };
    if asked.path == "/foundation-models" {
        return list("bedrock.models", control::models);
    }
    if asked.path == "/inference-profiles" {
        let Some(from) = control::offset(asked.parameter("nextToken")) else {
            let refused = Refused {
                status: 400,
                name: "ValidationException",
                message: "The provided nextToken is invalid.".to_string(),
            };
            return said(&refused).into();
        };
        let topics = vec![Topic::api(BEDROCK)];
        let made = Resource::new("bedrock.profiles", asked, JSON, topics, move |moment| {
            let body = with(moment, Channel::Api, |offered| {
                control::profiles(moment, offered, region, from)
            });
            written::json(moment, &body)
        });
        return Resource {
            has_etag: false,
            ..made
        }
        .into();
    }
    let Some(id) = asked.path.strip_prefix("/foundation-model-availability/") else {
        return unknown_operation().into();
    };
    let id = percent_encoding::percent_decode_str(id)
        .decode_utf8_lossy()
        .into_owned();
    Found::Depends(Box::new(move |moment| {
        match with(moment, Channel::Api, |offered| {
            control::availability(offered, region, &id)
        }) {
            Some(body) => Answer::json(200, &body).into(),
            None => said(&Refused {
                status: 404,
                name: "ResourceNotFoundException",
                message: "The model you specified does not exist.".to_string(),
            })
            .into(),
        }
    }))
}

fn run(asked: &Asked, request: &Request, region: &'static str) -> Found {
    let Some((id, operation)) = runtime::asked(&asked.path).filter(|_| request.method == "POST")
    else {
        return unknown_operation().into();
    };
    let body: Json = serde_json::from_slice(&request.body).unwrap_or_default();
    let most = body
        .pointer("/inferenceConfig/maxTokens")
        .or(body.get("max_tokens"));
    let most = most.and_then(Json::as_u64).unwrap_or(u64::MAX);
    Found::Depends(Box::new(move |moment| {
        match with(moment, Channel::Api, |offered| {
            runtime::callable(offered, region, &id)
        }) {
            Ok(()) => {
                let stream = runtime::answer(operation, &id, most, 900);
                Answer::new(200, "application/vnd.amazon.eventstream", stream).into()
            }
            Err(refused) => said(&refused).into(),
        }
    }))
}

fn mantle(asked: &Asked, request: &Request, region: &'static str) -> Found {
    let error = |status, code: &str, message: &str| {
        let body = json!({ "error": { "message": message, "type": "invalid_request_error", "param": null, "code": code } });
        Found::from(Answer::json(status, &body))
    };
    match request.bearer() {
        Some(BEARER) => {}
        Some(_) => return error(401, "invalid_api_key", "Invalid bearer token"),
        None => return error(401, "invalid_api_key", "Missing Authentication Token"),
    }
    if asked.path != "/v1/models" {
        return error(404, "not_found", "Not found");
    }
    let topics = vec![Topic::api(BEDROCK)];
    let made = Resource::new("bedrock.mantle", asked, JSON, topics, move |moment| {
        let body = with(moment, Channel::Api, |offered| {
            control::mantle(moment, offered, region)
        });
        written::json(moment, &body)
    });
    Resource {
        has_etag: false,
        ..made
    }
    .into()
}
