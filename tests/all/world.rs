//! A program of its own in a folder of its own: configuration, data, and how it is run.

use std::path::PathBuf;

use assert_cmd::Command;
use serde_json::{Map, Value as Json};

/// One installation.
pub struct World {
    folder: tempfile::TempDir,
}

/// What a run of the program said and how it ended.
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl World {
    /// With this configuration.
    pub fn new(config: &str) -> Self {
        let world = Self {
            folder: tempfile::tempdir().expect("a folder"),
        };
        world.configure(config);
        world
    }

    /// Writes the configuration anew.
    pub fn configure(&self, config: &str) {
        // many daemons run at once: none serves a dashboard that no test asks for
        let web = match config.contains("[web]") {
            true => "",
            false => "\n[web]\non = false\n",
        };
        self.write("bellwether.toml", &format!("{config}{web}"));
    }

    /// Writes a file below the installation's folder.
    pub fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, content).expect("a written file");
        path
    }

    /// A path below the installation's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program with its configuration and data, for callers that run it in their own way.
    pub fn program(&self) -> std::process::Command {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("bellwether"));
        command
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .arg("--config")
            .arg(self.path("bellwether.toml"))
            .arg("--data")
            .arg(self.path("data"));
        command
    }

    /// Runs the program.
    pub fn run(&self, arguments: &[&str]) -> Said {
        self.run_with(&[], arguments)
    }

    /// Runs the program with these variables in its environment.
    pub fn run_with(&self, environment: &[(&str, &str)], arguments: &[&str]) -> Said {
        let output = Command::from_std(self.program())
            .envs(environment.iter().copied())
            .args(arguments)
            .output()
            .expect("a run");
        Said {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).expect("text"),
            err: String::from_utf8(output.stderr).expect("text"),
        }
    }

    /// Runs the program, which must end well.
    pub fn good(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments);
        assert_eq!(said.code, 0, "{arguments:?}: {}{}", said.out, said.err);
        said.out
    }

    /// Every recorded change, or only news.
    pub fn changes(&self, all: bool) -> Vec<Map<String, Json>> {
        let arguments: &[&str] = if all {
            &["--format", "jsonl", "changes", "--all"]
        } else {
            &["--format", "jsonl", "changes"]
        };
        let lines = self.good(arguments);
        let objects = lines.lines().filter(|line| line.starts_with('{'));
        objects
            .map(|line| serde_json::from_str(line).expect("an object a line"))
            .collect()
    }
}

/// Asks until there is an answer, for what follows the seconds of the clock. Bounded.
pub fn until<T>(mut ask: impl FnMut() -> Option<T>) -> T {
    let begun = std::time::Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(
            begun.elapsed() < std::time::Duration::from_secs(30),
            "no answer in 30 seconds"
        );
    }
}
