//! Mail as files: one `.eml` a message, for machines without a mail server and for a look at what would be sent.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::Sent;
use super::line::one_line;
use crate::market::{Hash, OutgoingMessage};

const NAME_LIMIT: usize = 120;

/// A folder that gets one file a message.
#[derive(Debug, Clone)]
pub struct Directory {
    folder: PathBuf,
}

impl Directory {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Writes into the folder and takes it back.
    pub(super) async fn check(&self) -> Result<(), String> {
        let folder = self.folder.clone();
        let tried = tokio::task::spawn_blocking(move || {
            let name = format!(".check.{}", std::process::id());
            write_whole(&folder, &name, b"")?;
            fs::remove_file(folder.join(name))
        });
        let tried = tried
            .await
            .unwrap_or_else(|failure| Err(io::Error::other(failure)));
        let told = |error| {
            format!(
                "the folder {} takes no file: {error}",
                self.folder.display()
            )
        };
        tried.map_err(|error| one_line(&told(error), super::DETAIL_LIMIT))
    }

    /// Writes the message whole or not at all; the same message to the same recipient replaces its own file.
    pub(super) async fn store(
        &self,
        recipient: &str,
        message: &OutgoingMessage,
        raw: Vec<u8>,
    ) -> Sent {
        let folder = self.folder.clone();
        let name = file_name(recipient, message);
        let written = tokio::task::spawn_blocking(move || write_whole(&folder, &name, &raw)).await;
        match written.unwrap_or_else(|failure| Err(io::Error::other(failure))) {
            Ok(()) => Sent::Accepted,
            Err(error) => {
                let folder = self.folder.display();
                let detail = format!("the folder {folder} did not take the message: {error}");
                Sent::retry(&one_line(&detail, super::DETAIL_LIMIT))
            }
        }
    }
}

/// The message id in characters that every file system takes, and a hash that keeps apart what this makes equal.
fn file_name(recipient: &str, message: &OutgoingMessage) -> String {
    let readable: String = message
        .message_id
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '@') {
                c
            } else {
                '_'
            }
        })
        .take(NAME_LIMIT)
        .collect();
    let hash = Hash::of_parts(&[&message.message_id, recipient]).hex(12);
    format!("{readable}-{hash}.eml")
}

fn write_whole(folder: &Path, name: &str, raw: &[u8]) -> io::Result<()> {
    // Two writers of one message must not share a temporary file.
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    fs::create_dir_all(folder)?;
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    let temporary = folder.join(format!(".{name}.{}.{count}.part", std::process::id()));
    let result = write_synced(&temporary, raw)
        .and_then(|()| fs::rename(&temporary, folder.join(name)))
        .and_then(|()| sync_folder(folder));
    if result.is_err() {
        // The first error is the one to tell; what is left behind is a hidden file.
        let _ = fs::remove_file(&temporary);
    }
    result
}

fn write_synced(path: &Path, raw: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(raw)?;
    file.sync_all()
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Elsewhere a folder cannot be opened as a file, and renaming is durable by itself.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests;
