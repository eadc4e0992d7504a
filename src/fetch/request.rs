//! What is asked.

use std::fmt;
use std::str::Utf8Error;

use hyper::header::HeaderName;
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::auth::Auth;
use crate::config::Deadlines;
use crate::market::BodyHash;

/// What stands in the place of a secret wherever a request is shown.
pub(super) const HIDDEN: &str = "••••";

/// One request, before redirects and rewriting.
#[derive(Clone)]
pub struct Request {
    /// The URL of the original, as the probe declares it.
    pub url: Url,
    /// The HTTP method.
    pub method: Method,
    /// Further headers, in the order given. A header whose name sounds like a credential is treated as one.
    pub headers: Vec<(String, String)>,
    /// The credential.
    pub auth: Auth,
    /// The body of the request.
    pub body: Option<Vec<u8>>,
    /// What the answer is for.
    pub purpose: Purpose,
    /// Secrets in the body: they are hidden where a host quotes them.
    pub secrets: Vec<SecretString>,
    /// What kind of content the reader can read.
    pub expects: Expects,
    /// What the host said of the last body; makes the request conditional.
    pub validators: Option<Validators>,
    /// The last body of this URL that was read well: the same one is no page that stands in the way.
    pub known: Option<BodyHash>,
    /// The longest decoded body in bytes, in place of the configured limit.
    pub max_body: Option<u64>,
    /// How long each phase may take, in place of what is configured.
    pub deadlines: Option<Deadlines>,
    /// From how many bytes on a decoded body is packed while it comes: only for a reader that can read it so.
    pub pack_above: Option<u64>,
    /// The header of the answer that holds the token of the next page, where a header does.
    pub page_header: Option<HeaderName>,
}

/// What an answer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To be read.
    Content,
    /// A token, or temporary keys, in exchange for a credential.
    Token,
    /// The same, in exchange for a statement that we have signed and dated ourselves.
    TokenForStatement,
}

/// The HTTP method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Asks for a resource.
    Get,
    /// Sends a query or asks for a token.
    Post,
    /// Begins a session with the metadata service of a machine.
    Put,
}

/// What kind of content a reader can read. Hosts label their content carelessly, so that each kind accepts every
/// usual label; what none accepts is a page where data was expected, or data where a page was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expects {
    /// JSON.
    Json,
    /// A page.
    Html,
    /// Markdown, which is often served as plain text.
    Markdown,
    /// A feed or another XML document.
    Xml,
    /// Plain text.
    Text,
    /// Whatever comes.
    Any,
}

/// What a host says to recognise a body by, for conditional requests (RFC 9110, section 8.8).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// The `ETag` header, verbatim.
    pub etag: Option<String>,
    /// The `Last-Modified` header, verbatim.
    pub last_modified: Option<String>,
}

impl Method {
    /// The method as it is sent.
    pub fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

impl Expects {
    /// The printed word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Html => "HTML",
            Self::Markdown => "Markdown",
            Self::Xml => "XML",
            Self::Text => "text",
            Self::Any => "anything",
        }
    }

    /// The `Accept` header of a request that sets none. Each ends in anything, since some hosts answer 406 otherwise.
    pub(super) fn accept(self) -> &'static str {
        match self {
            Self::Json => "application/json, */*;q=0.5",
            Self::Html => "text/html, application/xhtml+xml;q=0.9, */*;q=0.5",
            Self::Markdown => "text/markdown, text/plain;q=0.9, */*;q=0.5",
            Self::Xml => {
                "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
            }
            Self::Text => "text/plain, */*;q=0.5",
            Self::Any => "*/*",
        }
    }
}

impl Request {
    /// A keyless request for a resource, whatever it is.
    pub fn get(url: Url) -> Self {
        Self {
            url,
            method: Method::Get,
            headers: Vec::new(),
            auth: Auth::None,
            body: None,
            purpose: Purpose::Content,
            secrets: Vec::new(),
            expects: Expects::Any,
            validators: None,
            known: None,
            max_body: None,
            deadlines: None,
            pack_above: None,
            page_header: None,
        }
    }

    /// The request as people may see it, one line for each part, with every secret hidden.
    pub fn describe(&self) -> Vec<String> {
        let mut lines = vec![format!("{} {}", self.method.word(), shown(&self.url))];
        for (name, value) in &self.headers {
            let value = if is_credential(name) { HIDDEN } else { value };
            lines.push(format!("{name}: {value}"));
        }
        lines.extend(self.auth.describe());
        if let Some(validators) = &self.validators {
            let pairs = [
                ("if-none-match", &validators.etag),
                ("if-modified-since", &validators.last_modified),
            ];
            for (name, value) in pairs {
                lines.extend(value.iter().map(|value| format!("{name}: {value}")));
            }
        }
        if let Some(body) = &self.body {
            lines.push(format!("({} bytes)", body.len()));
        }
        lines
    }

