//! Which inputs a step's params hold.
//!
//! The canonical form of an input has its content and not its path, so a params tree does not tell where the file lies.
//! Whoever makes the params of a step therefore [collects](collect) the inputs: while the params are made, each input that is
//! turned into a value says where it lies and what it held.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use persistable_store::Digest;

use super::error::{InputError, Result};
use super::kind::Kind;

thread_local! {
    /// One list for each collection that is going on; the innermost one gets the inputs.
    static COLLECTED: RefCell<Vec<Vec<InputUse>>> = const { RefCell::new(Vec::new()) };
    /// The inputs of each generation that is going on.
    static HELD: RefCell<Vec<Vec<InputUse>>> = const { RefCell::new(Vec::new()) };
}

/// An input of a step: where it lies, and what it held when the step's key was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputUse {
    /// Absolute.
    path: PathBuf,
    kind: Kind,
    digest: Digest,
}

impl InputUse {
    pub(super) fn new(path: &Path, kind: Kind, digest: Digest) -> Self {
        Self { path: path.to_owned(), kind, digest }
    }
}

/// Generates a payload. Meanwhile, the inputs that the step's key was made of count as holding what they held then: whether
/// they really do is checked afterwards, and the params are compared with what they were without reading the inputs again.
pub(crate) fn hold<T>(inputs: &[InputUse], generate: impl FnOnce() -> T) -> T {
    HELD.with_borrow_mut(|held| held.push(inputs.to_vec()));
    let _letting_go = LettingGo;
    generate()
}

/// Ends a [hold], also when a generation panics.
struct LettingGo;

impl Drop for LettingGo {
    fn drop(&mut self) {
        HELD.with_borrow_mut(Vec::pop);
    }
}

/// Returns what an input counts as holding, where a generation of this thread holds it.
pub(super) fn held(path: &Path, kind: &Kind) -> Option<Digest> {
    HELD.with_borrow(|held| {
        let mut inputs = held.iter().rev().flatten();
        inputs.find(|input| input.path == *path && input.kind == *kind).map(|input| input.digest)
    })
}

/// Makes the params of a step, and returns the inputs that are among them too.
pub fn collect<T>(make: impl FnOnce() -> T) -> (T, Vec<InputUse>) {
    COLLECTED.with_borrow_mut(|collected| collected.push(Vec::new()));
    let ending = Ending;
    let made = make();
    let collected = COLLECTED.with_borrow_mut(|collected| collected.last_mut().map(std::mem::take));
    drop(ending);
    (made, collected.unwrap_or_default())
}

/// Ends a collection, also when the params can't be made.
struct Ending;

impl Drop for Ending {
    fn drop(&mut self) {
        COLLECTED.with_borrow_mut(Vec::pop);
    }
}

/// Tells of an input that is being turned into a value.
pub(super) fn tell(input: impl FnOnce() -> InputUse) {
    if COLLECTED.with_borrow(Vec::is_empty) {
        return;
    }
    let input = input();
    COLLECTED.with_borrow_mut(|collected| {
        if let Some(last) = collected.last_mut() {
            last.push(input);
        }
    });
}

/// Checks before a generation that all inputs are there, and hold what the key was made of.
///
/// It is not left to the step to miss one: code that lists the files of a folder finds none where the folder is missing, and
/// goes on.
///
/// # Errors
///
/// [`MissingInput`](crate::ErrorKind::MissingInput) where one is missing, [`Outdated`](crate::ErrorKind::Outdated) where one has other content;
/// the errors of reading.
pub fn check_before_generating(inputs: &[InputUse]) -> Result<()> {
    for input in inputs {
        if input.kind.content(&input.path)?.0 != input.digest {
            let problem = "has changed since the step's key was made: open the file and the step again";
            return Err(InputError::outdated(&input.path, problem));
        }
    }
    Ok(())
}

/// Checks after a generation that no input changed or went away meanwhile.
///
/// # Errors
///
/// [`Outdated`](crate::ErrorKind::Outdated) where one did; the errors of reading.
pub fn check_after_generating(inputs: &[InputUse]) -> Result<()> {
    for input in inputs {
        match input.kind.content(&input.path) {
            Ok((digest, _)) if digest == input.digest => {}
            Err(error) if !error.is_missing() => return Err(error),
            _ => {
                let problem = "changed while the payload was generated from it, so nothing is persisted: generate again \
                               when the file stays as it is";
                return Err(InputError::outdated(&input.path, problem));
            }
        }
    }
    Ok(())
}
