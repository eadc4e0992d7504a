use super::*;
use crate::market::{Content, ProviderId, Region, Settled};
use crate::readers::convert::StageWords;

const MARKDOWN: &str = "# Gemini Developer API pricing\n\n## Gemini 3.8 Flash\n\n*[`gemini-3.8-flash`](/gemini-api/docs/models/gemini-3.8-flash)*\n\n\
    [Try it in Google AI Studio](https://aistudio.google.com)\n\nSet `thinking-budget-2` to taste.\n\n### Standard\n\n\
    |   | Free Tier | Paid Tier, per 1M tokens in USD |\n|---|---|---|\n\
    | Input price | Free of charge | $0.75 through December 31, 2026. $1.50 starting January 1, 2027. |\n\
    | Output price (including thinking tokens) | Free of charge | $3.75 through December 31, 2026. $7.50 starting January 1, 2027. |\n\
    | Context caching price | Free of charge | $0.075 through December 31, 2026. $0.15 starting January 1, 2027. $0.50 / 1,000,000 tokens per hour (storage price) through December 31, 2026. $1.00 / 1,000,000 tokens per hour (storage price) starting January 1, 2027. |\n\
    | Grounding with Google Search | 5,000 prompts per month (free) | $14 / 1,000 search queries |\n\
    | Used to improve our products | Yes | No |\n\n### Batch\n\n\
    |   | Free Tier | Paid Tier, per 1M tokens in USD |\n|---|---|---|\n| Input price | Not available | $0.375 through December 31, 2026. $0.75 starting January 1, 2027. |\n| Context caching price | Not available | Not available |\n\n\
    ## Gemini 3.1 Pro Preview\n\n*`gemini-3.1-pro-preview` and `gemini-3.1-pro-preview-customtools`*\n\n### Standard\n\n\
    |   | Free Tier | Paid Tier, per 1M tokens in USD |\n|---|---|---|\n\
    | Input price | Not available | $2.00, prompts \\<= 200k tokens $4.00, prompts \\> 200k tokens |\n\
    | Output price (including thinking tokens) | Not available | $12.00, prompts <= 200k tokens $18.00, prompts > 200k |\n\n\
    ## Gemini 3.1 Flash Image\n\n*`gemini-3.1-flash-image`*\n\n### Standard\n\n|   | Free Tier | Paid Tier, per 1M tokens in USD |\n|---|---|---|\n\
    | Input price | Not available | $0.50 (text/image) |\n\
    | Output price | Not available | $3 (text and thinking) $60.00 (images) Equivalent to $0.045 per 0.5K image |\n\n\
    ## Imagen 4\n\n*`imagen-4.0-generate-001`, `imagen-4.0-ultra-generate-001`, `imagen-4.0-fast-generate-001`*\n\n\
    |   | Free Tier | Paid Tier, per Image in USD |\n|---|---|---|\n| Imagen 4 Fast image price | Not available | $0.02 |\n\
    | Imagen 4 Standard image price | Not available | $0.04 |\n| Imagen 4 Ultra image price | Not available | $0.06 |\n\n\
    ## Veo 3.1\n\n*`veo-3.1-generate-preview`*\n\n|   | Free Tier | Paid Tier, per second in USD |\n|---|---|---|\n\
    | Veo 3.1 Standard video with audio price (default) | Not available | $0.40 (720p, 1080p) $0.60 (4k) |\n\n\
    ## Pricing for tools\n\n| Tool | Free Tier | Paid Tier |\n|---|---|---|\n| Google Search | 500 RPD | $35 / 1,000 requests |\n";