    /// Whether the request carries anything that must not reach another host.
    pub(super) fn is_keyed(&self) -> bool {
        !matches!(self.auth, Auth::None)
            || self.purpose != Purpose::Content
            || !self.url.username().is_empty()
            || self.url.password().is_some()
            || self.headers.iter().any(|(name, _)| is_credential(name))
    }

    /// A text from outside with every secret of this request hidden: hosts quote the key that they refuse.
    pub(super) fn hide_secrets(&self, text: &str) -> String {
        let mut secrets: Vec<&str> = self
            .headers
            .iter()
            .filter(|(name, _)| is_credential(name))
            .flat_map(|(_, value)| [value.as_str(), value.rsplit(' ').next().unwrap_or_default()])
            .collect();
        secrets.extend(self.auth.secrets());
        secrets.extend(self.secrets.iter().map(ExposeSecret::expose_secret));
        secrets.extend(self.url.password());
        secrets.retain(|secret| secret.len() >= 4);
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets
            .into_iter()
            .fold(text.to_owned(), |text, secret| text.replace(secret, HIDDEN))
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.describe()).finish()
    }
}

/// Whether a header or query parameter of this name is taken for a credential.
pub(super) fn is_credential(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [
        "auth",
        "key",
        "token",
        "secret",
        "cookie",
        "sig",
        "credential",
        "session",
        "password",
        "passwd",
        "jwt",
    ]
    .iter()
    .any(|part| name.contains(part))
}

/// The URL without user, password and fragment, and with the values of parameters that sound like credentials hidden.
fn shown(url: &Url) -> String {
    let mut out = without_userinfo(url);
    out.set_fragment(None);
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    if !pairs.iter().any(|(name, _)| is_credential(name)) {
        return out.into();
    }
    out.set_query(None);
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| {
            let encode = |text: &str| -> String {
                url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
            };
            match is_credential(name) {
                true => format!("{}={HIDDEN}", encode(name)),
                false => format!("{}={}", encode(name), encode(value)),
            }
        })
        .collect();
    format!("{out}?{}", pairs.join("&"))
}

/// The URL without user and password.
pub(super) fn without_userinfo(url: &Url) -> Url {
    let mut out = url.clone();
    // Both fail only for URLs that cannot have them, which is what is wanted.
    let _ = out.set_username("");
    let _ = out.set_password(None);
    out
}

/// User and password of a URL, decoded. An error where that is no text: who is known by it must not be asked without.
pub(super) fn userinfo(url: &Url) -> Result<Option<(String, SecretString)>, Utf8Error> {
    if url.username().is_empty() && url.password().is_none() {
        return Ok(None);
    }
    let decoded = |text| percent_decode_str(text).decode_utf8();
    let user = decoded(url.username())?.into_owned();
    let password = decoded(url.password().unwrap_or_default())?.into_owned();
    Ok(Some((user, password.into())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyed() -> Request {
        Request {
            headers: vec![
                ("anthropic-version".into(), "2023-06-01".into()),
                ("X-Api-Key".into(), "sk-header".into()),
                ("Cookie".into(), "session=sk-cookie".into()),
            ],
            auth: Auth::Bearer("sk-bearer".to_owned().into()),
            body: Some(b"sk-body".to_vec()),
            validators: Some(Validators {
                etag: Some("\"v1\"".into()),
                last_modified: None,
            }),
            ..Request::get(
                Url::parse("https://sk-user:sk-word@api.example/v1?page=2&key=sk-query#f").unwrap(),
            )
        }
    }

    #[test]
    fn a_description_hides_every_secret() {
        assert_eq!(
            keyed().describe(),
            [
                "GET https://api.example/v1?page=2&key=••••",
                "anthropic-version: 2023-06-01",
                "X-Api-Key: ••••",
                "Cookie: ••••",
                "authorization: Bearer ••••",
                "if-none-match: \"v1\"",
                "(7 bytes)",
            ]
        );
        let shown = format!("{:?}", keyed());
        assert!(!shown.contains("sk-"), "{shown}");
    }

    #[test]
    fn quoted_secrets_are_hidden() {
        let said = "bad key sk-bearer, header sk-header, cookie session=sk-cookie, word sk-word";
        assert_eq!(
            keyed().hide_secrets(said),
            "bad key ••••, header ••••, cookie ••••, word ••••"
        );
    }

    #[test]
    fn what_carries_a_credential_is_keyed() {
        let get = |url: &str| Request::get(Url::parse(url).unwrap());
        let with = |name: &str| Request {
            headers: vec![(name.into(), "x".into())],
            ..get("https://a.example/")
        };
        let cases = [
            (get("https://a.example/?page=2"), false),
            (with("anthropic-version"), false),
            (with("accept-language"), false),
            (with("api-key"), true),
            (with("X-Goog-Api-Key"), true),
            (with("Authorization"), true),
            (with("cookie"), true),
            (get("https://me:word@a.example/"), true),
            (keyed(), true),
        ];
        for (request, is) in cases {
            assert_eq!(request.is_keyed(), is, "{request:?}");
        }
    }
}
