//! When two native ids are spellings of one.

/// The form in which spellings of one native id are equal: lower case, one separator, `%2F` decoded.
/// Routing prefixes, date stamps and versions stay: they make another offering.
pub fn normal_form(native_id: &str) -> String {
    let mut form = String::with_capacity(native_id.len());
    let decoded = native_id.replace("%2F", "/").replace("%2f", "/");
    for c in decoded.trim().chars() {
        let c = c.to_ascii_lowercase();
        if c.is_alphanumeric() {
            form.push(c);
        } else if !form.ends_with('-') {
            form.push('-');
        }
    }
    form.trim_matches('-').to_string()
}

/// The form in which the keys of one model at one provider are equal: the normal form without Bedrock's routing prefix
/// (`us.`, `eu.`, `global.` …; facts: aws-bedrock.md §11). Twins share a group, never a history.
pub fn twin_form(native_id: &str) -> String {
    const ROUTING: [&str; 9] = [
        "us", "eu", "apac", "jp", "au", "in", "ca", "us-gov", "global",
    ];
    match native_id.split_once('.') {
        Some((prefix, rest)) if ROUTING.contains(&prefix) && rest.contains('.') => {
            normal_form(rest)
        }
        _ => normal_form(native_id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_id_have_one_form() {
        assert_eq!(
            normal_form("Llama-3.3-70B_Instruct"),
            normal_form("llama-3-3-70b-instruct")
        );
        assert_eq!(normal_form("meta%2Fllama 3"), normal_form("meta/llama-3"));
        assert_ne!(
            normal_form("us.anthropic.claude"),
            normal_form("anthropic.claude")
        );
        assert_ne!(
            normal_form("gpt-4o-2024-05-13"),
            normal_form("gpt-4o-2024-08-06")
        );
    }

    #[test]
    fn twins_differ_only_in_routing() {
        assert_eq!(
            twin_form("us.anthropic.claude-v1:0"),
            twin_form("global.anthropic.claude-v1:0")
        );
        assert_eq!(twin_form("gpt-4.1"), "gpt-4-1");
        assert_ne!(twin_form("us.x"), twin_form("x"));
    }
}
