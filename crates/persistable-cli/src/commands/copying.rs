//! Copying artifacts from one store to another.

use persistable_catalogue::{Address, with_sources};
use persistable_store::{ArtifactId, CopyOptions, CopyReport, NotCopied, Selection, Store, may_run_code};
use serde_json::{Value, json};

use crate::account;
use crate::console::{BAD, Console};
use crate::failure::{Exit, Failure, Result};
use crate::named_store::{self, NamedStore};
use crate::people::{clean, counted, size, thousands};
use crate::session::Session;

/// Copy artifacts from one store to another, with what they were made from
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Cp {
    /// The store to copy from: a folder or a URL
    from: String,
    /// The store to copy to. A folder that is missing is created
    to: String,
    #[command(flatten)]
    what: What,
}

/// Copy artifacts to another store, with what they were made from
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Push {
    /// The store to copy from, if it is to be said
    #[arg(value_name = "STORE")]
    first: String,
    /// The store to copy to
    #[arg(value_name = "TO")]
    second: Option<String>,
    #[command(flatten)]
    what: What,
}

/// Copy artifacts from another store, with what they were made from
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Pull {
    /// The store to copy to, if it is to be said
    #[arg(value_name = "STORE")]
    first: String,
    /// The store to copy from
    #[arg(value_name = "FROM")]
    second: Option<String>,
    #[command(flatten)]
    what: What,
}

const HELP: &str = "\
What is there already is skipped, and each copy is verified. If copying ends early, run the command
again: it goes on with what is missing.";

#[derive(clap::Args, Debug)]
struct What {
    /// A payload name; or the first digits of a key
    #[arg(value_name = "STEP")]
    step: Option<String>,
    /// A filter, such as 'n > 100 and points.seed == 1'; or more keys
    #[arg(value_name = "FILTER")]
    filter: Vec<String>,
    /// Copy only what is selected, and not what it was made from
    #[arg(long)]
    no_dependencies: bool,
    /// Also read what is there already, and replace it if it is damaged
    #[arg(long)]
    repair: bool,
}

impl Cp {
    pub(crate) fn run(self, console: &mut Console) -> Result<Exit> {
        let from = named_store::open(&self.from, false)?;
        let to = named_store::open(&self.to, true)?;
        copy(console, from, &to.store, &self.what)
    }
}

impl Push {
    pub(crate) fn run(self, console: &mut Console) -> Result<Exit> {
        let (from, to) = match &self.second {
            Some(to) => (named_store::open(&self.first, false)?, named_store::open(to, true)?),
            None => (named_store::default()?, named_store::open(&self.first, true)?),
        };
        copy(console, from, &to.store, &self.what)
    }
}

impl Pull {
    pub(crate) fn run(self, console: &mut Console) -> Result<Exit> {
        let (to, from) = match &self.second {
            Some(from) => (named_store::open(&self.first, true)?, named_store::open(from, false)?),
            None => (named_store::default()?, named_store::open(&self.first, false)?),
        };
        copy(console, from, &to.store, &self.what)
    }
}

/// Whether two stores are one and the same place.
fn is_same(a: &Store, b: &Store) -> bool {
    let folder = |store: &Store| store.path().and_then(|path| path.canonicalize().ok());
    match (folder(a), folder(b)) {
        (None, None) => a.location().to_string() == b.location().to_string(),
        (a, b) => a == b,
    }
}

fn copy(console: &mut Console, from: NamedStore, to: &Store, what: &What) -> Result<Exit> {
    if is_same(&from.store, to) {
        let message = "that copies the store to itself. Name the store to copy from, and the one to copy to";
        return Err(Failure::usage(message).next("persistable cp FROM TO"));
    }
    let mut from = Session::of(from, console)?;
    let words: Vec<String> = what.step.iter().chain(&what.filter).cloned().collect();
    let selected = from.select_aloud(&words, console)?;
    let selection = if selected.is_all {
        Selection::All
    } else {
        let artifacts = from.addresses(&selected.query.columns([]))?;
        if artifacts.is_empty() {
            return Err(Failure::new(Exit::NotFound, "nothing is selected").next(from.command("ls", "")));
        }
        artifacts.iter().map(Address::id).collect::<std::result::Result<Vec<ArtifactId>, _>>()?.into()
    };
    let bar = console.bytes_bar("copying", 0);
    let options = CopyOptions::new()
        .dependencies(!what.no_dependencies)
        .repair(what.repair)
        .keys(account::keys())
        .runs_code(|payload| may_run_code(&payload.io))
        .progress(|done| {
            bar.set_length(done.bytes);
            bar.set(done.bytes_done);
        });
    let copied = from.store().push(to, selection, &options);
    drop(options);
    drop(bar);
    match copied {
        Ok(report) => tell(console, &report, to).map(|()| Exit::Done),
        Err(error) => match CopyReport::of(&error) {
            Some(report) => tell(console, report, to).map(|()| Exit::Found),
            None => Err(error.into()),
        },
    }
}

fn tell(console: &mut Console, report: &CopyReport, to: &Store) -> Result<()> {
    let CopyReport { copied, skipped, missing, refused, failed, copied_bytes, .. } = report;
    if console.is_json {
        let stems = |ids: &[ArtifactId]| ids.iter().map(|id| id.stem().to_owned()).collect::<Vec<_>>();
        return console.json(&json!({
            "copied": stems(copied),
            "skipped": stems(skipped),
            "missing": stems(missing),
            "refused": reasons(refused),
            "failed": reasons(failed),
            "copied_bytes": copied_bytes,
        }));
    }
    for (those, what) in [(refused, "refused"), (failed, "failed")] {
        for not_copied in those {
            let why = clean(&with_sources(&not_copied.error));
            console.line(format!("{}  {BAD}{what}{BAD:#}: {why}", not_copied.stem))?;
        }
    }
    let mut parts =
        vec![format!("{} copied to {}, {}", counted(copied.len(), "artifact"), to.location(), size(*copied_bytes))];
    for (count, what) in [
        (skipped.len(), "there already"),
        (missing.len(), "of what they were made from in neither store"),
        (refused.len(), "refused"),
        (failed.len(), "failed"),
    ] {
        if count > 0 {
            parts.push(format!("{} {what}", thousands(count)));
        }
    }
    console.line(parts.join("; "))?;
    if !refused.is_empty() {
        console.next("persistable trust, on the store that you copy from");
    }
    if !failed.is_empty() {
        console.next_with("");
    }
    Ok(())
}

fn reasons(those: &[NotCopied]) -> Vec<Value> {
    let reason = |not: &NotCopied| json!({ "stem": not.stem, "reason": with_sources(&not.error) });
    those.iter().map(reason).collect()
}
