//! Completions for shells.

use clap_complete::Shell;

use crate::console::Console;
use crate::failure::{Exit, Result};

/// Write completions for a shell
#[derive(clap::Args, Debug)]
#[command(after_help = "\
For bash, run this, or put it into ~/.bashrc:
  source <(persistable completions bash)")]
pub(crate) struct Completions {
    /// bash, elvish, fish, powershell or zsh
    #[arg(value_name = "SHELL", hide_possible_values = true)]
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self, command: &mut clap::Command, console: &mut Console) -> Result<Exit> {
        // It panics if its writer fails, as a closed pipe does.
        let mut written = Vec::new();
        clap_complete::generate(self.shell, command, "persistable", &mut written);
        console.writer().write_all(&written)?;
        Ok(Exit::Done)
    }
}
