//! Where pages lead to each other. Names are foreign text: whatever could part a path is encoded.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a part of a path holds as it is (RFC 3986, unreserved).
const PART: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The page of a model, `lab/name`.
pub(super) fn model(model: &str) -> String {
    let (lab, name) = model.split_once('/').unwrap_or(("", model));
    format!("/models/{}/{}", part(lab), part(name))
}

/// The page of a provider.
pub(super) fn provider(provider: &str) -> String {
    format!("/providers/{}", part(provider))
}

/// The page of a change.
pub(super) fn change(id: &str) -> String {
    format!("/changes/{}", part(id))
}

/// The page of a probe or an endpoint.
pub(super) fn probe(id: &str) -> String {
    format!("/probes/{}", part(id))
}

/// The page of an archived report.
pub(super) fn report(period: &str) -> String {
    format!("/reports/{}", part(period))
}

fn part(text: &str) -> String {
    utf8_percent_encode(text, PART).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_names_part_no_path() {
        for (name, expected) in [
            (
                "anthropic/claude-sonnet-4.5",
                "/models/anthropic/claude-sonnet-4.5",
            ),
            ("lab/a b?c#d/e", "/models/lab/a%20b%3Fc%23d%2Fe"),
            ("lab/\"><script>", "/models/lab/%22%3E%3Cscript%3E"),
        ] {
            assert_eq!(model(name), expected);
        }
    }
}
