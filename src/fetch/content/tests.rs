use super::*;

const PAGE: &str = "<!DOCTYPE html><html><body><p>Models</p></body></html>";
const SHELL: &str = "<!doctype html><html><head><script src=/app.js></script></head><body id=root>";
const SIGN_IN_PAGE: &str =
    "<html><form>User <input name=u> <input type=\"password\" name=p></form></html>";
const CHALLENGE: &str =
    "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body></body></html>";
const PROTECTED: &str = "<html><script>a.src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'</script><p>Sign in</html>";
const FEED: &str = "<?xml version=\"1.0\"?><rss version=\"2.0\"></rss>";
const XHTML: &str = "<?xml version=\"1.0\"?><!-- x --> <!DOCTYPE html PUBLIC><html></html>";
const JSON: &str = " {\"data\": []}";
const MARKDOWN: &str = "# Models\n";
const LINKS: &str = "[a](b) is a link\n";

fn word(expects: Expects, content_type: &str, body: &str) -> &'static str {
    let content_type = (!content_type.is_empty()).then_some(content_type);
    match check(expects, content_type, body.as_bytes()) {
        Ok(()) => "ok",
        Err(failure) => failure.word(),
    }
}

#[test]
fn labels_are_taken_loosely_and_kinds_strictly() {
    use Expects::{Any, Html, Json, Markdown, Text, Xml};
    let cases = [
        (Json, "application/json; charset=utf-8", JSON, "ok"),
        (Json, "application/vnd.api+json", JSON, "ok"),
        (Json, "text/plain; charset=utf-8", JSON, "ok"),
        (Json, "application/octet-stream", JSON, "ok"),
        (Json, "", JSON, "ok"),
        (Json, "text/html", JSON, "ok"),
        (Json, "application/json", "\u{feff}[]", "ok"),
        (Json, "application/json", "", "ok"),
        (Json, "text/html", PAGE, "wrong_type"),
        (Json, "application/json", PAGE, "wrong_type"),
        (Json, "text/plain", SHELL, "wrong_type"),
        (Json, "", SHELL, "wrong_type"),
        (Json, "text/html", "", "wrong_type"),
        (Json, "application/xml", FEED, "wrong_type"),
        (Json, "text/markdown", MARKDOWN, "wrong_type"),
        (Json, "image/png", "\u{89}PNG", "wrong_type"),
        (Xml, "application/rss+xml", FEED, "ok"),
        (Xml, "text/html", FEED, "ok"),
        (Xml, "text/plain", "<feed xmlns='x'>", "ok"),
        (Xml, "application/xml", XHTML, "wrong_type"),
        (Xml, "text/html", PAGE, "wrong_type"),
        (Xml, "application/json", JSON, "wrong_type"),
        (Markdown, "text/markdown", MARKDOWN, "ok"),
        (Markdown, "text/plain", LINKS, "ok"),
        (Markdown, "application/octet-stream", MARKDOWN, "ok"),
        (Markdown, "", "<p align=center>Logo</p>\n# Models", "ok"),
        (Markdown, "text/plain", SHELL, "wrong_type"),
        (Markdown, "text/html; charset=utf-8", PAGE, "wrong_type"),
        (Markdown, "application/json", JSON, "wrong_type"),
        (Text, "text/plain", "words", "ok"),
        (Text, "text/html", PAGE, "wrong_type"),
        (Html, "text/html", PAGE, "ok"),
        (Html, "application/xhtml+xml", XHTML, "ok"),
        (Html, "", "<p>fragment", "ok"),
        (Html, "application/json", JSON, "wrong_type"),
        (Html, "text/html", JSON, "wrong_type"),
        (Html, "application/rss+xml", FEED, "wrong_type"),
        (Html, "application/pdf", "%PDF-1.7", "wrong_type"),
        (Any, "text/html", SIGN_IN_PAGE, "ok"),
    ];
    for (expects, content_type, body, expected) in cases {
        assert_eq!(
            word(expects, content_type, body),
            expected,
            "{expects:?} {content_type:?} {body}"
        );
    }
}

#[test]
fn walls_are_known_where_data_or_a_page_was_expected() {
    use Expects::{Html, Json, Markdown, Xml};
    for expects in [Json, Markdown, Xml, Html] {
        for wall in [SIGN_IN_PAGE, CHALLENGE] {
            assert_eq!(
                word(expects, "text/html", wall),
                "login_wall",
                "{expects:?} {wall}"
            );
        }
    }
    assert_eq!(word(Json, "text/html", PROTECTED), "login_wall");
    assert_eq!(
        word(Json, "application/json", "<html>Please log in</html>"),
        "login_wall"
    );
}

#[test]
fn content_is_no_wall_for_what_stands_beside_it() {
    let tables = format!(
        "{SIGN_IN_PAGE}{}",
        "<table></table>".repeat(TABLES_OF_CONTENT)
    );
    for page in [
        PROTECTED,
        tables.as_str(),
        "<html><a href=/login>Log in</a> captcha docs</html>",
    ] {
        assert_eq!(word(Expects::Html, "text/html", page), "ok", "{page}");
    }
}

#[test]
fn the_failure_says_what_came() {
    let long = format!("application/{}", "x".repeat(300));
    let cases = [
        ("text/html", PAGE, "expected JSON, found an HTML page"),
        (
            "text/csv; header=present",
            "a,b",
            "expected JSON, found text/csv",
        ),
        (
            long.as_str(),
            "a",
            &format!("expected JSON, found application/{}", "x".repeat(68)),
        ),
    ];
    for (content_type, body, expected) in cases {
        let failure = check(Expects::Json, Some(content_type), body.as_bytes()).unwrap_err();
        assert_eq!(failure.to_string(), expected);
    }
}

#[test]
fn an_unending_comment_is_not_searched_twice() {
    let body = "<!--".repeat(200_000);
    assert_eq!(word(Expects::Markdown, "text/plain", &body), "ok");
}
