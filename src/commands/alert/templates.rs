//! `alert templates`: what the user's own templates can begin with.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::commands::output::print;
use crate::commands::say;
use crate::render::Templates;

/// `bellwether alert templates`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Write each to a file of its name in this folder, which must not have one yet.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let Some(folder) = &arguments.out else {
        for (name, source) in Templates::replaceable() {
            say(&format!("--- {name}"));
            print(source);
        }
        return Ok(());
    };
    std::fs::create_dir_all(folder)
        .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    for (name, source) in Templates::replaceable() {
        let path = folder.join(name);
        // somebody may have changed it
        let mut file = std::fs::File::create_new(&path)
            .with_context(|| format!("{} cannot be written", path.display()))?;
        std::io::Write::write_all(&mut file, source.as_bytes())
            .with_context(|| format!("{} cannot be written", path.display()))?;
        say(&path.display().to_string());
    }
    Ok(())
}
