//! Prefixes of URLs that are asked elsewhere, and the way back.

use url::Url;

use super::Error;
use crate::config;

/// The prefix map, longest prefix first, and where the rest is asked.
#[derive(Debug, Clone)]
pub(super) struct Rewrites {
    rules: Vec<Rule>,
    elsewhere: Option<String>,
}

/// One prefix, both sides normalised and without a trailing slash.
#[derive(Debug, Clone)]
struct Rule {
    from: String,
    to: String,
}

/// One step of a fetch: the URL of the original, which is what everybody else sees, and the URL that is really asked.
#[derive(Debug)]
pub(super) struct Hop<'a> {
    pub original: Url,
    pub target: Url,
    rule: Option<&'a Rule>,
    is_elsewhere: bool,
}

impl Rewrites {
    pub fn new(configured: &[config::Rewrite], elsewhere: Option<&Url>) -> Result<Self, Error> {
        let mut rules = configured
            .iter()
            .map(|line| {
                Ok(Rule {
                    from: prefix(&line.from)?,
                    to: prefix(&line.to)?,
                })
            })
            .collect::<Result<Vec<_>, Error>>()?;
        rules.sort_by_key(|rule| std::cmp::Reverse(rule.from.len()));
        let elsewhere = elsewhere.map(|url| prefix(url.as_str())).transpose()?;
        Ok(Self { rules, elsewhere })
    }

    /// Where the original is really asked.
    pub fn hop(&self, original: Url) -> Hop<'_> {
        let rewritten = self.rules.iter().find_map(|rule| {
            let rest = rest_after(original.as_str(), &rule.from)?;
            Some((rule, Url::parse(&format!("{}{rest}", rule.to)).ok()?))
        });
        match rewritten {
            Some((rule, target)) => Hop {
                original,
                target,
                rule: Some(rule),
                is_elsewhere: false,
            },
            None => {
                let elsewhere = self.elsewhere(&original);
                Hop {
                    is_elsewhere: elsewhere.is_some(),
                    target: elsewhere.unwrap_or_else(|| original.clone()),
                    original,
                    rule: None,
                }
            }
        }
    }

    fn elsewhere(&self, original: &Url) -> Option<Url> {
        let elsewhere = self.elsewhere.as_ref()?;
        let authority = &original[url::Position::BeforeHost..url::Position::AfterPort];
        let rest = &original[url::Position::BeforePath..];
        let address = format!("{elsewhere}/{}/{authority}{rest}", original.scheme());
        Url::parse(&address).ok()
    }
}

impl Hop<'_> {
    /// Whether the target is one that the user configured.
    pub fn is_rewritten(&self) -> bool {
        self.rule.is_some() || self.is_elsewhere
    }

    /// The original that a reference in the answer means. A rewritten host may name itself or speak as the original.
    pub fn resolve(&self, reference: &str) -> Option<Url> {
        let of_original = self.original.join(reference).ok()?;
        let Some(rule) = self.rule else {
            return Some(of_original);
        };
        let of_target = self.target.join(reference).ok()?;
        match rest_after(of_target.as_str(), &rule.to) {
            Some(rest) => Url::parse(&format!("{}{rest}", rule.from)).ok(),
            None => Some(of_original),
        }
    }
}

/// What follows the prefix, if the URL begins with it and it ends at a border.
fn rest_after<'u>(url: &'u str, prefix: &str) -> Option<&'u str> {
    let rest = url.strip_prefix(prefix)?;
    (rest.is_empty() || rest.starts_with(['/', '?', '#'])).then_some(rest)
}

