//! How two artifacts differ.

use persistable_catalogue::Difference;
use serde_json::json;

use crate::console::{BOLD, Console, DIM};
use crate::differences;
use crate::failure::{Exit, Failure, Result};
use crate::people::age_of;
use crate::records;
use crate::session::Session;

/// Compare two artifacts: params anywhere in the tree, code, inputs, payloads
#[derive(clap::Args, Debug)]
#[command(override_usage = "persistable diff [OPTIONS] [STORE] <KEY> <KEY>")]
pub(crate) struct Diff {
    /// The store, if it is to be said, and the first digits of two keys
    #[arg(value_name = "KEY", required = true, num_args = 1..=3)]
    words: Vec<String>,
    /// Show only what the keys depend on
    #[arg(long)]
    key_only: bool,
}

impl Diff {
    pub(crate) fn run(self, console: &mut Console) -> Result<Exit> {
        let (mut session, rest) = Session::open(&self.words, console)?;
        let [before, after] = rest else {
            let message = "which two artifacts? Give the first digits of their keys";
            return Err(Failure::usage(message).next(session.command("ls", "")));
        };
        let before = session.one(std::slice::from_ref(before))?;
        let after = session.one(std::slice::from_ref(after))?;
        let mut found = session.catalogue.diff(&before, &after)?;
        if self.key_only {
            found.retain(|difference| difference.kind.is_in_key());
        }
        if console.is_json {
            let record = json!({
                "before": records::of_address(&before), "after": records::of_address(&after), "differences": found,
            });
            console.json(&record)?;
            return Ok(Exit::Done);
        }
        for (word, artifact) in [("before", &before), ("after", &after)] {
            let when = session.catalogue.manifest(artifact)?.provenance.persisted_at;
            let age = age_of(&when).unwrap_or_default();
            console
                .line(format!("{word:<6}  {BOLD}{}{BOLD:#} {}  {DIM}{age}{DIM:#}", artifact.name, artifact.short))?;
        }
        let (in_key, facts): (Vec<Difference>, Vec<Difference>) =
            found.into_iter().partition(|difference| difference.kind.is_in_key());
        if in_key.is_empty() {
            console.line("the params, the version and the dependencies are the same")?;
        } else {
            differences::write(console, &in_key, "  ")?;
        }
        if !facts.is_empty() {
            console.line("not part of the key:")?;
            differences::write(console, &facts, "  ")?;
        }
        Ok(Exit::Done)
    }
}
