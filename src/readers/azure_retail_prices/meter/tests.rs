//! Names of meters, and what they say.

use super::*;

fn shown(name: &str, measure: &str) -> String {
    match parse(name, measure) {
        Ok(meter) => format!(
            "{} | {}{}{} | {} | {}",
            meter.model,
            meter.name,
            meter.tier.map_or(String::new(), |tier| format!(".{tier}")),
            if meter.long { " long" } else { "" },
            meter.deployment.unwrap_or("-"),
            meter.unit.one.word(),
        ),
        Err(why) => why.to_string(),
    }
}

#[test]
fn meters_of_every_way_to_spell_are_understood() {
    let names = [
        ("gpt 4.1 Inp glbl Tokens", "1K"),
        ("gpt-4o-1120-Outp-glbl Tokens", "1K"),
        ("5.4 pp opt Gl 1M Tokens", "1M"),
        ("5.6 sol ShortCo Inp Std Gl 1M Tokens", "1M"),
        ("5.6 sol LongCo Cd Wr Std DZ 1M Tokens", "1M"),
        ("5.6 terra ShortCo Cd Inp PP Gl 1M Tokens", "1M"),
        ("o3 mini 0131 Batch Outp Data Zone Tokens", "1K"),
        ("gpt 5 pro inp dzone Tokens", "1K"),
        ("FW GLM 5.2 Inp DZ Tokens", "1K"),
        ("FW DeepSeek-V4-Pro Ch Inp DZ Tokens", "1K"),
        ("K2.5 cached glbl Tokens", "1K"),
        ("4.3 Cached Inp Glbl L Tokens", "1K"),
        ("gpt-4-8K-Batch-Inp-regnl Tokens", "1K"),
        ("gpt rt aud mn cd in gl 1215 1M Tokens", "1M"),
        ("gpt rt txt 0828 cchd Inp DZn Tokens", "1K"),
        ("gpt aud 0828 Inp DZone Tokens", "1K"),
        ("gpt aud 0828 txt Inp DZone Tokens", "1K"),
        ("gpt-image-1-inp-cached-img-glbl Tokens", "1K"),
        ("gpt-image-1-output-img-glbl Tokens", "1K"),
        ("Image 2 txt Batch inp Gl 1M Tokens", "1M"),
        ("gpt-realtime-2.1-mini Image cd inp DZ 1M Tokens", "1M"),
        ("gpt-4o-mini-transcribe-txt-out-rgnl Tokens", "1K"),
        ("gpt4omini-rt-aud1217 cchd Inp rgnl Tokens", "1K"),
        ("gpt4omini-aud1217 Outp glbl Tokens", "1K"),
        ("gpt4o realtimePrvwAudInp DataZone Tokens", "1K"),
        ("text-embedding-3-large-glbl Tokens", "1K"),
        ("Embed v4 Img DZ Tokens", "1K"),
        ("Image-Dall-E-3 Std HighRes-glbl Images", "100"),
        ("OCR 4 annot DZ Pages", "1K"),
        ("Doc AI glbl 2505 Pages", "1K"),
        ("Speech-Text to Speech HD-global Characters", "1M"),
        ("Speech-to-Text-Batch-Whisper-glbl Unit", "1 Hour"),
        ("gpt-realtime-whisper Opt Gl Unit", "1 Hour"),
        ("Sora 720p 11-15s glbl Video", "1 Second"),
        ("Sora 2 pro high res dzone Second", "1"),
        ("Rerank v4 Fast Glbl Search", "1K"),
        ("file-search-tool-calls-rgnl Calls", "1K"),
        ("Assistants-File Search-glbl GB", "1/Day"),
        ("Code-Interpreter-global Session", "1"),
        ("Provisioned Managed Data Zone Unit", "1/Hour"),
    ];
    let all: Vec<String> = names
        .iter()
        .map(|(name, measure)| format!("{name} => {}", shown(name, measure)))
        .collect();
    insta::assert_snapshot!(all.join("\n"), @"
    gpt 4.1 Inp glbl Tokens => gpt 4.1 | input | GlobalStandard | 1M_tokens
    gpt-4o-1120-Outp-glbl Tokens => gpt-4o-1120 | output | GlobalStandard | 1M_tokens
    5.4 pp opt Gl 1M Tokens => 5.4 | output.priority | GlobalStandard | 1M_tokens
    5.6 sol ShortCo Inp Std Gl 1M Tokens => 5.6 sol | input | GlobalStandard | 1M_tokens
    5.6 sol LongCo Cd Wr Std DZ 1M Tokens => 5.6 sol | cache_write long | DataZoneStandard | 1M_tokens
    5.6 terra ShortCo Cd Inp PP Gl 1M Tokens => 5.6 terra | cache_read.priority | GlobalStandard | 1M_tokens
    o3 mini 0131 Batch Outp Data Zone Tokens => o3 mini 0131 | output.batch | DataZoneBatch | 1M_tokens
    gpt 5 pro inp dzone Tokens => gpt 5 pro | input | DataZoneStandard | 1M_tokens
    FW GLM 5.2 Inp DZ Tokens => FW GLM 5.2 | input | DataZoneStandard | 1M_tokens
    FW DeepSeek-V4-Pro Ch Inp DZ Tokens => FW DeepSeek-V4-Pro | cache_read | DataZoneStandard | 1M_tokens
    K2.5 cached glbl Tokens => K2.5 | cache_read | GlobalStandard | 1M_tokens
    4.3 Cached Inp Glbl L Tokens => 4.3 | cache_read long | GlobalStandard | 1M_tokens
    gpt-4-8K-Batch-Inp-regnl Tokens => gpt-4-8K | input.batch | Standard | 1M_tokens
    gpt rt aud mn cd in gl 1215 1M Tokens => gpt rt mn 1215 | cache_read_audio | GlobalStandard | 1M_tokens
    gpt rt txt 0828 cchd Inp DZn Tokens => gpt rt 0828 | cache_read | DataZoneStandard | 1M_tokens
    gpt aud 0828 Inp DZone Tokens => gpt aud 0828 | input_audio | DataZoneStandard | 1M_tokens
    gpt aud 0828 txt Inp DZone Tokens => gpt aud 0828 | input | DataZoneStandard | 1M_tokens
    gpt-image-1-inp-cached-img-glbl Tokens => gpt-image-1 | cache_read_image | GlobalStandard | 1M_tokens
    gpt-image-1-output-img-glbl Tokens => gpt-image-1 | output_image | GlobalStandard | 1M_tokens
    Image 2 txt Batch inp Gl 1M Tokens => Image 2 | input.batch | GlobalBatch | 1M_tokens
    gpt-realtime-2.1-mini Image cd inp DZ 1M Tokens => gpt-realtime-2.1-mini | cache_read_image | DataZoneStandard | 1M_tokens
    gpt-4o-mini-transcribe-txt-out-rgnl Tokens => gpt-4o-mini-transcribe | output | Standard | 1M_tokens
    gpt4omini-rt-aud1217 cchd Inp rgnl Tokens => gpt4omini-rt-1217 | cache_read_audio | Standard | 1M_tokens
    gpt4omini-aud1217 Outp glbl Tokens => gpt4omini-aud1217 | output_audio | GlobalStandard | 1M_tokens
    gpt4o realtimePrvwAudInp DataZone Tokens => gpt4o realtimePrvw | input_audio | DataZoneStandard | 1M_tokens
    text-embedding-3-large-glbl Tokens => text-embedding-3-large | input | GlobalStandard | 1M_tokens
    Embed v4 Img DZ Tokens => Embed v4 | input_image | DataZoneStandard | 1M_tokens
    Image-Dall-E-3 Std HighRes-glbl Images => Dall-E-3 | output_per_image_std_highres | GlobalStandard | image
    OCR 4 annot DZ Pages => OCR 4 | annotation_per_page | DataZoneStandard | page
    Doc AI glbl 2505 Pages => Doc AI 2505 | ocr_per_page | GlobalStandard | page
    Speech-Text to Speech HD-global Characters => Speech-Text to Speech HD | input_per_character | GlobalStandard | character
    Speech-to-Text-Batch-Whisper-glbl Unit => Speech-to-Text-Whisper | per_hour.batch | GlobalBatch | hour
    gpt-realtime-whisper Opt Gl Unit => gpt-realtime-whisper | output_per_hour | GlobalStandard | hour
    Sora 720p 11-15s glbl Video => Sora | output_video_per_second_720p_11_15s | GlobalStandard | second
    Sora 2 pro high res dzone Second => Sora 2 pro | output_per_second_high_res | DataZoneStandard | second
    Rerank v4 Fast Glbl Search => Rerank v4 Fast | input_per_query | GlobalStandard | query
    file-search-tool-calls-rgnl Calls => file-search-tool-calls | per_call | Standard | call
    Assistants-File Search-glbl GB => Assistants-File Search | storage | GlobalStandard | gb_day
    Code-Interpreter-global Session => Code-Interpreter | per_session | GlobalStandard | session
    Provisioned Managed Data Zone Unit => Provisioned Managed | provisioned_unit | DataZoneProvisionedManaged | hour
    ");
}

#[test]
fn what_is_not_said_is_not_guessed() {
    let names = [
        ("gpt-4.1-ft input global Tokens", "1K"),
        ("3.3 70b FT DZ Deployment Hosting Unit", "1/Hour"),
        ("text-embedding-3-large-grader Tokens", "1K"),
        ("babbage-002-base-glbl Tokens", "1K"),
        ("Provisioned Throughput Units", "1/Month"),
        ("Provisioned Throughput - Overage Unit", "1/Hour"),
        ("Standard Unit", "1/Hour"),
        ("gpt 5 Inp glbl Tokens", "1 Hour"),
        ("gpt 5 Inp Outp glbl Tokens", "1K"),
        ("gpt 5 Inp glbl DZ Tokens", "1K"),
        ("gpt 5 Batch pp Inp glbl Tokens", "1K"),
        ("gpt 5 O glbl Tokens", "1K"),
        ("Inp glbl Tokens", "1K"),
        ("gpt 5 Inp glbl Beans", "1K"),
        ("", ""),
    ];
    let all: Vec<String> = names
        .iter()
        .map(|(name, measure)| format!("{name} => {}", shown(name, measure)))
        .collect();
    insta::assert_snapshot!(all.join("\n"), @"
    gpt-4.1-ft input global Tokens => a meter of tuned models
    3.3 70b FT DZ Deployment Hosting Unit => a meter of tuned models
    text-embedding-3-large-grader Tokens => a meter of tuned models
    babbage-002-base-glbl Tokens => neither input nor output
    Provisioned Throughput Units => a meter of reserved capacity
    Provisioned Throughput - Overage Unit => a meter of reserved capacity
    Standard Unit => a unit that is not known
    gpt 5 Inp glbl Tokens => a unit that is not known
    gpt 5 Inp Outp glbl Tokens => words that contradict each other
    gpt 5 Inp glbl DZ Tokens => words that contradict each other
    gpt 5 Batch pp Inp glbl Tokens => words that contradict each other
    gpt 5 O glbl Tokens => neither input nor output
    Inp glbl Tokens => no model
    gpt 5 Inp glbl Beans => a unit that is not known
     => no model
    ");
}