const HTML: &str = "<!doctype html><html><body><article><div class=\"devsite-article-body\"><h1>Gemini Developer API pricing</h1>\
    <div class=\"heading-group\"><h2 id=\"gemini-2.5-flash\">Gemini 2.5 Flash</h2></div><em><code>gemini-2.5-flash</code></em><p>Our <code>hybrid-1</code> model.</p>\
    <devsite-selector><section><h3 id=\"standard\">Standard</h3><table class=\"pricing-table\"><thead><tr><th></th><th>Free Tier</th><th>Paid Tier, per 1M tokens in USD</th></tr></thead>\
    <tbody><tr><td>Input price</td><td>Free of charge</td><td>$0.30 (text / image / video)<br>$1.00 (audio)</td></tr>\
    <tr><td>Output price</td><td>Free of charge</td><td>Non-thinking: $0.60<br>Thinking: $3.50</td></tr>\
    <tr><td>Context caching price</td><td>Not available</td><td>$0.03 (text / image / video)<br>$0.1 (audio)<br>$1.00 / 1,000,000 tokens per hour (storage price)</td></tr>\
    <tr><td>Image input price</td><td>Free of charge</td><td>$0.45, or $0.0001 per image</td></tr>\
    <tr><td>Moon price</td><td></td><td>$1</td></tr></tbody></table></section>\
    <section><h3>Priority</h3><table class=\"pricing-table\"><thead><tr><th></th><th>Free Tier</th><th>Paid Tier, per 1M tokens in USD</th></tr></thead>\
    <tr><td>Input price</td><td>Not available</td><td>$0.54 (smell)</td></tr></table></section></devsite-selector></div></article></body></html>";

fn reading(text: &str) -> Result<Reading, Failure> {
    let context = Context {
        provider: &ProviderId::from("acme"),
        region: &Region::unstated(),
        item: "",
        stages: &StageWords::default(),
        complete: true,
        settled: &Settled::new(),
    };
    let body = Body {
        bytes: text.as_bytes(),
        content_type: None,
    };
    let mapping = Mapping {
        ignore: vec!["pricing for tools".to_string()],
    };
    read(&mapping, &body, &context)
}

