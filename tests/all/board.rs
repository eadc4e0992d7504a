//! A program with a dashboard, and requests over loopback that are written byte by byte.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::world::World;

pub const PASSWORD: &str = "correct horse battery";
pub const TOKEN: &str = "tok-0123456789abcdef0123456789abcdef";

/// A program with a dashboard, and everything that it logs.
pub struct Dashboard {
    pub world: World,
    child: Child,
    pub address: String,
    log: mpsc::Receiver<String>,
    logged: Vec<String>,
}

impl Drop for Dashboard {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One answer.
#[derive(Debug)]
pub struct Answered {
    pub status: u16,
    pub headers: BTreeMap<String, Vec<String>>,
    pub body: String,
}

impl Answered {
    pub fn header(&self, name: &str) -> &str {
        let all = self.headers.get(name);
        all.and_then(|all| all.first()).map_or("", String::as_str)
    }

    /// The cookies that are set, as a browser sends them.
    pub fn cookies(&self) -> String {
        let all = self.headers.get("set-cookie").into_iter().flatten();
        let pairs: Vec<&str> = all.filter_map(|cookie| cookie.split(';').next()).collect();
        pairs.join("; ")
    }

    /// What the form of a page must send back.
    pub fn token(&self) -> String {
        let (_, rest) = self
            .body
            .split_once("name=\"token\" value=\"")
            .expect("a form");
        rest.split('"').next().expect("a token").to_string()
    }
}

impl Dashboard {
    /// With these lines of `[web]`, on a store with a few models.
    pub fn start(web: &str) -> Self {
        Self::in_world(World::new(""), web)
    }

    pub fn in_world(world: World, web: &str) -> Self {
        let file = world.write(
            "2026-01-31.json",
            r#"{"data":[{"id":"gpt-4o"},{"id":"gpt-5"}]}"#,
        );
        world.write("hash", hash());
        world.write("token", TOKEN);
        world.configure(&format!(
            "[probes]\nonly = ['models-dev']\n[endpoints]\non = false\n[http.rewrite]\n'https://models.dev' = 'http://127.0.0.1:9'\n\
             [web]\nlisten = '127.0.0.1:0'\n{web}\n"
        ));
        world.good(&[
            "import",
            "--probe",
            "openai.models",
            file.to_str().expect("a path"),
        ]);
        let mut child = world
            .program()
            .env("BELLWETHER_LOG", "debug")
            .arg("run")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program");
        let lines = BufReader::new(child.stderr.take().expect("a log")).lines();
        let (send, log) = mpsc::channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let _ = send.send(line);
            }
        });
        let mut logged = Vec::new();
        let address = loop {
            let line = log.recv_timeout(Duration::from_secs(60));
            let line = line.unwrap_or_else(|_| panic!("no dashboard:\n{}", logged.join("\n")));
            logged.push(line.clone());
            if let Some((_, url)) = line.split_once("the dashboard: http://") {
                break url.split('/').next().expect("an address").to_string();
            }
        };
        Self {
            world,
            child,
            address,
            log,
            logged,
        }
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).expect("a connection");
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .expect("a deadline");
        stream
    }

    /// Sends bytes as they are, and reads the answer.
    pub fn raw(&self, bytes: &str) -> Answered {
        let mut stream = self.connect();
        stream.write_all(bytes.as_bytes()).expect("a request");
        read(&mut stream)
    }

    /// A request with further headers, each a line.
    pub fn ask(&self, method: &str, path: &str, headers: &[&str], body: &str) -> Answered {
        let mut head = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
        if !headers.iter().any(|header| header.starts_with("host:")) {
            head.push_str(&format!("host: {}\r\n", self.address));
        }
        if method == "POST" {
            head.push_str(&format!("content-length: {}\r\n", body.len()));
            if !headers
                .iter()
                .any(|header| header.starts_with("content-type:"))
            {
                head.push_str("content-type: application/x-www-form-urlencoded\r\n");
            }
        }
        for header in headers {
            head.push_str(&format!("{header}\r\n"));
        }
        self.raw(&format!("{head}\r\n{body}"))
    }

    pub fn get(&self, path: &str) -> Answered {
        self.ask("GET", path, &[], "")
    }

    pub fn sign_in(&self, password: &str, next: &str) -> Answered {
        let form = self.get("/login");
        let cookie = format!("cookie: {}", form.cookies());
        let encode =
            |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let body = format!(
            "token={}&password={}&next={}",
            form.token(),
            encode(password),
            encode(next)
        );
        self.ask("POST", "/login", &[&cookie], &body)
    }

    /// Everything that was logged so far.
    pub fn logged(&mut self) -> String {
        self.logged.extend(self.log.try_iter());
        self.logged.join("\n")
    }
}

/// Reads an answer until its end.
pub fn read(stream: &mut TcpStream) -> Answered {
    let mut bytes = Vec::new();
    // a connection that is reset has said all that it says
    let _ = stream.read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    let status = status.and_then(|status| status.parse().ok()).unwrap_or(0);
    let mut headers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        headers
            .entry(name.to_lowercase())
            .or_default()
            .push(value.to_string());
    }
    Answered {
        status,
        headers,
        body: body.to_string(),
    }
}

/// The hash of the password, made once by the program itself.
pub fn hash() -> &'static str {
    static HASH: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    HASH.get_or_init(|| {
        let said = assert_cmd::Command::new(assert_cmd::cargo::cargo_bin("bellwether"))
            .args(["web", "password"])
            .write_stdin(format!("{PASSWORD}\n"))
            .output()
            .expect("a run");
        let hash = String::from_utf8(said.stdout).expect("text");
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        hash.trim().to_string()
    })
}

const EVERY_HEADER: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), payment=()",
    ),
];

/// What every answer says to browsers.
pub fn is_guarded(answered: &Answered, what: &str) {
    for (name, value) in EVERY_HEADER {
        assert_eq!(answered.header(name), value, "{what}");
    }
    let policy = answered.header("content-security-policy");
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("unsafe"),
        "{what}: {policy}"
    );
    assert!(!answered.header("cache-control").is_empty(), "{what}");
    assert_eq!(answered.header("access-control-allow-origin"), "", "{what}");
    assert_eq!(answered.header("server"), "", "{what}");
}
