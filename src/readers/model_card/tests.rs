use super::*;
use crate::market::{Content, ProviderId, Settled};
use crate::readers::convert::StageWords;

const YES_ICON: &str = "![supported](https://docs.test/images/icons/icon-yes.png)";
const NO_ICON: &str =
    "![Red circle with white X icon.](https://docs.test/images/icons/icon-no.png)";

/// A card of the layout of autumn 2026: two endpoints, prices by context, profiles with their routes.
const SOL: &str = r#"

# Acme Sol
<a name="model-card-acme-sol"></a>

## ![Acme logo.](https://docs.test/images/models/acme.png) Acme — Acme Sol

## Model details

Acme Sol does work.
+ **Model launch date:** September 22, 2026
+ **EOL no sooner than:** September 22, 2027
+ **Legacy period:** at least 6 months
+ **Model lifecycle policy:** [Model lifecycle](model-lifecycle.md)
+ **Model EOL date:** N/A
+ **Model lifecycle:** Active
+ **Context window:** 1,050,000 tokens
+  **Max output tokens:** 128K
+ **Reasoning:** Supported (configurable: low, high)
+ **Marketplace product ID:** `prod-x`

| **Input modalities** | **Output modalities** |
| --- | --- |
| NO Audio | NO Audio |
| YES Image | NO Image |
| YES Text | YES Text |

**APIs supported on `bedrock-runtime` endpoint**

| **Messages** | **Responses** | **Chat Completions** | **Converse** | **Invoke** |
| --- | --- | --- | --- | --- |
| NO | YES | NO | YES | NO |

**APIs supported on `bedrock-mantle` endpoint**

| **Messages** | **Responses** | **Chat Completions** | **Converse** | **Invoke** |
| --- | --- | --- | --- | --- |
| NO | YES | YES | NO | NO |

## Pricing

All prices are in USD per 1 million tokens for the Standard tier.

**AWS GovCloud (US-West)**

| **Inference option** | **Input** | **Output** |
| --- | --- | --- |
| In-Region | $2.64 | on request |

### Commercial Regions — short context (272K input tokens or fewer)

| **Inference option** | **Input** | **Input — 30m cache write** | **Input — cache read** | **Output** |
| --- | --- | --- | --- | --- |
| Mantle in-Region | $2.20 | $2.75 | $0.22 | $11.00 |
| US Geo CRIS | $2.20 | $2.75 | $0.22 | $11.00 |
| Global CRIS | $2.00 | $2.50 | $0.20 | $10.00 |

### Commercial Regions — long context (more than 272K input tokens)

| **Inference option** | **Input** | **Output** |
| --- | --- | --- |
| Global CRIS | $4.00 | $15.00 |

### Ultrafast — Commercial Regions, short context (272K input tokens or fewer)

| **Inference option** | **Input** | **Output** | **Per call** |
| --- | --- | --- | --- |
| In-Region (us-east-1) | $66.00 | n/a | $1 |
| Lunar | $1 | $2 | $3 |

## Call the model

| **Endpoint** | **Model ID** | **In-Region endpoint URL** | **Geo inference ID** | **Global inference ID** |
| --- | --- | --- | --- | --- |
| bedrock-runtime | acme.sol | Not supported | `us.acme.sol`<br />`eu.acme.sol` | global.acme.sol |
| bedrock-mantle | acme.sol | https://bedrock-mantle.{region}.api.aws/openai/v1 | Not supported | N/A |

## Service Tiers

| **Standard** | **Priority** | **Flex** | **Reserved** |
| --- | --- | --- | --- |
| YES | NO | YES | NO |

## Supported Regions

**The `bedrock-mantle` endpoint**

| **Region** | **In-Region** | **Geo** | **Global** |
| --- | --- | --- | --- |
| us-east-1 (US East (N. Virginia)) | Supported | Not supported | Not supported |

**The `bedrock-runtime` endpoint**

| **Source Region** | **In-Region** | **Geo** | **Global CRIS** |
| --- | --- | --- | --- |
| us-east-1 | Not supported | YES | Supported |
| ca-central-1 | Not supported | YES | Supported |
| eu-west-1 (Ireland) | NO | YES | Soon |
| the moon | NO | YES | YES |

***Geo inference details***

**Geo: US**

Geo inference ID: `us.acme.sol`

| **Source Region** | **Destination Regions** |
| --- | --- |
| us-east-1 (N. Virginia) | us-east-1 (N. Virginia), us-west-2 (Oregon) |
"#;

/// A card of the layout before it, of a model on its way out.
const OLD: &str = r#"---
url: x
---
# Acme Embed v1

