//! Payload IOs as users write them: by path, for a folder, and one whose loading may run code.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use persistable::StepResult;
use persistable::io::{PayloadIo, Source, Target};

/// What is in each file of a folder.
pub type Texts = BTreeMap<String, String>;

/// A folder of files, one of them in a folder of its own; Python's `FolderFileIO` is its twin.
#[derive(Default)]
pub struct Folder;

impl PayloadIo<Texts> for Folder {
    fn name(&self) -> String {
        "folder".into()
    }

    fn suffix(&self) -> String {
        ".files".into()
    }

    fn save(&self, payload: &Texts, target: &mut Target<'_>) -> StepResult<()> {
        let folder = target.path()?;
        for (name, text) in payload {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap_or(folder))?;
            fs::write(path, text)?;
        }
        Ok(())
    }

    fn load(&self, source: &mut Source<'_>) -> StepResult<Texts> {
        let mut texts = Texts::new();
        read_below(source.path()?, "", &mut texts)?;
        Ok(texts)
    }
}

fn read_below(folder: &Path, prefix: &str, texts: &mut Texts) -> StepResult<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = format!("{prefix}{}", path.file_name().unwrap_or_default().to_string_lossy());
        if path.is_dir() {
            read_below(&path, &format!("{name}/"), texts)?;
        } else {
            texts.insert(name, fs::read_to_string(&path)?);
        }
    }
    Ok(())
}

/// Stands for an unpickler.
#[derive(Default)]
pub struct Unpickler;

impl PayloadIo<String> for Unpickler {
    fn name(&self) -> String {
        "unpickler".into()
    }

    fn version(&self) -> u32 {
        3
    }

    fn suffix(&self) -> String {
        ".unpickled".into()
    }

    fn runs_code(&self) -> bool {
        true
    }

    fn save(&self, payload: &String, target: &mut Target<'_>) -> StepResult<()> {
        Ok(fs::write(target.path()?, payload)?)
    }

    fn load(&self, source: &mut Source<'_>) -> StepResult<String> {
        Ok(fs::read_to_string(source.path()?)?)
    }
}
