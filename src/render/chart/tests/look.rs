//! A page with all charts, for eyes: `BELLWETHER_LOOK=folder cargo test charts_for_eyes`.

use std::fmt::Write as _;

use super::samples::{AMOUNTS, all};
use crate::render::chart::{Size, Theme, css};

#[test]
fn charts_for_eyes() {
    let Some(folder) = std::env::var_os("BELLWETHER_LOOK") else {
        eprintln!("BELLWETHER_LOOK is not set: no page is written");
        return;
    };
    let folder = std::path::Path::new(&folder);
    std::fs::create_dir_all(folder).expect("a folder");
    for width in [Size::NARROW, Size::MAIL, 1_200] {
        for amount in AMOUNTS {
            let mut page = format!(
                "<!doctype html><meta charset=utf-8><meta name=color-scheme content='light dark'><style>{}\
                 body{{display:flex;flex-wrap:wrap;gap:10px;align-items:flex-start;background:var(--chart-paper);margin:8px}}svg{{display:block;margin:0 0 14px;outline:1px dotted #8886}}</style>",
                css()
            );
            for (kind, chart) in all(amount) {
                let size = chart.fitting(width);
                page.push_str(&chart.to_svg(size).expect("a chart"));
                for (theme, name) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
                    let png = chart.to_png(size, theme).expect("a picture");
                    let file = format!("{kind}-{amount:?}-{width}-{name}.png").to_lowercase();
                    std::fs::write(folder.join(file), png).expect("written");
                }
                let _ = write!(page, "<!-- {} -->", chart.in_words());
            }
            let file = format!("page-{amount:?}-{width}.html").to_lowercase();
            std::fs::write(folder.join(file), page).expect("written");
        }
    }
}