## Model Details
- **Model launch date:** 18th Sept 2024
- **EOL no sooner than:** Not Applicable, at least 45 day EOL Notice will be provided
- **Model EOL date:** March 30, 2027
- **Model lifecycle:** Sleeping
- **Context window:** lots

| **Input Modalities** | **Output Modalities** | **[APIs supported](apis.html)** | **[Endpoints supported](endpoints.html)** |
| --- | --- | --- | --- |
| YES Text | YES Embedding | YES Invoke | YES bedrock-runtime |
| NO Image |  | NO Converse | NO bedrock-mantle |

## Programmatic Access

| **Endpoint** | **Model ID** | **In-Region endpoint URL** | **Geo inference ID** | **Global inference ID** |
| --- | --- | --- | --- | --- |
| bedrock-runtime | acme.embed-v1:0 | https://bedrock-runtime.{region}.amazonaws.com | us.acme.embed-v1:0 | Not supported |

## Regional Availability

| **Region** | **In-Region** | **Geo** | **Global** |
| --- | --- | --- | --- |
| us-east-1 (N. Virginia) | Legacy (EOL: 2026-11-26) | Yes | No |
| eu-central-1 (Frankfurt) | Yes | - | |
"#;

fn card(text: &str) -> String {
    let marked = |line: &str| {
        if line.starts_with('|') {
            line.replace("YES", YES_ICON).replace("NO", NO_ICON)
        } else {
            line.to_string()
        }
    };
    text.lines().map(marked).collect::<Vec<_>>().join("\n")
}

fn shown(text: &str) -> String {
    let stages = StageWords::new([
        ("Active".to_string(), Stage::Ga),
        ("Legacy".to_string(), Stage::Legacy),
    ]);
    let context = Context {
        provider: &ProviderId::from("bedrock"),
        region: &Region::unstated(),
        stages: &stages,
        complete: true,
        settled: &Settled::new(),
        item: "acme",
    };
    let body = Body {
        bytes: text.as_bytes(),
        content_type: Some("text/markdown"),
    };
    let reading = match read(&body, &context) {
        Ok(reading) => reading,
        Err(failure) => return failure.to_string(),
    };
    let mut lines = Vec::new();
    for entry in &reading.entries {
        let subject = &entry.subject;
        let deployment = subject.deployment.as_deref().unwrap_or("-");
        let name = format!("{} {} {deployment}", subject.native_id, subject.region);
        if let Content::Stated { claims, .. } = &entry.content {
            let claims = claims
                .iter()
                .map(|claim| format!("{}={}", claim.attribute, claim.value));
            lines.push(format!("{name}: {}", claims.collect::<Vec<_>>().join("; ")));
        }
    }
    lines.sort();
    lines.extend(reading.unexpected.iter().map(|note| {
        format!(
            "? {}: expected {}, found {}",
            note.place, note.expected, note.found
        )
    }));
    lines.join("\n")
}

