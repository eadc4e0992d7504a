//! `[probe.sitemap]`: which addresses of a sitemap are announcements.

use super::feed::filled;
use crate::config::tree::Table;
use crate::readers::sitemap::Mapping;

/// Reads `paths` (beginnings such as `/news/`; all addresses without). `None` if something was wrong, which the table has then
/// reported.
pub fn mapping(table: &Table<'_>) -> Option<Mapping> {
    let paths = filled(table, "paths");
    for path in paths.iter().filter(|path| !path.starts_with('/')) {
        table.problem(
            "paths",
            "beginnings of paths such as /news/",
            format!("'{path}'"),
        );
    }
    table.is_sound().then_some(Mapping { paths })
}
