//! How scenarios spell subjects, claims and changes: `openai gpt-4o@eu#batch: stage=ga price.input=2.5 date.retires=~2026-10-01`.

use crate::market::{Attribute, Certainty, Claim, Subject, SubjectKind, Value};

/// `[kind:]provider native-id[@region][#deployment]`.
pub fn subject(text: &str) -> Subject {
    let (head, native) = text
        .trim()
        .split_once(' ')
        .unwrap_or_else(|| panic!("no native id in '{text}'"));
    let (kind, provider) = head.split_once(':').unwrap_or(("offering", head));
    let kind = SubjectKind::from_word(kind).unwrap_or_else(|| panic!("no kind in '{text}'"));
    let (native, deployment) = split(native, '#');
    let (native, region) = split(native, '@');
    let mut subject = Subject::of_kind(kind, provider, native);
    subject.deployment = deployment.map(Into::into);
    if let Some(region) = region {
        subject.region = region.into();
    }
    subject
}

fn split(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at)
        .map_or((text, None), |(head, tail)| (head, Some(tail)))
}

/// The reverse of [`subject`].
pub fn spelled(subject: &Subject) -> String {
    let mut text = match subject.kind {
        SubjectKind::Offering => String::new(),
        kind => format!("{}:", kind.word()),
    };
    text.push_str(&format!("{} {}", subject.provider, subject.native_id));
    if subject.region.is_stated() {
        text.push_str(&format!("@{}", subject.region));
    }
    if let Some(deployment) = &subject.deployment {
        text.push_str(&format!("#{deployment}"));
    }
    text
}

/// A subject and its claims; `m{1..3}` stands for three lines.
pub fn lines(text: &str) -> Vec<(Subject, Vec<Claim>)> {
    let Some((head, rest)) = text.split_once('{') else {
        return vec![line(text)];
    };
    let (range, tail) = rest.split_once('}').expect("a closing brace");
    let (first, last) = range.split_once("..").expect("a range");
    let (first, last): (u32, u32) = (first.parse().expect(range), last.parse().expect(range));
    (first..=last)
        .map(|number| line(&format!("{head}{number}{tail}")))
        .collect()
}

fn line(text: &str) -> (Subject, Vec<Claim>) {
    let (head, claims) = match text.split_once(": ") {
        Some((head, claims)) => (head, claims),
        None => (text.trim_end_matches(':'), ""),
    };
    let mut claims: Vec<Claim> = claims.split_whitespace().map(claim).collect();
    claims.sort_by(|a, b| a.attribute.cmp(&b.attribute));
    (subject(head), claims)
}

fn claim(text: &str) -> Claim {
    let (attribute, raw) = text
        .split_once('=')
        .unwrap_or_else(|| panic!("no value in '{text}'"));
    let attribute: Attribute = attribute.parse().expect(text);
    let value = value(&attribute, raw);
    Claim::new(attribute, value, raw)
}

/// A value as scenarios spell it: `~` before a date is a floor, `+` stands between the members of a set.
pub fn value(attribute: &Attribute, text: &str) -> Value {
    let json = match attribute {
        Attribute::Date(_) => {
            let (date, certainty) = match text.strip_prefix('~') {
                Some(date) => (date, Certainty::NotBefore),
                None => (text, Certainty::Firm),
            };
            serde_json::json!({ "date": date, "certainty": certainty.word() })
        }
        Attribute::Limit(_) | Attribute::Capability(_) => {
            serde_json::from_str(text).expect("a number or a flag")
        }
        Attribute::Modality(_) => serde_json::json!(text.split('+').collect::<Vec<_>>()),
        _ => serde_json::json!(text),
    };
    Value::from_json(attribute, &json).unwrap_or_else(|| panic!("'{text}' is no {attribute}"))
}

/// The reverse of [`value`].
pub fn told(value: Option<&Value>) -> String {
    match value {
        None => "null".to_string(),
        Some(Value::Date(date)) if date.certainty == Certainty::NotBefore => {
            format!("~{}", date.text())
        }
        Some(Value::Date(date)) => date.text(),
        Some(Value::Price(price)) => price.amount.to_string(),
        Some(Value::Set(members)) => members.join("+"),
        Some(Value::Flag(flag)) => flag.to_string(),
        Some(value) => value.to_string(),
    }
}
