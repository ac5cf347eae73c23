//! The steps that the actor in Rust generates, persists and loads.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use persistable::io::{Bytes, PayloadIo, Source, Target};
use persistable::{PersistableParams, Run, Step, StepResult};

use crate::outcome::hold_on;
use crate::shape::Shape;

/// The untracked word by which a check tells one generation from another.
pub(crate) struct Generation(pub(crate) String);

/// Asked to generate, say so and wait until the standard input ends.
pub(crate) struct WaitsToGenerate;

/// A payload of one file, which its payload name says the size of.
#[derive(PersistableParams)]
pub(crate) struct OneFile {
    pub(crate) n: u32,
    #[param(untracked)]
    pub(crate) shape: Shape,
}

impl Step for OneFile {
    type Payload = Vec<u8>;
    type Io = Bytes;

    fn generate_payload(&self, run: &Run<'_>) -> StepResult<Vec<u8>> {
        Ok(self.shape.content("", self.n, &begin(run)?))
    }
}

/// A payload of several files.
#[derive(PersistableParams)]
pub(crate) struct ManyFiles {
    pub(crate) n: u32,
}

impl Step for ManyFiles {
    type Payload = Files;
    type Io = FolderIo;

    fn generate_payload(&self, run: &Run<'_>) -> StepResult<Files> {
        let generation = begin(run)?;
        let file = |path: &str| (path.to_owned(), Shape::Folder.content(path, self.n, &generation));
        Ok(Shape::Folder.files().iter().map(|(path, _)| file(path)).collect())
    }
}

/// Begins a generation; returns its word.
fn begin(run: &Run<'_>) -> StepResult<String> {
    if run.untracked::<WaitsToGenerate>().is_some() {
        hold_on()?;
    }
    Ok(run.untracked::<Generation>().map_or("unknown", |generation| &generation.0).to_owned())
}

/// The files of a payload by their path in its folder.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Writes a folder by its path. `python/actor.py` has a twin.
#[derive(Default)]
pub(crate) struct FolderIo;

impl PayloadIo<Files> for FolderIo {
    fn name(&self) -> String {
        "reliability-folder".into()
    }

    fn suffix(&self) -> String {
        ".files".into()
    }

    fn save(&self, payload: &Files, target: &mut Target<'_>) -> StepResult<()> {
        let root = target.path()?;
        for (path, bytes) in payload {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap_or(root))?;
            fs::File::create_new(path)?.write_all(bytes)?;
        }
        Ok(())
    }

    fn load(&self, source: &mut Source<'_>) -> StepResult<Files> {
        let mut files = Files::new();
        read_below(source.path()?, "", &mut files)?;
        Ok(files)
    }
}

fn read_below(folder: &Path, prefix: &str, files: &mut Files) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            read_below(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.insert(name, fs::read(entry.path())?);
        }
    }
    Ok(())
}
