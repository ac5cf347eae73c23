//! Persists or loads so many artifacts of 100 numbers, for tools that count system calls or instructions.
//!
//! `strace -f -c target/release/examples/count persist-fast 200 FOLDER`, or `persist`, `generate-fast`, `load`. What a run
//! with another number costs more, divided by how many more there are, is what one costs.

use std::error::Error;
use std::path::Path;

use persistable::io::MessagePack;
use persistable::{Durability, Persistable, PersistableParams, Run, Step, StepResult, Untracked};

/// Numbers, kept as MessagePack.
#[derive(PersistableParams)]
struct Numbers {
    n: usize,
    random_state: u32,
}

impl Step for Numbers {
    type Payload = Vec<f64>;
    type Io = MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<f64>> {
        Ok((0..self.n).map(|number| f64::from(self.random_state) + (number as f64).sqrt()).collect())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, times, folder] = arguments.as_slice() else { return Err("count WHAT TIMES FOLDER".into()) };
    for random_state in 0..times.parse()? {
        act(what, random_state, Path::new(folder))?;
    }
    Ok(())
}

fn act(what: &str, random_state: u32, folder: &Path) -> Result<(), Box<dyn Error>> {
    let durability = if what.ends_with("fast") { Durability::Fast } else { Durability::Synced };
    let handle = Persistable::builder(Numbers { n: 100, random_state }).durability(durability).open(folder)?;
    match what {
        "persist" | "persist-fast" => {
            handle.generate_unpersisted(&Untracked::new())?;
            handle.persist()?;
        }
        "generate" | "generate-fast" => drop(handle.load_generate()?),
        "load" => drop(handle.load()?),
        // The rest of what `persist` does.
        "unpersisted" => drop(handle.generate_unpersisted(&Untracked::new())?),
        _ => return Err("persist, persist-fast, generate, generate-fast, load, unpersisted".into()),
    }
    Ok(())
}
