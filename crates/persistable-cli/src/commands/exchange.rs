//! Artifacts with their lineage as one file.

use std::path::{Path, PathBuf};

use persistable_catalogue::{ExchangeOptions, check_import, import};
use serde_json::json;

use crate::account;
use crate::console::{BAD, Console};
use crate::failure::{Exit, Failure, Result};
use crate::named_store;
use crate::people::{clean, counted, size};
use crate::selection::Words;
use crate::session::{Session, command_of};

/// Write artifacts into one file, with what they were made from: for a colleague or an archive
#[derive(clap::Args, Debug)]
#[command(after_help = "\
The file is a zip that holds a data folder, with RO-Crate metadata for archives such as Zenodo.
Each payload is compared with its digest.")]
pub(crate) struct Export {
    #[command(flatten)]
    words: Words,
    /// The file to write. One that is there is replaced
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
}

/// Read artifacts from a file that another exported
#[derive(clap::Args, Debug)]
#[command(override_usage = "persistable import [OPTIONS] [STORE] <FILE>")]
#[command(after_help = "\
What is there already stays. Each payload is compared with its digest. Nothing becomes trusted by
that: pickles of others are refused until you sign them with `trust`.")]
pub(crate) struct Import {
    /// The store, if it is to be said, and the file. A folder that is missing is created
    #[arg(value_name = "FILE", required = true, num_args = 1..=2)]
    words: Vec<String>,
}

impl Export {
    pub(crate) fn run(self, console: &mut Console) -> Result<Exit> {
        let words = self.words.list();
        let (mut session, rest) = Session::open(&words, console)?;
        let selected = session.select_aloud(rest, console)?;
        let bar = console.bytes_bar("exporting", 0);
        let options = ExchangeOptions::new().keys(account::keys()).progress(|done, all| {
            bar.set_length(all);
            bar.set(done);
        });
        let exported = session.catalogue.export(&selected.query, &self.output, &options)?;
        drop(options);
        drop(bar);
        let exit = if exported.failed.is_empty() { Exit::Done } else { Exit::Found };
        if console.is_json {
            console.json(&exported)?;
            return Ok(exit);
        }
        failures(console, &exported.failed)?;
        let count = counted(exported.artifacts.len(), "artifact");
        let missing = match exported.missing.len() {
            0 => String::new(),
            several => format!("; {several} of what they were made from are gone"),
        };
        console.line(format!("{count} in {}, {}{missing}", self.output.display(), size(exported.size_bytes)))?;
        console.next(&format!("persistable import data {}", self.output.display()));
        Ok(exit)
    }
}

impl Import {
    pub(crate) fn run(self, console: &mut Console) -> Result<Exit> {
        if let Some(file) = self.words.last() {
            check_import(file).map_err(|error| match Path::new(file).exists() {
                true => Failure::from(error),
                false => Failure::new(Exit::NotFound, error.to_string()),
            })?;
        }
        let (named, file) = match self.words.as_slice() {
            [store, file] => (named_store::open(store, true)?, file),
            [file] => (named_store::default()?, file),
            _ => return Err(Failure::usage("which file?")),
        };
        let bar = console.bytes_bar("importing", 0);
        let options = ExchangeOptions::new().keys(account::keys()).progress(|done, all| {
            bar.set_length(all);
            bar.set(done);
        });
        let imported = import(&named.store, file, &options)?;
        drop(options);
        drop(bar);
        let exit = if imported.failed.is_empty() { Exit::Done } else { Exit::Found };
        if console.is_json {
            console.json(&json!(imported))?;
            return Ok(exit);
        }
        failures(console, &imported.failed)?;
        let present = match imported.present.len() {
            0 => String::new(),
            several => format!("; {several} there already"),
        };
        let count = counted(imported.copied.len(), "artifact");
        console.line(format!(
            "{count} imported to {}, {}{present}",
            named.store.location(),
            size(imported.copied_bytes)
        ))?;
        if !imported.copied.is_empty() {
            console.next(&command_of("status", &named.prefix, ""));
        }
        Ok(exit)
    }
}

fn failures(console: &mut Console, failed: &[(String, String)]) -> Result<()> {
    for (stem, reason) in failed {
        console.line(format!("{stem}  {BAD}failed{BAD:#}: {}", clean(reason)))?;
    }
    Ok(())
}
