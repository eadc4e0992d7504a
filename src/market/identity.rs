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
}
