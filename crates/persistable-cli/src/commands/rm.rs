//! Removing artifacts that are selected.

use persistable_catalogue::RemovalRules;

use crate::console::Console;
use crate::failure::{Exit, Failure, Result};
use crate::removal_plan;
use crate::selection::Words;
use crate::session::Session;

/// Remove artifacts: first show what would go; --yes does it
#[derive(clap::Args, Debug)]
#[command(after_help = "\
What is pinned stays, and what a process is generating. What is removed leaves a record that `why`
knows.")]
pub(crate) struct Rm {
    #[command(flatten)]
    words: Words,
    /// Remove everything in the store, if nothing else is selected
    #[arg(long)]
    all: bool,
    /// Remove it, instead of showing what would be removed
    #[arg(long, short)]
    yes: bool,
}

impl Rm {
    pub(crate) fn run(self, console: &mut Console) -> Result<Exit> {
        let words = self.words.list();
        let (mut session, rest) = Session::open(&words, console)?;
        let selected = session.select(rest)?;
        if selected.is_all && !self.all {
            let message =
                "which artifacts? Give a payload name, a filter or keys; or --all for everything in the store";
            return Err(Failure::usage(message).next(session.command("ls", "")));
        }
        removal_plan::carry_out(console, &mut session, &selected.query, &RemovalRules::new().all(), self.yes)
    }
}
