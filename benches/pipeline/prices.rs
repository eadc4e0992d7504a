//! A price list of a hundred megabytes: how much memory the program takes to read it for the first time, unchanged, with one
//! price in a hundred changed, and with all of them.

use bellwether::alerting::Policy;
use bellwether::config::{Own, declared};
use bellwether::daemon::pipeline::{Answer, Arrival, Taken, take};
use bellwether::daemon::reading::Target;
use bellwether::market::{Packed, Packing};
use bellwether::store::Store;
use jiff::SignedDuration;

use crate::import::begin;
use crate::measure::{figure, megabytes, peak};

/// So many that the list has a hundred megabytes: one price with its product takes 1.4 kB, laid out as AWS lays it out.
const MODELS: usize = 1_980;
const METERS: [&str; 6] = [
    "input",
    "output",
    "cache-read-input",
    "cache-write-input",
    "input-batch",
    "output-batch",
];
const REGIONS: [(&str, &str, &str); 6] = [
    ("us-east-1", "USE1", "US East (N. Virginia)"),
    ("us-west-2", "USW2", "US West (Oregon)"),
    ("eu-central-1", "EUC1", "EU (Frankfurt)"),
    ("eu-west-1", "EUW1", "EU (Ireland)"),
    ("ap-northeast-1", "APN1", "Asia Pacific (Tokyo)"),
    ("sa-east-1", "SAE1", "South America (Sao Paulo)"),
];

/// An offer, packed as it would come: prices of so many models in every region, of which one in `changed` has another. Every
/// attribute and every blank is there, since what is read is not all that comes.
fn offer(changed: Option<usize>) -> Packed {
    let mut packing = Packing::new().expect("an encoder");
    let mut push = |text: &str| packing.push(text.as_bytes()).expect("room");
    push(HEAD);
    each(|n, model, (region, short, location), meter| {
        let comma = if n == 0 { "" } else { "," };
        push(&format!(
            r#"{comma}
    "SKU{n:013}" : {{
      "sku" : "SKU{n:013}",
      "productFamily" : "Amazon Bedrock",
      "attributes" : {{
        "servicecode" : "AmazonBedrock",
        "location" : "{location}",
        "locationType" : "AWS Region",
        "usagetype" : "{short}-Model{model}-{meter}-tokens",
        "operation" : "",
        "feature" : "On-demand Inference",
        "inferenceType" : "{meter} tokens",
        "model" : "Model {model}",
        "provider" : "Acme",
        "regionCode" : "{region}",
        "service_tier" : "standard",
        "servicename" : "Amazon Bedrock"
      }}
    }}"#
        ));
    });
    push("\n  },\n  \"terms\" : {\n    \"OnDemand\" : {");
    each(|n, model, (_, short, location), meter| {
        let comma = if n == 0 { "" } else { "," };
        let price = if changed.is_some_and(|one_in| n % one_in == 0) {
            "0.0009000000"
        } else {
            "0.0003300000"
        };
        push(&format!(
            r#"{comma}
      "SKU{n:013}" : {{
        "SKU{n:013}.JRTCKXETXF" : {{
          "offerTermCode" : "JRTCKXETXF",
          "sku" : "SKU{n:013}",
          "effectiveDate" : "2026-10-01T00:00:00Z",
          "priceDimensions" : {{
            "SKU{n:013}.JRTCKXETXF.6YS6EN2CT7" : {{
              "rateCode" : "SKU{n:013}.JRTCKXETXF.6YS6EN2CT7",
              "description" : "${price} per 1K tokens for {short}-Model{model}-{meter}-tokens in {location}",
              "beginRange" : "0",
              "endRange" : "Inf",
              "unit" : "1K tokens",
              "pricePerUnit" : {{
                "USD" : "{price}"
              }},
              "appliesTo" : [ ]
            }}
          }},
          "termAttributes" : {{ }}
        }}
      }}"#
        ));
    });
    push("\n    }\n  }\n}\n");
    packing.finish().expect("a frame")
}

const HEAD: &str = r#"{
  "formatVersion" : "v1.0",
  "disclaimer" : "Made up",
  "offerCode" : "AmazonBedrock",
  "version" : "20261101000000",
  "publicationDate" : "2026-11-01T00:00:00Z",
  "products" : {"#;

fn each(mut tell: impl FnMut(usize, usize, (&str, &str, &str), &str)) {
    let mut n = 0;
    for model in 0..MODELS {
        for region in REGIONS {
            for meter in METERS {
                tell(n, model, region, meter);
                n += 1;
            }
        }
    }
}

/// Megabytes of proportional set size at most, of this process.
pub fn memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = Store::open(&folder.path().join("bellwether.db")).expect("a database");
    let probes = declared(&[], Own::default()).expect("the shipped probes");
    let probe = probes
        .iter()
        .find(|probe| probe.id.as_str() == "bedrock.prices");
    let probe = probe.expect("the probe");
    let target = Target::new(probe, &probe.scopes[0]);
    let mut ask = |what: &str, limit: &str, hour: i64, changed: Option<usize>| {
        let (most, (size, taken)) = peak(|| {
            let body = offer(changed);
            let answer = Answer::Packed {
                body: &body,
                content_type: None,
                etag: None,
                last_modified: None,
            };
            let at = begin() + SignedDuration::from_hours(hour);
            let arrival = Arrival {
                at,
                answer,
                sample: None,
                vantage: "bench",
                imported: false,
                inconclusive: false,
            };
            let taken =
                take(&mut store, &target, &arrival, &Policy::default()).expect("a sound store");
            store.let_go();
            (body.size(), taken)
        });
        assert!(!matches!(taken, Taken::Failed(_)), "{taken:?}");
        let size = megabytes(usize::try_from(size).expect("small"));
        let changes = taken.changes().len();
        let prices = MODELS * REGIONS.len() * METERS.len();
        figure(
            what,
            &format!("{most:.1} MB"),
            &format!("{limit} ({size:.0} MB, {prices} prices, {changes} changes)"),
        );
    };
    ask(
        "a price list for the first time, at most (PSS)",
        "at most 60",
        0,
        None,
    );
    ask(
        "a price list of which 1 % changes, at most (PSS)",
        "at most 60",
        24,
        Some(100),
    );
    ask(
        "a price list in which all changes, at most (PSS)",
        "none, for it is held",
        48,
        Some(1),
    );
}
