//! What all parts share: how much is asked for, where to write, and which actors there are.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use crate::child::Actor;
use crate::deadline;
use crate::needs::Needs;
use crate::problem::Result;
use crate::report::Report;

/// The option by which a part may end where something failed.
pub(crate) const UNTIL_FAILURE: &str = "--until-failure";

/// What the name of the scratch folder begins with.
pub(crate) const SCRATCH: &str = "persistable-reliability-";

/// The store's own folder in a data folder: nothing there is needed to read an artifact.
pub(crate) const OWN_FOLDER: &str = ".persistable";

const FOLDER: &str = "PERSISTABLE_RELIABILITY_DIR";

/// One run of the program.
pub(crate) struct Run {
    pub(crate) is_quick: bool,
    /// Whether one failure is all that is to be found out.
    pub(crate) is_until_failure: bool,
    /// The Python that has the package; `None` where it is to be left out.
    pub(crate) python: Option<PathBuf>,
    has_numpy: bool,
    pub(crate) has_strace: bool,
    pub(crate) has_compiler: bool,
    scratch: TempDir,
}

impl Run {
    pub(crate) fn new(is_quick: bool, is_until_failure: bool, needs: &Needs) -> Result<Self> {
        let parent = match std::env::var_os(FOLDER) {
            Some(folder) => PathBuf::from(folder),
            None => beside_program()?,
        };
        fs::create_dir_all(&parent)?;
        let scratch = tempfile::Builder::new().prefix(SCRATCH).tempdir_in(parent)?;
        let Needs { python, has_numpy, has_strace, has_compiler, .. } = needs;
        let (python, has_numpy, has_strace, has_compiler) = (python.clone(), *has_numpy, *has_strace, *has_compiler);
        Ok(Self { is_quick, is_until_failure, python, has_numpy, has_strace, has_compiler, scratch })
    }

    /// Whether a part may end.
    pub(crate) fn is_enough(&self, report: &Report) -> bool {
        self.is_until_failure && !report.failures().is_empty()
    }

    /// Returns how long something may take: so long in a full run; in a short one, which is also made where much else goes on,
    /// until it counts as stuck.
    pub(crate) fn longest(&self, in_full: Duration) -> Duration {
        if self.is_quick { deadline::LONGEST } else { in_full }
    }

    /// Creates an empty folder, which is removed when it is dropped.
    pub(crate) fn folder(&self) -> Result<TempDir> {
        Ok(tempfile::tempdir_in(self.scratch.path())?)
    }

    /// Returns the actors of all languages, Rust first.
    pub(crate) fn actors(&self) -> Vec<Actor> {
        let python = self.python.as_deref().map(|python| Actor::python(python, self.has_numpy));
        std::iter::once(Actor::rust()).chain(python).collect()
    }

    /// Returns so many of all where a sample is enough, evenly spread; else all.
    pub(crate) fn sample<T>(&self, all: Vec<T>, quick: usize) -> Vec<T> {
        if self.is_quick { spread(all, quick) } else { all }
    }
}

/// Returns so many of all, evenly spread.
pub(crate) fn spread<T>(all: Vec<T>, most: usize) -> Vec<T> {
    let count = all.len();
    if count <= most {
        return all;
    }
    // The middle one of each of so many parts.
    let mut taken = (0..most).map(|part| (2 * part + 1) * count / (2 * most)).peekable();
    all.into_iter().enumerate().filter(|(index, _)| taken.next_if_eq(index).is_some()).map(|(_, item)| item).collect()
}

fn beside_program() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    Ok(program.parent().map(Path::to_owned).ok_or("the program is in no folder")?)
}

/// Copies a folder with all below it, as it is.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Lists the names in a folder of the store's own, such as `staging`; none where there is no such folder.
pub(crate) fn own_entries(data_folder: &Path, name: &str) -> Vec<String> {
    names_in(&data_folder.join(OWN_FOLDER).join(name))
}

/// Lists the names in a folder, sorted; none where there is no such folder.
pub(crate) fn names_in(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let text = |name: &OsStr| name.to_string_lossy().into_owned();
    let mut names: Vec<String> = entries.filter_map(|entry| Some(text(&entry.ok()?.file_name()))).collect();
    names.sort();
    names
}

/// Lists what is in a data folder beyond logs, the store's own, and the three entries of each artifact.
pub(crate) fn strays(folder: &Path) -> Vec<String> {
    let mut names = names_in(folder);
    names.retain(|name| name != OWN_FOLDER && !name.ends_with(".log"));
    let ends = [".manifest.json", ".params.json"];
    let stems: Vec<String> =
        names.iter().filter_map(|name| name.strip_suffix(".manifest.json")).map(str::to_owned).collect();
    for stem in stems {
        for end in ends {
            names.retain(|name| *name != format!("{stem}{end}"));
        }
        if let Some(payload) = names.iter().position(|name| name.starts_with(&stem)) {
            names.remove(payload);
        }
    }
    names
}