fn shown(text: &str, now: &str) -> String {
    let mut reading = match reading(text) {
        Ok(reading) => reading,
        Err(failure) => return failure.to_string(),
    };
    reading.as_of(now.parse().expect("a time"));
    let mut lines = Vec::new();
    for entry in &reading.entries {
        if let Content::Stated { claims, .. } = &entry.content {
            let id = &entry.subject.native_id;
            lines.extend(
                claims
                    .iter()
                    .map(|claim| format!("{id}: {} = {}", claim.attribute, claim.value)),
            );
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
fn markdown_is_read_by_tier_length_and_day() {
    insta::assert_snapshot!(shown(MARKDOWN, "2026-11-20T00:00:00Z"), @"
    gemini-3.1-flash-image: price.input = $0.5 / 1M tokens
    gemini-3.1-flash-image: price.output = $3 / 1M tokens
    gemini-3.1-flash-image: price.output_image = $60 / 1M tokens
    gemini-3.1-pro-preview-customtools: price.input = $2 / 1M tokens
    gemini-3.1-pro-preview-customtools: price.input.over_200000 = $4 / 1M tokens
    gemini-3.1-pro-preview-customtools: price.output = $12 / 1M tokens
    gemini-3.1-pro-preview-customtools: price.output.over_200000 = $18 / 1M tokens
    gemini-3.1-pro-preview: price.input = $2 / 1M tokens
    gemini-3.1-pro-preview: price.input.over_200000 = $4 / 1M tokens
    gemini-3.1-pro-preview: price.output = $12 / 1M tokens
    gemini-3.1-pro-preview: price.output.over_200000 = $18 / 1M tokens
    gemini-3.8-flash: price.cache_read = $0.075 / 1M tokens
    gemini-3.8-flash: price.cache_read.from_2027-01-01 = $0.15 / 1M tokens
    gemini-3.8-flash: price.cache_storage = $0.5 / 1M_tokens_hour
    gemini-3.8-flash: price.cache_storage.from_2027-01-01 = $1 / 1M_tokens_hour
    gemini-3.8-flash: price.input = $0.75 / 1M tokens
    gemini-3.8-flash: price.input.batch = $0.375 / 1M tokens
    gemini-3.8-flash: price.input.batch_from_2027-01-01 = $0.75 / 1M tokens
    gemini-3.8-flash: price.input.from_2027-01-01 = $1.5 / 1M tokens
    gemini-3.8-flash: price.output = $3.75 / 1M tokens
    gemini-3.8-flash: price.output.from_2027-01-01 = $7.5 / 1M tokens
    imagen-4.0-fast-generate-001: price.output_per_image = $0.02 / image
    imagen-4.0-generate-001: price.output_per_image = $0.04 / image
    imagen-4.0-ultra-generate-001: price.output_per_image = $0.06 / image
    veo-3.1-generate-preview: price.output_per_second_with_audio_1080p = $0.4 / second
    veo-3.1-generate-preview: price.output_per_second_with_audio_4k = $0.6 / second
    veo-3.1-generate-preview: price.output_per_second_with_audio_720p = $0.4 / second
    ");
    let later = shown(MARKDOWN, "2027-01-01T00:00:00Z");
    let of_flash: Vec<&str> = later
        .lines()
        .filter(|line| line.starts_with("gemini-3.8-flash"))
        .collect();
    insta::assert_snapshot!(of_flash.join("\n"), @"
    gemini-3.8-flash: price.cache_read = $0.15 / 1M tokens
    gemini-3.8-flash: price.cache_storage = $1 / 1M_tokens_hour
    gemini-3.8-flash: price.input = $1.5 / 1M tokens
    gemini-3.8-flash: price.input.batch = $0.75 / 1M tokens
    gemini-3.8-flash: price.output = $7.5 / 1M tokens
    ");
}

#[test]
fn html_is_read_by_kind_of_content() {
    insta::assert_snapshot!(shown(HTML, "2026-11-20T00:00:00Z"), @"
    gemini-2.5-flash: price.cache_read = $0.03 / 1M tokens
    gemini-2.5-flash: price.cache_read_audio = $0.1 / 1M tokens
    gemini-2.5-flash: price.cache_storage = $1 / 1M_tokens_hour
    gemini-2.5-flash: price.input = $0.3 / 1M tokens
    gemini-2.5-flash: price.input_audio = $1 / 1M tokens
    gemini-2.5-flash: price.input_image = $0.45 / 1M tokens
    gemini-2.5-flash: price.output = $0.6 / 1M tokens
    gemini-2.5-flash: price.reasoning = $3.5 / 1M tokens
    ? Input price: expected a price that is understood, found (smell) at gemini-2.5-flash
    ? a row: expected a meter that is known, found Moon price at gemini-2.5-flash
    ");
}

#[test]
fn a_page_without_paid_prices_is_unreadable() {
    assert_eq!(
        shown(
            "# Sign in\n\n| a | b |\n|-|-|\n| 1 | 2 |\n",
            "2026-11-20T00:00:00Z"
        ),
        "expected tables of paid prices below ids of models, found 1 tables, none of them one"
    );
}

proptest::proptest! {
    #[test]
    fn mutated_pages_are_read_without_panic(at in 0usize..4_000, with in "\\PC{0,3}") {
        for page in [MARKDOWN, HTML] {
            let mut text = page.to_string();
            let at = text.floor_char_boundary(at % text.len());
            text.insert_str(at, &with);
            let _ = shown(&text, "2026-11-20T00:00:00Z");
        }
    }

    #[test]
    fn any_cell_is_read_without_panic(text in "(\\$[0-9]{0,3}|prompts|<=|>|200k|through|starting|January 1, 2027|\\(|\\)|or| |[a-z]){0,12}") {
        let _ = cell::amounts(&text);
    }

    #[test]
    fn rows_in_any_order_are_one_reading(turn in 0usize..3) {
        let mut rows = [
            "| Input price | Free of charge | $0.75 through December 31, 2026. $1.50 starting January 1, 2027. |\n",
            "| Output price | Free of charge | $3.75 |\n",
            "| Context caching price | - | $0.1 (audio) $0.03 (text) |\n",
        ];
        let page = |rows: [&str; 3]| format!("## M\n\n`m-1`\n\n| | Free Tier | Paid Tier, per 1M tokens in USD |\n|-|-|-|\n{}", rows.concat());
        let first = shown(&page(rows), "2026-11-20T00:00:00Z");
        rows.rotate_left(turn);
        proptest::prop_assert_eq!(shown(&page(rows), "2026-11-20T00:00:00Z"), first);
    }
}
