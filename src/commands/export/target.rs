//! Where an export is written to: stdout, or a file that is there whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal as _, Stdout, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::commands::say;

/// What is written to; a file that is not finished is taken away.
pub struct Target {
    out: Out,
}

enum Out {
    Stdout(BufWriter<Stdout>),
    /// A pipe or a device, which nothing can take the place of.
    Other(BufWriter<File>, PathBuf),
    File(BufWriter<File>, Unfinished),
}

/// A file under another name, until it is whole.
struct Unfinished {
    temporary: PathBuf,
    target: PathBuf,
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // nothing is left to do if that fails, and what is finished is there no more
        let _ = fs::remove_file(&self.temporary);
    }
}

impl Target {
    /// Opens a file, or stdout where none is named.
    pub fn open(path: Option<PathBuf>) -> anyhow::Result<Self> {
        let Some(path) = path else {
            let out = Out::Stdout(BufWriter::new(io::stdout()));
            return Ok(Self { out });
        };
        let out = open(&path).with_context(|| path.display().to_string())?;
        Ok(Self { out })
    }

    /// Whether people would see what is written.
    pub fn is_terminal(&self) -> bool {
        match &self.out {
            Out::Stdout(out) => out.get_ref().is_terminal(),
            Out::Other(out, _) => out.get_ref().is_terminal(),
            Out::File(..) => false,
        }
    }

    /// What it is called in a message.
    pub fn name(&self) -> String {
        match &self.out {
            Out::Stdout(_) => "stdout".to_string(),
            Out::Other(_, path) => path.display().to_string(),
            Out::File(_, unfinished) => unfinished.target.display().to_string(),
        }
    }

    /// Puts the file into its place, and says so with the number of its rows.
    pub fn finish(self, rows: Option<u64>) -> anyhow::Result<()> {
        let name = self.name();
        let finished = match self.out {
            Out::Stdout(mut out) => out.flush().map(|()| None),
            Out::Other(mut out, _) => out.flush().map(|()| None),
            Out::File(out, unfinished) => finish(out, &unfinished).map(Some),
        };
        if let Some(size) = finished.with_context(|| name.clone())? {
            let rows = rows.map_or(String::new(), |rows| format!("{rows} rows, "));
            say(&format!("{name}: {rows}{:.1} MB", size as f64 / 1e6));
        }
        Ok(())
    }
}

fn open(path: &Path) -> io::Result<Out> {
    // what a link leads to is replaced, and not the link
    let target = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let existing = fs::metadata(&target).ok();
    if existing.as_ref().is_some_and(|file| !file.is_file()) {
        let file = File::options().write(true).open(&target)?;
        return Ok(Out::Other(BufWriter::new(file), target));
    }
    let name = target.file_name();
    let name = name.ok_or_else(|| io::Error::other("expected the name of a file"))?;
    let name = format!(".{}.{}.part", name.to_string_lossy(), std::process::id());
    let temporary = target.with_file_name(name);
    let file = File::create(&temporary)?;
    let unfinished = Unfinished { temporary, target };
    if let Some(existing) = existing {
        fs::set_permissions(&unfinished.temporary, existing.permissions())?;
    }
    Ok(Out::File(BufWriter::new(file), unfinished))
}

fn finish(out: BufWriter<File>, unfinished: &Unfinished) -> io::Result<u64> {
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    let size = file.metadata()?.len();
    fs::rename(&unfinished.temporary, &unfinished.target)?;
    Ok(size)
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.out {
            Out::Stdout(out) => out.write(bytes),
            Out::Other(out, _) | Out::File(out, _) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.out {
            Out::Stdout(out) => out.flush(),
            Out::Other(out, _) | Out::File(out, _) => out.flush(),
        }
    }
}
