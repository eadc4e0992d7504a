//! A server on loopback that answers with raw bytes.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// What is done with one connection once its request has been read.
#[derive(Debug, Clone)]
pub enum Play {
    /// Send these bytes and close.
    Send(Vec<u8>),
    /// Send these bytes and say nothing more, but keep the connection.
    Stall(Vec<u8>),
    /// Send these bytes and reset the connection.
    Reset(Vec<u8>),
    /// Send this head, then zeros as long as they are taken.
    Endless(Vec<u8>),
}

/// A running server; it ends when it is dropped.
#[derive(Debug)]
pub struct Server {
    pub port: u16,
    heads: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

/// One request that waits for the test to let it go on.
#[derive(Debug)]
pub struct Waiting {
    pub release: oneshot::Sender<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Answers each request by its text, which begins with `GET /path HTTP/1.1` and ends with the body.
    pub async fn new(play: impl Fn(&str) -> Play + Send + Sync + 'static) -> Self {
        Self::start(None, None, play).await
    }

    /// The same over TLS.
    pub async fn secure(
        acceptor: TlsAcceptor,
        play: impl Fn(&str) -> Play + Send + Sync + 'static,
    ) -> Self {
        Self::start(Some(acceptor), None, play).await
    }

    /// Answers each request `ok` when the test releases it.
    pub async fn held() -> (Self, mpsc::UnboundedReceiver<Waiting>) {
        let (arrivals, arrived) = mpsc::unbounded_channel();
        let server = Self::start(None, Some(arrivals), |_| ok("text/plain", "ok")).await;
        (server, arrived)
    }

    async fn start(
        acceptor: Option<TlsAcceptor>,
        hold: Option<mpsc::UnboundedSender<Waiting>>,
        play: impl Fn(&str) -> Play + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let (log, play) = (Arc::clone(&heads), Arc::new(play));
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (log, play) = (Arc::clone(&log), Arc::clone(&play));
                let (acceptor, hold) = (acceptor.clone(), hold.clone());
                tokio::spawn(async move {
                    // Clients of these tests break off on purpose; what the server makes of it is of no interest.
                    let _ = match acceptor {
                        Some(acceptor) => match acceptor.accept(stream).await {
                            Ok(stream) => serve(stream, &log, hold, &*play, |_| ()).await,
                            Err(error) => Err(error),
                        },
                        None => serve(stream, &log, hold, &*play, reset).await,
                    };
                });
            }
        });
        Self { port, heads, task }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The heads of all requests so far.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    /// Forgets the requests so far.
    pub fn forget(&self) {
        self.heads.lock().unwrap().clear();
    }
}

/// Closing then resets the connection in place of ending it.
fn reset(stream: &TcpStream) {
    stream.set_zero_linger().unwrap();
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    log: &Mutex<Vec<String>>,
    hold: Option<mpsc::UnboundedSender<Waiting>>,
    play: &(dyn Fn(&str) -> Play + Send + Sync),
    reset: impl Fn(&S),
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if stream.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    while stream_has_more(&head) {
        if stream.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    log.lock().unwrap().push(head.clone());
    if let Some(hold) = hold {
        let (release, released) = oneshot::channel();
        if hold.send(Waiting { release }).is_ok() {
            let _ = released.await;
        }
    }
    match play(&head) {
        Play::Send(bytes) => {
            stream.write_all(&bytes).await?;
            stream.shutdown().await
        }
        Play::Stall(bytes) => {
            stream.write_all(&bytes).await?;
            stream.flush().await?;
            let _ = stream.read_buf(&mut Vec::new()).await;
            Ok(())
        }
        Play::Reset(bytes) => {
            stream.write_all(&bytes).await?;
            stream.flush().await?;
            reset(&stream);
            Ok(())
        }
        Play::Endless(bytes) => {
            stream.write_all(&bytes).await?;
            loop {
                stream.write_all(&[0; 16 << 10]).await?;
            }
        }
    }
}

/// Whether the body that a head announces is still to come.
fn stream_has_more(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, _)) = text.split_once("\r\n\r\n") else {
        return true;
    };
    let length: usize = header(head, "content-length").map_or(0, |value| value.parse().unwrap());
    bytes.len() < head.len() + 4 + length
}

/// A header of a request.
pub fn header<'h>(text: &'h str, name: &str) -> Option<&'h str> {
    let head = text.split("\r\n\r\n").next().unwrap();
    let mut lines = head
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(": "));
    lines.find_map(|(found, value)| found.eq_ignore_ascii_case(name).then_some(value))
}

/// A whole answer with status, headers and body.
pub fn answer(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Play {
    Play::Send(bytes(status, headers, body))
}

/// A success of this type.
pub fn ok(content_type: &str, body: impl AsRef<[u8]>) -> Play {
    answer(200, &[("content-type", content_type)], body)
}

/// A redirect.
pub fn to(status: u16, location: &str) -> Play {
    answer(status, &[("location", location)], "moved")
}

/// The bytes of a whole answer.
pub fn bytes(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut out = format!("HTTP/1.1 {status} Some Reason\r\n");
    if !headers
        .iter()
        .any(|(name, _)| matches!(*name, "content-length" | "transfer-encoding"))
    {
        out += &format!("content-length: {}\r\n", body.len());
    }
    for (name, value) in headers {
        out += &format!("{name}: {value}\r\n");
    }
    out += "\r\n";
    [out.as_bytes(), body].concat()
}
