//! Oracle's Generative AI: its true shapes.

use crate::reading::{claims, notes, shipped};
use bellwether::config::Probe;
use bellwether::daemon::reading::{Target, read_body};
use bellwether::market::{Reading, Settled};

fn read(probe: &Probe, text: &str) -> Reading {
    read_at(probe, text, "2026-11-20T00:00:00Z")
}

/// Reads a body in a scope that the user might have named, as it is true at a moment.
fn read_at(probe: &Probe, text: &str, now: &str) -> Reading {
    let named = bellwether::config::Scoping {
        scope: "us-chicago-1,ocid1.compartment.oc1..a".into(),
        values: [
            ("region", "us-chicago-1"),
            ("compartment", "ocid1.compartment.oc1..a"),
        ]
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .into(),
    };
    let scoping = probe.scopes.first().unwrap_or(&named);
    let target = Target::new(probe, scoping);
    let mut reading =
        read_body(&target, text.as_bytes(), None, &Settled::new()).expect("a reading");
    reading.as_of(now.parse().expect("a time"));
    reading
}

#[test]
fn models_end_in_two_modes_on_two_days() {
    let probe = shipped("oci.models");
    assert!(probe.scopes.is_empty(), "it waits for a compartment");
    let list = r#"{"items":[{"id":"ocid1.generativeaimodel.oc1.us-chicago-1.aaaa","compartmentId":null,"displayName":"cohere.command-r-08-2024","vendor":"cohere","version":"1.7",
        "type":"BASE","capabilities":["CHAT"],"lifecycleState":"ACTIVE","timeCreated":"2024-11-14T00:00:00Z","timeDeprecated":"2026-01-20T00:00:00Z",
        "timeOnDemandRetired":"2026-08-20T00:00:00Z","timeDedicatedRetired":"2027-01-20T00:00:00.000Z","isLongTermSupported":false},
        {"id":"ocid1.generativeaimodel.oc1.us-chicago-1.bbbb","displayName":"xai.grok-4","vendor":"xai","version":"1.0","type":"BASE","capabilities":["CHAT","REALTIME"],
        "lifecycleState":"ACTIVE","timeCreated":"2025-07-23T00:00:00Z","timeDeprecated":null,"timeOnDemandRetired":null,"timeDedicatedRetired":null,"isLongTermSupported":null},
        {"id":"c","displayName":"mine","type":"CUSTOM","lifecycleState":"ACTIVE"},{"id":"d","displayName":"gone","type":"BASE","lifecycleState":"DELETED"}]}"#;
    let reading = read(&probe, list);
    insta::assert_snapshot!(claims(&reading).join("\n"), @"
    oci cohere.command-r-08-2024 in us-chicago-1 capability.long_term_support = no
    oci cohere.command-r-08-2024 in us-chicago-1 capability.tasks = CHAT
    oci cohere.command-r-08-2024 in us-chicago-1 capability.version = 1.7
    oci cohere.command-r-08-2024 in us-chicago-1 date.deprecated = 2026-01-20
    oci cohere.command-r-08-2024 in us-chicago-1 date.launch = 2024-11-14
    oci cohere.command-r-08-2024 in us-chicago-1 interface = stateless
    oci cohere.command-r-08-2024 in us-chicago-1 stage = deprecated
    oci xai.grok-4 in us-chicago-1 capability.tasks = CHAT, REALTIME
    oci xai.grok-4 in us-chicago-1 capability.version = 1.0
    oci xai.grok-4 in us-chicago-1 date.launch = 2025-07-23
    oci xai.grok-4 in us-chicago-1 interface = stateless
    ");
    assert_eq!(notes(&reading), Vec::<String>::new());
    // what is to be deprecated is not yet
    let of = |day: &str| {
        let lines = claims(&read_at(&probe, list, day));
        let stage = |line: &&String| line.contains(" stage = ");
        lines.iter().find(stage).cloned()
    };
    assert_eq!(of("2026-01-19T23:59:59Z"), None);
    let deprecated = "oci cohere.command-r-08-2024 in us-chicago-1 stage = deprecated";
    assert_eq!(of("2026-01-20T00:00:00Z").as_deref(), Some(deprecated));
    let retirements = shipped("oci.retirements");
    assert!(!retirements.lists);
    let reading = read(&retirements, list);
    insta::assert_snapshot!(claims(&reading).join("\n"), @"
    oci cohere.command-r-08-2024 in us-chicago-1
    oci cohere.command-r-08-2024 in us-chicago-1 [dedicated] date.retires = 2027-01-20
    oci cohere.command-r-08-2024 in us-chicago-1 [on-demand] date.retires = 2026-08-20
    oci xai.grok-4 in us-chicago-1
    ");
    assert_eq!(notes(&reading), Vec::<String>::new());
}

const PAGE: &str = "<!DOCTYPE html><html><body><h1>Model Retirement Dates (On-Demand Mode)</h1>\
    <table><thead><tr><th>Retirement Date Value</th><th>Description</th></tr></thead><tbody><tr><td>P1</td><td>At least one month after the release of the 1st replacement model.</td></tr></tbody></table>\
    <h2>On-Demand Mode Retirement Dates (Not Yet Retired)</h2>\
    <table><thead><tr><th>Model</th><th>Release Date</th><th>On-Demand Mode Retirement Date</th><th>Suggested Replacement Options</th></tr></thead><tbody>\
    <tr><td>Cohere Command A</td><td>2025-05-14</td><td>P1</td><td>Tentative</td></tr>\
    <tr><td>Cohere Embed English 3</td><td>2024-02-07</td><td>2026-09-30</td><td>Cohere Embed 4</td></tr></tbody></table>\
    <h2>On-Demand Mode Retirement Dates (Retired)</h2>\
    <table><thead><tr><th>Model</th><th>Release Date</th><th>On-Demand Mode Retirement Date</th><th>Suggested Replacement Options</th></tr></thead><tbody>\
    <tr><td>Cohere Command</td><td>2024-02-07</td><td>2024-10-02</td><td></td></tr></tbody></table></body></html>";

#[test]
fn pages_of_retirements_are_of_one_mode_each() {
    let reading = read(&shipped("oci.on-demand-retirements"), PAGE);
    insta::assert_snapshot!(claims(&reading).join("\n"), @"
    oci Cohere Command A [on-demand] date.launch = 2025-05-14
    oci Cohere Command [on-demand] date.launch = 2024-02-07
    oci Cohere Command [on-demand] date.retires = 2024-10-02
    oci Cohere Command [on-demand] stage = retired
    oci Cohere Embed English 3 [on-demand] date.launch = 2024-02-07
    oci Cohere Embed English 3 [on-demand] date.retires = 2026-09-30
    oci Cohere Embed English 3 [on-demand] replacement = Cohere Embed 4
    oci Cohere Embed English 3 [on-demand] stage = deprecated
    ");
    assert_eq!(notes(&reading), Vec::<String>::new());
    let dedicated = PAGE.replace("On-Demand", "Dedicated").replace("P1", "P6");
    let reading = read(&shipped("oci.dedicated-retirements"), &dedicated);
    let lines = claims(&reading).join("\n");
    assert!(lines.contains("oci Cohere Embed English 3 [dedicated] date.retires = 2026-09-30"));
    // as the page was before: ids, by vendor, with phrases for what has no day
    let older = "<!DOCTYPE html><html><h2>Chat Models</h2><h3>Cohere Models</h3><table><thead><tr><th>Model</th><th>Release Date</th>\
        <th>On-Demand Mode Retirement Date</th><th>Suggested Replacement Options</th></tr></thead><tbody>\
        <tr><td><p>cohere.command-a-03-2025</p></td><td>2025-05-14</td><td>At least one month after the release of the 1st replacement model.</td><td>Tentative</td></tr>\
        <tr><td>cohere.command-r-plus</td><td>2024-06-18</td><td>2025-01-16</td><td>cohere.command-r-plus-08-2024</td></tr></tbody></table></html>";
    let reading = read(&shipped("oci.on-demand-retirements"), older);
    insta::assert_snapshot!(claims(&reading).join("\n"), @"
    oci cohere.command-a-03-2025 [on-demand] date.launch = 2025-05-14
    oci cohere.command-r-plus [on-demand] date.launch = 2024-06-18
    oci cohere.command-r-plus [on-demand] date.retires = 2025-01-16
    oci cohere.command-r-plus [on-demand] replacement = cohere.command-r-plus-08-2024
    oci cohere.command-r-plus [on-demand] stage = deprecated
    ");
    assert_eq!(notes(&reading), Vec::<String>::new());
}

#[test]
fn status_and_incidents_stand_in_one_report_by_region() {
    let report = r#"{"realm":"OC1","regionHealthReports":[
        {"regionId":"r1","regionName":"US Midwest (Chicago)","regionCanonicalName":"us-chicago-1","geographicAreaName":"NAM","serviceHealthReports":[
         {"serviceId":"g","serviceName":"Generative AI","serviceCanonicalName":"generative-ai","serviceStatus":"ServiceDisruption","incidents":[{"incidentId":"ocid1.incident.1","severity":"ServiceDisruption"}]},
         {"serviceId":"c","serviceName":"Compute","serviceStatus":"ServiceDown","incidents":[{"incidentId":"ocid1.incident.2","severity":"ServiceDown"}]}]},
        {"regionId":"r2","regionName":"Germany Central (Frankfurt)","regionCanonicalName":"eu-frankfurt-1","serviceHealthReports":[
         {"serviceId":"g","serviceName":"Generative AI","serviceStatus":"NormalPerformance","incidents":[]}]}]}"#;
    let both = ["oci.status", "oci.incidents"].map(|id| {
        let reading = read(&shipped(id), report);
        assert_eq!(notes(&reading), Vec::<String>::new());
        claims(&reading).join("\n")
    });
    insta::assert_snapshot!(both.join("\n"), @"
    oci g in eu-frankfurt-1 name = Generative AI
    oci g in eu-frankfurt-1 status = operational
    oci g in us-chicago-1 name = Generative AI
    oci g in us-chicago-1 status = partial_outage
    oci ocid1.incident.1 in us-chicago-1 impact = ServiceDisruption
    oci ocid1.incident.1 in us-chicago-1 name = Generative AI
    oci ocid1.incident.1 in us-chicago-1 status = ServiceDisruption
    oci ocid1.incident.1 in us-chicago-1 topics = Generative AI
    ");
}
