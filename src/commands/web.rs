//! `web`: what the dashboard is opened with.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::process::Command;

use anyhow::{Context as _, anyhow};
use argon2::Argon2;
use argon2::password_hash::PasswordHasher as _;
use argon2::password_hash::phc::PasswordHash;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom as _, SystemRandom};

use super::{print, say, wrong};

/// `bellwether web`.
#[derive(Debug, clap::Subcommand)]
pub enum Arguments {
    /// Read a password and print the hash that `[web] password` takes: the password itself is kept nowhere.
    Password,
    /// Make a token for a program, and the hash that `[web.tokens]` takes.
    Token,
}

/// A shorter password could be guessed.
const SHORTEST: usize = 8;
/// A longer one is taken for a mistake, and refused at the sign-in.
const LONGEST: usize = 1_000;

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    match arguments {
        Arguments::Password => password(),
        Arguments::Token => token(),
    }
}

fn password() -> anyhow::Result<()> {
    let is_asked = std::io::stdin().is_terminal();
    let password = read("Password: ", is_asked)?;
    if password.chars().count() < SHORTEST || password.len() > LONGEST {
        return Err(wrong(format!(
            "expected a password of {SHORTEST} characters or more, found another one"
        )));
    }
    if is_asked && read("Once more: ", true)? != password {
        return Err(wrong("the two are not the same".to_string()));
    }
    let salt: [u8; 16] = random()?;
    let hash: PasswordHash = Argon2::default()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map_err(|error| anyhow!("no hash could be made: {error}"))?;
    print(&format!("{hash}\n"));
    if is_asked {
        say(
            "\nkeep it in a file or in the environment, and name that:\n\n[web]\npassword = { file = \"/etc/bellwether/password\" }",
        );
    }
    Ok(())
}

/// One line of the standard input; at a terminal it is asked for, and not shown.
fn read(question: &str, is_asked: bool) -> anyhow::Result<String> {
    let echo = |word: &str| {
        // without stty it is shown, which is no reason not to ask
        let _ = is_asked.then(|| Command::new("stty").arg(word).status());
    };
    if is_asked {
        let mut out = std::io::stderr();
        write!(out, "{question}").and_then(|()| out.flush())?;
    }
    echo("-echo");
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    echo("echo");
    if is_asked {
        writeln!(std::io::stderr())?;
    }
    read.context("no password could be read")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_string())
}

fn token() -> anyhow::Result<()> {
    let token = URL_SAFE_NO_PAD.encode(random::<32>()?);
    let hash = ring::digest::digest(&ring::digest::SHA256, token.as_bytes());
    let hash: Vec<String> = hash
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    print(&format!(
        "token: {token}\n\n[web.tokens]\nprometheus = {{ hash = \"{}\" }}\n",
        hash.concat()
    ));
    Ok(())
}

fn random<const N: usize>() -> anyhow::Result<[u8; N]> {
    let mut bytes = [0; N];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| anyhow!("the system gives no random bytes"))?;
    Ok(bytes)
}
