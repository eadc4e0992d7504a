//! How a token for the mail server is given, or asked for: `[mail.smtp.oauth]`.

use url::Url;

use super::mail::{Grant, Token};
use super::secrets::secret;
use super::settings::Outside;
use super::tree::Table;

/// Reads it.
pub(super) fn token(table: &Table<'_>, outside: &Outside<'_>) -> Option<Token> {
    let kept = |key: &'static str| {
        table.table(key).and_then(|inner| {
            let kept = secret(&inner, outside);
            inner.finish();
            kept
        })
    };
    let [token, client_secret, refresh_token] =
        ["token", "client_secret", "refresh_token"].map(kept);
    let (client_id, scope) = (table.text("client_id"), table.text("scope"));
    let url = table.parsed("token_url", "an address of https", |text| {
        let url = Url::parse(text).map_err(|error| error.to_string())?;
        let is_near = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        match url.scheme() == "https" || is_near {
            true => Ok(url),
            false => Err("an address that everybody on the way can read".to_string()),
        }
    });
    match (token, url, client_id) {
        (Some(token), None, None) => Some(Token::Given(token)),
        (None, Some(url), Some(client_id)) => Some(Token::Granted(Box::new(Grant {
            url,
            client_id,
            client_secret,
            refresh_token,
            scope,
        }))),
        _ => {
            let expected =
                "either token, or token_url and client_id with a client_secret or a refresh_token";
            table.problem("token", expected, "otherwise");
            None
        }
    }
}
