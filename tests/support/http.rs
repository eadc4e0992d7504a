//! A small HTTP server on loopback that answers what it is told, byte by byte if need be.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What one path answers.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status line's code.
    pub status: u16,
    /// Further headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// What `Content-Length` claims, if not the truth.
    pub claimed_length: Option<usize>,
}

impl Answer {
    /// A good answer.
    pub fn ok(content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::with_status(200, content_type, body)
    }

    /// An answer of any status.
    pub fn with_status(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type".to_string(), content_type.to_string())];
        Self {
            status,
            headers,
            body: body.into(),
            claimed_length: None,
        }
    }

    /// With one more header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_string(), value.to_string()));
        self
    }
}

#[derive(Debug, Default)]
struct Told {
    answers: BTreeMap<String, Answer>,
    asked: Vec<String>,
}

/// A running server; it ends when dropped. A path that was told nothing answers 404.
pub struct Server {
    told: Arc<Mutex<Told>>,
    port: u16,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Listens on a free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let told = Arc::new(Mutex::new(Told::default()));
        let shared = Arc::clone(&told);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Self { told, port, task }
    }

    /// The server's address, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What `path` (with its query) answers from now on.
    pub fn tell(&self, path: &str, answer: Answer) {
        self.told
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .answers
            .insert(path.to_string(), answer);
    }

    /// All requests so far: the head of each, and its body.
    pub fn asked(&self) -> Vec<String> {
        self.told
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .asked
            .clone()
    }
}

/// Whether a request has come with all of its body.
fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    let Some((head, _)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.split_once("content-length: ").map_or(0, |(_, rest)| {
        rest.lines()
            .next()
            .and_then(|length| length.parse().ok())
            .unwrap_or(0)
    });
    bytes.len() >= head.len() + 4 + length
}

async fn serve(mut stream: TcpStream, told: Arc<Mutex<Told>>) {
    let mut head = Vec::new();
    let mut part = [0u8; 4096];
    while !is_whole(&head) {
        match stream.read(&mut part).await {
            Ok(0) | Err(_) => return,
            Ok(read) => head.extend_from_slice(&part[..read]),
        }
        if head.len() > 64 * 1024 {
            return;
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or("/").to_string();
    let answer = {
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        told.asked.push(head.clone());
        told.answers.get(&path).cloned()
    };
    let mut answer =
        answer.unwrap_or_else(|| Answer::with_status(404, "text/plain", "nothing here"));
    let etag = answer
        .headers
        .iter()
        .find(|(name, _)| name == "etag")
        .map(|(_, value)| value.clone());
    if etag.is_some_and(|etag| {
        head.to_lowercase()
            .contains(&format!("if-none-match: {}", etag.to_lowercase()))
    }) {
        answer = Answer {
            status: 304,
            body: Vec::new(),
            ..answer
        };
    }
    let mut reply = format!("HTTP/1.1 {} Told\r\nconnection: close\r\n", answer.status);
    for (name, value) in &answer.headers {
        reply.push_str(&format!("{name}: {value}\r\n"));
    }
    let length = answer.claimed_length.unwrap_or(answer.body.len());
    reply.push_str(&format!("content-length: {length}\r\n\r\n"));
    // whoever asked may have gone
    let _ = stream.write_all(reply.as_bytes()).await;
    let _ = stream.write_all(&answer.body).await;
    let _ = stream.shutdown().await;
}