fn prefix(text: &str) -> Result<String, Error> {
    let wrong = || Error::Rewrite {
        prefix: text.chars().take(200).collect(),
    };
    let url = Url::parse(text).map_err(|_| wrong())?;
    let is_plain = matches!(url.scheme(), "http" | "https")
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if !is_plain {
        return Err(wrong());
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewrites(lines: &[(&str, &str)]) -> Result<Rewrites, Error> {
        let lines: Vec<config::Rewrite> = lines
            .iter()
            .map(|(from, to)| config::Rewrite {
                from: (*from).into(),
                to: (*to).into(),
            })
            .collect();
        Rewrites::new(&lines, None)
    }

    fn map() -> Rewrites {
        rewrites(&[
            ("https://api.openai.com", "http://127.0.0.1:9/openai"),
            ("https://api.openai.com/v1/models/", "http://127.0.0.1:8"),
            ("HTTPS://Docs.Example:443/", "https://mirror.example/docs/"),
        ])
        .unwrap()
    }

    #[test]
    fn the_longest_prefix_at_a_border_wins() {
        let cases = [
            ("https://api.openai.com", "http://127.0.0.1:9/openai/"),
            (
                "https://api.openai.com/v1/x?a=b",
                "http://127.0.0.1:9/openai/v1/x?a=b",
            ),
            (
                "https://api.openai.com?a=b",
                "http://127.0.0.1:9/openai/?a=b",
            ),
            ("https://api.openai.com/v1/models", "http://127.0.0.1:8/"),
            (
                "https://api.openai.com/v1/models?x",
                "http://127.0.0.1:8/?x",
            ),
            (
                "https://api.openai.com/v1/models/gpt",
                "http://127.0.0.1:8/gpt",
            ),
            (
                "https://api.openai.com/v1/models-old",
                "http://127.0.0.1:9/openai/v1/models-old",
            ),
            ("https://docs.example/a", "https://mirror.example/docs/a"),
            (
                "https://api.openai.com.evil/v1",
                "https://api.openai.com.evil/v1",
            ),
            (
                "https://api.openai.com:8443/v1",
                "https://api.openai.com:8443/v1",
            ),
            (
                "https://api.openai.com@evil/v1",
                "https://api.openai.com@evil/v1",
            ),
            ("http://api.openai.com/v1", "http://api.openai.com/v1"),
        ];
        let map = map();
        for (original, target) in cases {
            let hop = map.hop(Url::parse(original).unwrap());
            assert_eq!(hop.target.as_str(), target, "{original}");
            assert_eq!(hop.original, Url::parse(original).unwrap());
            assert_eq!(hop.is_rewritten(), hop.target != hop.original);
        }
    }

    #[test]
    fn what_no_prefix_names_is_asked_elsewhere() {
        let line = config::Rewrite {
            from: "https://api.openai.com".to_string(),
            to: "http://127.0.0.1:9/openai".to_string(),
        };
        let elsewhere = Url::parse("http://127.0.0.1:7/").unwrap();
        let map = Rewrites::new(&[line], Some(&elsewhere)).unwrap();
        for (original, target) in [
            ("https://api.openai.com/v1", "http://127.0.0.1:9/openai/v1"),
            (
                "https://docs.example/a?b=c",
                "http://127.0.0.1:7/https/docs.example/a?b=c",
            ),
            (
                "http://169.254.169.254:80/latest",
                "http://127.0.0.1:7/http/169.254.169.254/latest",
            ),
            (
                "https://user:secret@docs.example:8443/",
                "http://127.0.0.1:7/https/docs.example:8443/",
            ),
        ] {
            let hop = map.hop(Url::parse(original).unwrap());
            assert_eq!(hop.target.as_str(), target);
            assert!(hop.is_rewritten(), "{original}");
            let beside = hop.resolve("/x").unwrap();
            assert_eq!(beside.host_str(), hop.original.host_str());
        }
    }

    #[test]
    fn references_lead_back_to_the_original() {
        let cases = [
            (
                "https://api.openai.com/v1/a",
                "b",
                "https://api.openai.com/v1/b",
            ),
            (
                "https://api.openai.com/v1/a",
                "/openai/b",
                "https://api.openai.com/b",
            ),
            (
                "https://api.openai.com/v1/a",
                "/b",
                "https://api.openai.com/b",
            ),
            (
                "https://api.openai.com/v1/a",
                "http://127.0.0.1:9/openai/c",
                "https://api.openai.com/c",
            ),
            (
                "https://api.openai.com/v1/a",
                "http://127.0.0.1:9/other",
                "http://127.0.0.1:9/other",
            ),
            (
                "https://api.openai.com/v1/a",
                "https://api.openai.com/d",
                "https://api.openai.com/d",
            ),
            (
                "https://api.openai.com/v1/a",
                "https://else.example/",
                "https://else.example/",
            ),
            (
                "https://plain.example/x/y",
                "../z",
                "https://plain.example/z",
            ),
        ];
        let map = map();
        for (original, reference, expected) in cases {
            let hop = map.hop(Url::parse(original).unwrap());
            let resolved = hop.resolve(reference).unwrap();
            assert_eq!(resolved.as_str(), expected, "{original} -> {reference}");
        }
    }

    #[test]
    fn a_prefix_is_a_plain_http_url() {
        for wrong in [
            "",
            "api.openai.com",
            "ftp://a/",
            "https://a/?q",
            "https://a/#f",
            "https://u:p@a/",
        ] {
            assert!(
                rewrites(&[(wrong, "http://127.0.0.1:9")]).is_err(),
                "{wrong}"
            );
            assert!(
                rewrites(&[("https://a.example", wrong)]).is_err(),
                "{wrong}"
            );
        }
    }
}
