//! The hosts of the shipped probes, in a process of their own: registries of the live size that change, recorded pages
//! where there are some, and 404 for everything else.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use crate::bodies::{price_map, registry, registry_as_it_is};
use crate::pages;

/// The server's process; it ends when dropped.
pub struct Child {
    process: std::process::Child,
    /// Its address.
    pub url: String,
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Child {
    /// Starts it and waits until it listens.
    pub fn start() -> Self {
        let own = std::env::current_exe().expect("this program");
        let mut process = std::process::Command::new(own)
            .arg("serve")
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let mut url = String::new();
        let out = process.stdout.take().expect("its output");
        BufReader::new(out)
            .read_line(&mut url)
            .expect("its address");
        let url = url.trim().to_string();
        Self { process, url }
    }
}

/// Recorded pages (below the folder that BELLWETHER_SHARED names), by what the address ends with.
const PAGES: [(&str, &str); 8] = [
    (
        "model-deprecations.md",
        "corpus/single/provider-pages-md-2026-08/anthropic--deprecations.md",
    ),
    (
        "about-claude/pricing.md",
        "corpus/seq/anthropic-pricing-md/JokerRun/2026-04-25.md",
    ),
    (
        "docs/deprecations.md",
        "corpus/single/provider-pages-md-2026-08/openai--deprecations.md",
    ),
    (
        "api/docs/pricing.md",
        "corpus/seq/openai-pricing-md/piercecohen1/2026-04-03.md",
    ),
    (
        "status.claude.com/api/v2/summary.json",
        "corpus/seq/statuspage-summary/anthropic/2026-09-22T005726Z.json",
    ),
    (
        "status.openai.com/api/v2/summary.json",
        "corpus/seq/statuspage-summary/openai/2026-07-09T192556Z.json",
    ),
    (
        "model-lifecycle-legacy.md",
        "corpus/single/provider-pages-md-2026-08/bedrock--model-lifecycle.md",
    ),
    (
        "concepts-model-retirement-schedule-content.md",
        "corpus/seq/azure-model-retirements-md/2026-04_01850fbb.md",
    ),
];

/// Listens, says where, and answers for ever.
pub fn serve() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    println!(
        "http://127.0.0.1:{}",
        listener.local_addr().expect("an address").port()
    );
    let asked: Arc<Mutex<HashMap<String, u64>>> = Arc::default();
    let same = Arc::new(registry(0));
    for stream in listener.incoming().flatten() {
        let (asked, same) = (Arc::clone(&asked), Arc::clone(&same));
        std::thread::spawn(move || {
            // whoever asked may have gone
            let _ = answer(stream, &asked, &same);
        });
    }
}

fn answer(
    stream: TcpStream,
    asked: &Mutex<HashMap<String, u64>>,
    same: &[u8],
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut writer = stream.try_clone()?;
    let mut lines = BufReader::new(stream).lines();
    while let Some(request) = lines.next().transpose()? {
        let mut knows = false;
        for header in lines.by_ref() {
            let header = header?;
            knows |= header.to_ascii_lowercase().starts_with("if-none-match:");
            if header.is_empty() {
                break;
            }
        }
        let path = request.split(' ').nth(1).unwrap_or("/").to_string();
        let version = {
            let mut asked = asked.lock().expect("nobody panics here");
            let times = asked.entry(path.clone()).or_default();
            *times += 1;
            *times
        };
        if path.ends_with("/unmodified") && knows {
            writer.write_all(b"HTTP/1.1 304 Not Modified\r\netag: \"1\"\r\n\r\n")?;
            continue;
        }
        let body = if path.ends_with("/page/changed") {
            Some(pages::page(version))
        } else if path.contains("/page/") {
            Some(pages::page(0))
        } else if path.ends_with("/same") {
            Some(same.to_vec())
        } else if path.ends_with("models.dev/api.json") {
            Some(registry_as_it_is(version))
        } else if path.ends_with("model_prices_and_context_window.json") {
            Some(price_map(version))
        } else {
            page(&path)
        };
        let (status, body) = body.map_or((404, Vec::new()), |body| (200, body));
        let kind = if path.ends_with("/unmodified") {
            "text/html; charset=utf-8\r\netag: \"1\""
        } else if path.contains("/page/") {
            "text/html; charset=utf-8"
        } else if path.ends_with(".md") {
            "text/markdown"
        } else {
            "application/json"
        };
        let head = format!(
            "HTTP/1.1 {status} Said\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        writer.write_all(head.as_bytes())?;
        writer.write_all(&body)?;
    }
    Ok(())
}

fn page(path: &str) -> Option<Vec<u8>> {
    let shared = std::env::var_os("BELLWETHER_SHARED").map(PathBuf::from)?;
    let (_, file) = PAGES.iter().find(|(end, _)| path.ends_with(end))?;
    std::fs::read(shared.join(file)).ok()
}
