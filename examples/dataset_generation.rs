//! Generates a dataset once, and loads it with a new object.
#![allow(clippy::print_stdout, clippy::indexing_slicing, reason = "examples print, and know what they index")]

use persistable::{Persistable, Result};
use persistable_examples::GaussianDistributedPoints;

fn main() -> Result<()> {
    let points = Persistable::open("example-data", GaussianDistributedPoints { n: 100, random_state: 10 })?;
    println!("generated: {}", points.generate()?[0]);

    // A second, new object for the same parameters finds what the first one persisted.
    let same = Persistable::open("example-data", GaussianDistributedPoints { n: 100, random_state: 10 })?;
    println!("loaded:    {}", same.load()?[0]);

    // Whichever is needed: generated the first time, loaded ever after. The seed is the default one here.
    let others = Persistable::open("example-data", GaussianDistributedPoints::with_defaults(100))?;
    println!("{:?}: {}", others.load_generate().map(|_| others.origin())?, others.payload()?[0]);
    Ok(())
}
