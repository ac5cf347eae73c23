//! Payloads of the cache that are read by their path: links that no eviction removes.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use persistable_base::fork::Shared;
use persistable_base::sync::process;

use super::folder::{create_file, create_new_in, create_private, create_unique_in, names_in};

/// So many loans are kept when nobody reads them any more: who loads a payload again needs no new link.
const MOST_KEPT: usize = 64;
/// A larger payload is not kept, since it would take up room on the disk after its entry was evicted.
const MOST_KEPT_BYTES: u64 = 1 << 20;

/// The loans of this process.
#[derive(Debug)]
pub(super) struct Loans(Shared<Office>);

#[derive(Debug, Default)]
struct Office {
    loan_folder: Option<Arc<LoanFolder>>,
    /// Small payloads by their entry and file name. The one that was lent last is at the end.
    kept: Vec<(PathBuf, Arc<Loan>)>,
}

/// A folder of this process alone.
#[derive(Debug)]
struct LoanFolder {
    folder: PathBuf,
    process: u32,
    /// Locked as long as this lives.
    _lock: Option<File>,
    next: AtomicU64,
}

/// A payload under its own file name, until this is dropped.
#[derive(Debug)]
pub(crate) struct Loan {
    folder: PathBuf,
    path: PathBuf,
    loan_folder: Arc<LoanFolder>,
}

impl Loans {
    pub(super) fn new() -> Self {
        Self(Shared::new(Office::default()))
    }

    /// Returns a loan that was kept. Its file may be gone by now, or damaged.
    pub(super) fn kept(&self, payload: &Path, name: &str) -> Option<Arc<Loan>> {
        self.0.with(|office| {
            let is_it = |(entry, loan): &(PathBuf, Arc<Loan>)| {
                entry == payload && loan.is_named(name) && loan.loan_folder.process == process::id()
            };
            let place = office.kept.iter().rposition(is_it)?;
            // The one that is lent now is the last one to go.
            office.kept.get_mut(place..)?.rotate_left(1);
            office.kept.last().map(|(_, loan)| Arc::clone(loan))
        })
    }

    /// Keeps a loan of a small payload.
    pub(super) fn keep(&self, payload: &Path, size_bytes: u64, loan: &Arc<Loan>) {
        if size_bytes > MOST_KEPT_BYTES {
            return;
        }
        // What is dropped removes files, which is not done while others wait.
        let _dropped: Vec<_> = self.0.with(|office| {
            office.kept.push((payload.to_owned(), Arc::clone(loan)));
            let surplus = office.kept.len().saturating_sub(MOST_KEPT);
            office.kept.drain(..surplus).collect()
        });
    }

    /// Forgets the loans of an entry.
    pub(super) fn forget(&self, payload: &Path) {
        let _dropped: Vec<_> = self.0.with(|office| {
            let kept = std::mem::take(&mut office.kept);
            let (forgotten, kept) = kept.into_iter().partition(|(entry, _)| entry == payload);
            office.kept = kept;
            forgotten
        });
    }

    /// Links a file, or all files of a folder, under a name in a new folder.
    pub(super) fn lend(&self, cache: &Path, payload: &Path, name: &str) -> io::Result<Loan> {
        let loan_folder = self.loan_folder(cache)?;
        let number = loan_folder.next.fetch_add(1, Ordering::Relaxed).to_string();
        create_new_in(&loan_folder.folder, &number)?;
        let folder = loan_folder.folder.join(number);
        let loan = Loan { path: folder.join(name), folder, loan_folder };
        link_tree(payload, &loan.path)?;
        Ok(loan)
    }

    /// Returns this process's folder. A forked child has its own.
    fn loan_folder(&self, cache: &Path) -> io::Result<Arc<LoanFolder>> {
        let is_usable =
            |loan_folder: &Arc<LoanFolder>| loan_folder.process == process::id() && loan_folder.folder.exists();
        if let Some(loan_folder) = self.0.with(|office| office.loan_folder.clone()).filter(is_usable) {
            return Ok(loan_folder);
        }
        let (folder, lock) = create_unique_in(&cache.join("loans"), "process", "lock")?;
        let loan_folder = Arc::new(LoanFolder { folder, process: process::id(), _lock: lock, next: AtomicU64::new(0) });
        let _before = self.0.with(|office| office.loan_folder.replace(Arc::clone(&loan_folder)));
        Ok(loan_folder)
    }
}

impl Loan {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn is_named(&self, name: &str) -> bool {
        self.path.file_name().is_some_and(|own| own == name)
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        // A forked child has a copy of this value, but the folder is its parent's.
        if self.loan_folder.process == process::id() {
            // Most are one file.
            let removed = fs::remove_file(&self.path).and_then(|()| fs::remove_dir(&self.folder));
            let _ = removed.or_else(|_| fs::remove_dir_all(&self.folder));
        }
    }
}

impl Drop for LoanFolder {
    fn drop(&mut self) {
        if self.process == process::id() {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

fn link_tree(from: &Path, to: &Path) -> io::Result<()> {
    if !fs::symlink_metadata(from)?.is_dir() {
        return fs::hard_link(from, to).or_else(|error| match error.kind() {
            io::ErrorKind::NotFound => Err(error),
            // Not every file system has links.
            _ => io::copy(&mut File::open(from)?, &mut create_file(to)?).map(drop),
        });
    }
    create_private(to)?;
    for name in names_in(from) {
        link_tree(&from.join(&name), &to.join(&name))?;
    }
    Ok(())
}
