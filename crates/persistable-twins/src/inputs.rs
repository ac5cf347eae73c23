//! Files and folders that count by their content: those of the specification.

use std::path::{Path, PathBuf};

use persistable::{InputFile, InputFolder, PersistableParams, Result};

use crate::call::{Call, Outcome, text_step};

pub(crate) fn call(call: &Call) -> Option<Outcome<()>> {
    match call.step.as_str() {
        "inputs" => call.with(|_| Inputs::example()),
        _ => None,
    }
}

#[derive(PersistableParams)]
struct Inputs {
    file: InputFile,
    files: Vec<InputFile>,
    pinned: Option<InputFile>,
    folder: InputFolder,
    all: InputFolder,
}

text_step!(Inputs, "inputs");

impl Inputs {
    fn example() -> Result<Self> {
        let pin = InputFile::open(spec("pickle-v1.md"))?.digest().to_string();
        Ok(Self {
            file: InputFile::open(spec("key-v1.md"))?,
            files: vec![
                InputFile::open(spec("artifact-v1.md"))?.without_name(),
                InputFile::open(spec("reference.py"))?.with_name("naïve 𝄞"),
            ],
            pinned: Some(InputFile::pinned(spec("pickle-v1.md"), &pin)?),
            folder: InputFolder::matching(spec("vectors"), "[a-m]*.json")?,
            all: InputFolder::matching(spec("."), "**/*.json")?.without_name(),
        })
    }
}

fn spec(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec").join(name)
}