#[test]
fn a_card_says_what_a_model_is_where_it_is_and_what_it_costs() {
    insta::assert_snapshot!(shown(&card(SOL)), @"
    acme.sol * -: stage=ga; name=Acme Sol; date.launch=2026-09-22; date.retires=not before 2027-09-22; limit.context=1050000; limit.output=128000; modality.input=image, text; modality.output=text; capability.apis=bedrock-mantle chat completions, bedrock-mantle responses, bedrock-runtime converse, bedrock-runtime responses; capability.endpoints=bedrock-mantle, bedrock-runtime; capability.legacy_period=at least 6 months; capability.reasoning=yes; capability.service_tiers=flex, standard
    acme.sol * mantle: price.cache_read=$0.22 / 1M tokens; price.cache_write_30m=$2.75 / 1M tokens; price.input=$2.2 / 1M tokens; price.output=$11 / 1M tokens
    acme.sol us-east-1 mantle: price.input.ultrafast=$66 / 1M tokens
    acme.sol us-gov-west-1 mantle: price.input=$2.64 / 1M tokens
    eu.acme.sol eu-west-1 profile:eu: 
    global.acme.sol * profile:global: price.cache_read=$0.2 / 1M tokens; price.cache_write_30m=$2.5 / 1M tokens; price.input=$2 / 1M tokens; price.input.over_272000=$4 / 1M tokens; price.output=$10 / 1M tokens; price.output.over_272000=$15 / 1M tokens
    global.acme.sol ca-central-1 profile:global: 
    global.acme.sol us-east-1 profile:global: 
    us.acme.sol * profile:us: price.cache_read=$0.22 / 1M tokens; price.cache_write_30m=$2.75 / 1M tokens; price.input=$2.2 / 1M tokens; price.output=$11 / 1M tokens
    us.acme.sol ca-central-1 profile:us: 
    us.acme.sol us-east-1 profile:us: capability.destination_regions=us-east-1, us-west-2
    ? pricing: expected a meter that is known, found per call at Acme Sol
    ? pricing: expected a price such as $2.50, found 'on request' at Acme Sol
    ? pricing: expected a way to call the model, found Lunar at Acme Sol
    ? region: expected a region such as us-east-1, found the moon | ✗ | ✓ | ✓ at Acme Sol
    ? regions: expected a check mark, a cross or Legacy (EOL: 2026-10-01), found Soon at Acme Sol
    ");
}

#[test]
fn an_older_card_of_a_model_on_its_way_out_is_read_too() {
    insta::assert_snapshot!(shown(&card(OLD)), @"
    acme.embed-v1:0 * -: name=Acme Embed v1; date.launch=2024-09-18; date.retires=2027-03-30; modality.input=text; modality.output=embedding; capability.apis=invoke; capability.endpoints=bedrock-runtime
    acme.embed-v1:0 eu-central-1 on-demand: 
    acme.embed-v1:0 us-east-1 on-demand: stage=legacy; date.retires=2026-11-26
    us.acme.embed-v1:0 us-east-1 profile:us: 
    ? context window: expected a number such as 128,000 or 1M, found 'lots' at Acme Embed v1
    ? model lifecycle: expected a stage word (active, legacy), found 'Sleeping' at Acme Embed v1
    ");
}

#[test]
fn ends_of_life_are_firm_or_floors_as_the_card_says() {
    let end = |lines: &str| {
        let text = format!(
            "# C\n\n## Model Details\n{lines}\n\n{}",
            &OLD[OLD.find("## Programmatic").expect("ids")..]
        );
        let shown = shown(&card(&text));
        let first = shown
            .lines()
            .find(|line| line.starts_with("acme.embed-v1:0 * -"))
            .expect("the model");
        first
            .split("; ")
            .find_map(|part| part.strip_prefix("date.retires="))
            .unwrap_or("none")
            .to_string()
    };
    for (lines, expected) in [
        (
            "+ **EOL no sooner than:** July 13, 2027",
            "not before 2027-07-13",
        ),
        ("+ **EOL no sooner than:** July 2027", "not before 2027-07"),
        ("+ **Model EOL date:** N/A", "none"),
        ("+ **Model EOL date:** November 30, 2026", "2026-11-30"),
        (
            "+ **Model EOL date:** Legacy: December 1, 2026",
            "2026-12-01",
        ),
        (
            "+ **Model EOL date:** No sooner than 12/1/2026",
            "not before 2026-12-01",
        ),
        ("+ **Model EOL date:** 12/1/2026", "2026-12-01"),
        (
            "+ **EOL no sooner than:** July 13, 2027\n+ **Model EOL date:** N/A",
            "not before 2027-07-13",
        ),
        (
            "+ **Model EOL date:** March 30, 2027\n+ **EOL no sooner than:** Dec 06, 2025",
            "2027-03-30",
        ),
    ] {
        assert_eq!(end(lines), expected, "{lines}");
    }
}

#[test]
fn another_page_is_no_card_and_a_card_without_ids_says_so() {
    assert_eq!(
        shown(
            "# Models at a glance\n\n| Region | In-Region |\n| --- | --- |\n| us-east-1 | Yes |\n"
        ),
        "expected a model card with the details of a model and its ids, found a page 'Models at a glance'"
    );
    assert!(shown("").starts_with("expected a model card"));
    assert_eq!(
        shown("# Gone\n\n## Model Details\n+ **Model lifecycle:** Active\n"),
        "? ids: expected an id to call the model by, found none at Gone"
    );
}

proptest::proptest! {
    #[test]
    fn any_order_of_rows_is_one_reading_and_mutated_cards_do_not_panic(turn in 0usize..4, at in 0usize..6_000, inserted in "\\PC{0,3}") {
        let text = card(SOL);
        let (head, tail) = text.split_at(text.find("| us-east-1 | Not supported").expect("the regions"));
        let (rows, rest): (Vec<_>, Vec<_>) = tail.lines().enumerate().partition(|(at, _)| *at < 4);
        let lines = |rows: &[(usize, &str)]| rows.iter().map(|(_, row)| format!("{row}\n")).collect::<String>();
        let with = |rows: &[(usize, &str)]| shown(&format!("{head}{}{}", lines(rows), lines(&rest)));
        let mut turned = rows.clone();
        turned.rotate_left(turn);
        proptest::prop_assert_eq!(with(&turned), with(&rows));
        let mut text = text;
        text.insert_str(text.floor_char_boundary(at % text.len()), &inserted);
        let _ = shown(&text);
    }
}
