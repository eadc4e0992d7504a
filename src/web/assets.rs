//! The style sheet and the script, under names that change with their content: they may be kept for ever.

use std::sync::OnceLock;

use axum::body::Body;
use axum::http::Response;
use axum::http::header::{self, HeaderMap, HeaderValue};

use super::answer::Answer;
use crate::render::chart;

/// One file of the dashboard.
pub(super) struct Asset {
    /// `/assets/0123456789abcdef/bellwether.css`.
    pub path: String,
    answer: Answer,
}

const CSS: &str = include_str!("assets/bellwether.css");
const MARKET: &str = include_str!("assets/market.css");
const SCRIPT: &str = include_str!("assets/bellwether.js");
const ICON: &str = include_str!("assets/icon.svg");

fn all() -> &'static [Asset; 3] {
    static ALL: OnceLock<[Asset; 3]> = OnceLock::new();
    ALL.get_or_init(|| {
        let style = format!("{}\n{CSS}\n{MARKET}", chart::css());
        [
            asset("bellwether.css", "text/css; charset=utf-8", style),
            asset(
                "bellwether.js",
                "text/javascript; charset=utf-8",
                SCRIPT.to_string(),
            ),
            asset("icon.svg", "image/svg+xml", ICON.to_string()),
        ]
    })
}

fn asset(name: &str, content_type: &'static str, content: String) -> Asset {
    let hash = blake3::hash(content.as_bytes()).to_hex();
    Asset {
        path: format!("/assets/{}/{name}", &hash[..16]),
        answer: Answer::new(content_type, content),
    }
}

/// The style sheet.
pub(super) fn style() -> &'static str {
    let [style, _, _] = all();
    &style.path
}

/// The script.
pub(super) fn script() -> &'static str {
    let [_, script, _] = all();
    &script.path
}

/// The icon.
pub(super) fn icon() -> &'static str {
    let [_, _, icon] = all();
    &icon.path
}

/// The file of a path.
pub(super) fn response(path: &str, asked: &HeaderMap) -> Option<Response<Body>> {
    let asset = all().iter().find(|asset| asset.path == path)?;
    let mut response = asset.answer.to_response(asked);
    response.headers_mut().insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    Some(response)
}
