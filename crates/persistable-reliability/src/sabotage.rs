//! A store that is broken on purpose, by which the harness shows that it notices it.
//!
//! It is so in children of [`self_test`](crate::self_test) only, which name the fault in the environment.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use persistable::{Builder, Persistable, Step, Store, Verification};
use persistable_models::broken::{PutOff, is_manifest, is_payload, list_swept, named_aside, write_over};
use persistable_models::{Layer, Layered, Operation};
use persistable_store::medium::{Medium as _, NameInFolder, System};
use persistable_store::{Error, Process};

/// Names the fault.
pub(crate) const VARIABLE: &str = "PERSISTABLE_SABOTAGE";

/// A way in which it is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    NoSync,
    NoFolderSync,
    LostError,
    InPlace,
    ManifestFirst,
    SweepHeld,
    NoLock,
    NoDigest,
}

impl Fault {
    pub(crate) const ALL: [Self; 8] = [
        Self::NoSync,
        Self::NoFolderSync,
        Self::LostError,
        Self::InPlace,
        Self::ManifestFirst,
        Self::SweepHeld,
        Self::NoLock,
        Self::NoDigest,
    ];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::NoSync => "no-sync",
            Self::NoFolderSync => "no-folder-sync",
            Self::LostError => "lost-error",
            Self::InPlace => "in-place",
            Self::ManifestFirst => "manifest-first",
            Self::SweepHeld => "sweep-held",
            Self::NoLock => "no-lock",
            Self::NoDigest => "no-digest",
        }
    }

    fn asked_for() -> Option<Self> {
        let name = std::env::var(VARIABLE).ok()?;
        Self::ALL.into_iter().find(|fault| fault.as_str() == name)
    }
}

/// Opens a step as actors use it.
pub(crate) fn open<S: Step>(builder: Builder<S>, folder: &Path) -> persistable::Result<Persistable<S>> {
    match Fault::asked_for() {
        None => builder.open(folder),
        Some(Fault::NoDigest) => builder.verification(Verification::Never).open(folder),
        Some(fault) => builder.open(Sabotaged { folder, fault }),
    }
}

struct Sabotaged<'a> {
    folder: &'a Path,
    fault: Fault,
}

impl TryFrom<Sabotaged<'_>> for Store {
    type Error = Error;

    fn try_from(Sabotaged { folder, fault }: Sabotaged<'_>) -> Result<Self, Error> {
        let broken = Broken { fault, put_off: PutOff::default() };
        Self::folder_over(folder, Arc::new(Layered(broken)), Process::this())
    }
}

#[derive(Debug)]
struct Broken {
    fault: Fault,
    put_off: PutOff,
}

impl Broken {
    fn is(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    /// Moves something by `act`, or does what the fault makes of it.
    fn move_in(&self, from: &Path, to: &Path, act: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        if is_payload(to) && self.is(Fault::InPlace) {
            return write_over(from, to, &|| Ok(()));
        }
        if is_payload(to) && self.is(Fault::ManifestFirst) {
            self.put_off.move_later(from, to);
            return Ok(());
        }
        act()?;
        if is_manifest(to) { self.put_off.make_up(&|| Ok(())) } else { Ok(()) }
    }
}

impl Layer for Broken {
    fn before(&self, _operation: Operation<'_>) -> io::Result<()> {
        Ok(())
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<NameInFolder>> {
        if self.is(Fault::SweepHeld) { list_swept(folder) } else { System.list(folder) }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.move_in(from, to, || System.rename(from, to))
    }

    fn rename_to_free(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.move_in(from, to, || System.rename_to_free(from, to))
    }

    fn name(&self, file: &File, path: &Path) -> io::Result<()> {
        if is_payload(path) && (self.is(Fault::InPlace) || self.is(Fault::ManifestFirst)) {
            return self.rename(&named_aside(file, path)?, path);
        }
        System.name(file, path)?;
        if is_manifest(path) { self.put_off.make_up(&|| Ok(())) } else { Ok(()) }
    }

    fn exchange(&self, a: &Path, b: &Path) -> io::Result<()> {
        if self.is(Fault::InPlace) { write_over(a, b, &|| Ok(())) } else { System.exchange(a, b) }
    }

    fn sync_file(&self, file: &File) -> io::Result<()> {
        if self.is(Fault::NoSync) { Ok(()) } else { System.sync_file(file) }
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        match self.fault {
            Fault::NoSync | Fault::NoFolderSync => Ok(()),
            Fault::LostError => System.sync_folder(path).or(Ok(())),
            _ => System.sync_folder(path),
        }
    }

    fn try_lock(&self, file: &File, offset: i64) -> io::Result<bool> {
        if self.is(Fault::NoLock) { Ok(true) } else { System.try_lock(file, offset) }
    }
}
