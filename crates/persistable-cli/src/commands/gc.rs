//! Removing artifacts by rules.

use std::time::Duration;

use persistable_catalogue::RemovalRules;
use persistable_store::size_of;

use crate::console::Console;
use crate::failure::{Exit, Failure, Result};
use crate::people::to_span;
use crate::removal_plan;
use crate::selection::Words;
use crate::session::Session;

/// Remove artifacts by size, age, use, staleness or damage: first show what would go; --yes does it
#[derive(clap::Args, Debug)]
#[command(after_help = "\
With --max-size, large payloads that were generated fast go first. What is pinned stays, and what a
process is generating. A result that a process has loaded may go: then it is generated again.
What is removed leaves a record that `why` knows.")]
pub(crate) struct Gc {
    #[command(flatten)]
    words: Words,
    /// Remove until what is selected has at most this size, such as 10GB
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_size: Option<u64>,
    /// Remove what was persisted longer ago than this, such as 30d
    #[arg(long, value_name = "AGE", value_parser = to_span)]
    older_than: Option<Duration>,
    /// Remove what was not persisted, copied or loaded for so long, as the logs tell
    #[arg(long, value_name = "AGE", value_parser = to_span)]
    unused_for: Option<Duration>,
    /// Remove what other code, inputs or dependencies made than there are now. See `status`
    #[arg(long)]
    stale: bool,
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
        let Some(rules) = self.rules() else {
            let message = "what is to go? Give --max-size, --older-than, --unused-for, --stale or --damaged";
            return Err(Failure::usage(message).next(session.command("gc", "--max-size 10GB")));
        };
        removal_plan::carry_out(console, &mut session, &selected.query, &rules, self.yes)
    }

    fn rules(&self) -> Option<RemovalRules> {
        let mut rules = RemovalRules::new();
        if let Some(bytes) = self.max_size {
            rules = rules.most_bytes(bytes);
        }
        if let Some(age) = self.older_than {
            rules = rules.longest_age(age);
        }
        if let Some(time) = self.unused_for {
            rules = rules.longest_unused(time);
        }
        if self.stale {
            rules = rules.stale();
        }
        if self.damaged {
            rules = rules.damaged();
        }
        let limits = [self.max_size.is_some(), self.older_than.is_some(), self.unused_for.is_some()];
        (limits.contains(&true) || self.stale || self.damaged).then_some(rules)
    }
}

/// Reads a size with its unit.
fn size(text: &str) -> std::result::Result<u64, &'static str> {
    size_of(text).ok_or("it is not a size. Write it as 500MB, 10GB or 2.5TiB")
}
