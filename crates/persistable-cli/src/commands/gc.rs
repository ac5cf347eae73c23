//! Removing artifacts by rules.

use std::time::Duration;

use persistable_catalogue::Rules;
use persistable_store::size_of;

use crate::console::Console;
use crate::failure::{Exit, Failure, Result};
use crate::plan;
use crate::selection::Words;
use crate::session::Session;

/// Remove artifacts by size, age or damage: first show what would go; --yes does it
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Large payloads that were generated fast go first. What is pinned stays, and what a process uses.
What is removed leaves a record that `why` knows.")]
pub(crate) struct Gc {
    #[command(flatten)]
    words: Words,
    /// Remove until what is selected has at most this size, such as 10GB
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_size: Option<u64>,
    /// Remove what was persisted longer ago than this, such as 30d
    #[arg(long, value_name = "AGE", value_parser = humantime::parse_duration)]
    older_than: Option<Duration>,
    /// Remove artifacts whose manifests are damaged
    #[arg(long)]
    damaged: bool,
    /// Remove it, instead of showing what would be removed
    #[arg(long, short)]
    yes: bool,
}

impl Gc {
    pub(crate) fn run(self, console: &mut Console) -> Result<Exit> {
        let words = self.words.list();
        let (mut session, rest) = Session::open(&words, console)?;
        let selected = session.select(rest)?;
        let mut rules = Rules::new();
        if let Some(bytes) = self.max_size {
            rules = rules.most_bytes(bytes);
        }
        if let Some(age) = self.older_than {
            rules = rules.longest_age(age);
        }
        if self.damaged {
            rules = rules.damaged();
        }
        if self.max_size.is_none() && self.older_than.is_none() && !self.damaged {
            let message = "what is to go? Give --max-size, --older-than or --damaged";
            return Err(Failure::usage(message).next(session.command("gc", "--max-size 10GB")));
        }
        plan::carry_out(console, &mut session, &selected.query, &rules, self.yes)
    }
}

/// Reads a size with its unit.
fn size(text: &str) -> std::result::Result<u64, &'static str> {
    size_of(text).ok_or("it is not a size. Write it as 500MB, 10GB or 2.5TiB")
}
