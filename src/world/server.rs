//! The world on loopback: `http://127.0.0.1:PORT/https/HOST/PATH` answers as the host would.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::{Answer, Request, World, play};

/// No request needs more.
const MOST: usize = 1 << 20;

/// What time it is in the world.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// A running server; it ends when it is dropped.
#[derive(Debug)]
pub struct Server {
    port: u16,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Begins to answer, at a port that is free.
    pub async fn start(world: Arc<World>, clock: Clock) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&world), Arc::clone(&clock)));
            }
        });
        Ok(Self { port, task })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Each original prefix with what takes its place: of every host that anything shipped may ask.
    pub fn rewrites(&self) -> Vec<(String, String)> {
        let hosts = play::hosts().into_iter();
        hosts
            .map(|host| {
                (
                    format!("https://{host}"),
                    format!("http://127.0.0.1:{}/https/{host}", self.port),
                )
            })
            .collect()
    }
}

async fn serve(stream: TcpStream, world: Arc<World>, clock: Clock) {
    let answer = service_fn(move |request| {
        let (world, clock) = (Arc::clone(&world), Arc::clone(&clock));
        async move { Ok::<_, Infallible>(respond(&world, clock(), request).await) }
    });
    // small answers in two writes would wait for each other
    let _ = stream.set_nodelay(true);
    // one who leaves in the middle is no error of the server
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), answer)
        .await;
}

async fn respond(
    world: &World,
    now: Timestamp,
    request: hyper::Request<Incoming>,
) -> hyper::Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let sent = Limited::new(body, MOST).collect().await;
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let headers = head.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_string(), value)
    });
    let answer = match sent {
        Ok(sent) => world.answer(
            now,
            &Request {
                method: head.method.as_str().to_string(),
                url: original(path),
                headers: headers.collect(),
                body: sent.to_bytes().to_vec(),
            },
        ),
        Err(_) => Answer::new(413, super::TEXT, "too large"),
    };
    response(&answer, now)
}

/// The address that is meant: `/https/HOST/PATH` is `https://HOST/PATH`.
fn original(path: &str) -> String {
    let rest = path.trim_start_matches('/');
    match rest.split_once('/') {
        Some((scheme @ ("http" | "https"), rest)) => format!("{scheme}://{rest}"),
        _ => rest.to_string(),
    }
}

fn response(answer: &Answer, now: Timestamp) -> hyper::Response<Full<Bytes>> {
    let status = match answer.status {
        0 => 503,
        status => status,
    };
    let date = now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let builder = hyper::Response::builder()
        .status(status)
        .header("date", date);
    let headers = answer.headers.iter();
    let builder = headers.fold(builder, |builder, (name, value)| {
        builder.header(name.as_str(), value.as_str())
    });
    let body = Full::new(Bytes::copy_from_slice(&answer.body));
    builder
        .body(body)
        .unwrap_or_else(|_| hyper::Response::new(Full::default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_names_the_original() {
        assert_eq!(
            original("/https/api.openai.com/v1/models?a=b"),
            "https://api.openai.com/v1/models?a=b"
        );
        assert_eq!(
            original("/http/169.254.169.254/"),
            "http://169.254.169.254/"
        );
        assert_eq!(original("/favicon.ico"), "favicon.ico");
    }
}
