//! Badges: what a model is, on a page of others. SVG, and the endpoint form of shields.io.

use std::borrow::Cow;

use serde_json::json;

use super::answer::{Answer, JSON};
use super::refusal::Refusal;
use super::route::Asked;
use crate::landscape::Row;
use crate::market::{Certainty, LifecycleDate, Stage, identify};
use crate::outlook::landscape::Part;
use crate::outlook::rows::ModelRow;
use crate::render::chart::{tame, width};

/// How a badge is coloured: white words on it have a contrast of 4.5 and more.
#[derive(Debug, Clone, Copy)]
struct Colour(&'static str);

const GOOD: Colour = Colour("#1a7f37");
const SOON: Colour = Colour("#b35900");
const BAD: Colour = Colour("#cf222e");
const OTHER: Colour = Colour("#57606a");

/// Retirements within these days are warned of.
const WARNS: i64 = 90;
/// The size of the letters.
const SIZE: f64 = 11.0;
const HEIGHT: f64 = 20.0;
/// Between words and an end.
const PAD: f64 = 6.0;

/// Makes the badge of a model: `NAME.svg` or `NAME.json`.
pub(super) fn badge(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let provider = asked.query.one("provider")?.map(str::to_string);
    let (lab, file) = (asked.query.part("lab"), asked.query.part("file"));
    let (name, is_svg) = match (file.strip_suffix(".svg"), file.strip_suffix(".json")) {
        (Some(name), _) => (name, true),
        (_, Some(name)) => (name, false),
        _ => {
            return Err(Refusal::Missing(
                "expected /badges/LAB/MODEL.svg or /badges/LAB/MODEL.json".to_string(),
            ));
        }
    };
    let spelled = format!("{lab}/{name}");
    let model = identify(None, &spelled).model;
    let whole = asked.site.landscape(asked.store, asked.now)?;
    let rows = whole.matrix.rows.iter();
    let row = rows.filter(|row| Some(&row.model) == model.as_ref());
    let at = Part {
        providers: provider.iter().cloned().collect(),
        ..Part::default()
    };
    let (said, colour) = match at.of(row.map(Cow::Borrowed), asked.now).first() {
        Some(row) => said(row, asked.now),
        None => ("not offered".to_string(), OTHER),
    };
    let label = match &provider {
        Some(provider) => format!("{name} on {provider}"),
        None => name.to_string(),
    };
    let (label, said) = (tame(&label), tame(&said));
    if is_svg {
        return Ok(Answer::new(
            "image/svg+xml; charset=utf-8",
            svg(&label, &said, colour),
        ));
    }
    let body = json!({
        "schemaVersion": 1,
        "label": label,
        "message": said,
        "color": colour.0,
        "cacheSeconds": 3_600,
    });
    Ok(Answer::new(JSON, body.to_string()))
}

fn said(row: &Row, now: jiff::Timestamp) -> (String, Colour) {
    let stage = Stage::from_word(ModelRow::of(row, now).stage).unwrap_or(Stage::Unknown);
    if let Some(day) = row.retires(now).filter(|_| stage != Stage::Retired) {
        let days = day.starts().duration_since(now).as_hours() / 24;
        let colour = if days <= WARNS { BAD } else { SOON };
        return (retires(&day), colour);
    }
    match stage {
        Stage::Ga => ("generally available".to_string(), GOOD),
        Stage::Unknown => ("offered".to_string(), GOOD),
        Stage::Preview | Stage::Limited | Stage::Announced => (stage.word().to_string(), OTHER),
        Stage::Legacy | Stage::Deprecated => (stage.word().to_string(), SOON),
        Stage::Retired => (stage.word().to_string(), BAD),
    }
}

fn retires(day: &LifecycleDate) -> String {
    match day.certainty {
        Certainty::Firm => format!("retires {}", day.text()),
        Certainty::NotBefore => format!("retires not before {}", day.text()),
    }
}

/// The picture, with its words for those who do not see it.
fn svg(label: &str, said: &str, colour: Colour) -> String {
    let [left, right] = [label, said].map(|text| (width(text, SIZE) + 2.0 * PAD).ceil());
    let all = left + right;
    let [label, said] = [label, said].map(escaped);
    let text = |x: f64, text: &str| {
        format!(
            "<text x=\"{x}\" y=\"14\" fill=\"#fff\" font-family=\"DejaVu Sans,Verdana,Geneva,sans-serif\" font-size=\"{SIZE}\" text-anchor=\"middle\">{text}</text>"
        )
    };
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{all}\" height=\"{HEIGHT}\" viewBox=\"0 0 {all} {HEIGHT}\" role=\"img\" aria-labelledby=\"t\">\
         <title id=\"t\">{label}: {said}</title>\
         <rect width=\"{all}\" height=\"{HEIGHT}\" rx=\"3\" fill=\"{}\"/>\
         <path d=\"M3 0h{}v{HEIGHT}h-{}a3 3 0 0 1-3-3v-14a3 3 0 0 1 3-3z\" fill=\"#424a53\"/>\
         {}{}</svg>\n",
        colour.0,
        left - 3.0,
        left - 3.0,
        text(left / 2.0, &label),
        text(left + right / 2.0, &said),
    )
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_names_reach_no_markup() {
        let made = svg("<script>\"&", "ga</text>", GOOD);
        let mut reader = quick_xml::Reader::from_str(&made);
        let mut names = std::collections::BTreeSet::new();
        loop {
            match reader.read_event().expect("well-formed") {
                quick_xml::events::Event::Start(start) | quick_xml::events::Event::Empty(start) => {
                    names.insert(start.name().as_ref().to_string());
                }
                quick_xml::events::Event::Eof => break,
                _ => {}
            }
        }
        let names: Vec<String> = names.into_iter().collect();
        assert_eq!(names, ["path", "rect", "svg", "text", "title"]);
    }
}
