//! Oracle: models by region, the pages of retirements, the status by region. Shapes: facts of autumn 2026.

use serde_json::{Value as Json, json};

use super::super::moment::id_of;
use super::super::script::Day;
use super::super::{Answer, Asked, Channel, HTML, JSON, Moment, Request, Topic, XML};
use super::written::{self, Table};
use super::{Found, Play, Resource, feed};
use crate::market::Stage;

/// Who plays Oracle.
pub const PLAY: Play = Play {
    hosts,
    find,
    credentials: &[],
};

const OCI: &str = "oci";
const REGIONS: [(&str, &str); 10] = [
    ("ap-hyderabad-1", "India South (Hyderabad)"),
    ("ap-osaka-1", "Japan Central (Osaka)"),
    ("eu-frankfurt-1", "Germany Central (Frankfurt)"),
    ("me-dubai-1", "UAE East (Dubai)"),
    ("me-riyadh-1", "Saudi Arabia Central (Riyadh)"),
    ("sa-saopaulo-1", "Brazil East (Sao Paulo)"),
    ("uk-london-1", "UK South (London)"),
    ("us-ashburn-1", "US East (Ashburn)"),
    ("us-chicago-1", "US Midwest (Chicago)"),
    ("us-phoenix-1", "US West (Phoenix)"),
];

fn hosts() -> Vec<String> {
    let own = ["docs.oracle.com", "ocistatus.oraclecloud.com"].map(str::to_string);
    let regional = REGIONS.iter().flat_map(|(region, _)| {
        ["generativeai", "inference.generativeai"]
            .map(|service| format!("{service}.{region}.oci.oraclecloud.com"))
    });
    own.into_iter().chain(regional).collect()
}

fn find(asked: &Asked, request: &Request) -> Found {
    match (asked.host.as_str(), asked.path.as_str()) {
        ("docs.oracle.com", "/en-us/iaas/Content/generative-ai/deprecating-on-demand.htm") => {
            page(asked, "oci.on-demand-retirements", "On-Demand Mode")
        }
        ("docs.oracle.com", "/en-us/iaas/Content/generative-ai/deprecating-dedicated.htm") => {
            page(asked, "oci.dedicated-retirements", "Dedicated Mode")
        }
        ("ocistatus.oraclecloud.com", "/api/v2/components.json") => {
            let topics = vec![Topic::Status(OCI.to_string())];
            Resource::new("oci.status", asked, JSON, topics, status).into()
        }
        ("ocistatus.oraclecloud.com", "/api/v2/incident-summary.rss") => {
            let topics = vec![Topic::Status(OCI.to_string())];
            Resource::new("oci.incident-feed", asked, XML, topics, incidents).into()
        }
        (host, path) if host.ends_with(".oci.oraclecloud.com") => api(asked, request, host, path),
        _ => Found::Nothing,
    }
}

fn api(asked: &Asked, request: &Request, host: &str, path: &str) -> Found {
    let is_signed = request
        .header("authorization")
        .is_some_and(|header| header.starts_with("Signature "));
    if !is_signed {
        let error = json!({"code": "NotAuthenticated", "message": "The required information to complete authentication was not provided."});
        return Answer::json(401, &error).into();
    }
    let region = host
        .strip_prefix("generativeai.")
        .and_then(|rest| rest.strip_suffix(".oci.oraclecloud.com"));
    let (Some(region), "/20231130/models") = (region, path) else {
        return Answer::json(
            404,
            &json!({"code": "NotAuthorizedOrNotFound", "message": "Not found"}),
        )
        .into();
    };
    let region = region.to_string();
    Resource::new("oci.models", asked, JSON, vec![Topic::api(OCI)], move |moment| {
        let mut rows: Vec<Json> = Vec::new();
        for offer in moment.offers(OCI, Channel::Api) {
            if offer.stage() == Stage::Retired || !offer.is_in(&region) {
                continue;
            }
            let stamp = |day: Option<Day>| day.map(|day| format!("{}T00:00:00Z", moment.date(day)));
            rows.push(json!({
                "id": format!("ocid1.generativeaimodel.oc1.{region}.{}", id_of(offer.id)), "compartmentId": null, "displayName": offer.id,
                "vendor": offer.id.split('.').next(), "version": "1.0", "type": "BASE", "capabilities": ["CHAT"], "lifecycleState": "ACTIVE",
                "timeCreated": stamp(offer.facts.launch), "timeDeprecated": stamp(offer.facts.deprecated),
                "timeOnDemandRetired": stamp(offer.facts.retires), "timeDedicatedRetired": stamp(offer.facts.retires), "isLongTermSupported": null,
            }));
        }
        moment.shuffle(&mut rows);
        written::json(moment, &json!({"items": rows}))
    })
    .into()
}

