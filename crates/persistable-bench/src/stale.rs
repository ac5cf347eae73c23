//! A hit with everything that is stale noticed, against the same with all of it ignored.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Duration;

use persistable::{CodeChange, Persistable, PersistableParams, Policy, Run, Step, StepResult, io, track_code};

use crate::folder::Scratch;
use crate::harness::{compare, timed};
use crate::report::{Bar, Table};
use crate::result::Result;

/// So many artifacts are loaded in turn.
const ARTIFACTS: u32 = 200;
const ROUNDS: usize = 101;

#[track_code]
fn numbers_below(n: u32) -> Vec<u32> {
    (0..n).collect()
}

#[derive(PersistableParams)]
struct Base {
    n: u32,
}

#[track_code(uses(numbers_below))]
impl Step for Base {
    type Payload = Vec<u32>;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<u32>> {
        Ok(numbers_below(self.n))
    }
}

#[derive(PersistableParams)]
struct Sum {
    n: u32,
    path: PathBuf,
    #[param(dependency)]
    base: Persistable<Base>,
}

#[track_code(uses(numbers_below))]
impl Step for Sum {
    type Payload = u32;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u32> {
        Ok(self.base.payload()?.iter().sum())
    }
}

pub(crate) fn run(scratch: &Scratch) -> Result<String> {
    let folder = scratch.folder()?;
    // A file that nobody changed lately: the benchmark itself is too young where it was just built.
    let path = std::fs::canonicalize("/bin/sh")?;
    for n in 0..ARTIFACTS {
        sum(&folder, &path, n, true)?.generate()?;
    }
    let loads = |is_noticing| -> Result<Duration> {
        let load = || {
            for n in 0..ARTIFACTS {
                black_box(sum(&folder, &path, n, is_noticing)?.load()?);
            }
            Ok(())
        };
        Ok(timed(load)?.1 / ARTIFACTS)
    };
    let mut table = Table::of_comparisons();
    let measured = compare(ROUNDS, || loads(true), || loads(false))?;
    table.compare("Open and load, with a path and a dependency", &measured, Bar::Ratio(1.5));
    Ok(table.into_text())
}

fn sum(folder: &Path, path: &Path, n: u32, is_noticing: bool) -> Result<Persistable<Sum>> {
    let base = Persistable::open(folder, Base { n })?;
    let builder = Persistable::builder(Sum { n, path: path.to_owned(), base });
    if is_noticing {
        return Ok(builder.open(folder)?);
    }
    let ignoring = builder.code_change(CodeChange::Ignore).input_change(Policy::Ignore).undeclared(Policy::Ignore);
    Ok(ignoring.dependency_change(Policy::Ignore).open(folder)?)
}
