//! Keys that a command of the user's prints, as a profile's `credential_process` names it.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::read;
use crate::fetch::auth::cache::Lasting;
use crate::fetch::auth::sigv4::Keys;
use crate::market::Failure;

/// So long a command may take.
const DEADLINE: Duration = Duration::from_secs(60);
/// So often it is looked after.
const LOOK: Duration = Duration::from_millis(20);
/// In bytes: no command prints more.
const LONGEST: u64 = 64 << 10;

/// The keys that the command prints. What else it says is not taken notice of, since it may hold them too.
pub(super) async fn keys(command: String, at: Timestamp) -> Result<Lasting<Keys>, Failure> {
    let run = tokio::task::spawn_blocking(move || printed(&command, DEADLINE));
    let printed = run.await.unwrap_or_else(|_| Err("broke off".into()));
    let printed = printed.map_err(|why| Failure::CredentialMissing {
        name: format!("a credential_process that works, for the profile's {why}"),
    })?;
    read(&printed, at)
}

fn printed(command: &str, deadline: Duration) -> Result<Vec<u8>, String> {
    let mut child = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("cannot be started: {}", error.kind()))?;
    let output = child.stdout.take();
    let reader = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = output.map(|output| output.take(LONGEST).read_to_end(&mut bytes));
        read.is_some_and(|read| read.is_ok()).then_some(bytes)
    });
    let ended = wait(&mut child, deadline);
    if !matches!(ended, Ok(true)) {
        // It may have ended just now, which is as good.
        let _ = child.kill();
        let _ = child.wait();
    }
    match ended? {
        true => reader.join().ok().flatten().ok_or("broke off".into()),
        false => Err("failed".into()),
    }
}

/// Whether the command ended well.
fn wait(child: &mut Child, deadline: Duration) -> Result<bool, String> {
    let begun = Instant::now();
    while begun.elapsed() < deadline {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status.success()),
            Ok(None) => std::thread::sleep(LOOK),
            Err(error) => return Err(format!("cannot be waited for: {}", error.kind())),
        }
    }
    Err(format!("did not end in {} s", deadline.as_secs()))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[tokio::test]
    async fn a_command_prints_keys_or_is_told_without_what_it_says() {
        let at: Timestamp = "2026-11-22T06:00:00Z".parse().unwrap();
        let print = |json: &str| keys(format!("echo '{json}'; echo sk-noise >&2"), at);
        let good = r#"{"Version":1,"AccessKeyId":"ASIA","SecretAccessKey":"sk","SessionToken":"t","Expiration":"2026-11-22T07:00:00+00:00"}"#;
        let keys_of = print(good).await.unwrap();
        assert_eq!(keys_of.value.id, "ASIA");
        assert_eq!(keys_of.value.session_token.unwrap().expose_secret(), "t");
        assert_eq!(keys_of.until.duration_since(at).as_secs(), 3600);
        let endless = r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"sk"}"#;
        let until = print(endless).await.unwrap().until;
        assert_eq!(until.duration_since(at).as_secs(), 600);
        let late = good.replace("07:00", "05:00");
        for (json, expected) in [
            ("sk-no-json", "expected JSON of who gives tokens"),
            ("{}", "expected AccessKeyId of who gives tokens"),
            (&late, "the credential has expired (temporary keys)"),
        ] {
            let failure = print(json).await.unwrap_err().to_string();
            assert!(
                failure.starts_with(expected) && !failure.contains("sk-"),
                "{failure}"
            );
        }
        let failure = keys("echo sk-x; exit 3".into(), at)
            .await
            .unwrap_err()
            .to_string();
        assert_eq!(
            failure,
            "no credential: set a credential_process that works, for the profile's failed"
        );
    }

    #[test]
    fn a_command_that_does_not_end_is_ended() {
        let ended = printed("exec sleep 600", Duration::from_millis(60));
        assert_eq!(ended, Err("did not end in 0 s".into()));
        let flood = printed("yes", Duration::from_secs(30));
        assert_eq!(flood, Err("failed".into()));
    }
}