fn page(asked: &Asked, probe: &'static str, mode: &'static str) -> Found {
    Resource::new(probe, asked, HTML, vec![Topic::page(OCI)], move |moment| {
        let column = format!("{mode} Retirement Date");
        let headers = ["Model", "Release Date", column.as_str(), "Suggested Replacement Options"];
        let (mut current, mut retired) = (Table::new(&headers), Table::new(&headers));
        for offer in moment.offers(OCI, Channel::Page) {
            let date = |day: Option<Day>| day.map(|day| moment.date(day).to_string());
            let launched = date(offer.facts.launch).unwrap_or_default();
            let ends = date(offer.facts.retires);
            let instead = offer.facts.replacement.clone();
            match offer.stage() {
                Stage::Retired => retired.row([offer.name.to_string(), launched, ends.unwrap_or_default(), instead.unwrap_or_default()]),
                _ => current.row([
                    offer.name.to_string(),
                    launched,
                    ends.unwrap_or_else(|| "P6".to_string()),
                    instead.unwrap_or_else(|| "Tentative".to_string()),
                ]),
            }
        }
        let [current, retired] = [current, retired].map(|table| table.bent(moment, probe).html());
        let html = format!(
            "<!DOCTYPE html><html><head><title>Simulated by bellwether demo</title></head><body><h1>Model Retirement Dates ({mode})</h1><h2>{mode} Retirement Dates (Not Yet Retired)</h2>{current}<h2>{mode} Retirement Dates (Retired)</h2>{retired}</body></html>"
        );
        written::text(moment, &html)
    })
    .into()
}

fn status(moment: &Moment<'_>) -> Vec<u8> {
    let open: Vec<_> = moment
        .incidents(OCI)
        .into_iter()
        .filter(|story| !story.is_over())
        .collect();
    let reports: Vec<Json> = REGIONS.iter().map(|(region, name)| {
        let hit = open.iter().filter(|story| story.incident.regions.iter().any(|own| own == region));
        let hit: Vec<Json> = hit.map(|story| json!({"incidentId": format!("ocid1.incident.oc1..{}", story.id), "severity": "ServiceDisruption"})).collect();
        let status = match hit.is_empty() {
            true => "NormalPerformance",
            false => "ServiceDisruption",
        };
        json!({
            "regionId": id_of(region), "regionName": name, "regionCanonicalName": region, "geographicAreaName": "Simulated",
            "serviceHealthReports": [{
                "serviceId": "generative-ai", "serviceName": "Generative AI", "serviceCanonicalName": "generative-ai", "serviceStatus": status, "incidents": hit,
            }],
        })
    }).collect();
    written::json(
        moment,
        &json!({"realm": "OC1", "regionHealthReports": reports}),
    )
}

fn incidents(moment: &Moment<'_>) -> Vec<u8> {
    let items: String = moment.incidents(OCI).iter().map(|story| {
        let text = story.said.first().map_or("", |(_, update)| update.text.as_str());
        let region = story.incident.regions.first().map_or("", String::as_str);
        format!(
            "<item>\n<title>Generative AI | {region} | CN-{id}</title>\n<link>https://ocistatus.oraclecloud.com/#/incidents/{id}</link>\n<guid isPermaLink=\"false\">ocid1.incident.oc1..{id}</guid>\n<description>{}</description>\n<pubDate>{}</pubDate>\n</item>\n",
            feed::escaped(&format!("<p>{}</p>", feed::escaped(text))),
            story.begun.strftime("%a, %d %b %Y %H:%M:%S GMT"),
            id = story.id,
        )
    }).collect();
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\">\n<channel>\n<title>Oracle Cloud Infrastructure</title>\n<link>https://ocistatus.oraclecloud.com</link>\n<description>Simulated by bellwether demo</description>\n{items}</channel>\n</rss>\n"
    );
    written::text(moment, &xml)
}
