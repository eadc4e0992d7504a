//! `[probe.request.paging]`: how an answer says that there are more pages.

use super::json::path;
use crate::config::tree::Table;
use crate::readers::paging::Paging;

/// Reads `kind` (`cursor`, `token`, `header` or `link`) and its keys: a token, or what a `header` holds, goes into a query
/// `parameter`, or a token into a `field` of the body. `None` if something was wrong, which the table has then reported.
pub fn paging(table: &Table<'_>) -> Option<Paging> {
    const KINDS: &str = "cursor, token, header or link";
    let kind = table.required_text("kind", KINDS)?;
    match kind.as_str() {
        "cursor" => {
            let has_more = path(table, "has_more");
            let cursor = path(table, "cursor");
            let parameter = parameter(table);
            Some(Paging::Cursor {
                has_more: has_more?,
                cursor: cursor?,
                parameter: parameter?,
            })
        }
        "token" => {
            let token = path(table, "token");
            match table.text("field") {
                Some(field) => Some(Paging::BodyToken {
                    token: token?,
                    field,
                }),
                None => {
                    let parameter = parameter(table);
                    Some(Paging::Token {
                        token: token?,
                        parameter: parameter?,
                    })
                }
            }
        }
        "header" => {
            let header = header(table);
            let parameter = parameter(table);
            Some(Paging::Header {
                header: header?,
                parameter: parameter?,
            })
        }
        "link" => path(table, "link").map(|link| Paging::Link { link }),
        other => {
            table.problem("kind", KINDS, format!("'{other}'"));
            None
        }
    }
}

fn parameter(table: &Table<'_>) -> Option<String> {
    table.required_text("parameter", "the query parameter for the next page")
}

fn header(table: &Table<'_>) -> Option<String> {
    const HEADER: &str = "the header of the answer that holds the token, such as opc-next-page";
    let name = table.required_text("header", HEADER)?.to_ascii_lowercase();
    let is_sound = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    if !name.chars().all(is_sound) {
        table.problem("header", HEADER, format!("'{name}'"));
        return None;
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tree::walk;

    fn read(text: &str) -> Result<Paging, String> {
        walk("probe.toml", text, paging).map_err(|problems| problems.to_string())
    }

    #[test]
    fn every_kind_is_read() {
        for text in [
            "kind = 'cursor'\nhas_more = 'has_more'\ncursor = 'last_id'\nparameter = 'after_id'",
            "kind = 'token'\ntoken = 'nextToken'\nparameter = 'nextToken'",
            "kind = 'token'\ntoken = 'continuationToken'\nfield = 'continuationToken'",
            "kind = 'header'\nheader = 'opc-next-page'\nparameter = 'page'",
            "kind = 'link'\nlink = 'nextLink'",
        ] {
            assert_eq!(read(text).err(), None, "{text}");
        }
    }

    #[test]
    fn every_problem_is_reported() {
        insta::assert_snapshot!(read("kind = 'cursor'\ncursor = 'a..b'\ntoken = 'x'").expect_err("wrong"), @"
        probe.toml:1: has_more: expected a path such as data[].id, found nothing
        probe.toml:1: parameter: expected the query parameter for the next page, found nothing
        probe.toml:2: cursor: expected a path such as data[].id, found 'a..b' (a path is fields joined by dots, [] for every element, {} for every value, @key, or @ for the value itself: a..b)
        probe.toml:3: token: expected one of cursor, has_more, kind, parameter, found the unknown key 'token'
        ");
        insta::assert_snapshot!(read("kind = 'pages'").expect_err("wrong"), @"probe.toml:1: kind: expected cursor, token, header or link, found 'pages'");
    }
}
