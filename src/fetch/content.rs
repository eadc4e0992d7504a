//! Whether a success is of the kind that was asked for, or a page that asks to sign in or to prove to be human.

use memchr::memmem;

use super::request::Expects;
use crate::market::{Failure, plain};

/// So much of a body is looked at for signs.
const LOOKED_AT: usize = 512 << 10;

/// A page with so many tables is content, whatever else stands on it.
const TABLES_OF_CONTENT: usize = 5;

/// What the vendors of bot protection put on their interstitials, in lower case.
const CHALLENGES: &[&str] = &[
    "<title>just a moment",
    "_cf_chl_opt",
    "/cdn-cgi/challenge-platform/h/",
    "<title>attention required! | cloudflare",
    "enable javascript and cookies to continue",
    "awswafcookiedomainlist",
    "gokuprops",
    "captcha-delivery.com",
    "px-captcha",
    "_incapsula_resource",
    "verify you are human",
    "checking your browser",
];

/// What else tells a sign-in page where no page at all was expected.
const SIGN_IN: &[&str] = &[
    "sign in",
    "sign-in",
    "signin",
    "log in",
    "login",
    "captcha",
    "challenge-platform",
    "just a moment",
];

/// What a body is, as far as its beginning tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Looks {
    Page,
    Feed,
    Data,
    Unclear,
}

/// Checks a body against what was asked for.
pub(super) fn check(
    expects: Expects,
    content_type: Option<&str>,
    body: &[u8],
) -> Result<(), Failure> {
    let label = label(content_type);
    let looks = looks(body);
    let is_page = match looks {
        Looks::Page => true,
        Looks::Unclear => is_html(&label),
        Looks::Feed | Looks::Data => false,
    };
    let is_data = looks == Looks::Data || (looks == Looks::Unclear && is_json(&label));
    let is_binary = looks == Looks::Unclear && is_binary(&label);
    let is_fit = match expects {
        Expects::Any => true,
        Expects::Html => !is_data && looks != Looks::Feed && !is_binary,
        Expects::Json => {
            !is_page && looks != Looks::Feed && (looks == Looks::Data || is_loose(&label))
        }
        Expects::Xml => {
            !is_page && !is_data && (looks == Looks::Feed || is_loose(&label) || is_xml(&label))
        }
        // A text may well begin with a bracket.
        Expects::Markdown | Expects::Text => {
            !(is_page || is_binary || (looks == Looks::Data && is_json(&label)))
        }
    };
    if let Some(sign) = wall(expects, is_page, body) {
        return Err(Failure::LoginWall {
            detail: sign.to_owned(),
        });
    }
    if is_fit {
        return Ok(());
    }
    Err(Failure::WrongType {
        expected: expects.word().to_owned(),
        found: match looks {
            Looks::Page => "an HTML page".to_owned(),
            Looks::Feed => "XML".to_owned(),
            Looks::Data => "JSON".to_owned(),
            Looks::Unclear => plain(&label, 80),
        },
    })
}

/// The sign by which a page is known to stand in the way.
fn wall(expects: Expects, is_page: bool, body: &[u8]) -> Option<&'static str> {
    if !is_page || expects == Expects::Any {
        return None;
    }
    let beginning = body.get(..LOOKED_AT).unwrap_or(body);
    if expects == Expects::Html && has_tables(beginning) {
        return None;
    }
    let text = beginning.to_ascii_lowercase();
    let has = |sign: &str| memmem::find(&text, sign.as_bytes()).is_some();
    let password = ["type=\"password\"", "type='password'", "type=password"];
    if password.iter().any(|field| has(field)) {
        return Some("a password field");
    }
    let signs = match expects {
        Expects::Html => &[],
        _ => SIGN_IN,
    };
    let mut signs = CHALLENGES.iter().chain(signs);
    signs.find(|sign| has(sign)).copied()
}

/// Whether there are so many tables that the page is content. Most pages tell that early.
fn has_tables(text: &[u8]) -> bool {
    let name = |at: usize| text.get(at + 1..at + 6);
    let tags = memchr::memchr_iter(b'<', text);
    let mut tables =
        tags.filter(|at| name(*at).is_some_and(|name| name.eq_ignore_ascii_case(b"table")));
    tables.nth(TABLES_OF_CONTENT - 1).is_some()
}

/// The type of the content without parameters, in lower case; empty if there is none.
fn label(content_type: Option<&str>) -> String {
    let essence = content_type.unwrap_or_default().split(';').next();
    essence.unwrap_or_default().trim().to_ascii_lowercase()
}

fn is_html(label: &str) -> bool {
    matches!(label, "text/html" | "application/xhtml+xml")
}

fn is_json(label: &str) -> bool {
    label.contains("json")
}

fn is_xml(label: &str) -> bool {
    label.contains("xml") || label.contains("rss")
}

/// Labels that say little: hosts of raw files label JSON and feeds as plain text or not at all.
fn is_loose(label: &str) -> bool {
    is_json(label)
        || matches!(
            label,
            "" | "text/plain" | "application/octet-stream" | "binary/octet-stream"
        )
        || label.contains("javascript")
}

fn is_binary(label: &str) -> bool {
    ["image/", "audio/", "video/", "font/"]
        .iter()
        .any(|kind| label.starts_with(kind))
        || matches!(
            label,
            "application/pdf" | "application/zip" | "application/gzip"
        )
}

/// Looks at the beginning of a body, past byte order mark, blanks, comments and an XML declaration.
fn looks(body: &[u8]) -> Looks {
    let mut rest = body.get(..4096).unwrap_or(body);
    rest = rest.strip_prefix(b"\xef\xbb\xbf").unwrap_or(rest);
    let mut has_declaration = false;
    loop {
        rest = rest.trim_ascii_start();
        rest = if rest.starts_with(b"<!--") {
            after(rest, b"-->")
        } else if rest.starts_with(b"<?") {
            has_declaration = true;
            after(rest, b"?>")
        } else {
            break;
        };
    }
    let begins = |starts: &[&str]| {
        starts.iter().any(|start| {
            rest.get(..start.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(start.as_bytes()))
        })
    };
    if begins(&["<!doctype html", "<html", "<head>", "<head ", "<body"]) {
        Looks::Page
    } else if has_declaration || begins(&["<rss", "<feed", "<rdf:"]) {
        Looks::Feed
    } else if begins(&["{", "["]) {
        Looks::Data
    } else {
        Looks::Unclear
    }
}

/// What follows the end of a comment or declaration; nothing if it does not end.
fn after<'b>(text: &'b [u8], end: &[u8]) -> &'b [u8] {
    let at = text.windows(end.len()).position(|window| window == end);
    at.and_then(|at| text.get(at + end.len()..))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
