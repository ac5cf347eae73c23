//! Man pages.

use std::path::PathBuf;

use clap_mangen::Man as Page;

use crate::console::Console;
use crate::failure::{Exit, Failure, Result};

/// Write the man page, or the pages of all commands into a folder
#[derive(clap::Args, Debug)]
#[command(after_help = "To read it:\n  persistable man | man -l -")]
pub(crate) struct Man {
    /// The folder to write all pages to, such as ~/.local/share/man/man1
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

impl Man {
    pub(crate) fn run(self, command: clap::Command, console: &mut Console) -> Result<Exit> {
        match &self.folder {
            None => Page::new(command).render(console.writer())?,
            Some(folder) => {
                let unwritten = |error| {
                    Failure::new(
                        Exit::Unavailable,
                        format!("the pages can't be written to {}: {error}", folder.display()),
                    )
                };
                std::fs::create_dir_all(folder).map_err(unwritten)?;
                clap_mangen::generate_to(command, folder).map_err(unwritten)?;
                console.line(format!("the pages are in {}", folder.display()))?;
            }
        }
        Ok(Exit::Done)
    }
}
