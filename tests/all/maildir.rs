//! A real mailbox: a mail server by other hands writes a maildir, and parsers by other hands read it.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde::Deserialize;

/// The server with its maildir; it ends when dropped.
pub struct Maildir {
    folder: PathBuf,
    /// Its port on 127.0.0.1.
    pub port: u16,
    process: Child,
}

/// A message as the other parsers see it.
#[derive(Debug, Deserialize)]
pub struct Letter {
    headers: Vec<(String, String)>,
    /// What the parsers find wrong.
    pub defects: Vec<String>,
    /// The media type of the whole.
    #[serde(rename = "type")]
    pub media_type: String,
    parts: Vec<(String, String)>,
    /// The media types of the whole and of all its parts, from the outside inwards.
    pub structure: Vec<String>,
    /// The content id and media type of what is shown in its place.
    pub inline: Vec<(String, String)>,
    /// How large it is.
    pub bytes: usize,
    /// Every element of the HTML with its attributes.
    pub elements: Vec<(String, Vec<(String, String)>)>,
    /// Every text between them.
    pub texts: Vec<String>,
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/support")
        .join(name)
}

impl Maildir {
    /// `None`, with a sentence, where Python or aiosmtpd is missing; in CI they may not be.
    pub fn start(folder: PathBuf) -> Option<Self> {
        let found = Self::listen(folder, None);
        if found.is_none() {
            let is_required = std::env::var("BELLWETHER_CI").is_ok_and(|value| value == "1");
            assert!(!is_required, "python3 with aiosmtpd is required in CI");
            let sentence = "skipped: python3 with aiosmtpd is not installed, so no mailbox was filled by other hands";
            writeln!(std::io::stderr(), "{sentence}").expect("stderr takes a line");
        }
        found
    }

    fn listen(folder: PathBuf, port: Option<u16>) -> Option<Self> {
        let mut process = Command::new("python3")
            .arg(script("maildir_server.py"))
            .arg(&folder)
            .args(port.map(|port| port.to_string()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("a pipe"))
            .read_line(&mut line)
            .expect("a line");
        let Ok(port) = line.trim().parse() else {
            let status = process.wait().expect("an exit status");
            assert_eq!(status.code(), Some(77), "the server must not die otherwise");
            return None;
        };
        Some(Self {
            folder,
            port,
            process,
        })
    }

    /// The messages by their dates, but for what is said once at the first start.
    pub fn letters(&self) -> Vec<Letter> {
        let output = Command::new("python3")
            .arg(script("maildir_reader.py"))
            .arg(&self.folder)
            .output()
            .expect("python3");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let lines = String::from_utf8(output.stdout).expect("text");
        let letters = lines
            .lines()
            .map(|line| serde_json::from_str::<Letter>(line).expect("a letter"));
        letters
            .filter(|letter| !letter.header("Subject").contains("now watching"))
            .collect()
    }
}

impl Drop for Maildir {
    fn drop(&mut self) {
        // already ended, or ended now: both are fine
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Letter {
    /// The names of its headers, in their order, but for those that the mail server adds.
    pub fn header_names(&self) -> Vec<&str> {
        let names = self.headers.iter().map(|(name, _)| name.as_str());
        names.filter(|name| !name.starts_with("X-")).collect()
    }

    /// The one header of that name; empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        let mut of_name = self
            .headers
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name));
        let value = of_name.next().map_or("", |(_, value)| value);
        assert!(of_name.next().is_none(), "{name} stands there twice");
        value
    }

    /// Whom the mail server was told to give it to.
    pub fn recipients(&self) -> &str {
        self.header("X-RcptTo")
    }

    /// The text of the one part of that type.
    pub fn part(&self, media_type: &str) -> &str {
        let mut of_type = self.parts.iter().filter(|(known, _)| known == media_type);
        let text = of_type.next().map_or("", |(_, text)| text);
        assert!(of_type.next().is_none(), "two parts are {media_type}");
        text
    }
}
